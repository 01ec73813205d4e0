package keyspace

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

var sortCommands = []Command{
	{"SORT", -2, Read | Write, KeySpec{First: 1, Last: 1, Step: 1, Store: 2}, sortKey(false)},
	{"SORT_RO", -2, Read, oneKey, sortKey(true)},
}

// sortMax is how many elements a SORT with several patterns gives at most: few words
// ask for many, and they are all built in memory.
const sortMax = 1 << 24

// sortQuery is what SORT is asked.
type sortQuery struct {
	desc, alpha   bool
	asTheyAre     bool // a BY without * says so
	by            *sortPattern
	get           []sortPattern
	offset, limit int64
	store         *string
}

// sortPattern says where to look for each element: at the key that has the element
// in place of *, or in a field there.
type sortPattern struct {
	itself         bool // # is the element
	constant       bool // there is no *, and nothing is found
	before, behind string
	field          string
	inHash         bool
}

// parseSortPattern reads a pattern such as "weight_*" or "person_*->name". A byte 0
// ends it for all that is looked for in it.
func parseSortPattern(s string) sortPattern {
	text, _, _ := strings.Cut(s, "\x00")
	star := strings.IndexByte(text, '*')
	if star < 0 {
		return sortPattern{itself: s == "#", constant: true}
	}
	p := sortPattern{before: s[:star], behind: s[star+1:]}
	if arrow := strings.Index(text[star+1:], "->"); arrow >= 0 && star+1+arrow+2 < len(text) {
		p.behind, p.field, p.inHash = p.behind[:arrow], p.behind[arrow+2:], true
	}
	return p
}

// find returns what the pattern finds for an element.
func (p *sortPattern) find(db *DB, element string) (string, bool) {
	switch {
	case p.itself:
		return element, true
	case p.constant:
		return "", false
	}
	key := p.before + element + p.behind
	if p.inHash {
		value, err := db.field(key, p.field)
		if err != nil || value == nil {
			return "", false
		}
		return *value, true
	}
	s, found, err := stringAt(db, key)
	return s, found && err == nil
}

func (a Args) sortQuery(readOnly bool) (q sortQuery, err error) {
	q.limit = -1
	for i := 2; i < len(a); i++ {
		left := len(a) - i - 1
		switch {
		case a.Is(i, "ASC"):
			q.desc = false
		case a.Is(i, "DESC"):
			q.desc = true
		case a.Is(i, "ALPHA"):
			q.alpha = true
		case a.Is(i, "LIMIT") && left >= 2:
			if q.offset, q.limit, err = a.ints(i+1, i+2); err != nil {
				return q, err
			}
			i += 2
		case a.Is(i, "STORE") && left >= 1 && !readOnly:
			i++
			q.store = &a[i]
		case a.Is(i, "BY") && left >= 1:
			i++
			p := parseSortPattern(a[i])
			q.by = &p
			q.asTheyAre = q.asTheyAre || p.constant
		case a.Is(i, "GET") && left >= 1:
			i++
			q.get = append(q.get, parseSortPattern(a[i]))
		default:
			return q, ErrSyntax
		}
	}
	return q, nil
}

// cut returns which of n elements are asked for, from lo up to hi.
func (q *sortQuery) cut(n int) (lo, hi int) {
	size := int64(n)
	from := min(max(q.offset, 0), size)
	if q.limit < 0 {
		return int(from), n
	}
	return int(from), int(min(from+min(q.limit, size), size))
}

func sortKey(readOnly bool) handler {
	return func(db *DB, a Args) (any, error) {
		q, err := a.sortQuery(readOnly)
		if err != nil {
			return nil, err
		}
		elements, err := q.elements(db, a[1])
		if z, isZset := db.get(a[1]).(*zset); isZset && !readOnly && !z.skiplist {
			z.skiplist = true // as it is in Redis from then on
			db.noted()
		}
		if err != nil {
			return nil, err
		}
		if n := len(elements); len(q.get) > 1 && n > sortMax/len(q.get) {
			return nil, Error(fmt.Sprintf(errSortSize, n, len(q.get), sortMax))
		}
		return q.answer(db, elements), nil
	}
}

