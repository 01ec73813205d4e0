package websocket

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// startEcho starts an HTTP server that upgrades and sends everything back. It
// ends with the test, after its connections.
func startEcho(t *testing.T, opts Options, start func(*httptest.Server)) *httptest.Server {
	var conns sync.WaitGroup
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Greeting", "hello")
		c, err := Upgrade(w, r, opts)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		conns.Go(func() {
			for range read(t, c, echo(t, c)).messages {
			}
		})
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	start(s)
	t.Cleanup(func() {
		s.Close()
		conns.Wait()
	})
	return s
}

const (
	// The example of RFC 6455, 1.3.
	exampleKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	exampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

	goodRequest = "GET /x HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + exampleKey + "\r\n" +
		"Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
)

// ask sends a request as it is and reads the head of the answer.
func ask(t *testing.T, s *httptest.Server, request string) (*http.Response, *peer) {
	nc, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { nc.Close() })
	_, err = io.WriteString(nc, request)
	require.NoError(t, err)
	p := newPeer(t, nc, aMask)
	resp, err := http.ReadResponse(p.br, nil)
	require.NoError(t, err)
	return resp, p
}

func TestUpgrade_answer(t *testing.T) {
	s := startEcho(t, roomy, (*httptest.Server).Start)
	resp, p := ask(t, s, goodRequest)
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	require.Equal(t, http.Header{
		"Upgrade":              {"websocket"},
		"Connection":           {"Upgrade"},
		"Sec-Websocket-Accept": {exampleAccept},
		"X-Greeting":           {"hello"},
	}, resp.Header)
	p.send(frame{aText, "a", ""})
	require.Equal(t, frame{aText, "a", ""}, p.receive())
}

// A client may send before it has the answer.
func TestUpgrade_earlyFrames(t *testing.T) {
	s := startEcho(t, roomy, (*httptest.Server).Start)
	long := frame{aBinary, strings.Repeat("l", 3*fullBuffer), aMask}
	resp, p := ask(t, s, goodRequest+string(frame{aText, "early", aMask}.bytes())+string(long.bytes()))
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	require.Equal(t, frame{aText, "early", ""}, p.receive())
	require.Equal(t, long.payload, p.receive().payload)
}

func TestUpgrade_refuses(t *testing.T) {
	s := startEcho(t, roomy, (*httptest.Server).Start)
	for _, c := range []struct {
		name, from, to string
		err            error
	}{
		{"POST", "GET", "POST", errNotUpgrade},
		{"HTTP/1.0", "HTTP/1.1", "HTTP/1.0", errNotUpgrade},
		{"no Upgrade", "Upgrade: WebSocket\r\n", "", errNotUpgrade},
		{"another protocol", "Upgrade: WebSocket", "Upgrade: h2c", errNotUpgrade},
		{"no Connection", "Connection: keep-alive, Upgrade\r\n", "", errNotUpgrade},
		{"another Connection", "keep-alive, Upgrade", "keep-alive, NoUpgrade", errNotUpgrade},
		{"no version", "Sec-WebSocket-Version: 13\r\n", "", errVersion},
		{"old version", "Version: 13", "Version: 8", errVersion},
		{"no key", "Sec-WebSocket-Key: " + exampleKey + "\r\n", "", errKey},
		{"short key", exampleKey, "c2hvcnQ=", errKey},
		{"key not base64", exampleKey, "!" + exampleKey[1:], errKey},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Contains(t, goodRequest, c.from)
			resp, _ := ask(t, s, strings.Replace(goodRequest, c.from, c.to, 1))
			require.Equal(t, http.StatusBadRequest, resp.StatusCode)
			body := make([]byte, len(c.err.Error()))
			_, err := io.ReadFull(resp.Body, body)
			require.NoError(t, err)
			require.Equal(t, c.err.Error(), string(body))
			if errors.Is(c.err, errVersion) {
				require.Equal(t, "13", resp.Header.Get("Sec-WebSocket-Version"))
			}
		})
	}
}

// A ResponseWriter that cannot be taken over is still good for an answer.
func TestUpgrade_withoutHijack(t *testing.T) {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(goodRequest)))
	require.NoError(t, err)
	w := httptest.NewRecorder()
	_, err = Upgrade(w, r, roomy)
	require.ErrorIs(t, err, http.ErrNotSupported)
	require.Empty(t, w.Body.String())
}

// roundTrip sends a message over a connection to an echo and closes it.
func roundTrip(t *testing.T, c *Conn) {
	r := read(t, c, nil)
	require.NoError(t, c.Send(Message{Op: Text, Data: []byte("there and back")}))
	require.Equal(t, message{Text, "there and back"}, r.next())
	c.Close(StatusNormal, "")
	require.Equal(t, ErrClosed, r.end())
}

