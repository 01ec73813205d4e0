package znsocket_test

import (
	"context"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/peers"
	"github.com/znsocket/znsocket/redisbackend"
)

// The tests of objects also run over Backends. A cluster takes seconds to start,
// so there is one for all of them.
func init() {
	var cluster lasting
	znsocket.AddCommanders(cluster.end,
		znsocket.CommanderUnderTest{Name: "Redis", Atomic: true, Redis: true, Open: func(t *testing.T) znsocket.Commander {
			return openBackend(t, "unix://"+peers.Redis(t))
		}},
		znsocket.CommanderUnderTest{Name: "Redis cluster", Atomic: true, Open: func(t *testing.T) znsocket.Commander {
			url := cluster.url(t)
			empty(t, url)
			return openBackend(t, url)
		}},
	)
}

func openBackend(t *testing.T, url string) *redisbackend.Backend {
	t.Helper()
	b, err := redisbackend.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, b.Close()) })
	return b
}

func empty(t *testing.T, url string) {
	t.Helper()
	opts, err := redis.ParseClusterURL(url)
	require.NoError(t, err)
	rdb := redis.NewClusterClient(opts)
	defer rdb.Close()
	require.NoError(t, rdb.ForEachMaster(t.Context(), func(ctx context.Context, node *redis.Client) error {
		return node.FlushAll(ctx).Err()
	}))
}

// lasting is a cluster that outlives the test that starts it.
type lasting struct {
	testing.TB
	start    sync.Once
	addr     string
	cleanups []func()
}

func (l *lasting) Cleanup(f func()) { l.cleanups = append(l.cleanups, f) }

func (l *lasting) Helper() {}

func (l *lasting) url(t *testing.T) string {
	l.start.Do(func() {
		l.TB = t
		nodes := peers.RedisCluster(l)
		l.addr = "redis://" + nodes[0].Addr + "?addr=" + nodes[1].Addr + "&addr=" + nodes[2].Addr
	})
	return l.addr
}

func (l *lasting) end() {
	for i := len(l.cleanups) - 1; i >= 0; i-- {
		l.cleanups[i]()
	}
}
