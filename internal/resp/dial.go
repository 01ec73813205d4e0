package resp

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Dial returns a connection to the Server inside this process. It has no port and
// no goroutine but for a command that waits: whoever writes to it runs the
// commands, and their replies wait to be read. Of a client that writes much before
// it reads the rest is run while it reads.
func (srv *Server) Dial() net.Conn {
	c := &memoryConn{}
	c.session = srv.join(context.Background(), memoryAddr{}, memoryAddr{}, "", c.end)
	c.wake = c.signal
	return c
}

// memoryConn carries a session for one client in this process.
type memoryConn struct {
	*session

	running sync.Mutex // guards the session, one goroutine's at a time, and what follows
	left    bool       // there are commands that have not been run
	unread  []byte
	spare   []byte // for what is unread next

	mu       sync.Mutex
	closed   bool
	deadline time.Time     // of Read
	changed  chan struct{} // closed when there may be something to read; nil while nobody waits
}

func (c *memoryConn) Write(p []byte) (int, error) {
	c.running.Lock()
	defer c.running.Unlock()
	if err := c.state(); err == net.ErrClosed {
		return 0, err
	}
	c.parser.put(p)
	c.proceed()
	return len(p), nil
}

// proceed runs commands. The caller holds running.
func (c *memoryConn) proceed() {
	waited := c.waits
	c.left, _ = c.process() // what is wrong is said, and ends it
	if w := c.waits; w != nil && w != waited {
		go c.waitFor(w)
	}
	c.signal()
}

// waitFor waits until the command that waits has its reply, or the client has
// gone, and runs those behind it.
func (c *memoryConn) waitFor(w *waiting) {
	var reason error
	select {
	case <-w.Done:
	case <-w.late:
	case <-c.ctx.Done():
	case reason = <-w.unblock:
	}
	c.running.Lock()
	defer c.running.Unlock()
	c.endWait(reason)
	if c.ctx.Err() == nil {
		c.proceed()
	}
}

func (c *memoryConn) Read(p []byte) (int, error) {
	if n, err := c.read(p); n > 0 || err != nil || len(p) == 0 {
		return n, err
	}
	for {
		changed, deadline := c.waiter()
		if n, err := c.read(p); n > 0 || err != nil {
			return n, err
		}
		if deadline.IsZero() {
			<-changed
			continue
		}
		timer := time.NewTimer(time.Until(deadline))
		select {
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// read reads what there is, if there is something.
func (c *memoryConn) read(p []byte) (int, error) {
	if err := c.state(); err != nil {
		return 0, err
	}
	c.running.Lock()
	defer c.running.Unlock()
	if len(c.unread) == 0 {
		if c.left && c.waiting() == 0 {
			c.proceed()
		}
		var err error
		if c.unread, err = c.take(c.spare); err != nil {
			c.over = true
		}
		c.spare = c.unread
		if cap(c.spare) > 4*outEnough {
			c.spare = nil
		}
	}
	n := copy(p, c.unread)
	if c.unread = c.unread[n:]; n == 0 && c.over {
		return 0, io.EOF
	}
	return n, nil
}

// state is why nothing can be read, or nil.
func (c *memoryConn) state() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return net.ErrClosed
	case !c.deadline.IsZero() && !time.Now().Before(c.deadline):
		return os.ErrDeadlineExceeded
	}
	return nil
}

func (c *memoryConn) waiter() (changed <-chan struct{}, deadline time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.changed, c.deadline
}

// signal has who waits look again.
func (c *memoryConn) signal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// end has nothing more read or written.
func (c *memoryConn) end() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.signal()
}

// Close ends the connection, and what waits for it.
func (c *memoryConn) Close() error {
	c.end()
	c.running.Lock()
	defer c.running.Unlock()
	c.srv.leave(c.session)
	return nil
}

func (c *memoryConn) LocalAddr() net.Addr  { return memoryAddr{} }
func (c *memoryConn) RemoteAddr() net.Addr { return memoryAddr{} }

// SetDeadline is SetReadDeadline: writing never waits for the other side.
func (c *memoryConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

func (c *memoryConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	c.deadline = t
	c.mu.Unlock()
	c.signal()
	return nil
}

func (c *memoryConn) SetWriteDeadline(time.Time) error { return nil }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "memory" }
