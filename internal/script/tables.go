package script

import (
	"fmt"
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (m *machine) openTable() {
	m.library("table", map[string]lua.LGFunction{
		"concat": m.tableConcat, "foreach": m.foreach, "foreachi": m.foreachi, "getn": m.getn, "insert": m.insert,
		"maxn": m.maxn, "remove": m.remove, "sort": m.sort,
		"setn": func(l *lua.LState) int {
			m.checkTable(l, 1, "setn")
			return m.raise(l, 1, "'setn' is obsolete")
		},
	})
}

func (m *machine) tableConcat(l *lua.LState) int {
	t := m.checkTable(l, 1, "concat")
	between := ""
	if l.Get(2) != lua.LNil {
		between = m.checkText(l, 2, "concat")
	}
	from := m.optInt(l, 3, "concat", 1)
	to := m.optInt(l, 4, "concat", int64(t.Len()))
	var out strings.Builder
	for i := from; i <= to; i++ {
		v := t.RawGet(lua.LNumber(i))
		if !isText(v) {
			return m.raise(l, 1, fmt.Sprintf("invalid value (%s) at index %d in table for 'concat'", typeName(v), i))
		}
		text := m.text(v)
		m.work(l, 1)
		m.grow(l, len(text)+len(between))
		out.WriteString(text)
		if i < to {
			out.WriteString(between)
		}
	}
	l.Push(lua.LString(out.String()))
	return 1
}

func (m *machine) getn(l *lua.LState) int {
	l.Push(lua.LNumber(m.checkTable(l, 1, "getn").Len()))
	return 1
}

func (m *machine) maxn(l *lua.LState) int {
	t := m.checkTable(l, 1, "maxn")
	most := lua.LNumber(t.MaxN())
	t.ForEach(func(k, _ lua.LValue) {
		if n, ok := k.(lua.LNumber); ok && n > most {
			most = n
		}
	})
	l.Push(most)
	return 1
}

// foreach calls a function for each pair until it returns something.
func (m *machine) foreach(l *lua.LState) int {
	t, fn := m.checkTable(l, 1, "foreach"), m.checkFunction(l, 2, "foreach")
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if m.called(l, fn, k, v) != lua.LNil {
			return 1
		}
		l.Pop(1)
	}
	return 0
}

func (m *machine) foreachi(l *lua.LState) int {
	t, fn := m.checkTable(l, 1, "foreachi"), m.checkFunction(l, 2, "foreachi")
	for i, n := 1, t.Len(); i <= n; i++ {
		if m.called(l, fn, lua.LNumber(i), t.RawGetInt(i)) != lua.LNil {
			return 1
		}
		l.Pop(1)
	}
	return 0
}

// called calls a function and leaves what it returns on the stack.
func (m *machine) called(l *lua.LState, fn *lua.LFunction, args ...lua.LValue) lua.LValue {
	m.within(l, func() {
		l.Push(fn)
		for _, arg := range args {
			l.Push(arg)
		}
		l.Call(len(args), 1)
	})
	return l.Get(-1)
}

func (m *machine) insert(l *lua.LState) int {
	t := m.checkOwn(l, 1, "insert")
	n := t.Len()
	switch l.GetTop() {
	case 2:
		m.set(l, t, n+1, l.Get(2))
	case 3:
		at := int(m.checkInt(l, 2, "insert"))
		m.work(l, max(0, n+1-at)/4)
		if at < 1 || at > n+1 {
			m.set(l, t, at, l.Get(3))
			return 0
		}
		for i := n + 1; i > at; i-- {
			t.RawSetInt(i, t.RawGetInt(i-1))
		}
		t.RawSetInt(at, l.Get(3))
	default:
		return m.raise(l, 1, "wrong number of arguments to 'insert'")
	}
	return 0
}

func (m *machine) set(l *lua.LState, t *lua.LTable, at int, v lua.LValue) {
	m.growFor(l, t, lua.LNumber(at))
	t.RawSetInt(at, v)
}

func (m *machine) remove(l *lua.LState) int {
	t := m.checkTable(l, 1, "remove") // those of ours have no list in them
	n := t.Len()
	at := m.optInt(l, 2, "remove", int64(n))
	if at < 1 || at > int64(n) {
		return 0
	}
	m.work(l, (n-int(at))/4)
	l.Push(t.RawGetInt(int(at)))
	for i := int(at); i < n; i++ {
		t.RawSetInt(i, t.RawGetInt(i+1))
	}
	if t.RawGetInt(n+1) == lua.LNil && t.MaxN() == n {
		t.Remove(n)
	} else {
		t.RawSetInt(n, lua.LNil)
	}
	return 1
}

// sort sorts a copy: a function that compares may do what it likes with the table.
func (m *machine) sort(l *lua.LState) int {
	t := m.checkTable(l, 1, "sort")
	var less *lua.LFunction
	if l.Get(2) != lua.LNil {
		less = m.checkFunction(l, 2, "sort")
	}
	n := t.Len()
	m.work(l, n)
	m.grow(l, 16*n)
	values := make([]lua.LValue, n)
	for i := range values {
		values[i] = t.RawGetInt(i + 1)
	}
	sort.Slice(values, func(i, j int) bool {
		if less == nil {
			m.work(l, 1)
			return m.less(l, values[i], values[j])
		}
		found := lua.LVAsBool(m.called(l, less, values[i], values[j]))
		l.Pop(1)
		return found
	})
	for i, v := range values {
		t.RawSetInt(i+1, v)
	}
	return 0
}

func (m *machine) less(l *lua.LState, a, b lua.LValue) bool {
	if typeName(a) != typeName(b) {
		m.raise(l, 1, fmt.Sprintf("attempt to compare %s with %s", typeName(a), typeName(b)))
	}
	if !isText(a) && l.GetMetaField(a, "__lt") == lua.LNil {
		m.raise(l, 1, fmt.Sprintf("attempt to compare two %s values", typeName(a)))
	}
	return l.LessThan(a, b)
}
