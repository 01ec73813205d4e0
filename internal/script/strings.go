package script

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (m *machine) openString() {
	gmatch := m.gmatch
	m.library("string", map[string]lua.LGFunction{
		"byte": m.byte, "char": m.char, "find": func(l *lua.LState) int { return m.find(l, "find") },
		"format": m.format, "gfind": gmatch, "gmatch": gmatch, "gsub": m.gsub,
		"len":     func(l *lua.LState) int { l.Push(lua.LNumber(len(m.checkText(l, 1, "len")))); return 1 },
		"lower":   m.mapped("lower", lower),
		"upper":   m.mapped("upper", upper),
		"reverse": m.mapped("reverse", reverse),
		"match":   func(l *lua.LState) int { return m.find(l, "match") },
		"rep":     m.rep, "sub": m.sub,
		"dump": func(l *lua.LState) int {
			m.checkFunction(l, 1, "dump")
			return m.raise(l, 1, "unable to dump given function")
		},
	})
	m.strings = m.l.NewTable()
	m.strings.RawSetString("__index", m.globals.RawGetString("string"))
	for name, op := range map[string]func(a, b float64) float64{
		"__add": func(a, b float64) float64 { return a + b }, "__sub": func(a, b float64) float64 { return a - b },
		"__mul": func(a, b float64) float64 { return a * b }, "__div": func(a, b float64) float64 { return a / b },
		"__mod": modulo, "__pow": math.Pow,
	} {
		m.strings.RawSetString(name, m.l.NewFunction(m.textArithmetic(name, op)))
	}
	m.l.SetMetatable(lua.LString(""), m.strings)
}

func modulo(a, b float64) float64 { return a - math.Floor(a/b)*b }

// textArithmetic calculates with texts that are numbers. gopher-lua does so too,
// but does not say of others which of two was wrong.
func (m *machine) textArithmetic(name string, op func(a, b float64) float64) lua.LGFunction {
	return func(l *lua.LState) int {
		left, right := l.Get(1), l.Get(2)
		for _, v := range []lua.LValue{left, right} {
			if fn := l.GetMetaField(v, name); fn != lua.LNil && typeName(v) != "string" {
				l.Push(fn)
				l.Push(left)
				l.Push(right)
				l.Call(2, 1)
				return 1
			}
		}
		a, isLeft := number(left)
		b, isRight := number(right)
		wrong, kind := right, siteRight
		switch {
		case isLeft && isRight:
			l.Push(lua.LNumber(op(a, b)))
			return 1
		case !isLeft:
			wrong, kind = left, siteLeft
		}
		return m.raise(l, 1, typeError("perform arithmetic on", m.sitesHere(l).one(kind), wrong))
	}
}

// mapped is a function that makes of a text another one of the same length.
func (m *machine) mapped(name string, fn func(text string) []byte) lua.LGFunction {
	return func(l *lua.LState) int {
		text := m.checkText(l, 1, name)
		m.grow(l, len(text))
		l.Push(lua.LString(fn(text)))
		return 1
	}
}

func lower(text string) []byte {
	b := []byte(text)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return b
}

func upper(text string) []byte {
	b := []byte(text)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c &^ 0x20
		}
	}
	return b
}

func reverse(text string) []byte {
	b := make([]byte, len(text))
	for i := range len(text) {
		b[len(text)-1-i] = text[i]
	}
	return b
}

// place resolves a place that counts from the end where it is negative.
func place(at int64, length int) int64 {
	if at < 0 {
		return max(at+int64(length)+1, 0)
	}
	return at
}

// span resolves the places of the first and the last letter of a part.
func span(from, to int64, length int) (begin, end int) {
	from, to = max(place(from, length), 1), min(place(to, length), int64(length))
	if from > to {
		return 0, 0
	}
	return int(from - 1), int(to)
}

func (m *machine) sub(l *lua.LState) int {
	text := m.checkText(l, 1, "sub")
	begin, end := span(m.checkInt(l, 2, "sub"), m.optInt(l, 3, "sub", -1), len(text))
	l.Push(lua.LString(text[begin:end]))
	return 1
}

func (m *machine) byte(l *lua.LState) int {
	text := m.checkText(l, 1, "byte")
	from := m.optInt(l, 2, "byte", 1)
	begin, end := span(from, m.optInt(l, 3, "byte", place(from, len(text))), len(text))
	if end-begin > maxUnpacked {
		return m.raise(l, 1, "string slice too long")
	}
	for i := begin; i < end; i++ {
		l.Push(lua.LNumber(text[i]))
	}
	return end - begin
}

func (m *machine) char(l *lua.LState) int {
	b := make([]byte, l.GetTop())
	for i := range b {
		c := m.checkInt(l, i+1, "char")
		if c != int64(byte(c)) {
			return m.argument(l, i+1, "char", "invalid value")
		}
		b[i] = byte(c)
	}
	l.Push(lua.LString(b))
	return 1
}

func (m *machine) rep(l *lua.LState) int {
	text, n := m.checkText(l, 1, "rep"), m.checkInt(l, 2, "rep")
	if n <= 0 || text == "" {
		l.Push(lua.LString(""))
		return 1
	}
	if n > int64(m.meter.limits.Memory) {
		n = int64(m.meter.limits.Memory) + 1
	}
	m.grow(l, int(min(n*int64(len(text)), int64(m.meter.limits.Memory)+1)))
	l.Push(lua.LString(strings.Repeat(text, int(n))))
	return 1
}

// matcher matches a pattern for a function.
func (m *machine) matcher(l *lua.LState, text, pattern string) *matcher {
	return &matcher{
		text: text, pattern: pattern,
		work: func(steps int) { m.work(l, steps) },
		fail: func(message string) { m.raise(l, 1, message) },
	}
}

