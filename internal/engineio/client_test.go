package engineio

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/websocket"
)

// ways are the transports a client may ask for, and where it ends up.
var ways = []struct {
	name       string
	transports []string
	ends       string
}{
	{"websocket", nil, transportWebsocket},
	{"polling", []string{transportPolling}, transportPolling},
	{"polling then websocket", []string{transportPolling, transportWebsocket}, transportWebsocket},
}

// dialWith connects the spy to a server.
func (x *spy) dialWith(t *testing.T, url string, cfg DialConfig) {
	t.Helper()
	cfg.Accept = func(c *Conn) Handler {
		x.c = c
		return x
	}
	c, err := Dial(t.Context(), url, cfg)
	require.NoError(t, err)
	require.Same(t, c, x.c)
}

// client connects to the server. It writes down what it hears.
func (s *testServer) client(transports []string) *spy {
	s.t.Helper()
	x := &spy{}
	x.dialWith(s.t, s.url+"/engine.io/", DialConfig{Transports: transports, Connect: s.dial})
	return x
}

// pass lets a bubble's time pass, until nobody has anything to do at the end.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func settle() { pass(time.Second) }

func TestDial_echo(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			inBubble(t, Config{Accept: echo}, func(t *testing.T, s *testServer) {
				x := s.client(way.transports)
				require.NotEmpty(t, x.c.ID())
				require.Nil(t, x.c.Request())
				var want []string
				for _, n := range []int{0, 1, 3, RetainSize - 1, RetainSize, 70_000, DefaultMaxPayload - 1} {
					for _, m := range []Message{text(strings.Repeat("é", n/2)), {Data: make([]byte, n), Binary: true}} {
						require.NoError(t, x.c.Send(m))
						want = append(want, string(appendPayload(nil, []packet{m.packet()})))
					}
				}
				settle()
				require.Equal(t, want, x.heard())
				require.Equal(t, way.ends, x.c.Transport())
				require.Zero(t, x.c.Buffered())

				require.NoError(t, x.c.Close())
				require.ErrorIs(t, x.c.Send(text("late")), ErrClosed)
				settle()
				x.requireClosed(t, ErrClosed)
				require.Zero(t, s.Conns())
			})
		})
	}
}

// What Accept sends is the first to arrive, and what comes along with the
// handshake is delivered after Accept.
func TestDial_firstMessages(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			var server *spy
			accept := func(c *Conn) Handler {
				server = &spy{c: c}
				c.Send(text("welcome"), Message{Data: []byte("b"), Binary: true})
				return server
			}
			inBubble(t, Config{Accept: accept}, func(t *testing.T, s *testServer) {
				x := &spy{}
				c, err := Dial(t.Context(), s.url+"/engine.io/", DialConfig{
					Transports: way.transports, Connect: s.dial,
					Accept: func(c *Conn) Handler {
						c.Send(text("hello"))
						return x
					},
				})
				require.NoError(t, err)
				c.Send(text("then"))
				settle()
				require.Equal(t, []string{"4hello", "4then"}, server.heard())
				require.Equal(t, []string{"4welcome", "bYg=="}, x.heard())
				require.Equal(t, server.c.ID(), c.ID())
				c.Close()
				settle()
				server.requireClosed(t, ErrPeerClosed)
			})
		})
	}
}

// An application may have no handler, or one that ends the connection at once.
func TestDial_accept(t *testing.T) {
	for _, way := range ways {
		for name, accept := range map[string]func(*Conn) Handler{
			"none":   nil,
			"nil":    func(*Conn) Handler { return nil },
			"closes": func(c *Conn) Handler { c.Close(); return nil },
			"panics": func(c *Conn) Handler { panic("oops") },
		} {
			t.Run(way.name+" "+name, func(t *testing.T) {
				inBubble(t, Config{Accept: echo}, func(t *testing.T, s *testServer) {
					c, err := Dial(t.Context(), s.url+"/engine.io/", DialConfig{Transports: way.transports, Connect: s.dial, Accept: accept})
					require.NoError(t, err)
					c.Send(text("unheard"))
					settle()
					c.Close()
					settle()
					settle()
				})
			})
		}
	}
}

