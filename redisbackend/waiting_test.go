package redisbackend

import (
	"bytes"
	"context"
	"io"
	"net"
	"regexp"
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/peers"
)

// awaitBlocked returns when that many clients of the servers wait for an answer.
func awaitBlocked(t *testing.T, servers []*peers.RedisServer, n int) {
	t.Helper()
	for {
		blocked := 0
		for _, s := range servers {
			blocked += infoNumber(t, s, "blocked_clients")
		}
		if blocked == n {
			return
		}
		require.NoError(t, t.Context().Err())
	}
}

func infoNumber(t *testing.T, s *peers.RedisServer, field string) int {
	t.Helper()
	found := regexp.MustCompile(field + `:(\d+)`).FindStringSubmatch(s.Command("INFO"))
	require.NotNil(t, found, field)
	n, err := strconv.Atoi(found[1])
	require.NoError(t, err)
	return n
}

func commandAll(t *testing.T, servers []*peers.RedisServer, line string) {
	t.Helper()
	for _, s := range servers {
		require.Equal(t, "+OK\r\n", s.Command(line))
	}
}

type answer struct {
	val any
	err error
}

func begin(ctx context.Context, c znsocket.Commander, args ...any) <-chan answer {
	got := make(chan answer, 1)
	go func() {
		v, err := c.Do(ctx, args...)
		got <- answer{v, err}
	}()
	return got
}

// A call that is given up leaves its connection in order, and the others alone.
func testCancel(t *testing.T, url string, servers []*peers.RedisServer) {
	b := open(t, url)
	do(t, b, "DEL", "{w}k")
	commandAll(t, servers, "CLIENT PAUSE 60000 WRITE")
	ctx, cancel := context.WithCancel(t.Context())
	givenUp, other := begin(ctx, b, "INCR", "{w}k"), begin(t.Context(), b, "INCR", "{w}k")
	multi := make(chan error, 1)
	go func() {
		_, err := b.DoMulti(ctx, znsocket.Cmd{"INCR", "{w}k"})
		multi <- err
	}()
	awaitBlocked(t, servers, 3)
	conns := b.rdb.PoolStats().TotalConns

	cancel()
	err := (<-givenUp).err
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "no answer from redis://")
	require.NotErrorIs(t, err, znsocket.ErrDisconnected)
	require.ErrorIs(t, <-multi, context.Canceled)
	awaitBlocked(t, servers, 3) // the server knows nothing of it
	commandAll(t, servers, "CLIENT UNPAUSE")
	require.NoError(t, (<-other).err)
	for stats := b.rdb.PoolStats(); stats.IdleConns < stats.TotalConns; stats = b.rdb.PoolStats() {
		require.NoError(t, t.Context().Err())
	}
	require.Equal(t, conns, b.rdb.PoolStats().TotalConns)
	require.Equal(t, "3", do(t, b, "GET", "{w}k"))

	_, err = b.Do(ctx, "INCR", "{w}k")
	require.ErrorIs(t, err, context.Canceled)
	_, err = b.DoMulti(ctx, znsocket.Cmd{"INCR", "{w}k"})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, "3", do(t, b, "GET", "{w}k"))
}

