package objectjson

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/znsocket/znsocket/internal/npy"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// An array of numpy is {"_type":"np.ndarray_small","value":nested lists} or
// {"_type":"np.ndarray_b64","value":base64 of an .npy file}: the converters of
// Python's znjson.
const (
	smallArray = "np.ndarray_small"
	fileArray  = "np.ndarray_b64"
)

// The root package sets these, to its public type of an array.
var (
	// NewArray makes the value an interface gets for an array.
	NewArray = func(a npy.Array) any { return &a }
	// AsArray tells an array from other values to encode. encoding/json, which
	// checks what a json.Marshaler gives it, takes ten times as long.
	AsArray = func(v any) (a npy.Array, ok bool) { return a, false }
)

// maxEmptyRows bounds the slices made for an array without elements: nothing
// but its shape, which is cheap to write, says how many there are.
const maxEmptyRows = 1 << 16

// EncodeArray writes a in the form Python's converter would take. Of the short
// ones that is the list only where it says enough: Python reads a list as
// float64, int64 or bool, and encoding/json would not pass NaN on.
func EncodeArray(a npy.Array) ([]byte, error) {
	file, err := npy.Marshal(a)
	if err != nil {
		return nil, err
	}
	if list, ok := shortList(a); ok {
		return fmt.Appendf(nil, `{"_type":%q,"value":%s}`, smallArray, list), nil
	}
	out := make([]byte, 0, base64.StdEncoding.EncodedLen(len(file))+len(fileArray)+32)
	out = fmt.Appendf(out, `{"_type":%q,"value":"`, fileArray)
	out = base64.StdEncoding.AppendEncode(out, file)
	return append(out, `"}`...), nil
}

func shortList(a npy.Array) ([]byte, bool) {
	if len(a.Shape) != 1 || a.Shape[0] == 0 || a.Shape[0] >= 20 {
		return nil, false
	}
	switch data := a.Data.(type) {
	case []float64:
		list := []byte{'['}
		for i, f := range data {
			if math.IsNaN(f) || math.IsInf(f, 0) {
				return nil, false
			}
			if i > 0 {
				list = append(list, ',')
			}
			list = pyjson.AppendFloat(list, f)
		}
		return append(list, ']'), true
	case []int, []int64, []bool:
		list, err := Encode(data, false)
		return list, err == nil
	}
	return nil, false
}

// DecodeArray reads an array, or nested lists of numbers as one.
func DecodeArray(text string) (npy.Array, error) {
	d := decoder{in: text}
	a, err := d.array()
	if err != nil {
		return npy.Array{}, err
	}
	return a, d.end()
}

func (d *decoder) array() (npy.Array, error) {
	if d.peek() != '{' {
		x, err := d.any()
		if err != nil {
			return npy.Array{}, err
		}
		return fromLists(x)
	}
	m, err := d.tree()
	if err != nil {
		return npy.Array{}, err
	}
	a, ok, err := arrayIn(m)
	if err == nil && !ok {
		err = errors.New("json: object is not an array of numpy")
	}
	return a, err
}

// arrayIn returns the array that m is, if it is one.
func arrayIn(m map[string]any) (a npy.Array, ok bool, err error) {
	value, ok := m["value"]
	if !ok {
		return a, false, nil
	}
	switch m["_type"] {
	case smallArray:
		a, err = fromLists(value)
		return a, true, err
	case fileArray:
		text, _ := value.(string)
		file, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return a, true, fmt.Errorf("json: %s: %w", fileArray, err)
		}
		a, err = npy.Parse(file)
		return a, true, err
	}
	return a, false, nil
}

// fromLists makes an array of nested lists as numpy does: of bools, of int64 or
// else uint64 where every number is a whole one that fits, else of float64. (Of
// uint64 and small numbers numpy makes float64, and loses digits.) null is NaN,
// for which znsocket's convert_nan writes it.
func fromLists(x any) (npy.Array, error) {
	shape := []int{}
	for level := x; ; {
		list, ok := level.([]any)
		if !ok {
			break
		}
		if shape = append(shape, len(list)); len(list) == 0 {
			break
		}
		level = list[0]
	}
	if _, err := npy.Size(shape); err != nil {
		return npy.Array{}, err
	}
	leaves, err := flatten(nil, x, shape)
	if err != nil {
		return npy.Array{}, err
	}
	data, err := alike(leaves)
	return npy.Array{Shape: shape, Data: data}, err
}