// The server pings; a client that is idle for hours stays.
func TestDial_heartbeat(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			inBubble(t, Config{}, func(t *testing.T, s *testServer) {
				x := s.client(way.transports)
				pass(2 * time.Hour)
				x.requireOpen(t)
				require.NoError(t, x.c.Send(text("still here")))
				settle()
				require.Equal(t, []string{"4still here"}, (<-s.accepted).heard())
				x.c.Close()
				settle()
			})
		})
	}
}

// Closing sends first what is queued, however much that is.
func TestConn_clientCloses(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			inBubble(t, Config{}, func(t *testing.T, s *testServer) {
				x := s.client(way.transports)
				var want []string
				for i := range 100 {
					require.NoError(t, x.c.Send(text(fmt.Sprint(i))))
					want = append(want, fmt.Sprint("4", i))
				}
				require.NoError(t, x.c.Close())
				require.NoError(t, x.c.Close())
				settle()
				server := <-s.accepted
				require.Equal(t, want, server.heard())
				server.requireClosed(t, ErrPeerClosed)
				x.requireClosed(t, ErrClosed)
			})
		})
	}
}

func TestConn_serverCloses(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			inBubble(t, Config{}, func(t *testing.T, s *testServer) {
				x := s.client(way.transports)
				settle()
				server := <-s.accepted
				require.NoError(t, server.c.Send(text("last words")))
				require.NoError(t, server.c.Close())
				settle()
				require.Equal(t, []string{"4last words"}, x.heard())
				x.requireClosed(t, ErrPeerClosed)
				server.requireClosed(t, ErrClosed)
			})
		})
	}
}

// lag is a connection on which bytes take their time, each way.
type lag struct {
	net.Conn
	rng *rand.Rand
	mu  *sync.Mutex
}

func (l lag) pause() {
	l.mu.Lock()
	d := time.Duration(l.rng.IntN(40)) * time.Millisecond
	l.mu.Unlock()
	time.Sleep(d)
}

func (l lag) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	l.pause()
	return n, err
}

func (l lag) Write(b []byte) (int, error) {
	l.pause()
	return l.Conn.Write(b)
}

// Both ends talk without a pause while the connection goes from polling to a
// WebSocket, over a network on which anything may overtake anything. All
// arrives, once and in order.
func TestUpgrade_inMidConversation(t *testing.T) {
	const words = 60
	for seed := range uint64(40) {
		inBubble(t, Config{}, func(t *testing.T, s *testServer) {
			rng, mu := rand.New(rand.NewPCG(seed, 1)), &sync.Mutex{}
			x := &spy{}
			x.dialWith(t, s.url+"/engine.io/", DialConfig{
				Transports: []string{transportPolling, transportWebsocket},
				Connect: func(ctx context.Context, network, addr string) (net.Conn, error) {
					nc, err := s.dial(ctx, network, addr)
					return lag{nc, rng, mu}, err
				},
			})
			server := <-s.accepted
			var talking sync.WaitGroup
			for _, c := range []*Conn{x.c, server.c} {
				talking.Go(func() {
					for i := range words {
						if err := c.Send(text(fmt.Sprint(i)), Message{Data: []byte{byte(i)}, Binary: true}); err != nil {
							t.Error(err)
						}
						lag{nil, rng, mu}.pause()
					}
				})
			}
			talking.Wait()
			settle()
			var want []string
			for i := range words {
				want = append(want, fmt.Sprint("4", i), string(appendPayload(nil, []packet{{packetBinary, []byte{byte(i)}}})))
			}
			require.Equal(t, want, x.heard(), "seed %d", seed)
			require.Equal(t, want, server.heard(), "seed %d", seed)
			require.Equal(t, transportWebsocket, x.c.Transport())
			require.Empty(t, x.c.queue)
			x.c.Close()
			settle()
			x.requireClosed(t, ErrClosed)
		})
	}
}

// A client that closes while it is upgrading loses nothing of what it sent.
func TestUpgrade_closedMeanwhile(t *testing.T) {
	for wait := range 30 {
		inBubble(t, Config{}, func(t *testing.T, s *testServer) {
			rng, mu := rand.New(rand.NewPCG(uint64(wait), 2)), &sync.Mutex{}
			x := &spy{}
			x.dialWith(t, s.url+"/engine.io/", DialConfig{
				Transports: []string{transportPolling, transportWebsocket},
				Connect: func(ctx context.Context, network, addr string) (net.Conn, error) {
					nc, err := s.dial(ctx, network, addr)
					return lag{nc, rng, mu}, err
				},
			})
			time.Sleep(time.Duration(wait) * 10 * time.Millisecond)
			require.NoError(t, x.c.Send(text("last words")))
			require.NoError(t, x.c.Close())
			pass(20 * time.Second)
			server := <-s.accepted
			require.Equal(t, []string{"4last words"}, server.heard(), "closed after %d ms", 10*wait)
			server.requireClosed(t, ErrPeerClosed)
			x.requireClosed(t, ErrClosed)
		})
	}
}

