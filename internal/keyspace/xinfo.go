package keyspace

import "math"

var xinfo = subcommands([]subcommand{
	{"STREAM", -3, xinfoStream},
	{"GROUPS", 3, xinfoGroups},
	{"CONSUMERS", 4, xinfoConsumers},
	{"HELP", 2, xinfoHelp},
})

func xinfoHelp(*DB, Args) (any, error) {
	return Help("XINFO",
		"CONSUMERS <key> <groupname>",
		"    Show consumers of <groupname>.",
		"GROUPS <key>",
		"    Show the stream consumer groups.",
		"STREAM <key> [FULL [COUNT <count>]",
		"    Show information about the stream.",
	), nil
}

// streamToShow returns the stream of an XINFO, which must be there.
func (db *DB) streamToShow(a Args) (*stream, error) {
	s, err := typed[*stream](db, a[2])
	if err == nil && s == nil {
		err = ErrNoSuchKey
	}
	return s, err
}

// The replies of XINFO are lists in which names and values take turns.

func xinfoStream(db *DB, a Args) (any, error) {
	s, err := db.streamToShow(a)
	if err != nil {
		return nil, err
	}
	full, count := len(a) > 3, int64(10)
	switch {
	case full && (len(a) != 4 && len(a) != 6 || !a.Is(3, "FULL") || len(a) == 6 && !a.Is(4, "COUNT")):
		return nil, errSubcommandSyntax(a)
	case len(a) == 6:
		n, err := a.Int(5)
		if err != nil {
			return nil, err
		}
		switch {
		case n == 0:
			count = math.MaxInt64
		case n > 0:
			count = n
		}
	}
	info := []any{
		"length", intReply(s.length),
		"radix-tree-keys", intReply(s.chunks.Len()),
		"radix-tree-nodes", intReply(s.radixNodes()),
		"last-generated-id", s.last.String(),
		"max-deleted-entry-id", s.deleted.String(),
		"entries-added", intReply(s.added),
		"recorded-first-entry-id", s.lowest().String(),
	}
	if full {
		entries := s.entriesReply(streamID{}, maxStreamID, count, false)
		return append(info, "entries", entries, "groups", s.fullGroups(count)), nil
	}
	var first, last any
	if s.length > 0 {
		lowest, _ := s.edge(false)
		newest, _ := s.edge(true)
		first, last = lowest.reply(), newest.reply()
	}
	return append(info, "groups", intReply(s.groups.Len()), "first-entry", first, "last-entry", last), nil
}

// fullGroups is what XINFO STREAM FULL says of the groups: of what is pending as
// many as count, for each group and each consumer.
func (s *stream) fullGroups(count int64) []any {
	groups := []any{}
	s.groups.Scan(func(name string, g *group) bool {
		pending := g.pending.reply(count, func(p pendingEntry) any {
			return []any{p.id.String(), p.consumer.name, p.at, p.count}
		})
		consumers := []any{}
		g.consumers.Scan(func(name string, c *consumer) bool {
			pending := c.pending.reply(count, func(p pendingEntry) any { return []any{p.id.String(), p.at, p.count} })
			consumers = append(consumers, []any{
				"name", name, "seen-time", c.seen, "pel-count", intReply(c.pending.len()), "pending", pending,
			})
			return true
		})
		groups = append(groups, []any{
			"name", name, "last-delivered-id", g.last.String(), "entries-read", g.readReply(), "lag", g.lag(s),
			"pel-count", intReply(g.pending.len()), "pending", pending, "consumers", consumers,
		})
		return true
	})
	return groups
}

// reply has what describe makes of the first entries, as many as count.
func (l pendingList) reply(count int64, describe func(pendingEntry) any) []any {
	list := []any{}
	for p := range l.from(streamID{}) {
		list = append(list, describe(p))
		if int64(len(list)) == count {
			break
		}
	}
	return list
}

// readReply is how many entries the group has read, or nil.
func (g *group) readReply() any {
	if g.read == unknownReads {
		return nil
	}
	return intReply(g.read)
}

func xinfoGroups(db *DB, a Args) (any, error) {
	s, err := db.streamToShow(a)
	if err != nil {
		return nil, err
	}
	groups := []any{}
	s.groups.Scan(func(name string, g *group) bool {
		groups = append(groups, []any{
			"name", name, "consumers", intReply(g.consumers.Len()), "pending", intReply(g.pending.len()),
			"last-delivered-id", g.last.String(), "entries-read", g.readReply(), "lag", g.lag(s),
		})
		return true
	})
	return groups, nil
}

func xinfoConsumers(db *DB, a Args) (any, error) {
	s, err := db.streamToShow(a)
	if err != nil {
		return nil, err
	}
	g := s.group(a[3])
	if g == nil {
		return nil, errNoGroupOfKey(a[3], a[2])
	}
	now := db.space.nowMilli()
	consumers := []any{}
	g.consumers.Scan(func(name string, c *consumer) bool {
		consumers = append(consumers, []any{
			"name", name, "pending", intReply(c.pending.len()), "idle", intReply(max(now-c.seen, 0)),
		})
		return true
	})
	return consumers, nil
}
