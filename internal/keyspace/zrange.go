package keyspace

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// rangeKind says what the bounds of a range are.
type rangeKind int

const (
	anyRange rangeKind = iota // ranks, unless an option says otherwise
	rankRange
	scoreRange
	lexRange
)

// ranks turns a range that was read from arguments into the ranks of z from lo
// up to hi.
type ranks func(z *zset) (lo, hi int)

// ranks reads arguments i and j as the lower and the upper bound of a range.
func (a Args) ranks(kind rangeKind, i, j int) (ranks, error) {
	var low, high bound
	switch kind {
	case scoreRange:
		var okLow, okHigh bool
		low, okLow = scoreBound(a[i])
		high, okHigh = scoreBound(a[j])
		if !okLow || !okHigh {
			return nil, errScoreRange
		}
	case lexRange:
		var okLow, okHigh bool
		low, okLow = lexBound(a[i])
		high, okHigh = lexBound(a[j])
		if !okLow || !okHigh {
			return nil, errLexRange
		}
	default:
		start, stop, err := a.ints(i, j)
		return func(z *zset) (int, int) { return placeRange(start, stop, z.len()) }, err
	}
	return func(z *zset) (lo, hi int) {
		lo = z.search(func(it Scored) bool { return !low.above(it) })
		hi = z.search(high.below)
		return lo, max(lo, hi)
	}, nil
}

// bound is one end of a range by score or by text: compare says on which side of
// it a member lies, and exclusive that one on it is outside.
type bound struct {
	compare   func(it Scored) int
	exclusive bool
}

// above reports whether b, as the lower bound, shuts it out.
func (b bound) above(it Scored) bool {
	c := b.compare(it)
	return c < 0 || c == 0 && b.exclusive
}

// below reports whether b, as the upper bound, shuts it out.
func (b bound) below(it Scored) bool {
	c := b.compare(it)
	return c > 0 || c == 0 && b.exclusive
}

// scoreBound reads a score with "(" before it where it is exclusive.
func scoreBound(s string) (bound, bool) {
	s, exclusive := strings.CutPrefix(s, "(")
	score, ok := strtod(s)
	return bound{func(it Scored) int { return cmp.Compare(it.Score, score) }, exclusive}, ok
}

// strtod reads a number as C does, where the bounds of scores are laxer than
// Args.Float: space before it, hexadecimal and too large ones are right, and an
// empty text is 0.
func strtod(s string) (float64, bool) {
	if s == "" {
		return 0, true
	}
	s = strings.ToLower(strings.TrimLeft(s, " \t\n\v\f\r"))
	if strings.Contains(s, "0x") && !strings.Contains(s, "p") {
		s += "p0"
	}
	f, err := strconv.ParseFloat(s, 64)
	inRange := err == nil || math.IsInf(f, 0)
	return f, inRange && !math.IsNaN(f) && !strings.Contains(s, "_")
}

// lexBound reads "-" or "+", which lie before and after every text, or a text
// with "[" before it, or "(" where it is exclusive.
func lexBound(s string) (bound, bool) {
	switch {
	case s == "-":
		return bound{compare: func(Scored) int { return 1 }}, true
	case s == "+":
		return bound{compare: func(Scored) int { return -1 }}, true
	case s == "" || s[0] != '[' && s[0] != '(':
		return bound{}, false
	}
	text := s[1:]
	return bound{func(it Scored) int { return cmp.Compare(it.Member, text) }, s[0] == '('}, true
}

// rangeQuery is what ZRANGE and its kin ask for.
type rangeQuery struct {
	ranks         ranks
	reverse       bool
	withScores    bool
	limited       bool
	offset, limit int64
}

