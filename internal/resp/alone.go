package resp

import "github.com/znsocket/znsocket/internal/keyspace"

// alone runs fn with nobody else at the data. What its commands change is told of
// when fn has said the replies.
func (s *session) alone(watch *keyspace.Watch, fn func(run RunFunc)) (ok bool) {
	return s.srv.backend.Exec(s.ctx, watch, func(run RunFunc) {
		s.srv.tracker.begin(s)
		defer s.srv.tracker.end()
		s.srv.backend.Space().SetGuard(s.guard())
		defer s.srv.backend.Space().SetGuard(nil)
		s.run = run
		defer func() { s.run = nil }()
		fn(run)
	})
}

// runsAlone reports whether a command is one to be run alone: one that changes what
// somebody tracks, or reads what this session does; or a script, of whoever may not do
// all that scripts can.
func (s *session) runsAlone(cmd *keyspace.Command) bool {
	if s.run != nil {
		return false
	}
	if s.srv.tracker.active.Load() > 0 && (s.tracking != nil || cmd.Flags&keyspace.Write != 0) {
		return true
	}
	return cmd.Flags&keyspace.Scripts != 0 && !s.user.rights.Load().full
}
