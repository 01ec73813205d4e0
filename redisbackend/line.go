package redisbackend

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// line is one connection that receives. go-redis would make another by itself when
// it is lost, and nobody would hear that there was none. So each line has a client
// of its own, which makes no connection once the line is sealed.
type line struct {
	pubsub  *redis.PubSub
	rdb     redis.UniversalClient
	silence time.Duration
	sealed  atomic.Bool
	stop    func() bool
}

var errSealed = errors.New("a line has one connection")

// newLine returns a line that ends with the context.
func (r *remote) newLine(ctx context.Context) *line {
	l := &line{silence: r.silence}
	l.rdb = r.dedicated(dedication{readTimeout: ioTimeout, dialer: l.dialer})
	l.pubsub = l.rdb.Subscribe(ctx)
	l.stop = context.AfterFunc(ctx, func() { _ = l.rdb.Close() })
	return l
}

func (l *line) close() {
	if l != nil && l.stop() {
		_ = l.rdb.Close()
	}
}

func (l *line) dialer(dial dialer) dialer {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if l.sealed.Load() {
			return nil, errSealed
		}
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return heard{conn, l.silence}, nil
	}
}

// heard is a connection that ends when nothing comes for a while. The limit is on
// each read, not on a message, which may be large and take longer.
type heard struct {
	net.Conn
	silence time.Duration
}

func (c heard) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.silence)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// receive hands over messages until the line ends, and keeps the other side
// talking.
func (l *line) receive(ctx context.Context, message func(channel string, message []byte)) error {
	over := make(chan struct{})
	var pinging sync.WaitGroup
	pinging.Go(func() {
		ticks := time.NewTicker(l.silence / 3)
		defer ticks.Stop()
		for {
			select {
			case <-over:
				return
			case <-ticks.C:
				_ = l.pubsub.Ping(ctx) // whoever receives sees that it failed
			}
		}
	})
	defer pinging.Wait()
	defer close(over)
	for {
		got, err := l.next(ctx)
		if err != nil {
			return err
		}
		switch got := got.(type) {
		case *redis.Message:
			message(got.Channel, []byte(got.Payload))
		case *redis.Subscription:
			return errors.New("the node unsubscribed us: the slot of the channel is another's now")
		}
	}
}

// next waits for what comes next. go-redis panics where a message has no parts.
func (l *line) next(ctx context.Context) (got any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a message that cannot be read: %v", p)
		}
	}()
	return l.pubsub.Receive(ctx)
}
