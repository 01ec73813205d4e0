package libraries

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/go-redsync/redsync/v4"
	redsyncredis "github.com/go-redsync/redsync/v4/redis"
	"github.com/go-redsync/redsync/v4/redis/goredis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// What is read and then written is right only where one holds the lock at a time.
func TestRedsync_excludes(t *testing.T) {
	const workers, turns = 8, 20
	onEach(t, func(t *testing.T, start func() server) {
		s, ctx := start(), t.Context()
		var g errgroup.Group
		begin := make(chan struct{})
		for range workers {
			rdb := s.goRedis(t)
			rs := redsync.New(goredis.NewPool(rdb))
			g.Go(func() error {
				<-begin
				for range turns {
					m := rs.NewMutex("lock", redsync.WithTries(10_000), redsync.WithRetryDelay(time.Millisecond))
					if err := m.LockContext(ctx); err != nil {
						return err
					}
					n, _ := rdb.Get(ctx, "count").Int() // absent at first
					runtime.Gosched()                   // the others have their chance
					if err := rdb.Set(ctx, "count", n+1, 0).Err(); err != nil {
						return err
					}
					if _, err := m.UnlockContext(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		}
		close(begin)
		require.NoError(t, g.Wait())
		rdb := s.goRedis(t)
		n, err := rdb.Get(ctx, "count").Int()
		require.NoError(t, err)
		require.Equal(t, workers*turns, n)
		require.Zero(t, rdb.Exists(ctx, "lock").Val())
	})
}

func TestRedsync_expires(t *testing.T) {
	const expiry = time.Second
	onEach(t, func(t *testing.T, start func() server) {
		s, ctx := start(), t.Context()
		rs := redsync.New(goredis.NewPool(s.goRedis(t)))
		first := rs.NewMutex("lock", redsync.WithExpiry(expiry))
		second := rs.NewMutex("lock", redsync.WithExpiry(time.Hour))
		require.NoError(t, first.Lock())
		var taken *redsync.ErrTaken
		require.ErrorAs(t, second.TryLock(), &taken)
		ok, err := first.ExtendContext(ctx)
		require.NoError(t, err)
		require.True(t, ok)

		s.advance(expiry)
		require.Eventually(t, func() bool { return second.TryLock() == nil }, soon, often)
		ok, err = first.ExtendContext(ctx)
		require.Error(t, err)
		require.False(t, ok)
		_, err = first.UnlockContext(ctx)
		require.ErrorAs(t, err, &taken, "what has expired is another's")
		ok, err = second.ExtendContext(ctx)
		require.NoError(t, err)
		require.True(t, ok)
		ok, err = second.UnlockContext(ctx)
		require.NoError(t, err)
		require.True(t, ok)
		_, err = second.UnlockContext(ctx)
		require.ErrorIs(t, err, redsync.ErrLockAlreadyExpired)
	})
}

// A lock over three servers holds while most of them have it.
func TestRedsync_quorum(t *testing.T) {
	onEach(t, func(t *testing.T, start func() server) {
		var pools []redsyncredis.Pool
		var locked []func() int64
		for range 3 {
			rdb := start().goRedis(t)
			pools = append(pools, goredis.NewPool(rdb))
			locked = append(locked, func() int64 { return rdb.Exists(context.Background(), "lock").Val() })
		}
		rs := redsync.New(pools...)
		other := redsync.New(pools[0]).NewMutex("lock")
		require.NoError(t, other.Lock())
		m := rs.NewMutex("lock")
		require.NoError(t, m.Lock(), "two of three")
		require.Error(t, rs.NewMutex("lock", redsync.WithTries(2)).Lock())
		for _, has := range locked {
			assert.Equal(t, int64(1), has(), "whoever failed took nobody's lock away")
		}
		ok, err := m.Unlock()
		assert.True(t, ok, err)
		assert.Equal(t, []int64{1, 0, 0}, []int64{locked[0](), locked[1](), locked[2]()})
	})
}
