package socketio

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/znsocket/znsocket/internal/engineio"
)

// Socket is one namespace of one connection, on the server or the client. Its
// methods may be called from anywhere.
type Socket struct {
	conn      *conn
	namespace string
	id        string
	auth      []byte

	// deliver is held while the handler runs, so that Closed, which comes
	// from a goroutine of its own after Disconnect, waits for Event.
	deliver  sync.Mutex
	handler  Handler // set by open
	finished bool    // Closed was called, or is about to be

	lastID atomic.Int64 // of a Call

	// mu orders what is sent: nothing leaves before the answer to the
	// client's CONNECT, and nothing after a DISCONNECT.
	mu      sync.Mutex
	joining bool                 // that answer has not left
	held    []engineio.Message   // what waits for it
	err     error                // why the socket is over
	pending map[int64]AnswerFunc // of Calls not answered yet
}

// newSocket returns a socket that is about to join.
func (c *conn) newSocket(namespace string, auth []byte) *Socket {
	return &Socket{conn: c, namespace: namespace, auth: auth, joining: true}
}

// ID returns the id in the answer to the CONNECT: unique, but no secret.
func (s *Socket) ID() string { return s.id }

// Namespace returns the namespace, which begins with a slash.
func (s *Socket) Namespace() string { return s.namespace }

// Auth returns the payload of the client's CONNECT, a JSON object; it is {}
// where there was none. A client of Socket.IO 2 or older sends none: its is made
// of the parameters of its namespace and of its request, as strings, where those
// of the namespace count more and of several with one name the first counts.
func (s *Socket) Auth() []byte {
	if s.auth == nil {
		return []byte("{}")
	}
	return s.auth
}

// Request returns the request that began the connection; on the client nil.
func (s *Socket) Request() *http.Request { return s.conn.engine.Request() }

// Transport returns what the connection goes over, "polling" or "websocket".
func (s *Socket) Transport() string { return s.conn.engine.Transport() }

// Traffic returns what went through the connection so far: an event with
// attachments is several messages.
func (s *Socket) Traffic() engineio.Traffic { return s.conn.engine.Traffic() }

// Buffered returns how many bytes wait to be written on the connection, or are
// being written.
func (s *Socket) Buffered() int { return s.conn.engine.Buffered() }

// WhenDrained has fn called once: when all that waits at the moment has been
// written on the connection, perhaps together with what was sent after it, or
// when the connection is over. It does not wait until nothing waits at all,
// which may never be the case on a busy connection; where that is so now, fn
// is called at once.
//
// Fn runs under no lock, on another goroutine than the caller's. It must be
// quick, as nothing is written meanwhile; it may use the socket.
func (s *Socket) WhenDrained(fn func()) {
	s.conn.engine.WhenDrained(func() { s.conn.guard(fn) })
}

// Emit sends an event. It never waits; events leave in the order of the calls.
// Args is copied, attachments of engineio.RetainSize bytes and more must not
// be changed afterwards.
//
// It returns ErrClosed once the socket is over, engineio.ErrQueueFull for a
// peer that does not read, which loses its connection, ErrReserved, or a
// *LimitError for too many attachments.
func (s *Socket) Emit(e Event) error {
	return s.sendPacket(packetEvent, noID, e, nil)
}

// sendPacket sends an event or an ack. Where an answer is awaited it comes to
// done, but not after an error.
func (s *Socket) sendPacket(kind packetType, id int64, e Event, done AnswerFunc) error {
	if reserved(e.Name) {
		return fmt.Errorf("%w: %s", ErrReserved, e.Name)
	}
	if n, limit := len(e.Attachments), s.conn.limits.attachments; n > limit {
		return &LimitError{What: "attachments", Size: n, Limit: limit}
	}
	text := newText(packetSize(s.namespace, e))
	defer text.release()
	text.b = appendPacket(text.b, kind, s.namespace, id, e)
	var few [4]engineio.Message
	msgs := appendMessages(few[:0], text.b, e.Attachments)

	s.mu.Lock()
	defer s.mu.Unlock()
	if done != nil {
		if n, limit := len(s.pending), s.conn.limits.pendingAcks; n >= limit {
			return &LimitError{What: "answers awaited", Size: n + 1, Limit: limit}
		}
	}
	if err := s.send(msgs); err != nil {
		return err
	}
	if done != nil {
		s.await(id, done)
	}
	return nil
}

// appendMessages appends the messages of a packet.
func appendMessages(dst []engineio.Message, text []byte, attachments [][]byte) []engineio.Message {
	dst = append(dst, engineio.Message{Data: text})
	for _, data := range attachments {
		dst = append(dst, engineio.Message{Data: data, Binary: true})
	}
	return dst
}

