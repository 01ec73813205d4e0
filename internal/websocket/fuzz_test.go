package websocket

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// stream is a socket from which a whole conversation comes, at most a piece a
// time, and which takes everything.
type stream struct {
	rest  []byte
	piece int
	sent  []byte
}

func (s *stream) Read(b []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, s.rest[:min(s.piece, len(s.rest))])
	s.rest = s.rest[n:]
	return n, nil
}

func (s *stream) Write(b []byte) (int, error) {
	s.sent = append(s.sent, b...)
	return len(b), nil
}

func (s *stream) Close() error                     { return nil }
func (s *stream) LocalAddr() net.Addr              { return nil }
func (s *stream) RemoteAddr() net.Addr             { return nil }
func (s *stream) SetDeadline(time.Time) error      { return nil }
func (s *stream) SetReadDeadline(time.Time) error  { return nil }
func (s *stream) SetWriteDeadline(time.Time) error { return nil }

// outcome is what a server made of a stream.
type outcome struct {
	messages []message
	err      string
	sent     string
}

// run reads the stream to its end, echoing what is not too long.
func run(data []byte, piece int, opts Options) outcome {
	s := &stream{rest: data, piece: piece}
	c := newConn(s, false, opts, nil)
	var o outcome
	for {
		op, data, err := c.Read()
		if err != nil {
			o.err = err.Error()
			break
		}
		o.messages = append(o.messages, message{op, string(data)})
		c.Send(Message{Op: op, Data: data})
	}
	c.Finish()
	o.sent = string(s.sent)
	return o
}

// model reads the stream as the RFC words it, all at hand and one thing after
// the other. It returns the messages, and whether the peer was at fault.
func model(b []byte, limit int) (messages []message, fault bool) {
	op, data := byte(0), []byte(nil)
	for {
		if len(b) < 2 {
			return messages, false
		}
		final, reserved, code := b[0]&0x80 != 0, b[0]&0x70, b[0]&0x0F
		masked, length := b[1]&0x80 != 0, uint64(b[1]&0x7F)
		if reserved != 0 || !strings.ContainsRune("\x00\x01\x02\x08\x09\x0A", rune(code)) || code >= 8 && (!final || length > 125) {
			return messages, true
		}
		head := 2
		if wide := map[uint64]int{126: 2, 127: 8}[length]; wide > 0 {
			if len(b) < head+wide {
				return messages, false
			}
			length = 0
			for _, digit := range b[head : head+wide] {
				length = length<<8 | uint64(digit)
			}
			head += wide
		}
		if length > maxLength {
			return messages, true
		}
		var key []byte
		if masked {
			if len(b) < head+4 {
				return messages, false
			}
			key = b[head : head+4]
			head += 4
		}
		switch {
		case !masked, code == 0 && op == 0, (code == 1 || code == 2) && op != 0:
			return messages, true
		case code < 8 && uint64(len(data))+length > uint64(limit):
			return messages, true
		case uint64(len(b)-head) < length:
			return messages, false
		}
		payload := append([]byte(nil), b[head:head+int(length)]...)
		maskSlowly(payload, key)
		b = b[head+int(length):]

		switch {
		case code == 8:
			return messages, !goodClose(payload)
		case code > 8:
			continue
		case code != 0:
			op = code
		}
		data = append(data, payload...)
		if !final {
			continue
		}
		if op == 1 && strings.ToValidUTF8(string(data), "") != string(data) {
			return messages, true
		}
		messages = append(messages, message{Opcode(op), string(data)})
		op, data = 0, nil
	}
}

func goodClose(payload []byte) bool {
	if len(payload) == 0 {
		return true
	}
	if len(payload) == 1 || strings.ToValidUTF8(string(payload[2:]), "") != string(payload[2:]) {
		return false
	}
	return validStatus(int(payload[0])<<8 | int(payload[1]))
}

// FuzzServer reads whatever comes, in pieces of several sizes, and compares
// with the model. What it sends must be frames to the last byte.
func FuzzServer(f *testing.F) {
	masked := func(frames ...frame) []byte {
		var b []byte
		for _, frame := range frames {
			frame.mask = aMask
			b = append(b, frame.bytes()...)
		}
		return b
	}
	f.Add(masked(frame{aText, "hello €", ""}, frame{aPing, "p", ""}, frame{aBinary, strings.Repeat("b", 200), ""}))
	f.Add(masked(frame{byte(Text), "a", ""}, frame{aPing, "", ""}, frame{0, "\xE2", ""}, frame{fin, "\x82\xAC", ""}))
	f.Add(masked(frame{aText, "a", ""}, closeFrame(1000, "bye"), frame{aText, "b", ""}))
	f.Add(masked(frame{aClose, "\x03", ""}))
	f.Add(masked(frame{aBinary, strings.Repeat("n", 5000), ""}, frame{aText, "\xFF", ""}))
	f.Add(masked(frame{aBinary, strings.Repeat("o", 6001), ""}))
	f.Add(frame{aText, "unmasked", ""}.bytes())
	f.Add([]byte("\x82\xFF\x3F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x00announced"))
	f.Fuzz(func(t *testing.T, data []byte) {
		opts := Options{MaxMessage: 6000, MaxQueued: 1 << 20}
		whole := run(append([]byte(nil), data...), len(data), opts)
		messages, fault := model(data, opts.MaxMessage)
		require.Equal(t, messages, whole.messages)
		if fault {
			require.NotEqual(t, io.EOF.Error(), whole.err)
		}
		for _, piece := range []int{1, 2, 7, 1000} {
			require.Equal(t, whole, run(append([]byte(nil), data...), piece, opts), "in pieces of %d", piece)
		}

		answers := newPeer(t, &stream{rest: []byte(whole.sent), piece: len(whole.sent)}, "")
		for err := error(nil); err == nil; {
			_, err = answers.tryReceive()
			require.False(t, errors.Is(err, io.ErrUnexpectedEOF))
		}
	})
}
