package objectjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type span struct{ From, To any }

type shape interface{ Area() float64 }

type square struct{ Side float64 }

func (s square) Area() float64 { return s.Side * s.Side }

type disc struct{ Radius float64 }

func (d *disc) Area() float64 { return math.Pi * d.Radius * d.Radius }

func converter[V any](name string, encode func(V) (any, error), decode func(any) (V, error)) Converter {
	return Converter{
		name, reflect.TypeFor[V](), func(v any) (any, error) { return encode(v.(V)) }, func(v any) (any, error) { return decode(v) },
	}
}

var errOdd = errors.New("odd")

func someConverters() *Converters {
	cs := new(Converters)
	for _, c := range []Converter{
		converter("span",
			func(s span) (any, error) { return []any{s.From, s.To}, nil },
			func(v any) (span, error) {
				if list, ok := v.([]any); ok && len(list) == 2 {
					return span{list[0], list[1]}, nil
				}
				return span{}, errOdd
			}),
		converter("point",
			func(p point) (any, error) { return [2]float64{p.X, p.Y}, nil },
			func(v any) (point, error) {
				if xy, ok := v.([]any); ok && len(xy) == 2 {
					x, _ := xy[0].(float64)
					y, _ := xy[1].(float64)
					return point{x, y}, nil
				}
				return point{}, errOdd
			}),
		converter("°C",
			func(c celsius) (any, error) { return fmt.Sprint(float64(c)), nil },
			func(v any) (c celsius, err error) {
				_, err = fmt.Sscan(fmt.Sprint(v), (*float64)(&c))
				return c, err
			}),
		converter("color",
			func(c color) (any, error) { return int(c), nil },
			func(v any) (color, error) { return color(v.(int64)), nil }),
		converter("disc",
			func(d *disc) (any, error) { return d.Radius, nil },
			func(v any) (*disc, error) { return &disc{v.(float64)}, nil }),
		converter("square",
			func(s square) (any, error) { return s.Side, nil },
			func(v any) (square, error) { return square{v.(float64)}, nil }),
	} {
		cs.Add(c)
	}
	return cs
}

type everywhere struct {
	Point  point            `json:"point"`
	Ref    *point           `json:"ref"`
	Any    any              `json:"any"`
	List   []celsius        `json:"list"`
	Nested [][]celsius      `json:"nested"`
	Array  [2]color         `json:"array"`
	Bytes  []color          `json:"bytes"`
	Map    map[string]point `json:"map"`
	Shape  shape            `json:"shape"`
	Shapes []shape          `json:"shapes"`
	Self   json.Marshaler   `json:"self"`
	Disc   *disc            `json:"disc"`
	None   *disc            `json:"none"`
	Empty  []celsius        `json:"empty"`
}

