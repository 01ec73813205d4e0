package engineio

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// old lets clients of revision 3 in.
var old = Config{Revision3: true, PingInterval: quick.PingInterval, PingTimeout: quick.PingTimeout}

// withAccept is old with an application.
func withAccept(accept func(c *Conn) Handler) Config {
	cfg := old
	cfg.Accept = accept
	return cfg
}

func TestRevision3_onlyWhereItIsAskedFor(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		s.ask(s.request("GET", "EIO=3&transport=polling", nil)).requireRejected(t, 400, 5, "Unsupported protocol version")
	})
	inBubble(t, old, func(t *testing.T, s *testServer) {
		for _, query := range []string{"", "EIO=&", "EIO=2&", "EIO=03&", "EIO=33&", "EIO=3.0&", "EIO=3%20&", "EIO=abc&"} {
			s.ask(s.request("GET", query+"transport=polling", nil)).requireRejected(t, 400, 5, "Unsupported protocol version")
			r := s.request("GET", query+"transport=websocket", nil)
			upgradeHeader(r)
			s.ask(r).requireRejected(t, 400, 5, "Unsupported protocol version")
		}
		require.Equal(t, 3, s.pollAs(as3).spy.c.Revision())
		require.Equal(t, 4, s.poll().spy.c.Revision())
		s.webAs(as3)
		require.Equal(t, 3, (<-s.accepted).c.Revision())
	})
}

// TestRevision3_staysWhatItWas at the handshake.
func TestRevision3_staysWhatItWas(t *testing.T) {
	inBubble(t, old, func(t *testing.T, s *testServer) {
		for as, others := range map[string][]string{as3: {"EIO=4&", "", "EIO=34&"}, as4: {"EIO=3&", "", "EIO=43&"}} {
			peer := s.pollAs(as)
			for _, other := range others {
				query := other + "sid=" + peer.open.SID
				s.ask(s.request("GET", query+"&transport=polling", nil)).requireRejected(t, 400, 3, "Bad request")
				r := s.request("GET", query+"&transport=websocket", nil)
				upgradeHeader(r)
				s.ask(r).requireRejected(t, 400, 3, "Bad request")
			}
			peer.spy.requireOpen(t)
		}
	})
}

func TestRevision3_handshake(t *testing.T) {
	accept := func(c *Conn) Handler {
		c.Send(text("é"), Message{Data: []byte{1}, Binary: true})
		return nil
	}
	inBubble(t, withAccept(accept), func(t *testing.T, s *testServer) {
		answer := s.ask(s.request("GET", "EIO=3&transport=polling&b64=1", nil))
		length, open, _ := strings.Cut(answer.body, ":")
		open, rest, _ := strings.Cut(open, "}")
		require.Regexp(t, `^0{"sid":"[A-Za-z0-9_-]{20,}","upgrades":\["websocket"\],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000$`, open)
		require.Equal(t, fmt.Sprint(len(open)+1), length)
		require.Equal(t, "2:4é6:b4AQ==", rest)
		require.Equal(t, "text/plain; charset=UTF-8", answer.header.Get("Content-Type"))

		peer, open3 := s.webAs(as3)
		require.Empty(t, open3.Upgrades)
		require.Equal(t, "4é", peer.next())
		require.Equal(t, "b:\x04\x01", peer.next())
	})
}

func TestRevision3_answersAsTheClientTakesThem(t *testing.T) {
	inBubble(t, old, func(t *testing.T, s *testServer) {
		for as, want := range map[string]string{as3: "\x00\x04\xff4€\x01\x03\xff\x04\x01\x02", as3Base64: "2:4€6:b4AQI="} {
			peer := s.pollAs(as)
			require.NoError(t, peer.spy.c.Send(text("€"), Message{Data: []byte{1, 2}, Binary: true}))
			answer := peer.get()
			answer.requireBody(t, want)
			require.EqualValues(t, len(want), answer.length)
			require.Equal(t, as == as3, answer.header.Get("Content-Type") == "application/octet-stream")
			synctest.Wait()
			require.Zero(t, peer.spy.c.Buffered())

			require.NoError(t, peer.spy.c.Send(text("only text")))
			answer = peer.get()
			answer.requireBody(t, "10:4only text")
			require.Equal(t, "text/plain; charset=UTF-8", answer.header.Get("Content-Type"))
		}
	})
}

