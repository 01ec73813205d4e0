package engineio

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// sendUntilFull sends until the queue is full, to others' benefit.
func sendUntilFull(t *testing.T, c *Conn) {
	t.Helper()
	for range 1000 {
		if err := c.Send(text(strings.Repeat("x", 10_000))); err != nil {
			require.ErrorIs(t, err, ErrQueueFull)
			require.ErrorIs(t, c.Send(text("x")), ErrClosed)
			return
		}
		require.LessOrEqual(t, c.Buffered(), 1_000_000)
	}
	require.Fail(t, "there is no limit")
}

func TestQueueFull_clientThatNeverAsks(t *testing.T) {
	inBubble(t, Config{MaxQueued: 1_000_000}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		sendUntilFull(t, peer.spy.c)
		peer.spy.requireClosed(t, ErrQueueFull)
		peer.requireGone()
		require.Len(t, s.log.lines("level=WARN", "slow reader", "limit 1000000", "remote=pipe"), 1)
	})
}

func TestQueueFull_clientThatNeverReads(t *testing.T) {
	inBubble(t, Config{MaxQueued: 1_000_000}, func(t *testing.T, s *testServer) {
		_, slow := s.deafPeer()
		other, _ := s.web()
		sendUntilFull(t, slow.c)
		slow.requireClosed(t, ErrQueueFull)
		require.Len(t, s.log.lines("level=WARN", "slow reader", "limit 1000000", "remote=pipe"), 1)

		require.NoError(t, (<-s.accepted).c.Send(text("x")))
		require.Equal(t, "4x", other.next())
	})
}

// TestAnswer_givenUp: a client that asks and does not read costs its
// connection, by itself.
func TestAnswer_givenUp(t *testing.T) {
	inBubble(t, Config{PingInterval: time.Hour}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		require.NoError(t, peer.spy.c.Send(text(strings.Repeat("x", 1_000_000))))
		nc, err := s.dial(t.Context(), "", "")
		require.NoError(t, err)
		defer nc.Close()
		require.NoError(t, s.request("GET", peer.query(), nil).Write(nc))
		_, err = io.ReadFull(nc, make([]byte, 100))
		require.NoError(t, err)
		peer.spy.requireOpen(t)
		time.Sleep(answerTimeout)
		peer.spy.requireClosed(t, ErrPeerClosed)
	})
}

// TestPanic_endsOnlyItsConnection, wherever the handler panics.
func TestPanic_endsOnlyItsConnection(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		bystander, _ := s.web()
		healthy := <-s.accepted
		panics := func(m Message) { panic("handler " + string(m.Data)) }

		poll := s.poll()
		poll.spy.do = panics
		poll.requirePost("4polled\x1e4not seen")
		poll.spy.requireClosed(t, ErrClosed)
		require.Equal(t, []string{"4polled"}, poll.spy.heard())
		poll.requireGone()

		web, _ := s.web()
		x := <-s.accepted
		x.do = panics
		web.send("4framed", "4not seen")
		require.Equal(t, "closed", web.next())
		x.requireClosed(t, ErrClosed)
		require.Equal(t, []string{"4framed"}, x.heard())

		require.Len(t, s.log.lines("level=ERROR", "handler panicked", `"handler polled"`, "stack"), 1)
		require.Len(t, s.log.lines("level=ERROR", "handler panicked", `"handler framed"`, "stack"), 1)
		bystander.send("4x")
		synctest.Wait()
		require.Equal(t, []string{"4x"}, healthy.heard())
	})
}

func TestPanic_inAccept(t *testing.T) {
	inBubble(t, Config{Accept: func(*Conn) Handler { panic("accept") }}, func(t *testing.T, s *testServer) {
		s.ask(s.request("GET", "EIO=4&transport=polling", nil)).requireGone(t)
		require.Equal(t, "0", s.connect("").next()[:1])
		synctest.Wait()
		require.Zero(t, s.Conns())
		require.Len(t, s.log.lines("level=ERROR", "panic=accept"), 2)
	})
}

// closedPanics is a Handler that panics at the very end.
type closedPanics struct{ silent }

func (closedPanics) Closed(error) { panic("closed") }

func TestPanic_inClosed(t *testing.T) {
	inBubble(t, Config{Accept: func(*Conn) Handler { return closedPanics{} }}, func(t *testing.T, s *testServer) {
		s.poll().requirePost("1")
		synctest.Wait()
		require.Zero(t, s.Conns())
		require.Len(t, s.log.lines("level=ERROR", "panic=closed"), 1)
	})
}
