package socketio

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// jsonTexts are JSON and nearly JSON.
var jsonTexts = []string{
	`1`, `-1`, `0`, `-0`, `01`, `-`, `1.5`, `1.`, `.5`, `1e9`, `1E+9`, `1e-9`, `1e`, `1e+`, `1.e1`, `12345678901234567890`, `+1`, `--1`, `1 2`,
	`true`, `false`, `null`, `tru`, `nulll`, `True`, `None`, `undefined`, ``, ` `, `x`,
	`""`, `"a"`, `"a`, `"`, `"\"`, `"\\"`, `"\""`, `"\/\b\f\n\r\t"`, `"\u00e9"`, `"\uD83D\uDE00"`, `"\ud83d"`, `"\u12"`, `"\u12g4"`, `"\x"`, `"\`, `"\u`,
	"\"\t\"", "\"\n\"", "\"\x1f\"", "\"\x7f é 😀\"", `'a'`,
	`[]`, `[ ]`, `[1]`, `[1,2]`, `[1,]`, `[,1]`, `[,]`, `[1 2]`, `[1,,2]`, `[`, `]`, `[1`, `[1,`, `[[]]`, `[[]`, `[]]`, `[1],[2]`, `["a"],["b"]`,
	`{}`, `{ }`, `{"a":1}`, `{"a":1,"b":[{}]}`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a":}`, `{"a" 1}`, `{a:1}`, `{1:1}`, `{"a":1 "b":2}`, `{`, `}`, `{"a"`, `{"a":`, `{"a":1`, `{]`, `[}`,
	" \t\r\n[ \t\r\n1 \t\r\n, \t\r\n{ \t\r\n\"a\" \t\r\n: \t\r\n1 \t\r\n} \t\r\n] \t\r\n", "\v1", "\u00a01", "[1]\x00", "\x00",
	`{"_placeholder":true,"num":5}`,
}

// The standard library is the model for all but Python's three words.
func TestScanner_sameAsStandardLibrary(t *testing.T) {
	for _, text := range jsonTexts {
		requireSameAsStandard(t, []byte(text))
	}
}

func requireSameAsStandard(t *testing.T, text []byte) {
	t.Helper()
	s := scanner{in: text, attachments: plain}
	require.Equal(t, json.Valid(text), s.value(0) && s.end(), "%q", text)
}

func TestScanner_pythonsWords(t *testing.T) {
	for _, text := range []string{`NaN`, `Infinity`, `-Infinity`, `[NaN,{"a":-Infinity}]`} {
		s := scanner{in: []byte(text), attachments: plain}
		require.True(t, s.value(0) && s.end(), text)
	}
	for _, text := range []string{`nan`, `-NaN`, `+Infinity`, `--Infinity`, `Infinit`, `-Inf`, `NaNa`, `1Infinity`, `{NaN:1}`} {
		s := scanner{in: []byte(text), attachments: plain}
		require.False(t, s.value(0) && s.end(), text)
	}
}

func TestScanner_depth(t *testing.T) {
	for _, pair := range []string{`[]`, `{"a":1}`} {
		open, close := pair[:len(pair)-1], pair[len(pair)-1:]
		if open == `{"a":1` {
			open = `{"a":`
		}
		nested := func(n int) []byte {
			return []byte(strings.Repeat(open, n) + "1" + strings.Repeat(close, n))
		}
		s := scanner{in: nested(MaxDepth), attachments: plain}
		require.True(t, s.value(0) && s.end())
		s = scanner{in: nested(MaxDepth + 1), attachments: plain}
		require.False(t, s.value(0))
	}
	_, err := parseAck([]byte(strings.Repeat("[", 1<<20)), plain)
	require.ErrorIs(t, err, ErrProtocol)
}

