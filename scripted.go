package znsocket

import "github.com/znsocket/znsocket/internal/keyspace"

// Scripts change keys that the words of EVAL do not name. What a script calls is
// collected while it runs, under the Space's lock, and the Store tells of it when
// the lock is free, also where the script has failed.

// calls are commands and their replies.
type calls struct {
	cmds    [][]string
	replies []Reply
}

// maxCalled is how many calls are told of one by one. Where there are more, anything
// may have changed.
const maxCalled = 10_000

// collect keeps a command of a script that somebody may want to know of.
func (s *Store) collect(db int, argv []string, reply any) {
	n := len(s.called.cmds)
	if db != 0 || n > maxCalled || !s.concerns(argv) {
		return
	}
	if n == maxCalled {
		argv = []string{"FLUSHALL"}
	}
	s.called.cmds = append(s.called.cmds, argv)
	s.called.replies = append(s.called.replies, Reply{Val: reply})
}

// takeCalled returns what was collected. It is called under the Space's lock.
func (s *Store) takeCalled() calls {
	called := s.called
	s.called = calls{}
	return called
}

// runScript runs a command that runs a script.
func (s *Store) runScript(db int, cmd *keyspace.Command, argv []string) (v any, err error) {
	if cmd.Flags&keyspace.Write == 0 {
		return s.space.Run(db, cmd, argv)
	}
	var called calls
	s.space.Atomically(db, func(run func([]string) (any, error)) {
		v, err = run(argv)
		called = s.takeCalled()
	})
	s.changed(called.cmds, called.replies)
	return v, err
}

// isScript reports whether a command runs a script.
func isScript(argv []string) bool {
	cmd, err := keyspace.Find(argv)
	return err == nil && cmd.Flags&keyspace.Scripts != 0
}
