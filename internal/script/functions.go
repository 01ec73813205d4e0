package script

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// functions are the libraries of FUNCTION LOAD. All share one machine, in which the
// variables of each library stay from call to call; so only one function runs at a
// time, with the Space's lock held exclusively, which guards all this.
type functions struct {
	machine   *machine // nil before the first library
	libraries map[string]*library
	byName    map[string]*function // the name in small letters
	bytes     int                  // of the code of all
}

// library is what FUNCTION LOAD has loaded. It does not change.
type library struct {
	name, code string
	program    *program
	functions  []*function
}

// function is a function that a library has registered.
type function struct {
	keyspace.Function
	library *library
	fn      *lua.LFunction
}

func (f *function) has(flag string) bool { return slices.Contains(f.Flags, flag) }

// LoadLibrary loads a library, in the place of one of its name where replace says so.
func (e *Engine) LoadLibrary(code string, replace bool) (string, error) {
	next := e.functions.clone()
	lib, err := e.load(&next, code, replace)
	if err != nil {
		return "", err
	}
	e.functions = next
	return lib.name, nil
}

// clone is the same to be changed; the machine is shared.
func (f *functions) clone() functions {
	next := functions{f.machine, map[string]*library{}, map[string]*function{}, 0}
	for _, lib := range f.libraries {
		next.add(lib)
	}
	return next
}

func (f *functions) add(lib *library) {
	f.libraries[lib.name] = lib
	f.bytes += len(lib.code)
	for _, fn := range lib.functions {
		f.byName[strings.ToLower(fn.Name)] = fn
	}
}

func (f *functions) remove(lib *library) {
	delete(f.libraries, lib.name)
	f.bytes -= len(lib.code)
	for _, fn := range lib.functions {
		delete(f.byName, strings.ToLower(fn.Name))
	}
}

// load adds a library to what f has.
func (e *Engine) load(f *functions, code string, replace bool) (*library, error) {
	name, body, err := cutMetadata(code)
	if err != nil {
		return nil, err
	}
	old := f.libraries[name]
	switch {
	case old != nil && !replace:
		return nil, fail("ERR Library '%s' already exists", name)
	case len(code) > e.limits.Text:
		return nil, fail("ERR a library of %d bytes is over the limit of %d", len(code), e.limits.Text)
	}
	if old != nil {
		f.remove(old)
	}
	if f.bytes+len(code) > e.limits.Kept {
		return nil, fail("ERR libraries of %d bytes are loaded, and with %d more they are over the limit of %d", f.bytes, len(code), e.limits.Kept)
	}
	program, err := compile(body, "user_function")
	if err != nil {
		return nil, fail("ERR Error compiling function: %s", err)
	}
	if f.machine == nil {
		f.machine = newFunctionMachine(e.limits)
	}
	lib := &library{name: name, code: code, program: program}
	if err := f.machine.register(lib); err != nil {
		return nil, err
	}
	if len(lib.functions) == 0 {
		return nil, fail("ERR No functions registered")
	}
	for _, fn := range lib.functions {
		if f.byName[strings.ToLower(fn.Name)] != nil {
			return nil, fail("ERR Function %s already exists", fn.Name)
		}
	}
	f.add(lib)
	return lib, nil
}

// cutMetadata reads the first line of a library, such as "#!lua name=mylib", and
// leaves the end of it, so that lines keep their numbers.
func cutMetadata(code string) (name, body string, err error) {
	if !strings.HasPrefix(code, "#!") {
		return "", "", fail("ERR Missing library metadata")
	}
	end := strings.IndexByte(code, '\n')
	if end < 0 {
		return "", "", fail("ERR Invalid library metadata")
	}
	engine, options, _ := strings.Cut(code[2:end], " ")
	named := false
	for _, word := range strings.Fields(options) {
		key, value, _ := strings.Cut(word, "=")
		switch {
		case !strings.EqualFold(key, "name") || len(word) == len(key):
			return "", "", fail("ERR Invalid metadata value given: %s", word)
		case named:
			return "", "", fail("ERR Invalid metadata value, name argument was given multiple times")
		}
		name, named = strings.Trim(value, `"`), true
	}
	switch {
	case !named:
		return "", "", fail("ERR Library name was not given")
	case !isFunctionName(name):
		return "", "", fail("ERR %s", wrongFunctionName)
	case !strings.EqualFold(engine, "lua"):
		return "", "", fail("ERR Engine '%s' not found", engine)
	}
	return name, code[end:], nil
}

const wrongFunctionName = "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long"

func isFunctionName(name string) bool {
	return name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// DeleteLibrary forgets a library.
func (e *Engine) DeleteLibrary(name string) error {
	lib := e.functions.libraries[name]
	if lib == nil {
		return fail("ERR Library not found")
	}
	e.functions.remove(lib)
	return nil
}

// FlushLibraries forgets all libraries, and what their functions have kept.
func (e *Engine) FlushLibraries() { e.functions = functions{} }

// RestoreLibraries loads libraries, all or none.
func (e *Engine) RestoreLibraries(codes []string, policy keyspace.RestorePolicy) error {
	next := e.functions.clone()
	if policy == keyspace.FlushFirst {
		next = (&functions{}).clone()
	}
	for _, code := range codes {
		if name, _, err := cutMetadata(code); err == nil && policy == keyspace.RefuseSame && next.libraries[name] != nil {
			return fail("ERR Library %s already exists", name)
		}
		if _, err := e.load(&next, code, policy == keyspace.ReplaceSame); err != nil {
			return err
		}
	}
	e.functions = next
	return nil
}

// Libraries returns what is loaded, by name.
func (e *Engine) Libraries() []keyspace.Library {
	all := make([]keyspace.Library, 0, len(e.functions.libraries))
	for _, lib := range e.functions.libraries {
		l := keyspace.Library{Name: lib.name, Code: lib.code}
		for _, fn := range lib.functions {
			l.Functions = append(l.Functions, fn.Function)
		}
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b keyspace.Library) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Function returns a function as it can be called, or why it cannot.
func (e *Engine) Function(name string) (keyspace.Callable, error) {
	f := e.functions.byName[strings.ToLower(name)]
	if f == nil {
		return nil, fail("ERR Function not found")
	}
	return func(keys, args []string, call *keyspace.Caller) (any, error) {
		switch {
		case f.has(noWrites):
			call.ForbidWrites()
		case call.ReadOnly():
			return nil, errWritesInReadOnly
		}
		defer e.functions.machine.reset()
		return e.functions.machine.runFunction(f, keys, args, call)
	}, nil
}
