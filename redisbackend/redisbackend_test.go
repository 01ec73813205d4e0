package redisbackend

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/peers"
)

// every is each kind of Redis that a URL can name, and what it takes from every
// one of them.
var every = []struct {
	name  string
	start func(t *testing.T) (url string, servers []*peers.RedisServer)
}{
	{"single", func(t *testing.T) (string, []*peers.RedisServer) {
		r := peers.RedisTCP(t)
		return "redis://" + r.Addr, []*peers.RedisServer{r}
	}},
	{"sentinel", func(t *testing.T) (string, []*peers.RedisServer) {
		r := peers.RedisTCP(t)
		s := peers.RedisSentinel(t, r, "main")
		return "redis://" + s.Addr + "?master_name=main", []*peers.RedisServer{r}
	}},
	{"cluster", func(t *testing.T) (string, []*peers.RedisServer) {
		nodes := peers.RedisCluster(t)
		return fmt.Sprintf("redis://%s?addr=%s&addr=%s", nodes[0].Addr, nodes[1].Addr, nodes[2].Addr), nodes
	}},
}

// A cluster takes seconds to start, so all that does no harm to it shares one.
func TestBackend_onEveryRedis(t *testing.T) {
	for _, each := range every {
		t.Run(each.name, func(t *testing.T) {
			url, servers := each.start(t)
			for _, test := range []struct {
				name string
				run  func(t *testing.T, url string, servers []*peers.RedisServer)
			}{
				{"replies", testReplies},
				{"errors", testErrors},
				{"refused", testRefused},
				{"DoMulti", testDoMulti},
				{"DoMulti is atomic", testDoMultiAtomic},
				{"objects", testObjects},
				{"a context that ends", testCancel},
				{"commands that wait", testWaiting},
				{"a command is sent once", testOnce},
				{"bus", testBus},
				{"bus: one order", testBusOrder},
				{"bus: lost messages", testBusLost},
				{"close", testClose},
				{"Backends", testBackends},
			} {
				t.Run(test.name, func(t *testing.T) { test.run(t, url, servers) })
			}
		})
	}
}

func open(t *testing.T, url string) *remote {
	t.Helper()
	b, err := config{}.connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, b.Close()) })
	return b
}

// with adds a parameter to a URL.
func with(url, parameter string) string {
	if strings.Contains(url, "?") {
		return url + "&" + parameter
	}
	return url + "?" + parameter
}

func do(t *testing.T, c znsocket.Commander, args ...any) any {
	t.Helper()
	v, err := c.Do(t.Context(), args...)
	require.NoError(t, err, "%v", args)
	return v
}

type text string

func (x text) MarshalText() ([]byte, error) { return []byte("<" + x + ">"), nil }

