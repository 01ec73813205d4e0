// Package engineio is Engine.IO 4, server and client: ordered messages, text
// or binary, over HTTP long-polling, over WebSocket, and from the one to the
// other in mid-conversation. A server that is told to speaks Engine.IO 3 as well.
//
// What is said in which order:
//
//   - engineio.go  what a user of the package sees besides Server and Dial
//   - packet.go    packets and polling payloads of protocol revision 4
//   - dialect.go   what differs between revisions; payload3.go payloads of
//     revision 3; jsonp.go those for pages that poll by scripts
//   - conn.go      a connection: sending, delivering, ending
//   - queue.go     what waits for polling
//   - drain.go     who wants to know when what waits has been written
//   - heartbeat.go pings, pongs, and what counts as a sign of life
//   - websocket.go a connection whose packets travel by WebSocket
//   - server.go    requests and shutdown; open.go handshakes; origin.go who may ask
//   - answer.go    what requests are answered with
//   - poll.go      the server's side of polling: GET; pollpost.go POST
//   - upgrade.go   from polling to a WebSocket
//   - client.go    Dial; post.go the client's side of polling
package engineio

import (
	"errors"
	"time"

	"github.com/znsocket/znsocket/internal/websocket"
)

// Message is one Engine.IO message: text, or binary.
type Message struct {
	Data   []byte
	Binary bool
}

// RetainSize is the length from which on data is handed over instead of
// copied: sent data of that size must not be changed afterwards, and received
// data that is longer is the receiver's to keep.
const RetainSize = websocket.RetainSize

// Handler receives what arrives on one connection, from one goroutine at a
// time.
type Handler interface {
	// Message gets the messages in order. It must not block for long. Data
	// is valid only during the call, unless it is longer than RetainSize.
	Message(m Message)

	// Closed is called exactly once, after the last Message.
	Closed(err error)
}

// ProgressHandler is a Handler that also sees a large WebSocket message
// (more than 64 KiB) arrive piece by piece, before Message gets it whole.
type ProgressHandler interface {
	Handler
	Receiving(binary bool, got, total int)
}

// Defaults of Config and DialConfig.
const (
	DefaultPingInterval   = 25 * time.Second
	DefaultPingTimeout    = 20 * time.Second
	DefaultUpgradeTimeout = 10 * time.Second
	DefaultMaxPayload     = 1_000_000
	DefaultMaxMessage     = 64 << 20 // of a client, from a server it chose
	DefaultMaxQueued      = 64 << 20
	DefaultMaxConns       = 10_000
)

// Why a connection ended, as Handler.Closed is told; test with errors.Is.
var (
	ErrClosed      = errors.New("engineio: closed")                           // by us
	ErrPeerClosed  = errors.New("engineio: closed by the peer")               // in whatever manner
	ErrPingTimeout = errors.New("engineio: ping timeout")                     // the peer is silent
	ErrProtocol    = errors.New("engineio: protocol error")                   // the peer sent what it must not
	ErrTooLarge    = errors.New("engineio: message too large")                // the peer sent more than allowed
	ErrQueueFull   = errors.New("engineio: too much waits for a slow reader") // the peer does not read
)
