package engineio

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUpgrade_asJavaScriptDoesIt(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		c := peer.spy.c
		request := c.Request()
		waiting := peer.beginGet(t.Context())
		requireWaiting(t, waiting)

		ws := peer.upgrade()
		ws.send("2probe")
		require.Equal(t, "3probe", ws.next())
		(<-waiting).requireBody(t, "6") // at once
		peer.requirePost("4posted")
		require.Equal(t, "polling", c.Transport())
		require.NoError(t, c.Send(text("queued")))

		ws.send("5", "4hello")
		require.Equal(t, "4queued", ws.next())
		synctest.Wait()
		require.Equal(t, []string{"4posted", "4hello"}, peer.spy.heard())
		require.Equal(t, "websocket", c.Transport())
		require.Zero(t, c.Buffered())
		require.Same(t, request, c.Request())
		require.Equal(t, "polling", request.URL.Query().Get("transport"))

		peer.get().requireRejected(t, 400, 3, "Bad request")
		peer.post("4x").requireRejected(t, 400, 3, "Bad request")
		require.NoError(t, c.Send(text("unharmed")))
		require.Equal(t, "4unharmed", ws.next())
	})
}

func TestUpgrade_asPythonDoesIt(t *testing.T) {
	inBubble(t, Config{Accept: echo}, func(t *testing.T, s *testServer) {
		ws := s.poll().upgrade()
		ws.send("2probe")
		require.Equal(t, "3probe", ws.next())
		ws.send("5")
		ws.send("40/znsocket,{}")
		require.Equal(t, "40/znsocket,{}", ws.next())
	})
}

func TestUpgrade_withoutAProbe(t *testing.T) {
	inBubble(t, Config{Accept: echo}, func(t *testing.T, s *testServer) {
		ws := s.poll().upgrade()
		ws.send("5", "4x")
		require.Equal(t, "4x", ws.next())
	})
}

// TestUpgrade_nothingButTheProbeBeforeItsEnd: clients give up on a WebSocket
// that says anything else.
func TestUpgrade_nothingButTheProbeBeforeItsEnd(t *testing.T) {
	inBubble(t, quick, func(t *testing.T, s *testServer) {
		peer := s.poll()
		ws := peer.upgrade()
		time.Sleep(350 * time.Millisecond) // a ping is due
		require.NoError(t, peer.spy.c.Send(text("x")))
		synctest.Wait()
		ws.send("2probe")
		require.Equal(t, "3probe", ws.next())
		ws.send("2probe")
		require.Equal(t, "3probe", ws.next())
		ws.send("5")
		require.Equal(t, "2", ws.next())
		require.Equal(t, "4x", ws.next())
		ws.send("3")
		time.Sleep(299 * time.Millisecond)
		peer.spy.requireOpen(t)
		require.Equal(t, "2", ws.next())
	})
}

// TestUpgrade_getsBeforeItsEnd: those that the client sends without the end
// of the upgrade are let go a little later, so that one sent with it is
// refused, whichever the server sees first.
func TestUpgrade_getsBeforeItsEnd(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		ws := peer.upgrade()
		ws.send("2probe")
		require.Equal(t, "3probe", ws.next())

		for range 2 {
			start := time.Now()
			peer.get().requireBody(t, "6")
			require.Equal(t, lateHold, time.Since(start))
		}
		require.NoError(t, peer.spy.c.Send(text("x")))
		start := time.Now()
		peer.get().requireBody(t, "4x")
		require.Zero(t, time.Since(start))

		late := peer.beginGet(t.Context())
		requireWaiting(t, late)
		ws.send("5")
		(<-late).requireRejected(t, 400, 3, "Bad request")
		require.Zero(t, time.Since(start))
		peer.spy.requireOpen(t)
	})
}

// TestUpgrade_getThatWaitsAtItsEnd: no probe came, only the end.
func TestUpgrade_getThatWaitsAtItsEnd(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		waiting := peer.beginGet(t.Context())
		requireWaiting(t, waiting)
		ws := peer.upgrade()
		ws.send("5")
		(<-waiting).requireRejected(t, 400, 3, "Bad request")
		require.NoError(t, peer.spy.c.Send(text("x")))
		require.Equal(t, "4x", ws.next())
	})
}

func TestUpgrade_waitsForThePostUnderWay(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		ws := peer.upgrade()
		ws.send("2probe")
		require.Equal(t, "3probe", ws.next())
		post := peer.beginPost(int64(len("4first.4second")))
		post.write("4first\x1e")
		requireWaiting(t, post.answered)
		ws.send("5", "4third")
		synctest.Wait()
		require.Empty(t, peer.spy.heard())
		post.write("4second")
		(<-post.answered).requireBody(t, "ok")
		synctest.Wait()
		require.Equal(t, []string{"4first", "4second", "4third"}, peer.spy.heard())
	})
}

// TestUpgrade_secondWebsocket is closed, after a 101: the official suite, for
// one, does not survive an HTTP error.
func TestUpgrade_secondWebsocket(t *testing.T) {
	inBubble(t, Config{Accept: echo}, func(t *testing.T, s *testServer) {
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
		ws.send("5")
		require.Equal(t, "4last", ws.next())
		require.Equal(t, "1", ws.next())
		ws.requireClosed(1000)
		peer.spy.requireClosed(t, ErrClosed)
	})
}

// TestUpgrade_everythingOnceAndInOrder, while both sides send all the time.
func TestUpgrade_everythingOnceAndInOrder(t *testing.T) {
	const count, posted, framed = 3000, 6, 1000
	accepted := make(chan *spy, 1)
	s := startServer(t, Config{Accept: func(c *Conn) Handler {
		x := &spy{c: c}
		x.do = func(Message) {
			if len(x.heard()) == posted+framed {
				c.Send(text("heard all"))
			}
		}
		accepted <- x
		return x
	}})
	for range 20 {
		peer := s.poll()
		x := <-accepted
		var sending sync.WaitGroup
		sending.Go(func() {
			for i := range count {
				x.c.Send(text(fmt.Sprint(i)))
			}
		})

		var got []string
		take := func(answer reply) {
			require.NoError(t, answer.err)
			require.Equal(t, 200, answer.status, answer.body)
			if answer.body != "6" {
				got = append(got, strings.Split(answer.body, "\x1e")...)
			}
		}
		take(peer.get())
		waiting := peer.beginGet(t.Context())
		ws := peer.upgrade()
		ws.send("2probe")
		for i := range posted / 2 {
			peer.requirePost(fmt.Sprintf("4%d\x1e4%d", 2*i, 2*i+1))
		}
		require.Equal(t, "3probe", ws.next())
		take(<-waiting)
		ws.send("5")
		for i := range framed {
			ws.send(fmt.Sprint("4", posted+i))
		}
		sending.Wait()
		for heardAll := false; len(got) < count || !heardAll; {
			if next := ws.next(); next == "4heard all" {
				heardAll = true
			} else {
				require.NotEqual(t, "closed", next)
				got = append(got, next)
			}
		}
		require.Equal(t, numbered(count), got)
		require.Equal(t, numbered(posted+framed), x.heard())
		x.c.Close()
		ws.requireClosed(1000)
	}
}

func numbered(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint("4", i)
	}
	return all
}
