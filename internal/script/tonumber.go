package script

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (m *machine) tonumber(l *lua.LState) int {
	base := m.optInt(l, 2, "tonumber", 10)
	var n float64
	var ok bool
	if base == 10 {
		n, ok = number(m.checkAny(l, 1, "tonumber"))
	} else {
		text := m.checkText(l, 1, "tonumber")
		if base < 2 || base > 36 {
			return m.argument(l, 2, "tonumber", "base out of range")
		}
		n, ok = parseBase(text, int(base))
	}
	if !ok {
		l.Push(lua.LNil)
		return 1
	}
	l.Push(lua.LNumber(n))
	return 1
}

// parseBase reads a text as C's strtoul does: with a sign, which wraps around.
func parseBase(text string, base int) (float64, bool) {
	text = strings.Trim(text, " \t\n\v\f\r")
	negative := strings.HasPrefix(text, "-")
	if negative || strings.HasPrefix(text, "+") {
		text = text[1:]
	}
	if base == 16 && len(text) > 2 && text[0] == '0' && text[1]|0x20 == 'x' {
		text = text[2:]
	}
	var n uint64
	for _, c := range []byte(text) {
		digit := strings.IndexByte("0123456789abcdefghijklmnopqrstuvwxyz", c|0x20)
		if c >= '0' && c <= '9' {
			digit = int(c - '0')
		}
		if digit < 0 || digit >= base {
			return 0, false
		}
		if n > (math.MaxUint64-uint64(digit))/uint64(base) {
			n = math.MaxUint64
			continue
		}
		n = n*uint64(base) + uint64(digit)
	}
	if negative {
		n = -n
	}
	return float64(n), text != ""
}