// send queues the messages, or holds them back. The caller holds mu.
func (s *Socket) send(msgs []engineio.Message) error {
	if s.err != nil {
		return ErrClosed
	}
	if !s.joining {
		return s.conn.engine.Send(msgs...)
	}
	for _, m := range msgs {
		if len(m.Data) < engineio.RetainSize {
			m.Data = bytes.Clone(m.Data)
		}
		s.held = append(s.held, m)
	}
	return nil
}

// text is the memory of a packet to send. The layer below copies what is
// short, and so that memory can be used again.
type text struct {
	b      []byte
	pooled *[]byte
}

var texts = sync.Pool{New: func() any {
	b := make([]byte, 0, engineio.RetainSize)
	return &b
}}

func newText(size int) text {
	if size > engineio.RetainSize {
		return text{b: make([]byte, 0, size)}
	}
	pooled := texts.Get().(*[]byte)
	return text{b: (*pooled)[:0], pooled: pooled}
}

func (t *text) release() {
	if t.pooled != nil && len(t.b) < engineio.RetainSize {
		texts.Put(t.pooled)
	}
}

// Prepared is an event for many sockets of one namespace, encoded once.
type Prepared struct {
	namespace string
	messages  []engineio.Message
	err       error
}

// Prepare encodes an event for every socket it will be sent to. The event must
// not be changed afterwards.
func Prepare(namespace string, e Event) Prepared {
	p := Prepared{namespace: namespace}
	if reserved(e.Name) {
		p.err = fmt.Errorf("%w: %s", ErrReserved, e.Name)
		return p
	}
	text := appendPacket(make([]byte, 0, packetSize(namespace, e)), packetEvent, namespace, noID, e)
	p.messages = appendMessages(nil, text, e.Attachments)
	return p
}

// Send sends a prepared event, like Emit. All sockets share its memory.
func (s *Socket) Send(p Prepared) error {
	switch n, limit := len(p.messages)-1, s.conn.limits.attachments; {
	case p.err != nil:
		return p.err
	case p.namespace != s.namespace:
		return fmt.Errorf("socketio: event for %s sent in %s", p.namespace, s.namespace)
	case n > limit:
		return &LimitError{What: "attachments", Size: n, Limit: limit}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.send(p.messages)
}

// Disconnect leaves the namespace. The connection lives on, with its other
// namespaces; this one can be joined again. What the peer still sends to the
// socket is dropped. Closed is called soon, with ErrClosed.
func (s *Socket) Disconnect() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil
	}
	text := appendHeader(nil, packetDisconnect, 0, s.namespace, noID)
	err := s.send([]engineio.Message{{Data: text}})
	s.err = ErrClosed
	if !s.joining { // otherwise open does it
		go s.finish() // the caller may be in the handler
	}
	return err
}

// Close leaves every namespace of the connection and ends it, after what is
// queued.
func (s *Socket) Close() error { return s.conn.close() }

// open makes the socket joined: the answer leaves, if there is one to send, and
// then what was held back for it. It runs on the reading goroutine.
func (s *Socket) open(h Handler, answer []byte) {
	s.mu.Lock()
	s.handler = h
	s.joining = false
	var msgs []engineio.Message
	if answer != nil {
		msgs = append(msgs, engineio.Message{Data: answer})
	}
	msgs = append(msgs, s.held...)
	s.held = nil
	left := s.err != nil
	if len(msgs) > 0 {
		s.conn.engine.Send(msgs...) // or else Closed comes, and says why
	}
	s.mu.Unlock()
	if left {
		s.finish()
	}
}

// over reports whether the socket has ended.
func (s *Socket) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err != nil
}

// received gives an event to the handler, unless the socket is over.
func (s *Socket) received(e Event, ack Ack) {
	s.deliver.Lock()
	defer s.deliver.Unlock()
	if s.handler != nil && !s.over() {
		s.handler.Event(e, ack)
	}
}

// end makes the socket be over because of err; the first reason counts. When
// it returns, Closed has been called.
func (s *Socket) end(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.joining, s.held = false, nil
	s.mu.Unlock()
	s.finish()
}

// finish tells those who wait for answers, and the handler, that the socket is
// over.
func (s *Socket) finish() {
	s.deliver.Lock()
	defer s.deliver.Unlock()
	if s.finished {
		return
	}
	s.finished = true
	s.mu.Lock()
	err, pending := s.err, s.pending
	s.pending = nil
	s.mu.Unlock()
	for _, done := range pending {
		s.conn.guard(func() { done(nil, nil, err) })
	}
	if s.handler != nil {
		s.conn.guard(func() { s.handler.Closed(err) })
	}
}
