package socketio

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/engineio"
)

func TestJoin_refusals(t *testing.T) {
	s := startServer(t, Config{Connect: func(s *Socket) (Handler, error) {
		return nil, &ConnectError{Message: `no "entry"`, Data: []byte(`{"why":["a", 1.0]}`)}
	}})
	c := dialClient(t, s.url, DialConfig{})
	_, err := c.Join(t.Context(), "/ns", []byte(`{"a":1}`), nil)
	require.Equal(t, &ConnectError{Message: `no "entry"`, Data: []byte(`{"why":["a", 1.0]}`)}, err)
	for _, namespace := range []string{"", "ns", "/a,b", "/a?b", "/\xff"} {
		_, err := c.Join(t.Context(), namespace, nil, nil)
		require.ErrorContains(t, err, "no namespace", namespace)
	}
	for _, auth := range []string{"", "[]", "1", `{}{}`, `{"a"}`} {
		_, err := c.Join(t.Context(), "/ns", []byte(auth), nil)
		require.ErrorContains(t, err, "auth", auth)
	}
	require.NoError(t, c.Err())
}

// What the handler sends before the socket is handed out is sent.
func TestJoin_handlerMaySend(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	c := dialClient(t, s.url, DialConfig{})
	_, err := c.Join(t.Context(), "/ns", nil, func(s *Socket) Handler {
		require.NoError(t, s.Emit(Event{Name: "hello"}))
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, "hello ", within(t, app.joins).event())
}

// A join that was given up is undone as soon as it succeeds, and its answer is
// not taken for that to the next.
func TestJoin_abandoned(t *testing.T) {
	app := newApp(t)
	entered, proceed := make(chan struct{}), make(chan error)
	s := startServer(t, Config{Connect: func(s *Socket) (Handler, error) {
		entered <- struct{}{}
		if err := <-proceed; err != nil {
			return nil, err
		}
		return app.connect(s)
	}})
	c := dialClient(t, s.url, DialConfig{})
	for _, answer := range []error{nil, ErrInvalidNamespace} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-entered
			cancel()
		}()
		_, err := c.Join(ctx, "/ns", nil, func(*Socket) Handler {
			t.Error("an abandoned join got its handler")
			return nil
		})
		require.ErrorIs(t, err, context.Canceled)

		again := make(chan *recorder)
		go func() { again <- mustJoin(t, c, "/ns", `{"again":1}`) }()
		proceed <- answer
		<-entered
		proceed <- nil
		if answer == nil {
			require.ErrorIs(t, within(t, within(t, app.joins).closed), ErrLeft)
		}
		r, server := within(t, again), within(t, app.joins)
		require.Equal(t, `{"again":1}`, string(server.s.Auth()))
		require.Equal(t, server.s.ID(), r.s.ID())
		require.NoError(t, server.s.Emit(Event{Name: "welcome"}))
		require.Equal(t, "welcome ", r.event())
		require.NoError(t, r.s.Disconnect())
	}
}

func TestJoin_connectionEnds(t *testing.T) {
	entered, proceed := make(chan *Socket), make(chan struct{})
	s := startServer(t, Config{Connect: func(s *Socket) (Handler, error) {
		entered <- s
		<-proceed
		s.Close()
		return nil, nil
	}})
	c := dialClient(t, s.url, DialConfig{})
	go func() {
		<-entered
		close(proceed)
	}()
	_, err := c.Join(t.Context(), "/ns", nil, nil)
	require.ErrorIs(t, err, engineio.ErrPeerClosed)
	<-c.Done()
}