// The texts are what Python's znjson writes for the same, with other spaces and
// its keys in order.
func TestConverters_everywhere(t *testing.T) {
	cs := someConverters()
	v := everywhere{
		Point: point{1, 2.5}, Ref: &point{3.5, 4.5}, Any: []any{celsius(1.5), map[string]any{"s": span{"a", span{point{0.5, 0.5}, nil}}}},
		List: []celsius{1, 2}, Nested: [][]celsius{{3}, {}}, Array: [2]color{1, 2}, Bytes: []color{7}, Map: map[string]point{"p": {5.5, 6.5}},
		Shape: square{2.5}, Shapes: []shape{&disc{0.5}, square{1.5}}, Self: &point{7.5, 8.5}, Disc: &disc{1.5},
	}
	text, err := cs.Encode(v, false)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"point": {"_type": "point", "value": [1, 2.5]},
		"ref": {"_type": "point", "value": [3.5, 4.5]},
		"any": [{"_type": "°C", "value": "1.5"}, {"s": {"_type": "span", "value": ["a",
			{"_type": "span", "value": [{"_type": "point", "value": [0.5, 0.5]}, null]}]}}],
		"list": [{"_type": "°C", "value": "1"}, {"_type": "°C", "value": "2"}],
		"nested": [[{"_type": "°C", "value": "3"}], []],
		"array": [{"_type": "color", "value": 1}, {"_type": "color", "value": 2}],
		"bytes": [{"_type": "color", "value": 7}],
		"map": {"p": {"_type": "point", "value": [5.5, 6.5]}},
		"shape": {"_type": "square", "value": 2.5},
		"shapes": [{"_type": "disc", "value": 0.5}, {"_type": "square", "value": 1.5}],
		"self": {"_type": "point", "value": [7.5, 8.5]},
		"disc": {"_type": "disc", "value": 1.5},
		"none": null, "empty": null
	}`, string(text))
	var again everywhere
	require.NoError(t, cs.Decode(string(text), &again))
	v.Point.X = 0            // what was written as 1 is an int64
	v.Self = point{7.5, 8.5} // written as what it points to
	require.Equal(t, v, again)

	var anything any
	require.NoError(t, cs.Decode(string(text), &anything))
	m := anything.(map[string]any)
	require.Equal(t, point{0, 2.5}, m["point"])
	require.Equal(t, v.Any, m["any"])
	require.Equal(t, []any{&disc{0.5}, square{1.5}}, m["shapes"])
	require.Equal(t, []any{[]any{celsius(3)}, []any{}}, m["nested"])
}

// What no converter is concerned with is as it is without any.
func TestConverters_leaveTheRest(t *testing.T) {
	cs := someConverters()
	for _, v := range []any{
		nil, 1, "text <&>", 2.5, math.NaN(), true, []byte("bytes"), []float64{1, 2}, [][]int{{1}, nil}, map[int]string{2: "b", 1: "a"},
		json.Number("12345678901234567890"), json.RawMessage(`{"raw": 1}`), time.Unix(0, 0).UTC(), big.NewInt(7), []any{}, []any(nil),
		map[string]any{"_type": "span"}, map[string]any{"_type": "unknown", "value": []any{"x"}}, struct{ A, B any }{1, nil},
		other{Deep: Deep{ID: 5}}, Named{[]int8{1}}, map[string]point{}, []*square{}, (*disc)(nil), [3]int8{1}, map[string]any{"_type": 5, "value": 1},
	} {
		want, wantErr := Encode(v, false)
		got, err := cs.Encode(v, false)
		require.Equal(t, wantErr, err)
		require.Equal(t, string(want), string(got), "%T", v)
		var wantAny, gotAny any
		require.NoError(t, Decode(string(want), &wantAny))
		require.NoError(t, cs.Decode(string(want), &gotAny))
		if f, ok := v.(float64); !ok || !math.IsNaN(f) {
			require.Equal(t, wantAny, gotAny)
		}
	}
	text, err := cs.Encode([]any{math.Inf(1), span{math.NaN(), nil}}, true)
	require.NoError(t, err)
	require.Equal(t, `[null,{"_type":"span","value":[null,null]}]`, string(text))

	// Plain JSON still goes where a converter's type is.
	var p struct {
		Square square
		Points []point
		C      []celsius
	}
	require.NoError(t, cs.Decode(`{"Square": {"Side": 2}, "Points": [[1, 2]], "C": [1.5]}`, &p))
	require.Equal(t, square{2}, p.Square)
	require.Equal(t, []point{{1, 2}}, p.Points)
	require.Equal(t, []celsius{1.5}, p.C)
	require.NoError(t, cs.Decode(`{"Square": {"Side": 2, "value": 3.5, "_type": "square"}}`, &p))
	require.Equal(t, square{2}, p.Square, `"_type" comes first`)
}

func TestConverters_anyOrder(t *testing.T) {
	cs := someConverters()
	for _, text := range []string{
		`{"_type":"span","value":[1,null]}`, `{"value":[1,null],"_type":"span"}`, ` { "x": 1, "value" : [1, null], "_type" : "span" } `,
		`{"_type":"x","value":[1,null],"_type":"span"}`, `{"\u005ftype":"span","value":[1,null]}`,
	} {
		var x any
		require.NoError(t, cs.Decode(text, &x))
		require.Equal(t, span{int64(1), nil}, x, text)
	}
}

func TestConverters_wrong(t *testing.T) {
	cs := someConverters()
	for text, want := range map[string]string{
		`{"_type":"span","value":[1]}`:                     "json: span: odd",
		`[{"x":{"_type":"point","value":"no"}}]`:           "json: point: odd",
		`{"_type":"span","value":[1,{"_type":"point"}`:     "unexpected end",
		`{"_type":"span","value":[1,2`:                     "unexpected end",
		`{"_type":"°C","value":"hot"}`:                     "json: °C: ",
		`{"_type":"span","value":[1,2]} {"_type":"point"}`: "text after the value",
	} {
		var x any
		require.ErrorContains(t, cs.Decode(text, &x), want, text)
	}
	for text, dst := range map[string]any{
		`{"_type":"point","value":5}`: new(point),
		`{"_type":"span","value":5}`:  new(span),
	} {
		require.ErrorIs(t, cs.Decode(text, dst), errOdd)
	}
	for text, dst := range map[string]any{
		// Two types: neither the first nor the last is what it says.
		`{"_type":"square","value":[1,2],"_type":"span"}`: new(square),
		`{"_type":"square"`:                  new(square),
		`{"_type"`:                           new(square),
		`{"_type":`:                          new(square),
		`{`:                                  new(square),
		`{"_type":"span","value":[1,2]}`:     new(shape),
		`{"_type":"unknown","value":[1,2]}`:  new(shape),
		`{"value":5}`:                        new(shape),
		`{"_type":"span","value":[1,2]} `:    new([]int),
		`{"_type":"square","value":[1,2],"}`: new(*square),
	} {
		err := cs.Decode(text, dst)
		if _, ok := dst.(*square); ok && strings.HasSuffix(text, "}") {
			require.NoError(t, err, text)
			require.Equal(t, &square{}, dst)
			continue
		}
		require.Error(t, err, text)
	}
	var wrong *json.UnmarshalTypeError
	require.ErrorAs(t, cs.Decode(`[{"_type":"span","value":[1,2]}]`, new([]shape)), &wrong)
	require.Equal(t, reflect.TypeFor[shape](), wrong.Type)
	require.ErrorAs(t, cs.Decode(`5`, new(shape)), &wrong)
	var invalid *json.InvalidUnmarshalError
	require.ErrorAs(t, cs.Decode(`5`, point{}), &invalid)

	for want, v := range map[string]any{"json: bad: odd": failing{}, "cycle": looping{}, "unsupported type": span{From: make(chan int)}} {
		cs := someConverters()
		cs.Add(converter("bad", func(failing) (any, error) { return nil, errOdd }, func(any) (failing, error) { return failing{}, nil }))
		cs.Add(converter("loop", func(l looping) (any, error) { return l, nil }, func(any) (looping, error) { return looping{}, nil }))
		_, err := cs.Encode([]any{1, v}, false)
		require.ErrorContains(t, err, want)
	}
}

type failing struct{}

type looping struct{}

// Deep nesting takes time in proportion to its length.
func TestConverters_deep(t *testing.T) {
	cs := someConverters()
	const deep = 4000
	text := strings.Repeat(`{"_type":"span","value":[null,`, deep) + `1` + strings.Repeat(`]}`, deep)
	var x any
	require.NoError(t, cs.Decode(text, &x))
	for range deep {
		x = x.(span).To
	}
	require.Equal(t, int64(1), x)
	text = strings.Repeat(`{"value":[null,`, deep) + `1` + strings.Repeat(`],"_type":"span"}`, deep)
	require.NoError(t, cs.Decode(text, &x))
	require.Error(t, cs.Decode(strings.Repeat(`{"_type":"span","value":[null,`, MaxDepth), &x))
}

// The last converter for a type, or of a name, takes the place of others.
func TestConverters_Add(t *testing.T) {
	cs := someConverters()
	toText := func(name string) Converter {
		return converter(name, func(s square) (any, error) { return fmt.Sprint(s.Side), nil },
			func(v any) (s square, err error) {
				_, err = fmt.Sscan(fmt.Sprint(v), &s.Side)
				return s, err
			})
	}
	cs.Add(toText("quadrat"))
	cs.Add(toText("span"))
	text, err := cs.Encode([]any{square{2}, span{1, 2}}, false)
	require.NoError(t, err)
	assert.Equal(t, `[{"_type":"span","value":"2"},{"From":1,"To":2}]`, string(text))
	var x any
	require.NoError(t, cs.Decode(`[{"_type":"span","value":"2"},{"_type":"quadrat","value":"2"},{"_type":"square","value":2.5}]`, &x))
	assert.Equal(t, []any{
		square{2}, map[string]any{"_type": "quadrat", "value": "2"}, map[string]any{"_type": "square", "value": 2.5},
	}, x)

	// Also in the place of numpy's.
	cs.Add(converter(smallArray, func(s span) (any, error) { return s.From, nil }, func(v any) (span, error) { return span{v, nil}, nil }))
	require.NoError(t, cs.Decode(`{"_type":"np.ndarray_small","value":[1]}`, &x))
	assert.Equal(t, span{[]any{int64(1)}, nil}, x)
}
