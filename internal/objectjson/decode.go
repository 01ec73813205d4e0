package objectjson

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Decode reads text into the value dst points to, by the rules of encoding/json
// and these:
//
//   - NaN, Infinity and -Infinity are numbers.
//   - A number in an interface is an int64 where it is written without fraction
//     and exponent, else a float64: Python's int and float stay told apart and no
//     digit is lost. What fits neither is a json.Number, which is written back
//     digit by digit and, unlike a big.Int, costs no more than its length.
//   - An array of numpy becomes slices and arrays, or in an interface what
//     NewArray makes of it.
//
// A json.Unmarshaler gets its part of the text as it stands, NaN and all. After
// an error dst may be half written.
func Decode(text string, dst any) error { return (*Converters)(nil).Decode(text, dst) }

// value reads a value into v, which is settable.
func (d *decoder) value(v reflect.Value) error {
	c := d.peek()
	if d.converters != nil && c == '{' {
		if done, err := d.convertInto(v); done {
			return err
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if c == 'n' {
			v.SetZero()
			return d.word("null")
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return d.value(v.Elem())
	case reflect.Interface:
		return d.dynamic(v, c)
	}
	if done, err := d.unmarshaler(v, c); done {
		return err
	}
	switch c {
	case 'n':
		if v.Kind() == reflect.Map || v.Kind() == reflect.Slice {
			v.SetZero()
		}
		return d.word("null")
	case '{':
		return d.object(v)
	case '[':
		return d.list(v)
	case '"':
		return d.text(v)
	case 't', 'f':
		if v.Kind() != reflect.Bool {
			return d.mismatch(v.Type())
		}
		v.SetBool(c == 't')
		return d.pass(c)
	}
	return d.scalar(v)
}

// unmarshaler lets v read itself if it can.
func (d *decoder) unmarshaler(v reflect.Value, c byte) (done bool, err error) {
	if v.Type().Name() == "" || !hasMethods(v.Type()) || !v.Addr().CanInterface() {
		return false, nil
	}
	switch u := v.Addr().Interface().(type) {
	case json.Unmarshaler:
		raw, err := d.skip()
		if err != nil {
			return true, err
		}
		return true, u.UnmarshalJSON([]byte(raw))
	case encoding.TextUnmarshaler:
		if c == 'n' {
			return false, nil
		}
		if c != '"' {
			return true, d.mismatch(v.Type())
		}
		s, err := d.str()
		if err != nil {
			return true, err
		}
		return true, u.UnmarshalText([]byte(s))
	}
	return false, nil
}

// dynamic reads into what an interface holds, if that is a pointer, or makes a
// value for it.
func (d *decoder) dynamic(v reflect.Value, c byte) error {
	switch held := v.Elem(); {
	case c == 'n':
		v.SetZero()
		return d.word("null")
	case held.Kind() == reflect.Pointer && !held.IsNil():
		return d.value(held.Elem())
	case v.NumMethod() > 0 && c == '{':
		return d.dynamicOf(v)
	case v.NumMethod() > 0:
		return d.mismatch(v.Type())
	}
	x, err := d.any()
	if err == nil && x != nil {
		v.Set(reflect.ValueOf(x))
	}
	return err
}

// any reads a value for an interface.
func (d *decoder) any() (any, error) {
	switch c := d.peek(); c {
	case '{':
		m, err := d.tree()
		if err != nil {
			return nil, err
		}
		return d.dynamicObject(m)
	case '[':
		list := []any{}
		err := d.items(func() error {
			x, err := d.any()
			list = append(list, x)
			return err
		})
		return list, err
	case '"':
		s, err := d.str()
		return d.keep(s), err
	case 't', 'f':
		return c == 't', d.pass(c)
	case 'n':
		return nil, d.word("null")
	}
	text, whole, err := d.number()
	if err != nil {
		return nil, err
	}
	if whole {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
	} else if f, err := strconv.ParseFloat(text, 64); err == nil {
		return f, nil
	}
	return json.Number(d.keep(text)), nil
}

func (d *decoder) tree() (map[string]any, error) {
	m := map[string]any{}
	err := d.members(func(key string) error {
		x, err := d.any()
		m[d.keep(key)] = x
		return err
	})
	return m, err
}

func (d *decoder) object(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Struct:
		return d.structure(v)
	case reflect.Map:
		return d.mapping(v)
	}
	start := *d
	m, err := d.tree()
	if err != nil {
		return err
	}
	a, ok, err := arrayIn(m)
	if err != nil {
		return err
	}
	if !ok {
		*d = start
		return d.mismatch(v.Type())
	}
	return StoreArray(v, a)
}

func (d *decoder) structure(v reflect.Value) error {
	fields := fieldsOf(v.Type())
	return d.members(func(key string) error {
		f := find(fields, key)
		if f == nil {
			_, err := d.skip()
			return err
		}
		value, err := f.makeIn(v)
		if err != nil {
			return err
		}
		if f.asString {
			err = d.quoted(value)
		} else {
			err = d.value(value)
		}
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			wrong.Struct = v.Type().Name()
			wrong.Field = strings.TrimSuffix(f.name+"."+wrong.Field, ".")
		}
		return err
	})
}

