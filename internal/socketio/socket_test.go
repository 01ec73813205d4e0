package socketio

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/engineio"
)

// joined returns a client in a namespace, and the server's side of it.
func joined(t testing.TB, cfg Config, namespace string) (*testServer, *peer, *recorder) {
	t.Helper()
	app := newApp(t)
	cfg.Connect = app.connect
	s := startServer(t, cfg)
	p := s.dial(t)
	p.join("0" + namespace + ",")
	return s, p, within(t, app.joins)
}

func TestEmit_onTheWire(t *testing.T) {
	_, p, r := joined(t, Config{}, "/ns")
	require.NoError(t, r.s.Emit(Event{Name: "<a>", Args: []byte(`1,{"z":"<&>é"}`)}))
	require.NoError(t, r.s.Emit(Event{Name: "none"}))
	long := `"` + strings.Repeat("x", 3*engineio.RetainSize) + `"`
	require.NoError(t, r.s.Emit(Event{Name: "long", Args: []byte(long)}))
	p.expect(`2/ns,["<a>",1,{"z":"<&>é"}]`, `2/ns,["none"]`, `2/ns,["long",`+long+`]`)
}

// A peer takes an event of such a name for something else.
func TestEmit_reservedNames(t *testing.T) {
	_, _, r := joined(t, Config{}, "/ns")
	for _, name := range []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"} {
		require.ErrorIs(t, r.s.Emit(Event{Name: name}), ErrReserved)
		require.ErrorIs(t, r.s.Send(Prepare("/ns", Event{Name: name})), ErrReserved)
	}
}

// The texts of packets share their memory with nobody, though it is used again.
func TestEmit_keepsOrder(t *testing.T) {
	_, p, r := joined(t, Config{}, "/ns")
	const n = 2000
	go func() {
		for i := range n {
			args := fmt.Appendf(nil, `%d,"%s"`, i, strings.Repeat("x", i%100*50))
			if i%3 == 0 {
				r.s.Call(Event{Name: "e", Args: args}, func([]byte, [][]byte, error) {})
			} else {
				r.s.Emit(Event{Name: "e", Args: args})
			}
		}
	}()
	calls := 0
	for i := range n {
		head := "2/ns,"
		if i%3 == 0 {
			calls++
			head += fmt.Sprint(calls)
		}
		p.expect(head + fmt.Sprintf(`["e",%d,"%s"]`, i, strings.Repeat("x", i%100*50)))
	}
}

func TestEmit_slowReaderLosesItsConnection(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect, Engine: engineio.Config{MaxQueued: 10_000}})
	p := s.poll(t) // and never again
	p.post("40")
	r := within(t, app.joins)
	var err error
	for err == nil {
		err = r.s.Emit(Event{Name: "more", Args: []byte(`"` + strings.Repeat("x", 1000) + `"`)})
	}
	require.ErrorIs(t, err, engineio.ErrQueueFull)
	require.ErrorIs(t, within(t, r.closed), engineio.ErrQueueFull)
}

func TestSend_oneEncodingForAll(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	large := `"` + strings.Repeat("x", 2*engineio.RetainSize) + `"`
	events := []Event{
		{Name: "small", Args: []byte(`{"a":1}`)},
		{Name: "large", Args: []byte(large)},
		{Name: "binary", Args: []byte(`{"_placeholder":true,"num":0}`), Attachments: [][]byte{{1, 2}}},
	}
	var peers []*peer
	var sockets []*Socket
	for range 5 {
		p := s.dial(t)
		p.join("0/ns,")
		peers = append(peers, p)
		sockets = append(sockets, within(t, app.joins).s)
	}
	for _, e := range events {
		prepared := Prepare("/ns", e)
		for _, socket := range sockets {
			require.NoError(t, socket.Send(prepared))
		}
	}
	for _, p := range peers {
		p.expect(`2/ns,["small",{"a":1}]`, `2/ns,["large",`+large+`]`, `51-/ns,["binary",{"_placeholder":true,"num":0}]`, "b\x01\x02")
	}
	require.ErrorContains(t, sockets[0].Send(Prepare("/other", events[0])), "/other")
}

func TestAck_answers(t *testing.T) {
	_, p, r := joined(t, Config{}, "/ns")
	p.send(`2/ns,["no ack"]`, `2/ns,0["zero"]`, `2/ns,7["seven",1]`, `51-/ns,8["binary",{"_placeholder":true,"num":0}]`, "bx", `2/ns,900719925474099["large"]`)
	require.False(t, within(t, r.acks).Wanted())
	acks := make([]Ack, 4)
	for i := range acks {
		acks[i] = within(t, r.acks)
		require.True(t, acks[i].Wanted())
	}
	require.NoError(t, Ack{}.Send([]byte("1")))
	require.NoError(t, acks[3].Send(nil))
	require.NoError(t, acks[2].Send([]byte(`{"plain":true}`)))
	require.NoError(t, acks[1].Send([]byte(`1,{"_placeholder":true,"num":0}`), []byte("y")))
	require.NoError(t, acks[0].Send([]byte(`[]`)))
	p.expect(`3/ns,900719925474099[]`, `3/ns,8[{"plain":true}]`, `61-/ns,7[1,{"_placeholder":true,"num":0}]`, "by", `3/ns,0[[]]`)
}

