// Package pyjson reads and writes JSON as Python's json module does: beside
// the standard's values it knows NaN, Infinity and -Infinity, keeps every digit
// of a number and the order of an object's keys, and joins surrogate pairs.
// A Socket.IO placeholder for a binary attachment is read as that attachment.
package pyjson

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// Kind is the kind of a Value.
type Kind uint8

// The kinds of a Value.
const (
	Null Kind = iota
	True
	False
	Int    // a number without fraction and exponent, of any length
	Float  // any other number, and NaN, Infinity, -Infinity
	String // a text
	Bytes  // an attachment
	Array
	Object
)

// Value is one JSON value. Text is the literal of a number, the content of a
// string or the bytes of an attachment. Items are an array's elements or an
// object's values, Keys an object's keys; where a key is written twice both
// stand there, and the later one counts.
type Value struct {
	Kind  Kind
	Text  string
	Items []Value
	Keys  []string
}

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 500

// ErrDepth is what Parse answers to a deeper nesting.
var ErrDepth = fmt.Errorf("nested deeper than %d", MaxDepth)

// shareLimit is the size up to which the texts of a document share its memory.
// A short text kept from a larger document would hold all of it.
const shareLimit = 512

// Parse reads one document. {"_placeholder":true,"num":n} stands for
// attachments[n] where there are attachments, and is an object like any other
// where there are none.
func Parse(data []byte, attachments [][]byte) (Value, error) {
	p := parser{attachments: attachments}
	if len(data) <= shareLimit {
		p.in, p.share = string(data), true
	} else {
		// Every text is cloned out of in before Parse returns.
		p.in = unsafe.String(unsafe.SliceData(data), len(data))
	}
	v, err := p.value(0)
	if err != nil {
		return Value{}, err
	}
	if p.space(); p.at < len(p.in) {
		return Value{}, p.fail("extra data")
	}
	return v, nil
}

// Get returns the value of an object's key.
func (v *Value) Get(key string) (*Value, bool) {
	for i := len(v.Keys) - 1; i >= 0; i-- {
		if v.Keys[i] == key {
			return &v.Items[i], true
		}
	}
	return nil, false
}

// Float returns a number as a float64; an integer out of range is infinite.
func (v *Value) Float() float64 {
	f, _ := strconv.ParseFloat(v.Text, 64)
	return f
}

type parser struct {
	in          string
	at          int
	share       bool
	attachments [][]byte
}

func (p *parser) fail(what string) error {
	return fmt.Errorf("%s: column %d", what, p.at+1)
}

func (p *parser) text(s string) string {
	if p.share {
		return s
	}
	return strings.Clone(s)
}

