package script

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// openBase sets the functions of Lua itself that Redis lets scripts have.
func (m *machine) openBase() {
	for name, fn := range map[string]lua.LGFunction{
		"assert": m.assert, "collectgarbage": m.collectgarbage, "error": m.error, "gcinfo": m.gcinfo,
		"getmetatable": m.getmetatable, "ipairs": m.ipairs, "load": m.load, "loadstring": m.loadstring, "next": m.next,
		"pairs": m.pairs, "pcall": m.pcall, "rawequal": m.rawequal, "rawget": m.rawget, "rawset": m.rawset,
		"select": m.selectArgs, "setmetatable": m.setmetatable, "tonumber": m.tonumber, "tostring": m.tostringArg,
		"type": m.typeOf, "unpack": m.unpack, "xpcall": m.xpcall, "__redis__err__handler": m.uncaught,
	} {
		m.globals.RawSetString(name, m.l.NewFunction(fn))
	}
	m.globals.RawSetString("_VERSION", lua.LString("Lua 5.1"))
}

func (m *machine) assert(l *lua.LState) int {
	if lua.LVAsBool(m.checkAny(l, 1, "assert")) {
		return l.GetTop()
	}
	message := "assertion failed!"
	if l.Get(2) != lua.LNil {
		message = m.checkText(l, 2, "assert")
	}
	return m.raise(l, 1, message)
}

// collectgarbage is for scripts that look at memory: Go's is not theirs to collect.
func (m *machine) collectgarbage(l *lua.LState) int {
	option := "collect"
	if l.Get(1) != lua.LNil {
		option = m.checkText(l, 1, "collectgarbage")
	}
	switch option {
	case "count":
		l.Push(lua.LNumber(float64(heapSize()) / 1024))
	case "step":
		l.Push(lua.LTrue)
	case "collect", "stop", "restart", "setpause", "setstepmul":
		l.Push(lua.LNumber(0))
	default:
		return m.argument(l, 1, "collectgarbage", "invalid option "+quoted(option))
	}
	return 1
}

func (m *machine) gcinfo(l *lua.LState) int {
	l.Push(lua.LNumber(heapSize() / 1024))
	return 1
}

func (m *machine) error(l *lua.LState) int {
	err := l.Get(1)
	level := m.optInt(l, 2, "error", 1)
	if isText(err) && level > 0 {
		err = lua.LString(where(l, int(min(level, callStack))) + m.text(err))
	}
	l.Error(err, 0)
	return 0
}

func (m *machine) typeOf(l *lua.LState) int {
	l.Push(lua.LString(typeName(m.checkAny(l, 1, "type"))))
	return 1
}

func (m *machine) rawequal(l *lua.LState) int {
	l.Push(lua.LBool(m.checkAny(l, 1, "rawequal") == m.checkAny(l, 2, "rawequal")))
	return 1
}

func (m *machine) rawget(l *lua.LState) int {
	l.Push(m.checkTable(l, 1, "rawget").RawGet(m.checkAny(l, 2, "rawget")))
	return 1
}

func (m *machine) rawset(l *lua.LState) int {
	t := m.checkOwn(l, 1, "rawset")
	key, value := m.checkAny(l, 2, "rawset"), m.checkAny(l, 3, "rawset")
	m.growFor(l, t, key)
	t.RawSet(key, value)
	l.SetTop(1)
	return 1
}

// growFor counts the array that a new key makes of a table, and refuses what is no
// key.
func (m *machine) growFor(l *lua.LState, t *lua.LTable, key lua.LValue) {
	switch key := key.(type) {
	case *lua.LNilType:
		m.raise(l, 1, "table index is nil")
	case lua.LNumber:
		if math.IsNaN(float64(key)) {
			m.raise(l, 1, "table index is NaN")
		}
		if key > 64 && key < lua.LNumber(lua.MaxArrayIndex) {
			if n := int(key) - t.MaxN(); n > 64 {
				m.grow(l, 16*n)
			}
		}
	}
}

func (m *machine) next(l *lua.LState) int {
	k, v := m.checkTable(l, 1, "next").Next(l.Get(2))
	if k == lua.LNil {
		l.Push(lua.LNil)
		return 1
	}
	l.Push(k)
	l.Push(v)
	return 2
}

func (m *machine) pairs(l *lua.LState) int {
	if _, ok := l.Get(1).(*lua.LTable); !ok {
		return m.wrongType(l, 1, "pairs", "table")
	}
	t := l.Get(1)
	l.Push(m.globals.RawGetString("next"))
	l.Push(t)
	l.Push(lua.LNil)
	return 3
}

func (m *machine) ipairs(l *lua.LState) int {
	if _, ok := l.Get(1).(*lua.LTable); !ok {
		return m.wrongType(l, 1, "ipairs", "table")
	}
	t := l.Get(1)
	l.Push(l.NewFunction(m.nextIndex))
	l.Push(t)
	l.Push(lua.LNumber(0))
	return 3
}

func (m *machine) nextIndex(l *lua.LState) int {
	i := int(m.checkInt(l, 2, "?")) + 1
	v := m.checkTable(l, 1, "?").RawGetInt(i)
	if v == lua.LNil {
		l.Push(lua.LNil)
		return 1
	}
	l.Push(lua.LNumber(i))
	l.Push(v)
	return 2
}

func (m *machine) selectArgs(l *lua.LState) int {
	top := l.GetTop()
	if s, ok := l.Get(1).(lua.LString); ok && strings.HasPrefix(string(s), "#") {
		l.Push(lua.LNumber(top - 1))
		return 1
	}
	n := m.checkInt(l, 1, "select")
	if n < 0 {
		n += int64(top)
	} else if n > int64(top) {
		n = int64(top)
	}
	if n < 1 {
		return m.argument(l, 1, "select", "index out of range")
	}
	return top - int(n)
}

// maxUnpacked is what fits on the stack of Redis's Lua.
const maxUnpacked = 7990

func (m *machine) unpack(l *lua.LState) int {
	t := m.checkTable(l, 1, "unpack")
	from := m.optInt(l, 2, "unpack", 1)
	to := m.optInt(l, 3, "unpack", int64(t.Len()))
	if from > to {
		return 0
	}
	if n := to - from + 1; n <= 0 || n > maxUnpacked {
		return m.raise(l, 1, "too many results to unpack")
	}
	for i := from; i <= to; i++ {
		l.Push(t.RawGet(lua.LNumber(i)))
	}
	return int(to - from + 1)
}

func (m *machine) tostringArg(l *lua.LState) int {
	v := m.checkAny(l, 1, "tostring")
	if op := l.GetMetaField(v, "__tostring"); op != lua.LNil && typeName(v) != "string" {
		m.within(l, func() {
			l.Push(op)
			l.Push(v)
			l.Call(1, 1)
		})
		return 1
	}
	l.Push(lua.LString(m.tostring(l, v)))
	return 1
}

func (m *machine) tostring(_ *lua.LState, v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString, lua.LNumber:
		return m.text(v)
	case *lua.LTable:
		return fmt.Sprintf("table: %p", m.behind(v))
	case *lua.LFunction:
		return fmt.Sprintf("function: %p", v)
	case *lua.LState:
		return fmt.Sprintf("thread: %p", v)
	case *lua.LUserData:
		if v == m.null {
			return "userdata: (nil)"
		}
		return fmt.Sprintf("userdata: %p", v)
	}
	return v.String()
}
