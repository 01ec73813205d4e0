// Package examples runs every program in this directory.
package examples

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/peers"
)

// Each ends well by itself, says what it did and has nothing to complain about.
func TestExamples_run(t *testing.T) {
	files, err := filepath.Glob("*/main.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := filepath.Dir(file)
		t.Run(name, func(t *testing.T) {
			p := start(t, build(t, name), arguments(t, name)...)
			said := p.end()
			assert.NotEmpty(t, said)
			if name == "twoservers" {
				assert.Equal(t, []string{
					"rome reads the list that both wrote: [R7 F5 R1]",
					"oslo hears that element 0 has changed: it is R8",
					"oslo reads rome's memory: [1 2 5]",
				}, said)
			}
		})
	}
}

// arguments are what an example needs in a test.
func arguments(t *testing.T, name string) []string {
	t.Helper()
	switch name {
	case "adapter":
		return []string{"-addr", "127.0.0.1:0"}
	case "client":
		return []string{"-url", serve(t)}
	case "progress":
		return []string{"-addr", "127.0.0.1:0", "-every", "1ms"}
	case "twoservers":
		return []string{"-redis", "unix://" + peers.Redis(t)}
	}
	return nil
}

func TestAdapter_isReadByPython(t *testing.T) {
	owner := start(t, build(t, "adapter"), arguments(t, "adapter")...)
	url := urlIn(t, owner.line())
	read := func() []string { return start(t, peers.Python(t), "-W", "ignore", "adapter/read.py", url).end() }

	assert.Equal(t, []string{"2 guests in the library: Ada, Alan", "the newest is Alan"}, read())
	owner.say("Grace")
	require.Equal(t, "welcome, Grace", owner.line())
	assert.Equal(t, []string{"3 guests in the library: Ada, Alan, Grace", "the newest is Grace"}, read())
	owner.end()
}

func TestProgress_isFollowedByPython(t *testing.T) {
	worker := start(t, build(t, "progress"), arguments(t, "progress")...)
	follower := start(t, peers.Python(t), "-W", "ignore", "progress/follow.py", urlIn(t, worker.line()))

	require.Equal(t, "step 0 of 5: 0.0000", follower.line())
	worker.say("")
	require.Equal(t, "done, the sum is 2.2833: Enter ends", worker.line())
	steps := follower.end() // it may have missed some, but not the last
	require.NotEmpty(t, steps)
	assert.IsNonDecreasing(t, steps)
	assert.Equal(t, "step 5 of 5: 2.2833", steps[len(steps)-1])
	worker.end()
}

// Whoever adds an example should not have to come here.
func TestExamples_areAllPrograms(t *testing.T) {
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, e := range entries {
		if e.IsDir() {
			assert.FileExists(t, filepath.Join(e.Name(), "main.go"))
		}
	}
}

func build(t *testing.T, name string) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), name+".exe")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-race", "-o", program, "./"+name).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// process is a program that the test talks to in lines.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Scanner
	stderr strings.Builder
}

func start(t *testing.T, program string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // for one that waits in vain
	t.Cleanup(cancel)
	p := &process{t: t, cmd: exec.CommandContext(ctx, program, args...)}
	p.cmd.Stderr = &p.stderr
	var err error
	p.stdin, err = p.cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.stdout = bufio.NewScanner(stdout)
	require.NoError(t, p.cmd.Start())
	return p
}

// line waits for the next line that the program prints.
func (p *process) line() string {
	p.t.Helper()
	if !p.stdout.Scan() {
		p.cmd.Wait() // for all of stderr
		require.Fail(p.t, "no further line", "%s\n%s", p.cmd, &p.stderr)
	}
	return p.stdout.Text()
}

func (p *process) say(line string) {
	p.t.Helper()
	_, err := io.WriteString(p.stdin, line+"\n")
	require.NoError(p.t, err)
}

// end ends the program's input and returns what else it prints.
func (p *process) end() (lines []string) {
	p.t.Helper()
	p.stdin.Close()
	for p.stdout.Scan() {
		lines = append(lines, p.stdout.Text())
	}
	require.NoError(p.t, p.cmd.Wait(), "%s\n%s", p.cmd, &p.stderr)
	assert.Empty(p.t, p.stderr.String())
	return lines
}

// urlIn finds the URL that a program says it serves.
func urlIn(t *testing.T, line string) string {
	t.Helper()
	url := regexp.MustCompile(`znsocket://[\d.]+:\d+`).FindString(line)
	require.NotEmpty(t, url, line)
	return url
}

// serve starts a server for the example that wants a running one and returns
// its URL.
func serve(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := znsocket.NewServer()
	served := make(chan error)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		assert.NoError(t, srv.Shutdown(context.Background()))
		<-served
	})
	return "znsocket://" + l.Addr().String()
}
