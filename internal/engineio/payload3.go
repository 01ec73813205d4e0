package engineio

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Revision 3 as it is, and for clients that say in the handshake that they can read
// no bytes on polling.
var (
	revision3       = newRevision3(payloads3{})
	revision3Base64 = newRevision3(payloads3{base64: true})
)

// newRevision3 is revision 3 with a way of polling.
func newRevision3(p payloads) dialect {
	return dialect{revision: 3, clientPings: true, binaryHead: "\x04", parse: parseText3, payloads: p}
}

// payloads3 is polling in revision 3. A payload is text, each packet after its
// length:
//
//	6:4hello10:b4AQIDBA==
//
// or bytes, if a packet is binary: each after a byte that says whether it is, the
// digits of its length as bytes 0 to 9, and a byte 255. In text a length counts
// units of UTF-16, as JavaScript does, and in bytes it counts bytes.
type payloads3 struct {
	base64 bool // the client takes no bytes
}

// base64Head is what a binary message begins with in text.
const base64Head = "b4"

func (p payloads3) appendPayload(dst []byte, packets []packet) []byte {
	add := appendText3
	if p.asBytes(packets) {
		add = appendBytes3
	}
	for _, each := range packets {
		dst = add(dst, each)
	}
	return dst
}

func (p payloads3) contentType(packets []packet) string {
	if p.asBytes(packets) {
		return typeBinary
	}
	return typePayload
}

func (p payloads3) asBytes(packets []packet) bool {
	return !p.base64 && slices.ContainsFunc(packets, func(each packet) bool { return each.kind == packetBinary })
}

func (p payloads3) open(contentType string, body []byte) (payload, error) {
	if isBinary(contentType) {
		return payload3{body, cutBytes3}, nil
	}
	return payload3{body, cutText3}, nil
}

func (payloads3) bodyLimit(maxMessage int) int { return payloads4{}.bodyLimit(maxMessage) }

// payload3 is a body, and how the first packet is cut off it.
type payload3 struct {
	body []byte
	cut  func(body []byte) (first part3, rest []byte, err error)
}

// part3 is a packet as it is in a body.
type part3 struct {
	data   []byte
	binary bool
}

func (p payload3) each(yield func(packet) error) error {
	for rest := p.body; ; {
		var first part3
		var err error
		if first, rest, err = p.cut(rest); err != nil {
			return err
		}
		each, err := first.packet()
		if err == nil {
			err = yield(each)
		}
		if err != nil || len(rest) == 0 {
			return err
		}
	}
}

func (p payload3) longest() int {
	most := 0
	for rest := p.body; len(rest) > 0; {
		var first part3
		var err error
		if first, rest, err = p.cut(rest); err != nil {
			break // each says so
		}
		most = max(most, first.size())
	}
	return most
}

func (p part3) packet() (packet, error) {
	switch {
	case !p.binary:
		return parseText3(p.data)
	case len(p.data) == 0 || p.data[0] != byte(packetMessage-packetOpen):
		return packet{}, fmt.Errorf("%w: a binary packet that is no message", ErrProtocol)
	}
	return packet{packetBinary, p.data[1:]}, nil
}

func (p part3) size() int {
	if data, ok := cutBase64(p.data); ok && !p.binary {
		return 1 + base64Size(data)
	}
	return len(p.data)
}

// parseText3 reads a packet in text form, which may be a binary message.
func parseText3(text []byte) (packet, error) {
	if data, ok := cutBase64(text); ok {
		return parseBase64(data)
	}
	return parsePacket(text)
}

func cutBase64(text []byte) (data []byte, ok bool) {
	if len(text) < len(base64Head) || string(text[:len(base64Head)]) != base64Head {
		return nil, false
	}
	return text[len(base64Head):], true
}

func cutText3(body []byte) (first part3, rest []byte, err error) {
	units, body, err := cutLength(body, '0', ':')
	if err != nil {
		return part3{}, nil, err
	}
	size := 0
	for units > 0 {
		r, n := utf8.DecodeRune(body[size:])
		if r == utf8.RuneError && n <= 1 {
			return part3{}, nil, fmt.Errorf("%w: text is not UTF-8, or shorter than it says", ErrProtocol)
		}
		units -= utf16.RuneLen(r)
		size += n
	}
	if units < 0 {
		return part3{}, nil, fmt.Errorf("%w: a packet ends within a character", ErrProtocol)
	}
	return part3{data: body[:size]}, body[size:], nil
}

func cutBytes3(body []byte) (first part3, rest []byte, err error) {
	if len(body) == 0 || body[0] > 1 {
		return part3{}, nil, fmt.Errorf("%w: neither text nor binary in %.20q", ErrProtocol, body)
	}
	binary := body[0] == 1
	size, body, err := cutLength(body[1:], 0, 255)
	switch {
	case err != nil:
		return part3{}, nil, err
	case size > len(body):
		return part3{}, nil, fmt.Errorf("%w: a packet of %d bytes in %d", ErrProtocol, size, len(body))
	case !binary && !utf8.Valid(body[:size]):
		return part3{}, nil, fmt.Errorf("%w: text is not UTF-8", ErrProtocol)
	}
	return part3{body[:size], binary}, body[size:], nil
}

// cutLength reads a length, whose digits count from zero, up to its end.
func cutLength(body []byte, zero, end byte) (length int, rest []byte, err error) {
	const most = 9 // digits
	for i, c := range body {
		switch digit := c - zero; {
		case c == end && i > 0:
			return length, body[i+1:], nil
		case digit > 9 || i == most:
			return 0, nil, fmt.Errorf("%w: length in %.20q", ErrProtocol, body)
		default:
			length = 10*length + int(digit)
		}
	}
	return 0, nil, fmt.Errorf("%w: no packet in %.20q", ErrProtocol, body)
}

func appendText3(dst []byte, p packet) []byte {
	if p.kind == packetBinary {
		dst = strconv.AppendInt(dst, int64(len(base64Head)+base64.StdEncoding.EncodedLen(len(p.data))), 10)
		dst = append(append(dst, ':'), base64Head...)
		return base64.StdEncoding.AppendEncode(dst, p.data)
	}
	dst = strconv.AppendInt(dst, int64(1+utf16Len(p.data)), 10)
	dst = append(dst, ':', byte(p.kind))
	return append(dst, p.data...)
}

func appendBytes3(dst []byte, p packet) []byte {
	binary, kind := byte(0), byte(p.kind)
	if p.kind == packetBinary {
		binary, kind = 1, byte(packetMessage-packetOpen)
	}
	dst = append(dst, binary)
	digits := len(dst)
	dst = strconv.AppendInt(dst, int64(1+len(p.data)), 10)
	for i := range dst[digits:] {
		dst[digits+i] -= '0'
	}
	dst = append(dst, 255, kind)
	return append(dst, p.data...)
}

// utf16Len counts text as JavaScript does. Each character has one byte that
// does not continue another; those of four bytes are two units.
func utf16Len(text []byte) int {
	n := 0
	for _, c := range text {
		if c&0xC0 != 0x80 {
			n++
		}
		if c >= 0xF0 {
			n++
		}
	}
	return n
}
