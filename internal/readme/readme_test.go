// Package readme runs what README.md shows: its commands, and its Go, Python and
// JavaScript snippets against the server that the first of them starts.
//
// What a snippet prints stands in a comment behind the call that prints it, or
// "each …" where it prints that in a loop. Lines of Go that are no program stand
// in a main with a client.
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

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/peers"
)

const (
	root    = "../.."
	address = "127.0.0.1:5000"           // where README.md has the server
	storage = "redis://127.0.0.1:6379/0" // and its Redis
)

// Every command that starts a server starts one.
func TestReadme_servers(t *testing.T) {
	program := build(t, "./cmd/znsocket")
	servers := 0
	for _, s := range snippets(t, "sh") {
		if strings.Contains(s.code, goRun) {
			servers++
			t.Run(fmt.Sprintf("line %d", s.line), func(t *testing.T) {
				own := s.serve(t, program)
				if strings.Contains(s.code, "s3cret") {
					_, err := znsocket.Dial(t.Context(), "znsocket://"+own)
					assert.ErrorIs(t, err, znsocket.ErrDenied)
					dial(t, own, withToken)
				}
			})
		}
	}
	assert.Positive(t, servers)
}

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
				start(t, own, exec.Command(build(t, s.save(t, "main.go", own))))
				if strings.Contains(s.code, "guests") {
					checkRights(t, own)
				}
			default:
				others++
				s.code = program(s.code)
				s.checkOutput(t, run(t, command(t, t.TempDir(), build(t, s.save(t, "main.go", server)))))
			}
		})
	}
	assert.Positive(t, servers)
	assert.Positive(t, others)
}

// checkRights finds that the server at own gives the rights that its comments say.
func checkRights(t *testing.T, own string) {
	t.Helper()
	ctx := t.Context()
	staff, guest := dial(t, own, withToken), dial(t, own)
	require.NoError(t, staff.Set(ctx, "public:news", "none"))
	require.NoError(t, znsocket.NewList[int](staff, "public:list").Append(ctx, 1))
	for _, err := range []error{
		guest.Set(ctx, "public:news", "lies"),
		second(guest.Get(ctx, "secret")),
		second(guest.Keys(ctx, "*")),
		second(guest.MGet(ctx, "public:news", "secret")),
		second(znsocket.NewList[int](guest, "secret").Len(ctx)),
	} {
		assert.ErrorIs(t, err, znsocket.ErrDenied)
	}
	assert.NoError(t, second(guest.Get(ctx, "public:news")))
	assert.NoError(t, second(znsocket.NewList[int](guest, "public:list").At(ctx, 0)))
}

func second[T any](_ T, err error) error { return err }

var withToken = znsocket.WithToken(func(context.Context) (any, error) { return "s3cret", nil })

func dial(t *testing.T, own string, opts ...znsocket.ClientOption) *znsocket.Client {
	t.Helper()
	c, err := znsocket.Dial(t.Context(), "znsocket://"+own, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
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
	ours, err := filepath.Abs(filepath.Join(root, "js"))
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(ours, "dist", "index.js"), "run make setup")
	server := serve(t)
	for _, s := range snippets(t, "javascript") {
		t.Run(fmt.Sprintf("line %d", s.line), func(t *testing.T) {
			file := s.save(t, "snippet.mjs", server)
			modules := filepath.Join(filepath.Dir(file), "node_modules") // Node looks beside the file
			require.NoError(t, os.Mkdir(modules, 0o755))
			require.NoError(t, os.Symlink(ours, filepath.Join(modules, "znsocket")))
			s.checkOutput(t, run(t, command(t, root, "node", file)))
		})
	}
}

func TestReadme_namesTheFlagsThatThereAre(t *testing.T) {
	help := run(t, command(t, root, build(t, "./cmd/znsocket"), "--help"))
	flag := regexp.MustCompile(`--[a-z][a-z0-9-]+`)
	of := func(text string) []string {
		flags := flag.FindAllString(text, -1)
		slices.Sort(flags)
		return slices.Compact(flags)
	}
	assert.Equal(t, of(help), of(section(t, "The command line")))
}

