package resp

import (
	"fmt"
	"time"
)

// lately is what others may know of a session's commands.
type lately struct {
	command           *commandStat  // nil before the first
	at                time.Duration // by the Server's uptime
	db, queued        int           // queued is -1 outside of a transaction
	query             int           // bytes that have come and were not run
	tracks, broadcast bool
	redirect          int64 // -1 where it does not track
}

func (s *session) note(of *commandStat) {
	now := lately{command: of, at: s.clock, db: s.db, queued: -1, query: len(s.parser.buf) - s.parser.at, redirect: -1}
	if s.multi != nil {
		now.queued = len(s.multi.calls)
	}
	if t := s.tracking; t != nil {
		now.tracks, now.broadcast, now.redirect = true, t.broadcast, t.redirect
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// revisionNow is the revision for others than the session's own goroutine.
func (s *session) revisionNow() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revision
}

// weigh counts what the session holds of commands that are not there as a whole, or
// wait for EXEC. When all sessions hold too much, one that holds much of it must go.
func (s *session) weigh() error {
	held := int64(0)
	if len(s.parser.buf) > 0 { // otherwise a large one is given back
		held = int64(cap(s.parser.buf) + wordBytes*cap(s.parser.words)/2) // of each word two numbers
	}
	if s.multi != nil {
		held += s.multi.bytes
	}
	total := s.srv.queries.Add(held - s.weight)
	s.weight = held
	if total > s.srv.maxQueries && held > 4*roomAtLeast {
		return protocolError(fmt.Sprintf("unfinished commands of all clients are %d bytes, over the limit of %d", total, s.srv.maxQueries))
	}
	return nil
}
