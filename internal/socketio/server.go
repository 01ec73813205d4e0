package socketio

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// Config says how a Server behaves. The zero value lets nobody join: set
// Connect.
type Config struct {
	Engine engineio.Config // its Accept is set by NewServer

	// ConnectTimeout is how long a connection may take to join its first
	// namespace.
	ConnectTimeout time.Duration

	MaxAttachments int // of one packet, received or sent
	MaxNamespaces  int // of one connection
	MaxPendingAcks int // of Call, per socket
	MaxAuth        int // bytes of a CONNECT's payload

	// MaxPacket bounds a received packet together with its attachments, in
	// bytes; by default it is four times Engine.MaxPayload, which bounds each
	// of them.
	MaxPacket int

	// Connect decides about a client that wants to join a namespace. It runs
	// on the reading goroutine before the answer leaves: what is sent through
	// s meanwhile leaves after that. An error refuses the client, who is told
	// its text; ErrInvalidNamespace is for a namespace that does not exist,
	// and a *ConnectError can say more. The Handler may be nil.
	Connect func(s *Socket) (Handler, error)
}

// Server accepts Socket.IO connections at whatever path it is mounted, which
// by custom ends in /socket.io/.
type Server struct {
	engine *engineio.Server
	cfg    Config
	limits limits
}

// NewServer returns a Server.
func NewServer(cfg Config) *Server {
	cfg.ConnectTimeout = cmp.Or(cfg.ConnectTimeout, DefaultConnectTimeout)
	cfg.MaxNamespaces = cmp.Or(cfg.MaxNamespaces, DefaultMaxNamespaces)
	cfg.MaxAuth = cmp.Or(cfg.MaxAuth, DefaultMaxAuth)
	if cfg.Connect == nil {
		cfg.Connect = func(*Socket) (Handler, error) { return nil, ErrInvalidNamespace }
	}
	s := &Server{
		cfg: cfg,
		limits: limits{
			attachments: cmp.Or(cfg.MaxAttachments, DefaultMaxAttachments),
			packet:      cmp.Or(cfg.MaxPacket, 4*cmp.Or(cfg.Engine.MaxPayload, engineio.DefaultMaxPayload)),
			pendingAcks: cmp.Or(cfg.MaxPendingAcks, DefaultMaxPendingAcks),
		},
	}
	cfg.Engine.Accept = s.accept
	s.engine = engineio.NewServer(cfg.Engine)
	return s
}

// ServeHTTP serves one request of a connection, new or known.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// Shutdown refuses new connections, closes every one there is after what is
// queued for it, and waits until each Handler's Closed has returned. Clients
// are not told to leave, and so may look for the server again. When the
// context ends first, connections are dropped as they are.
func (s *Server) Shutdown(ctx context.Context) error { return s.engine.Shutdown(ctx) }

// Conns returns how many connections there are.
func (s *Server) Conns() int { return s.engine.Conns() }

func (s *Server) accept(e *engineio.Conn) engineio.Handler {
	c := newConn(e, s.limits, s.cfg.Engine.Logger)
	c.strict = true
	c.side = &serverSide{
		conn:    c,
		server:  s,
		timeout: time.AfterFunc(s.cfg.ConnectTimeout, func() { c.fail(ErrConnectTimeout) }),
	}
	return c
}

// serverSide lets the client of one connection join namespaces.
type serverSide struct {
	conn    *conn
	server  *Server
	timeout *time.Timer // until the first one is joined
}

func (v *serverSide) connect(p packet) error {
	auth, err := v.auth(p)
	if err != nil {
		return err
	}
	// What follows a question mark is for servers of long ago.
	name, _, _ := bytes.Cut(p.namespace, []byte{'?'})
	s := v.conn.newSocket(string(name), auth)
	if err := v.makeRoom(s.namespace); err != nil {
		if errors.Is(err, ErrProtocol) {
			return err
		}
		return v.refuse(s, err)
	}

	raw := make([]byte, 15)
	rand.Read(raw)
	s.id = base64.RawURLEncoding.EncodeToString(raw)

	// Connect may panic, which must not leave anybody waiting for an answer.
	joined := false
	defer func() {
		if !joined {
			s.end(ErrClosed)
		}
	}()
	h, err := v.server.cfg.Connect(s)
	if err != nil {
		return v.refuse(s, err)
	}
	joined = true
	v.timeout.Stop()
	v.conn.add(s)
	s.open(h, fmt.Appendf(appendHeader(nil, packetConnect, 0, s.namespace, noID), `{"sid":"%s"}`, s.id))
	return nil
}

// auth returns the payload of a CONNECT, or nil.
func (v *serverSide) auth(p packet) ([]byte, error) {
	if len(p.payload) == 0 {
		return nil, nil
	}
	if n, limit := len(p.payload), v.server.cfg.MaxAuth; n > limit {
		return nil, &LimitError{What: "bytes of auth", Size: n, Limit: limit}
	}
	return bytes.Clone(p.payload), checkObject(p.payload)
}

// makeRoom sees to it that a namespace can be joined: the client is not there
// already, and whom we have disconnected has heard of that.
func (v *serverSide) makeRoom(namespace string) error {
	v.conn.mu.Lock()
	old, n := v.conn.sockets[namespace], len(v.conn.sockets)
	v.conn.mu.Unlock()
	switch limit := v.server.cfg.MaxNamespaces; {
	case old == nil && n >= limit:
		return &LimitError{What: "namespaces", Size: n + 1, Limit: limit}
	case old == nil:
		return nil
	case !old.over():
		return protocolError("%.50q joined twice", namespace)
	}
	v.conn.remove(old)
	old.finish()
	return nil
}

// refuse tells the client why it may not join. Its connection lives on.
func (v *serverSide) refuse(s *Socket, why error) error {
	var refusal *ConnectError
	if !errors.As(why, &refusal) {
		refusal = &ConnectError{Message: why.Error()}
	}
	text := appendHeader(nil, packetConnectError, 0, s.namespace, noID)
	text = append(text, `{"message":`...)
	text = pyjson.AppendString(text, refusal.Message)
	if len(refusal.Data) > 0 {
		text = append(append(text, `,"data":`...), refusal.Data...)
	}
	text = append(text, '}')
	v.conn.log.Debug("socketio: client refused", "namespace", s.namespace, "reason", why)
	v.conn.engine.Send(engineio.Message{Data: text}) // or else Closed comes
	return nil
}

func (v *serverSide) connectError(p packet) error {
	return protocolError("a client refused to connect: %.50q", p.payload)
}

func (v *serverSide) ended(error) { v.timeout.Stop() }
