package znsocket

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/objectjson"
	"github.com/znsocket/znsocket/internal/peers"
)

// Python writes arrays of every type, in every order, that are read here, and
// reads them from what is written here.
func TestNDArrayPython(t *testing.T) {
	python := exec.CommandContext(t.Context(), peers.Python(t), "-W", "ignore", "testdata/ndarray.py")
	var stderr bytes.Buffer
	python.Stderr = &stderr
	in, err := python.StdinPipe()
	require.NoError(t, err)
	out, err := python.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, python.Start())

	types := map[string]string{}
	var written []string
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && lines.Text() != "" {
		var from struct {
			Text, Type string
			Shape      []int
			Numbers    []any
		}
		require.NoError(t, objectjson.Decode(lines.Text(), &from))
		var x any
		require.NoError(t, objectjson.Decode(from.Text, &x), from.Text)
		a, ok := x.(*NDArray)
		require.True(t, ok, "%T", x)
		assert.Equal(t, from.Shape, a.Shape)
		types[from.Type] = reflect.TypeOf(a.Data).String()

		numbers := []any{}
		require.NoError(t, (&NDArray{Shape: []int{len(from.Numbers)}, Data: a.Data}).Into(&numbers))
		for i, n := range numbers {
			if c, ok := n.(complex128); ok {
				numbers[i] = []any{real(c), imag(c)}
			}
		}
		assert.Equal(t, mustEncode(t, from.Numbers), mustEncode(t, numbers), from.Type)

		written = append(written, mustEncode(t, a))
	}
	_, err = in.Write([]byte(strings.Join(written, "\n")))
	require.NoError(t, err)
	require.NoError(t, in.Close())
	require.NoError(t, python.Wait(), &stderr)

	assert.Equal(t, map[string]string{
		"bool": "[]bool", "int8": "[]int8", "int16": "[]int16", "int32": "[]int32", "int64": "[]int64",
		"uint8": "[]uint8", "uint16": "[]uint16", "uint32": "[]uint32", "uint64": "[]uint64",
		"float16": "[]float32", "float32": "[]float32", "float64": "[]float64", "complex64": "[]complex64", "complex128": "[]complex128",
	}, types)
}

func mustEncode(t *testing.T, v any) string {
	t.Helper()
	text, err := objectjson.Encode(v, false)
	require.NoError(t, err)
	return string(text)
}

func TestNewNDArray(t *testing.T) {
	data := []float64{1, 2, 3, 4, 5, 6}
	a, err := NewNDArray(data)
	require.NoError(t, err)
	assert.Equal(t, &NDArray{Shape: []int{6}, Data: data}, a)
	data[0] = 7
	assert.Equal(t, 7.0, a.Data.([]float64)[0], "a flat slice is shared")

	a, err = NewNDArray(data, 2, 3)
	require.NoError(t, err)
	assert.Equal(t, []int{2, 3}, a.Shape)

	a, err = NewNDArray([][]int32{{1, 2}, {3, 4}, {5, 6}})
	require.NoError(t, err)
	assert.Equal(t, &NDArray{Shape: []int{3, 2}, Data: []int32{1, 2, 3, 4, 5, 6}}, a)

	for _, c := range []struct {
		data  any
		shape []int
	}{{data, []int{7}}, {data, []int{-2, -3}}, {[]string{"a"}, nil}, {[][]int{{1}, {}}, nil}, {nil, nil}} {
		_, err := NewNDArray(c.data, c.shape...)
		assert.Error(t, err)
	}
}

func TestNDArrayAt(t *testing.T) {
	a, err := NewNDArray([][]int16{{1, 2, 3}, {4, 5, 6}})
	require.NoError(t, err)
	for _, c := range []struct {
		i, j int
		want int16
	}{{0, 0, 1}, {1, 2, 6}, {-1, 0, 4}, {0, -1, 3}} {
		got, err := a.At(c.i, c.j)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
	for _, index := range [][]int{{}, {0}, {0, 0, 0}, {2, 0}, {0, 3}, {-3, 0}} {
		_, err := a.At(index...)
		assert.ErrorIs(t, err, ErrOutOfRange)
	}
	scalar, err := NewNDArray(2.5)
	require.NoError(t, err)
	got, err := scalar.At()
	require.NoError(t, err)
	assert.Equal(t, 2.5, got)

	// Whoever fills in the fields may be wrong about them.
	for _, broken := range []NDArray{{Shape: []int{2}}, {Shape: []int{2}, Data: []int{1}}, {Shape: []int{1}, Data: "x"}} {
		_, err := broken.At(0)
		assert.Error(t, err)
		assert.Error(t, broken.Into(new([]int)))
		_, err = json.Marshal(broken)
		assert.Error(t, err)
	}
}

func TestNDArrayInto(t *testing.T) {
	a, err := NewNDArray([]float32{1, 2, 3, 4}, 2, 2)
	require.NoError(t, err)
	var rows [][]float64
	require.NoError(t, a.Into(&rows))
	assert.Equal(t, [][]float64{{1, 2}, {3, 4}}, rows)

	var x any
	require.NoError(t, a.Into(&x))
	assert.Equal(t, []any{[]any{1.0, 2.0}, []any{3.0, 4.0}}, x)

	assert.Error(t, a.Into(rows))
	assert.Error(t, a.Into(nil))
	assert.Error(t, a.Into(new([]float64)))
}

func TestNDArrayJSON(t *testing.T) {
	type frame struct {
		Positions NDArray  `json:"positions"`
		Charges   *NDArray `json:"charges"`
		Cell      NDArray  `json:"cell"`
	}
	want := frame{
		Positions: NDArray{Shape: []int{1, 3}, Data: []float64{1, math.Inf(1), 3}},
		Charges:   &NDArray{Shape: []int{2}, Data: []int64{1, -1}},
		Cell:      NDArray{Shape: []int{0}, Data: []float64{}},
	}
	text, err := json.Marshal(want)
	require.NoError(t, err)
	for _, decode := range []func(*frame) error{
		func(f *frame) error { return json.Unmarshal(text, f) },
		func(f *frame) error { return objectjson.Decode(string(text), f) },
	} {
		var got frame
		require.NoError(t, decode(&got))
		assert.Equal(t, want, got)
	}

	// A List's element goes another way than a field.
	for _, v := range []any{want.Positions, &want.Positions} {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		assert.Equal(t, string(text), mustEncode(t, v))
	}
	assert.Equal(t, "null", mustEncode(t, (*NDArray)(nil)))

	kept := want
	require.NoError(t, json.Unmarshal([]byte(`{"positions":null,"charges":null,"cell":[[1,2],[3,4.5]]}`), &kept))
	assert.Equal(t, frame{Positions: want.Positions, Cell: NDArray{Shape: []int{2, 2}, Data: []float64{1, 2, 3, 4.5}}}, kept)

	var a NDArray
	assert.Error(t, json.Unmarshal([]byte(`{"positions":1}`), &a))
	assert.Error(t, json.Unmarshal([]byte(`[1,"x"]`), &a))
}
