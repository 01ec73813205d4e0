package engineio

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/znsocket/znsocket/internal/websocket"
)

// Names of the transports.
const (
	transportPolling   = "polling"
	transportWebsocket = "websocket"
)

// lingerTimeout is how long a closed connection on polling waits to be asked
// for its last packets.
const lingerTimeout = time.Second

// limits are what the connections of one server, or one client, share.
type limits struct {
	pingInterval time.Duration
	pingTimeout  time.Duration
	maxMessage   int // bytes of a message received
	maxQueued    int
	total        *atomic.Int64 // counts what is queued in all connections; may be nil
}

type state uint8

const (
	open    state = iota
	closing       // on polling: nothing is sent any more, what is queued goes out
	closed
)

// Conn is one connection, on the server or the client. Its transport carries
// packets: first what was queued while it was on polling, then a WebSocket.
//
// Locks are taken in this order: deliver, mu, a Server's or a WebSocket's own.
type Conn struct {
	id      string
	dialect *dialect
	request *http.Request // of the server
	cancel  func()        // ends the request's context; nil on the client
	server  *Server       // nil on the client
	handler Handler
	limits  limits
	log     *slog.Logger

	polled  atomic.Uint64 // bytes that requests have moved: a sign of life
	traffic traffic

	// deliver is held while the handler runs, so that it is called once at a
	// time although requests and the WebSocket have goroutines of their own.
	deliver sync.Mutex
	deaf    bool // it gets nothing any more: it panicked, or Closed was called

	mu      sync.Mutex
	state   state
	ws      *websocket.Conn // carries everything once it is there
	polling polling         // carries the queue until then
	queue   []packet
	queued  int     // bytes of the queue, and of what is being written of it
	waiters *waiter // for what is queued
	heartbeat
}

// polling carries the queue of a connection that is not on a WebSocket: the
// client's requests, as the server or as the client sees them. Its methods
// are called with Conn.mu held.
type polling interface {
	wake()          // something was queued
	stop(err error) // the connection is over
}

// ID returns the session's id, a secret between the two ends.
func (c *Conn) ID() string { return c.id }

// Revision returns the revision of the protocol that is spoken, 4 or 3.
func (c *Conn) Revision() int { return c.dialect.revision }

// Request returns the request that began the connection, without its body; on
// the client nil. Its context ends with the connection.
func (c *Conn) Request() *http.Request { return c.request }

// Transport returns "polling" or "websocket".
func (c *Conn) Transport() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ws != nil {
		return transportWebsocket
	}
	return transportPolling
}

// Buffered returns how many bytes wait to be written, or are being written.
func (c *Conn) Buffered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ws != nil {
		return c.ws.Queued()
	}
	return c.queued
}

// Send queues the messages in one step, with nothing between them, and never
// waits. Data shorter than RetainSize is copied; longer data is retained and
// must not be changed afterwards.
//
// It returns ErrClosed, or ErrQueueFull, which also ends the connection.
func (c *Conn) Send(msgs ...Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != open {
		return ErrClosed
	}
	for _, m := range msgs {
		c.traffic.sent.add(m)
	}
	if c.ws == nil {
		return c.enqueue(msgs)
	}
	var few [4]websocket.Message
	frames := few[:0]
	for _, m := range msgs {
		frames = append(frames, c.dialect.frame(m.packet()))
	}
	return c.sendFrames(frames)
}

// say sends a packet that is no message. The caller holds mu.
func (c *Conn) say(p packet) {
	if c.ws != nil {
		c.sendFrames([]websocket.Message{c.dialect.frame(p)})
		return
	}
	if c.queued > c.limits.maxQueued {
		c.end(fmt.Errorf("%w: %d bytes, limit %d", ErrQueueFull, c.queued, c.limits.maxQueued))
		return
	}
	c.queue = append(c.queue, p)
	c.count(p.size())
	c.polling.wake()
}

// show gives the connection to the application, which may have no handler for
// it. The caller holds deliver.
func (c *Conn) show(accept func(c *Conn) Handler) {
	c.handler = silent{}
	if accept != nil {
		if h := accept(c); h != nil {
			c.handler = h
		}
	}
}

// silent is the handler of an application that has none.
type silent struct{}

func (silent) Message(Message) {}
func (silent) Closed(error)    {}

// receive handles one packet from the peer. An error is for fail.
func (c *Conn) receive(p packet) error {
	switch p.kind {
	case packetMessage:
		c.message(Message{Data: p.data})
	case packetBinary:
		c.message(Message{Data: p.data, Binary: true})
	case packetPing, packetPong:
		return c.heard(p)
	case packetClose:
		return ErrPeerClosed
	case packetUpgrade, packetNoop:
		// The last words of an upgrade may come late.
	default:
		return fmt.Errorf("%w: packet type %q", ErrProtocol, byte(p.kind))
	}
	return nil
}

func (c *Conn) message(m Message) {
	c.traffic.received.add(m)
	c.deliver.Lock()
	defer c.deliver.Unlock()
	defer c.recover()
	if !c.deaf {
		c.handler.Message(m)
	}
}

// recover keeps a handler's panic from ending the process, and with it
// everybody else's connection and data. The caller holds deliver.
func (c *Conn) recover() {
	if p := recover(); p != nil {
		c.deaf = true
		c.log.Error("engineio: handler panicked", "panic", p, "stack", string(debug.Stack()))
		c.fail(fmt.Errorf("%w: handler panicked: %v", ErrClosed, p))
	}
}

// Close ends the connection. What is queued goes out first, as far as the
// peer takes it within a few seconds; Close does not wait for that.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state != open:
	case c.ws != nil:
		c.end(ErrClosed)
	default:
		c.state = closing
		c.arm(lingerTimeout)
		c.say(packet{kind: packetClose})
	}
	return nil
}

// closeAfterHandler closes the connection once the handler has returned, whose
// answer goes out.
func (c *Conn) closeAfterHandler() {
	c.deliver.Lock()
	defer c.deliver.Unlock()
	c.Close()
}

// fail ends the connection because of err.
func (c *Conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(err)
}

// abort drops the connection and whatever is queued.
func (c *Conn) abort() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(ErrClosed)
	if c.ws != nil {
		c.ws.Abort(websocket.ErrClosed)
	}
}

// end ends the connection; the first reason counts. The caller holds mu.
func (c *Conn) end(err error) {
	if c.state == closed {
		return
	}
	c.state = closed
	c.timer.Stop()
	c.dropQueue()
	if c.server != nil {
		c.cancel()
		c.server.remove(c)
	}
	if c.polling != nil {
		c.polling.stop(err)
	}
	if c.ws != nil {
		c.ws.Close(closeStatus(err), "")
	}
	level := slog.LevelDebug
	if errors.Is(err, ErrQueueFull) || errors.Is(err, ErrTooLarge) {
		level = slog.LevelWarn
	}
	c.log.Log(context.Background(), level, "engineio: connection ended", "reason", err)
	go c.finish(err)
}

// finish tells those who wait, and the handler, whoever is in it at the moment.
func (c *Conn) finish(err error) {
	if c.server != nil {
		defer c.server.tasks.Done()
	}
	c.mu.Lock()
	waiters := c.waiters
	c.waiters = nil
	c.mu.Unlock()
	waiters.tell()
	c.deliver.Lock()
	defer c.deliver.Unlock()
	defer c.recover()
	c.deaf = true
	c.handler.Closed(err)
}
