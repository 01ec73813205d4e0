package socketio

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/websocket"
)

const (
	benchEvent = `42/bench,7["set",[["key","value"],{}]]`
	benchAck   = `43/bench,7[{"data":true}]`
)

var benchArgs = []byte(`{"data":true}`)

var benchSizes = websocket.Options{MaxMessage: 1 << 20, MaxQueued: 16 << 20}

// BenchmarkAck is an event and its ack: 16 clients that speak plain WebSocket,
// each with some events in flight, against this package and against a bare
// WebSocket server with a canned answer. Both ends share the processors.
func BenchmarkAck(b *testing.B) {
	for _, inFlight := range []int{1, 8} {
		b.Run(fmt.Sprintf("bare/inflight=%d", inFlight), func(b *testing.B) {
			h := httptest.NewServer(http.HandlerFunc(cannedAck))
			defer h.Close()
			benchmarkAck(b, h.URL, inFlight, false)
		})
		b.Run(fmt.Sprintf("socketio/inflight=%d", inFlight), func(b *testing.B) {
			s := startServer(b, Config{Connect: func(*Socket) (Handler, error) { return acker{}, nil }})
			benchmarkAck(b, s.url, inFlight, true)
		})
	}
}

type acker struct{}

func (acker) Event(_ Event, ack Ack) { ack.Send(benchArgs) }
func (acker) Closed(error)           {}

func cannedAck(w http.ResponseWriter, r *http.Request) {
	ws, err := websocket.Upgrade(w, r, benchSizes)
	if err != nil {
		panic(err)
	}
	go func() {
		defer ws.Finish()
		answer := websocket.Message{Op: websocket.Text, Data: []byte(benchAck)}
		for {
			if _, _, err := ws.Read(); err != nil {
				return
			}
			ws.Send(answer)
		}
	}()
}

func benchmarkAck(b *testing.B, url string, inFlight int, handshake bool) {
	const conns = 16
	clients := make([]*websocket.Conn, conns)
	for i := range clients {
		d := websocket.Dialer{Options: benchSizes}
		ws, err := d.Dial(b.Context(), url+"?EIO=4&transport=websocket")
		require.NoError(b, err)
		clients[i] = ws
		if handshake {
			ws.Send(websocket.Message{Op: websocket.Text, Data: []byte("40/bench,")})
			ws.Read() // the open packet
			ws.Read() // the CONNECT's answer
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	var working sync.WaitGroup
	for i, ws := range clients {
		n := b.N / conns
		if i < b.N%conns {
			n++
		}
		working.Go(func() { exchange(b, ws, n, min(n, inFlight)) })
	}
	working.Wait()
	b.StopTimer()
	for _, ws := range clients {
		ws.Close(websocket.StatusNormal, "")
		ws.Finish()
	}
}

// exchange sends n events and reads their acks.
func exchange(b *testing.B, ws *websocket.Conn, n, inFlight int) {
	event := websocket.Message{Op: websocket.Text, Data: []byte(benchEvent)}
	sent := 0
	for ; sent < inFlight; sent++ {
		ws.Send(event)
	}
	for got := 0; got < n; {
		_, data, err := ws.Read()
		switch {
		case err != nil:
			b.Error(err)
			return
		case string(data) == benchAck:
			got++
			if sent < n {
				ws.Send(event)
				sent++
			}
		case string(data) == "2":
			ws.Send(websocket.Message{Op: websocket.Text, Data: []byte("3")})
		default:
			b.Errorf("%q", data)
			return
		}
	}
}

// BenchmarkCall is Client.Call against Server: both ends of this package.
func BenchmarkCall(b *testing.B) {
	s := startServer(b, Config{Connect: func(*Socket) (Handler, error) { return acker{}, nil }})
	c := dialClient(b, s.url, DialConfig{})
	socket, err := c.Join(b.Context(), "/bench", nil, nil)
	require.NoError(b, err)
	answered := make(chan error, 1)
	done := func(_ []byte, _ [][]byte, err error) { answered <- err }
	event := Event{Name: "set", Args: []byte(`[["key","value"],{}]`)}
	b.ReportAllocs()
	for b.Loop() {
		socket.Call(event, done)
		if err := <-answered; err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBroadcast is one event to 100 sockets, until the last client has
// it. An operation is one delivery.
func BenchmarkBroadcast(b *testing.B) {
	const listeners = 100
	for _, size := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			app := newApp(b)
			s := startServer(b, Config{Connect: app.connect, Engine: engineio.Config{MaxQueued: 1 << 30}})
			var sockets []*Socket
			got := make(chan struct{}, listeners)
			for range listeners {
				d := websocket.Dialer{Options: benchSizes}
				ws, err := d.Dial(b.Context(), s.url+"?EIO=4&transport=websocket")
				require.NoError(b, err)
				ws.Send(websocket.Message{Op: websocket.Text, Data: []byte("40/bench,")})
				go func() {
					defer ws.Finish()
					for {
						_, data, err := ws.Read()
						if err != nil {
							return
						}
						if strings.HasPrefix(string(data[:2]), "42") {
							got <- struct{}{}
						}
					}
				}()
				sockets = append(sockets, within(b, app.joins).s)
			}
			event := Event{Name: "refresh", Args: []byte(`{"x":"` + strings.Repeat("x", size) + `"}`)}
			b.ReportAllocs()
			b.ResetTimer()
			for n := 0; n < b.N; {
				prepared := Prepare("/bench", event)
				batch := sockets[:min(listeners, b.N-n)]
				for _, socket := range batch {
					if err := socket.Send(prepared); err != nil {
						b.Fatal(err)
					}
				}
				for range batch {
					<-got
				}
				n += len(batch)
			}
			b.StopTimer()
			require.NoError(b, s.Shutdown(context.Background()))
		})
	}
}

// BenchmarkParse is what it takes to see that an event is well formed.
func BenchmarkParse(b *testing.B) {
	for _, text := range []string{
		`2/bench,7["set",[["key","value"],{}]]`,
		`2/bench,7["set",[["key","` + strings.Repeat("value ", 2000) + `"],{}]]`,
		`2/bench,7["set",[[` + strings.Repeat("123.5,", 2000) + `1],{}]]`,
	} {
		b.Run(fmt.Sprint(len(text)), func(b *testing.B) {
			data := []byte(text)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				p, err := parsePacket(data)
				if err == nil {
					_, _, err = parseEvent(p.payload, p.attachments)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
