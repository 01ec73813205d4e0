package redisbackend

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/znsocket/znsocket"
)

// remote is the Commander and the Bus of a Backend.
type remote struct {
	rdb      redis.UniversalClient
	owned    bool                 // rdb is closed with it
	cluster  *redis.ClusterClient // rdb, where it is one
	database int
	name     string // where the Redis is, for errors

	// dedicated makes a client that shares no connection with anybody.
	dedicated func(dedication) redis.UniversalClient
	silence   time.Duration // after which nobody is at the other end of a subscription

	life context.Context // ends with Close
	end  context.CancelFunc

	mu      sync.Mutex     // taken so that nothing begins after the end
	running sync.WaitGroup // calls and subscriptions
}

// connect makes the remote that a URL names and sees whether it is there.
func (c config) connect(ctx context.Context, url string) (*remote, error) {
	rdb, name, err := c.dial(url)
	if err != nil {
		return nil, err
	}
	r, err := over(rdb)
	if err != nil {
		return nil, err
	}
	r.owned, r.name = true, name
	return r, r.reach(ctx)
}

// reach fails, and closes, where the Redis does not answer. go-redis also asks a
// cluster then where commands have their keys.
func (r *remote) reach(ctx context.Context) error {
	err := r.wait(ctx, func(ctx context.Context) error { return r.rdb.Ping(ctx).Err() })
	if err == nil {
		return nil
	}
	_ = r.Close()
	return r.connectError(err)
}

// over is the remote of a client.
func over(rdb redis.UniversalClient) (*remote, error) {
	r := &remote{rdb: rdb, silence: 10 * time.Second}
	switch rdb := rdb.(type) {
	case *redis.Client:
		r.name, r.database = "redis://"+rdb.Options().Addr, rdb.Options().DB
		r.dedicated = dedicatedClient(rdb)
	case *redis.ClusterClient:
		r.name, r.cluster = "redis://"+strings.Join(rdb.Options().Addrs, ","), rdb
		r.dedicated = dedicatedCluster(rdb)
	default:
		return nil, fmt.Errorf("znsocket: a Backend works over a *redis.Client or *redis.ClusterClient, not over a %T", rdb)
	}
	r.life, r.end = context.WithCancel(context.Background())
	return r, nil
}

// Close ends calls and subscriptions; they fail with ErrClosed.
func (r *remote) Close() error {
	r.mu.Lock()
	r.end()
	r.mu.Unlock()
	var err error
	if r.owned {
		if err = r.rdb.Close(); errors.Is(err, redis.ErrClosed) {
			err = nil // a second Close
		}
	}
	r.running.Wait()
	return err
}

// begin counts a call or subscription, which ends with running.Done.
func (r *remote) begin() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.life.Err() != nil {
		return znsocket.ErrClosed
	}
	r.running.Add(1)
	return nil
}

// wait runs a call until the context ends or the Backend. go-redis heeds a
// context only while it gets a connection, not while it waits for an answer: a
// call whose caller is gone goes on until the answer or the read timeout, and the
// connection stays in order for the next.
func (r *remote) wait(ctx context.Context, call func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.begin(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer r.running.Done()
		done <- call(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-r.life.Done():
		return znsocket.ErrClosed
	}
}

// failure says what ended a call.
func (r *remote) failure(ctx context.Context, err error) error {
	switch {
	case r.life.Err() != nil || errors.Is(err, redis.ErrClosed):
		return znsocket.ErrClosed
	case ctx.Err() != nil:
		return fmt.Errorf("znsocket: no answer from %s: %w", r.name, ctx.Err())
	case errors.Is(err, redis.ErrPoolTimeout):
		return fmt.Errorf("znsocket: every connection to %s is busy: %w", r.name, err)
	}
	if refused := refusal(err); refused != nil {
		return refused
	}
	if r.cluster != nil {
		// Another node may have taken the place of the one that is gone. go-redis
		// looks once a minute.
		r.cluster.ReloadState(ctx)
	}
	return fmt.Errorf("%w: %s: %w", znsocket.ErrDisconnected, r.name, err)
}

// connectError says why there is no Redis, and what to do about it.
func (r *remote) connectError(err error) error {
	var dial *net.OpError
	switch refused := refusal(err); {
	case refused != nil:
		err = refused
	case errors.Is(err, redis.Nil):
		return fmt.Errorf("znsocket: could not connect to %s: its sentinels know no master of this name", r.name)
	case errors.As(err, &dial) && dial.Op == "dial":
		return fmt.Errorf("znsocket: could not connect to %s: %w (is it running? start one with: redis-server)", r.name, err)
	}
	return fmt.Errorf("znsocket: could not connect to %s: %w", r.name, err)
}
