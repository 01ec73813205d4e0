// Package objectjson is how a List's element or a Dict's value becomes the JSON
// text in the store, and back. It is encoding/json where the text is ordinary,
// and knows what Python writes beyond that: NaN and infinities, whole numbers
// of any length, numpy's arrays.
package objectjson

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"sync"
)

// MaxDepth is how deep arrays and objects may nest, as in encoding/json.
const MaxDepth = 10000

// Encode returns v as encoding/json writes it, without its escapes for HTML.
// NaN and infinities, which encoding/json refuses, are written as Python does
// (NaN, Infinity, -Infinity), or as null where nanAsNull is set.
func Encode(v any, nanAsNull bool) ([]byte, error) {
	if s, ok := v.(string); ok && isPlain(s) {
		return append(append(append(make([]byte, 0, len(s)+2), '"'), s...), '"'), nil
	}
	if a, ok := AsArray(v); ok {
		return EncodeArray(a)
	}
	e := encoder{nanAsNull: nanAsNull}
	if isNumeric(reflect.TypeOf(v)) {
		e.numbers(reflect.ValueOf(v))
		return e.out, nil
	}
	text, err := standard(v)
	if err == nil {
		return text, nil
	}
	var unsupported *json.UnsupportedValueError
	if !errors.As(err, &unsupported) || !unsupported.Value.CanFloat() {
		return nil, err
	}
	if err := e.value(reflect.ValueOf(v)); err != nil {
		return nil, err
	}
	return e.out, nil
}

// isPlain reports whether JSON has s as it is, between quotes.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// standard is json.Marshal without the escapes for HTML.
func standard(v any) ([]byte, error) {
	w := standardPool.Get().(*standardWriter)
	defer standardPool.Put(w)
	err := w.enc.Encode(v)
	text := w.text
	w.text = nil
	return text, err
}

// standardWriter keeps what its encoder writes: the text in one piece, and a
// newline.
type standardWriter struct {
	enc  *json.Encoder
	text []byte
}

func (w *standardWriter) Write(p []byte) (int, error) {
	w.text = bytes.Clone(p[:len(p)-1])
	return len(p), nil
}

var standardPool = sync.Pool{New: func() any {
	w := new(standardWriter)
	w.enc = json.NewEncoder(w)
	w.enc.SetEscapeHTML(false)
	return w
}}

// encoder walks a value with NaN, an infinity or something for a converter in it.
// What can hold none of them it leaves to encoding/json.
type encoder struct {
	out        []byte
	nanAsNull  bool
	converters *Converters
	depth      int
}

