package websocket

import (
	"encoding/binary"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRead_sizes(t *testing.T) {
	c, p := newServer(t, roomy)
	r := read(t, c, nil)
	for _, n := range []int{
		0, 1, 125, 126, firstBuffer - maxHeader, firstBuffer, fullBuffer - maxHeader, fullBuffer - maxHeader + 1,
		fullBuffer, fullBuffer + 1, 4 * fullBuffer, BulkSize, BulkSize + 1, roomy.MaxMessage,
	} {
		data := strings.Repeat("0123456789abcdef*", n/17+1)[:n]
		p.send(frame{aText, data, ""}, frame{aBinary, data, ""})
		require.Equal(t, message{Text, data}, r.next())
		require.Equal(t, message{Binary, data}, r.next())
	}
	p.nc.Close()
	require.ErrorIs(t, r.end(), io.EOF)
}

func TestRead_byteByByte(t *testing.T) {
	c, p := newServer(t, roomy)
	r := read(t, c, nil)
	long := strings.Repeat("x", 300)
	for _, b := range append(frame{aText, "short", aMask}.bytes(), frame{aBinary, long, aMask}.bytes()...) {
		_, err := p.nc.Write([]byte{b})
		require.NoError(t, err)
	}
	require.Equal(t, message{Text, "short"}, r.next())
	require.Equal(t, message{Binary, long}, r.next())
	p.nc.Close()
	require.ErrorIs(t, r.end(), io.EOF)
}

// Large data is the caller's; what comes later must not change it.
func TestRead_largeDataIsKept(t *testing.T) {
	c, p := newServer(t, roomy)
	var kept [][]byte
	r := read(t, c, func(_ Opcode, data []byte) { kept = append(kept, data) })
	first, second := strings.Repeat("1", RetainSize+1), strings.Repeat("2", RetainSize+1)
	p.send(frame{aBinary, first, ""}, frame{aBinary, second, ""}, frame{aText, "small", ""})
	for range 3 {
		r.next()
	}
	p.nc.Close()
	r.end()
	require.Equal(t, first, string(kept[0]))
	require.Equal(t, second, string(kept[1]))
}

func TestRead_fragments(t *testing.T) {
	const euro = "€" // three bytes, cut in each place
	big := strings.Repeat("y", 3*fullBuffer)
	for _, c := range []struct {
		name   string
		frames []frame
		want   message
	}{
		{"two", []frame{{byte(Text), "a", ""}, {fin, "b", ""}}, message{Text, "ab"}},
		{"empty ones", []frame{{byte(Binary), "", ""}, {0, "", ""}, {0, "", ""}, {fin, "", ""}}, message{Binary, ""}},
		{"empty end", []frame{{byte(Text), "a", ""}, {fin, "", ""}}, message{Text, "a"}},
		{"a rune cut", []frame{{byte(Text), euro[:1], ""}, {0, euro[1:2], ""}, {fin, euro[2:], ""}}, message{Text, euro}},
		{"control frames between", []frame{
			{byte(Text), "a", ""}, {aPong, "p", ""}, {0, "b", ""}, {aPong, "", ""}, {fin, "c", ""},
		}, message{Text, "abc"}},
		{"large", []frame{{byte(Binary), big, ""}, {0, "-", ""}, {fin, big, ""}}, message{Binary, big + "-" + big}},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, p := newServer(t, roomy)
			r := read(t, conn, nil)
			p.send(c.frames...)
			p.send(frame{aText, "after", ""})
			require.Equal(t, c.want, r.next())
			require.Equal(t, message{Text, "after"}, r.next())
			p.nc.Close()
			require.ErrorIs(t, r.end(), io.EOF)
		})
	}
}

func TestRead_pingsAreAnswered(t *testing.T) {
	c, p := newServer(t, roomy)
	r := read(t, c, nil)
	longest := strings.Repeat("z", maxControl)
	p.send(frame{aPing, "", ""}, frame{byte(Text), "a", ""}, frame{aPing, longest, ""}, frame{fin, "b", ""})
	require.Equal(t, frame{aPong, "", ""}, p.receive())
	require.Equal(t, frame{aPong, longest, ""}, p.receive())
	require.Equal(t, message{Text, "ab"}, r.next())
	p.nc.Close()
	r.end()
}

