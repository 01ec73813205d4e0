package znsocket

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// What went wrong, for errors.Is. They hold on every Commander: an *Error that
// came over the network matches the same sentinel as one from a Store.
var (
	// ErrNil: the key, field or member does not exist.
	ErrNil = errors.New("znsocket: nil reply: key or field does not exist")
	// ErrOutOfRange: a List has no such index.
	ErrOutOfRange = errors.New("znsocket: index out of range")
	// ErrWrongType: the key holds another type of value.
	ErrWrongType = errors.New("znsocket: key holds the wrong type of value")
	// ErrFrozen: the object is read-only, for it has an adapter.
	ErrFrozen = errors.New("znsocket: object is frozen")
	// ErrUnknownCommand: there is no such command here.
	ErrUnknownCommand = errors.New("znsocket: unknown command")
	// ErrTooLarge: a message or value is larger than a limit; see TooLargeError.
	ErrTooLarge = errors.New("znsocket: too large")
	// ErrDenied: the server's access rule does not allow it.
	ErrDenied = errors.New("znsocket: denied")
	// ErrExists: the key that should be made is there already.
	ErrExists = errors.New("znsocket: key already exists")
	// ErrNoScript: the server does not have the script that EvalSha names.
	ErrNoScript = errors.New("znsocket: no such script")
)

// ErrNotExecuted: a Future was read before Pipelined returned.
var ErrNotExecuted = errors.New("znsocket: pipeline not executed yet")

// About the connection of a Client or the life of a Server.
var (
	// ErrClosed: the Client was closed.
	ErrClosed = errors.New("znsocket: closed")
	// ErrDisconnected: the connection was lost before the answer came, or that of
	// the server to its Redis. Whether the command was carried out is not known.
	ErrDisconnected = errors.New("znsocket: connection lost")
)

// The kinds of an Error: the names that travel on the wire, as redis-py and
// Python spell them.
const (
	KindResponse        = "ResponseError"        // refused by Redis or the Store
	KindData            = "DataError"            // a value that is no string, bytes or number
	KindKey             = "KeyError"             // adapters: no such key, or taken
	KindIndex           = "IndexError"           // no such index
	KindType            = "TypeError"            // arguments that do not fit
	KindValue           = "ValueError"           // an object put into itself, and the like
	KindUnknownEvent    = "UnknownEventError"    // no such command
	KindFrozen          = "FrozenStorageError"   // read-only
	KindChunk           = "ChunkError"           // a large message that cannot be put together
	KindChunkSize       = "ChunkSizeError"       // a piece of another size than announced
	KindChunkNotFound   = "ChunkNotFoundError"   // the answer to a large message nobody knows of
	KindChunkIncomplete = "ChunkIncompleteError" // the same before all pieces are there
	KindTooLarge        = "TooLargeError"        // over a limit of the server
	KindDeserialize     = "DeserializationError" // a message that cannot be read
	KindTimeout         = "TimeoutError"         // an adapter's owner that does not answer
	KindConnection      = "ConnectionError"      // the server has lost its Redis
	KindAdapter         = "AdapterError"         // what an adapter's owner failed with
	KindPermission      = "PermissionError"      // not allowed by the server's access rule
)

// Error is a command's refusal. Kind is one of the Kind constants, or another
// name a server sends; Msg is, for KindResponse, Redis's own text with its code.
type Error struct{ Kind, Msg string }

func (e *Error) Error() string {
	if e.Kind == KindResponse {
		return e.Msg
	}
	return e.Kind + ": " + e.Msg
}

// Is makes errors.Is(err, ErrWrongType) and its like work, wherever the error
// comes from.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrWrongType:
		return strings.HasPrefix(e.Msg, "WRONGTYPE ")
	case ErrOutOfRange:
		return e.Kind == KindIndex || e.Kind == KindResponse && e.Msg == string(keyspace.ErrIndexRange)
	case ErrUnknownCommand:
		return e.Kind == KindUnknownEvent || e.Kind == KindResponse && strings.HasPrefix(e.Msg, "ERR unknown command")
	case ErrFrozen:
		return e.Kind == KindFrozen
	case ErrExists:
		return e.Kind == KindKey && strings.HasSuffix(e.Msg, " already exists in storage")
	case ErrNoScript:
		return strings.HasPrefix(e.Msg, "NOSCRIPT ") || e.Kind == "NoScriptError"
	case ErrTooLarge:
		return e.Kind == KindTooLarge
	case ErrDenied:
		return e.Kind == KindPermission
	case ErrDisconnected:
		return e.Kind == KindConnection
	}
	return false
}

// sayable is an error that is no reply of Redis as a client is told of it.
func sayable(err error) error {
	switch {
	case errors.As(err, new(*Error)):
		return err
	case errors.Is(err, ErrDisconnected):
		return &Error{KindConnection, err.Error()}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{KindTimeout, err.Error()}
	}
	return err
}

// responseError makes the *Error of an error that a Store's engine or a foreign
// Commander gave, and leaves errors that are no replies as they are. Redis's
// replies begin with a code in capitals and wrap no other error.
func responseError(err error) error {
	if text, ok := err.(keyspace.Error); ok {
		return &Error{KindResponse, string(text)}
	}
	if _, ok := err.(*Error); ok {
		return err
	}
	if code, _, found := strings.Cut(err.Error(), " "); !found || !keyspace.IsCode(code) || errors.Unwrap(err) != nil {
		return err
	}
	return &Error{KindResponse, err.Error()}
}

// TooLargeError names what was too large and the limit it broke. It matches
// ErrTooLarge.
type TooLargeError struct {
	What        string // "message", "piece", …
	Size, Limit int64  // in bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("znsocket: %s of %d bytes exceeds the limit of %d bytes", e.What, e.Size, e.Limit)
}

// Is reports a match with ErrTooLarge.
func (e *TooLargeError) Is(target error) bool { return target == ErrTooLarge }

// DecodeError is an element of a List or a value of a Dict that is not of the
// object's type. The element stays as it is.
type DecodeError struct {
	Key   string // the full key of the object
	Index int    // the element of a List; counted from the end where At was asked so
	Field string // the field of a Dict
	Raw   string // what is stored
	Err   error
}

func (e *DecodeError) Error() string {
	raw := e.Raw
	if len(raw) > 64 {
		raw = raw[:64] + "…"
	}
	if strings.HasPrefix(e.Key, dictPrefix) {
		return fmt.Sprintf("znsocket: %s[%q] holds %s: %v", e.Key, e.Field, raw, e.Err)
	}
	return fmt.Sprintf("znsocket: %s[%d] holds %s: %v", e.Key, e.Index, raw, e.Err)
}

func (e *DecodeError) Unwrap() error { return e.Err }