func testWaiting(t *testing.T, url string, servers []*peers.RedisServer) {
	b := open(t, with(url, "read_timeout=100ms"))
	do(t, b, "DEL", "{w}l", "{w}z")

	t.Run("longer than the read timeout", func(t *testing.T) {
		require.Nil(t, do(t, b, "BLPOP", "{w}l", "0.5"))
		require.Nil(t, do(t, b, "xread", "BLOCK", 500, "STREAMS", "{w}x", "$"))
		require.Nil(t, do(t, b, "BLMPOP", 0.5, 1, "{w}l", "LEFT"))
	})
	t.Run("until there is something", func(t *testing.T) {
		popped := begin(t.Context(), b, "BLPOP", "{w}l", 0)
		awaitBlocked(t, servers, 1)
		do(t, b, "RPUSH", "{w}l", "x", "y")
		require.Equal(t, answer{val: []any{"{w}l", "x"}}, <-popped)
		do(t, b, "DEL", "{w}l")
		read := begin(t.Context(), b, "XREAD", "COUNT", 1, "BLOCK", 0, "STREAMS", "{w}x", "$")
		awaitBlocked(t, servers, 1)
		do(t, b, "XADD", "{w}x", "5-1", "f", "v")
		require.Equal(t, answer{val: []any{[]any{"{w}x", []any{[]any{"5-1", []any{"f", "v"}}}}}}, <-read)
		do(t, b, "DEL", "{w}x")
	})
	t.Run("until the context ends", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		popped := begin(ctx, b, "BLPOP", "{w}l", 0)
		awaitBlocked(t, servers, 1)
		cancel()
		require.ErrorIs(t, (<-popped).err, context.Canceled)
		awaitBlocked(t, servers, 0)
		do(t, b, "RPUSH", "{w}l", "x")
		require.Equal(t, int64(1), do(t, b, "LLEN", "{w}l"), "popped for nobody")
	})
	t.Run("a server that does not answer", func(t *testing.T) {
		commandAll(t, servers, "CLIENT PAUSE 60000 WRITE")
		_, err := b.Do(t.Context(), "INCR", "{w}k")
		require.ErrorIs(t, err, znsocket.ErrDisconnected)
		require.ErrorContains(t, err, "i/o timeout")
		commandAll(t, servers, "CLIENT UNPAUSE")
	})
}

// cutter is a dialer whose connections end when the server has answered a command
// that contains the word, before anybody sees the answer.
func cutter(word string) dialer {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &cut{Conn: conn, word: []byte(word)}, nil
	}
}

type cut struct {
	net.Conn
	word  []byte
	ended bool
}

func (c *cut) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err == nil && bytes.Contains(p, c.word) {
		_, err = c.Conn.Read(make([]byte, 1)) // it is carried out
		c.ended = true
	}
	return n, err
}

func (c *cut) Read(p []byte) (int, error) {
	if c.ended {
		return 0, io.EOF
	}
	return c.Conn.Read(p)
}

// The client here has go-redis's own settings, with which a command is sent four
// times.
func testOnce(t *testing.T, url string, servers []*peers.RedisServer) {
	var rdb redis.UniversalClient
	if b := open(t, url); b.cluster != nil {
		rdb = redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{servers[0].Addr}, Dialer: cutter("again")})
	} else {
		rdb = redis.NewClient(&redis.Options{Addr: servers[0].Addr, Dialer: cutter("again")})
	}
	defer rdb.Close()
	b, err := over(rdb)
	require.NoError(t, err)
	defer b.Close()
	do(t, b, "DEL", "{o}l", "{o}{p}l")

	_, err = b.Do(t.Context(), "RPUSH", "{o}l", "again")
	require.ErrorIs(t, err, znsocket.ErrDisconnected)
	require.ErrorContains(t, err, "EOF")
	require.Equal(t, int64(1), do(t, b, "LLEN", "{o}l"))

	_, err = b.DoMulti(t.Context(), znsocket.Cmd{"RPUSH", "{o}l", "again"}, znsocket.Cmd{"RPUSH", "{o}l", "x"})
	require.ErrorIs(t, err, znsocket.ErrDisconnected)
	require.Equal(t, int64(3), do(t, b, "LLEN", "{o}l"))

	if b.cluster != nil { // one node fails, the other has carried out its part
		do(t, b, "DEL", "foo")
		do(t, b, "DEL", "bar")
		replies, err := b.DoMulti(t.Context(), znsocket.Cmd{"RPUSH", "foo", "again"}, znsocket.Cmd{"RPUSH", "bar", "x"})
		require.NoError(t, err)
		require.ErrorIs(t, replies[0].Err, znsocket.ErrDisconnected)
		require.Equal(t, znsocket.Reply{Val: int64(1)}, replies[1])
		require.Equal(t, int64(1), do(t, b, "LLEN", "foo"))
	}
}
