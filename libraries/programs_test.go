package libraries

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

func TestPython(t *testing.T) {
	python := peers.Python(t)
	forEachFile(t, "python/test_*.py", func(t *testing.T, file string) {
		onEach(t, func(t *testing.T, start func() server) {
			runProgram(t, start(), python, "-W", "ignore", "-m", "unittest", "-v", file)
		})
	})
}

func TestNode(t *testing.T) {
	require.DirExists(t, "node/node_modules", "run make setup")
	forEachFile(t, "node/*.test.js", func(t *testing.T, file string) {
		onEach(t, func(t *testing.T, start func() server) {
			runProgram(t, start(), "node", "--test", "--test-reporter", "spec", file)
		})
	})
}

func forEachFile(t *testing.T, pattern string, test func(t *testing.T, file string)) {
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { test(t, file) })
	}
}

// runProgram runs tests in another language, in their directory. They find the
// server in REDIS_URL.
func runProgram(t *testing.T, s server, name string, args ...string) {
	t.Helper()
	file := args[len(args)-1]
	args[len(args)-1] = filepath.Base(file)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so it ends its workers
	cmd.WaitDelay = 10 * time.Second
	cmd.Dir = filepath.Dir(file)
	cmd.Env = append(os.Environ(), "REDIS_URL=redis://"+s.addr+"/0")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
