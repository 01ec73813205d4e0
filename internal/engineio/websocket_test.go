package engineio

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/websocket"
)

func TestWebsocket_messages(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer, open := s.web()
		x := <-s.accepted
		require.Equal(t, open.SID, x.c.ID())
		require.Equal(t, "websocket", x.c.Transport())
		require.Empty(t, open.Upgrades)

		peer.send("4", "4Grüße €")
		peer.sendBinary("\x04\x00")
		peer.sendBinary("")
		peer.send("5", "6", "3", "4end") // late words of an upgrade mean nothing
		synctest.Wait()
		require.Equal(t, []string{"4", "4Grüße €", "bBAA=", "b", "4end"}, x.heard())

		require.NoError(t, x.c.Send(text(""), text("Grüße €"), Message{Data: []byte{4, 0}, Binary: true}, Message{Binary: true}, text("fifth")))
		for _, want := range []string{"4", "4Grüße €", "b:\x04\x00", "b:", "4fifth"} {
			require.Equal(t, want, peer.next())
		}
	})
}

func TestWebsocket_malformed(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		for _, data := range []string{"", "abc", "7", "bAQ==", "\x1e", "0{}", "2probe"} {
			t.Logf("%q", data)
			peer, _ := s.web()
			x := <-s.accepted
			peer.send("4before", data)
			peer.requireClosed(1002)
			synctest.Wait()
			require.Equal(t, []string{"4before"}, x.heard())
			x.requireClosed(t, ErrProtocol)
		}
		peer, _ := s.web()
		peer.send("4\xff")
		peer.requireClosed(1007)
		(<-s.accepted).requireClosed(t, ErrProtocol)
	})
}

func TestWebsocket_limit(t *testing.T) {
	inBubble(t, Config{MaxPayload: 10_000}, func(t *testing.T, s *testServer) {
		peer, _ := s.web()
		x := <-s.accepted
		peer.send("4" + strings.Repeat("x", 9_999))
		peer.sendBinary(strings.Repeat("x", 10_000))
		synctest.Wait()
		require.Len(t, x.heard(), 2)
		peer.send("4" + strings.Repeat("x", 10_000))
		peer.requireClosed(1009)
		x.requireClosed(t, ErrTooLarge)
		require.Len(t, s.log.lines("level=WARN", "message too large: 10001 bytes, limit 10000", "remote=pipe"), 1)
	})
}

func TestWebsocket_largeFromTheServer(t *testing.T) {
	inBubble(t, Config{MaxPayload: 1000}, func(t *testing.T, s *testServer) {
		peer, _ := s.web()
		large := bytes.Repeat([]byte{1, 2, 3, 4}, 1<<20)
		require.NoError(t, (<-s.accepted).c.Send(Message{Data: large, Binary: true}))
		require.Equal(t, "b:"+string(large), peer.next())
	})
}

func TestWebsocket_closedByTheClient(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		for _, how := range []func(p *webPeer){
			func(p *webPeer) { p.send("4last", "1", "4beyond") },
			func(p *webPeer) { p.send("4last"); p.ws.Close(websocket.StatusGoingAway, "") },
			func(p *webPeer) { p.send("4last"); p.ws.Close(websocket.StatusNone, "") },
			func(p *webPeer) { p.send("4last"); synctest.Wait(); p.ws.Abort(websocket.ErrClosed) },
		} {
			peer, open := s.web()
			x := <-s.accepted
			how(peer)
			require.Equal(t, "closed", peer.next())
			synctest.Wait()
			require.Equal(t, []string{"4last"}, x.heard())
			x.requireClosed(t, ErrPeerClosed)
			require.ErrorIs(t, x.c.Send(text("x")), ErrClosed)
			s.ask(s.request("GET", "EIO=4&transport=polling&sid="+open.SID, nil)).requireGone(t)
		}
	})
}

func TestWebsocket_closedByTheServerAfterWhatIsQueued(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer, _ := s.web()
		x := <-s.accepted
		for range 100 {
			require.NoError(t, x.c.Send(text("x")))
		}
		x.c.Close()
		x.c.Close()
		require.ErrorIs(t, x.c.Send(text("y")), ErrClosed)
		for range 100 {
			require.Equal(t, "4x", peer.next())
		}
		peer.requireClosed(1000)
		x.requireClosed(t, ErrClosed)
	})
}

// progress is a ProgressHandler that writes down the totals.
type progress struct {
	spy
	calls int
	last  [2]int
}

func (p *progress) Receiving(binary bool, got, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !binary {
		panic("text")
	}
	p.calls++
	p.last = [2]int{got, total}
}

func TestWebsocket_progressOfLargeMessages(t *testing.T) {
	watched := make(chan *progress, 2)
	accept := func(c *Conn) Handler {
		p := &progress{spy: spy{c: c}}
		watched <- p
		return p
	}
	inBubble(t, Config{Accept: accept}, func(t *testing.T, s *testServer) {
		direct, _ := s.web()
		session := s.poll()
		later := session.upgrade()
		later.send("2probe", "5")
		require.Equal(t, "3probe", later.next())
		for _, peer := range []*webPeer{direct, later} {
			p := <-watched
			peer.sendBinary(strings.Repeat("x", 1000))
			peer.sendBinary(strings.Repeat("x", 300_000))
			synctest.Wait()
			require.Len(t, p.heard(), 2)
			p.mu.Lock()
			require.Greater(t, p.calls, 1)
			require.Equal(t, [2]int{300_000, 300_000}, p.last)
			p.mu.Unlock()
		}
	})
}
