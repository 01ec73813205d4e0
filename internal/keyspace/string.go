package keyspace

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"unsafe"
)

// A string key holds a plain string, stored and returned in the same interface
// value, or a *buffer.

// buffer is a string that changes in place, so that appending again and again
// costs what is appended and not what is there.
//
// Reading costs nothing either: text gives out a string over the bytes
// themselves, which never change from then on. What is appended lies behind
// them; only a write into them copies first. Readers share the Space's lock, so
// what they note is atomic.
type buffer struct {
	version
	b     []byte
	given atomic.Int64 // how many of the first bytes of b lie under strings given out
}

// text returns the whole as it is now.
func (b *buffer) text() string {
	b.given.Store(int64(len(b.b)))
	return unsafe.String(unsafe.SliceData(b.b), len(b.b))
}

// part returns some of b.b. What is short is copied, so that short reads and
// writes by turns do not copy the whole each time.
func (b *buffer) part(start, end int64) string {
	const short = 64 << 10
	if part := cut(b.b, start, end); len(part) <= short {
		return string(part)
	}
	return cut(b.text(), start, end)
}

// reserve returns the bytes with those from offset on free to be changed, and with
// zeros at the end where they were fewer than size.
func (b *buffer) reserve(offset, size int) []byte {
	if int64(offset) < b.given.Load() {
		b.b = bytes.Clone(b.b)
		b.given.Store(0)
	}
	if grow := size - len(b.b); grow > 0 {
		b.b = append(b.b, make([]byte, grow)...)
	}
	return b.b
}

// write puts s at offset and zeros into the gap that this may leave.
func (b *buffer) write(offset int, s string) {
	copy(b.reserve(offset, offset+len(s))[offset:], s)
}

// clone is a buffer over the same bytes, which neither changes from then on.
func (b *buffer) clone() any {
	b.text()
	c := &buffer{b: slices.Clip(b.b)}
	c.text()
	return c
}

func (b *buffer) size() int        { return len(b.b) }
func (b *buffer) typeName() string { return "string" }
func (b *buffer) check() error     { return nil }

// maxString is how long a string can get, Redis's proto-max-bulk-len.
const maxString = 512 << 20

var stringCommands = []Command{
	{"GET", 2, Read, oneKey, get},
	{"MGET", -2, Read, allKeys, mget},
	{"STRLEN", 2, Read, oneKey, strlen},
	{"GETRANGE", 4, Read, oneKey, getrange},
	{"SUBSTR", 4, Read, oneKey, getrange},
	{"LCS", -3, Read, twoKeys, lcs},

	{"SET", -3, Write, oneKey, setString},
	{"SETNX", 3, Write, oneKey, setnx},
	{"SETEX", 4, Write, oneKey, setex},
	{"PSETEX", 4, Write, oneKey, psetex},
	{"MSET", -3, Write, pairKeys, mset},
	{"MSETNX", -3, Write, pairKeys, msetnx},
	{"GETSET", 3, Read | Write, oneKey, getset},
	{"GETDEL", 2, Read | Write, oneKey, getdel},
	{"GETEX", -2, Read | Write, oneKey, getex},

	{"APPEND", 3, Write, oneKey, appendString},
	{"SETRANGE", 4, Write, oneKey, setrange},

	{"INCR", 2, Write, oneKey, incr},
	{"DECR", 2, Write, oneKey, decr},
	{"INCRBY", 3, Write, oneKey, incrby},
	{"DECRBY", 3, Write, oneKey, decrby},
	{"INCRBYFLOAT", 3, Write, oneKey, incrbyfloat},
}

// stringReply returns what a string key holds as a reply: nil where it is
// absent.
func stringReply(db *DB, key string) (any, error) {
	obj := db.get(key)
	switch v := obj.(type) {
	case nil, string:
		return obj, nil
	case *buffer:
		return v.text(), nil
	}
	return nil, ErrWrongType
}

// stringAt returns what a string key holds and whether it is there.
func stringAt(db *DB, key string) (s string, found bool, err error) {
	reply, err := stringReply(db, key)
	s, found = reply.(string)
	return s, found, err
}

// bufferAt returns what a string key holds as a buffer, which it turns into;
// nil where it is absent.
func bufferAt(db *DB, key string) (*buffer, error) {
	switch v := db.get(key).(type) {
	case nil:
		return nil, nil
	case string:
		b := &buffer{b: []byte(v)}
		db.put(key, b)
		db.noted()
		return b, nil
	case *buffer:
		return v, nil
	}
	return nil, ErrWrongType
}

// stringBytes returns what a string key holds, to be read while the lock is held and
// not to be changed; nil where it is absent.
func stringBytes(db *DB, key string) ([]byte, error) {
	switch v := db.get(key).(type) {
	case nil:
		return nil, nil
	case string:
		if v == "" {
			return []byte{}, nil
		}
		return unsafe.Slice(unsafe.StringData(v), len(v)), nil
	case *buffer:
		return v.b, nil
	}
	return nil, ErrWrongType
}

