package socketio

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/znsocket/znsocket/internal/engineio"
)

// conn is one connection with its sockets, on the server or the client. It is
// the engineio.Handler of that connection, and what is called on its behalf is
// said to run on the reading goroutine: one at a time, packet by packet.
//
// Locks are taken in this order: Socket.deliver, conn.mu, Socket.mu, then
// those of the layer below. Nobody's code is called under a mu.
type conn struct {
	engine *engineio.Conn
	side   side
	limits limits
	log    *slog.Logger

	// strict is for the server, which closes the connection of a client that
	// does not keep to the protocol. Of servers, Python's gives its reasons
	// in a DISCONNECT, and sends events before the answer to a CONNECT.
	strict bool

	// Of the reading goroutine alone.
	names   names
	partial *partial // of a packet whose attachments are still to come

	mu sync.Mutex

	// sockets has those that are joined, and those that we have left and the
	// peer has not: what it sends until it hears of that is dropped. Only
	// the reading goroutine changes it.
	sockets map[string]*Socket

	err error // why the connection is over
}

// side is what only the server does, or only the client. Its methods run on
// the reading goroutine; an error ends the connection.
type side interface {
	connect(p packet) error      // of type packetConnect
	connectError(p packet) error // of type packetConnectError
	ended(reason error)
}

func newConn(engine *engineio.Conn, limits limits, log *slog.Logger) *conn {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &conn{engine: engine, limits: limits, log: log, sockets: map[string]*Socket{}}
}

// Message gets what the peer sends.
func (c *conn) Message(m engineio.Message) {
	if c.over() != nil {
		return // the peer has not heard of it yet
	}
	var err error
	if m.Binary {
		err = c.receiveAttachment(m.Data)
	} else {
		err = c.receive(m.Data)
	}
	if err != nil {
		c.fail(err)
	}
}

func (c *conn) receive(data []byte) error {
	if c.partial != nil {
		return protocolError("%.50q among attachments", data)
	}
	p, err := parsePacket(data)
	if err != nil {
		return err
	}
	switch p.kind {
	case packetConnect:
		return c.side.connect(p)
	case packetConnectError:
		return c.side.connectError(p)
	}

	s := c.socket(p.namespace)
	switch {
	case s == nil && c.strict:
		return protocolError("%.50q for a namespace that is not joined", data)
	case p.kind != packetDisconnect:
		return c.receiveArgs(s, p, data)
	case len(p.payload) > 0 && c.strict:
		return protocolError("disconnect with a payload: %.50q", data)
	case s != nil:
		c.remove(s)
		s.end(ErrLeft)
	}
	return nil
}

// receiveArgs takes an event or an ack, for which there may be no socket any
// more. Data is the message it came in.
func (c *conn) receiveArgs(s *Socket, p packet, data []byte) error {
	if p.attachments > c.limits.attachments {
		return &LimitError{What: "attachments", Size: p.attachments, Limit: c.limits.attachments}
	}
	in := incoming{socket: s, kind: p.kind, id: p.id}
	var err error
	if p.kind == packetAck {
		if p.id == noID {
			return protocolError("ack without id: %.50q", data)
		}
		in.event.Args, err = parseAck(p.payload, p.attachments)
	} else {
		var name []byte
		name, in.event.Args, err = parseEvent(p.payload, p.attachments)
		in.event.Name = c.names.of(name)
		if err == nil && reserved(in.event.Name) {
			err = protocolError("reserved event name %q", in.event.Name)
		}
	}
	if err != nil {
		return err
	}
	if p.attachments > 0 {
		return c.await(in, p.attachments, data)
	}
	in.deliver()
	return nil
}

// incoming is an event or an ack on its way to a socket, if there is one.
type incoming struct {
	socket *Socket
	kind   packetType
	id     int64
	event  Event // an ack has no name
}

func (in *incoming) deliver() {
	switch {
	case in.socket == nil:
	case in.kind == packetAck:
		in.socket.answered(in.id, in.event)
	case in.id == noID:
		in.socket.received(in.event, Ack{})
	default:
		in.socket.received(in.event, Ack{socket: in.socket, id: in.id})
	}
}

// names remembers some events' names. There are few, and they need not be
// allocated each time.
type names [16]string

func (n *names) of(content []byte) string {
	const longest = 32
	if len(content) == 0 || len(content) > longest {
		return unescape(content)
	}
	slot := &n[(len(content)+int(content[0])+5*int(content[len(content)/2]))%len(n)]
	if *slot == string(content) {
		return *slot
	}
	name := unescape(content)
	if name == string(content) {
		*slot = name
	}
	return name
}

// socket returns the socket of a namespace, or nil.
func (c *conn) socket(namespace []byte) *Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sockets[string(namespace)]
}

// add makes a socket known, in place of one that is over.
func (c *conn) add(s *Socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sockets[s.namespace] = s
}

// remove forgets a socket: both ends have left it.
func (c *conn) remove(s *Socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sockets, s.namespace)
}

// over returns why the connection is over, or nil.
func (c *conn) over() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// fail ends the connection because of err; the first reason counts. What is
// queued goes out first.
func (c *conn) fail(err error) {
	c.mu.Lock()
	first := c.err == nil
	if first {
		c.err = err
	}
	c.mu.Unlock()
	if !first {
		return
	}
	level := slog.LevelDebug
	if limit := (*LimitError)(nil); errors.As(err, &limit) {
		level = slog.LevelWarn
	}
	c.log.Log(context.Background(), level, "socketio: connection closed", "reason", err)
	c.engine.Close()
}

// close leaves every namespace and ends the connection.
func (c *conn) close() error {
	c.mu.Lock()
	sockets := make([]*Socket, 0, len(c.sockets))
	for _, s := range c.sockets {
		sockets = append(sockets, s)
	}
	c.mu.Unlock()
	for _, s := range sockets {
		s.Disconnect()
	}
	return c.engine.Close()
}

// Closed tells every socket that the connection is over.
func (c *conn) Closed(err error) {
	c.mu.Lock()
	if c.err == nil {
		c.err = err
	}
	err = c.err
	sockets := c.sockets
	c.sockets = nil
	c.mu.Unlock()
	c.partial = nil
	for _, s := range sockets {
		s.end(err)
	}
	c.side.ended(err)
}

// guard calls f and keeps its panic from ending the process.
func (c *conn) guard(f func()) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("socketio: handler panicked", "panic", p, "stack", string(debug.Stack()))
			c.fail(fmt.Errorf("socketio: handler panicked: %v", p))
		}
	}()
	f()
}
