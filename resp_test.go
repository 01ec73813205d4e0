package znsocket_test

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
)

func goRedis(t *testing.T, s *znsocket.Store, protocol int) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Dialer: s.DialRESP, Addr: "127.0.0.1:0", Protocol: protocol})
	t.Cleanup(func() { assert.NoError(t, rdb.Close()) })
	return rdb
}

// The code under test keeps its Redis client.
func TestStore_DialRESP(t *testing.T) {
	for _, protocol := range []int{2, 3} {
		s, ctx := znsocket.NewStore(), t.Context()
		rdb := goRedis(t, s, protocol)
		require.NoError(t, rdb.Set(ctx, "k", "v", time.Hour).Err())
		v, err := rdb.Get(ctx, "k").Result()
		require.NoError(t, err)
		require.Equal(t, "v", v)
		require.ErrorIs(t, rdb.Get(ctx, "none").Err(), redis.Nil)
		require.NoError(t, rdb.HSet(ctx, "h", "a", 1, "b", 2).Err())
		all, err := rdb.HGetAll(ctx, "h").Result()
		require.NoError(t, err)
		require.Equal(t, map[string]string{"a": "1", "b": "2"}, all)
		require.NoError(t, rdb.ZAdd(ctx, "z", redis.Z{Score: 1.5, Member: "m"}).Err())
		scores, err := rdb.ZRangeWithScores(ctx, "z", 0, -1).Result()
		require.NoError(t, err)
		require.Equal(t, []redis.Z{{Score: 1.5, Member: "m"}}, scores)
		require.ErrorContains(t, rdb.Incr(ctx, "h").Err(), "WRONGTYPE")

		n := 0
		require.NoError(t, rdb.Watch(ctx, func(tx *redis.Tx) error {
			if n++; n == 1 {
				_, err := s.Incr(ctx, "count") // somebody is first
				require.NoError(t, err)
			}
			_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error { return p.Incr(ctx, "count").Err() })
			if err == redis.TxFailedErr {
				require.Equal(t, 1, n)
				return nil
			}
			return err
		}, "count"))
		count, err := rdb.Get(ctx, "count").Int()
		require.NoError(t, err)
		require.Equal(t, 1, count)

		sub := rdb.Subscribe(ctx, "news")
		_, err = sub.Receive(ctx)
		require.NoError(t, err)
		require.NoError(t, rdb.Publish(ctx, "news", "hello").Err())
		message, err := sub.ReceiveMessage(ctx)
		require.NoError(t, err)
		require.Equal(t, "hello", message.Payload)
		require.NoError(t, sub.Close())
	}
}

// In a bubble an hour takes no time, and nothing is left behind.
func TestStore_DialRESP_inABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := znsocket.NewStore(), t.Context()
		rdb := redis.NewClient(&redis.Options{Dialer: s.DialRESP, Addr: "127.0.0.1:0"})
		require.NoError(t, rdb.Set(ctx, "k", "v", time.Hour).Err())
		time.Sleep(time.Hour - time.Millisecond)
		require.NoError(t, rdb.Get(ctx, "k").Err())
		time.Sleep(time.Millisecond)
		require.ErrorIs(t, rdb.Get(ctx, "k").Err(), redis.Nil)
		require.NoError(t, rdb.Close())
	})
}

// All faces of a Store show the same data at once, and its objects hear of what
// comes by RESP.
func TestStore_faces(t *testing.T) {
	s, ctx := znsocket.NewStore(), t.Context()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	serving, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- s.ServeRESP(serving, l) }()
	t.Cleanup(func() { stop(); assert.NoError(t, <-served) })
	tcp := redis.NewClient(&redis.Options{Addr: l.Addr().String()})
	t.Cleanup(func() { assert.NoError(t, tcp.Close()) })
	web := httptest.NewServer(znsocket.NewServer(znsocket.WithStore(s)))
	t.Cleanup(web.Close)
	client, err := znsocket.Dial(ctx, web.URL)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })

	heard := make(chan znsocket.Refresh, 10)
	list := znsocket.NewList[int](client, "l")
	t.Cleanup(list.OnRefresh(func(r znsocket.Refresh) { heard <- r }))
	for i, rdb := range []*redis.Client{tcp, goRedis(t, s, 3)} {
		require.NoError(t, rdb.RPush(ctx, "znsocket.List:l", i).Err())
		require.Equal(t, znsocket.Refresh{Indices: []int{i}}, <-heard)
		_, err := rdb.TxPipelined(ctx, func(p redis.Pipeliner) error { return p.LSet(ctx, "znsocket.List:l", int64(i), 10+i).Err() })
		require.NoError(t, err)
		require.Equal(t, znsocket.Refresh{Indices: []int{i}}, <-heard)
	}
	all, err := list.Slice(ctx, 0, 2)
	require.NoError(t, err)
	require.Equal(t, []int{10, 11}, all)
	require.NoError(t, list.Append(ctx, 12))
	n, err := tcp.LLen(ctx, "znsocket.List:l").Result()
	require.NoError(t, err)
	require.Equal(t, int64(3), n)
	require.NoError(t, tcp.Do(ctx, "SELECT", 1).Err())
}

func ExampleStore_DialRESP() {
	store := znsocket.NewStore()
	rdb := redis.NewClient(&redis.Options{Dialer: store.DialRESP, Addr: "127.0.0.1:0"})
	defer rdb.Close()

	ctx := context.Background()
	rdb.Set(ctx, "session", "ada", time.Hour)
	store.Advance(time.Hour) // no test waits for it
	_, err := rdb.Get(ctx, "session").Result()
	fmt.Println(err)
	// Output: redis: nil
}
