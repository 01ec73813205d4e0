package keyspace

import "slices"

// Functions are libraries of functions that FUNCTION loads and FCALL calls. Each of
// these is called with the Space's lock held exclusively.
type Functions interface {
	LoadLibrary(code string, replace bool) (name string, err error)
	DeleteLibrary(name string) error
	FlushLibraries()
	// RestoreLibraries loads libraries, all or none.
	RestoreLibraries(codes []string, policy RestorePolicy) error
	Libraries() []Library
	// Function returns a function, in any case of its name.
	Function(name string) (Callable, error)
}

// Callable is a function of a library. Only while it runs may call be used.
type Callable func(keys, args []string, call *Caller) (any, error)

// Library is a library and the functions that it has.
type Library struct {
	Name, Code string
	Functions  []Function
}

// Function is what FUNCTION LIST tells of a function.
type Function struct {
	Name        string
	Description string
	Described   bool
	Flags       []string
}

// RestorePolicy is what becomes of the libraries that are there.
type RestorePolicy int

const (
	RefuseSame  RestorePolicy = iota // those of the same names are an error
	ReplaceSame                      // those of the same names are replaced
	FlushFirst                       // all are forgotten
)

var functionCommands = []Command{
	{"FCALL", -3, Write | Scripts, KeySpec{NumKeys: 2}, fcall(false)},
	{"FCALL_RO", -3, Read | Alone | Scripts, KeySpec{NumKeys: 2}, fcall(true)},
	{"FUNCTION", -2, Read | Server | Alone, noKeys, subcommands([]subcommand{
		{"DELETE", 3, functionDelete},
		{"DUMP", 2, functionDump},
		{"FLUSH", -2, functionFlush},
		{"HELP", 2, functionHelp},
		{"KILL", 2, func(*DB, Args) (any, error) { return nil, errNotBusy }}, // as SCRIPT KILL
		{"LIST", -2, functionList},
		{"LOAD", -3, functionLoad},
		{"RESTORE", -3, functionRestore},
		{"STATS", 2, functionStats},
	})},
}

func fcall(readOnly bool) handler {
	return func(db *DB, a Args) (any, error) {
		if db.space.scripting == nil {
			return nil, errNoScripting
		}
		fn, err := db.space.scripting.Function(a[1])
		if err != nil {
			return nil, err
		}
		n, err := a.Int(2)
		rest := a[3:]
		switch {
		case err != nil:
			return nil, errBadKeys
		case n > int64(len(rest)):
			return nil, errTooManyKeys
		case n < 0:
			return nil, errKeysNegative
		}
		return fn(rest[:n], rest[n:], &Caller{db: db, readOnly: readOnly})
	}
}

func functionLoad(db *DB, a Args) (any, error) {
	replace := false
	for _, word := range a[2 : len(a)-1] {
		if !isName(word, "REPLACE") {
			return nil, errQuoting("ERR Unknown option given: %s", word)
		}
		replace = true
	}
	functions, err := db.functions()
	if err != nil {
		return nil, err
	}
	name, err := functions.LoadLibrary(a[len(a)-1], replace)
	if err != nil {
		return nil, err
	}
	db.noted()
	return name, nil
}

func functionDelete(db *DB, a Args) (any, error) {
	functions, err := db.functions()
	if err != nil {
		return nil, err
	}
	return db.loaded(functions.DeleteLibrary(a[2]))
}

func functionFlush(db *DB, a Args) (any, error) {
	switch {
	case len(a) > 3:
		return nil, errSubcommandSyntax(a)
	case len(a) == 3 && !a.Is(2, "SYNC") && !a.Is(2, "ASYNC"):
		return nil, errFunctionFlush
	}
	functions, err := db.functions()
	if err != nil {
		return nil, err
	}
	functions.FlushLibraries()
	return db.loaded(nil)
}

// libraries are those that are loaded.
func (s *Space) libraries() []Library {
	if s.scripting == nil {
		return nil
	}
	return s.scripting.Libraries()
}

// libraryCode is the code of those that are loaded.
func (s *Space) libraryCode() (code []string) {
	for _, lib := range s.libraries() {
		code = append(code, lib.Code)
	}
	return code
}

// restoreLibraries has these libraries loaded and no others.
func (s *Space) restoreLibraries(code []string) error {
	switch {
	case slices.Equal(code, s.libraryCode()):
		return nil
	case s.scripting == nil:
		return errNoScripting
	}
	return s.scripting.RestoreLibraries(code, FlushFirst)
}

// functions are to be changed, where that is possible now.
func (db *DB) functions() (Functions, error) {
	if db.space.scripting == nil {
		return nil, errNoScripting
	}
	return db.space.scripting, db.space.mayChange()
}