// rangeQuery reads the bounds at arguments i and i+1 and the options that
// follow. kind and reverse are what the command's name says already.
func (a Args) rangeQuery(i int, kind rangeKind, reverse, store bool) (q rangeQuery, err error) {
	general := kind == anyRange
	q = rangeQuery{reverse: reverse, limit: -1}
	for j := i + 2; j < len(a); j++ {
		switch {
		case a.Is(j, "WITHSCORES") && !store:
			q.withScores = true
		case a.Is(j, "LIMIT") && j+2 < len(a):
			if q.offset, q.limit, err = a.ints(j+1, j+2); err != nil {
				return q, err
			}
			j += 2
		case a.Is(j, "REV") && general && !q.reverse:
			q.reverse = true
		case a.Is(j, "BYLEX") && kind == anyRange:
			kind = lexRange
		case a.Is(j, "BYSCORE") && kind == anyRange:
			kind = scoreRange
		default:
			return q, ErrSyntax
		}
	}
	byRank := kind == anyRange || kind == rankRange
	switch {
	case byRank && q.limit != -1:
		return q, errLimitByRank
	case kind == lexRange && q.withScores:
		return q, errWithScoresByLex
	}
	q.limited = !byRank
	low, high := i, i+1
	if q.reverse && !byRank {
		low, high = high, low
	}
	q.ranks, err = a.ranks(kind, low, high)
	if err == nil && q.reverse && byRank {
		q.ranks = q.ranks.mirrored()
	}
	return q, err
}

// mirrored counts ranks from the highest.
func (r ranks) mirrored() ranks {
	return func(z *zset) (int, int) {
		lo, hi := r(z)
		return z.len() - hi, z.len() - lo
	}
}

// run returns what q asks for of z, in order.
func (q rangeQuery) run(z *zset) Scores {
	lo, hi := q.ranks(z)
	if q.limited {
		n := int64(hi - lo)
		if q.offset < 0 || q.offset >= n {
			return Scores{}
		}
		n -= q.offset
		if q.limit >= 0 {
			n = min(n, q.limit)
		}
		if q.reverse {
			hi -= int(q.offset)
			lo = hi - int(n)
		} else {
			lo += int(q.offset)
			hi = lo + int(n)
		}
	}
	return z.slice(lo, hi, q.reverse)
}

// reply is s as a command answers it, with the scores or without.
func (s Scores) reply(withScores bool) any {
	if withScores {
		return s
	}
	members := make([]string, len(s))
	for i, it := range s {
		members[i] = it.Member
	}
	return members
}

func zrange(kind rangeKind, reverse bool) handler {
	return func(db *DB, a Args) (any, error) {
		q, err := a.rangeQuery(2, kind, reverse, false)
		if err != nil {
			return nil, err
		}
		z, err := typed[*zset](db, a[1])
		if err != nil || z == nil {
			return []string{}, err
		}
		return q.run(z).reply(q.withScores), nil
	}
}

func zrangestore(db *DB, a Args) (any, error) {
	q, err := a.rangeQuery(3, anyRange, false, true)
	if err != nil {
		return nil, err
	}
	z, err := typed[*zset](db, a[2])
	if err != nil {
		return nil, err
	}
	var found Scores
	if z != nil {
		found = q.run(z)
	}
	return db.storeScores("zrangestore", a[1], found), nil
}

// storeScores makes a sorted set of members at dst and returns how many there
// are.
func (db *DB) storeScores(event, dst string, members Scores) any {
	z := newZset()
	for _, m := range members {
		z.put(m.Member, m.Score)
	}
	db.store(event, dst, z, z.len())
	return intReply(z.len())
}

func zcount(kind rangeKind) handler {
	return func(db *DB, a Args) (any, error) {
		ranks, err := a.ranks(kind, 2, 3)
		if err != nil {
			return nil, err
		}
		z, err := typed[*zset](db, a[1])
		if err != nil || z == nil {
			return zero, err
		}
		lo, hi := ranks(z)
		return intReply(hi - lo), nil
	}
}

func zremrange(event string, kind rangeKind) handler {
	return func(db *DB, a Args) (any, error) {
		ranks, err := a.ranks(kind, 2, 3)
		if err != nil {
			return nil, err
		}
		z, err := typed[*zset](db, a[1])
		if err != nil || z == nil {
			return zero, err
		}
		removed := z.cut(ranks(z))
		if len(removed) > 0 {
			db.changed(event, a[1])
			db.dropIfEmpty(a[1], z.len())
		}
		return intReply(len(removed)), nil
	}
}
