package engineio

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pollFake connects a spy to a fake server by polling and calls f.
func pollFake(t *testing.T, server http.Handler, cfg DialConfig, f func(t *testing.T, x *spy)) {
	t.Helper()
	inFakeBubble(t, server, func(t *testing.T, memory DialConfig) {
		cfg.Transports, cfg.Connect = []string{transportPolling}, memory.Connect
		x := &spy{}
		x.dialWith(t, fakeURL, cfg)
		f(t, x)
	})
}

// requireRefused fails unless Closed was told of a refusal.
func (x *spy) requireRefused(t *testing.T, status int, body string) {
	t.Helper()
	x.requireClosed(t, ErrPeerClosed)
	refused := (*HandshakeError)(nil)
	require.ErrorAs(t, x.closed[0], &refused)
	require.Equal(t, &HandshakeError{status, body}, refused)
}

// A POST has as many packets and bytes as servers take, there is one at a
// time, and what cannot be divided goes alone.
func TestPost_payloads(t *testing.T) {
	var posts []string
	var atOnce atomic.Int32
	server := &fake{post: func(w http.ResponseWriter, body string) {
		if atOnce.Add(1) > 1 {
			t.Error("two POSTs at once")
		}
		time.Sleep(100 * time.Millisecond)
		posts = append(posts, body)
		atOnce.Add(-1)
		io.WriteString(w, "ok")
	}}
	pollFake(t, server, DialConfig{}, func(t *testing.T, x *spy) {
		var want []string
		for i := range 100 {
			data := strings.Repeat("x", i%10*30)
			if i == 50 {
				data = strings.Repeat("y", 3000) // more than maxPayload
			}
			require.NoError(t, x.c.Send(text(data), Message{Data: []byte(data), Binary: true}))
			want = append(want, string(appendPayload(nil, []packet{{packetMessage, []byte(data)}})),
				string(appendPayload(nil, []packet{{packetBinary, []byte(data)}})))
			time.Sleep(time.Duration(i%3) * time.Millisecond)
		}
		for i := range 100 {
			require.NoError(t, x.c.Send(text(fmt.Sprint(i))))
			want = append(want, fmt.Sprint("4", i))
		}
		pass(20 * time.Second)
		require.Equal(t, strings.Join(want, "\x1e"), strings.Join(posts, "\x1e"))
		require.Less(t, len(posts), len(want)/2)
		for _, body := range posts {
			packets := strings.Count(body, "\x1e") + 1
			require.LessOrEqual(t, packets, maxPackets)
			if packets > 1 {
				require.LessOrEqual(t, len(body), 1000)
			}
		}
		x.c.Close()
	})
}

// Closing takes its time as long as the server takes what is queued.
func TestPost_lastOnes(t *testing.T) {
	var posts []string
	server := &fake{post: func(w http.ResponseWriter, body string) {
		time.Sleep(lingerTimeout * 3 / 4)
		posts = append(posts, body)
		io.WriteString(w, "ok")
	}}
	pollFake(t, server, DialConfig{}, func(t *testing.T, x *spy) {
		for i := range 80 {
			require.NoError(t, x.c.Send(text(fmt.Sprint(i))))
		}
		x.c.Close()
		pass(8 * lingerTimeout)
		x.requireClosed(t, ErrClosed)
		require.Equal(t, 80, strings.Count(strings.Join(posts, "\x1e"), "\x1e"))
		require.Equal(t, "1", posts[len(posts)-1][len(posts[len(posts)-1])-1:])
	})
}

// One that takes nothing is left.
func TestPost_closedUnheard(t *testing.T) {
	var asking atomic.Int32
	server := &fake{
		get: func(_ http.ResponseWriter, r *http.Request) {
			asking.Add(1)
			<-r.Context().Done()
			asking.Add(-1)
		},
		post: func(http.ResponseWriter, string) { time.Sleep(10 * time.Second) },
	}
	pollFake(t, server, DialConfig{}, func(t *testing.T, x *spy) {
		settle()
		require.EqualValues(t, 1, asking.Load())
		x.c.Close()
		pass(lingerTimeout + time.Millisecond)
		x.requireClosed(t, ErrClosed)
		require.Zero(t, asking.Load(), "a request outlives its connection")
	})
}

func TestPost_refused(t *testing.T) {
	for _, status := range []int{302, 400, 413, 500} {
		server := &fake{post: func(w http.ResponseWriter, _ string) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			io.WriteString(w, "why"+strings.Repeat(" ", 2000))
		}}
		pollFake(t, server, DialConfig{}, func(t *testing.T, x *spy) {
			require.NoError(t, x.c.Send(text("m")))
			settle()
			x.requireRefused(t, status, "why"+strings.Repeat(" ", maxRefusal-3))
		})
	}
}

