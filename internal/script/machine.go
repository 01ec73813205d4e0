package script

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// machine runs one script at a time. Between two nothing stays but what no script
// can change: the global table and all that is in it are frozen.
type machine struct {
	l       *lua.LState
	meter   meter
	globals *lua.LTable // what scripts find as global, behind its frozen face
	face    *lua.LTable
	frozen  map[*lua.LTable]*lua.LTable // faces, and the tables behind them
	faces   map[*lua.LTable]*lua.LTable // the other way round
	strings *lua.LTable                 // metatable of strings
	null    *lua.LUserData
	helpers map[*program][helperCount]lua.LValue // of the running script, and of what it has loaded
	loaded  map[string]*program                  // chunks of loadstring, by what messages call them
	dice    dice

	trampoline *lua.LFunction                  // see protected
	resume     func(l, thread *lua.LState) int // coroutine.resume

	// Of the running script:
	program *program
	name    string // what messages call it
	call    *keyspace.Caller
	resp3   bool // by redis.setresp
	json    jsonOptions
	nested  int         // how many Go functions that call Lua are within each other
	current *lua.LState // the coroutine that runs, nil outside of one
}

// The stacks of a state. gopher-lua calls itself where a Go function calls Lua, so
// that the stack of calls bounds Go's too. Coroutines have stacks of their own.
const (
	registrySize      = 1 << 10
	registryMax       = 1 << 18
	callStack         = 4000
	coroutineStack    = 1000
	coroutineRegistry = 256
	coroutineBytes    = 8 << 10 // about what one takes
	maxNested         = 190     // as Lua's limit of 200 C calls
)

func newMachine(limits Limits) *machine {
	m := &machine{
		meter:  meter{limits: limits},
		frozen: map[*lua.LTable]*lua.LTable{}, faces: map[*lua.LTable]*lua.LTable{},
		dice: firstDice,
	}
	m.l = lua.NewState(lua.Options{
		SkipOpenLibs: true, CallStackSize: callStack,
		RegistrySize: registrySize, RegistryMaxSize: registryMax, RegistryGrowStep: registrySize,
	})
	m.l.Options.CallStackSize, m.l.Options.MinimizeStackMemory = coroutineStack, true
	m.l.Options.RegistrySize, m.l.Options.RegistryGrowStep = coroutineRegistry, coroutineRegistry
	m.globals = m.l.NewTable()
	m.openTrampoline()
	m.openBase()
	m.openCoroutine()
	m.openString()
	m.openTable()
	m.openMath()
	m.openRedis()
	m.openJSON()
	m.openMsgpack()
	m.openStruct()
	m.openBit()
	m.face = m.freeze(m.globals)
	m.globals.RawSetString("_G", m.face)
	m.globals.Metatable = m.table(map[string]lua.LGFunction{"__index": m.unknownGlobal})
	m.nameWrongCalls()
	m.reset()
	return m
}

// table is a table of functions.
func (m *machine) table(fns map[string]lua.LGFunction) *lua.LTable {
	t := m.l.NewTable()
	for name, fn := range fns {
		t.RawSetString(name, m.l.NewFunction(fn))
	}
	return t
}

// library sets a global table of functions and returns it. It is frozen by the
// caller when it is complete.
func (m *machine) library(name string, fns map[string]lua.LGFunction) *lua.LTable {
	t := m.table(fns)
	m.globals.RawSetString(name, m.freeze(t))
	return t
}

// freeze returns the face of a table: an empty one that shows it and that nothing
// can be written to.
func (m *machine) freeze(t *lua.LTable) *lua.LTable {
	face := m.l.NewTable()
	meta := m.l.NewTable()
	meta.RawSetString("__index", t)
	meta.RawSetString("__newindex", m.l.NewFunction(func(l *lua.LState) int { return m.raise(l, 1, errReadonly) }))
	face.Metatable = meta
	m.frozen[face], m.faces[t] = t, face
	return face
}

const errReadonly = "Attempt to modify a readonly table"

// behind is a table, or what is behind it where it is a face.
func (m *machine) behind(t *lua.LTable) *lua.LTable {
	if real := m.frozen[t]; real != nil {
		return real
	}
	return t
}

func (m *machine) unknownGlobal(l *lua.LState) int {
	name := l.Get(2)
	if !isText(name) {
		return m.raise(l, 1, "Second argument to luaProtectedTableError must be a string or number")
	}
	return m.raise(l, 1, fmt.Sprintf("Script attempted to access nonexistent global variable '%s'", m.text(name)))
}

