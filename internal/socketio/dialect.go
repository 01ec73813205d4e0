package socketio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/znsocket/znsocket/internal/pyjson"
)

// A dialect is how clients of one revision of the protocol join namespaces. In
// all else the revisions are the same.
type dialect interface {
	// auth is what a client says of itself with its CONNECT: a JSON object, or
	// nothing. R is the request that began the connection.
	auth(connect packet, r *http.Request) ([]byte, error)

	// inRoot reports whether clients are in "/" without asking.
	inRoot() bool

	// welcome is the payload of the answer to a client that may join.
	welcome(s *Socket) []byte

	// refusal is that of the answer to one that may not.
	refusal(e *ConnectError) []byte

	// complaint takes a client's packet of type packetConnectError.
	complaint(p packet) error
}

// protocol5 is that of Socket.IO 3 and newer.
type protocol5 struct{}

func (protocol5) auth(connect packet, _ *http.Request) ([]byte, error) {
	if len(connect.payload) == 0 {
		return nil, nil
	}
	return connect.payload, checkObject(connect.payload)
}

func (protocol5) inRoot() bool { return false }

func (protocol5) welcome(s *Socket) []byte { return fmt.Appendf(nil, `{"sid":"%s"}`, s.id) }

func (protocol5) refusal(e *ConnectError) []byte {
	text := pyjson.AppendString([]byte(`{"message":`), e.Message)
	if len(e.Data) > 0 {
		text = append(append(text, `,"data":`...), e.Data...)
	}
	return append(text, '}')
}

func (protocol5) complaint(p packet) error {
	return protocolError("a client refused to connect: %.50q", p.payload)
}

// protocol4 is that of Socket.IO 1 and 2, over revision 3 of Engine.IO. Its
// clients are in "/" without asking, and hear neither an id nor, of a refusal,
// more than one value.
type protocol4 struct{}

// auth has the parameters of the request and those that the namespace has behind
// a question mark, which count more. Such clients send no payload; what they are
// given as query they send in both places, or only with the request if they are
// in "/".
func (protocol4) auth(connect packet, r *http.Request) ([]byte, error) {
	if len(connect.payload) > 0 {
		return nil, protocolError("connect with a payload: %.50q", connect.payload)
	}
	sent := map[string]string{}
	collect := func(query url.Values) {
		for name := range query {
			sent[name] = query.Get(name)
		}
	}
	collect(r.URL.Query())
	for _, name := range []string{"EIO", "transport", "sid", "t", "b64", "j"} {
		delete(sent, name) // of the layer below
	}
	_, query, _ := bytes.Cut(connect.namespace, []byte{'?'})
	ours, _ := url.ParseQuery(string(query)) // without what is none, as with the request's
	collect(ours)
	return json.Marshal(sent)
}

func (protocol4) inRoot() bool { return true }

func (protocol4) welcome(*Socket) []byte { return nil }

func (protocol4) refusal(e *ConnectError) []byte {
	if len(e.Data) > 0 {
		return e.Data
	}
	return pyjson.AppendString(nil, e.Message)
}

// complaint is about an event of the client's own that it could not write.
func (protocol4) complaint(packet) error { return nil }
