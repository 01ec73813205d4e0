package script

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// pcall is Redis's: of an error in the form of redis.call it gives the text.
func (m *machine) pcall(l *lua.LState) int {
	if l.GetTop() == 0 {
		l.Push(lua.LFalse)
		l.Push(lua.LString("attempt to call a boolean value"))
		return 2
	}
	if _, ok := l.Get(1).(*lua.LFunction); !ok && l.GetMetaField(l.Get(1), "__call") == lua.LNil {
		message := typeError("call", "", l.Get(1))
		l.Push(lua.LFalse)
		l.Push(lua.LString(message))
		return 2
	}
	args := make([]lua.LValue, 0, l.GetTop()-1)
	for i := 2; i <= l.GetTop(); i++ {
		args = append(args, l.Get(i))
	}
	results, ok := m.protected(l, l.Get(1), args)
	if !ok {
		if t, isTable := results[0].(*lua.LTable); isTable {
			if text := l.GetField(t, "err"); isText(text) {
				results[0] = text
			}
		}
	}
	return pushAll(l, lua.LBool(ok), results)
}

func pushAll(l *lua.LState, first lua.LValue, rest []lua.LValue) int {
	l.Push(first)
	for _, v := range rest {
		l.Push(v)
	}
	return 1 + len(rest)
}

// thrown is the value of an error.
func (m *machine) thrown(err error) lua.LValue {
	if failed, ok := err.(*lua.ApiError); ok && failed.Object != nil && failed.Object != lua.LNil {
		return m.translated(failed.Object)
	} else if ok && failed.Type != lua.ApiErrorPanic && failed.Cause == nil {
		return lua.LNil
	}
	return lua.LString(err.Error())
}

func (m *machine) xpcall(l *lua.LState) int {
	handler := m.checkAny(l, 2, "xpcall")
	results, ok := m.protected(l, l.Get(1), nil)
	if !ok {
		results, _ = m.protected(l, handler, results)
		results = append(results, lua.LNil)[:1]
	}
	return pushAll(l, lua.LBool(ok), results)
}

func (m *machine) loadstring(l *lua.LState) int {
	text := m.checkText(l, 1, "loadstring")
	name := text
	if l.Get(2) != lua.LNil {
		name = m.checkText(l, 2, "loadstring")
	}
	return m.loadText(l, text, name)
}

func (m *machine) load(l *lua.LState) int {
	fn := m.checkFunction(l, 1, "load")
	name := "=(load)"
	if l.Get(2) != lua.LNil {
		name = m.checkText(l, 2, "load")
	}
	var b strings.Builder
	for {
		var piece lua.LValue
		m.within(l, func() {
			l.Push(fn)
			l.Call(0, 1)
			piece = l.Get(-1)
			l.Pop(1)
		})
		if piece == lua.LNil || piece == lua.LString("") {
			return m.loadText(l, b.String(), name)
		}
		if !isText(piece) {
			return m.raise(l, 1, "reader function must return a string")
		}
		m.grow(l, len(m.text(piece)))
		b.WriteString(m.text(piece))
	}
}

// loadText pushes the function that a text is, or nil and why it is none.
func (m *machine) loadText(l *lua.LState, text, name string) int {
	m.work(l, len(text))
	source := chunkName(name)
	var p *program
	err := error(nil)
	switch {
	case len(text) > m.meter.limits.Text:
		err = fmt.Errorf("%s: a chunk of %d bytes is over the limit of %d", source, len(text), m.meter.limits.Text)
	case strings.HasPrefix(text, "\x1bLua"):
		err = fmt.Errorf("%s: no binary chunks", source)
	default:
		m.grow(l, 100*len(text))
		p, err = compile(text, source)
	}
	if err != nil {
		l.Push(lua.LNil)
		l.Push(lua.LString(err.Error()))
		return 2
	}
	if m.loaded == nil {
		m.loaded = map[string]*program{}
	}
	m.loaded[source] = p
	l.Push(m.instance(l, p))
	return 1
}

// chunkName is how messages call a chunk of this name.
func chunkName(name string) string {
	if name != "" && (name[0] == '=' || name[0] == '@') {
		return name[1:min(len(name), 60)]
	}
	const most = 60 - len(`[string "..."] `)
	line, rest, more := strings.Cut(name, "\n")
	_ = rest
	if more || len(line) > most {
		return `[string "` + line[:min(len(line), most)] + `..."]`
	}
	return `[string "` + line + `"]`
}
