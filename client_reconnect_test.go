package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// waits is how long a test waits for what may never come.
const waits = 30 * time.Second

func next[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waits)
	defer cancel()
	select {
	case v := <-ch:
		return v
	case <-ctx.Done():
		require.Fail(t, "what was awaited has not come")
	}
	panic("unreachable")
}

// hears returns the refreshes that an object hears.
func hears(t *testing.T, o interface{ OnRefresh(func(Refresh)) func() }) <-chan Refresh {
	heard := make(chan Refresh, 1000)
	t.Cleanup(o.OnRefresh(func(r Refresh) { heard <- r }))
	return heard
}

// Adapters and subscriptions are there again, wherever in the restoring the
// connection was cut another time.
func TestReconnect_restores(t *testing.T) {
	srv, addr := startServer(t)
	proxy := startProxy(t, addr)
	quiet := WithLogger(slog.New(slog.DiscardHandler))
	c := dialTest(t, proxy.Addr().String(), quiet)
	const lists = 20
	heard := make([]<-chan Refresh, lists)
	data := []int{1, 2, 3}
	for i := range lists {
		heard[i] = hears(t, NewList[int](c, fmt.Sprint("l", i)))
		listAdapter(t, c, fmt.Sprint("data", i), SliceOf(&data, nil))
	}
	for limit := int64(200); limit < 4000; limit += 500 {
		proxy.limit.Store(limit)
		proxy.cut()
		require.Equal(t, Refresh{Resync: true}, next(t, heard[0]))
	}
	proxy.limit.Store(0)
	proxy.cut()
	for i := range lists {
		// The last connection may be one that the proxy still cuts.
		for r := (Refresh{Resync: true}); r.Resync; r = next(t, heard[i]) {
			require.NoError(t, NewList[int](srv.Store(), fmt.Sprint("l", i)).Append(t.Context(), 1))
		}
	}
	_, err := c.Do(t.Context(), "PING")
	require.NoError(t, err)
	for i := range lists {
		values, err := NewList[int](srv.Store(), fmt.Sprint("data", i)).Slice(t.Context(), Begin, End)
		require.NoError(t, err)
		require.Equal(t, data, values)
	}
}

// One Resync a gap, then everything as it happens.
func TestReconnect_oneResyncAGap(t *testing.T) {
	srv, addr := startServer(t)
	proxy := startProxy(t, addr)
	c := dialTest(t, proxy.Addr().String(), WithLogger(slog.New(slog.DiscardHandler)))
	heard := hears(t, NewList[int](c, "l"))
	l := NewList[int](srv.Store(), "l")
	for i := range 4 {
		require.NoError(t, l.Append(t.Context(), i))
		require.Equal(t, Refresh{Indices: []int{i}}, next(t, heard))
		proxy.cut()
		require.Equal(t, Refresh{Resync: true}, next(t, heard))
	}
	require.NoError(t, l.Append(t.Context(), 4))
	require.Equal(t, Refresh{Indices: []int{4}}, next(t, heard))
	require.Empty(t, heard)
}

// Who reads again at each event has the whole list in the end, though everybody's
// connections are cut all the time.
func TestReconnect_missesNothing(t *testing.T) {
	const appends, seed = 1000, 9
	srv, addr := startServer(t)
	proxy := startFaultyProxy(t, addr, seed)
	reader, writer := dialThrough(t, proxy), dialThrough(t, proxy)
	whole := make(chan struct{})
	var once sync.Once
	l := NewList[int](reader, "l")
	defer l.OnRefresh(func(Refresh) {
		if n, _ := l.Len(t.Context()); n == 2*appends {
			once.Do(func() { close(whole) })
		}
	})()
	var work sync.WaitGroup
	for _, c := range []Commander{writer, srv.Store()} {
		work.Go(func() {
			l := NewList[int](c, "l")
			for i := range appends {
				if i%100 == 99 {
					proxy.cut()
				}
				assert.NoError(t, l.Append(t.Context(), i))
			}
		})
	}
	work.Wait()
	proxy.cut()
	proxy.calm.Store(true)
	next(t, whole)
}

