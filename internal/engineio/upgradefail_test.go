package engineio

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestUpgrade_secondWebsocket is closed, after a 101: the official suite, for
// one, does not survive an HTTP error.
func TestUpgrade_secondWebsocket(t *testing.T) {
	inBubble(t, Config{Accept: echo}, func(t *testing.T, s *testServer) {
		start := time.Now()
		peer := s.poll()
		first := peer.upgrade()
		peer.upgrade().requireClosed(1000)
		first.send("2probe")
		require.Equal(t, "3probe", first.next())
		peer.upgrade().requireClosed(1000)
		first.send("5", "4x")
		require.Equal(t, "4x", first.next())
		peer.upgrade().requireClosed(1000)
		first.send("4y")
		require.Equal(t, "4y", first.next())

		direct, open := s.web()
		s.connect("&sid=" + open.SID).requireClosed(1000)
		direct.send("4z")
		require.Equal(t, "4z", direct.next())
		require.Zero(t, time.Since(start)) // none of them was on trial
	})
}

// TestUpgrade_failed: the session stays on polling and may try again.
func TestUpgrade_failed(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		for _, word := range []string{"", "4x", "2", "2probe2", "3probe", "1", "6", "b", "binary"} {
			t.Logf("%q", word)
			ws := peer.upgrade()
			if word == "binary" {
				ws.sendBinary("probe")
			} else {
				ws.send(word)
			}
			ws.requireClosed(1002)
			synctest.Wait()
		}
		ws := peer.upgrade()
		ws.send("2probe")
		require.Equal(t, "3probe", ws.next())
		ws.ws.Close(1001, "")
		require.Equal(t, "closed", ws.next())
		synctest.Wait()

		waiting := peer.beginGet(t.Context())
		time.Sleep(lateHold) // it is an ordinary GET again
		requireWaiting(t, waiting)
		peer.requirePost("4x")
		require.Equal(t, []string{"4x"}, peer.spy.heard())
		require.NoError(t, peer.spy.c.Send(text("y")))
		(<-waiting).requireBody(t, "4y")

		ws = peer.upgrade()
		ws.send("5", "4z")
		synctest.Wait()
		require.Equal(t, []string{"4x", "4z"}, peer.spy.heard())
	})
}

func TestUpgrade_neverEnds(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		silent, probing := peer.upgrade(), (*webPeer)(nil)
		start := time.Now()
		silent.requireClosed(1000)
		require.Equal(t, DefaultUpgradeTimeout, time.Since(start))

		probing = peer.upgrade()
		probing.send("2probe")
		require.Equal(t, "3probe", probing.next())
		probing.requireClosed(1000)
		peer.requirePost("4x")
	})
}

// TestUpgrade_postOutlastsIt: the time of an upgrade is over although its end
// was said.
func TestUpgrade_postOutlastsIt(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		post := peer.beginPost(2)
		post.write("4")
		ws := peer.upgrade()
		ws.send("5", "4never")
		ws.requireClosed(1000)
		post.write("a")
		(<-post.answered).requireBody(t, "ok")
		peer.spy.requireOpen(t)
		require.Equal(t, []string{"4a"}, peer.spy.heard())
		require.Equal(t, "polling", peer.spy.c.Transport())
	})
}

// TestUpgrade_endsWithItsSession: so does the wait for a POST.
func TestUpgrade_endsWithItsSession(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		ws := peer.upgrade()
		post := peer.beginPost(10)
		post.write("4a")
		ws.send("5", "4b")
		synctest.Wait()
		peer.spy.c.fail(ErrClosed)
		ws.requireClosed(1000)
		(<-post.answered).requireRejected(t, 400, 3, "Bad request")
		synctest.Wait()
		require.Empty(t, peer.spy.heard())
		peer.spy.requireClosed(t, ErrClosed)
	})
}

func TestUpgrade_whileClosing(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		ws := peer.upgrade()
		ws.send("2probe")
		require.Equal(t, "3probe", ws.next())
		require.NoError(t, peer.spy.c.Send(text("last")))
		peer.spy.c.Close()
		start := time.Now()
		ws.send("5")
		require.Equal(t, "4last", ws.next())
		require.Equal(t, "1", ws.next())
		ws.requireClosed(1000)
		require.Zero(t, time.Since(start))
		peer.spy.requireClosed(t, ErrClosed)
	})
}
