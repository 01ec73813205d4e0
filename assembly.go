package znsocket

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// unfinishedTTL is how long a chunked message waits for its next piece, and a
// result to be fetched.
const unfinishedTTL = 5 * time.Minute

// assembly puts the chunked messages of one client together. It holds what has
// come of each until all of it has, then the answer until that is fetched; what
// is not touched for unfinishedTTL is forgotten. What it holds is counted in
// held, and in total for all clients of a server together.
//
// The connection's goroutine and the timer share it under mu.
type assembly struct {
	limits Limits
	total  *atomic.Int64

	mu       sync.Mutex
	messages map[string]*chunked
	held     int64
	sweep    *time.Timer // runs while there are messages
	closed   bool
}

// chunked is one message in pieces. Once all are there the pieces are dropped
// and result, the ack object of the event, stands in their place.
type chunked struct {
	event    string
	count    int
	pieces   map[int]string
	result   []byte
	attached [][]byte // the attachments of the result
	done     bool
	size     int64
	touched  time.Time
}

// piece is the payload of a chunked_message.
type piece struct {
	id    string
	index int64
	count int64
	event string
	data  string
	size  int64 // what the client counted
}

// add takes one piece and returns how many there are. Where it is the last, add
// returns the whole frame: the caller runs the event and calls finish. A piece
// of a finished message is received 0 times.
func (a *assembly) add(p piece) (frame []byte, received int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p.size != int64(len(p.data)) {
		return nil, 0, &Error{KindChunkSize, fmt.Sprintf("Chunk %d size mismatch: %d bytes announced, %d received", p.index, p.size, len(p.data))}
	}
	m, err := a.message(p)
	if err != nil {
		return nil, 0, err
	}
	m.touched = time.Now()
	if _, twice := m.pieces[int(p.index)]; m.done || twice {
		return nil, len(m.pieces), nil // 0 where all is done
	}
	if err := a.reserve(m, int64(len(p.data)+pieceOverhead)); err != nil {
		a.drop(p.id)
		return nil, 0, err
	}
	m.pieces[int(p.index)] = p.data
	if len(m.pieces) < m.count {
		return nil, len(m.pieces), nil
	}
	return m.join(), m.count, nil
}

// message returns the message that a piece belongs to, a new one for the first.
func (a *assembly) message(p piece) (*chunked, error) {
	switch m := a.messages[p.id]; {
	case p.id == "" || p.index < 0 || p.index >= p.count:
		return nil, &Error{KindChunk, fmt.Sprintf("Chunk %d of %d is out of range", p.index, p.count)}
	case p.count > int64(a.limits.Pieces):
		return nil, &Error{KindTooLarge, fmt.Sprintf("message of %d pieces exceeds the limit of %d pieces", p.count, a.limits.Pieces)}
	case m != nil && (int64(m.count) != p.count || m.event != p.event):
		return nil, &Error{KindChunk, fmt.Sprintf("Chunk %d does not belong to message %.64s: another event or number of chunks", p.index, p.id)}
	case m != nil:
		return m, nil
	}
	m := &chunked{event: strings.Clone(p.event), count: int(p.count), pieces: map[int]string{}}
	if a.messages == nil {
		a.messages = map[string]*chunked{}
	}
	a.messages[strings.Clone(p.id)] = m
	if a.sweep == nil && !a.closed {
		a.sweep = time.AfterFunc(unfinishedTTL, a.forgetOld)
	}
	if err := a.reserve(m, int64(len(p.id)+len(p.event)+chunkedOverhead)); err != nil {
		a.drop(p.id)
		return nil, err
	}
	return m, nil
}

// What a message and a piece cost beside their texts, so that many empty ones
// count too.
const (
	chunkedOverhead = 256
	pieceOverhead   = 64
)

// join returns the frame and lets the pieces go; what they were is still
// counted, for the frame is there now.
func (m *chunked) join() []byte {
	var size int
	for _, p := range m.pieces {
		size += len(p)
	}
	frame := make([]byte, 0, size)
	for i := range m.count {
		frame = append(frame, m.pieces[i]...)
		m.pieces[i] = ""
	}
	return frame
}

// finish keeps the answer of a message for fetch.
func (a *assembly) finish(id string, result []byte, attachments [][]byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.messages[id]
	if m == nil {
		return // forgotten, or the connection is over
	}
	a.release(m)
	m.done, m.pieces, m.size = true, nil, 0
	own := int64(len(id) + len(m.event) + chunkedOverhead)
	if err := a.reserve(m, own+int64(len(result)+sizeOf(attachments))); err != nil {
		result, attachments = appendRefusal(nil, err), nil
		m.size = own + int64(len(result))
		a.held += m.size
		a.total.Add(m.size)
	}
	m.result, m.attached, m.touched = result, attachments, time.Now()
}

// fetch returns the answer of a finished message and forgets it.
func (a *assembly) fetch(id string) (result []byte, attachments [][]byte, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.messages[id]
	switch {
	case m == nil:
		return nil, nil, &Error{KindChunkNotFound, fmt.Sprintf("Chunk ID %.64s not found", id)}
	case !m.done:
		return nil, nil, &Error{KindChunkIncomplete, fmt.Sprintf("Chunk ID %.64s not complete", id)}
	}
	a.drop(id)
	return m.result, m.attached, nil
}

// reserve counts n bytes more for m, or refuses them.
func (a *assembly) reserve(m *chunked, n int64) error {
	if limit := a.limits.Body; m.size+n > limit {
		return tooLarge("chunked message", m.size+n, limit)
	}
	if limit := a.limits.Unfinished; a.held+n > limit {
		return tooLarge("unfinished messages of this client", a.held+n, limit)
	}
	if sum, limit := a.total.Add(n), a.limits.UnfinishedTotal; sum > limit {
		a.total.Add(-n)
		return tooLarge("unfinished messages of all clients", sum, limit)
	}
	m.size += n
	a.held += n
	return nil
}

func (a *assembly) release(m *chunked) {
	a.held -= m.size
	a.total.Add(-m.size)
	m.size = 0
}

func (a *assembly) drop(id string) {
	if m := a.messages[id]; m != nil {
		a.release(m)
		delete(a.messages, id)
	}
}

func (a *assembly) forgetOld() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, m := range a.messages {
		if time.Since(m.touched) >= unfinishedTTL {
			a.drop(id)
		}
	}
	if len(a.messages) == 0 || a.closed {
		a.sweep = nil
		return
	}
	a.sweep.Reset(unfinishedTTL / 5)
}

// close forgets everything: the connection is over.
func (a *assembly) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.sweep != nil {
		a.sweep.Stop()
	}
	for id := range a.messages {
		a.drop(id)
	}
}
