package resp

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"unsafe"
)

// Limits of what a client may send, those of Redis.
const (
	maxInline = 64 << 10  // bytes of a line
	maxWords  = 1 << 20   // of a command
	maxWord   = 512 << 20 // bytes of one, proto-max-bulk-len
	// Of a client that has not logged in, where it must.
	maxStrangerWords = 10
	maxStrangerWord  = 16 << 10
)

// protocolError is what ends a connection whose bytes are no commands.
type protocolError string

func (e protocolError) Error() string { return "ERR Protocol error: " + string(e) }

// parser takes bytes as they come and gives commands. A command that is not
// there as a whole is not looked at again from its beginning when more comes.
//
// It owns buf. The words of a command lie in it and are good until room or the
// next command is asked for.
type parser struct {
	buf      []byte
	stranger bool // the client has not logged in

	// Of the command that is being read, places counted from its begin at.
	at    int
	pos   int   // what is before it has been understood
	words []int // the end and the length of each, in turn
	left  int   // words that are missing; -1 before their number is known
	size  int   // of the word that is next; -1 before it is known
	argv  []string
}

func newParser() *parser { return &parser{left: -1, size: -1} }

// roomAtLeast is how much space room gives.
const roomAtLeast = 16 << 10

// room returns space for more bytes; took is told how many came.
func (p *parser) room() []byte {
	if p.at > 0 {
		p.buf = p.buf[:copy(p.buf, p.buf[p.at:])]
		p.at = 0
	}
	if len(p.buf) == 0 && cap(p.buf) > 4*roomAtLeast {
		p.buf = nil // it was for one that was large
	}
	p.buf = slices.Grow(p.buf, roomAtLeast)
	return p.buf[len(p.buf):cap(p.buf)]
}

func (p *parser) took(n int) { p.buf = p.buf[:len(p.buf)+n] }

// put adds bytes.
func (p *parser) put(data []byte) {
	for len(data) > 0 {
		n := copy(p.room(), data)
		p.took(n)
		data = data[n:]
	}
}

// next returns the words of the next command, nil where it is not there as a
// whole, of an empty one none.
func (p *parser) next() ([]string, error) {
	if p.left < 0 {
		if p.at+p.pos >= len(p.buf) {
			return nil, nil
		}
		if p.buf[p.at] != '*' {
			return p.inline()
		}
		line, ok, err := p.line("too big mbulk count string")
		if !ok {
			return nil, err
		}
		n, valid := number(line[1:])
		switch {
		case !valid || n > maxWords:
			return nil, protocolError("invalid multibulk length")
		case p.stranger && n > maxStrangerWords:
			return nil, protocolError("unauthenticated multibulk length")
		case n <= 0:
			p.done()
			return []string{}, nil
		}
		p.left = int(n)
	}
	for p.left > 0 {
		if p.size < 0 {
			line, ok, err := p.line("too big bulk count string")
			if !ok {
				return nil, err
			}
			if len(line) == 0 || line[0] != '$' {
				return nil, protocolError("expected '$', got '" + printable(line) + "'")
			}
			n, valid := number(line[1:])
			switch {
			case !valid || n < 0 || n > maxWord:
				return nil, protocolError("invalid bulk length")
			case p.stranger && n > maxStrangerWord:
				return nil, protocolError("unauthenticated bulk length")
			}
			p.size = int(n)
		}
		if len(p.buf)-p.at-p.pos < p.size+2 {
			return nil, nil
		}
		p.words = append(p.words, p.pos+p.size, p.size)
		p.pos += p.size + 2 // what ends a word is not looked at, as in Redis
		p.size = -1
		p.left--
	}
	argv := p.argv[:0]
	for i := 0; i < len(p.words); i += 2 {
		end := p.at + p.words[i]
		argv = append(argv, view(p.buf[end-p.words[i+1]:end]))
	}
	p.argv = argv
	p.done()
	return argv, nil
}

// ahead puts the first argument of each of the next commands into args, as far as
// they are there, and returns how many. It changes nothing, and stops at what is not
// plain.
func (p *parser) ahead(args []string) (n int) {
	rest := p.buf[p.at+p.pos:]
	if p.left >= 0 {
		return 0
	}
	for n < len(args) {
		words := header(&rest, '*')
		if words < 2 {
			return n
		}
		var word []byte
		for i := range words {
			size := header(&rest, '$')
			if size < 0 || size+2 > len(rest) {
				return n
			}
			if i == 1 {
				word = rest[:size]
			}
			rest = rest[size+2:]
		}
		args[n] = view(word)
		n++
	}
	return n
}

