// Package examples runs every program in this directory.
package examples

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
)

// Each ends well, says what it did and has nothing to complain about.
func TestExamples_run(t *testing.T) {
	files, err := filepath.Glob("*/main.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := filepath.Dir(file)
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), name+".exe")
			out, err := exec.CommandContext(t.Context(), "go", "build", "-race", "-o", program, "./"+name).CombinedOutput()
			require.NoError(t, err, "%s", out)

			run := exec.CommandContext(t.Context(), program)
			if name == "client" {
				run.Args = append(run.Args, "-url", serve(t))
			}
			var stdout, stderr strings.Builder
			run.Stdout, run.Stderr = &stdout, &stderr
			require.NoError(t, run.Run(), "%s%s", &stdout, &stderr)
			assert.NotEmpty(t, stdout.String())
			assert.Empty(t, stderr.String())
		})
	}
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
