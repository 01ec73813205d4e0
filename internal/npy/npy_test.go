package npy

import (
	"encoding/binary"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// file puts a header and data together as they stand in a file.
func file(major byte, header string, data ...byte) []byte {
	out := append([]byte(magic), major, 0)
	if major == 1 {
		out = binary.LittleEndian.AppendUint16(out, uint16(len(header)))
	} else {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(header)))
	}
	return append(append(out, header...), data...)
}

func dict(descr, fortran, shape string) string {
	return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }  \n"
}

func TestRoundTrip(t *testing.T) {
	for _, a := range []Array{
		{[]int{2}, []bool{true, false}},
		{[]int{2}, []int8{1, -1}},
		{[]int{2}, []int16{1, -256}},
		{[]int{2}, []int32{1, math.MinInt32}},
		{[]int{2}, []int64{1, math.MinInt64}},
		{[]int{2}, []uint8{1, 255}},
		{[]int{2}, []uint16{1, 65535}},
		{[]int{2}, []uint32{1, math.MaxUint32}},
		{[]int{2}, []uint64{1, math.MaxUint64}},
		{[]int{2}, []float32{1.5, float32(math.Inf(-1))}},
		{[]int{2}, []float64{math.Copysign(0, -1), math.Inf(1)}},
		{[]int{2}, []complex64{complex(1, 2), 0}},
		{[]int{2}, []complex128{complex(1, 2), complex(0, math.Inf(1))}},
		{[]int{}, []float64{1}},
		{[]int{0}, []float64{}},
		{[]int{3, 0, 2}, []int8{}},
		{[]int{2, 1, 3}, []int64{1, 2, 3, 4, 5, 6}},
	} {
		text, err := Marshal(a)
		require.NoError(t, err)
		assert.Zero(t, strings.IndexByte(string(text), '\n')%64-63, "the data is aligned")
		got, err := Parse(text)
		require.NoError(t, err)
		assert.Equal(t, a, got)
	}

	text, err := Marshal(Array{[]int{2}, []int{1, -2}})
	require.NoError(t, err)
	got, err := Parse(text)
	require.NoError(t, err)
	assert.Equal(t, Array{[]int{2}, []int64{1, -2}}, got)
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		file []byte
		want Array
	}{
		{file(1, dict(">i2", "False", "(2,)"), 1, 2, 0, 3), Array{[]int{2}, []int16{0x102, 3}}},
		{file(2, dict("<i2", "False", "(2,)"), 1, 2, 0, 3), Array{[]int{2}, []int16{0x201, 0x300}}},
		{file(3, dict("|u1", "True", "(2, 3)"), 1, 2, 3, 4, 5, 6), Array{[]int{2, 3}, []uint8{1, 3, 5, 2, 4, 6}}},
		{file(1, dict("<u1", "True", "(2, 2, 2)"), 0, 1, 2, 3, 4, 5, 6, 7), Array{[]int{2, 2, 2}, []uint8{0, 4, 2, 6, 1, 5, 3, 7}}},
		{file(1, dict("|b1", "True", "()"), 1), Array{[]int{}, []bool{true}}},
		{file(1, dict("<f8", "True", "(0, 1000000000)")), Array{[]int{0, 1e9}, []float64{}}},
		{file(1, `{"shape":(1,),"descr":"|i1","fortran_order":False}`, 9), Array{[]int{1}, []int8{9}}},
		{
			file(1, dict("<f2", "False", "(7,)"), 0, 0x3c, 0, 0xc0, 1, 0, 0xff, 0x7b, 0, 0xfc, 0, 0x80, 0, 4),
			Array{[]int{7}, []float32{1, -2, 0x1p-24, 65504, float32(math.Inf(-1)), float32(math.Copysign(0, -1)), 0x1p-14}},
		},
	} {
		got, err := Parse(c.file)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}

	nan, err := Parse(file(1, dict(">f2", "False", "()"), 0x7e, 0))
	require.NoError(t, err)
	assert.True(t, math.IsNaN(float64(nan.Data.([]float32)[0])))
}

