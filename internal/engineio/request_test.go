package engineio

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// upgradeHeader makes a request ask for a WebSocket.
func upgradeHeader(r *http.Request) {
	r.Header.Set("Connection", "keep-alive, Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
}

func TestRequest_refused(t *testing.T) {
	const (
		transport = `0 Transport unknown`
		session   = `1 Session ID unknown`
		method    = `2 Bad handshake method`
		request   = `3 Bad request`
		version   = `5 Unsupported protocol version`
	)
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		live := s.poll()
		_, web := s.web()
		for _, each := range []struct {
			method, query string
			upgrade       bool
			want          string
		}{
			{"GET", "", false, transport},
			{"GET", "EIO=4", false, transport},
			{"GET", "EIO=4&transport=", false, transport},
			{"GET", "EIO=4&transport=Polling", false, transport},
			{"GET", "EIO=4&transport=webtransport", true, transport},
			{"GET", "EIO=4&transport=nope&sid=nope", false, transport},
			{"POST", "EIO=abc&transport=nope", false, transport},

			{"GET", "EIO=4&transport=polling&sid=nope", false, session},
			{"GET", "EIO=4&transport=polling&sid=", false, session},
			{"POST", "EIO=4&transport=polling&sid=nope", false, session},
			{"GET", "EIO=4&transport=websocket&sid=nope", true, session},
			{"GET", "EIO=3&transport=polling&sid=nope", false, session},

			{"POST", "EIO=4&transport=polling", false, method},
			{"PUT", "EIO=4&transport=polling", false, method},
			{"DELETE", "EIO=4&transport=websocket", false, method},
			{"POST", "EIO=3&transport=polling", false, method},

			{"GET", "EIO=4&transport=websocket", false, request},
			{"GET", "EIO=3&transport=websocket", false, request},
			{"GET", "EIO=4&transport=websocket&sid=" + live.open.SID, false, request},
			{"GET", "EIO=3&transport=polling&sid=" + live.open.SID, false, request},
			{"GET", "transport=polling&sid=" + live.open.SID, false, request},
			{"GET", "EIO=3&transport=websocket&sid=" + live.open.SID, true, request},
			{"PUT", "EIO=4&transport=polling&sid=" + live.open.SID, false, request},
			{"GET", "EIO=4&transport=polling&sid=" + web.SID, false, request},
			{"POST", "EIO=4&transport=polling&sid=" + web.SID, false, request},

			{"GET", "transport=polling", false, version},
			{"GET", "EIO=&transport=polling", false, version},
			{"GET", "EIO=3&transport=polling", false, version},
			{"GET", "EIO=04&transport=polling", false, version},
			{"GET", "EIO=4.0&transport=polling", false, version},
			{"GET", "EIO=abc&transport=polling", false, version},
			{"GET", "EIO=abc&transport=websocket", true, version},
			{"GET", "transport=websocket", true, version},
		} {
			t.Log(each.method, each.query)
			r := s.request(each.method, each.query, nil)
			if each.upgrade {
				upgradeHeader(r)
			}
			s.ask(r).requireRejected(t, 400, int(each.want[0]-'0'), each.want[2:])
		}
		live.requirePost("4still here")
		require.Equal(t, 2, s.Conns())
	})
}

func TestRequest_badWebsocketHandshake(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		r := s.request("GET", "EIO=4&transport=websocket", nil)
		upgradeHeader(r)
		r.Header.Set("Sec-WebSocket-Version", "8")
		answer := s.ask(r)
		answer.requireRejected(t, 400, 3, "Bad request")
		require.Equal(t, "13", answer.header.Get("Sec-WebSocket-Version"))

		r = s.request("GET", "EIO=4&transport=websocket", nil)
		upgradeHeader(r)
		r.Header.Set("Sec-WebSocket-Key", "short")
		s.ask(r).requireRejected(t, 400, 3, "Bad request")
		require.Zero(t, s.Conns())
	})
}

func TestRequest_transportNotOffered(t *testing.T) {
	inBubble(t, Config{Transports: []string{"polling"}}, func(t *testing.T, s *testServer) {
		require.Empty(t, s.poll().open.Upgrades)
		r := s.request("GET", "EIO=4&transport=websocket", nil)
		upgradeHeader(r)
		s.ask(r).requireRejected(t, 400, 0, "Transport unknown")
	})
	inBubble(t, Config{Transports: []string{"websocket"}}, func(t *testing.T, s *testServer) {
		s.web()
		s.ask(s.request("GET", "EIO=4&transport=polling", nil)).requireRejected(t, 400, 0, "Transport unknown")
	})
}