func testReplies(t *testing.T, url string, _ []*peers.RedisServer) {
	resp3 := redis.NewClient(&redis.Options{Addr: strings.TrimPrefix(url, "redis://")})
	defer resp3.Close()
	backends := map[string]*remote{"RESP2": open(t, url)}
	if !strings.Contains(url, "?") {
		b, err := over(resp3)
		require.NoError(t, err)
		defer b.Close()
		backends["RESP3"] = b
	}
	for name, b := range backends {
		t.Run(name, func(t *testing.T) {
			do(t, b, "DEL", "{r}k")
			do(t, b, "DEL", "{r}h", "{r}s", "{r}z", "{r}l")
			either := func(resp2, resp3 any) any {
				if name == "RESP3" {
					return resp3
				}
				return resp2
			}
			for _, c := range []struct {
				args []any
				want any
			}{
				{[]any{"SET", "{r}k", "v"}, "OK"},
				{[]any{"get", []byte("{r}k")}, "v"},
				{[]any{"GET", "absent"}, nil},
				{[]any{"SET", "{r}k", time.Minute}, "OK"},
				{[]any{"GET", "{r}k"}, "60"},
				{[]any{"SET", "{r}k", true}, "OK"},
				{[]any{"GET", "{r}k"}, "1"},
				{[]any{"SET", "{r}k", text("x")}, "OK"},
				{[]any{"GET", "{r}k"}, "<x>"},
				{[]any{"SET", "{r}k", float32(0.1)}, "OK"},
				{[]any{"GET", "{r}k"}, "0.1"},
				{[]any{"SET", "{r}k", 1e300}, "OK"},
				{[]any{"GET", "{r}k"}, "1e+300"},
				{[]any{"SET", "{r}k", uint8(7)}, "OK"},
				{[]any{"INCR", "{r}k"}, int64(8)},
				{[]any{"SET", "{r}k", "\x00\xff"}, "OK"},
				{[]any{"GET", "{r}k"}, "\x00\xff"},
				{[]any{"HSET", "{r}h", "b", 1, "a", 2}, int64(2)},
				{[]any{"HGETALL", "{r}h"}, either([]any{"b", "1", "a", "2"}, map[string]any{"b": "1", "a": "2"})},
				{[]any{"HMGET", "{r}h", "a", "absent"}, []any{"2", nil}},
				{[]any{"SMEMBERS", "{r}s"}, []any{}},
				{[]any{"ZADD", "{r}z", 1.5, "m"}, int64(1)},
				{[]any{"ZSCORE", "{r}z", "m"}, either("1.5", 1.5)},
				{[]any{"RPUSH", "{r}l", "x", "y"}, int64(2)},
				{[]any{"LPOP", "{r}l", 5}, []any{"x", "y"}},
				{[]any{"LPOP", "{r}l", 5}, nil},
				{[]any{"EVAL", "return {1, 'x', {}, redis.error_reply('MY bad'), false}", "1", "{r}k"},
					[]any{int64(1), "x", []any{}, &znsocket.Error{Kind: znsocket.KindResponse, Msg: "MY bad"}, nil}},
				{[]any{"EVAL", "redis.setresp(3); return {double=1.5}", "1", "{r}k"}, either("1.5", 1.5)},
				{[]any{"EVAL", "redis.setresp(3); return true", "1", "{r}k"}, int64(1)},
			} {
				require.Equal(t, c.want, do(t, b, c.args...), "%v", c.args)
			}
			n, err := znsocket.NewCommands(b).Append(t.Context(), "{r}k", "!")
			require.NoError(t, err)
			require.Equal(t, int64(3), n)
		})
	}
}

func testErrors(t *testing.T, url string, _ []*peers.RedisServer) {
	b := open(t, url)
	do(t, b, "SET", "{e}k", "v")
	for _, c := range []struct {
		args []any
		is   error
		text string
	}{
		{[]any{"LLEN", "{e}k"}, znsocket.ErrWrongType, "WRONGTYPE Operation against a key holding the wrong kind of value"},
		{[]any{"NOSUCH"}, znsocket.ErrUnknownCommand, "ERR unknown command 'NOSUCH', with args beginning with: "},
		{[]any{"ZN.LPOP", "{e}k", 0}, znsocket.ErrUnknownCommand, "ERR unknown command 'ZN.LPOP'"},
		{[]any{"GET"}, nil, "ERR wrong number of arguments for 'get' command"},
		{[]any{"EVALSHA", strings.Repeat("0", 40), 1, "{e}k"}, nil, "NOSCRIPT No matching script. Please use EVAL."},
		{[]any{"XREAD"}, nil, "ERR wrong number of arguments for 'xread' command"},
		{[]any{"BLPOP"}, nil, "ERR wrong number of arguments for 'blpop' command"},
		{[]any{"BLPOP", "{e}l", "x"}, nil, "ERR timeout is not a float or out of range"},
		{[]any{"BLPOP", "{e}k", 1}, znsocket.ErrWrongType, "WRONGTYPE Operation against a key holding the wrong kind of value"},
		{[]any{"SET", "{e}k", nil}, nil, "DataError: Invalid input of type: '<nil>'. Convert to a []byte, string, int or float first."},
		{nil, nil, "ERR empty command"},
	} {
		_, err := b.Do(t.Context(), c.args...)
		var refused *znsocket.Error
		require.ErrorAs(t, err, &refused, "%v", c.args)
		require.Equal(t, c.text, err.Error())
		if c.is != nil {
			require.ErrorIs(t, err, c.is)
		}
	}
}