// reset forgets the last script.
func (m *machine) reset() {
	m.l.SetTop(0)
	m.l.Env = m.face
	m.l.G.Global, m.l.G.CurrentThread = m.face, m.l.G.MainThread
	m.globals.RawSetString("KEYS", lua.LNil)
	m.globals.RawSetString("ARGV", lua.LNil)
	m.program, m.name, m.call, m.helpers, m.loaded = nil, "", nil, nil, nil
	m.resp3, m.json, m.nested, m.current = false, defaultJSON, 0, nil
}

// begin has what messages call name run, of a program.
func (m *machine) begin(p *program, name string, call *keyspace.Caller) {
	m.program, m.name, m.call = p, name, call
	m.helpers, m.loaded = map[*program][helperCount]lua.LValue{}, nil
	m.meter.begin()
	m.l.SetContext(&m.meter)
}

// run runs a script. Whatever goes wrong is an error reply.
func (m *machine) run(p *program, keys, args []string, call *keyspace.Caller) (any, error) {
	m.begin(p, p.name, call)
	m.globals.RawSetString("KEYS", m.list(keys))
	m.globals.RawSetString("ARGV", m.list(args))
	m.l.Push(m.instanceMaker(p))
	return m.end(0)
}

// instanceMaker is a function that makes an instance of a program and runs it.
func (m *machine) instanceMaker(p *program) *lua.LFunction {
	return m.l.NewFunction(func(l *lua.LState) int {
		l.Push(m.instance(l, p))
		l.Call(0, 1)
		return 1
	})
}

// end calls the function on the stack with the arguments behind it, and returns the
// reply that it gives.
func (m *machine) end(arguments int) (any, error) {
	failed := m.l.PCall(arguments, 1, m.l.NewFunction(m.uncaught))
	if m.meter.err != nil { // also where a script has caught it
		return nil, m.overLimit()
	}
	if failed != nil {
		return nil, m.failure(failed)
	}
	return m.reply(m.l.Get(-1))
}

// overLimit is the reply of a script that the meter has ended.
func (m *machine) overLimit() error {
	source := m.program.source
	return fail("ERR %s: %s script: %s, on @%s.", source, m.meter.err, m.name, source)
}

// instance makes the function that a program is.
func (m *machine) instance(l *lua.LState, p *program) lua.LValue {
	outer := l.NewFunctionFromProto(p.proto)
	outer.Env = m.face
	helpers := m.helpersOf(p)
	l.Push(outer)
	for _, h := range helpers {
		l.Push(h)
	}
	l.Call(len(helpers), 1)
	fn := l.Get(-1)
	l.Pop(1)
	return fn
}

// list is a table of texts.
func (m *machine) list(texts []string) *lua.LTable {
	t := m.l.CreateTable(len(texts), 0)
	for _, text := range texts {
		t.Append(lua.LString(text))
	}
	return t
}

// uncaught is the handler of errors that no script catches: it makes a table of
// one, with where it was.
func (m *machine) uncaught(l *lua.LState) int {
	t, ok := m.translated(l.Get(1)).(*lua.LTable)
	if !ok {
		t = m.l.NewTable()
		t.RawSetString("err", lua.LString("ERR "+m.tostring(l, m.translated(l.Get(1)))))
	}
	level := 1
	if isGo(l, level) {
		level++
	}
	if source, line, ok := position(l, level); ok && m.frozen[t] == nil {
		t.RawSetString("source", lua.LString("@"+source))
		t.RawSetString("line", lua.LNumber(line))
	}
	l.Push(t)
	return 1
}

// failure is the reply of a script that ended with an error.
func (m *machine) failure(err error) error {
	text, source, line := m.described(err)
	if source != "" && line != "" {
		text += fmt.Sprintf(" script: %s, on %s:%s.", m.name, source, line)
	}
	return fail("%s", strings.TrimRight(text, "\r\n"))
}

// described is what an error says and where it was. Where the stack was full,
// uncaught could not be called.
func (m *machine) described(err error) (text, source, line string) {
	switch thrown := m.thrown(err).(type) {
	case *lua.LTable:
		text = "ERR the error of the script has no text"
		if e := thrown.RawGetString("err"); isText(e) {
			text = m.text(e)
		}
		source, line = m.text(thrown.RawGetString("source")), m.text(thrown.RawGetString("line"))
	default:
		text = "ERR " + m.tostring(m.l, thrown)
		if found := placed.FindStringSubmatch(text[4:]); found != nil {
			source, line = "@"+found[1], found[2]
		}
	}
	return text, source, line
}