func TestRequest_parametersInAnyOrderAndUnknownOnes(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		for _, query := range []string{"transport=polling&EIO=4", "t=abc&b64=1&EIO=4&x=%20&transport=polling&token=%26"} {
			answer := s.ask(s.request("GET", query, nil))
			require.Equal(t, http.StatusOK, answer.status, answer.body)
		}
		x := <-s.accepted
		require.Equal(t, "polling", x.c.Request().URL.Query().Get("transport"))
		x = <-s.accepted
		require.Equal(t, "&", x.c.Request().URL.Query().Get("token"))
	})
}

func TestRequest_refusedByTheApplication(t *testing.T) {
	allow := func(r *http.Request) error {
		if r.URL.Query().Get("token") != "right" {
			return errors.New("wrong token")
		}
		return nil
	}
	inBubble(t, Config{Allow: allow}, func(t *testing.T, s *testServer) {
		s.ask(s.request("GET", "EIO=4&transport=polling", nil)).requireRejected(t, 403, 4, "wrong token")
		r := s.request("GET", "EIO=4&transport=websocket", nil)
		upgradeHeader(r)
		s.ask(r).requireRejected(t, 403, 4, "wrong token")
		require.Equal(t, 200, s.ask(s.request("GET", "EIO=4&transport=polling&token=right", nil)).status)

		// The check is of the handshake only.
		peer := &pollPeer{s: s, t: t, as: as4, open: handshake{SID: (<-s.accepted).c.ID()}}
		peer.requirePost("4x")
	})
}

func TestRequest_tooManyConnections(t *testing.T) {
	inBubble(t, Config{MaxConns: 2}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		s.web()
		s.ask(s.request("GET", "EIO=4&transport=polling", nil)).requireRejected(t, 503, 4, "Too many connections")
		r := s.request("GET", "EIO=4&transport=websocket", nil)
		upgradeHeader(r)
		s.ask(r).requireRejected(t, 503, 4, "Too many connections")
		require.Len(t, s.log.lines("level=WARN", "limit=2"), 2)

		peer.requirePost("1")
		s.poll()
	})
}

func TestHandshake_polling(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		answer := s.ask(s.request("GET", "EIO=4&transport=polling", nil))
		id := (<-s.accepted).c.ID()
		require.Regexp(t, `^[A-Za-z0-9_-]{20,}$`, id)
		answer.requireBody(t, fmt.Sprintf(`0{"sid":"%s","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`, id))
		require.Equal(t, "text/plain; charset=UTF-8", answer.header.Get("Content-Type"))
		require.Equal(t, "no-store", answer.header.Get("Cache-Control"))
		require.EqualValues(t, len(answer.body), answer.length)
	})
}

func TestHandshake_websocket(t *testing.T) {
	inBubble(t, Config{MaxPayload: 5 << 20}, func(t *testing.T, s *testServer) {
		first := s.connect("").next()
		id := (<-s.accepted).c.ID()
		require.Equal(t, fmt.Sprintf(`0{"sid":"%s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":5242880}`, id), first)
	})
}

func TestHandshake_whatAcceptSendsFollows(t *testing.T) {
	accept := func(c *Conn) Handler {
		c.Send(text("one"), Message{Data: []byte{1}, Binary: true})
		return nil
	}
	inBubble(t, Config{Accept: accept}, func(t *testing.T, s *testServer) {
		answer := s.ask(s.request("GET", "EIO=4&transport=polling", nil))
		require.True(t, strings.HasSuffix(answer.body, "}\x1e4one\x1ebAQ=="), answer.body)

		peer, _ := s.web()
		require.Equal(t, "4one", peer.next())
		require.Equal(t, "b:\x01", peer.next())
	})
}

// TestHandshake_sessionIsKnownBeforeTheAnswer: a client may use the id as soon
// as it has it.
func TestHandshake_sessionIsKnownBeforeTheAnswer(t *testing.T) {
	early := make(chan reply, 1)
	var s *testServer
	accept := func(c *Conn) Handler {
		peer := &pollPeer{s: s, as: as4, open: handshake{SID: c.ID()}}
		go func() { early <- peer.post("4x") }()
		return nil
	}
	inBubble(t, Config{Accept: accept}, func(t *testing.T, server *testServer) {
		s = server
		s.poll()
		(<-early).requireBody(t, "ok")
	})
}
