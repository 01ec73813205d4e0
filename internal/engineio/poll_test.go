package engineio

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// requireWaiting fails if the request was answered although nothing moves any
// more.
func requireWaiting(t *testing.T, answered <-chan reply) {
	t.Helper()
	synctest.Wait()
	select {
	case answer := <-answered:
		require.Fail(t, "answered already", "%+v", answer)
	default:
	}
}

func TestGet_waitsForAMessage(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		answered := peer.beginGet(t.Context())
		requireWaiting(t, answered)
		require.NoError(t, peer.spy.c.Send(text("one"), text("two")))
		(<-answered).requireBody(t, "4one\x1e4two")

		answered = peer.beginGet(t.Context())
		requireWaiting(t, answered)
		require.NoError(t, peer.spy.c.Send(text("three")))
		(<-answered).requireBody(t, "4three")
	})
}

func TestGet_takesAllThatIsQueued(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		c := peer.spy.c
		synctest.Wait() // the handshake has been written
		require.NoError(t, c.Send(text("Grüße €"), text("")))
		require.NoError(t, c.Send(Message{Data: []byte{1, 2, 3, 4}, Binary: true}, Message{Binary: true}))
		require.Equal(t, 12+1+9+1, c.Buffered())
		answer := peer.get()
		answer.requireBody(t, "4Grüße €\x1e4\x1ebAQIDBA==\x1eb")
		require.Equal(t, "text/plain; charset=UTF-8", answer.header.Get("Content-Type"))
		require.Equal(t, "no-store", answer.header.Get("Cache-Control"))
		require.EqualValues(t, len(answer.body), answer.length)
		synctest.Wait()
		require.Zero(t, c.Buffered())
		require.Equal(t, "polling", c.Transport())
	})
}

// TestGet_atMost16Packets: the Python client drops the connection on more.
func TestGet_atMost16Packets(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		var sent []string
		for i := range 40 {
			sent = append(sent, fmt.Sprint("4", i))
			require.NoError(t, peer.spy.c.Send(text(fmt.Sprint(i))))
		}
		for _, n := range []int{16, 16, 8} {
			peer.get().requireBody(t, strings.Join(sent[:n], "\x1e"))
			sent = sent[n:]
		}
		requireWaiting(t, peer.beginGet(t.Context()))
	})
}

func TestGet_answerIsNotMuchLongerThanMaxPayload(t *testing.T) {
	inBubble(t, Config{MaxPayload: 1000}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		long := strings.Repeat("x", 600)
		require.NoError(t, peer.spy.c.Send(text(long), text(long), text(long+long), text("end")))
		peer.get().requireBody(t, "4"+long)
		peer.get().requireBody(t, "4"+long)
		peer.get().requireBody(t, "4"+long+long)
		peer.get().requireBody(t, "4end")
	})
}

func TestGet_largeMessage(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		large := strings.Repeat("0123456789", 500_000)
		require.NoError(t, peer.spy.c.Send(text(large)))
		peer.get().requireBody(t, "4"+large)
	})
}

func TestGet_secondOneEndsTheConnection(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		first := peer.beginGet(t.Context())
		requireWaiting(t, first)
		peer.get().requireRejected(t, 400, 3, "Bad request")
		(<-first).requireBody(t, "1")
		peer.spy.requireClosed(t, ErrProtocol)
		peer.requireGone()
	})
}

func TestGet_clientHangsUp(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		ctx, hangUp := context.WithCancel(t.Context())
		requireWaiting(t, peer.beginGet(ctx))
		hangUp()
		peer.spy.requireClosed(t, ErrPeerClosed)
		require.ErrorIs(t, peer.spy.c.Send(text("too late")), ErrClosed)
		peer.requireGone()
	})
}

// TestGet_outlastsTheServersReadTimeout: long-polling must work in anybody's
// http.Server, whose timeouts mean ordinary requests. The harness has one of a
// minute.
func TestGet_outlastsTheServersReadTimeout(t *testing.T) {
	inBubble(t, Config{PingInterval: time.Hour}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		answered := peer.beginGet(t.Context())
		time.Sleep(30 * time.Minute)
		requireWaiting(t, answered)
		require.NoError(t, peer.spy.c.Send(text("x")))
		(<-answered).requireBody(t, "4x")
	})
}

