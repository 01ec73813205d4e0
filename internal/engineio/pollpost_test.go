package engineio

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPost_deliversInOrderBeforeTheAnswer(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		var sent []string
		for i := range 1000 {
			sent = append(sent, fmt.Sprint("4", i), "b"+base64.StdEncoding.EncodeToString([]byte{byte(i)}))
		}
		answer := peer.post(strings.Join(sent, "\x1e"))
		require.Equal(t, sent, peer.spy.heard())
		answer.requireBody(t, "ok")
		require.Equal(t, "text/html", answer.header.Get("Content-Type"))
		require.Equal(t, "no-store", answer.header.Get("Cache-Control"))
		require.EqualValues(t, 2, answer.length)
	})
}

func TestPost_anyTextType(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		for _, contentType := range []string{"", "text/plain", "text/plain;charset=UTF-8", "application/json", "not a type"} {
			r := s.request(http.MethodPost, peer.query(), strings.NewReader("4é"))
			r.Header.Set("Content-Type", contentType)
			s.ask(r).requireBody(t, "ok")
		}
		require.Equal(t, []string{"4é", "4é", "4é", "4é", "4é"}, peer.spy.heard())
	})
}

func TestPost_octetStream(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		for _, contentType := range []string{"application/octet-stream", "Application/Octet-Stream; x=y"} {
			peer := s.poll()
			r := s.request(http.MethodPost, peer.query(), strings.NewReader("4x"))
			r.Header.Set("Content-Type", contentType)
			s.ask(r).requireRejected(t, 400, 3, "Bad request")
			synctest.Wait()
			require.Empty(t, peer.spy.heard())
			peer.spy.requireClosed(t, ErrProtocol)
			peer.requireGone()
		}
	})
}

func TestPost_malformed(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		for body, heard := range map[string][]string{
			"":                  nil,
			"\x1e":              nil,
			"abc":               nil,
			"7":                 nil,
			"4a\x1e":            {"4a"},
			"4a\x1e\x1e4b":      {"4a"},
			"4a\x1e9\x1e4b":     {"4a"},
			"4a\x1ebAQ\x1e4b":   {"4a"},
			"4a\x1eb!!!!\x1e4b": {"4a"},
			"4a\x1e4\xff":       {"4a"},
			"0{}":               nil, // open is the server's word
			"4a\x1e2":           {"4a"},
			"2probe":            nil,
		} {
			t.Logf("%q", body)
			peer := s.poll()
			waiting := peer.beginGet(t.Context())
			requireWaiting(t, waiting)
			peer.post(body).requireRejected(t, 400, 3, "Bad request")
			(<-waiting).requireBody(t, "1")
			synctest.Wait()
			require.Equal(t, heard, peer.spy.heard())
			peer.spy.requireClosed(t, ErrProtocol)
			peer.requireGone()
		}
		require.NotEmpty(t, s.log.lines("level=DEBUG", "connection ended", "remote=pipe", `packet type '9'`))
	})
}

func TestPost_wordsWithoutMeaningAreIgnored(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		peer.requirePost("6\x1e5\x1e3\x1e4a")
		require.Equal(t, []string{"4a"}, peer.spy.heard())
	})
}

// TestPost_limit: a packet is limited as on a WebSocket, and the body to what
// the largest of them needs in base64. Whatever is refused is refused whole,
// and the session goes on.
func TestPost_limit(t *testing.T) {
	const limit = 3000
	binary := func(n int) string { return "b" + base64.StdEncoding.EncodeToString(make([]byte, n)) }
	inBubble(t, Config{MaxPayload: limit}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		text := "4" + strings.Repeat("x", limit-1)
		for _, body := range []string{text, binary(limit), binary(limit - 1), binary(limit - 2), binary(limit) + "\x1e4" + strings.Repeat("x", 1021)} {
			peer.requirePost(body)
		}
		require.Len(t, peer.spy.heard(), 6)
		for _, body := range []string{
			text + "x",
			binary(limit + 1),
			"4first\x1e" + text + "x",
			binary(limit) + "\x1e4" + strings.Repeat("x", 1022),
			strings.Repeat("4x\x1e", limit) + "4x",
		} {
			peer.post(body).requireRejected(t, 413, 3, "Payload too large")
			peer.requirePost("4still here")
			require.Equal(t, "4still here", peer.spy.heard()[len(peer.spy.heard())-1])
		}
		require.Len(t, peer.spy.heard(), 6+5)
		require.Len(t, s.log.lines("level=WARN", "limit"), 5)
	})
}

func TestPost_limitOfABodyThatAnnouncesNothing(t *testing.T) {
	inBubble(t, Config{MaxPayload: 1000}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		body := io.LimitReader(zeros{}, 1<<40)
		s.ask(s.request(http.MethodPost, peer.query(), body)).requireRejected(t, 413, 3, "Payload too large")
		peer.requirePost("4still here")
	})
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// TestPost_announcedLengthCostsNothing: memory follows what comes.
func TestPost_announcedLengthCostsNothing(t *testing.T) {
	inBubble(t, Config{MaxPayload: 1 << 40}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		post := peer.beginPost(1 << 40)
		post.write("4x")
		requireWaiting(t, post.answered)
		peer.spy.c.fail(ErrClosed)
		(<-post.answered).requireRejected(t, 400, 3, "Bad request")
	})
}

func TestPost_secondOneEndsTheConnection(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		first := peer.beginPost(5)
		first.write("4a")
		requireWaiting(t, first.answered)
		peer.post("4b").requireRejected(t, 400, 3, "Bad request")
		(<-first.answered).requireRejected(t, 400, 3, "Bad request")
		peer.spy.requireClosed(t, ErrProtocol)
		require.Empty(t, peer.spy.heard())
		peer.requireGone()
	})
}

func TestPost_brokenOff(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		post := peer.beginPost(10)
		post.write("4a\x1e4b")
		requireWaiting(t, post.answered)
		post.nc.Close()
		peer.spy.requireClosed(t, ErrPeerClosed)
		require.Empty(t, peer.spy.heard())
		peer.requireGone()
	})
}

// TestPost_endsWithItsSession: a client that keeps a POST open keeps nothing
// of ours.
func TestPost_endsWithItsSession(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		post := peer.beginPost(10)
		post.write("4a")
		start := time.Now()
		(<-post.answered).requireRejected(t, 400, 3, "Bad request")
		require.Equal(t, DefaultPingInterval+DefaultPingTimeout, time.Since(start))
		peer.spy.requireClosed(t, ErrPingTimeout)
	})
}
