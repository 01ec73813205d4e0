package resp

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// This file is who is connected: CLIENT LIST, INFO and KILL.

// describe is the session's line in CLIENT LIST.
func (s *session) describe() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := "NULL"
	if s.now.command != nil {
		last = s.now.command.name
	}
	return fmt.Sprintf("id=%d addr=%s laddr=%s fd=-1 name=%s age=%d idle=%d flags=%s db=%d sub=%d psub=%d ssub=%d multi=%d qbuf=%d qbuf-free=0"+
		" argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=%d oll=0 omem=%d tot-mem=%d events=r cmd=%s user=%s redir=%d resp=%d lib-name=%s lib-ver=%s",
		s.id, s.remote, s.local, s.name, int(time.Since(s.begun).Seconds()), int((s.srv.uptime() - s.now.at).Seconds()), s.flagsText(), s.now.db,
		len(s.subs[channels]), len(s.subs[patterns]), len(s.subs[shards]), s.now.queued, s.now.query,
		len(s.out), len(s.out), s.now.query+cap(s.out), last, s.user.name, s.now.redirect, s.revision, s.lib[0], s.lib[1])
}

// clientList is CLIENT LIST: of all, of a type, or of those with these IDs.
func clientList(s *session, argv []string) any {
	a := keyspace.Args(argv)
	wanted := func(*session) bool { return true }
	switch {
	case len(a) == 2:
	case len(a) == 4 && a.Is(2, "TYPE"):
		of, err := clientType(a[3])
		if err != nil {
			return err
		}
		wanted = of
	case len(a) > 3 && a.Is(2, "ID"):
		ids := map[int64]bool{}
		for i := 3; i < len(a); i++ {
			id, err := a.Int(i)
			if err != nil {
				return keyspace.Error("ERR Invalid client ID")
			}
			ids[id] = true
		}
		wanted = func(c *session) bool { return ids[c.id] }
	default:
		return keyspace.ErrSyntax
	}
	var b strings.Builder
	for _, c := range s.srv.all() {
		if wanted(c) {
			b.WriteString(c.describe() + "\n")
		}
	}
	return verbatim(b.String())
}

// clientType finds clients of a type. There are no replicas, and no master.
func clientType(name string) (func(*session) bool, error) {
	switch strings.ToLower(name) {
	case "normal":
		return func(c *session) bool { return !c.listens() }, nil
	case "pubsub":
		return (*session).listens, nil
	case "master", "replica", "slave":
		return func(*session) bool { return false }, nil
	}
	return nil, keyspace.Error("ERR Unknown client type '" + oneLine(name) + "'")
}

func (srv *Server) all() []*session {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	list := make([]*session, 0, len(srv.sessions))
	for _, s := range srv.sessions {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *session) int { return int(a.id - b.id) })
	return list
}

// kill is CLIENT KILL: by address as of old, or by filters.
func (s *session) kill(args []string) any {
	old := len(args) == 1
	if old {
		args = []string{"ADDR", args[0], "SKIPME", "no"}
	}
	if len(args) == 0 || len(args)%2 == 1 {
		return keyspace.ErrSyntax
	}
	skipMe := true
	var filters []func(*session) bool
	for i := 0; i < len(args); i += 2 {
		value := args[i+1]
		switch strings.ToUpper(args[i]) {
		case "ID":
			id, err := keyspace.Args(args).Int(i + 1)
			if err != nil || id < 1 {
				return keyspace.Error("ERR client-id should be greater than 0")
			}
			filters = append(filters, func(c *session) bool { return c.id == id })
		case "ADDR":
			filters = append(filters, func(c *session) bool { return c.remote == value })
		case "LADDR":
			filters = append(filters, func(c *session) bool { return c.local == value })
		case "USER":
			if s.srv.acl.user(value) == nil {
				return keyspace.Error("ERR No such user '" + oneLine(value) + "'")
			}
			filters = append(filters, func(c *session) bool { return c.userNow().name == value })
		case "TYPE":
			of, err := clientType(value)
			if err != nil {
				return err
			}
			filters = append(filters, of)
		case "SKIPME":
			if skipMe = strings.EqualFold(value, "yes"); !skipMe && !strings.EqualFold(value, "no") {
				return keyspace.ErrSyntax
			}
		default:
			return keyspace.ErrSyntax
		}
	}
	killed := int64(0)
	for _, c := range s.srv.all() {
		if c == s && skipMe || slices.ContainsFunc(filters, func(f func(*session) bool) bool { return !f(c) }) {
			continue
		}
		killed++
		if c == s {
			s.over = true
		} else {
			c.kick()
		}
	}
	switch {
	case !old:
		return killed
	case killed == 0:
		return errNoSuchClient
	}
	return keyspace.OK
}

// flagsText are the flags of a client as CLIENT LIST has them. The caller holds mu.
func (s *session) flagsText() string {
	var flags strings.Builder
	for _, flag := range []struct {
		is     bool
		letter byte
	}{
		{s.monitors, 'O'}, {len(s.subs[channels])+len(s.subs[patterns])+len(s.subs[shards]) > 0, 'P'}, {s.now.queued >= 0, 'x'}, {s.waits != nil, 'b'},
		{s.now.tracks, 't'}, {s.now.broadcast, 'B'}, {s.noEvict, 'e'},
	} {
		if flag.is {
			flags.WriteByte(flag.letter)
		}
	}
	if flags.Len() == 0 {
		return "N"
	}
	return flags.String()
}
