package websocket

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const (
	// A write that makes no progress for writeTimeout ends the connection.
	// What is long is written piece by piece, so that the deadline speaks of
	// a stuck peer and not of a large message over a slow link.
	writeTimeout = 20 * time.Second
	pieceSize    = 256 << 10

	flushTimeout  = 5 * time.Second // after Close, for what is queued
	lingerTimeout = 2 * time.Second // and for the peer's close frame
)

// past is a deadline that wakes a read at once.
var past = time.Unix(1, 0)

// Send queues the messages in one step, with nothing between them, and never
// waits. Data of RetainSize and more must not be changed afterwards.
//
// What is queued leaves at the end of the batch the reading goroutine is
// handling, or from a goroutine of its own, which lives while there is
// something to write. A peer too slow for MaxQueued loses its connection.
func (c *Conn) Send(msgs ...Message) error {
	size := 0
	for _, m := range msgs {
		size += maxHeader + m.size()
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || c.sealed {
		return ErrClosed
	}
	if waiting := int(c.queued.Load()); waiting+size > c.opts.MaxQueued {
		err := &QueueFullError{Size: waiting + size, Limit: c.opts.MaxQueued}
		c.abort(err)
		return err
	}
	for _, m := range msgs {
		c.queue(m)
	}
	if !c.held.Load() || c.queued.Load() > BulkSize {
		c.startWriter()
	}
	return nil
}

// WhenDrained has fn called once: when the socket has taken all that is queued
// at the moment, perhaps together with what was queued behind it, or when the
// connection is over. It does not wait for an empty queue, which a busy
// connection may never have.
//
// Fn runs under no lock on the goroutine that writes, and never within the
// call of WhenDrained. It must be quick, as nothing is written meanwhile; it
// may use the connection.
func (c *Conn) WhenDrained(fn func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.last = &waiter{fn, c.out.last}
	if c.out.size == 0 {
		c.startWriter()
	}
}

// queue adds a message to the outbox. The caller holds mu.
func (c *Conn) queue(m Message) {
	before := c.out.size
	c.out.add(m, c.client)
	c.count(c.out.size - before)
}

// startWriter starts the writing goroutine, unless somebody writes already
// and will find what was queued. The caller holds mu.
func (c *Conn) startWriter() {
	if !c.writing && !c.out.empty() {
		c.writing = true
		go c.writeAll()
	}
}

// release ends the batch of the reading goroutine, which is about to wait:
// what was held is written. A server writes it here, which spares a switch
// of goroutines. A client does not: its reader must never wait for a write,
// or the two ends could each wait for the other to read.
func (c *Conn) release() error {
	c.held.Store(false)
	c.mu.Lock()
	switch {
	case c.err != nil:
		defer c.mu.Unlock()
		return c.err
	case c.sealed:
		defer c.mu.Unlock()
		return ErrClosed
	case c.client:
		c.startWriter()
		fallthrough
	case c.writing, c.out.empty():
		c.mu.Unlock()
		return nil
	}
	c.writing = true
	taken := c.out.take()
	c.mu.Unlock()

	c.write(taken)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = false
	c.startWriter() // for what came meanwhile; the reader goes on reading
	return nil
}

// awaitRoom holds the reading goroutine back until the peer has read enough
// of what its messages caused.
func (c *Conn) awaitRoom() {
	c.held.Store(false)
	c.mu.Lock()
	c.startWriter()
	for c.queued.Load() > highWater && c.err == nil && !c.sealed {
		c.room.Wait()
	}
	c.mu.Unlock()
	c.held.Store(true)
}

// writeAll writes until nothing waits. Whoever calls it has set writing.
func (c *Conn) writeAll() {
	for {
		c.mu.Lock()
		c.room.Broadcast()
		if c.err != nil {
			c.drop()
		}
		if c.out.empty() {
			c.writing = false
			c.mu.Unlock()
			return
		}
		taken := c.out.take()
		c.mu.Unlock()

		c.write(taken)
	}
}

// write hands an outbox to the socket and tells who waited for that. A failure
// ends the connection.
func (c *Conn) write(o outbox) {
	defer o.tell()
	var err error
	before := c.sent.Load()
	switch {
	case o.size == 0:
	case len(o.ready) == 0 && len(o.tail) <= pieceSize:
		err = c.writePiece(o.tail)
	default:
		o.cut()
		err = c.writePieces(o.ready)
	}
	if err != nil {
		c.count(int(c.sent.Load()-before) - o.size) // the rest never leaves
		c.Abort(fmt.Errorf("websocket: write: %w", err))
		return
	}
	o.recycle()
}

func (c *Conn) writePiece(b []byte) error {
	c.setWriteDeadline()
	n, err := c.nc.Write(b)
	c.wrote(n)
	return err
}

// writePieces writes segments in system calls of pieceSize.
func (c *Conn) writePieces(segments net.Buffers) error {
	for len(segments) > 0 {
		var piece net.Buffers
		for room := pieceSize; room > 0 && len(segments) > 0; {
			s := segments[0]
			if len(s) > room {
				s, segments[0] = s[:room], s[room:]
			} else {
				segments = segments[1:]
			}
			piece = append(piece, s)
			room -= len(s)
		}
		c.setWriteDeadline()
		n, err := piece.WriteTo(c.nc)
		c.wrote(int(n))
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Conn) wrote(n int) {
	c.sent.Add(uint64(n))
	c.count(-n)
}

// count counts bytes that were queued, or are not any more if n is negative.
func (c *Conn) count(n int) {
	c.queued.Add(int64(n))
	if c.opts.Total != nil {
		c.opts.Total.Add(int64(n))
	}
}

// setWriteDeadline gives the next write its time. Once the connection is
// closing that was set for all of them.
func (c *Conn) setWriteDeadline() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.sealed {
		c.nc.SetWriteDeadline(time.Now().Add(writeTimeout))
	}
}

// Close queues a close frame behind everything else and wakes the reading
// goroutine, whose Finish does the rest. It does not wait.
func (c *Conn) Close(code int, reason string) { c.seal(code, reason) }

// seal is Close. It reports whether the connection was still open.
func (c *Conn) seal(code int, reason string) bool {
	var payload []byte
	if code != StatusNone {
		payload = binary.BigEndian.AppendUint16(payload, uint16(code))
		reason = reason[:min(len(reason), maxControl-2)]
		payload = append(payload, strings.ToValidUTF8(reason, "")...) // a rune may be cut
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || c.sealed {
		return false
	}
	c.sealed = true
	c.queue(Message{Op: closing, Data: payload})
	c.nc.SetWriteDeadline(time.Now().Add(flushTimeout))
	c.nc.SetReadDeadline(past)
	c.startWriter()
	c.room.Broadcast()
	return true
}

// Abort drops the connection and whatever is queued; Read returns err.
func (c *Conn) Abort(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.abort(err)
}

func (c *Conn) abort(err error) {
	if c.err == nil {
		c.err = err
	}
	c.drop()
	// To close TLS is to write, which may wait, and mu is held: Finish has
	// said goodbye where there was time for it.
	socket := c.nc
	if secure, ok := socket.(interface{ NetConn() net.Conn }); ok {
		socket = secure.NetConn()
	}
	socket.Close()
	c.room.Broadcast()
}

// drop forgets what is queued, but not who waits. The caller holds mu.
func (c *Conn) drop() {
	c.count(-c.out.size)
	c.out = outbox{last: c.out.last}
}

// Finish ends the connection after Read has failed: what is queued and the
// close frame go out, the peer gets a moment for its own, the socket is
// closed. It is the reading goroutine's last call and takes a bounded time.
func (c *Conn) Finish() {
	c.mu.Lock()
	c.startWriter()
	for c.writing && c.err == nil {
		c.room.Wait()
	}
	polite := c.sealed && c.err == nil
	if polite {
		c.nc.SetReadDeadline(time.Now().Add(lingerTimeout))
	}
	c.mu.Unlock()

	if polite {
		// A socket closed with bytes unread is reset, and the peer may lose
		// what we sent last. So say that no more will come, and read to the
		// end.
		if half, ok := c.nc.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		}
		io.Copy(io.Discard, c.nc)
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	c.abort(ErrClosed)
	for c.writing {
		c.room.Wait()
	}
}
