package resp

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Serve serves the connections of l until that is closed; then it ends those and
// returns nil. With a password they must log in with it.
func (srv *Server) Serve(l net.Listener, password string) error {
	var open connections
	defer open.end()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for pause := time.Duration(0); ; {
		conn, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			open.serve(conn, func() { srv.serve(ctx, conn, password) })
		case errors.Is(err, net.ErrClosed):
			return nil
		default: // too many files, most likely: it may get better
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			time.Sleep(pause)
		}
	}
}

// connections are those of one listener.
type connections struct {
	serving sync.WaitGroup
	mu      sync.Mutex
	open    map[net.Conn]struct{}
}

func (c *connections) serve(conn net.Conn, serve func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[net.Conn]struct{}{}
	}
	c.open[conn] = struct{}{}
	c.serving.Go(func() {
		serve()
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.open, conn)
	})
}

// end closes them and waits until nobody serves one.
func (c *connections) end() {
	c.mu.Lock()
	for conn := range c.open {
		conn.Close()
	}
	c.mu.Unlock()
	c.serving.Wait()
}

// link carries a session over a connection. Its goroutine reads, runs commands
// and writes their replies; messages that come meanwhile are written by another
// one, which lives while there are some.
type link struct {
	*session
	conn    net.Conn
	early   chan read // what is read, or will be, by another goroutine: see waitFor
	writing sync.Mutex
	spare   []byte      // guarded by writing
	pushing atomic.Bool // there is a goroutine that writes messages
}

func (srv *Server) serve(ctx context.Context, conn net.Conn, password string) {
	defer conn.Close()
	l := &link{conn: conn}
	l.session = srv.join(ctx, conn.RemoteAddr(), conn.LocalAddr(), password, func() { conn.Close() })
	defer srv.leave(l.session)
	l.wake = l.push
	for {
		for more := true; more; {
			more, _ = l.process() // what is wrong is said, and ends it
			if l.write() != nil {
				return
			}
		}
		var err error
		switch {
		case l.over:
			return
		case l.waits != nil:
			err = l.waitFor()
		case l.early != nil:
			r := <-l.early
			l.early = nil
			err = r.err
			l.parser.put(r.data)
		default:
			var n int
			n, err = conn.Read(l.parser.room())
			l.parser.took(n)
		}
		if err != nil {
			return
		}
	}
}

// read is what a goroutine has read while a command waits.
type read struct {
	data []byte
	err  error
}

// waitFor waits until the command that waits has its reply, or the client has
// gone. What it sends meanwhile waits behind the command.
func (l *link) waitFor() error {
	w := l.waits
	for {
		if l.early == nil {
			early := make(chan read, 1)
			go func() {
				buf := make([]byte, 4<<10)
				n, err := l.conn.Read(buf)
				early <- read{buf[:n], err}
			}()
			l.early = early
		}
		select {
		case <-w.Done:
			l.endWait(nil)
			return nil
		case <-w.late:
			l.endWait(nil)
			return nil
		case reason := <-w.unblock:
			l.endWait(reason)
			return nil
		case <-l.ctx.Done():
			l.endWait(nil)
			return l.ctx.Err()
		case r := <-l.early:
			l.early = nil
			l.parser.put(r.data)
			if r.err == nil {
				r.err = l.weigh()
			}
			if r.err != nil {
				l.endWait(nil)
				return r.err
			}
		}
	}
}

// write writes what waits to leave.
func (l *link) write() error {
	l.writing.Lock()
	defer l.writing.Unlock()
	out, broken := l.take(l.spare)
	var err error
	if len(out) > 0 {
		_, err = l.conn.Write(out)
	}
	if broken != nil {
		l.kick()
		err = broken
	}
	if l.spare = out; cap(out) > 4*outEnough {
		l.spare = nil
	}
	return err
}

func (l *link) push() {
	if l.pushing.CompareAndSwap(false, true) {
		go func() {
			for again := true; again; again = l.waiting() > 0 && l.pushing.CompareAndSwap(false, true) {
				for l.waiting() > 0 && l.write() == nil {
				}
				l.pushing.Store(false) // what came before this has been seen, or is now
			}
		}()
	}
}
