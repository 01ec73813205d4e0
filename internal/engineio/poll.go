package engineio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const typePayload = "text/plain; charset=UTF-8"

// A GET that comes during an upgrade is held for lateHold: the client may
// have sent it right behind the packet that completes the upgrade, and the
// two travel on different connections.
const lateHold = 100 * time.Millisecond

var (
	errTwoRequests = fmt.Errorf("%w: two requests of a kind at once", ErrProtocol)
	errHungUp      = fmt.Errorf("%w: it hung up on a GET", ErrPeerClosed)
)

// pollServer is the server's side of polling. Its fields are guarded by the
// Conn's mu.
type pollServer struct {
	c       *Conn
	get     *pendingGet
	came    chan struct{}            // closed by the next GET, if anybody waits for it
	posting chan struct{}            // closed at the end of the POST under way, if any
	reading *http.ResponseController // of that POST, while its body comes in
	held    bool                     // that POST's end will wake the GET
	trial   trial
}

// pendingGet is a GET that waits. Whoever has something for it wakes it, and
// it takes for itself what there is by then.
type pendingGet struct {
	awake chan struct{}
	noop  bool       // it is to make room for an upgrade
	last  packetType // the connection is over: say this
}

func (g *pendingGet) wake() {
	select {
	case g.awake <- struct{}{}:
	default: // it is about to look anyway
	}
}

func (p *pollServer) wake() {
	if p.get != nil && !p.held {
		p.get.wake()
	}
}

func (p *pollServer) stop(err error) {
	if p.get != nil {
		p.get.last = packetClose
		if errors.Is(err, ErrPeerClosed) {
			p.get.last = packetNoop // it said so itself
		}
		p.get.wake()
	}
	if p.reading != nil {
		p.reading.SetReadDeadline(time.Unix(1, 0)) // nobody wants the rest
		p.reading = nil
	}
	p.trial.stop()
}

func (s *Server) servePoll(w http.ResponseWriter, r *http.Request, c *Conn) {
	c.beat() // the timer may be late
	c.mu.Lock()
	p, polling := c.polling.(*pollServer)
	over := c.state == closed
	c.mu.Unlock()
	switch {
	case over:
		unknownSession.write(w)
	case !polling:
		badRequest.write(w) // it has gone on to a WebSocket
	case r.Method == http.MethodGet:
		p.serveGet(w, r)
	case r.Method == http.MethodPost:
		p.servePost(w, r)
	default:
		badRequest.write(w)
	}
}

// serveGet waits for packets and answers with them.
func (p *pollServer) serveGet(w http.ResponseWriter, r *http.Request) {
	c := p.c
	c.mu.Lock()
	if p.get != nil {
		c.end(errTwoRequests)
		c.mu.Unlock()
		badRequest.write(w)
		return
	}
	get := &pendingGet{awake: make(chan struct{}, 1)}
	p.get = get
	if p.came != nil {
		close(p.came)
		p.came = nil
	}
	p.await(r.Context(), get)
	p.get = nil

	var packets []packet
	switch {
	case get.last != 0:
		packets = []packet{{kind: get.last}}
	case c.state == closed:
		c.mu.Unlock()
		unknownSession.write(w)
		return
	case c.ws != nil:
		c.mu.Unlock()
		badRequest.write(w)
		return
	case len(c.queue) > 0:
		packets = p.take()
		defer c.written(packets)
	default:
		packets = []packet{{kind: packetNoop}}
	}
	c.mu.Unlock()
	p.answer(w, packets)
}

// await waits until the GET can be answered. The caller holds mu, which is
// free meanwhile.
func (p *pollServer) await(ctx context.Context, get *pendingGet) {
	c := p.c
	var late <-chan time.Time
	if p.trial.probed {
		timer := time.NewTimer(lateHold)
		defer timer.Stop()
		late = timer.C
	}
	for !p.ready(get) {
		c.mu.Unlock()
		gone := false
		select {
		case <-get.awake:
		case <-late:
			get.noop = true
		case <-ctx.Done():
			gone = true
		}
		c.mu.Lock()
		if gone && c.ws == nil {
			c.end(errHungUp)
		}
	}
}

// ready reports whether the GET can be answered.
func (p *pollServer) ready(get *pendingGet) bool {
	c := p.c
	return c.state == closed || c.ws != nil || get.noop || len(c.queue) > 0 && !p.held
}

// take removes from the queue what goes into one answer. The last of a
// connection that is closing ends it. The caller holds mu.
func (p *pollServer) take() []packet {
	c := p.c
	packets := c.take(maxPackets, c.limits.maxMessage)
	if c.state == closing {
		if len(c.queue) > 0 {
			c.arm(lingerTimeout)
		} else {
			c.end(ErrClosed)
		}
	}
	return packets
}

// answer answers a GET. Packets that the client does not take are lost, and
// the connection with them.
func (p *pollServer) answer(w http.ResponseWriter, packets []packet) {
	size := 0
	for _, each := range packets {
		size += each.size() + 1
	}
	spoken := p.c.dialect
	body := spoken.appendPayload(make([]byte, 0, size), packets)
	err := answer(w, http.StatusOK, spoken.contentType(packets), body, func(n int) { p.c.polled.Add(uint64(n)) })
	if err != nil {
		p.c.fail(fmt.Errorf("%w: %w", ErrPeerClosed, err))
	}
}