// TestGet_answersOfOnePostLeaveTogether although the first of them finds the
// GET waiting.
func TestGet_answersOfOnePostLeaveTogether(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		peer.spy.do = func(m Message) {
			peer.spy.c.Send(m)
			synctest.Wait() // the GET could leave now
		}
		answered := peer.beginGet(t.Context())
		requireWaiting(t, answered)
		peer.requirePost("4a\x1e4b\x1ebAQ==\x1e4c")
		(<-answered).requireBody(t, "4a\x1e4b\x1ebAQ==\x1e4c")
	})
}

// TestGet_doesNotWaitForALongPost: what others send is not held back by it.
func TestGet_doesNotWaitForALongPost(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		proceed := make(chan struct{})
		peer.spy.do = func(Message) { <-proceed }
		answered := peer.beginGet(t.Context())
		requireWaiting(t, answered)
		posted := s.begin(s.request(http.MethodPost, peer.query(), strings.NewReader("4"+strings.Repeat("x", bulkSize))))
		synctest.Wait()
		require.Len(t, peer.spy.heard(), 1)
		require.NoError(t, peer.spy.c.Send(text("x")))
		(<-answered).requireBody(t, "4x")
		close(proceed)
		(<-posted).requireBody(t, "ok")
	})
}

func TestClose_byTheClientWithAGet(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		answered := peer.beginGet(t.Context())
		requireWaiting(t, answered)
		peer.requirePost("1")
		(<-answered).requireBody(t, "6")
		peer.spy.requireClosed(t, ErrPeerClosed)
		peer.requireGone()
	})
}

func TestClose_byTheClientWithoutAGet(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		peer.requirePost("4last\x1e1\x1e4beyond")
		synctest.Wait()
		require.Equal(t, []string{"4last"}, peer.spy.heard())
		peer.spy.requireClosed(t, ErrPeerClosed)
		peer.requireGone()
		require.Zero(t, s.Conns())
	})
}

// TestClose_byTheClientBeforeItsGetArrives: the two were sent at once, on two
// connections.
func TestClose_byTheClientBeforeItsGetArrives(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		posted := s.begin(s.request(http.MethodPost, peer.query(), strings.NewReader("1")))
		requireWaiting(t, posted)
		start := time.Now()
		peer.get().requireBody(t, "6")
		require.Zero(t, time.Since(start))
		(<-posted).requireBody(t, "ok")
		peer.requireGone()
	})
}

func TestClose_byTheServer(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		answered := peer.beginGet(t.Context())
		requireWaiting(t, answered)
		peer.spy.c.Close()
		(<-answered).requireBody(t, "1")
		peer.spy.requireClosed(t, ErrClosed)
		peer.requireGone()
	})
}

// TestClose_byTheServerAfterWhatIsQueued: however many answers that takes.
func TestClose_byTheServerAfterWhatIsQueued(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		for range 2 * maxPackets {
			require.NoError(t, peer.spy.c.Send(text("x")))
		}
		peer.spy.c.Close()
		require.ErrorIs(t, peer.spy.c.Send(text("y")), ErrClosed)
		sixteen := strings.Repeat("4x\x1e", maxPackets)
		for _, want := range []string{sixteen[:len(sixteen)-1], sixteen[:len(sixteen)-1], "1"} {
			time.Sleep(lingerTimeout * 2 / 3)
			peer.get().requireBody(t, want)
		}
		peer.spy.requireClosed(t, ErrClosed)
		peer.requireGone()
	})
}

func TestClose_byTheServerAndNobodyAsks(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		peer.spy.c.Close()
		peer.spy.requireOpen(t)
		time.Sleep(lingerTimeout)
		peer.spy.requireClosed(t, ErrClosed)
		peer.requireGone()
	})
}