// header takes a line with a number off, -1 where there is no such line.
func header(rest *[]byte, kind byte) int {
	b := *rest
	if len(b) == 0 || b[0] != kind {
		return -1
	}
	n := 0
	for i, c := range b[1:] {
		switch {
		case c >= '0' && c <= '9' && i < 9:
			n = 10*n + int(c-'0')
		case c == '\r' && i > 0 && i+2 < len(b):
			*rest = b[i+3:]
			return n
		default:
			return -1
		}
	}
	return -1
}

// done ends a command.
func (p *parser) done() {
	p.at += p.pos
	if p.at == len(p.buf) && cap(p.buf) <= 4*roomAtLeast {
		p.buf, p.at = p.buf[:0], 0 // its words are still there
	}
	p.pos, p.left, p.size = 0, -1, -1
	if cap(p.words) > 1024 {
		p.words, p.argv = nil, nil
	}
	p.words = p.words[:0]
}

// line returns the next line, which is not ok where it is not there as a whole.
func (p *parser) line(tooLong string) (line []byte, ok bool, err error) {
	rest := p.buf[p.at+p.pos:]
	end := bytes.IndexByte(rest, '\r')
	if end < 0 {
		if len(rest) > maxInline {
			return nil, false, protocolError(tooLong)
		}
		return nil, false, nil
	}
	if end+2 > len(rest) {
		return nil, false, nil
	}
	p.pos += end + 2
	return rest[:end], true, nil
}

// inline reads a command as a person types it.
func (p *parser) inline() ([]string, error) {
	rest := p.buf[p.at:]
	end := bytes.IndexByte(rest, '\n')
	if end < 0 {
		if len(rest) > maxInline {
			return nil, protocolError("too big inline request")
		}
		return nil, nil
	}
	p.pos = end + 1
	words, ok := splitWords(string(bytes.TrimSuffix(rest[:end], []byte{'\r'})))
	p.done()
	if !ok {
		return nil, protocolError("unbalanced quotes in request")
	}
	return words, nil
}

// number reads a length, by Redis's rules.
func number(text []byte) (int64, bool) {
	if len(text) == 0 || len(text) > 20 || text[0] == '+' || len(text) > 1 && text[0] == '0' {
		return 0, false
	}
	n := int64(0)
	digits := text
	if text[0] == '-' {
		digits = text[1:]
	}
	for _, c := range digits {
		if c < '0' || c > '9' || n > math.MaxInt64/10-1 {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	if text[0] == '-' {
		return -n, len(digits) > 0
	}
	return n, true
}

func printable(line []byte) string {
	if len(line) == 0 {
		return " " // the end of the line, which an error has none of
	}
	return string(line[:1])
}

// view is the bytes as a text, for as long as they stay as they are.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// splitWords takes a line apart as redis-cli does: words between spaces, some of
// them in quotes. It is not ok where a quote is not closed.
func splitWords(line string) (words []string, ok bool) {
	words = []string{}
	for {
		for line != "" && isSpace(line[0]) {
			line = line[1:]
		}
		if line == "" {
			return words, true
		}
		word, rest, ok := firstWord(line)
		if !ok {
			return nil, false
		}
		words, line = append(words, word), rest
	}
}

func firstWord(line string) (word, rest string, ok bool) {
	var b []byte
	var quote byte
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote == 0 && isSpace(c):
			return string(b), line[i:], true
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0:
			b = append(b, c)
		case c == quote:
			if i+1 < len(line) && !isSpace(line[i+1]) {
				return "", "", false
			}
			return string(b), line[i+1:], true
		case quote == '"' && c == '\\' && i+1 < len(line):
			if i+3 < len(line) && line[i+1] == 'x' {
				if n, err := strconv.ParseUint(line[i+2:i+4], 16, 8); err == nil {
					b = append(b, byte(n))
					i += 3
					continue
				}
			}
			i++
			b = append(b, escaped(line[i]))
		case quote == '\'' && c == '\\' && i+1 < len(line) && line[i+1] == '\'':
			i++
			b = append(b, '\'')
		default:
			b = append(b, c)
		}
	}
	return string(b), "", quote == 0
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func escaped(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'a':
		return '\a'
	}
	return c
}
