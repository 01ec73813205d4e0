package znsocket

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// ear is a listener that keeps what it hears.
type ear []*news

func (e *ear) hear(n *news) { *e = append(*e, n) }

// stored is what a key holds.
type stored struct {
	kind string
	list []string
	hash map[string]string
}

func storedAt(t *testing.T, s *Store, key string) stored {
	read := func(words ...string) any {
		v, err := s.exec(t.Context(), words)
		require.NoError(t, err)
		return v
	}
	kind := fmt.Sprint(read("TYPE", key))
	at := stored{kind: kind}
	switch kind {
	case "list":
		at.list = read("LRANGE", key, "0", "-1").([]string)
	case "hash":
		pairs := read("HGETALL", key).(keyspace.Pairs)
		at.hash = map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			at.hash[pairs[i]] = pairs[i+1]
		}
	case "string":
		at.list = []string{read("GET", key).(string)}
	case "set":
		members := slices.Sorted(slices.Values(read("SMEMBERS", key).(keyspace.Set)))
		at.list = []string{strings.Join(members, " ")}
	case "zset":
		at.list = []string{fmt.Sprint(read("ZRANGE", key, "0", "-1", "WITHSCORES"))}
	}
	return at
}

// untoldIn returns what of a change the refreshes do not tell of, "" if nothing.
func untoldIn(heard []Refresh, before, after stored) string {
	if slices.ContainsFunc(heard, func(r Refresh) bool { return r.Resync }) {
		return ""
	}
	tells := func(i int) bool {
		return slices.ContainsFunc(heard, func(r Refresh) bool {
			return slices.Contains(r.Indices, i) || slices.Contains(r.Indices, i-len(after.list)) || r.Start != nil && *r.Start <= i && (r.Stop == nil || i < *r.Stop)
		})
	}
	list, hash := func(kind string) bool { return kind == "list" || kind == "none" }, func(kind string) bool { return kind == "hash" || kind == "none" }
	switch {
	case list(before.kind) && list(after.kind):
		for i := range max(len(before.list), len(after.list)) {
			same := i < len(before.list) && i < len(after.list) && before.list[i] == after.list[i]
			if !same && !tells(i) {
				return fmt.Sprintf("element %d", i)
			}
		}
	case hash(before.kind) && hash(after.kind):
		for key := range maps.Keys(before.hash) {
			if v, ok := after.hash[key]; ok && v == before.hash[key] {
				continue
			}
			if !tells(0) && !slices.ContainsFunc(heard, func(r Refresh) bool { return slices.Contains(r.Keys, key) }) {
				return "field " + key
			}
		}
		for key := range maps.Keys(after.hash) {
			if _, ok := before.hash[key]; !ok && !tells(0) && !slices.ContainsFunc(heard, func(r Refresh) bool { return slices.Contains(r.Keys, key) }) {
				return "new field " + key
			}
		}
	case before.kind != after.kind || !slices.Equal(before.list, after.list):
		if !tells(0) {
			return "the " + before.kind
		}
	}
	return ""
}

