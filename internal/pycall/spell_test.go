package pycall

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/peers"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// spelledCall is the call that Spell makes of a command.
func spelledCall(t *testing.T, argv []string) call {
	t.Helper()
	event, payload, err := Spell(argv)
	require.NoError(t, err, argv)
	v, err := pyjson.Parse(payload, nil)
	require.NoError(t, err, string(payload))
	return call{event, v}
}

// TestSpell_redispySendsTheCommand binds the recorded calls, spells their
// commands, and has redis-py make the calls again in that form: the answers are
// the same, and bound by us they are the same commands.
func TestSpell_redispySendsTheCommand(t *testing.T) {
	socket := peers.Redis(t)
	var calls, spelled []call
	for _, c := range recordedCalls(t, callsOfStore) {
		m, _ := Find(c.name)
		bound, err := m.Bind(&c.payload)
		if err != nil || bound.shape == nothing {
			continue
		}
		s := spelledCall(t, bound.Argv)
		calls, spelled = append(calls, c), append(spelled, s)

		m, ok := Find(s.name)
		require.True(t, ok, s.name)
		again, err := m.Bind(&s.payload)
		require.NoError(t, err, s.line())
		bound.Argv[0], again.Argv[0] = strings.ToUpper(bound.Argv[0]), strings.ToUpper(again.Argv[0])
		require.Equal(t, bound.Argv, again.Argv, s.line())
	}
	want, got := replay(t, socket, calls), replay(t, socket, spelled)
	for i, c := range calls {
		if c.name == executeCommand.name || strings.HasSuffix(c.name, "_iter") {
			continue // another method sends the same, and shapes the answer in its way
		}
		if spelled[i].name == executeCommand.name && strings.Contains(" xpending_range xclaim georadius geosearch sort ", " "+c.name+" ") {
			continue // by the command alone redis-py cannot tell which answer it has
		}
		require.Equal(t, forComparison(c, want[i]), forComparison(c, got[i]), "%s as %s", c.line(), spelled[i].line())
	}
}

// TestSpell_pythonStoreTakesIt has the Python server's own store make the calls.
// It has few methods, and these take less than redis-py's.
func TestSpell_pythonStoreTakesIt(t *testing.T) {
	var calls []call
	for _, line := range []string{
		"SET k v", "SET k v NX", "SET k v XX", "SET k v EX 100", "SETEX k 100 v", "GET k", "MGET k missing", "INCR n", "INCRBY n 5",
		"DECR n", "DECRBY n 2", "EXISTS k", "TYPE k", "TTL k", "EXPIRE k 100", "COPY k k2", "DEL k2",
		"HSET h a 1", "HSET h b 2 c 3", "HGET h a", "HMGET h a b", "HGETALL h", "HKEYS h", "HVALS h", "HLEN h", "HEXISTS h a", "HDEL h a",
		"RPUSH l a", "LPUSH l b", "LLEN l", "LINDEX l 0", "LINDEX l -1", "LRANGE l 0 -1", "LSET l 0 x", "LINSERT l BEFORE x y",
		"LREM l 0 x", "LREM l 1 y", "LPOP l",
		"SADD s a", "SADD s b", "SMEMBERS s", "SCARD s", "SISMEMBER s a", "SRANDMEMBER s", "SRANDMEMBER s 2", "SMOVE s s2 a", "SREM s b",
		"ZADD z 1 a 2.5 b inf c", "ZCARD z", "ZCOUNT z 1 (2", "ZRANGE z 0 -1", "ZRANGE z 0 1 WITHSCORES", "ZRANGEBYSCORE z 1 +inf",
		"ZRANGEBYSCORE z -inf +inf WITHSCORES LIMIT 0 1", "ZREVRANGEBYSCORE z +inf 1 LIMIT 0 2", "ZREM z a b",
		"FLUSHALL",
	} {
		calls = append(calls, spelledCall(t, strings.Fields(line)))
	}
	for i, ack := range replay(t, "memory", calls) {
		_, failed := ack.Get("error")
		require.False(t, failed, "%s: %s", calls[i].line(), appendValue(nil, &ack))
	}
	// What is read back is what was written: no argument was lost on the way.
	acks := replay(t, "memory", []call{
		spelledCall(t, []string{"RPUSH", "l", "[1, 2]"}), spelledCall(t, []string{"LRANGE", "l", "0", "-1"}),
		spelledCall(t, []string{"ZADD", "z", "1.5", "a", "2", "b"}), spelledCall(t, []string{"ZRANGE", "z", "0", "-1", "WITHSCORES"}),
	})
	require.Equal(t, `{"data": ["[1, 2]"]}`, string(appendValue(nil, &acks[1])))
	require.Equal(t, `{"data": [["a", 1.5], ["b", 2.0]]}`, string(appendValue(nil, &acks[3])))
}

