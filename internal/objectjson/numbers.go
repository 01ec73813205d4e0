package objectjson

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/znsocket/znsocket/internal/npy"
)

// Slices and arrays of numbers are read and written without a look at every
// element's type.

// isNumeric reports whether t is a slice or array of numbers, or of such.
func isNumeric(t reflect.Type) bool {
	for range npy.MaxDims { // type T []T has no end
		if t == nil || t.Kind() != reflect.Slice && t.Kind() != reflect.Array || hasMethods(t) {
			return false
		}
		if t = t.Elem(); isNumber(t) {
			return true
		}
	}
	return false
}

// isNumber leaves bytes out: a slice of them is base64.
func isNumber(t reflect.Type) bool {
	switch k := t.Kind(); {
	case k == reflect.Uint8, k < reflect.Int, k > reflect.Float64, k == reflect.Uintptr:
		return false
	}
	return !hasMethods(t)
}

// hasMethods reports whether a value of t may know JSON of its own.
func hasMethods(t reflect.Type) bool { return reflect.PointerTo(t).NumMethod() > 0 }

// elements returns the elements of a slice or addressable array. T is their
// kind; a named type has the same memory.
func elements[T any](v reflect.Value) []T {
	if v.Kind() == reflect.Array {
		v = v.Slice(0, v.Len())
	}
	return unsafe.Slice((*T)(v.UnsafePointer()), v.Len())
}

// numbers appends v, which is numeric.
func (e *encoder) numbers(v reflect.Value) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		e.out = append(e.out, "null"...)
		return
	}
	if v.Kind() == reflect.Array && !v.CanAddr() {
		p := reflect.New(v.Type()).Elem()
		p.Set(v)
		v = p
	}
	switch v.Type().Elem().Kind() {
	case reflect.Int:
		appendInts[int](e, v)
	case reflect.Int8:
		appendInts[int8](e, v)
	case reflect.Int16:
		appendInts[int16](e, v)
	case reflect.Int32:
		appendInts[int32](e, v)
	case reflect.Int64:
		appendInts[int64](e, v)
	case reflect.Uint:
		appendUints[uint](e, v)
	case reflect.Uint16:
		appendUints[uint16](e, v)
	case reflect.Uint32:
		appendUints[uint32](e, v)
	case reflect.Uint64:
		appendUints[uint64](e, v)
	case reflect.Float32:
		appendFloats[float32](e, v)
	case reflect.Float64:
		appendFloats[float64](e, v)
	default:
		start := e.open()
		for i := range v.Len() {
			e.numbers(v.Index(i))
			e.out = append(e.out, ',')
			if i == 0 {
				e.reserve(start, count(v.Index(0)), count(v))
			}
		}
		e.close()
	}
}

// open begins a list and returns where.
func (e *encoder) open() int {
	e.out = append(e.out, '[')
	return len(e.out)
}

// reserve makes room for n numbers, which will be about as long as the few that
// were written since start.
func (e *encoder) reserve(start, few, n int) {
	each := float64(len(e.out)-start) / float64(few)
	e.out = slices.Grow(e.out, int(1.03*each*float64(n-few)))
}

// count returns the number of numbers in v and of the lists around them.
func count(v reflect.Value) int {
	if isNumber(v.Type().Elem()) {
		return 1 + v.Len()
	}
	n := 1
	for i := range v.Len() {
		n += count(v.Index(i))
	}
	return n
}

// close ends a list. Every element left a comma behind it.
func (e *encoder) close() {
	if n := len(e.out); e.out[n-1] == ',' {
		e.out = e.out[:n-1]
	}
	e.out = append(e.out, ']')
}

func appendList[T any](e *encoder, list []T, appendTo func([]byte, T) []byte) {
	const few = 64
	start := e.open()
	for i, x := range list {
		e.out = append(appendTo(e.out, x), ',')
		if i == few-1 {
			e.reserve(start, few, len(list))
		}
	}
	e.close()
}

func appendInts[T int | int8 | int16 | int32 | int64](e *encoder, v reflect.Value) {
	appendList(e, elements[T](v), func(dst []byte, n T) []byte {
		return strconv.AppendInt(dst, int64(n), 10)
	})
}

func appendUints[T uint | uint16 | uint32 | uint64](e *encoder, v reflect.Value) {
	appendList(e, elements[T](v), func(dst []byte, n T) []byte {
		return strconv.AppendUint(dst, uint64(n), 10)
	})
}

func appendFloats[T float32 | float64](e *encoder, v reflect.Value) {
	appendList(e, elements[T](v), func(dst []byte, f T) []byte {
		return appendFloat(dst, f, e.nanAsNull)
	})
}

// numbers reads a list of numbers into v, a slice or array of them.
func (d *decoder) numbers(v reflect.Value) error {
	if v.Kind() == reflect.Slice {
		// What follows may be wrong; it is not longer than its commas say.
		list := d.in[d.at:]
		if end := strings.IndexByte(list, ']'); end >= 0 {
			list = list[:end]
		}
		n := strings.Count(list, ",") + 1
		v.Set(reflect.MakeSlice(v.Type(), n, n))
	} else {
		v.SetZero()
	}
	switch v.Type().Elem().Kind() {
	case reflect.Int:
		return readNumbers(d, v, parseInt[int])
	case reflect.Int8:
		return readNumbers(d, v, parseInt[int8])
	case reflect.Int16:
		return readNumbers(d, v, parseInt[int16])
	case reflect.Int32:
		return readNumbers(d, v, parseInt[int32])
	case reflect.Int64:
		return readNumbers(d, v, parseInt[int64])
	case reflect.Uint:
		return readNumbers(d, v, parseUint[uint])
	case reflect.Uint16:
		return readNumbers(d, v, parseUint[uint16])
	case reflect.Uint32:
		return readNumbers(d, v, parseUint[uint32])
	case reflect.Uint64:
		return readNumbers(d, v, parseUint[uint64])
	case reflect.Float32:
		return readNumbers(d, v, parseFloat[float32])
	}
	return readNumbers(d, v, parseFloat[float64])
}

func readNumbers[T any](d *decoder, v reflect.Value, parse func(string) (T, error)) error {
	list, n := elements[T](v), 0
	err := d.items(func() error {
		n++
		switch c := d.peek(); {
		case n > len(list): // an array may be shorter
			return d.pass(c)
		case c == 'n': // leaves a zero, as in encoding/json
			return d.word("null")
		case !startsNumber(c):
			return d.mismatch(v.Type().Elem())
		}
		text, _, err := d.number()
		if err != nil {
			return err
		}
		if list[n-1], err = parse(text); err != nil {
			return d.wrongNumber(text, v.Type().Elem())
		}
		return nil
	})
	if v.Kind() == reflect.Slice && n < len(list) {
		v.SetLen(n)
	}
	return err
}

func parseInt[T int | int8 | int16 | int32 | int64](text string) (T, error) {
	n, err := strconv.ParseInt(text, 10, int(unsafe.Sizeof(T(0)))*8)
	return T(n), err
}

func parseUint[T uint | uint16 | uint32 | uint64](text string) (T, error) {
	n, err := strconv.ParseUint(text, 10, int(unsafe.Sizeof(T(0)))*8)
	return T(n), err
}

func parseFloat[T float32 | float64](text string) (T, error) {
	f, err := strconv.ParseFloat(text, int(unsafe.Sizeof(T(0)))*8)
	return T(f), err
}
