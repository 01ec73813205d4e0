package pycall

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/peers"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// bind binds a call whose payload is given as JSON.
func bind(t testing.TB, name, payload string, attachments ...[]byte) (Call, error) {
	t.Helper()
	m, ok := Find(name)
	require.True(t, ok, name)
	v, err := pyjson.Parse([]byte(payload), attachments)
	require.NoError(t, err, payload)
	return m.Bind(&v)
}

func TestBind_payloadOfAnotherForm(t *testing.T) {
	for _, payload := range []string{
		`null`, `1`, `"get"`, `{}`, `[]`, `["k"]`, `["k","v"]`, `[["k"]]`, `[["k"],null]`, `[["k"],[]]`, `[{},{}]`, `[null,{}]`, `["k",{}]`,
		`[["k"],{},{}]`, `{"args":["k"],"kwargs":{}}`,
	} {
		_, err := bind(t, "get", payload)
		require.Equal(t, &Error{"TypeError", "Invalid arguments for get: the payload must be [args, kwargs], an array and an object"}, err, payload)
	}
}

func TestBind_attachments(t *testing.T) {
	call, err := bind(t, "set", `[["k",{"_placeholder":true,"num":0}],{}]`, []byte("a\xff\x00"))
	require.NoError(t, err)
	require.Equal(t, []string{"SET", "k", "a\xff\x00"}, call.Argv)

	call, err = bind(t, "mget", `[[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}],{}]`, []byte("k"), []byte("l"))
	require.NoError(t, err)
	require.Equal(t, []string{"MGET", "l", "k"}, call.Argv)

	_, err = bind(t, "sintercard", `[[1,{"_placeholder":true,"num":0}],{}]`, []byte("k"))
	require.ErrorContains(t, err, "must be an iterable, not bytes")
}

// TestBind_numbers keeps what JavaScript writes, which Python would not.
func TestBind_numbers(t *testing.T) {
	for _, number := range []string{"1e21", "1E5", "1.50", "0.0", "-0.0", strings.Repeat("9", 5000)} {
		for _, payload := range []string{`[["k",` + number + `],{}]`, `[["k"],{"value":` + number + `}]`} {
			call, err := bind(t, "set", payload)
			require.NoError(t, err)
			require.Equal(t, []string{"SET", "k", number}, call.Argv)
		}
	}
}

// TestBind_keyTwice takes the last value of a key that is there twice, as
// Python reads it.
func TestBind_keyTwice(t *testing.T) {
	call, err := bind(t, "zadd", `[["z",{"a":1,"b":2,"a":3}],{"nx":false,"nx":true}]`)
	require.NoError(t, err)
	require.Equal(t, []string{"ZADD", "z", "NX", "3", "a", "2", "b"}, call.Argv)

	call, err = bind(t, "zunion", `[[{"a":1,"b":2,"a":3}],{}]`)
	require.NoError(t, err)
	require.Equal(t, []string{"ZUNION", "2", "a", "b", "WEIGHTS", "3", "2"}, call.Argv)
}

// TestBind_directly finds that the short way and the long way are the same.
func TestBind_directly(t *testing.T) {
	direct := 0
	for _, c := range slices.Concat(recordedCalls(t, callsOfStore), recordedCalls(t, callsOfRedis)) {
		m, _ := Find(c.name)
		pos, kw := c.payload.Items[0].Items, &c.payload.Items[1]
		if len(kw.Keys) > 0 {
			continue
		}
		argv := m.bindDirect(pos)
		if argv == nil {
			continue
		}
		direct++
		a := &args{m: m}
		require.NoError(t, a.take(pos, kw))
		if m.check != nil {
			require.NoError(t, m.check(a))
		}
		long, err := a.argv()
		require.NoError(t, err)
		require.Equal(t, long, argv, c.line())
		shape, err := a.shape()
		require.NoError(t, err)
		require.Equal(t, shape, m.reply.shape, c.line())
	}
	require.Greater(t, direct, 200)
	for _, name := range []string{"set", "get", "hset", "hget", "lrange", "rpush", "lindex", "incr", "sadd", "zrange", "expire"} {
		m, _ := Find(name)
		require.Positive(t, m.direct, name)
	}
}

