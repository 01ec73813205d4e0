// Package npy reads and writes .npy files, numpy's format for one array.
package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// Array is a numeric array of any number of dimensions. Data is a slice of
// bool, an integer, float or complex type, the last index running fastest.
type Array struct {
	Shape []int
	Data  any
}

// MaxDims is the number of dimensions numpy allows.
const MaxDims = 64

const magic = "\x93NUMPY"

var types = map[string]reflect.Type{
	"b1":  reflect.TypeFor[bool](),
	"i1":  reflect.TypeFor[int8](),
	"i2":  reflect.TypeFor[int16](),
	"i4":  reflect.TypeFor[int32](),
	"i8":  reflect.TypeFor[int64](),
	"u1":  reflect.TypeFor[uint8](),
	"u2":  reflect.TypeFor[uint16](),
	"u4":  reflect.TypeFor[uint32](),
	"u8":  reflect.TypeFor[uint64](),
	"f2":  reflect.TypeFor[uint16](), // the bits: Go has no such type
	"f4":  reflect.TypeFor[float32](),
	"f8":  reflect.TypeFor[float64](),
	"c8":  reflect.TypeFor[complex64](),
	"c16": reflect.TypeFor[complex128](),
}

// Size returns the number of elements of a shape, or an error where it is no
// shape: a negative length, too many dimensions, more elements than an int
// counts.
func Size(shape []int) (int, error) {
	if len(shape) > MaxDims {
		return 0, fmt.Errorf("npy: %d dimensions: at most %d", len(shape), MaxDims)
	}
	size, empty := 1, false
	for _, n := range shape {
		if n < 0 {
			return 0, fmt.Errorf("npy: negative length in shape %v", shape)
		}
		if n == 0 {
			empty = true
			continue
		}
		if size > math.MaxInt/n {
			return 0, fmt.Errorf("npy: shape %v is too large", shape)
		}
		size *= n
	}
	if empty {
		return 0, nil
	}
	return size, nil
}

// Parse reads a file. Arrays of Python objects are refused: they are pickled,
// and reading a pickle runs what it says. Half-precision floats become float32.
func Parse(file []byte) (Array, error) {
	text, raw, err := split(file)
	if err != nil {
		return Array{}, err
	}
	h, err := parseHeader(text)
	if err != nil {
		return Array{}, err
	}
	elem, order, err := h.dtype()
	if err != nil {
		return Array{}, err
	}
	n, err := Size(h.shape)
	if err != nil {
		return Array{}, err
	}
	size := int(elem.Size())
	if len(raw)%size != 0 || len(raw)/size != n {
		return Array{}, fmt.Errorf("npy: %d bytes of data for shape %v of %d-byte elements", len(raw), h.shape, size)
	}
	if h.fortran {
		raw = rowMajor(raw, h.shape, size)
	}
	data := reflect.MakeSlice(reflect.SliceOf(elem), n, n).Interface()
	if _, err := binary.Decode(raw, order, data); err != nil {
		return Array{}, fmt.Errorf("npy: %w", err)
	}
	if h.descr[1:] == "f2" {
		data = fromHalf(data.([]uint16))
	}
	return Array{h.shape, data}, nil
}

// split separates the header's text from the data.
func split(file []byte) (header string, data []byte, err error) {
	rest, ok := bytes.CutPrefix(file, []byte(magic))
	if !ok || len(rest) < 4 {
		return "", nil, errors.New("npy: not a .npy file")
	}
	major, minor, rest := rest[0], rest[1], rest[2:]
	var n uint64
	switch {
	case major == 1 && minor == 0:
		n, rest = uint64(binary.LittleEndian.Uint16(rest)), rest[2:]
	case (major == 2 || major == 3) && minor == 0 && len(rest) >= 4:
		n, rest = uint64(binary.LittleEndian.Uint32(rest)), rest[4:]
	default:
		return "", nil, fmt.Errorf("npy: unknown version %d.%d", major, minor)
	}
	if n > uint64(len(rest)) {
		return "", nil, errors.New("npy: header is cut short")
	}
	return string(rest[:n]), rest[n:], nil
}