func TestRevision3_postsOfEitherKind(t *testing.T) {
	inBubble(t, old, func(t *testing.T, s *testServer) {
		peer := s.pollAs(as3)
		r := s.request(http.MethodPost, peer.query(), strings.NewReader("\x00\x04\xff4€\x01\x03\xff\x04\x01\x02\x00\x06\xffb4AQ=="))
		r.Header.Set("Content-Type", "application/octet-stream")
		s.ask(r).requireBody(t, "ok")
		peer.requirePost("2:4€6:b4AQI=3:4\U0001F600")
		require.Equal(t, []string{"4€", "bAQI=", "bAQ==", "4€", "bAQI=", "4\U0001F600"}, peer.spy.heard())
	})
}

func TestRevision3_malformed(t *testing.T) {
	inBubble(t, old, func(t *testing.T, s *testServer) {
		for body, heard := range map[string][]string{
			"":                    nil,
			"4a":                  nil,
			"4a\x1e4b":            nil,
			"2:4a3:4b":            {"4a"},
			"2:4a1:9":             {"4a"},
			"2:4a999999999:4b":    {"4a"},
			"2:4a3:0{}":           {"4a"},
			"2:4a1:3":             {"4a"}, // pongs are the server's
			"2:4a8:b4!!!!!!":      {"4a"},
			"2:4a2:4\xff2:4b":     {"4a"},
			"2:4a2:4\U0001F6002:": {"4a"},
		} {
			t.Logf("%q", body)
			peer := s.pollAs(as3)
			waiting := peer.beginGet(t.Context())
			requireWaiting(t, waiting)
			peer.post(body).requireRejected(t, 400, 3, "Bad request")
			(<-waiting).requireBody(t, "1:1")
			peer.spy.requireClosed(t, ErrProtocol)
			require.Equal(t, heard, peer.spy.heard())
			peer.requireGone()
		}
		for _, frame := range []string{"", "abc", "7", "0{}", "3", "b5AQ==", "b4A"} {
			t.Logf("%q", frame)
			peer, _ := s.webAs(as3)
			peer.send(frame)
			peer.requireClosed(1002)
			(<-s.accepted).requireClosed(t, ErrProtocol)
		}
		for _, frame := range []string{"", "\x02", "4a", "\x00"} {
			peer, _ := s.webAs(as3)
			peer.sendBinary(frame)
			peer.requireClosed(1002)
			(<-s.accepted).requireClosed(t, ErrProtocol)
		}
	})
}

// TestRevision3_limit: a packet is limited as on a WebSocket.
func TestRevision3_limit(t *testing.T) {
	const limit = 3000
	sized := func(packet string) string { return fmt.Sprint(len(packet), ":", packet) }
	binary := func(n int) string { return sized("b4" + base64.StdEncoding.EncodeToString(make([]byte, n))) }
	cfg := old
	cfg.MaxPayload = limit
	inBubble(t, cfg, func(t *testing.T, s *testServer) {
		peer := s.pollAs(as3)
		text := "4" + strings.Repeat("x", limit-1)
		for _, body := range []string{sized(text), binary(limit - 1), binary(limit-2) + "2:4x", strings.Repeat("2:4x", 500)} {
			peer.requirePost(body)
		}
		require.Len(t, peer.spy.heard(), 1+1+2+500)
		for _, body := range []string{sized(text + "x"), binary(limit), "2:4x" + sized(text+"x"), strings.Repeat("2:4x", 2000)} {
			peer.post(body).requireRejected(t, 413, 3, "Payload too large")
		}
		peer.requirePost("2:4x")
		require.Len(t, peer.spy.heard(), 1+1+2+500+1)
		require.Len(t, s.log.lines("level=WARN", "limit"), 4)
	})
}

