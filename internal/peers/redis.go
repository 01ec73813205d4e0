package peers

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Redis starts a redis-server that the test has for itself, with more arguments
// if it needs them, and returns the path of its socket. The texts that tests
// compare with are those of 7.0, so it must be that.
func Redis(t testing.TB, args ...string) (socket string) {
	t.Helper()
	return startRedis(t, append([]string{"--port", "0"}, args...)...).Socket
}

// RedisServer is a redis-server that the test has for itself. The test that
// started it owns it; it ends with the test.
type RedisServer struct {
	Addr   string // host:port
	Socket string

	t    testing.TB
	args []string
	*process
}

// RedisTCP is Redis with a port of its own on 127.0.0.1, and a server that can be
// stopped and started again.
func RedisTCP(t testing.TB, args ...string) *RedisServer {
	t.Helper()
	port := freePort(t)
	r := startRedis(t, append([]string{"--bind", "127.0.0.1", "--port", port}, args...)...)
	r.Addr = net.JoinHostPort("127.0.0.1", port)
	return r
}

// RedisTLS is RedisTCP that speaks TLS only, with the certificate and key in
// these files and no demand for one from its clients.
func RedisTLS(t testing.TB, certFile, keyFile string) *RedisServer {
	t.Helper()
	port := freePort(t)
	r := startRedis(t, "--bind", "127.0.0.1", "--port", "0", "--tls-port", port,
		"--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-auth-clients", "no")
	r.Addr = net.JoinHostPort("127.0.0.1", port)
	return r
}

func startRedis(t testing.TB, args ...string) *RedisServer {
	t.Helper()
	dir, err := os.MkdirTemp("", "redis") // t.TempDir is too long a name for a socket
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "socket")
	r := &RedisServer{Socket: socket, t: t, args: append([]string{"--unixsocket", socket, "--dir", dir,
		"--save", "", "--appendonly", "no"}, args...)}
	r.Start()
	t.Cleanup(func() { r.Stop() }) // the process there is then
	require.Contains(t, r.Command("INFO server"), "redis_version:7.0.",
		"the texts to compare with are those of Redis 7.0")
	return r
}

// Start starts the server, again after a Stop, and returns when it is ready.
func (r *RedisServer) Start() {
	r.t.Helper()
	r.process = startRedisProcess(r.t, r.args...)
	r.WaitLog("now ready to accept connections at") // the socket, its last word before it serves
}

// Command sends one command, whose words have no spaces, and returns the reply
// as it is sent.
func (r *RedisServer) Command(line string) string {
	r.t.Helper()
	conn, err := net.Dial("unix", r.Socket)
	require.NoError(r.t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, line+"\r\nQUIT\r\n") // after QUIT there is an end to read to
	require.NoError(r.t, err)
	reply, err := io.ReadAll(conn)
	require.NoError(r.t, err)
	return strings.TrimSuffix(string(reply), "+OK\r\n")
}

// process is a running redis-server and what it has written so far.
type process struct {
	t       testing.TB
	cmd     *exec.Cmd
	reading sync.WaitGroup

	mu    sync.Mutex
	lines []string
	more  chan struct{} // closed and replaced when there is another line
	ended bool
}

func startRedisProcess(t testing.TB, args ...string) *process {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	require.NoError(t, err, "no redis-server to compare with: install Debian's package redis-server (7.0)")
	p := &process{t: t, cmd: exec.Command(program, args...), more: make(chan struct{})}
	log, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	p.reading.Go(func() { p.read(log) })
	return p
}

// read reads to the end: a full pipe would stop the server.
func (p *process) read(log io.Reader) {
	scanner := bufio.NewScanner(log)
	for more := true; more; {
		more = scanner.Scan()
		p.mu.Lock()
		p.lines = append(p.lines, scanner.Text())
		p.ended = !more
		close(p.more)
		p.more = make(chan struct{})
		p.mu.Unlock()
	}
}

// WaitLog returns when the server has written a line that contains text.
func (p *process) WaitLog(text string) {
	p.t.Helper()
	late := time.After(30 * time.Second)
	for {
		p.mu.Lock()
		log, more, ended := strings.Join(p.lines, "\n"), p.more, p.ended
		p.mu.Unlock()
		if strings.Contains(log, text) {
			return
		}
		require.False(p.t, ended, "redis-server ended before it wrote %q:\n%s", text, log)
		select {
		case <-more:
		case <-late:
			require.Fail(p.t, "too late", "redis-server has not written %q:\n%s", text, log)
		}
	}
}

// Stop ends the server as a crash would.
func (p *process) Stop() {
	_ = p.cmd.Process.Kill()
	p.reading.Wait() // before Wait, which closes what is read
	_ = p.cmd.Wait()
}

// freePort returns a port that nobody listened on a moment ago.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
