package znsocket

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/socketio"
)

// rawClient is a Socket.IO client that says whatever a test wants.
type rawClient struct {
	t      *testing.T
	socket *socketio.Socket
	events chan string
	closed chan error
	reply  func() []byte // to adapter:get; nil for none
}

func (c *rawClient) Event(e socketio.Event, ack socketio.Ack) {
	c.events <- e.Name + " " + string(e.Args)
	switch {
	case !ack.Wanted():
	case e.Name != "adapter:get":
		ack.Send(nil)
	case c.reply != nil:
		ack.Send(c.reply())
	}
}
func (c *rawClient) Closed(err error) { c.closed <- err }

func dialRaw(t *testing.T, url string, transports ...string) *rawClient {
	t.Helper()
	return joinRaw(t, url, nil, transports...)
}

// joinRaw sends auth in the handshake.
func joinRaw(t *testing.T, url string, auth []byte, transports ...string) *rawClient {
	t.Helper()
	c := &rawClient{t: t, events: make(chan string, 1000), closed: make(chan error, 1)}
	conn, err := socketio.Dial(t.Context(), url, socketio.DialConfig{Engine: engineio.DialConfig{Transports: transports}})
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	c.socket, err = conn.Join(t.Context(), DefaultNamespace, auth, func(*socketio.Socket) socketio.Handler { return c })
	require.NoError(t, err)
	return c
}

// callBinary sends an event and returns the attachment of its answer.
func (c *rawClient) callBinary(event, args string, attachments ...[]byte) []byte {
	c.t.Helper()
	got := make(chan []byte, 1)
	c.socket.Call(socketio.Event{Name: event, Args: []byte(args), Attachments: attachments}, func(args []byte, attachments [][]byte, err error) {
		if err != nil || len(attachments) != 1 {
			assert.Fail(c.t, "no attachment", "%s %v", args, err)
			attachments = [][]byte{nil}
		}
		got <- attachments[0]
	})
	return <-got
}

// call sends an event and returns the JSON of its answer.
func (c *rawClient) call(event, args string, attachments ...[]byte) string {
	c.t.Helper()
	got := make(chan string, 1)
	c.socket.Call(socketio.Event{Name: event, Args: []byte(args), Attachments: attachments}, func(args []byte, _ [][]byte, err error) {
		if err != nil {
			got <- err.Error()
			return
		}
		got <- string(args)
	})
	return <-got
}