func TestDial_schemes(t *testing.T) {
	plain := startEcho(t, roomy, (*httptest.Server).Start)
	secure := startEcho(t, roomy, (*httptest.Server).StartTLS)
	pool := secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	d := Dialer{Options: roomy, TLS: &tls.Config{RootCAs: pool, NextProtos: []string{"h2"}}}
	for _, u := range []string{
		plain.URL, strings.Replace(plain.URL, "http", "ws", 1),
		secure.URL, strings.Replace(secure.URL, "https", "wss", 1),
	} {
		c, err := d.Dial(t.Context(), u+"/path/?a=b")
		require.NoError(t, err, u)
		require.Equal(t, plain.Listener.Addr().Network(), c.RemoteAddr().Network())
		roundTrip(t, c)
	}

	_, err := (&Dialer{Options: roomy}).Dial(t.Context(), secure.URL)
	require.ErrorContains(t, err, "certificate")
	_, err = d.Dial(t.Context(), "ftp://user:secret@127.0.0.1/")
	require.ErrorContains(t, err, "unsupported scheme")
	require.NotContains(t, err.Error(), "secret")
	_, err = d.Dial(t.Context(), "http://[::1")
	require.Error(t, err)
}

// Large messages and an abrupt end, over TLS.
func TestDial_secure(t *testing.T) {
	s := startEcho(t, roomy, (*httptest.Server).StartTLS)
	d := Dialer{Options: roomy, TLS: s.Client().Transport.(*http.Transport).TLSClientConfig}
	c, err := d.Dial(t.Context(), s.URL)
	require.NoError(t, err)
	r := read(t, c, nil)
	large := strings.Repeat("L", roomy.MaxMessage)
	require.NoError(t, c.Send(Message{Op: Text, Data: []byte(large)}))
	require.Equal(t, message{Text, large}, r.next())
	reason := errors.New("enough")
	c.Abort(reason)
	require.Equal(t, reason, r.end())
}

func TestDial_request(t *testing.T) {
	var got *http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.WriteHeader(http.StatusForbidden)
	}))
	defer s.Close()
	header := http.Header{"Host": {"other.example"}, "X-Token": {"t"}, "Upgrade": {"overwritten"}}
	d := Dialer{Options: roomy, Header: header}
	withUser := strings.Replace(s.URL, "http://", "http://me:secret@", 1)
	_, err := d.Dial(t.Context(), withUser+"/a/b/?EIO=4")
	require.Error(t, err)
	require.Equal(t, "/a/b/?EIO=4", got.RequestURI)
	require.Equal(t, "other.example", got.Host)
	require.Equal(t, "t", got.Header.Get("X-Token"))
	require.Equal(t, []string{"websocket"}, got.Header.Values("Upgrade"))
	user, password, _ := got.BasicAuth()
	require.Equal(t, []string{"me", "secret"}, []string{user, password})
	require.True(t, IsUpgrade(got))
	require.Equal(t, http.Header{"Host": {"other.example"}, "X-Token": {"t"}, "Upgrade": {"overwritten"}}, header)

	d.Header = http.Header{"Authorization": {"Bearer x"}}
	_, err = d.Dial(t.Context(), withUser)
	require.Error(t, err)
	require.Equal(t, []string{"Bearer x"}, got.Header.Values("Authorization"))
}

// answering starts a server that answers every connection's request with the
// same words, with the accepted key for ACCEPT, and then holds it open.
func answering(t *testing.T, words string) (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var running sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	running.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer nc.Close()
				r, err := http.ReadRequest(bufio.NewReader(nc))
				if err != nil {
					return
				}
				accept := acceptKey(r.Header.Get("Sec-WebSocket-Key"))
				io.WriteString(nc, strings.ReplaceAll(words, "ACCEPT", accept))
				io.Copy(io.Discard, nc)
			})
		}
	})
	return "http://" + l.Addr().String()
}

const goodAnswer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Accept: ACCEPT\r\n\r\n"

// A server may send behind its answer in the same segment.
func TestDial_earlyFrames(t *testing.T) {
	d := Dialer{Options: roomy}
	c, err := d.Dial(t.Context(), answering(t, goodAnswer+string(frame{aText, "early", ""}.bytes())))
	require.NoError(t, err)
	r := read(t, c, nil)
	require.Equal(t, message{Text, "early"}, r.next())
	c.Abort(ErrClosed)
	r.end()
}

func TestDial_badAnswers(t *testing.T) {
	d := Dialer{Options: roomy}
	for _, c := range []struct{ name, answer, err string }{
		{"wrong accept", strings.Replace(goodAnswer, "ACCEPT", exampleAccept, 1), "no WebSocket handshake"},
		{"no upgrade", strings.Replace(goodAnswer, "Upgrade: websocket\r\n", "", 1), "no WebSocket handshake"},
		{"no connection", strings.Replace(goodAnswer, "Connection: Upgrade\r\n", "", 1), "no WebSocket handshake"},
		{"extension", strings.Replace(goodAnswer, "\r\n\r\n", "\r\nSec-WebSocket-Extensions: x\r\n\r\n", 1), "not offered"},
		{"subprotocol", strings.Replace(goodAnswer, "\r\n\r\n", "\r\nSec-WebSocket-Protocol: x\r\n\r\n", 1), "not offered"},
		{"no HTTP", "SSH-2.0-OpenSSH\r\n", "malformed HTTP"},
		{"head without end", "HTTP/1.1 101 Yes\r\n" + strings.Repeat("X-Filler: filler\r\n", maxAnswer), "EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := d.Dial(t.Context(), answering(t, c.answer))
			require.ErrorContains(t, err, c.err)
		})
	}
}

