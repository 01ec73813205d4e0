package znsocket

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/socketio"
)

// Go clients of a Go server do not spell commands as redis-py's calls: they
// send goEvent with a frame as its attachment (see chunk.go), whose body is the
// CBOR of a goRequest, with commands as arrays of byte strings. The answer is an
// attachment too, the CBOR of one wireReply a command. Words and values may so
// hold any bytes, and nothing is quoted.
const goEvent = "znsocket:commands"

// attachmentArg is the argument of an event or answer that has one attachment
// and nothing else.
const attachmentArg = `{"_placeholder":true,"num":0}`

// replyKind says what a wireReply's value is, beyond what CBOR says.
type replyKind uint8

const (
	replyPlain  replyKind = iota
	replyError            // [kind, text]
	replyPairs            // keyspace.Pairs
	replySet              // keyspace.Set
	replyScores           // keyspace.Scores
	replyScan             // [cursor, wireReply of the items]
	replyList             // a wireReply an element: there are errors among them, as scripts return
)

type wireReply struct {
	_     struct{} `cbor:",toarray"`
	Kind  replyKind
	Value any
}

// wireValue is a wireReply that is not read yet.
type wireValue struct {
	_     struct{} `cbor:",toarray"`
	Kind  replyKind
	Value cbor.RawMessage
}

// A message has at most maxCommands commands, each of at most maxWords words as
// in Redis, and all together at most maxAllWords: an empty word is one byte on
// the wire and many in memory.
const (
	maxCommands = 1 << 20
	maxWords    = 1 << 20
	maxAllWords = 8 << 20
)

var (
	goEncoding   = must(cbor.EncOptions{String: cbor.StringToByteString}.EncMode())
	commandsCBOR = must(decoding(max(maxCommands, maxWords)).DecMode())
	goDecoding   = must(decoding(math.MaxInt32).DecMode()) // of answers: their size is limited
)

func decoding(maxElements int) cbor.DecOptions {
	return cbor.DecOptions{
		DefaultByteStringType: reflect.TypeFor[string](),
		IntDec:                cbor.IntDecConvertSignedOrFail,
		ByteStringToString:    cbor.ByteStringToStringAllowed,
		MaxArrayElements:      maxElements,
		MaxNestedLevels:       32,
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // the options above are constants
	}
	return v
}

// goRequest is what one goEvent asks for.
type goRequest struct {
	_ struct{} `cbor:",toarray"`
	// Number is that of a request which may change something, from 1 on, and Over
	// the lowest one that the client still waits for: see recall. A request that
	// changes nothing has no number.
	Number, Over uint64
	// Object: the commands are those of an object, which tells itself of what it
	// changes and reads adapters.
	Object   bool
	Commands [][]string
}

// encodedRequest is a goRequest whose commands are not read yet.
type encodedRequest struct {
	_            struct{} `cbor:",toarray"`
	Number, Over uint64
	Object       bool
	Commands     []cbor.RawMessage
}

func (r goRequest) encode() ([]byte, error) { return goEncoding.Marshal(r) }

// decodeRequest reads what encode wrote, within the limits above.
func decodeRequest(body []byte) (goRequest, error) {
	var raw encodedRequest
	if err := commandsCBOR.Unmarshal(body, &raw); err != nil {
		return goRequest{}, deserialization(err.Error())
	}
	r := goRequest{Number: raw.Number, Over: raw.Over, Object: raw.Object, Commands: make([][]string, len(raw.Commands))}
	words := 0
	for i := range raw.Commands {
		if err := commandsCBOR.Unmarshal(raw.Commands[i], &r.Commands[i]); err != nil {
			return goRequest{}, deserialization(err.Error())
		}
		if words += len(r.Commands[i]); words > maxAllWords {
			return goRequest{}, &Error{KindTooLarge, fmt.Sprintf("message of more than %d words exceeds the limit", maxAllWords)}
		}
	}
	return r, nil
}