// TestBind_noValues has an option of Redis 7.4, which an older one refuses. It is
// there as soon as it is not None, but counts only where it is true.
func TestBind_noValues(t *testing.T) {
	for payload, want := range map[string]string{
		`[["h"],{"no_values":true}]`:   `{"data":[0,["a","b"]]}`,
		`[["h",0,null,null,false],{}]`: `{"data":[0,{"a":"b"}]}`,
		`[["h"],{"no_values":null}]`:   `{"data":[0,{"a":"b"}]}`,
	} {
		call, err := bind(t, "hscan", payload)
		require.NoError(t, err)
		require.Equal(t, !strings.Contains(payload, `s":null`), slices.Contains(call.Argv, "NOVALUES"), payload)
		require.Equal(t, want, appendReply(&call, nil, keyspace.Scan{Items: []string{"a", "b"}}))
	}
	call, err := bind(t, "hscan_iter", `[["h"],{"no_values":true}]`)
	require.NoError(t, err)
	require.Equal(t, `{"data":["a"]}`, appendReply(&call, nil, keyspace.Scan{Items: []string{"a"}}))
}

// TestBind_restore takes a dump apart from JSON, in which it cannot be.
func TestBind_restore(t *testing.T) {
	server := dial(t, peers.Redis(t), 2)
	_, err := server.do([]string{"RPUSH", "list", "a", "\xff"})
	require.NoError(t, err)
	dump, err := server.do([]string{"DUMP", "list"})
	require.NoError(t, err)
	call, err := bind(t, "restore", `[["copy",0,{"_placeholder":true,"num":0}],{}]`, []byte(dump.(string)))
	require.NoError(t, err)
	reply, err := server.do(call.Argv)
	require.NoError(t, err)
	require.Equal(t, `{"data":"OK"}`, appendReply(&call, nil, reply))
	list, err := server.do([]string{"LRANGE", "copy", "0", "-1"})
	require.NoError(t, err)
	require.Equal(t, []any{"a", "\xff"}, list)
}

// TestBind_govern has the calls that no server may be sent in a test.
func TestBind_govern(t *testing.T) {
	for line, want := range map[string]string{
		`shutdown [[],{}]`: "SHUTDOWN",
		`shutdown [[],{"nosave":true,"now":true,"force":true}]`: "SHUTDOWN NOSAVE NOW FORCE",
		`shutdown [[true],{}]`:                                      "SHUTDOWN SAVE",
		`replicaof [["host",6379],{}]`:                              "REPLICAOF host 6379",
		`slaveof [["host",6379],{}]`:                                "SLAVEOF host 6379",
		`slaveof [[],{}]`:                                           "SLAVEOF NO ONE",
		`bgsave [[false],{}]`:                                       "BGSAVE",
		`client_kill_filter [[],{"skipme":true}]`:                   "CLIENT KILL SKIPME YES",
		`client_kill_filter [[7],{"skipme":false,"_type":"Slave"}]`: "CLIENT KILL TYPE Slave SKIPME NO ID 7",
		`blpop [["k",null],{}]`:                                     "BLPOP k 0",
		`xread [[{"a":"$","b":"0"}],{"block":0}]`:                   "XREAD BLOCK 0 STREAMS a b $ 0",
	} {
		name, payload, _ := strings.Cut(line, " ")
		call, err := bind(t, name, payload)
		require.NoError(t, err, line)
		require.Equal(t, strings.Fields(want), call.Argv, line)
	}
}

func TestBind_executeCommand(t *testing.T) {
	call, err := bind(t, "execute_command", `[["SET k",1.0,"v"],{}]`)
	require.NoError(t, err)
	require.Equal(t, []string{"SET", "k", "1.0", "v"}, call.Argv)

	for payload, want := range map[string][]string{
		`[[""],{}]`:                {""},
		`[["  "],{}]`:              {"  "},
		`[["config get","*"],{}]`:  {"config", "get", "*"},
		`[["__class__", 1],{}]`:    {"__class__", "1"},
		`[["NO SUCH", "a b"], {}]`: {"NO", "SUCH", "a b"},
	} {
		call, err = bind(t, "execute_command", payload)
		require.NoError(t, err, payload)
		require.Equal(t, want, call.Argv)
	}
	call, err = bind(t, "execute_command", `[["config get","*"],{}]`)
	require.NoError(t, err)
	require.Equal(t, mapping, call.shape, "as the method that sends it")
	call, err = bind(t, "execute_command", `[["config","get","*"],{}]`)
	require.NoError(t, err)
	require.Equal(t, asIs, call.shape, "redis-py looks at the first text alone")
}