func TestCall_answers(t *testing.T) {
	_, p, r := joined(t, Config{}, "/ns")
	answers := make(chan string, 10)
	done := func(args []byte, attachments [][]byte, err error) {
		answers <- fmt.Sprintf("%s %q %v", args, attachments, err)
	}
	r.s.Call(Event{Name: "one"}, done)
	r.s.Call(Event{Name: "two"}, done)
	r.s.Call(Event{Name: "three", Args: []byte(`{"_placeholder":true,"num":0}`), Attachments: [][]byte{{'x'}}}, done)
	cancel := r.s.Call(Event{Name: "four"}, done)
	p.expect(`2/ns,1["one"]`, `2/ns,2["two"]`, `51-/ns,3["three",{"_placeholder":true,"num":0}]`, "bx", `2/ns,4["four"]`)
	cancel()
	cancel()

	// Ids of the two directions are not the same.
	p.send(`2/ns,1["mine"]`)
	ack := within(t, r.acks)

	p.send(`3/ns,4[4]`, `61-/ns,3[{"_placeholder":true,"num":0}]`, "by", `3/ns,3["twice"]`, `3/ns,1[]`, `3/ns,1["twice"]`, `3/ns,2[2,{"data":null}]`)
	require.Equal(t, `{"_placeholder":true,"num":0} ["y"] <nil>`, within(t, answers))
	require.Equal(t, ` [] <nil>`, within(t, answers))
	require.Equal(t, `2,{"data":null} [] <nil>`, within(t, answers))
	require.NoError(t, ack.Send([]byte(`"yours"`)))
	p.expect(`3/ns,1["yours"]`)
	require.Empty(t, answers)
}

func TestCall_endsWithTheSocket(t *testing.T) {
	for name, end := range map[string]struct {
		do   func(s *testServer, p *peer, r *recorder)
		want error
	}{
		"client leaves":    {func(_ *testServer, p *peer, _ *recorder) { p.send("1/ns,") }, ErrLeft},
		"client closes":    {func(_ *testServer, p *peer, _ *recorder) { p.ws.Close(1000, "") }, engineio.ErrPeerClosed},
		"client vanishes":  {func(_ *testServer, p *peer, _ *recorder) { p.abort() }, engineio.ErrPeerClosed},
		"client violates":  {func(_ *testServer, p *peer, _ *recorder) { p.send("garbage") }, ErrProtocol},
		"too large":        {func(_ *testServer, p *peer, _ *recorder) { p.send(strings.Repeat("x", 2e6)) }, engineio.ErrTooLarge},
		"we disconnect":    {func(_ *testServer, _ *peer, r *recorder) { r.s.Disconnect() }, ErrClosed},
		"we close":         {func(_ *testServer, _ *peer, r *recorder) { r.s.Close() }, ErrClosed},
		"we shut down":     {func(s *testServer, _ *peer, _ *recorder) { s.Shutdown(context.Background()) }, ErrClosed},
		"disconnect twice": {func(_ *testServer, p *peer, r *recorder) { r.s.Disconnect(); r.s.Close(); p.abort() }, ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			s, p, r := joined(t, Config{}, "/ns")
			answers := make(chan error, 10)
			done := func(_ []byte, _ [][]byte, err error) { answers <- err }
			for range 3 {
				r.s.Call(Event{Name: "e"}, done)
			}
			r.s.Call(Event{Name: "e"}, func([]byte, [][]byte, error) { t.Error("called after cancel") })()
			p.send(`2/ns,1["a"]`)
			ack := within(t, r.acks)

			end.do(s, p, r)
			for range 3 {
				require.ErrorIs(t, within(t, answers), end.want)
			}
			require.ErrorIs(t, within(t, r.closed), end.want)
			require.ErrorIs(t, ack.Send(nil), ErrClosed)
			require.ErrorIs(t, r.s.Emit(Event{Name: "late"}), ErrClosed)
			r.s.Call(Event{Name: "late"}, done)
			require.ErrorIs(t, <-answers, ErrClosed)
			require.NoError(t, r.s.Disconnect())
			require.EqualValues(t, 1, r.calls.Load())
		})
	}
}

func TestCall_limit(t *testing.T) {
	_, p, r := joined(t, Config{MaxPendingAcks: 2}, "/ns")
	answers := make(chan error, 10)
	done := func(_ []byte, _ [][]byte, err error) { answers <- err }
	cancel := r.s.Call(Event{Name: "a"}, done)
	r.s.Call(Event{Name: "b"}, done)
	r.s.Call(Event{Name: "c"}, done)
	require.Equal(t, &LimitError{"answers awaited", 3, 2}, <-answers)
	cancel()
	r.s.Call(Event{Name: "d"}, done)
	p.expect(`2/ns,1["a"]`, `2/ns,2["b"]`, `2/ns,4["d"]`)
	p.send(`3/ns,2[]`)
	require.NoError(t, within(t, answers))
	r.s.Call(Event{Name: "e"}, done)
	p.expect(`2/ns,5["e"]`)
}

