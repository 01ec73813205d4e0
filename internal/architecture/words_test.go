package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The transport carries events and bytes, whatever they mean: it can be read,
// and tested, by whoever has never heard of Redis.
func TestTransport_knowsNoRedis(t *testing.T) {
	word := regexp.MustCompile(`(?i)redis|keyspace|pycall`)
	for _, room := range []string{"websocket", "engineio", "socketio"} {
		sources := goFiles(t, filepath.Join("..", room), func(name string) bool { return !strings.HasSuffix(name, "_test.go") })
		assert.NotEmpty(t, sources, room)
		for _, file := range sources {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for i, line := range strings.Split(string(text), "\n") {
				assert.NotRegexp(t, word, line, "%s:%d", file, i+1)
			}
		}
	}
}

// A test whose tool is missing has to fail: a green run that skipped something
// says nothing.
func TestTests_neverSkip(t *testing.T) {
	tests := goFiles(t, "../..", func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	assert.NotEmpty(t, tests)
	peers := goFiles(t, "../peers", func(string) bool { return true }) // what finds the tools
	assert.NotEmpty(t, peers)
	for _, file := range append(tests, peers...) {
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(tree, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if on, ok := s.X.(*ast.Ident); ok && slices.Contains([]string{"t", "tb", "b", "f"}, on.Name) {
				assert.NotContains(t, []string{"Skip", "Skipf", "SkipNow"}, s.Sel.Name, "%s", fset.Position(s.Pos()))
			}
			return true
		})
	}
}

// goFiles returns the Go files under dir whose names pass. As the go command
// does it leaves out testdata and what begins with a dot.
func goFiles(t *testing.T, dir string, pass func(name string) bool) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch name := d.Name(); {
		case d.IsDir() && path != dir && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules"):
			return filepath.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, ".go") && pass(name):
			files = append(files, path)
		}
		return nil
	})
	require.NoError(t, err)
	return files
}
