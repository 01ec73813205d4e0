package keyspace

import "slices"

func llen(db *DB, a Args) (any, error) {
	l, err := typed[*list](db, a[1])
	if err != nil || l == nil {
		return zero, err
	}
	return intReply(l.len()), nil
}

// index turns i, which counts from the end where it is negative, into a place;
// ok is false where there is no such element.
func (l *list) index(i int64) (place int, ok bool) {
	n := int64(l.len())
	if i < 0 {
		i += n
	}
	return int(i), i >= 0 && i < n
}

// placeRange turns start and stop as LRANGE and ZRANGE have them, both included
// and counted from the end of n elements where negative, into the places from
// lo up to hi. Where nothing lies between them, lo and hi are the same.
func placeRange(start, stop int64, n int) (lo, hi int) {
	size := int64(n)
	if start < 0 {
		start = max(start+size, 0)
	}
	if stop < 0 {
		stop += size
	}
	if start > stop || start >= size {
		return 0, 0
	}
	return int(start), int(min(stop, size-1)) + 1
}

func lindex(db *DB, a Args) (any, error) {
	l, err := typed[*list](db, a[1])
	if err != nil || l == nil {
		return nil, err
	}
	i, err := a.Int(2)
	if err != nil {
		return nil, err
	}
	if at, ok := l.index(i); ok {
		return l.at(at), nil
	}
	return nil, nil
}

func lset(db *DB, a Args) (any, error) {
	l, err := typed[*list](db, a[1])
	switch {
	case err != nil:
		return nil, err
	case l == nil:
		return nil, ErrNoSuchKey
	}
	i, err := a.Int(2)
	if err != nil {
		return nil, err
	}
	at, there := l.index(i)
	if !there {
		return nil, ErrIndexRange
	}
	l.set(at, a[3])
	db.changed("lset", a[1])
	return ok, nil
}

func lrange(db *DB, a Args) (any, error) {
	start, stop, err := a.ints(2, 3)
	if err != nil {
		return nil, err
	}
	l, err := typed[*list](db, a[1])
	switch {
	case err != nil:
		return nil, err
	case l == nil:
		return []string{}, nil
	}
	return l.slice(placeRange(start, stop, l.len())), nil
}

func ltrim(db *DB, a Args) (any, error) {
	start, stop, err := a.ints(2, 3)
	if err != nil {
		return nil, err
	}
	l, err := typed[*list](db, a[1])
	switch {
	case err != nil:
		return nil, err
	case l == nil:
		return ok, nil
	}
	lo, hi := placeRange(start, stop, l.len())
	l.remove(hi, l.len())
	l.remove(0, lo)
	db.changed("ltrim", a[1])
	db.dropIfEmpty(a[1], l.len())
	return ok, nil
}

func linsert(db *DB, a Args) (any, error) {
	after := a.Is(2, "AFTER")
	if !after && !a.Is(2, "BEFORE") {
		return nil, ErrSyntax
	}
	l, err := typed[*list](db, a[1])
	if err != nil || l == nil {
		return zero, err
	}
	for i, v := range l.ascend(0) {
		if v != a[3] {
			continue
		}
		if after {
			i++
		}
		l.insert(i, a[4])
		db.changed("linsert", a[1])
		return intReply(l.len()), nil
	}
	return int64(-1), nil
}

func lrem(db *DB, a Args) (any, error) {
	count, err := a.Int(2)
	if err != nil {
		return nil, err
	}
	l, err := typed[*list](db, a[1])
	if err != nil || l == nil {
		return zero, err
	}
	rank := int64(1)
	if count < 0 {
		rank, count = -1, -count
	}
	places := l.search(a[3], rank, count, 0)
	if len(places) == 0 {
		return zero, nil
	}
	if rank < 0 {
		slices.Reverse(places)
	}
	l.removeAll(places)
	db.changed("lrem", a[1])
	db.dropIfEmpty(a[1], l.len())
	return intReply(len(places)), nil
}

// search returns the places of v: from the rank-th occurrence on, counted from
// the end and going backwards where rank is negative; up to count of them and
// looking at up to maxLen elements, where 0 is no limit.
func (l *list) search(v string, rank, count, maxLen int64) []int {
	elements := l.ascend(0)
	if rank < 0 {
		rank, elements = -rank, l.descend(l.len()-1)
	}
	var places []int
	var seen, matches int64
	for i, e := range elements {
		if e == v {
			if matches++; matches >= rank {
				places = append(places, i)
				if count > 0 && matches-rank+1 >= count {
					break
				}
			}
		}
		if seen++; seen == maxLen {
			break
		}
	}
	return places
}

func lpos(db *DB, a Args) (any, error) {
	rank, count, maxLen := int64(1), int64(-1), int64(0)
	for i := 3; i < len(a); i += 2 {
		var err error
		switch {
		case i+1 == len(a):
			err = ErrSyntax
		case a.Is(i, "RANK"):
			if rank, err = a.Int(i + 1); rank == 0 && err == nil {
				err = errRankZero
			}
		case a.Is(i, "COUNT"):
			count, err = a.atLeast(0, i+1, errCountNegative)
		case a.Is(i, "MAXLEN"):
			maxLen, err = a.atLeast(0, i+1, errMaxLenNegative)
		default:
			err = ErrSyntax
		}
		if err != nil {
			return nil, err
		}
	}
	l, err := typed[*list](db, a[1])
	switch {
	case err != nil:
		return nil, err
	case l == nil && count >= 0:
		return []any{}, nil
	case l == nil:
		return nil, nil
	case count < 0:
		if places := l.search(a[2], rank, 1, maxLen); len(places) > 0 {
			return intReply(places[0]), nil
		}
		return nil, nil
	}
	reply := []any{}
	for _, at := range l.search(a[2], rank, count, maxLen) {
		reply = append(reply, intReply(at))
	}
	return reply, nil
}
