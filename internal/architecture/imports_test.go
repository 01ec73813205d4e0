// Package architecture holds the rules of ARCHITECTURE.md as tests: which
// package may import which, what a user's program links, and which words have
// no business in which room.
package architecture

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/znsocket/znsocket"

// rule is what the code of a package may import besides the standard library.
// Tests may import what they like.
type rule struct {
	ours   []string // packages of this module, without its path
	others []string // modules
}

// rules has every package of the module that is not under examples. "" is the
// root package.
var rules = map[string]rule{
	"": {
		ours: []string{
			"internal/journal", "internal/keyspace", "internal/objectjson", "internal/npy", "internal/inspector",
			"internal/pycall", "internal/pyjson", "internal/rediscommands", "internal/resp", "internal/script", "internal/socketio", "internal/engineio",
		},
		others: []string{"github.com/fxamacker/cbor/v2", "github.com/klauspost/compress", "golang.org/x/sync"},
	},

	"internal/rediscommands": {},
	"internal/keyspace":      {others: []string{"github.com/fxamacker/cbor/v2", "github.com/tidwall/btree"}},
	"internal/journal":       {},
	"internal/resp":          {ours: []string{"internal/keyspace", "internal/rediscommands"}},
	"internal/script":        {ours: []string{"internal/keyspace"}, others: []string{"github.com/yuin/gopher-lua"}},
	"internal/inspector":     {},
	"internal/pyjson":        {},
	"internal/pycall":        {ours: []string{"internal/keyspace", "internal/pyjson"}},
	"internal/websocket":     {},
	"internal/engineio":      {ours: []string{"internal/websocket"}},
	"internal/socketio":      {ours: []string{"internal/engineio", "internal/pyjson"}},
	"internal/npy":           {},
	"internal/objectjson":    {ours: []string{"internal/npy", "internal/pyjson"}},

	"redisbackend":         {ours: []string{"", "internal/rediscommands"}, others: []string{"github.com/redis/go-redis/v9"}},
	"cmd/znsocket":         {ours: []string{"", "redisbackend"}, others: []string{"github.com/redis/go-redis/v9", "github.com/spf13/cobra"}},
	"internal/pipelinegen": {},

	// Tests only: none of these is in any ours.
	"internal/architecture": {},
	"internal/peers":        {others: []string{"github.com/stretchr/testify"}},
	"internal/readme":       {},
}

// linked are the modules that a program which imports the root package links.
// Each line here is paid for by every user.
var linked = []string{
	module,
	"github.com/fxamacker/cbor/v2",
	"github.com/klauspost/compress",
	"github.com/tidwall/btree",
	"github.com/x448/float16", // of cbor
	"github.com/yuin/gopher-lua",
	"golang.org/x/sync",
}

// ruleOf returns the rule for a package. An example is what a user may write.
func ruleOf(name string) (rule, bool) {
	if name == "examples" || strings.HasPrefix(name, "examples/") {
		return rule{ours: []string{"", "redisbackend"}}, true
	}
	r, ok := rules[name]
	return r, ok
}

func TestImports_stayInTheirLayer(t *testing.T) {
	forEachPlatform(t, func(t *testing.T, platform string) {
		graph := list(t, platform, "./...")
		for _, p := range graph {
			if p.Module.Path != module {
				continue
			}
			name := inModule(p.ImportPath)
			rule, ok := ruleOf(name)
			if !assert.True(t, ok, "%q has no rule: give it a place in ARCHITECTURE.md and a line here", name) {
				continue
			}
			for _, imported := range p.Imports {
				switch q := graph[imported]; q.Module.Path {
				case "": // the standard library
				case module:
					assert.Contains(t, rule.ours, inModule(imported), "what %q may import of ours", name)
				default:
					assert.Contains(t, rule.others, q.Module.Path, "what %q may import of others", name)
				}
			}
		}
	})
}

func TestRules_nameOnlyWhatIsThere(t *testing.T) {
	graph := list(t, "linux", "./...")
	for name := range rules {
		assert.Contains(t, graph, strings.TrimSuffix(module+"/"+name, "/"))
	}
}

func TestRootPackage_linksOnlyWhatItNeeds(t *testing.T) {
	forEachPlatform(t, func(t *testing.T, platform string) {
		modules := map[string]bool{}
		for _, p := range list(t, platform, module) {
			if p.Module.Path != "" {
				modules[p.Module.Path] = true
			}
		}
		assert.ElementsMatch(t, linked, slices.Collect(maps.Keys(modules)))
	})
}

// A program is built with the Go it has, and a dependency can raise what go.mod
// asks for.
func TestModule_asksForNoNewGo(t *testing.T) {
	text, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	assert.Contains(t, string(text), "\ngo 1.25.0\n")
	assert.NotContains(t, string(text), "\ntoolchain ")
}

func TestArchitectureDocument_namesEveryPackage(t *testing.T) {
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	require.NoError(t, err)
	for name := range rules {
		assert.Contains(t, string(text), name)
	}
}

// goPackage is what `go list -json` tells of a package. Module.Path is empty
// for the standard library.
type goPackage struct {
	ImportPath string
	Imports    []string
	Module     struct{ Path string }
}

// list returns the packages that match the pattern and all that they import,
// by their path, as they are built for a platform.
func list(t *testing.T, platform, pattern string) map[string]goPackage {
	t.Helper()
	goList := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports,Module", pattern)
	goList.Dir = "../.."
	goList.Env = append(os.Environ(), "GOOS="+platform, "CGO_ENABLED=0")
	var stderr bytes.Buffer
	goList.Stderr = &stderr
	out, err := goList.Output()
	require.NoError(t, err, &stderr)
	graph := map[string]goPackage{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			require.NotEmpty(t, graph)
			return graph
		}
		require.NoError(t, err)
		graph[p.ImportPath] = p
	}
}

func forEachPlatform(t *testing.T, fn func(t *testing.T, platform string)) {
	for _, platform := range []string{"linux", "darwin", "windows"} {
		t.Run(platform, func(t *testing.T) { fn(t, platform) })
	}
}

// inModule is a package's path without the module's, so "" for the root.
func inModule(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}
