// Package readme runs what README.md shows: its Go programs, and its Python and
// JavaScript snippets against the server that its first command starts.
//
// What a snippet prints stands in a comment behind the call that prints it, or
// "each …" where it prints that in a loop.
package readme

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

const (
	root    = "../.."
	address = "127.0.0.1:5000" // where README.md has the server
)

func TestReadme_goPrograms(t *testing.T) {
	var servers, others int
	server := serve(t)
	for _, s := range snippets(t, "go") {
		t.Run(fmt.Sprintf("line %d", s.line), func(t *testing.T) {
			switch {
			case strings.Contains(s.code, "testing.T"):
				file := s.save(t, "snippet_test.go", server)
				run(t, command(t, root, "go", "test", "-count=1", file))
			case strings.Contains(s.code, ".Listen("):
				servers++
				own := freeAddress(t)
				start(t, own, build(t, s.save(t, "main.go", own)))
			default:
				others++
				s.checkOutput(t, run(t, command(t, root, build(t, s.save(t, "main.go", server)))))
			}
		})
	}
	assert.Positive(t, servers)
	assert.Positive(t, others)
}

func TestReadme_pythonSnippets(t *testing.T) {
	python := peers.Python(t)
	server := serve(t)
	for _, s := range snippets(t, "python") {
		t.Run(fmt.Sprintf("line %d", s.line), func(t *testing.T) {
			s.checkOutput(t, run(t, command(t, root, python, "-W", "ignore", s.save(t, "snippet.py", server))))
		})
	}
}

func TestReadme_javaScriptSnippets(t *testing.T) {
	modules, err := filepath.Abs(filepath.Join(root, "testdata/js/node_modules"))
	require.NoError(t, err)
	require.DirExists(t, modules, "run make setup")
	server := serve(t)
	for _, s := range snippets(t, "javascript") {
		t.Run(fmt.Sprintf("line %d", s.line), func(t *testing.T) {
			file := s.save(t, "snippet.mjs", server)
			// Node looks for packages beside the file.
			require.NoError(t, os.Symlink(modules, filepath.Join(filepath.Dir(file), "node_modules")))
			s.checkOutput(t, run(t, command(t, root, "node", file)))
		})
	}
}

func TestReadme_namesTheFlagsThatThereAre(t *testing.T) {
	help := run(t, command(t, root, build(t, "./cmd/znsocket"), "--help"))
	flag := regexp.MustCompile(`--[a-z][a-z-]+`)
	of := func(text string) []string {
		flags := flag.FindAllString(text, -1)
		slices.Sort(flags)
		return slices.Compact(flags)
	}
	assert.Equal(t, of(help), of(section(t, "The command line")))
}

func TestReadme_namesTheClientOptionsThatThereAre(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "*.go"))
	require.NoError(t, err)
	var there []string
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, decl := range tree.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || fn.Type.Results.NumFields() != 1 {
				continue
			}
			if result, ok := fn.Type.Results.List[0].Type.(*ast.Ident); ok && (result.Name == "ClientOption" || result.Name == "CommonOption") {
				there = append(there, fn.Name.Name)
			}
		}
	}
	var named []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Za-z]+)\\(").FindAllStringSubmatch(section(t, "Options of the Go client"), -1) {
		named = append(named, m[1])
	}
	assert.NotEmpty(t, there)
	assert.ElementsMatch(t, there, named)
}

// serve starts the server as README.md says, but at an address of its own,
// which it returns.
func serve(t *testing.T) string {
	t.Helper()
	const program = "go run ./cmd/znsocket "
	first := snippets(t, "sh")[0].code
	args, ok := strings.CutPrefix(strings.TrimSpace(first), program)
	require.True(t, ok, "the first command must be %q, is %q", program, first)
	own := freeAddress(t)
	_, port, err := net.SplitHostPort(own)
	require.NoError(t, err)
	start(t, own, build(t, "./cmd/znsocket"), strings.Fields(strings.ReplaceAll(args, "5000", port))...)
	return own
}

// start runs a server until the end of the test and returns once it accepts.
func start(t *testing.T, own, program string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, program, args...)
	var out bytes.Buffer
	server.Stdout, server.Stderr = &out, &out
	require.NoError(t, server.Start())
	ended := make(chan struct{})
	go func() {
		server.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	for {
		conn, err := net.Dial("tcp", own)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-ended:
			require.Fail(t, "the server ended", "%s", &out)
		case <-t.Context().Done():
			require.Fail(t, "the server does not accept", "%s", &out)
		case <-time.After(10 * time.Millisecond): // nothing else tells when it does
		}
	}
}

// freeAddress returns an address nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// build compiles a Go file or package and returns the program.
func build(t *testing.T, source string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program.exe")
	run(t, command(t, root, "go", "build", "-o", program, source))
	return program
}

func command(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir = dir
	return c
}

// run returns what a command that succeeds prints.
func run(t *testing.T, c *exec.Cmd) string {
	t.Helper()
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	require.NoError(t, err, "%s: %s%s", c, out, &stderr)
	return string(out)
}

// snippet is a fenced block of code.
type snippet struct {
	language string
	line     int // of its fence
	code     string
}

// snippets returns the blocks of a language, of which there must be one.
func snippets(t *testing.T, language string) []snippet {
	t.Helper()
	var all []snippet
	inside := false
	for i, line := range strings.SplitAfter(readme(t), "\n") {
		fence, ok := strings.CutPrefix(line, "```")
		switch {
		case ok && inside:
			inside = false
		case ok:
			inside = true
			all = append(all, snippet{language: strings.TrimSpace(fence), line: i + 1})
		case inside:
			all[len(all)-1].code += line
		}
	}
	require.False(t, inside, "a block is not closed")
	all = slices.DeleteFunc(all, func(s snippet) bool { return s.language != language })
	require.NotEmpty(t, all, language)
	return all
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	return string(text)
}

// section returns the text under a heading, up to the next one.
func section(t *testing.T, heading string) string {
	t.Helper()
	_, text, found := strings.Cut(readme(t), "\n## "+heading+"\n")
	require.True(t, found, heading)
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// save writes the snippet to a file, with another address for its server.
func (s snippet) save(t *testing.T, name, own string) string {
	t.Helper()
	code := strings.ReplaceAll(s.code, address, own)
	code = strings.ReplaceAll(code, `":5000"`, `"`+own+`"`)
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(code), 0o600))
	return file
}

var printed = regexp.MustCompile(`(?:print|Println|console\.log)\(.*\);? +(?:#|//) (.*)`)

// checkOutput compares what the snippet printed with its comments.
func (s snippet) checkOutput(t *testing.T, out string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	for _, m := range printed.FindAllStringSubmatch(s.code, -1) {
		require.NotEmpty(t, lines, "nothing more is printed, but the snippet says %q", m[1])
		if strings.HasPrefix(m[1], "each ") {
			return
		}
		assert.Equal(t, m[1], lines[0])
		lines = lines[1:]
	}
	assert.Empty(t, lines, "printed, but the snippet does not say so")
}
