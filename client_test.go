package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dialTest connects a Client that is closed when the test is over.
func dialTest(t *testing.T, addr string, opts ...ClientOption) *Client {
	t.Helper()
	c, err := Dial(t.Context(), "znsocket://"+addr, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func TestClient_commands(t *testing.T) {
	servers := map[string]func(t *testing.T) string{
		"Go server":     func(t *testing.T) string { _, addr := startServer(t); return addr },
		"Python server": startPythonServer,
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			c := dialTest(t, start(t))
			require.NoError(t, c.Set(ctx, "k", "v\u2028 ü \"'\\"))
			v, err := c.Get(ctx, "k")
			require.NoError(t, err)
			assert.Equal(t, "v\u2028 ü \"'\\", v)
			_, err = c.Get(ctx, "absent")
			assert.ErrorIs(t, err, ErrNil)
			n, err := c.HSet(ctx, "h", "a", 1, "b", 2.5)
			require.NoError(t, err)
			assert.EqualValues(t, 2, n)
			m, err := c.HGetAll(ctx, "h")
			require.NoError(t, err)
			assert.Equal(t, map[string]string{"a": "1", "b": "2.5"}, m)
			members, err := c.SMembers(ctx, "absent")
			require.NoError(t, err)
			assert.Empty(t, members)
			_, err = c.ZAdd(ctx, "z", Z{Member: "m", Score: 1.5}, Z{Member: "n", Score: 2})
			require.NoError(t, err)
			scores, err := c.ZRangeWithScores(ctx, "z", 0, -1)
			require.NoError(t, err)
			assert.Equal(t, []Z{{Member: "m", Score: 1.5}, {Member: "n", Score: 2}}, scores)
			_, err = c.Do(ctx, "nonsense")
			assert.ErrorIs(t, err, ErrUnknownCommand)
			err = c.LSet(ctx, "absent", 0, "x")
			assert.ErrorContains(t, err, "ERR no such key")

			var get *Future[string]
			require.NoError(t, c.Pipelined(ctx, func(p *Pipeline) error {
				p.Set("p", "1")
				get = p.Get("p")
				return nil
			}))
			v, err = get.Result()
			require.NoError(t, err)
			assert.Equal(t, "1", v)
			err = c.Pipelined(ctx, func(p *Pipeline) error {
				p.LSet("absent", 0, "x")
				p.Set("p", "2")
				return nil
			})
			assert.ErrorContains(t, err, "no such key")
		})
	}
}

// Between Go programs a value may hold any bytes.
func TestClient_anyBytes(t *testing.T) {
	_, addr := startServer(t)
	c := dialTest(t, addr)
	want := "\x00\xff\xfe invalid \xc3("
	require.NoError(t, c.Set(t.Context(), "k\xff", want))
	got, err := c.Get(t.Context(), "k\xff")
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestClient_large(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 200_000)
	for name, start := range map[string]func(t *testing.T) string{
		"Go server":     func(t *testing.T) string { _, addr := startServer(t); return addr },
		"Python server": startPythonServer,
	} {
		addr := start(t)
		for how, opts := range map[string][]ClientOption{
			"one message": {WithCompression(1024)},
			"pieces":      {WithCompression(-1), WithMaxMessageSize(300_000)},
			"gzip pieces": {WithMaxMessageSize(1000)},
			"by polling":  {WithTransports("polling"), WithCompression(-1), WithMaxMessageSize(300_000)},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				var mu sync.Mutex
				var sent, received []Progress
				c := dialTest(t, addr, append(opts, WithProgress(func(p Progress) {
					mu.Lock()
					defer mu.Unlock()
					if p.Sending {
						sent = append(sent, p)
					} else {
						received = append(received, p)
					}
				}))...)
				require.NoError(t, c.Set(t.Context(), "large", text))
				got, err := c.Get(t.Context(), "large")
				require.NoError(t, err)
				require.True(t, got == text)
				_, err = c.Do(t.Context(), "LSET", "absent", "0", text[:50_000])
				assert.ErrorContains(t, err, "no such key")

				mu.Lock()
				defer mu.Unlock()
				if how != "one message" {
					require.NotEmpty(t, sent)
					assert.Equal(t, sent[0].Total, maxDone(sent))
				}
				if how != "by polling" {
					require.NotEmpty(t, received)
					assert.GreaterOrEqual(t, received[len(received)-1].Done, int64(len(text)))
				}
			})
		}
	}
}