// loaded notes that the libraries are not what they were.
func (db *DB) loaded(err error) (any, error) {
	if err == nil {
		db.noted()
	}
	return ok, err
}

func functionList(db *DB, a Args) (any, error) {
	var pattern *glob
	withCode := false
	for i := 2; i < len(a); i++ {
		switch {
		case !withCode && a.Is(i, "WITHCODE"):
			withCode = true
		case pattern == nil && a.Is(i, "LIBRARYNAME"):
			if i++; i == len(a) {
				return nil, errNoLibraryName
			}
			var err error
			if pattern, err = parseGlob(a[i]); err != nil {
				return nil, err
			}
		default:
			return nil, errQuoting("ERR Unknown argument %s", a[i])
		}
	}
	list := []any{}
	for _, lib := range db.space.libraries() {
		if pattern != nil && !pattern.match(lib.Name) {
			continue
		}
		about := []any{"library_name", lib.Name, "engine", "LUA", "functions", lib.functionsReply()}
		if withCode {
			about = append(about, "library_code", lib.Code)
		}
		list = append(list, about)
	}
	return list, nil
}

func (l Library) functionsReply() []any {
	list := []any{}
	for _, f := range l.Functions {
		var description any
		if f.Described {
			description = f.Description
		}
		flags := []any{}
		for _, flag := range f.Flags {
			flags = append(flags, Status(flag))
		}
		list = append(list, []any{"name", f.Name, "description", description, "flags", flags})
	}
	return list
}

func functionStats(db *DB, _ Args) (any, error) {
	libraries, functions := db.space.libraries(), 0
	for _, lib := range libraries {
		functions += len(lib.Functions)
	}
	engine := []any{"libraries_count", intReply(len(libraries)), "functions_count", intReply(functions)}
	return []any{"running_script", nil, "engines", []any{"LUA", engine}}, nil
}

// rdbFunction is what is before each library in a dump.
const rdbFunction = 245

func functionDump(db *DB, _ Args) (any, error) {
	var w rdbWriter
	for _, lib := range db.space.libraries() {
		w.byte(rdbFunction)
		w.blob([]byte(lib.Code))
	}
	return w.end(), nil
}

func functionRestore(db *DB, a Args) (any, error) {
	if len(a) > 4 {
		return nil, errSubcommandSyntax(a)
	}
	policy := RefuseSame
	if len(a) == 4 {
		i := slices.IndexFunc([]string{"APPEND", "REPLACE", "FLUSH"}, func(word string) bool { return a.Is(3, word) })
		if i < 0 {
			return nil, errRestorePolicy
		}
		policy = RestorePolicy(i)
	}
	r, err := openDump(a[2])
	if err != nil {
		return nil, err
	}
	var codes []string
	for len(r.data) > 0 {
		if r.byte() != rdbFunction {
			return nil, errNoFunction
		}
		if codes = append(codes, r.text()); r.bad {
			return nil, errBadLibrary
		}
	}
	functions, err := db.functions()
	if err != nil {
		return nil, err
	}
	return db.loaded(functions.RestoreLibraries(codes, policy))
}

func functionHelp(*DB, Args) (any, error) {
	return Help("FUNCTION",
		"LOAD [REPLACE] <FUNCTION CODE>",
		"    Create a new library with the given library name and code.",
		"DELETE <LIBRARY NAME>",
		"    Delete the given library.",
		"LIST [LIBRARYNAME PATTERN] [WITHCODE]",
		"    Return general information on all the libraries:",
		"    * Library name",
		"    * The engine used to run the Library",
		"    * Library description",
		"    * Functions list",
		"    * Library code (if WITHCODE is given)",
		"    It also possible to get only function that matches a pattern using LIBRARYNAME argument.",
		"STATS",
		"    Return information about the current function running:",
		"    * Function name",
		"    * Command used to run the function",
		"    * Duration in MS that the function is running",
		"    If no function is running, return nil",
		"    In addition, returns a list of available engines.",
		"KILL",
		"    Kill the current running function.",
		"FLUSH [ASYNC|SYNC]",
		"    Delete all the libraries.",
		"    When called without the optional mode argument, the behavior is determined by the",
		"    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
		"    * ASYNC: Asynchronously flush the libraries.",
		"    * SYNC: Synchronously flush the libraries.",
		"DUMP",
		"    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command",
		"RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
		"    Restore the libraries represented by the given payload, it is possible to give a restore policy to",
		"    control how to handle existing libraries (default APPEND):",
		"    * FLUSH: delete all existing libraries.",
		"    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.",
		"    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old",
		"      libraries with the new libraries (notice that even on this option there is a chance of failure",
		"      in case of functions name collision with another library).",
	), nil
}
