package websocket

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// payloads are messages of every length encoding and of both kinds. Text is
// UTF-8 of all widths.
func payloads() []message {
	rng := rand.New(rand.NewPCG(1, 2))
	var all []message
	for _, n := range []int{0, 1, 125, 126, 127, 1000, 4082, 4083, 4096, 65535, 65536, 300_000, 1 << 20} {
		binary := make([]byte, n)
		for i := range binary {
			binary[i] = byte(rng.Uint32())
		}
		all = append(all, message{Binary, string(binary)})
		text := make([]rune, n/4)
		for i := range text {
			text[i] = []rune("aß€😀")[rng.IntN(4)]
		}
		all = append(all, message{Text, string(text)})
	}
	return all
}

func theirType(op Opcode) websocket.MessageType {
	if op == Text {
		return websocket.MessageText
	}
	return websocket.MessageBinary
}

// An independent client sends to our server, one message after the other and
// many at once.
func TestPeer_client(t *testing.T) {
	s := startEcho(t, Options{MaxMessage: 1 << 20, MaxQueued: 1 << 26}, (*httptest.Server).Start)
	ctx := t.Context()
	c, resp, err := websocket.Dial(ctx, s.URL, &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover})
	require.NoError(t, err)
	require.Empty(t, resp.Header.Get("Sec-WebSocket-Extensions"))
	c.SetReadLimit(-1)
	receive := func(want message) {
		kind, data, err := c.Read(ctx)
		require.NoError(t, err)
		require.Equal(t, theirType(want.op), kind)
		require.Equal(t, want.data, string(data))
	}
	for _, m := range payloads() {
		require.NoError(t, c.Write(ctx, theirType(m.op), []byte(m.data)))
		receive(m)
	}

	sent := make(chan error, 1)
	go func() {
		for _, m := range payloads() {
			if err := c.Write(ctx, theirType(m.op), []byte(m.data)); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for _, m := range payloads() {
		receive(m)
	}
	require.NoError(t, <-sent)

	// A writer that flushes leaves a message in pieces.
	w, err := c.Writer(ctx, websocket.MessageText)
	require.NoError(t, err)
	for range 100 {
		_, err := w.Write(make([]byte, 1000))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	receive(message{Text, string(make([]byte, 100_000))})

	c.CloseRead(ctx)
	require.NoError(t, c.Ping(ctx))
	require.NoError(t, c.Close(websocket.StatusGoingAway, "enough"))
}

// startTheirs starts an independent server.
func startTheirs(t *testing.T, serve func(ctx context.Context, c *websocket.Conn)) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(-1)
		serve(r.Context(), c)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// Our client sends to an independent server, all at once.
func TestPeer_server(t *testing.T) {
	closed := make(chan error, 1)
	u := startTheirs(t, func(ctx context.Context, c *websocket.Conn) {
		for {
			kind, data, err := c.Read(ctx)
			if err == nil {
				err = c.Write(ctx, kind, data)
			}
			if err != nil {
				closed <- err
				return
			}
		}
	})
	c, err := (&Dialer{Options: Options{MaxMessage: 1 << 20, MaxQueued: 1 << 26}}).Dial(t.Context(), u)
	require.NoError(t, err)
	r := read(t, c, nil)
	for _, m := range payloads() {
		require.NoError(t, c.Send(Message{Op: m.op, Head: m.data[:0], Data: []byte(m.data)}))
	}
	for _, m := range payloads() {
		require.Equal(t, m, r.next())
	}
	c.Close(4001, "enough")
	require.Equal(t, ErrClosed, r.end())
	theirs := websocket.CloseError{}
	require.ErrorAs(t, <-closed, &theirs)
	require.Equal(t, websocket.CloseError{Code: 4001, Reason: "enough"}, theirs)
}

// Their server pings and says goodbye.
func TestPeer_serverCloses(t *testing.T) {
	closed := make(chan error, 1)
	u := startTheirs(t, func(ctx context.Context, c *websocket.Conn) {
		ctx = c.CloseRead(ctx)
		closed <- errors.Join(c.Ping(ctx), c.Close(websocket.StatusPolicyViolation, "not you"))
	})
	c, err := (&Dialer{Options: roomy}).Dial(t.Context(), u)
	require.NoError(t, err)
	r := read(t, c, nil)
	require.Equal(t, &CloseError{1008, "not you"}, r.end())
	require.NoError(t, <-closed)
}

// Our server says goodbye: for a reason of its own, and for a fault of theirs.
func TestPeer_clientIsClosed(t *testing.T) {
	s := startEcho(t, Options{MaxMessage: 1000, MaxQueued: 1 << 20}, (*httptest.Server).Start)
	ctx := t.Context()
	for _, c := range []struct {
		name string
		kind websocket.MessageType
		data []byte
		want websocket.CloseError
	}{
		{"too large", websocket.MessageBinary, make([]byte, 1001),
			websocket.CloseError{Code: websocket.StatusMessageTooBig, Reason: "message of 1001 bytes, limit 1000"}},
		{"not UTF-8", websocket.MessageText, []byte{0xFF},
			websocket.CloseError{Code: websocket.StatusInvalidFramePayloadData}},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, _, err := websocket.Dial(ctx, s.URL, nil)
			require.NoError(t, err)
			require.NoError(t, client.Write(ctx, c.kind, c.data))
			_, _, err = client.Read(ctx)
			got := websocket.CloseError{}
			require.ErrorAs(t, err, &got)
			require.Equal(t, c.want, got)
		})
	}
}
