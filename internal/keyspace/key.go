package keyspace

import (
	"math"
	"strings"
)

var keyCommands = []Command{
	{"DEL", -2, Write, allKeys, del},
	{"UNLINK", -2, Write, allKeys, del},
	{"RENAME", 3, Write, twoKeys, rename},
	{"RENAMENX", 3, Write, twoKeys, renamenx},
	{"COPY", -3, Read | Write, twoKeys, copyKey},
	{"MOVE", 3, Write, oneKey, move},

	{"EXISTS", -2, Read, allKeys, exists},
	{"TOUCH", -2, Read, allKeys, touch},
	{"TYPE", 2, Read, oneKey, typeOf},
	{"KEYS", 2, Read, noKeys, keys},
	{"RANDOMKEY", 1, Read | Random, noKeys, randomkey},

	{"EXPIRE", -3, Write, oneKey, expireIn("expire", 1000)},
	{"PEXPIRE", -3, Write, oneKey, expireIn("pexpire", 1)},
	{"EXPIREAT", -3, Write, oneKey, expireAt("expireat", 1000)},
	{"PEXPIREAT", -3, Write, oneKey, expireAt("pexpireat", 1)},
	{"PERSIST", 2, Write, oneKey, persist},
	{"TTL", 2, Read, oneKey, ttl(1000)},
	{"PTTL", 2, Read, oneKey, ttl(1)},
	{"EXPIRETIME", 2, Read, oneKey, expireTime(1000)},
	{"PEXPIRETIME", 2, Read, oneKey, expireTime(1)},
}

func del(db *DB, a Args) (any, error) {
	deleted := 0
	for _, key := range a[1:] {
		if db.get(key) != nil {
			db.drop(key)
			deleted++
		}
	}
	return intReply(deleted), nil
}

func exists(db *DB, a Args) (any, error) { return count(a[1:], db.peek), nil }
func touch(db *DB, a Args) (any, error)  { return count(a[1:], db.lookup), nil }

// count is how many keys look finds.
func count(keys []string, look func(key string) item) any {
	found := 0
	for _, key := range keys {
		if look(key).obj != nil {
			found++
		}
	}
	return intReply(found)
}

func typeOf(db *DB, a Args) (any, error) { return Status(typeName(db.peek(a[1]).obj)), nil }

// typeName is what TYPE calls a value, nil for a key that is absent.
func typeName(obj any) string {
	switch v := obj.(type) {
	case nil:
		return "none"
	case object:
		return v.typeName()
	}
	return "string"
}

func keys(db *DB, a Args) (any, error) {
	pattern, err := parseGlob(a[1])
	if err != nil {
		return nil, err
	}
	found := []string{}
	db.each(func(key string, _ *item) bool {
		if pattern.match(key) {
			found = append(found, key)
		}
		return true
	})
	return found, nil
}

// randomkey throws for a live key a few times; where most are expired it takes
// the first that is not.
func randomkey(db *DB, _ Args) (any, error) {
	for try := 0; try < 100 && db.keys.len() > 0; try++ {
		if key, it := db.keys.random(db.space.rand); db.alive(it) {
			return key, nil
		}
	}
	var reply any
	db.each(func(key string, _ *item) bool {
		reply = key
		return false
	})
	return reply, nil
}

func rename(db *DB, a Args) (any, error) {
	_, err := db.rename(a[1], a[2], true)
	return ok, err
}

func renamenx(db *DB, a Args) (any, error) {
	renamed, err := db.rename(a[1], a[2], false)
	return boolReply(renamed), err
}

// rename gives what is at from the name to, unless that is taken and
// overwriting is not wanted, and reports whether it did.
func (db *DB) rename(from, to string, overwrite bool) (bool, error) {
	it := db.lookup(from)
	if it.obj == nil {
		return false, ErrNoSuchKey
	}
	if from == to {
		return overwrite, nil
	}
	if !overwrite && db.get(to) != nil {
		return false, nil
	}
	db.remove(from)
	db.putItem(to, it)
	db.changed("rename_from", from)
	db.changed("rename_to", to)
	return true, nil
}

// putItem puts an item with its deadline at key, over whatever is there.
func (db *DB) putItem(key string, it item) {
	db.remove(key) // the key is a new one, as events tell
	db.replace(key, it.obj)
	db.setExpire(key, it.expire)
}