func alike(leaves []any) (any, error) {
	var bools []bool
	var ints []int64
	var uints []uint64
	floats := make([]float64, 0, len(leaves))
	for _, leaf := range leaves {
		switch n := leaf.(type) {
		case bool:
			bools = append(bools, n)
		case int64:
			ints = append(ints, n)
			if n >= 0 {
				uints = append(uints, uint64(n))
			}
			floats = append(floats, float64(n))
		case float64:
			floats = append(floats, n)
		case json.Number:
			if u, err := strconv.ParseUint(string(n), 10, 64); err == nil {
				uints = append(uints, u)
			}
			f, _ := strconv.ParseFloat(string(n), 64) // out of range is infinite, as in Python
			floats = append(floats, f)
		case nil:
			floats = append(floats, math.NaN())
		default:
			return nil, fmt.Errorf("json: %T in an array of numbers", leaf)
		}
	}
	switch n := len(leaves); {
	case n == 0:
		return floats, nil
	case len(bools) == n:
		return bools, nil
	case len(ints) == n:
		return ints, nil
	case len(uints) == n:
		return uints, nil
	case len(floats) == n:
		return floats, nil
	}
	return nil, errors.New("json: numbers and bools in one array")
}

func flatten(leaves []any, x any, shape []int) ([]any, error) {
	list, ok := x.([]any)
	if !ok && len(shape) == 0 {
		return append(leaves, x), nil
	}
	if !ok || len(shape) == 0 || len(list) != shape[0] {
		return nil, errors.New("json: lists of different lengths are no array")
	}
	for _, item := range list {
		var err error
		if leaves, err = flatten(leaves, item, shape[1:]); err != nil {
			return nil, err
		}
	}
	return leaves, nil
}

// StoreArray stores a in v: slices or arrays as deep as a has dimensions, of a
// type that its numbers fit, or interfaces, which get []any.
func StoreArray(v reflect.Value, a npy.Array) error {
	if err := npy.Check(a); err != nil {
		return err
	}
	rows := 1
	for _, n := range a.Shape {
		if n == 0 && rows > maxEmptyRows {
			return fmt.Errorf("json: array of shape %v: more than %d rows without elements", a.Shape, maxEmptyRows)
		}
		rows *= max(n, 1)
	}
	return store(v, reflect.ValueOf(a.Data), a.Shape)
}

func store(v, data reflect.Value, shape []int) error {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return store(v.Elem(), data, shape)
	}
	if len(shape) == 0 {
		return storeNumber(v, data.Index(0))
	}
	n := shape[0]
	switch {
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), n, n))
	case v.Kind() == reflect.Array && v.Len() == n:
	case v.Kind() == reflect.Interface && v.NumMethod() == 0:
		list := reflect.ValueOf(make([]any, n))
		v.Set(list)
		v = list
	default:
		return fmt.Errorf("json: cannot store an array of shape %v in Go value of type %s", shape, v.Type())
	}
	if len(shape) == 1 && v.Type().Elem() == data.Type().Elem() {
		reflect.Copy(v, data)
		return nil
	}
	step := data.Len() / max(n, 1)
	for i := range n {
		if err := store(v.Index(i), data.Slice(i*step, (i+1)*step), shape[1:]); err != nil {
			return err
		}
	}
	return nil
}

// storeNumber refuses what would not be the same number, but for the rounding
// of a float.
func storeNumber(v, number reflect.Value) error {
	if v.Kind() == reflect.Interface && v.NumMethod() == 0 {
		v.Set(reflect.ValueOf(dynamicNumber(number)))
		return nil
	}
	if !fits(v, number) {
		return fmt.Errorf("json: cannot store %s %v of an array in Go value of type %s", number.Type(), number, v.Type())
	}
	v.Set(number.Convert(v.Type()))
	return nil
}

func fits(v, number reflect.Value) bool {
	isWhole := func(n reflect.Value) bool { return n.CanInt() || n.CanUint() }
	isNegative := func(n reflect.Value) bool { return n.CanInt() && n.Int() < 0 }
	switch {
	case v.Kind() == number.Kind():
		return true
	case isWhole(v) && isWhole(number):
		there := number.Convert(v.Type())
		return there.Convert(number.Type()).Equal(number) && isNegative(there) == isNegative(number)
	case v.CanFloat():
		return isWhole(number) || number.CanFloat() && !v.OverflowFloat(number.Float())
	case v.CanComplex():
		return number.CanComplex() && !v.OverflowComplex(number.Complex())
	}
	return false
}

// dynamicNumber is what an interface gets for a number, as in Decode.
func dynamicNumber(n reflect.Value) any {
	switch {
	case n.CanInt():
		return n.Int()
	case n.CanUint() && n.Uint() > math.MaxInt64:
		return json.Number(strconv.FormatUint(n.Uint(), 10))
	case n.CanUint():
		return int64(n.Uint())
	case n.CanFloat():
		return n.Float()
	case n.CanComplex():
		return n.Complex()
	}
	return n.Bool()
}
