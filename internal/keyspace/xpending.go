package keyspace

import "strconv"

// groupOf returns the stream and the group of a command that has them as its
// arguments 1 and 2; where there is no such group, nil.
func (db *DB) groupOf(a Args) (*stream, *group, error) {
	s, err := typed[*stream](db, a[1])
	return s, s.group(a[2]), err
}

// xack ends that entries are pending. Redis tells nobody of it.
func xack(db *DB, a Args) (any, error) {
	_, g, err := db.groupOf(a)
	if err != nil || g == nil {
		return zero, err
	}
	ids, err := a.streamIDs(3)
	if err != nil {
		return nil, err
	}
	settled := 0
	for _, id := range ids {
		if p, there := g.pending.get(id); there {
			g.settle(p)
			db.noted()
			settled++
		}
	}
	return intReply(settled), nil
}

// pendingQuery is what XPENDING asks for, where it asks for entries.
type pendingQuery struct {
	start, end streamID
	count      int64
	idle       int64  // for how long they are pending at least
	consumer   string // of whom, where named is true
	named      bool
}

func (a Args) pendingQuery() (q pendingQuery, err error) {
	i := 3
	if a.Is(i, "IDLE") {
		if q.idle, err = a.Int(4); err != nil {
			return q, err
		}
		if len(a) < 8 {
			return q, ErrSyntax
		}
		i += 2
	}
	if q.count, err = a.Int(i + 2); err != nil {
		return q, err
	}
	if q.start, err = a.rangeStart(i); err != nil {
		return q, err
	}
	if q.end, err = a.rangeEnd(i + 1); err != nil {
		return q, err
	}
	if i+3 < len(a) {
		q.consumer, q.named = a[i+3], true
	}
	return q, nil
}

func xpending(db *DB, a Args) (any, error) {
	summary := len(a) == 3
	if !summary && (len(a) < 6 || len(a) > 9) {
		return nil, ErrSyntax
	}
	var q pendingQuery
	if !summary {
		var err error
		if q, err = a.pendingQuery(); err != nil {
			return nil, err
		}
	}
	_, g, err := db.groupOf(a)
	switch {
	case err != nil:
		return nil, err
	case g == nil:
		return nil, errNoGroup(a[1], a[2])
	case summary:
		return g.pendingSummary(), nil
	}
	return q.run(g, db.space.nowMilli()), nil
}

// pendingSummary is how many entries are pending, the first and the last of them,
// and how many each consumer has.
func (g *group) pendingSummary() any {
	first, there := g.pending.tree.Min()
	if !there {
		return []any{zero, nil, nil, nil}
	}
	last, _ := g.pending.tree.Max()
	consumers := []any{}
	g.consumers.Scan(func(name string, c *consumer) bool {
		if n := c.pending.len(); n > 0 {
			consumers = append(consumers, []string{name, strconv.Itoa(n)})
		}
		return true
	})
	return []any{intReply(g.pending.len()), first.id.String(), last.id.String(), consumers}
}

func (q pendingQuery) run(g *group, now int64) any {
	found := []any{}
	list := g.pending
	if q.named {
		c := g.consumer(q.consumer, 0)
		if c == nil {
			return found
		}
		list = c.pending
	}
	for p := range list.from(q.start) {
		if int64(len(found)) >= q.count || q.end.before(p.id) {
			break
		}
		if p.isIdle(q.idle, now) {
			found = append(found, []any{p.id.String(), p.consumer.name, intReply(max(now-p.at, 0)), intReply(p.count)})
		}
	}
	return found
}

// isIdle reports whether an entry is pending for at least so long. 0 is for any: the
// clock may have gone back.
func (d *delivery) isIdle(idle, now int64) bool { return idle == 0 || now-d.at >= idle }
