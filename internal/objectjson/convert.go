package objectjson

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/znsocket/znsocket/internal/npy"
)

// Converter writes the values of one type as {"_type":Name,"value":…}, the form
// of Python's znjson, and reads them.
type Converter struct {
	Name string
	Type reflect.Type
	// Encode returns what is written as the value: anything that can be.
	Encode func(v any) (any, error)
	// Decode makes a value of Type of what an interface gets for the value.
	Decode func(value any) (any, error)
}

// Converters are the converters of one object. Nothing in them changes once it is
// in use; nil are none.
type Converters struct {
	byType map[reflect.Type]Converter
	byName map[string]Converter
}

// Add adds a converter in the place of those for the same type or of the same
// name.
func (cs *Converters) Add(c Converter) {
	if cs.byType == nil {
		cs.byType, cs.byName = map[reflect.Type]Converter{}, map[string]Converter{}
	}
	delete(cs.byName, cs.byType[c.Type].Name)
	delete(cs.byType, cs.byName[c.Name].Type)
	cs.byType[c.Type], cs.byName[c.Name] = c, c
}

// Encode is the function Encode, but that values that have a converter are
// written by it wherever they are, before any method of theirs is asked. What a
// json.Marshaler writes is left as it is.
func (cs *Converters) Encode(v any, nanAsNull bool) ([]byte, error) {
	if cs == nil {
		return Encode(v, nanAsNull)
	}
	e := encoder{nanAsNull: nanAsNull, converters: cs}
	err := e.value(reflect.ValueOf(v))
	return e.out, err
}

// Decode is the function Decode, but that what a converter wrote is read by it:
// in interfaces, and in a place of its type, where "_type" comes first.
func (cs *Converters) Decode(text string, dst any) error {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return &json.InvalidUnmarshalError{Type: reflect.TypeOf(dst)}
	}
	d := decoder{in: text, converters: cs}
	if err := d.value(v.Elem()); err != nil {
		return err
	}
	return d.end()
}

// find returns the converter for a value, or for what it holds or points to, and
// where that is.
func (cs *Converters) find(v reflect.Value) (c Converter, at reflect.Value, ok bool) {
	for range 3 { // an interface, a pointer in it, a value
		pointing := v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer
		if cs == nil || pointing && v.IsNil() {
			break
		}
		if c, ok := cs.byType[v.Type()]; ok {
			return c, v, true
		}
		if !pointing {
			break
		}
		v = v.Elem()
	}
	return Converter{}, v, false
}

// withinList reports whether elements of a list, or of lists in it, have a
// converter.
func (cs *Converters) withinList(t reflect.Type) bool {
	for range npy.MaxDims { // as in isNumeric
		if cs == nil || t.Kind() != reflect.Slice && t.Kind() != reflect.Array {
			return false
		}
		t = t.Elem()
		if _, ok := cs.byType[t]; ok {
			return true
		}
	}
	return false
}

// converted writes a value by its converter.
func (e *encoder) converted(v reflect.Value, c Converter) error {
	value, err := c.Encode(v.Interface())
	if err != nil {
		return fmt.Errorf("json: %s: %w", c.Name, err)
	}
	name, err := standard(c.Name)
	if err != nil {
		return err
	}
	e.out = append(append(e.out, `{"_type":`...), name...)
	e.out = append(e.out, `,"value":`...)
	if err := e.value(reflect.ValueOf(value)); err != nil {
		return err
	}
	e.out = append(e.out, '}')
	return nil
}

// dynamicObject is what an interface gets for an object: what a converter or numpy
// makes of it, else m itself.
func (d *decoder) dynamicObject(m map[string]any) (any, error) {
	if x, ok, err := d.converted(m); ok || err != nil {
		return x, err
	}
	if a, ok, err := arrayIn(m); ok || err != nil {
		return NewArray(a), err
	}
	return m, nil
}

// converted returns what a converter makes of m, if m is what one wrote.
func (d *decoder) converted(m map[string]any) (x any, ok bool, err error) {
	if d.converters == nil {
		return nil, false, nil
	}
	name, _ := m["_type"].(string)
	value, hasValue := m["value"]
	c, known := d.converters.byName[name]
	if !hasValue || !known {
		return nil, false, nil
	}
	if x, err = c.Decode(value); err != nil {
		return nil, true, fmt.Errorf("json: %s: %w", name, err)
	}
	return x, true, nil
}

// convertInto reads what the converter for its type wrote into v, if that is what
// comes next.
func (d *decoder) convertInto(v reflect.Value) (done bool, err error) {
	c, ok := d.converters.byType[v.Type()]
	if !ok {
		return false, nil
	}
	start := *d
	begins := d.beginsWith("_type", c.Name)
	*d = start
	if !begins {
		return false, nil
	}
	m, err := d.tree()
	if err != nil {
		return true, err
	}
	x, ok, err := d.converted(m)
	if err != nil {
		return true, err
	}
	if !ok || reflect.TypeOf(x) != c.Type { // "_type" may come twice
		*d = start
		return false, nil
	}
	v.Set(reflect.ValueOf(x))
	return true, nil
}

// beginsWith reports whether an object begins with a key and a text for it.
func (d *decoder) beginsWith(key, text string) bool {
	for _, want := range []string{key, text} {
		d.at++ // the mark before
		if d.peek() != '"' {
			return false
		}
		if s, err := d.str(); err != nil || s != want {
			return false
		}
		if want == key && d.peek() != ':' {
			return false
		}
	}
	return true
}

// dynamicOf reads a value for an interface that has methods, which a converter may
// make.
func (d *decoder) dynamicOf(v reflect.Value) error {
	start := *d
	x, err := d.any()
	if err != nil {
		return err
	}
	if x == nil || !reflect.TypeOf(x).AssignableTo(v.Type()) {
		*d = start
		return d.mismatch(v.Type())
	}
	v.Set(reflect.ValueOf(x))
	return nil
}
