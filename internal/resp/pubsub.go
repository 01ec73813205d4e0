package resp

import (
	"slices"
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

// pubsub is who hears what, and the Space's Publisher. Its lock is taken before a
// session's.
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

// Publish brings a message to who hears the channel, and returns how many do. It is
// called under the Space's lock.
func (p *pubsub) Publish(shard bool, channel, message string) int64 {
	k := channels
	if shard {
		k = shards
	}
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

// tell has a message leave soon. A client that reads too slowly is cut off, and then
// nothing more is kept for it.
func (s *session) tell(v any) {
	if s.ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	s.out = appendReply(s.out, v, s.revision)
	wake, slow := s.wake, len(s.out) > maxUnread
	if slow {
		s.out = nil
	}
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
		if s.run != nil && (s.revision == 2 || k == shards) {
			return errSubscribeInMulti(argv[0])
		}
		for _, name := range argv[1:] {
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
			s.say(push{words[k][1], name, s.hears(k)})
		}
		return noReply
	}
}

var pubsubCommands = []subcommand{
	{"CHANNELS", -2, activeChannels(channels)},
	{"HELP", 2, pubsubHelp},
	{"NUMPAT", 2, func(s *session, _ []string) any { return s.srv.pubsub.count(patterns) }},
	{"NUMSUB", -2, listeners(channels)},
	{"SHARDCHANNELS", -2, activeChannels(shards)},
	{"SHARDNUMSUB", -2, listeners(shards)},
}

// activeChannels are those that somebody hears, all or of a pattern.
func activeChannels(k kind) ownRun {
	return func(s *session, argv []string) any {
		if len(argv) > 3 {
			return errSubcommandSyntax(argv)
		}
		of := append(argv, "*")[2]
		pattern, err := keyspace.ParsePattern(of)
		if err != nil {
			return err
		}
		names := []string{}
		p := &s.srv.pubsub
		p.mu.RLock()
		for name := range p.subs[k] {
			if len(argv) == 2 || pattern.Match(name) {
				names = append(names, name)
			}
		}
		p.mu.RUnlock()
		slices.Sort(names)
		return names
	}
}

func listeners(k kind) ownRun {
	return func(s *session, argv []string) any {
		counts := []any{}
		p := &s.srv.pubsub
		p.mu.RLock()
		defer p.mu.RUnlock()
		for _, name := range argv[2:] {
			counts = append(counts, name, int64(len(p.subs[k][name])))
		}
		return counts
	}
}

// count is how many of a kind somebody hears.
func (p *pubsub) count(k kind) int64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return int64(len(p.subs[k]))
}

func pubsubHelp(*session, []string) any {
	return keyspace.Help("PUBSUB",
		"CHANNELS [<pattern>]",
		"    Return the currently active channels matching a <pattern> (default: '*').",
		"NUMPAT",
		"    Return number of subscriptions to patterns.",
		"NUMSUB [<channel> ...]",
		"    Return the number of subscribers for the specified channels, excluding",
		"    pattern subscriptions(default: no channels).",
		"SHARDCHANNELS [<pattern>]",
		"    Return the currently active shard level channels matching a <pattern> (default: '*').",
		"SHARDNUMSUB [<shardchannel> ...]",
		"    Return the number of subscribers for the specified shard level channel(s)",
	)
}
