package socketio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/engineio"
)

// transports are the ways to a server.
var transports = map[string][]string{
	"websocket": {"websocket"},
	"polling":   {"polling"},
	"upgrade":   {"polling", "websocket"},
}

// dialClient connects a Client that is closed at the end of the test.
func dialClient(t testing.TB, url string, cfg DialConfig) *Client {
	t.Helper()
	c, err := Dial(t.Context(), url, cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		c.Close()
		<-c.Done()
	})
	return c
}

// mustJoin joins a namespace with a recorder.
func mustJoin(t testing.TB, c *Client, namespace string, auth string) *recorder {
	t.Helper()
	var r *recorder
	s, err := c.Join(t.Context(), namespace, []byte(auth), func(s *Socket) Handler {
		r = newRecorder(t, s)
		return r
	})
	require.NoError(t, err)
	require.Same(t, s, r.s)
	return r
}

// call waits for the answer to a Call.
func call(t testing.TB, s *Socket, e Event) string {
	t.Helper()
	answer := make(chan string, 1)
	s.Call(e, func(args []byte, attachments [][]byte, err error) {
		answer <- fmt.Sprintf("%s %q %v", args, attachments, err)
	})
	return within(t, answer)
}

func TestClient_allTransports(t *testing.T) {
	for name, transports := range transports {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, suiteServer(engineio.Config{PingInterval: 50 * time.Millisecond}))
			c := dialClient(t, s.url, DialConfig{Engine: engineio.DialConfig{Transports: transports}})
			talk(t, c)
		})
	}
}

// talk is what a client says to a server like suiteServer.
func talk(t *testing.T, c *Client) {
	main := mustJoin(t, c, "/", `{}`)
	require.Equal(t, "auth {}", main.event())
	custom := mustJoin(t, c, "/custom", `{"token":"abc"}`)
	require.Equal(t, `auth {"token":"abc"}`, custom.event())
	require.NotEqual(t, main.s.ID(), custom.s.ID())

	_, err := c.Join(t.Context(), "/random", nil, nil)
	var refusal *ConnectError
	require.ErrorAs(t, err, &refusal)
	require.NotEmpty(t, refusal.Message)

	large := strings.Repeat("x", 100_000)
	for range 3 {
		require.NoError(t, main.s.Emit(Event{Name: "message", Args: []byte(`1,"2",{"3":[true]},"é` + large + `"`)}))
		require.Equal(t, `message-back 1,"2",{"3":[true]},"é`+large+`"`, plainText(main.event()))
		args := []byte(`{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}`)
		data := [][]byte{{0, 1, 2}, []byte(large)}
		require.NoError(t, main.s.Emit(Event{"message", args, data}))
		e := within(t, main.events)
		require.JSONEq(t, `[`+string(args)+`]`, `[`+string(e.Args)+`]`)
		require.Equal(t, data, e.Attachments)

		require.Equal(t, `1,"2",{"3":[false]} [] <nil>`, call(t, main.s, Event{Name: "message-with-ack", Args: []byte(`1,"2",{"3":[false]}`)}))
		answer := call(t, main.s, Event{"message-with-ack", args, [][]byte{{1}, {2}}})
		require.Contains(t, answer, `["\x01" "\x02"] <nil>`)
	}

	_, err = c.Join(t.Context(), "/custom", nil, nil)
	require.ErrorIs(t, err, ErrJoined)
	require.NoError(t, custom.s.Disconnect())
	require.ErrorIs(t, within(t, custom.closed), ErrClosed)
	custom = mustJoin(t, c, "/custom", `{"again":1}`)
	require.Equal(t, `auth {"again":1}`, custom.event())

	require.NoError(t, c.Close())
	<-c.Done()
	require.ErrorIs(t, c.Err(), ErrClosed)
	for _, r := range []*recorder{main, custom} {
		require.ErrorIs(t, within(t, r.closed), ErrClosed)
		require.EqualValues(t, 1, r.calls.Load())
	}
	_, err = c.Join(t.Context(), "/", nil, nil)
	require.ErrorIs(t, err, ErrClosed)
}

// plainText undoes Python's escape of the one letter that talk sends.
func plainText(s string) string { return strings.ReplaceAll(s, `\u00e9`, "é") }

func TestClient_isDisconnected(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	c := dialClient(t, s.url, DialConfig{})
	a, b := mustJoin(t, c, "/a", `{}`), mustJoin(t, c, "/b", `{}`)
	serverA, serverB := within(t, app.joins), within(t, app.joins)

	waiting := make(chan error, 1)
	a.s.Call(Event{Name: "e"}, func(_ []byte, _ [][]byte, err error) { waiting <- err })
	require.NoError(t, serverA.s.Disconnect())
	require.ErrorIs(t, within(t, waiting), ErrLeft)
	require.ErrorIs(t, within(t, a.closed), ErrLeft)
	require.ErrorIs(t, a.s.Emit(Event{Name: "late"}), ErrClosed)

	a = mustJoin(t, c, "/a", `{}`)
	require.NoError(t, serverB.s.Close())
	require.ErrorIs(t, within(t, a.closed), ErrLeft)
	require.ErrorIs(t, within(t, b.closed), ErrLeft)
	<-c.Done()
	require.ErrorIs(t, c.Err(), engineio.ErrPeerClosed)
}