func TestRevision3_websocket(t *testing.T) {
	inBubble(t, old, func(t *testing.T, s *testServer) {
		peer, _ := s.webAs(as3)
		x := <-s.accepted
		peer.send("4", "4Grüße €")
		peer.sendBinary("\x04\x04\x00")
		peer.sendBinary("\x04")
		peer.send("b4AQI=", "5", "6", "4end") // base64 is for clients that send no bytes
		synctest.Wait()
		require.Equal(t, []string{"4", "4Grüße €", "bBAA=", "b", "bAQI=", "4end"}, x.heard())

		require.NoError(t, x.c.Send(text(""), Message{Data: []byte{4, 0}, Binary: true}, Message{Binary: true}))
		for _, want := range []string{"4", "b:\x04\x04\x00", "b:\x04"} {
			require.Equal(t, want, peer.next())
		}
		large := Message{Data: []byte(strings.Repeat("x", 2*RetainSize)), Binary: true}
		require.NoError(t, x.c.Send(large))
		require.Equal(t, "b:\x04"+string(large.Data), peer.next())
	})
}

func TestRevision3_upgrade(t *testing.T) {
	inBubble(t, old, func(t *testing.T, s *testServer) {
		peer := s.pollAs(as3Base64)
		c := peer.spy.c
		waiting := peer.beginGet(t.Context())
		requireWaiting(t, waiting)
		ws := peer.upgrade()
		ws.send("2probe")
		require.Equal(t, "3probe", ws.next())
		(<-waiting).requireBody(t, "1:6")
		peer.requirePost("7:4posted")
		require.NoError(t, c.Send(Message{Data: []byte("queued"), Binary: true}))
		ws.send("5", "4hello")
		require.Equal(t, "b:\x04queued", ws.next())
		synctest.Wait()
		require.Equal(t, []string{"4posted", "4hello"}, peer.spy.heard())
		require.Equal(t, "websocket", c.Transport())
		ws.send("2")
		require.Equal(t, "3", ws.next())
	})
}

// TestRevision3_theClientPings, and as long as it does it is there.
func TestRevision3_theClientPings(t *testing.T) {
	inBubble(t, old, func(t *testing.T, s *testServer) {
		poll := s.pollAs(as3)
		web, _ := s.webAs(as3)
		x := <-s.accepted
		for range 5 {
			time.Sleep(499 * time.Millisecond)
			poll.requirePost("1:2")
			poll.get().requireBody(t, "1:3")
			web.send("2")
			require.Equal(t, "3", web.next())
		}
		poll.spy.requireOpen(t)
		x.requireOpen(t)

		// Then they are away, without a word.
		waiting := poll.beginGet(t.Context())
		start := time.Now()
		(<-waiting).requireBody(t, "1:1")
		require.Equal(t, 500, since(start))
		web.requireClosed(1000)
		require.Equal(t, 500, since(start))
		poll.spy.requireClosed(t, ErrPingTimeout)
		x.requireClosed(t, ErrPingTimeout)
		poll.requireGone()
	})
}

// TestRevision3_pingsMakeNoQueueGrow: a client that does nothing but ping, and
// fetches nothing, has one answer waiting.
func TestRevision3_pingsMakeNoQueueGrow(t *testing.T) {
	inBubble(t, old, func(t *testing.T, s *testServer) {
		peer := s.pollAs(as3)
		for range 3 {
			peer.requirePost(strings.Repeat("1:2", 100_000))
		}
		synctest.Wait()
		require.Equal(t, 1, peer.spy.c.Buffered())
		require.NoError(t, peer.spy.c.Send(text("x")))
		peer.requirePost("1:2")
		peer.get().requireBody(t, "1:32:4x1:3")
	})
}

func TestRevision3_closedByTheServer(t *testing.T) {
	inBubble(t, old, func(t *testing.T, s *testServer) {
		peer := s.pollAs(as3)
		require.NoError(t, peer.spy.c.Send(text("last")))
		peer.spy.c.Close()
		peer.get().requireBody(t, "5:4last")
		peer.get().requireBody(t, "1:1")
		peer.spy.requireClosed(t, ErrClosed)
	})
}

// script is what a page has a script ask, and form what a form of it posts.
func (s *testServer) script(query, referer string) reply {
	r := s.request(http.MethodGet, query, nil)
	r.Header.Set("Referer", referer)
	return s.ask(r)
}

