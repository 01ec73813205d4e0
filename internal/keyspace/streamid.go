package keyspace

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// streamID is the ID of an entry of a stream: a time in Unix milliseconds, and a
// number among the entries of that time.
type streamID struct{ ms, seq uint64 }

var maxStreamID = streamID{math.MaxUint64, math.MaxUint64}

func (id streamID) compare(other streamID) int {
	if id.ms != other.ms {
		return cmp.Compare(id.ms, other.ms)
	}
	return cmp.Compare(id.seq, other.seq)
}

func (id streamID) before(other streamID) bool { return id.compare(other) < 0 }

func (id streamID) String() string {
	var buf [2*20 + 1]byte
	text := append(strconv.AppendUint(buf[:0], id.ms, 10), '-')
	return string(strconv.AppendUint(text, id.seq, 10))
}

// next returns the ID that follows; it is not ok where there is none.
func (id streamID) next() (_ streamID, ok bool) {
	if id.seq < math.MaxUint64 {
		return streamID{id.ms, id.seq + 1}, true
	}
	return streamID{id.ms + 1, 0}, id.ms < math.MaxUint64
}

// previous returns the ID before; it is not ok where there is none.
func (id streamID) previous() (_ streamID, ok bool) {
	if id.seq > 0 {
		return streamID{id.ms, id.seq - 1}, true
	}
	return streamID{id.ms - 1, math.MaxUint64}, id.ms > 0
}

// longestStreamID is more than any ID needs: space and zeros may stand before the
// numbers.
const longestStreamID = 127

// streamID reads argument i as an ID. Of one that is only a time the number is
// seq.
func (a Args) streamID(i int, seq uint64) (streamID, error) {
	id, _, err := parseStreamID(a[i], seq, false)
	return id, err
}

// streamIDs reads all arguments from i on as IDs.
func (a Args) streamIDs(i int) ([]streamID, error) {
	ids := make([]streamID, len(a)-i)
	for k := range ids {
		var err error
		if ids[k], err = a.streamID(i+k, 0); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// parseStreamID reads an ID. The number may be "*" where open is true: it is then
// still to be found.
func parseStreamID(s string, seq uint64, open bool) (id streamID, isOpen bool, err error) {
	if len(s) > longestStreamID {
		return id, false, errStreamID
	}
	s, _, _ = strings.Cut(s, "\x00") // it is a C string to Redis
	ms, number, both := strings.Cut(s, "-")
	var ok bool
	if id.ms, ok = strtoull(ms); !ok {
		return id, false, errStreamID
	}
	switch {
	case !both:
		id.seq = seq
	case open && number == "*":
		return id, true, nil
	default:
		if id.seq, ok = strtoull(number); !ok {
			return id, false, errStreamID
		}
	}
	return id, false, nil
}

// strtoull reads an integer as C does, where IDs are laxer than Args.Int: space
// and a sign before it are right. A negative one is refused where an int64 can
// hold it, and otherwise counts down from the highest.
func strtoull(s string) (uint64, bool) {
	if n, err := parseInt(s); err == nil {
		return uint64(n), n >= 0
	}
	digits := strings.TrimLeft(s, " \t\n\v\f\r")
	digits, negative := strings.CutPrefix(digits, "-")
	if !negative {
		digits = strings.TrimPrefix(digits, "+")
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if negative {
		n = -n
	}
	return n, err == nil
}

// rangeStart reads argument i as the begin of a range: "-", "+", or an ID, with
// "(" before it where it is outside.
func (a Args) rangeStart(i int) (streamID, error) {
	id, exclusive, err := parseBoundID(a[i], 0)
	if err != nil || !exclusive {
		return id, err
	}
	id, ok := id.next()
	if !ok {
		return id, errStartID
	}
	return id, nil
}

// rangeEnd is rangeStart for the end, for which a time alone is all of it.
func (a Args) rangeEnd(i int) (streamID, error) {
	id, exclusive, err := parseBoundID(a[i], math.MaxUint64)
	if err != nil || !exclusive {
		return id, err
	}
	id, ok := id.previous()
	if !ok {
		return id, errEndID
	}
	return id, nil
}

func parseBoundID(s string, seq uint64) (id streamID, exclusive bool, err error) {
	if s, exclusive := strings.CutPrefix(s, "("); exclusive {
		id, _, err = parseStreamID(s, seq, false)
		return id, true, err
	}
	id, err = parseLaxStreamID(s, seq)
	return id, false, err
}

// parseLaxStreamID reads an ID, or "-" and "+", which are the lowest and the
// highest.
func parseLaxStreamID(s string, seq uint64) (streamID, error) {
	switch s {
	case "-":
		return streamID{}, nil
	case "+":
		return maxStreamID, nil
	}
	id, _, err := parseStreamID(s, seq, false)
	return id, err
}
