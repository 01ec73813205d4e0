package script

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// helpersOf are the functions that the rewriter has put into a program.
func (m *machine) helpersOf(p *program) [helperCount]lua.LValue {
	helpers, ok := m.helpers[p]
	if !ok {
		helpers = [helperCount]lua.LValue{
			m.l.NewFunction(m.concat(p)), m.l.NewFunction(m.assign(p)), m.l.NewFunction(m.key), m.l.NewFunction(m.length),
		}
		m.helpers[p] = helpers
	}
	return helpers
}

// assign is t[k] = v: what t is called, t, k and v.
func (m *machine) assign(p *program) lua.LGFunction {
	return func(l *lua.LState) int {
		to, key := l.Get(2), l.Get(3)
		t, ok := to.(*lua.LTable)
		if !ok && l.GetMetaField(to, "__newindex") == lua.LNil {
			return m.raise(l, 1, typeError("index", p.values[int(l.Get(1).(lua.LNumber))], to))
		}
		if ok && (t.Metatable == lua.LNil || l.GetMetaField(t, "__newindex") == lua.LNil) {
			m.growFor(l, t, key)
			t.RawSet(key, l.Get(4))
			return 0
		}
		l.SetTable(to, key, l.Get(4))
		return 0
	}
}

// key is a key of a table that is written out.
func (m *machine) key(l *lua.LState) int {
	if n, ok := l.Get(1).(lua.LNumber); ok && n > maxKey && n < lua.LNumber(lua.MaxArrayIndex) {
		return m.raise(l, 1, fmt.Sprintf("table index %v is over the limit of %d in a table that is written out", m.text(n), maxKey))
	}
	return 1
}

const maxKey = 1 << 16

// length is #v, where tables have none of their own.
func (m *machine) length(l *lua.LState) int {
	if t, ok := l.Get(1).(*lua.LTable); ok {
		l.Push(lua.LNumber(t.Len()))
	} else {
		l.Push(lua.LNumber(l.ObjLen(l.Get(1))))
	}
	return 1
}

// concat is a .. b .. c: what the first and the last of them are called, and they.
func (m *machine) concat(p *program) lua.LGFunction {
	return func(l *lua.LState) int {
		size := 0
		for i := 3; ; i++ {
			v := l.Get(i)
			if i > l.GetTop() {
				break
			}
			switch v := v.(type) {
			case lua.LString:
				size += len(v)
			case lua.LNumber:
				size += 24
			default:
				return m.concatObjects(l, p)
			}
		}
		m.grow(l, size)
		var b strings.Builder
		b.Grow(size)
		for i := 3; i <= l.GetTop(); i++ {
			b.WriteString(m.text(l.Get(i)))
		}
		l.Push(lua.LString(b.String()))
		return 1
	}
}

// concatObjects joins two by two, from the end, where one is neither text nor
// number.
func (m *machine) concatObjects(l *lua.LState, p *program) int {
	n := l.GetTop()
	result := l.Get(n)
	for i := n - 1; i >= 3; i-- {
		left := l.Get(i)
		if isText(left) && isText(result) {
			a, b := m.text(left), m.text(result)
			m.grow(l, len(a)+len(b))
			result = lua.LString(a + b)
			continue
		}
		op := l.GetMetaField(left, "__concat")
		if op == lua.LNil {
			op = l.GetMetaField(result, "__concat")
		}
		if op == lua.LNil {
			wrong := left
			name := p.values[int(l.Get(1).(lua.LNumber))]
			if isText(left) {
				wrong, name = result, p.values[int(l.Get(2).(lua.LNumber))]
			}
			return m.raise(l, 1, typeError("concatenate", name, wrong))
		}
		m.within(l, func() {
			l.Push(op)
			l.Push(left)
			l.Push(result)
			l.Call(2, 1)
			result = l.Get(-1)
			l.Pop(1)
		})
	}
	l.Push(result)
	return 1
}
