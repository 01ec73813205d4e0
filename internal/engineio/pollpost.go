package engineio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// Content types of the answer to a POST, and of one that is refused.
const (
	typeOK     = "text/html"
	typeBinary = "application/octet-stream"
)

// A POST is batched like a WebSocket's messages, unless it is long.
const bulkSize = 64 << 10

// A POST that ends the connection waits up to lastHold for the GET that the
// client may have sent along with it, on another connection.
const lastHold = 20 * time.Millisecond

var errPayload = fmt.Errorf("%w: request", ErrTooLarge) // only the request is refused

// servePost hands on what a POST brings, in order, and answers after that.
func (p *pollServer) servePost(w http.ResponseWriter, r *http.Request) {
	c := p.c
	c.mu.Lock()
	if c.ws != nil {
		c.mu.Unlock()
		badRequest.write(w)
		return
	}
	if p.posting != nil {
		c.end(errTwoRequests)
		c.mu.Unlock()
		badRequest.write(w)
		return
	}
	p.posting = make(chan struct{})
	p.reading = http.NewResponseController(w)
	c.mu.Unlock()

	body, size, err := p.readBody(w, r)

	c.mu.Lock()
	if p.reading == nil {
		w.Header().Set("Connection", "close") // stop has spoilt it
	}
	p.reading = nil
	p.held = err == nil && size <= bulkSize
	c.mu.Unlock()

	if err == nil {
		err = body.each(c.receive)
	}

	if err == ErrPeerClosed {
		p.awaitGet()
	}

	c.mu.Lock()
	if err != nil && !errors.Is(err, errPayload) {
		c.end(err)
	}
	close(p.posting)
	p.posting, p.held = nil, false // the answer lets the next POST come
	if len(c.queue) > 0 {
		p.wake()
	}
	c.mu.Unlock()

	switch {
	case err == nil, err == ErrPeerClosed: // it said so, and this was heard
		answer(w, http.StatusOK, typeOK, []byte("ok"), func(int) {})
	case errors.Is(err, errPayload):
		c.log.Warn("engineio: request refused", "reason", err)
		payloadTooLarge.write(w)
	default:
		badRequest.write(w)
	}
}

// awaitGet gives a GET that is on its way the time to arrive, so that it is
// answered like one that was there before.
func (p *pollServer) awaitGet() {
	c := p.c
	c.mu.Lock()
	if p.get != nil || c.state == closed {
		c.mu.Unlock()
		return
	}
	came := make(chan struct{})
	p.came = came
	c.mu.Unlock()

	timer := time.NewTimer(lastHold)
	defer timer.Stop()
	select {
	case <-came:
	case <-timer.C:
	}
}

// readBody reads the body of a POST. Memory grows with what has come.
func (p *pollServer) readBody(w http.ResponseWriter, r *http.Request) (packets payload, size int, err error) {
	c := p.c
	limit := int64(c.dialect.bodyLimit(c.limits.maxMessage))
	var body bytes.Buffer
	_, err = body.ReadFrom(io.TeeReader(http.MaxBytesReader(w, r.Body, limit), meter{&c.polled}))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		size := max(r.ContentLength, limit+1)
		return nil, 0, fmt.Errorf("%w: %d bytes or more, limit %d", errPayload, size, limit)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrPeerClosed, err)
	}
	packets, err = c.dialect.open(r.Header.Get("Content-Type"), body.Bytes())
	if err != nil {
		return nil, 0, err
	}
	if longest := packets.longest(); longest > c.limits.maxMessage {
		return nil, 0, fmt.Errorf("%w: a packet of %d bytes, limit %d", errPayload, longest, c.limits.maxMessage)
	}
	return packets, body.Len(), nil
}

// meter counts what is written to it.
type meter struct{ count *atomic.Uint64 }

func (m meter) Write(b []byte) (int, error) {
	m.count.Add(uint64(len(b)))
	return len(b), nil
}
