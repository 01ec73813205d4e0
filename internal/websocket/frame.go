package websocket

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// Opcode says what a frame carries.
type Opcode byte

const (
	continuation Opcode = 0x0
	Text         Opcode = 0x1
	Binary       Opcode = 0x2
	closing      Opcode = 0x8
	ping         Opcode = 0x9
	pong         Opcode = 0xA
)

func (op Opcode) control() bool { return op >= closing }

const (
	finBit      = 0x80
	reservedBit = 0x70
	opcodeBits  = 0x0F
	maskBit     = 0x80

	maxHeader  = 14  // two bytes, a length of eight, a mask of four
	maxControl = 125 // payload of a control frame

	// No machine holds a payload longer than maxLength, and what is added to
	// it does not overflow.
	maxLength = 1 << 62
)

var (
	errReserved    = errors.New("reserved bits set")
	errOpcode      = errors.New("unknown opcode")
	errControl     = errors.New("control frame fragmented or too long")
	errLength      = errors.New("frame length out of range")
	errUnmasked    = errors.New("client frame without mask")
	errMasked      = errors.New("server frame with mask")
	errFragment    = errors.New("continuation without a message")
	errInterleaved = errors.New("new message inside a fragmented one")
)

type header struct {
	op     Opcode
	fin    bool
	masked bool
	key    uint32
	length int64
}

// parseHeader reads the header at the start of b and returns its size, which
// is 0 while b does not hold all of it.
func parseHeader(b []byte) (h header, size int, err error) {
	if len(b) < 2 {
		return h, 0, nil
	}
	h.fin = b[0]&finBit != 0
	h.op = Opcode(b[0] & opcodeBits)
	h.masked = b[1]&maskBit != 0
	length := uint64(b[1] &^ maskBit)
	switch {
	case b[0]&reservedBit != 0:
		return h, 0, errReserved
	case h.op > Binary && h.op < closing || h.op > pong:
		return h, 0, errOpcode
	case h.op.control() && (!h.fin || length > maxControl):
		return h, 0, errControl
	}

	size = 2
	switch length {
	case 126:
		if len(b) < 4 {
			return h, 0, nil
		}
		length = uint64(binary.BigEndian.Uint16(b[2:]))
		size = 4
	case 127:
		if len(b) < 10 {
			return h, 0, nil
		}
		length = binary.BigEndian.Uint64(b[2:])
		size = 10
	}
	if length > maxLength {
		return h, 0, errLength
	}
	h.length = int64(length)

	if h.masked {
		if len(b) < size+4 {
			return h, 0, nil
		}
		h.key = binary.LittleEndian.Uint32(b[size:])
		size += 4
	}
	return h, size, nil
}

// appendHeader appends the header of an unfragmented frame.
func appendHeader(dst []byte, h header) []byte {
	var mask byte
	if h.masked {
		mask = maskBit
	}
	dst = append(dst, finBit|byte(h.op))
	switch {
	case h.length <= maxControl:
		dst = append(dst, mask|byte(h.length))
	case h.length <= 0xFFFF:
		dst = append(dst, mask|126)
		dst = binary.BigEndian.AppendUint16(dst, uint16(h.length))
	default:
		dst = append(dst, mask|127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(h.length))
	}
	if h.masked {
		dst = binary.LittleEndian.AppendUint32(dst, h.key)
	}
	return dst
}

// mask applies the key to b and returns it turned to the byte that follows,
// for a payload that is masked piece by piece. A key of 0, which is also that
// of an unmasked frame, changes nothing.
func mask(b []byte, key uint32) uint32 {
	if key == 0 {
		return 0
	}
	wide := uint64(key)<<32 | uint64(key)
	for len(b) >= 32 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^wide)
		binary.LittleEndian.PutUint64(b[8:], binary.LittleEndian.Uint64(b[8:])^wide)
		binary.LittleEndian.PutUint64(b[16:], binary.LittleEndian.Uint64(b[16:])^wide)
		binary.LittleEndian.PutUint64(b[24:], binary.LittleEndian.Uint64(b[24:])^wide)
		b = b[32:]
	}
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^wide)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= byte(key)
		key = bits.RotateLeft32(key, -8)
	}
	return key
}
