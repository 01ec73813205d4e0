package znsocket

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/pycall"
	"github.com/znsocket/znsocket/internal/pyjson"
	"github.com/znsocket/znsocket/internal/rediscommands"
	"github.com/znsocket/znsocket/internal/socketio"
)

// session is one client of a Server. Its events are handled one after the
// other on the goroutine that reads from the client, so the effects of commands
// keep their order; what takes long, the question to an adapter's owner, is
// answered later and holds nothing up.
type session struct {
	srv    *Server
	socket *socketio.Socket
	access Access
	chunks assembly
	ctx    context.Context // of the request that began the connection, with which it ends
	begun  time.Time
	buf    []byte // for answers; given away with a large one

	waiting  atomic.Int64 // commands that are answered later
	awaited  awaited      // requests among them that the client may give up
	gone     atomic.Bool  // the client is; see own
	greeting greeting
	memory   *memory // of the client's requests; nil for old clients
	hearing  hearing
}

// backing is what a Server shares.
type backing interface {
	live
	// quiet runs commands that the session tells of itself.
	quiet() runner
	// meeting is where sessions meet each other.
	meeting() *exchange
}

func newSession(srv *Server, socket *socketio.Socket) *session {
	s := &session{srv: srv, socket: socket, ctx: socket.Request().Context(), begun: time.Now()}
	s.chunks.limits, s.chunks.total = srv.limits, &srv.unfinished
	s.greeting = greetingIn(socket.Auth())
	return s
}

// begin is called once the client is let in.
func (s *session) begin() {
	s.srv.sessions.add(s)
	if id := s.greeting.Client; id != "" && len(id) <= maxClientID {
		s.memory = s.srv.recall.join(id)
	}
	if !s.greeting.Subscribes {
		s.listen()
	}
}

// Closed ends the session: its adapters and unfinished messages go with it.
func (s *session) Closed(error) {
	s.srv.sessions.remove(s)
	s.deafen()
	s.gone.Store(true)
	s.srv.backing.meeting().leave(s)
	if s.memory != nil {
		s.srv.recall.leave(s.greeting.Client, s.memory)
	}
	s.chunks.close()
}

// Event handles one event. Whatever it is, it is answered.
func (s *session) Event(e socketio.Event, ack socketio.Ack) {
	if e.Name == "adapter:get" {
		s.askAdapter(e, ack)
		return
	}
	// The last piece of a message is small, and what it completes is not.
	if size := len(e.Args) + unpackedTimes*sizeOf(e.Attachments); size > bulkSize || e.Name == "chunked_message" {
		s.srv.bulk <- struct{}{}
		defer func() { <-s.srv.bulk }()
	}
	begun := ack.Begin(s.buf[:0])
	var attachments [][]byte
	packet, err := s.answer(begun, e, ack, &attachments)
	if err == errLater {
		return
	}
	if err == nil {
		err = s.checkAnswer(len(packet), attachments)
	}
	if err != nil {
		attachments = nil
		packet = appendRefusal(begun, err)
	}
	switch {
	case len(attachments) > 0:
		err = ack.Send(packet[len(begun):], attachments...)
	case ack.Wanted():
		err = ack.Finish(packet)
	}
	if err != nil { // also one that nobody is told of otherwise
		s.srv.log.Debug("event failed", "event", e.Name, "remote", s.socket.Request().RemoteAddr, "error", err)
	}
	if s.buf = packet; len(packet) >= engineio.RetainSize {
		s.buf = nil
	}
}

// checkAnswer holds an answer to the limit for one.
func (s *session) checkAnswer(size int, attachments [][]byte) error {
	size += sizeOf(attachments)
	limits := &s.srv.limits
	if size > limits.Answer {
		return tooLarge("answer", int64(size), int64(limits.Answer))
	}
	if waiting := s.srv.queued.Load() + int64(size); size > bulkSize && waiting > limits.QueuedTotal {
		return tooLarge("what waits for all clients, with this answer,", waiting, limits.QueuedTotal)
	}
	return nil
}

func sizeOf(attachments [][]byte) (size int) {
	for _, data := range attachments {
		size += len(data)
	}
	return size
}

// An event of more than bulkSize bytes is read and answered a few at a time: in
// memory it may be many times as large. An attachment, which may be compressed,
// counts unpackedTimes.
const (
	bulkSize      = 64 << 10
	unpackedTimes = 16
)

