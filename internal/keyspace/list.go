package keyspace

import "slices"

// list is what a list key holds.
type list struct {
	sequence
	version
}

func newList() *list { return &list{} }

func (l *list) clone() any       { return &list{sequence: l.sequence.clone()} }
func (l *list) size() int        { return l.len() }
func (l *list) typeName() string { return "list" }

// The commands of lists: at the ends here, by index and value in listindex.go,
// and those that only our List object knows in listobject.go.
var listCommands = []Command{
	{"LPUSH", -3, Write, oneKey, push(head, false)},
	{"RPUSH", -3, Write, oneKey, push(tail, false)},
	{"LPUSHX", -3, Write, oneKey, push(head, true)},
	{"RPUSHX", -3, Write, oneKey, push(tail, true)},
	{"LPOP", -2, Write, oneKey, pop(head)},
	{"RPOP", -2, Write, oneKey, pop(tail)},
	{"LMPOP", -4, Write, numKeys1, lmpop},
	{"LMOVE", 5, Write, twoKeys, lmove},
	{"RPOPLPUSH", 3, Write, twoKeys, rpoplpush},

	{"LLEN", 2, Read, oneKey, llen},
	{"LINDEX", 3, Read, oneKey, lindex},
	{"LRANGE", 4, Read, oneKey, lrange},
	{"LPOS", -3, Read, oneKey, lpos},
	{"LSET", 4, Write, oneKey, lset},
	{"LINSERT", 5, Write, oneKey, linsert},
	{"LREM", 4, Write, oneKey, lrem},
	{"LTRIM", 4, Write, oneKey, ltrim},

	{"ZN.LSLICE", 5, Read | Internal, oneKey, znSlice},
	{"ZN.LSETSLICE", -5, Write | Internal, oneKey, znSetSlice},
	{"ZN.LSET", 4, Write | Internal, oneKey, znSet},
	{"ZN.LINSERT", -4, Write | Internal, oneKey, znInsert},
	{"ZN.LPOP", 3, Write | Internal, oneKey, znPop},
	{"ZN.LDEL", 5, Write | Internal, oneKey, znDel},
	{"ZN.LDELAT", -3, Write | Internal, oneKey, znDelAt},
	{"ZN.LSWAP", -6, Write | Internal, oneKey, znSwap},
}

// side is an end of a list.
type side bool

const (
	head side = false
	tail side = true
)

func (s side) pushEvent() string {
	if s == head {
		return "lpush"
	}
	return "rpush"
}

func (s side) popEvent() string {
	if s == head {
		return "lpop"
	}
	return "rpop"
}

// side reads argument i as LEFT or RIGHT.
func (a Args) side(i int) (side, error) {
	switch {
	case a.Is(i, "LEFT"):
		return head, nil
	case a.Is(i, "RIGHT"):
		return tail, nil
	}
	return head, ErrSyntax
}

func (l *list) push(to side, v string) {
	if to == head {
		l.insert(0, v)
	} else {
		l.insert(l.len(), v)
	}
}

// pop removes up to count elements and returns them, the outermost first.
func (l *list) pop(from side, count int64) []string {
	n := l.len()
	k := int(min(count, int64(n)))
	if from == head {
		popped := l.slice(0, k)
		l.remove(0, k)
		return popped
	}
	popped := l.slice(n-k, n)
	l.remove(n-k, n)
	slices.Reverse(popped)
	return popped
}

// popList is pop on the list at key, with all that follows from it.
func (db *DB) popList(key string, l *list, from side, count int64) []string {
	popped := l.pop(from, count)
	db.changed(from.popEvent(), key)
	db.dropIfEmpty(key, l.len())
	return popped
}

func push(to side, existing bool) handler {
	return func(db *DB, a Args) (any, error) {
		l, err := typed[*list](db, a[1])
		if err != nil {
			return nil, err
		}
		if l == nil {
			if existing {
				return zero, nil
			}
			l = newList()
			db.put(a[1], l)
		}
		for _, v := range a[2:] {
			l.push(to, v)
		}
		db.changed(to.pushEvent(), a[1])
		return intReply(l.len()), nil
	}
}

func pop(from side) handler {
	return func(db *DB, a Args) (any, error) {
		if len(a) > 3 {
			return nil, errWrongArity(a[0])
		}
		count := int64(1)
		if len(a) == 3 {
			var err error
			if count, err = a.atLeast(0, 2, ErrNotPositive); err != nil {
				return nil, err
			}
		}
		l, err := typed[*list](db, a[1])
		switch {
		case err != nil || l == nil:
			return nil, err
		case count == 0:
			return []string{}, nil
		}
		popped := db.popList(a[1], l, from, count)
		if len(a) == 2 {
			return popped[0], nil
		}
		return popped, nil
	}
}

func lmpop(db *DB, a Args) (any, error) {
	keys, from, count, err := a.manyPop(1, "LEFT", "RIGHT")
	if err != nil {
		return nil, err
	}
	return popAny(db, keys, listManyPop(from, count))
}

// manyPop reads what LMPOP and ZMPOP have in common, from argument i on: the
// number of keys, the keys, which end, and COUNT. second says which of the two
// words for the end it was.
func (a Args) manyPop(i int, word, secondWord string) (keys []string, second bool, count int64, err error) {
	n, err := a.atLeast(1, i, errNumKeys)
	if err != nil {
		return nil, false, 0, err
	}
	if n >= int64(len(a)-i-1) {
		return nil, false, 0, ErrSyntax
	}
	keys = a[i+1:][:n]
	i += 1 + int(n)
	second = a.Is(i, secondWord)
	if !second && !a.Is(i, word) {
		return nil, false, 0, ErrSyntax
	}
	switch i++; {
	case i == len(a):
		return keys, second, 1, nil
	case !a.Is(i, "COUNT") || i+1 == len(a):
		return nil, false, 0, ErrSyntax
	}
	if count, err = a.atLeast(1, i+1, errCountNotPositive); err != nil {
		return nil, false, 0, err
	}
	if len(a) > i+2 {
		return nil, false, 0, ErrSyntax
	}
	return keys, second, count, nil
}

func lmove(db *DB, a Args) (any, error) {
	from, err := a.side(3)
	if err != nil {
		return nil, err
	}
	to, err := a.side(4)
	if err != nil {
		return nil, err
	}
	return db.move(a[1], a[2], from, to)
}

func rpoplpush(db *DB, a Args) (any, error) { return db.move(a[1], a[2], tail, head) }

// move takes an element from one list to another, which may be the same.
func (db *DB) move(src, dst string, from, to side) (any, error) {
	source, err := typed[*list](db, src)
	if err != nil || source == nil {
		return nil, err
	}
	target, err := orNew(db, dst, newList)
	if err != nil {
		return nil, err
	}
	v := source.pop(from, 1)[0]
	target.push(to, v)
	db.changed(to.pushEvent(), dst)
	db.changed(from.popEvent(), src)
	db.dropIfEmpty(src, source.len())
	return v, nil
}
