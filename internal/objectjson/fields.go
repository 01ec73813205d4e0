package objectjson

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// field is a member of a struct's JSON object.
type field struct {
	name       string
	quotedName []byte
	index      []int
	tagged     bool // has its name from the tag
	omitEmpty  bool
	omitZero   bool
	asString   bool
}

var fieldCache sync.Map // reflect.Type → []field

// fieldsOf returns the fields of a struct that encoding/json would use.
func fieldsOf(t reflect.Type) []field {
	if known, ok := fieldCache.Load(t); ok {
		return known.([]field)
	}
	all := collectFields(nil, t, nil, map[reflect.Type]bool{})
	byName := map[string][]field{}
	for _, f := range all {
		byName[f.name] = append(byName[f.name], f)
	}
	fields := slices.DeleteFunc(all, func(f field) bool {
		best, ok := dominant(byName[f.name])
		return !ok || !slices.Equal(f.index, best.index)
	})
	known, _ := fieldCache.LoadOrStore(t, fields)
	return known.([]field)
}

// FieldNames returns the names under which encoding/json would write the fields
// of a struct, in that order.
func FieldNames(v reflect.Value) []string {
	var names []string
	for _, f := range fieldsOf(v.Type()) {
		if in, ok := f.in(v); ok && !f.omits(in) {
			names = append(names, f.name)
		}
	}
	return names
}

// FieldNamed returns the field of a struct that FieldNames calls so.
func FieldNamed(v reflect.Value, name string) (reflect.Value, bool) {
	for _, f := range fieldsOf(v.Type()) {
		if f.name == name {
			in, ok := f.in(v)
			return in, ok && !f.omits(in)
		}
	}
	return reflect.Value{}, false
}

// dominant returns the field that hides the others of its name: Go's rule for
// embedded structs, but that of equally deep ones a tagged one wins. Without a
// single winner none counts.
func dominant(same []field) (field, bool) {
	order := func(a, b field) int {
		if c := cmp.Compare(len(a.index), len(b.index)); c != 0 || a.tagged == b.tagged {
			return c
		}
		if a.tagged {
			return -1
		}
		return 1
	}
	slices.SortStableFunc(same, order)
	return same[0], len(same) == 1 || order(same[0], same[1]) != 0
}

// collectFields appends the fields of t and of the structs embedded in it.
// within are the structs it is itself embedded in: one that embeds itself adds
// nothing that is not hidden already.
func collectFields(all []field, t reflect.Type, index []int, within map[reflect.Type]bool) []field {
	if within[t] {
		return all
	}
	within[t] = true
	defer delete(within, t)
	for i := range t.NumField() {
		sf := t.Field(i)
		base := sf.Type
		if base.Kind() == reflect.Pointer && base.Name() == "" {
			base = base.Elem()
		}
		embedded := sf.Anonymous && base.Kind() == reflect.Struct
		tag := sf.Tag.Get("json")
		if tag == "-" || !sf.IsExported() && !embedded {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if !validName(name) {
			name = ""
		}
		at := append(slices.Clip(index), i)
		if embedded && name == "" {
			all = collectFields(all, base, at, within)
			continue
		}
		f := field{name: cmp.Or(name, sf.Name), index: at, tagged: name != ""}
		f.quotedName, _ = standard(f.name)
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "omitempty":
				f.omitEmpty = true
			case "omitzero":
				f.omitZero = true
			case "string":
				f.asString = base.Kind() == reflect.String || reflect.Bool <= base.Kind() && base.Kind() <= reflect.Float64
			}
		}
		all = append(all, f)
	}
	return all
}

func validName(name string) bool {
	return strings.IndexFunc(name, func(r rune) bool {
		return !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) < 0
}

// find returns the field of a key. Another case will do where none is equal.
func find(fields []field, key string) *field {
	var similar *field
	for i := range fields {
		f := &fields[i]
		if f.name == key {
			return f
		}
		if similar == nil && strings.EqualFold(f.name, key) {
			similar = f
		}
	}
	return similar
}

// in returns the field of v; there is none in an embedded pointer that is nil.
func (f *field) in(v reflect.Value) (reflect.Value, bool) {
	for i, n := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(n)
	}
	return v, true
}

// makeIn is in for writing: it makes the structs that are missing on the way.
func (f *field) makeIn(v reflect.Value) (reflect.Value, error) {
	for i, n := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !v.CanSet() {
					return reflect.Value{}, fmt.Errorf("json: cannot set embedded pointer to unexported struct: %s", v.Type().Elem())
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(n)
	}
	return v, nil
}

func (f *field) omits(v reflect.Value) bool {
	return f.omitZero && isZero(v) || f.omitEmpty && isEmpty(v)
}

type zeroer interface{ IsZero() bool }

var zeroerType = reflect.TypeFor[zeroer]()

func isZero(v reflect.Value) bool {
	t := v.Type()
	switch {
	case t.Implements(zeroerType):
		inner := v
		if v.Kind() == reflect.Interface {
			inner = v.Elem()
		}
		if !inner.IsValid() || inner.Kind() == reflect.Pointer && inner.IsNil() {
			return true
		}
		return v.Interface().(zeroer).IsZero()
	case reflect.PointerTo(t).Implements(zeroerType):
		p := reflect.New(t)
		p.Elem().Set(v)
		return p.Interface().(zeroer).IsZero()
	}
	return v.IsZero()
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
