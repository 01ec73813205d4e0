package resp

import (
	"context"
	"sync"
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// pause is CLIENT PAUSE: for a while commands wait, all or those that may change
// something.
type pause struct {
	mu    sync.Mutex
	until time.Time
	all   bool
	over  chan struct{} // closed when the pause is another one; nil while there is none
}

func clientPause(s *session, argv []string) any {
	a := keyspace.Args(argv)
	all := true
	switch {
	case len(a) > 4:
		return errSubcommandSyntax(argv)
	case len(a) == 4 && a.Is(3, "WRITE"):
		all = false
	case len(a) == 4 && !a.Is(3, "ALL"):
		return keyspace.Error("ERR CLIENT PAUSE mode must be WRITE or ALL")
	}
	milli, err := a.Int(2)
	switch {
	case err != nil:
		return keyspace.Error("ERR timeout is not an integer or out of range")
	case milli < 0:
		return keyspace.Error("ERR timeout is negative")
	}
	s.srv.pause.set(time.Duration(min(milli, maxPause.Milliseconds()))*time.Millisecond, all)
	return keyspace.OK
}

// maxPause is longer than any program runs.
const maxPause = 100 * 365 * 24 * time.Hour

func clientUnpause(s *session, _ []string) any {
	s.srv.pause.set(0, false)
	return keyspace.OK
}

func (p *pause) set(d time.Duration, all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over != nil {
		close(p.over)
		p.over = nil
	}
	if d > 0 {
		p.until, p.all, p.over = time.Now().Add(d), all, make(chan struct{})
	}
}

// wait holds a command up while it must wait. It is not ok where its client is cut off
// meanwhile.
func (p *pause) wait(ctx context.Context, writes bool) (ok bool) {
	for {
		p.mu.Lock()
		over, left := p.over, time.Until(p.until)
		held := over != nil && left > 0 && (p.all || writes)
		p.mu.Unlock()
		if !held {
			return true
		}
		timer := time.NewTimer(left)
		select {
		case <-over:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return false
		}
		timer.Stop()
	}
}
