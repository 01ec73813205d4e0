package pyjson

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// parser is one run of Parse.
//
// The elements of arrays and objects that are not closed yet stand in open, one
// after another; those of one that closes are at its end and move to kept, in
// one piece. So every array has just the memory it needs, and many small ones
// share an allocation. Keys do the same.
type parser struct {
	in          string
	at          int
	attachments [][]byte
	used        []bool // the attachments that stand in the document
	maxValues   int
	values      int // how many have moved to kept

	most, mostKeys int // how many were open at once

	open     []Value
	openKeys []string
	kept     []Value
	keptKeys []string
}

// parsers keeps the memory of open, which is empty between two runs.
var parsers = sync.Pool{New: func() any { return &parser{} }}

// roomy is how many open elements a parser may keep the memory of.
const roomy = 256

// release gives the parser back with nothing in it.
func (p *parser) release() {
	open, keys := p.open[:cap(p.open)], p.openKeys[:cap(p.openKeys)]
	if len(open) > roomy || len(keys) > roomy {
		return
	}
	clear(open[:min(p.most, len(open))])
	clear(keys[:min(p.mostKeys, len(keys))])
	*p = parser{open: open[:0], openKeys: keys[:0]}
	parsers.Put(p)
}

func (p *parser) fail(what string) error {
	return fmt.Errorf("%s: column %d", what, p.at+1)
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

// value reads one value into v, which is zero.
func (p *parser) value(v *Value, depth int) (err error) {
	if depth > MaxDepth {
		return ErrDepth
	}
	p.space()
	if p.at == len(p.in) {
		return p.fail("unexpected end")
	}
	switch c := p.in[p.at]; c {
	case '"':
		v.Kind = String
		v.Text, err = p.str()
		return err
	case '[':
		return p.array(v, depth)
	case '{':
		return p.object(v, depth)
	case 'n':
		return p.word(v, "null", Null)
	case 't':
		return p.word(v, "true", True)
	case 'f':
		return p.word(v, "false", False)
	case 'N':
		return p.word(v, "NaN", Float)
	case 'I':
		return p.word(v, "Infinity", Float)
	default:
		if c == '-' && strings.HasPrefix(p.in[p.at:], "-I") {
			return p.word(v, "-Infinity", Float)
		}
		return p.number(v)
	}
}

func (p *parser) word(v *Value, w string, kind Kind) error {
	if !strings.HasPrefix(p.in[p.at:], w) {
		return p.fail("unexpected text")
	}
	p.at += len(w)
	if v.Kind = kind; kind == Float {
		v.Text = w
	}
	return nil
}

func (p *parser) array(v *Value, depth int) error {
	v.Kind = Array
	p.at++
	if p.space(); p.at < len(p.in) && p.in[p.at] == ']' {
		p.at++
		return nil
	}
	begin := len(p.open)
	for more := true; more; {
		if err := p.element(depth); err != nil {
			return err
		}
		var err error
		if more, err = p.next(']'); err != nil {
			return err
		}
	}
	return p.keep(v, begin)
}

func (p *parser) object(v *Value, depth int) error {
	v.Kind = Object
	p.at++
	if p.space(); p.at < len(p.in) && p.in[p.at] == '}' {
		p.at++
		return nil
	}
	begin, beginKeys := len(p.open), len(p.openKeys)
	for more := true; more; {
		if p.space(); p.at == len(p.in) || p.in[p.at] != '"' {
			return p.fail("expected a key in quotes")
		}
		key, err := p.str()
		if err != nil {
			return err
		}
		if p.space(); p.at == len(p.in) || p.in[p.at] != ':' {
			return p.fail("expected ':'")
		}
		p.at++
		p.openKeys = append(p.openKeys, key)
		p.mostKeys = max(p.mostKeys, len(p.openKeys))
		if err := p.element(depth); err != nil {
			return err
		}
		if more, err = p.next('}'); err != nil {
			return err
		}
	}
	v.Keys, p.openKeys = moved(&p.keptKeys, p.openKeys, beginKeys)
	if err := p.keep(v, begin); err != nil {
		return err
	}
	return p.attachment(v)
}

// element reads one value to the end of open.
func (p *parser) element(depth int) error {
	var v Value
	if err := p.value(&v, depth+1); err != nil {
		return err
	}
	p.open = append(p.open, v)
	p.most = max(p.most, len(p.open))
	return nil
}

// keep gives v the elements from begin on.
func (p *parser) keep(v *Value, begin int) error {
	if p.values += len(p.open) - begin; p.values > p.maxValues {
		return ErrValues
	}
	v.Items, p.open = moved(&p.kept, p.open, begin)
	return nil
}

// What is allocated ahead, in elements: at first and at most.
const (
	firstChunk = 4
	lastChunk  = 512
)

// moved moves what stands in open from begin on to the end of kept, or of a new
// chunk, and returns it there and the rest of open. What is long and alone in
// open stays where it is.
func moved[T any](kept *[]T, open []T, begin int) (there, rest []T) {
	n := len(open) - begin
	if n > lastChunk && begin == 0 {
		return open, nil
	}
	if cap(*kept)-len(*kept) < n {
		*kept = make([]T, 0, max(n, min(2*cap(*kept), lastChunk), firstChunk))
	}
	start := len(*kept)
	*kept = append(*kept, open[begin:]...)
	return (*kept)[start:len(*kept):len(*kept)], open[:begin]
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

// attachment turns v into what it stands for, if it is a placeholder. No
// attachment has two: a small document could stand for any amount of data.
func (p *parser) attachment(v *Value) error {
	if len(p.attachments) == 0 {
		return nil
	}
	mark, ok := v.Get("_placeholder")
	if !ok || mark.Kind != True {
		return nil
	}
	num, ok := v.Get("num")
	if !ok || num.Kind != Int {
		return errors.New("placeholder without a number")
	}
	n, err := strconv.Atoi(num.Text)
	if err != nil || n < 0 || n >= len(p.attachments) {
		return errors.New("placeholder for an attachment that is not there")
	}
	if p.used == nil {
		p.used = make([]bool, len(p.attachments))
	}
	if p.used[n] {
		return errors.New("second placeholder for an attachment")
	}
	p.used[n] = true
	data := p.attachments[n]
	*v = Value{Kind: Bytes, Text: unsafe.String(unsafe.SliceData(data), len(data))}
	return nil
}

func (p *parser) number(v *Value) error {
	start := p.at
	v.Kind = Int
	if p.in[p.at] == '-' {
		p.at++
	}
	whole := p.digits()
	if whole == 0 || whole > 1 && p.in[p.at-whole] == '0' {
		return p.fail("unexpected text")
	}
	if p.at < len(p.in) && p.in[p.at] == '.' {
		v.Kind = Float
		p.at++
		if p.digits() == 0 {
			return p.fail("expected a digit")
		}
	}
	if p.at < len(p.in) && p.in[p.at]|0x20 == 'e' {
		v.Kind = Float
		p.at++
		if p.at < len(p.in) && (p.in[p.at] == '+' || p.in[p.at] == '-') {
			p.at++
		}
		if p.digits() == 0 {
			return p.fail("expected a digit")
		}
	}
	v.Text = p.in[start:p.at]
	return nil
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
	start, ascii := p.at, true
	for {
		p.at = special(p.in, p.at)
		if p.at == len(p.in) {
			return "", p.fail("unterminated text")
		}
		switch c := p.in[p.at]; {
		case c == '"':
			s := p.in[start:p.at]
			p.at++
			if !ascii && !utf8.ValidString(s) {
				return "", p.fail("text is not UTF-8")
			}
			return s, nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return "", p.fail("control character in text")
		}
		ascii = false
		p.at++
	}
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
