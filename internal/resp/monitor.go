package resp

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// monitor is MONITOR: from now on the session is told of what all others run.
func monitor(s *session, _ []string) any {
	if s.run != nil {
		return keyspace.Error("ERR MONITOR isn't allowed for DENY BLOCKING client")
	}
	s.mu.Lock()
	already := s.monitors
	s.monitors = true
	s.mu.Unlock()
	if already {
		return noReply
	}
	s.srv.monitors.Add(1)
	return keyspace.OK
}

func (s *session) endMonitor() {
	s.mu.Lock()
	was := s.monitors
	s.monitors = false
	s.mu.Unlock()
	if was {
		s.srv.monitors.Add(-1)
	}
}

// feedMonitors tells those who monitor of a call.
func (s *session) feedMonitors(of *commandStat, argv []string) {
	if s.srv.monitors.Load() == 0 || of.silent {
		return
	}
	now := time.Now()
	var line strings.Builder
	fmt.Fprintf(&line, "%d.%06d [%d %s]", now.Unix(), now.Nanosecond()/1000, s.db, s.remote)
	for _, word := range redacted(argv) {
		line.WriteByte(' ')
		appendQuoted(&line, word)
	}
	for _, other := range s.srv.all() {
		if other.isMonitor() {
			other.tell(keyspace.Status(line.String()))
		}
	}
}

// redacted are the words of a call without the passwords of AUTH and HELLO.
func redacted(argv []string) []string {
	from := 1
	switch strings.ToUpper(argv[0]) {
	case "HELLO":
		from = 1 + slices.IndexFunc(argv, func(word string) bool { return strings.EqualFold(word, "AUTH") })
		if from == 0 {
			return argv
		}
	case "AUTH":
	default:
		return argv
	}
	shown := slices.Clone(argv)
	for i := from; i < min(from+2, len(shown)); i++ {
		shown[i] = "(redacted)"
	}
	return shown
}

func (s *session) isMonitor() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.monitors
}

// appendQuoted writes a word as redis-cli reads it.
func appendQuoted(b *strings.Builder, word string) {
	b.WriteByte('"')
	for i := range len(word) {
		switch c := word[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c >= ' ' && c <= '~':
			b.WriteByte(c)
		default:
			if at := strings.IndexByte("\n\r\t\a\b", c); at >= 0 {
				b.WriteByte('\\')
				b.WriteByte("nrtab"[at])
			} else {
				fmt.Fprintf(b, `\x%02x`, c)
			}
		}
	}
	b.WriteByte('"')
}
