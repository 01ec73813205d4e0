package keyspace

import (
	"math"
	"time"
)

// The commands that wait for an element where there is none: see block.go.
var blockingCommands = []Command{
	{"BLPOP", -3, Write | Blocking, keysThenTimeout, blockingPop(listPop(head))},
	{"BRPOP", -3, Write | Blocking, keysThenTimeout, blockingPop(listPop(tail))},
	{"BLMPOP", -5, Write | Blocking, KeySpec{NumKeys: 2}, blockingManyPop("LEFT", "RIGHT", listManyPop)},
	{"BLMOVE", 6, Write | Blocking, twoKeys, blmove},
	{"BRPOPLPUSH", 4, Write | Blocking, twoKeys, brpoplpush},
	{"BZPOPMIN", -3, Write | Blocking, keysThenTimeout, blockingPop(zsetPop(false))},
	{"BZPOPMAX", -3, Write | Blocking, keysThenTimeout, blockingPop(zsetPop(true))},
	{"BZMPOP", -5, Write | Blocking, KeySpec{NumKeys: 2}, blockingManyPop("MIN", "MAX", zsetManyPop)},
}

var keysThenTimeout = KeySpec{First: 1, Last: -2, Step: 1}

// popFrom takes from the key, if there is something. A key of another type is an
// error, which only who has not begun to wait is told.
type popFrom = func(db *DB, key string) (v any, err error)

func listPop(from side) popFrom {
	return func(db *DB, key string) (any, error) {
		l, err := typed[*list](db, key)
		if err != nil || l == nil {
			return nil, err
		}
		return []any{key, db.popList(key, l, from, 1)[0]}, nil
	}
}

func zsetPop(high bool) popFrom {
	return func(db *DB, key string) (any, error) {
		z, err := typed[*zset](db, key)
		if err != nil || z == nil {
			return nil, err
		}
		it := db.popZset(key, z, high, 1)[0]
		return []any{key, it.Member, it.Score}, nil
	}
}

func listManyPop(second bool, count int64) popFrom {
	return func(db *DB, key string) (any, error) {
		l, err := typed[*list](db, key)
		if err != nil || l == nil {
			return nil, err
		}
		return []any{key, db.popList(key, l, side(second), count)}, nil
	}
}

func zsetManyPop(second bool, count int64) popFrom {
	return func(db *DB, key string) (any, error) {
		z, err := typed[*zset](db, key)
		if err != nil || z == nil {
			return nil, err
		}
		return []any{key, inPairs(db.popZset(key, z, second, count))}, nil
	}
}

// popAny takes from the first of the keys that has something.
func popAny(db *DB, keys []string, pop popFrom) (any, error) {
	for _, key := range keys {
		if v, err := pop(db, key); v != nil || err != nil {
			return v, err
		}
	}
	return nil, nil
}

// popOrWait is popAny that waits.
func popOrWait(db *DB, keys []string, timeout time.Duration, pop popFrom, call func(key string) []string) (any, error) {
	v, err := popAny(db, keys, pop)
	if v != nil || err != nil {
		return v, err
	}
	return blocked{keys, timeout, func(db *DB) (any, bool, error) {
		for _, key := range keys {
			if v, err := pop(db, key); v != nil && err == nil {
				return v, true, nil
			}
		}
		return nil, false, nil
	}, func(v any) []string { return call(v.([]any)[0].(string)) }}, nil
}

// unblocking is the name of the command that does not wait.
func (a Args) unblocking() string { return a[0][len("B"):] }

func blockingPop(pop popFrom) handler {
	return func(db *DB, a Args) (any, error) {
		timeout, err := a.timeout(len(a) - 1)
		if err != nil {
			return nil, err
		}
		return popOrWait(db, a[1:len(a)-1], timeout, pop, func(key string) []string { return []string{a.unblocking(), key} })
	}
}

func blockingManyPop(word, secondWord string, pop func(second bool, count int64) popFrom) handler {
	return func(db *DB, a Args) (any, error) {
		timeout, err := a.timeout(1)
		if err != nil {
			return nil, err
		}
		keys, second, count, err := a.manyPop(2, word, secondWord)
		if err != nil {
			return nil, err
		}
		options := a[3+len(keys):]
		return popOrWait(db, keys, timeout, pop(second, count), func(key string) []string {
			return append([]string{a.unblocking(), "1", key}, options...)
		})
	}
}

func blmove(db *DB, a Args) (any, error) {
	from, err := a.side(3)
	if err != nil {
		return nil, err
	}
	to, err := a.side(4)
	if err != nil {
		return nil, err
	}
	return db.moveOrWait(a, 5, from, to)
}

func brpoplpush(db *DB, a Args) (any, error) { return db.moveOrWait(a, 3, tail, head) }

func (db *DB) moveOrWait(a Args, timeoutAt int, from, to side) (any, error) {
	timeout, err := a.timeout(timeoutAt)
	if err != nil {
		return nil, err
	}
	v, err := db.move(a[1], a[2], from, to)
	if v != nil || err != nil {
		return v, err
	}
	return blocked{a[1:2], timeout, func(db *DB) (any, bool, error) {
		if _, err := typed[*list](db, a[1]); err != nil {
			return nil, false, nil
		}
		v, err := db.move(a[1], a[2], from, to)
		return v, v != nil, err
	}, func(any) []string { return append([]string{a.unblocking()}, a[1:timeoutAt]...) }}, nil
}

// timeout reads argument i as seconds, in which a fraction of a millisecond is a
// whole one.
func (a Args) timeout(i int) (time.Duration, error) {
	seconds, err := parseLong(a[i])
	if err != nil {
		return 0, errTimeoutFloat
	}
	milli, _ := seconds.Float64()
	milli = math.Ceil(milli * 1000)
	switch {
	case milli < 0 || milli > math.MaxInt64: // there it becomes negative in Redis
		return 0, errTimeoutNegative
	}
	return time.Duration(min(milli, float64(math.MaxInt64/int64(time.Millisecond)))) * time.Millisecond, nil
}
