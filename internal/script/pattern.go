package script

import (
	"strings"
)

// matcher matches one pattern of Lua against one text. It counts its steps: a
// pattern may try the same places again and again.
type matcher struct {
	text, pattern string
	captures      []capture
	depth         int
	work          func(steps int) // raises where it is too much
	fail          func(message string)
}

// capture is a part of the text. Its length may be one of the marks below.
type capture struct{ begin, length int }

const (
	captureOpen  = -1
	capturePlace = -2 // only where it is: ()

	maxCaptures   = 32
	maxMatchDepth = 10000 // of matches within each other, each on the stack
)

// find looks for the pattern from a place on. It reports where the match begins
// and ends, -1 where there is none.
func (p *matcher) find(from int, anchored bool) (begin, end int) {
	for ; ; from++ {
		p.captures = p.captures[:0]
		if end := p.match(from, 0); end >= 0 {
			return from, end
		}
		if anchored || from >= len(p.text) {
			return -1, -1
		}
	}
}

// match matches the pattern from p on at place s, and returns where the match ends,
// -1 where there is none.
func (m *matcher) match(s, p int) int {
	m.depth++
	defer func() { m.depth-- }()
	if m.depth > maxMatchDepth {
		m.fail("pattern too complex")
	}
	for {
		m.work(1)
		if p == len(m.pattern) {
			return s
		}
		switch m.pattern[p] {
		case '(':
			if p+1 < len(m.pattern) && m.pattern[p+1] == ')' {
				return m.open(s, p+2, capturePlace)
			}
			return m.open(s, p+1, captureOpen)
		case ')':
			return m.close(s, p+1)
		case '$':
			if p+1 == len(m.pattern) {
				if s == len(m.text) {
					return s
				}
				return -1
			}
		case '%':
			if p+1 < len(m.pattern) {
				switch c := m.pattern[p+1]; {
				case c == 'b':
					if s = m.balanced(s, p+2); s < 0 {
						return -1
					}
					p += 4
					continue
				case c == 'f':
					next, ok := m.frontier(s, p+2)
					if !ok {
						return -1
					}
					p = next
					continue
				case isDigit(c):
					if s = m.again(s, c); s < 0 {
						return -1
					}
					p += 2
					continue
				}
			}
		}
		end := m.classEnd(p)
		suffix := byte(0)
		if end < len(m.pattern) {
			suffix = m.pattern[end]
		}
		switch suffix {
		case '?':
			if s < len(m.text) && m.single(m.text[s], p, end) {
				if r := m.match(s+1, end+1); r >= 0 {
					return r
				}
			}
			p = end + 1
		case '*':
			return m.most(s, p, end, 0)
		case '+':
			return m.most(s, p, end, 1)
		case '-':
			return m.least(s, p, end)
		default:
			if s >= len(m.text) || !m.single(m.text[s], p, end) {
				return -1
			}
			s++
			p = end
		}
	}
}

// most matches as many of a class as there are, and fewer where the rest does not
// match.
func (m *matcher) most(s, p, end, least int) int {
	n := 0
	for s+n < len(m.text) && m.single(m.text[s+n], p, end) {
		n++
	}
	m.work(n / 8)
	for ; n >= least; n-- {
		if r := m.match(s+n, end+1); r >= 0 {
			return r
		}
	}
	return -1
}

func (m *matcher) least(s, p, end int) int {
	for {
		if r := m.match(s, end+1); r >= 0 {
			return r
		}
		if s >= len(m.text) || !m.single(m.text[s], p, end) {
			return -1
		}
		s++
	}
}

func (m *matcher) open(s, p, length int) int {
	if len(m.captures) >= maxCaptures {
		m.fail("too many captures")
	}
	n := len(m.captures)
	m.captures = append(m.captures, capture{s, length})
	r := m.match(s, p)
	if r < 0 {
		m.captures = m.captures[:n]
	}
	return r
}

func (m *matcher) close(s, p int) int {
	at := len(m.captures) - 1
	for at >= 0 && m.captures[at].length != captureOpen {
		at--
	}
	if at < 0 {
		m.fail("invalid pattern capture")
	}
	m.captures[at].length = s - m.captures[at].begin
	r := m.match(s, p)
	if r < 0 {
		m.captures[at].length = captureOpen
	}
	return r
}

