package engineio

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/websocket"
)

// drains notes how much waits whenever somebody is told.
type drains struct {
	c    *Conn
	told chan int
}

func drainsOf(c *Conn) *drains { return &drains{c, make(chan int, 1000)} }

func (d *drains) ask() { d.c.WhenDrained(func() { d.told <- d.c.Buffered() }) }

// requireTold fails unless this many were told by the time nothing moves any
// more, when nothing waited.
func (d *drains) requireTold(t *testing.T, n int) {
	t.Helper()
	synctest.Wait()
	require.Len(t, d.told, n)
	for range n {
		require.Zero(t, <-d.told)
	}
}

var long = strings.Repeat("x", 100_000)

func TestWhenDrained_nothingWaits(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			inBubble(t, Config{}, func(t *testing.T, s *testServer) {
				client := s.client(way.transports)
				server := <-s.accepted
				settle()
				for _, c := range []*Conn{client.c, server.c} {
					d := drainsOf(c)
					d.ask()
					d.ask()
					d.requireTold(t, 2)
				}
				client.c.Close()
				settle()
				for _, c := range []*Conn{client.c, server.c} {
					d := drainsOf(c)
					d.ask()
					d.requireTold(t, 1)
				}
			})
		})
	}
}

func TestWhenDrained_webSocket(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		nc, x := s.deafPeer()
		d := drainsOf(x.c)
		require.NoError(t, x.c.Send(text(long)))
		d.ask()
		d.ask()
		d.requireTold(t, 0) // not even the answer to the handshake is read
		go io.Copy(io.Discard, nc)
		d.requireTold(t, 2)
	})
}

// A client that asks sees to it that the queue empties, once it has read the
// answer.
func TestWhenDrained_getThatIsReadSlowly(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		d := drainsOf(peer.spy.c)
		require.NoError(t, peer.spy.c.Send(text(long)))
		d.ask()
		d.ask()
		d.requireTold(t, 0)

		nc, err := s.dial(t.Context(), "", "")
		require.NoError(t, err)
		defer nc.Close()
		r := s.request("GET", peer.query(), nil)
		require.NoError(t, r.Write(nc))
		d.requireTold(t, 0) // the answer is under way
		require.Equal(t, len("4"+long), d.c.Buffered())
		answer, err := http.ReadResponse(bufio.NewReader(nc), r)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, answer.Body)
		require.NoError(t, err)
		d.requireTold(t, 2)
	})
}

// One answer does not hold everything, and what comes meanwhile does not
// matter.
func TestWhenDrained_severalGets(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		d := drainsOf(peer.spy.c)
		send := func(n int) {
			for range n {
				require.NoError(t, d.c.Send(text("x")))
			}
		}
		told := func(n int) {
			synctest.Wait()
			require.Len(t, d.told, n)
		}
		send(maxPackets + 1)
		d.ask()
		send(maxPackets)
		d.ask()
		send(maxPackets)
		for _, n := range []int{0, 1, 2} {
			peer.get()
			told(n)
		}
		require.Equal(t, len("4x")*(2*maxPackets+1-maxPackets), <-d.told)
		require.Equal(t, len("4x"), <-d.told)
		peer.get()
		told(0)
		require.Zero(t, d.c.Buffered())
	})
}

// A client's POST is written when it is answered.
func TestWhenDrained_post(t *testing.T) {
	server := &fake{post: func(w http.ResponseWriter, body string) {
		time.Sleep(10 * time.Second)
		io.WriteString(w, "ok")
	}}
	pollFake(t, server, DialConfig{}, func(t *testing.T, x *spy) {
		d := drainsOf(x.c)
		require.NoError(t, x.c.Send(text("x")))
		d.ask()
		d.requireTold(t, 0)
		require.Equal(t, len("4x"), x.c.Buffered())
		pass(10 * time.Second)
		d.requireTold(t, 1)

		require.NoError(t, x.c.Send(text("x")))
		d.ask()
		synctest.Wait()
		x.c.fail(ErrClosed)
		settle()
		require.Len(t, d.told, 1) // before the POST is given up, or after
		require.Zero(t, x.c.Buffered())
	})
}

// gated is a socket of which nothing is read while the gate is empty, but for
// what is read already.
type gated struct {
	net.Conn
	gate chan bool
}

func (g gated) Read(b []byte) (int, error) {
	g.gate <- <-g.gate
	return g.Conn.Read(b)
}

// Who waits for polling waits for the WebSocket from then on.
func TestWhenDrained_upgrade(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		d := drainsOf(peer.spy.c)
		gate := make(chan bool, 1)
		gate <- true
		dial := s.dial
		s.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			nc, err := dial(ctx, network, addr)
			return gated{nc, gate}, err
		}
		ws := peer.upgrade()
		ws.send("2probe")
		require.Equal(t, "3probe", ws.next())

		require.NoError(t, d.c.Send(text(long)))
		d.ask()
		d.ask()
		<-gate
		ws.send("5")
		synctest.Wait()
		require.Equal(t, transportWebsocket, d.c.Transport())
		d.ask()
		d.requireTold(t, 0)
		gate <- true
		require.Equal(t, "4"+long, ws.next())
		d.requireTold(t, 3)
		d.c.Close()
		ws.requireClosed(1000)
		d.requireTold(t, 0)
	})
}

