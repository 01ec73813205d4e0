package keyspace

import "strconv"

var serverCommands = []Command{
	{"PING", -1, Read | Server, noKeys, ping},
	{"ECHO", 2, Read | Server, noKeys, echo},
	{"TIME", 1, Read | Random | Server, noKeys, timeNow},
	{"DBSIZE", 1, Read | Server, noKeys, dbsize},
	{"FLUSHDB", -1, Write | Server, noKeys, flushdb},
	{"FLUSHALL", -1, Write | Server, noKeys, flushall},
	{"SWAPDB", 3, Write | Server, noKeys, swapdb},
}

func ping(_ *DB, a Args) (any, error) {
	switch len(a) {
	case 1:
		return pong, nil
	case 2:
		return a[1], nil
	}
	return nil, errWrongArity(a[0])
}

func echo(_ *DB, a Args) (any, error) { return a[1], nil }

// timeNow is TIME: seconds and the microseconds within.
func timeNow(db *DB, _ Args) (any, error) {
	now := db.space.now()
	return []string{
		strconv.FormatInt(now.Unix(), 10),
		strconv.Itoa(now.Nanosecond() / 1000),
	}, nil
}

// dbsize counts only while keys are expired and not swept: that is soon over.
func dbsize(db *DB, _ Args) (any, error) {
	if db.deadlines.len() == 0 || db.deadlines.first().at > db.space.nowMilli() {
		return intReply(db.keys.len()), nil
	}
	n := 0
	db.each(func(string, *item) bool {
		n++
		return true
	})
	return intReply(n), nil
}

func flushdb(db *DB, a Args) (any, error) {
	if err := checkFlush(a); err != nil {
		return nil, err
	}
	db.space.touchAll(db.index, nil)
	db.flush()
	db.space.flushed()
	return ok, nil
}

func flushall(db *DB, a Args) (any, error) {
	if err := checkFlush(a); err != nil {
		return nil, err
	}
	for _, each := range db.space.dbs {
		db.space.touchAll(each.index, nil)
		each.flush()
	}
	db.space.flushed()
	return ok, nil
}

// checkFlush takes SYNC and ASYNC, which are the same to us: what is dropped is
// the garbage collector's at once.
func checkFlush(a Args) error {
	if len(a) == 1 || len(a) == 2 && (a.Is(1, "SYNC") || a.Is(1, "ASYNC")) {
		return nil
	}
	return ErrSyntax
}

func swapdb(db *DB, a Args) (any, error) {
	i, err := parseInt32(a[1])
	if err != nil {
		return nil, errFirstDB
	}
	j, err := parseInt32(a[2])
	if err != nil {
		return nil, errSecondDB
	}
	if min(i, j) < 0 || max(i, j) >= Databases {
		return nil, ErrDBIndex
	}
	first, second := db.space.dbs[i], db.space.dbs[j]
	db.space.touchAll(first.index, &second.data)
	db.space.touchAll(second.index, &first.data)
	first.data, second.data = second.data, first.data
	db.noted()
	db.space.readyIn(first.index, second.index)
	return ok, nil
}
