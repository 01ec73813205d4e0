package websocket

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"
)

// acceptGUID is what the handshake mixes into the client's key.
const acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

var (
	errNotUpgrade = errors.New("websocket: not an upgrade request")
	errVersion    = errors.New("websocket: only version 13 is spoken")
	errKey        = errors.New("websocket: bad Sec-WebSocket-Key")
)

// IsUpgrade reports whether the request asks for a WebSocket at all.
func IsUpgrade(r *http.Request) bool {
	return hasToken(r.Header, "Connection", "upgrade") && hasToken(r.Header, "Upgrade", "websocket")
}

// Upgrade takes the connection over from net/http. As long as it fails, w is
// still good for an answer. Headers set on w go out with the 101.
//
// Nothing is written before the first Read, so the first messages leave
// together with the answer to the handshake. Call Read from a goroutine of
// its own and let the handler return: that frees net/http's memory.
func Upgrade(w http.ResponseWriter, r *http.Request, opts Options) (*Conn, error) {
	key := r.Header.Get("Sec-WebSocket-Key")
	switch {
	case r.Method != http.MethodGet || !r.ProtoAtLeast(1, 1) || !IsUpgrade(r):
		return nil, errNotUpgrade
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		w.Header().Set("Sec-WebSocket-Version", "13")
		return nil, errVersion
	}
	if raw, err := base64.StdEncoding.DecodeString(key); err != nil || len(raw) != 16 {
		return nil, errKey
	}

	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, err
	}
	nc.SetDeadline(time.Time{})
	early, err := rw.Reader.Peek(rw.Reader.Buffered())
	if err != nil {
		nc.Close()
		return nil, err
	}

	var answer bytes.Buffer
	answer.WriteString("HTTP/1.1 101 Switching Protocols\r\n" +
		"Upgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + acceptKey(key) + "\r\n")
	w.Header().Write(&answer)
	answer.WriteString("\r\n")

	c := newConn(nc, false, opts, early)
	c.out.addRaw(answer.Bytes())
	c.count(answer.Len())
	return c, nil
}

func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + acceptGUID))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// hasToken looks for a token in a header that holds a list of them.
func hasToken(h http.Header, name, token string) bool {
	for _, line := range h.Values(name) {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}
