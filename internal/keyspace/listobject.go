package keyspace

import (
	"math"
	"slices"
)

// The commands in this file are ours, not Redis's. Each does in one step, and
// rightly among equal elements, what Python's list does by index, and replies
// with the places it came to, which the caller cannot know from an index that
// counts from the end:
//
//	ZN.LSLICE key start stop step             l[start:stop:step]: place of the first, values
//	ZN.LSETSLICE key start stop step value …  l[start:stop:step] = values: place of the first, how many were replaced
//	ZN.LDEL key start stop step               del l[start:stop:step]: place of the first, how many
//	ZN.LDELAT key index …                     del l[index], all or none: the places, the lowest first
//	ZN.LSET key index value                   l[index] = value: the place
//	ZN.LINSERT key index value …              l.insert(index, value), in this order: place of the first
//	ZN.LPOP key index                         l.pop(index): place, value; nil where there is no such element
//	ZN.LSWAP key length known first count value …
//	                                          where l has that length and begins with the first known values,
//	                                          l[first:first+count] = the others: the new length; else nil
//
// Bounds of a slice are Python's: negative ones count from the end, none is out
// of range, and the empty string stands for one that is left out. A missing
// list is an empty one. ZN.LSWAP is for pieces of Segments: the known values are
// those that a change was worked out from, which others may have changed since.
// The empty string stands for any length.

// pySlice is a slice of a sequence: count places, from start on, step apart.
type pySlice struct{ start, count, step int }

// pySlice reads arguments i to i+2 as the bounds and the step of a slice of n
// elements.
func (a Args) pySlice(i, n int) (pySlice, error) {
	size, step := int64(n), int64(1)
	if a[i+2] != "" {
		var err error
		if step, err = a.Int(i + 2); err != nil {
			return pySlice{}, err
		}
		if step == 0 {
			return pySlice{}, errZeroStep
		}
	}
	// Backwards the first place is the last element's and the end lies before
	// the first's.
	low, high := int64(0), size
	start, stop := low, high
	if step < 0 {
		step = max(step, -math.MaxInt64)
		low, high = -1, size-1
		start, stop = high, low
	}
	for j, bound := range []*int64{&start, &stop} {
		if a[i+j] == "" {
			continue
		}
		v, err := a.Int(i + j)
		if err != nil {
			return pySlice{}, err
		}
		if v < 0 {
			v += size
		}
		*bound = min(max(v, low), high)
	}
	var count int64
	switch {
	case step > 0 && start < stop:
		count = (stop-start-1)/step + 1
	case step < 0 && start > stop:
		count = (start-stop-1)/-step + 1
	}
	return pySlice{int(start), int(count), int(step)}, nil
}

// place returns the k-th place of the slice.
func (s pySlice) place(k int) int { return s.start + k*s.step }

// values returns the strings of l at the places.
func (s pySlice) values(l *list) []string {
	switch s.step {
	case 1:
		return l.slice(s.start, s.start+s.count)
	case -1:
		values := l.slice(s.start-s.count+1, s.start+1)
		slices.Reverse(values)
		return values
	}
	values := make([]string, s.count)
	for k := range values {
		values[k] = l.at(s.place(k))
	}
	return values
}

// reply says where the slice begins and how long it is.
func (s pySlice) reply() any { return []any{intReply(s.start), intReply(s.count)} }

// places returns all places, the lowest first.
func (s pySlice) places() []int {
	places := make([]int, s.count)
	for k := range places {
		places[k] = s.place(k)
	}
	if s.step < 0 {
		slices.Reverse(places)
	}
	return places
}

func znSlice(db *DB, a Args) (any, error) {
	l, err := typed[*list](db, a[1])
	if err != nil {
		return nil, err
	}
	if l == nil {
		l = newList()
	}
	s, err := a.pySlice(2, l.len())
	if err != nil {
		return nil, err
	}
	return []any{intReply(s.start), s.values(l)}, nil
}

func znSetSlice(db *DB, a Args) (any, error) {
	l, err := typed[*list](db, a[1])
	if err != nil {
		return nil, err
	}
	absent := l == nil
	if absent {
		l = newList()
	}
	s, err := a.pySlice(2, l.len())
	if err != nil {
		return nil, err
	}
	values := a[5:]
	if s.step != 1 && s.count != len(values) {
		return nil, errSliceSize(len(values), s.count)
	}
	if s.count == 0 && len(values) == 0 {
		return s.reply(), nil
	}
	for k := range min(s.count, len(values)) {
		l.set(s.place(k), values[k])
	}
	l.remove(s.start+min(s.count, len(values)), s.start+s.count)
	for k := s.count; k < len(values); k++ {
		l.insert(s.start+k, values[k])
	}
	if absent {
		db.put(a[1], l)
	}
	db.changed("lset", a[1])
	db.dropIfEmpty(a[1], l.len())
	return s.reply(), nil
}