// Whatever comes, there is an answer, and the next call works.
func TestServer_badInput(t *testing.T) {
	srv, addr := startServer(t)
	c := dialRaw(t, "http://"+addr+"/socket.io/")
	piece := func(more string) string {
		return `{"chunk_id":"i","chunk_index":0,"total_chunks":2,"event":"set","data":{"_placeholder":true,"num":0}` + more + `}`
	}
	for _, in := range []struct{ event, args, want string }{
		{"nonsense", `[[],{}]`, "UnknownEventError"},
		{"", `[[],{}]`, "UnknownEventError"},
		{"__class__", `[[],{}]`, "UnknownEventError"},
		{"pipeline", ``, "TypeError"},
		{"pipeline", `[[],{}]`, "TypeError"},
		{"pipeline", `[[],{"message":5}]`, "TypeError"},
		{"pipeline", `[[],{"message":[5]}]`, "TypeError"},
		{"pipeline", `[[],{"message":[["set"]]}]`, "TypeError"},
		{"pipeline", `[[],{"message":[["pipeline",[[],{"message":[]}]]]}]`, "UnknownEventError"},
		{"pipeline", `[[],{"message":[["server_config",[[],{}]]]}]`, "UnknownEventError"},
		{"get", ``, "TypeError"},
		{"get", `1,2,3`, "TypeError"},
		{"get", `[["k"],{}],[["k"],{}]`, "TypeError"},
		{"get", `[[NaN],{}]`, ""},
		{"incr", `[["n",1` + strings.Repeat("0", 400) + `],{}]`, "ResponseError"},
		{"get", strings.Repeat("[", 400) + strings.Repeat("]", 400), "TypeError"},
		{"check_adapter", `[[],{}]`, "TypeError"},
		{"check_adapter", `[[],{"key":5}]`, "TypeError"},
		{"register_adapter", `null`, "TypeError"},
		{"adapter:get", `[[],{}]`, "TypeError"},
		{"adapter:get", `[[],{"key":"nobody"}]`, "KeyError"},
		{"refresh", `null`, "TypeError"},
		{"refresh", `{"target":5,"data":{}}`, "TypeError"},
		{"refresh", `{"target":"k","data":[]}`, "TypeError"},
		{"compressed_message", `{}`, "TypeError"},
		{"compressed_message", `{"event":"set","data":"text"}`, "TypeError"},
		{"chunked_message", piece(`,"size":1`), "ChunkSizeError"},
		{"chunked_message", `{"chunk_id":"i","chunk_index":1e3,"total_chunks":2,"event":"set","data":{"_placeholder":true,"num":0}}`, "TypeError"},
		{"chunked_message", `{"chunk_id":"i","chunk_index":99999999999999999999,"total_chunks":2,"event":"set","data":{"_placeholder":true,"num":0}}`, "TypeError"},
		{"chunked_message", `{"chunk_id":"j","chunk_index":0,"total_chunks":1000000000,"event":"set","data":{"_placeholder":true,"num":0}}`, "TooLargeError"},
		{"get_chunked_result", `{"chunk_id":"nobody"}`, "ChunkNotFoundError"},
		{"get_chunked_result", `5`, "TypeError"},
		{goEvent, `5`, "TypeError"},
		{"adapter:get", `[[],{"key":"nobody","more":{"_placeholder":true,"num":0}}]`, "TypeError"},
		{"chunked_message", piece(`,"size":"1"`), "TypeError"},
		{"chunked_message", piece(`,"size":-1`), "ChunkSizeError"},
		{"chunked_message", piece(`,"size":0`), "ChunkSizeError"},
	} {
		var attachments [][]byte
		if strings.Contains(in.args, "_placeholder") {
			attachments = [][]byte{[]byte("some bytes")}
		}
		got := c.call(in.event, in.args, attachments...)
		if in.want == "" {
			assert.Contains(t, got, `{"`, "%s %.100s", in.event, in.args)
			continue
		}
		assert.Contains(t, got, `"type":"`+in.want+`"`, "%s %.100s", in.event, in.args)
	}
	for _, frame := range []string{"", "\x01", "\x01\x00\x00\x00\xffgarbage", "\x00", "\x00{", "[[", "\x00[[\xff],{}]", "\x00[[],{},5]"} {
		got := c.call("compressed_message", `{"event":"set","data":{"_placeholder":true,"num":0}}`, []byte(frame))
		assert.Contains(t, got, `"error"`, "%q", frame)
		got = c.call(goEvent, attachmentArg, []byte(frame))
		assert.Contains(t, got, `"error"`, "%q", frame)
	}
	for _, body := range []string{"\x80", "\x81\x80", "\x81\x81\x05", "\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "\xa0", "\x81\x81\x43get", "\xff"} {
		got := c.call(goEvent, attachmentArg, append([]byte{flagPlain}, body...))
		assert.NotEmpty(t, got, "%q", body)
	}
	assert.Equal(t, `{"data":true}`, c.call("set", `[["k","v"],{}]`))
	assert.Zero(t, srv.Store().adapters.markedBytes)
}

// The answer to a pipeline is its first error, whether it was made before the
// command ran or by it.
func TestServer_pipelineFirstError(t *testing.T) {
	_, addr := startServer(t)
	c := dialRaw(t, "http://"+addr+"/socket.io/")
	assert.Equal(t, `{"data":true}`, c.call("set", `[["text","x"],{}]`))
	wrongType, noValue, nonsense, fine := `["lpush",[["text","x"],{}]]`, `["set",[["k",null],{}]]`, `["nonsense",[[],{}]]`, `["rpush",[["ran","x"],{}]]`
	for want, commands := range map[string][]string{
		"WRONGTYPE":         {fine, wrongType, noValue, nonsense, fine},
		"DataError":         {fine, noValue, wrongType, nonsense, fine},
		"UnknownEventError": {fine, nonsense, wrongType, noValue, fine},
	} {
		assert.Contains(t, c.call("pipeline", `[[],{"message":[`+strings.Join(commands, ",")+`]}]`), want)
	}
	assert.Equal(t, `{"data":6}`, c.call("llen", `[["ran"],{}]`), "all others ran")
}

