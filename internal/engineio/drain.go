package engineio

// waiter waits for what polling has to carry. It is a list, so that it costs a
// connection without any no more than a pointer; who asked earlier waits for
// less.
type waiter struct {
	fn      func()
	left    int // bytes
	earlier *waiter
}

// tell calls those who wait. The caller holds no lock.
func (w *waiter) tell() {
	for ; w != nil; w = w.earlier {
		w.fn()
	}
}

// WhenDrained has fn called once: when all that waits at the moment has been
// written, perhaps together with what was sent after it, or when the connection
// is over. On polling, what an answer or a request carries is written with the
// end of that. It does not wait until nothing waits at all, which may never be
// the case on a busy connection; where that is so now, fn is called at once.
//
// Fn runs under no lock, on another goroutine than the caller's. It must be
// quick, as nothing is written meanwhile; it may use the connection.
func (c *Conn) WhenDrained(fn func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ws != nil:
		c.ws.WhenDrained(fn)
	case c.state == closed:
		go fn()
	case c.queued > 0:
		c.waiters = &waiter{fn, c.queued, c.waiters}
	case c.server != nil:
		c.server.tasks.Go(fn)
	default:
		go fn()
	}
}

// handOver has those who wait for polling wait for the WebSocket, to which the
// queue has gone. The caller holds mu.
func (c *Conn) handOver() {
	for w := c.waiters; w != nil; w = w.earlier {
		c.ws.WhenDrained(w.fn)
	}
	c.waiters = nil
}