// stringLen is len of what a string key holds, 0 where it is absent.
func stringLen(db *DB, key string) (int, error) {
	switch v := db.get(key).(type) {
	case nil:
		return 0, nil
	case string:
		return len(v), nil
	case *buffer:
		return len(v.b), nil
	}
	return 0, ErrWrongType
}

func get(db *DB, a Args) (any, error) { return stringReply(db, a[1]) }

// mget takes a key of another type for absent.
func mget(db *DB, a Args) (any, error) {
	reply := make([]any, len(a)-1)
	for i, key := range a[1:] {
		reply[i], _ = stringReply(db, key)
	}
	return reply, nil
}

func strlen(db *DB, a Args) (any, error) {
	n, err := stringLen(db, a[1])
	return intReply(n), err
}

func getrange(db *DB, a Args) (any, error) {
	start, end, err := a.ints(2, 3)
	if err != nil {
		return nil, err
	}
	switch v := db.get(a[1]).(type) {
	case nil:
		return "", nil
	case string:
		return cut(v, start, end), nil
	case *buffer:
		return v.part(start, end), nil
	}
	return nil, ErrWrongType
}

// cut returns the bytes of s from start to end, both included. Negative places
// count from the end of s; those before its beginning are the first.
func cut[S string | []byte](s S, start, end int64) S {
	n := int64(len(s))
	if start < 0 && end < 0 && start > end {
		return s[:0]
	}
	if start < 0 {
		start = max(start+n, 0)
	}
	if end < 0 {
		end = max(end+n, 0)
	}
	end = min(end, n-1)
	if start > end {
		return s[:0]
	}
	return s[start : end+1]
}

// stringOptions are what SET and GETEX take after what is fixed.
type stringOptions struct {
	condition string // NX, XX or none
	get       bool
	lifetime  string // EX, PX, EXAT or PXAT with value; KEEPTTL, PERSIST or none
	value     string
}

// parseStringOptions reads the options of SET or, where forSet is false, GETEX.
func parseStringOptions(words []string, forSet bool) (stringOptions, error) {
	var o stringOptions
	for i := 0; i < len(words); i++ {
		word := strings.ToUpper(words[i])
		switch free := o.lifetime == "" || o.lifetime == word; word {
		case "NX", "XX":
			if !forSet || o.condition != "" && o.condition != word {
				return o, ErrSyntax
			}
			o.condition = word
		case "GET":
			if !forSet {
				return o, ErrSyntax
			}
			o.get = true
		case "KEEPTTL", "PERSIST":
			if !free || forSet != (word == "KEEPTTL") {
				return o, ErrSyntax
			}
			o.lifetime = word
		case "EX", "PX", "EXAT", "PXAT":
			if i++; !free || i == len(words) {
				return o, ErrSyntax
			}
			o.lifetime, o.value = word, words[i]
		default:
			return o, ErrSyntax
		}
	}
	return o, nil
}

// deadline returns when a key with these options expires, in Unix
// milliseconds: 0 for never. command is for the error.
func (o stringOptions) deadline(db *DB, command string) (int64, error) {
	unit, from := int64(1), int64(0)
	switch o.lifetime {
	case "", "KEEPTTL", "PERSIST":
		return 0, nil
	case "EX":
		unit, from = 1000, db.space.nowMilli()
	case "PX":
		from = db.space.nowMilli()
	case "EXAT":
		unit = 1000
	}
	n, err := parseInt(o.value)
	if err != nil {
		return 0, err
	}
	if n <= 0 || n > (math.MaxInt64-from)/unit {
		return 0, errInvalidExpire(command)
	}
	return from + n*unit, nil
}

func setString(db *DB, a Args) (any, error) {
	o, err := parseStringOptions(a[3:], true)
	if err != nil {
		return nil, err
	}
	return o.set(db, "set", a[1], a[2])
}

func (o stringOptions) set(db *DB, command, key, value string) (any, error) {
	at, err := o.deadline(db, command)
	if err != nil {
		return nil, err
	}
	reply := ok
	if o.get {
		if reply, err = stringReply(db, key); err != nil {
			return nil, err
		}
	}
	if o.condition != "" && (o.condition == "XX") != (db.get(key) != nil) {
		if !o.get {
			reply = nil
		}
		return reply, nil
	}
	if o.lifetime == "KEEPTTL" {
		db.put(key, value)
	} else {
		db.replace(key, value)
	}
	db.changed("set", key)
	if at != 0 {
		db.setExpire(key, at)
		db.changed("expire", key)
	}
	return reply, nil
}