// An answer over the limit is an error that says so, in every form a question
// can have.
func TestServer_answerTooLarge(t *testing.T) {
	_, addr := startServer(t, WithLimits(Limits{Answer: 10_000}))
	raw := dialRaw(t, "http://"+addr+"/socket.io/")
	c := dialTest(t, addr)
	ctx := t.Context()
	require.NoError(t, c.Set(ctx, "k", strings.Repeat("x", 9_000)))
	assert.Contains(t, raw.call("get", `[["k"],{}]`), `{"data":"xxx`)
	require.NoError(t, c.Set(ctx, "k", strings.Repeat("x", 11_000)))
	const refusal = `"type":"TooLargeError"`
	get := `["get",[["k"],{}]]`
	assert.Contains(t, raw.call("get", `[["k"],{}]`), refusal)
	assert.Contains(t, raw.call("pipeline", `[[],{"message":[`+get+`,`+get+`]}]`), refusal)
	assert.Contains(t, raw.call("compressed_message", `{"event":"get","data":{"_placeholder":true,"num":0}}`, []byte(`[["k"],{}]`)), refusal)
	_, err := c.Get(ctx, "k")
	assert.ErrorIs(t, err, ErrTooLarge)
	_, err = c.DoMulti(ctx, Cmd{"GET", "k"}, Cmd{"GET", "k"})
	assert.ErrorIs(t, err, ErrTooLarge)
	n, err := c.StrLen(ctx, "k")
	require.NoError(t, err, "the connection lives on")
	assert.EqualValues(t, 11_000, n)
}

func TestServer_adapterLimits(t *testing.T) {
	srv, addr := startServer(t, WithLimits(Limits{Adapters: 2, AdapterCalls: 1}), WithAdapterTimeout(time.Hour))
	url := "http://" + addr + "/socket.io/"
	owner, reader := dialRaw(t, url), dialRaw(t, url)
	for i, want := range []string{"true", "true", "true", "TooLargeError"} {
		key := []string{"a", "b", "a", "c"}[i]
		assert.Contains(t, owner.call("register_adapter", `[[],{"key":"`+key+`"}]`), want)
	}
	assert.Equal(t, "true", reader.call("register_adapter", `[[],{"key":"b"}]`), "a later owner takes over")

	waiting := make(chan error, 1)
	reader.socket.Call(socketio.Event{Name: "adapter:get", Args: []byte(`[[],{"key":"a"}]`)}, func(_ []byte, _ [][]byte, err error) { waiting <- err })
	<-owner.events
	assert.Contains(t, reader.call("adapter:get", `[[],{"key":"a"}]`), "TooLargeError", "the owner is there, only busy")

	owner.socket.Close()
	<-owner.closed
	require.Eventually(t, func() bool { return reader.call("adapter_exists", `[[],{"key":"a"}]`) == "false" }, 10*time.Second, time.Millisecond)
	assert.Equal(t, "true", reader.call("adapter_exists", `[[],{"key":"b"}]`), "what another took over stays")
	assert.NoError(t, <-waiting)
	reader.socket.Close()
	<-reader.closed
	require.Eventually(t, func() bool { return srv.Store().adapters.owner("b") == nil }, 10*time.Second, time.Millisecond)
}

// A client that does not read costs the others no more than the limit for all:
// beyond it large answers are refused, small ones are not. When it goes its bytes
// are free.
func TestServer_queuedTotal(t *testing.T) {
	srv, addr := startServer(t, WithLimits(Limits{QueuedTotal: 30 << 20}))
	require.NoError(t, srv.Store().Set(t.Context(), "large", strings.Repeat("x", 20<<20)))
	stuck, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	fmt.Fprintf(stuck, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	for _, packet := range []string{`40/znsocket,`, `42/znsocket,1["get",[["large"],{}]]`} {
		_, err := stuck.Write(append([]byte{0x81, 0x80 | byte(len(packet)), 0, 0, 0, 0}, packet...)) // masked with zeros
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return srv.queued.Load() > 10<<20 }, 10*time.Second, time.Millisecond)
	c := dialTest(t, addr)
	_, err = c.Get(t.Context(), "large")
	require.ErrorIs(t, err, ErrTooLarge)
	require.NoError(t, c.Set(t.Context(), "small", "x"))
	stuck.Close()
	require.Eventually(t, func() bool { return srv.queued.Load() == 0 }, 30*time.Second, time.Millisecond)
	v, err := c.Get(t.Context(), "large")
	require.NoError(t, err)
	assert.Len(t, v, 20<<20)
}

