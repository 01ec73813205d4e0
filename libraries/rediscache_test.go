package libraries

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-redis/cache/v9"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

type page struct {
	Title string
	Text  string
	Hits  []int
}

// What is slow to make is made once for all who ask at the same time, and then
// found there by other programs.
func TestCache_once(t *testing.T) {
	onEach(t, func(t *testing.T, start func() server) {
		s, ctx := start(), t.Context()
		want := page{"news", strings.Repeat("much to say ", 1000), []int{1, 2, 3}}
		var made atomic.Int32
		item := func(into *page) *cache.Item {
			return &cache.Item{Ctx: ctx, Key: "page", Value: into, TTL: time.Hour, Do: func(*cache.Item) (any, error) {
				made.Add(1)
				return &want, nil
			}}
		}
		first, second := cache.New(&cache.Options{Redis: s.goRedis(t)}), cache.New(&cache.Options{Redis: s.goRedis(t)})
		var g errgroup.Group
		for range 20 {
			g.Go(func() error {
				var got page
				if err := first.Once(item(&got)); err != nil {
					return err
				}
				if got.Text != want.Text {
					return errors.New("another page")
				}
				return nil
			})
		}
		require.NoError(t, g.Wait())
		var got page
		require.NoError(t, second.Once(item(&got)))
		require.Equal(t, want, got)
		require.Equal(t, int32(1), made.Load())
		ttl, err := s.goRedis(t).TTL(ctx, "page").Result()
		require.NoError(t, err)
		require.Equal(t, time.Hour, ttl.Round(time.Minute))

		failing := errors.New("no page")
		err = first.Once(&cache.Item{Ctx: ctx, Key: "none", Value: &got, Do: func(*cache.Item) (any, error) { return nil, failing }})
		require.ErrorIs(t, err, failing)
		require.False(t, first.Exists(ctx, "none"), "a failure is not kept")
	})
}

func TestCache_expires(t *testing.T) {
	onEach(t, func(t *testing.T, start func() server) {
		s, ctx := start(), t.Context()
		rdb := s.goRedis(t)
		shared := cache.New(&cache.Options{Redis: rdb})
		local := cache.New(&cache.Options{Redis: rdb, LocalCache: cache.NewTinyLFU(100, time.Hour)})
		set := func(key, value string, ttl time.Duration, how func(*cache.Item)) {
			item := &cache.Item{Ctx: ctx, Key: key, Value: value, TTL: ttl}
			how(item)
			require.NoError(t, shared.Set(item))
		}
		get := func(c *cache.Cache, key string) (value string, err error) {
			err = c.Get(context.Background(), key, &value)
			return value, err
		}
		plain := func(*cache.Item) {}
		set("short", "a", time.Second, plain) // the least there is
		set("long", "b", time.Hour, plain)
		set("long", "c", time.Hour, func(i *cache.Item) { i.SetNX = true })
		set("absent", "d", time.Hour, func(i *cache.Item) { i.SetXX = true })
		v, err := get(local, "long")
		require.NoError(t, err)
		require.Equal(t, "b", v)
		_, err = get(shared, "absent")
		require.ErrorIs(t, err, cache.ErrCacheMiss)

		v, err = get(shared, "short")
		require.NoError(t, err)
		require.Equal(t, "a", v)
		s.advance(time.Second)
		require.Eventually(t, func() bool {
			_, err := get(shared, "short")
			return errors.Is(err, cache.ErrCacheMiss)
		}, soon, often)
		require.NoError(t, local.Delete(ctx, "long"))
		for _, c := range []*cache.Cache{local, shared} {
			_, err = get(c, "long")
			require.ErrorIs(t, err, cache.ErrCacheMiss)
		}
	})
}
