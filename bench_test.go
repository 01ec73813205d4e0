package znsocket

import (
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// benchKeys are many enough not to stay in the processor's nearest cache.
var benchKeys = func() []string {
	keys := make([]string, 1<<16)
	for i := range keys {
		keys[i] = "key:" + strconv.Itoa(i)
	}
	return keys
}()

// BenchmarkGet is a GET in process, beside a map under a lock, which is the
// least there can be, and beside miniredis, which is what tests use otherwise.
func BenchmarkGet(b *testing.B) {
	b.Run("Store", func(b *testing.B) {
		s, ctx := NewStore(), b.Context()
		for _, key := range benchKeys {
			require.NoError(b, s.Set(ctx, key, "a value"))
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := s.Get(ctx, benchKeys[i%len(benchKeys)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("map under RWMutex", func(b *testing.B) {
		var mu sync.RWMutex
		m := map[string]string{}
		for _, key := range benchKeys {
			m[key] = "a value"
		}
		get := func(key string) (string, bool) {
			mu.RLock()
			defer mu.RUnlock()
			v, ok := m[key]
			return v, ok
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, ok := get(benchKeys[i%len(benchKeys)]); !ok {
				b.Fatal("absent")
			}
		}
	})
	b.Run("miniredis", func(b *testing.B) {
		m := miniredis.NewMiniRedis()
		for _, key := range benchKeys {
			require.NoError(b, m.Set(key, "a value"))
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := m.Get(benchKeys[i%len(benchKeys)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkGet_parallel(b *testing.B) {
	s, ctx := NewStore(), b.Context()
	for _, key := range benchKeys {
		require.NoError(b, s.Set(ctx, key, "a value"))
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := s.Get(ctx, benchKeys[i%len(benchKeys)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkGet_goRedis is a GET by go-redis, without a port, and beside miniredis by TCP.
func BenchmarkGet_goRedis(b *testing.B) {
	m := miniredis.NewMiniRedis()
	require.NoError(b, m.Start())
	b.Cleanup(m.Close)
	for _, peer := range []struct {
		name string
		opts redis.Options
	}{
		{"DialRESP", redis.Options{Dialer: NewStore().DialRESP, Addr: "127.0.0.1:0"}},
		{"miniredis", redis.Options{Addr: m.Addr()}},
	} {
		b.Run(peer.name, func(b *testing.B) {
			rdb, ctx := redis.NewClient(&peer.opts), b.Context()
			defer rdb.Close()
			for _, key := range benchKeys[:1000] {
				require.NoError(b, rdb.Set(ctx, key, "a value", 0).Err())
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := rdb.Get(ctx, benchKeys[i%1000]).Err(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSet(b *testing.B) {
	s, ctx := NewStore(), b.Context()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := s.Set(ctx, benchKeys[i%len(benchKeys)], "a value"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkList_insertInTheMiddle inserts an element and takes it out again.
func BenchmarkList_insertInTheMiddle(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l, ctx := NewList[int](NewStore(), "l"), b.Context()
			require.NoError(b, l.Append(ctx, indices(0, n, 1)...))
			b.ReportAllocs()
			for b.Loop() {
				if err := l.Insert(ctx, n/2, 5); err != nil {
					b.Fatal(err)
				}
				if _, err := l.Pop(ctx, n/2); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkList_At(b *testing.B) {
	l, ctx := NewList[int](NewStore(), "l"), b.Context()
	require.NoError(b, l.Append(ctx, indices(0, 100_000, 1)...))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := l.At(ctx, i*7919%100_000); err != nil {
			b.Fatal(err)
		}
	}
}
