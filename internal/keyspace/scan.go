package keyspace

import (
	"math"
	"strconv"
	"strings"
)

var scanCommands = []Command{
	{"SCAN", -2, Read | Random, noKeys, scan},
	{"HSCAN", -3, Read | Random, oneKey, hscan},
	{"SSCAN", -3, Read | Random, oneKey, sscan},
	{"ZSCAN", -3, Read | Random, oneKey, zscan},
}

// scanWhole is how many elements a container may have for its scan to be a
// single reply, in order of insertion, as it is in Redis for what is small.
const scanWhole = 128

// scanQuery is what SCAN and its like are asked.
type scanQuery struct {
	cursor   uint64
	count    int
	pattern  *glob
	typeName *string // of which type, nil for any; only for SCAN
}

// parseScan reads the options that follow the cursor: TYPE only where typed is
// true.
func parseScan(cursor uint64, words Args, typed bool) (scanQuery, error) {
	q := scanQuery{cursor: cursor, count: 10}
	pattern := "*"
	for i := 0; i < len(words); i++ {
		word := strings.ToUpper(words[i])
		if i++; i == len(words) {
			return q, ErrSyntax
		}
		switch {
		case word == "COUNT":
			n, err := words.Int(i)
			if err != nil {
				return q, err
			}
			if n < 1 {
				return q, ErrSyntax
			}
			q.count = int(min(n, math.MaxInt32))
		case word == "MATCH":
			pattern = words[i]
		case word == "TYPE" && typed:
			q.typeName = &words[i]
		default:
			return q, ErrSyntax
		}
	}
	var err error
	q.pattern, err = parseGlob(pattern)
	return q, err
}

// wants reports whether an item is of the type that is asked for.
func (q *scanQuery) wants(it *item) bool {
	return q.typeName == nil || strings.EqualFold(*q.typeName, typeName(it.obj))
}

// parseCursor reads a cursor as C's strtoul does, for which a sign is fine and
// nothing is 0.
func parseCursor(s string) (uint64, error) {
	if s == "" {
		return 0, nil
	}
	digits := strings.TrimPrefix(s, "+")
	negative := digits == s && s[0] == '-'
	if negative {
		digits = s[1:]
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return 0, ErrInvalidCursor
	}
	if negative {
		n = -n
	}
	return n, nil
}

func scan(db *DB, a Args) (any, error) {
	cursor, err := parseCursor(a[1])
	if err != nil {
		return nil, err
	}
	q, err := parseScan(cursor, a[2:], true)
	if err != nil {
		return nil, err
	}
	keys := []string{}
	next := db.keys.scan(q.cursor, q.count, func(key string, it *item) {
		if db.alive(it) && q.pattern.match(key) && q.wants(it) {
			keys = append(keys, key)
		}
	})
	return Scan{next, keys}, nil
}

func hscan(db *DB, a Args) (any, error) {
	return scanKey(db, a, newHash, func(h *hash, q scanQuery) Scan {
		pairs := Pairs{}
		next := scanDict(&h.dict, q, func(field string, value *string) {
			pairs = append(pairs, field, *value)
		})
		return Scan{next, pairs}
	})
}

func sscan(db *DB, a Args) (any, error) {
	return scanKey(db, a, newSet, func(s *set, q scanQuery) Scan {
		members := []string{}
		next := scanDict(&s.dict, q, func(member string, _ *struct{}) {
			members = append(members, member)
		})
		return Scan{next, members}
	})
}

func zscan(db *DB, a Args) (any, error) {
	return scanKey(db, a, newZset, func(z *zset, q scanQuery) Scan {
		scores := Scores{}
		next := scanDict(&z.scores, q, func(member string, score *float64) {
			scores = append(scores, Scored{member, *score})
		})
		return Scan{next, scores}
	})
}

// scanKey scans the container at a[1] with fn, or where it is absent an empty
// one, whatever the options.
func scanKey[T comparable](db *DB, a Args, empty func() T, fn func(T, scanQuery) Scan) (any, error) {
	cursor, err := parseCursor(a[2])
	if err != nil {
		return nil, err
	}
	container, err := typed[T](db, a[1])
	if err != nil {
		return nil, err
	}
	if absent := *new(T); container == absent {
		return fn(empty(), scanQuery{}), nil
	}
	q, err := parseScan(cursor, a[3:], false)
	if err != nil {
		return nil, err
	}
	return fn(container, q), nil
}

// scanDict calls fn for the next entries of d that match and returns the
// cursor to go on with.
func scanDict[V any](d *dict[V], q scanQuery, fn func(key string, val *V)) uint64 {
	matching := func(key string, val *V) {
		if q.pattern.match(key) {
			fn(key, val)
		}
	}
	if d.len() > scanWhole {
		return d.scan(q.cursor, q.count, matching)
	}
	d.each(func(key string, val *V) bool {
		matching(key, val)
		return true
	})
	return 0
}
