package engineio

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// packetType is the first byte of a packet in text form.
type packetType byte

const (
	packetOpen    packetType = '0'
	packetClose   packetType = '1'
	packetPing    packetType = '2'
	packetPong    packetType = '3'
	packetMessage packetType = '4'
	packetUpgrade packetType = '5'
	packetNoop    packetType = '6'

	// packetBinary is a binary message: in revision 4 base64 in a polling
	// payload, and on a WebSocket a binary frame with nothing added.
	packetBinary packetType = 'b'
)

// text is the type as a string, without making one.
func (t packetType) text() string {
	i := t - packetOpen
	return "0123456"[i : i+1]
}

// probe is the data of the ping and the pong that try a new WebSocket.
const probe = "probe"

// A packet is what Engine.IO sends: a message, or a word between the two ends.
type packet struct {
	kind packetType
	data []byte
}

func (m Message) packet() packet {
	if m.Binary {
		return packet{packetBinary, m.Data}
	}
	return packet{packetMessage, m.Data}
}

// parsePacket reads a packet in text form, as a WebSocket's text frame or a
// part of a payload has it. Data is a part of b.
func parsePacket(b []byte) (packet, error) {
	if len(b) == 0 {
		return packet{}, fmt.Errorf("%w: empty packet", ErrProtocol)
	}
	kind := packetType(b[0])
	if kind < packetOpen || kind > packetNoop {
		return packet{}, fmt.Errorf("%w: packet type %q", ErrProtocol, b[0])
	}
	return packet{kind, b[1:]}, nil
}

// separator stands between the packets of a payload. It cannot occur in JSON
// text, which escapes it; elsewhere nobody escapes it.
const separator = '\x1e'

// A payload of more packets than maxPackets is refused by the Python client.
// Nothing bounds what a peer may put into one, but its bytes.
const maxPackets = 16

// size is how long the packet is in a payload.
func (p packet) size() int {
	if p.kind == packetBinary {
		return 1 + base64.StdEncoding.EncodedLen(len(p.data))
	}
	return 1 + len(p.data)
}

// appendPayload appends the body of a request or an answer.
func appendPayload(dst []byte, packets []packet) []byte {
	for i, p := range packets {
		if i > 0 {
			dst = append(dst, separator)
		}
		dst = append(dst, byte(p.kind))
		if p.kind == packetBinary {
			dst = base64.StdEncoding.AppendEncode(dst, p.data)
		} else {
			dst = append(dst, p.data...)
		}
	}
	return dst
}

// parsePayload calls yield for each packet of a body, in order, until that
// fails. A packet's data is a part of the body, or of its own if binary.
func parsePayload(body []byte, yield func(packet) error) error {
	for more := true; more; {
		var part []byte
		part, body, more = bytes.Cut(body, []byte{separator})
		p, err := parsePart(part)
		if err == nil {
			err = yield(p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func parsePart(part []byte) (packet, error) {
	if len(part) > 0 && packetType(part[0]) == packetBinary {
		return parseBase64(part[1:])
	}
	if !utf8.Valid(part) {
		return packet{}, fmt.Errorf("%w: text is not UTF-8", ErrProtocol)
	}
	return parsePacket(part)
}

// parseBase64 reads a binary message.
func parseBase64(data []byte) (packet, error) {
	data, err := base64.StdEncoding.AppendDecode(nil, data)
	if err != nil {
		return packet{}, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return packet{packetBinary, data}, nil
}

// base64Size is how many bytes data is that came as base64.
func base64Size(data []byte) int {
	return base64.RawStdEncoding.DecodedLen(len(bytes.TrimRight(data, "=")))
}

// longest returns the size of the longest packet of a body, as its size would
// be on a WebSocket.
func longest(body []byte) int {
	most := 0
	for part := range bytes.SplitSeq(body, []byte{separator}) {
		size := len(part)
		if size > 0 && packetType(part[0]) == packetBinary {
			size = base64Size(part[1:])
		}
		most = max(most, size)
	}
	return most
}

// handshake is the data of an open packet.
type handshake struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int64    `json:"pingInterval"`
	PingTimeout  int64    `json:"pingTimeout"`
	MaxPayload   int      `json:"maxPayload"`
}

func (h handshake) packet() packet {
	data, _ := json.Marshal(h) // strings and numbers always marshal
	return packet{packetOpen, data}
}

func parseHandshake(p packet) (handshake, error) {
	var h handshake
	if p.kind != packetOpen {
		return h, fmt.Errorf("%w: the server began with packet type %q", ErrProtocol, byte(p.kind))
	}
	if err := json.Unmarshal(p.data, &h); err != nil {
		return h, fmt.Errorf("%w: open packet: %w", ErrProtocol, err)
	}
	const longest = int64(24 * time.Hour / time.Millisecond)
	if h.SID == "" || h.PingInterval < 0 || h.PingInterval > longest || h.PingTimeout < 0 || h.PingTimeout > longest {
		return h, fmt.Errorf("%w: open packet %.200q", ErrProtocol, p.data)
	}
	return h, nil
}