// find is string.find and string.match.
func (m *machine) find(l *lua.LState, function string) int {
	text, pattern := m.checkText(l, 1, function), m.checkText(l, 2, function)
	from := int(min(max(place(m.optInt(l, 3, function, 1), len(text))-1, 0), int64(len(text))))
	if function == "find" && (lua.LVAsBool(l.Get(4)) || !strings.ContainsAny(pattern, `^$*+?.([%-`)) {
		m.work(l, (len(text)-from)/16)
		at := strings.Index(text[from:], pattern)
		if at < 0 {
			l.Push(lua.LNil)
			return 1
		}
		l.Push(lua.LNumber(from + at + 1))
		l.Push(lua.LNumber(from + at + len(pattern)))
		return 2
	}
	pattern, anchored := strings.CutPrefix(pattern, "^")
	p := m.matcher(l, text, pattern)
	begin, end := p.find(from, anchored)
	if begin < 0 {
		l.Push(lua.LNil)
		return 1
	}
	if function == "find" {
		l.Push(lua.LNumber(begin + 1))
		l.Push(lua.LNumber(end))
		for i := range p.captures {
			l.Push(m.captured(l, p, i))
		}
		return 2 + len(p.captures)
	}
	return m.pushCaptures(l, p, begin, end)
}

// pushCaptures pushes what was captured, or all that was matched where nothing was.
func (m *machine) pushCaptures(l *lua.LState, p *matcher, begin, end int) int {
	if len(p.captures) == 0 {
		l.Push(lua.LString(p.text[begin:end]))
		return 1
	}
	for i := range p.captures {
		l.Push(m.captured(l, p, i))
	}
	return len(p.captures)
}

func (m *machine) captured(l *lua.LState, p *matcher, i int) lua.LValue {
	c := p.captures[i]
	switch c.length {
	case capturePlace:
		return lua.LNumber(c.begin + 1)
	case captureOpen:
		m.raise(l, 1, "unfinished capture")
	}
	return lua.LString(p.text[c.begin : c.begin+c.length])
}

func (m *machine) gmatch(l *lua.LState) int {
	text, pattern := m.checkText(l, 1, "gmatch"), m.checkText(l, 2, "gmatch")
	from := 0
	l.Push(l.NewFunction(func(l *lua.LState) int {
		if from <= len(text) {
			p := m.matcher(l, text, pattern)
			if begin, end := p.find(from, false); begin >= 0 {
				if from = end; end == begin {
					from++
				}
				return m.pushCaptures(l, p, begin, end)
			}
		}
		from = len(text) + 1
		l.Push(lua.LNil)
		return 1
	}))
	return 1
}

func (m *machine) gsub(l *lua.LState) int {
	text, pattern := m.checkText(l, 1, "gsub"), m.checkText(l, 2, "gsub")
	with := l.Get(3)
	switch with.(type) {
	case lua.LString, lua.LNumber, *lua.LTable, *lua.LFunction:
	default:
		return m.argument(l, 3, "gsub", "string/function/table expected")
	}
	most := m.optInt(l, 4, "gsub", int64(len(text))+1)
	pattern, anchored := strings.CutPrefix(pattern, "^")
	p := m.matcher(l, text, pattern)
	var out strings.Builder
	count, at := int64(0), 0
	for count < most {
		p.captures = p.captures[:0]
		end := p.match(at, 0)
		if end >= 0 {
			count++
			instead := m.replacement(l, p, with, at, end)
			m.grow(l, len(instead))
			out.WriteString(instead)
		}
		switch {
		case end > at:
			at = end
		case at < len(text):
			out.WriteByte(text[at])
			at++
		default:
			at++
		}
		if at > len(text) || anchored {
			break
		}
	}
	rest := text[min(at, len(text)):]
	m.grow(l, out.Len()+len(rest))
	l.Push(lua.LString(out.String() + rest))
	l.Push(lua.LNumber(count))
	return 2
}

// replacement is what gsub puts in the place of a match.
func (m *machine) replacement(l *lua.LState, p *matcher, with lua.LValue, begin, end int) string {
	matched := p.text[begin:end]
	var v lua.LValue
	switch with := with.(type) {
	case *lua.LFunction:
		m.within(l, func() {
			l.Push(with)
			n := m.pushCaptures(l, p, begin, end)
			l.Call(n, 1)
			v = l.Get(-1)
			l.Pop(1)
		})
	case *lua.LTable:
		m.pushCaptures(l, p, begin, end)
		n := max(len(p.captures), 1)
		key := l.Get(-n)
		l.Pop(n)
		v = l.GetTable(with, key)
	default:
		return m.expand(l, p, m.text(with), begin, end)
	}
	switch {
	case !lua.LVAsBool(v):
		return matched
	case !isText(v):
		m.raise(l, 1, fmt.Sprintf("invalid replacement value (a %s)", typeName(v)))
	}
	return m.text(v)
}

// expand puts captures in the place of %0 to %9.
func (m *machine) expand(l *lua.LState, p *matcher, text string, begin, end int) string {
	if !strings.Contains(text, "%") {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			out.WriteByte(text[i])
			continue
		}
		if i++; i == len(text) {
			out.WriteByte(0) // as in C, where texts end with it
			break
		}
		piece := text[i : i+1]
		switch c := text[i]; {
		case !isDigit(c):
		case c == '0', c == '1' && len(p.captures) == 0:
			piece = p.text[begin:end]
		case int(c-'1') >= len(p.captures):
			m.raise(l, 1, "invalid capture index")
		default:
			piece = m.text(m.captured(l, p, int(c-'1')))
		}
		m.grow(l, len(piece))
		out.WriteString(piece)
	}
	return out.String()
}
