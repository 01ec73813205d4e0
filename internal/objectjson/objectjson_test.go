//lint:file-ignore SA5008,U1000 tags and fields that encoding/json skips are what is compared

package objectjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type celsius float64

type color uint8

func (c color) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "color-%d", uint8(c)), nil }

func (c *color) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "color-%d", (*uint8)(c))
	return err
}

type point struct{ X, Y float64 }

func (p point) MarshalJSON() ([]byte, error) { return json.Marshal([2]float64{p.X, p.Y}) }

func (p *point) UnmarshalJSON(text []byte) error {
	var xy [2]float64
	err := Decode(string(text), &xy)
	p.X, p.Y = xy[0], xy[1]
	return err
}

type Base struct {
	ID     string
	Shadow int `json:"name"`
	Same   int `json:"same"`
}

type other struct {
	Same  int `json:"same"`
	Other float32
	Deep
}

type Deep struct {
	ID    int
	Floor float64 `json:"floor,omitempty"`
}

type Named struct{ V []int8 }

type zero struct{ V float64 }

func (z *zero) IsZero() bool { return z.V < 0 }

type record struct {
	Base
	*other
	Named    `json:"named"`
	Name     string `json:"name"`
	Skipped  int    `json:"-"`
	Dash     int    `json:"-,"`
	hidden   int
	Empty    string              `json:"empty,omitempty"`
	None     []float64           `json:",omitempty"`
	Zero     zero                `json:"zero,omitzero"`
	Time     time.Time           `json:"time,omitzero"`
	Quoted   float64             `json:"quoted,string"`
	QuotedP  *int16              `json:"quotedP,string"`
	QuotedS  string              `json:",string"`
	QuotedB  bool                `json:"<&>,string"`
	Bad      int                 `json:"a\"b"`
	Floats   []float64           `json:"floats"`
	Singles  [3]float32          `json:"singles"`
	Rows     [][2]float64        `json:"rows"`
	Cube     [][][]int32         `json:"cube"`
	Celsius  []celsius           `json:"celsius"`
	Duration []time.Duration     `json:"duration"`
	Bytes    []byte              `json:"bytes"`
	Octets   [4]byte             `json:"octets"`
	Color    color               `json:"color"`
	Colors   map[color]string    `json:"colors"`
	ByInt    map[int8][]float64  `json:"byInt"`
	ByUint   map[uint16]bool     `json:"byUint"`
	Point    point               `json:"point"`
	Points   []*point            `json:"points"`
	Next     *record             `json:"next"`
	Maps     map[string]*float64 `json:"maps"`
	Bools    []bool              `json:"bools"`
	Wide     uint64              `json:"wide"`
	Number   json.Number         `json:"number,omitempty"`
}

// Of fields with one name at one depth a tagged one counts, of several none.
type Left struct {
	A int `json:"x"`
	B int
	C int
}

type Right struct {
	B int
	D int `json:"C"`
}

type Circle struct {
	Left
	Right
	*Circle
	V float64
}

type zeros struct {
	Plain   float64     `json:",omitzero"`
	Pointer *float64    `json:",omitzero"`
	Time    *time.Time  `json:",omitzero"`
	Iface   zeroer      `json:",omitzero"`
	Array   [2]int      `json:",omitempty"`
	Empty   [0]int      `json:",omitempty"`
	Struct  struct{}    `json:",omitempty"`
	Any     any         `json:",omitempty"`
	Text    json.Number `json:",omitempty"`
}

// Generate makes the embedded pointer too: quick cannot set it.
func (record) Generate(r *rand.Rand, size int) reflect.Value {
	rec := record{Time: time.Unix(r.Int63n(1e9), 0).UTC(), Name: random[string](r), Number: "12"}
	v := reflect.ValueOf(&rec).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Name == "Time" || f.Name == "Next" || f.Name == "Number" || r.Intn(4) == 0 {
			continue
		}
		if x, ok := quick.Value(f.Type, r); ok {
			v.Field(i).Set(x)
		}
	}
	if r.Intn(2) == 0 {
		rec.other = &other{Same: 1, Other: random[float32](r), Deep: random[Deep](r)}
	}
	if size > 0 && r.Intn(2) == 0 {
		next := record{}.Generate(r, 0).Interface().(record)
		rec.Next = &next
	}
	return v
}

