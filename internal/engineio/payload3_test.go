package engineio

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parseAll3 parses a body that came as bytes or as text.
func parseAll3(body []byte, asBytes bool) (all []packet, err error) {
	contentType := typePayload
	if asBytes {
		contentType = typeBinary
	}
	p, err := payloads3{}.open(contentType, body)
	if err != nil {
		return nil, err
	}
	err = p.each(func(p packet) error {
		all = append(all, p)
		return nil
	})
	return all, err
}

// The first ones are from the protocol's own documents.
func TestPayload3_knownOnes(t *testing.T) {
	for body, want := range map[string][]packet{
		"6:4hello":                     {{packetMessage, []byte("hello")}},
		"2:4€":                         {{packetMessage, []byte("€")}},
		"6:4hello2:4€":                 {{packetMessage, []byte("hello")}, {packetMessage, []byte("€")}},
		"2:4€10:b4AQIDBA==":            {{packetMessage, []byte("€")}, {packetBinary, []byte{1, 2, 3, 4}}},
		"3:4\U0001F6001:4":             {{packetMessage, []byte("\U0001F600")}, {packetMessage, []byte{}}},
		"6:2probe6:3probe1:51:6":       {{packetPing, []byte("probe")}, {packetPong, []byte("probe")}, {packetUpgrade, []byte{}}, {packetNoop, []byte{}}},
		"2:b46:b4/+8=":                 {{packetBinary, nil}, {packetBinary, []byte{0xff, 0xef}}},
		"7:4\x1e1:4:\x00":              {{packetMessage, []byte("\x1e1:4:\x00")}},
		"14:4a longer text":            {{packetMessage, []byte("a longer text")}},
		"2:4\uE0002:4\uFFFD3:4ü\u0301": {{packetMessage, []byte("\uE000")}, {packetMessage, []byte("\uFFFD")}, {packetMessage, []byte("ü\u0301")}},
	} {
		got, err := parseAll3([]byte(body), false)
		require.NoError(t, err, body)
		requireSame(t, want, got)
		require.Equal(t, body, string(payloads3{base64: true}.appendPayload(nil, want)))
	}

	const body = "\x00\x06\xff4hello\x01\x05\xff\x04\x01\x02\x03\x04\x00\x04\xff4€\x00\x01\x02\xff4eleven char"
	want := []packet{{packetMessage, []byte("hello")}, {packetBinary, []byte{1, 2, 3, 4}}, {packetMessage, []byte("€")}, {packetMessage, []byte("eleven char")}}
	got, err := parseAll3([]byte(body), true)
	require.NoError(t, err)
	requireSame(t, want, got)
	require.Equal(t, body, string(payloads3{}.appendPayload(nil, want)))
	require.Equal(t, "application/octet-stream", payloads3{}.contentType(want))
	require.Equal(t, typePayload, payloads3{base64: true}.contentType(want))
	require.Equal(t, typePayload, payloads3{}.contentType(want[:1]))
	require.Equal(t, "6:4hello", string(payloads3{}.appendPayload(nil, want[:1])))
}

func requireSame(t *testing.T, want, got []packet) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.Equal(t, want[i].kind, got[i].kind)
		require.Equal(t, string(want[i].data), string(got[i].data))
	}
}

func TestPayload3_malformed(t *testing.T) {
	for _, body := range []string{
		"", ":", "1", "4hello", "6", "6:", "6:4hell", "7:4hello", "0:", "0:1:4", "-1:4", "+1:4", " 1:4", "1 :4", "1e0:4", "0x1:4",
		"1:7", "1:9", "1:b", "2:b3", "2:b5", "5:b4AQI", "6:b4-_8=", "1:4x", "1:41", "1:4;1:4", "6:4hello\x1e", "4a\x1e4b",
		"2:4\U0001F600", "1:4\U0001F6002:4x", "2:4\xff", "2:4\xed\xa0\x80", "4:4\xed\xa0\x80",
		"999999999:4", "9999999999:4", "00000000001:4", "18446744073709551617:4", strings.Repeat("9", 10_000) + ":4",
	} {
		_, err := parseAll3([]byte(body), false)
		require.ErrorIs(t, err, ErrProtocol, "%.50q", body)
	}
	for _, body := range []string{
		"", "\x00", "\x01", "\x02\x01\xff4", "\xff", "\x00\xff4", "\x00\x01", "\x00\x014", "\x00\x02\xff4", "\x00\x00\xff", "\x01\x00\xff",
		"\x00\x0a\xff4", "\x001\xff4", "\x00\x01\xff4\x03", "\x01\x02\xff4x", "\x01\x02\xff\x02x", "\x00\x02\xff4\xff", "\x00\x01\xff7",
		"\x00\x09\x09\x09\x09\x09\x09\x09\x09\x09\xff4", "\x00" + strings.Repeat("\x09", 400) + "\xff4", "6:4hello",
	} {
		_, err := parseAll3([]byte(body), true)
		require.ErrorIs(t, err, ErrProtocol, "%.50q", body)
	}
}