// FuzzBind binds any payload to any method. What comes of it is a command or a
// refusal, any reply to it can be told, and spelled as a call it is bound to the
// same command again.
func FuzzBind(f *testing.F) {
	for _, c := range slices.Concat(recordedCalls(f, callsOfStore), recordedCalls(f, callsOfRedis)) {
		f.Add(c.name, appendValue(nil, &c.payload))
	}
	f.Fuzz(func(t *testing.T, name string, payload []byte) {
		m, ok := Find(name)
		if !ok {
			return
		}
		v, err := pyjson.Parse(payload, [][]byte{[]byte("attachment"), {0xff}})
		if err != nil {
			return
		}
		call, err := m.Bind(&v)
		if err != nil {
			ack := AppendError(nil, err)
			if _, err := pyjson.Parse(ack, nil); err != nil {
				t.Fatalf("%s: %v", ack, err)
			}
			return
		}
		if len(call.Argv) == 0 {
			t.Fatal("no command")
		}
		for _, reply := range replyKinds {
			ack := []byte(appendReply(&call, nil, reply))
			if _, err := pyjson.Parse(ack, nil); err != nil {
				t.Fatalf("%s: %v", ack, err)
			}
		}
		event, spelled, err := Spell(call.Argv)
		if err != nil {
			return // not UTF-8
		}
		if v, err = pyjson.Parse(spelled, nil); err != nil {
			t.Fatalf("%s: %v", spelled, err)
		}
		again, ok := Find(event)
		if !ok {
			t.Fatal(event)
		}
		if m == executeCommand || name == "lcs" { // the first sends anything, the other leaves a default out
			return
		}
		back, err := again.Bind(&v)
		if err != nil || !slices.Equal(back.Argv, call.Argv) {
			t.Fatalf("%q spelled as %s %s: %q, %v", call.Argv, event, spelled, back.Argv, err)
		}
	})
}

func BenchmarkCall(b *testing.B) {
	for _, bench := range []struct {
		name, payload string
		reply         any
	}{
		{"set", `[["name","Fabian"],{}]`, keyspace.OK},
		{"get", `[["name"],{}]`, "Fabian"},
		{"hset", `[["h","field","value"],{}]`, int64(1)},
		{"lrange", `[["l",0,-1],{}]`, strings.Fields(strings.Repeat("value ", 100))},
		{"rpush", `[["l","value"],{}]`, int64(7)},
		{"set", `[["name","Fabian"],{"ex":10,"nx":true}]`, keyspace.OK},
		{"hset", `[["h"],{"mapping":{"a":"1","b":"2"}}]`, int64(2)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			payload, err := pyjson.Parse([]byte(bench.payload), nil)
			require.NoError(b, err)
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				m, _ := Find(bench.name)
				call, err := m.Bind(&payload)
				if err != nil {
					b.Fatal(err)
				}
				dst, _ = call.AppendReply(dst[:0], bench.reply, math.MaxInt)
			}
		})
	}
}

// A text that stands for a list is not taken apart beyond what Redis takes.
func TestBind_longText(t *testing.T) {
	bind := func(name string, n int) ([]string, error) {
		m, ok := Find(name)
		require.True(t, ok)
		call, err := m.Bind(&pyjson.Value{Kind: pyjson.Array, Items: []pyjson.Value{
			{Kind: pyjson.Array},
			{Kind: pyjson.Object, Keys: []string{"keys"}, Items: []pyjson.Value{{Kind: pyjson.String, Text: strings.Repeat("a", n)}}},
		}})
		return call.Argv, err
	}
	argv, err := bind("zunion", 3)
	require.NoError(t, err)
	require.Equal(t, []string{"ZUNION", "3", "a", "a", "a"}, argv)
	_, err = bind("zunion", maxElements+1)
	require.Error(t, err)
	argv, err = bind("sinter", maxElements+1)
	require.NoError(t, err)
	require.Len(t, argv, 2, "here a text is one key")
}
