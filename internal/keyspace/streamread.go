package keyspace

import (
	"math"
	"strconv"
	"time"
)

// streamRead is what XREAD and XREADGROUP ask for.
type streamRead struct {
	keys []string
	from []streamID // what comes after, for each key; newEntries stands for ">"

	count   int64
	waits   bool
	timeout time.Duration

	grouped         bool // it is XREADGROUP
	group, consumer string
	noAck           bool
}

// newEntries is the ID that asks for what the group has not read. A client may
// write it as a number, too.
var newEntries = maxStreamID

// waitedCount is how many entries one gets who has waited, unless told otherwise.
const waitedCount = 1000

func xread(db *DB, a Args) (any, error) { return readStreams(db, a, false) }

func xreadgroup(db *DB, a Args) (any, error) { return readStreams(db, a, true) }

func readStreams(db *DB, a Args, grouped bool) (any, error) {
	q := &streamRead{grouped: grouped, count: math.MaxInt64}
	ids, err := q.parse(a)
	if err != nil {
		return nil, err
	}
	streams, err := q.find(db, ids)
	if err != nil {
		return nil, err
	}
	found := []any{}
	for i, s := range streams {
		if s != nil && q.finds(s, q.from[i]) {
			found = append(found, []any{q.keys[i], q.take(db, i, s)})
		}
	}
	switch {
	case len(found) > 0:
		return found, nil
	case q.waits:
		return q.wait(streams), nil
	}
	return nil, nil
}

// parse reads the options and the keys, and returns the IDs, not yet read.
func (q *streamRead) parse(a Args) (ids Args, err error) {
	named := false
	for i := 1; i < len(a); i++ {
		more := len(a) - 1 - i
		switch {
		case a.Is(i, "BLOCK") && more > 0:
			i++
			q.waits = true
			if q.timeout, err = a.milliTimeout(i); err != nil {
				return nil, err
			}
		case a.Is(i, "COUNT") && more > 0:
			i++
			if q.count, err = a.Int(i); err != nil {
				return nil, err
			}
			if q.count <= 0 {
				q.count = math.MaxInt64
			}
		case a.Is(i, "STREAMS") && more > 0:
			rest := a[i+1:]
			if len(rest)%2 != 0 {
				return nil, errUnbalanced
			}
			if q.grouped && !named {
				return nil, errNoGroupOption
			}
			q.keys = rest[:len(rest)/2]
			return rest[len(rest)/2:], nil
		case a.Is(i, "GROUP") && more > 1:
			if !q.grouped {
				return nil, errGroupInXread
			}
			q.group, q.consumer, named = a[i+1], a[i+2], true
			i += 2
		case a.Is(i, "NOACK"):
			if !q.grouped {
				return nil, errNoAckInXread
			}
			q.noAck = true
		default:
			return nil, ErrSyntax
		}
	}
	return nil, ErrSyntax
}

// streamKeys returns the keys of XREAD or XREADGROUP. A group or consumer may be
// called STREAMS too, and must not hide them.
func streamKeys(a Args, i int) []string {
	for ; i < len(a); i++ {
		switch {
		case a.Is(i, "COUNT"), a.Is(i, "BLOCK"):
			i++
		case a.Is(i, "GROUP"):
			i += 2
		case a.Is(i, "STREAMS"):
			rest := a[i+1:]
			return rest[:len(rest)/2]
		}
	}
	return nil
}