// A peer that breaks the protocol is told the code, then the connection ends.
func TestRead_protocolErrors(t *testing.T) {
	masked := func(f frame) []byte {
		f.mask = aMask
		return f.bytes()
	}
	for _, c := range []struct {
		name string
		sent []byte
		code int
	}{
		{"unmasked", frame{aText, "a", ""}.bytes(), StatusProtocolError},
		{"unmasked control", frame{aPing, "", ""}.bytes(), StatusProtocolError},
		{"reserved bits", masked(frame{aText | 0x40, "a", ""}), StatusProtocolError},
		{"unknown opcode", masked(frame{fin | 3, "a", ""}), StatusProtocolError},
		{"ping in pieces", masked(frame{byte(ping), "", ""}), StatusProtocolError},
		{"continuation of nothing", masked(frame{fin, "a", ""}), StatusProtocolError},
		{"continuation after the end", append(masked(frame{byte(Text), "a", ""}),
			append(masked(frame{fin, "b", ""}), masked(frame{fin, "c", ""})...)...), StatusProtocolError},
		{"message in a message", append(masked(frame{byte(Text), "a", ""}), masked(frame{aText, "b", ""})...), StatusProtocolError},
		{"length beyond reason", append([]byte{aText, 0xFF, 0xFF}, make([]byte, 11)...), StatusProtocolError},
		{"close of one byte", masked(frame{aClose, "\x03", ""}), StatusProtocolError},
		{"close reason not UTF-8", masked(frame{aClose, "\x03\xE8\xFF", ""}), StatusProtocolError},
		{"text not UTF-8", masked(frame{aText, "a\xC0\xAF", ""}), StatusInvalidText},
		{"half a surrogate pair", masked(frame{aText, "\xED\xA0\x80", ""}), StatusInvalidText},
		{"text cut in a rune", masked(frame{aText, "\xE2\x82", ""}), StatusInvalidText},
		{"text in pieces not UTF-8", append(masked(frame{byte(Text), "\xE2", ""}), masked(frame{fin, "a", ""})...), StatusInvalidText},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, p := newServer(t, roomy)
			r := read(t, conn, func(_ Opcode, data []byte) {
				if string(data) != "ab" { // what stands before the fault may come
					t.Errorf("delivered %q", data)
				}
			})
			_, err := p.nc.Write(c.sent)
			require.NoError(t, err)
			require.Equal(t, closeFrame(c.code, ""), p.receive())
			p.nc.Close()
			for range r.messages {
			}
			require.ErrorIs(t, r.err, ErrProtocol)
			require.ErrorIs(t, conn.Send(Message{Op: Text}), ErrClosed)
		})
	}
}

func TestRead_clientRefusesMask(t *testing.T) {
	c, p := newClient(t, roomy)
	r := read(t, c, nil)
	p.sendAsIs(frame{aText, "a", aMask})
	f := p.receive()
	require.NotEmpty(t, f.mask)
	require.Equal(t, closeFrame(StatusProtocolError, "").payload, f.payload)
	p.nc.Close()
	require.ErrorIs(t, r.end(), ErrProtocol)
}

func TestRead_clientTakesUnmasked(t *testing.T) {
	c, p := newClient(t, roomy)
	r := read(t, c, nil)
	p.send(frame{aText, "a", ""}, frame{byte(Binary), "b", ""}, frame{aPing, "?", ""}, frame{fin, "c", ""})
	require.Equal(t, message{Text, "a"}, r.next())
	require.Equal(t, message{Binary, "bc"}, r.next())
	f := p.receive()
	require.Len(t, f.mask, 4)
	require.Equal(t, frame{aPong, "?", f.mask}, f)
	p.nc.Close()
	r.end()
}

func TestRead_peerCloses(t *testing.T) {
	for _, c := range []struct {
		name string
		sent frame
		want *CloseError
	}{
		{"with code and reason", closeFrame(1000, "bye €"), &CloseError{1000, "bye €"}},
		{"with code", closeFrame(1001, ""), &CloseError{1001, ""}},
		{"with a private code", closeFrame(4999, "x"), &CloseError{4999, "x"}},
		{"without code", frame{aClose, "", ""}, &CloseError{StatusNone, ""}},
		{"with the longest reason", closeFrame(3000, strings.Repeat("r", 123)), &CloseError{3000, strings.Repeat("r", 123)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, p := newServer(t, roomy)
			r := read(t, conn, nil)
			p.send(c.sent, frame{aText, "too late", ""})
			answer := p.receive()
			require.Equal(t, aClose, answer.first)
			require.Equal(t, c.sent.payload[:min(2, len(c.sent.payload))], answer.payload)
			p.requireEnd()
			p.nc.Close()
			require.Equal(t, c.want, r.end())
		})
	}
}

func TestValidStatus_everyCode(t *testing.T) {
	for code := range 1 << 16 {
		// RFC 6455, 7.4, and the codes registered since.
		valid := 1000 <= code && code <= 1003 || 1007 <= code && code <= 1014 || 3000 <= code && code <= 4999
		require.Equal(t, valid, validStatus(code), "%d", code)
	}
}

