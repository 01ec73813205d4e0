package socketio

import (
	"bytes"
	"strconv"

	"github.com/znsocket/znsocket/internal/pyjson"
)

// packetType is the first byte of a packet.
type packetType byte

const (
	packetConnect      packetType = '0'
	packetDisconnect   packetType = '1'
	packetEvent        packetType = '2'
	packetAck          packetType = '3'
	packetConnectError packetType = '4'

	// A packet with attachments says how many there are, and has a type of
	// its own.
	packetBinaryEvent packetType = '5'
	packetBinaryAck   packetType = '6'
	toBinary                     = packetBinaryEvent - packetEvent
)

const (
	noID        = -1 // of an event that wants no ack
	plain       = -1 // attachments of a packet that is not of a binary type
	maxDigits   = 15 // of a number in a packet: JavaScript counts up to 2^53
	maxOverhead = 64 // type, count, comma, id and brackets together
)

// root is the namespace of a packet that names none, and is never written.
const root = "/"

var rootBytes = []byte(root)

// A packet is
//
//	type [count "-"] [namespace ","] [id] [payload]
//
// where count is there for the two binary types only, and the comma may be
// missing where nothing follows it. Its slices are parts of what was parsed.
type packet struct {
	kind        packetType // packetEvent and packetAck for the binary ones too
	attachments int        // how many follow, or plain
	namespace   []byte
	id          int64
	payload     []byte
}

func parsePacket(b []byte) (packet, error) {
	if len(b) == 0 || b[0] < byte(packetConnect) || b[0] > byte(packetBinaryAck) {
		return packet{}, protocolError("packet type of %.50q", b)
	}
	p := packet{kind: packetType(b[0]), attachments: plain, namespace: rootBytes, id: noID}
	rest := b[1:]

	if p.kind >= packetBinaryEvent {
		p.kind -= toBinary
		n, size := leadingNumber(rest)
		if size == 0 || size > maxDigits || size == len(rest) || rest[size] != '-' {
			return packet{}, protocolError("number of attachments in %.50q", b)
		}
		p.attachments = int(min(n, 1<<30)) // beyond any limit, also as 32 bits
		rest = rest[size+1:]
	}

	if len(rest) > 0 && rest[0] == '/' {
		p.namespace = rest
		if i := bytes.IndexByte(rest, ','); i >= 0 {
			p.namespace, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
	}

	n, size := leadingNumber(rest)
	if size > maxDigits {
		return packet{}, protocolError("id in %.50q", b)
	}
	if size > 0 {
		p.id, rest = n, rest[size:]
	}
	p.payload = rest
	return p, nil
}

// leadingNumber returns the decimal number at the start of b and its length,
// which is 0 where there is none and more than maxDigits where it is too long.
func leadingNumber(b []byte) (n int64, size int) {
	for size < len(b) && '0' <= b[size] && b[size] <= '9' && size <= maxDigits {
		n = 10*n + int64(b[size]-'0')
		size++
	}
	return n, size
}

// appendHeader appends a packet up to its payload.
func appendHeader(dst []byte, kind packetType, attachments int, namespace string, id int64) []byte {
	if attachments > 0 {
		dst = append(dst, byte(kind+toBinary))
		dst = strconv.AppendInt(dst, int64(attachments), 10)
		dst = append(dst, '-')
	} else {
		dst = append(dst, byte(kind))
	}
	if namespace != root {
		dst = append(dst, namespace...)
		dst = append(dst, ',')
	}
	if id != noID {
		dst = strconv.AppendInt(dst, id, 10)
	}
	return dst
}

// appendPacket appends an event, or an ack, which has no name. The attachments
// themselves are not part of the text.
func appendPacket(dst []byte, kind packetType, namespace string, id int64, e Event) []byte {
	dst = appendHeader(dst, kind, len(e.Attachments), namespace, id)
	dst = append(dst, '[')
	if kind == packetEvent {
		dst = pyjson.AppendString(dst, e.Name)
		if len(e.Args) > 0 {
			dst = append(dst, ',')
		}
	}
	dst = append(dst, e.Args...)
	return append(dst, ']')
}

// packetSize is what appendPacket appends at most: a byte of a name may be
// written as six.
func packetSize(namespace string, e Event) int {
	return maxOverhead + len(namespace) + 6*len(e.Name) + len(e.Args)
}

// reserved reports whether an event's name is one that clients and servers use
// for themselves.
func reserved(name string) bool {
	switch name {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return true
	}
	return false
}
