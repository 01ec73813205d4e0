package socketio

import (
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
	for _, name := range []string{"server leaves", "client leaves"} {
		t.Run(name, func(t *testing.T) {
			server := history{slow: name == "server leaves"}
			client := history{slow: !server.slow}
			sockets := make(chan *Socket, 2)
			s := startServer(t, Config{Connect: func(s *Socket) (Handler, error) {
				sockets <- s
				return server.handler(), nil
			}})
			c := dialClient(t, s.url, DialConfig{})
			join := func(*Socket) Handler { return client.handler() }
			first, err := c.Join(t.Context(), "/ns", nil, join)
			require.NoError(t, err)
			if left := within(t, sockets); server.slow {
				left.Disconnect()
			} else {
				first.Disconnect()
			}
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

// history is what happened to the sockets of a namespace. If it is slow, their
// ends take their time, in which somebody could join who must wait.
type history struct {
	slow  bool
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
	for n := 0; h.slow && n < 100_000 && len(h.copy()) == 1; n++ {
		runtime.Gosched()
	}
	h.add("closed")
}
