package znsocket

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// faultyProxy passes connections on and cuts each after as many bytes, in one
// direction or the other, as the dice say: amid the handshake, a frame or an answer.
type faultyProxy struct {
	net.Listener
	to   atomic.Pointer[string]
	cuts atomic.Int64
	calm atomic.Bool // no further cuts by the dice

	mu    sync.Mutex
	dice  *rand.Rand
	conns map[net.Conn]struct{}
}

func startFaultyProxy(t *testing.T, to string, seed uint64) *faultyProxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &faultyProxy{Listener: l, dice: rand.New(rand.NewPCG(seed, 0)), conns: map[net.Conn]struct{}{}}
	p.to.Store(&to)
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { p.pass(in) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.cut()
		conns.Wait()
	})
	return p
}

// room is how many bytes a connection has in one direction.
func (p *faultyProxy) room() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.calm.Load():
		return 1 << 40
	case p.dice.IntN(8) == 0:
		return p.dice.Int64N(2_000)
	}
	return 10_000 + p.dice.Int64N(400_000)
}

func (p *faultyProxy) pass(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", *p.to.Load())
	if err != nil {
		return
	}
	defer out.Close()
	p.mu.Lock()
	p.conns[in] = struct{}{}
	p.mu.Unlock()
	ended := make(chan struct{}, 2)
	carry := func(dst, src net.Conn, room int64) {
		if n, _ := io.CopyN(dst, src, room); n == room {
			p.cuts.Add(1)
		}
		ended <- struct{}{}
	}
	go carry(out, in, p.room())
	go carry(in, out, p.room())
	<-ended
	in.Close()
	out.Close()
	<-ended
	p.mu.Lock()
	delete(p.conns, in)
	p.mu.Unlock()
}

// cut cuts all connections now.
func (p *faultyProxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

// Connections that are cut at random lose no element and double none, whether it
// goes by itself, among others, in pieces, in between, or is taken out again.
func TestFaults_eachElementOnce(t *testing.T) {
	const (
		clients, goroutines = 4, 8
		appends             = 20_000
		each                = appends / clients / goroutines
		seed                = 4
	)
	srv, addr := startServer(t)
	proxy := startFaultyProxy(t, addr, seed)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d, %d cuts", seed, proxy.cuts.Load())
		}
	})
	large := strings.Repeat("0123456789", 5_000)
	var mu sync.Mutex
	taken := map[string]int{}
	var work sync.WaitGroup
	for c := range clients {
		client := dialThrough(t, proxy, WithCompression(-1), WithMaxMessageSize(20_000))
		for g := range goroutines {
			work.Go(func() {
				dice := rand.New(rand.NewPCG(seed, uint64(1+c*goroutines+g)))
				l := NewList[string](client, "l")
				for i := 0; i < each; i++ {
					v := fmt.Sprintf("%d %d %d ", c, g, i)
					roll := dice.IntN(200)
					if i < 10 {
						roll = -1 // there is something to pop
					}
					var err error
					switch roll {
					case 0:
						err = l.Append(t.Context(), v+large)
					case 1, 2, 3, 4:
						err = l.Insert(t.Context(), dice.IntN(50), v)
					case 5, 6, 7, 8:
						var popped string
						if popped, err = l.Pop(t.Context(), -dice.IntN(3)); err == nil {
							mu.Lock()
							taken[strings.TrimSuffix(popped, large)]++
							mu.Unlock()
						}
						if assert.NoError(t, err) {
							err = l.Append(t.Context(), v)
						}
					case 9, 10, 11, 12:
						first := fmt.Sprintf("%q", v)
						cmds := []Cmd{{"RPUSH", l.Key(), first}}
						for range dice.IntN(5) {
							if i++; i < each {
								cmds = append(cmds, Cmd{"RPUSH", l.Key(), fmt.Sprintf("\"%d %d %d \"", c, g, i)})
							}
						}
						_, err = client.DoMulti(t.Context(), cmds...)
					default:
						err = l.Append(t.Context(), v)
					}
					if !assert.NoError(t, err) {
						return
					}
				}
			})
		}
	}
	work.Wait()
	values, err := NewList[string](srv.Store(), "l").Slice(t.Context(), Begin, End)
	require.NoError(t, err)
	for _, v := range values {
		taken[strings.TrimSuffix(v, large)]++
	}
	var wrong []string
	for c := range clients {
		for g := range goroutines {
			for i := range each {
				v := fmt.Sprintf("%d %d %d ", c, g, i)
				if taken[v] != 1 && len(wrong) < 10 {
					wrong = append(wrong, fmt.Sprintf("%q: %d times", v, taken[v]))
				}
				delete(taken, v)
			}
		}
	}
	require.Empty(t, wrong)
	require.Empty(t, taken, "what nobody has put there")
	require.Greater(t, proxy.cuts.Load(), int64(20))
}

// dialThrough dials until a connection lives long enough.
func dialThrough(t *testing.T, proxy *faultyProxy, opts ...ClientOption) *Client {
	t.Helper()
	for {
		c, err := Dial(t.Context(), "znsocket://"+proxy.Addr().String(), append(opts, WithLogger(slog.New(slog.DiscardHandler)))...)
		if err == nil {
			t.Cleanup(func() { assert.NoError(t, c.Close()) })
			return c
		}
		require.ErrorIs(t, t.Context().Err(), nil, err)
	}
}
