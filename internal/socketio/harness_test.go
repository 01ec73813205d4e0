package socketio

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/websocket"
)

// Whatever a test does to a connection, nothing of it may run afterwards.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// testServer is a Server behind a real HTTP server on 127.0.0.1.
type testServer struct {
	*Server
	url string // of the endpoint
}

// startServer starts one that is shut down at the end of the test.
func startServer(t testing.TB, cfg Config) *testServer {
	t.Helper()
	s := NewServer(cfg)
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, s.Shutdown(ctx))
		h.Close()
	})
	return &testServer{s, h.URL + "/socket.io/"}
}

// suiteServer is the server that the official suite and the real clients
// expect: "/" and "/custom", which send auth; in "/" message comes back as
// message-back and message-with-ack as its ack.
func suiteServer(engine engineio.Config) Config {
	return Config{Engine: engine, Connect: func(s *Socket) (Handler, error) {
		switch s.Namespace() {
		case "/", "/custom":
			return echo{s}, s.Emit(Event{Name: "auth", Args: s.Auth()})
		}
		return nil, ErrInvalidNamespace
	}}
}

type echo struct{ s *Socket }

func (h echo) Event(e Event, ack Ack) {
	switch {
	case h.s.Namespace() != root:
	case e.Name == "message":
		h.s.Emit(Event{"message-back", e.Args, e.Attachments})
	case e.Name == "message-with-ack":
		ack.Send(e.Args, e.Attachments...)
	}
}

func (echo) Closed(error) {}

// recorder is a Handler that shows a test what it gets.
type recorder struct {
	t      testing.TB
	s      *Socket
	events chan Event // copies
	acks   chan Ack
	closed chan error
	calls  atomic.Int32 // of Closed
}

func newRecorder(t testing.TB, s *Socket) *recorder {
	return &recorder{t: t, s: s, events: make(chan Event, 1000), acks: make(chan Ack, 1000), closed: make(chan error, 10)}
}

func (r *recorder) Event(e Event, ack Ack) {
	if r.calls.Load() > 0 {
		r.t.Errorf("event %q after Closed", e.Name)
	}
	e.Args = []byte(string(e.Args))
	r.events <- e
	r.acks <- ack
}

func (r *recorder) Closed(err error) {
	if r.calls.Add(1) > 1 {
		r.t.Errorf("Closed called again, with %v", err)
	}
	r.closed <- err
}

// event returns the next event, as name and arguments.
func (r *recorder) event() string {
	r.t.Helper()
	e := within(r.t, r.events)
	return e.Name + " " + string(e.Args)
}

// within returns the next value of a channel that must get one.
func within[T any](t testing.TB, ch <-chan T) T {
	t.Helper()
	select {
	case v, ok := <-ch:
		if !ok {
			require.FailNow(t, "channel closed")
		}
		return v
	case <-time.After(patience):
		require.FailNow(t, "nothing came")
		panic("unreachable")
	}
}

// app is a server side whose every join and socket a test sees.
type app struct {
	t     testing.TB
	joins chan *recorder
}

func newApp(t testing.TB) *app { return &app{t: t, joins: make(chan *recorder, 1000)} }

// connect is a Config.Connect that lets everybody in.
func (a *app) connect(s *Socket) (Handler, error) {
	r := newRecorder(a.t, s)
	a.joins <- r
	return r, nil
}

// peer is a client that speaks by WebSocket what the test tells it to.
type peer struct {
	t    testing.TB
	ws   *websocket.Conn
	read chan string // messages as send takes them; closed at the end
}

func (s *testServer) dial(t testing.TB) *peer {
	t.Helper()
	p := s.dialRaw(t, "EIO=4")
	require.True(t, strings.HasPrefix(p.next(), "0{"))
	return p
}

// dialRaw opens a WebSocket with the parameters.
func (s *testServer) dialRaw(t testing.TB, params string) *peer {
	t.Helper()
	d := websocket.Dialer{Options: websocket.Options{MaxMessage: 64 << 20, MaxQueued: 64 << 20}}
	ws, err := d.Dial(t.Context(), s.url+"?transport=websocket&"+params)
	require.NoError(t, err)
	p := &peer{t, ws, make(chan string, 10_000)}
	t.Cleanup(p.abort)
	go p.readAll()
	return p
}

