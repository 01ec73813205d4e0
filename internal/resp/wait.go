package resp

import (
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// waiting is a command that waits, and holds up those behind it. Whoever carries
// the session waits for one of the channels and then calls endWait.
type waiting struct {
	*keyspace.Waiter
	cmd     *keyspace.Command
	argv    []string
	late    <-chan time.Time // nil is never
	timer   *time.Timer
	unblock chan error // of CLIENT UNBLOCK: what the command ends with, nil as if its time were over
}

// wait runs a command that may wait.
func (s *session) wait(cmd *keyspace.Command, argv []string) {
	if s.runsAlone(cmd) {
		found := false
		s.alone(nil, func(run RunFunc) {
			v, err := run(s.db, cmd, argv)
			s.remember(cmd, argv)
			if found = v != nil || err != nil; found {
				s.sayData(cmd, argv, v, err)
			}
		})
		if found {
			return
		}
	}
	v, w, err := s.srv.backend.Wait(s.ctx, s.db, cmd, argv)
	switch {
	case w == nil:
		s.sayData(cmd, argv, v, err)
	default:
		waits := &waiting{Waiter: w, cmd: cmd, argv: argv, unblock: make(chan error, 1)}
		if w.Timeout > 0 {
			waits.timer = time.NewTimer(w.Timeout)
			waits.late = waits.timer.C
		}
		s.mu.Lock()
		s.waits = waits
		s.mu.Unlock()
	}
}

// endWait ends the waiting and says the reply: that of the command, where it has
// one, and otherwise reason, or nothing.
func (s *session) endWait(reason error) {
	s.hold()
	defer s.release()
	w := s.waits
	if w.timer != nil {
		w.timer.Stop()
	}
	unserved := w.Cancel()
	s.mu.Lock()
	s.waits = nil
	s.mu.Unlock()
	if unserved {
		if reason != nil {
			s.say(reason)
		} else {
			s.say(nullArray{})
		}
		return
	}
	v, err := w.Reply()
	switch {
	case err != nil:
		s.say(err)
	case v == nil:
		s.say(nullArray{})
	default:
		s.srv.backend.Tell(s.db, w.argv, v)
		s.say(shaped(w.cmd, w.argv, v, s.revision))
	}
}

// unblock is CLIENT UNBLOCK for the session of an id.
func (srv *Server) unblock(id int64, reason error) any {
	s := srv.session(id)
	if s == nil {
		return int64(0)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waits == nil {
		return int64(0)
	}
	select {
	case s.waits.unblock <- reason:
		return int64(1)
	default: // somebody else has
		return int64(0)
	}
}
