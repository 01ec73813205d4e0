package script

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// isGo reports whether the function at a level of the stack is one of ours.
func isGo(l *lua.LState, level int) bool {
	dbg, ok := l.GetStack(level)
	if !ok {
		return false
	}
	fn, err := l.GetInfo("f", dbg, lua.LNil)
	f, isFunction := fn.(*lua.LFunction)
	return err == nil && isFunction && f.IsG
}

// position is where the function at a level of the stack is.
func position(l *lua.LState, level int) (source string, line int, ok bool) {
	dbg, ok := l.GetStack(level)
	if !ok || isGo(l, level) {
		return "", 0, false
	}
	if _, err := l.GetInfo("Sl", dbg, lua.LNil); err != nil {
		return "", 0, false
	}
	return dbg.Source, dbg.CurrentLine, dbg.Source != trampolineName
}

// where is how messages begin.
func where(l *lua.LState, level int) string {
	source, line, ok := position(l, level)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", source, line)
}

// raise ends the running function with an error whose message begins with where
// the function at a level is; 0 is itself, 1 is who has called it.
func (m *machine) raise(l *lua.LState, level int, message string) int {
	l.Error(lua.LString(where(l, level)+message), 0)
	return 0
}

// raisePlain is raise for what does not say where it was.
func raisePlain(l *lua.LState, message string) int {
	l.Error(lua.LString(message), 0)
	return 0
}

// argument raises what Lua says of a wrong argument.
func (m *machine) argument(l *lua.LState, n int, function, message string) int {
	if m.calledAsMethod(l, function) {
		if n--; n == 0 {
			return m.raise(l, 1, fmt.Sprintf("calling '%s' on bad self (%s)", function, message))
		}
	}
	if _, _, ok := position(l, 1); !ok {
		function = "?" // Lua knows functions by what they are called in the call
	}
	return m.raise(l, 1, fmt.Sprintf("bad argument #%d to '%s' (%s)", n, function, message))
}

func (m *machine) wrongType(l *lua.LState, n int, function, want string) int {
	got := "no value"
	if n <= l.GetTop() {
		got = typeName(l.Get(n))
	}
	return m.argument(l, n, function, want+" expected, got "+got)
}

// calledAsMethod reports whether the line that calls a function does so as
// value:function().
func (m *machine) calledAsMethod(l *lua.LState, function string) bool {
	for _, s := range m.sitesHere(l).all {
		if s.kind == siteMethod && s.key == function {
			return true
		}
	}
	return false
}

func (m *machine) sitesAt(source string, line int) []site {
	p := m.program
	if loaded := m.loaded[source]; loaded != nil {
		p = loaded
	}
	if p == nil {
		return nil
	}
	return p.sites[line]
}

// sitesHere are those of the line that calls the running function.
func (m *machine) sitesHere(l *lua.LState) sites {
	source, line, ok := position(l, 1)
	if !ok {
		return sites{}
	}
	return sites{m, m.sitesAt(source, line)}
}

// typeError is what Lua says of an operation on a value of the wrong type.
func typeError(operation, value string, v lua.LValue) string {
	return wrongType(operation, value, typeName(v))
}

func wrongType(operation, value, typeName string) string {
	if value == "" {
		return fmt.Sprintf("attempt to %s a %s value", operation, typeName)
	}
	return fmt.Sprintf("attempt to %s %s (a %s value)", operation, value, typeName)
}

// translations are messages of gopher-lua, behind where they were, and what Lua
// makes of them.
var translations = []struct {
	of *regexp.Regexp
	to func(sites sites, found []string) string
}{
	{regexp.MustCompile(`^attempt to index a non-table object\((\w+)\) with key '([^']*)'$`), func(s sites, f []string) string {
		return wrongType("index", s.index(f[2]), f[1])
	}},
	{regexp.MustCompile(`^attempt to call a non-function object$`), func(s sites, _ []string) string {
		return wrongType("call", s.call(), "table")
	}},
	{regexp.MustCompile(`^cannot perform \w+ operation between (\w+) and (\w+)$`), func(s sites, f []string) string {
		if f[1] == "number" {
			return wrongType("perform arithmetic on", s.one(siteRight), f[2])
		}
		return wrongType("perform arithmetic on", s.one(siteLeft), f[1])
	}},
	{regexp.MustCompile(`^__unm undefined$`), func(s sites, _ []string) string {
		return wrongType("perform arithmetic on", s.one(siteNegation), "table")
	}},
	{regexp.MustCompile(`^attempt to compare (\w+) with (\w+)$`), func(_ sites, f []string) string {
		if f[1] == f[2] {
			return "attempt to compare two " + f[1] + " values"
		}
		return f[0]
	}},
	{regexp.MustCompile(`^for statement init must be a number$`), func(sites, []string) string { return "'for' initial value must be a number" }},
	{regexp.MustCompile(`^for statement (limit|step) must be a number$`), func(_ sites, f []string) string {
		return "'for' " + f[1] + " must be a number"
	}},
	{regexp.MustCompile(`^registry overflow$`), func(sites, []string) string { return "stack overflow" }},
	{regexp.MustCompile(`^can not yield from outside of a coroutine$`), func(sites, []string) string {
		return errYield
	}},
	{regexp.MustCompile(`^lua callstack overflow$`), func(sites, []string) string { return "stack overflow" }},
}