func TestGet_refused(t *testing.T) {
	server := &fake{get: func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"code":1,"message":"Session ID unknown"}`)
	}}
	pollFake(t, server, DialConfig{}, func(t *testing.T, x *spy) {
		settle()
		x.requireRefused(t, 400, `{"code":1,"message":"Session ID unknown"}`)
		require.ErrorIs(t, x.c.Send(text("m")), ErrClosed)
	})
}

// pings answers each GET with a ping, after some time.
func pings(w http.ResponseWriter, r *http.Request) {
	select {
	case <-time.After(5 * time.Second):
		io.WriteString(w, "2")
	case <-r.Context().Done():
	}
}

// isPong reports whether a POST brings the answer to a ping and nothing else.
func isPong(body string) bool { return body == "3" }

// A POST that nobody answers ends the connection, although the server pings.
func TestPost_unanswered(t *testing.T) {
	server := &fake{get: pings, post: func(w http.ResponseWriter, body string) {
		if !isPong(body) {
			time.Sleep(time.Hour)
		}
	}}
	pollFake(t, server, DialConfig{}, func(t *testing.T, x *spy) {
		require.NoError(t, x.c.Send(text("m")))
		pass(requestTimeout - time.Millisecond)
		x.requireOpen(t)
		pass(2 * time.Millisecond)
		x.requireClosed(t, ErrPingTimeout)
		require.ErrorContains(t, x.closed[0], "POST unanswered")
		time.Sleep(time.Hour)
	})
}

// One that is slow may go on for as long as something moves.
func TestPost_slow(t *testing.T) {
	const size = 1 << 20
	got := 0
	usual := &fake{get: pings}
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength < size {
			usual.ServeHTTP(w, r)
			return
		}
		for n, err := 0, error(nil); err == nil; got += n {
			time.Sleep(requestTimeout / 2)
			n, err = io.ReadFull(r.Body, make([]byte, 128<<10))
		}
		io.WriteString(w, "ok")
	})
	pollFake(t, server, DialConfig{}, func(t *testing.T, x *spy) {
		require.NoError(t, x.c.Send(text(strings.Repeat("m", size))))
		pass(10 * requestTimeout)
		require.Equal(t, size+1, got)
		x.requireOpen(t)
		x.c.Close()
		settle()
		x.requireClosed(t, ErrClosed)
	})
}

// A slow answer, too, as long as it may be why no ping comes.
func TestGet_slow(t *testing.T) {
	const pieces, pause = 20, 10 * time.Second
	served := false
	server := &fake{get: func(w http.ResponseWriter, r *http.Request) {
		if served {
			<-r.Context().Done()
			return
		}
		served = true
		io.WriteString(w, "4")
		for range pieces {
			io.WriteString(w, strings.Repeat("m", busySize))
			http.NewResponseController(w).Flush()
			time.Sleep(pause)
		}
	}}
	pollFake(t, server, DialConfig{}, func(t *testing.T, x *spy) {
		pass(pieces * pause)
		settle()
		require.Len(t, x.heard(), 1)
		require.Len(t, x.heard()[0], pieces*busySize+1)
		x.requireOpen(t)
		x.c.Close()
	})
}

// An answer that does not go on is given up.
func TestGet_stuck(t *testing.T) {
	server := &fake{get: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "4half")
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}}
	pollFake(t, server, DialConfig{}, func(t *testing.T, x *spy) {
		pass(2 * time.Minute)
		x.requireClosed(t, ErrPingTimeout)
		require.Empty(t, x.heard())
	})
}

// Memory follows what is allowed, not what comes, nor what that unpacks to.
func TestGet_endless(t *testing.T) {
	endless := func(w io.Writer) {
		for {
			if _, err := w.Write(bytes.Repeat([]byte("4"), 64<<10)); err != nil {
				return
			}
		}
	}
	for name, get := range map[string]func(w http.ResponseWriter, r *http.Request){
		"plain": func(w http.ResponseWriter, r *http.Request) { endless(w) },
		"packed": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			endless(gzip.NewWriter(w))
		},
	} {
		t.Run(name, func(t *testing.T) {
			pollFake(t, &fake{get: get}, DialConfig{MaxMessage: 1 << 20}, func(t *testing.T, x *spy) {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				settle()
				x.requireClosed(t, ErrTooLarge)
				runtime.ReadMemStats(&after)
				require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20))
			})
		})
	}
}

// A connection that breaks under a request is the end: who knows what the
// request had brought, or taken. A new try would hide it.
func TestPoll_requestsAreNotRepeated(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			var requests atomic.Int32
			usual := &fake{get: pings}
			server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != method || r.URL.Query().Get("sid") == "" || requests.Add(1) < 3 {
					usual.ServeHTTP(w, r)
					return
				}
				io.Copy(io.Discard, r.Body)
				nc, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				nc.Close()
			})
			pollFake(t, server, DialConfig{}, func(t *testing.T, x *spy) {
				for range 3 {
					x.c.Send(text("m"))
					settle()
				}
				pass(time.Minute)
				x.requireClosed(t, ErrPeerClosed)
				require.EqualValues(t, 3, requests.Load())
				require.NotContains(t, x.closed[0].Error(), "sid")
			})
		})
	}
}

func TestSend_clientQueueFull(t *testing.T) {
	server := &fake{get: pings, post: func(w http.ResponseWriter, body string) { time.Sleep(10 * time.Second) }}
	pollFake(t, server, DialConfig{MaxQueued: 10_000}, func(t *testing.T, x *spy) {
		var err error
		sent := 0
		for err == nil && sent < 100 {
			err = x.c.Send(text(strings.Repeat("m", 999)))
			sent++
			settle()
		}
		require.ErrorIs(t, err, ErrQueueFull)
		require.Equal(t, 10, sent) // what is on its way counts, and so does a pong
		settle()
		x.requireClosed(t, ErrQueueFull)
		require.True(t, errors.Is(x.c.Send(text("m")), ErrClosed))
	})
}

// A binary message may have the size that is allowed, although base64 makes
// it longer on its way.
func TestGet_largestBinary(t *testing.T) {
	const limit = 100_000
	inBubble(t, Config{MaxPayload: limit, Accept: echo}, func(t *testing.T, s *testServer) {
		x := &spy{}
		x.dialWith(t, s.url+"/engine.io/", DialConfig{Transports: []string{transportPolling}, Connect: s.dial, MaxMessage: limit})
		large := Message{Data: bytes.Repeat([]byte{0xFF}, limit), Binary: true}
		require.NoError(t, x.c.Send(large))
		settle()
		require.Equal(t, []string{string(appendPayload(nil, []packet{large.packet()}))}, x.heard())
		x.c.Close()
	})
}
