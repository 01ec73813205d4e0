package znsocket

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/znsocket/znsocket/internal/pyjson"
	"github.com/znsocket/znsocket/internal/socketio"
)

// This file is what a session does for adapters: it asks owners, and is one.

// answerAdapter handles the questions about who has an adapter.
func (s *session) answerAdapter(dst []byte, e socketio.Event) ([]byte, error) {
	key, err := adapterKey(e)
	if err != nil {
		return nil, err
	}
	registry := &s.srv.store.adapters
	yes := true
	switch e.Name {
	case "check_adapter":
		yes = registry.check(key)
	case "adapter_exists":
		yes = registry.owner(key) != nil
	default:
		if err := registry.register(key, s, s.srv.limits.Adapters); err != nil {
			return nil, err
		}
	}
	return strconv.AppendBool(dst, yes), nil
}

// askAdapter passes a question on to the owner of an adapter and its answer
// back, unchanged. It does not wait for it.
func (s *session) askAdapter(e socketio.Event, ack socketio.Ack) {
	refuse := func(err error) {
		if ack.Wanted() {
			ack.Send(appendRefusal(nil, err))
		}
	}
	key, err := adapterKey(e)
	switch {
	case err != nil:
	case len(e.Attachments) > 0:
		err = invalidArguments(e.Name, "it takes no attachments")
	case !strictJSON(e.Args):
		err = invalidArguments(e.Name, "NaN and infinities cannot be passed on")
	}
	if err != nil {
		refuse(err)
		return
	}
	owner := s.srv.store.adapters.owner(key)
	if owner == nil {
		refuse(noAdapter(key))
		return
	}
	if waiting := owner.socket.Buffered() + len(e.Args); waiting > s.srv.limits.Queued/2 {
		refuse(tooLarge("what waits for the owner of "+key, int64(waiting), int64(s.srv.limits.Queued/2)))
		return
	}
	owner.ask(key, e.Args, func(answer []byte, attachments [][]byte, err error) {
		switch {
		case err != nil:
			refuse(err)
		case !strictJSON(answer):
			refuse(&Error{KindType, fmt.Sprintf("The owner of %s answered with NaN or an infinity, which JavaScript cannot read", key)})
		case ack.Wanted():
			ack.Send(answer, attachments...)
		}
	})
}

// ask passes a question on to the owner of an adapter, whose client answers or is
// too late. done is called once, with the answer as it came or with the reason
// why there is none.
func (s *session) ask(key string, payload []byte, done func([]byte, [][]byte, error)) {
	var once sync.Once
	var cancel func()
	finish := func(answer []byte, attachments [][]byte, err error) {
		once.Do(func() { done(answer, attachments, err) })
	}
	ready := make(chan struct{})
	limit := s.srv.adapterTimeout
	late := time.AfterFunc(limit, func() {
		<-ready
		cancel()
		finish(nil, nil, &Error{KindTimeout, fmt.Sprintf("The owner of %s did not answer within %s", key, limit)})
	})
	cancel = s.socket.Call(socketio.Event{Name: "adapter:get", Args: payload}, func(answer []byte, attachments [][]byte, err error) {
		late.Stop()
		if full := (*socketio.LimitError)(nil); errors.As(err, &full) {
			err = &Error{KindTooLarge, fmt.Sprintf("The owner of %s has %d questions to answer, the limit is %d", key, full.Size-1, full.Limit)}
		} else if err != nil {
			err = noAdapter(key) // its owner has just gone
		}
		finish(answer, attachments, err)
	})
	close(ready)
}

// adapterKey reads the payload [[], {"key": k, …}].
func adapterKey(e socketio.Event) (string, error) {
	v, err := pyjson.Parse(e.Args, e.Attachments)
	if err != nil {
		return "", invalidArguments(e.Name, err.Error())
	}
	key, err := keyword(e.Name, &v, "key", pyjson.String)
	if err != nil {
		return "", err
	}
	return strings.Clone(key.Text), nil
}

// strictJSON reports whether values that a client sent as JSON are so for every
// client: Python also writes NaN and Infinity, at which JavaScript's gives up
// the connection.
func strictJSON(args []byte) bool {
	if !bytes.Contains(args, []byte("NaN")) && !bytes.Contains(args, []byte("Infinity")) {
		return true // the transport has checked the rest
	}
	return json.Valid(append(append([]byte{'['}, args...), ']'))
}
