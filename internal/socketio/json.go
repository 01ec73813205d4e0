package socketio

// MaxDepth is how deep arrays and objects may nest in a payload. Python's
// parser gives up before a thousand, and what one client sent may be handed on
// to another.
const MaxDepth = 512

// scanner passes over a payload. It holds the whole of it to JSON's grammar, so
// that whoever gets a part of it may put it into another payload as it is: no
// stranger makes another client's parser fail, which would end that client's
// connection. It lets pass the NaN, Infinity and -Infinity that Python writes,
// and JavaScript does not read. All that costs a nanosecond or two a byte, and
// no memory.
//
// Its methods report whether the text was good; if not, at is where it failed.
// That the text is UTF-8 the layer below has made sure of.
type scanner struct {
	in []byte
	at int

	// attachments is how many a placeholder can choose from. In a packet of
	// a plain type a placeholder is an object like any other.
	attachments int
}

// peek skips white space and returns the byte that something begins with; 0,
// which begins nothing, at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.in) && s.in[s.at] > ' ' {
		return s.in[s.at]
	}
	return s.skip()
}

func (s *scanner) skip() byte {
	for ; s.at < len(s.in); s.at++ {
		switch c := s.in[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) end() bool {
	s.peek()
	return s.at == len(s.in)
}

// value passes over one value.
func (s *scanner) value(depth int) bool {
	switch c := s.peek(); c {
	case '"':
		return s.text()
	case '{':
		return s.object(depth + 1)
	case '[':
		s.at++
		if s.peek() == ']' {
			s.at++
			return true
		}
		_, ok := s.elements(depth + 1)
		return ok
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	case 'N':
		return s.word("NaN")
	case 'I':
		return s.word("Infinity")
	default:
		return s.number()
	}
}

// elements passes over the elements of an array, from the first one, of which
// there must be one, to the closing bracket. It returns their text.
func (s *scanner) elements(depth int) ([]byte, bool) {
	if depth > MaxDepth {
		return nil, false
	}
	s.peek()
	start := s.at
	for {
		if !s.value(depth) {
			return nil, false
		}
		end := s.at
		switch s.peek() {
		case ',':
			s.at++
		case ']':
			s.at++
			return s.in[start:end], true
		default:
			return nil, false
		}
	}
}

// object passes over an object, and refuses a placeholder for an attachment
// that is not there.
func (s *scanner) object(depth int) bool {
	if depth > MaxDepth {
		return false
	}
	s.at++
	if s.peek() == '}' {
		s.at++
		return true
	}
	var place placeholder
	for {
		if s.peek() != '"' {
			return false
		}
		start := s.at
		if !s.text() {
			return false
		}
		key := s.in[start+1 : s.at-1]
		if s.peek() != ':' {
			return false
		}
		s.at++
		s.peek()
		start = s.at
		if !s.value(depth) {
			return false
		}
		if s.attachments != plain {
			place.member(key, s.in[start:s.at])
		}
		switch s.peek() {
		case ',':
			s.at++
		case '}':
			s.at++
			return place.fits(s.attachments)
		default:
			return false
		}
	}
}

// ordinary are the bytes that mean themselves inside a string.
var ordinary = func() (table [256]bool) {
	for c := range table {
		table[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return table
}()

// text passes over a string.
func (s *scanner) text() bool {
	in := s.in
	for at := s.at + 1; ; at = s.at + 1 {
		for at < len(in) && ordinary[in[at]] {
			at++
		}
		s.at = at
		switch {
		case at == len(in):
			return false
		case in[at] == '"':
			s.at++
			return true
		case in[at] != '\\' || !s.escape():
			return false
		}
	}
}

// escape passes over an escape but for its last byte.
func (s *scanner) escape() bool {
	s.at++
	if s.at == len(s.in) {
		return false
	}
	switch s.in[s.at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			s.at++
			if s.at == len(s.in) || !hexDigit(s.in[s.at]) {
				return false
			}
		}
		return true
	}
	return false
}

func hexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func (s *scanner) word(w string) bool {
	if len(s.in)-s.at < len(w) || string(s.in[s.at:s.at+len(w)]) != w {
		return false
	}
	s.at += len(w)
	return true
}

// number passes over a number, or -Infinity.
func (s *scanner) number() bool {
	if s.next('-') && s.at < len(s.in) && s.in[s.at] == 'I' {
		return s.word("Infinity")
	}
	if !s.next('0') && !s.digits() {
		return false
	}
	if s.next('.') && !s.digits() {
		return false
	}
	if s.next('e') || s.next('E') {
		if !s.next('+') {
			s.next('-')
		}
		return s.digits()
	}
	return true
}

// next passes over c if that is what comes next.
func (s *scanner) next(c byte) bool {
	if s.at < len(s.in) && s.in[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) digits() bool {
	start, at := s.at, s.at
	for at < len(s.in) && '0' <= s.in[at] && s.in[at] <= '9' {
		at++
	}
	s.at = at
	return at > start
}
