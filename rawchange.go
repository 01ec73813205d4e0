package znsocket

import (
	"strconv"
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/rediscommands"
)

// Objects tell exactly what they have changed. This file finds out what other
// commands have changed of what objects keep: those a program gives by itself,
// and those of old clients, of which nobody can say what they are part of.

// concerns reports whether a command may have changed what an object keeps, and
// somebody wants to know. It is asked after each command, so it is quick.
func (x *exchange) concerns(argv []string) bool {
	if x.mesh == nil && x.targets.Load() == 0 && x.listening.Load() == 0 {
		return false
	}
	for _, w := range argv {
		if strings.HasPrefix(w, "znsocket.") {
			return true
		}
	}
	if len(argv) == 0 {
		return false
	}
	name := argv[0] // those that name no key begin like this
	return len(name) >= 6 && (strings.EqualFold(name[:5], "FLUSH") || strings.EqualFold(name, "SWAPDB"))
}

// changed tells everybody of what commands have changed that are not an object's
// own.
func (x *exchange) changed(cmds [][]string, replies []Reply) {
	for _, n := range x.changes(cmds, replies) {
		x.spread(n)
	}
}

// changes are the news of what commands have changed: several changes of a key
// are one.
func (x *exchange) changes(cmds [][]string, replies []Reply) []*news {
	var all []*news
	byTarget := map[string]*news(nil)
	for i, argv := range cmds {
		if i >= len(replies) || replies[i].Err != nil || len(argv) == 0 || !x.concerns(argv) || x.mesh == nil && isScript(argv) {
			continue // a Store tells of what the script calls; of a Redis only its keys are known
		}
		name, keys := written(argv)
		if changesAll[name] {
			x.loseAll()
			continue
		}
		for _, key := range keys {
			if !isObject(key) {
				continue
			}
			r, ok := refreshOf(name, key, argv, replies[i].Val)
			if !ok {
				continue
			}
			if n := byTarget[key]; n != nil {
				*n.refresh = n.refresh.merge(r)
				continue
			}
			if byTarget == nil {
				byTarget = map[string]*news{}
			}
			byTarget[key] = newsOf(key, r, nil)
			all = append(all, byTarget[key])
		}
	}
	return all
}

var changesAll = named("FLUSHALL FLUSHDB SWAPDB")

// loseAll tells everybody, in other programs too, that anything may have changed.
func (x *exchange) loseAll() {
	x.resyncAll()
	if x.mesh != nil {
		x.mesh.toAll(nodeMessage{Kind: nodeLost})
	}
}

func isObject(key string) bool {
	_, _, ok := cutPrefix(key)
	return ok || strings.HasPrefix(key, segmentsPrefix)
}

// written returns the name of a command that writes and the keys that it may
// change.
func written(argv []string) (name string, keys []string) {
	if cmd, err := keyspace.Find(argv); err == nil {
		if cmd.Flags&keyspace.Write == 0 || cmd.CheckArity(len(argv)) != nil {
			return "", nil
		}
		name, keys = cmd.Name, cmd.KeysOf(argv)
	} else {
		cmd, ok := rediscommands.Find(argv) // of a Redis that knows more than a Store
		if !ok || cmd.Flags&rediscommands.Write == 0 {
			return "", nil
		}
		if keys, err = cmd.Keys(argv); err != nil {
			return "", nil
		}
		name = cmd.Name
	}
	switch {
	case keepsKeys[name]:
		return name, nil
	case len(keys) == 0:
	case name == "COPY", name == "SORT", name == "GEORADIUS", name == "GEORADIUSBYMEMBER":
		return name, keys[1:]
	case strings.HasSuffix(name, "STORE"), name == "BITOP", name == "PFMERGE":
		return name, keys[:1]
	}
	return name, keys
}

// keepsKeys are the commands that change deadlines only.
var keepsKeys = named("PERSIST TOUCH")

// refreshOf is what a command has changed of a key, as exactly as its words and
// its reply say it. It is not ok where nothing has changed.
func refreshOf(name, key string, argv []string, reply any) (r Refresh, ok bool) {
	switch n, _ := strconv.ParseInt(argv[min(2, len(argv)-1)], 10, 64); {
	case nothingAtZero[name] && (reply == nil || reply == any(int64(0)) || reply == any(int64(-1))):
		return Refresh{}, false
	case n > 0 && (name == "EXPIRE" || name == "PEXPIRE"):
		return Refresh{}, false // it is not over yet
	}
	if strings.HasPrefix(key, segmentsPrefix) {
		return refreshFrom(0), true // its elements are not those of the stored list
	}
	switch name {
	case "RPUSH", "RPUSHX":
		n, _ := reply.(int64)
		count := len(argv) - 2
		return Refresh{Indices: indices(int(n)-count, count, 1)}, true
	case "LSET":
		if i, err := strconv.Atoi(argv[2]); err == nil && i >= 0 {
			return Refresh{Indices: []int{i}}, true
		}
	case "HSET", "HMSET":
		var keys []string
		for i := 2; i < len(argv); i += 2 {
			keys = append(keys, argv[i])
		}
		return Refresh{Keys: keys}, true
	case "HSETNX", "HINCRBY", "HINCRBYFLOAT":
		return Refresh{Keys: argv[2:3]}, true
	case "HDEL":
		return Refresh{Keys: argv[2:]}, true
	}
	if strings.HasPrefix(key, dictPrefix) {
		return Refresh{Resync: true}, true
	}
	return refreshFrom(0), true
}

// nothingAtZero are the commands that have changed nothing where they answer 0,
// nil, or, of LINSERT, -1. Others may have all the same: SET with GET, ZADD, INCR.
var nothingAtZero = named(`
	DEL UNLINK RENAMENX COPY MOVE EXPIRE PEXPIRE EXPIREAT PEXPIREAT SETNX MSETNX GETDEL GETEX
	HSETNX HDEL LPUSHX RPUSHX LPOP RPOP LMPOP LMOVE RPOPLPUSH LINSERT LREM BLPOP BRPOP BLMPOP BLMOVE BRPOPLPUSH
	SADD SREM SMOVE SPOP ZREM ZMPOP ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREMRANGEBYLEX BZPOPMIN BZPOPMAX BZMPOP`)

func named(words string) map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(words) {
		names[name] = true
	}
	return names
}
