package keyspace

import (
	"math/big"
	"strconv"
)

// hash is what a hash key holds. Fields keep the order in which they came.
type hash struct {
	dict[string]
	version
	table bool // it has been too large for Redis to keep it in a row: see encoding
}

func newHash() *hash { return &hash{} }

func (h *hash) clone() any       { return &hash{dict: h.dict.clone(), table: h.table} }
func (h *hash) size() int        { return h.len() }
func (h *hash) typeName() string { return "hash" }

// set gives a field a value and reports whether the field is new.
func (h *hash) set(field, value string) bool {
	added := h.dict.set(field, value)
	if max(len(field), len(value)) > listpackText || h.len() > hashMax {
		h.table = true
	}
	return added
}

// The commands of hashes, and at the end those that only our Dict object knows:
// see hashobject.go.
var hashCommands = []Command{
	{"HSET", -4, Write, oneKey, hset},
	{"HMSET", -4, Write, oneKey, hmset},
	{"HSETNX", 4, Write, oneKey, hsetnx},
	{"HDEL", -3, Write, oneKey, hdel},
	{"HINCRBY", 4, Write, oneKey, hincrby},
	{"HINCRBYFLOAT", 4, Write, oneKey, hincrbyfloat},

	{"HGET", 3, Read, oneKey, hget},
	{"HMGET", -3, Read, oneKey, hmget},
	{"HGETALL", 2, Read, oneKey, hgetall},
	{"HKEYS", 2, Read, oneKey, hkeys},
	{"HVALS", 2, Read, oneKey, hvals},
	{"HLEN", 2, Read, oneKey, hlen},
	{"HEXISTS", 3, Read, oneKey, hexists},
	{"HSTRLEN", 3, Read, oneKey, hstrlen},
	{"HRANDFIELD", -2, Read | Random, oneKey, hrandfield},

	{"ZN.HPOP", 3, Write | Internal, oneKey, znHashPop},
	{"ZN.HDEL", -3, Write | Internal, oneKey, znHashDel},
	{"ZN.HCLEAR", 2, Write | Internal, oneKey, znHashClear},
}

func hset(db *DB, a Args) (any, error) {
	if len(a)%2 != 0 {
		return nil, errWrongArity(a[0])
	}
	h, err := orNew(db, a[1], newHash)
	if err != nil {
		return nil, err
	}
	created := 0
	for i := 2; i < len(a); i += 2 {
		if h.set(a[i], a[i+1]) {
			created++
		}
	}
	db.changed("hset", a[1])
	return intReply(created), nil
}

func hmset(db *DB, a Args) (any, error) {
	_, err := hset(db, a)
	return ok, err
}

func hsetnx(db *DB, a Args) (any, error) {
	h, err := orNew(db, a[1], newHash)
	if err != nil || h.has(a[2]) {
		return zero, err
	}
	h.set(a[2], a[3])
	db.changed("hset", a[1])
	return one, nil
}

func hdel(db *DB, a Args) (any, error) {
	h, err := typed[*hash](db, a[1])
	if err != nil || h == nil {
		return zero, err
	}
	deleted := 0
	for _, field := range a[2:] {
		if _, was := h.delete(field); was {
			deleted++
		}
	}
	if deleted > 0 {
		db.changed("hdel", a[1])
		db.dropIfEmpty(a[1], h.len())
	}
	return intReply(deleted), nil
}

// field returns a field of the hash at key, nil where either is absent.
func (db *DB) field(key, field string) (*string, error) {
	h, err := typed[*hash](db, key)
	if err != nil || h == nil {
		return nil, err
	}
	return h.find(field), nil
}

// setField stores what a command has computed for a field. The caller knows
// that key is a hash or absent.
func (db *DB) setField(key, field, value, event string) error {
	h, err := orNew(db, key, newHash)
	if err == nil {
		h.set(field, value)
		db.changed(event, key)
	}
	return err
}