func random[T any](r *rand.Rand) T {
	v, ok := quick.Value(reflect.TypeFor[T](), r)
	if !ok {
		panic("testing/quick cannot make this type")
	}
	return v.Interface().(T)
}

// tree makes what an any may hold.
func tree(r *rand.Rand, depth int) any {
	switch n := r.Intn(9); {
	case n == 0:
		return nil
	case n == 1:
		return r.Intn(2) == 0
	case n == 2:
		return r.Int63() - r.Int63()
	case n == 3:
		return random[string](r)
	case n < 6 || depth == 0:
		return r.NormFloat64() * math.Pow(10, float64(r.Intn(40)-20))
	case n < 8:
		list := make([]any, r.Intn(4))
		for i := range list {
			list[i] = tree(r, depth-1)
		}
		return list
	}
	m := map[string]any{}
	for range r.Intn(4) {
		m[random[string](r)] = tree(r, depth-1)
	}
	return m
}

// generators make values of types without interfaces, which decode as in
// encoding/json.
var generators = []func(*rand.Rand) any{
	func(r *rand.Rand) any { return random[record](r) },
	func(r *rand.Rand) any { return random[string](r) },
	func(r *rand.Rand) any { return random[bool](r) },
	func(r *rand.Rand) any { return random[int8](r) },
	func(r *rand.Rand) any { return random[uint](r) },
	func(r *rand.Rand) any { return random[float32](r) },
	func(r *rand.Rand) any { return random[*float64](r) },
	func(r *rand.Rand) any { return random[[]byte](r) },
	func(r *rand.Rand) any { return random[[]string](r) },
	func(r *rand.Rand) any { return random[[]int](r) },
	func(r *rand.Rand) any { return random[[]int16](r) },
	func(r *rand.Rand) any { return random[[]uint16](r) },
	func(r *rand.Rand) any { return random[[]uint32](r) },
	func(r *rand.Rand) any { return random[[]uint64](r) },
	func(r *rand.Rand) any { return random[[]float32](r) },
	func(r *rand.Rand) any { return random[[2][3]int64](r) },
	func(r *rand.Rand) any { return random[[][]float64](r) },
	func(r *rand.Rand) any { return random[[][]celsius](r) },
	func(r *rand.Rand) any { return random[[0]int](r) },
	func(r *rand.Rand) any { return random[map[string][]uint](r) },
	func(r *rand.Rand) any { return random[map[int]Base](r) },
	func(r *rand.Rand) any { return random[[]point](r) },
	func(r *rand.Rand) any { return random[[]*color](r) },
	func(r *rand.Rand) any { return random[struct{ A, B *[]uint16 }](r) },
	func(r *rand.Rand) any { return random[Circle](r) },
	func(r *rand.Rand) any { return random[struct{ *Base }](r) },
	func(r *rand.Rand) any { return random[map[color]bool](r) },
	func(r *rand.Rand) any { return smallFloats(r) },
}

func smallFloats(r *rand.Rand) []float64 {
	return []float64{0, math.Copysign(0, -1), 1, -1, 1e6, 1e21, 1e20, 1e-6, 1e-7, 1 << 24, float64(r.Intn(1000)) / 8, r.NormFloat64()}
}

func likeStandard(t *testing.T, v any) []byte {
	t.Helper()
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	require.NoError(t, enc.Encode(v))
	return bytes.TrimSpace(want.Bytes())
}

