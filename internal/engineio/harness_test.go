package engineio

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// testServer is a Server that clients in the same process reach.
type testServer struct {
	*Server
	t    *testing.T
	url  string
	dial func(ctx context.Context, network, addr string) (net.Conn, error)
	http *http.Client
	log  *logBuffer

	accepted chan *spy // unless Config.Accept was set
}

// inBubble runs f with a server whose network is in memory and whose time is
// the bubble's: synctest.Wait ends when everybody waits for something. The
// bubble fails if anything still runs after the server was shut down.
func inBubble(t *testing.T, cfg Config, f func(t *testing.T, s *testServer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		f(t, serve(t, cfg, l, l.dial))
	})
}

// startServer starts a server on 127.0.0.1.
func startServer(t *testing.T, cfg Config) *testServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return serve(t, cfg, l, new(net.Dialer).DialContext)
}

func serve(t *testing.T, cfg Config, l net.Listener, dial func(context.Context, string, string) (net.Conn, error)) *testServer {
	s := &testServer{
		t:        t,
		url:      "http://" + l.Addr().String(),
		dial:     dial,
		http:     &http.Client{Transport: &http.Transport{DialContext: dial, DisableCompression: true}},
		log:      &logBuffer{},
		accepted: make(chan *spy, 10_000),
	}
	cfg.Logger = slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if cfg.Accept == nil {
		cfg.Accept = func(c *Conn) Handler {
			x := &spy{c: c}
			s.accepted <- x
			return x
		}
	}
	s.Server = NewServer(cfg)
	h := &http.Server{Handler: s.Server, ReadTimeout: time.Minute, ErrorLog: slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelError)}
	go h.Serve(l)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, s.Shutdown(ctx))
		require.Zero(t, s.Conns())
		s.http.CloseIdleConnections()
		h.Close()
		if l.Addr() == (pipeAddr{}) {
			time.Sleep(time.Second) // net/http waits after an answer in the middle of a body
		}
	})
	return s
}

// pipeListener is a network in memory.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe:80" }

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// logBuffer is what was logged.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

// lines returns the lines that hold all of the words.
func (l *logBuffer) lines(words ...string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.buf.String()) {
		missing := false
		for _, word := range words {
			missing = missing || !strings.Contains(line, word)
		}
		if !missing {
			found = append(found, line)
		}
	}
	return found
}

// spy is a Handler that writes down what it hears: messages as they are in a
// payload. What is to be done about a message, do does.
type spy struct {
	c  *Conn
	do func(m Message)

	mu     sync.Mutex
	got    []string
	closed []error
}

func (x *spy) Message(m Message) {
	x.mu.Lock()
	x.got = append(x.got, string(appendPayload(nil, []packet{m.packet()})))
	if len(x.closed) > 0 {
		x.got = append(x.got, "after Closed")
	}
	x.mu.Unlock()
	if x.do != nil {
		x.do(m)
	}
}

func (x *spy) Closed(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.closed = append(x.closed, err)
}

func (x *spy) heard() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return append([]string(nil), x.got...)
}

// requireClosed fails unless Closed was called, once, for this reason, by the
// time nothing moves any more.
func (x *spy) requireClosed(t *testing.T, reason error) {
	t.Helper()
	synctest.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	require.Len(t, x.closed, 1)
	require.ErrorIs(t, x.closed[0], reason)
}

func (x *spy) requireOpen(t *testing.T) {
	t.Helper()
	synctest.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	require.Empty(t, x.closed)
}

// echo is an Accept whose connections send everything back.
func echo(c *Conn) Handler { return &spy{do: func(m Message) { c.Send(m) }} }

func text(s string) Message { return Message{Data: []byte(s)} }

// reply is an answer to a request, or why there is none.
type reply struct {
	status int
	header http.Header
	length int64
	body   string
	err    error
}

// ask sends a request and waits for the answer.
func (s *testServer) ask(r *http.Request) reply {
	resp, err := s.http.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, resp.ContentLength, string(body), err}
}

// request makes a request to the server's endpoint.
func (s *testServer) request(method, query string, body io.Reader) *http.Request {
	r, err := http.NewRequestWithContext(context.Background(), method, s.url+"/engine.io/?"+query, body)
	require.NoError(s.t, err)
	return r
}

// requireRejected fails unless the request was refused in the way clients
// know.
func (a reply) requireRejected(t *testing.T, status, code int, message string) {
	t.Helper()
	require.NoError(t, a.err)
	require.Equal(t, fmt.Sprintf(`{"code":%d,"message":%q}`, code, message), a.body)
	require.Equal(t, status, a.status)
	require.Equal(t, "application/json", a.header.Get("Content-Type"))
	require.Equal(t, "no-store", a.header.Get("Cache-Control"))
}

// requireGone fails unless the session was unknown.
func (a reply) requireGone(t *testing.T) {
	t.Helper()
	a.requireRejected(t, 400, 1, "Session ID unknown")
}

// requireBody fails unless the request was answered with this.
func (a reply) requireBody(t *testing.T, body string) {
	t.Helper()
	require.NoError(t, a.err)
	require.Equal(t, http.StatusOK, a.status, a.body)
	require.Equal(t, body, a.body)
}
