package engineio

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// startNode starts the reference server, npm's engine.io, which does what
// testdata/server.py does. It lies beside the modules it needs.
func startNode(t *testing.T, options string) *pythonServer {
	t.Helper()
	cmd := exec.Command("node", "engineio-server.js", options)
	cmd.Dir = "../../testdata/js"
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start(), "run `make setup` to install node and engine.io")
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s := &pythonServer{t: t, lines: bufio.NewScanner(out)}
	s.url = "http://127.0.0.1:" + s.line() + "/engine.io/"
	return s
}

// All arrives in order, both ways, over whatever transport and from one to the
// other, with pings every 300 ms in between.
func TestNode_conversation(t *testing.T) {
	s := startNode(t, `{"pingInterval":300,"pingTimeout":300,"maxHttpBufferSize":300000}`)
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			c, m := s.dial(way.transports)
			var want []string
			for i := range 200 {
				pair := []Message{text(fmt.Sprint(i, " é €")), {Data: bytes.Repeat([]byte{byte(i)}, i), Binary: true}}
				require.NoError(t, c.Send(pair...))
				for _, each := range pair {
					want = append(want, string(appendPayload(nil, []packet{each.packet()})))
				}
			}
			for _, each := range want {
				require.Equal(t, each, m.next())
			}
			settleOn(t, c, way.ends)
			require.NoError(t, c.Send(text("!burst 500")))
			for i := range 500 {
				each := Message{Data: fmt.Append(nil, i), Binary: i%2 == 0}
				require.Equal(t, string(appendPayload(nil, []packet{each.packet()})), m.next())
			}
			require.NoError(t, c.Send(text("!later 1")))
			require.Equal(t, "4later", m.next())
			c.Close()
			require.Equal(t, ErrClosed, <-m.closed)
			require.Equal(t, "transport close", s.line())

			c, m = s.dial(way.transports)
			settleOn(t, c, way.ends)
			require.NoError(t, c.Send(text("!close")))
			require.ErrorIs(t, <-m.closed, ErrPeerClosed)
			require.Equal(t, "forced close", s.line())

			c, m = s.dial(way.transports)
			settleOn(t, c, way.ends)
			require.NoError(t, c.Send(text(strings.Repeat("x", 300_001))))
			require.ErrorIs(t, <-m.closed, ErrPeerClosed)
			s.line()
		})
	}
}
