package objectjson

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// FuzzDecode holds Decode to what encoding/json reads and refuses, and to text
// that Encode writes again.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"ID":"a","floats":[1,2.5e3],"rows":[[1,2]],"next":{"quoted":"1"}}`,
		`[NaN,-Infinity,{"a":[null,true]}]`,
		`{"_type":"np.ndarray_small","value":[[1,2],[3,4.5]]}`,
		`{"_type":"np.ndarray_b64","value":"k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAD4Pw=="}`,
		`"\ud83d\ude00\u0000"`, `12345678901234567890`, `[[1],[2,3],null]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		beyond := strings.Contains(text, "N") || strings.Contains(text, "Infinity") || strings.Contains(text, "ndarray")

		var x any
		err := Decode(text, &x)
		if err == nil {
			if !beyond && !json.Valid([]byte(text)) {
				t.Fatalf("%q is no JSON", text)
			}
			again, err := Encode(x, false)
			if err != nil {
				t.Fatal(err)
			}
			var y any
			if err := Decode(string(again), &y); err != nil {
				t.Fatalf("%q, written again as %q: %v", text, again, err)
			}
		} else if !beyond && json.Valid([]byte(text)) {
			t.Fatalf("%q: %v", text, err)
		}

		for _, dst := range []any{new(record), new([][]float64), new([3]int8), new(map[string][]uint16), new([]point)} {
			err := Decode(text, dst)
			if beyond {
				continue
			}
			want := reflect.New(reflect.TypeOf(dst).Elem()).Interface()
			if wantErr := json.Unmarshal([]byte(text), want); (err == nil) != (wantErr == nil) {
				t.Fatalf("%q into %T: %v, in encoding/json %v", text, dst, err, wantErr)
			} else if err == nil && !reflect.DeepEqual(dst, want) {
				t.Fatalf("%q into %T: %v, in encoding/json %v", text, dst, dst, want)
			}
		}
	})
}
