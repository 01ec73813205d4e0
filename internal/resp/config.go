package resp

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// settings are those of CONFIG. A Server owns its own.
type settings struct {
	mu     sync.Mutex
	values map[string]string // of those that CONFIG SET has changed
}

// setting is a parameter of CONFIG. Where set is nil only the value that it has can
// be set: it could make no difference here.
type setting struct {
	name  string
	value string // of a Redis that nobody has set up
	set   func(srv *Server, value string) (is string, problem string)
}

// knownSettings are what clients read, and what they may change.
var knownSettings = []setting{
	{name: "acllog-max-len", value: "128"},
	{name: "appendfsync", value: "everysec"},
	{name: "appendonly", value: "no"},
	{name: "bind", value: "* -::*"},
	{name: "busy-reply-threshold", value: "5000"},
	{name: "cluster-enabled", value: "no"},
	{name: "databases", value: strconv.Itoa(keyspace.Databases)},
	{name: "dbfilename", value: "dump.rdb"},
	{name: "dir", value: ""},
	{name: "hash-max-listpack-entries", value: "512"},
	{name: "hash-max-listpack-value", value: "64"},
	{name: "hash-max-ziplist-entries", value: "512"},
	{name: "hash-max-ziplist-value", value: "64"},
	{name: "latency-monitor-threshold", value: "0"},
	{name: "latency-tracking", value: "yes"},
	{name: "list-compress-depth", value: "0"},
	{name: "list-max-listpack-size", value: "-2"},
	{name: "list-max-ziplist-size", value: "-2"},
	{name: "lua-time-limit", value: "5000"},
	{name: "maxclients", value: strconv.Itoa(maxClients)},
	{name: "maxmemory", value: "0"},
	{name: "maxmemory-policy", value: "noeviction"},
	{name: "maxmemory-samples", value: "5"},
	{name: "notify-keyspace-events", set: setEvents},
	{name: "port", value: "6379"},
	{name: "proto-max-bulk-len", value: strconv.Itoa(maxWord)},
	{name: "requirepass", value: ""},
	{name: "save", value: ""},
	{name: "set-max-intset-entries", value: "512"},
	{name: "slowlog-log-slower-than", value: "10000", set: setInt(-1)},
	{name: "slowlog-max-len", value: "128", set: setInt(0)},
	{name: "stream-node-max-bytes", value: "4096"},
	{name: "stream-node-max-entries", value: "100"},
	{name: "tcp-keepalive", value: "300"},
	{name: "timeout", value: "0"},
	{name: "tracking-table-max-keys", value: strconv.Itoa(maxTracked), set: setMaxTracked},
	{name: "zset-max-listpack-entries", value: "128"},
	{name: "zset-max-listpack-value", value: "64"},
	{name: "zset-max-ziplist-entries", value: "128"},
	{name: "zset-max-ziplist-value", value: "64"},
}

func settingOf(name string) *setting {
	i := slices.IndexFunc(knownSettings, func(s setting) bool { return strings.EqualFold(s.name, name) })
	if i < 0 {
		return nil
	}
	return &knownSettings[i]
}

// get is the value that a setting has now.
func (s *settings) get(of *setting) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if value, ok := s.values[of.name]; ok {
		return value
	}
	return of.value
}

func (s *settings) keep(of *setting, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = map[string]string{}
	}
	s.values[of.name] = value
}

var configCommands = []subcommand{
	{"GET", -3, configGet},
	{"HELP", 2, configHelp},
	{"RESETSTAT", 2, func(s *session, _ []string) any { s.srv.stats.reset(); return keyspace.OK }},
	{"REWRITE", 2, func(*session, []string) any { return keyspace.Error("ERR The server is running without a config file") }},
	{"SET", -4, configSet},
}

func configGet(s *session, argv []string) any {
	found := keyspace.Pairs{}
	patterns := make([]*keyspace.Pattern, 0, len(argv)-2)
	for _, of := range argv[2:] {
		pattern, err := keyspace.ParsePattern(strings.ToLower(of))
		if err != nil {
			return err
		}
		patterns = append(patterns, pattern)
	}
	for i := range knownSettings {
		of := &knownSettings[i]
		if slices.ContainsFunc(patterns, func(p *keyspace.Pattern) bool { return p.Match(of.name) }) {
			found = append(found, of.name, s.srv.settings.get(of))
		}
	}
	return found
}

// configSet sets all or, where one of the values is wrong, none.
func configSet(s *session, argv []string) any {
	words := argv[2:]
	if len(words)%2 == 1 {
		return errArity("config|set")
	}
	for i := 0; i < len(words); i += 2 {
		if settingOf(words[i]) == nil {
			return keyspace.Error("ERR Unknown option or number of arguments for CONFIG SET - '" + oneLine(words[i]) + "'")
		}
	}
	refused := func(name, why string) any {
		return keyspace.Error("ERR CONFIG SET failed (possibly related to argument '" + oneLine(name) + "') - " + why)
	}
	before := map[*setting]string{}
	for i := 0; i < len(words); i += 2 {
		of := settingOf(words[i])
		if _, ok := before[of]; ok {
			return refused(words[i], "duplicate parameter")
		}
		before[of] = s.srv.settings.get(of)
	}
	for i := 0; i < len(words); i += 2 {
		of, value, problem := settingOf(words[i]), words[i+1], ""
		switch {
		case of.set != nil:
			value, problem = of.set(s.srv, value)
		case value != before[of]:
			problem = "can't set immutable config"
		}
		if problem != "" {
			for j := 0; j < i; j += 2 {
				if of := settingOf(words[j]); of.set != nil {
					is, _ := of.set(s.srv, before[of])
					s.srv.settings.keep(of, is)
				}
			}
			return refused(words[i], problem)
		}
		s.srv.settings.keep(of, value)
	}
	return keyspace.OK
}

func setEvents(srv *Server, value string) (is, problem string) {
	events, ok := keyspace.ParseEvents(value)
	if !ok {
		return "", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."
	}
	srv.backend.Space().PublishEvents(events)
	return events.String(), ""
}

func setInt(low int64) func(*Server, string) (is, problem string) {
	return func(_ *Server, value string) (string, string) {
		n, err := keyspace.Args{value}.Int(0)
		switch {
		case err != nil:
			return "", "argument couldn't be parsed into an integer"
		case n < low:
			return "", "argument must be between " + strconv.FormatInt(low, 10) + " and 9223372036854775807 inclusive"
		}
		return value, ""
	}
}

func configHelp(*session, []string) any {
	return keyspace.Help("CONFIG",
		"GET <pattern>",
		"    Return parameters matching the glob-like <pattern> and their values.",
		"SET <directive> <value>",
		"    Set the configuration <directive> to <value>.",
		"RESETSTAT",
		"    Reset statistics reported by the INFO command.",
		"REWRITE",
		"    Rewrite the configuration file.",
	)
}