// What is passed from client to client must be JSON for both: Python writes NaN,
// at which JavaScript gives up its connection.
func TestServer_forwardsStrictJSON(t *testing.T) {
	_, addr := startServer(t)
	url := "http://" + addr + "/socket.io/"
	reader := dialRaw(t, url)
	var owner *socketio.Socket
	conn, err := socketio.Dial(t.Context(), url, socketio.DialConfig{})
	require.NoError(t, err)
	defer conn.Close()
	owner, err = conn.Join(t.Context(), DefaultNamespace, nil, func(*socketio.Socket) socketio.Handler { return echoing{} })
	require.NoError(t, err)
	registered := make(chan struct{})
	owner.Call(socketio.Event{Name: "register_adapter", Args: []byte(`[[],{"key":"k"}]`)}, func([]byte, [][]byte, error) { close(registered) })
	<-registered
	assert.Contains(t, reader.call("adapter:get", `[[],{"key":"k","method":"NaN"}]`), "cannot read")
	assert.Contains(t, reader.call("adapter:get", `[[],{"key":"k","method":NaN}]`), "TypeError")
	assert.Equal(t, `"\"NaN\""`, reader.call("adapter:get", `[[],{"key":"k","method":"text"}]`))
	assert.Contains(t, reader.call("refresh", `{"target":"k","data":{"start":NaN}}`), "TypeError")
}

// echoing answers an adapter:get with the number, or the text, NaN.
type echoing struct{}

func (echoing) Event(e socketio.Event, ack socketio.Ack) {
	if strings.Contains(string(e.Args), "NaN") {
		ack.Send([]byte("NaN"))
		return
	}
	ack.Send([]byte(`"\"NaN\""`))
}
func (echoing) Closed(error) {}

func TestServer_prefixAndMux(t *testing.T) {
	srv := NewServer()
	defer srv.Shutdown(context.Background())
	mux := http.NewServeMux()
	mux.Handle("/deep/er/socket.io/", srv)
	mux.Handle("/else/", srv)
	mux.HandleFunc("/hello", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
	web := httptest.NewServer(mux)
	defer web.Close()

	c, err := Dial(t.Context(), strings.Replace(web.URL, "http", "znsocket", 1)+"/deep/er")
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Set(t.Context(), "k", "v"))

	resp, err := http.Get(web.URL + "/else/where")
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, http.StatusNotFound, resp.StatusCode)
	assert.Contains(t, string(body), "/socket.io/")
}

