package websocket

import (
	"errors"
	"fmt"
)

var (
	// ErrClosed is what a connection answers after Close or Abort.
	ErrClosed = errors.New("websocket: closed")

	// ErrProtocol ends a connection whose peer breaks the protocol.
	ErrProtocol = errors.New("websocket: protocol error")
)

// Status codes of a close frame.
const (
	StatusNormal        = 1000
	StatusGoingAway     = 1001
	StatusProtocolError = 1002
	StatusNone          = 1005 // never on the wire: a close frame without a code
	StatusInvalidText   = 1007
	StatusTooLarge      = 1009
)

// CloseError is the peer's close frame.
type CloseError struct {
	Code   int
	Reason string
}

func (e *CloseError) Error() string {
	return fmt.Sprintf("websocket: closed by the peer: %d %s", e.Code, e.Reason)
}

// TooLargeError ends a connection whose peer sends more in one message than
// is allowed. Size is what the frames announced so far.
type TooLargeError struct {
	Size, Limit int64
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("websocket: message of %d bytes, limit %d", e.Size, e.Limit)
}

// QueueFullError ends a connection whose peer reads too slowly.
type QueueFullError struct {
	Size, Limit int
}

func (e *QueueFullError) Error() string {
	return fmt.Sprintf("websocket: %d bytes wait for a slow reader, limit %d", e.Size, e.Limit)
}

// HandshakeError is a server's answer other than 101.
type HandshakeError struct {
	Status int
	Body   string // its beginning
}

func (e *HandshakeError) Error() string {
	return fmt.Sprintf("websocket: upgrade refused with status %d: %s", e.Status, e.Body)
}