// fake is a server that does what the test says, not what is right.
type fake struct {
	open string // answers the handshake; "" does as a server should
	get  func(w http.ResponseWriter, r *http.Request)
	post func(w http.ResponseWriter, body string)
	web  func(w http.ResponseWriter, r *http.Request)
}

const fakeOpen = `0{"sid":"s","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}`

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case q.Get("transport") == transportWebsocket && f.web != nil:
		f.web(w, r)
	case q.Get("transport") == transportWebsocket:
		http.Error(w, "no WebSockets here", http.StatusNotFound)
	case q.Get("sid") == "" && f.open != "":
		io.WriteString(w, f.open)
	case q.Get("sid") == "":
		io.WriteString(w, fakeOpen)
	case r.Method == http.MethodPost:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if f.post == nil {
			io.WriteString(w, "ok")
		} else {
			f.post(w, string(body))
		}
	case f.get != nil:
		f.get(w, r)
	default:
		<-r.Context().Done()
	}
}

// fakeURL is where a bubble's fake is.
const fakeURL = "http://fake/engine.io/"

// inFakeBubble runs f with a fake server whose network is in memory. The
// bubble fails if anything of the client still runs a minute after f.
func inFakeBubble(t *testing.T, server http.Handler, f func(t *testing.T, cfg DialConfig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		h := &http.Server{Handler: server}
		go h.Serve(l)
		f(t, DialConfig{Connect: l.dial})
		time.Sleep(time.Minute)
		h.Close()
	})
}

// upgradeFake returns a fake's web that takes over the socket and lets talk
// do with it what it wants.
func upgradeFake(t *testing.T, talk func(ws *websocket.Conn)) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Upgrade(w, r, websocket.Options{MaxMessage: 1 << 20, MaxQueued: 1 << 20})
		if err != nil {
			t.Error(err)
			return
		}
		defer ws.Finish()
		talk(ws)
	}
}

// sendFake sends text frames.
func sendFake(ws *websocket.Conn, texts ...string) {
	for _, each := range texts {
		ws.Send(websocket.Message{Op: websocket.Text, Data: []byte(each)})
	}
}

// drain reads until the end.
func drain(ws *websocket.Conn) {
	for {
		if _, _, err := ws.Read(); err != nil {
			return
		}
	}
}

