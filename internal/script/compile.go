package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// program is a script that can be run. It does not change.
type program struct {
	name   string          // the SHA-1 of its text, of a script
	source string          // what messages call its text
	flags  map[string]bool // of its first line; nil where it has none
	proto  *lua.FunctionProto
	values []string       // what messages call the operands of concatenations and assignments
	sites  map[int][]site // by line
	loaded bool           // by SCRIPT LOAD
	size   int            // of its text, where EVAL keeps it
}

const noWrites = "no-writes"

// knownFlags are in the order in which Redis tells of them.
var knownFlags = []string{noWrites, "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys"}

// compileScript compiles the text of EVAL.
func compileScript(name, text string) (*program, error) {
	flags, body, err := cutShebang(text)
	if err != nil {
		return nil, err
	}
	p, err := compile(body, "user_script")
	if err != nil {
		return nil, fail("ERR Error compiling script (new function): %s", err)
	}
	p.name, p.flags = name, flags
	return p, nil
}

// cutShebang reads a first line such as "#!lua flags=no-writes", and leaves the
// end of it, so that lines keep their numbers.
func cutShebang(text string) (flags map[string]bool, body string, err error) {
	if !strings.HasPrefix(text, "#!") {
		return nil, text, nil
	}
	end := strings.IndexByte(text, '\n')
	if end < 0 {
		return nil, "", fail("ERR Invalid script shebang")
	}
	words := strings.Fields(text[:end])
	if words[0] != "#!lua" {
		return nil, "", fail("ERR Unexpected engine in script shebang: %s", words[0])
	}
	flags = map[string]bool{}
	for _, word := range words[1:] {
		list, ok := strings.CutPrefix(word, "flags=")
		if !ok {
			return nil, "", fail("ERR Unknown lua shebang option: %s", word)
		}
		if list == "" {
			continue
		}
		for _, flag := range strings.Split(list, ",") {
			at := slices.Index(knownFlags, flag)
			if at < 0 {
				return nil, "", fail("ERR Unexpected flag in script shebang: %s", flag)
			}
			flags[knownFlags[at]] = true // the text need not be ours to keep
		}
	}
	return flags, text[end:], nil
}

// compile compiles a chunk. Running what it gives with the helpers as arguments
// returns the function that is the chunk; see rewriter.
func compile(text, source string) (p *program, err error) {
	defer func() {
		if broken := recover(); broken != nil { // gopher-lua's compiler gives up on what has too many parts
			p, err = nil, fmt.Errorf("%s: %v", source, broken)
		}
	}()
	chunk, err := parse.Parse(strings.NewReader(text), source)
	if err != nil {
		return nil, syntaxError(source, text, err)
	}
	r := rewriter{sites: map[int][]site{}, lengths: strings.Contains(text, "__len")}
	chunk = r.chunk(chunk)
	if r.deep {
		return nil, fmt.Errorf("%s: chunk has too many syntax levels", source)
	}
	proto, err := lua.Compile(chunk, source)
	if err != nil {
		var broken *lua.CompileError
		if errors.As(err, &broken) {
			return nil, fmt.Errorf("%s:%d: %s", source, broken.Line, broken.Message)
		}
		return nil, err
	}
	return &program{source: source, proto: proto, values: r.values, sites: r.sites}, nil
}

// syntaxError is an error of the parser as Lua says it, as far as one can know.
func syntaxError(source, text string, err error) error {
	var e *parse.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("%s: %w", source, err)
	}
	line, near := e.Pos.Line, e.Token
	if e.Pos.Line < 0 || near == "" || e.Pos.Line == parse.EOF {
		line, near = 1+strings.Count(text, "\n"), "<eof>"
	}
	message := "unexpected symbol"
	switch {
	case strings.HasPrefix(e.Message, "unterminated string"):
		message = "unfinished string"
		if line >= 1+strings.Count(text, "\n") {
			near = "<eof>"
		}
	case strings.HasPrefix(e.Message, "unterminated multiline string"):
		message, near = "unfinished long string", "<eof>"
	case strings.HasPrefix(e.Message, "illegal hexadecimal"):
		message = "malformed number"
	}
	return fmt.Errorf("%s:%d: %s near '%s'", source, line, message, near)
}
