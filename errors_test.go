package znsocket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sentinels are all there are, by name.
var sentinels = map[string]error{
	"ErrNil": ErrNil, "ErrOutOfRange": ErrOutOfRange, "ErrWrongType": ErrWrongType, "ErrFrozen": ErrFrozen, "ErrDenied": ErrDenied,
	"ErrUnknownCommand": ErrUnknownCommand, "ErrTooLarge": ErrTooLarge, "ErrExists": ErrExists, "ErrNotExecuted": ErrNotExecuted,
	"ErrNoScript": ErrNoScript, "ErrClosed": ErrClosed, "ErrDisconnected": ErrDisconnected,
}

// An error matches one sentinel and no other, whichever Commander it is from.
func TestSentinels_overCommanders(t *testing.T) {
	for _, each := range commanders {
		if !each.Redis {
			continue
		}
		t.Run(each.Name, func(t *testing.T) {
			c, ctx := each.Open(t), t.Context()
			cmds := NewCommands(c)
			require.NoError(t, cmds.Set(ctx, "text", "x"))
			_, err := cmds.RPush(ctx, "list", "x")
			require.NoError(t, err)
			do := func(args ...any) func() error {
				return func() error { _, err := c.Do(ctx, args...); return err }
			}
			for _, k := range []struct {
				name string
				call func() error
			}{
				{"ErrNil", func() error { _, err := cmds.Get(ctx, "absent"); return err }},
				{"ErrNil", func() error { return cmds.Set(ctx, "text", "y", NX()) }},
				{"ErrOutOfRange", func() error { return cmds.LSet(ctx, "list", 5, "y") }},
				{"ErrOutOfRange", do("LSET", "list", 5, "y")},
				{"ErrWrongType", func() error { _, err := cmds.LLen(ctx, "text"); return err }},
				{"ErrWrongType", do("HGET", "list", "f")},
				{"ErrUnknownCommand", do("NOSUCH", "x")},
				{"ErrNoScript", func() error { _, err := cmds.EvalSha(ctx, "x", nil); return err }},
				{"", do("GET")},
				{"", do("LSET", "absent", 0, "x")},
				{"", do("INCR", "text")},
			} {
				err := k.call()
				require.Error(t, err)
				for name, sentinel := range sentinels {
					assert.Equal(t, name == k.name, errors.Is(err, sentinel), "%v is %s", err, name)
				}
				if k.name != "ErrNil" {
					var refused *Error
					require.ErrorAs(t, err, &refused)
					require.Equal(t, KindResponse, refused.Kind)
				}
			}
			_, err = c.Do(ctx, "GET", "absent")
			require.NoError(t, err, "a nil reply of Do is no error")
		})
	}
}

func TestError_kindsMatchSentinels(t *testing.T) {
	for _, c := range []struct {
		err  error
		name string
	}{
		{&Error{KindFrozen, "'x' is frozen"}, "ErrFrozen"},
		{&Error{KindTooLarge, "5 MB"}, "ErrTooLarge"},
		{&TooLargeError{What: "message", Size: 7, Limit: 5}, "ErrTooLarge"},
		{&Error{KindIndex, "list index out of range"}, "ErrOutOfRange"},
		{&Error{KindUnknownEvent, "Unknown event: x"}, "ErrUnknownCommand"},
		{&Error{KindPermission, "no"}, "ErrDenied"},
		{&Error{KindResponse, "ERR something"}, ""},
		{&Error{KindValue, "WRONG"}, ""},
	} {
		for name, sentinel := range sentinels {
			assert.Equal(t, name == c.name, errors.Is(fmt.Errorf("wrapped: %w", c.err), sentinel), "%v is %s", c.err, name)
		}
	}
	assert.EqualError(t, &Error{KindResponse, "ERR x"}, "ERR x")
	assert.EqualError(t, &Error{KindValue, "x"}, "ValueError: x")
	assert.EqualError(t, &TooLargeError{"message", 7, 5}, "znsocket: message of 7 bytes exceeds the limit of 5 bytes")
}

// Only what reads as a reply of Redis is taken for one.
func TestResponseError(t *testing.T) {
	wrapped := fmt.Errorf("READING reply: %w", context.Canceled)
	refused := &Error{KindData, "x"}
	for _, err := range []error{io.EOF, context.Canceled, wrapped, refused, errors.New("ERR"), errors.New("dial tcp"), errors.New(" x"), errors.New("Err x")} {
		assert.Same(t, err, responseError(err))
	}
	assert.Equal(t, &Error{KindResponse, "NOAUTH Authentication required."}, responseError(errors.New("NOAUTH Authentication required.")))
}

func TestDecodeError_cutsALongText(t *testing.T) {
	err := &DecodeError{Key: "znsocket.List:l", Index: 3, Raw: fmt.Sprintf("%0100d", 7), Err: io.EOF}
	assert.ErrorIs(t, err, io.EOF)
	assert.EqualError(t, err, fmt.Sprintf("znsocket: znsocket.List:l[3] holds %064d…: EOF", 0))
}