func TestRead_closeCodeIsChecked(t *testing.T) {
	for _, code := range []int{0, 999, 1004, StatusNone, 1006, 1015, 2999, 5000, 65535} {
		c, p := newServer(t, roomy)
		r := read(t, c, nil)
		p.send(closeFrame(code, ""))
		require.Equal(t, closeFrame(StatusProtocolError, ""), p.receive())
		p.nc.Close()
		require.ErrorIs(t, r.end(), ErrProtocol, "%d", code)
	}
}

func TestRead_limit(t *testing.T) {
	opts := Options{MaxMessage: 10_000, MaxQueued: 1 << 20}
	full, half := strings.Repeat("x", 10_000), strings.Repeat("x", 5_000)
	for _, c := range []struct {
		name   string
		frames []frame
		size   int64
	}{
		{"one frame", []frame{{aText, full + "x", ""}}, 10_001},
		{"pieces", []frame{{byte(Text), half, ""}, {0, half, ""}, {fin, "x", ""}}, 10_001},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, p := newServer(t, opts)
			r := read(t, conn, nil)
			p.send(frame{aBinary, full, ""}, frame{byte(Text), half, ""}, frame{fin, half, ""})
			require.Equal(t, message{Binary, full}, r.next())
			require.Equal(t, message{Text, full}, r.next())

			p.send(c.frames...)
			answer := p.receive()
			require.Equal(t, closeFrame(StatusTooLarge, "message of 10001 bytes, limit 10000"), answer)
			p.nc.Close()
			require.Equal(t, &TooLargeError{Size: c.size, Limit: 10_000}, r.end())
		})
	}
}

// The sum of a message and the next piece must not pass by wrapping around.
func TestRead_limitOfHugePiece(t *testing.T) {
	c, p := newServer(t, roomy)
	r := read(t, c, nil)
	p.send(frame{byte(Text), "a", ""})
	huge := binary.BigEndian.AppendUint64([]byte{fin, 0xFF}, maxLength)
	_, err := p.nc.Write(append(huge, aMask...))
	require.NoError(t, err)
	require.Equal(t, byte(aClose), p.receive().first)
	p.nc.Close()
	require.ErrorAs(t, r.end(), new(*TooLargeError))
}

// An announced length costs its sender bytes before it costs us memory.
func TestRead_announcedLengthAllocatesNothing(t *testing.T) {
	c, p := newServer(t, Options{MaxMessage: 1 << 40, MaxQueued: 1 << 20})
	r := read(t, c, nil)
	announced := binary.BigEndian.AppendUint64([]byte{aBinary, 0xFF}, 1<<39)
	_, err := p.nc.Write(append(append(announced, aMask...), "only this"...))
	require.NoError(t, err)
	p.nc.Close()
	require.ErrorIs(t, r.end(), io.EOF)
	require.LessOrEqual(t, cap(c.message), 4*fullBuffer)
}

// A message in tiny pieces must not be copied again for each of them.
func TestRead_tinyPiecesCostLittle(t *testing.T) {
	const pieces = 1 << 17
	c, p := newServer(t, roomy)
	r := read(t, c, nil)
	stream := frame{byte(Binary), "", aMask}.bytes()
	for range pieces {
		stream = append(stream, frame{0, "x", aMask}.bytes()...)
	}
	stream = append(stream, frame{fin, "", aMask}.bytes()...)

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := p.nc.Write(stream)
	require.NoError(t, err)
	require.Len(t, r.next().data, pieces)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(10*pieces))
	p.nc.Close()
	r.end()
}

func TestRead_progress(t *testing.T) {
	c, p := newServer(t, roomy)
	type step struct {
		op         Opcode
		got, total int
	}
	var steps []step
	c.Progress = func(op Opcode, got, total int) { steps = append(steps, step{op, got, total}) }
	r := read(t, c, nil)

	p.send(frame{aBinary, strings.Repeat("s", BulkSize), ""})
	r.next()
	require.Empty(t, steps, "of a message that is not large")

	const total = 5 * BulkSize
	p.send(frame{aText, strings.Repeat("l", total), ""})
	r.next()
	require.Greater(t, len(steps), 1)
	last := 0
	for _, s := range steps {
		require.Equal(t, Text, s.op)
		require.Equal(t, total, s.total)
		require.Greater(t, s.got, last)
		last = s.got
	}
	require.Equal(t, total, last)
	require.Equal(t, uint64(BulkSize+total+2*maxHeader), c.Received())
	p.nc.Close()
	r.end()
}