func copyKey(db *DB, a Args) (any, error) {
	from, to, target := a[1], a[2], db
	overwrite := false
	for i := 3; i < len(a); i++ {
		switch strings.ToUpper(a[i]) {
		case "REPLACE":
			overwrite = true
		case "DB":
			var err error
			if i++; i == len(a) {
				return nil, ErrSyntax
			}
			if target, err = db.other(a[i]); err != nil {
				return nil, err
			}
		default:
			return nil, ErrSyntax
		}
	}
	if target == db && from == to {
		return nil, ErrSameObject
	}
	it := db.lookup(from)
	if it.obj == nil || !overwrite && target.find(to) != nil {
		return zero, nil
	}
	if obj, mutable := it.obj.(object); mutable {
		it.obj = obj.clone()
	}
	target.putItem(to, it)
	target.changed("copy_to", to)
	return one, nil
}

func move(db *DB, a Args) (any, error) {
	key := a[1]
	target, err := db.other(a[2])
	if err != nil {
		return nil, err
	}
	if target == db {
		return nil, ErrSameObject
	}
	it := db.lookup(key)
	if it.obj == nil || target.get(key) != nil {
		return zero, nil
	}
	db.remove(key)
	target.putItem(key, it)
	db.changed("move_from", key)
	target.changed("move_to", key)
	return one, nil
}

// other returns the database that number names.
func (db *DB) other(number string) (*DB, error) {
	n, err := parseInt32(number)
	if err != nil {
		return nil, err
	}
	if n < 0 || n >= Databases {
		return nil, ErrDBIndex
	}
	return db.space.dbs[n], nil
}

// expireIn is EXPIRE and PEXPIRE, expireAt EXPIREAT and PEXPIREAT. unit is how
// many milliseconds the argument counts in.
func expireIn(command string, unit int64) handler {
	return func(db *DB, a Args) (any, error) {
		return expire(db, a, command, unit, db.space.nowMilli())
	}
}

func expireAt(command string, unit int64) handler {
	return func(db *DB, a Args) (any, error) { return expire(db, a, command, unit, 0) }
}

func expire(db *DB, a Args, command string, unit, from int64) (any, error) {
	conditions, err := parseExpireConditions(a[3:])
	if err != nil {
		return nil, err
	}
	n, err := a.Int(2)
	if err != nil {
		return nil, err
	}
	if n > (math.MaxInt64-from)/unit || n < math.MinInt64/unit {
		return nil, errInvalidExpire(command)
	}
	at := from + n*unit
	it := db.lookup(a[1])
	if it.obj == nil || !conditions.allow(it.expire, at) {
		return zero, nil
	}
	db.expireAt(a[1], at)
	return one, nil
}

// expireAt sets the deadline of a key that is there; one that has passed deletes
// the key at once.
func (db *DB) expireAt(key string, at int64) {
	if at <= db.space.nowMilli() {
		db.drop(key)
		return
	}
	db.setExpire(key, at)
	db.changed("expire", key)
}

// expireConditions say which deadline may take the place of which.
type expireConditions struct{ nx, xx, gt, lt bool }

func parseExpireConditions(words []string) (expireConditions, error) {
	var c expireConditions
	for _, word := range words {
		switch strings.ToUpper(word) {
		case "NX":
			c.nx = true
		case "XX":
			c.xx = true
		case "GT":
			c.gt = true
		case "LT":
			c.lt = true
		default:
			return c, errUnsupported(word)
		}
	}
	if c.nx && (c.xx || c.gt || c.lt) {
		return c, errExpireNXandXX
	}
	if c.gt && c.lt {
		return c, errExpireGTandLT
	}
	return c, nil
}

// allow reports whether at may take the place of old, which is 0 for no
// deadline: that is later than any.
func (c expireConditions) allow(old, at int64) bool {
	if old == 0 {
		return !c.xx && !c.gt
	}
	return !c.nx && !(c.gt && at <= old) && !(c.lt && at >= old)
}

func persist(db *DB, a Args) (any, error) { return boolReply(db.persist(a[1])), nil }

// persist takes the deadline of a key away and reports whether it had one.
func (db *DB) persist(key string) bool {
	if db.lookup(key).expire == 0 {
		return false
	}
	db.setExpire(key, 0)
	db.changed("persist", key)
	return true
}

// ttl is TTL and PTTL, expireTime EXPIRETIME and PEXPIRETIME.
func ttl(unit int64) handler {
	return func(db *DB, a Args) (any, error) {
		return deadlineReply(db, a[1], db.space.nowMilli(), unit), nil
	}
}

func expireTime(unit int64) handler {
	return func(db *DB, a Args) (any, error) { return deadlineReply(db, a[1], 0, unit), nil }
}

// deadlineReply is how long after from, in Unix milliseconds, a key expires, in
// units and rounded: -2 for a key that is absent, -1 for one without deadline.
func deadlineReply(db *DB, key string, from, unit int64) any {
	it := db.peek(key)
	switch {
	case it.obj == nil:
		return intReply(-2)
	case it.expire == 0:
		return intReply(-1)
	}
	return intReply((max(it.expire-from, 0) + unit/2) / unit)
}