func TestEncodeIsStandard(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 50 {
		values := []any{
			tree(r, 4), nil, (*int)(nil), []float64(nil), [][]int{nil, {}}, map[*color]int{nil: 1}, map[string]int(nil), [4]byte{1},
			zeros{}, zeros{Plain: 1, Pointer: new(float64), Time: new(time.Time), Iface: time.Time{}, Any: 0},
			zeros{Time: &time.Time{}, Iface: (*zero)(nil)}, zeros{Iface: time.Unix(1, 0)},
		}
		for _, generate := range generators {
			values = append(values, generate(r))
		}
		for _, v := range values {
			want := likeStandard(t, v)
			got, err := Encode(v, false)
			require.NoError(t, err)
			require.Equal(t, string(want), string(got), "%T", v)

			// The same without help: what an infinity beside it would lead to.
			var e encoder
			require.NoError(t, e.value(reflect.ValueOf(v)))
			require.Equal(t, string(want), string(e.out), "%T", v)

			addressable := reflect.New(reflect.TypeOf(&v).Elem()).Elem()
			if v != nil {
				addressable = reflect.New(reflect.TypeOf(v)).Elem()
				addressable.Set(reflect.ValueOf(v))
			}
			e = encoder{}
			require.NoError(t, e.value(addressable.Addr()))
			require.Equal(t, string(likeStandard(t, addressable.Addr().Interface())), string(e.out), "%T", v)
		}
	}
}

func TestDecodeIsStandard(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	var targets []reflect.Type
	for _, generate := range generators {
		targets = append(targets, reflect.TypeOf(generate(r)))
	}
	texts := []string{"null", "true", "{}", "[]", "[null]", `""`, "0", "-0", "1.0", "1e3", "1e400", "-5", "300", "[1,2,3,4,5]", "[1,\"2\"]", "[1,[2]]",
		`{"id":"i","NAME":"n","QUOTED":"1.5","quoted":2}`, `{"same":1,"floor":2,"x":3}`, `{"quoted":null,"quotedP":"null","QuotedS":"\"\\u00e9\""}`,
		`"color-7"`, `{"color-1":true}`, `{"B":1,"C":2,"x":3}`, `{"Circle":{"V":1},"v":2}`, `{"color":7}`, `{"quoted":"\"1\""}`, `{"quoted":"1 "}`, `[[1,2],null,[3]]`, `{"1":[1],"x":[]}`, `{"1":{"ID":"a"},"-2":null}`, `"aGk="`, `"a"`, `{"next":{"next":{"next":null}}}`, `{"floats":[null,1]}`}
	for range 8 {
		for _, generate := range generators {
			texts = append(texts, string(likeStandard(t, generate(r))))
		}
	}
	for _, text := range texts {
		for _, target := range targets {
			want, got := reflect.New(target), reflect.New(target)
			wantErr := json.Unmarshal([]byte(text), want.Interface())
			err := Decode(text, got.Interface())
			if wantErr != nil {
				require.Error(t, err, "%s into %s: %v", text, target, wantErr)
				continue
			}
			require.NoError(t, err, "%s into %s", text, target)
			require.Equal(t, want.Interface(), got.Interface(), "%s into %s", text, target)
		}
	}
}

func TestDecodeKeepsWhatIsThere(t *testing.T) {
	m := map[string]int{"a": 1, "b": 2}
	require.NoError(t, Decode(`{"b":3}`, &m))
	assert.Equal(t, map[string]int{"a": 1, "b": 3}, m)

	b := Base{ID: "kept"}
	var x any = &b
	require.NoError(t, Decode(`{"name":1}`, &x))
	assert.Equal(t, Base{ID: "kept", Shadow: 1}, b)
	assert.Same(t, &b, x)

	list := []Base{{ID: "old"}}
	require.NoError(t, Decode(`[{"name":1}]`, &list))
	assert.Equal(t, []Base{{Shadow: 1}}, list, "elements are new")
}

