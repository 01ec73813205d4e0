package resp

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// tracker is who must hear when a key is no longer what it was: clients that keep what
// they have read, and those that want to hear of all keys with a prefix. It is the
// Space's Tracker, which calls it under its lock; mu is taken after that one and before
// those of the Server and of sessions.
type tracker struct {
	srv    *Server
	active atomic.Int64 // sessions that track

	mu       sync.Mutex
	keys     map[string]map[*session]struct{} // of any database
	prefixes map[string]map[*session]struct{}
	limit    int      // of keys; 0 is none
	caller   *session // whose command runs; nil while nobody's does that is told after its reply
	own      []string // of the caller's keys those that have changed
	changed  []string // by the caller, for those who hear of prefixes
	flushed  bool     // by the caller
}

// maxTracked is how many keys are tracked unless CONFIG SET says otherwise.
const maxTracked = 1_000_000

// tracking is how a session tracks. Only its own goroutine begins and ends it, and
// all is guarded by tracker.mu.
type tracking struct {
	redirect                       int64 // the session that is told; 0 is this one
	broadcast, optIn, optOut, self bool  // self: it hears of its own changes, too
	broken                         bool  // redirect has gone
	prefixes                       []string
	keys                           map[string]struct{} // that it is told of
}

func (t *tracker) begin(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.caller = s
}

// end tells what the caller's commands have changed.
func (t *tracker) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	caller := t.caller
	for _, key := range t.own {
		t.tell(caller, []string{key})
	}
	if t.flushed {
		t.tell(caller, nil)
	}
	t.broadcast(t.changed, caller)
	t.caller, t.own, t.changed, t.flushed = nil, nil, nil, false
}

// broadcast tells those who hear of prefixes of keys that caller has changed.
func (t *tracker) broadcast(keys []string, caller *session) {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for prefix, sessions := range t.prefixes {
		var with []string
		for _, key := range keys {
			if strings.HasPrefix(key, prefix) {
				with = append(with, key)
			}
		}
		for s := range sessions {
			if len(with) > 0 && (s != caller || s.tracking.self) {
				t.tell(s, with)
			}
		}
	}
}

// Touched tells of a key that has changed or gone.
func (t *tracker) Touched(key string) {
	if t.active.Load() == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case len(t.prefixes) == 0:
	case t.caller == nil:
		t.broadcast([]string{key}, nil)
	default:
		t.changed = append(t.changed, strings.Clone(key))
	}
	t.invalidate(key)
}

// invalidate tells those who track a key, once.
func (t *tracker) invalidate(key string) {
	for s := range t.keys[key] {
		delete(s.tracking.keys, key)
		switch {
		case s != t.caller:
			t.tell(s, []string{key})
		case s.tracking.self:
			t.own = append(t.own, key)
		}
	}
	delete(t.keys, key)
}

// Flushed tells that all keys may have gone.
func (t *tracker) Flushed() {
	if t.active.Load() == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.keys)
	for _, s := range t.srv.all() {
		if s.tracking == nil {
			continue
		}
		clear(s.tracking.keys)
		if s == t.caller {
			t.flushed = true
		} else {
			t.tell(s, nil)
		}
	}
}

// tell tells a session that keys are no longer what they were, nil for all keys. In
// revision 2 only another session can be told.
func (t *tracker) tell(s *session, keys []string) {
	var what any
	if keys != nil {
		what = keys
	}
	to := s
	if id := s.tracking.redirect; id != 0 {
		if to = t.srv.session(id); to == nil {
			s.tracking.broken = true
			if s.revisionNow() == 3 {
				s.tell(push{"tracking-redir-broken", id})
			}
			return
		}
	}
	switch {
	case to.revisionNow() == 3:
		to.tell(push{"invalidate", what})
	case to != s && to.listens():
		to.tell(push{"message", "__redis__:invalidate", what})
	}
}

// remember has a session told when one of the keys that a command reads changes. It is
// called where the command is run.
func (s *session) remember(cmd *keyspace.Command, argv []string) {
	t := &s.srv.tracker
	reads := cmd.Flags&(keyspace.Read|keyspace.Write) == keyspace.Read || cmd.Flags&keyspace.Scripts != 0
	if s.tracking == nil || !reads {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	how := s.tracking
	if how.broadcast || how.optIn && !s.caching || how.optOut && s.caching {
		return
	}
	for _, key := range cmd.KeysOf(argv) {
		if _, ok := how.keys[key]; ok {
			continue
		}
		key = strings.Clone(key)
		how.keys[key] = struct{}{}
		if t.keys == nil {
			t.keys = map[string]map[*session]struct{}{}
		}
		if t.keys[key] == nil {
			t.keys[key] = map[*session]struct{}{}
		}
		t.keys[key][s] = struct{}{}
	}
	t.shrink()
}

// shrink forgets keys, any, where there are too many: whoever tracks them is told that
// they have changed.
func (t *tracker) shrink() {
	for key := range t.keys {
		if t.limit == 0 || len(t.keys) <= t.limit {
			return
		}
		t.invalidate(key)
	}
}

// track begins or, with nil, ends the tracking of a session.
func (t *tracker) track(s *session, how *tracking) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := s.tracking
	switch {
	case old == nil && how == nil:
		return
	case old == nil:
		t.active.Add(1)
	case how == nil:
		t.active.Add(-1)
	}
	if old != nil {
		for key := range old.keys {
			if how != nil {
				how.keys[key] = struct{}{}
				continue
			}
			if delete(t.keys[key], s); len(t.keys[key]) == 0 {
				delete(t.keys, key)
			}
		}
		for _, prefix := range old.prefixes {
			if delete(t.prefixes[prefix], s); len(t.prefixes[prefix]) == 0 {
				delete(t.prefixes, prefix)
			}
		}
	}
	s.tracking = how
	if how == nil {
		return
	}
	for _, prefix := range how.prefixes {
		if t.prefixes == nil {
			t.prefixes = map[string]map[*session]struct{}{}
		}
		if t.prefixes[prefix] == nil {
			t.prefixes[prefix] = map[*session]struct{}{}
		}
		t.prefixes[prefix][s] = struct{}{}
	}
}

func setMaxTracked(srv *Server, value string) (is, problem string) {
	if is, problem = setInt(0)(srv, value); problem != "" {
		return is, problem
	}
	limit, _ := keyspace.Args{value}.Int(0)
	t := &srv.tracker
	t.mu.Lock()
	defer t.mu.Unlock()
	t.limit = int(limit)
	t.shrink()
	return value, ""
}