func TestDial_refused(t *testing.T) {
	d := Dialer{Options: roomy}
	const head = "HTTP/1.1 403 Forbidden\r\nContent-Length: "
	long := strings.Repeat("b", maxRefusal)
	for _, c := range []struct {
		name, answer string
		want         HandshakeError
	}{
		{"with a body", head + "2\r\n\r\nno", HandshakeError{403, "no"}},
		{"with a long body", head + "2000\r\n\r\n" + long + strings.Repeat("c", 976), HandshakeError{403, long}},
		{"with a body that does not end", head + "999999\r\n\r\n" + long, HandshakeError{403, long}},
		{"OK is no upgrade", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", HandshakeError{200, ""}},
		{"redirect", "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", HandshakeError{302, ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := d.Dial(t.Context(), answering(t, c.answer))
			require.Equal(t, &c.want, err)
		})
	}
}

func TestDial_unreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l.Close()
	_, err = (&Dialer{}).Dial(t.Context(), "http://"+l.Addr().String())
	require.ErrorAs(t, err, new(*net.OpError))
}

// A server that says nothing is left when the context ends, at each stage.
func TestDial_contextEnds(t *testing.T) {
	silent := answering(t, "")
	for name, d := range map[string]Dialer{
		"before the answer": {},
		"in the proxy":      {Proxy: http.ProxyURL(must(url.Parse(silent)))},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			d.Connect = func(ctx context.Context, network, addr string) (net.Conn, error) {
				defer time.AfterFunc(10*time.Millisecond, func() { cancel(errors.New("enough")) })
				return new(net.Dialer).DialContext(ctx, network, addr)
			}
			_, err := d.Dial(ctx, silent)
			require.ErrorIs(t, err, context.Canceled)
		})
	}
	t.Run("in TLS", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := (&Dialer{}).Dial(ctx, strings.Replace(silent, "http", "https", 1))
		require.Error(t, err)
	})
	t.Run("in the refusal", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := (&Dialer{}).Dial(ctx, answering(t, "HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nno"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
	t.Run("and does not bound what comes after", func(t *testing.T) {
		s := startEcho(t, roomy, (*httptest.Server).Start)
		ctx, cancel := context.WithCancel(t.Context())
		c, err := (&Dialer{Options: roomy}).Dial(ctx, s.URL)
		require.NoError(t, err)
		cancel()
		roundTrip(t, c)
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// startProxy starts a proxy that connects for whoever has the password.
func startProxy(t *testing.T) *httptest.Server {
	var tunnels sync.WaitGroup
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Header.Get("Proxy-Authorization") != "Basic bWU6c2VjcmV0" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		target, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		client, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
		for _, way := range [][2]net.Conn{{client, target}, {target, client}} {
			tunnels.Go(func() {
				io.Copy(way[0], way[1])
				way[0].Close()
			})
		}
	}))
	t.Cleanup(func() {
		s.Close()
		tunnels.Wait()
	})
	return s
}

func TestDial_proxy(t *testing.T) {
	plain := startEcho(t, roomy, (*httptest.Server).Start)
	secure := startEcho(t, roomy, (*httptest.Server).StartTLS)
	proxy := startProxy(t)
	through := func(proxy string) *Dialer {
		return &Dialer{
			Options: roomy,
			TLS:     secure.Client().Transport.(*http.Transport).TLSClientConfig,
			Proxy:   http.ProxyURL(must(url.Parse(proxy))),
		}
	}
	withUser := strings.Replace(proxy.URL, "http://", "http://me:secret@", 1)
	for _, target := range []string{plain.URL, secure.URL} {
		c, err := through(withUser).Dial(t.Context(), target)
		require.NoError(t, err)
		roundTrip(t, c)

		_, err = through(proxy.URL).Dial(t.Context(), target)
		require.ErrorContains(t, err, "407 Proxy Authentication Required")
		_, err = through("socks5://me:secret@127.0.0.1:1").Dial(t.Context(), target)
		require.ErrorContains(t, err, "unsupported proxy")
		require.NotContains(t, err.Error(), "secret")
		_, err = through(answering(t, "?\r\n")).Dial(t.Context(), target)
		require.ErrorContains(t, err, "malformed HTTP")
	}
	failing := &Dialer{Proxy: func(*http.Request) (*url.URL, error) { return nil, io.ErrNoProgress }}
	_, err := failing.Dial(t.Context(), plain.URL)
	require.ErrorIs(t, err, io.ErrNoProgress)
}

func TestHostPort(t *testing.T) {
	for in, want := range map[string]string{
		"http://a": "a:80", "https://a": "a:443", "http://a:1": "a:1", "https://[::1]": "[::1]:443", "http://[::1]:5": "[::1]:5",
	} {
		require.Equal(t, want, hostPort(must(url.Parse(in))))
	}
}
