package pycall

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// writer appends a reply as JSON. err is what has no such form.
type writer struct {
	dst    []byte
	limit  int // how long dst may get
	groups int // see grouped
	err    error
}

func (w *writer) raw(s string) { w.dst = append(w.dst, s...) }

func (w *writer) bool(b bool) { w.dst = strconv.AppendBool(w.dst, b) }

func (w *writer) fail(reply any) {
	w.err = fmt.Errorf("a reply of Redis that does not fit the command: %T", reply)
}

// shaped writes a reply in a shape.
func (w *writer) shaped(s shape, reply any) {
	switch s {
	case asIs, asIsOrEmpty:
		w.value(reply)
	case okay:
		w.bool(isText(reply, "OK"))
	case stored:
		if reply == nil {
			w.raw("null")
		} else {
			w.bool(isText(reply, "OK"))
		}
	case truth:
		w.bool(isTrue(reply))
	case pong:
		w.bool(isText(reply, "PONG"))
	case whole:
		w.whole(reply)
	case float:
		w.float(reply)
	case text:
		if f, ok := reply.(float64); ok {
			w.text(keyspace.FormatFloat(f))
		} else {
			w.value(reply)
		}
	case clock:
		w.list(reply, whole)
	case floats:
		w.list(reply, float)
	case set:
		if reply == nil {
			w.raw("[]")
		} else {
			w.list(reply, asIs)
		}
	case mapping:
		w.pairs(reply, asObject, asIs)
	case pairs:
		w.pairs(reply, nested, asIs)
	case scored:
		w.pairs(reply, nested, float)
	case members:
		w.pairs(reply, nested, text)
	case flatPairs:
		w.pairs(reply, flat, text)
	case ranked:
		w.two(reply, asIs, float)
	case popped:
		w.two(reply, asIs, members)
	case matches:
		if m, ok := reply.(map[any]any); ok {
			reply = []any{"matches", m["matches"], "len", m["len"]}
		}
		w.value(reply)
	case scan:
		w.two(reply, whole, asIs)
	case scanMapping:
		w.two(reply, whole, mapping)
	case scanScored:
		w.two(reply, whole, scored)
	case scanned:
		w.second(reply, asIs)
	case scannedPairs:
		w.second(reply, pairs)
	case scannedScored:
		w.second(reply, scored)
	case nothing:
		w.raw("[]")
	case always:
		w.bool(true)
	case truths:
		w.list(reply, truth)
	default:
		w.value(parsers[s](w, reply))
	}
}

// value writes a reply in the form that its kind has by itself.
func (w *writer) value(reply any) {
	switch v := reply.(type) {
	case nil:
		w.raw("null")
	case string:
		w.text(v)
	case keyspace.Status:
		w.text(string(v))
	case int64:
		w.dst = strconv.AppendInt(w.dst, v, 10)
	case uint64:
		w.dst = strconv.AppendUint(w.dst, v, 10)
	case float64:
		w.dst = pyjson.AppendFloat(w.dst, v)
	case bool:
		w.bool(v)
	case keyspace.Pairs, map[any]any, map[string]any:
		w.pairs(v, asObject, asIs)
	case keyspace.Scores:
		w.pairs(v, nested, float)
	case keyspace.Scan:
		w.two(v, whole, asIs)
	case dict:
		w.pairs([]any(v), asObject, asIs)
	default:
		w.list(v, asIs)
	}
}

func (w *writer) text(s string) {
	if w.err != nil {
		return
	}
	if len(w.dst)+len(s) > w.limit {
		w.err = &Error{"TooLargeError", fmt.Sprintf("answer of more than %d bytes exceeds the limit", w.limit)}
		return
	}
	if !utf8.ValidString(s) {
		w.err = undecodable(s)
		return
	}
	w.dst = pyjson.AppendString(w.dst, s)
}

// undecodable is Python's refusal of a text that is not UTF-8.
func undecodable(s string) error {
	at := 0
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd") {
			at = i
			break
		}
	}
	return &Error{"UnicodeDecodeError", fmt.Sprintf("'utf-8' codec can't decode byte 0x%02x in position %d", s[at], at)}
}

func (w *writer) whole(reply any) {
	switch v := reply.(type) {
	case uint64:
		w.dst = strconv.AppendUint(w.dst, v, 10)
		return
	case string:
		if n, err := strconv.ParseUint(v, 10, 64); err == nil {
			w.dst = strconv.AppendUint(w.dst, n, 10)
			return
		}
	case int64:
		w.dst = strconv.AppendInt(w.dst, v, 10)
		return
	}
	w.fail(reply)
}

func (w *writer) float(reply any) {
	switch v := reply.(type) {
	case nil:
		w.raw("null")
		return
	case float64:
		w.dst = pyjson.AppendFloat(w.dst, v)
		return
	case int64:
		w.dst = pyjson.AppendFloat(w.dst, float64(v))
		return
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			w.dst = pyjson.AppendFloat(w.dst, f)
			return
		}
	}
	w.fail(reply)
}

