package main

import (
	"context"
	"time"

	"github.com/znsocket/znsocket"
)

// Limiter allows each user a number of calls per window of time. It is the code
// under test: in production its Redis is a znsocket.Client, or a Redis client
// in a znsocket.CommanderFunc.
type Limiter struct {
	Redis  znsocket.Commander
	Calls  int64
	Window time.Duration
}

// Allow counts a call of user and reports whether it is allowed.
func (l Limiter) Allow(ctx context.Context, user string) (bool, error) {
	redis := znsocket.NewCommands(l.Redis)
	key := "calls:" + user
	n, err := redis.Incr(ctx, key)
	if err != nil {
		return false, err
	}
	if n == 1 {
		if _, err := redis.Expire(ctx, key, l.Window); err != nil {
			return false, err
		}
	}
	return n <= l.Calls, nil
}
