// Package socketio is Socket.IO 5, server and client: events and their
// acknowledgements, with binary attachments, in several namespaces of one
// Engine.IO connection. To clients of Engine.IO 3 the server speaks as Socket.IO 1
// and 2 did.
//
// JSON stays as it came: an event's arguments are handed on as raw text, and
// sent as the caller wrote them. What arrives is checked, not decoded.
//
// What is said in which file:
//
//   - socketio.go  what a user of the package sees besides Socket
//   - server.go    NewServer, and who may join; client.go Dial and Join
//   - dialect.go   how clients of each revision of the protocol join
//   - socket.go    one namespace of a connection: emitting, leaving, its end
//   - ack.go       answering an event, and waiting for an answer
//   - conn.go      a connection: which packet is for whom
//   - attachment.go a packet whose attachments are still to come
//   - packet.go    the grammar of a packet; payload.go what its payload must
//     be; json.go JSON, passed over but not decoded
package socketio

import (
	"errors"
	"fmt"
	"time"

	"github.com/znsocket/znsocket/internal/engineio"
)

// Event is a name and its arguments.
type Event struct {
	Name string

	// Args is the JSON text of the arguments, with a comma between them and
	// no brackets: `"k",[1,2]`. It is empty where there are none.
	Args []byte

	// Attachments are what {"_placeholder":true,"num":n} in Args stands for.
	// Without attachments such an object is an object like any other.
	Attachments [][]byte
}

// Handler receives what arrives on one Socket, in order, from one goroutine
// at a time. The whole connection waits while it runs, and so does the answer
// to a Call: it must not block for long.
type Handler interface {
	// Event gets the events. The arguments are well-formed JSON as Python
	// writes it, with NaN and Infinity, nested no deeper than MaxDepth; the
	// placeholders in them fit the attachments. Args is valid only during
	// the call, unless it is longer than engineio.RetainSize; attachments
	// are the receiver's to keep.
	Event(e Event, ack Ack)

	// Closed is called exactly once, after the last Event, whatever ended
	// the Socket.
	Closed(err error)
}

// Defaults of Config and DialConfig.
const (
	DefaultConnectTimeout = 45 * time.Second
	DefaultMaxAttachments = 10 // socket.io-client drops a connection for more
	DefaultMaxNamespaces  = 100
	DefaultMaxPendingAcks = 10_000
	DefaultMaxAuth        = 64 << 10
)

// Why a Socket ended, as Handler.Closed is told, beside the reasons of package
// engineio; test with errors.Is.
var (
	// ErrClosed is our own doing: Disconnect, Close or Shutdown.
	ErrClosed = engineio.ErrClosed

	// ErrProtocol is a peer that sent what it must not.
	ErrProtocol = engineio.ErrProtocol

	// ErrLeft is a peer that left the namespace. It is an
	// engineio.ErrPeerClosed too.
	ErrLeft = fmt.Errorf("socketio: left the namespace: %w", engineio.ErrPeerClosed)

	// ErrConnectTimeout is a client that joins no namespace.
	ErrConnectTimeout = errors.New("socketio: no namespace joined in time")
)

// ErrInvalidNamespace is for Config.Connect: there is no such namespace.
var ErrInvalidNamespace = &ConnectError{Message: "Invalid namespace"}

// What a caller of this package can do wrong.
var (
	ErrJoined   = errors.New("socketio: namespace joined already")
	ErrReserved = errors.New("socketio: reserved event name")
)

// ConnectError is a server's refusal to let a client into a namespace. Data is
// further JSON about it, or nil.
type ConnectError struct {
	Message string
	Data    []byte
}

func (e *ConnectError) Error() string { return "socketio: connection refused: " + e.Message }

// LimitError is about more of something than a limit allows.
type LimitError struct {
	What        string // a plural
	Size, Limit int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("socketio: %d %s, limit %d", e.Size, e.What, e.Limit)
}

// limits are what the connections of one server, or one client, share.
type limits struct {
	attachments int // of one packet
	packet      int // bytes of a packet together with its attachments
	pendingAcks int // of one socket
}

func protocolError(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrProtocol, fmt.Errorf("socketio: "+format, args...))
}
