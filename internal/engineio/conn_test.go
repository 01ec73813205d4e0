package engineio

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSend_ownership: short data is copied, also where it waits for a GET;
// long data is not.
func TestSend_ownership(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		short, long := []byte("before"), []byte(strings.Repeat("x", RetainSize))
		require.NoError(t, peer.spy.c.Send(Message{Data: short}, Message{Data: long}))
		copy(short, "after!")
		long[0] = 'y'
		peer.get().requireBody(t, "4before\x1e4y"+string(long[1:]))
	})
}

// TestSend_severalStayTogether although others send at the same time.
func TestSend_severalStayTogether(t *testing.T) {
	s := startServer(t, Config{})
	ws, _ := s.web()
	onWebsocket := <-s.accepted
	polling := s.poll()
	for _, x := range []*spy{onWebsocket, polling.spy} {
		for _, letter := range []string{"a", "b", "c"} {
			go func() {
				for range 200 {
					x.c.Send(text(letter), text(letter), text(letter), text(letter), text(letter))
				}
			}()
		}
	}
	next := map[string]func() []string{
		"websocket": func() []string { return []string{ws.next()} },
		"polling":   func() []string { return strings.Split(polling.get().body, "\x1e") },
	}
	for name, next := range next {
		var got []string
		for len(got) < 3*200*5 {
			got = append(got, next()...)
		}
		for i := 0; i < len(got); i += 5 {
			require.Equal(t, strings.Repeat(got[i], 5), strings.Join(got[i:i+5], ""), name)
		}
	}
}

// TestClosed_isTheLast: what was still to be delivered is not.
func TestClosed_isTheLast(t *testing.T) {
	s := startServer(t, Config{})
	peer := s.poll()
	x := peer.spy
	x.do = func(Message) {
		x.c.fail(ErrClosed)
		for range 1000 {
			runtime.Gosched() // Closed waits for its turn
		}
	}
	peer.post(strings.Repeat("4x\x1e", 1000) + "4x")
	require.NotContains(t, x.heard(), "after Closed")
	require.Less(t, len(x.heard()), 1001)
}
