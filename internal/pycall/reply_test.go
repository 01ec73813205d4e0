package pycall

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// replyKinds has a reply of each kind, and some that fit no command.
var replyKinds = []any{
	nil, keyspace.OK, "text", "\xff", int64(1), 1.5, math.NaN(), true, []string{"a", "b"}, []string{"a"}, keyspace.Pairs{"a", "1"}, keyspace.Set{"a"},
	keyspace.Scores{{Member: "a", Score: 1}}, keyspace.Scan{Cursor: 7, Items: []string{"a"}}, keyspace.Scan{Items: keyspace.Pairs{"a", "\xff"}},
	keyspace.Scan{Items: keyspace.Scores{{Member: "a", Score: math.Inf(1)}}}, []any{}, []any{"a", 1.5}, []any{[]any{"a", "1"}}, []any{[]any{"a"}},
	[]any{"0", []any{"a", "1"}}, []any{"0", "x"}, []any{nil, nil, nil}, map[any]any{"b": "2", int64(1): 1.5}, map[string]any{"b": "2", "a": nil},
	errors.New("no reply"), 1, struct{}{},
}

func TestAppendReply_anyReplyInAnyShape(t *testing.T) {
	for s := asIs; s <= nothing; s++ {
		for _, reply := range replyKinds {
			call := Call{shape: s}
			ack, err := pyjson.Parse([]byte(appendReply(&call, []byte("[1,"), reply))[3:], nil)
			require.NoError(t, err, "%v of %#v", s, reply)
			_, data := ack.Get("data")
			_, failure := ack.Get("error")
			require.NotEqual(t, data, failure)
		}
	}
}

func TestAppendReply_keepsOrder(t *testing.T) {
	call, err := bind(t, "hgetall", `[["h"],{}]`)
	require.NoError(t, err)
	require.Equal(t, `{"data":{"z":"1","a":"2","m":"3"}}`, appendReply(&call, nil, keyspace.Pairs{"z", "1", "a", "2", "m", "3"}))
	require.Equal(t, `{"data":{"a":"2","m":"3","z":"1"}}`, appendReply(&call, nil, map[any]any{"z": "1", "a": "2", "m": "3"}))
}

// TestAppendReply_notUTF8 has what Python's UTF-8 refuses, as Python does.
func TestAppendReply_notUTF8(t *testing.T) {
	texts := map[string]int{"\xff": 0, "a\xc3": 1, "é\ufffd\xff": 5}
	for text, at := range texts {
		for _, reply := range []any{text, []string{"a", text}, keyspace.Set{text}, keyspace.Pairs{text, "v"}, []any{int64(1), text}} {
			ack := []byte(appendReply(&Call{}, []byte("before "), reply))
			want := fmt.Sprintf(`before {"error":{"msg":"'utf-8' codec can't decode byte 0x%02x in position %d","type":"UnicodeDecodeError"}}`, text[at], at)
			require.Equal(t, want, string(ack))
		}
	}
}

func TestAppendError(t *testing.T) {
	for _, c := range []struct {
		err        error
		kind, text string
	}{
		{keyspace.ErrWrongType, "ResponseError", "WRONGTYPE Operation against a key holding the wrong kind of value"},
		{keyspace.ErrNoSuchKey, "ResponseError", "no such key"},
		{fmt.Errorf("wrapped: %w", keyspace.ErrNoSuchKey), "ResponseError", "no such key"},
		{errors.New("ERR no such key"), "ResponseError", "no such key"},
		{errors.New("READONLY You can't write against a read only replica."), "ResponseError", "READONLY You can't write against a read only replica."},
		{&Error{"DataError", "ERR is kept here"}, "DataError", "ERR is kept here"},
		{&Error{"ResponseError", "ERR syntax error"}, "ResponseError", "syntax error"},
		{fmt.Errorf("wrapped: %w", &Error{"KeyError", "k"}), "KeyError", "k"},
		{context.Canceled, "ZnSocketError", "context canceled"},
		{errors.New("EOF"), "ZnSocketError", "EOF"},
		{errors.New("dial tcp: \"refused\"\n\xff"), "ZnSocketError", "dial tcp: \"refused\"\n\ufffd"},
	} {
		ack, err := pyjson.Parse(AppendError(nil, c.err), nil)
		require.NoError(t, err)
		e, ok := ack.Get("error")
		require.True(t, ok)
		msg, _ := e.Get("msg")
		kind, _ := e.Get("type")
		require.Equal(t, []string{c.kind, c.text}, []string{kind.Text, msg.Text}, c.err)
		require.Len(t, ack.Keys, 1)
	}
}

// appendReply is the ack of a call whose answer may have any length.
func appendReply(c *Call, dst []byte, reply any) string {
	ack, err := c.AppendReply(dst, reply, math.MaxInt)
	if err != nil {
		ack = AppendError(dst, err)
	}
	return string(ack)
}

func TestAppendReply_limit(t *testing.T) {
	reply := []string{"12345", "12345"}
	ack, err := (&Call{}).AppendReply([]byte("before "), reply, 100)
	require.NoError(t, err)
	require.Equal(t, `before {"data":["12345","12345"]}`, string(ack))
	ack, err = (&Call{}).AppendReply([]byte("before "), reply, 25)
	require.Equal(t, "before ", string(ack))
	var refusal *Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "TooLargeError", refusal.Type)
}
