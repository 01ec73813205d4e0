package znsocket

import (
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"
)

// recall remembers what a Server has answered to the requests of Go clients that
// changed something. A client that lost its connection before the answer came
// asks again over the next one, with the same number, and gets the answer: the
// commands are carried out once.
//
// A client has its memory while it is connected and recallTime longer. Each
// request says which ones are over, so what is kept are the answers that are
// still on their way; beyond the limits below it is kept only that there was one.
type recall struct {
	mu       sync.Mutex
	clients  map[string]*memory
	requests int // of all clients
	bytes    int // of their answers
}

const (
	recallTime     = 2 * time.Minute
	maxRecalled    = 64 << 20 // bytes of all answers
	maxRecalledOne = 16 << 20 // bytes of the answers to one client
	maxMemories    = 100_000  // clients
	maxRequests    = 1 << 20  // of all clients
	maxOutstanding = 100_000  // requests of one client from the first that is not over to the last
	maxClientID    = 64       // bytes
)

// memory is what is remembered for one client. epoch is the name of this memory:
// a client that finds another one knows that its requests are forgotten.
type memory struct {
	epoch    string
	sessions int
	forget   *time.Timer // while there is no session
	requests map[uint64]*request
	bytes    int    // of their answers
	over     uint64 // requests below this number are over
}

// request is one that has begun. done is closed when it has its answer.
type request struct {
	done   chan struct{}
	answer []byte
	err    error
	lost   bool // there was an answer, but it was too much to be remembered
}

// join gives a client its memory.
func (r *recall) join(client string) *memory {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.clients[client]
	if m == nil {
		if len(r.clients) >= maxMemories {
			return nil
		}
		m = &memory{epoch: rand.Text(), requests: map[uint64]*request{}}
		if r.clients == nil {
			r.clients = map[string]*memory{}
		}
		r.clients[client] = m
	}
	m.sessions++
	if m.forget != nil {
		m.forget.Stop()
		m.forget = nil
	}
	return m
}

// leave ends a session of a client.
func (r *recall) leave(client string, m *memory) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.sessions--; m.sessions > 0 || r.clients[client] != m {
		return
	}
	m.forget = time.AfterFunc(recallTime, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if m.sessions == 0 && r.clients[client] == m {
			delete(r.clients, client)
			for n := range m.requests {
				r.drop(m, n)
			}
		}
	})
}

// close forgets everything.
func (r *recall) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.clients {
		if m.forget != nil {
			m.forget.Stop()
		}
		clear(m.requests)
	}
	r.clients, r.requests, r.bytes = nil, 0, 0
}

// once runs a request that has not been run before, and answers one that has.
// Requests with numbers below over have been answered.
func (r *recall) once(m *memory, number, over uint64, run func() ([]byte, error)) ([]byte, error) {
	for {
		q, first, err := r.begin(m, number, over)
		if err != nil {
			return nil, err
		}
		if first {
			return r.run(m, number, q, run)
		}
		<-q.done
		switch {
		case q.lost:
			return nil, &Error{KindTooLarge, "the command was carried out, but its answer was too large to be kept for another connection"}
		case q.err != errAbandoned:
			return q.answer, q.err
		}
	}
}

func (r *recall) run(m *memory, number uint64, q *request, run func() ([]byte, error)) ([]byte, error) {
	defer close(q.done)
	q.err = errInterrupted // should run panic
	answer, err := run()
	r.mu.Lock()
	defer r.mu.Unlock()
	q.err = err
	switch {
	case m.requests[number] != q: // it is forgotten, but for who waits already
		q.answer = answer
	case err == errAbandoned:
		r.drop(m, number)
	case m.bytes+len(answer) > maxRecalledOne, r.bytes+len(answer) > maxRecalled:
		q.lost = err == nil
	default:
		q.answer = answer
		m.bytes += len(answer)
		r.bytes += len(answer)
	}
	return answer, err
}

// errAbandoned: nobody waited any more for what the request waited for, and it has
// not been carried out.
var errAbandoned = errors.New("abandoned")

var errInterrupted = &Error{KindResponse, "ERR the command was interrupted"}

func (r *recall) begin(m *memory, number, over uint64) (q *request, first bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if over > m.over && over <= number {
		r.dropBelow(m, over)
	}
	if q = m.requests[number]; q != nil {
		return q, false, nil
	}
	switch {
	case number < m.over:
		return nil, false, &Error{KindValue, "a request that is over was sent again"}
	case len(m.requests) >= maxOutstanding:
		return nil, false, &Error{KindTooLarge, fmt.Sprintf("more requests without an answer than the limit of %d for one client", maxOutstanding)}
	case r.requests >= maxRequests:
		return nil, false, &Error{KindTooLarge, fmt.Sprintf("more requests without an answer than the limit of %d for all clients", maxRequests)}
	}
	q = &request{done: make(chan struct{})}
	m.requests[number] = q
	r.requests++
	return q, true, nil
}

// dropBelow forgets the requests below a number. The numbers follow each other,
// unless the client is none of ours.
func (r *recall) dropBelow(m *memory, over uint64) {
	if over-m.over <= uint64(len(m.requests)) {
		for n := m.over; n < over; n++ {
			r.drop(m, n)
		}
	} else {
		for n := range m.requests {
			if n < over {
				r.drop(m, n)
			}
		}
	}
	m.over = over
}

func (r *recall) drop(m *memory, number uint64) {
	if q := m.requests[number]; q != nil {
		delete(m.requests, number)
		r.requests--
		m.bytes -= len(q.answer)
		r.bytes -= len(q.answer)
	}
}
