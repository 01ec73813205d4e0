package objectjson

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/znsocket/znsocket/internal/npy"
)

type user struct {
	Name  string   `json:"name"`
	Age   int      `json:"age"`
	Score float64  `json:"score"`
	Tags  []string `json:"tags,omitempty"`
}

var benchUser = user{"Ada Lovelace", 36, 99.5, []string{"math", "engine"}}

// matrix is 8 MB of floats with all their digits.
func matrix() [][]float64 {
	r := rand.New(rand.NewPCG(1, 2))
	rows := make([][]float64, 1000)
	for i := range rows {
		rows[i] = make([]float64, 1000)
		for j := range rows[i] {
			rows[i][j] = r.NormFloat64()
		}
	}
	return rows
}

func benchEncode(b *testing.B, v any) {
	text, err := Encode(v, false)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("this", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			_, _ = Encode(v, false)
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			_, _ = json.Marshal(v)
		}
	})
}

func benchDecode[T any](b *testing.B, v T) {
	text, err := Encode(v, false)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("this", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var got T
			if err := Decode(string(text), &got); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var got T
			if err := json.Unmarshal(text, &got); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	b.Run("matrix", func(b *testing.B) { benchEncode(b, matrix()) })
	b.Run("struct", func(b *testing.B) { benchEncode(b, benchUser) })
	b.Run("string", func(b *testing.B) { benchEncode(b, "a short string") })
	b.Run("tree", func(b *testing.B) { benchEncode(b, benchTree()) })
}

func BenchmarkDecode(b *testing.B) {
	b.Run("matrix", func(b *testing.B) { benchDecode(b, matrix()) })
	b.Run("struct", func(b *testing.B) { benchDecode(b, benchUser) })
	b.Run("string", func(b *testing.B) { benchDecode(b, "a short string") })
	b.Run("tree", func(b *testing.B) { benchDecode(b, benchTree()) })
}

func benchTree() any {
	return map[string]any{"id": "r1", "n": 7, "pos": []any{1.5, 2.5, nil}, "ok": true, "nested": map[string]any{"a": "b"}}
}

func BenchmarkArray(b *testing.B) {
	data := make([]float64, 0, 1e6)
	for _, row := range matrix() {
		data = append(data, row...)
	}
	a := npy.Array{Shape: []int{1000, 1000}, Data: data}
	text, err := EncodeArray(a)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = EncodeArray(a)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var x any
			if err := Decode(string(text), &x); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode as rows", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var x [][]float64
			if err := Decode(string(text), &x); err != nil {
				b.Fatal(err)
			}
		}
	})
}
