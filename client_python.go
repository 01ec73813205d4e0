package znsocket

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/pycall"
	"github.com/znsocket/znsocket/internal/pyjson"
	"github.com/znsocket/znsocket/internal/socketio"
)

// This file is how a Client speaks to a Python server: in redis-py's calls.

func (c *Client) runPython(ctx context.Context, l *link, argv []string) (any, error) {
	event, payload, err := spell(argv)
	if err != nil {
		return nil, err
	}
	a, err := c.askPython(ctx, l, event, payload)
	if err != nil {
		return nil, err
	}
	v, err := pyjson.Parse(a.args, a.attachments)
	if err != nil {
		return nil, fmt.Errorf("znsocket: answer that cannot be read: %w", err)
	}
	return fromPython(&v)
}

func (c *Client) runPythonMulti(ctx context.Context, l *link, cmds [][]string) ([]Reply, error) {
	payload := []byte(`[[],{"message":[`)
	for i, argv := range cmds {
		event, call, err := spell(argv)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			payload = append(payload, ',')
		}
		payload = append(pyjson.AppendString(append(payload, '['), event), ',')
		payload = append(append(payload, call...), ']')
	}
	a, err := c.askPython(ctx, l, "pipeline", append(payload, "]}]"...))
	if err != nil {
		return nil, err
	}
	v, err := pyjson.Parse(a.args, a.attachments)
	if err != nil {
		return nil, fmt.Errorf("znsocket: answer that cannot be read: %w", err)
	}
	if err := refusalOf(&v); err != nil {
		return nil, err
	}
	data, ok := v.Get("data")
	if !ok || data.Kind != pyjson.Array || len(data.Items) != len(cmds) {
		return nil, fmt.Errorf("znsocket: answer to a pipeline of %d commands that does not fit: %.200q", len(cmds), a.args)
	}
	replies := make([]Reply, len(cmds))
	for i := range replies {
		replies[i].Val, replies[i].Err = fromPython(&data.Items[i])
	}
	return replies, nil
}

// spell is a command as redis-py's call. What has no call there is unknown to
// a Python server.
func spell(argv []string) (event string, payload []byte, err error) {
	event, payload, err = pycall.Spell(argv)
	if refusal := (*pycall.Error)(nil); errors.As(err, &refusal) {
		err = &Error{refusal.Type, refusal.Msg}
	}
	return event, payload, err
}

// askPython sends a call in the smallest form there is for its size.
func (c *Client) askPython(ctx context.Context, l *link, event string, payload []byte) (answer, error) {
	if c.cfg.threshold >= 0 && len(payload) > c.cfg.threshold || len(payload) > l.maxMessage-pieceRoom {
		frame, compressed := packFrame(payload, c.cfg.threshold)
		switch {
		case len(frame) > l.maxMessage-pieceRoom:
			return c.sendPieces(ctx, l, event, frame)
		case compressed:
			args := pyjson.AppendString([]byte(`{"event":`), event)
			args = append(args, `,"data":`+attachmentArg+`}`...)
			return c.call(ctx, l, socketio.Event{Name: "compressed_message", Args: args, Attachments: [][]byte{frame}})
		}
	}
	return c.call(ctx, l, socketio.Event{Name: event, Args: payload})
}

// fromPython reads the answer to a call as the reply of the command.
func fromPython(v *pyjson.Value) (any, error) {
	if err := refusalOf(v); err != nil {
		return nil, err
	}
	data, ok := v.Get("data")
	if v.Kind != pyjson.Object || !ok {
		return nil, errors.New("znsocket: answer without data")
	}
	reply, err := pythonValue(data)
	if err != nil {
		return nil, err
	}
	if list, ok := reply.([]any); ok {
		if kind, set := v.Get("type"); set && kind.Text == "set" {
			texts, err := asTexts(list)
			return keyspace.Set(texts), err
		}
	}
	return reply, nil
}

// pythonValue is a JSON value as a reply. An object of texts is Pairs, to keep
// its order.
func pythonValue(v *pyjson.Value) (any, error) {
	switch v.Kind {
	case pyjson.True:
		return true, nil
	case pyjson.False:
		return false, nil
	case pyjson.Int:
		if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			return n, nil
		}
		return strings.Clone(v.Text), nil
	case pyjson.Float:
		return v.Float(), nil
	case pyjson.String, pyjson.Bytes:
		return strings.Clone(v.Text), nil // lies in the whole answer
	case pyjson.Array:
		list := make([]any, len(v.Items))
		for i := range v.Items {
			var err error
			if list[i], err = pythonValue(&v.Items[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case pyjson.Object:
		pairs := make(keyspace.Pairs, 0, 2*len(v.Keys))
		for i, key := range v.Keys {
			value, err := pythonValue(&v.Items[i])
			if err != nil {
				return nil, err
			}
			text, err := asText(value)
			if err != nil {
				return nil, fmt.Errorf("znsocket: the value of %q in the answer is no text: %w", key, err)
			}
			pairs = append(pairs, strings.Clone(key), text)
		}
		return pairs, nil
	}
	return nil, nil
}

// refusalOf returns the error in an answer, if there is one.
func refusalOf(v *pyjson.Value) error {
	if v.Kind != pyjson.Object {
		return nil
	}
	e, ok := v.Get("error")
	if !ok || e.Kind != pyjson.Object {
		return nil
	}
	refusal := &Error{Kind: KindResponse}
	if kind, ok := e.Get("type"); ok && kind.Kind == pyjson.String {
		refusal.Kind = kind.Text
	}
	if msg, ok := e.Get("msg"); ok && msg.Kind == pyjson.String {
		refusal.Msg = msg.Text
	}
	// redis-py takes the general code away.
	if code, _, _ := strings.Cut(refusal.Msg, " "); refusal.Kind == KindResponse && !keyspace.IsCode(code) {
		refusal.Msg = "ERR " + refusal.Msg
	}
	return refusal
}

// refusal returns the error in an answer, if there is one.
func (a answer) refusal() error {
	v, err := pyjson.Parse(a.args, a.attachments)
	if err != nil {
		return fmt.Errorf("znsocket: answer that cannot be read: %w", err)
	}
	return refusalOf(&v)
}
