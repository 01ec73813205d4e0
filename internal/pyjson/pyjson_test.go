package pyjson

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestParse_depth(t *testing.T) {
	nest := func(open, inner, end string, n int) []byte {
		return []byte(strings.Repeat(open, n) + inner + strings.Repeat(end, n))
	}
	for _, n := range []int{MaxDepth, MaxDepth + 1, 1_000_000} {
		_, err := Parse(nest("[", "1", "]", n), nil)
		_, objectErr := Parse(nest(`{"a":`, "1", "}", n), nil)
		if n == MaxDepth {
			require.NoError(t, err)
			require.NoError(t, objectErr)
			continue
		}
		require.ErrorIs(t, err, ErrDepth)
		require.ErrorIs(t, objectErr, ErrDepth)
	}
}

func TestParse_attachments(t *testing.T) {
	files := [][]byte{{0xff, 0}, []byte("second")}
	v, err := Parse([]byte(`[{"_placeholder":true,"num":1},{"data":{"num":0,"_placeholder":true}}]`), files)
	require.NoError(t, err)
	require.Equal(t, Value{Kind: Bytes, Text: "second"}, v.Items[0])
	require.Equal(t, Value{Kind: Bytes, Text: "\xff\x00"}, v.Items[1].Items[0])

	v, err = Parse([]byte(`[{"_placeholder":false,"num":0},{"_placeholder":1},{"num":0}]`), files)
	require.NoError(t, err)
	for _, item := range v.Items {
		require.Equal(t, Object, item.Kind)
	}
	v, err = Parse([]byte(`{"_placeholder":true,"num":7}`), nil)
	require.NoError(t, err)
	require.Equal(t, Object, v.Kind)

	for _, document := range []string{
		`{"_placeholder":true}`, `{"_placeholder":true,"num":"0"}`, `{"_placeholder":true,"num":0.0}`, `{"_placeholder":true,"num":-1}`,
		`{"_placeholder":true,"num":2}`, `{"_placeholder":true,"num":99999999999999999999}`,
		`[{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]`,
	} {
		_, err := Parse([]byte(document), files)
		require.Error(t, err, document)
	}
}

func TestParse_values(t *testing.T) {
	for document, n := range map[string]int{`5`: 0, `[[],[]]`: 2, `[1,[2,{"a":3}]]`: 5, `{"a":[1],"b":2}`: 3} {
		_, err := parse([]byte(document), nil, n)
		require.NoError(t, err, document)
		if n > 0 {
			_, err = parse([]byte(document), nil, n-1)
			require.ErrorIs(t, err, ErrValues, document)
		}
	}
}

func TestValue_Get(t *testing.T) {
	v, err := Parse([]byte(`{"a":1,"b":2,"a":3}`), nil)
	require.NoError(t, err)
	a, ok := v.Get("a")
	require.True(t, ok)
	require.Equal(t, "3", a.Text)
	_, ok = v.Get("c")
	require.False(t, ok)
}

func TestAppendString_notUTF8(t *testing.T) {
	require.Equal(t, "\"a\ufffd\ufffdé\ufffd\"", string(AppendString(nil, "a\xff\xc3é\xe2")))
}

// FuzzParse holds Parse to encoding/json where the two mean the same, and to
// its own documents written again.
func FuzzParse(f *testing.F) {
	for _, document := range documents {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		v, err := Parse(document, nil)
		if err != nil {
			if json.Valid(document) && utf8.Valid(document) && strings.Count(string(document), "[")+strings.Count(string(document), "{") <= MaxDepth {
				t.Fatalf("%q: %v", document, err)
			}
			return
		}
		python := strings.Contains(string(document), "NaN") || strings.Contains(string(document), "Infinity")
		if !python && !json.Valid(document) {
			t.Fatalf("%q is no JSON", document)
		}
		again, err := Parse(Append(nil, &v), nil)
		require.NoError(t, err)
		require.Equal(t, v, again)
	})
}

func BenchmarkParse_call(b *testing.B) {
	document := []byte(`[["name","Fabian"],{}]`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(document, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse_large(b *testing.B) {
	document := []byte(`[["l"` + strings.Repeat(`,"[1.5, 2.5, 3.5]"`, 100_000) + `],{}]`)
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(document, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendString(b *testing.B) {
	text := strings.Repeat(`{"value": [1.5, 2.5]} `, 1000)
	b.SetBytes(int64(len(text)))
	var dst []byte
	for b.Loop() {
		dst = AppendString(dst[:0], text)
	}
}
