package socketio

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestConnect_answerComesFirst(t *testing.T) {
	s := startServer(t, Config{Connect: func(s *Socket) (Handler, error) {
		require.NoError(t, s.Emit(Event{Name: "first", Args: []byte(`1`)}))
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			s.Emit(Event{Name: "second", Attachments: [][]byte{{1}}, Args: []byte(`{"_placeholder":true,"num":0}`)})
			s.Call(Event{Name: "third"}, func([]byte, [][]byte, error) {})
			s.Send(Prepare("/ns", Event{Name: "fourth"}))
		}()
		<-sent
		return nil, nil
	}})
	p := s.dial(t)
	p.join("0/ns,")
	p.expect(`2/ns,["first",1]`, `51-/ns,["second",{"_placeholder":true,"num":0}]`, "b\x01", `2/ns,1["third"]`, `2/ns,["fourth"]`)
}

func TestConnect_idsAreDifferent(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	p := s.dial(t)
	seen := map[string]bool{}
	for i := range 10 {
		sid := p.join(fmt.Sprintf("0/%d,", i))
		joined := within(t, app.joins)
		require.Equal(t, sid, joined.s.ID())
		require.Equal(t, fmt.Sprintf("/%d", i), joined.s.Namespace())
		require.GreaterOrEqual(t, len(sid), 20)
		require.False(t, seen[sid])
		seen[sid] = true
	}
}

func TestConnect_auth(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect, MaxAuth: 100})
	for connect, want := range map[string]string{
		`0`: `{}`, `0{}`: `{}`, `0/ns,{"token":"é","n":NaN}`: `{"token":"é","n":NaN}`, `0/ns`: `{}`,
	} {
		p := s.dial(t)
		p.send(connect)
		p.next()
		r := within(t, app.joins)
		p.send(strings.Repeat("x", 100)) // where the auth has been
		p.expectEnd()
		require.Equal(t, want, string(r.s.Auth()))
	}
	for _, connect := range []string{`0[]`, `0null`, `0"x"`, `01`, `0/ns,[]`, `0{`, `0{}x`, `0{"a":"` + strings.Repeat("x", 100) + `"}`} {
		p := s.dial(t)
		p.send(connect)
		if connect == `01` { // an id and no payload
			p.next()
			within(t, app.joins)
			continue
		}
		p.expectEnd()
		require.Empty(t, app.joins, connect)
	}
}

// Servers of long ago took parameters from there.
func TestConnect_queryIsCutOff(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	p := s.dial(t)
	p.send("0/ns?token=x,{}")
	require.Contains(t, p.next(), `0/ns,{"sid":`)
	joined := within(t, app.joins)
	p.send(`2/ns,["a"]`)
	require.Equal(t, "a ", joined.event())
}

func TestConnect_refusals(t *testing.T) {
	app := newApp(t)
	answered := make(chan error, 1)
	s := startServer(t, Config{ConnectTimeout: time.Hour, Connect: func(s *Socket) (Handler, error) {
		switch s.Namespace() {
		case "/text":
			s.Emit(Event{Name: "never sent"})
			s.Call(Event{Name: "never sent"}, func(_ []byte, _ [][]byte, err error) { answered <- err })
			return nil, errors.New("no \"<entry>\"\n")
		case "/data":
			return nil, &ConnectError{Message: "busy", Data: []byte(`{"retry":[1, 2]}`)}
		case "/wrapped":
			return nil, fmt.Errorf("outer: %w", ErrInvalidNamespace)
		case "/random", "/":
			return nil, ErrInvalidNamespace
		}
		return app.connect(s)
	}})
	p := s.dial(t)
	p.send("0/random,{}")
	p.expect(`4/random,{"message":"Invalid namespace"}`)
	p.send("0/text")
	p.expect(`4/text,{"message":"no \"<entry>\"\n"}`)
	require.ErrorIs(t, within(t, answered), ErrClosed)
	p.send("0/data,")
	p.expect(`4/data,{"message":"busy","data":{"retry":[1, 2]}}`)
	p.send("0/wrapped,", "0")
	p.expect(`4/wrapped,{"message":"Invalid namespace"}`, `4{"message":"Invalid namespace"}`)

	p.expectAlive()
	p.send("0/text") // a refusal is not for good
	p.expect(`4/text,{"message":"no \"<entry>\"\n"}`)
	p.send(`2/text,["a"]`) // but it is no membership
	p.expectEnd()
}