// rawWrites are calls of every command that writes: k is a key, i a small number
// and v a word, which may also be a field.
var rawWrites = strings.Split(`HSET k v v v i|HMSET k v v v i|HSETNX k v i|HDEL k v v|HINCRBY k v i|HINCRBYFLOAT k v i
ZN.HPOP k v|ZN.HDEL k v v|ZN.HCLEAR k
DEL k k|UNLINK k|RENAME k k|RENAMENX k k|COPY k k|COPY k k REPLACE|COPY k k DB 1 REPLACE|MOVE k 1
EXPIRE k 1000|PEXPIRE k -1|EXPIRE k -1|EXPIREAT k 1|PEXPIREAT k 1|EXPIREAT k 99999999999|PERSIST k
LPUSH k v v|RPUSH k v v|RPUSH k v|LPUSHX k v|RPUSHX k v v|LPOP k|LPOP k 2|RPOP k|LMPOP 2 k k LEFT|LMPOP 1 k RIGHT COUNT 2
BLPOP k k 0.001|BRPOP k 0.001|BLMPOP 0.001 2 k k LEFT|BLMOVE k k LEFT RIGHT 0.001|BRPOPLPUSH k k 0.001|BZPOPMIN k 0.001|BZPOPMAX k 0.001|BZMPOP 0.001 1 k MIN
LMOVE k k LEFT RIGHT|LMOVE k k RIGHT LEFT|RPOPLPUSH k k|LSET k i v|LINSERT k BEFORE v v|LINSERT k AFTER v v|LREM k i v|LTRIM k i i
ZN.LSETSLICE k 0 2 1 v v|ZN.LSET k i v|ZN.LINSERT k i v v|ZN.LPOP k i|ZN.LDEL k 0 2 1|ZN.LDELAT k i|ZN.LSWAP k 1 1 0 1 a v|ZN.LSWAP k 2 1 0 0 a v v
FLUSHDB|FLUSHALL|FLUSHALL SYNC|SWAPDB 0 1
SADD k v v|SADD k v v v|SADD k v|SADD k v|SREM k v|SREM k v v|SMOVE k k v|SMOVE k k v|SPOP k|SPOP k 2|SINTERSTORE k k|SINTERSTORE k k k|SUNIONSTORE k k k|SDIFFSTORE k k k
SET k v|SET k v GET|SET k v NX|SET k v XX GET|SETNX k v|SETEX k 1000 v|PSETEX k 1000000 v|MSET k v k v|MSETNX k v k v|GETSET k v|GETDEL k|GETEX k|GETEX k EXAT 1|GETEX k PERSIST
APPEND k v|SETRANGE k 3 v|SET k 1|SET k -1|INCR k|DECR k|INCRBY k i|DECRBY k i|INCRBYFLOAT k i
ZADD k i v|ZADD k i v i v|ZADD k INCR i v|ZADD k NX i v|ZINCRBY k i v|ZREM k v|ZRANGESTORE k k 0 1|ZREMRANGEBYRANK k 0 0|ZREMRANGEBYSCORE k 0 2
SETBIT k 7 1|BITFIELD k SET u8 0 i|BITOP AND k k k|BITOP NOT k k|PFADD k v|PFMERGE k k|RESTORE k 0 p|RESTORE k 0 p REPLACE|SORT k ALPHA STORE k|SORT k BY nosort STORE k
GEOADD k 13.3 38.1 v|GEOADD k 13.3 38.1 v|GEORADIUS k 13 38 200 km STORE k|GEORADIUSBYMEMBER k v 200 km STORE k|GEOSEARCHSTORE k k FROMLONLAT 13 38 BYRADIUS 200 km
XADD k * f v|XDEL k 1-1|XTRIM k MAXLEN 1|XSETID k 9-9|XGROUP CREATE k g 0 MKSTREAM|XREADGROUP GROUP g c STREAMS k >|XACK k g 1-1|XCLAIM k g c 0 1-1|XAUTOCLAIM k g c 0 0
EVAL return{redis.call('RPUSH',KEYS[1],ARGV[1]),redis.call('LPOP',KEYS[2])} 2 k k v|EVALSHA 717fc163275d2a6c294a45405bfa329986c892e5 2 k k v|EVAL redis.call('HSET',ARGV[1],ARGV[2],1)redis.call('LSET',ARGV[3],0,ARGV[2]) 0 k v k
FCALL change 1 k v
ZREMRANGEBYLEX k - (b|ZPOPMIN k|ZPOPMAX k 2|ZMPOP 1 k MIN|ZUNIONSTORE k 2 k k|ZINTERSTORE k 2 k k|ZDIFFSTORE k 2 k k`, "\n")

