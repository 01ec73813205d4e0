package npy

import (
	"errors"
	"fmt"
	"reflect"
)

// FromNested makes an array of a number, or of slices and arrays of numbers
// nested in each other. A slice that is not nested becomes its data.
func FromNested(data any) (Array, error) {
	v := reflect.ValueOf(data)
	if !v.IsValid() {
		return Array{}, errors.New("npy: nil is no array")
	}
	shape := []int{}
	leaf := v.Type()
	for row := v; leaf.Kind() == reflect.Slice || leaf.Kind() == reflect.Array; leaf = leaf.Elem() {
		if len(shape) == MaxDims {
			return Array{}, fmt.Errorf("npy: more than %d dimensions", MaxDims)
		}
		if !row.IsValid() { // there is no row to look at
			row = reflect.Zero(leaf)
		}
		n := row.Len()
		shape = append(shape, n)
		if n > 0 {
			row = row.Index(0)
		} else {
			row = reflect.Value{}
		}
	}
	elem, ok := plainTypes[leaf.Kind()]
	if !ok {
		return Array{}, fmt.Errorf("npy: %T holds no numbers", data)
	}
	n, err := Size(shape)
	if err != nil {
		return Array{}, err
	}
	list := reflect.SliceOf(elem)
	if v.Kind() == reflect.Slice && v.Type().ConvertibleTo(list) {
		return Array{shape, v.Convert(list).Interface()}, nil
	}
	flat := reflect.MakeSlice(list, n, n)
	if err := fill(flat, v, shape); err != nil {
		return Array{}, err
	}
	return Array{shape, flat.Interface()}, nil
}

// plainTypes are the types that numbers of a kind are kept as.
var plainTypes = func() map[reflect.Kind]reflect.Type {
	m := map[reflect.Kind]reflect.Type{}
	for t := range descrs {
		m[t.Kind()] = t
	}
	return m
}()

func fill(flat, v reflect.Value, shape []int) error {
	if len(shape) == 0 {
		flat.Index(0).Set(v.Convert(flat.Type().Elem()))
		return nil
	}
	n := shape[0]
	if v.Len() != n {
		return errors.New("npy: rows of different lengths are no array")
	}
	if len(shape) == 1 && v.Type().Elem() == flat.Type().Elem() {
		reflect.Copy(flat, v)
		return nil
	}
	step := flat.Len() / max(n, 1)
	for i := range n {
		if err := fill(flat.Slice(i*step, (i+1)*step), v.Index(i), shape[1:]); err != nil {
			return err
		}
	}
	return nil
}