// list writes an array of elements, each in a shape.
func (w *writer) list(reply any, element shape) {
	switch v := reply.(type) {
	case nil:
		w.raw("null")
	case []string:
		w.texts(v, element)
	case keyspace.Set:
		w.texts(v, element)
	case []any:
		w.raw("[")
		for i := range v {
			w.comma(i)
			w.shaped(element, v[i])
		}
		w.raw("]")
	default:
		w.fail(reply)
	}
}

func (w *writer) texts(list []string, element shape) {
	w.raw("[")
	for i, s := range list {
		w.comma(i)
		if element == asIs {
			w.text(s)
		} else {
			w.shaped(element, s)
		}
	}
	w.raw("]")
}

func (w *writer) comma(i int) {
	if i > 0 {
		w.raw(",")
	}
}

// two writes a reply of two parts as an array, each in a shape.
func (w *writer) two(reply any, first, second shape) {
	if reply == nil {
		w.raw("null")
		return
	}
	a, b, ok := split(reply)
	if !ok {
		w.fail(reply)
		return
	}
	w.raw("[")
	w.shaped(first, a)
	w.raw(",")
	w.shaped(second, b)
	w.raw("]")
}

// second writes the second of two parts.
func (w *writer) second(reply any, s shape) {
	_, b, ok := split(reply)
	if !ok {
		w.fail(reply)
		return
	}
	w.shaped(s, b)
}

func split(reply any) (first, second any, ok bool) {
	switch v := reply.(type) {
	case keyspace.Scan:
		return v.Cursor, v.Items, true
	case []any:
		if len(v) == 2 {
			return v[0], v[1], true
		}
	case []string:
		if len(v) == 2 {
			return v[0], v[1], true
		}
	}
	return nil, nil, false
}

// layout is how pairs are written.
type layout struct{ begin, before, between, after, end string }

var (
	asObject = &layout{"{", "", ":", "", "}"}
	nested   = &layout{"[", "[", ",", "]", "]"}
	flat     = &layout{"[", "", ",", "", "]"}
)

// pairs writes a reply of pairs, their second parts in a shape. Redis sends
// such replies as maps, as lists of pairs or as lists where the two follow each
// other.
func (w *writer) pairs(reply any, l *layout, second shape) {
	w.raw(l.begin)
	switch v := reply.(type) {
	case nil:
	case keyspace.Scores:
		for i := range v {
			w.beforePair(l, i)
			w.text(v[i].Member)
			w.raw(l.between)
			if second == text {
				w.text(keyspace.FormatFloat(v[i].Score))
			} else {
				w.dst = pyjson.AppendFloat(w.dst, v[i].Score)
			}
			w.raw(l.after)
		}
	case keyspace.Pairs:
		w.textPairs(v, l, second)
	case []string:
		w.textPairs(v, l, second)
	case []any:
		w.listedPairs(v, l, second)
	case map[any]any:
		w.listedPairs(flatten(v), l, second)
	case map[string]any:
		w.listedPairs(flatten(v), l, second)
	default:
		w.fail(reply)
	}
	w.raw(l.end)
}

func (w *writer) textPairs(list []string, l *layout, second shape) {
	if len(list)%2 != 0 {
		w.fail(list)
		return
	}
	for i := 0; i < len(list); i += 2 {
		w.beforePair(l, i)
		w.text(list[i])
		w.raw(l.between)
		if second == float {
			w.float(list[i+1])
		} else {
			w.text(list[i+1])
		}
		w.raw(l.after)
	}
}

func (w *writer) listedPairs(list []any, l *layout, second shape) {
	if len(list) > 0 {
		if _, ok := list[0].([]any); ok {
			for i, pair := range list {
				a, b, ok := split(pair)
				if !ok {
					w.fail(pair)
					return
				}
				w.pair(l, i, a, b, second)
			}
			return
		}
	}
	if len(list)%2 != 0 {
		w.fail(list)
		return
	}
	for i := 0; i < len(list); i += 2 {
		w.pair(l, i, list[i], list[i+1], second)
	}
}

func (w *writer) pair(l *layout, i int, a, b any, second shape) {
	w.beforePair(l, i)
	if _, ok := a.(string); ok || l != asObject {
		w.value(a)
	} else {
		w.text(fmt.Sprint(a)) // only a text can be a key
	}
	w.raw(l.between)
	w.shaped(second, b)
	w.raw(l.after)
}

func (w *writer) beforePair(l *layout, i int) {
	w.comma(i)
	w.raw(l.before)
}

// flatten returns a map as keys and values in turn, in the order of the keys:
// that of the server is lost.
func flatten[K comparable](m map[K]any) []any {
	less := func(a, b K) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	list := make([]any, 0, 2*len(m))
	for _, key := range slices.SortedFunc(maps.Keys(m), less) {
		list = append(list, key, m[key])
	}
	return list
}

func isText(reply any, want string) bool {
	switch v := reply.(type) {
	case keyspace.Status:
		return string(v) == want
	case string:
		return v == want
	}
	return false
}

// isTrue is Python's bool() of a reply.
func isTrue(reply any) bool {
	switch v := reply.(type) {
	case bool:
		return v
	case int64:
		return v != 0
	case string:
		return v != ""
	case keyspace.Status:
		return v != ""
	}
	return false
}