// answer appends the answer to an event, whose attachments it leaves in out.
func (s *session) answer(dst []byte, e socketio.Event, ack socketio.Ack, out *[][]byte) ([]byte, error) {
	switch e.Name {
	case "server_config":
		return s.appendConfig(dst), nil
	case "check_adapter", "adapter_exists", "register_adapter", ownEvent, disownEvent:
		return s.answerAdapter(dst, e, ack)
	case subscribeEvent, unsubscribeEvent:
		return s.answerSubscribe(dst, e)
	case "refresh":
		return dst, s.refresh(e)
	case withdrawEvent:
		return dst, s.withdraw(e)
	case inspectEvent:
		return s.answerInspect(dst, e)
	case "compressed_message":
		return s.answerCompressed(dst, e, ack, out)
	case "chunked_message":
		return s.answerPiece(dst, e)
	case "get_chunked_result":
		return s.answerResult(dst, e, out)
	case goEvent:
		if len(e.Attachments) != 1 {
			return nil, invalidArguments(e.Name, "one attachment is needed")
		}
		return s.answerFrame(dst, e.Name, e.Attachments[0], ack, out)
	}
	payload, err := pyjson.Parse(e.Args, e.Attachments)
	if err != nil {
		return nil, invalidArguments(e.Name, err.Error())
	}
	return s.answerCall(dst, e.Name, &payload, ack)
}

// answerCall runs what a redis-py client calls. What may wait is answered later.
func (s *session) answerCall(dst []byte, name string, payload *pyjson.Value, ack socketio.Ack) ([]byte, error) {
	if name == "pipeline" {
		return s.answerPipeline(dst, payload, ack)
	}
	call, err := bindCall(name, payload)
	if err != nil {
		return nil, err
	}
	answer := func(dst []byte) ([]byte, error) {
		v, err := s.run(s.ctx, call.Argv)
		if err != nil {
			return nil, unknownEvent(name, err)
		}
		return call.AppendReply(dst, v, s.srv.limits.Answer)
	}
	if s.mayWait(call.Argv) {
		return nil, s.laterText(ack, answer)
	}
	return answer(dst)
}

// mayWait reports whether a command may wait for something.
func (s *session) mayWait(argv []string) bool {
	if s.srv.Store() == nil {
		return rediscommands.Blocks(argv)
	}
	cmd, err := keyspace.Find(argv)
	return err == nil && cmd.Flags&keyspace.Blocking != 0
}

// maxLater is how many events of one client may wait for something at once.
const maxLater = 10_000

// later answers an event from a goroutine of its own.
func (s *session) later(ack socketio.Ack, answer func() (args []byte, attachments [][]byte, err error)) error {
	if !ack.Wanted() {
		return &Error{KindTooLarge, "a message in pieces, or one without an answer, cannot wait"}
	}
	if n := s.waiting.Add(1); n > maxLater {
		s.waiting.Add(-1)
		return &Error{KindTooLarge, fmt.Sprintf("more commands that wait than the limit of %d for one client", maxLater)}
	}
	go func() {
		defer s.waiting.Add(-1)
		defer func() {
			if p := recover(); p != nil { // one event's fault is nobody else's
				s.srv.log.Error("event panicked", "panic", p, "stack", string(debug.Stack()))
				ack.Send(appendRefusal(nil, errInterrupted))
			}
		}()
		args, attachments, err := answer()
		if err == nil {
			err = s.checkAnswer(len(args), attachments)
		}
		if err != nil {
			args, attachments = appendRefusal(nil, err), nil
		}
		ack.Send(args, attachments...)
	}()
	return errLater
}

// laterText is later for an answer without attachments.
func (s *session) laterText(ack socketio.Ack, answer func(dst []byte) ([]byte, error)) error {
	return s.later(ack, func() ([]byte, [][]byte, error) {
		args, err := answer(nil)
		return args, nil, err
	})
}

// errLater: the answer comes from another goroutine.
var errLater = errors.New("answered later")

// unknownEvent is a command that is not known here as what an old client knows:
// an event without a handler.
func unknownEvent(name string, err error) error {
	if refused, ok := err.(*Error); ok && name != "execute_command" && refused.Is(ErrUnknownCommand) {
		return &Error{KindUnknownEvent, "Unknown event: " + name}
	}
	return err
}

func bindCall(name string, payload *pyjson.Value) (pycall.Call, error) {
	method, ok := pycall.Find(name)
	if !ok {
		msg := "Unknown event: " + name
		if instead := pycall.Instead(name); instead != "" {
			msg += ": it gives an object, which cannot travel; call " + instead
		}
		return pycall.Call{}, &Error{KindUnknownEvent, msg}
	}
	return method.Bind(payload)
}