func TestReadme_namesTheOptionsThatThereAre(t *testing.T) {
	there := optionsByType(t)
	for heading, types := range map[string][]string{
		"Options of a Go server":   {"ServerOption", "CommonOption"},
		"Options of the Go client": {"ClientOption", "CommonOption"},
		"Options of objects":       {"Option", "AdapterOption"},
	} {
		t.Run(heading, func(t *testing.T) {
			var want, named []string
			for _, name := range types {
				require.NotEmpty(t, there[name], name)
				want = append(want, there[name]...)
			}
			for _, m := range regexp.MustCompile("(?m)^\\| `([A-Za-z0-9]+)\\(").FindAllStringSubmatch(section(t, heading), -1) {
				named = append(named, m[1])
			}
			assert.ElementsMatch(t, want, named)
		})
	}
}

// optionsByType returns the names of the root package's functions whose one
// result is an option, by its type.
func optionsByType(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "*.go"))
	require.NoError(t, err)
	there := map[string][]string{}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, decl := range tree.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() || fn.Type.Results.NumFields() != 1 {
				continue
			}
			if result, ok := fn.Type.Results.List[0].Type.(*ast.Ident); ok && strings.HasSuffix(result.Name, "Option") {
				there[result.Name] = append(there[result.Name], fn.Name.Name)
			}
		}
	}
	return there
}

// goRun is how README.md starts a server, perhaps behind a variable.
const goRun = "go run ./cmd/znsocket "

// serve starts the server as README.md says first, but at an address of its own,
// which it returns.
func serve(t *testing.T) string {
	t.Helper()
	return snippets(t, "sh")[0].serve(t, build(t, "./cmd/znsocket"))
}

func (s snippet) serve(t *testing.T, program string) (own string) {
	t.Helper()
	variables, args, ok := strings.Cut(strings.TrimSpace(s.adapt(t)), goRun)
	require.True(t, ok, "no %q in %q", goRun, s.code)
	own = freeAddress(t)
	_, port, err := net.SplitHostPort(own)
	require.NoError(t, err)
	server := exec.Command(program, strings.Fields(strings.ReplaceAll(args, "5000", port))...)
	server.Dir = t.TempDir()
	server.Env = append(os.Environ(), strings.Fields(variables)...)
	start(t, own, server)
	return own
}

// start runs a server until the end of the test and returns once it accepts.
func start(t *testing.T, own string, server *exec.Cmd) {
	t.Helper()
	var out bytes.Buffer
	server.Stdout, server.Stderr = &out, &out
	require.NoError(t, server.Start())
	ended := make(chan struct{})
	go func() {
		server.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		server.Process.Kill()
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

// program is lines of Go as a program. They stand in a main with a client c and
// a function check, as README.md says; what is a program stays as it is.
func program(code string) string {
	if strings.HasPrefix(code, "package ") {
		return code
	}
	if regexp.MustCompile(`\bc[,.)]`).MatchString(code) {
		code = `c, err := znsocket.Dial(ctx, "znsocket://` + address + `")
			check(err)
			defer c.Close()
			` + code
	}
	code = `
		func main() {
			ctx := context.Background()
			` + code + `
		}

		func check(err error) {
			if err != nil {
				log.Fatal(err)
			}
		}`
	const module = "github.com/znsocket/znsocket"
	head := "package main\n"
	for _, path := range []string{"bytes", "context", "errors", "fmt", "log", "sync", module, module + "/redisbackend"} {
		if regexp.MustCompile(`\b` + filepath.Base(path) + `\.`).MatchString(code) {
			head += fmt.Sprintf("import %q\n", path)
		}
	}
	return head + code
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

// adapt is the code with a Redis of the test's own.
func (s snippet) adapt(t *testing.T) string {
	t.Helper()
	if !strings.Contains(s.code, storage) {
		return s.code
	}
	return strings.ReplaceAll(s.code, storage, "unix://"+peers.Redis(t))
}

// save writes the snippet to a file, with another address for its server.
func (s snippet) save(t *testing.T, name, own string) string {
	t.Helper()
	code := strings.ReplaceAll(s.adapt(t), address, own)
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
