// Package peers has the real programs that tests compare with and drive: Redis,
// Python with znsocket, and the official suites of the protocols. Only tests
// import it. Where a program is missing the test fails and says how to get it.
package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Python returns the path of the interpreter that has the Python packages to
// compare with: that of .venv, or what ZNSOCKET_PYTHON names.
func Python(t testing.TB) string {
	t.Helper()
	path := os.Getenv("ZNSOCKET_PYTHON")
	if path == "" {
		path = filepath.Join(".venv", "bin", "python")
	}
	// A bare name is looked for on PATH. Another one is the same program
	// whichever package's test asks, so it counts from the project's root.
	if filepath.Base(path) != path && !filepath.IsAbs(path) {
		path = filepath.Join(projectRoot(t), path)
	}
	found, err := exec.LookPath(path)
	require.NoError(t, err, "no Python with znsocket at %s: run make setup, or name one in ZNSOCKET_PYTHON", path)
	return found
}

// projectRoot returns the directory of the Makefile, above all modules of the
// project. A test runs in the directory of its package.
func projectRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "Makefile")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		require.NotEqual(t, dir, parent, "no Makefile above the test's directory")
		dir = parent
	}
}
