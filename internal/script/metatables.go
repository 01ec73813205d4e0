package script

import (
	lua "github.com/yuin/gopher-lua"
)

func (m *machine) getmetatable(l *lua.LState) int {
	v := m.checkAny(l, 1, "getmetatable")
	var meta lua.LValue = lua.LNil
	switch v := v.(type) {
	case *lua.LTable:
		meta = m.behind(v).Metatable
	case *lua.LUserData:
		meta = v.Metatable
	case lua.LString:
		meta = m.strings
	}
	if t, ok := meta.(*lua.LTable); ok {
		if locked := t.RawGetString("__metatable"); locked != lua.LNil {
			meta = locked
		} else if t == m.strings {
			meta = m.stringsFace()
		} else if t == m.globals.Metatable {
			if m.faces[t] == nil {
				m.freeze(t)
			}
			meta = m.faces[t]
		}
	}
	l.Push(meta)
	return 1
}

// stringsFace is what scripts see as the metatable of strings.
func (m *machine) stringsFace() *lua.LTable {
	if m.faces[m.strings] == nil {
		shown := m.l.NewTable()
		shown.RawSetString("__index", m.globals.RawGetString("string"))
		m.faces[m.strings] = m.freeze(shown)
	}
	return m.faces[m.strings]
}

func (m *machine) setmetatable(l *lua.LState) int {
	t, ok := l.Get(1).(*lua.LTable)
	if !ok {
		return m.wrongType(l, 1, "setmetatable", "table")
	}
	meta := l.Get(2)
	if _, ok := meta.(*lua.LTable); !ok && (meta != lua.LNil || l.GetTop() < 2) {
		return m.argument(l, 2, "setmetatable", "nil or table expected")
	}
	if m.frozen[t] != nil {
		return raisePlain(l, errReadonly)
	}
	if old, ok := t.Metatable.(*lua.LTable); ok && old.RawGetString("__metatable") != lua.LNil {
		return m.raise(l, 1, "cannot change a protected metatable")
	}
	t.Metatable = meta
	l.Push(t)
	return 1
}
