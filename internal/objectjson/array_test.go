package objectjson

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/npy"
)

// stored is the text of an array as a file.
func stored(t *testing.T, data any, shape ...int) string {
	t.Helper()
	file, err := npy.Marshal(npy.Array{Shape: shape, Data: data})
	require.NoError(t, err)
	return fmt.Sprintf(`{"_type":"np.ndarray_b64","value":%q}`, base64.StdEncoding.EncodeToString(file))
}

func ptr(n int) *int { return &n }

func TestEncodeArray(t *testing.T) {
	for want, a := range map[string]npy.Array{
		`{"_type":"np.ndarray_small","value":[1.0,2.5]}`:    {Shape: []int{2}, Data: []float64{1, 2.5}},
		`{"_type":"np.ndarray_small","value":[1,-2]}`:       {Shape: []int{2}, Data: []int{1, -2}},
		`{"_type":"np.ndarray_small","value":[true,false]}`: {Shape: []int{2}, Data: []bool{true, false}},

		// Python would make another type of these, or no array at all.
		stored(t, []float64{math.NaN()}, 1):      {Shape: []int{1}, Data: []float64{math.NaN()}},
		stored(t, []float32{1}, 1):               {Shape: []int{1}, Data: []float32{1}},
		stored(t, []int64{}, 0):                  {Shape: []int{0}, Data: []int64{}},
		stored(t, []int64{5}):                    {Shape: []int{}, Data: []int64{5}},
		stored(t, make([]bool, 20), 20):          {Shape: []int{20}, Data: make([]bool, 20)},
		stored(t, []float64{1, 2, 3, 4}, 2, 2):   {Shape: []int{2, 2}, Data: []float64{1, 2, 3, 4}},
		stored(t, []complex64{complex(1, 2)}, 1): {Shape: []int{1}, Data: []complex64{complex(1, 2)}},
	} {
		text, err := EncodeArray(a)
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
		assert.True(t, json.Valid(text))
	}
	_, err := EncodeArray(npy.Array{Shape: []int{3}, Data: []int{1}})
	assert.Error(t, err)
	_, err = EncodeArray(npy.Array{Shape: []int{1}, Data: []string{"a"}})
	assert.Error(t, err)
}

