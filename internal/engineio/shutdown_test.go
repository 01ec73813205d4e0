package engineio

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestShutdown_thousandAbandonedHandshakes: nothing of them is left. The
// bubble fails by itself if a goroutine is.
func TestShutdown_thousandAbandonedHandshakes(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		var all []*spy
		for range 1000 {
			all = append(all, s.poll().spy)
		}
		require.Equal(t, 1000, s.Conns())
		require.NoError(t, s.Shutdown(t.Context()))
		require.Zero(t, s.Conns())
		for _, x := range all {
			x.requireClosed(t, ErrClosed)
		}
	})
}

// TestAbandoned_byThemselves: without a shutdown the heartbeat finds them.
func TestAbandoned_theHeartbeatFindsThem(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		for range 100 {
			s.poll()
			s.poll().upgrade()
			s.deafPeer()
		}
		require.Equal(t, 300, s.Conns())
		time.Sleep(DefaultPingInterval + DefaultPingTimeout)
		synctest.Wait()
		require.Zero(t, s.Conns())
	})
}

func TestShutdown_everybodyHearsOfIt(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		waiting := s.poll()
		answered := waiting.beginGet(t.Context())
		idle := s.poll()
		require.NoError(t, idle.spy.c.Send(text("last")))
		web, _ := s.web()
		x := <-s.accepted
		require.NoError(t, x.c.Send(text("last")))
		probing := s.poll()
		trial := probing.upgrade()
		synctest.Wait()

		done := make(chan error, 1)
		go func() { done <- s.Shutdown(t.Context()) }()
		(<-answered).requireBody(t, "1")
		require.Equal(t, "4last", web.next())
		web.requireClosed(1000)
		idle.get().requireBody(t, "4last")
		idle.get().requireBody(t, "1")
		trial.requireClosed(1000)
		require.NoError(t, <-done)

		for _, each := range []*spy{waiting.spy, idle.spy, x, probing.spy} {
			each.requireClosed(t, ErrClosed)
		}
		for _, query := range []string{"EIO=4&transport=polling", idle.query()} {
			s.ask(s.request("GET", query, nil)).requireRejected(t, 503, 4, "Server is shutting down")
		}
		r := s.request("GET", "EIO=4&transport=websocket", nil)
		upgradeHeader(r)
		s.ask(r).requireRejected(t, 503, 4, "Server is shutting down")
	})
}

// TestShutdown_whileAConnectionIsOpened: it is closed like any other, whether
// the shutdown has seen it or not.
func TestShutdown_whileAConnectionIsOpened(t *testing.T) {
	for _, accepted := range []bool{false, true} {
		inBubble(t, Config{}, func(t *testing.T, s *testServer) {
			var x *spy
			proceed := make(chan struct{})
			s.cfg.Accept = func(c *Conn) Handler {
				x = &spy{c: c}
				<-proceed
				return x
			}
			c := s.newConn(s.request("GET", "EIO=4&transport=polling", nil), &revision4)
			require.True(t, s.enter(""))
			require.True(t, s.reserve(c.id))
			go func() {
				defer s.tasks.Done()
				if !accepted {
					<-proceed
				}
				s.openPolling(httptest.NewRecorder(), c)
			}()
			synctest.Wait()
			done := make(chan error, 1)
			go func() { done <- s.Shutdown(t.Context()) }()
			for s.enter("") {
				s.tasks.Done()
				runtime.Gosched()
			}
			close(proceed)
			require.NoError(t, <-done)
			x.requireClosed(t, ErrClosed)
		})
	}
}

// TestShutdown_inTime: whoever keeps it waiting is dropped.
func TestShutdown_inTime(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		_, x := s.deafPeer()
		require.NoError(t, x.c.Send(text(strings.Repeat("x", 1_000_000))))
		peer := s.poll()
		post := peer.beginPost(2)
		post.write("4")

		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		require.ErrorIs(t, s.Shutdown(ctx), context.DeadlineExceeded)
		require.Equal(t, 100, since(start))
		x.requireClosed(t, ErrClosed)
		peer.spy.requireClosed(t, ErrClosed)
		(<-post.answered).requireRejected(t, 400, 3, "Bad request")
		require.NoError(t, s.Shutdown(t.Context()))
		require.Equal(t, 100, since(start))
	})
}

// TestServer_manyAtOnce gives the race detector something to look at: requests
// of every kind, sends, closes and a shutdown in between.
func TestServer_manyAtOnce(t *testing.T) {
	s := startServer(t, Config{Accept: echo, PingInterval: 5 * time.Millisecond, PingTimeout: 5 * time.Millisecond})
	ended := make(chan struct{})
	const workers = 8
	for worker := range workers {
		go func() {
			defer func() { ended <- struct{}{} }()
			for i := range 60 {
				answer := s.ask(s.request("GET", "EIO=4&transport=polling", nil))
				_, rest, _ := strings.Cut(answer.body, `"sid":"`)
				sid, _, _ := strings.Cut(rest, `"`)
				peer := &pollPeer{s: s, as: as4, open: handshake{SID: sid}}
				switch (worker + i) % 4 {
				case 0:
					peer.post("4a\x1e1")
				case 1:
					get := peer.beginGet(context.Background())
					peer.post(fmt.Sprint("4", i))
					<-get
				case 2:
					<-s.begin(s.request(http.MethodPost, peer.query(), strings.NewReader("4x\x1ezzz")))
				case 3:
					peer.beginGet(context.Background())
					peer.get()
				}
			}
		}()
	}
	for range workers / 2 {
		<-ended
	}
	require.NoError(t, s.Shutdown(t.Context()))
	for range workers / 2 {
		<-ended
	}
}
