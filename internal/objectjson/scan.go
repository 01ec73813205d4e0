package objectjson

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// decoder reads a JSON text from its start to its end.
type decoder struct {
	in         string
	at         int
	depth      int
	converters *Converters
}

func (d *decoder) fail(what string) error {
	return fmt.Errorf("json: %s at offset %d", what, d.at)
}

// peek skips white space and returns the byte a value or mark begins with; 0,
// which begins nothing, at the end.
func (d *decoder) peek() byte {
	for ; d.at < len(d.in); d.at++ {
		switch c := d.in[d.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

func (d *decoder) end() error {
	d.peek()
	if d.at < len(d.in) {
		return d.fail("text after the value")
	}
	return nil
}

func (d *decoder) word(w string) error {
	if !strings.HasPrefix(d.in[d.at:], w) {
		return d.unexpected()
	}
	d.at += len(w)
	return nil
}

func (d *decoder) unexpected() error {
	if d.at >= len(d.in) {
		return d.fail("unexpected end")
	}
	r, _ := utf8.DecodeRuneInString(d.in[d.at:])
	return d.fail(fmt.Sprintf("unexpected %q", r))
}

// items calls item at every element of an array.
func (d *decoder) items(item func() error) error {
	return d.sequence(']', item)
}

// members calls member at every value of an object.
func (d *decoder) members(member func(key string) error) error {
	return d.sequence('}', func() error {
		if d.peek() != '"' {
			return d.unexpected()
		}
		key, err := d.str()
		if err != nil {
			return err
		}
		if d.peek() != ':' {
			return d.unexpected()
		}
		d.at++
		return member(key)
	})
}

func (d *decoder) sequence(end byte, item func() error) error {
	if d.depth++; d.depth > MaxDepth {
		return d.fail(fmt.Sprintf("nested deeper than %d", MaxDepth))
	}
	defer func() { d.depth-- }()
	d.at++
	if d.peek() == end {
		d.at++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		switch d.peek() {
		case ',':
			d.at++
		case end:
			d.at++
			return nil
		default:
			return d.unexpected()
		}
	}
}

// skip passes over a value and returns its text.
func (d *decoder) skip() (string, error) {
	c := d.peek()
	start := d.at
	err := d.pass(c)
	return d.in[start:d.at], err
}

func (d *decoder) pass(c byte) error {
	var err error
	switch c {
	case '{':
		return d.members(func(string) error { return d.pass(d.peek()) })
	case '[':
		return d.items(func() error { return d.pass(d.peek()) })
	case '"':
		_, err = d.str()
	case 't':
		return d.word("true")
	case 'f':
		return d.word("false")
	case 'n':
		return d.word("null")
	default:
		_, _, err = d.number()
	}
	return err
}

// str reads a string. Where nothing is escaped it is a part of the text.
func (d *decoder) str() (string, error) {
	start, simple := d.at, true
	for d.at++; d.at < len(d.in); d.at++ {
		switch c := d.in[d.at]; {
		case c == '"':
			d.at++
			if s := d.in[start+1 : d.at-1]; simple && utf8.ValidString(s) {
				return s, nil
			}
			var s string
			if err := json.Unmarshal([]byte(d.in[start:d.at]), &s); err != nil {
				return "", d.fail("malformed string before")
			}
			return s, nil
		case c == '\\':
			simple = false
			d.at++ // whatever is escaped does not end the string
		case c < ' ':
			return "", d.unexpected()
		}
	}
	d.at = len(d.in)
	return "", d.unexpected()
}

// keep returns s, a part of the text, to be held by the decoded value. A short
// one would keep the whole text alive.
func (d *decoder) keep(s string) string {
	if 2*len(s) < len(d.in) {
		return strings.Clone(s)
	}
	return s
}

func startsNumber(c byte) bool {
	return '0' <= c && c <= '9' || c == '-' || c == 'N' || c == 'I'
}

// number reads a number as strconv takes it, NaN and infinities too. A whole
// one is written without fraction and exponent.
func (d *decoder) number() (text string, whole bool, err error) {
	start := d.at
	if d.at < len(d.in) && d.in[d.at] == '-' {
		d.at++
	}
	if d.at == len(d.in) {
		return "", false, d.unexpected()
	}
	switch c := d.in[d.at]; {
	case c == 'N' && d.at == start:
		return "NaN", false, d.word("NaN")
	case c == 'I':
		err = d.word("Infinity")
		return d.in[start:d.at], false, err
	case c == '0':
		d.at++
	default:
		if err := d.digits(); err != nil {
			return "", false, err
		}
	}
	whole = true
	if d.at < len(d.in) && d.in[d.at] == '.' {
		whole = false
		d.at++
		if err := d.digits(); err != nil {
			return "", false, err
		}
	}
	if d.at < len(d.in) && d.in[d.at]|0x20 == 'e' {
		whole = false
		d.at++
		if d.at < len(d.in) && (d.in[d.at] == '+' || d.in[d.at] == '-') {
			d.at++
		}
		if err := d.digits(); err != nil {
			return "", false, err
		}
	}
	return d.in[start:d.at], whole, nil
}

func (d *decoder) digits() error {
	start := d.at
	for d.at < len(d.in) && '0' <= d.in[d.at] && d.in[d.at] <= '9' {
		d.at++
	}
	if d.at == start {
		return d.unexpected()
	}
	return nil
}

// mismatch passes over a value that does not fit t.
func (d *decoder) mismatch(t reflect.Type) error {
	what := "number"
	switch d.peek() {
	case '{':
		what = "object"
	case '[':
		what = "array"
	case '"':
		what = "string"
	case 't', 'f':
		what = "bool"
	}
	if _, err := d.skip(); err != nil {
		return err
	}
	return &json.UnmarshalTypeError{Value: what, Type: t, Offset: int64(d.at)}
}

func (d *decoder) wrongNumber(text string, t reflect.Type) error {
	return &json.UnmarshalTypeError{Value: "number " + text, Type: t, Offset: int64(d.at)}
}
