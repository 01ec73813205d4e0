package script

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// newFunctionMachine is a machine for functions, which have no KEYS and ARGV and a
// smaller redis than scripts.
func newFunctionMachine(limits Limits) *machine {
	m := newMachine(limits)
	m.globals.RawSetString("__redis__err__handler", lua.LNil)
	redis := m.behind(m.globals.RawGetString("redis").(*lua.LTable))
	for _, name := range []string{"breakpoint", "debug", "replicate_commands"} {
		redis.RawSetString(name, lua.LNil)
	}
	return m
}

// register runs the code of a library, which finds nothing but a redis that it can
// register functions with. What it makes finds all that functions have.
func (m *machine) register(lib *library) error {
	api := m.table(map[string]lua.LGFunction{
		"log":               m.log,
		"register_function": func(l *lua.LState) int { return m.registerFunction(l, lib) },
	})
	full := m.behind(m.globals.RawGetString("redis").(*lua.LTable))
	for _, name := range []string{"LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING", "REDIS_VERSION", "REDIS_VERSION_NUM"} {
		api.RawSetString(name, full.RawGetString(name))
	}
	strict := m.table(map[string]lua.LGFunction{"__index": m.unknownGlobal})
	api.Metatable = strict
	small := m.l.NewTable()
	small.RawSetString("redis", m.freeze(api))
	small.Metatable = strict

	shown := m.face.Metatable.(*lua.LTable)
	shown.RawSetString("__index", small)
	defer func() {
		shown.RawSetString("__index", m.globals)
		delete(m.frozen, m.faces[api])
		delete(m.faces, api)
		m.reset()
	}()
	m.begin(lib.program, lib.name, nil)
	m.l.Push(m.instanceMaker(lib.program))
	failed := m.l.PCall(0, 0, m.l.NewFunction(m.uncaught))
	switch {
	case m.meter.err != nil:
		return fail("ERR Error registering functions: %s", m.meter.err)
	case failed != nil:
		text, _, _ := m.described(failed)
		return fail("ERR Error registering functions: %s", text)
	}
	return nil
}

// registerFunction is redis.register_function, with a name and a function or with a
// table of named arguments.
func (m *machine) registerFunction(l *lua.LState, lib *library) int {
	f := &function{library: lib}
	var problem string
	switch l.GetTop() {
	case 1:
		named, ok := l.Get(1).(*lua.LTable)
		if !ok {
			return m.redisError(l, "calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).")
		}
		problem = m.namedArguments(f, m.behind(named))
	case 2:
		fn, ok := l.Get(2).(*lua.LFunction)
		switch {
		case !isText(l.Get(1)):
			problem = "first argument to redis.register_function must be a string"
		case !ok:
			problem = "second argument to redis.register_function must be a function"
		}
		f.Name, f.fn = m.text(l.Get(1)), fn
	default:
		problem = "wrong number of arguments to redis.register_function"
	}
	switch {
	case problem != "":
	case !isFunctionName(f.Name):
		problem = wrongFunctionName
	case slices.ContainsFunc(lib.functions, func(other *function) bool { return other.Name == f.Name }):
		problem = "Function already exists in the library"
	case f.fn.IsG:
		problem = "callback argument given to redis.register_function must be a function"
	}
	if problem != "" {
		return m.redisError(l, problem)
	}
	lib.functions = append(lib.functions, f)
	return 0
}

// namedArguments fills in what a table says of a function, or returns what is wrong
// with it.
func (m *machine) namedArguments(f *function, named *lua.LTable) (problem string) {
	named.ForEach(func(key, value lua.LValue) {
		if problem != "" {
			return
		}
		switch name, _ := key.(lua.LString); name {
		case "function_name":
			if !isText(value) {
				problem = "function_name argument given to redis.register_function must be a string"
			}
			f.Name = m.text(value)
		case "description":
			if !isText(value) {
				problem = "description argument given to redis.register_function must be a string"
			}
			f.Description, f.Described = m.text(value), true
		case "callback":
			fn, ok := value.(*lua.LFunction)
			if !ok {
				problem = "callback argument given to redis.register_function must be a function"
			}
			f.fn = fn
		case "flags":
			flags, ok := value.(*lua.LTable)
			if !ok {
				problem = "flags argument to redis.register_function must be a table representing function flags"
				return
			}
			f.Flags, problem = flagsOf(flags)
		default:
			problem = "unknown argument given to redis.register_function"
		}
	})
	switch {
	case problem != "":
	case f.Name == "":
		problem = "redis.register_function must get a function name argument"
	case f.fn == nil:
		problem = "redis.register_function must get a callback argument"
	}
	return problem
}

// flagsOf are the flags of a list, in the order in which Redis tells of them.
func flagsOf(list *lua.LTable) (flags []string, problem string) {
	given := map[string]bool{}
	for i := 1; i <= list.Len(); i++ {
		flag, ok := list.RawGetInt(i).(lua.LString)
		if !ok || !slices.Contains(knownFlags, string(flag)) {
			return nil, "unknown flag given"
		}
		given[string(flag)] = true
	}
	for _, flag := range knownFlags {
		if given[flag] {
			flags = append(flags, flag)
		}
	}
	return flags, ""
}

// runFunction runs a function.
func (m *machine) runFunction(f *function, keys, args []string, call *keyspace.Caller) (any, error) {
	m.begin(f.library.program, f.Name, call)
	m.l.Push(f.fn)
	m.l.Push(m.list(keys))
	m.l.Push(m.list(args))
	return m.end(2)
}
