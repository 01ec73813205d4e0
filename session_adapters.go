package znsocket

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/znsocket/znsocket/internal/pyjson"
	"github.com/znsocket/znsocket/internal/socketio"
)

// This file is what a session does for adapters: it asks owners, and is one.

// The events of a client that may also take an adapter over or give it up. Each
// has [[], {"key": k, "replace": bool, "again": bool}] and is answered true.
const (
	ownEvent    = "znsocket:own"
	disownEvent = "znsocket:disown"
	// replacedEvent tells such a client that another owner has taken its place:
	// {"key": k}.
	replacedEvent = "znsocket:replaced"
)

// answerAdapter handles the questions about who has an adapter.
func (s *session) answerAdapter(dst []byte, e socketio.Event, ack socketio.Ack) ([]byte, error) {
	v, err := pyjson.Parse(e.Args, e.Attachments)
	if err != nil {
		return nil, invalidArguments(e.Name, err.Error())
	}
	found, err := keyword(e.Name, &v, "key", pyjson.String)
	if err != nil {
		return nil, err
	}
	key := strings.Clone(found.Text)
	x, yes := s.srv.backing.meeting(), true
	switch e.Name {
	case "check_adapter", "adapter_exists":
		if err := s.allowedTo(adapterRead, key, e.Name); err != nil {
			return nil, err
		}
		yes = x.owner(key) != nil
		if e.Name == "check_adapter" && s.allowedTo(adapterOwn, key) == nil {
			x.mark(key)
		}
	case disownEvent:
		yes = x.giveUp(key, s)
	default:
		if err := s.allowedTo(adapterOwn, key); err != nil {
			return nil, err
		}
		is := func(name string) bool {
			flag, ok := v.Items[1].Get(name)
			return ok && flag.Kind == pyjson.True
		}
		c := claim{
			key: key, owner: s, limit: s.srv.limits.Adapters,
			old:     e.Name == "register_adapter",
			replace: e.Name == "register_adapter" || is("replace"),
		}
		if is("again") {
			c.again = s.greeting.Client
		}
		if x.mesh == nil || !ack.Wanted() {
			yes, err = true, s.own(c)
			break
		}
		return nil, s.laterText(ack, func(dst []byte) ([]byte, error) { // the other Nodes are asked
			return append(dst, "true"...), s.own(c)
		})
	}
	if err != nil {
		return nil, err
	}
	return strconv.AppendBool(dst, yes), nil
}

// own takes an adapter over, unless the client goes meanwhile.
func (s *session) own(c claim) error {
	x := s.srv.backing.meeting()
	if err := x.take(s.ctx, c); err != nil {
		return err
	}
	if s.gone.Load() {
		x.giveUp(c.key, s)
		return ErrClosed
	}
	return nil
}

// replaced tells the client, if it is one that knows the word.
func (s *session) replaced(key string) {
	if s.greeting.Nests {
		s.socket.Emit(socketio.Event{Name: replacedEvent, Args: append(pyjson.AppendString([]byte(`{"key":`), key), '}')})
	}
}

// askAdapter passes a question on to the owner of an adapter and its answer
// back, unchanged. It does not wait for it.
func (s *session) askAdapter(e socketio.Event, ack socketio.Ack) {
	q, err := s.readQuestion(e)
	refuse := func(err error) {
		if ack.Wanted() {
			ack.Send(appendRefusal(nil, err))
		}
	}
	if err != nil {
		refuse(err)
		return
	}
	s.srv.backing.meeting().pose(q, func(answer []byte, attachments [][]byte, err error) {
		if err == nil {
			err = s.checkAnswer(len(answer), attachments)
		}
		switch {
		case err != nil:
			refuse(err)
		case !strictJSON(answer):
			refuse(&Error{KindType, fmt.Sprintf("The owner of %s answered with NaN or an infinity, which JavaScript cannot read", q.key)})
		case ack.Wanted():
			ack.Send(answer, attachments...)
		}
	})
}

func (s *session) readQuestion(e socketio.Event) (question, error) {
	v, err := pyjson.Parse(e.Args, e.Attachments)
	if err != nil {
		return question{}, invalidArguments(e.Name, err.Error())
	}
	key, err := keyword(e.Name, &v, "key", pyjson.String)
	if err != nil {
		return question{}, err
	}
	switch {
	case len(e.Attachments) > 0:
		return question{}, invalidArguments(e.Name, "it takes no attachments")
	case !strictJSON(e.Args):
		return question{}, invalidArguments(e.Name, "NaN and infinities cannot be passed on")
	}
	// The event's memory is used again, and an owner may answer later.
	q := question{key: strings.Clone(key.Text), payload: bytes.Clone(e.Args)}
	var method string
	if m, ok := v.Items[1].Get("method"); ok {
		method = strings.Clone(m.Text)
	}
	if err := s.allowedTo(adapterRead, q.key, method); err != nil || method != "copy" {
		return q, err
	}
	target, ok := v.Items[1].Get("target")
	if !ok || target.Kind != pyjson.String {
		return q, invalidArguments(e.Name, "'target' is missing or no text")
	}
	prefix, _, _ := cutPrefix(q.key)
	return q, s.allowed([]string{"COPY", q.key, prefix + target.Text})
}

// ask passes a question on to the client, which owns the adapter.
func (s *session) ask(q question, done answerFunc) (cancel func()) {
	if waiting := s.socket.Buffered() + len(q.payload); waiting > s.srv.limits.Queued/2 {
		done(nil, nil, tooLarge("what waits for the owner of "+q.key, int64(waiting), int64(s.srv.limits.Queued/2)))
		return func() {}
	}
	return s.socket.Call(socketio.Event{Name: "adapter:get", Args: q.payload}, func(answer []byte, attachments [][]byte, err error) {
		if full := (*socketio.LimitError)(nil); errors.As(err, &full) {
			err = tooManyQuestions(q.key, int(full.Limit))
		} else if err != nil {
			err = ownerGone(q.key)
		} else if id, ok := inPieces(answer); ok {
			answer, attachments, err = s.chunks.fetch(id)
		}
		done(answer, attachments, err)
	})
}

// nests: a Go client finds the adapters inside its own by their keys.
func (s *session) nests() bool { return s.greeting.Nests }

func (s *session) patience() time.Duration { return s.srv.adapterTimeout }

// A Go client whose answer is larger than a message sends it before in pieces, as
// the event piecesEvent, and answers where it is: {"znsocket:pieces":id}.
const piecesEvent = "znsocket:answer"

const inPiecesPrefix = `{"znsocket:pieces":"`

func inPieces(answer []byte) (id string, ok bool) {
	text, ok := strings.CutPrefix(string(answer[:min(len(answer), 100)]), inPiecesPrefix)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(text, `"}`)
}

// passable reports whether arguments that have not come by the transport may go
// out by it: they are what it takes for JSON.
func passable(args []byte) bool {
	document := append(append([]byte{'['}, args...), ']')
	if !utf8.Valid(document) || !json.Valid(document) {
		return false
	}
	_, err := pyjson.Parse(document, nil)
	return err == nil
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