func TestWhenDrained_clientUpgrades(t *testing.T) {
	server := &fake{
		get:  pings,
		post: func(w http.ResponseWriter, body string) { t.Error("a POST during the upgrade") },
		web: upgradeFake(t, func(ws *websocket.Conn) {
			readWord(ws)
			sendFake(ws, "3probe")
			readWord(ws)
			time.Sleep(10 * time.Second)
			drain(ws)
		}),
	}
	inFakeBubble(t, server, func(t *testing.T, cfg DialConfig) {
		cfg.Transports = []string{transportPolling, transportWebsocket}
		c, err := Dial(t.Context(), fakeURL, cfg)
		require.NoError(t, err)
		synctest.Wait() // the upgrade waits for the end of the GET
		d := drainsOf(c)
		require.NoError(t, c.Send(text(long)))
		d.ask()
		d.requireTold(t, 0)
		pass(10 * time.Second)
		require.Equal(t, transportWebsocket, c.Transport())
		d.requireTold(t, 0)
		pass(10 * time.Second)
		d.requireTold(t, 1)
		require.NoError(t, c.Send(text("still there")))
		c.Close()
	})
}

// Whatever ends the connection, everybody is told, once.
func TestWhenDrained_connectionEnds(t *testing.T) {
	for name, end := range map[string]func(s *testServer, c *Conn){
		"we close":     func(_ *testServer, c *Conn) { c.Close() },
		"we drop it":   func(_ *testServer, c *Conn) { c.abort() },
		"it fails":     func(_ *testServer, c *Conn) { c.fail(ErrProtocol) },
		"ping timeout": func(*testServer, *Conn) {},
		"queue full": func(s *testServer, c *Conn) {
			require.ErrorIs(s.t, c.Send(Message{Data: make([]byte, 1<<20)}), ErrQueueFull)
		},
		"shutdown": func(s *testServer, _ *Conn) { s.Shutdown(s.t.Context()) },
	} {
		for _, transport := range []string{transportPolling, transportWebsocket} {
			t.Run(name+" "+transport, func(t *testing.T) {
				inBubble(t, Config{MaxQueued: 1 << 20}, func(t *testing.T, s *testServer) {
					var x *spy
					if transport == transportPolling {
						x = s.poll().spy
					} else {
						_, x = s.deafPeer()
					}
					d := drainsOf(x.c)
					require.NoError(t, x.c.Send(text(long)))
					d.ask()
					synctest.Wait()
					d.ask()
					d.requireTold(t, 0)
					end(s, x.c)
					pass(2 * time.Minute)
					d.requireTold(t, 2)
					d.ask()
					d.requireTold(t, 1)
				})
			})
		}
	}
}

// Who is told may do with the connection what he likes.
func TestWhenDrained_usesTheConnection(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			inBubble(t, Config{Accept: echo}, func(t *testing.T, s *testServer) {
				x := s.client(way.transports)
				settle()
				d := drainsOf(x.c)
				require.NoError(t, x.c.Send(text("x")))
				x.c.WhenDrained(func() {
					if err := x.c.Send(text("summary")); err != nil {
						t.Error(err)
					}
					d.ask()
				})
				settle()
				d.requireTold(t, 1)
				require.Equal(t, []string{"4x", "4summary"}, x.heard())
				x.c.WhenDrained(func() { x.c.Close() })
				settle()
				x.requireClosed(t, ErrClosed)
			})
		})
	}
}

// Nobody is still being told when Shutdown has returned.
func TestWhenDrained_shutdownWaits(t *testing.T) {
	for name, begin := range map[string]func(t *testing.T, s *testServer) *Conn{
		"polling, nothing waits": func(_ *testing.T, s *testServer) *Conn { return s.poll().spy.c },
		"polling, never asked for": func(t *testing.T, s *testServer) *Conn {
			c := s.poll().spy.c
			require.NoError(t, c.Send(text("x")))
			return c
		},
		"WebSocket, nothing waits": func(_ *testing.T, s *testServer) *Conn {
			s.web()
			return (<-s.accepted).c
		},
		"WebSocket, not read": func(t *testing.T, s *testServer) *Conn {
			_, x := s.deafPeer()
			require.NoError(t, x.c.Send(text(long)))
			return x.c
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Config{}, func(t *testing.T, s *testServer) {
				busy, down := make(chan bool), make(chan error, 1)
				begin(t, s).WhenDrained(func() { <-busy })
				synctest.Wait()
				go func() { down <- s.Shutdown(t.Context()) }()
				pass(time.Minute)
				require.Empty(t, down)
				close(busy)
				require.NoError(t, <-down)
			})
		})
	}
}
