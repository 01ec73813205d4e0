package socketio

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/znsocket/znsocket/internal/engineio"
)

// DialConfig says how a Client behaves.
type DialConfig struct {
	Engine engineio.DialConfig // its Accept is set by Dial

	MaxAttachments int // of one packet, received or sent
	MaxPendingAcks int // of Call, per socket

	// MaxPacket bounds a received packet together with its attachments, in
	// bytes; by default it is four times Engine.MaxMessage, which bounds each
	// of them.
	MaxPacket int

	// Receiving, if set, hears of each piece of a message larger than 64 KiB
	// that arrives by WebSocket: how many bytes are there of how many.
	Receiving func(got, total int)
}

// watched is a conn that tells of large messages.
type watched struct {
	*conn
	receiving func(got, total int)
}

func (w watched) Receiving(_ bool, got, total int) { w.receiving(got, total) }

// Client is a connection to a server, on which namespaces are joined.
type Client struct {
	conn *conn
	done chan struct{}

	// joins has who waits for the answer to a CONNECT, by namespace. It is
	// guarded by conn.mu.
	joins map[string]*join
}

// join is a CONNECT that was sent. The server answers each one, so one that
// nobody waits for any more stays until then: its answer must not be taken for
// that to the next.
type join struct {
	socket    *Socket
	handler   func(*Socket) Handler
	abandoned bool          // guarded by conn.mu
	done      chan struct{} // closed at the end
	err       error         // set before done is closed
}

// Dial connects to the server at an http or https URL, whose path is that of
// the endpoint: http://host:5000/socket.io/. No namespace is joined yet, which
// a server does not suffer for long. The context bounds the handshake only.
func Dial(ctx context.Context, url string, cfg DialConfig) (*Client, error) {
	limits := limits{
		attachments: cmp.Or(cfg.MaxAttachments, DefaultMaxAttachments),
		packet:      cmp.Or(cfg.MaxPacket, 4*cmp.Or(cfg.Engine.MaxMessage, engineio.DefaultMaxMessage)),
		pendingAcks: cmp.Or(cfg.MaxPendingAcks, DefaultMaxPendingAcks),
	}
	c := &Client{done: make(chan struct{}), joins: map[string]*join{}}
	cfg.Engine.Accept = func(e *engineio.Conn) engineio.Handler {
		c.conn = newConn(e, limits, cfg.Engine.Logger)
		c.conn.side = c
		if cfg.Receiving != nil {
			return watched{c.conn, cfg.Receiving}
		}
		return c.conn
	}
	if _, err := engineio.Dial(ctx, url, cfg.Engine); err != nil {
		return nil, err
	}
	return c, nil
}

// Close leaves every namespace and ends the connection, after what is queued.
func (c *Client) Close() error { return c.conn.close() }

// Done is closed when the connection is over and every Handler has heard so.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err returns why the connection is over, and nil while it is not.
func (c *Client) Err() error { return c.conn.over() }

// Join joins a namespace. Auth is a JSON object for the server, or nil. Handler
// is called as soon as the server agrees, before the first event; it runs on
// the reading goroutine and must be quick. Join itself must not be called there:
// it would wait forever.
//
// The error is a *ConnectError where the server refuses, ErrJoined, the
// context's, or why the connection ended.
func (c *Client) Join(ctx context.Context, namespace string, auth []byte, handler func(*Socket) Handler) (*Socket, error) {
	if !strings.HasPrefix(namespace, "/") || strings.ContainsAny(namespace, ",?") || !utf8.ValidString(namespace) {
		return nil, fmt.Errorf("socketio: %q is no namespace", namespace)
	}
	if auth != nil && checkObject(auth) != nil {
		return nil, fmt.Errorf("socketio: auth is no JSON object: %.50q", auth)
	}
	j := &join{
		socket:  c.conn.newSocket(namespace, auth),
		handler: handler,
		done:    make(chan struct{}),
	}
	for {
		earlier, err := c.begin(j)
		if err != nil {
			return nil, err
		}
		if earlier == nil {
			break
		}
		select {
		case <-earlier.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if c.abandon(j) {
			return nil, ctx.Err()
		}
		<-j.done // it has just been answered
	}
	if j.err != nil {
		return nil, j.err
	}
	return j.socket, nil
}

// begin sends a CONNECT, unless an earlier one is not answered yet.
func (c *Client) begin(j *join) (earlier *join, err error) {
	namespace := j.socket.namespace
	c.conn.mu.Lock()
	defer c.conn.mu.Unlock()
	if c.conn.err != nil {
		return nil, c.conn.err
	}
	if earlier := c.joins[namespace]; earlier != nil {
		return earlier, nil
	}
	if s := c.conn.sockets[namespace]; s != nil && !s.over() {
		return nil, fmt.Errorf("%w: %s", ErrJoined, namespace)
	}
	text := appendHeader(nil, packetConnect, 0, namespace, noID)
	text = append(text, j.socket.auth...)
	if err := c.conn.engine.Send(engineio.Message{Data: text}); err != nil {
		return nil, err
	}
	c.joins[namespace] = j
	return nil, nil
}

// abandon gives a join up; it reports false if that is answered already.
func (c *Client) abandon(j *join) bool {
	c.conn.mu.Lock()
	defer c.conn.mu.Unlock()
	j.abandoned = true
	return c.joins[j.socket.namespace] == j
}

// answered returns the join that the server has answered, or nil, and whether
// nobody waits for it any more.
func (c *Client) answered(namespace []byte) (j *join, abandoned bool) {
	c.conn.mu.Lock()
	defer c.conn.mu.Unlock()
	j = c.joins[string(namespace)]
	if j == nil {
		return nil, false
	}
	delete(c.joins, string(namespace))
	return j, j.abandoned
}

func (c *Client) connect(p packet) error {
	j, abandoned := c.answered(p.namespace)
	if j == nil {
		return protocolError("connected to %.50q unasked", p.namespace)
	}
	defer close(j.done)
	s := j.socket
	var answer struct{ SID string }
	if err := json.Unmarshal(p.payload, &answer); err != nil || answer.SID == "" {
		j.err = protocolError("connected without a sid: %.50q", p.payload)
		return j.err
	}
	s.id = answer.SID
	if old := c.conn.socket(p.namespace); old != nil {
		old.finish()
	}
	c.conn.add(s)
	if abandoned {
		s.open(nil, nil)
		return s.Disconnect()
	}
	var h Handler
	if j.handler != nil {
		h = j.handler(s)
	}
	s.open(h, nil)
	return nil
}

func (c *Client) connectError(p packet) error {
	j, _ := c.answered(p.namespace)
	if j == nil {
		return protocolError("refused by %.50q unasked", p.namespace)
	}
	j.err = parseConnectError(p.payload)
	close(j.done)
	return nil
}

// parseConnectError reads the payload of a refusal: an object, or from Python
// a bare string.
func parseConnectError(payload []byte) *ConnectError {
	var object struct {
		Message string
		Data    json.RawMessage
	}
	if json.Unmarshal(payload, &object) == nil {
		return &ConnectError{Message: object.Message, Data: object.Data}
	}
	var text string
	if json.Unmarshal(payload, &text) == nil {
		return &ConnectError{Message: text}
	}
	return &ConnectError{Message: string(payload)}
}

func (c *Client) ended(reason error) {
	c.conn.mu.Lock()
	joins := c.joins
	c.joins = nil
	c.conn.mu.Unlock()
	for _, j := range joins {
		j.err = reason
		close(j.done)
	}
	close(c.done)
}
