package keyspace

import "strings"

// Scripting is a language for scripts, which EVAL and SCRIPT need; see
// Space.SetScripting. It keeps the scripts that it has seen under their names,
// the SHA-1 of their texts in small hexadecimal.
type Scripting interface {
	// Load keeps a script and returns its name.
	Load(text string) (name string, err error)
	// Has reports whether a script is kept under the name, in any case.
	Has(name string) bool
	// Flush forgets all scripts.
	Flush()
	// Run runs a script. Only while it does may call be used.
	Run(s Script, call *Caller) (any, error)

	Functions
}

// Script is a script to be run, by its text or, where that is empty, by its name.
type Script struct {
	Text, Name string
	Keys, Args []string
}

// SetScripting gives the Space a language for scripts. It is set once, before the
// first command.
func (s *Space) SetScripting(l Scripting) { s.scripting = l }

// OnCall has fn called after each command of a script that may have changed
// something. It runs under the Space's lock, as fn of OnChange.
func (s *Space) OnCall(fn func(db int, argv []string, reply any)) { s.called = fn }

var scriptCommands = []Command{
	{"EVAL", -3, Write | Scripts, KeySpec{NumKeys: 2}, eval(false)},
	{"EVALSHA", -3, Write | Scripts, KeySpec{NumKeys: 2}, evalsha(false)},
	{"EVAL_RO", -3, Read | Scripts, KeySpec{NumKeys: 2}, eval(true)},
	{"EVALSHA_RO", -3, Read | Scripts, KeySpec{NumKeys: 2}, evalsha(true)},
	{"SCRIPT", -2, Read | Server, noKeys, script},
}

func eval(readOnly bool) handler {
	return func(db *DB, a Args) (any, error) { return runScript(db, a, Script{Text: a[1]}, readOnly) }
}

// nameLength is how long the name of a script is.
const nameLength = 40

func evalsha(readOnly bool) handler {
	return func(db *DB, a Args) (any, error) {
		if len(a[1]) != nameLength {
			return nil, ErrNoScript
		}
		return runScript(db, a, Script{Name: strings.ToLower(a[1])}, readOnly)
	}
}

func runScript(db *DB, a Args, s Script, readOnly bool) (any, error) {
	n, err := a.Int(2)
	switch rest := a[3:]; {
	case err != nil:
		return nil, err
	case n > int64(len(rest)):
		return nil, errTooManyKeys
	case n < 0:
		return nil, errKeysNegative
	case db.space.scripting == nil:
		return nil, errNoScripting
	default:
		s.Keys, s.Args = rest[:n], rest[n:]
	}
	return db.space.scripting.Run(s, &Caller{db: db, readOnly: readOnly})
}

var script = subcommands([]subcommand{
	{"DEBUG", 3, func(*DB, Args) (any, error) { return nil, errNoDebugger }},
	{"EXISTS", -3, scriptExists},
	{"FLUSH", -2, scriptFlush},
	{"HELP", 2, scriptHelp},
	// A script holds the lock, so where SCRIPT KILL has its turn there is none.
	{"KILL", 2, func(*DB, Args) (any, error) { return nil, errNotBusy }},
	{"LOAD", 3, scriptLoad},
})

func scriptLoad(db *DB, a Args) (any, error) {
	if db.space.scripting == nil {
		return nil, errNoScripting
	}
	name, err := db.space.scripting.Load(a[2])
	if err != nil {
		return nil, err
	}
	return name, nil
}

func scriptExists(db *DB, a Args) (any, error) {
	found := make([]any, 0, len(a)-2)
	for _, name := range a[2:] {
		found = append(found, boolReply(db.space.scripting != nil && db.space.scripting.Has(name)))
	}
	return found, nil
}

// scriptFlush takes SYNC and ASYNC, as FLUSHDB does.
func scriptFlush(db *DB, a Args) (any, error) {
	if len(a) > 3 || len(a) == 3 && !a.Is(2, "SYNC") && !a.Is(2, "ASYNC") {
		return nil, errScriptFlush
	}
	if db.space.scripting != nil {
		db.space.scripting.Flush()
	}
	return ok, nil
}

func scriptHelp(*DB, Args) (any, error) {
	return Help("SCRIPT",
		"DEBUG (YES|SYNC|NO)",
		"    Set the debug mode for subsequent scripts executed.",
		"EXISTS <sha1> [<sha1> ...]",
		"    Return information about the existence of the scripts in the script cache.",
		"FLUSH [ASYNC|SYNC]",
		"    Flush the Lua scripts cache. Very dangerous on replicas.",
		"    When called without the optional mode argument, the behavior is determined by the",
		"    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
		"    * ASYNC: Asynchronously flush the scripts cache.",
		"    * SYNC: Synchronously flush the scripts cache.",
		"KILL",
		"    Kill the currently executing Lua script.",
		"LOAD <script>",
		"    Load a script into the scripts cache without executing it.",
	), nil
}