// errYield does not say where it was.
const errYield = "attempt to yield across metamethod/C-call boundary"

var placed = regexp.MustCompile(`(?s)^(.*):(\d+): (.*)$`)

// translated is an error as Lua words it.
func (m *machine) translated(err lua.LValue) lua.LValue {
	text, ok := err.(lua.LString)
	if !ok {
		return err
	}
	source, line, message := "", 0, string(text)
	if found := placed.FindStringSubmatch(message); found != nil {
		source, message = found[1], found[3]
		line, _ = strconv.Atoi(found[2])
	}
	for _, t := range translations {
		found := t.of.FindStringSubmatch(message)
		if found == nil {
			continue
		}
		message = t.to(sites{m, m.sitesAt(source, line)}, found)
		if line == 0 || message == errYield {
			return lua.LString(message)
		}
		return lua.LString(fmt.Sprintf("%s:%d: %s", source, line, message))
	}
	return err
}

// sites are those of the line where something went wrong. Which one it was
// gopher-lua does not say: the first that fits is taken.
type sites struct {
	m   *machine
	all []site
}

func (s sites) one(kind siteKind) string {
	for _, site := range s.all {
		if site.kind == kind {
			return site.value
		}
	}
	return ""
}

func (s sites) index(key string) string {
	for _, want := range []string{key, ""} {
		for _, site := range s.all {
			if site.kind == siteIndex && site.key == want {
				return site.value
			}
		}
	}
	return ""
}

// call leaves out what is a global function.
func (s sites) call() string {
	for _, site := range s.all {
		switch {
		case site.kind == siteMethod:
			if _, ok := s.m.strings.RawGetString(site.key).(*lua.LFunction); !ok {
				return site.value
			}
		case site.kind == siteCall && site.value != "" && !s.m.isFunction(site.path):
			return site.value
		}
	}
	return ""
}

func (m *machine) isFunction(path []string) bool {
	var v lua.LValue = m.globals
	for _, name := range path {
		t, ok := v.(*lua.LTable)
		if !ok {
			return false
		}
		v = m.behind(t).RawGetString(name)
	}
	_, ok := v.(*lua.LFunction)
	return ok
}

// nameWrongCalls has values that cannot be called, measured or negated say so
// with their type, which gopher-lua leaves out.
func (m *machine) nameWrongCalls() {
	complain := func(operation string, kind siteKind) *lua.LFunction {
		return m.l.NewFunction(func(l *lua.LState) int {
			if n, ok := number(l.Get(1)); ok && kind == siteNegation {
				l.Push(lua.LNumber(-n))
				return 1
			}
			all := m.sitesHere(l)
			value := ""
			if kind == siteCall {
				value = all.call()
			} else {
				value = all.one(kind)
			}
			return m.raise(l, 1, typeError(operation, value, l.Get(1)))
		})
	}
	call := complain("call", siteCall)
	length := complain("get length of", siteLength)
	negate := complain("perform arithmetic on", siteNegation)
	for _, v := range []lua.LValue{lua.LNil, lua.LTrue, lua.LNumber(0), lua.LString(""), m.l.NewFunction(m.uncaught), m.l} {
		meta := m.l.NewTable()
		if _, ok := v.(lua.LString); ok {
			meta = m.strings
		}
		if _, ok := v.(*lua.LFunction); !ok {
			meta.RawSetString("__call", call)
		}
		if _, ok := v.(lua.LString); !ok {
			meta.RawSetString("__len", length)
		}
		if _, ok := v.(lua.LNumber); !ok {
			meta.RawSetString("__unm", negate)
		}
		m.l.SetMetatable(v, meta)
	}
}

func typeName(v lua.LValue) string { return v.Type().String() }

// isText reports whether a value is a string or a number, which is as good.
func isText(v lua.LValue) bool {
	switch v.(type) {
	case lua.LString, lua.LNumber:
		return true
	}
	return false
}

// text is a string, or a number as Lua writes it.
func (m *machine) text(v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return formatNumber(float64(v))
	}
	return ""
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "\n", " ") + "'" }
