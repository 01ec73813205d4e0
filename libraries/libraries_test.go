// Package libraries runs on a Store what programs run on a Redis: libraries for
// locks, queues, sessions, caches and rate limits, as their documentation uses
// them, several workers at once. Every test also runs on a redis-server, so that
// what it expects is known to be right.
package libraries

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/peers"
)

const (
	soon  = 20 * time.Second // all that is waited for comes long before
	often = 5 * time.Millisecond
)

// server is what a library takes for a Redis.
type server struct {
	addr string // host:port

	// dial is for libraries over go-redis.
	dial func(ctx context.Context, network, addr string) (net.Conn, error)

	// advance moves the server's clock, where that can be done. So tests also wait
	// for what they expect of it, and let things expire early.
	advance func(time.Duration)
}

// onEach runs a test on a redis-server and on a Store. It may start several.
func onEach(t *testing.T, test func(t *testing.T, start func() server)) {
	t.Run("redis-server", func(t *testing.T) {
		t.Parallel()
		test(t, func() server {
			dialer := net.Dialer{}
			return server{peers.RedisTCP(t).Addr, dialer.DialContext, func(time.Duration) {}}
		})
	})
	t.Run("Store", func(t *testing.T) {
		t.Parallel()
		test(t, func() server { return startStore(t) })
	})
}

func startStore(t *testing.T) server {
	t.Helper()
	store := znsocket.NewStore()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	serving, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- store.ServeRESP(serving, l) }()
	t.Cleanup(func() { stop(); assert.NoError(t, <-served) })
	return server{l.Addr().String(), store.DialRESP, store.Advance}
}

// goRedis returns a client that ends with the test.
func (s server) goRedis(t *testing.T) *redis.Client {
	rdb := redis.NewClient(&redis.Options{Addr: s.addr, Dialer: s.dial})
	t.Cleanup(func() { assert.NoError(t, rdb.Close()) })
	return rdb
}