// upgrade takes a session from polling to a WebSocket.
func (s *testServer) upgrade(t testing.TB, from *httpPeer) *peer {
	t.Helper()
	p := s.dialRaw(t, "EIO=4&sid="+from.sid)
	p.sendPacket("2probe")
	p.expect("3probe")
	p.sendPacket("5")
	return p
}

// sendPacket sends an Engine.IO packet.
func (p *peer) sendPacket(packet string) {
	p.t.Helper()
	require.NoError(p.t, p.ws.Send(websocket.Message{Op: websocket.Text, Data: []byte(packet)}))
}

// readAll reads messages. Engine.IO packets that are no messages keep their
// type; pings are answered.
func (p *peer) readAll() {
	defer close(p.read)
	defer p.ws.Finish()
	for {
		op, data, err := p.ws.Read()
		switch {
		case err != nil:
			return
		case op == websocket.Binary:
			p.read <- "b" + string(data)
		case string(data) == "2":
			p.ws.Send(websocket.Message{Op: websocket.Text, Data: []byte("3")})
		default:
			p.read <- strings.TrimPrefix(string(data), "4")
		}
	}
}

// abort ends the connection without a word.
func (p *peer) abort() { p.ws.Abort(websocket.ErrClosed) }

// send sends messages in one step: text, and binary where it begins with b.
func (p *peer) send(messages ...string) {
	p.t.Helper()
	var frames []websocket.Message
	for _, m := range messages {
		if binary, ok := strings.CutPrefix(m, "b"); ok {
			frames = append(frames, websocket.Message{Op: websocket.Binary, Data: []byte(binary)})
		} else {
			frames = append(frames, websocket.Message{Op: websocket.Text, Data: []byte("4" + m)})
		}
	}
	require.NoError(p.t, p.ws.Send(frames...))
}

// next returns the next message.
func (p *peer) next() string {
	p.t.Helper()
	return within(p.t, p.read)
}

// expect reads messages.
func (p *peer) expect(messages ...string) {
	p.t.Helper()
	for _, want := range messages {
		require.Equal(p.t, want, p.next())
	}
}

// expectEnd checks that the connection ends, with no message before that.
func (p *peer) expectEnd() {
	p.t.Helper()
	select {
	case m, ok := <-p.read:
		require.False(p.t, ok, "%.100q came", m)
	case <-time.After(patience):
		require.FailNow(p.t, "the connection lives on")
	}
}

// join joins a namespace with what its CONNECT is, and returns the sid.
func (p *peer) join(connect string) (sid string) {
	p.t.Helper()
	p.send(connect)
	head, rest, ok := strings.Cut(p.next(), `{"sid":"`)
	require.True(p.t, ok, "%q", head)
	require.Equal(p.t, strings.TrimSuffix(connect, ","), strings.TrimSuffix(head, ","))
	return strings.TrimSuffix(rest, `"}`)
}

// expectAlive checks that the connection lives: what was sent before has been
// handled without an answer when this one comes.
func (p *peer) expectAlive() {
	p.t.Helper()
	p.send("0/alive,")
	require.Contains(p.t, p.next(), "/alive,")
	p.send("1/alive,")
}

// httpPeer is a client on polling.
type httpPeer struct {
	t   testing.TB
	url string
	sid string
}

func (s *testServer) poll(t testing.TB) *httpPeer {
	t.Helper()
	p := &httpPeer{t: t, url: s.url + "?EIO=4&transport=polling"}
	sid, _, ok := strings.Cut(strings.TrimPrefix(p.get(), `0{"sid":"`), `"`)
	require.True(t, ok)
	p.sid = sid
	p.url += "&sid=" + sid
	t.Cleanup(func() { p.do("POST", "1") })
	return p
}

func (p *httpPeer) get() string { return p.do("GET", "") }

// post sends packets.
func (p *httpPeer) post(packets ...string) {
	p.t.Helper()
	require.Equal(p.t, "ok", p.do("POST", strings.Join(packets, "\x1e")))
}

func (p *httpPeer) do(method, body string) string {
	p.t.Helper()
	// Without a context of its own it can be used in Cleanup.
	req, err := http.NewRequest(method, p.url, strings.NewReader(body))
	require.NoError(p.t, err)
	resp, err := httpClient.Do(req)
	require.NoError(p.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return string(text)
}

// httpClient keeps no connection open, which would outlive the test.
var httpClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
