package engineio

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// quick are intervals that differ, so that one cannot pass for the other.
var quick = Config{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond}

// since returns the time since t in milliseconds.
func since(t time.Time) int { return int(time.Since(t) / time.Millisecond) }

func TestHeartbeat_polling(t *testing.T) {
	inBubble(t, quick, func(t *testing.T, s *testServer) {
		peer := s.poll()
		for range 3 {
			start := time.Now()
			peer.get().requireBody(t, "2")
			require.Equal(t, 300, since(start))
			time.Sleep(150 * time.Millisecond)
			peer.requirePost("3") // the next interval begins here
		}
		start := time.Now()
		peer.get().requireBody(t, "2")
		peer.get().requireBody(t, "1")
		require.Equal(t, 500, since(start))
		peer.spy.requireClosed(t, ErrPingTimeout)
		peer.requireGone()
	})
}

// TestHeartbeat_pollingAndNobodyAsks: the time runs although the ping is still
// queued.
func TestHeartbeat_pollingAndNobodyAsks(t *testing.T) {
	inBubble(t, quick, func(t *testing.T, s *testServer) {
		peer := s.poll()
		time.Sleep(499 * time.Millisecond)
		peer.spy.requireOpen(t)
		require.Equal(t, 1, peer.spy.c.Buffered())
		time.Sleep(time.Millisecond)
		peer.spy.requireClosed(t, ErrPingTimeout)
		peer.requireGone()
	})
}

func TestHeartbeat_websocket(t *testing.T) {
	inBubble(t, quick, func(t *testing.T, s *testServer) {
		peer, _ := s.web()
		x := <-s.accepted
		for range 3 {
			start := time.Now()
			require.Equal(t, "2", peer.next())
			require.Equal(t, 300, since(start))
			time.Sleep(150 * time.Millisecond)
			peer.send("3")
			synctest.Wait()
		}
		start := time.Now()
		require.Equal(t, "2", peer.next())
		peer.requireClosed(1000)
		require.Equal(t, 500, since(start))
		x.requireClosed(t, ErrPingTimeout)
	})
}

// TestHeartbeat_trafficReplacesNoPing: clients time the server by its pings.
func TestHeartbeat_trafficReplacesNoPing(t *testing.T) {
	cfg := quick
	cfg.Accept = echo
	inBubble(t, cfg, func(t *testing.T, s *testServer) {
		peer, _ := s.web()
		start := time.Now()
		var pings []int
		for i := 0; len(pings) < 3; i++ {
			time.Sleep(40 * time.Millisecond)
			peer.send(fmt.Sprint("4", i))
			for data := ""; data != fmt.Sprint("4", i); {
				if data = peer.next(); data == "2" {
					pings = append(pings, since(start)/100)
					peer.send("3")
				}
			}
		}
		require.Equal(t, []int{3, 6, 9}, pings)
	})
}

func TestHeartbeat_pingFromTheClientIsAViolation(t *testing.T) {
	inBubble(t, quick, func(t *testing.T, s *testServer) {
		peer, _ := s.web()
		peer.send("2")
		peer.requireClosed(1002)
		(<-s.accepted).requireClosed(t, ErrProtocol)
	})
}

// TestHeartbeat_pongBehindALargeUpload: the pong waits behind it, and the
// client is alive.
func TestHeartbeat_pongBehindALargeUpload(t *testing.T) {
	inBubble(t, quick, func(t *testing.T, s *testServer) {
		peer := s.poll()
		piece := strings.Repeat("x", busySize)
		post := peer.beginPost(1 + 30*busySize)
		post.write("4")
		for range 30 {
			time.Sleep(100 * time.Millisecond)
			post.write(piece)
		}
		(<-post.answered).requireBody(t, "ok")
		peer.spy.requireOpen(t)
		require.Len(t, peer.spy.heard()[0], 1+30*len(piece))

		// The pings it could not answer are there, and the timeout still runs.
		peer.get().requireBody(t, strings.TrimSuffix(strings.Repeat("2\x1e", 14), "\x1e"))
		time.Sleep(401 * time.Millisecond)
		peer.requireGone()
		peer.spy.requireClosed(t, ErrPingTimeout)
	})
}

// TestHeartbeat_trafficReplacesNoPong, nor does an upload that trickles.
func TestHeartbeat_trafficReplacesNoPong(t *testing.T) {
	cfg := quick
	cfg.Accept = echo
	inBubble(t, cfg, func(t *testing.T, s *testServer) {
		start := time.Now()
		web, _ := s.web()
		poll := s.poll()
		trickle := s.poll()
		post := trickle.beginPost(1000)
		for range 4 {
			time.Sleep(110 * time.Millisecond)
			web.send("4x")
			poll.requirePost("4x")
			poll.get()
			post.write("4")
		}
		synctest.Wait()
		require.Equal(t, 3, s.Conns())
		time.Sleep(500*time.Millisecond - time.Since(start))
		synctest.Wait()
		require.Zero(t, s.Conns())
	})
}

// TestHeartbeat_pongBehindOurOwnHandler: it was sent, and we have not read it.
func TestHeartbeat_pongBehindOurOwnHandler(t *testing.T) {
	inBubble(t, quick, func(t *testing.T, s *testServer) {
		peer, _ := s.web()
		x := <-s.accepted
		x.do = func(Message) { time.Sleep(2 * time.Second) }
		peer.send("4x", "3")
		time.Sleep(1900 * time.Millisecond)
		x.requireOpen(t)
		require.Equal(t, "2", peer.next())
	})
}

// TestHeartbeat_slowDownload: what the client takes shows that it is there.
func TestHeartbeat_slowDownload(t *testing.T) {
	inBubble(t, quick, func(t *testing.T, s *testServer) {
		nc, x := s.deafPeer()
		require.NoError(t, x.c.Send(text(strings.Repeat("x", 10*answerPiece))))
		piece := make([]byte, answerPiece)
		for range 8 {
			time.Sleep(190 * time.Millisecond)
			for n := 0; n < len(piece); {
				m, err := nc.Read(piece[n:])
				require.NoError(t, err)
				n += m
			}
		}
		x.requireOpen(t)
		time.Sleep(401 * time.Millisecond)
		x.requireClosed(t, ErrPingTimeout)
	})
}

// TestHeartbeat_lateTimer: a session whose time is over is over, whether the
// timer of a busy machine has noticed or not.
func TestHeartbeat_lateTimer(t *testing.T) {
	inBubble(t, quick, func(t *testing.T, s *testServer) {
		peer := s.poll()
		c := peer.spy.c
		c.mu.Lock()
		c.timer.Stop() // it will be very late
		c.mu.Unlock()

		time.Sleep(350 * time.Millisecond)
		peer.get().requireBody(t, "2")
		c.mu.Lock()
		c.timer.Stop()
		c.mu.Unlock()
		time.Sleep(150 * time.Millisecond)
		peer.requireGone()
		peer.spy.requireClosed(t, ErrPingTimeout)
	})
}

// TestHeartbeat_wokenMachine: everybody gets some time to answer.
func TestHeartbeat_wokenMachine(t *testing.T) {
	inBubble(t, quick, func(t *testing.T, s *testServer) {
		peer := s.poll()
		c := peer.spy.c
		c.mu.Lock()
		c.due = c.due.Add(-time.Hour) // as if the timer had slept
		c.mu.Unlock()
		peer.get().requireBody(t, "2")
		time.Sleep(99 * time.Millisecond)
		peer.requirePost("3")
		peer.spy.requireOpen(t)
	})
}