func TestClose_leavesEveryNamespace(t *testing.T) {
	_, p, r := joined(t, Config{}, "/a")
	p.join("0/b,")
	require.NoError(t, r.s.Emit(Event{Name: "last"}))
	require.NoError(t, r.s.Close())
	p.expect(`2/a,["last"]`)
	require.ElementsMatch(t, []string{"1/a,", "1/b,"}, []string{p.next(), p.next()})
	p.expectEnd()
}

// Disconnect may come from anywhere, the handler itself included, and Closed
// still comes after the Event under way.
func TestDisconnect_withinEvent(t *testing.T) {
	handlers := make(chan *leaver, 1)
	s := startServer(t, Config{Connect: func(s *Socket) (Handler, error) {
		h := &leaver{s: s, done: make(chan []string, 1)}
		handlers <- h
		return h, nil
	}})
	p := s.dial(t)
	p.join("0/ns,")
	h := <-handlers
	p.send(`2/ns,["a"]`, `2/ns,["b"]`)
	p.expect("1/ns,")
	require.Equal(t, []string{"a", "still in a", "closed"}, within(t, h.done))
}

type leaver struct {
	s    *Socket
	mu   sync.Mutex
	said []string
	done chan []string
}

func (h *leaver) Event(e Event, _ Ack) {
	h.said = append(h.said, e.Name)
	h.s.Disconnect()
	h.s.Disconnect()
	h.said = append(h.said, "still in "+e.Name)
}

func (h *leaver) Closed(error) { h.done <- append(h.said, "closed") }

// A handler that panics costs its client the connection, and nobody else.
func TestHandler_panics(t *testing.T) {
	app := newApp(t)
	answers, ended := make(chan error, 10), make(chan error, 10)
	s := startServer(t, Config{Connect: func(s *Socket) (Handler, error) {
		s.Call(Event{Name: "hello"}, func(_ []byte, _ [][]byte, err error) { answers <- err })
		switch s.Namespace() {
		case "/connect":
			panic("connect")
		case "/event", "/leave":
			return panicking{s, ended}, nil
		}
		return app.connect(s)
	}})
	bystander := s.dial(t)
	bystander.join("0/ns,")
	bystander.next() // hello
	within(t, app.joins)
	for _, packets := range [][]string{{"0/connect,"}, {"0/event,", `2/event,["a"]`}, {"0/leave,", `2/leave,["leave"]`}} {
		p := s.dial(t)
		p.join("0/ns,")
		r := within(t, app.joins)
		p.send(packets...)
		require.Error(t, within(t, answers))
		require.Error(t, within(t, r.closed))
	}
	require.Error(t, within(t, ended))
	require.Error(t, within(t, ended))
	bystander.expectAlive()
}

type panicking struct {
	s     *Socket
	ended chan error
}

func (h panicking) Event(e Event, _ Ack) {
	if e.Name != "leave" {
		panic("event")
	}
	h.s.Disconnect() // Closed comes from a goroutine of its own
}

func (h panicking) Closed(err error) {
	h.ended <- errors.Join(err)
	panic("closed")
}

// Who joins again is heard of after the end of what was before, on both ends.
func TestClosed_comesBeforeJoiningAgain(t *testing.T) {
	ends := map[string]func(server, client *Socket){
		"server leaves": func(server, _ *Socket) { server.Disconnect() },
		"client leaves": func(_, client *Socket) { client.Disconnect() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			var server, client history
			sockets := make(chan *Socket, 2)
			s := startServer(t, Config{Connect: func(s *Socket) (Handler, error) {
				sockets <- s
				return server.handler(), nil
			}})
			c := dialClient(t, s.url, DialConfig{})
			join := func(*Socket) Handler { return client.handler() }
			first, err := c.Join(t.Context(), "/ns", nil, join)
			require.NoError(t, err)
			end(within(t, sockets), first)
			for !first.over() {
				runtime.Gosched()
			}
			_, err = c.Join(t.Context(), "/ns", nil, join)
			require.NoError(t, err)
			require.Equal(t, []string{"joined", "closed", "joined"}, server.copy())
			require.Equal(t, []string{"joined", "closed", "joined"}, client.copy())
		})
	}
}

// history is what happened to the sockets of a namespace. Their ends take
// their time, in which somebody could join who must wait.
type history struct {
	mu    sync.Mutex
	lines []string
}

func (h *history) add(line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, line)
}

func (h *history) copy() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.lines)
}

func (h *history) handler() Handler {
	h.add("joined")
	return ending{h}
}

type ending struct{ *history }

func (ending) Event(Event, Ack) {}
func (h ending) Closed(error) {
	for range 100_000 {
		if len(h.copy()) > 1 {
			break
		}
		runtime.Gosched()
	}
	h.add("closed")
}
