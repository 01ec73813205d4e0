package socketio

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"github.com/znsocket/znsocket/internal/engineio"
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
	MaxAuth        int // bytes of what a client says of itself with its CONNECT

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

// Traffic returns what went through all connections so far.
func (s *Server) Traffic() engineio.Traffic { return s.engine.Traffic() }

// Drop ends all connections without a word, as a network that fails would.
func (s *Server) Drop() { s.engine.Drop() }

// Conns returns how many connections there are.
func (s *Server) Conns() int { return s.engine.Conns() }

func (s *Server) accept(e *engineio.Conn) engineio.Handler {
	c := newConn(e, s.limits, s.cfg.Engine.Logger)
	c.strict = true
	v := &serverSide{
		conn:    c,
		server:  s,
		dialect: protocol5{},
		timeout: time.AfterFunc(s.cfg.ConnectTimeout, func() { c.fail(ErrConnectTimeout) }),
	}
	c.side = v
	if e.Revision() == 3 {
		v.dialect = protocol4{}
	}
	if v.dialect.inRoot() {
		if err := v.connect(packet{kind: packetConnect, namespace: rootBytes}); err != nil {
			c.fail(err)
		}
	}
	return c
}

// serverSide lets the client of one connection join namespaces.
type serverSide struct {
	conn    *conn
	server  *Server
	dialect dialect
	timeout *time.Timer // until the first one is joined
}

func (v *serverSide) connect(p packet) error {
	auth, err := v.auth(p)
	if err != nil {
		return err
	}
	// What follows a question mark is no part of the name.
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
	switch {
	case err == nil:
		v.timeout.Stop()
	case s.namespace == root && v.dialect.inRoot() && errors.Is(err, ErrInvalidNamespace):
		// The client did not ask, and would take a refusal for one of every
		// namespace. It is there, and nobody else is.
	default:
		return v.refuse(s, err)
	}
	joined = true
	v.conn.add(s)
	s.open(h, append(appendHeader(nil, packetConnect, 0, s.namespace, noID), v.dialect.welcome(s)...))
	return nil
}

// auth returns what the client says of itself, or nil.
func (v *serverSide) auth(p packet) ([]byte, error) {
	auth, err := v.dialect.auth(p, v.conn.engine.Request())
	if n, limit := len(auth), v.server.cfg.MaxAuth; n > limit {
		return nil, &LimitError{What: "bytes of auth", Size: n, Limit: limit}
	}
	return bytes.Clone(auth), err
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
	text := append(appendHeader(nil, packetConnectError, 0, s.namespace, noID), v.dialect.refusal(refusal)...)
	v.conn.log.Debug("socketio: client refused", "namespace", s.namespace, "reason", why)
	v.conn.engine.Send(engineio.Message{Data: text}) // or else Closed comes
	return nil
}

func (v *serverSide) connectError(p packet) error { return v.dialect.complaint(p) }

func (v *serverSide) ended(error) { v.timeout.Stop() }
