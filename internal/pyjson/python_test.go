package pyjson

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// python runs a program of Python's with in as JSON on its input and reads what
// it writes into out.
func python(t *testing.T, in, out any, args ...string) {
	t.Helper()
	stdin, err := json.Marshal(in)
	require.NoError(t, err)
	cmd := exec.Command(peers.Python(t), args...)
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	answer, err := cmd.Output()
	require.NoError(t, err, "make setup installs the Python that is compared with: %s", stderr.String())
	require.NoError(t, json.Unmarshal(answer, out))
}

// describe says what is in a Value, as testdata/loads.py does. null is a
// document that was refused.
func describe(v *Value, err error) any {
	if err != nil {
		return nil
	}
	switch v.Kind {
	case Int:
		return []any{"int", v.Text}
	case Float:
		return []any{"float", v.Text}
	case String:
		return []any{"string", v.Text}
	case Array:
		items := []any{}
		for i := range v.Items {
			items = append(items, describe(&v.Items[i], nil))
		}
		return []any{"array", items}
	case Object:
		pairs := []any{}
		for i, key := range v.Keys {
			pairs = append(pairs, []any{key, describe(&v.Items[i], nil)})
		}
		return []any{"object", pairs}
	}
	return []any{map[Kind]string{Null: "None", True: "True", False: "False"}[v.Kind], nil}
}

var documents = []string{
	`null`, `true`, `false`, ` [ ] `, "\t{\n}\r", `[1,2]`, `[1 , 2 , ]`, `[,]`, `[1 2]`, `{"a":1,"a":2}`, `{"a":1,}`, `{a:1}`, `{"a" 1}`,
	`{"a":}`, `{"":""}`, `{"b":{"c":[{}]},"a":[[]]}`, `[`, `{`, `]`, `[}`, `{]`, ``, ` `, `nul`, `nulls`, `True`, `1 1`, `"a" "b"`,
	`0`, `-0`, `00`, `01`, `-01`, `+1`, `-`, `--1`, `1.`, `.5`, `1.5`, `-1.50`, `1e`, `1e+`, `1e5`, `1E-05`, `1e21`, `1.0`, `0.0`, `-0.0`, `1e999`, `0x1`, `1_0`,
	`123456789012345678901234567890123456789012345678901234567890`, `NaN`, `-NaN`, `Infinity`, `-Infinity`, `+Infinity`, `Inf`, `-Inf`, `nan`, `[NaN,Infinity,-Infinity]`,
	`"a`, `"`, `"\"`, `"\x"`, `"\`, `"\u"`, `"\u12"`, `"\u12g4"`, `"\u+123"`, `"\u0x12"`, `"é"`, `"\u00e9\/\b\f\n\r\t\"\\"`, "\"a\nb\"", "\"a\x00b\"", "\"\x7f\"", "\"\u2028\"", "\"\xff\"",
	"\"\\n\xff\"", "\"\\n\x01\"", `"\\n` + "\t\"", `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\ud83dx"`, `"\ud83d\n"`, `"\ud83d\u0041"`, `"\ud83d\ud83d\ude00"`, `"\ud83d\u"`, `"\ud83d\"`,
	"\ufeff1", "'a'", "[1]\x00", "[\u00a01]", "/**/1", `[1]//`, `{"k":"v"}{"k":"v"}`, `[["k","v"],{"ex":10,"nx":true}]`,
	strings.Repeat("[", 200) + strings.Repeat("]", 200), strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200),
	`["` + strings.Repeat("long ", 200) + `","` + strings.Repeat(`\u00e9`, 200) + `",` + strings.Repeat("1", 600) + `,NaN]`,
}

func TestParse_readsWhatPythonReads(t *testing.T) {
	all := append(mutations(documents, 20000), documents...)
	encoded := make([]string, len(all))
	for i, document := range all {
		encoded[i] = base64.StdEncoding.EncodeToString([]byte(document))
	}
	var want []any
	python(t, encoded, &want, "testdata/loads.py")
	for i, document := range all {
		v, err := Parse([]byte(document), nil)
		require.Equal(t, want[i], describe(&v, err), "%q: %v", document, err)
	}
}

// mutations are documents with a few bytes changed, always the same ones.
func mutations(documents []string, n int) []string {
	const alphabet = `[]{}",:\\ 01-+.eEuNIntfals/d8` + "\n\x00é"
	dice := rand.New(rand.NewPCG(1, 2))
	mutated := make([]string, n)
	for i := range mutated {
		b := []byte(documents[dice.IntN(len(documents))])
		for range 1 + dice.IntN(3) {
			at := dice.IntN(len(b) + 1)
			c := alphabet[dice.IntN(len(alphabet))]
			switch dice.IntN(3) {
			case 0:
				b = append(b[:at], append([]byte{c}, b[at:]...)...)
			case 1:
				b = append(b[:at], b[min(at+1, len(b)):]...)
			default:
				if at < len(b) {
					b[at] = c
				}
			}
		}
		mutated[i] = string(b)
	}
	return mutated
}

func TestAppendFloat_asPythonsRepr(t *testing.T) {
	floats := []float64{0, math.Copysign(0, -1), 1, 1.5, -2, 0.1, 1e-4, 9.999e-5, 1e-5, 1e15, 1e16, 9999999999999998, 123456789012345680,
		1e21, 1e22, 1e100, 5e-324, math.MaxFloat64, math.SmallestNonzeroFloat64, 1 / 3.0}
	dice := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		floats = append(floats, math.Float64frombits(dice.Uint64()), dice.NormFloat64(), math.Trunc(dice.NormFloat64()*1e16))
	}
	hex := make([]string, 0, len(floats))
	got := make([]string, 0, len(floats))
	for _, f := range floats {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		hex = append(hex, fmt.Sprintf("%x", f))
		got = append(got, string(AppendFloat(nil, f)))
	}
	var want []string
	python(t, hex, &want, "-c", "import json,sys; print(json.dumps([repr(float.fromhex(f)) for f in json.load(sys.stdin)]))")
	require.Equal(t, want, got)
}

func TestAppendFloat_notANumber(t *testing.T) {
	var got []byte
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		got = append(AppendFloat(got, f), ' ')
	}
	require.Equal(t, "NaN Infinity -Infinity ", string(got))
}

func TestAppendString_pythonReadsItBack(t *testing.T) {
	texts := []string{"", "a", `"\/`, "\x00\x01\x1f\x7f", "\b\f\n\r\t", "é漢😀", "\u2028\u2029", "\ufffd", strings.Repeat("é\n", 1000)}
	documents := make([]string, len(texts))
	for i, text := range texts {
		documents[i] = string(AppendString(nil, text))
	}
	var read []string
	python(t, documents, &read, "-c", "import json,sys; print(json.dumps([json.loads(d) for d in json.load(sys.stdin)]))")
	require.Equal(t, texts, read)
}