func testRefused(t *testing.T, url string, _ []*peers.RedisServer) {
	b := open(t, url)
	lines := []string{
		"SELECT 1", "AUTH x", "HELLO 3", "QUIT", "RESET", "MULTI", "EXEC", "DISCARD", "WATCH k", "UNWATCH",
		"SUBSCRIBE c", "PSUBSCRIBE c", "SSUBSCRIBE c", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE",
		"client reply off", "CLIENT SETNAME x", "CLIENT TRACKING ON", "CLIENT CACHING YES", "CLIENT NO-EVICT ON",
		"SCRIPT DEBUG YES", "MONITOR", "SYNC", "PSYNC ? -1", "REPLCONF ACK 0", "WAIT 0 0", "READONLY", "ASKING",
	}
	if b.cluster != nil {
		lines = append(lines, "SCAN 0", "KEYS *", "DBSIZE", "RANDOMKEY", "FLUSHALL", "FLUSHDB")
	}
	for _, line := range lines {
		var args znsocket.Cmd
		for _, w := range strings.Fields(line) {
			args = append(args, w)
		}
		_, err := b.Do(t.Context(), args...)
		var refused *znsocket.Error
		require.ErrorAs(t, err, &refused, line)
		require.Contains(t, err.Error(), strings.ToUpper(strings.Fields(line)[0]))
		replies, err := b.DoMulti(t.Context(), znsocket.Cmd{"ECHO", "before"}, args, znsocket.Cmd{"ECHO", "after"})
		require.NoError(t, err)
		require.Equal(t, []znsocket.Reply{{Val: "before"}, {Err: refused}, {Val: "after"}}, replies)
	}
	require.Contains(t, do(t, b, "CLIENT", "INFO"), " sub=0 ")
}

func testDoMulti(t *testing.T, url string, servers []*peers.RedisServer) {
	b := open(t, url)
	ctx := t.Context()
	do(t, b, "DEL", "{m}k", "{m}h")
	wrongType := &znsocket.Error{Kind: znsocket.KindResponse, Msg: "WRONGTYPE Operation against a key holding the wrong kind of value"}
	unknown := &znsocket.Error{Kind: znsocket.KindResponse, Msg: "ERR unknown command 'NOSUCH', with args beginning with: 'x' "}
	arity := &znsocket.Error{Kind: znsocket.KindResponse, Msg: "ERR wrong number of arguments for 'get' command"}

	replies, err := b.DoMulti(ctx)
	require.NoError(t, err)
	require.Empty(t, replies)

	replies, err = b.DoMulti(ctx, znsocket.Cmd{"SET", "{m}k", 1}, znsocket.Cmd{"LLEN", "{m}k"}, znsocket.Cmd{"INCR", "{m}k"},
		znsocket.Cmd{"HGETALL", "{m}h"}, znsocket.Cmd{"GET", "{m}absent"})
	require.NoError(t, err)
	require.Equal(t, []znsocket.Reply{{Val: "OK"}, {Err: wrongType}, {Val: int64(2)}, {Val: []any{}}, {}}, replies)

	// Redis discards all of these at first.
	replies, err = b.DoMulti(ctx, znsocket.Cmd{"INCR", "{m}k"}, znsocket.Cmd{"NOSUCH", "x"}, znsocket.Cmd{"INCR", "{m}k"},
		znsocket.Cmd{"GET"}, znsocket.Cmd{"LLEN", "{m}k"})
	require.NoError(t, err)
	require.Equal(t, []znsocket.Reply{{Val: int64(3)}, {Err: unknown}, {Val: int64(4)}, {Err: arity}, {Err: wrongType}}, replies)
	replies, err = b.DoMulti(ctx, znsocket.Cmd{"NOSUCH", "x"}, znsocket.Cmd{"GET"})
	require.NoError(t, err)
	require.Equal(t, []znsocket.Reply{{Err: unknown}, {Err: arity}}, replies)
	replies, err = b.DoMulti(ctx, znsocket.Cmd{"SAVE"}, znsocket.Cmd{"INCR", "{m}k"})
	require.NoError(t, err)
	require.EqualError(t, replies[0].Err, "ERR Command not allowed inside a transaction")
	require.Equal(t, int64(5), replies[1].Val)

	// In a transaction, and only there, this waits for nothing.
	pop, popped := znsocket.Cmd{"BLPOP", "{m}nothing", 0}, znsocket.Reply{}
	replies, err = b.DoMulti(ctx, pop, znsocket.Cmd{"ECHO", "x"})
	require.NoError(t, err)
	require.Equal(t, []znsocket.Reply{popped, {Val: "x"}}, replies)
	replies, err = b.DoMulti(ctx, pop, znsocket.Cmd{"GET", "{m}k", "x"}, znsocket.Cmd{"ECHO", "x"})
	require.NoError(t, err)
	require.Equal(t, []znsocket.Reply{popped, {Err: arity}, {Val: "x"}}, replies)

	_, err = b.DoMulti(ctx, znsocket.Cmd{"INCR", "{m}k"}, znsocket.Cmd{"SET", "{m}k", struct{}{}})
	require.ErrorContains(t, err, "Invalid input of type")
	require.Equal(t, "5", do(t, b, "GET", "{m}k"), "nothing is run where something cannot be written")

	// In a cluster these are in different slots, so no transaction can hold them.
	var cmds []znsocket.Cmd
	for i := range 20 {
		key := "m" + strconv.Itoa(i)
		cmds = append(cmds, znsocket.Cmd{"SET", key, i}, znsocket.Cmd{"LLEN", key}, znsocket.Cmd{"INCR", key}, znsocket.Cmd{"NOSUCH", "x"})
	}
	replies, err = b.DoMulti(ctx, cmds...)
	require.NoError(t, err)
	for i := range 20 {
		require.Equal(t, []znsocket.Reply{{Val: "OK"}, {Err: wrongType}, {Val: int64(i + 1)}, {Err: unknown}}, replies[4*i:4*i+4])
	}
}

