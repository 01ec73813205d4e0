package pycall

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/znsocket/znsocket/internal/pyjson"
)

// This file is what Python makes of values.

// refusesNone are the methods in which the Python server's own store looks for
// None itself, and says so in other words than redis-py.
var refusesNone = map[string]bool{"set": true, "lindex": true, "lrem": true}

// encode returns a value as the word it is sent as: texts as they are, numbers
// as they are written, and what is neither is refused.
func (m *Method) encode(v *pyjson.Value) (string, error) {
	switch v.Kind {
	case pyjson.String, pyjson.Bytes, pyjson.Int:
		return v.Text, nil
	case pyjson.Float:
		switch v.Text {
		case "NaN":
			return "nan", nil
		case "Infinity":
			return "inf", nil
		case "-Infinity":
			return "-inf", nil
		}
		return v.Text, nil
	case pyjson.Null:
		if refusesNone[m.name] {
			return "", dataError("Invalid input of type None")
		}
	}
	return "", dataError("Invalid input of type: '%s'. Convert to a bytes, string, int or float first.", typeName(v))
}

func typeName(v *pyjson.Value) string {
	switch v.Kind {
	case pyjson.Null:
		return "NoneType"
	case pyjson.True, pyjson.False:
		return "bool"
	case pyjson.Int:
		return "int"
	case pyjson.Float:
		return "float"
	case pyjson.String:
		return "str"
	case pyjson.Bytes:
		return "bytes"
	case pyjson.Array:
		return "list"
	}
	return "dict"
}

func truthy(v *pyjson.Value) bool {
	switch v.Kind {
	case pyjson.True:
		return true
	case pyjson.Int, pyjson.Float:
		return v.Float() != 0
	case pyjson.String, pyjson.Bytes:
		return v.Text != ""
	}
	return len(v.Items) > 0
}

// equalNumbers reports whether v is a number, or a bool, equal to the integer n.
func equalNumbers(v, n *pyjson.Value) bool {
	return (isInt(v) || v.Kind == pyjson.Float) && asFloat(v) == n.Float()
}

// asFloat is Python's float() of a number or a bool.
func asFloat(v *pyjson.Value) float64 {
	switch v.Kind {
	case pyjson.True:
		return 1
	case pyjson.False:
		return 0
	}
	return v.Float()
}

// toInt is Python's int() of a value, or its exception.
func (m *Method) toInt(v *pyjson.Value) (*pyjson.Value, *Error) {
	switch v.Kind {
	case pyjson.True:
		return integer(1), nil
	case pyjson.False:
		return integer(0), nil
	case pyjson.Int:
		return v, nil
	case pyjson.Float:
		switch f := v.Float(); {
		case math.IsNaN(f):
			return nil, &Error{"ValueError", "cannot convert float NaN to integer"}
		case math.IsInf(f, 0):
			return nil, &Error{"OverflowError", "cannot convert float infinity to integer"}
		default:
			return &pyjson.Value{Kind: pyjson.Int, Text: strconv.FormatFloat(math.Trunc(f)+0, 'f', 0, 64)}, nil
		}
	case pyjson.String, pyjson.Bytes:
		text := strings.TrimSpace(v.Text)
		sign := ""
		if text != "" && (text[0] == '-' || text[0] == '+') {
			sign, text = strings.TrimPrefix(text[:1], "+"), text[1:]
		}
		if n, ok := digits(text); ok {
			if n.Text != "0" {
				n.Text = sign + n.Text
			}
			return n, nil
		}
		return nil, &Error{"ValueError", fmt.Sprintf("invalid literal for int() with base 10: '%s'", v.Text)}
	}
	return nil, m.invalid("int() argument must be a string, a bytes-like object or a real number, not '%s'", typeName(v))
}

// pairs unpacks the elements of a value into two each.
func (m *Method) pairs(v *pyjson.Value) ([][]pyjson.Value, error) {
	list, ok := elements(v)
	if !ok {
		return nil, m.notIterable(v)
	}
	var found [][]pyjson.Value
	for i := range list {
		pair, ok := elements(&list[i])
		switch {
		case !ok:
			return nil, m.invalid("cannot unpack non-iterable %s object", typeName(&list[i]))
		case len(pair) < 2:
			return nil, &Error{"ValueError", fmt.Sprintf("not enough values to unpack (expected 2, got %d)", len(pair))}
		case len(pair) > 2:
			return nil, &Error{"ValueError", "too many values to unpack (expected 2)"}
		}
		found = append(found, pair)
	}
	return found, nil
}

