package main

import (
	"context"
	"errors"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/peers"
)

func dial(t *testing.T, url string, opts ...znsocket.ClientOption) *znsocket.Client {
	t.Helper()
	c, err := znsocket.Dial(t.Context(), url, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

// Two servers over one Redis are one for their clients, until one is killed.
func TestCommand_serversOverOneRedis(t *testing.T) {
	ctx := t.Context()
	storage := "unix://" + peers.Redis(t)
	first, firstURL, _ := start(t, "--storage", storage)
	_, secondURL, _ := start(t, "--storage", storage)
	owner, reader := dial(t, firstURL), dial(t, secondURL)

	heard := make(chan znsocket.Refresh, 1)
	l := znsocket.NewList[string](reader, "shared")
	defer l.OnRefresh(func(r znsocket.Refresh) { heard <- r })()
	require.NoError(t, znsocket.NewList[string](owner, "shared").Append(ctx, "a", "b"))
	r := <-heard
	require.NotNil(t, r.Start)
	require.NoError(t, l.Insert(ctx, 1, "between"))
	got, err := l.Slice(ctx, znsocket.Begin, znsocket.End)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "between", "b"}, got)

	data := []int{1, 2, 3}
	a, err := znsocket.NewListAdapter(ctx, owner, "adapter", znsocket.SliceOf(&data, nil))
	require.NoError(t, err)
	defer a.Close()
	adapter := znsocket.NewList[int](reader, "adapter")
	require.Eventually(t, func() bool { n, err := adapter.Len(ctx); return err == nil && n == 3 }, 10*time.Second, time.Millisecond)
	require.ErrorIs(t, adapter.Append(ctx, 4), znsocket.ErrFrozen)

	require.NoError(t, first.Process.Kill())
	require.Eventually(t, func() bool {
		n, err := adapter.Len(ctx)
		var refused *znsocket.Error
		require.True(t, err == nil || errors.As(err, &refused), "%v", err)
		return err == nil && n == 0
	}, 15*time.Second, 10*time.Millisecond, "a node's death frees its adapters")
	require.NoError(t, l.Append(ctx, "c"), "the other goes on")
}

func TestCommand_pythonOverRedis(t *testing.T) {
	_, url, _ := start(t, "--storage", "unix://"+peers.Redis(t))
	program := `
import sys
from znsocket import Client, List, Dict
c = Client.from_url(sys.argv[1])
assert c.xadd("stream", {"a": "1"}, id="1-1") == "1-1"
assert c.xrange("stream") == [["1-1", {"a": "1"}]], c.xrange("stream")
assert c.geoadd("geo", [13.361389, 38.115556, "Palermo"]) == 1
assert c.setbit("bits", 7, 1) == 0 and c.bitcount("bits") == 1
assert c.pfadd("hll", "a", "b") == 1 and c.pfcount("hll") == 2
assert c.eval("return redis.call('SET', KEYS[1], ARGV[1])", 1, "k", "v") == "OK"
assert c.smembers("none") == set() and c.sadd("s", "m") == 1 and c.smembers("s") == {"m"}
p = c.pipeline()
p.set("x", 1)
p.incr("x")
assert p.execute() == [True, 2]
l = List(r=c, key="l")
l.extend(["a", "b", "c"])
l.insert(1, "x")
assert l[:] == ["a", "x", "b", "c"]
d = Dict(r=c, key="d")
d["k"] = l
assert d["k"][::2] == ["a", "b"]
try:
    c.lpush("k", 1)
    raise SystemExit("no error")
except Exception as e:
    assert "WRONGTYPE" in str(e), e
assert c.blpop("none", timeout=0.1) is None
`
	out, err := exec.CommandContext(t.Context(), peers.Python(t), "-W", "ignore", "-c", program, url).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// While the Redis is away every call ends with an error that says so, and when it
// is back everything goes on.
func TestCommand_redisRestarts(t *testing.T) {
	ctx := t.Context()
	redis := peers.RedisTCP(t)
	_, url, _ := start(t, "--storage", "redis://"+redis.Addr)
	c, other := dial(t, url), dial(t, url)
	l := znsocket.NewList[int](c, "l")
	resynced := make(chan struct{}, 100)
	defer l.OnRefresh(func(r znsocket.Refresh) {
		if r.Resync {
			resynced <- struct{}{}
		}
	})()
	ended := make(chan error)
	go func() {
		for i := 0; ; i++ {
			if err := l.Append(ctx, i); err != nil {
				ended <- err
				return
			}
		}
	}()
	_, err := c.Do(ctx, "BLPOP", "nothing", "0.01")
	require.NoError(t, err)
	go func() { _, err := other.Do(ctx, "BLPOP", "nothing", "0"); ended <- err }()
	require.Eventually(t, func() bool { return strings.Contains(redis.Command("INFO clients"), "blocked_clients:1") }, 10*time.Second, time.Millisecond)
	redis.Stop()
	for range 2 {
		err := <-ended
		require.ErrorIs(t, err, znsocket.ErrDisconnected)
		require.ErrorContains(t, err, redis.Addr)
	}
	err = l.Append(ctx, 1)
	require.ErrorContains(t, err, "connection refused")
	redis.Start()
	require.Eventually(t, func() bool { return l.Append(ctx, 1) == nil }, 10*time.Second, time.Millisecond)
	<-resynced
	got, err := l.Slice(ctx, znsocket.Begin, znsocket.End)
	require.NoError(t, err)
	require.Equal(t, []int{1}, got)
}

func TestCommand_storageMissing(t *testing.T) {
	out, err := exec.Command(program, "--port", "0", "--storage", "redis://:secret@127.0.0.1:1/0").CombinedOutput()
	require.Error(t, err)
	assert.Equal(t, 1, strings.Count(string(out), "\n"), "one line: %s", out)
	assert.Contains(t, string(out), "is it running?")
	assert.NotContains(t, string(out), "secret")
}

func TestCommand_authToken(t *testing.T) {
	_, url, _ := start(t, "--auth-token", "s3cret")
	ctx := t.Context()
	for name, opts := range map[string][]znsocket.ClientOption{
		"none":  nil,
		"wrong": {token("guess")},
		"empty": {token("")},
	} {
		_, err := znsocket.Dial(ctx, url, opts...)
		require.ErrorIs(t, err, znsocket.ErrDenied, name)
		require.ErrorContains(t, err, "token", name)
	}
	require.NoError(t, dial(t, url, token("s3cret")).Set(ctx, "k", "v"))
	bearer := znsocket.WithHeader(http.Header{"Authorization": {"Bearer s3cret"}})
	require.NoError(t, dial(t, url, bearer).Set(ctx, "k", "v"))
}

func token(text string) znsocket.ClientOption {
	return znsocket.WithToken(func(context.Context) (any, error) { return text, nil })
}