// answerGo runs what the body of a goEvent asks for. Where an adapter's owner has
// to be asked it answers later, and this is errLater.
func (s *session) answerGo(body []byte, ack socketio.Ack) ([]byte, error) {
	r, err := decodeRequest(body)
	if err != nil {
		return nil, err
	}
	waits := slices.ContainsFunc(r.Commands, s.mayWait)
	numbered := r.Number > 0 && s.memory != nil
	ctx, over := s.ctx, func() {}
	switch {
	case numbered && waits:
		ctx, over = s.awaited.begin(s.ctx, r.Number)
	case numbered:
		ctx = context.WithoutCancel(s.ctx)
	}
	run := func() ([]byte, error) {
		defer over()
		if !numbered {
			return s.runGo(ctx, r)
		}
		return s.srv.recall.once(s.memory, r.Number, r.Over, func() ([]byte, error) { return s.runNumbered(ctx, r, waits) })
	}
	if !waits && !(r.Object && s.asksOwner(r.Commands)) {
		return run()
	}
	err = s.later(ack, func() ([]byte, [][]byte, error) {
		reply, err := run()
		return []byte(attachmentArg), [][]byte{reply}, err
	})
	if err != errLater {
		over()
	}
	return nil, err
}

// runNumbered runs a request that the client sends again when its connection
// ends. What it asks for is carried out whole for all that, unless it waits for
// something: then it waits again for whoever asks again.
func (s *session) runNumbered(ctx context.Context, r goRequest, waits bool) ([]byte, error) {
	if !waits {
		return s.runGo(ctx, r)
	}
	replies, err := s.repliesTo(ctx, r)
	// A Store knows whether the command was carried out, a Redis does not say.
	undone := func(r Reply) bool { return errors.Is(r.Err, context.Canceled) }
	if s.ctx.Err() != nil && (s.srv.Store() == nil || err != nil || slices.ContainsFunc(replies, undone)) {
		return nil, errAbandoned
	}
	if err != nil {
		return nil, err
	}
	return s.encodeReplies(replies)
}

func (s *session) asksOwner(cmds [][]string) bool {
	for _, argv := range cmds {
		if s.srv.backing.meeting().owner(objectKey(argv)) != nil {
			return true
		}
	}
	return false
}

// runGo runs the commands of a request.
func (s *session) runGo(ctx context.Context, r goRequest) ([]byte, error) {
	replies, err := s.repliesTo(ctx, r)
	if err != nil {
		return nil, err
	}
	return s.encodeReplies(replies)
}

func (s *session) repliesTo(ctx context.Context, r goRequest) ([]Reply, error) {
	switch {
	case r.Object:
		return s.runObjects(ctx, r.Commands)
	case len(r.Commands) == 1:
		replies := make([]Reply, 1)
		replies[0].Val, replies[0].Err = s.run(ctx, r.Commands[0])
		return replies, nil
	}
	return s.runMulti(ctx, r.Commands)
}

// runObjects runs the commands of an object, if the client may also read the
// adapters that are concerned.
func (s *session) runObjects(ctx context.Context, cmds [][]string) ([]Reply, error) {
	objects := s.srv.backing.objects()
	if len(cmds) != 1 {
		return s.runAllowed(ctx, objects, cmds, s.allowedObject)
	}
	replies := make([]Reply, 1)
	if replies[0].Err = s.allowedObject(cmds[0]); replies[0].Err == nil {
		replies[0].Val, replies[0].Err = objects.run(ctx, cmds[0])
	}
	return replies, nil
}

func (s *session) encodeReplies(replies []Reply) ([]byte, error) {
	wire, size := make([]wireReply, len(replies)), 0
	for i, r := range replies {
		size += replySize(r.Val)
		if err := s.checkAnswer(size, nil); err != nil {
			return nil, err // before all of it is there a second time
		}
		wire[i] = toWire(r)
	}
	return goEncoding.Marshal(wire)
}

// replySize is about how many bytes a reply has: those of its texts.
func replySize(v any) (size int) {
	texts := func(list []string) {
		for _, text := range list {
			size += len(text) + 1
		}
	}
	switch v := v.(type) {
	case string:
		return len(v)
	case []string:
		texts(v)
	case keyspace.Set:
		texts(v)
	case keyspace.Pairs:
		texts(v)
	case keyspace.Scores:
		for _, z := range v {
			size += len(z.Member) + 9
		}
	case keyspace.Scan:
		return replySize(v.Items)
	case []any:
		for _, item := range v {
			size += replySize(item) + 1
		}
	}
	return size
}