func TestParseEvent_splits(t *testing.T) {
	for payload, want := range map[string][2]string{
		`["a"]`:                          {"a", ""},
		`[""]`:                           {"", ""},
		` [ "a" ] `:                      {"a", ""},
		`["a",1]`:                        {"a", "1"},
		`["a", 1 , [2] ]`:                {"a", "1 , [2]"},
		`["caf\u00e9 \ud83d\ude00","é"]`: {"café 😀", `"é"`},
		`["a\"]",[["k","v"],{}]]`:        {`a"]`, `[["k","v"],{}]`},
		`["a",12345678901234567890,NaN]`: {"a", `12345678901234567890,NaN`},
		`["a",{"z":1,"a":2,"z":3}]`:      {"a", `{"z":1,"a":2,"z":3}`},
		`["a",{"_placeholder":true,"num":0}]`: {"a",
			`{"_placeholder":true,"num":0}`},
	} {
		name, args, err := parseEvent([]byte(payload), plain)
		require.NoError(t, err, payload)
		require.Equal(t, want, [2]string{unescape(name), string(args)})
	}
	for _, payload := range []string{
		``, `[]`, `{}`, `"a"`, `null`, `[1]`, `[null]`, `[["a"]]`, `[1,"a"]`, `["a"`, `["a",`, `["a",]`, `["a" 1]`, `["a",1`,
		`["a",1}`, `["a"]x`, `["a"],["b"]`, `["a",1],["x"]`, `["a",[1]`, `["a",nope]`, `["a\x"]`, `[a]`, `["a",1]]`, `garbage`, `[,"a"]`,
	} {
		_, _, err := parseEvent([]byte(payload), plain)
		require.ErrorIs(t, err, ErrProtocol, payload)
	}
}

func TestParseAck_splits(t *testing.T) {
	for payload, want := range map[string]string{`[]`: "", ` [ ] `: "", `[1]`: "1", `[{"data":2}]`: `{"data":2}`, `[ [] , 1 ]`: `[] , 1`} {
		args, err := parseAck([]byte(payload), plain)
		require.NoError(t, err, payload)
		require.Equal(t, want, string(args))
	}
	for _, payload := range []string{``, `{}`, `1`, `[1,]`, `[`, `[1`, `[]]`, `[1],[2]`, `null`} {
		_, err := parseAck([]byte(payload), plain)
		require.ErrorIs(t, err, ErrProtocol, payload)
	}
}

func TestParseEvent_placeholders(t *testing.T) {
	for _, object := range []string{
		`{"_placeholder":true,"num":0}`, `{"_placeholder":true,"num":1}`, `{"num":1,"_placeholder":true}`, `{ "_placeholder" : true , "num" : 1 }`,
		`{"_placeholder":false,"num":9}`, `{"_placeholder":"true","num":9}`, `{"_placeholder":1}`, `{"num":-1}`, `{"_placeholder":true,"num":0,"more":[1]}`,
		`{"_placeholder":true,"num":9,"num":1}`, `{"_placeholder":true,"_placeholder":null}`,
	} {
		for _, format := range []string{"%", `[%]`, `{"a":[{},%]}`, `1,%,%`} {
			payload := `["a",` + strings.ReplaceAll(format, "%", object) + `]`
			_, _, err := parseEvent([]byte(payload), 2)
			require.NoError(t, err, payload)
		}
	}
	for _, object := range []string{
		`{"_placeholder":true}`, `{"_placeholder":true,"num":2}`, `{"_placeholder":true,"num":-1}`, `{"_placeholder":true,"num":"0"}`,
		`{"_placeholder":true,"num":0.5}`, `{"_placeholder":true,"num":1e0}`, `{"_placeholder":true,"num":null}`, `{"_placeholder":true,"num":[0]}`,
		`{"_placeholder":true,"num":99999999999999999999}`, `{"_placeholder":true,"num":NaN}`, `{"_placeholder":true,"num":0,"num":2}`,
		`{"\u005fplaceholder":true,"n\u0075m":2}`, `{"_placeholder":false,"_placeholder":true,"num":7}`, `{"_placeholder":true,"num":-0}`,
	} {
		for _, format := range []string{"%", `[%]`, `{"a":[{},%]}`, `1,%`} {
			payload := `["a",` + strings.ReplaceAll(format, "%", object) + `]`
			_, _, err := parseEvent([]byte(payload), 2)
			require.ErrorIs(t, err, ErrProtocol, payload)
			_, _, err = parseEvent([]byte(payload), plain)
			require.NoError(t, err, payload)
		}
	}
}

func TestParse_allocatesNothing(t *testing.T) {
	data := []byte(`51-/znsocket,42["hset",[["h"],{"mapping":{"a":"1","b":"\u00e9","c":{"_placeholder":true,"num":0}}}]]`)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		p, err := parsePacket(data)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := parseEvent(p.payload, p.attachments); err != nil {
			t.Fatal(err)
		}
	}))
}