// maxElements is how many characters of a text and keys of a dict a call may be
// given for a list: each becomes a word, and Redis takes no more of them.
const maxElements = 1 << 20

// elements returns what iterating over a value gives: the elements of a list,
// the keys of a dict, the characters of a text. There are none where there are
// more than maxElements.
func elements(v *pyjson.Value) ([]pyjson.Value, bool) {
	var found []pyjson.Value
	text := func(s string) { found = append(found, pyjson.Value{Kind: pyjson.String, Text: s}) }
	switch {
	case v.Kind == pyjson.Array:
		return v.Items, true
	case v.Kind == pyjson.Object && len(v.Keys) <= maxElements:
		eachPair(v, func(key string, _ *pyjson.Value) { text(key) })
	case v.Kind == pyjson.String && len(v.Text) <= maxElements:
		for _, r := range v.Text {
			text(string(r))
		}
	default:
		return nil, false
	}
	return found, true
}

// eachPair calls fn for the keys and values of a dict. A key that is written
// more than once stands in its first place with its last value.
func eachPair(v *pyjson.Value, fn func(key string, value *pyjson.Value)) {
	last := make(map[string]int, len(v.Keys))
	for i, key := range v.Keys {
		last[key] = i
	}
	for _, key := range v.Keys {
		if i, ok := last[key]; ok {
			fn(key, &v.Items[i])
			delete(last, key)
		}
	}
}

func integer(n int) *pyjson.Value {
	return &pyjson.Value{Kind: pyjson.Int, Text: strconv.Itoa(n)}
}

// digits returns the integer that a text of decimal digits stands for, as int()
// reads it.
func digits(text string) (*pyjson.Value, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return nil, false
	}
	text = strings.TrimLeft(text[:len(text)-1], "0") + text[len(text)-1:]
	return &pyjson.Value{Kind: pyjson.Int, Text: text}, true
}

// invalid is the error for arguments that do not fit.
func (m *Method) invalid(format string, a ...any) *Error {
	return &Error{"TypeError", "Invalid arguments for " + m.name + ": " + fmt.Sprintf(format, a...)}
}

// unsized is invalid for what has no length.
func (m *Method) unsized(v *pyjson.Value) error {
	return m.invalid("object of type '%s' has no len()", typeName(v))
}

// notIterable is invalid for what cannot be iterated over.
func (m *Method) notIterable(v *pyjson.Value) error {
	return m.invalid("'%s' object is not iterable", typeName(v))
}

// unhashable is invalid for what cannot be looked up.
func (m *Method) unhashable(v *pyjson.Value) error {
	return m.invalid("unhashable type: '%s'", typeName(v))
}

// noAttribute is invalid for what has no such attribute.
func (m *Method) noAttribute(v *pyjson.Value, name string) error {
	return m.invalid("'%s' object has no attribute '%s'", typeName(v), name)
}

// misfit is invalid for what Python says of a function, by name, when it is
// called.
func (m *Method) misfit(format string, a ...any) error {
	return m.invalid(m.name+"() "+format, a...)
}

// tooMany is the error for n arguments by position; n and what Python says
// include self.
func (m *Method) tooMany(n int) error {
	most, least := 1+m.positional, 1
	for _, p := range m.params[:m.positional] {
		if p.required {
			least++
		}
	}
	if least < most {
		return m.misfit("takes from %d to %d positional arguments but %d were given", least, most, n)
	}
	return m.misfit("takes %d positional argument%s but %d were given", most, plural(most), n)
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// enumerate lists names as Python does: 'a', 'b', and 'c'.
func enumerate(names []string) string {
	quoted := slices.Clone(names)
	for i, name := range names {
		quoted[i] = "'" + name + "'"
	}
	switch n := len(quoted); n {
	case 1:
		return quoted[0]
	case 2:
		return quoted[0] + " and " + quoted[1]
	default:
		return strings.Join(quoted[:n-1], ", ") + ", and " + quoted[n-1]
	}
}