// answerPipeline runs every call of a pipeline, as Redis does. Where one fails
// the first error is the answer to all.
func (s *session) answerPipeline(dst []byte, payload *pyjson.Value, ack socketio.Ack) ([]byte, error) {
	message, err := keyword("pipeline", payload, "message", pyjson.Array)
	if err != nil {
		return nil, err
	}
	calls := make([]pycall.Call, 0, len(message.Items))
	names := make([]string, 0, len(message.Items))
	argvs := make([][]string, 0, len(message.Items))
	var refusal error // of the first call that could not be bound
	bound := len(message.Items)
	for i := range message.Items {
		entry := &message.Items[i]
		if entry.Kind != pyjson.Array || len(entry.Items) != 2 || entry.Items[0].Kind != pyjson.String {
			return nil, invalidArguments("pipeline", "each command must be [name, [args, kwargs]]")
		}
		call, err := bindCall(entry.Items[0].Text, &entry.Items[1])
		if err != nil {
			if refusal == nil {
				refusal, bound = err, i
			}
			continue
		}
		calls, names, argvs = append(calls, call), append(names, entry.Items[0].Text), append(argvs, call.Argv)
	}
	p := pipelineCall{calls: calls, names: names, argvs: argvs, bound: bound, refusal: refusal}
	if slices.ContainsFunc(argvs, s.mayWait) {
		return nil, s.laterText(ack, func(dst []byte) ([]byte, error) { return p.answer(dst, s) })
	}
	return p.answer(dst, s)
}

// pipelineCall is the calls of a pipeline that could be bound, and why the one at
// place bound could not.
type pipelineCall struct {
	calls   []pycall.Call
	names   []string
	argvs   [][]string
	bound   int
	refusal error
}

func (p *pipelineCall) answer(dst []byte, s *session) ([]byte, error) {
	replies, err := s.runMulti(s.ctx, p.argvs)
	if err != nil {
		return nil, err
	}
	for i := range min(p.bound, len(replies)) {
		if err := replies[i].Err; err != nil {
			return nil, unknownEvent(p.names[i], err)
		}
	}
	if p.refusal != nil {
		return nil, p.refusal
	}
	dst = append(dst, `{"data":[`...)
	for i := range replies {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = p.calls[i].AppendReply(dst, replies[i].Val, s.srv.limits.Answer); err != nil {
			return nil, err
		}
	}
	return append(dst, "]}"...), nil
}

// run runs one command, if the client may.
func (s *session) run(ctx context.Context, argv []string) (any, error) {
	if err := s.allowed(argv); err != nil {
		return nil, err
	}
	v, err := s.srv.backing.quiet().run(ctx, argv)
	if err == nil && s.srv.backing.meeting().concerns(argv) {
		s.tellChanges([][]string{argv}, []Reply{{Val: v}})
	}
	return v, err
}

// runMulti runs the commands that the client may run.
func (s *session) runMulti(ctx context.Context, argvs [][]string) ([]Reply, error) {
	replies, err := s.runAllowed(ctx, s.srv.backing.quiet(), argvs, s.allowed)
	if err == nil {
		s.tellChanges(argvs, replies)
	}
	return replies, err
}

func (s *session) runAllowed(ctx context.Context, r runner, argvs [][]string, allowed func([]string) error) ([]Reply, error) {
	if s.access == nil && s.srv.Store() != nil {
		return r.runMulti(ctx, argvs)
	}
	return runRest(ctx, r, argvs, func(argv []string) (Reply, bool, error) {
		err := allowed(argv)
		return Reply{Err: err}, err != nil, nil
	})
}

// appendConfig is what the client is told of the server, and of what it remembers
// of the client.
func (s *session) appendConfig(dst []byte) []byte {
	dst = append(dst, `{"max_http_buffer_size":`...)
	dst = strconv.AppendInt(dst, int64(s.srv.limits.Message), 10)
	dst = append(dst, `,"async_mode":"go","namespace":`...)
	dst = pyjson.AppendString(dst, s.srv.namespace)
	if s.memory != nil {
		dst = pyjson.AppendString(append(dst, `,"memory":`...), s.memory.epoch)
	}
	return append(dst, `,"go":1,"version":"`+Version+`"}`...)
}

// keyword returns an argument that is only passed by name.
func keyword(event string, payload *pyjson.Value, name string, kind pyjson.Kind) (*pyjson.Value, error) {
	if payload.Kind != pyjson.Array || len(payload.Items) != 2 {
		return nil, invalidArguments(event, "the payload must be [args, kwargs]")
	}
	return property(event, &payload.Items[1], name, kind)
}

// property returns a property of an object, which must be of a kind.
func property(event string, v *pyjson.Value, name string, kind pyjson.Kind) (*pyjson.Value, error) {
	if v.Kind != pyjson.Object {
		return nil, invalidArguments(event, "an object is needed")
	}
	found, ok := v.Get(name)
	if !ok || found.Kind != kind {
		return nil, invalidArguments(event, fmt.Sprintf("'%s' is missing or of the wrong type", name))
	}
	return found, nil
}

// appendRefusal appends the answer to what failed.
func appendRefusal(dst []byte, err error) []byte {
	if e, ok := sayable(err).(*Error); ok {
		err = &pycall.Error{Type: e.Kind, Msg: e.Msg}
	}
	return pycall.AppendError(dst, err)
}

func invalidArguments(event, why string) error {
	return &Error{KindType, fmt.Sprintf("Invalid arguments for %s: %s", event, why)}
}
