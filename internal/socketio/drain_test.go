package socketio

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/engineio"
)

// tap is a client's network: while it is shut, nothing more is read.
type tap struct{ open chan bool }

func newTap() tap {
	open := make(chan bool, 1)
	open <- true
	return tap{open}
}

func (p tap) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	nc, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return tapped{nc, p}, nc.(*net.TCPConn).SetReadBuffer(64 << 10)
}

type tapped struct {
	net.Conn
	tap
}

func (c tapped) Read(b []byte) (int, error) {
	c.open <- <-c.open
	return c.Conn.Read(b)
}

// A reader that does not read is heard of when it has caught up, by everybody
// who asked, once, whatever its transport does meanwhile.
func TestWhenDrained_slowReader(t *testing.T) {
	const events, size = 160, 50_000 // more than the sockets hold
	for name, transports := range transports {
		t.Run(name, func(t *testing.T) {
			app := newApp(t)
			s := startServer(t, Config{Connect: app.connect})
			tap := newTap()
			c := dialClient(t, s.url, DialConfig{Engine: engineio.DialConfig{Transports: transports, Connect: tap.dial}})
			client, server := mustJoin(t, c, "/ns", "{}"), within(t, app.joins)

			<-tap.open
			told := make(chan int, 10)
			ask := func() { server.s.WhenDrained(func() { told <- server.s.Buffered() }) }
			args := []byte(`"` + strings.Repeat("x", size) + `"`)
			for range events {
				require.NoError(t, server.s.Emit(Event{Name: "refresh", Args: args}))
			}
			for range 3 {
				ask()
			}
			require.Positive(t, server.s.Buffered())
			require.Empty(t, told)

			tap.open <- true
			for range 3 {
				require.Zero(t, within(t, told))
			}
			require.NoError(t, server.s.Emit(Event{Name: "summary"}))
			for range events {
				require.Contains(t, client.event(), "refresh")
			}
			require.Equal(t, "summary ", client.event())
			ask()
			require.Zero(t, within(t, told))
			require.Empty(t, told)
		})
	}
}

// Whoever asks is told once, although connections end at any time.
func TestWhenDrained_everybodyOnce(t *testing.T) {
	const clients, askers, each = 8, 4, 50
	for name, transports := range transports {
		t.Run(name, func(t *testing.T) {
			app := newApp(t)
			s := startServer(t, Config{Connect: app.connect})
			var missing sync.WaitGroup
			var twice atomic.Int32
			ask := func(s *Socket) {
				var told atomic.Bool
				missing.Add(1)
				s.WhenDrained(func() {
					if told.Swap(true) {
						twice.Add(1)
						return
					}
					missing.Done()
				})
			}
			var asking sync.WaitGroup
			for range clients {
				c := dialClient(t, s.url, DialConfig{Engine: engineio.DialConfig{Transports: transports}})
				client, server := mustJoin(t, c, "/ns", "{}"), within(t, app.joins)
				for _, socket := range []*Socket{client.s, server.s} {
					last := rand.IntN(2 * each) // of half of them
					for range askers {
						asking.Go(func() {
							for i := range each {
								socket.Emit(Event{Name: "e", Args: fmt.Append(nil, i)})
								ask(socket)
								if i == last {
									socket.Close()
								}
							}
						})
					}
				}
			}
			asking.Wait()
			all := make(chan bool)
			go func() {
				missing.Wait()
				all <- true
			}()
			within(t, all)
			require.NoError(t, s.Shutdown(t.Context()))
			require.Zero(t, twice.Load())
		})
	}
}

// It costs the connection, like any handler that panics, and nobody else.
func TestWhenDrained_panics(t *testing.T) {
	s, _, r := joined(t, Config{}, "/ns")
	bystander := s.dial(t)
	bystander.join("0/ns,")
	r.s.WhenDrained(func() { panic("drained") })
	require.Error(t, within(t, r.closed))
	bystander.expectAlive()
}