// balanced matches from one letter to another, with as many of both.
func (m *matcher) balanced(s, p int) int {
	if p+1 >= len(m.pattern) {
		m.fail("unbalanced pattern")
	}
	if s >= len(m.text) || m.text[s] != m.pattern[p] {
		return -1
	}
	begin, end := m.pattern[p], m.pattern[p+1]
	level := 1
	for i := s + 1; i < len(m.text); i++ {
		switch m.text[i] {
		case end:
			if level--; level == 0 {
				m.work((i - s) / 8)
				return i + 1
			}
		case begin:
			level++
		}
	}
	m.work((len(m.text) - s) / 8)
	return -1
}

// frontier matches where a set begins.
func (m *matcher) frontier(s, p int) (next int, ok bool) {
	if p >= len(m.pattern) || m.pattern[p] != '[' {
		m.fail("missing '[' after '%f' in pattern")
	}
	end := m.classEnd(p)
	var before, here byte
	if s > 0 {
		before = m.text[s-1]
	}
	if s < len(m.text) {
		here = m.text[s]
	}
	return end, !m.inSet(before, p, end-1) && m.inSet(here, p, end-1)
}

// again matches what a capture holds.
func (m *matcher) again(s int, digit byte) int {
	at := int(digit) - '1'
	if at < 0 || at >= len(m.captures) || m.captures[at].length == captureOpen {
		m.fail("invalid capture index")
	}
	c := m.captures[at]
	if c.length < 0 || !strings.HasPrefix(m.text[s:], m.text[c.begin:c.begin+c.length]) {
		return -1
	}
	m.work(c.length / 8)
	return s + c.length
}

// classEnd returns where the class that begins at p ends.
func (m *matcher) classEnd(p int) int {
	c, begin := m.pattern[p], p
	p++
	switch c {
	case '%':
		if p == len(m.pattern) {
			m.fail("malformed pattern (ends with '%')")
		}
		return p + 1
	case '[':
		if p < len(m.pattern) && m.pattern[p] == '^' {
			p++
		}
		for first := true; first || m.pattern[p] != ']'; first = false {
			if p == len(m.pattern) {
				m.fail("malformed pattern (missing ']')")
			}
			p++
			if m.pattern[p-1] == '%' && p < len(m.pattern) {
				p++
			}
			if p >= len(m.pattern) {
				m.fail("malformed pattern (missing ']')")
			}
		}
		m.work((p - begin) / 8)
		return p + 1
	}
	return p
}

// single reports whether the class from p to end has the letter c.
func (m *matcher) single(c byte, p, end int) bool {
	switch m.pattern[p] {
	case '.':
		return true
	case '%':
		return inClass(c, m.pattern[p+1])
	case '[':
		return m.inSet(c, p, end-1)
	}
	return m.pattern[p] == c
}

// inSet reports whether the set whose brackets are at p and end has the letter c.
func (m *matcher) inSet(c byte, p, end int) bool {
	m.work((end - p) / 8)
	found := true
	if m.pattern[p+1] == '^' {
		found = false
		p++
	}
	for p++; p < end; p++ {
		switch {
		case m.pattern[p] == '%':
			p++
			if inClass(c, m.pattern[p]) {
				return found
			}
		case p+2 < end && m.pattern[p+1] == '-':
			if m.pattern[p] <= c && c <= m.pattern[p+2] {
				return found
			}
			p += 2
		case m.pattern[p] == c:
			return found
		}
	}
	return !found
}

// inClass reports whether c is one of the letters that %class stands for.
func inClass(c, class byte) bool {
	var is bool
	lower := c | 0x20
	letter := lower >= 'a' && lower <= 'z'
	switch class | 0x20 {
	case 'a':
		is = letter
	case 'c':
		is = c < 32 || c == 127
	case 'd':
		is = isDigit(c)
	case 'l':
		is = c >= 'a' && c <= 'z'
	case 'p':
		is = c > 32 && c < 127 && !letter && !isDigit(c)
	case 's':
		is = c == ' ' || c >= '\t' && c <= '\r'
	case 'u':
		is = c >= 'A' && c <= 'Z'
	case 'w':
		is = letter || isDigit(c)
	case 'x':
		is = isDigit(c) || lower >= 'a' && lower <= 'f'
	case 'z':
		is = c == 0
	default:
		return c == class
	}
	if class >= 'a' && class <= 'z' {
		return is
	}
	if class >= 'A' && class <= 'Z' {
		return !is
	}
	return c == class
}
