package keyspace

import "math"

// The commands of streams: those of entries here, trimming in streamtrim.go,
// reading on in streamread.go, what concerns groups in xgroup.go, pending entries
// in xpending.go and xclaim.go, and XINFO in xinfo.go.
var streamCommands = []Command{
	{"XADD", -5, Write, oneKey, xadd},
	{"XDEL", -3, Write, oneKey, xdel},
	{"XTRIM", -4, Write, oneKey, xtrim},
	{"XSETID", -3, Write, oneKey, xsetid},
	{"XLEN", 2, Read, oneKey, xlen},
	{"XRANGE", -4, Read, oneKey, xrange(false)},
	{"XREVRANGE", -4, Read, oneKey, xrange(true)},
	{"XREAD", -4, Read | Blocking, KeySpec{Streams: 1}, xread},
	{"XINFO", -2, Read, subcommandKey, xinfo},

	{"XGROUP", -2, Write, subcommandKey, xgroup},
	{"XREADGROUP", -7, Read | Write | Blocking, KeySpec{Streams: 1}, xreadgroup},
	{"XACK", -4, Read | Write, oneKey, xack},
	{"XPENDING", -3, Read, oneKey, xpending},
	{"XCLAIM", -6, Read | Write, oneKey, xclaim},
	{"XAUTOCLAIM", -6, Read | Write, oneKey, xautoclaim},
}

var subcommandKey = KeySpec{First: 2, Last: 2, Step: 1} // XINFO STREAM key

// reply is an entry as commands answer it.
func (e streamEntry) reply() any { return []any{e.id.String(), e.fields()} }

func xadd(db *DB, a Args) (any, error) {
	o, i, err := a.streamOptions(true)
	if err != nil {
		return nil, err
	}
	fields := a[min(i+1, len(a)):]
	if len(fields) == 0 || len(fields)%2 != 0 {
		return nil, errWrongArity("xadd")
	}
	if o.id == (streamID{}) && o.given && !o.open {
		return nil, errZeroID
	}
	s, err := typed[*stream](db, a[1])
	created := s == nil
	switch {
	case err != nil:
		return nil, err
	case created && o.noMake:
		return nil, nil
	case created:
		s = newStream()
	}
	id, err := o.newID(s, db.space.nowMilli())
	if err != nil {
		return nil, err
	}
	if textSize(fields) > maxEntrySize {
		return nil, errEntrySize
	}
	s.add(id, fields)
	if created {
		db.put(a[1], s)
	}
	db.changed("xadd", a[1])
	if s.trim(o.trim) > 0 {
		db.changed("xtrim", a[1])
	}
	return id.String(), nil
}

// maxEntrySize is how many bytes the names and values of an entry may have.
const maxEntrySize = 1 << 30

func textSize(texts []string) (size int) {
	for _, text := range texts {
		size += len(text)
	}
	return size
}

// newID returns the ID that an entry gets.
func (o streamOptions) newID(s *stream, now int64) (streamID, error) {
	if s.last == maxStreamID {
		return s.last, errLastID
	}
	id := o.id
	switch next, _ := s.last.next(); {
	case !o.given:
		id = next
		if ms := uint64(now); ms > s.last.ms {
			id = streamID{ms, 0}
		}
	case o.open && id.ms == s.last.ms:
		id = next
		if s.last.seq == math.MaxUint64 {
			return id, errSmallID
		}
	}
	if !s.last.before(id) {
		return id, errSmallID
	}
	return id, nil
}

func xdel(db *DB, a Args) (any, error) {
	s, err := typed[*stream](db, a[1])
	if err != nil || s == nil {
		return zero, err
	}
	ids, err := a.streamIDs(2)
	if err != nil {
		return nil, err
	}
	removed := 0
	for _, id := range ids {
		if s.remove(id) {
			removed++
		}
	}
	if removed > 0 {
		db.changed("xdel", a[1])
	}
	return intReply(removed), nil
}

func xlen(db *DB, a Args) (any, error) {
	s, err := typed[*stream](db, a[1])
	if err != nil || s == nil {
		return zero, err
	}
	return intReply(s.length), nil
}

func xrange(reverse bool) handler {
	return func(db *DB, a Args) (any, error) {
		low, high := 2, 3
		if reverse {
			low, high = high, low
		}
		start, err := a.rangeStart(low)
		if err != nil {
			return nil, err
		}
		end, err := a.rangeEnd(high)
		if err != nil {
			return nil, err
		}
		count := int64(math.MaxInt64)
		for i := 4; i < len(a); i += 2 {
			if !a.Is(i, "COUNT") || i+1 == len(a) {
				return nil, ErrSyntax
			}
			if count, err = a.Int(i + 1); err != nil {
				return nil, err
			}
		}
		s, err := typed[*stream](db, a[1])
		switch {
		case err != nil:
			return nil, err
		case s == nil:
			return []any{}, nil
		case count <= 0:
			return nil, nil
		}
		return s.entriesReply(start, end, count, reverse), nil
	}
}

// entriesReply has the first entries of a range, as many as count.
func (s *stream) entriesReply(start, end streamID, count int64, reverse bool) []any {
	entries := []any{}
	for e := range s.walk(start, end, reverse) {
		entries = append(entries, e.reply())
		if count--; count == 0 {
			break
		}
	}
	return entries
}

func xsetid(db *DB, a Args) (any, error) {
	id, err := a.streamID(2, 0)
	if err != nil {
		return nil, err
	}
	added := int64(-1)
	var deleted streamID
	for i := 3; i < len(a); i += 2 {
		switch {
		case i+1 == len(a):
			return nil, ErrSyntax
		case a.Is(i, "ENTRIESADDED"):
			if added, err = a.Int(i + 1); err != nil {
				return nil, err
			}
			if added < 0 {
				return nil, errEntriesAdded
			}
		case a.Is(i, "MAXDELETEDID"):
			if deleted, err = a.streamID(i+1, 0); err != nil {
				return nil, err
			}
			if id.before(deleted) {
				return nil, errSetIDDeleted
			}
		default:
			return nil, ErrSyntax
		}
	}
	s, err := typed[*stream](db, a[1])
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return nil, ErrNoSuchKey
	case s.length > 0 && id.before(s.newest()):
		return nil, errSetIDSmall
	case s.length > 0 && added != -1 && added < int64(s.length):
		return nil, errSetIDLength
	}
	s.last = id
	if added != -1 {
		s.added = added
	}
	if deleted != (streamID{}) {
		s.deleted = deleted
	}
	db.notify("xsetid", a[1])
	return ok, nil
}