func TestNonFinite(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	p := &nan
	type inner struct {
		F float32 `json:"f,omitempty"`
	}
	type outer struct {
		inner
		P      *float64         `json:"p"`
		Q      float64          `json:"q,string"`
		S      string           `json:"s"`
		Point  map[int]float64  `json:"m"`
		Rows   [][]float64      `json:"rows"`
		Any    any              `json:"any"`
		Raw    json.RawMessage  `json:"raw"`
		Named  map[string]inner `json:"named"`
		Matrix [1][2]celsius    `json:"matrix"`
	}
	for _, c := range []struct {
		v          any
		text, null string
	}{
		{nan, "NaN", "null"},
		{float32(math.Inf(-1)), "-Infinity", "null"},
		{p, "NaN", "null"},
		{[]float64{1, nan, inf, -inf}, "[1,NaN,Infinity,-Infinity]", "[1,null,null,null]"},
		{[][]float32{{float32(nan)}, nil}, "[[NaN],null]", "[[null],null]"},
		{[]any{nan, "NaN", []float64{inf}, nil, []byte("hi")}, `[NaN,"NaN",[Infinity],null,"aGk="]`, `[null,"NaN",[null],null,"aGk="]`},
		{map[string]any{"b": nan, "a<": "é"}, `{"a<":"é","b":NaN}`, `{"a<":"é","b":null}`},
		{map[color]celsius{2: celsius(inf)}, `{"color-2":Infinity}`, `{"color-2":null}`},
		{[]celsius{celsius(nan)}, "[NaN]", "[null]"},
		{
			outer{inner: inner{float32(inf)}, P: p, Q: nan, S: "Infinity", Rows: [][]float64{{nan}}, Raw: json.RawMessage("[1]")},
			`{"f":Infinity,"p":NaN,"q":"NaN","s":"Infinity","m":null,"rows":[[NaN]],"any":null,"raw":[1],"named":null,"matrix":[[0,0]]}`,
			`{"f":null,"p":null,"q":null,"s":"Infinity","m":null,"rows":[[null]],"any":null,"raw":[1],"named":null,"matrix":[[0,0]]}`,
		},
	} {
		text, err := Encode(c.v, false)
		require.NoError(t, err)
		assert.Equal(t, c.text, string(text))

		back := reflect.New(reflect.TypeOf(c.v))
		require.NoError(t, Decode(string(text), back.Interface()))
		again, err := Encode(back.Elem().Interface(), false)
		require.NoError(t, err)
		assert.Equal(t, c.text, string(again))

		text, err = Encode(c.v, true)
		require.NoError(t, err)
		assert.Equal(t, c.null, string(text))
		assert.True(t, json.Valid(text))
	}
}

func TestNonFiniteReachesUnmarshalers(t *testing.T) {
	var points []point
	require.NoError(t, Decode(`[[NaN,-Infinity]]`, &points))
	assert.True(t, math.IsNaN(points[0].X))
	assert.True(t, math.IsInf(points[0].Y, -1))

	var raw json.RawMessage
	require.NoError(t, Decode(` {"a": NaN} `, &raw))
	assert.Equal(t, `{"a": NaN}`, string(raw))
}

func TestEncodeErrors(t *testing.T) {
	list := []any{math.NaN(), nil}
	list[1] = list
	m := map[string]any{"a": math.NaN()}
	m["b"] = m
	type loop struct {
		F    float64
		Next *loop
	}
	l := &loop{F: math.NaN()}
	l.Next = l
	for _, v := range []any{list, m, l} {
		_, err := Encode(v, false)
		assert.ErrorContains(t, err, "cycle")
	}
	for _, v := range []any{make(chan int), []any{math.NaN(), func() {}}, map[string]any{"a": math.NaN(), "b": map[[1]int]int{{1}: 1}}, complex(1, 1)} {
		_, err := Encode(v, false)
		assert.Error(t, err)
	}
}

// A row of another length than the first must not be taken for the measure of
// the others.
func TestEncodeRagged(t *testing.T) {
	rows := make([][]float64, 100_000)
	rows[0] = make([]float64, 100_000)
	text, err := Encode(rows, false)
	require.NoError(t, err)
	assert.Less(t, cap(text), 10_000_000)
}