// Where a WebSocket cannot take over, for whatever reason and at whatever
// stage, polling goes on, and nothing is lost.
func TestUpgrade_failsToPolling(t *testing.T) {
	for _, c := range []struct {
		name string
		open string
		web  func(http.ResponseWriter, *http.Request)
	}{
		{name: "not offered", open: strings.Replace(fakeOpen, `"websocket"`, "", 1)},
		{name: "refused"},
		{name: "no answer", web: func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{name: "no answer to the probe", web: upgradeFake(t, drain)},
		{name: "closed at the probe", web: upgradeFake(t, func(ws *websocket.Conn) {
			ws.Read()
			ws.Close(websocket.StatusNormal, "")
		})},
		{name: "dropped at the probe", web: upgradeFake(t, func(ws *websocket.Conn) {
			ws.Read()
			ws.Abort(websocket.ErrClosed)
		})},
		{name: "another answer to the probe", web: upgradeFake(t, func(ws *websocket.Conn) {
			sendFake(ws, "6")
			drain(ws)
		})},
		{name: "half an answer to the probe", web: upgradeFake(t, func(ws *websocket.Conn) {
			sendFake(ws, "3")
			drain(ws)
		})},
		{name: "no packet", web: upgradeFake(t, func(ws *websocket.Conn) {
			sendFake(ws, "?")
			drain(ws)
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			var mu sync.Mutex
			var posted []string
			var answers chan string
			inFakeBubble(t, &fake{
				open: c.open,
				web:  c.web,
				get: func(w http.ResponseWriter, r *http.Request) {
					select {
					case answer := <-answers:
						io.WriteString(w, answer)
					case <-r.Context().Done():
					}
				},
				post: func(w http.ResponseWriter, body string) {
					mu.Lock()
					defer mu.Unlock()
					posted = append(posted, body)
					io.WriteString(w, "ok")
				},
			}, func(t *testing.T, cfg DialConfig) {
				answers = make(chan string, 10) // of the bubble
				cfg.Transports = []string{transportPolling, transportWebsocket}
				x := &spy{}
				x.dialWith(t, fakeURL, cfg)
				for i := range 20 {
					require.NoError(t, x.c.Send(text(fmt.Sprint(i))))
					if i%5 == 0 {
						answers <- fmt.Sprint("4", i)
					}
					time.Sleep(time.Second)
				}
				require.Equal(t, transportPolling, x.c.Transport())
				require.Equal(t, []string{"40", "45", "410", "415"}, x.heard())
				x.c.Close()
				settle()
				x.requireClosed(t, ErrClosed)
				sent := strings.Join(posted, "\x1e")
				require.Equal(t, "40\x1e41\x1e42\x1e43\x1e44\x1e45\x1e46\x1e47\x1e48\x1e49\x1e410\x1e411\x1e412\x1e413\x1e414\x1e415\x1e416\x1e417\x1e418\x1e419\x1e1", sent)
			})
		})
	}
}

// A server that answers the probe but not the GET has its POSTs later.
func TestUpgrade_getIsNotEnded(t *testing.T) {
	var asked chan bool
	inFakeBubble(t, &fake{
		get: func(w http.ResponseWriter, r *http.Request) {
			asked <- true
			<-r.Context().Done()
		},
		web: upgradeFake(t, func(ws *websocket.Conn) {
			<-asked
			sendFake(ws, "3probe")
			drain(ws)
		}),
	}, func(t *testing.T, cfg DialConfig) {
		asked = make(chan bool, 1)
		cfg.Transports = []string{transportPolling, transportWebsocket}
		x := &spy{}
		x.dialWith(t, fakeURL, cfg)
		settle()
		require.NoError(t, x.c.Send(text("waits")))
		settle()
		require.Positive(t, x.c.Buffered())
		pass(DefaultUpgradeTimeout)
		require.Zero(t, x.c.Buffered())
		require.Equal(t, transportPolling, x.c.Transport())
		x.c.Close()
		settle()
		x.requireClosed(t, ErrClosed)
	})
}

// A server that says nothing is noticed when its ping is overdue.
func TestDial_silentServer(t *testing.T) {
	silent := &fake{
		open: strings.Replace(fakeOpen, `"websocket"`, "", 1),
		web: upgradeFake(t, func(ws *websocket.Conn) {
			sendFake(ws, fakeOpen)
			drain(ws)
		}),
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			inFakeBubble(t, silent, func(t *testing.T, cfg DialConfig) {
				cfg.Transports = way.transports
				x := &spy{}
				x.dialWith(t, fakeURL, cfg)
				pass(45*time.Second - time.Millisecond)
				x.requireOpen(t)
				pass(2 * time.Millisecond)
				x.requireClosed(t, ErrPingTimeout)
			})
		})
	}
}

// What is less than a second reads 0 in the Python server's handshake.
func TestDial_noPingTimes(t *testing.T) {
	inFakeBubble(t, &fake{open: `0{"sid":"s","upgrades":[],"pingInterval":0,"pingTimeout":0}`}, func(t *testing.T, cfg DialConfig) {
		cfg.Transports = []string{transportPolling}
		x := &spy{}
		x.dialWith(t, fakeURL, cfg)
		pass(DefaultPingInterval + DefaultPingTimeout - time.Millisecond)
		x.requireOpen(t)
		require.NoError(t, x.c.Send(text(strings.Repeat("m", DefaultMaxPayload-1)))) // nor a maxPayload
		settle()
		x.requireClosed(t, ErrPingTimeout)
	})
}

// A client's own pings, and pongs of a server, are not Engine.IO 4.
func TestConn_serverBreaksProtocol(t *testing.T) {
	for _, word := range []string{"3", "0{}", "?", "", "7"} {
		server := &fake{
			get: func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, word) },
			web: upgradeFake(t, func(ws *websocket.Conn) {
				sendFake(ws, fakeOpen, word)
				drain(ws)
			}),
		}
		for _, way := range ways[:2] {
			t.Run(fmt.Sprintf("%s %q", way.name, word), func(t *testing.T) {
				inFakeBubble(t, server, func(t *testing.T, cfg DialConfig) {
					cfg.Transports = way.transports
					x := &spy{}
					x.dialWith(t, fakeURL, cfg)
					settle()
					x.requireClosed(t, ErrProtocol)
				})
			})
		}
	}
}