// Whoever reads two keys between two DoMultis that write both sees the same in
// both.
func testDoMultiAtomic(t *testing.T, url string, _ []*peers.RedisServer) {
	b, other := open(t, url), open(t, url)
	do(t, b, "MSET", "{a}1", -1, "{a}2", -1)
	writing := make(chan error, 1)
	go func() {
		for i := range 300 {
			// NOSUCH makes it run a second time, without it.
			replies, err := b.DoMulti(t.Context(), znsocket.Cmd{"SET", "{a}1", i}, znsocket.Cmd{"NOSUCH", "{a}"}, znsocket.Cmd{"SET", "{a}2", i})
			if err == nil && replies[2].Err != nil {
				err = replies[2].Err
			}
			if err != nil {
				writing <- err
				return
			}
		}
		writing <- nil
	}()
	for {
		pair := do(t, other, "MGET", "{a}1", "{a}2").([]any)
		require.Equal(t, pair[0], pair[1])
		select {
		case err := <-writing:
			require.NoError(t, err)
			return
		default:
		}
	}
}

func testClose(t *testing.T, url string, servers []*peers.RedisServer) {
	b, err := config{}.connect(t.Context(), url)
	require.NoError(t, err)
	waiting := make(chan error, 1)
	go func() {
		_, err := b.Do(context.Background(), "BLPOP", "{c}nothing", 0)
		waiting <- err
	}()
	awaitBlocked(t, servers, 1)
	r := newReceiver()
	stop, err := b.Subscribe(t.Context(), r, "{c}")
	require.NoError(t, err)

	require.NoError(t, b.Close())
	require.ErrorIs(t, <-waiting, znsocket.ErrClosed)
	require.ErrorIs(t, (<-r.events).lost, znsocket.ErrClosed)
	stop()
	_, err = b.Do(t.Context(), "PING")
	require.ErrorIs(t, err, znsocket.ErrClosed)
	_, err = b.DoMulti(t.Context(), znsocket.Cmd{"PING"})
	require.ErrorIs(t, err, znsocket.ErrClosed)
	_, err = b.Subscribe(t.Context(), r, "{c}")
	require.ErrorIs(t, err, znsocket.ErrClosed)
	require.NoError(t, b.Close())
}