// milliTimeout reads argument i as milliseconds.
func (a Args) milliTimeout(i int) (time.Duration, error) {
	n, err := a.Int(i)
	if err != nil {
		return 0, errTimeoutInt
	}
	if n < 0 {
		return 0, errTimeoutNegative
	}
	return time.Duration(min(n, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond, nil
}

// find returns the streams, nil for those that are absent, and reads the IDs.
func (q *streamRead) find(db *DB, ids Args) ([]*stream, error) {
	streams := make([]*stream, len(ids))
	q.from = make([]streamID, len(ids))
	for i, key := range q.keys {
		s, err := typed[*stream](db, key)
		if err != nil {
			return nil, err
		}
		if q.grouped && s.group(q.group) == nil {
			return nil, errNoGroupToRead(key, q.group)
		}
		streams[i] = s
		switch ids[i] {
		case "$":
			if q.grouped {
				return nil, errDollarInGroup
			}
			if s != nil {
				q.from[i] = s.last
			}
		case ">":
			if !q.grouped {
				return nil, errNewInXread
			}
			q.from[i] = newEntries
		default:
			if q.from[i], err = ids.streamID(i, 0); err != nil {
				return nil, err
			}
		}
	}
	return streams, nil
}

// group returns the group of a name, or nil. The stream may be nil.
func (s *stream) group(name string) *group {
	if s == nil {
		return nil
	}
	g, _ := s.groups.Get(name)
	return g
}

// finds reports whether there is an answer at once: an entry or, for what a
// consumer already has, whatever there is.
func (q *streamRead) finds(s *stream, from streamID) bool {
	if q.grouped {
		if from != newEntries {
			return true
		}
		from = s.group(q.group).last
	}
	return s.length > 0 && from.before(s.newest())
}

// take returns the entries of the i-th stream.
func (q *streamRead) take(db *DB, i int, s *stream) []any {
	if !q.grouped {
		start, _ := q.from[i].next()
		return s.entriesReply(start, maxStreamID, q.count, false)
	}
	g := s.group(q.group)
	db.noted()
	now := db.space.nowMilli()
	c := db.consumer(q.keys[i], g, q.consumer, now)
	if from := q.from[i]; from != newEntries {
		start, _ := from.next()
		return s.historyReply(c, start, q.count, now)
	}
	entries := []any{}
	start, _ := g.last.next()
	for e := range s.walk(start, maxStreamID, false) {
		g.readTo(s, e.id)
		if !q.noAck {
			g.deliver(e.id, c, now)
		}
		entries = append(entries, e.reply())
		if int64(len(entries)) == q.count {
			break
		}
	}
	return entries
}

// consumer returns the consumer of a name and makes it where there is none.
func (db *DB) consumer(key string, g *group, name string, now int64) *consumer {
	if c := g.consumer(name, now); c != nil {
		return c
	}
	c := g.newConsumer(name, now)
	db.notify("xgroup-createconsumer", key)
	return c
}

// historyReply has what is pending for a consumer, from an ID on, and delivers it
// once more. Of what has been deleted there is only the ID.
func (s *stream) historyReply(c *consumer, start streamID, count, now int64) []any {
	entries := []any{}
	for p := range c.pending.from(start) {
		if e, there := s.get(p.id); there {
			p.at = now
			p.count++
			entries = append(entries, e.reply())
		} else {
			entries = append(entries, []any{p.id.String(), nil})
		}
		if int64(len(entries)) == count {
			break
		}
	}
	return entries
}

// wait waits for an entry to be added to one of the streams, or one with entries to
// take its place. Whatever else happens to them is no reason to look again: a
// group that is set back is read from by the next one who asks. Who reads for a
// group must hear when it has gone.
func (q *streamRead) wait(streams []*stream) blocked {
	if q.count == math.MaxInt64 {
		q.count = waitedCount
	}
	appends := make([]uint64, len(streams))
	for i, s := range streams {
		if s != nil {
			appends[i] = s.appends
		}
	}
	return blocked{q.keys, q.timeout, func(db *DB) (any, bool, error) {
		for i, key := range q.keys {
			s, _ := typed[*stream](db, key)
			from := q.from[i]
			if q.grouped {
				g := s.group(q.group)
				switch {
				case s == nil:
					return nil, false, errStreamGone
				case g == nil:
					return nil, false, errGroupGone
				}
				from = g.last
			}
			if s == nil || s == streams[i] && s.appends == appends[i] {
				continue
			}
			streams[i], appends[i] = s, s.appends
			if from.before(s.last) {
				return []any{[]any{key, q.take(db, i, s)}}, true, nil
			}
		}
		return nil, false, nil
	}, q.call}
}

// call is an XREADGROUP that takes what one has taken that waited.
func (q *streamRead) call(v any) []string {
	key := v.([]any)[0].([]any)[0].(string)
	call := []string{"XREADGROUP", "GROUP", q.group, q.consumer, "COUNT", strconv.FormatInt(q.count, 10)}
	if q.noAck {
		call = append(call, "NOACK")
	}
	return append(call, "STREAMS", key, ">")
}