func toWire(r Reply) wireReply {
	switch v := r.Val.(type) {
	case keyspace.Status:
		return wireReply{Value: string(v)}
	case keyspace.Pairs:
		return wireReply{Kind: replyPairs, Value: []string(v)}
	case keyspace.Set:
		return wireReply{Kind: replySet, Value: []string(v)}
	case keyspace.Scores:
		pairs := make([]any, 0, 2*len(v))
		for _, z := range v {
			pairs = append(pairs, z.Member, z.Score)
		}
		return wireReply{Kind: replyScores, Value: pairs}
	case keyspace.Scan:
		return wireReply{Kind: replyScan, Value: []any{v.Cursor, toWire(Reply{Val: v.Items})}}
	case []any:
		list := plain(v).([]any)
		if hasError(list) {
			return wireReply{Kind: replyList, Value: eachToWire(list)}
		}
		return wireReply{Value: list}
	}
	if e := r.Err; e != nil {
		kind, text := KindResponse, e.Error()
		if refusal, ok := sayable(e).(*Error); ok {
			kind, text = refusal.Kind, refusal.Msg
		}
		return wireReply{Kind: replyError, Value: []string{kind, text}}
	}
	return wireReply{Value: r.Val}
}

func hasError(list []any) bool {
	return slices.ContainsFunc(list, func(v any) bool {
		switch v := v.(type) {
		case error:
			return true
		case []any:
			return hasError(v)
		}
		return false
	})
}

func eachToWire(list []any) []wireReply {
	wire := make([]wireReply, len(list))
	for i, v := range list {
		if err, ok := v.(error); ok {
			wire[i] = toWire(Reply{Err: err})
		} else {
			wire[i] = toWire(Reply{Val: v})
		}
	}
	return wire
}

// decodeReplies reads the answer to n commands.
func decodeReplies(body []byte, n int) ([]Reply, error) {
	var wire []wireValue
	if err := goDecoding.Unmarshal(body, &wire); err != nil {
		return nil, fmt.Errorf("znsocket: answer that cannot be read: %w", err)
	}
	if len(wire) != n {
		return nil, fmt.Errorf("znsocket: %d answers to %d commands", len(wire), n)
	}
	replies := make([]Reply, n)
	for i, w := range wire {
		v, err := w.read()
		if refusal, ok := err.(*Error); ok {
			replies[i].Err = refusal
		} else if err != nil {
			return nil, fmt.Errorf("znsocket: answer that cannot be read: %w", err)
		}
		replies[i].Val = v
	}
	return replies, nil
}

func (w wireValue) read() (any, error) {
	switch w.Kind {
	case replyError:
		var e [2]string
		if err := goDecoding.Unmarshal(w.Value, &e); err != nil {
			return nil, err
		}
		return nil, &Error{e[0], e[1]}
	case replyPairs:
		return decodeAs[keyspace.Pairs](w.Value)
	case replySet:
		return decodeAs[keyspace.Set](w.Value)
	case replyScores:
		flat, err := decodeAs[[]any](w.Value)
		if err != nil {
			return nil, err
		}
		scores, err := asScores(flat)
		return keyspace.Scores(scores), err
	case replyScan:
		var page struct {
			_      struct{} `cbor:",toarray"`
			Cursor uint64
			Items  wireValue
		}
		if err := goDecoding.Unmarshal(w.Value, &page); err != nil {
			return nil, err
		}
		items, err := page.Items.read()
		return keyspace.Scan{Cursor: page.Cursor, Items: items}, err
	case replyList:
		wire, err := decodeAs[[]wireValue](w.Value)
		if err != nil {
			return nil, err
		}
		list := make([]any, len(wire))
		for i := range wire {
			v, err := wire[i].read()
			if refusal, ok := err.(*Error); ok {
				v, err = refusal, nil
			}
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return list, nil
	}
	return decodeAs[any](w.Value)
}

// decodeAs reads a value as a T.
func decodeAs[T any](data []byte) (T, error) {
	var v T
	err := goDecoding.Unmarshal(data, &v)
	return v, err
}
