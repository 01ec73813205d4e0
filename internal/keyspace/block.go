package keyspace

import (
	"context"
	"slices"
	"time"
)

// blocked is the reply of a command that found nothing and may wait, such as
// BLPOP. Whoever cannot wait takes it for nil.
type blocked struct {
	keys    []string
	timeout time.Duration // 0 is for ever
	// again tries the command once more; it is not ok where there is still nothing.
	again func(db *DB) (v any, ok bool, err error)
	// call is the command that takes what again has taken, and no more, and does not
	// wait. v is the reply.
	call func(v any) []string
}

// Waiter is a command that waits for one of its keys. Waiters of a key are served
// in the order in which they came, by the command that gives them something, so
// nobody else comes in between.
type Waiter struct {
	// Done is closed when the command has its reply.
	Done    chan struct{}
	Timeout time.Duration // 0 is for ever

	space *Space
	ctx   context.Context // of who waits: once it has ended, nothing is taken for it
	db    int
	until time.Time // by the Space's clock; zero is for ever
	blocked
	val any
	err error
}

// RunOrWait is Run for whoever can wait: where the command finds nothing it
// returns a Waiter and no reply.
func (s *Space) RunOrWait(db int, cmd *Command, argv []string) (any, *Waiter, error) {
	return s.runOrWait(context.Background(), db, cmd, argv)
}

func (s *Space) runOrWait(ctx context.Context, db int, cmd *Command, argv []string) (any, *Waiter, error) {
	if err := cmd.CheckArity(len(argv)); err != nil {
		return nil, nil, err
	}
	s.lock()
	defer s.unlock()
	v, err := s.do(s.dbs[db], cmd, argv)
	b, ok := v.(blocked)
	if !ok || err != nil {
		return v, nil, err
	}
	w := &Waiter{Done: make(chan struct{}), Timeout: b.timeout, space: s, ctx: ctx, db: db, blocked: b}
	if b.timeout > 0 {
		w.until = s.now().Add(b.timeout)
	}
	if s.waiters == nil {
		s.waiters = map[dbKey][]*Waiter{}
	}
	for _, key := range b.keys {
		k := dbKey{db, key}
		if n := len(s.waiters[k]); n == 0 || s.waiters[k][n-1] != w { // a key may be named twice
			s.waiters[k] = append(s.waiters[k], w)
		}
	}
	return nil, w, nil
}

// Wait is RunOrWait that waits, as long as the context allows. What the command
// has taken is returned, though the context may have ended meanwhile.
func (s *Space) Wait(ctx context.Context, db int, cmd *Command, argv []string) (any, error) {
	v, w, err := s.runOrWait(ctx, db, cmd, argv)
	if w == nil {
		return v, err
	}
	var late <-chan time.Time
	if w.Timeout > 0 {
		timer := time.NewTimer(w.Timeout)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-w.Done:
		return w.Reply()
	case <-late:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if !w.Cancel() {
		return w.Reply()
	}
	return nil, err
}

// Reply is what the command gave, once Done is closed.
func (w *Waiter) Reply() (any, error) { return w.val, w.err }

// Cancel ends the waiting. It is not ok where the command has its reply already.
func (w *Waiter) Cancel() (ok bool) {
	w.space.lock()
	defer w.space.unlock()
	select {
	case <-w.Done:
		return false
	default:
	}
	w.leave()
	return true
}

// leave takes the Waiter from all its keys.
func (w *Waiter) leave() {
	for _, key := range w.keys {
		k := dbKey{w.db, key}
		var rest []*Waiter // serve reads the old list
		for _, other := range w.space.waiters[k] {
			if other != w {
				rest = append(rest, other)
			}
		}
		if len(rest) == 0 {
			delete(w.space.waiters, k)
		} else {
			w.space.waiters[k] = rest
		}
	}
}

// Waiters returns how many commands wait for a key.
func (s *Space) Waiters(db int, key string) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.waiters[dbKey{db, key}])
}

// finish ends the waiting with a reply.
func (w *Waiter) finish(v any, err error) {
	w.val, w.err = v, err
	w.leave()
	close(w.Done)
}

// endLate ends the waiting of those whose time is over by the Space's clock.
func (s *Space) endLate() {
	now := s.now()
	for _, waiters := range s.waiters {
		for _, w := range waiters {
			if !w.until.IsZero() && !w.until.After(now) {
				w.finish(nil, nil)
			}
		}
	}
}

// readyIn has those who wait for keys of these databases try again.
func (s *Space) readyIn(dbs ...int) {
	for k := range s.waiters {
		if slices.Contains(dbs, k.db) {
			s.ready = append(s.ready, k)
		}
	}
}

// serve has those who wait for the keys that have changed try again. What they do
// may be what others wait for.
func (s *Space) serve() {
	for len(s.ready) > 0 {
		k := s.ready[0]
		s.ready = s.ready[1:]
		for _, w := range s.waiters[k] {
			if w.ctx.Err() != nil {
				continue // it is about to leave
			}
			before := s.changes
			v, ok, err := w.again(s.dbs[k.db])
			if ok && s.changes != before {
				s.note(k.db, w.call(v)...)
			}
			if ok || err != nil {
				w.finish(v, err)
			}
		}
	}
	s.ready = nil
}
