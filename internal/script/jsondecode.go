package script

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
)

// token is a word of JSON. What kind it is messages say.
type token struct {
	kind   string
	at     int // where it begins, or where what is wrong with it is
	text   string
	number float64
	value  bool
}

const (
	tokenObject    = "T_OBJ_BEGIN"
	tokenObjectEnd = "T_OBJ_END"
	tokenArray     = "T_ARR_BEGIN"
	tokenArrayEnd  = "T_ARR_END"
	tokenString    = "T_STRING"
	tokenNumber    = "T_NUMBER"
	tokenBoolean   = "T_BOOLEAN"
	tokenNull      = "T_NULL"
	tokenColon     = "T_COLON"
	tokenComma     = "T_COMMA"
	tokenEnd       = "T_END"
)

var tokenOf = map[byte]string{
	'{': tokenObject, '}': tokenObjectEnd, '[': tokenArray, ']': tokenArrayEnd, ',': tokenComma, ':': tokenColon,
}

func (m *machine) jsonDecode(l *lua.LState) int {
	if l.GetTop() != 1 {
		return m.argument(l, 1, "decode", "expected 1 argument")
	}
	text := m.checkText(l, 1, "decode")
	if len(text) >= 2 && (text[0] == 0 || text[1] == 0) {
		return m.raise(l, 1, "JSON parser does not support UTF-16 or UTF-32")
	}
	m.work(l, len(text)/8)
	m.grow(l, len(text))
	d := decoder{m: m, l: l, text: text}
	v := d.value(d.next())
	if t := d.next(); t.kind != tokenEnd {
		d.unexpected("the end", t)
	}
	l.Push(v)
	return 1
}

// decoder reads JSON as lua-cjson does. A byte of zero is the end.
type decoder struct {
	m     *machine
	l     *lua.LState
	text  string
	at    int
	depth int
}

func (d *decoder) unexpected(want string, got token) {
	d.m.raise(d.l, 1, fmt.Sprintf("Expected %s but found %s at character %d", want, got.kind, got.at+1))
}

func (d *decoder) descend() {
	if d.depth++; d.depth > min(d.m.json.decodeDepth, maxJSONDepth) {
		d.m.raise(d.l, 1, fmt.Sprintf("Found too many nested data structures (%d) at character %d", d.depth, d.at))
	}
}

func (d *decoder) value(t token) lua.LValue {
	d.m.grow(d.l, 4*valueBytes)
	switch t.kind {
	case tokenString:
		return lua.LString(t.text)
	case tokenNumber:
		return lua.LNumber(t.number)
	case tokenBoolean:
		return lua.LBool(t.value)
	case tokenNull:
		return d.m.null
	case tokenObject:
		return d.object()
	case tokenArray:
		return d.array()
	}
	d.unexpected("value", t)
	return nil
}

func (d *decoder) object() lua.LValue {
	d.descend()
	found := d.l.NewTable()
	t := d.next()
	for t.kind != tokenObjectEnd {
		if t.kind != tokenString {
			d.unexpected("object key string", t)
		}
		key := t.text
		if t = d.next(); t.kind != tokenColon {
			d.unexpected("colon", t)
		}
		found.RawSetString(key, d.value(d.next()))
		if t = d.next(); t.kind == tokenObjectEnd {
			break
		}
		if t.kind != tokenComma {
			d.unexpected("comma or object end", t)
		}
		if t = d.next(); t.kind == tokenObjectEnd {
			d.unexpected("object key string", t)
		}
	}
	d.depth--
	return found
}

func (d *decoder) array() lua.LValue {
	d.descend()
	found := d.l.NewTable()
	t := d.next()
	for t.kind != tokenArrayEnd {
		found.Append(d.value(t))
		if t = d.next(); t.kind == tokenArrayEnd {
			break
		}
		if t.kind != tokenComma {
			d.unexpected("comma or array end", t)
		}
		if t = d.next(); t.kind == tokenArrayEnd {
			d.unexpected("value", t)
		}
	}
	d.depth--
	return found
}

func (d *decoder) peek(i int) byte {
	if d.at+i < len(d.text) {
		return d.text[d.at+i]
	}
	return 0
}

func (d *decoder) wrong(message string) token { return token{kind: message, at: d.at} }

func (d *decoder) next() token {
	for strings.IndexByte(" \t\n\r", d.peek(0)) >= 0 && d.at < len(d.text) {
		d.at++
	}
	c, begin := d.peek(0), d.at
	if kind := tokenOf[c]; kind != "" {
		d.at++
		return token{kind: kind, at: begin}
	}
	rest := d.text[d.at:]
	switch {
	case c == 0:
		return token{kind: tokenEnd, at: begin}
	case c == '"':
		return d.string()
	case c == '-' || isDigit(c):
		if !d.m.json.decodeInvalid && isInvalidNumber(rest) {
			return d.wrong("invalid number")
		}
		return d.number()
	case strings.HasPrefix(rest, "true"), strings.HasPrefix(rest, "false"):
		d.at += map[byte]int{'t': 4, 'f': 5}[c]
		return token{kind: tokenBoolean, at: begin, value: c == 't'}
	case strings.HasPrefix(rest, "null"):
		d.at += 4
		return token{kind: tokenNull, at: begin}
	case strings.IndexByte("fiInNt+", c) >= 0 && d.m.json.decodeInvalid && isInvalidNumber(rest):
		return d.number()
	}
	return d.wrong("invalid token")
}