func TestClient_answersTheServer(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	c := dialClient(t, s.url, DialConfig{})
	r := mustJoin(t, c, "/ns", `{}`)
	server := within(t, app.joins)
	go func() {
		for e := range r.events {
			ack := <-r.acks
			ack.Send(e.Args, e.Attachments...)
		}
	}()
	defer close(r.events)
	require.Equal(t, `1,2 [] <nil>`, call(t, server.s, Event{Name: "a", Args: []byte(`1,2`)}))
	require.Equal(t, `{"_placeholder":true,"num":0} ["x"] <nil>`,
		call(t, server.s, Event{"a", []byte(`{"_placeholder":true,"num":0}`), [][]byte{{'x'}}}))
}

func TestClient_receiving(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	type progress struct{ got, total int }
	heard := make(chan progress, 10_000)
	c := dialClient(t, s.url, DialConfig{Receiving: func(got, total int) { heard <- progress{got, total} }})
	r := mustJoin(t, c, "/ns", `{}`)
	server := within(t, app.joins)
	require.NoError(t, server.s.Emit(Event{"a", nil, [][]byte{make([]byte, 300_000)}}))
	require.Equal(t, "a ", r.event())
	var last progress
	for len(heard) > 0 {
		last = <-heard
	}
	require.Equal(t, progress{300_000, 300_000}, last)
}

// scripted is a server that says to a client what the test wants it to.
func scripted(t *testing.T, answers func(send func(texts ...string), text string)) *Client {
	t.Helper()
	e := engineio.NewServer(engineio.Config{Accept: func(c *engineio.Conn) engineio.Handler {
		return scriptedHandler(func(text string) {
			answers(func(texts ...string) {
				for _, text := range texts {
					data, binary := strings.CutPrefix(text, "b")
					c.Send(engineio.Message{Data: []byte(data), Binary: binary})
				}
			}, text)
		})
	}})
	h := httptest.NewServer(e)
	t.Cleanup(func() {
		require.NoError(t, e.Shutdown(context.Background()))
		h.Close()
	})
	return dialClient(t, h.URL, DialConfig{})
}

type scriptedHandler func(text string)

func (f scriptedHandler) Message(m engineio.Message) { f(string(m.Data)) }
func (scriptedHandler) Closed(error)                 {}

// Python's server emits before it answers, gives reasons in a DISCONNECT, and
// refuses with a bare string.
func TestClient_pythonsWays(t *testing.T) {
	c := scripted(t, func(send func(...string), text string) {
		switch text {
		case `0/a,{}`:
			send(`2/a,["too early"]`, `51-/a,["too early"]`, "bx", `0/a,{"sid":"s"}`, `2/a,["in time"]`, `1/a,{"why":"because"}`, `2/a,["too late"]`, `1/a,`, `3/a,1[]`)
		case `0/b,`:
			send(`4/b,"Unable to connect"`)
		case `0/c,`:
			send(`4/c,NaN`)
		}
	})
	r := mustJoin(t, c, "/a", `{}`)
	require.Equal(t, "in time ", r.event())
	require.ErrorIs(t, within(t, r.closed), ErrLeft)
	_, err := c.Join(t.Context(), "/b", nil, nil)
	require.Equal(t, &ConnectError{Message: "Unable to connect"}, err)
	_, err = c.Join(t.Context(), "/c", nil, nil)
	require.Equal(t, &ConnectError{Message: "NaN"}, err)
}

func TestClient_violationsClose(t *testing.T) {
	for _, texts := range [][]string{
		{`0/ns,{}`}, {`0/ns,`}, {`0/ns,{"sid":""}`}, {`0/ns,[1]`}, {`0/other,{"sid":"x"}`}, {`4/other,{"message":"x"}`}, {`garbage`}, {`2/ns,{}`},
		{`51-/ns,["a"]`, `0/ns,{"sid":"x"}`}, {`511-/ns,["a"]`},
	} {
		c := scripted(t, func(send func(...string), _ string) { send(texts...) })
		_, err := c.Join(t.Context(), "/ns", nil, nil)
		limit := (*LimitError)(nil)
		if !errors.As(err, &limit) {
			require.ErrorIs(t, err, ErrProtocol, "%q", texts)
		}
		<-c.Done()
	}
}

func TestDial_refused(t *testing.T) {
	s := startServer(t, Config{Engine: engineio.Config{Allow: func(*http.Request) error { return errors.New("not you") }}})
	_, err := Dial(t.Context(), s.url, DialConfig{})
	var refused *engineio.HandshakeError
	require.ErrorAs(t, err, &refused)
	require.Contains(t, refused.Body, "not you")
}