// Messages are bounded on their way in.
func TestConn_messageTooLarge(t *testing.T) {
	const limit = 5000
	good, bad := "4"+strings.Repeat("g", limit), "4"+strings.Repeat("b", limit+1)
	for _, large := range []string{bad, good + "\x1e" + bad, "4" + strings.Repeat("B", 10*limit)} {
		server := &fake{
			get: func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, large) },
			web: upgradeFake(t, func(ws *websocket.Conn) {
				sendFake(ws, fakeOpen)
				sendFake(ws, strings.Split(large, "\x1e")...)
				drain(ws)
			}),
		}
		for _, way := range ways[:2] {
			inFakeBubble(t, server, func(t *testing.T, cfg DialConfig) {
				cfg.Transports = way.transports
				cfg.MaxMessage = limit
				if way.ends == transportWebsocket {
					cfg.MaxMessage++ // there the type counts
				}
				x := &spy{}
				x.dialWith(t, fakeURL, cfg)
				settle()
				x.requireClosed(t, ErrTooLarge)
				require.NotContains(t, strings.Join(x.heard(), ""), "b")
			})
		}
	}
}

func TestDial_refused(t *testing.T) {
	refuse := Config{Allow: func(r *http.Request) error {
		if r.Header.Get("X-Token") != "good" {
			return errors.New("who are you?")
		}
		return nil
	}}
	for _, way := range ways {
		inBubble(t, refuse, func(t *testing.T, s *testServer) {
			cfg := DialConfig{Transports: way.transports, Connect: s.dial}
			_, err := Dial(t.Context(), s.url+"/engine.io/", cfg)
			require.Equal(t, &HandshakeError{403, `{"code":4,"message":"who are you?"}`}, err)

			cfg.Header = http.Header{"X-Token": {"good"}}
			c, err := Dial(t.Context(), s.url+"/engine.io/", cfg)
			require.NoError(t, err)
			settle()
			require.Equal(t, way.ends, c.Transport())
			c.Close()
			settle()
		})
	}
}

// What answers may be no Engine.IO server, or a broken one.
func TestDial_badHandshakes(t *testing.T) {
	for _, c := range []struct {
		name, open string
		err        error
	}{
		{"a page", "<html>", ErrProtocol},
		{"another packet", "4hello", ErrProtocol},
		{"a binary packet", "bAAAA", ErrProtocol},
		{"no JSON", "0{", ErrProtocol},
		{"no sid", `0{"upgrades":[],"pingInterval":1,"pingTimeout":1}`, ErrProtocol},
		{"negative times", `0{"sid":"s","pingInterval":-1,"pingTimeout":1}`, ErrProtocol},
		{"times beyond reason", `0{"sid":"s","pingInterval":1,"pingTimeout":1e15}`, ErrProtocol},
		{"too much", "0" + strings.Repeat(" ", 5000), ErrTooLarge},
	} {
		server := &fake{open: c.open, web: upgradeFake(t, func(ws *websocket.Conn) {
			sendFake(ws, c.open)
			drain(ws)
		})}
		for _, way := range ways {
			t.Run(way.name+" "+c.name, func(t *testing.T) {
				inFakeBubble(t, server, func(t *testing.T, cfg DialConfig) {
					cfg.Transports = way.transports
					cfg.MaxMessage = 2000
					_, err := Dial(t.Context(), fakeURL, cfg)
					require.ErrorIs(t, err, c.err)
				})
			})
		}
	}
}

// Neither a context nor, without one that ends, a silent server holds Dial.
func TestDial_bounded(t *testing.T) {
	wait := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, server := range map[string]http.Handler{
		"no answer":      http.HandlerFunc(wait),
		"half an answer": &fake{web: upgradeFake(t, drain), open: ""},
	} {
		for _, way := range ways {
			if name != "no answer" && way.transports != nil {
				continue
			}
			t.Run(way.name+" "+name, func(t *testing.T) {
				inFakeBubble(t, server, func(t *testing.T, cfg DialConfig) {
					cfg.Transports = way.transports
					begin := time.Now()
					_, err := Dial(context.Background(), fakeURL, cfg)
					require.Error(t, err)
					require.Equal(t, handshakeTimeout, time.Since(begin))

					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					begin = time.Now()
					_, err = Dial(ctx, fakeURL, cfg)
					require.ErrorIs(t, err, context.DeadlineExceeded)
					require.Equal(t, time.Second, time.Since(begin))
				})
			})
		}
	}
}