func (p *parser) space() {
	for p.at < len(p.in) {
		switch p.in[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *parser) value(depth int) (Value, error) {
	if depth > MaxDepth {
		return Value{}, ErrDepth
	}
	p.space()
	if p.at == len(p.in) {
		return Value{}, p.fail("unexpected end")
	}
	switch c := p.in[p.at]; c {
	case '"':
		s, err := p.str()
		return Value{Kind: String, Text: s}, err
	case '[':
		return p.array(depth)
	case '{':
		return p.object(depth)
	case 'n':
		return p.word("null", Null)
	case 't':
		return p.word("true", True)
	case 'f':
		return p.word("false", False)
	case 'N':
		return p.word("NaN", Float)
	case 'I':
		return p.word("Infinity", Float)
	default:
		if c == '-' && strings.HasPrefix(p.in[p.at:], "-I") {
			return p.word("-Infinity", Float)
		}
		return p.number()
	}
}

func (p *parser) word(w string, kind Kind) (Value, error) {
	if !strings.HasPrefix(p.in[p.at:], w) {
		return Value{}, p.fail("unexpected text")
	}
	p.at += len(w)
	v := Value{Kind: kind}
	if kind == Float {
		v.Text = w
	}
	return v, nil
}

func (p *parser) array(depth int) (Value, error) {
	v := Value{Kind: Array}
	p.at++
	if p.space(); p.at < len(p.in) && p.in[p.at] == ']' {
		p.at++
		return v, nil
	}
	for {
		item, err := p.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		v.Items = append(v.Items, item)
		if more, err := p.next(']'); err != nil || !more {
			return v, err
		}
	}
}

func (p *parser) object(depth int) (Value, error) {
	v := Value{Kind: Object}
	p.at++
	if p.space(); p.at < len(p.in) && p.in[p.at] == '}' {
		p.at++
		return v, nil
	}
	for {
		if p.space(); p.at == len(p.in) || p.in[p.at] != '"' {
			return Value{}, p.fail("expected a key in quotes")
		}
		key, err := p.str()
		if err != nil {
			return Value{}, err
		}
		if p.space(); p.at == len(p.in) || p.in[p.at] != ':' {
			return Value{}, p.fail("expected ':'")
		}
		p.at++
		item, err := p.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		v.Keys = append(v.Keys, key)
		v.Items = append(v.Items, item)
		if more, err := p.next('}'); err != nil {
			return Value{}, err
		} else if !more {
			return p.attachment(v)
		}
	}
}

// next reads the comma that goes on, or the end of an array or object.
func (p *parser) next(end byte) (more bool, err error) {
	p.space()
	if p.at == len(p.in) {
		return false, p.fail("unexpected end")
	}
	c := p.in[p.at]
	if c != ',' && c != end {
		return false, p.fail("expected ',' or '" + string(end) + "'")
	}
	p.at++
	return c == ',', nil
}

func (p *parser) attachment(v Value) (Value, error) {
	if len(p.attachments) == 0 {
		return v, nil
	}
	mark, ok := v.Get("_placeholder")
	if !ok || mark.Kind != True {
		return v, nil
	}
	num, ok := v.Get("num")
	if !ok || num.Kind != Int {
		return Value{}, errors.New("placeholder without a number")
	}
	n, err := strconv.Atoi(num.Text)
	if err != nil || n < 0 || n >= len(p.attachments) {
		return Value{}, errors.New("placeholder for an attachment that is not there")
	}
	return Value{Kind: Bytes, Text: string(p.attachments[n])}, nil
}

func (p *parser) number() (Value, error) {
	start, kind := p.at, Int
	if p.in[p.at] == '-' {
		p.at++
	}
	whole := p.digits()
	if whole == 0 || whole > 1 && p.in[p.at-whole] == '0' {
		return Value{}, p.fail("unexpected text")
	}
	if p.at < len(p.in) && p.in[p.at] == '.' {
		kind = Float
		p.at++
		if p.digits() == 0 {
			return Value{}, p.fail("expected a digit")
		}
	}
	if p.at < len(p.in) && p.in[p.at]|0x20 == 'e' {
		kind = Float
		p.at++
		if p.at < len(p.in) && (p.in[p.at] == '+' || p.in[p.at] == '-') {
			p.at++
		}
		if p.digits() == 0 {
			return Value{}, p.fail("expected a digit")
		}
	}
	return Value{Kind: kind, Text: p.text(p.in[start:p.at])}, nil
}

func (p *parser) digits() int {
	start := p.at
	for p.at < len(p.in) && p.in[p.at] >= '0' && p.in[p.at] <= '9' {
		p.at++
	}
	return p.at - start
}

func (p *parser) str() (string, error) {
	p.at++
	start := p.at
	for p.at < len(p.in) {
		switch c := p.in[p.at]; {
		case c == '"':
			s := p.in[start:p.at]
			p.at++
			if !utf8.ValidString(s) {
				return "", p.fail("text is not UTF-8")
			}
			return p.text(s), nil
		case c == '\\':
			return p.escaped(start)
		case c < 0x20:
			return "", p.fail("control character in text")
		}
		p.at++
	}
	return "", p.fail("unterminated text")
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escaped reads on in a text that began at start and has an escape here.
func (p *parser) escaped(start int) (string, error) {
	buf := []byte(p.in[start:p.at])
	for p.at < len(p.in) {
		c := p.in[p.at]
		switch {
		case c == '"':
			p.at++
			if !utf8.Valid(buf) {
				return "", p.fail("text is not UTF-8")
			}
			return string(buf), nil
		case c < 0x20:
			return "", p.fail("control character in text")
		case c != '\\':
			buf = append(buf, c)
			p.at++
		case p.at+1 < len(p.in) && p.in[p.at+1] == 'u':
			r, err := p.unicode()
			if err != nil {
				return "", err
			}
			buf = utf8.AppendRune(buf, r)
		default:
			if p.at+1 == len(p.in) || escapes[p.in[p.at+1]] == 0 {
				return "", p.fail("invalid escape")
			}
			buf = append(buf, escapes[p.in[p.at+1]])
			p.at += 2
		}
	}
	return "", p.fail("unterminated text")
}

// unicode reads \uXXXX, or two of them that are a surrogate pair. A lone
// surrogate becomes U+FFFD: it has no UTF-8.
func (p *parser) unicode() (rune, error) {
	r, ok := p.hex4()
	if !ok {
		return 0, p.fail(`invalid \u escape`)
	}
	if utf16.IsSurrogate(r) && strings.HasPrefix(p.in[p.at:], `\u`) {
		before := p.at
		low, ok := p.hex4()
		if !ok {
			return 0, p.fail(`invalid \u escape`)
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, nil
		}
		p.at = before
	}
	if utf16.IsSurrogate(r) {
		r = utf8.RuneError
	}
	return r, nil
}

func (p *parser) hex4() (rune, bool) {
	if p.at+6 > len(p.in) {
		return 0, false
	}
	n, err := strconv.ParseUint(p.in[p.at+2:p.at+6], 16, 16)
	p.at += 6
	return rune(n), err == nil
}

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON text. Bytes that are not UTF-8 become
// U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

// AppendFloat appends f as Python's repr writes it: 1.0, 0.1, 1e+22, NaN,
// Infinity.
func AppendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	for _, c := range dst[start:] {
		if c == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}