func TestParseErrors(t *testing.T) {
	good := dict("|u1", "False", "(1,)")
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"empty":           {nil, "not a .npy file"},
		"text":            {[]byte("hello, world"), "not a .npy file"},
		"magic only":      {[]byte(magic), "not a .npy file"},
		"version 4":       {file(4, good, 1), "unknown version 4.0"},
		"version 2 short": {append([]byte(magic), 2, 0, 1, 0), "unknown version"},
		"header short":    {append([]byte(magic), 1, 0, 255, 255, '{'), "cut short"},
		"huge header":     {append([]byte(magic), 2, 0, 255, 255, 255, 255), "cut short"},
		"no data":         {file(1, good), "0 bytes of data"},
		"more data":       {file(1, good, 1, 2), "2 bytes of data"},
		"uneven data":     {file(1, dict("<i2", "False", "(1,)"), 1, 2, 3), "3 bytes of data"},
		"huge shape":      {file(1, dict("<f8", "False", "(1000000000000,)"), 1), "bytes of data"},
		"overflow":        {file(1, dict("<f8", "False", "(4294967296, 4294967296)")), "too large"},
		"objects":         {file(1, dict("|O", "False", "(1,)"), 1), "Python objects (pickle)"},
		"text array":      {file(1, dict("<U5", "False", "(1,)"), 1), "not numeric"},
		"no order":        {file(1, dict("f8", "False", "(1,)"), 1), "not numeric"},
		"wide, no order":  {file(1, dict("|f8", "False", "(1,)"), 1), "not numeric"},
		"no dtype":        {file(1, dict("", "False", "(1,)"), 1), "not numeric"},
		"structured":      {file(1, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }\n", 1), "structured"},
		"number shape":    {file(1, dict("|u1", "False", "(1)"), 1), "malformed header"},
		"negative shape":  {file(1, dict("|u1", "False", "(-1,)"), 1), "malformed header"},
		"two commas":      {file(1, dict("|u1", "False", "(1,,)"), 1), "malformed header"},
		"long number":     {file(1, dict("|u1", "False", "(99999999999999999999,)"), 1), "malformed header"},
		"65 dimensions":   {file(1, dict("|u1", "False", "("+strings.Repeat("1,", 65)+")"), 1), "malformed header"},
		"bool":            {file(1, dict("|u1", "0", "(1,)"), 1), "malformed header"},
		"escape":          {file(1, dict(`|u1\x`, "False", "(1,)"), 1), "malformed header"},
		"key missing":     {file(1, "{'descr': '|u1', 'shape': (1,)}", 1), "malformed header"},
		"key twice":       {file(1, "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}", 1), "malformed header"},
		"key unknown":     {file(1, "{'a': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}", 1), "malformed header"},
		"text after":      {file(1, good+"x", 1), "malformed header"},
		"no comma":        {file(1, "{'descr': '|u1' 'fortran_order': False, 'shape': (1,)}", 1), "malformed header"},
		"open":            {file(1, "{'descr': '|u1", 1), "malformed header"},
	} {
		_, err := Parse(c.file)
		assert.ErrorContains(t, err, c.want, name)
	}
}

func TestMarshalErrors(t *testing.T) {
	type named float64
	for _, a := range []Array{
		{},
		{[]int{1}, nil},
		{[]int{1}, 1.0},
		{[]int{1}, []string{"a"}},
		{[]int{1}, []any{1}},
		{[]int{1}, []named{1}},
		{[]int{2}, []float64{1}},
		{[]int{-1}, []float64{}},
		{[]int{math.MaxInt, 2}, []float64{}},
		{make([]int, MaxDims+1), []float64{}},
	} {
		_, err := Marshal(a)
		assert.Error(t, err, "%v", a)
	}
}

func TestFromNested(t *testing.T) {
	type celsius float64
	type row []int16
	for _, c := range []struct {
		data any
		want Array
	}{
		{2.5, Array{[]int{}, []float64{2.5}}},
		{[]int{1, 2}, Array{[]int{2}, []int{1, 2}}},
		{row{1}, Array{[]int{1}, []int16{1}}},
		{[]celsius{1}, Array{[]int{1}, []float64{1}}},
		{[2]float32{1, 2}, Array{[]int{2}, []float32{1, 2}}},
		{[][]float64{{1, 2}, {3, 4}}, Array{[]int{2, 2}, []float64{1, 2, 3, 4}}},
		{[][2]celsius{{1, 2}, {3, 4}}, Array{[]int{2, 2}, []float64{1, 2, 3, 4}}},
		{[1][1][]bool{{{true}}}, Array{[]int{1, 1, 1}, []bool{true}}},
		{[]float64(nil), Array{[]int{0}, []float64(nil)}},
		{[][3]float64{}, Array{[]int{0, 3}, []float64{}}},
		{[][]uint8{{}, {}}, Array{[]int{2, 0}, []uint8{}}},
		{[]complex128{1i}, Array{[]int{1}, []complex128{1i}}},
	} {
		got, err := FromNested(c.data)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
	for _, data := range []any{nil, "x", []string{"x"}, []any{1}, [][]float64{{1}, {2, 3}}, [][]float64{{}, {1}}, (*int)(nil), map[int]int{}} {
		_, err := FromNested(data)
		assert.Error(t, err, "%v", data)
	}
	type endless []endless
	_, err := FromNested(endless{})
	assert.Error(t, err)
}

func FuzzParse(f *testing.F) {
	for _, descr := range []string{"|b1", "<f2", ">f4", "<f8", ">c16", "|O", "<U1"} {
		f.Add(file(1, dict(descr, "True", "(2, 1)"), make([]byte, 32)...))
		f.Add(file(2, dict(descr, "False", "()"), make([]byte, 8)...))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		a, err := Parse(in)
		if err != nil {
			return
		}
		again, err := Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Parse(again)
		if err != nil {
			t.Fatal(err)
		}
		// Written again, for NaN is not equal to itself.
		if last, err := Marshal(b); err != nil || !reflect.DeepEqual(again, last) {
			t.Fatalf("%q became %q: %v", again, last, err)
		}
	})
}
