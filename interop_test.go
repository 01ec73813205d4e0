package znsocket

import (
	"bufio"
	"context"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// startServer serves until the test is over and returns the server's address,
// host and port.
func startServer(t *testing.T, opts ...ServerOption) (*Server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := NewServer(opts...)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, srv.Shutdown(ctx))
		<-served
		if s := srv.Store(); s != nil {
			require.NoError(t, s.space.Check())
		}
		require.Zero(t, srv.queued.Load(), "bytes that wait for nobody")
		require.Zero(t, srv.unfinished.Load(), "bytes of forgotten messages")
	})
	return srv, l.Addr().String()
}

// startPythonServer starts the Python server on a free port.
func startPythonServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	server := exec.Command(peers.Python(t), "-c", "from znsocket.cli import app; app()", "--port", strconv.Itoa(port), "--log-level", "ERROR")
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	// It says nothing when it is ready, so try until it is.
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return false
		}
		c.Close()
		return true
	}, 30*time.Second, 50*time.Millisecond)
	return addr
}

// runPeer runs a program that drives the server and shows what it printed.
func runPeer(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	for lines := bufio.NewScanner(strings.NewReader(string(out))); lines.Scan(); {
		t.Log(lines.Text())
	}
	require.NoError(t, err, "%s %s failed: its output is above", name, strings.Join(args, " "))
}

// The real Python client does what it does with its own server.
func TestServer_pythonClient(t *testing.T) {
	_, addr := startServer(t, WithMaxMessageSize(5<<20))
	runPeer(t, peers.Python(t), "-W", "ignore", "testdata/interop/client.py", "znsocket://"+addr)
}

// By the Python client, redis-py's calls give what they give on a Redis.
func TestServer_pythonCommands(t *testing.T) {
	_, addr := startServer(t)
	runPeer(t, peers.Python(t), "-W", "ignore", "testdata/interop/commands.py", "znsocket://"+addr, peers.Redis(t))
}

// The same under a prefix.
func TestServer_pythonClientPrefix(t *testing.T) {
	_, addr := startServer(t)
	runPeer(t, peers.Python(t), "-W", "ignore", "-c",
		"import sys; from znsocket import Client; c = Client.from_url(sys.argv[1]); assert c.set('a', 'b') and c.get('a') == 'b'; c.sio.disconnect()",
		"znsocket://"+addr+"/team/a")
}

// The real socket.io-client, over every transport.
func TestServer_javascriptClient(t *testing.T) {
	node, err := exec.LookPath("node")
	require.NoError(t, err, "no Node.js to test with: install it")
	_, addr := startServer(t, WithMaxMessageSize(5<<20))
	runPeer(t, node, "testdata/js/client.js", "http://"+addr)
}