// quoted reads a value that is written inside a string, as the option "string"
// of a tag has it.
func (d *decoder) quoted(v reflect.Value) error {
	switch c := d.peek(); c {
	case 'n':
		return d.value(v)
	case '"':
	default:
		return d.mismatch(v.Type())
	}
	s, err := d.str()
	if err != nil {
		return err
	}
	inner := decoder{in: s}
	if err := inner.value(v); err != nil {
		return fmt.Errorf("json: invalid use of ,string struct tag: %w", err)
	}
	if strings.TrimSpace(s) != s {
		return d.fail("white space in the string before")
	}
	return inner.end()
}

func (d *decoder) mapping(v reflect.Value) error {
	t := v.Type()
	if v.IsNil() {
		v.Set(reflect.MakeMap(t))
	}
	return d.members(func(text string) error {
		key, err := d.key(t.Key(), text)
		if err != nil {
			return err
		}
		value := reflect.New(t.Elem()).Elem()
		if err := d.value(value); err != nil {
			return err
		}
		v.SetMapIndex(key, value)
		return nil
	})
}

func (d *decoder) key(t reflect.Type, text string) (reflect.Value, error) {
	p := reflect.New(t)
	key := p.Elem()
	if u, ok := p.Interface().(encoding.TextUnmarshaler); ok {
		return key, u.UnmarshalText([]byte(text))
	}
	wrong := &json.UnmarshalTypeError{Value: "number " + text, Type: t, Offset: int64(d.at)}
	switch {
	case key.Kind() == reflect.String:
		key.SetString(d.keep(text))
		return key, nil
	case key.CanInt():
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || key.OverflowInt(n) {
			return key, wrong
		}
		key.SetInt(n)
		return key, nil
	case key.CanUint():
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || key.OverflowUint(n) {
			return key, wrong
		}
		key.SetUint(n)
		return key, nil
	}
	wrong.Value = "object"
	return key, wrong
}

func (d *decoder) list(v reflect.Value) error {
	t := v.Type()
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return d.mismatch(t)
	}
	if isNumber(t.Elem()) && !d.converters.withinList(t) {
		return d.numbers(v)
	}
	if v.Kind() == reflect.Slice {
		v.Set(reflect.MakeSlice(t, 0, 0))
		return d.items(func() error {
			v.Grow(1)
			v.SetLen(v.Len() + 1)
			return d.value(v.Index(v.Len() - 1))
		})
	}
	v.SetZero()
	n := 0
	return d.items(func() error {
		n++
		if n > v.Len() {
			_, err := d.skip()
			return err
		}
		return d.value(v.Index(n - 1))
	})
}

var numberType = reflect.TypeFor[json.Number]()

// text reads a string into v.
func (d *decoder) text(v reflect.Value) error {
	bytes := v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8
	switch {
	case bytes, v.Type() == numberType:
		raw, err := d.skip()
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(raw), v.Addr().Interface())
	case v.Kind() != reflect.String:
		return d.mismatch(v.Type())
	}
	s, err := d.str()
	v.SetString(d.keep(s))
	return err
}

// scalar reads a number into v.
func (d *decoder) scalar(v reflect.Value) error {
	if !startsNumber(d.peek()) {
		return d.unexpected()
	}
	text, _, err := d.number()
	if err != nil {
		return err
	}
	switch {
	case v.Type() == numberType && text[len(text)-1] <= '9':
		v.SetString(d.keep(text))
		return nil
	case v.CanInt():
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && !v.OverflowInt(n) {
			v.SetInt(n)
			return nil
		}
	case v.CanUint():
		if n, err := strconv.ParseUint(text, 10, 64); err == nil && !v.OverflowUint(n) {
			v.SetUint(n)
			return nil
		}
	case v.CanFloat():
		if f, err := strconv.ParseFloat(text, v.Type().Bits()); err == nil {
			v.SetFloat(f)
			return nil
		}
	}
	return d.wrongNumber(text, v.Type())
}
