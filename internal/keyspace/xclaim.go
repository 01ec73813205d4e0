package keyspace

import "math"

// claim is what XCLAIM and XAUTOCLAIM are told.
type claim struct {
	key      string
	consumer string
	idle     int64 // for how long an entry is pending at least
	justID   bool  // the reply has IDs only, and this is no delivery

	at    int64 // when they count as delivered, in Unix milliseconds
	count int64 // how often, -1 for once more
	force bool  // also what is not pending
	last  streamID
}

func xclaim(db *DB, a Args) (any, error) {
	s, g, err := db.groupOf(a)
	switch {
	case err != nil:
		return nil, err
	case g == nil:
		return nil, errNoGroup(a[1], a[2])
	}
	now := db.space.nowMilli()
	c, ids, err := a.claim(now)
	if err != nil {
		return nil, err
	}
	if g.last.before(c.last) {
		g.last = c.last
		db.noted()
	}
	claimed := []any{}
	for _, id := range ids {
		p, pending := g.pending.get(id)
		e, there := s.get(id)
		switch {
		case !there && pending:
			g.settle(p)
			db.noted()
		case there && pending && p.isIdle(c.idle, now), there && !pending && c.force:
			claimed = append(claimed, c.take(db, g, e, now))
		}
	}
	return claimed, nil
}

// claim reads XCLAIM's arguments from the idle time on: IDs, and behind the last of
// them options.
func (a Args) claim(now int64) (c claim, ids []streamID, err error) {
	c = claim{key: a[1], consumer: a[3], at: now, count: -1}
	if c.idle, err = a.Int(4); err != nil {
		return c, nil, errClaimIdle("XCLAIM")
	}
	c.idle = max(c.idle, 0)
	i := 5
	for ; i < len(a); i++ {
		id, err := a.streamID(i, 0)
		if err != nil {
			break
		}
		ids = append(ids, id)
	}
	for ; i < len(a); i++ {
		more := i+1 < len(a)
		switch {
		case a.Is(i, "FORCE"):
			c.force = true
		case a.Is(i, "JUSTID"):
			c.justID = true
		case a.Is(i, "IDLE") && more:
			i++
			idle, err := a.Int(i)
			if err != nil {
				return c, nil, errClaimOption("IDLE")
			}
			c.at = now - idle
		case a.Is(i, "TIME") && more:
			i++
			if c.at, err = a.Int(i); err != nil {
				return c, nil, errClaimOption("TIME")
			}
		case a.Is(i, "RETRYCOUNT") && more:
			i++
			if c.count, err = a.Int(i); err != nil {
				return c, nil, errClaimOption("RETRYCOUNT")
			}
		case a.Is(i, "LASTID") && more:
			i++
			if c.last, err = a.streamID(i, 0); err != nil {
				return c, nil, err
			}
		default:
			return c, nil, errNoClaimOption(a[i])
		}
	}
	if c.at < 0 || c.at > now { // whoever reckons by a clock of their own is not to fail
		c.at = now
	}
	return c, ids, nil
}

// take gives an entry to the consumer, and returns what the reply has of it.
func (c *claim) take(db *DB, g *group, e streamEntry, now int64) any {
	db.noted()
	to := db.consumer(c.key, g, c.consumer, now)
	p, pending := g.pending.get(e.id)
	if pending {
		g.give(p, to)
	} else {
		p = pendingEntry{e.id, &delivery{consumer: to, count: 1}}
		g.put(p)
	}
	p.at = c.at
	switch {
	case c.count >= 0:
		p.count = c.count
	case !c.justID:
		p.count++
	}
	if c.justID {
		return e.id.String()
	}
	return e.reply()
}

// claimTries is how many pending entries XAUTOCLAIM looks at for each that it may
// answer.
const claimTries = 10

func xautoclaim(db *DB, a Args) (any, error) {
	now := db.space.nowMilli()
	c := claim{key: a[1], consumer: a[3], at: now, count: -1}
	var err error
	if c.idle, err = a.Int(4); err != nil {
		return nil, errClaimIdle("XAUTOCLAIM")
	}
	c.idle = max(c.idle, 0)
	start, err := a.rangeStart(5)
	if err != nil {
		return nil, err
	}
	count := int64(100)
	for i := 6; i < len(a); i++ {
		switch {
		case a.Is(i, "COUNT") && i+1 < len(a):
			i++
			if count, err = a.atLeast(1, i, errClaimCount); err != nil {
				return nil, err
			}
			if count > math.MaxInt64/16 {
				return nil, errClaimCount
			}
		case a.Is(i, "JUSTID"):
			c.justID = true
		default:
			return nil, ErrSyntax
		}
	}
	s, g, err := db.groupOf(a)
	switch {
	case err != nil:
		return nil, err
	case g == nil:
		return nil, errNoGroup(a[1], a[2])
	}
	claimed, deleted := []any{}, []string{}
	tries := count * claimTries
	p, more := g.pending.next(start)
	for ; more && tries > 0 && count > 0; tries-- {
		e, there := s.get(p.id)
		switch {
		case !there:
			g.settle(p)
			db.noted()
			deleted = append(deleted, p.id.String())
			count--
		case p.isIdle(c.idle, now):
			claimed = append(claimed, c.take(db, g, e, now))
			count--
		}
		if start, more = p.id.next(); more {
			p, more = g.pending.next(start)
		}
	}
	var cursor streamID
	if more {
		cursor = p.id
	}
	return []any{cursor.String(), claimed, deleted}, nil
}