func TestConnect_nobodyDecides(t *testing.T) {
	p := startServer(t, Config{}).dial(t)
	p.send("0")
	p.expect(`4{"message":"Invalid namespace"}`)
}

func TestConnect_handlerMayBeNil(t *testing.T) {
	s := startServer(t, Config{Connect: func(*Socket) (Handler, error) { return nil, nil }})
	p := s.dial(t)
	p.join("0/ns,")
	p.send(`2/ns,["a"]`, `2/ns,1["b"]`)
	p.expectAlive()
	p.send("1/ns,")
	p.join("0/ns,")
}

func TestConnect_disconnectedAtOnce(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: func(s *Socket) (Handler, error) {
		h, err := app.connect(s)
		if s.Namespace() == "/ns" {
			s.Emit(Event{Name: "bye"})
			s.Disconnect()
			for range 10_000 {
				runtime.Gosched() // nobody else may end it meanwhile
			}
			require.ErrorIs(t, s.Emit(Event{Name: "late"}), ErrClosed)
		}
		return h, err
	}})
	p := s.dial(t)
	p.join("0/ns,")
	p.expect(`2/ns,["bye"]`, "1/ns,")
	require.ErrorIs(t, within(t, within(t, app.joins).closed), ErrClosed)
	p.expectAlive()
}

func TestConnect_twiceCloses(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	p := s.dial(t)
	p.join("0/a,")
	p.join("0/b,")
	p.send("0/a,")
	p.expectEnd()
	for range 2 {
		require.ErrorIs(t, within(t, within(t, app.joins).closed), ErrProtocol)
	}
}

func TestConnect_again(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	p := s.dial(t)
	for range 3 {
		p.join("0/ns,")
		joined := within(t, app.joins)
		p.send("1/ns,")
		require.ErrorIs(t, within(t, joined.closed), ErrLeft)
		require.ErrorIs(t, joined.s.Emit(Event{Name: "late"}), ErrClosed)
	}
}

func TestConnectTimeout_closes(t *testing.T) {
	s := startServer(t, Config{ConnectTimeout: time.Millisecond})
	s.dial(t).expectEnd()
}

// The time ends with the first namespace that is joined, not with one that
// refuses, and does not begin again when the last one is left.
func TestConnectTimeout_stops(t *testing.T) {
	app := newApp(t)
	timeouts := make(chan *time.Timer, 10)
	s := startServer(t, Config{ConnectTimeout: time.Hour, Connect: func(s *Socket) (Handler, error) {
		timeouts <- s.conn.side.(*serverSide).timeout
		if s.Namespace() == "/refused" {
			return nil, ErrInvalidNamespace
		}
		return app.connect(s)
	}})
	p := s.dial(t)
	p.send("0/refused,")
	p.expect(`4/refused,{"message":"Invalid namespace"}`)
	timeout := within(t, timeouts)
	require.True(t, timeout.Reset(time.Hour), "a refusal has stopped it")
	p.join("0/ns,")
	require.False(t, timeout.Stop(), "joining has not stopped it")
	p.send("1/ns,")
	p.expectAlive()
	require.False(t, timeout.Stop(), "leaving has started it again")

	s.dial(t).send("0/refused,")
	for range 3 {
		timeout = within(t, timeouts)
	}
	require.NoError(t, s.Shutdown(t.Context()))
	require.False(t, timeout.Stop(), "the end of the connection has not stopped it")
}
