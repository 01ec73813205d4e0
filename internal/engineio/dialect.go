package engineio

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"net/url"

	"github.com/znsocket/znsocket/internal/websocket"
)

// A dialect is a revision of the protocol as one connection speaks it: how
// packets are written, and who asks whether the other is there. All else is the
// same in every revision.
type dialect struct {
	revision int

	// clientPings is for a client that pings; otherwise the server does.
	clientPings bool

	binaryHead string // what a binary message begins with on a WebSocket
	parse      func(text []byte) (packet, error)
	payloads
}

// payloads is how packets are put into the bodies of polling.
type payloads interface {
	// appendPayload appends the body of a request or an answer.
	appendPayload(dst []byte, packets []packet) []byte

	// contentType is that of such a body.
	contentType(packets []packet) string

	// open gives the packets in the body of a POST.
	open(contentType string, body []byte) (payload, error)

	// bodyLimit is how long such a body may be, if a message may have maxMessage
	// bytes.
	bodyLimit(maxMessage int) int
}

// payload is packets as they came in a body.
type payload interface {
	// each calls yield for each packet, in order, until that fails. A packet's
	// data is a part of the body, or of its own if it came as base64.
	each(yield func(packet) error) error

	// longest is the size of the longest packet, as it would be on a WebSocket.
	longest() int
}

var revision4 = dialect{revision: 4, parse: parsePacket, payloads: payloads4{}}

// dialectOf is the dialect that the parameters of a handshake ask for; nil if
// it is not spoken here. Who names no revision does not mean the old one.
func (s *Server) dialectOf(q url.Values) *dialect {
	switch eio := q.Get("EIO"); {
	case eio == "4":
		return &revision4
	case eio != "3" || !s.cfg.Revision3:
		return nil
	case s.usesJSONP(q):
		return newJSONP(q.Get(paramJSONP))
	case q.Get("b64") != "":
		return &revision3Base64
	}
	return &revision3
}

// is reports whether an EIO parameter names the revision.
func (d *dialect) is(eio string) bool {
	return len(eio) == 1 && int(eio[0]-'0') == d.revision
}

// frame is a packet as a WebSocket message.
func (d *dialect) frame(p packet) websocket.Message {
	if p.kind == packetBinary {
		return websocket.Message{Op: websocket.Binary, Head: d.binaryHead, Data: p.data}
	}
	return websocket.Message{Op: websocket.Text, Head: p.kind.text(), Data: p.data}
}

// parseFrame is the packet in a WebSocket message.
func (d *dialect) parseFrame(op websocket.Opcode, data []byte) (packet, error) {
	if op != websocket.Binary {
		return d.parse(data)
	}
	rest, ok := bytes.CutPrefix(data, []byte(d.binaryHead))
	if !ok {
		return packet{}, fmt.Errorf("%w: a binary frame that is no message", ErrProtocol)
	}
	return packet{packetBinary, rest}, nil
}

// payloads4 is polling in revision 4, where all is text.
type payloads4 struct{}

func (payloads4) appendPayload(dst []byte, packets []packet) []byte {
	return appendPayload(dst, packets)
}

func (payloads4) contentType([]packet) string { return typePayload }

func (payloads4) open(contentType string, body []byte) (payload, error) {
	if isBinary(contentType) {
		return nil, fmt.Errorf("%w: a body of %s", ErrProtocol, typeBinary)
	}
	return payload4(body), nil
}

// bodyLimit allows for a binary message of the allowed size, which is a third
// longer there.
func (payloads4) bodyLimit(maxMessage int) int {
	return base64.StdEncoding.EncodedLen(maxMessage) + 1<<10
}

type payload4 []byte

func (b payload4) each(yield func(packet) error) error { return parsePayload(b, yield) }
func (b payload4) longest() int                        { return longest(b) }

func isBinary(contentType string) bool {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	return mediaType == typeBinary
}
