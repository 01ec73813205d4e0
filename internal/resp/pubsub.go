package resp

import (
	"slices"
	"strings"
	"sync"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// kind is what is subscribed to.
type kind int

const (
	channels kind = iota
	patterns
	shards
	kinds
)

// words are what is said of each kind: on subscribing, on ending that, and with a
// message.
var words = [kinds][3]string{
	{"subscribe", "unsubscribe", "message"},
	{"psubscribe", "punsubscribe", "pmessage"},
	{"ssubscribe", "sunsubscribe", "smessage"},
}

// subscriptions are what one session hears.
type subscriptions [kinds]map[string]struct{}

// pubsub is who hears what. Its lock is taken before a session's.
type pubsub struct {
	mu       sync.RWMutex
	subs     [kinds]map[string]map[*session]struct{}
	patterns map[string]*keyspace.Pattern
}

// Limits of what one connection can have others keep.
const (
	maxSubscriptions = 100_000
	maxUnread        = 32 << 20 // bytes of messages that a client has not read
)

func (p *pubsub) add(s *session, k kind, name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.subs[k][name]; ok {
		return nil
	}
	if len(s.subs[k]) >= maxSubscriptions {
		return errTooManySubscriptions
	}
	if k == patterns && p.patterns[name] == nil {
		pattern, err := keyspace.ParsePattern(name)
		if err != nil {
			return err
		}
		if p.patterns == nil {
			p.patterns = map[string]*keyspace.Pattern{}
		}
		p.patterns[name] = pattern
	}
	if s.subs[k] == nil {
		s.subs[k] = map[string]struct{}{}
	}
	s.subs[k][name] = struct{}{}
	if p.subs[k] == nil {
		p.subs[k] = map[string]map[*session]struct{}{}
	}
	if p.subs[k][name] == nil {
		p.subs[k][name] = map[*session]struct{}{}
	}
	p.subs[k][name][s] = struct{}{}
	return nil
}

func (p *pubsub) remove(s *session, k kind, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.subs[k], name)
	delete(p.subs[k][name], s)
	if len(p.subs[k][name]) == 0 {
		delete(p.subs[k], name)
		if k == patterns {
			delete(p.patterns, name)
		}
	}
}

// leave ends all subscriptions of a session.
func (p *pubsub) leave(s *session) {
	for k := range kinds {
		for _, name := range s.subscribed(k) {
			p.remove(s, k, name)
		}
	}
}

// publish brings a message to who hears the channel, and returns how many do.
func (p *pubsub) publish(k kind, channel, message string) int64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	n := int64(0)
	for s := range p.subs[k][channel] {
		s.tell(push{words[k][2], channel, message})
		n++
	}
	if k == shards {
		return n
	}
	for name, pattern := range p.patterns {
		if !pattern.Match(channel) {
			continue
		}
		for s := range p.subs[patterns][name] {
			s.tell(push{words[patterns][2], name, channel, message})
			n++
		}
	}
	return n
}

// tell has a message leave soon. A client that reads too slowly is cut off.
func (s *session) tell(v push) {
	s.mu.Lock()
	s.out = appendReply(s.out, v, s.revision)
	wake, slow := s.wake, len(s.out) > maxUnread
	s.mu.Unlock()
	if slow {
		s.kick()
	} else if wake != nil {
		wake()
	}
}

// subscribed returns what of a kind a session hears, in order.
func (s *session) subscribed(k kind) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.subs[k]))
	for name := range s.subs[k] {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// listens reports whether the session has subscribed to something.
func (s *session) listens() bool { return s.hears(channels)+s.hears(shards) > 0 }

// hears returns how much it hears of a kind, where channels and patterns count
// together.
func (s *session) hears(k kind) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k == shards {
		return int64(len(s.subs[shards]))
	}
	return int64(len(s.subs[channels]) + len(s.subs[patterns]))
}

func subscribe(k kind) ownRun {
	return func(s *session, argv []string) any {
		if s.run != nil && s.revision == 2 {
			return errSubscribeInMulti(argv[0])
		}
		for _, name := range kept(argv[1:]) {
			if err := s.srv.pubsub.add(s, k, name); err != nil {
				return err
			}
			s.say(push{words[k][0], name, s.hears(k)})
		}
		return noReply
	}
}

func unsubscribe(k kind) ownRun {
	return func(s *session, argv []string) any {
		names := argv[1:]
		if len(names) == 0 {
			names = s.subscribed(k)
		}
		if len(names) == 0 {
			return push{words[k][1], nil, s.hears(k)}
		}
		for _, name := range names {
			s.srv.pubsub.remove(s, k, name)
			s.say(push{words[k][1], strings.Clone(name), s.hears(k)})
		}
		return noReply
	}
}

func publish(k kind) ownRun {
	return func(s *session, argv []string) any { return s.srv.pubsub.publish(k, argv[1], argv[2]) }
}

func pubsubInfo(s *session, argv []string) any {
	p := &s.srv.pubsub
	switch sub := strings.ToUpper(argv[1]); {
	case (sub == "CHANNELS" || sub == "SHARDCHANNELS") && len(argv) <= 3:
		k := channels
		if sub == "SHARDCHANNELS" {
			k = shards
		}
		of := "*"
		if len(argv) == 3 {
			of = argv[2]
		}
		pattern, err := keyspace.ParsePattern(of)
		if err != nil {
			return err
		}
		names := []string{}
		p.mu.RLock()
		for name := range p.subs[k] {
			if len(argv) == 2 || pattern.Match(name) {
				names = append(names, name)
			}
		}
		p.mu.RUnlock()
		slices.Sort(names)
		return names
	case sub == "NUMSUB" || sub == "SHARDNUMSUB":
		k := channels
		if sub == "SHARDNUMSUB" {
			k = shards
		}
		counts := []any{}
		p.mu.RLock()
		defer p.mu.RUnlock()
		for _, name := range argv[2:] {
			counts = append(counts, name, int64(len(p.subs[k][name])))
		}
		return counts
	case sub == "NUMPAT" && len(argv) == 2:
		p.mu.RLock()
		defer p.mu.RUnlock()
		return int64(len(p.subs[patterns]))
	}
	return errSubcommand(argv)
}