func (p *pollPeer) form(payload, referer string) reply {
	r := p.s.request(http.MethodPost, p.query(), strings.NewReader(url.Values{"d": {payload}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Referer", referer)
	return p.s.ask(r)
}

func TestJSONP_conversation(t *testing.T) {
	inBubble(t, old, func(t *testing.T, s *testServer) {
		page := s.url + "/page.html"
		answer := s.script("EIO=3&transport=polling&j=7", page)
		require.Equal(t, "text/javascript; charset=UTF-8", answer.header.Get("Content-Type"))
		x := <-s.accepted
		open := fmt.Sprintf(`{\"sid\":\"%s\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000000}`, x.c.ID())
		answer.requireBody(t, fmt.Sprintf(`___eio[7]("%d:0%s");`, 1+len(strings.ReplaceAll(open, `\`, "")), open))

		peer := &pollPeer{s: s, t: t, as: "EIO=3&j=7", open: handshake{SID: x.c.ID()}, spy: x}
		require.NoError(t, x.c.Send(text("\"\\\u2028\u2029\n\r"), Message{Data: []byte{1, 2}, Binary: true}))
		s.script(peer.query(), page).requireBody(t, `___eio[7]("7:4\"\\\u2028\u2029\n\r6:b4AQI=");`)

		// A line feed comes as \n, and what looks like that as \\n.
		peer.form(`6:4a&=é+`, page).requireBody(t, "ok")
		peer.form(`2:4\n`, page).requireBody(t, "ok")
		peer.form(`3:4\\n4:4\\\n6:b4AQI=`, page).requireBody(t, "ok")
		require.Equal(t, []string{"4a&=é+", "4\n", `4\n`, `4\\n`, "bAQI="}, x.heard())
		peer.form("", page).requireRejected(t, 400, 3, "Bad request")
		x.requireClosed(t, ErrProtocol)
	})
}

func TestJSONP_functionIsANumber(t *testing.T) {
	inBubble(t, old, func(t *testing.T, s *testServer) {
		answer := s.script("EIO=3&transport=polling&j="+url.QueryEscape(`1](alert("x"))//2`), s.url)
		require.Equal(t, `___eio[12]("`, answer.body[:len(`___eio[12]("`)])
	})
}

// TestJSONP_pagesOfOthers: a script's request says nothing of its origin, and its
// answer may be read by any page.
func TestJSONP_pagesOfOthers(t *testing.T) {
	cfg := old
	cfg.CheckOrigin = func(r *http.Request) error {
		if r.Header.Get("Origin") == "https://friend.example:8443" {
			return nil
		}
		return errors.New("not a friend")
	}
	inBubble(t, cfg, func(t *testing.T, s *testServer) {
		const query = "EIO=3&transport=polling&j=0"
		require.Equal(t, http.StatusOK, s.script(query, "https://friend.example:8443/a/page?x").status)
		for _, referer := range []string{"", "friend.example:8443", "/page", "about:blank", "::"} {
			s.script(query, referer).requireRejected(t, 403, 4, "polling by scripts needs a Referer")
		}
		for _, referer := range []string{"https://friend.example/", "http://friend.example:8443", "https://evil.example/https://friend.example:8443"} {
			s.script(query, referer).requireRejected(t, 403, 4, "not a friend")
		}
		r := s.request(http.MethodGet, query, nil)
		r.Header.Set("Referer", "https://friend.example:8443/")
		r.Header.Set("Origin", "https://evil.example")
		s.ask(r).requireRejected(t, 403, 4, "not a friend")

		// To revision 4 such a parameter says nothing.
		require.Equal(t, http.StatusOK, s.ask(s.request("GET", "EIO=4&transport=polling&j=0", nil)).status)
	})
}

func TestJSONP_limit(t *testing.T) {
	cfg := old
	cfg.MaxPayload = 3000
	inBubble(t, cfg, func(t *testing.T, s *testServer) {
		s.script("EIO=3&transport=polling&j=0", s.url)
		x := <-s.accepted
		peer := &pollPeer{s: s, t: t, as: "EIO=3&j=0", open: handshake{SID: x.c.ID()}, spy: x}
		quotes := strings.Repeat(`"`, 2999) // three bytes each in a form
		peer.form("3000:4"+quotes, s.url).requireBody(t, "ok")
		peer.form("3001:4"+quotes+`"`, s.url).requireRejected(t, 413, 3, "Payload too large")
		peer.form(strings.Repeat("x", 20_000), s.url).requireRejected(t, 413, 3, "Payload too large")
		peer.form("2:4x", s.url).requireBody(t, "ok")
		require.Len(t, x.heard(), 2)
	})
}
