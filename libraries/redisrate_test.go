package libraries

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// Of many who ask at once no more are let in than the limit says.
func TestRedisRate_limits(t *testing.T) {
	onEach(t, func(t *testing.T, start func() server) {
		s, ctx := start(), t.Context()
		limit := redis_rate.PerHour(10)
		var g errgroup.Group
		var allowed atomic.Int64
		for range 8 {
			limiter := redis_rate.NewLimiter(s.goRedis(t))
			g.Go(func() error {
				for range 5 {
					res, err := limiter.Allow(ctx, "visitor", limit)
					if err != nil {
						return err
					}
					allowed.Add(int64(res.Allowed))
				}
				return nil
			})
		}
		require.NoError(t, g.Wait())
		require.Equal(t, int64(10), allowed.Load())

		limiter := redis_rate.NewLimiter(s.goRedis(t))
		res, err := limiter.Allow(ctx, "visitor", limit)
		require.NoError(t, err)
		require.Zero(t, res.Remaining)
		require.InDelta(t, 6*time.Minute, res.RetryAfter, float64(time.Minute))
		require.InDelta(t, time.Hour, res.ResetAfter, float64(time.Minute))
		require.NoError(t, limiter.Reset(ctx, "visitor"))
		res, err = limiter.AllowN(ctx, "visitor", limit, 7)
		require.NoError(t, err)
		require.Equal(t, 7, res.Allowed)
		require.Equal(t, 3, res.Remaining)
		res, err = limiter.AllowN(ctx, "visitor", limit, 7)
		require.NoError(t, err)
		require.Zero(t, res.Allowed)
		res, err = limiter.AllowAtMost(ctx, "visitor", limit, 7)
		require.NoError(t, err)
		require.Equal(t, 3, res.Allowed)
	})
}

func TestRedisRate_refills(t *testing.T) {
	onEach(t, func(t *testing.T, start func() server) {
		s, ctx := start(), t.Context()
		rdb := s.goRedis(t)
		limiter := redis_rate.NewLimiter(rdb)
		limit := redis_rate.Limit{Rate: 1, Period: time.Second, Burst: 2}
		res, err := limiter.AllowN(ctx, "visitor", limit, 2)
		require.NoError(t, err)
		require.Equal(t, 2, res.Allowed)
		res, err = limiter.Allow(ctx, "visitor", limit)
		require.NoError(t, err)
		require.Zero(t, res.Allowed)

		s.advance(res.RetryAfter)
		require.Eventually(t, func() bool {
			res, err := limiter.Allow(ctx, "visitor", limit)
			return err == nil && res.Allowed == 1
		}, soon, often)
		s.advance(time.Second) // Redis keeps it for whole seconds
		require.Eventually(t, func() bool { return rdb.DBSize(ctx).Val() == 0 }, soon, often)
	})
}
