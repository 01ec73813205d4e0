package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
)

// program is the command, built once for all tests.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "znsocket")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "znsocket")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// start runs the command until it says where clients connect.
func start(t *testing.T, args ...string) (cmd *exec.Cmd, url string, log *bufio.Reader) {
	t.Helper()
	cmd = exec.Command(program, append([]string{"--port", "0"}, args...)...)
	url, log = run(t, cmd)
	return cmd, url, log
}

func run(t *testing.T, cmd *exec.Cmd) (url string, log *bufio.Reader) {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	log = bufio.NewReader(stderr)
	line, err := log.ReadString('\n')
	require.NoError(t, err)
	url = regexp.MustCompile(`znsocket://[0-9.:]+`).FindString(line)
	require.NotEmpty(t, url, line)
	return url, log
}

func TestCommand_servesAndEnds(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("Windows has no signals to send: only the serving is tested")
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		cmd, url, log := start(t)
		c, err := znsocket.Dial(t.Context(), url)
		require.NoError(t, err)
		defer c.Close()
		require.NoError(t, c.Set(t.Context(), "k", "v"))
		require.NoError(t, cmd.Process.Signal(signal)) // with a WebSocket open
		rest, err := io.ReadAll(log)
		require.NoError(t, err)
		assert.NoError(t, cmd.Wait(), "the end that was asked for is no failure")
		assert.Contains(t, string(rest), "shutting down")
	}
}

func TestCommand_portInUse(t *testing.T) {
	_, url, _ := start(t)
	port := url[strings.LastIndex(url, ":")+1:]
	out, err := exec.Command(program, "--port", port).CombinedOutput()
	require.Error(t, err)
	assert.Equal(t, 1, strings.Count(string(out), "\n"), "one line: %s", out)
	assert.Contains(t, string(out), "in use")
	assert.Contains(t, string(out), "--port")
}

func TestCommand_mistakes(t *testing.T) {
	for args, want := range map[string]string{
		"--storage disk":           "redis://localhost:6379/0",
		"--log-level loud":         "debug, info, warn or error",
		"--port 70000":             "between 0 and 65535",
		"--port x":                 "--help",
		"--max-http-buffer-size 3": "1024 bytes or more",
		"--bogus":                  "--help",
		"serve":                    "--help",
	} {
		out, err := exec.Command(program, strings.Fields(args)...).CombinedOutput()
		require.Error(t, err, args)
		assert.Equal(t, 1, strings.Count(string(out), "\n"), "one line: %s", out)
		assert.Contains(t, string(out), want)
	}
}

func TestCommand_help(t *testing.T) {
	out, err := exec.Command(program, "--help").CombinedOutput()
	require.NoError(t, err)
	for _, flag := range []string{
		"--host", "--port", "--max-http-buffer-size", "--storage", "--data", "--sync", "--log-level", "--allow-origin", "--engineio3", "--inspect",
		"--redis-port", "--auth-token", "--version",
	} {
		assert.Contains(t, string(out), flag)
	}
	assert.NotContains(t, string(out), "-1", "a port that nobody can give is no default to tell of")
	out, err = exec.Command(program, "--version").CombinedOutput()
	require.NoError(t, err)
	assert.Contains(t, string(out), znsocket.Version)
}

// Nobody reads the log, which is more than a pipe holds, and every request is
// still answered: each of these leaves a line.
func TestCommand_unreadLog(t *testing.T) {
	_, url, _ := start(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(url, "znsocket", "http", 1)+"/socket.io/?EIO=4&transport=polling", nil)
	require.NoError(t, err)
	req.Header.Set("Origin", "https://"+strings.Repeat("elsewhere.", 20)+"example")
	for range 400 {
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, http.StatusForbidden, resp.StatusCode)
	}
}

// stuck is a reader that takes one line and then no more until it is let go.
type stuck struct {
	bytes.Buffer
	taken chan struct{}
	leave chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	select {
	case s.taken <- struct{}{}:
	default:
	}
	<-s.leave
	return s.Buffer.Write(p)
}

func TestLogWriter_dropsAndSays(t *testing.T) {
	s := &stuck{taken: make(chan struct{}, 1), leave: make(chan struct{})}
	w := newLogWriter(s)
	w.Write([]byte("first\n"))
	<-s.taken
	for range logLines + 5 {
		w.Write([]byte("line\n"))
	}
	close(s.leave)
	require.NoError(t, w.Close())
	assert.Equal(t, 1+logLines, strings.Count(s.String(), "line\n")+strings.Count(s.String(), "first\n"))
	assert.Contains(t, s.String(), "5 log lines were dropped")
}
