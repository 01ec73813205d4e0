package redisbackend

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/peers"
)

// receiver keeps what it hears. Each event is a message, lost or back.
type receiver struct{ events chan event }

type event struct {
	channel, message string
	lost             error
	back             bool
}

func newReceiver() receiver { return receiver{make(chan event, 10_000)} }

func (r receiver) Message(channel string, message []byte) {
	r.events <- event{channel: channel, message: string(message)}
}
func (r receiver) Disconnected(err error) { r.events <- event{lost: err} }
func (r receiver) Connected()             { r.events <- event{back: true} }

func subscribe(t *testing.T, b *remote, r znsocket.BusReceiver, channels ...string) (stop func()) {
	t.Helper()
	stop, err := b.Subscribe(t.Context(), r, channels...)
	require.NoError(t, err)
	return stop
}

func publish(t *testing.T, b *remote, channel, message string) {
	t.Helper()
	require.NoError(t, b.Publish(t.Context(), channel, []byte(message)))
}

func testBus(t *testing.T, url string, _ []*peers.RedisServer) {
	a, b := open(t, url), open(t, url)
	ra, rb := newReceiver(), newReceiver()
	stopA := subscribe(t, a, ra, "{b}1", "{b}2")
	defer stopA()
	stopB := subscribe(t, b, rb, "{b}2")
	large := string(bytes.Repeat([]byte("\x00\xffx"), 3<<20))
	publish(t, a, "{b}1", "one")
	publish(t, a, "{b}2", large)
	publish(t, b, "{b}2", "")
	publish(t, b, "{b}3", "to nobody")
	require.Equal(t, event{channel: "{b}1", message: "one"}, <-ra.events)
	for _, r := range []receiver{ra, rb} {
		got := <-r.events
		require.Equal(t, "{b}2", got.channel)
		require.True(t, large == got.message)
		require.Equal(t, event{channel: "{b}2"}, <-r.events)
	}

	stopB()
	stopB()
	publish(t, a, "{b}2", "after")
	require.Equal(t, event{channel: "{b}2", message: "after"}, <-ra.events)
	require.Empty(t, rb.events)

	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := a.Subscribe(canceled, rb, "{b}1")
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, a.Publish(canceled, "{b}1", nil), context.Canceled)
	_, err = a.Subscribe(t.Context(), rb)
	require.ErrorContains(t, err, "ERR wrong number of arguments for ")
	if a.cluster != nil {
		_, err = a.Subscribe(t.Context(), rb, "{b}1", "{c}1")
		require.EqualError(t, err, "CROSSSLOT Keys in request don't hash to the same slot")
	}
	require.Empty(t, rb.events)
}

func testBusOrder(t *testing.T, url string, _ []*peers.RedisServer) {
	const each = 300
	var backends []*remote
	var receivers []receiver
	for range 3 {
		b, r := open(t, url), newReceiver()
		backends, receivers = append(backends, b), append(receivers, r)
		defer subscribe(t, b, r, "{b}order")()
	}
	var publishing sync.WaitGroup
	for at, b := range backends {
		publishing.Go(func() {
			for i := range each {
				if err := b.Publish(t.Context(), "{b}order", fmt.Appendf(nil, "%d %d", at, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	publishing.Wait()
	next := make([]int, len(backends))
	for range each * len(backends) {
		first := (<-receivers[0].events).message
		for _, r := range receivers[1:] {
			require.Equal(t, first, (<-r.events).message)
		}
		var at, i int
		_, err := fmt.Sscan(first, &at, &i)
		require.NoError(t, err)
		require.Equal(t, next[at], i)
		next[at]++
	}
}

// A receiver that holds up the messages until it is told to go on.
type slow struct {
	receiver
	goOn chan struct{}
}

func (r slow) Message(channel string, message []byte) {
	<-r.goOn
	r.receiver.Message(channel, message[:8])
}

// Redis cuts off a subscriber for which it holds too much.
func testBusLost(t *testing.T, url string, servers []*peers.RedisServer) {
	commandAll(t, servers, `CONFIG SET client-output-buffer-limit "pubsub 1mb 0 0"`)
	a, b := open(t, url), open(t, url)
	r := slow{newReceiver(), make(chan struct{})}
	defer subscribe(t, a, r, "{b}lost")()
	padding := make([]byte, 1<<20)
	published := 0
	for heard := int64(1); heard > 0; published++ {
		require.Less(t, published, 1000, "nobody was cut off")
		message := fmt.Appendf(nil, "%8d", published)
		n := do(t, b, map[bool]string{true: "SPUBLISH", false: "PUBLISH"}[b.cluster != nil], "{b}lost", append(message, padding...))
		heard = n.(int64)
	}
	close(r.goOn)
	next := 0
	var got event
	for got = <-r.events; got.lost == nil; got = <-r.events {
		require.Equal(t, fmt.Sprintf("%8d", next), got.message)
		next++
	}
	require.Less(t, next, published)
	require.ErrorIs(t, got.lost, znsocket.ErrDisconnected)
	require.Equal(t, event{back: true}, <-r.events)
	publish(t, b, "{b}lost", "and back")
	require.Equal(t, "and back", (<-r.events).message)
}

// A server that has gone without a word is found out by its silence.
func TestBackend_silence(t *testing.T) {
	url, servers := every[0].start(t)
	b := open(t, url)
	b.silence = time.Second
	r := newReceiver()
	defer subscribe(t, b, r, "c")()
	require.Nil(t, do(t, b, "BLPOP", "nothing", 1.5)) // its pings keep it alive
	publish(t, b, "c", "before")
	require.Equal(t, event{channel: "c", message: "before"}, <-r.events)
	commandAll(t, servers, "CLIENT PAUSE 2000 ALL")
	got := <-r.events
	require.ErrorIs(t, got.lost, znsocket.ErrDisconnected)
	require.ErrorContains(t, got.lost, "i/o timeout")
	require.Equal(t, event{back: true}, <-r.events)
	publish(t, b, "c", "after")
	require.Equal(t, "after", (<-r.events).message)
}

// A subscription that is lost is made again once, by us and not by go-redis too.
func TestBackend_Subscribe_connections(t *testing.T) {
	server := peers.RedisTCP(t)
	var dialed atomic.Int32
	rdb := redis.NewClient(&redis.Options{Dialer: func(ctx context.Context, _, _ string) (net.Conn, error) {
		dialed.Add(1)
		return new(net.Dialer).DialContext(ctx, "tcp", server.Addr)
	}})
	defer rdb.Close()
	b, err := over(rdb)
	require.NoError(t, err)
	defer b.Close()
	r := newReceiver()
	defer subscribe(t, b, r, "c")()
	require.Equal(t, int32(1), dialed.Load())
	require.Equal(t, ":1\r\n", server.Command("CLIENT KILL TYPE pubsub"))
	require.ErrorIs(t, (<-r.events).lost, znsocket.ErrDisconnected)
	require.Equal(t, event{back: true}, <-r.events)
	require.Equal(t, int32(2), dialed.Load())
}
