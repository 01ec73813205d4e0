package engineio

import (
	"fmt"
	"net/http/httptest"
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

// TestUpgrade_postThatComesTooLate: it was let in before the end, and is read
// after it.
func TestUpgrade_postThatComesTooLate(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		late := peer.spy.c.polling.(*pollServer)
		peer.upgrade().send("5", "4x")
		synctest.Wait()
		w := httptest.NewRecorder()
		late.servePost(w, s.request("POST", peer.query(), strings.NewReader("4late")))
		require.Equal(t, 400, w.Code)
		require.Equal(t, []string{"4x"}, peer.spy.heard())
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
