package redisbackend

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/znsocket/znsocket"
)

// Publish sends a message to all who are subscribed to the channel.
func (r *remote) Publish(ctx context.Context, channel string, message []byte) error {
	publish := "PUBLISH"
	if r.cluster != nil {
		// PUBLISH would carry each message to every node, by ways of which one may
		// be faster. SPUBLISH has one node for each channel, and so one order.
		publish = "SPUBLISH"
	}
	_, err := r.Do(ctx, publish, channel, string(message))
	return err
}

// Subscribe has a receiver hear the channels, whose names have one slot in a
// cluster.
//
// A receiver that is slower than what is published is cut off by Redis, as its
// client-output-buffer-limit says, and hears of that as of any lost connection.
func (r *remote) Subscribe(ctx context.Context, to znsocket.BusReceiver, channels ...string) (stop func(), err error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	s := &subscription{r: r, to: to, channels: channels}
	live, cancel := context.WithCancel(r.life)
	ready, done := make(chan error), make(chan struct{})
	go func() {
		defer r.running.Done()
		defer close(done)
		l, err := s.connect(live)
		select {
		case ready <- err:
			s.run(live, l)
		case <-live.Done():
			l.close()
		}
	}()
	select {
	case err = <-ready:
	case <-ctx.Done():
		err = ctx.Err()
	case <-live.Done():
		err = znsocket.ErrClosed
	}
	if err != nil {
		cancel()
		return nil, r.failure(ctx, err)
	}
	return func() { cancel(); <-done }, nil
}

// subscription is one Subscribe. It is run by one goroutine, which alone calls
// the receiver.
type subscription struct {
	r        *remote
	to       znsocket.BusReceiver
	channels []string
}

// Pauses between attempts to connect again: they double, and vary by half.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
)

// run receives until the context ends, on one line after the other; nil is none.
func (s *subscription) run(ctx context.Context, l *line) {
	for l != nil {
		err := l.receive(ctx, s.to.Message)
		l.close()
		if ctx.Err() != nil && s.r.life.Err() == nil {
			return // stopped
		}
		s.to.Disconnected(s.r.failure(ctx, err))
		if l = s.reconnect(ctx); l != nil {
			s.to.Connected()
		}
	}
}

// reconnect returns a new line, nil once the context has ended.
func (s *subscription) reconnect(ctx context.Context) *line {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause/2 + rand.N(pause)):
		}
		if l, err := s.connect(ctx); err == nil {
			return l
		}
	}
}

// connect returns a line on which the channels are subscribed to.
func (s *subscription) connect(ctx context.Context) (*line, error) {
	l := s.r.newLine(ctx)
	subscribe := l.pubsub.Subscribe
	if s.r.cluster != nil {
		subscribe = l.pubsub.SSubscribe
	}
	err := subscribe(ctx, s.channels...)
	for range max(len(s.channels), 1) { // each is confirmed, and none is refused
		if err == nil {
			_, err = l.pubsub.Receive(ctx)
		}
	}
	if err != nil {
		l.close()
		return nil, err
	}
	l.sealed.Store(true)
	return l, nil
}