func hincrby(db *DB, a Args) (any, error) {
	by, err := a.Int(3)
	if err != nil {
		return nil, err
	}
	old, err := db.field(a[1], a[2])
	if err != nil {
		return nil, err
	}
	var n int64
	if old != nil {
		if n, err = parseInt(*old); err != nil {
			return nil, ErrHashNotInt
		}
	}
	if n, err = addInt(n, by); err != nil {
		return nil, err
	}
	return intReply(n), db.setField(a[1], a[2], strconv.FormatInt(n, 10), "hincrby")
}

func hincrbyfloat(db *DB, a Args) (any, error) {
	by, err := parseLong(a[3])
	if err != nil {
		return nil, err
	}
	if by.IsInf() {
		return nil, errNaNOrInf
	}
	old, err := db.field(a[1], a[2])
	if err != nil {
		return nil, err
	}
	n := new(big.Float)
	if old != nil {
		if n, err = parseLong(*old); err != nil {
			return nil, ErrHashNotFloat
		}
	}
	sum, err := addLong(n, by)
	if err != nil {
		return nil, err
	}
	return sum, db.setField(a[1], a[2], sum, "hincrbyfloat")
}

func hget(db *DB, a Args) (any, error) {
	value, err := db.field(a[1], a[2])
	if err != nil || value == nil {
		return nil, err
	}
	return *value, nil
}

func hmget(db *DB, a Args) (any, error) {
	h, err := typed[*hash](db, a[1])
	if err != nil {
		return nil, err
	}
	reply := make([]any, len(a)-2)
	if h == nil {
		return reply, nil
	}
	for i, field := range a[2:] {
		if value := h.find(field); value != nil {
			reply[i] = *value
		}
	}
	return reply, nil
}

func hgetall(db *DB, a Args) (any, error) {
	h, err := typed[*hash](db, a[1])
	if err != nil || h == nil {
		return Pairs{}, err
	}
	pairs := make(Pairs, 0, 2*h.len())
	h.each(func(field string, value *string) bool {
		pairs = append(pairs, field, *value)
		return true
	})
	return pairs, nil
}

func hkeys(db *DB, a Args) (any, error) {
	h, err := typed[*hash](db, a[1])
	if err != nil || h == nil {
		return []string{}, err
	}
	fields := make([]string, 0, h.len())
	h.each(func(field string, _ *string) bool {
		fields = append(fields, field)
		return true
	})
	return fields, nil
}

func hvals(db *DB, a Args) (any, error) {
	h, err := typed[*hash](db, a[1])
	if err != nil || h == nil {
		return []string{}, err
	}
	values := make([]string, 0, h.len())
	h.each(func(_ string, value *string) bool {
		values = append(values, *value)
		return true
	})
	return values, nil
}

func hlen(db *DB, a Args) (any, error) {
	h, err := typed[*hash](db, a[1])
	if err != nil || h == nil {
		return zero, err
	}
	return intReply(h.len()), nil
}

func hexists(db *DB, a Args) (any, error) {
	value, err := db.field(a[1], a[2])
	return boolReply(value != nil), err
}

func hstrlen(db *DB, a Args) (any, error) {
	value, err := db.field(a[1], a[2])
	if err != nil || value == nil {
		return zero, err
	}
	return intReply(len(*value)), nil
}

func hrandfield(db *DB, a Args) (any, error) {
	if len(a) == 2 {
		h, err := typed[*hash](db, a[1])
		if err != nil || h == nil {
			return nil, err
		}
		field, _ := h.random(db.space.rand)
		return field, nil
	}
	count, err := a.randomCount(2)
	withValues := len(a) == 4
	switch {
	case err != nil:
		return nil, err
	case len(a) > 4 || withValues && !a.Is(3, "WITHVALUES"):
		return nil, ErrSyntax
	case withValues && (count < -maxPairs || count > maxPairs):
		return nil, errOutOfRange
	}
	h, err := typed[*hash](db, a[1])
	if err != nil || h == nil {
		return []string{}, err
	}
	fields, err := randomKeys(db.space.rand, &h.dict, count)
	if err != nil || !withValues {
		return fields, err
	}
	// A list and no Pairs: a field may be there more than once.
	reply := make([]string, 0, 2*len(fields))
	for _, field := range fields {
		reply = append(reply, field, *h.find(field))
	}
	return reply, nil
}
