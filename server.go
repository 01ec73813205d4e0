package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/socketio"
)

// Server shares a Store with the ZnSocket clients of Python, JavaScript and Go,
// over Socket.IO. It is an http.Handler, for a program that has a server of its
// own:
//
//	mux.Handle("/socket.io/", srv)
//
// and it can listen by itself. Any path that ends in /socket.io/ will do, so a
// proxy may put it under a prefix.
type Server struct {
	serverConfig
	io         *socketio.Server
	unfinished atomic.Int64  // bytes of all assemblies
	queued     atomic.Int64  // bytes that wait in all connections
	subscribed atomic.Int64  // bytes of the keys that all sessions listen to
	bulk       chan struct{} // who handles a large event has put one in

	begun    time.Time
	sessions sessions

	recall     recall
	listeners  sync.Map // *session to nothing: those that hear of every refresh
	stopListen func()

	mu     sync.Mutex
	https  []*http.Server
	addr   net.Addr // of the first of them
	closed bool
}

// NewServer returns a Server. It listens to nobody before Listen, Serve or
// ServeHTTP.
func NewServer(opts ...ServerOption) *Server {
	srv := &Server{begun: time.Now(), serverConfig: serverConfig{
		log:       slog.Default(),
		namespace: DefaultNamespace,
	}}
	for _, opt := range opts {
		opt.setServer(&srv.serverConfig)
	}
	if srv.backing == nil {
		srv.backing = NewStore()
	}
	srv.limits = srv.limits.withDefaults()
	srv.bulk = make(chan struct{}, 1+runtime.GOMAXPROCS(0))
	srv.io = socketio.NewServer(socketio.Config{
		Engine: engineio.Config{
			MaxPayload:  srv.limits.Message,
			MaxQueued:   srv.limits.Queued,
			MaxConns:    srv.limits.Connections,
			Revision3:   srv.engineIO3,
			Queued:      &srv.queued,
			CheckOrigin: srv.checkOrigin,
			Logger:      srv.log,
		},
		ConnectTimeout: connectTimeout,
		MaxPendingAcks: srv.limits.AdapterCalls,
		Connect:        srv.connect,
	})
	srv.stopListen = srv.backing.meeting().listen(srv)
	return srv
}

// connectTimeout is how long a connection may take to join the namespace: clients
// do it at once, and strangers shall not keep places that clients need.
const connectTimeout = 10 * time.Second

// Store returns the Store that the Server shares, nil where it shares another
// Commander.
func (srv *Server) Store() *Store {
	s, _ := srv.backing.(*Store)
	return s
}

// ServeHTTP serves one request of a Socket.IO connection, or of the inspector if
// there is one.
func (srv *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if srv.inspector != nil && srv.inspector.Serves(r) {
		srv.inspector.ServeHTTP(w, r)
		return
	}
	if !strings.HasSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/socket.io") {
		http.Error(w, "This is a ZnSocket server. Its clients connect to a path that ends in /socket.io/.", http.StatusNotFound)
		return
	}
	// A page of another site that asks without a word about its origin can read
	// nothing, but it could take up places.
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Origin") == "" {
		http.Error(w, "Pages of other sites may not connect.", http.StatusForbidden)
		return
	}
	srv.io.ServeHTTP(w, r)
}

// Listen listens on a TCP address such as ":5000" and serves until Shutdown;
// then it returns http.ErrServerClosed.
func (srv *Server) Listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return srv.Serve(l)
}

// Serve serves the connections of l, which it closes, until Shutdown; then it
// returns http.ErrServerClosed.
func (srv *Server) Serve(l net.Listener) error {
	h := &http.Server{
		Handler:           srv,
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    64 << 10,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(srv.log.Handler(), slog.LevelDebug),
	}
	srv.mu.Lock()
	if srv.closed {
		srv.mu.Unlock()
		l.Close()
		return http.ErrServerClosed
	}
	srv.https = append(srv.https, h)
	if srv.addr == nil {
		srv.addr = l.Addr()
	}
	srv.mu.Unlock()
	if srv.auth == nil && !loopback(l.Addr()) {
		srv.log.Warn("everyone who reaches this address can read and write the data", "address", l.Addr().String(), "see", "WithAuth")
	}
	return h.Serve(l)
}

// URL returns where clients connect, such as znsocket://127.0.0.1:5000: the address
// that Listen or Serve was first given; "" before.
func (srv *Server) URL() string {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.addr == nil {
		return ""
	}
	return "znsocket://" + srv.addr.String()
}

// DropConnections ends all connections without a word, as a network that fails
// would. Clients connect again.
func (srv *Server) DropConnections() { srv.io.Drop() }

func loopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return !ok || tcp.IP.IsLoopback()
}

// Shutdown stops listening, answers what is in flight, closes every connection
// and waits for that. When the context ends first, what is left is dropped. A
// command that waits, for the owner of an adapter or on a Redis as BLPOP does, has
// not been carried out and ends with its connection.
func (srv *Server) Shutdown(ctx context.Context) error {
	srv.mu.Lock()
	srv.closed = true
	https := srv.https
	srv.https = nil
	srv.mu.Unlock()

	var wg sync.WaitGroup
	errs := make([]error, len(https))
	for i, h := range https {
		wg.Go(func() {
			if errs[i] = h.Shutdown(ctx); errs[i] != nil {
				h.Close()
			}
		})
	}
	err := srv.io.Shutdown(ctx)
	wg.Wait()
	srv.stopListen()
	srv.recall.close()
	return errors.Join(append(errs, err)...)
}

// connect lets a client in, or refuses it.
func (srv *Server) connect(socket *socketio.Socket) (socketio.Handler, error) {
	if socket.Namespace() != srv.namespace {
		return nil, socketio.ErrInvalidNamespace
	}
	s := newSession(srv, socket)
	if srv.auth != nil {
		access, err := srv.auth(s.ctx, socket.Request(), json.RawMessage(socket.Auth()))
		if err != nil {
			srv.log.Info("client refused", "remote", socket.Request().RemoteAddr, "reason", err)
			return nil, err
		}
		s.access = access
	}
	s.begin()
	return s, nil
}

// checkOrigin lets in pages of the Server's own host and of WithOrigins.
func (srv *Server) checkOrigin(r *http.Request) error {
	if engineio.SameOrigin(r) {
		return nil
	}
	origin := r.Header.Get("Origin")
	for _, allowed := range srv.origins {
		if allowed == "*" || strings.EqualFold(strings.TrimSuffix(allowed, "/"), origin) {
			return nil
		}
	}
	srv.log.Warn("page refused", "origin", fmt.Sprintf("%.200s", origin), "see", "WithOrigins or --allow-origin")
	return fmt.Errorf("pages of %s may not connect: allow that origin with WithOrigins or --allow-origin", origin)
}

// hear brings news to every client that hears of all keys, but for those who have
// heard of it as subscribers to its key. They are encoded once for all.
func (srv *Server) hear(n *news) {
	for key := range srv.listeners.Range {
		s := key.(*session)
		if s.greeting.Subscribes && s.subscribedTo(n.target) || !s.greeting.Subscribes && n.audience == subscribers {
			continue
		}
		s.hear(n)
	}
}