// isInvalidNumber reports whether a number is one that C reads and JSON has not.
func isInvalidNumber(text string) bool {
	if strings.HasPrefix(text, "+") {
		return true
	}
	text = strings.TrimPrefix(text, "-")
	if text == "" {
		return false
	}
	if text[0] == '0' {
		return len(text) > 1 && (text[1]|0x20 == 'x' || isDigit(text[1]))
	}
	if text[0] <= '9' {
		return false
	}
	word := strings.ToLower(text[:min(3, len(text))])
	return word == "inf" || word == "nan"
}

func (d *decoder) number() token {
	begin := d.at
	n, f := longestNumber(d.text[d.at:])
	if n == 0 {
		return d.wrong("invalid number")
	}
	d.at += n
	return token{kind: tokenNumber, at: begin, number: f}
}

// longestNumber reads as much of a text as C's strtod takes for a number.
func longestNumber(text string) (n int, f float64) {
	sign := 1.0
	if n < len(text) && (text[n] == '-' || text[n] == '+') {
		if text[n] == '-' {
			sign = -1
		}
		n++
	}
	rest := strings.ToLower(text[n:min(len(text), n+8)])
	switch {
	case strings.HasPrefix(rest, "infinity"):
		return n + 8, sign * math.Inf(1)
	case strings.HasPrefix(rest, "inf"):
		return n + 3, sign * math.Inf(1)
	case strings.HasPrefix(rest, "nan"):
		return n + 3, math.Copysign(math.NaN(), sign)
	}
	digits, exponent := isDigit, byte('e')
	hex := strings.HasPrefix(rest, "0x")
	if hex {
		digits, exponent = isHexDigit, 'p'
		n += 2
	}
	begin := n
	found := 0
	for n < len(text) && digits(text[n]) {
		n, found = n+1, found+1
	}
	if n < len(text) && text[n] == '.' {
		n++
		for n < len(text) && digits(text[n]) {
			n, found = n+1, found+1
		}
	}
	if found == 0 {
		if hex { // the 0 alone
			return begin - 1, sign * 0
		}
		return 0, 0
	}
	end := n
	if n < len(text) && text[n]|0x20 == exponent {
		n++
		if n < len(text) && (text[n] == '-' || text[n] == '+') {
			n++
		}
		for n < len(text) && isDigit(text[n]) {
			n++
			end = n
		}
	}
	number := text[:end]
	if hex && !strings.ContainsAny(number, "pP") {
		number += "p0"
	}
	f, _ = strconv.ParseFloat(number, 64) // what is too large is infinite
	return end, f
}

func isHexDigit(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func (d *decoder) string() token {
	begin := d.at
	d.at++
	var out []byte
	for {
		c := d.peek(0)
		switch c {
		case '"':
			d.at++
			return token{kind: tokenString, at: begin, text: string(out)}
		case 0:
			return d.wrong("unexpected end of string")
		case '\\':
			escape := d.peek(1)
			if escape == 'u' {
				r, n := d.unicode()
				if n == 0 {
					return d.wrong("invalid unicode escape code")
				}
				out = appendRune(out, r)
				d.at += n
				continue
			}
			at := strings.IndexByte(`"\/btnfr`, escape)
			if at < 0 || escape == 0 {
				return d.wrong("invalid escape code")
			}
			d.at++
			c = "\"\\/\b\t\n\f\r"[at]
		}
		out = append(out, c)
		d.at++
	}
}

// unicode reads an escape of one or two halves, and returns how long it is.
func (d *decoder) unicode() (r rune, n int) {
	high, ok := d.hex4(2)
	switch {
	case !ok:
		return 0, 0
	case high&0xf800 != 0xd800:
		return high, 6
	case high&0x400 != 0 || d.peek(6) != '\\' || d.peek(7) != 'u':
		return 0, 0
	}
	low, ok := d.hex4(8)
	if !ok || low&0xfc00 != 0xdc00 {
		return 0, 0
	}
	return (high&0x3ff)<<10 | low&0x3ff + 0x10000, 12
}

func (d *decoder) hex4(at int) (r rune, ok bool) {
	for i := at; i < at+4; i++ {
		if !isHexDigit(d.peek(i)) {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(d.text[d.at+at:d.at+at+4], 16, 32)
	return rune(n), err == nil
}

func appendRune(dst []byte, r rune) []byte { return utf8.AppendRune(dst, r) }