// Whenever what an object's key holds has changed, whoever listens to it has heard
// of all that has.
func TestRawChanges_allAreTold(t *testing.T) {
	const seed, steps = 7, 60_000
	var calls [][]string
	reached := map[string]int{}
	for _, line := range rawWrites {
		for call := range strings.SplitSeq(line, "|") {
			calls = append(calls, strings.Fields(call))
			reached[strings.Fields(call)[0]] = 0
		}
	}
	keyspace.Commands(func(c *keyspace.Command) {
		if _, there := reached[c.Name]; c.Flags&keyspace.Write != 0 {
			require.True(t, there, "a command that writes and that the test does not know: %s", c.Name)
		}
	})
	s := newStore(t)
	dice := rand.New(rand.NewPCG(seed, 0))
	keys := []string{"znsocket.List:a", "znsocket.List:b", "znsocket.Dict:a", "znsocket.Dict:b", "znsocket.Segments:a"}
	ears := map[string]*ear{}
	for _, key := range keys {
		ears[key] = &ear{}
		s.attach(key, ears[key])
	}
	words := strings.Fields("a b c a b znsocket.List:a")
	_, err := s.RPush(t.Context(), "list", "x", "y")
	require.NoError(t, err)
	dump, err := s.Do(t.Context(), "DUMP", "list")
	require.NoError(t, err)
	_, err = s.Do(t.Context(), "FUNCTION", "LOAD", `#!lua name=lib
redis.register_function("change", function(keys, args) redis.call("HDEL", "znsocket.Dict:a", args[1]) return redis.call("RPUSH", keys[1], args[1]) end)`)
	require.NoError(t, err)
	command := func() []string {
		argv := slices.Clone(calls[dice.IntN(len(calls))])
		if strings.HasPrefix(argv[0], "FLUSH") && dice.IntN(10) > 0 {
			argv = []string{"RPUSH", "k", "v"}
		}
		for i, w := range argv {
			switch w {
			case "k":
				argv[i] = keys[dice.IntN(len(keys))]
				if dice.IntN(12) == 0 {
					argv[i] = "plain"
				}
			case "i":
				argv[i] = strconv.Itoa(dice.IntN(7) - 3)
			case "v":
				argv[i] = words[dice.IntN(len(words))]
			case "p":
				argv[i] = dump.(string)
			}
		}
		return argv
	}
	before := map[string]stored{}
	for _, key := range keys {
		before[key] = storedAt(t, s, key)
	}
	for step := range steps {
		cmds := [][]string{command()}
		for dice.IntN(3) == 0 {
			cmds = append(cmds, command())
		}
		if len(cmds) == 1 {
			_, _ = s.run(t.Context(), cmds[0])
		} else {
			_, err := s.runMulti(t.Context(), cmds)
			require.NoError(t, err)
		}
		for _, key := range keys {
			var heard []Refresh
			for _, n := range *ears[key] {
				heard = append(heard, *n.refresh)
			}
			*ears[key] = nil
			after := storedAt(t, s, key)
			if untold := untoldIn(heard, before[key], after); untold != "" {
				t.Fatalf("-seed %d, step %d: %q\nchanged %s of %s from %v to %v, and told %s",
					seed, step, cmds, untold, key, before[key], after, text(heard))
			}
			if len(cmds) == 1 && fmt.Sprint(before[key]) != fmt.Sprint(after) {
				reached[cmds[0][0]]++
			}
			before[key] = after
		}
	}
	for name, n := range reached {
		if name != "PERSIST" && name[0] != 'X' { // no object is a stream
			assert.Positive(t, n, "%s has changed nothing in this test", name)
		}
	}
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Over a Redis there are commands that a Store does not know.
func TestRawChanges_written(t *testing.T) {
	for call, want := range map[string]string{
		"SORT a BY x GET y STORE b":                    "SORT [b]",
		"SORT a LIMIT 0 5":                             "SORT []",
		"BLPOP a b 0":                                  "BLPOP [a b]",
		"blmove a b LEFT RIGHT 0":                      "BLMOVE [a b]",
		"GEOSEARCHSTORE d s FROMMEMBER m BYRADIUS 5 m": "GEOSEARCHSTORE [d]",
		"XADD a * f v":                                 "XADD [a]",
		"EVAL return 2 a b":                            "EVAL [a b]",
		"COPY a b":                                     "COPY [b]",
		"SUNIONSTORE d a b":                            "SUNIONSTORE [d]",
		"ZUNIONSTORE d 2 a b":                          "ZUNIONSTORE [d]",
		"RENAME a b":                                   "RENAME [a b]",
		"PERSIST a":                                    "PERSIST []",
		"GET a":                                        " []",
		"XRANGE a - +":                                 " []",
		"NONSENSE a":                                   " []",
	} {
		name, keys := written(strings.Fields(call))
		require.Equal(t, want, fmt.Sprint(name, " ", keys), call)
	}
}

// The elements of Segments are not those of the list that they are stored in.
func TestRawChanges_segments(t *testing.T) {
	s := newStore(t)
	var heard ear
	s.attach("znsocket.Segments:s", &heard)
	for i, cmd := range [][]string{{"RPUSH", "znsocket.Segments:s", "a", "b"}, {"LSET", "znsocket.Segments:s", "1", "c"}} {
		_, err := s.run(t.Context(), cmd)
		require.NoError(t, err)
		require.Equal(t, refreshFrom(0), *heard[i].refresh)
	}
}

// Other programs hear that everything has gone.
func TestRawChanges_flushInAnotherProgram(t *testing.T) {
	nodes, _ := openNodes(t, 2)
	list, dict := hears(t, NewList[int](nodes[0], "l")), hears(t, NewDict[int](nodes[1], "d"))
	for range 2 {
		_, err := nodes[1].Do(t.Context(), "FLUSHALL")
		require.NoError(t, err)
		require.Equal(t, Refresh{Resync: true}, next(t, list))
		require.Equal(t, Refresh{Resync: true}, next(t, dict))
	}
}

// What expires is gone for those who listen too; a deadline is no change.
func TestRawChanges_expiry(t *testing.T) {
	s := newStore(t)
	list, dict := hears(t, NewList[int](s, "l")), hears(t, NewDict[int](s, "d"))
	for _, cmd := range []Cmd{{"RPUSH", "znsocket.List:l", 1}, {"HSET", "znsocket.Dict:d", "a", 1}, {"EXPIRE", "znsocket.List:l", 60}, {"EXPIRE", "znsocket.Dict:d", 90}} {
		_, err := s.Do(t.Context(), cmd...)
		require.NoError(t, err)
	}
	require.Equal(t, Refresh{Indices: []int{0}}, next(t, list))
	require.Equal(t, Refresh{Keys: []string{"a"}}, next(t, dict))
	s.Advance(time.Minute)
	require.Equal(t, Refresh{Resync: true}, next(t, list))
	require.Empty(t, dict)
	s.Advance(time.Minute)
	require.Equal(t, Refresh{Resync: true}, next(t, dict))
	require.Empty(t, list)
}

// What a command has changed is told as exactly as can be, whichever way it comes,
// and to whoever listens.
func TestRawChanges_faces(t *testing.T) {
	const list, dict = "znsocket.List:l", "znsocket.Dict:d"
	srv, addr := startServer(t)
	url := "http://" + addr + "/socket.io/"
	giver, subscriber := dialTest(t, addr), dialTest(t, addr)
	oldGiver, oldListener := dialRaw(t, url), dialRaw(t, url)
	heard := map[string]chan string{"in the Store": make(chan string, 10), "at a Go client": make(chan string, 10)}
	for who, c := range map[string]Commander{"in the Store": srv.Store(), "at a Go client": subscriber} {
		tell := func(r Refresh) { heard[who] <- text(r) }
		t.Cleanup(NewList[any](c, "l").OnRefresh(tell))
		t.Cleanup(NewDict[any](c, "d").OnRefresh(tell))
	}
	argsOf := func(cmd Cmd) string {
		args := text([]any(cmd[1:]))
		return "[" + args + ",{}]"
	}
	refused := func(answer string) error {
		if strings.Contains(answer, `"error"`) {
			return fmt.Errorf("%s", answer)
		}
		return nil
	}
	faces := []struct {
		name string
		old  bool
		give func(Cmd) error
	}{
		{"Store", false, func(c Cmd) error { _, err := srv.Store().Do(t.Context(), c...); return err }},
		{"Store's pipeline", false, func(c Cmd) error { _, err := srv.Store().DoMulti(t.Context(), c, Cmd{"GET", "x"}); return err }},
		{"client", false, func(c Cmd) error { _, err := giver.Do(t.Context(), c...); return err }},
		{"client's pipeline", false, func(c Cmd) error { _, err := giver.DoMulti(t.Context(), Cmd{"GET", "x"}, c); return err }},
		{"old client", true, func(c Cmd) error { return refused(oldGiver.call(strings.ToLower(c[0].(string)), argsOf(c))) }},
		{"old client's pipeline", true, func(c Cmd) error {
			message := fmt.Sprintf(`[[],{"message":[[%q,%s],["get",[["x"],{}]]]}]`, strings.ToLower(c[0].(string)), argsOf(c))
			return refused(oldGiver.call("pipeline", message))
		}},
	}
	for _, c := range []struct {
		cmd   Cmd
		want  string
		toOld bool // the old client that listens understands it
	}{
		{Cmd{"rpush", list, "a", "b"}, `{"indices":[0,1]}`, true},
		{Cmd{"rpush", list, "c"}, `{"indices":[2]}`, true},
		{Cmd{"lset", list, 1, "d"}, `{"indices":[1]}`, true},
		{Cmd{"lset", list, -1, "d"}, `{"start":0,"stop":null}`, true},
		{Cmd{"lpush", list, "e"}, `{"start":0,"stop":null}`, true},
		{Cmd{"lpop", list}, `{"start":0,"stop":null}`, true},
		{Cmd{"hset", dict, "k", "1"}, `{"keys":["k"]}`, true},
		{Cmd{"hincrby", dict, "k", 1}, `{"keys":["k"]}`, true},
		{Cmd{"hdel", dict, "k"}, `{"keys":["k"]}`, true},
		{Cmd{"hset", dict, "k", "1"}, `{"keys":["k"]}`, true},
		{Cmd{"delete", dict}, `{"resync":true}`, false},
		{Cmd{"delete", list}, `{"start":0,"stop":null}`, true},
	} {
		for _, face := range faces {
			cmd := slices.Clone(c.cmd)
			if cmd[0] == "delete" && !face.old {
				cmd[0] = "del"
			}
			// Each face finds the same data.
			require.NoError(t, reset(t, srv.Store(), cmd))
			require.NoError(t, face.give(cmd), "%s: %v", face.name, cmd)
			for who, ch := range heard {
				require.Equal(t, c.want, <-ch, "%s by %s, heard %s", cmd, face.name, who)
			}
			if c.toOld && !face.old {
				require.Equal(t, fmt.Sprintf(`refresh {"target":%q,"data":%s}`, cmd[1], c.want), <-oldListener.events, "%s by %s", cmd, face.name)
			}
		}
	}
	for who, ch := range heard {
		require.Empty(t, ch, who)
	}
	require.Empty(t, oldListener.events)
}

// reset makes data for a command, without a word to anybody.
func reset(t *testing.T, s *Store, cmd Cmd) error {
	const list, dict = "znsocket.List:l", "znsocket.Dict:d"
	cmds := [][]string{{"DEL", list, dict}}
	switch {
	case cmd[0] == "rpush" && len(cmd) == 4:
	case cmd[1] == list:
		cmds = append(cmds, []string{"RPUSH", list, "1", "2"})
	case cmd[0] != "hset":
		cmds = append(cmds, []string{"HSET", dict, "k", "1"})
	}
	_, err := s.execMulti(t.Context(), cmds)
	return err
}
