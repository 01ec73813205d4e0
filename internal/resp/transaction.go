package resp

import "github.com/znsocket/znsocket/internal/keyspace"

// transaction is what MULTI began and EXEC will run.
type transaction struct {
	calls   []call // whose words are their own
	spoiled bool   // a command could not be queued: EXEC runs nothing
	bytes   int64  // about what calls take
}

// What a call takes beside the bytes of its words, and a word.
const (
	callBytes = 64
	wordBytes = 16
)

func (t *transaction) queue(c call) {
	c.argv = kept(c.argv)
	t.calls = append(t.calls, c)
	t.bytes += callBytes
	for _, word := range c.argv {
		t.bytes += wordBytes + int64(len(word))
	}
}

func multi(s *session, _ []string) any {
	if s.multi != nil {
		return errNestedMulti
	}
	s.multi = &transaction{}
	return keyspace.OK
}

func discard(s *session, _ []string) any {
	if s.multi == nil {
		return errNoMulti("DISCARD")
	}
	s.multi = nil
	s.unwatch()
	return keyspace.OK
}

// exec runs what was queued. Its replies are said one by one, behind the number
// of them.
func exec(s *session, _ []string) any {
	t := s.multi
	if t == nil {
		return errNoMulti("EXEC")
	}
	s.multi = nil
	if t.spoiled {
		s.unwatch()
		return errExecAbort
	}
	ok := s.alone(s.watch, func(RunFunc) {
		s.begin(len(t.calls))
		for _, c := range t.calls {
			if d := s.allowed(c.argv, "multi"); d != nil { // any more
				s.say(d.inExec())
			} else {
				s.answer(c)
			}
		}
	})
	if !ok {
		return nullArray{}
	}
	return noReply
}

func watch(s *session, argv []string) any {
	if s.multi != nil {
		return errWatchInMulti
	}
	if s.watch == nil {
		s.watch = s.srv.backend.Space().Watch()
	}
	if s.watch.Len()+len(argv)-1 > maxWatched {
		return errTooManyWatched
	}
	s.watch.Add(s.db, argv[1:]...)
	return keyspace.OK
}

// maxWatched is how many keys one connection watches.
const maxWatched = 100_000

func unwatch(s *session, _ []string) any {
	s.unwatch()
	return keyspace.OK
}

func (s *session) unwatch() {
	if s.watch != nil && s.run == nil { // in a transaction it watches nothing any more
		s.watch.Clear()
	}
}