var (
	marshalerType     = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

// marshalsItself reports whether encoding/json would ask v for its text.
func marshalsItself(v reflect.Value) bool {
	t := v.Type()
	if t.Implements(marshalerType) || t.Implements(textMarshalerType) {
		return true
	}
	t = reflect.PointerTo(t)
	return v.CanAddr() && (t.Implements(marshalerType) || t.Implements(textMarshalerType))
}

func (e *encoder) value(v reflect.Value) error {
	if !v.IsValid() {
		e.out = append(e.out, "null"...)
		return nil
	}
	c, at, converts := e.converters.find(v)
	if !converts && marshalsItself(v) {
		return e.standard(v)
	}
	// A cycle is found here too: encoding/json looks for one only after
	// everything before it could be written.
	if e.depth++; e.depth > MaxDepth {
		return fmt.Errorf("json: nested deeper than %d, or a cycle through %s", MaxDepth, v.Type())
	}
	defer func() { e.depth-- }()

	if converts {
		return e.converted(at, c)
	}
	switch v.Kind() {
	case reflect.Float32:
		e.out = appendFloat(e.out, float32(v.Float()), e.nanAsNull)
	case reflect.Float64:
		e.out = appendFloat(e.out, v.Float(), e.nanAsNull)
	case reflect.Interface, reflect.Pointer:
		return e.value(v.Elem())
	case reflect.Struct:
		return e.structure(v)
	case reflect.Map:
		return e.mapping(v)
	case reflect.Slice, reflect.Array:
		return e.list(v)
	default:
		return e.standard(v)
	}
	return nil
}

func (e *encoder) standard(v reflect.Value) error {
	if v.CanAddr() { // for methods of the pointer
		v = v.Addr()
	}
	text, err := standard(v.Interface())
	e.out = append(e.out, text...)
	return err
}

func (e *encoder) list(v reflect.Value) error {
	plain := !e.converters.withinList(v.Type())
	switch {
	case plain && isNumeric(v.Type()):
		e.numbers(v)
		return nil
	case plain && v.Type().Elem().Kind() == reflect.Uint8, v.Kind() == reflect.Slice && v.IsNil():
		return e.standard(v)
	}
	e.out = append(e.out, '[')
	for i := range v.Len() {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		if err := e.value(v.Index(i)); err != nil {
			return err
		}
	}
	e.out = append(e.out, ']')
	return nil
}

func (e *encoder) mapping(v reflect.Value) error {
	if v.IsNil() {
		return e.value(reflect.Value{})
	}
	type member struct {
		key   string
		value reflect.Value
	}
	members := make([]member, 0, v.Len())
	for iter := v.MapRange(); iter.Next(); {
		key, err := keyText(iter.Key())
		if err != nil {
			return err
		}
		members = append(members, member{key, iter.Value()})
	}
	slices.SortFunc(members, func(a, b member) int { return cmp.Compare(a.key, b.key) })

	e.out = append(e.out, '{')
	for i, m := range members {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		if err := e.value(reflect.ValueOf(m.key)); err != nil {
			return err
		}
		e.out = append(e.out, ':')
		if err := e.value(m.value); err != nil {
			return err
		}
	}
	e.out = append(e.out, '}')
	return nil
}

func keyText(k reflect.Value) (string, error) {
	if k.Kind() == reflect.String {
		return k.String(), nil
	}
	if m, ok := k.Interface().(encoding.TextMarshaler); ok {
		if k.Kind() == reflect.Pointer && k.IsNil() {
			return "", nil
		}
		text, err := m.MarshalText()
		return string(text), err
	}
	switch {
	case k.CanInt():
		return strconv.FormatInt(k.Int(), 10), nil
	case k.CanUint():
		return strconv.FormatUint(k.Uint(), 10), nil
	}
	return "", &json.UnsupportedTypeError{Type: k.Type()}
}

func (e *encoder) structure(v reflect.Value) error {
	e.out = append(e.out, '{')
	first := true
	for _, f := range fieldsOf(v.Type()) {
		value, ok := f.in(v)
		if !ok || f.omits(value) {
			continue
		}
		if !first {
			e.out = append(e.out, ',')
		}
		first = false
		e.out = append(e.out, f.quotedName...)
		e.out = append(e.out, ':')
		start := len(e.out)
		if err := e.value(value); err != nil {
			return err
		}
		if f.asString && !marshalsItself(value) {
			if err := e.quote(start); err != nil {
				return err
			}
		}
	}
	e.out = append(e.out, '}')
	return nil
}

// quote makes a JSON string of the text from start on, unless that is null.
func (e *encoder) quote(start int) error {
	text := string(e.out[start:])
	if text == "null" {
		return nil
	}
	e.out = e.out[:start]
	return e.standard(reflect.ValueOf(text))
}

// appendFloat appends f as encoding/json does, which is as JavaScript does.
func appendFloat[T float32 | float64](dst []byte, f T, nanAsNull bool) []byte {
	const exact = 1 << 24 // whole numbers up to here are their own shortest text
	wide := float64(f)
	if n := int64(wide); -exact < n && n < exact && float64(n) == wide && (n != 0 || !math.Signbit(wide)) {
		return strconv.AppendInt(dst, n, 10)
	}
	if math.IsNaN(wide) || math.IsInf(wide, 0) {
		return append(dst, nonFinite(wide, nanAsNull)...)
	}
	bits := 64
	small, large := wide != 0 && math.Abs(wide) < 1e-6, math.Abs(wide) >= 1e21
	if _, ok := any(f).(float32); ok {
		bits = 32
		abs := float32(math.Abs(wide))
		small, large = abs != 0 && abs < 1e-6, abs >= 1e21
	}
	if !small && !large {
		return strconv.AppendFloat(dst, wide, 'f', -1, bits)
	}
	dst = strconv.AppendFloat(dst, wide, 'e', -1, bits)
	if n := len(dst); dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' { // e-09 is written e-9
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

func nonFinite(f float64, nanAsNull bool) string {
	switch {
	case nanAsNull:
		return "null"
	case math.IsNaN(f):
		return "NaN"
	case f > 0:
		return "Infinity"
	}
	return "-Infinity"
}