func TestDecodeAny(t *testing.T) {
	big30 := strings.Repeat("9", 30)
	for text, want := range map[string]any{
		"1":                    int64(1),
		"-0":                   int64(0),
		"1.0":                  1.0,
		"1e2":                  100.0,
		"-1.5E-1":              -0.15,
		"9223372036854775807":  int64(math.MaxInt64),
		"9007199254740993":     int64(1<<53 + 1),
		"18446744073709551615": json.Number("18446744073709551615"),
		big30:                  json.Number(big30),
		"1e400":                json.Number("1e400"),
		"Infinity":             math.Inf(1),
		`"a\ud83d\ude00\n"`:    "a😀\n",
		`"\ud800"`:             "\ufffd",
		" [ ] ":                []any{},
		"{}":                   map[string]any{},
		`{"a":[1,null,true,false,{"b":2.5}],"a ":"x"}`: map[string]any{"a": []any{int64(1), nil, true, false, map[string]any{"b": 2.5}}, "a ": "x"},
		`{"a":1,"a":2}`:                         map[string]any{"a": int64(2)},
		`{"_type":"pathlib.Path","value":"/x"}`: map[string]any{"_type": "pathlib.Path", "value": "/x"},
		`{"_type":"np.ndarray_small"}`:          map[string]any{"_type": "np.ndarray_small"},
	} {
		var got any
		require.NoError(t, Decode(text, &got), text)
		assert.Equal(t, want, got, text)

		var deep struct{ X map[string][]any }
		require.NoError(t, Decode(`{"x":{"k":[`+text+`]}}`, &deep), text)
		assert.Equal(t, want, deep.X["k"][0], text)
	}

	for _, number := range []string{big30, "18446744073709551615", "-12345678901234567890"} {
		var x any
		require.NoError(t, Decode(number, &x))
		back, err := Encode(x, false)
		require.NoError(t, err)
		assert.Equal(t, number, string(back), "no digit is lost")

		var i *big.Int
		require.NoError(t, Decode(number, &i))
		assert.Equal(t, number, i.String())
	}
}

func TestDecodeErrors(t *testing.T) {
	for _, text := range []string{"", " ", "nul", "tru", "falsy", "nan", "Nan", "-NaN", "+1", "01", "1.", ".5", "1e", "1e+", "-", "Inf", "-Inf", "[", "[1", "[1,", "[1,]", "[,1]", "{",
		`{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{a:1}`, `{1:1}`, `"`, `"\`, `"\x"`, `"\u12"`, "\"\n\"", "1 2", "[1]]", "'a'", "\x00", strings.Repeat("[", MaxDepth+1)} {
		for _, dst := range []any{new(any), new(json.RawMessage), new([]any), new([]float64), new([][]int8), new(map[string]any), new(record), new(string), new(*bool), new(point), new(json.Number)} {
			assert.Error(t, Decode(text, dst), "%q into %T", text, dst)
		}
	}
	for _, dst := range []any{nil, 1, (*int)(nil)} {
		var invalid *json.InvalidUnmarshalError
		assert.ErrorAs(t, Decode("1", dst), &invalid)
	}

	var rec record
	err := Decode(`{"next":{"next":{"byInt":{"1":["x"]}}}}`, &rec)
	var wrong *json.UnmarshalTypeError
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, "next.next.byInt", wrong.Field)
	assert.EqualError(t, err, "json: cannot unmarshal string into Go struct field record.next.next.byInt of type float64")

	var formatter struct{ F fmt.Stringer }
	assert.Error(t, Decode(`{"F":1}`, &formatter), "nothing can be put into an interface with methods")
	assert.NoError(t, Decode(`{"F":null}`, &formatter))
	assert.Error(t, Decode(`{"a":1}`, new(map[float64]int)))

	var hidden struct{ *other }
	assert.Error(t, Decode(`{"Other":1}`, &hidden), "an unexported embedded pointer cannot be set")
	assert.Error(t, Decode(`{"next":NaN}`, &rec))
	assert.Error(t, Decode(`{"wide":NaN}`, &rec))
	assert.Error(t, Decode(`{"number":NaN}`, &rec))
	assert.Error(t, Decode(`{"number":"x"}`, &rec))
}

func TestDeepNesting(t *testing.T) {
	text := strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth)
	var x any
	require.NoError(t, Decode(text, &x))
	assert.NoError(t, json.Unmarshal([]byte(text), &x), "encoding/json has the same limit")
}
