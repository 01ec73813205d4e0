package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// openCoroutine takes gopher-lua's coroutines, of which each runs on a state of its
// own, and has them counted and bounded as the script that makes them.
func (m *machine) openCoroutine() {
	lua.OpenCoroutine(m.l)
	theirs, _ := m.l.GetGlobal(lua.CoroutineLibName).(*lua.LTable)
	fn := func(name string) lua.LGFunction { return theirs.RawGetString(name).(*lua.LFunction).GFunction }
	create, resume, status := fn("create"), fn("resume"), fn("status")
	m.resume = func(l, thread *lua.LState) int {
		before := m.current
		m.current = thread
		defer func() { m.current = before }()
		n := 0
		m.within(l, func() { n = resume(l) })
		return n
	}
	make := func(l *lua.LState, function string) *lua.LState {
		m.checkFunction(l, 1, function)
		m.grow(l, coroutineBytes)
		create(l)
		thread := l.Get(-1).(*lua.LState)
		thread.SetContext(&m.meter)
		return thread
	}
	m.library("coroutine", map[string]lua.LGFunction{
		"create": func(l *lua.LState) int { make(l, "create"); return 1 },
		"yield":  fn("yield"),
		"running": func(l *lua.LState) int {
			if m.current == nil {
				l.Push(lua.LNil)
			} else {
				l.Push(m.current)
			}
			return 1
		},
		"status": func(l *lua.LState) int {
			if m.checkThread(l, "status") == m.current {
				l.Push(lua.LString("running"))
				return 1
			}
			return status(l)
		},
		"resume": func(l *lua.LState) int {
			n := m.resume(l, m.checkThread(l, "resume"))
			if n == 2 && l.Get(-2) == lua.LFalse {
				err := m.resumeError(l.Get(-1))
				l.Pop(1)
				l.Push(err)
			}
			return n
		},
		"wrap": func(l *lua.LState) int {
			thread := make(l, "wrap")
			l.Pop(1)
			l.Push(l.NewFunction(func(l *lua.LState) int {
				l.Insert(thread, 1)
				top := l.GetTop()
				n := m.resume(l, thread)
				if l.Get(top+1) == lua.LFalse {
					err := m.resumeError(l.Get(top + 2))
					if isText(err) {
						err = lua.LString(where(l, 1) + m.text(err))
					}
					l.Error(err, 0)
				}
				return n - 1
			}))
			return 1
		},
	})
}

func (m *machine) checkThread(l *lua.LState, function string) *lua.LState {
	thread, ok := l.Get(1).(*lua.LState)
	if !ok {
		m.argument(l, 1, function, "coroutine expected")
	}
	return thread
}

// protected calls a function with arguments, and returns what it returns or the
// error that ended it. It does so on a stack of its own: an error has gopher-lua
// cut all variables of its stack from the functions that share them, also those of
// functions that go on.
func (m *machine) protected(l *lua.LState, fn lua.LValue, args []lua.LValue) (results []lua.LValue, ok bool) {
	m.grow(l, coroutineBytes)
	thread, _ := l.NewThread()
	thread.SetContext(&m.meter)
	var state lua.ResumeState
	var err error
	m.within(l, func() { state, err, results = l.Resume(thread, m.trampoline, append([]lua.LValue{fn}, args...)...) })
	switch {
	case state == lua.ResumeYield:
		return []lua.LValue{lua.LString(errYield)}, false
	case err != nil:
		return []lua.LValue{m.thrown(err)}, false
	}
	return results[1:], true
}

// trampolineText calls a function of any kind, which gopher-lua cannot begin a stack
// with, and says how many values there are: it makes one of none.
const (
	trampolineText = "local count = ... return function(f, ...) return count(f(...)) end"
	trampolineName = "[C]" // as a function of ours it is nowhere
)

func (m *machine) openTrampoline() {
	fn, err := m.l.Load(strings.NewReader(trampolineText), trampolineName)
	if err != nil {
		panic(err) // the text is ours
	}
	m.l.Push(fn)
	m.l.Push(m.l.NewFunction(func(l *lua.LState) int {
		n := l.GetTop()
		l.Insert(lua.LNumber(n), 1)
		return n + 1
	}))
	m.l.Call(1, 1)
	m.trampoline = m.l.Get(-1).(*lua.LFunction)
	m.l.Pop(1)
}

// resumeError is an error of a coroutine as Lua words it.
func (m *machine) resumeError(err lua.LValue) lua.LValue {
	switch err {
	case lua.LString("can not resume a dead thread"):
		return lua.LString("cannot resume dead coroutine")
	case lua.LString("can not resume a running thread"):
		return lua.LString("cannot resume running coroutine")
	}
	return m.translated(err)
}
