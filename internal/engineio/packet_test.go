package engineio

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func parseAll(body string) (all []packet, err error) {
	err = parsePayload([]byte(body), func(p packet) error {
		all = append(all, p)
		return nil
	})
	return all, err
}

func TestPayload_knownOnes(t *testing.T) {
	for body, want := range map[string][]packet{
		"4hello":                     {{packetMessage, []byte("hello")}},
		"4":                          {{packetMessage, []byte{}}},
		"4hello\x1e2\x1e4world":      {{packetMessage, []byte("hello")}, {packetPing, []byte{}}, {packetMessage, []byte("world")}},
		"4hello\x1ebAQIDBA==":        {{packetMessage, []byte("hello")}, {packetBinary, []byte{1, 2, 3, 4}}},
		"4€\x1e4\U0001F600":          {{packetMessage, []byte("€")}, {packetMessage, []byte("\U0001F600")}},
		"b\x1eb/+8=":                 {{packetBinary, nil}, {packetBinary, []byte{0xff, 0xef}}},
		"2probe\x1e3probe\x1e5\x1e6": {{packetPing, []byte("probe")}, {packetPong, []byte("probe")}, {packetUpgrade, []byte{}}, {packetNoop, []byte{}}},
	} {
		got, err := parseAll(body)
		require.NoError(t, err)
		require.Len(t, got, len(want))
		size := len(want) - 1
		for i := range want {
			require.Equal(t, want[i].kind, got[i].kind)
			require.Equal(t, string(want[i].data), string(got[i].data))
			size += want[i].size()
		}
		require.Equal(t, body, string(appendPayload(nil, want)))
		require.Equal(t, len(body), size)
	}
}

func TestPayload_malformed(t *testing.T) {
	for _, body := range []string{
		"", "\x1e", "4a\x1e", "\x1e4a", "4a\x1e\x1e4b", "7", "a", "c", "/", "\x04", " 4a", "b=", "bAQ", "bAQ=", "b-_8=", "4\xff", "\xff",
	} {
		_, err := parseAll(body)
		require.ErrorIs(t, err, ErrProtocol, "%q", body)
	}
}

func TestPayload_stopsAtTheFirstError(t *testing.T) {
	stop := errors.New("stop")
	calls := 0
	err := parsePayload([]byte("4a\x1e4b\x1e4c"), func(packet) error {
		calls++
		if calls == 2 {
			return stop
		}
		return nil
	})
	require.Equal(t, stop, err)
	require.Equal(t, 2, calls)
}

func TestHandshake_malformed(t *testing.T) {
	for _, data := range []string{
		``, `{}`, `[]`, `"x"`, `{"sid":""}`, `{"sid":1}`, `{"sid":"x","pingInterval":-1}`, `{"sid":"x","pingTimeout":1e30}`,
		`{"sid":"x","pingInterval":86400001}`, `{"sid":"x","pingTimeout":"1"}`,
	} {
		_, err := parseHandshake(packet{packetOpen, []byte(data)})
		require.ErrorIs(t, err, ErrProtocol, data)
	}
	_, err := parseHandshake(packet{packetNoop, []byte(`{"sid":"x"}`)})
	require.ErrorIs(t, err, ErrProtocol)
}

// FuzzPayload holds the decoder to the encoder: what is accepted means the
// same after it was written again.
func FuzzPayload(f *testing.F) {
	for _, body := range []string{"", "4hello", "4a\x1ebAQIDBA==\x1e2probe", "b\x1e4\x1e", "4€\x1e7", "bAQ\r\nID"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		original := slices.Clone(body)
		all, err := parseAll(string(body))
		require.Equal(t, original, body)
		if err != nil {
			require.ErrorIs(t, err, ErrProtocol)
		} else {
			require.Len(t, all, 1+strings.Count(string(body), "\x1e"))
		}
		if len(all) == 0 {
			return
		}

		// Base64 may come with line breaks and leaves without.
		written := appendPayload(nil, all)
		require.LessOrEqual(t, len(written), len(body))
		again, err := parseAll(string(written))
		require.NoError(t, err)
		require.Len(t, again, len(all))
		most := 0
		for i, p := range all {
			require.Equal(t, p.kind, again[i].kind)
			require.Equal(t, string(p.data), string(again[i].data))
			size := len(p.data)
			if p.kind != packetBinary {
				size++
			}
			most = max(most, size)
		}
		require.Equal(t, most, longest(written))
	})
}

func FuzzPacket(f *testing.F) {
	for _, data := range []string{"", "0{}", "1", "2probe", "4message", "6", "7", "b"} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parsePacket(data)
		if err != nil {
			require.ErrorIs(t, err, ErrProtocol)
			return
		}
		require.Equal(t, string(data), p.kind.text()+string(p.data))
		frame := revision4.frame(p)
		require.Equal(t, string(data), frame.Head+string(frame.Data))
	})
}

func BenchmarkPayload(b *testing.B) {
	packets := slices.Repeat([]packet{{packetMessage, []byte(`3/znsocket,12[{"data":2}]`)}}, maxPackets)
	body := appendPayload(nil, packets)
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			body = appendPayload(body[:0], packets)
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			parsePayload(body, func(packet) error { return nil })
		}
	})
}
