package websocket

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseHeader_lengths(t *testing.T) {
	for _, length := range []int64{0, 1, 125, 126, 127, 65535, 65536, 1 << 31, maxLength} {
		for _, masked := range []bool{false, true} {
			want := header{op: Binary, fin: true, masked: masked, length: length}
			if masked {
				want.key = 0x78563412
			}
			b := appendHeader(nil, want)
			require.LessOrEqual(t, len(b), maxHeader)
			got, size, err := parseHeader(append(b, "payload"...))
			require.NoError(t, err)
			require.Equal(t, len(b), size)
			require.Equal(t, want, got)

			for cut := range len(b) {
				_, size, err := parseHeader(b[:cut])
				require.NoError(t, err)
				require.Zero(t, size, "a header of %d bytes cut to %d", len(b), cut)
			}
		}
	}
}

func TestParseHeader_refuses(t *testing.T) {
	for _, c := range []struct {
		name string
		b    []byte
		err  error
	}{
		{"first reserved bit", []byte{0xC1, 0}, errReserved},
		{"second reserved bit", []byte{0xA1, 0}, errReserved},
		{"third reserved bit", []byte{0x91, 0}, errReserved},
		{"data opcode 3", []byte{0x83, 0}, errOpcode},
		{"data opcode 7", []byte{0x87, 0}, errOpcode},
		{"control opcode 11", []byte{0x8B, 0}, errOpcode},
		{"control opcode 15", []byte{0x8F, 0}, errOpcode},
		{"ping in pieces", []byte{0x09, 0}, errControl},
		{"long ping", []byte{0x89, 126}, errControl},
		{"long close", []byte{0x88, 127}, errControl},
		{"negative length", binary.BigEndian.AppendUint64([]byte{0x82, 127}, 1<<63), errLength},
		{"length beyond reason", binary.BigEndian.AppendUint64([]byte{0x82, 127}, 1<<62+1), errLength},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := parseHeader(c.b)
			require.ErrorIs(t, err, c.err)
		})
	}
}

// maskSlowly is masking as the RFC words it.
func maskSlowly(b []byte, key []byte) {
	for i := range b {
		b[i] ^= key[i%4]
	}
}

func TestMask_inPieces(t *testing.T) {
	plain := make([]byte, 200)
	for i := range plain {
		plain[i] = byte(i * 7)
	}
	key := []byte(aMask)
	want := bytes.Clone(plain)
	maskSlowly(want, key)

	for first := range len(plain) {
		for _, second := range []int{0, 1, 2, 3, 4, 7, 8, 9, 33} {
			got := bytes.Clone(plain)
			end := min(first+second, len(got))
			next := mask(got[:first], binary.LittleEndian.Uint32(key))
			next = mask(got[first:end], next)
			mask(got[end:], next)
			require.Equal(t, want, got, "pieces of %d, %d and the rest", first, second)
		}
	}
}

// FuzzParseHeader checks that a header is read the same however much follows
// it, that no size is beyond what was there, and that what is read can be
// written and read again.
func FuzzParseHeader(f *testing.F) {
	for _, h := range []header{
		{op: Text, fin: true},
		{op: ping, fin: true, masked: true, key: 1, length: 125},
		{op: Binary, fin: true, length: 65535},
		{op: Binary, fin: true, masked: true, key: 1 << 31, length: 1 << 40},
	} {
		f.Add(appendHeader(nil, h))
	}
	f.Add([]byte{0x02, 126, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, size, err := parseHeader(b)
		if err != nil {
			require.Zero(t, size)
			return
		}
		if size == 0 {
			require.Less(t, len(b), maxHeader)
			return
		}
		require.LessOrEqual(t, size, len(b))
		require.GreaterOrEqual(t, h.length, int64(0))
		again, sizeAgain, err := parseHeader(b[:size])
		require.NoError(t, err)
		require.Equal(t, size, sizeAgain)
		require.Equal(t, h, again)

		if h.fin {
			written, size, err := parseHeader(appendHeader(nil, h))
			require.NoError(t, err)
			require.NotZero(t, size)
			require.Equal(t, h, written)
		}
	})
}
