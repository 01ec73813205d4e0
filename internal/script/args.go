package script

import (
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// formatNumber writes a number as Lua does: C's %.14g.
func formatNumber(f float64) string { return formatDouble(f, 14) }

func formatDouble(f float64, digits int) string {
	switch {
	case math.IsNaN(f) && math.Signbit(f):
		return "-nan"
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case f == 0: // gopher-lua has -0 where Lua has 0, as in -3 % 3
		return "0"
	}
	return strconv.FormatFloat(f, 'g', digits, 64)
}

// parseNumber reads a text as a number, as Lua does: C's strtod, and whole numbers
// in hexadecimal.
func parseNumber(text string) (float64, bool) {
	text = strings.Trim(text, " \t\n\v\f\r")
	unsigned := strings.TrimLeft(text, "+-")
	if len(text)-len(unsigned) > 1 || unsigned == "" || strings.Contains(text, "_") {
		return 0, false
	}
	if len(unsigned) > 1 && unsigned[0] == '0' && unsigned[1]|0x20 == 'x' {
		if n, err := strconv.ParseUint(unsigned[2:], 16, 64); err == nil {
			if text[0] == '-' {
				return -float64(n), true
			}
			return float64(n), true
		}
		if !strings.ContainsAny(text, "pP") {
			text += "p0"
		}
	}
	if strings.EqualFold(unsigned, "nan") {
		return math.NaN(), true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !(math.IsInf(f, 0) && err.(*strconv.NumError).Err == strconv.ErrRange) {
		return 0, false
	}
	return f, true
}

// number is a value as a number, where it can be one.
func number(v lua.LValue) (float64, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		return parseNumber(string(v))
	}
	return 0, false
}

// whole cuts a number to an integer as a processor does: what does not fit is the
// smallest one.
func whole(f float64) int64 {
	if f >= -1<<63 && f < 1<<63 {
		return int64(f)
	}
	return math.MinInt64
}

// The check… functions read argument n of a function, or raise what Lua says where
// it is another kind of value.

func (m *machine) checkText(l *lua.LState, n int, function string) string {
	v := l.Get(n)
	if !isText(v) {
		m.wrongType(l, n, function, "string")
	}
	return m.text(v)
}

func (m *machine) checkNumber(l *lua.LState, n int, function string) float64 {
	f, ok := number(l.Get(n))
	if !ok {
		m.wrongType(l, n, function, "number")
	}
	return f
}

func (m *machine) checkInt(l *lua.LState, n int, function string) int64 {
	return whole(m.checkNumber(l, n, function))
}

// optInt is a number that may be left out.
func (m *machine) optInt(l *lua.LState, n int, function string, instead int64) int64 {
	if l.Get(n) == lua.LNil {
		return instead
	}
	return m.checkInt(l, n, function)
}

// checkTable returns a table, or what is behind it.
func (m *machine) checkTable(l *lua.LState, n int, function string) *lua.LTable {
	t, ok := l.Get(n).(*lua.LTable)
	if !ok {
		m.wrongType(l, n, function, "table")
	}
	return m.behind(t)
}

// checkOwn is checkTable for what changes the table.
func (m *machine) checkOwn(l *lua.LState, n int, function string) *lua.LTable {
	t, ok := l.Get(n).(*lua.LTable)
	if !ok {
		m.wrongType(l, n, function, "table")
	}
	if m.frozen[t] != nil {
		raisePlain(l, errReadonly)
	}
	return t
}

func (m *machine) checkFunction(l *lua.LState, n int, function string) *lua.LFunction {
	f, ok := l.Get(n).(*lua.LFunction)
	if !ok {
		m.wrongType(l, n, function, "function")
	}
	return f
}

func (m *machine) checkAny(l *lua.LState, n int, function string) lua.LValue {
	if n > l.GetTop() {
		m.argument(l, n, function, "value expected")
	}
	return l.Get(n)
}

// work counts what a function does besides being called.
func (m *machine) work(l *lua.LState, steps int) {
	if err := m.meter.work(steps); err != nil {
		m.raise(l, 1, err.Error())
	}
}

// grow counts bytes that a function is about to make.
func (m *machine) grow(l *lua.LState, bytes int) {
	if err := m.meter.grow(bytes); err != nil {
		m.raise(l, 1, err.Error())
	}
}

// within calls fn, which calls Lua: that may be within each other only so often.
func (m *machine) within(l *lua.LState, fn func()) {
	if m.nested >= maxNested {
		m.raise(l, 1, "C stack overflow")
	}
	m.nested++
	defer func() { m.nested-- }()
	fn()
}
