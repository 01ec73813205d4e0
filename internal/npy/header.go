package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

type header struct {
	descr   string
	fortran bool
	shape   []int
}

// dtype returns the type of the elements and their byte order.
func (h *header) dtype() (reflect.Type, binary.ByteOrder, error) {
	if strings.HasPrefix(strings.TrimLeft(h.descr, "<>|="), "O") {
		return nil, nil, errors.New("npy: an array of Python objects (pickle) cannot be read")
	}
	if h.descr != "" {
		elem, ok := types[h.descr[1:]]
		switch order := h.descr[0]; {
		case !ok:
		case order == '<', order == '|' && elem.Size() == 1:
			return elem, binary.LittleEndian, nil
		case order == '>':
			return elem, binary.BigEndian, nil
		}
	}
	return nil, nil, fmt.Errorf("npy: dtype %q is not numeric", h.descr)
}

// parseHeader reads the literal of a Python dict with just these keys:
//
//	{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
func parseHeader(text string) (header, error) {
	p := headerParser{rest: text}
	var h header
	seen := map[string]bool{}
	p.want("{")
	for p.err == nil && !p.eat("}") {
		key := p.quoted()
		p.want(":")
		switch key {
		case "descr":
			if p.peek("[") || p.peek("(") {
				return header{}, errors.New("npy: structured arrays are not supported")
			}
			h.descr = p.quoted()
		case "fortran_order":
			h.fortran = p.bool()
		case "shape":
			h.shape = p.tuple()
		default:
			p.fail()
		}
		if seen[key] {
			p.fail()
		}
		seen[key] = true
		if !p.eat(",") && !p.peek("}") {
			p.fail()
		}
	}
	if strings.TrimSpace(p.rest) != "" || len(seen) != 3 {
		p.fail()
	}
	return h, p.err
}

// headerParser stops making progress at its first error.
type headerParser struct {
	rest string
	err  error
}

func (p *headerParser) fail() {
	if p.err == nil {
		p.err = errors.New("npy: malformed header")
	}
}

func (p *headerParser) peek(token string) bool {
	p.rest = strings.TrimLeft(p.rest, " \n")
	return strings.HasPrefix(p.rest, token)
}

func (p *headerParser) eat(token string) bool {
	if !p.peek(token) {
		return false
	}
	p.rest = p.rest[len(token):]
	return true
}

func (p *headerParser) want(token string) {
	if !p.eat(token) {
		p.fail()
	}
}

func (p *headerParser) quoted() string {
	for _, quote := range []string{"'", `"`} {
		if !p.eat(quote) {
			continue
		}
		s, rest, ok := strings.Cut(p.rest, quote)
		if !ok || strings.Contains(s, `\`) {
			break
		}
		p.rest = rest
		return s
	}
	p.fail()
	return ""
}

func (p *headerParser) bool() bool {
	if p.eat("True") {
		return true
	}
	p.want("False")
	return false
}

func (p *headerParser) tuple() []int {
	shape := []int{}
	p.want("(")
	comma := true
	for p.err == nil && !p.eat(")") {
		if !comma || len(shape) == MaxDims {
			p.fail()
			break
		}
		shape = append(shape, p.length())
		comma = p.eat(",")
	}
	if len(shape) == 1 && !comma { // (3) is a number in parentheses
		p.fail()
	}
	return shape
}

func (p *headerParser) length() int {
	p.rest = strings.TrimLeft(p.rest, " \n")
	digits := len(p.rest) - len(strings.TrimLeft(p.rest, "0123456789"))
	n, err := strconv.Atoi(p.rest[:digits])
	if err != nil {
		p.fail()
	}
	p.rest = p.rest[digits:]
	return n
}
