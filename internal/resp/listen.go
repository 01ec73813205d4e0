package resp

import (
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
	for pause := time.Duration(0); ; {
		conn, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			open.serve(conn, func() { srv.serve(conn, password) })
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
	writing sync.Mutex
	spare   []byte // guarded by writing
	pushing atomic.Bool
}

func (srv *Server) serve(conn net.Conn, password string) {
	defer conn.Close()
	l := &link{conn: conn}
	l.session = srv.join(conn.RemoteAddr(), conn.LocalAddr(), password, func() { conn.Close() })
	defer srv.leave(l.session)
	l.wake = l.push
	for {
		for more := true; more; {
			more, _ = l.process() // what is wrong is said, and ends it
			if l.write() != nil {
				return
			}
		}
		if l.over {
			return
		}
		n, err := conn.Read(l.parser.room())
		if err != nil {
			return
		}
		l.parser.took(n)
	}
}

// write writes what waits to leave.
func (l *link) write() error {
	l.writing.Lock()
	defer l.writing.Unlock()
	out := l.take(l.spare)
	var err error
	if len(out) > 0 {
		_, err = l.conn.Write(out)
	}
	if l.spare = out; cap(out) > 4*outEnough {
		l.spare = nil
	}
	return err
}

func (l *link) push() {
	if l.pushing.CompareAndSwap(false, true) {
		go func() {
			for l.pushing.Store(false); l.waiting() > 0 && l.write() == nil; {
			}
		}()
	}
}
