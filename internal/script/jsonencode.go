package script

import (
	"fmt"
	"math"
	"strconv"

	lua "github.com/yuin/gopher-lua"
)

// jsonOptions are what the functions of cjson set, for the script that calls them:
// in Redis they last.
type jsonOptions struct {
	sparseConvert           bool
	sparseRatio, sparseSafe int
	encodeDepth             int
	encodeInvalid           string // "off", "on" or "null"
	precision               int
	keepBuffer              bool
	decodeDepth             int
	decodeInvalid           bool
}

var defaultJSON = jsonOptions{
	sparseRatio: 2, sparseSafe: 10, encodeDepth: 1000, encodeInvalid: "off", precision: 14, keepBuffer: true,
	decodeDepth: 1000, decodeInvalid: true,
}

// maxJSONDepth is how deep values may lie in each other, whatever a script has set:
// at about this depth Lua's stack is full in Redis.
const maxJSONDepth = 7997

func (m *machine) openJSON() {
	m.null = m.l.NewUserData()
	t := m.library("cjson", map[string]lua.LGFunction{
		"encode": m.jsonEncode, "decode": m.jsonDecode,
		"encode_sparse_array": func(l *lua.LState) int {
			m.atMost(l, 3, "encode_sparse_array")
			m.boolOption(l, 1, "encode_sparse_array", &m.json.sparseConvert)
			m.intOption(l, 2, "encode_sparse_array", &m.json.sparseRatio, 0, math.MaxInt32)
			m.intOption(l, 3, "encode_sparse_array", &m.json.sparseSafe, 0, math.MaxInt32)
			return 3
		},
		"encode_max_depth": func(l *lua.LState) int {
			m.atMost(l, 1, "encode_max_depth")
			return m.intOption(l, 1, "encode_max_depth", &m.json.encodeDepth, 1, math.MaxInt32)
		},
		"decode_max_depth": func(l *lua.LState) int {
			m.atMost(l, 1, "decode_max_depth")
			return m.intOption(l, 1, "decode_max_depth", &m.json.decodeDepth, 1, math.MaxInt32)
		},
		"encode_number_precision": func(l *lua.LState) int {
			m.atMost(l, 1, "encode_number_precision")
			return m.intOption(l, 1, "encode_number_precision", &m.json.precision, 1, 14)
		},
		"encode_keep_buffer": func(l *lua.LState) int {
			m.atMost(l, 1, "encode_keep_buffer")
			return m.boolOption(l, 1, "encode_keep_buffer", &m.json.keepBuffer)
		},
		"decode_invalid_numbers": func(l *lua.LState) int {
			m.atMost(l, 1, "decode_invalid_numbers")
			return m.boolOption(l, 1, "decode_invalid_numbers", &m.json.decodeInvalid)
		},
		"encode_invalid_numbers": m.jsonInvalidNumbers,
		"new": func(l *lua.LState) int {
			l.Push(m.globals.RawGetString("cjson"))
			return 1
		},
	})
	t.RawSetString("null", m.null)
	t.RawSetString("_NAME", lua.LString("cjson"))
	t.RawSetString("_VERSION", lua.LString("2.1.0"))
}

func (m *machine) atMost(l *lua.LState, n int, function string) {
	if l.GetTop() > n {
		m.argument(l, n+1, function, "found too many arguments")
	}
	l.SetTop(n) // what is pushed is the result
}

func (m *machine) intOption(l *lua.LState, n int, function string, option *int, least, most int) int {
	if l.Get(n) != lua.LNil {
		v := int(int32(m.checkInt(l, n, function)))
		if v < least || v > most {
			m.argument(l, 1, function, fmt.Sprintf("expected integer between %d and %d", least, most))
		}
		*option = v
	}
	l.Push(lua.LNumber(*option))
	return 1
}

func (m *machine) boolOption(l *lua.LState, n int, function string, option *bool) int {
	switch v := l.Get(n).(type) {
	case *lua.LNilType:
	case lua.LBool:
		*option = bool(v)
	default:
		switch text := m.checkText(l, n, function); text {
		case "on", "off":
			*option = text == "on"
		default:
			m.argument(l, n, function, "invalid option "+quoted(text))
		}
	}
	l.Push(lua.LBool(*option))
	return 1
}

func (m *machine) jsonInvalidNumbers(l *lua.LState) int {
	m.atMost(l, 1, "encode_invalid_numbers")
	switch v := l.Get(1).(type) {
	case *lua.LNilType:
	case lua.LBool:
		m.json.encodeInvalid = map[lua.LBool]string{true: "on", false: "off"}[v]
	default:
		text := m.checkText(l, 1, "encode_invalid_numbers")
		if text != "on" && text != "off" && text != "null" {
			m.argument(l, 1, "encode_invalid_numbers", "invalid option "+quoted(text))
		}
		m.json.encodeInvalid = text
	}
	if m.json.encodeInvalid == "null" {
		l.Push(lua.LString("null"))
	} else {
		l.Push(lua.LBool(m.json.encodeInvalid == "on"))
	}
	return 1
}

