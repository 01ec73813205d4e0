package websocket

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// The servers compared: ours, and the library that stands for the others.
var echoServers = []struct {
	name  string
	serve http.HandlerFunc
}{
	{"ours", func(w http.ResponseWriter, r *http.Request) {
		c, err := Upgrade(w, r, roomy)
		if err != nil {
			panic(err)
		}
		go func() {
			defer c.Finish()
			for {
				op, data, err := c.Read()
				if err != nil {
					return
				}
				c.Send(Message{Op: op, Data: data})
			}
		}()
	}},
	{"coder", func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			panic(err)
		}
		defer c.CloseNow()
		for {
			kind, data, err := c.Read(r.Context())
			if err != nil {
				return
			}
			if err := c.Write(r.Context(), kind, data); err != nil {
				return
			}
		}
	}},
}

// dialRaw shakes hands with a server and returns the bare connection.
func dialRaw(b *testing.B, s *httptest.Server) net.Conn {
	nc, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.WriteString(nc, strings.Replace(goodRequest, "Sec-WebSocket-Protocol: chat\r\n", "", 1)); err != nil {
		b.Fatal(err)
	}
	for head := ""; !strings.HasSuffix(head, "\r\n\r\n"); {
		var one [1]byte
		if _, err := nc.Read(one[:]); err != nil {
			b.Fatal(err)
		}
		head += string(one[:])
	}
	return nc
}

// BenchmarkEcho sends small messages over 16 connections, each with so many
// under way: for what has come back, as much is sent. An operation is one
// message there and back. The load is made of bytes prepared before, by both
// cores that the server has, so quote ratios.
func BenchmarkEcho(b *testing.B) {
	const conns = 16
	payload := strings.Repeat("m", 100)
	request, answer := frame{aText, payload, aMask}.bytes(), len(frame{aText, payload, ""}.bytes())
	for _, inFlight := range []int{1, 8} {
		for _, server := range echoServers {
			b.Run(fmt.Sprintf("%dInFlight/%s", inFlight, server.name), func(b *testing.B) {
				s := httptest.NewServer(server.serve)
				defer s.Close()
				var clients []net.Conn
				for range conns {
					nc := dialRaw(b, s)
					defer nc.Close()
					clients = append(clients, nc)
				}
				window := []byte(strings.Repeat(string(request), inFlight))
				b.ReportAllocs()
				b.ResetTimer()
				var load sync.WaitGroup
				for i, nc := range clients {
					load.Go(func() {
						toSend := b.N/conns + min(1, max(0, b.N%conns-i))
						toGet := toSend * answer
						buf := make([]byte, inFlight*answer)
						for got, free := 0, inFlight; toGet > 0; {
							n := min(free, toSend)
							if _, err := nc.Write(window[:n*len(request)]); err != nil {
								b.Error(err)
								return
							}
							toSend -= n
							m, err := nc.Read(buf)
							if err != nil {
								b.Error(err)
								return
							}
							toGet -= m
							got += m
							free, got = free-n+got/answer, got%answer
						}
					})
				}
				load.Wait()
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			})
		}
	}
}

// memory is what the process holds, stacks included.
func memory() uint64 {
	runtime.GC()
	runtime.GC() // pools take two
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// BenchmarkIdle opens 1,000 connections, echoes one small message on each and
// tells what an idle one holds then: the server's end and, with that taken
// apart, the bare socket of the client's end.
func BenchmarkIdle(b *testing.B) {
	const conns = 1000
	measure := func(b *testing.B, open func() net.Conn) {
		var clients []net.Conn
		defer func() {
			for _, nc := range clients {
				nc.Close()
			}
		}()
		for b.Loop() {
			before := memory()
			for range conns {
				clients = append(clients, open())
			}
			b.ReportMetric(float64(memory()-before)/conns, "B/conn")
		}
	}
	request := frame{aText, "hello", aMask}.bytes()
	for _, server := range echoServers {
		b.Run(server.name, func(b *testing.B) {
			s := httptest.NewUnstartedServer(server.serve)
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.Start()
			defer s.Close()
			measure(b, func() net.Conn {
				nc := dialRaw(b, s)
				if _, err := nc.Write(request); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(nc, make([]byte, len(request)-len(aMask))); err != nil {
					b.Fatal(err)
				}
				return nc
			})
		})
	}
	b.Run("two bare sockets", func(b *testing.B) {
		var theirs []net.Conn
		measure(b, func() net.Conn {
			nc, other := connect(b)
			theirs = append(theirs, other)
			return nc
		})
		for _, nc := range theirs {
			nc.Close()
		}
	})
}
