package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// openRedis sets the table redis.
func (m *machine) openRedis() {
	nothing := func(*lua.LState) int { return 0 }
	t := m.library("redis", map[string]lua.LGFunction{
		"call":        func(l *lua.LState) int { return m.redisCall(l, true) },
		"pcall":       func(l *lua.LState) int { return m.redisCall(l, false) },
		"error_reply": m.errorReply, "status_reply": m.statusReply, "sha1hex": m.sha1hex, "setresp": m.setresp,
		"log": m.log, "set_repl": m.setRepl, "acl_check_cmd": m.aclCheck, "debug": nothing,
		"breakpoint":         func(l *lua.LState) int { l.Push(lua.LFalse); return 1 },
		"replicate_commands": func(l *lua.LState) int { l.Push(lua.LTrue); return 1 },
	})
	for name, v := range map[string]lua.LValue{
		"LOG_DEBUG": lua.LNumber(0), "LOG_VERBOSE": lua.LNumber(1), "LOG_NOTICE": lua.LNumber(2), "LOG_WARNING": lua.LNumber(3),
		"REPL_NONE": lua.LNumber(0), "REPL_AOF": lua.LNumber(1), "REPL_SLAVE": lua.LNumber(2), "REPL_REPLICA": lua.LNumber(2), "REPL_ALL": lua.LNumber(3),
		"REDIS_VERSION": lua.LString("7.0.15"), "REDIS_VERSION_NUM": lua.LNumber(0x07000f),
	} {
		t.RawSetString(name, v)
	}
}

// errorTable is an error as scripts have it. Where the text begins with "-" its
// first word is the code.
func (m *machine) errorTable(text string) *lua.LTable {
	code, message := "ERR", text
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		message = rest
		if word, sentence, ok := strings.Cut(rest, " "); ok {
			code, message = word, sentence
		}
	}
	t := m.l.NewTable()
	t.RawSetString("err", lua.LString(code+" "+strings.Trim(message, "\r\n")))
	return t
}

// redisError raises an error of this library, which does not say where it was.
func (m *machine) redisError(l *lua.LState, text string) int {
	l.Error(m.errorTable(text), 0)
	return 0
}

func (m *machine) redisCall(l *lua.LState, raise bool) int {
	argv, problem := m.words(l)
	if problem != "" {
		if raise {
			return m.redisError(l, problem)
		}
		l.Push(m.errorTable(problem))
		return 1
	}
	m.work(l, stepsOfCall)
	v, err := m.call.Call(argv)
	if err != nil {
		t := m.errorTable("-" + err.Error())
		t.RawSetString("ignore_error_stats_update", lua.LTrue)
		if raise {
			l.Error(t, 0)
		}
		l.Push(t)
		return 1
	}
	value := m.value(l, v)
	m.meter.look() // a command may take long
	l.Push(value)
	return 1
}

// stepsOfCall is what a command counts, beside its reply.
const stepsOfCall = 50

// words are the arguments of redis.call.
func (m *machine) words(l *lua.LState) (argv []string, problem string) {
	n := l.GetTop()
	if n == 0 {
		return nil, "Please specify at least one argument for this redis lib call"
	}
	argv = make([]string, n)
	for i := range argv {
		switch v := l.Get(i + 1).(type) {
		case lua.LString:
			argv[i] = string(v)
		case lua.LNumber:
			argv[i] = formatDouble(float64(v), 17)
		default:
			return nil, "Lua redis lib command arguments must be strings or integers"
		}
	}
	return argv, ""
}

func (m *machine) errorReply(l *lua.LState) int {
	text, ok := l.Get(1).(lua.LString)
	if l.GetTop() != 1 || !ok {
		l.Push(m.errorTable("wrong number or type of arguments"))
		return 1
	}
	l.Push(m.errorTable("-" + strings.TrimPrefix(string(text), "-")))
	return 1
}

func (m *machine) statusReply(l *lua.LState) int {
	text, ok := l.Get(1).(lua.LString)
	if l.GetTop() != 1 || !ok {
		l.Push(m.errorTable("wrong number or type of arguments"))
		return 1
	}
	t := l.NewTable()
	t.RawSetString("ok", text)
	l.Push(t)
	return 1
}

func (m *machine) sha1hex(l *lua.LState) int {
	if l.GetTop() != 1 {
		return m.redisError(l, "wrong number of arguments")
	}
	text := m.text(l.Get(1))
	m.work(l, len(text)/16)
	l.Push(lua.LString(nameOf(text)))
	return 1
}

func (m *machine) setresp(l *lua.LState) int {
	if l.GetTop() != 1 {
		return m.redisError(l, "redis.setresp() requires one argument.")
	}
	n, _ := number(l.Get(1))
	switch whole(n) {
	case 2:
		m.resp3 = false
	case 3:
		m.resp3 = true
	default:
		return m.redisError(l, "RESP version must be 2 or 3.")
	}
	return 0
}

// log checks its arguments. What a script logs goes nowhere: a Store has no log.
func (m *machine) log(l *lua.LState) int {
	if l.GetTop() < 2 {
		return m.redisError(l, "redis.log() requires two arguments or more.")
	}
	level, ok := number(l.Get(1))
	switch {
	case !ok:
		return m.redisError(l, "First argument must be a number (log level).")
	case whole(level) < 0 || whole(level) > 3:
		return m.redisError(l, "Invalid debug level.")
	}
	return 0
}

func (m *machine) setRepl(l *lua.LState) int {
	if l.GetTop() != 1 {
		return m.redisError(l, "redis.set_repl() requires two arguments.")
	}
	if n, _ := number(l.Get(1)); whole(n)&^3 != 0 {
		return m.redisError(l, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
	}
	return 0
}

// aclCheck says whether the user of the script may run a command.
func (m *machine) aclCheck(l *lua.LState) int {
	argv, problem := m.words(l)
	if problem != "" {
		return m.redisError(l, problem)
	}
	if !m.call.Known(argv) {
		return m.redisError(l, "Invalid command passed to redis.acl_check_cmd()")
	}
	l.Push(lua.LBool(m.call.Allows(argv)))
	return 1
}