// What changed is told to the others, though the connection is lost before it is.
func TestReconnect_refreshIsToldLater(t *testing.T) {
	srv, addr := startServer(t)
	proxy := startProxy(t, addr)
	c := dialTest(t, proxy.Addr().String(), WithLogger(slog.New(slog.DiscardHandler)))
	list, dict := hears(t, NewList[int](srv.Store(), "l")), hears(t, NewDict[int](srv.Store(), "d"))
	cut := WithCallback(func(Change) { proxy.cut() }) // after the change, before the refresh
	for i := range 3 {
		require.NoError(t, NewList[int](c, "l", cut).Append(t.Context(), i))
		require.Equal(t, Refresh{Indices: []int{i}}, next(t, list))
		require.NoError(t, NewDict[int](c, "d", cut).Set(t.Context(), "k", i))
		require.Equal(t, Refresh{Keys: []string{"k"}}, next(t, dict))
	}
	require.Empty(t, list)
	require.Empty(t, dict)
}

// accessByKey allows everything, after fn was told.
func accessByKey(fn func(name, key string) error) ServerOption {
	return WithAuth(func(context.Context, *http.Request, json.RawMessage) (Access, error) {
		return func(cmd Cmd, keys []string) error {
			if len(keys) == 0 {
				return nil
			}
			return fn(cmd[0].(string), keys[0])
		}, nil
	})
}

// Who subscribes, or no longer wants to, while a connection is being restored is
// not forgotten.
func TestReconnect_subscribesMeanwhile(t *testing.T) {
	meanwhile := make(chan func(), 1)
	srv, addr := startServer(t, accessByKey(func(name, key string) error {
		if name == refreshHear && key == "znsocket.List:first" {
			select {
			case do := <-meanwhile:
				do()
			default:
			}
		}
		return nil
	}))
	proxy := startProxy(t, addr)
	c := dialTest(t, proxy.Addr().String(), WithLogger(slog.New(slog.DiscardHandler)))
	first := hears(t, NewList[int](c, "first"))
	stop := NewList[int](c, "gone").OnRefresh(func(Refresh) {})
	require.True(t, srv.Store().hasSubscribers("znsocket.List:gone"))
	var second <-chan Refresh
	meanwhile <- func() {
		second = hears(t, NewList[int](c, "second"))
		stop()
	}
	proxy.cut()
	require.Equal(t, Refresh{Resync: true}, next(t, first))
	require.Equal(t, Refresh{Resync: true}, next(t, second))
	require.NoError(t, NewList[int](srv.Store(), "second").Append(t.Context(), 1))
	require.Equal(t, Refresh{Indices: []int{0}}, next(t, second))
	require.False(t, srv.Store().hasSubscribers("znsocket.List:gone"))
}

