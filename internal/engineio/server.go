package engineio

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Config says how a Server behaves. The zero value is a server that accepts
// everybody from its own origin and listens to nobody: set Accept.
type Config struct {
	PingInterval   time.Duration
	PingTimeout    time.Duration
	UpgradeTimeout time.Duration // for a WebSocket that tries to take over

	MaxPayload int // bytes of a packet, and so of a WebSocket message
	MaxQueued  int // bytes that may wait for a slow reader
	MaxConns   int

	Queued *atomic.Int64 // if set, counts the bytes that wait in all connections

	// Revision3 also lets in clients of revision 3, which are those of Socket.IO 2
	// and older.
	Revision3 bool

	Transports []string // of "polling" and "websocket"; nil means both

	// CheckOrigin decides whether a page of another origin may connect, and
	// its error is what the page is told; nil allows pages of the server's own
	// host only. Requests without an Origin header do not come from a page and
	// pass.
	CheckOrigin func(r *http.Request) error

	// Allow is the application's own check before the handshake; the client
	// gets the error's text.
	Allow func(r *http.Request) error

	// Accept is called for each new connection before the answer to its
	// handshake leaves: what it sends leaves together with that.
	Accept func(c *Conn) Handler

	Logger *slog.Logger // nil logs nothing
}

// Server accepts Engine.IO connections at whatever path it is mounted.
type Server struct {
	cfg    Config
	limits limits

	// tasks counts requests, connections until their Closed has returned,
	// and reading goroutines.
	tasks sync.WaitGroup

	mu     sync.Mutex
	past   Traffic          // of connections that are over
	conns  map[string]*Conn // nil for one that is being opened
	closed bool
}

// NewServer returns a Server.
func NewServer(cfg Config) *Server {
	cfg.UpgradeTimeout = cmp.Or(cfg.UpgradeTimeout, DefaultUpgradeTimeout)
	cfg.MaxConns = cmp.Or(cfg.MaxConns, DefaultMaxConns)
	if cfg.Transports == nil {
		cfg.Transports = []string{transportPolling, transportWebsocket}
	}
	if cfg.CheckOrigin == nil {
		cfg.CheckOrigin = onlySameOrigin
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Server{
		cfg: cfg,
		limits: limits{
			pingInterval: cmp.Or(cfg.PingInterval, DefaultPingInterval),
			pingTimeout:  cmp.Or(cfg.PingTimeout, DefaultPingTimeout),
			maxMessage:   cmp.Or(cfg.MaxPayload, DefaultMaxPayload),
			maxQueued:    cmp.Or(cfg.MaxQueued, DefaultMaxQueued),
			total:        cfg.Queued,
		},
		conns: map[string]*Conn{},
	}
}

// ServeHTTP serves one request of a connection, new or known.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !s.enter(q.Get("sid")) {
		shuttingDown.write(w)
		return
	}
	defer s.tasks.Done()

	if s.usesJSONP(q) {
		said, err := withOrigin(r)
		if err != nil {
			forbidden(err.Error()).write(w)
			return
		}
		r = said
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if err := s.cfg.CheckOrigin(r); err != nil {
			forbidden(err.Error()).write(w)
			return
		}
		allowOrigin(w.Header(), origin)
	}
	if r.Method == http.MethodOptions {
		answerPreflight(w, r)
		return
	}

	transport := q.Get("transport")
	if !s.offers(transport) {
		unknownTransport.write(w)
		return
	}
	if q.Has("sid") {
		s.serveKnown(w, r, q.Get("sid"), transport, q.Get("EIO"))
		return
	}
	s.serveNew(w, r, transport, s.dialectOf(q))
}

// enter counts a request. A server that is shutting down has an ear only for
// the connections that are left: they are to fetch what is queued for them.
func (s *Server) enter(sid string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && s.conns[sid] == nil {
		return false
	}
	s.tasks.Add(1)
	return true
}

func (s *Server) offers(transport string) bool {
	return slices.Contains(s.cfg.Transports, transport)
}

func (s *Server) serveKnown(w http.ResponseWriter, r *http.Request, sid, transport, eio string) {
	s.mu.Lock()
	c := s.conns[sid]
	s.mu.Unlock()
	switch {
	case c == nil:
		unknownSession.write(w)
	case !c.dialect.is(eio):
		badRequest.write(w)
	case transport == transportWebsocket:
		s.serveUpgrade(w, r, c)
	default:
		s.servePoll(w, r, c)
	}
}

func (s *Server) remove(c *Conn) {
	s.mu.Lock()
	if s.conns[c.id] == c {
		s.past.add(c.Traffic())
	}
	delete(s.conns, c.id)
	s.mu.Unlock()
}

// Conns returns how many connections there are.
func (s *Server) Conns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Drop ends all connections without a word, as a network that fails would.
func (s *Server) Drop() {
	s.mu.Lock()
	conns := slices.Collect(maps.Values(s.conns))
	s.mu.Unlock()
	for _, c := range conns {
		if c != nil {
			c.abort()
		}
	}
}

// Shutdown refuses new connections, closes every one there is after the message
// it is handling and what is queued for it, and waits until nothing of the
// server runs any more. When the context ends first, connections are dropped
// as they are.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	conns := make([]*Conn, 0, len(s.conns))
	for _, c := range s.conns {
		if c != nil {
			conns = append(conns, c)
		}
	}
	s.mu.Unlock()
	for _, c := range conns {
		s.tasks.Go(c.closeAfterHandler)
	}

	idle := make(chan struct{})
	go func() {
		s.tasks.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	for _, c := range conns {
		c.abort()
	}
	return ctx.Err()
}
