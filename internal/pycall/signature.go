package pycall

import (
	"fmt"
	"slices"
	"strings"

	"github.com/znsocket/znsocket/internal/pyjson"
)

// signature is the parameters of a method, in the order of the positions they
// may come by: first those that have one, then those that come by name only.
type signature struct {
	params     []param
	positional int  // how many have a position
	star       bool // there is *args: further arguments by position
	open       bool // there is **kwargs: further ones by name, which redis-py keeps to itself
}

// param is a parameter. value is its default; it has none where required.
type param struct {
	name     string
	value    pyjson.Value
	required bool
}

// maxParams is the most parameters that a method has.
const maxParams = 14

// parseSignature reads what Python writes for a function's parameters.
func parseSignature(text string) signature {
	var s signature
	for _, p := range strings.Split(text, ", ") {
		name, value, optional := strings.Cut(p, "=")
		switch {
		case text == "":
		case strings.HasPrefix(name, "**"):
			s.open = true
		case strings.HasPrefix(name, "*"):
			s.star = true
		default:
			s.params = append(s.params, param{name, literal(value), !optional})
			if !s.star {
				s.positional++
			}
		}
	}
	if len(s.params) > maxParams {
		panic("pycall: too many parameters: " + text)
	}
	return s
}

// literal reads the default of a parameter. float, the function that the
// methods of sorted sets have for one, is None to us.
func literal(text string) pyjson.Value {
	switch text {
	case "", "None", "float":
		return pyjson.Value{}
	case "False":
		return pyjson.Value{Kind: pyjson.False}
	case "True":
		return pyjson.Value{Kind: pyjson.True}
	}
	if quoted := strings.Trim(text, "'"); quoted != text {
		return pyjson.Value{Kind: pyjson.String, Text: quoted}
	}
	v, err := pyjson.Parse([]byte(text), nil)
	if err != nil {
		panic(fmt.Sprintf("pycall: default %s: %v", text, err))
	}
	return v
}

// index returns the place of the parameter called name, or -1.
func (s *signature) index(name string) int {
	return slices.IndexFunc(s.params, func(p param) bool { return p.name == name })
}