func TestDial_badArguments(t *testing.T) {
	for u, words := range map[string]string{
		"://":                         "missing protocol scheme",
		"znsocket://me:secret@host/":  "no http or https URL",
		"http:///path/":               "no http or https URL",
		"host:5000":                   "no http or https URL",
		"http://127.0.0.1:1/nowhere/": "connect",
	} {
		for _, way := range ways {
			_, err := Dial(t.Context(), u, DialConfig{Transports: way.transports})
			require.ErrorContains(t, err, words)
			require.NotContains(t, err.Error(), "secret")
		}
	}
	_, err := Dial(t.Context(), "http://127.0.0.1:1/", DialConfig{Transports: []string{transportPolling, "carrier pigeon"}})
	require.ErrorContains(t, err, `unknown transport "carrier pigeon"`)
	_, err = Dial(t.Context(), "http://127.0.0.1:1/", DialConfig{Transports: []string{transportPolling}})
	require.ErrorAs(t, err, new(*net.OpError))
	require.NotContains(t, err.Error(), "transport=")
}

// Every request has the header, the host, the user and the rest of the query.
func TestDial_requests(t *testing.T) {
	s := NewServer(Config{Accept: echo})
	defer s.Shutdown(context.Background())
	var mu sync.Mutex
	seen := map[string]bool{}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		q := r.URL.Query()
		mu.Lock()
		seen[fmt.Sprintln(r.Method, q.Get("transport"), q.Has("sid"), q.Get("EIO"), q.Get("room"),
			r.URL.Path, r.Host, r.Header.Get("X-Token"), user, password)] = true
		mu.Unlock()
		s.ServeHTTP(w, r)
	}))
	defer h.Close()
	x := &spy{}
	x.dialWith(t, strings.Replace(h.URL, "http://", "http://me:secret@", 1)+"/a/b/?room=1", DialConfig{
		Transports: []string{transportPolling, transportWebsocket},
		Header:     http.Header{"X-Token": {"t"}, "Host": {"other.example"}},
	})
	require.NoError(t, x.c.Send(text("by POST or WebSocket")))
	require.Eventually(t, func() bool { return x.c.Transport() == transportWebsocket && len(x.heard()) == 1 }, 10*time.Second, time.Millisecond)
	x.c.Close()

	mu.Lock()
	defer mu.Unlock()
	delete(seen, "POST polling true 4 1 /a/b/ other.example t me secret\n") // if it was in time
	require.Equal(t, map[string]bool{
		"GET polling false 4 1 /a/b/ other.example t me secret\n":  true,
		"GET polling true 4 1 /a/b/ other.example t me secret\n":   true,
		"GET websocket true 4 1 /a/b/ other.example t me secret\n": true,
	}, seen)
}

func TestDial_secure(t *testing.T) {
	s := NewServer(Config{Accept: echo})
	defer s.Shutdown(context.Background())
	h := httptest.NewUnstartedServer(s)
	h.Config.ErrorLog = log.New(io.Discard, "", 0) // of connections that were not needed after all
	h.StartTLS()
	defer h.Close()
	pool := h.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	for _, way := range ways {
		x := &spy{}
		x.dialWith(t, h.URL, DialConfig{Transports: way.transports, TLS: &tls.Config{RootCAs: pool, NextProtos: []string{"h2"}}})
		require.NoError(t, x.c.Send(text("secret")))
		require.Eventually(t, func() bool { return x.c.Transport() == way.ends && len(x.heard()) == 1 }, 10*time.Second, time.Millisecond)
		x.c.Close()
	}
}

func TestDial_proxy(t *testing.T) {
	failing := func(*http.Request) (*url.URL, error) { return nil, io.ErrNoProgress }
	for _, way := range ways {
		_, err := Dial(t.Context(), "http://127.0.0.1:1/", DialConfig{Transports: way.transports, Proxy: failing})
		require.ErrorIs(t, err, io.ErrNoProgress)
	}
}
