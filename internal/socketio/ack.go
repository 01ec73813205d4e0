package socketio

import "github.com/znsocket/znsocket/internal/engineio"

// Ack answers one event, at most once, from any goroutine, now or later. The
// zero Ack is that of an event which wants no answer.
type Ack struct {
	socket *Socket
	id     int64
}

// Wanted reports whether the peer waits for an answer.
func (a Ack) Wanted() bool { return a.socket != nil }

// Send answers with JSON values, as Event.Args has them, and errors like Emit.
// It does nothing where no answer is wanted. The caller sees to it that an
// event is answered once; a peer ignores a second answer.
func (a Ack) Send(args []byte, attachments ...[]byte) error {
	if a.socket == nil {
		return nil
	}
	return a.socket.sendPacket(packetAck, a.id, Event{Args: args, Attachments: attachments}, nil)
}

// Begin and Finish are Send in two steps, for an answer without attachments that
// is made where it is sent from: Begin appends to dst what goes before the
// arguments, and Finish sends what Begin returned with the arguments behind it.
// Where that is of engineio.RetainSize bytes or more it must not be changed
// afterwards. No answer is sent without being wanted, and none that is begun
// need be finished.
func (a Ack) Begin(dst []byte) []byte {
	if a.socket == nil {
		return dst
	}
	return append(appendHeader(dst, packetAck, 0, a.socket.namespace, a.id), '[')
}

// Finish sends the answer that Begin has begun.
func (a Ack) Finish(packet []byte) error {
	if a.socket == nil {
		return nil
	}
	a.socket.mu.Lock()
	defer a.socket.mu.Unlock()
	var one [1]engineio.Message
	return a.socket.send(append(one[:0], engineio.Message{Data: append(packet, ']')}))
}

// AnswerFunc gets the answer to a Call, or the reason why none will come. Args
// is valid only during the call, unless it is longer than engineio.RetainSize;
// attachments are the receiver's to keep.
type AnswerFunc func(args []byte, attachments [][]byte, err error)

// Call emits an event that wants an answer. Done is called exactly once: with
// the answer, or with an error when the socket ends, or at once, before Call
// returns, if the event could not be sent, as Emit says, or too many answers
// are awaited. It runs on the reading goroutine and must be quick. There is no
// timeout: cancel gives up waiting, after which done is not called any more,
// unless it is being called already.
//
// Who waits for done within an Event of the same connection waits forever.
func (s *Socket) Call(e Event, done AnswerFunc) (cancel func()) {
	id := s.lastID.Add(1)
	if err := s.sendPacket(packetEvent, id, e, done); err != nil {
		done(nil, nil, err)
	}
	return func() { s.take(id) }
}

// await remembers who waits for an answer. The caller holds mu.
func (s *Socket) await(id int64, done AnswerFunc) {
	if s.pending == nil {
		s.pending = map[int64]AnswerFunc{}
	}
	s.pending[id] = done
}

// take returns who waits for an answer, and forgets him. It is nil if the
// answer has come already, or nobody asked.
func (s *Socket) take(id int64) AnswerFunc {
	s.mu.Lock()
	defer s.mu.Unlock()
	done := s.pending[id]
	delete(s.pending, id)
	return done
}

// answered hands on the answer to a Call, if anybody waits for it.
func (s *Socket) answered(id int64, answer Event) {
	if done := s.take(id); done != nil {
		done(answer.Args, answer.Attachments, nil)
	}
}