func setnx(db *DB, a Args) (any, error) {
	reply, err := stringOptions{condition: "NX"}.set(db, "setnx", a[1], a[2])
	return boolReply(reply != nil), err
}

func setex(db *DB, a Args) (any, error) {
	return stringOptions{lifetime: "EX", value: a[2]}.set(db, "setex", a[1], a[3])
}

func psetex(db *DB, a Args) (any, error) {
	return stringOptions{lifetime: "PX", value: a[2]}.set(db, "psetex", a[1], a[3])
}

func mset(db *DB, a Args) (any, error) {
	if len(a)%2 == 0 {
		return nil, errWrongArity(a[0])
	}
	for i := 1; i < len(a); i += 2 {
		db.replace(a[i], a[i+1])
		db.changed("set", a[i])
	}
	return ok, nil
}

func msetnx(db *DB, a Args) (any, error) {
	if len(a)%2 == 0 {
		return nil, errWrongArity(a[0])
	}
	for i := 1; i < len(a); i += 2 {
		if db.get(a[i]) != nil {
			return zero, nil
		}
	}
	_, err := mset(db, a)
	return one, err
}

func getset(db *DB, a Args) (any, error) {
	old, err := stringReply(db, a[1])
	if err != nil {
		return nil, err
	}
	db.replace(a[1], a[2])
	db.changed("set", a[1])
	return old, nil
}

func getdel(db *DB, a Args) (any, error) {
	old, err := stringReply(db, a[1])
	if err != nil {
		return nil, err
	}
	db.drop(a[1])
	return old, nil
}

func getex(db *DB, a Args) (any, error) {
	key := a[1]
	o, err := parseStringOptions(a[2:], false)
	if err != nil {
		return nil, err
	}
	reply, err := stringReply(db, key)
	if err != nil || reply == nil {
		return nil, err
	}
	at, err := o.deadline(db, "getex")
	switch {
	case err != nil:
		return nil, err
	case at != 0:
		db.expireAt(key, at)
	case o.lifetime == "PERSIST":
		db.persist(key)
	}
	return reply, nil
}

func appendString(db *DB, a Args) (any, error) {
	key, more := a[1], a[2]
	n, err := stringLen(db, key)
	if err != nil {
		return nil, err
	}
	if n+len(more) > maxString {
		return nil, ErrTooLong
	}
	b, err := bufferAt(db, key)
	switch {
	case err != nil:
		return nil, err
	case b == nil:
		db.put(key, more)
	default:
		b.b = append(b.b, more...)
	}
	db.changed("append", key)
	return intReply(n + len(more)), nil
}

func setrange(db *DB, a Args) (any, error) {
	key, value := a[1], a[3]
	offset, err := a.Int(2)
	if err != nil {
		return nil, err
	}
	if offset < 0 {
		return nil, ErrOffset
	}
	n, err := stringLen(db, key)
	if err != nil || value == "" {
		return intReply(n), err
	}
	if offset > int64(maxString-len(value)) {
		return nil, ErrTooLong
	}
	b, err := bufferAt(db, key)
	if err != nil {
		return nil, err
	}
	if b == nil {
		b = &buffer{}
		db.put(key, b)
	}
	b.write(int(offset), value)
	db.changed("setrange", key)
	return intReply(len(b.b)), nil
}

func incr(db *DB, a Args) (any, error) { return increment(db, a[1], 1) }
func decr(db *DB, a Args) (any, error) { return increment(db, a[1], -1) }

func incrby(db *DB, a Args) (any, error) {
	n, err := a.Int(2)
	if err != nil {
		return nil, err
	}
	return increment(db, a[1], n)
}

func decrby(db *DB, a Args) (any, error) {
	n, err := a.Int(2)
	if err != nil {
		return nil, err
	}
	if n == math.MinInt64 {
		return nil, ErrDecrOverflow
	}
	return increment(db, a[1], -n)
}

func increment(db *DB, key string, by int64) (any, error) {
	text, found, err := stringAt(db, key)
	if err != nil {
		return nil, err
	}
	var n int64
	if found {
		if n, err = parseInt(text); err != nil {
			return nil, err
		}
	}
	if n, err = addInt(n, by); err != nil {
		return nil, err
	}
	db.put(key, strconv.FormatInt(n, 10))
	db.changed("incrby", key)
	return intReply(n), nil
}

func incrbyfloat(db *DB, a Args) (any, error) {
	text, found, err := stringAt(db, a[1])
	if err != nil {
		return nil, err
	}
	if !found {
		text = "0"
	}
	old, err := parseLong(text)
	if err != nil {
		return nil, err
	}
	by, err := parseLong(a[2])
	if err != nil {
		return nil, err
	}
	sum, err := addLong(old, by)
	if err != nil {
		return nil, err
	}
	db.put(a[1], sum)
	db.changed("incrbyfloat", a[1])
	return sum, nil
}
