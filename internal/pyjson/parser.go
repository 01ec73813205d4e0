package pyjson

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// parser is one run of Parse.
type parser struct {
	in          string
	at          int
	share       bool // texts may be parts of in
	attachments [][]byte
	used        []bool // the attachments that stand in the document
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

// few is how many elements of an array or object wait on the goroutine's stack
// for the end, which tells how much memory they need. Most calls have no more.
const few = 4

func (p *parser) array(depth int) (Value, error) {
	p.at++
	if p.space(); p.at < len(p.in) && p.in[p.at] == ']' {
		p.at++
		return Value{Kind: Array}, nil
	}
	var room [few]Value
	items := room[:0]
	for {
		item, err := p.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		items = append(doubled(items), item)
		if more, err := p.next(']'); err != nil {
			return Value{}, err
		} else if !more {
			return Value{Kind: Array, Items: slices.Clone(items)}, nil
		}
	}
}

func (p *parser) object(depth int) (Value, error) {
	p.at++
	if p.space(); p.at < len(p.in) && p.in[p.at] == '}' {
		p.at++
		return Value{Kind: Object}, nil
	}
	var room [few]Value
	var keyRoom [few]string
	items, keys := room[:0], keyRoom[:0]
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
		keys, items = append(doubled(keys), key), append(doubled(items), item)
		if more, err := p.next('}'); err != nil {
			return Value{}, err
		} else if !more {
			return p.attachment(Value{Kind: Object, Items: slices.Clone(items), Keys: slices.Clone(keys)})
		}
	}
}

// doubled gives a slice that is full room for as much again. append gives a
// long one a quarter more, and copying is most of the work on a long array.
func doubled[T any](s []T) []T {
	if len(s) == cap(s) {
		s = slices.Grow(s, len(s))
	}
	return s
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

// attachment returns what v stands for, if it is a placeholder. No attachment
// has two: a small document could stand for any amount of data.
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
	if p.used == nil {
		p.used = make([]bool, len(p.attachments))
	}
	if p.used[n] {
		return Value{}, errors.New("second placeholder for an attachment")
	}
	p.used[n] = true
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
