package znsocket

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/znsocket/znsocket/internal/npy"
	"github.com/znsocket/znsocket/internal/objectjson"
)

// NDArray is a numeric array of any number of dimensions, as numpy has it. Data
// is one slice of all elements, the last index running fastest: []float64,
// []float32, []complex128, []complex64, []bool or a slice of an integer type.
//
// A numpy array in a List or Dict is read as a *NDArray where the type of the
// elements is any, and as nested slices where it is that: a List[[][]float64]
// reads it too. Python reads an NDArray with znjson's NumpyConverter and
// NumpyConverterSmall. Nested Go slices are written as plain lists, which every
// language reads.
type NDArray struct {
	Shape []int
	Data  any
}

func init() {
	objectjson.NewArray = func(a npy.Array) any {
		nd := NDArray(a)
		return &nd
	}
	objectjson.AsArray = func(v any) (npy.Array, bool) {
		switch a := v.(type) {
		case NDArray:
			return npy.Array(a), true
		case *NDArray:
			if a != nil {
				return npy.Array(*a), true
			}
		}
		return npy.Array{}, false
	}
}

// NewNDArray makes an array of data: a slice of numbers, or slices or arrays of
// them nested in each other, which give it its shape. Where a shape is given
// the elements are arranged in that one instead. A slice that is not nested is
// shared, not copied.
func NewNDArray(data any, shape ...int) (*NDArray, error) {
	a, err := npy.FromNested(data)
	if err != nil {
		return nil, err
	}
	if len(shape) > 0 {
		a.Shape = shape
	}
	if err := npy.Check(a); err != nil {
		return nil, err
	}
	nd := NDArray(a)
	return &nd, nil
}

// At returns the element at an index for each dimension, of the type it has in
// Data. A negative index counts from the end.
func (a *NDArray) At(index ...int) (any, error) {
	if err := npy.Check(npy.Array(*a)); err != nil {
		return nil, err
	}
	if len(index) != len(a.Shape) {
		return nil, fmt.Errorf("%w: %d indices for %d dimensions", ErrOutOfRange, len(index), len(a.Shape))
	}
	at := 0
	for d, i := range index {
		n := a.Shape[d]
		if i < 0 {
			i += n
		}
		if i < 0 || i >= n {
			return nil, fmt.Errorf("%w: %v in an array of shape %v", ErrOutOfRange, index, a.Shape)
		}
		at = at*n + i
	}
	return reflect.ValueOf(a.Data).Index(at).Interface(), nil
}

// Into copies the elements to the slices or arrays dst points to, nested as deep
// as the array has dimensions: a *[][]float64 for two. Numbers are converted
// where the other type has the same number; floats are rounded to float32.
func (a *NDArray) Into(dst any) error {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return &json.InvalidUnmarshalError{Type: reflect.TypeOf(dst)}
	}
	return objectjson.StoreArray(v.Elem(), npy.Array(*a))
}

// MarshalJSON writes the array in one of the two forms that Python's converters
// have for it: {"_type":"np.ndarray_small",…} for up to 19 numbers in one
// dimension of which Python makes the same types again, or
// {"_type":"np.ndarray_b64",…}.
func (a NDArray) MarshalJSON() ([]byte, error) {
	return objectjson.EncodeArray(npy.Array(a))
}

// UnmarshalJSON reads both forms, and nested lists of numbers. Of lists it makes
// what numpy makes of them: []float64, or []int64 where all numbers are whole
// ([]uint64 where they are that large), or []bool; null is NaN.
func (a *NDArray) UnmarshalJSON(text []byte) error {
	if string(text) == "null" { // leaves everything as it is, by convention
		return nil
	}
	array, err := objectjson.DecodeArray(string(text))
	if err != nil {
		return err
	}
	*a = NDArray(array)
	return nil
}

// part returns the array at index i of the first dimension, of which there are
// two at least. It shares the data.
func (a *NDArray) part(i int) (*NDArray, error) {
	if err := npy.Check(npy.Array(*a)); err != nil {
		return nil, err
	}
	size, err := npy.Size(a.Shape[1:])
	if err != nil {
		return nil, err
	}
	data := reflect.ValueOf(a.Data).Slice3(i*size, (i+1)*size, (i+1)*size)
	return &NDArray{Shape: a.Shape[1:], Data: data.Interface()}, nil
}
