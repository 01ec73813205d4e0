package keyspace

import "math"

// streamOptions are those of XADD and XTRIM.
type streamOptions struct {
	trim   trim
	noMake bool

	// Which ID XADD is to give: one by the clock unless it is given, and where it is
	// open only the time of it.
	given, open bool
	id          streamID
}

// trim says which entries are to go from the begin of a stream.
type trim struct {
	by     trimBy
	about  bool // only whole chunks go
	limit  int64
	maxLen int64
	minID  streamID
}

type trimBy int

const (
	byNothing trimBy = iota
	byLength
	byID
)

// trimLimit is how many entries go at once where "~" is said and no limit.
const trimLimit = 100 * nodeEntries

// streamOptions reads the options of XADD, which end with the ID at argument i, or
// those of XTRIM.
func (a Args) streamOptions(add bool) (o streamOptions, i int, err error) {
	limit := int64(-1)
options:
	for i = 2; i < len(a); i++ {
		more := len(a) - 1 - i
		switch {
		case add && a[i] == "*":
			break options
		case more > 0 && (a.Is(i, "MAXLEN") || a.Is(i, "MINID")):
			if i, err = o.trim.read(a, i); err != nil {
				return o, i, err
			}
		case more > 0 && a.Is(i, "LIMIT"):
			i++
			if limit, err = a.Int(i); err != nil {
				return o, i, err
			}
			if limit < 0 {
				return o, i, errTrimLimit
			}
		case !add:
			return o, i, ErrSyntax
		case a.Is(i, "NOMKSTREAM"):
			o.noMake = true
		default:
			o.id, o.open, err = parseStreamID(a[i], 0, true)
			if err != nil {
				return o, i, err
			}
			o.given = true
			break options
		}
	}
	switch {
	case limit > 0 && o.trim.by == byNothing:
		return o, i, errLimitAlone
	case !add && o.trim.by == byNothing:
		return o, i, errNoStrategy
	case limit >= 0 && !o.trim.about:
		return o, i, errLimitExact
	case limit >= 0:
		o.trim.limit = limit
	case o.trim.about:
		o.trim.limit = trimLimit
	}
	return o, i, nil
}

// read reads the option at argument i and returns where it ends.
func (t *trim) read(a Args, i int) (int, error) {
	if t.by != byNothing {
		return i, errBothStrategies
	}
	t.by = byID
	if a.Is(i, "MAXLEN") {
		t.by = byLength
	}
	i++
	if i+1 < len(a) && (a[i] == "~" || a[i] == "=") {
		t.about = a[i] == "~"
		i++
	}
	var err error
	if t.by == byID {
		t.minID, err = a.streamID(i, 0)
		return i, err
	}
	t.maxLen, err = a.Int(i)
	if err == nil && t.maxLen < 0 {
		err = errMaxLen
	}
	return i, err
}

// trim removes what t says and returns how many entries that were.
func (s *stream) trim(t trim) (removed int) {
	limit := t.limit
	if limit == 0 {
		limit = math.MaxInt64
	}
	for t.by != byNothing {
		n, there := s.chunks.Min()
		if !there || t.by == byLength && int64(s.length) <= t.maxLen || int64(removed+len(n.entries)) > limit {
			break
		}
		part := t.part(s, n.chunk)
		whole := part == len(n.entries) && (t.by == byLength || n.last.before(t.minID))
		switch {
		case whole:
			s.chunks.PopMin()
		case t.about:
			return removed
		default:
			s.own(n).cut(part)
		}
		s.length -= part
		removed += part
		if !whole {
			break
		}
	}
	return removed
}

// part returns how many entries of the first chunk are to go.
func (t trim) part(s *stream, first *chunk) int {
	if t.by == byID {
		return first.search(t.minID)
	}
	return int(min(int64(s.length)-t.maxLen, int64(len(first.entries))))
}

func xtrim(db *DB, a Args) (any, error) {
	o, _, err := a.streamOptions(false)
	if err != nil {
		return nil, err
	}
	s, err := typed[*stream](db, a[1])
	if err != nil || s == nil {
		return zero, err
	}
	chunks := s.chunks.Len()
	removed := s.trim(o.trim)
	if s.chunks.Len() != chunks { // one without entries may have gone
		db.noted()
	}
	if removed > 0 {
		db.changed("xtrim", a[1])
	}
	return intReply(removed), nil
}