// What is refused the second time keeps nothing else away.
func TestReconnect_refused(t *testing.T) {
	var strict atomic.Bool
	srv, addr := startServer(t, accessByKey(func(name, key string) error {
		if strict.Load() && key == "znsocket.List:secret" {
			return errors.New("not any more")
		}
		return nil
	}))
	proxy := startProxy(t, addr)
	c := dialTest(t, proxy.Addr().String(), WithLogger(slog.New(slog.DiscardHandler)))
	var heard []<-chan Refresh
	for _, key := range []string{"a", "b", "secret", "c", "d"} {
		heard = append(heard, hears(t, NewList[int](c, key)))
	}
	data := []int{1}
	secret := listAdapter(t, c, "secret", SliceOf(&data, nil))
	open := listAdapter(t, c, "open", SliceOf(&data, nil))
	strict.Store(true)
	proxy.cut()
	for i, key := range []string{"a", "b", "secret", "c", "d"} {
		require.Equal(t, Refresh{Resync: true}, next(t, heard[i]))
		if key != "secret" {
			require.NoError(t, NewList[int](srv.Store(), key).Append(t.Context(), 1))
			require.Equal(t, Refresh{Indices: []int{0}}, next(t, heard[i]))
		}
	}
	n, err := NewList[int](srv.Store(), "open").Len(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Nil(t, srv.Store().owner("znsocket.List:secret"))
	next(t, secret.Done())
	require.ErrorIs(t, secret.Err(), ErrDenied)
	require.NoError(t, open.Err())
}

func TestReconnect_failFast(t *testing.T) {
	_, addr := startServer(t)
	proxy := startProxy(t, addr)
	quiet := WithLogger(slog.New(slog.DiscardHandler))
	fast, patient := dialTest(t, proxy.Addr().String(), WithFailFast(), quiet), dialTest(t, proxy.Addr().String(), quiet)
	require.NoError(t, proxy.Close())
	proxy.cut()
	for range 3 {
		require.ErrorIs(t, fast.Set(t.Context(), "k", "v"), ErrDisconnected)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, patient.Set(ctx, "k", "v"), context.DeadlineExceeded)

	waiting := make(chan error)
	go func() { waiting <- patient.Set(t.Context(), "k", "v") }()
	require.NoError(t, patient.Close(), "while it looks for a connection")
	require.ErrorIs(t, next(t, waiting), ErrClosed)
}

// Another server, with the same data, knows nothing of what was in flight: a write
// fails, as it may have been carried out, and a read is made again.
func TestReconnect_anotherServer(t *testing.T) {
	store := newStore(t)
	_, before := startServer(t, WithStore(store))
	_, after := startServer(t, WithStore(store))
	proxy := startFaultyProxy(t, before, 0)
	proxy.calm.Store(true)
	c := dialThrough(t, proxy)
	entered, leave := make(chan string, 10), make(chan struct{})
	store.Intercept(func(_ context.Context, cmd Cmd) error {
		entered <- cmd[0].(string)
		<-leave
		return nil
	})
	const key = "znsocket.List:l"
	heard := hears(t, NewList[string](store, "l"))
	written, read := make(chan error), make(chan error)
	go func() { _, err := c.RPush(t.Context(), key, "1"); written <- err }()
	require.Equal(t, "RPUSH", next(t, entered))
	proxy.to.Store(&after)
	proxy.cut()
	require.ErrorIs(t, next(t, written), ErrDisconnected)
	go func() { _, err := c.LRange(t.Context(), key, 0, -1); read <- err }()
	require.Equal(t, "LRANGE", next(t, entered))
	proxy.to.Store(&before)
	proxy.cut()
	require.Equal(t, "LRANGE", next(t, entered))
	close(leave)
	require.NoError(t, next(t, read))
	require.Equal(t, Refresh{Indices: []int{0}}, next(t, heard), "it was carried out all the same")
	store.Intercept(nil)
	values, err := c.LRange(t.Context(), key, 0, -1)
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, values)
}

// More calls at once than may be under way wait for their turn.
func TestClient_manyCallsAtOnce(t *testing.T) {
	srv, addr := startServer(t)
	c := dialTest(t, addr)
	var begun atomic.Int64
	const calls = 2*maxCalls + 500
	all := make(chan struct{})
	srv.Store().Intercept(func(context.Context, Cmd) error { <-all; return nil })
	var work sync.WaitGroup
	for range calls {
		work.Go(func() {
			if begun.Add(1) == calls {
				close(all)
			}
			_, err := c.Incr(t.Context(), "n")
			assert.NoError(t, err)
		})
	}
	work.Wait()
	n, err := c.Get(t.Context(), "n")
	require.NoError(t, err)
	require.Equal(t, fmt.Sprint(calls), n)
}

// Of those who want the same key at the same time one gets it.
func TestAdapter_sameKeyAtOnce(t *testing.T) {
	_, addr := startServer(t)
	c := dialTest(t, addr)
	var made, refused atomic.Int64
	var work sync.WaitGroup
	for range 20 {
		work.Go(func() {
			a, err := NewListAdapter(t.Context(), c, "data", SliceOf(&[]int{1}, nil))
			if err == nil {
				made.Add(1)
				t.Cleanup(func() { a.Close() })
			} else if assert.ErrorIs(t, err, ErrExists) {
				refused.Add(1)
			}
		})
	}
	work.Wait()
	require.EqualValues(t, 1, made.Load())
	require.EqualValues(t, 19, refused.Load())
}