// rowMajor reorders elements whose first index runs fastest.
func rowMajor(raw []byte, shape []int, size int) []byte {
	strides := make([]int, len(shape))
	stride := size
	for d, n := range shape {
		strides[d] = stride
		stride *= n
	}
	out := make([]byte, 0, len(raw))
	index := make([]int, len(shape))
	for at := 0; len(out) < len(raw); {
		out = append(out, raw[at:at+size]...)
		for d := len(shape) - 1; d >= 0; d-- {
			index[d]++
			at += strides[d]
			if index[d] < shape[d] {
				break
			}
			index[d] = 0
			at -= strides[d] * shape[d]
		}
	}
	return out
}

func fromHalf(bits []uint16) []float32 {
	floats := make([]float32, len(bits))
	for i, h := range bits {
		sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10&0x1f), uint32(h&0x3ff)
		switch exp {
		case 0: // subnormal: a multiple of 2^-24
			f := float32(frac) * 0x1p-24
			floats[i] = math.Float32frombits(sign | math.Float32bits(f))
		case 0x1f:
			floats[i] = math.Float32frombits(sign | 0xff<<23 | frac<<13)
		default:
			floats[i] = math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
		}
	}
	return floats
}

// Check returns an error where a's data is no slice of numbers or not as long as
// its shape says.
func Check(a Array) error {
	n, err := Size(a.Shape)
	if err != nil {
		return err
	}
	t := reflect.TypeOf(a.Data)
	if t == nil || t.Kind() != reflect.Slice || descrs[t.Elem()] == "" {
		return fmt.Errorf("npy: data is %T, not a slice of numbers", a.Data)
	}
	if have := reflect.ValueOf(a.Data).Len(); have != n {
		return fmt.Errorf("npy: %d elements for shape %v", have, a.Shape)
	}
	return nil
}

// Marshal writes a as a file of version 1.0, little-endian.
func Marshal(a Array) ([]byte, error) {
	if err := Check(a); err != nil {
		return nil, err
	}
	data := a.Data
	switch d := data.(type) {
	case []int:
		data = widen[int64](d)
	case []uint:
		data = widen[uint64](d)
	}
	out := newHeader(descrs[reflect.TypeOf(data).Elem()], a.Shape, binary.Size(data))
	out, err := binary.Append(out, binary.LittleEndian, data)
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	return out, nil
}

func widen[To int64 | uint64, From int | uint](from []From) []To {
	to := make([]To, len(from))
	for i, n := range from {
		to[i] = To(n)
	}
	return to
}

// descrs is types the other way round.
var descrs = func() map[reflect.Type]string {
	m := map[reflect.Type]string{reflect.TypeFor[int](): "<i8", reflect.TypeFor[uint](): "<u8"}
	for code, t := range types {
		switch {
		case code == "f2":
		case t.Size() == 1:
			m[t] = "|" + code
		default:
			m[t] = "<" + code
		}
	}
	return m
}()

// newHeader writes all before the data, and leaves room for size bytes of that.
func newHeader(descr string, shape []int, size int) []byte {
	const start, align = len(magic) + 4, 64

	text := []byte("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (")
	for i, n := range shape {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = strconv.AppendInt(text, int64(n), 10)
	}
	if len(shape) == 1 {
		text = append(text, ',')
	}
	text = append(text, "), }"...)
	// The data begins at a multiple of align, after the newline.
	pad := (align - (start+len(text)+1)%align) % align
	text = append(text, bytes.Repeat([]byte{' '}, pad)...)
	text = append(text, '\n')

	dst := append(make([]byte, 0, start+len(text)+size), magic...)
	dst = append(dst, 1, 0)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(text)))
	return append(dst, text...)
}