func TestSpell_form(t *testing.T) {
	for line, want := range map[string]string{
		"set k v":                         `set [["k","v"],{}]`,
		"SET k v ex 10 NX":                `set [["k","v"],{"ex":10,"nx":true}]`,
		"SET k v EX 10 EX 20":             `execute_command [["SET","k","v","EX","10","EX","20"],{}]`,
		"SET k v EX":                      `execute_command [["SET","k","v","EX"],{}]`,
		"GET":                             `execute_command [["GET"],{}]`,
		"GET a b":                         `execute_command [["GET","a","b"],{}]`,
		"INCR k":                          `incr [["k",1],{}]`,
		"INCR k 5":                        `execute_command [["INCR","k","5"],{}]`,
		"HSET h f v":                      `hset [["h","f","v"],{}]`,
		"HSET h a 1 b 2":                  `hset [["h"],{"mapping":{"a":"1","b":"2"}}]`,
		"HSET h a 1 a 2":                  `execute_command [["HSET","h","a","1","a","2"],{}]`,
		"ZADD z NX CH 1.5 a 007 b":        `zadd [["z",{"a":"1.5","b":"007"}],{"nx":true,"ch":true}]`,
		"ZADD z 1 a 2 a":                  `execute_command [["ZADD","z","1","a","2","a"],{}]`,
		"ZUNION 2 a b WITHSCORES":         `zunion [[["a","b"]],{"withscores":true}]`,
		"ZUNION 3 a b":                    `execute_command [["ZUNION","3","a","b"],{}]`,
		"LPOP l 2":                        `lpop [["l",2],{}]`,
		"PING":                            `ping [[],{}]`,
		"PING hello":                      `execute_command [["PING","hello"],{}]`,
		"ZN.LPOP l 0":                     `execute_command [["ZN.LPOP","l","0"],{}]`,
		"config get a b":                  `config_get [["a","b"],{}]`,
		"CONFIG NOSUCH":                   `execute_command [["CONFIG","NOSUCH"],{}]`,
		"BITCOUNT k 0 5 BIT":              `bitcount [["k",0,5,"BIT"],{}]`,
		"BITCOUNT k 0":                    `execute_command [["BITCOUNT","k","0"],{}]`,
		"SETBIT k 7 1":                    `setbit [["k",7,1],{}]`,
		"SETBIT k 7 5":                    `execute_command [["SETBIT","k","7","5"],{}]`,
		"XADD s 1-1 a b":                  `xadd [["s",{"a":"b"},"1-1"],{}]`,
		"XRANGE s - + COUNT 2":            `xrange [["s","-","+"],{"count":2}]`,
		"XRANGE s - + COUNT 0":            `execute_command [["XRANGE","s","-","+","COUNT","0"],{}]`,
		"GEOPOS g a b":                    `geopos [["g","a","b"],{}]`,
		"EVAL x 1 k a":                    `eval [["x",1,"k","a"],{}]`,
		"BLPOP a b 0":                     `execute_command [["BLPOP","a","b","0"],{}]`,
		"LOLWUT VERSION 5":                `execute_command [["LOLWUT","VERSION","5"],{}]`,
		"NOSUCH":                          `execute_command [["NOSUCH"],{}]`,
		"LRANGE l 99999999999999999999 1": `lrange [["l","99999999999999999999",1],{}]`,
	} {
		event, payload, err := Spell(strings.Fields(line))
		require.NoError(t, err)
		require.Equal(t, want, event+" "+string(payload), line)
	}
	_, _, err := Spell([]string{"SET", "k", "\xff"})
	require.ErrorContains(t, err, "UTF-8")
	_, _, err = Spell(nil)
	require.Error(t, err)
}

// TestSpell_redisAlone spells the commands that only Redis has, and binds them
// again.
func TestSpell_redisAlone(t *testing.T) {
	byMethod := 0
	for _, c := range recordedCalls(t, callsOfRedis) {
		m, _ := Find(c.name)
		bound, err := m.Bind(&c.payload)
		if err != nil {
			continue
		}
		s := spelledCall(t, bound.Argv)
		m, ok := Find(s.name)
		require.True(t, ok, s.name)
		if m != executeCommand {
			byMethod++
		}
		again, err := m.Bind(&s.payload)
		require.NoError(t, err, s.line())
		require.Equal(t, bound.Argv, again.Argv, s.line())
	}
	require.Greater(t, byMethod, 100)
}

// TestSpell_everyCommand spells each command of the table with every number of
// words, and finds that we bind the same command again.
func TestSpell_everyCommand(t *testing.T) {
	keyspace.Commands(func(command *keyspace.Command) {
		for n := range 8 {
			argv := append([]string{command.Name}, strings.Fields("1 2 3 4 5 6 7")[:n]...)
			c := spelledCall(t, argv)
			m, ok := Find(c.name)
			require.True(t, ok, c.name)
			bound, err := m.Bind(&c.payload)
			require.NoError(t, err, c.line())
			if name := argv[0]; len(argv) == 2 && (name == "INCR" || name == "DECR") {
				argv = []string{name + "BY", "1", "1"}
			}
			require.Equal(t, argv, bound.Argv, c.line())
		}
	})
}