func znSet(db *DB, a Args) (any, error) {
	l, err := typed[*list](db, a[1])
	if err != nil {
		return nil, err
	}
	at, err := a.place(2, l)
	if err != nil {
		return nil, err
	}
	l.set(at, a[3])
	db.changed("lset", a[1])
	return intReply(at), nil
}

// place reads argument i as the index of an element of l, which must be there.
// A missing list, nil, has none.
func (a Args) place(i int, l *list) (int, error) {
	index, err := a.Int(i)
	if err != nil {
		return 0, err
	}
	if l == nil {
		return 0, ErrIndexRange
	}
	at, there := l.index(index)
	if !there {
		return 0, ErrIndexRange
	}
	return at, nil
}

func znInsert(db *DB, a Args) (any, error) {
	i, err := a.Int(2)
	if err != nil {
		return nil, err
	}
	l, err := orNew(db, a[1], newList)
	if err != nil {
		return nil, err
	}
	n := int64(l.len())
	if i < 0 {
		i += n
	}
	i = min(max(i, 0), n)
	for k, v := range a[3:] {
		l.insert(int(i)+k, v)
	}
	db.changed("linsert", a[1])
	return intReply(i), nil
}

func znPop(db *DB, a Args) (any, error) {
	i, err := a.Int(2)
	if err != nil {
		return nil, err
	}
	l, err := typed[*list](db, a[1])
	if err != nil || l == nil {
		return nil, err
	}
	at, there := l.index(i)
	if !there {
		return nil, nil
	}
	reply := []any{intReply(at), l.at(at)}
	l.remove(at, at+1)
	db.changed("lrem", a[1])
	db.dropIfEmpty(a[1], l.len())
	return reply, nil
}

func znDel(db *DB, a Args) (any, error) {
	l, err := typed[*list](db, a[1])
	if err != nil {
		return nil, err
	}
	if l == nil {
		l = newList()
	}
	s, err := a.pySlice(2, l.len())
	switch {
	case err != nil:
		return nil, err
	case s.count == 0:
		return s.reply(), nil
	case s.step == 1:
		l.remove(s.start, s.start+s.count)
	case s.step == -1:
		l.remove(s.start-s.count+1, s.start+1)
	default:
		l.removeAll(s.places())
	}
	db.changed("lrem", a[1])
	db.dropIfEmpty(a[1], l.len())
	return s.reply(), nil
}

func znDelAt(db *DB, a Args) (any, error) {
	l, err := typed[*list](db, a[1])
	if err != nil {
		return nil, err
	}
	places := make([]int, len(a)-2)
	for k := range places {
		if places[k], err = a.place(2+k, l); err != nil {
			return nil, err
		}
	}
	slices.Sort(places)
	places = slices.Compact(places)
	reply := make([]any, len(places))
	for k, at := range places {
		reply[k] = intReply(at)
	}
	l.removeAll(places)
	db.changed("lrem", a[1])
	db.dropIfEmpty(a[1], l.len())
	return reply, nil
}

func znSwap(db *DB, a Args) (any, error) {
	l, err := typed[*list](db, a[1])
	if err != nil {
		return nil, err
	}
	absent := l == nil
	if absent {
		l = newList()
	}
	known, err := a.Int(3)
	if err != nil {
		return nil, err
	}
	first, count, err := a.ints(4, 5)
	if err != nil {
		return nil, err
	}
	values := a[6:]
	if known < 0 || known > int64(len(values)) || first < 0 || count < 0 || first > known-count {
		return nil, ErrIndexRange
	}
	if a[2] != "" {
		length, err := a.Int(2)
		if err != nil || length != int64(l.len()) {
			return nil, err
		}
	}
	if !l.beginsWith(values[:known]) {
		return nil, nil
	}
	values = values[known:]
	if count == 0 && len(values) == 0 {
		return intReply(l.len()), nil
	}
	l.remove(int(first), int(first+count))
	for k, v := range values {
		l.insert(int(first)+k, v)
	}
	if absent {
		db.put(a[1], l)
	}
	db.changed("lset", a[1])
	db.dropIfEmpty(a[1], l.len())
	return intReply(l.len()), nil
}

func (l *list) beginsWith(values []string) bool {
	if len(values) > l.len() {
		return false
	}
	for i, v := range l.ascend(0) {
		if i == len(values) {
			break
		}
		if v != values[i] {
			return false
		}
	}
	return true
}
