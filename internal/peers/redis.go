package peers

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Redis starts a redis-server that the test has for itself, with more arguments
// if it needs them, and returns the path of its socket. The texts that tests
// compare with are those of 7.0, so it must be that.
func Redis(t testing.TB, args ...string) (socket string) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	require.NoError(t, err, "no redis-server to compare with: install Debian's package redis-server (7.0)")
	dir, err := os.MkdirTemp("", "redis") // t.TempDir is too long a name for a socket
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "socket")
	server := exec.Command(program, append([]string{"--port", "0", "--unixsocket", socket, "--dir", dir,
		"--save", "", "--appendonly", "no"}, args...)...)
	log, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	var reading sync.WaitGroup
	t.Cleanup(func() {
		_ = server.Process.Kill()
		reading.Wait() // before Wait, which closes what is read
		_ = server.Wait()
	})
	lines := bufio.NewScanner(log)
	for ready := false; !ready; {
		require.True(t, lines.Scan(), "redis-server ended before it was ready")
		ready = strings.Contains(lines.Text(), "ready to accept connections")
	}
	// Nobody needs the rest, but a full pipe would stop the server.
	reading.Go(func() { _, _ = io.Copy(io.Discard, log) })

	require.Contains(t, serverInfo(t, socket), "redis_version:7.0.",
		"the texts to compare with are those of Redis 7.0")
	return socket
}

// serverInfo returns what the server tells of itself, as it is sent.
func serverInfo(t testing.TB, socket string) string {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "INFO server\r\nQUIT\r\n") // after QUIT there is an end to read to
	require.NoError(t, err)
	info, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(info)
}