func maxDone(list []Progress) (most int64) {
	total := list[0].Total
	for _, p := range list {
		if p.Total == total {
			most = max(most, p.Done)
		}
	}
	return most
}

func TestClient_dialErrors(t *testing.T) {
	for url, text := range map[string]string{
		"redis://127.0.0.1:5000":  "must begin with znsocket://",
		"znsocket://":             "names no host",
		"znsocket://127.0.0.1:1":  "could not connect to znsocket://127.0.0.1:1: ",
		"znsocket://127.0.0.1:01": "is it running? start one with: znsocket --port 5000",
	} {
		_, err := Dial(t.Context(), url)
		assert.ErrorContains(t, err, text)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = Dial(ctx, "znsocket://"+l.Addr().String()) // nobody accepts
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

// A call that is given up ends at once, and its connection lives on.
func TestClient_cancelledCall(t *testing.T) {
	srv, addr := startServer(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	srv.Store().Intercept(func(_ context.Context, cmd Cmd) error {
		if cmd[0] == "GET" {
			close(entered)
			<-leave
		}
		return nil
	})
	c := dialTest(t, addr)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	_, err := c.Get(ctx, "k")
	assert.ErrorIs(t, err, context.Canceled)
	close(leave)
	srv.Store().Intercept(nil)
	require.NoError(t, c.Set(t.Context(), "k", "v"))
	v, err := c.Get(t.Context(), "k")
	require.NoError(t, err)
	assert.Equal(t, "v", v)
}

func TestClient_timeout(t *testing.T) {
	srv, addr := startServer(t)
	leave := make(chan struct{})
	c := dialTest(t, addr, WithTimeout(20*time.Millisecond))
	srv.Store().Intercept(func(context.Context, Cmd) error { <-leave; return nil })
	_, err := c.Get(t.Context(), "k")
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, addr)
	close(leave)
}

// cuttableProxy passes connections on until they are cut.
type cuttableProxy struct {
	net.Listener
	to    string
	mu    sync.Mutex
	conns []net.Conn
	limit atomic.Int64 // bytes to the server after which a connection is cut; 0: none
}

func startProxy(t *testing.T, to string) *cuttableProxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &cuttableProxy{Listener: l, to: to}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", p.to)
			if err != nil {
				in.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, in, out)
			p.mu.Unlock()
			wg.Go(func() {
				defer in.Close()
				defer out.Close()
				if limit := p.limit.Swap(0); limit > 0 {
					io.CopyN(out, in, limit)
					return
				}
				io.Copy(out, in)
			})
			wg.Go(func() { io.Copy(in, out); in.Close() })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.cut()
		wg.Wait()
	})
	return p
}