func TestServer_origins(t *testing.T) {
	_, addr := startServer(t, WithOrigins("https://app.example.com"))
	for origin, status := range map[string]int{
		"":                        200,
		"http://" + addr:          200,
		"https://app.example.com": 200,
		"https://evil.example":    403,
		"null":                    403,
	} {
		req, err := http.NewRequest("GET", "http://"+addr+"/socket.io/?EIO=4&transport=polling", nil)
		require.NoError(t, err)
		if origin != "" {
			req.Header.Set("Origin", origin)
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		assert.Equal(t, status, resp.StatusCode, origin)
		if status == 403 {
			assert.Contains(t, string(body), origin)
			assert.Contains(t, string(body), "--allow-origin")
		}
	}
}

// Adapters belong to their owner's connection; the answer of a slow owner is a
// clear error.
func TestServer_adapters(t *testing.T) {
	_, addr := startServer(t, WithAdapterTimeout(50*time.Millisecond))
	url := "http://" + addr + "/socket.io/"
	owner, reader := dialRaw(t, url), dialRaw(t, url)
	assert.Equal(t, `true`, owner.call("register_adapter", `[[],{"key":"k"}]`))
	assert.Equal(t, `true`, reader.call("adapter_exists", `[[],{"key":"k"}]`))
	got := reader.call("adapter:get", `[[],{"key":"k","method":"__len__"}]`)
	assert.Equal(t, `adapter:get [[],{"key":"k","method":"__len__"}]`, <-owner.events)
	assert.Contains(t, got, `"type":"TimeoutError"`)
	assert.Contains(t, got, `50ms`)
	assert.Equal(t, `{"data":true}`, owner.call("set", `[["a","b"],{}]`), "the owner is not held up")

	assert.Equal(t, `false`, reader.call("check_adapter", `[[],{"key":"marked"}]`))
	assert.Contains(t, owner.call("register_adapter", `[[],{"key":"marked"}]`), "Key marked already exists in storage")

	assert.Equal(t, `true`, reader.call("check_adapter", `[[],{"key":"k"}]`))
	owner.socket.Close()
	<-owner.closed
	require.Eventually(t, func() bool { return reader.call("adapter_exists", `[[],{"key":"k"}]`) == "false" }, 10*time.Second, time.Millisecond)
	assert.Equal(t, `true`, reader.call("register_adapter", `[[],{"key":"k"}]`), "the mark went with the owner")
}

// An owner that goes while it is asked fails the question at once.
func TestServer_ownerGoes(t *testing.T) {
	_, addr := startServer(t, WithAdapterTimeout(time.Hour))
	url := "http://" + addr + "/socket.io/"
	owner, reader := dialRaw(t, url), dialRaw(t, url)
	assert.Equal(t, `true`, owner.call("register_adapter", `[[],{"key":"k"}]`))
	go func() {
		<-owner.events
		owner.socket.Close()
	}()
	assert.Contains(t, reader.call("adapter:get", `[[],{"key":"k","method":"__len__"}]`), "The owner of k has gone")
}

// Refreshes go to all others, in order, and reach this program too.
func TestServer_refresh(t *testing.T) {
	srv, addr := startServer(t)
	url := "http://" + addr + "/socket.io/"
	a, b := dialRaw(t, url), dialRaw(t, url, "polling")
	here := NewList[string](srv.Store(), "l")
	heard := make(chan Refresh, 100)
	defer here.OnRefresh(func(r Refresh) { heard <- r })()

	assert.Equal(t, ``, a.call("refresh", `{"target":"znsocket.List:l","data":{"start":3,"stop":null}}`))
	assert.Equal(t, `refresh {"target":"znsocket.List:l","data":{"start":3,"stop":null}}`, <-b.events)
	r := <-heard
	require.NotNil(t, r.Start)
	assert.Equal(t, 3, *r.Start)
	assert.Nil(t, r.Stop)

	require.NoError(t, here.Append(t.Context(), "x"))
	for _, c := range []*rawClient{a, b} {
		assert.Equal(t, `refresh {"target":"znsocket.List:l","data":{"indices":[0]}}`, <-c.events)
	}
	for i := range 50 {
		require.NoError(t, a.socket.Emit(socketio.Event{Name: "refresh", Args: fmt.Appendf(nil, `{"target":"t","data":{"indices":[%d]}}`, i)}))
	}
	for i := range 50 {
		assert.Equal(t, fmt.Sprintf(`refresh {"target":"t","data":{"indices":[%d]}}`, i), <-b.events)
	}
	assert.Empty(t, a.events)
	assert.Empty(t, heard)
}

// What is in flight when the server shuts down is answered.
func TestServer_shutdownAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := NewServer()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	entered, leave := make(chan struct{}), make(chan struct{})
	srv.Store().Intercept(func(context.Context, Cmd) error {
		close(entered)
		<-leave
		return nil
	})
	c := dialRaw(t, "http://"+l.Addr().String()+"/socket.io/")
	answer := make(chan string)
	go func() { answer <- c.call("set", `[["k","v"],{}]`) }()
	<-entered
	down := make(chan error)
	go func() { down <- srv.Shutdown(context.Background()) }()
	assert.ErrorIs(t, <-served, http.ErrServerClosed)
	close(leave)
	assert.Equal(t, `{"data":true}`, <-answer)
	require.NoError(t, <-down)
	<-c.closed
	assert.ErrorIs(t, srv.Listen("127.0.0.1:0"), http.ErrServerClosed)
}

func TestServer_listenInUse(t *testing.T) {
	_, addr := startServer(t)
	assert.ErrorContains(t, NewServer().Listen(addr), "in use")
}

// lockedBuffer is a log to look into.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Without WithAuth an address that others reach is worth a warning.
func TestServer_warnsWithoutAuth(t *testing.T) {
	var log lockedBuffer
	l, err := net.Listen("tcp", "0.0.0.0:0")
	require.NoError(t, err)
	srv := NewServer(WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "WithAuth") }, 10*time.Second, time.Millisecond)
	require.NoError(t, srv.Shutdown(t.Context()))
	<-served
}
