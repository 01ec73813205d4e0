package pycall

import (
	"errors"
	"fmt"
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// Error is a failure as the wire has it: the name of Python's exception and its
// text.
type Error struct{ Type, Msg string }

func (e *Error) Error() string { return e.Type + ": " + e.Msg }

func dataError(format string, a ...any) error {
	return &Error{"DataError", fmt.Sprintf(format, a...)}
}

// AppendError appends the ack of a call that failed. A refusal of Redis is a
// ResponseError, with its text less the general code ERR; a failure of another
// kind is a ZnSocketError.
func AppendError(dst []byte, err error) []byte {
	e := Error{"ZnSocketError", err.Error()}
	var known *Error
	var refusal keyspace.Error
	switch {
	case errors.As(err, &known):
		e = *known
	case errors.As(err, &refusal):
		e = Error{"ResponseError", string(refusal)}
	case isRefusal(e.Msg):
		e.Type = "ResponseError"
	}
	if e.Type == "ResponseError" {
		e.Msg = strings.TrimPrefix(e.Msg, "ERR ")
	}
	dst = pyjson.AppendString(append(dst, `{"error":{"msg":`...), e.Msg)
	dst = pyjson.AppendString(append(dst, `,"type":`...), e.Type)
	return append(dst, "}}"...)
}

// isRefusal reports whether an error's text is that of a Redis server: a code
// in capitals and a sentence.
func isRefusal(text string) bool {
	code, _, more := strings.Cut(text, " ")
	return more && keyspace.IsCode(code)
}
