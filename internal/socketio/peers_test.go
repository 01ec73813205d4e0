package socketio

import (
	"bufio"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/peers"
)

const jsClientPath = "../../testdata/js/node_modules/socket.io-client"

// realPeers is the server that the scripts under testdata expect: beside what
// suiteServer does, ask makes it ask back, leave and close end things.
func realPeers() Config {
	cfg := suiteServer(engineio.Config{})
	inner := cfg.Connect
	cfg.Connect = func(s *Socket) (Handler, error) {
		h, err := inner(s)
		return asking{h, s}, err
	}
	return cfg
}

type asking struct {
	Handler
	s *Socket
}

func (h asking) Event(e Event, ack Ack) {
	switch e.Name {
	case "ask":
		h.s.Call(Event{"asked", e.Args, e.Attachments}, func(args []byte, attachments [][]byte, err error) {
			if err == nil {
				h.s.Emit(Event{"answered", args, attachments})
			}
		})
	case "leave":
		h.s.Disconnect()
	case "close":
		h.s.Close()
	default:
		h.Handler.Event(e, ack)
	}
}

// script returns the path of a program under testdata. That it is looked at
// makes go test run again when it has changed.
func script(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("testdata", name)
	require.FileExists(t, path)
	return path
}

func TestPeers_pythonClient(t *testing.T) {
	python := peers.Python(t)
	for name, transports := range transports {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, realPeers())
			args := append([]string{script(t, "client.py"), strings.TrimSuffix(s.url, "/socket.io/")}, transports...)
			output, err := exec.CommandContext(t.Context(), python, args...).CombinedOutput()
			require.NoError(t, err, "%s", output)
		})
	}
}

func TestPeers_javascriptClient(t *testing.T) {
	node, err := exec.LookPath("node")
	require.NoError(t, err, "no Node.js to test with: install it")
	module, err := filepath.Abs(filepath.Join(jsClientPath, "build/esm-debug/index.js"))
	require.NoError(t, err)
	require.FileExists(t, module, "run `make setup` to install it")
	for name, transports := range transports {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, realPeers())
			args := append([]string{script(t, "client.mjs"), strings.TrimSuffix(s.url, "/socket.io/"), module}, transports...)
			output, err := exec.CommandContext(t.Context(), node, args...).CombinedOutput()
			require.NoError(t, err, "%s", output)
		})
	}
}

// ways2 are the options of socket.io-client@2 that choose how it speaks.
var ways2 = map[string]string{
	"polling":                  `{"transports":["polling"]}`,
	"websocket":                `{"transports":["websocket"]}`,
	"upgrade":                  `{}`,
	"websocket without binary": `{"transports":["websocket"],"forceBase64":true}`,
	"scripts and forms":        `{"transports":["polling"],"forceJSONP":true}`,
}

func TestPeers_javascriptClient2(t *testing.T) {
	node, err := exec.LookPath("node")
	require.NoError(t, err, "no Node.js to test with: install it")
	modules, err := filepath.Abs("../../testdata/js")
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(modules, "node_modules/socket.io-client-2/package.json"), "run `make setup` to install it")
	require.FileExists(t, filepath.Join(modules, "page.js"))
	for name, options := range ways2 {
		t.Run(name, func(t *testing.T) {
			cfg := realPeers()
			cfg.Engine.Revision3 = true
			cfg.Engine.PingInterval, cfg.Engine.PingTimeout = 200*time.Millisecond, 300*time.Millisecond
			s := startServer(t, cfg)
			output, err := exec.CommandContext(t.Context(), node, script(t, "client2.mjs"), strings.TrimSuffix(s.url, "/socket.io/"), modules, options).CombinedOutput()
			require.NoError(t, err, "%s", output)
		})
	}
}

func TestPeers_pythonServer(t *testing.T) {
	server := exec.CommandContext(t.Context(), peers.Python(t), script(t, "server.py"))
	stdin, err := server.StdinPipe()
	require.NoError(t, err)
	stdout, err := server.StdoutPipe()
	require.NoError(t, err)
	var said strings.Builder
	server.Stderr = &said
	require.NoError(t, server.Start())
	defer func() {
		stdin.Close()
		server.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	}()
	output := bufio.NewReader(stdout)
	port, err := output.ReadString('\n')
	require.NoError(t, err)
	go io.Copy(io.Discard, output)
	url := "http://127.0.0.1:" + strings.TrimSpace(port) + "/socket.io/"

	for name, transports := range transports {
		t.Run(name, func(t *testing.T) {
			cfg := DialConfig{Engine: engineio.DialConfig{Transports: transports}}
			talk(t, dialClient(t, url, cfg))

			c := dialClient(t, url, cfg)
			r := mustJoin(t, c, "/", `{}`)
			require.NoError(t, r.s.Emit(Event{Name: "leave"}))
			require.ErrorIs(t, within(t, r.closed), ErrLeft)
		})
	}
}