func TestDecodeArray(t *testing.T) {
	for text, want := range map[string]npy.Array{
		`{"_type":"np.ndarray_small","value":[1,2]}`:   {Shape: []int{2}, Data: []int64{1, 2}},
		`{"_type":"np.ndarray_small","value":[1,2.5]}`: {Shape: []int{2}, Data: []float64{1, 2.5}},
		`{"value":[true],"_type":"np.ndarray_small"}`:  {Shape: []int{1}, Data: []bool{true}},
		`{"_type":"np.ndarray_small","value":[]}`:      {Shape: []int{0}, Data: []float64{}},
		`[Infinity,-Infinity]`:                         {Shape: []int{2}, Data: []float64{math.Inf(1), math.Inf(-1)}},
		`[[1,2],[3,4],[5,18446744073709551616]]`:       {Shape: []int{3, 2}, Data: []float64{1, 2, 3, 4, 5, 1 << 64}},
		`[18446744073709551615,0]`:                     {Shape: []int{2}, Data: []uint64{math.MaxUint64, 0}},
		`[18446744073709551615,-1]`:                    {Shape: []int{2}, Data: []float64{1 << 64, -1}},
		`[[],[]]`:                                      {Shape: []int{2, 0}, Data: []float64{}},
		`[[[7]]]`:                                      {Shape: []int{1, 1, 1}, Data: []int64{7}},
		` 7 `:                                          {Shape: []int{}, Data: []int64{7}},
		stored(t, []uint16{1, 2, 3, 4, 5, 6}, 2, 3):    {Shape: []int{2, 3}, Data: []uint16{1, 2, 3, 4, 5, 6}},
		stored(t, []complex128{complex(0, 1)}):         {Shape: []int{}, Data: []complex128{complex(0, 1)}},
	} {
		got, err := DecodeArray(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}

	got, err := DecodeArray(`[1,null,NaN]`)
	require.NoError(t, err)
	assert.True(t, math.IsNaN(got.Data.([]float64)[1]), "convert_nan writes null")

	for _, text := range []string{"", "{}", `{"a":1}`, `"x"`, `["x"]`, "[1,[2]]", "[[1],2]", "[[1],[2,3]]", "[true,1]", "[1] 2", "[{}]",
		`{"_type":"np.ndarray_small","value":"x"}`, `{"_type":"np.ndarray_b64","value":1}`, `{"_type":"np.ndarray_b64","value":"%"}`, `{"_type":"np.ndarray_b64","value":"aGVsbG8="}`} {
		_, err := DecodeArray(text)
		assert.Error(t, err, text)
	}
}

func TestDecodeArrayInto(t *testing.T) {
	matrix := stored(t, []float64{1, 2, 3, 4, 5, 6}, 2, 3)
	for _, c := range []struct {
		text string
		want any
	}{
		{matrix, [][]float64{{1, 2, 3}, {4, 5, 6}}},
		{matrix, [][3]float32{{1, 2, 3}, {4, 5, 6}}},
		{matrix, [2][]celsius{{1, 2, 3}, {4, 5, 6}}},
		{matrix, []any{[]any{1.0, 2.0, 3.0}, []any{4.0, 5.0, 6.0}}},
		{matrix, [][]any{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}},
		{matrix, &npy.Array{Shape: []int{2, 3}, Data: []float64{1, 2, 3, 4, 5, 6}}},
		{stored(t, []int32{1, -2}, 2), []int64{1, -2}},
		{stored(t, []int32{1, -2}, 2), []float64{1, -2}},
		{stored(t, []int32{1, 2}, 2), []byte{1, 2}},
		{stored(t, []uint64{math.MaxUint64}, 1), []any{json.Number("18446744073709551615")}},
		{stored(t, []bool{true}, 1), []bool{true}},
		{stored(t, []bool{true}, 1), []any{true}},
		{stored(t, []complex64{1i}), any(complex128(1i))},
		{stored(t, []uint8{1}, 1), []any{int64(1)}},
		{stored(t, []uint8{1}, 1), []*int{ptr(1)}},
		{stored(t, []complex64{complex(1, 2)}, 1), []complex128{complex(1, 2)}},
		{stored(t, []float64{math.Inf(1)}, 1), []float32{float32(math.Inf(1))}},
		{stored(t, []float32{2.5}), 2.5},
		{stored(t, []int8{}, 0), []int8{}},
		{stored(t, []int8{}, 2, 0), [][]int8{{}, {}}},
		{`{"_type":"np.ndarray_small","value":[1,2]}`, []uint{1, 2}},
	} {
		// Alone, and as it comes inside Python's dicts and lists.
		got := reflect.New(reflect.TypeOf(c.want))
		if array, ok := c.want.(*npy.Array); ok {
			var x any
			require.NoError(t, Decode(c.text, &x))
			assert.Equal(t, array, x)
			continue
		}
		require.NoError(t, Decode(c.text, got.Interface()), "%T", c.want)
		assert.Equal(t, c.want, got.Elem().Interface())

		got = reflect.New(reflect.MapOf(reflect.TypeFor[string](), reflect.SliceOf(reflect.PointerTo(reflect.TypeOf(c.want)))))
		require.NoError(t, Decode(`{"a":[`+c.text+`]}`, got.Interface()), "%T", c.want)
		assert.Equal(t, c.want, got.Elem().MapIndex(reflect.ValueOf("a")).Index(0).Elem().Interface())
	}

	for _, c := range []struct {
		text string
		dst  any
	}{
		{matrix, new([]float64)},
		{matrix, new([]*float64)},
		{matrix, new([][][]float64)},
		{matrix, new([][2]float64)},
		{matrix, new([][]int)},
		{matrix, new(string)},
		{matrix, new(float64)},
		{stored(t, []int32{-1}, 1), new([]uint32)},
		{stored(t, []int64{-1}, 1), new([]uint64)},
		{stored(t, []uint64{math.MaxUint64}, 1), new([]int64)},
		{stored(t, []int32{300}, 1), new([]int8)},
		{stored(t, []float64{1e300}, 1), new([]float32)},
		{stored(t, []bool{true}, 1), new([]int)},
		{stored(t, []int8{1}, 1), new([]bool)},
		{stored(t, []int8{1}, 1), new([]string)},
		{stored(t, []complex64{1}, 1), new([]float64)},
		{stored(t, []int8{}, 1<<30, 0), new([][]int8)},
		{`{"_type":"np.ndarray_small","value":[[1],2]}`, new([]int)},
		{`{"_type":"pathlib.Path","value":"/x"}`, new([]int)},
		{`{}`, new([]int)},
	} {
		assert.Error(t, Decode(c.text, c.dst), "%T", c.dst)
	}
}
