package engineio

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/znsocket/znsocket/internal/peers"
)

// pythonServer is a process with the server that most of our clients' servers
// are: python-engineio.
type pythonServer struct {
	t     *testing.T
	url   string
	lines *bufio.Scanner
}

// startPython starts testdata/server.py with engineio.Server's options.
func startPython(t *testing.T, options string) *pythonServer {
	t.Helper()
	cmd := exec.Command(peers.Python(t), "-W", "ignore", "testdata/server.py", options)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start(), "run `make setup` to install Python with python-engineio")
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s := &pythonServer{t: t, lines: bufio.NewScanner(out)}
	port := s.line()
	require.NotEmpty(t, port, "the Python server ended: %s", &stderr)
	s.url = "http://127.0.0.1:" + port + "/engine.io/"
	return s
}

// line returns the next line the server prints.
func (s *pythonServer) line() string {
	s.lines.Scan()
	return s.lines.Text()
}

// messages is a handler that passes on what it hears, as in a payload.
type messages struct {
	t      *testing.T
	heard  chan string
	closed chan error
}

func (m *messages) Message(msg Message) {
	m.heard <- string(appendPayload(nil, []packet{msg.packet()}))
}

func (m *messages) Closed(err error) {
	close(m.heard)
	m.closed <- err
}

// next returns the next message.
func (m *messages) next() string {
	m.t.Helper()
	text, open := <-m.heard
	if !open {
		require.FailNow(m.t, "the connection ended", "%v", <-m.closed)
	}
	return text
}

// dial connects to the server, which says welcome.
func (s *pythonServer) dial(transports []string) (*Conn, *messages) {
	s.t.Helper()
	m := &messages{s.t, make(chan string, 10_000), make(chan error, 1)}
	c, err := Dial(s.t.Context(), s.url, DialConfig{Transports: transports, Accept: func(*Conn) Handler { return m }})
	require.NoError(s.t, err)
	require.Equal(s.t, "4welcome", m.next())
	return c, m
}

// settleOn waits until the connection has come to its transport.
func settleOn(t *testing.T, c *Conn, transport string) {
	t.Helper()
	require.Eventually(t, func() bool { return c.Transport() == transport }, 20*time.Second, time.Millisecond)
}

func TestPython_echo(t *testing.T) {
	s := startPython(t, `{"max_http_buffer_size": 300000}`)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			c, m := s.dial(way.transports)
			var sent []Message
			for i := range 200 {
				sent = append(sent, text(fmt.Sprint(i, " é €")), Message{Data: bytes.Repeat([]byte{byte(i)}, i), Binary: true})
			}
			for _, n := range []int{5000, 70_000, 200_000} {
				sent = append(sent, text(strings.Repeat("ß", n/2)), Message{Data: make([]byte, n), Binary: true})
			}
			var want []string
			for _, msg := range sent {
				require.NoError(t, c.Send(msg))
				want = append(want, string(appendPayload(nil, []packet{msg.packet()})))
			}
			var got []string
			for range sent {
				got = append(got, m.next())
			}
			// Its handlers run one beside the other.
			slices.Sort(want)
			slices.Sort(got)
			require.Equal(t, want, got)

			settleOn(t, c, way.ends)
			require.NoError(t, c.Send(text("after all")))
			require.Equal(t, "4after all", m.next())
			require.NoError(t, c.Close())
			require.Equal(t, ErrClosed, <-m.closed)
			require.Contains(t, []string{"client disconnect", "transport close"}, s.line())
		})
	}
}

// It sends many messages at once, and in their order.
func TestPython_burst(t *testing.T) {
	s := startPython(t, `{}`)
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			c, m := s.dial(way.transports)
			require.NoError(t, c.Send(text("!burst 500")))
			for i := range 500 {
				want := text(fmt.Sprint(i))
				want.Binary = i%2 == 0
				require.Equal(t, string(appendPayload(nil, []packet{want.packet()})), m.next())
			}
			c.Close()
			<-m.closed
		})
	}
}

// Several of its pings pass.
func TestPython_heartbeat(t *testing.T) {
	s := startPython(t, `{"ping_interval": 1, "ping_timeout": 1}`)
	var waiting []func()
	for _, way := range ways {
		c, m := s.dial(way.transports)
		require.NoError(t, c.Send(text("!later 4.5")))
		waiting = append(waiting, func() {
			require.Equal(t, "4later", m.next(), way.name)
			require.Equal(t, way.ends, c.Transport())
			c.Close()
			<-m.closed
		})
	}
	for _, wait := range waiting {
		wait()
	}
}

func TestPython_closes(t *testing.T) {
	s := startPython(t, `{}`)
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			c, m := s.dial(way.transports)
			settleOn(t, c, way.ends)
			require.NoError(t, c.Send(text("!close")))
			require.ErrorIs(t, <-m.closed, ErrPeerClosed)
			require.Equal(t, "server disconnect", s.line())
		})
	}
}

// It refuses, and it drops whoever sends too much.
func TestPython_refuses(t *testing.T) {
	s := startPython(t, `{"max_http_buffer_size": 1000}`)
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			_, err := Dial(t.Context(), s.url, DialConfig{Transports: way.transports, Header: http.Header{"X-Token": {"bad"}}})
			require.Equal(t, &HandshakeError{http.StatusUnauthorized, `"not you"`}, err)

			c, m := s.dial(way.transports)
			settleOn(t, c, way.ends)
			require.NoError(t, c.Send(text(strings.Repeat("m", 1001))))
			require.ErrorIs(t, <-m.closed, ErrPeerClosed)
		})
	}
}

func TestPython_withoutUpgrade(t *testing.T) {
	s := startPython(t, `{"allow_upgrades": false}`)
	c, m := s.dial([]string{transportPolling, transportWebsocket})
	require.NoError(t, c.Send(text("a")))
	require.Equal(t, "4a", m.next())
	require.Equal(t, transportPolling, c.Transport())
	c.Close()
	<-m.closed
}
