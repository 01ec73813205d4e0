package znsocket

import (
	"strconv"
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
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
	for _, w := range argv[1:] {
		if strings.HasPrefix(w, "znsocket.") {
			return true
		}
	}
	return len(argv) <= 3 // FLUSHALL and the like name no key
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
		if i >= len(replies) || replies[i].Err != nil || len(argv) == 0 || !x.concerns(argv) {
			continue
		}
		cmd, err := keyspace.Find(argv)
		if err != nil || cmd.Flags&keyspace.Write == 0 {
			continue
		}
		if changesAll[cmd.Name] {
			x.resync()
			continue
		}
		for _, key := range cmd.KeysOf(argv) {
			if !isObject(key) {
				continue
			}
			r, ok := refreshOf(cmd.Name, key, argv, replies[i].Val)
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

var changesAll = map[string]bool{"FLUSHALL": true, "FLUSHDB": true, "SWAPDB": true}

func isObject(key string) bool {
	_, _, ok := cutPrefix(key)
	return ok || strings.HasPrefix(key, segmentsPrefix)
}

// refreshOf is what a command that writes has changed of a key, as exactly as its
// words and its reply say it. It is not ok where nothing has changed.
func refreshOf(name, key string, argv []string, reply any) (r Refresh, ok bool) {
	switch name {
	case "RPUSH", "RPUSHX":
		n, _ := reply.(int64)
		count := len(argv) - 2
		return Refresh{Indices: indices(int(n)-count, count, 1)}, n > 0
	case "LSET":
		i, err := strconv.Atoi(argv[2])
		return Refresh{Indices: []int{i}}, err == nil
	case "HSET", "HMSET":
		var keys []string
		for i := 2; i < len(argv); i += 2 {
			keys = append(keys, argv[i])
		}
		return Refresh{Keys: keys}, true
	case "HINCRBY", "HINCRBYFLOAT":
		return Refresh{Keys: argv[2:3]}, true
	}
	if reply == nil || reply == any(int64(0)) {
		return Refresh{}, false
	}
	switch {
	case name == "HSETNX":
		return Refresh{Keys: argv[2:3]}, true
	case name == "HDEL":
		return Refresh{Keys: argv[2:]}, true
	case strings.HasPrefix(key, dictPrefix):
		return Refresh{Resync: true}, true
	}
	return refreshFrom(0), true
}
