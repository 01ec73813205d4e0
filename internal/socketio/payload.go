package socketio

import (
	"bytes"
	"encoding/json"
)

// parseEvent splits an event's payload into its name, still escaped as in
// JSON, and its arguments, without the brackets.
func parseEvent(payload []byte, attachments int) (name, args []byte, err error) {
	s := scanner{in: payload, attachments: attachments}
	if s.peek() != '[' {
		return nil, nil, s.fail("an event is not an array")
	}
	s.at++
	if s.peek() != '"' {
		return nil, nil, s.fail("an event does not begin with its name")
	}
	start := s.at
	if !s.text() {
		return nil, nil, s.fail("malformed name")
	}
	name = payload[start+1 : s.at-1]
	switch s.peek() {
	case ']':
		s.at++
	case ',':
		s.at++
		var ok bool
		if args, ok = s.elements(1); !ok {
			return nil, nil, s.fail("malformed event")
		}
	default:
		return nil, nil, s.fail("malformed event")
	}
	if !s.end() {
		return nil, nil, s.fail("text after the event")
	}
	return name, args, nil
}

// parseAck returns what stands between the brackets of an ack's payload.
func parseAck(payload []byte, attachments int) (args []byte, err error) {
	s := scanner{in: payload, attachments: attachments}
	if s.peek() != '[' {
		return nil, s.fail("an ack is not an array")
	}
	s.at++
	if s.peek() == ']' {
		s.at++
	} else {
		var ok bool
		if args, ok = s.elements(1); !ok {
			return nil, s.fail("malformed ack")
		}
	}
	if !s.end() {
		return nil, s.fail("text after the ack")
	}
	return args, nil
}

// checkObject holds a payload to be one object.
func checkObject(payload []byte) error {
	s := scanner{in: payload, attachments: plain}
	if s.peek() != '{' || !s.value(0) || !s.end() {
		return s.fail("not an object")
	}
	return nil
}

// unescape returns the content of a JSON string.
func unescape(content []byte) string {
	if bytes.IndexByte(content, '\\') < 0 {
		return string(content)
	}
	quoted := make([]byte, 0, len(content)+2)
	quoted = append(append(append(quoted, '"'), content...), '"')
	var s string
	json.Unmarshal(quoted, &s) // the scanner has passed it
	return s
}

func (s *scanner) fail(what string) error {
	return protocolError("%s, column %d of %.50q", what, s.at+1, s.in)
}

// placeholder is what an object has of a placeholder. Of a key that is written
// twice the later one counts.
type placeholder struct {
	marked bool
	num    []byte
}

func (p *placeholder) member(key, value []byte) {
	if bytes.IndexByte(key, '\\') >= 0 {
		key = []byte(unescape(key))
	}
	switch string(key) {
	case "_placeholder":
		p.marked = string(value) == "true"
	case "num":
		p.num = value
	}
}

// fits reports whether there is such an attachment, or this is no placeholder.
func (p *placeholder) fits(attachments int) bool {
	if !p.marked {
		return true
	}
	n, size := leadingNumber(p.num)
	return size > 0 && size == len(p.num) && n < int64(attachments)
}