func (m *machine) jsonEncode(l *lua.LState) int {
	if l.GetTop() != 1 {
		return m.argument(l, 1, "encode", "expected 1 argument")
	}
	e := encoder{m: m, l: l, options: m.json}
	e.value(l.Get(1), 0)
	l.Push(lua.LString(e.out))
	return 1
}

// encoder writes JSON as lua-cjson does.
type encoder struct {
	m       *machine
	l       *lua.LState
	options jsonOptions
	out     []byte
}

func (e *encoder) fail(v lua.LValue, reason string) {
	e.m.raise(e.l, 1, fmt.Sprintf("Cannot serialise %s: %s", typeName(v), reason))
}

func (e *encoder) value(v lua.LValue, depth int) {
	e.m.work(e.l, 1)
	e.m.grow(e.l, valueBytes)
	switch v := v.(type) {
	case lua.LString:
		e.text(string(v))
	case lua.LNumber:
		e.number(v)
	case lua.LBool:
		e.out = strconv.AppendBool(e.out, bool(v))
	case *lua.LTable:
		if depth++; depth > min(e.options.encodeDepth, maxJSONDepth) {
			e.m.raise(e.l, 1, fmt.Sprintf("Cannot serialise, excessive nesting (%d)", depth))
		}
		t := e.m.behind(v)
		if n := e.arrayLength(t); n > 0 {
			e.array(t, n, depth)
		} else {
			e.object(t, depth)
		}
	case *lua.LNilType:
		e.out = append(e.out, "null"...)
	default:
		if v != e.m.null {
			e.fail(v, "type not supported")
		}
		e.out = append(e.out, "null"...)
	}
}

// arrayLength is how long a table is that has numbers alone for keys, -1 for
// another one.
func (e *encoder) arrayLength(t *lua.LTable) int {
	most, items := 0.0, 0
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		n, ok := k.(lua.LNumber)
		if !ok || n < 1 || math.Floor(float64(n)) != float64(n) {
			return -1
		}
		most = max(most, float64(n))
		items++
	}
	if r := e.options.sparseRatio; r > 0 && most > float64(items*r) && most > float64(e.options.sparseSafe) {
		if !e.options.sparseConvert {
			e.fail(t, "excessively sparse array")
		}
		return -1
	}
	return int(most)
}

func (e *encoder) array(t *lua.LTable, n, depth int) {
	e.out = append(e.out, '[')
	for i := 1; i <= n; i++ {
		if i > 1 {
			e.out = append(e.out, ',')
		}
		e.value(t.RawGet(lua.LNumber(i)), depth)
	}
	e.out = append(e.out, ']')
}

func (e *encoder) object(t *lua.LTable, depth int) {
	e.out = append(e.out, '{')
	first := true
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if !first {
			e.out = append(e.out, ',')
		}
		first = false
		switch k := k.(type) {
		case lua.LString:
			e.text(string(k))
		case lua.LNumber:
			e.out = append(e.out, '"')
			e.number(k)
			e.out = append(e.out, '"')
		default:
			e.fail(k, "table key must be a number or string")
		}
		e.out = append(e.out, ':')
		e.value(v, depth)
	}
	e.out = append(e.out, '}')
}

func (e *encoder) number(n lua.LNumber) {
	f := float64(n)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		switch e.options.encodeInvalid {
		case "off":
			e.fail(n, "must not be NaN or Inf")
		case "null":
			e.out = append(e.out, "null"...)
			return
		}
		if math.IsNaN(f) {
			e.out = append(e.out, "nan"...)
			return
		}
	}
	e.out = append(e.out, formatDouble(f, e.options.precision)...)
}

func (e *encoder) text(text string) {
	e.m.grow(e.l, len(text))
	e.out = append(e.out, '"')
	for i := range len(text) {
		switch c := text[i]; c {
		case '"', '\\', '/':
			e.out = append(e.out, '\\', c)
		case '\b':
			e.out = append(e.out, `\b`...)
		case '\t':
			e.out = append(e.out, `\t`...)
		case '\n':
			e.out = append(e.out, `\n`...)
		case '\f':
			e.out = append(e.out, `\f`...)
		case '\r':
			e.out = append(e.out, `\r`...)
		default:
			if c < ' ' || c == 127 {
				e.out = fmt.Appendf(e.out, `\u%04x`, c)
			} else {
				e.out = append(e.out, c)
			}
		}
	}
	e.out = append(e.out, '"')
}
