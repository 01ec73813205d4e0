package script

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// verb is one % of a format: its flags, how wide and how exact.
type verb struct {
	flags     string
	width     int
	precision int // -1 where it is not given
	kind      byte
}

// format is string.format.
func (m *machine) format(l *lua.LState) int {
	text := m.checkText(l, 1, "format")
	var out strings.Builder
	for arg := 1; text != ""; {
		at := strings.IndexByte(text, '%')
		if at < 0 {
			out.WriteString(text)
			break
		}
		out.WriteString(text[:at])
		text = text[at+1:]
		if strings.HasPrefix(text, "%") {
			out.WriteByte('%')
			text = text[1:]
			continue
		}
		v, n, problem := readVerb(text)
		if problem != "" {
			return m.raise(l, 1, problem)
		}
		text = text[n:]
		arg++
		if arg > l.GetTop() {
			return m.argument(l, arg, "format", "no value")
		}
		written := m.formatted(l, v, arg)
		m.grow(l, len(written))
		out.WriteString(written)
	}
	m.grow(l, out.Len())
	l.Push(lua.LString(out.String()))
	return 1
}

func readVerb(text string) (v verb, n int, problem string) {
	n = len(text) - len(strings.TrimLeft(text, "-+ #0"))
	if n >= 6 {
		return v, 0, "invalid format (repeated flags)"
	}
	v.flags, v.precision = text[:n], -1
	digits := func() int {
		value := 0
		for i := 0; i < 2 && n < len(text) && isDigit(text[n]); i++ {
			value = value*10 + int(text[n]-'0')
			n++
		}
		return value
	}
	v.width = digits()
	if n < len(text) && text[n] == '.' {
		n++
		v.precision = digits()
	}
	if n < len(text) && isDigit(text[n]) {
		return v, 0, "invalid format (width or precision too long)"
	}
	if n == len(text) || !strings.ContainsRune("cdiouxXeEfgGqs", rune(text[n])) {
		kind := ""
		if n < len(text) {
			kind = text[n : n+1]
		}
		return v, 0, fmt.Sprintf("invalid option '%%%s' to 'format'", kind)
	}
	v.kind = text[n]
	return v, n + 1, ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (m *machine) formatted(l *lua.LState, v verb, arg int) string {
	switch v.kind {
	case 'c':
		return v.pad(string([]byte{byte(m.checkInt(l, arg, "format"))}))
	case 'd', 'i':
		v.kind = 'd'
		return v.number(m.checkInt(l, arg, "format"))
	case 'o', 'x', 'X':
		return v.number(uint64(whole(m.checkNumber(l, arg, "format"))))
	case 'u':
		v.kind = 'd'
		v.flags = strings.NewReplacer("+", "", " ", "").Replace(v.flags)
		return v.number(uint64(whole(m.checkNumber(l, arg, "format"))))
	case 'q':
		return quote(m.checkText(l, arg, "format"))
	case 's':
		text := m.checkText(l, arg, "format")
		if v.precision >= 0 || len(text) < 100 { // as in C, where a text ends there
			text, _, _ = strings.Cut(text, "\x00")
		}
		if v.precision >= 0 && v.precision < len(text) {
			text = text[:v.precision]
		}
		return v.pad(text)
	}
	f := m.checkNumber(l, arg, "format")
	if math.IsNaN(f) || math.IsInf(f, 0) {
		text := formatNumber(f)
		if text[0] != '-' {
			if strings.Contains(v.flags, "+") {
				text = "+" + text
			} else if strings.Contains(v.flags, " ") {
				text = " " + text
			}
		}
		if v.kind < 'a' {
			text = strings.ToUpper(text)
		}
		return v.pad(text)
	}
	if v.precision < 0 {
		v.precision = 6
	}
	return v.number(f)
}

// number has fmt write a number: its flags are C's.
func (v verb) number(n any) string {
	format := "%" + v.flags
	if v.width > 0 {
		format += fmt.Sprint(v.width)
	}
	if v.precision >= 0 {
		format += fmt.Sprint(".", v.precision)
	}
	return fmt.Sprintf(format+string(v.kind), n)
}

// pad fills up to the width, in bytes.
func (v verb) pad(text string) string {
	blanks := strings.Repeat(" ", max(0, v.width-len(text)))
	if strings.Contains(v.flags, "-") {
		return text + blanks
	}
	return blanks + text
}

// quote is %q: a text as Lua can read it.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		switch c := text[i]; c {
		case '"', '\\', '\n':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\r':
			b.WriteString(`\r`)
		case 0:
			b.WriteString(`\000`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
