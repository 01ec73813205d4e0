package keyspace

import "strings"

// How far Redis keeps a value in its compact form, by its settings as they come. What
// has grown out of it stays so until it is deleted, whatever becomes of it.
const (
	listpackText = 64  // bytes of a field, a value or a member
	hashMax      = 512 // fields
	zsetMax      = 128 // members
	intsetMax    = 512 // members, all of them integers
	embstrMax    = 44  // bytes

	sharedIntegers = 10000 // from 0 on: Redis has these once for all keys
	sharedRefcount = 1<<31 - 1
)

var objectCommands = []Command{
	{"OBJECT", -2, Read, KeySpec{First: 2, Last: 2, Step: 1}, subcommands([]subcommand{
		{"ENCODING", 3, aboutObject(func(_ *DB, _ string, obj any) (any, error) { return encoding(obj), nil })},
		{"REFCOUNT", 3, aboutObject(func(_ *DB, _ string, obj any) (any, error) { return refcount(obj), nil })},
		{"IDLETIME", 3, aboutObject(func(db *DB, key string, _ any) (any, error) { return intReply(db.idle(key)), nil })},
		{"FREQ", 3, aboutObject(func(*DB, string, any) (any, error) { return nil, errNoFrequency })},
		{"HELP", 2, objectHelp},
	})},
}

// aboutObject answers about the value at argument 2, nil where there is none.
func aboutObject(answer func(db *DB, key string, obj any) (any, error)) handler {
	return func(db *DB, a Args) (any, error) {
		it := db.find(a[2])
		if it == nil {
			return nil, nil
		}
		return answer(db, a[2], it.obj)
	}
}

// encoding is what Redis would say of the form in which it keeps a value. A buffer is
// what it keeps as one that changes.
func encoding(obj any) string {
	switch v := obj.(type) {
	case string:
		if _, err := parseInt(v); err == nil {
			return "int"
		}
		if len(v) <= embstrMax {
			return "embstr"
		}
		return "raw"
	case *buffer:
		return "raw"
	case *list:
		return "quicklist"
	case *hash:
		if v.table {
			return "hashtable"
		}
		return "listpack"
	case *set:
		if v.table {
			return "hashtable"
		}
		return "intset"
	case *zset:
		if v.skiplist {
			return "skiplist"
		}
		return "listpack"
	}
	return typeName(obj)
}

// refcount is what Redis counts of a value.
func refcount(obj any) any {
	if s, isString := obj.(string); isString {
		if n, err := parseInt(s); err == nil && n >= 0 && n < sharedIntegers {
			return intReply(sharedRefcount)
		}
	}
	return one
}

func objectHelp(*DB, Args) (any, error) {
	return Help("OBJECT", strings.Split(`ENCODING <key>
    Return the kind of internal representation used in order to store the value
    associated with a <key>.
FREQ <key>
    Return the access frequency index of the <key>. The returned integer is
    proportional to the logarithm of the recent access frequency of the key.
IDLETIME <key>
    Return the idle time of the <key>, that is the approximated number of
    seconds elapsed since the last access to the key.
REFCOUNT <key>
    Return the number of references of the value associated with the specified
    <key>.`, "\n")...), nil
}
