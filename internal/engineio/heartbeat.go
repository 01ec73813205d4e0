package engineio

import (
	"fmt"
	"time"
)

// heartbeat is the part of a Conn that notices a dead peer. One end, the server
// in revision 4, pings an interval after the handshake and after each pong,
// whatever else is going on; the other answers, and knows how long it may have to
// wait for the next. One timer serves both ends, and a closing connection as well.
type heartbeat struct {
	pings      bool // this end does
	timer      *time.Timer
	due        time.Time // when the timer means it: it may fire while being reset
	expected   bool      // a pong is
	came, went uint64    // bytes moved until the last look
}

// arm sets the timer. The caller holds mu.
func (c *Conn) arm(d time.Duration) {
	c.due = time.Now().Add(d)
	if c.timer == nil {
		c.timer = time.AfterFunc(d, c.beat)
		return
	}
	c.timer.Reset(d)
}

// start begins the heartbeat.
func (c *Conn) start() {
	if c.pings {
		c.arm(c.limits.pingInterval)
	} else {
		c.arm(c.limits.pingInterval + c.limits.pingTimeout)
	}
}

// heard takes the peer's ping or pong.
func (c *Conn) heard(p packet) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pings != (p.kind == packetPong) {
		return fmt.Errorf("%w: packet type %q from this side", ErrProtocol, byte(p.kind))
	}
	if c.state != open {
		return nil
	}
	c.expected = false
	c.start()
	// One pong is for all pings that came before it: a peer that asks nothing
	// but this, and fetches nothing, makes no queue grow.
	if n := len(c.queue); p.kind == packetPing && (n == 0 || c.queue[n-1].kind != packetPong) {
		c.say(packet{packetPong, p.data})
	}
	return nil
}

// beat runs when the timer fires, and does nothing before its time.
func (c *Conn) beat() {
	c.mu.Lock()
	defer c.mu.Unlock()
	late := time.Since(c.due)
	if c.state == closed || late < 0 {
		return
	}
	alive := c.alive()
	switch {
	case c.state == closing:
		c.end(ErrClosed)
	case (c.expected || !c.pings) && !alive:
		c.end(ErrPingTimeout)
	case c.pings:
		// An overdue pong is pardoned if the peer is alive, but the peer
		// counts on the next ping all the same.
		c.expected = true
		c.say(packet{kind: packetPing})
		fallthrough
	default:
		// A machine that is busy, and late, must not grant everybody more
		// time; one that was asleep must grant some.
		c.arm(c.limits.pingTimeout - min(late, c.limits.pingTimeout/2))
	}
}

// busySize is how much moves between two looks when a pong may well wait
// behind it. Less is no excuse: many small messages are no reason to be
// without a pong, and a transfer that trickles is as good as none.
const busySize = 16 << 10

// alive reports whether the peer is there although we hear no word of the
// heartbeat from it: that may wait behind a large upload, or behind a large
// answer that the peer is still taking, or unread because our handler is busy.
func (c *Conn) alive() bool {
	came, went := c.polled.Load(), uint64(0)
	waits := false
	if c.ws != nil {
		came += c.ws.Received()
		went = c.ws.Sent()
		waits = c.ws.Queued() > 0
	}
	active := came-c.came >= busySize || waits && went-c.went >= busySize
	c.came, c.went = came, went
	if c.deliver.TryLock() {
		c.deliver.Unlock()
		return active
	}
	return true
}