// elements returns those of the container at key that are asked for, in order.
func (q *sortQuery) elements(db *DB, key string) ([]string, error) {
	var all []string
	isList := false
	switch v := db.get(key).(type) {
	case nil:
		return nil, nil
	case *list:
		isList = true
		all = v.slice(0, v.len())
	case *set:
		all = v.members()
		if v.allInts() {
			slices.SortFunc(all, compareInts)
		}
		// What is stored is to be the same wherever it comes from.
		if q.asTheyAre && q.store != nil {
			q.asTheyAre, q.alpha, q.by = false, true, nil
		}
	case *zset:
		lo, hi := 0, v.len()
		if q.asTheyAre {
			if lo, hi = q.cut(hi); q.desc {
				lo, hi = v.len()-hi, v.len()-lo
			}
			return v.slice(lo, hi, q.desc).reply(false).([]string), nil
		}
		all = v.slice(lo, hi, false).reply(false).([]string)
	default:
		return nil, ErrWrongType
	}
	lo, hi := q.cut(len(all))
	if q.asTheyAre {
		if isList && q.desc {
			slices.Reverse(all)
		}
		return all[lo:hi], nil
	}
	return q.sorted(db, all, lo, hi)
}

// sortable is an element with what it is compared by.
type sortable struct {
	element string
	text    string
	found   bool // text is: what a pattern does not find comes first
	score   float64
}

// sorted returns the elements from lo up to hi of all when sorted.
func (q *sortQuery) sorted(db *DB, all []string, lo, hi int) ([]string, error) {
	items := make([]sortable, len(all))
	for i, element := range all {
		it := sortable{element: element, text: element, found: true}
		if q.by != nil {
			it.text, it.found = q.by.find(db, element)
		}
		if !q.alpha && it.found {
			var ok bool
			if it.score, ok = sortScore(it.text); !ok {
				return nil, errSortScore
			}
		}
		items[i] = it
	}
	from, to := 0, len(items)
	if q.by != nil {
		from, to = lo, hi
	}
	sortPart(items, from, to, q.compare)
	elements := make([]string, hi-lo)
	for i := range elements {
		elements[i] = items[lo+i].element
	}
	return elements, nil
}

func (q *sortQuery) compare(x, y *sortable) (c int) {
	switch {
	case !q.alpha:
		if c = cmp.Compare(x.score, y.score); c == 0 {
			c = cmp.Compare(x.element, y.element)
		}
	case !x.found || !y.found:
		switch {
		case x.found:
			c = 1
		case y.found:
			c = -1
		}
	case q.store != nil:
		c = cmp.Compare(x.text, y.text)
	default:
		c = compareTexts(x.text, y.text)
	}
	if q.desc {
		return -c
	}
	return c
}

// compareTexts compares as C does, to which a byte 0 is the end.
func compareTexts(x, y string) int {
	x, _, _ = strings.Cut(x, "\x00")
	y, _, _ = strings.Cut(y, "\x00")
	return cmp.Compare(x, y)
}

func compareInts(x, y string) int {
	m, _ := parseInt(x)
	n, _ := parseInt(y)
	return cmp.Compare(m, n)
}

// sortScore reads a number as C does, up to a byte 0. What a float64 cannot hold is
// none.
func sortScore(s string) (float64, bool) {
	s, _, _ = strings.Cut(s, "\x00")
	f, ok := strtod(s)
	switch {
	case math.IsInf(f, 0):
		ok = ok && !strings.ContainsAny(s, "0123456789")
	case f == 0:
		ok = ok && !nonzero(s)
	}
	return f, ok
}

// answer replies with the elements or what the patterns find for them, or stores it.
func (q *sortQuery) answer(db *DB, elements []string) any {
	if q.store == nil {
		if len(q.get) == 0 {
			return slices.Concat([]string{}, elements)
		}
		reply := make([]any, 0, len(elements)*len(q.get))
		for _, element := range elements {
			for i := range q.get {
				if s, found := q.get[i].find(db, element); found {
					reply = append(reply, s)
				} else {
					reply = append(reply, nil)
				}
			}
		}
		return reply
	}
	result := newList()
	for _, element := range elements {
		if len(q.get) == 0 {
			result.push(tail, element)
		}
		for i := range q.get {
			s, _ := q.get[i].find(db, element)
			result.push(tail, s)
		}
	}
	db.store("sortstore", *q.store, result, result.len())
	return intReply(result.len())
}
