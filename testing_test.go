package znsocket_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
)

func TestRunT(t *testing.T) {
	var url string
	t.Run("inner", func(t *testing.T) {
		srv := znsocket.RunT(t)
		url = srv.URL()
		c, err := znsocket.Dial(t.Context(), url)
		require.NoError(t, err)
		defer c.Close()
		require.NoError(t, c.Set(t.Context(), "k", "v"))
		v, err := srv.Store().Get(t.Context(), "k")
		require.NoError(t, err)
		require.Equal(t, "v", v)

		srv.DropConnections()
		_, err = c.Incr(t.Context(), "n") // over a new connection
		require.NoError(t, err)
	})
	_, err := znsocket.Dial(t.Context(), url)
	require.ErrorContains(t, err, "could not connect", "it ends with its test")
}

// The clock stands still, and what is made to fail fails, by command and by key.
func TestStore_forTests(t *testing.T) {
	ctx := t.Context()
	s := znsocket.NewStore(znsocket.WithSeed(1))
	rdb := goRedis(t, s, 3)
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	s.SetTime(noon)
	require.NoError(t, rdb.Set(ctx, "k", "v", time.Minute).Err())
	require.Equal(t, noon, s.Now())
	now, err := rdb.Time(ctx).Result()
	require.NoError(t, err)
	require.True(t, noon.Equal(now))
	ttl, err := rdb.PTTL(ctx, "k").Result()
	require.NoError(t, err)
	require.Equal(t, time.Minute, ttl)
	s.Advance(time.Minute)
	require.ErrorIs(t, rdb.Get(ctx, "k").Err(), redis.Nil)
	s.SetTime(noon.Add(-time.Hour))
	require.Equal(t, noon.Add(-time.Hour), s.Now())
	s.SetTime(time.Time{})
	require.WithinDuration(t, time.Now(), s.Now(), time.Minute)

	s.Intercept(func(_ context.Context, cmd znsocket.Cmd) error {
		if cmd[0] == "GET" && cmd[1] == "broken" {
			return errors.New("LOADING Redis is loading the dataset in memory")
		}
		return nil
	})
	require.ErrorContains(t, rdb.Get(ctx, "broken").Err(), "LOADING")
	require.ErrorIs(t, rdb.Get(ctx, "k").Err(), redis.Nil)
	s.Intercept(nil)

	var drawn [2][]string
	for i := range drawn {
		s := znsocket.NewStore(znsocket.WithSeed(7))
		_, err := s.SAdd(ctx, "s", "a", "b", "c", "d", "e", "f")
		require.NoError(t, err)
		for range 6 {
			v, err := s.SPop(ctx, "s")
			require.NoError(t, err)
			drawn[i] = append(drawn[i], v)
		}
	}
	require.Equal(t, drawn[0], drawn[1])

	sub := rdb.Subscribe(ctx, "c")
	_, err = sub.Receive(ctx)
	require.NoError(t, err)
	s.DropConnections()
	require.NoError(t, rdb.Set(ctx, "k", "v", 0).Err(), "a client makes a new one")
	require.NoError(t, sub.Close())
}

func ExampleStore_SetTime() {
	store, ctx := znsocket.NewStore(), context.Background()
	store.SetTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	_ = store.Set(ctx, "session", "ada", znsocket.EX(time.Hour))
	store.Advance(time.Hour)
	_, err := store.Get(ctx, "session")
	fmt.Println(store.Now().Format(time.DateTime), errors.Is(err, znsocket.ErrNil))
	// Output: 2026-01-01 01:00:00 true
}

func ExampleRunT() {
	test := func(t *testing.T) {
		srv := znsocket.RunT(t)
		client, err := znsocket.Dial(t.Context(), srv.URL())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		// … the code under test
	}
	_ = test
}

func ExampleStore_Advance() {
	store, ctx := znsocket.NewStore(), context.Background()
	_ = store.Set(ctx, "session", "ada", znsocket.EX(time.Hour))
	store.Advance(time.Hour)
	_, err := store.Get(ctx, "session")
	fmt.Println(errors.Is(err, znsocket.ErrNil))
	// Output: true
}

func ExampleWithSeed() {
	ctx := context.Background()
	draw := func() string {
		store := znsocket.NewStore(znsocket.WithSeed(42))
		_, _ = store.SAdd(ctx, "names", "ada", "bob", "cid", "dan")
		name, _ := store.SRandMember(ctx, "names")
		return name
	}
	first, second := draw(), draw()
	fmt.Println(first == second)
	// Output: true
}

// One command is slow, for one key: what the code does with a deadline.
func ExampleStore_Intercept_latency() {
	store := znsocket.NewStore()
	store.Intercept(func(ctx context.Context, cmd znsocket.Cmd) error {
		if cmd[0] != "GET" || cmd[1] != "slow" {
			return nil
		}
		select {
		case <-time.After(time.Minute):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := store.Get(ctx, "slow")
	fmt.Println(err)
	// Output: context deadline exceeded
}

// A program that loses its connections goes on over new ones.
func ExampleStore_DropConnections() {
	store, ctx := znsocket.NewStore(), context.Background()
	rdb := redis.NewClient(&redis.Options{Dialer: store.DialRESP, Addr: "127.0.0.1:0"})
	defer rdb.Close()
	fmt.Println(rdb.Incr(ctx, "n").Val())
	store.DropConnections()
	fmt.Println(rdb.Incr(ctx, "n").Val())
	// Output:
	// 1
	// 2
}