func (p *cuttableProxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

// After a lost connection calls work again, and subscribers hear that they may
// have missed something.
func TestClient_reconnect(t *testing.T) {
	_, addr := startServer(t)
	proxy := startProxy(t, addr)
	var tokens atomic.Int64
	c := dialTest(t, proxy.Addr().String(), WithToken(func(context.Context) (any, error) { return tokens.Add(1), nil }))
	l := NewList[int](c, "l")
	heard := make(chan Refresh, 10)
	defer l.OnRefresh(func(r Refresh) { heard <- r })()
	require.NoError(t, l.Append(t.Context(), 1))
	for range 3 {
		proxy.cut()
		assert.True(t, (<-heard).Resync)
		require.NoError(t, l.Append(t.Context(), 2))
	}
	n, err := l.Len(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 4, n)
	assert.EqualValues(t, 4, tokens.Load(), "a new token for each connection")
}

// A call in flight says that its connection is gone, one made while there is
// none waits for it.
func TestClient_lostInFlight(t *testing.T) {
	srv, addr := startServer(t)
	proxy := startProxy(t, addr)
	c := dialTest(t, proxy.Addr().String())
	entered, leave := make(chan struct{}), make(chan struct{})
	srv.Store().Intercept(func(_ context.Context, cmd Cmd) error {
		if cmd[0] == "GET" {
			entered <- struct{}{}
			<-leave
		}
		return nil
	})
	answered := make(chan error)
	go func() {
		_, err := c.Get(t.Context(), "k")
		answered <- err
	}()
	<-entered
	proxy.cut()
	<-entered // it asks again
	close(leave)
	assert.ErrorIs(t, <-answered, ErrNil)
}

func TestClient_closed(t *testing.T) {
	_, addr := startServer(t)
	c := dialTest(t, addr)
	require.NoError(t, c.Close())
	_, err := c.Get(t.Context(), "k")
	assert.ErrorIs(t, err, ErrClosed)
	require.NoError(t, c.Close())
}

// A server that goes away for good leaves calls to their contexts.
func TestClient_serverGone(t *testing.T) {
	srv, addr := startServer(t)
	c := dialTest(t, addr)
	require.NoError(t, srv.Shutdown(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	for {
		_, err := c.Get(ctx, "k")
		if !errors.Is(err, ErrDisconnected) {
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			break
		}
	}
}

// A message whose piece is lost with its connection is sent again, whole.
func TestClient_piecesAgain(t *testing.T) {
	srv, addr := startServer(t)
	proxy := startProxy(t, addr)
	proxy.limit.Store(500_000)
	c := dialTest(t, proxy.Addr().String(), WithCompression(-1), WithMaxMessageSize(100_000))
	text := strings.Repeat("0123456789abcdef", 100_000)
	require.NoError(t, c.Set(t.Context(), "large", text))
	got, err := srv.Store().Get(t.Context(), "large")
	require.NoError(t, err)
	assert.True(t, got == text)
	assert.Zero(t, srv.unfinished.Load(), "what was left of the first attempt is forgotten")
}

func TestClient_tooLarge(t *testing.T) {
	_, addr := startServer(t, WithLimits(Limits{Body: 100_000}))
	c := dialTest(t, addr)
	err := c.Set(t.Context(), "k", strings.Repeat("x", 200_000))
	require.ErrorIs(t, err, ErrTooLarge)
	assert.ErrorContains(t, err, "limit of 100000 bytes")
	c = dialTest(t, addr, WithCompression(-1), WithMaxMessageSize(20_000))
	err = c.Set(t.Context(), "k", strings.Repeat("x", 200_000))
	require.ErrorIs(t, err, ErrTooLarge)
	require.NoError(t, c.Set(t.Context(), "k", "x"))
}

// A reply over the client's own limit says so, and costs the connection.
func TestClient_maxReply(t *testing.T) {
	srv, addr := startServer(t)
	c := dialTest(t, addr, WithMaxReply(100_000))
	require.NoError(t, srv.Store().Set(t.Context(), "k", strings.Repeat("x", 200_000)))
	_, err := c.Get(t.Context(), "k")
	require.ErrorIs(t, err, ErrTooLarge)
	assert.ErrorContains(t, err, "WithMaxReply")
	require.NoError(t, c.Set(t.Context(), "k", "x"))
	v, err := c.Get(t.Context(), "k")
	require.NoError(t, err)
	assert.Equal(t, "x", v)
}

func TestClient_auth(t *testing.T) {
	_, addr := startServer(t, WithAuth(func(_ context.Context, r *http.Request, auth json.RawMessage) (Access, error) {
		var a struct{ Token string }
		if err := json.Unmarshal(auth, &a); err != nil {
			return nil, err
		}
		switch a.Token {
		case "writer":
			return nil, nil
		case "reader":
			return func(cmd Cmd, keys []string) error {
				if cmd[0] != "GET" {
					return errors.New("view only: " + strings.Join(keys, " "))
				}
				return nil
			}, nil
		}
		return nil, errors.New("who are you?")
	}))
	with := func(token string) ClientOption {
		return WithToken(func(context.Context) (any, error) { return token, nil })
	}
	_, err := Dial(t.Context(), "znsocket://"+addr)
	require.ErrorIs(t, err, ErrDenied)
	assert.ErrorContains(t, err, "who are you?")
	writer, reader := dialTest(t, addr, with("writer")), dialTest(t, addr, with("reader"))
	require.NoError(t, writer.Set(t.Context(), "k", "v"))
	v, err := reader.Get(t.Context(), "k")
	require.NoError(t, err)
	assert.Equal(t, "v", v)
	err = reader.Set(t.Context(), "k", "w")
	require.ErrorIs(t, err, ErrDenied)
	assert.ErrorContains(t, err, "view only: k")
	err = reader.Pipelined(t.Context(), func(p *Pipeline) error {
		p.Get("k")
		p.Del("k")
		return nil
	})
	require.ErrorIs(t, err, ErrDenied)
	v, err = writer.Get(t.Context(), "k")
	require.NoError(t, err)
	assert.Equal(t, "v", v)
}