// TestPayload3_announcedLengthCostsNothing: memory follows what came.
func TestPayload3_announcedLengthCostsNothing(t *testing.T) {
	for body, asBytes := range map[string]bool{"999999999:4x": false, "\x01\x09\x09\x09\x09\x09\x09\x09\x09\x09\xff\x04x": true} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := parseAll3([]byte(body), asBytes)
		runtime.ReadMemStats(&after)
		require.ErrorIs(t, err, ErrProtocol)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1_000_000))
	}
}

func TestPayload3_stopsAtTheFirstError(t *testing.T) {
	stop := errors.New("stop")
	calls := 0
	err := payload3{[]byte("2:4a2:4b2:4c"), cutText3}.each(func(packet) error {
		calls++
		if calls == 2 {
			return stop
		}
		return nil
	})
	require.Equal(t, stop, err)
	require.Equal(t, 2, calls)
}

// line is a line of what testdata/parser3.cjs reads and writes.
type line struct {
	Packets []any  `json:"packets"`
	Text    []byte `json:"text"`
	Bytes   []byte `json:"bytes"`
}

// The parser of the real client reads what we write, and writes the same.
func TestPayload3_asTheClientsParser(t *testing.T) {
	node, err := exec.LookPath("node")
	require.NoError(t, err, "no Node.js to test with: install it")
	client, err := filepath.Abs("../../testdata/js/node_modules/socket.io-client-2")
	require.NoError(t, err)
	require.DirExists(t, client, "run `make setup` to install it")
	require.FileExists(t, "testdata/parser3.cjs")

	dice := rand.New(rand.NewPCG(3, 3))
	letters := []rune("a:0€\U0001F600ü\n\u2028\x1e\x00\uFFFF")
	var payloads [][]packet
	var input bytes.Buffer
	lines := json.NewEncoder(&input)
	for range 1000 {
		var packets []packet
		var parts []any
		for range 1 + dice.IntN(5) {
			if dice.IntN(3) == 0 {
				data := make([]byte, dice.IntN(30))
				for i := range data {
					data[i] = byte(dice.Uint32())
				}
				packets = append(packets, packet{packetBinary, data})
				parts = append(parts, []any{4, nil, data})
				continue
			}
			var text []rune
			for range dice.IntN(120) {
				text = append(text, letters[dice.IntN(len(letters))])
			}
			kind := dice.IntN(7)
			packets = append(packets, packet{packetOpen + packetType(kind), []byte(string(text))})
			parts = append(parts, []any{kind, string(text)})
		}
		payloads = append(payloads, packets)
		require.NoError(t, lines.Encode(line{parts, payloads3{base64: true}.appendPayload(nil, packets), payloads3{}.appendPayload(nil, packets)}))
	}

	cmd := exec.CommandContext(t.Context(), node, "testdata/parser3.cjs", client)
	cmd.Stdin = &input
	var complaints strings.Builder
	cmd.Stderr = &complaints
	output, err := cmd.Output()
	require.NoError(t, err, complaints.String())
	written := bufio.NewScanner(bytes.NewReader(output))
	for i, packets := range payloads {
		require.True(t, written.Scan())
		var theirs line
		require.NoError(t, json.Unmarshal(written.Bytes(), &theirs))
		require.Equal(t, string(theirs.Text), string(payloads3{base64: true}.appendPayload(nil, packets)), "payload %d", i)
		require.Equal(t, string(theirs.Bytes), string(payloads3{}.appendPayload(nil, packets)), "payload %d", i)
		got, err := parseAll3(theirs.Text, false)
		require.NoError(t, err)
		requireSame(t, packets, got)
		if (payloads3{}).asBytes(packets) {
			got, err = parseAll3(theirs.Bytes, true)
			require.NoError(t, err)
			requireSame(t, packets, got)
		}
	}
}

// FuzzPayload3 holds the decoder to the encoder, as FuzzPayload does.
func FuzzPayload3(f *testing.F) {
	for _, body := range []string{"", "6:4hello", "2:4€10:b4AQIDBA==", "3:4\U0001F6001:2", "8:b4AQ\r\n==", "99:4", "1:41:7"} {
		f.Add([]byte(body), false)
	}
	for _, body := range []string{"", "\x00\x06\xff4hello", "\x01\x05\xff\x04\x01\x02\x03\x04\x00\x01\xff2", "\x00\x08\xffb4AQ\r\n==", "\x01\x09\x09\xff\x04"} {
		f.Add([]byte(body), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, asBytes bool) {
		original := slices.Clone(body)
		all, err := parseAll3(body, asBytes)
		require.Equal(t, original, body)
		if err != nil {
			require.ErrorIs(t, err, ErrProtocol)
		}
		if len(all) == 0 {
			return
		}
		most := 0
		for _, p := range all {
			most = max(most, 1+len(p.data))
		}
		for _, codec := range []payloads3{{}, {base64: true}} {
			written := codec.appendPayload(nil, all)
			again, err := parseAll3(written, codec.asBytes(all))
			require.NoError(t, err)
			requireSame(t, all, again)
			p, err := codec.open(codec.contentType(all), written)
			require.NoError(t, err)
			require.Equal(t, most, p.longest(), fmt.Sprintf("%q", written))
		}
	})
}
