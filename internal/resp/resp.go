// Package resp is the Redis protocol, revisions 2 and 3, in front of a database
// in this process: connections that speak it, and what belongs to connections
// and not to data, such as AUTH, SELECT, MULTI and SUBSCRIBE. What commands do
// with data is package keyspace's.
package resp

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// Backend is the data behind the connections.
type Backend interface {
	// Run runs a command of the table, whose arity fits. The words are not its own
	// unless the command may change something.
	Run(ctx context.Context, db int, cmd *keyspace.Command, argv []string) (any, error)
	// Wait runs a command of the table that may wait. Where it finds nothing there is
	// a Waiter and no reply.
	Wait(ctx context.Context, db int, cmd *keyspace.Command, argv []string) (v any, w *keyspace.Waiter, err error)
	// Tell tells the live objects what a command that has waited gave.
	Tell(db int, argv []string, v any)
	// Exec calls fn with nobody else at the data, unless a key that w watches has
	// changed: then it reports false.
	Exec(ctx context.Context, w *keyspace.Watch, fn func(run RunFunc)) (ok bool)
	// Space is where the data is.
	Space() *keyspace.Space
	// Keeper is who keeps the data on a disk, nil where nobody does.
	Keeper() Keeper
}

// RunFunc runs a command of the table, whose arity fits.
type RunFunc = func(db int, cmd *keyspace.Command, argv []string) (any, error)

// Server is what the connections to one Backend share.
type Server struct {
	backend    Backend
	keeper     Keeper // nil where data is in memory only
	begun      time.Time
	pubsub     pubsub
	settings   settings
	tracker    tracker
	acl        *acl
	stats      *stats
	pause      pause
	queries    atomic.Int64 // bytes of commands that are not there as a whole, of all sessions
	maxQueries int64
	maxReplies int
	monitors   atomic.Int64 // sessions that monitor

	mu       sync.Mutex
	sessions map[int64]*session
	lastID   int64
	commands int64 // that sessions ran which are over
	accepted int64

	peakMemory uint64 // that INFO has told of
}

// NewServer returns a Server.
func NewServer(b Backend) *Server {
	srv := &Server{backend: b, keeper: b.Keeper(), begun: time.Now(), sessions: map[int64]*session{}, acl: newACL(), stats: newStats(), maxQueries: maxQueries, maxReplies: maxReplies}
	if srv.keeper != nil {
		srv.settings.keep(settingOf("appendonly"), "yes")
		srv.settings.keep(settingOf("appendfsync"), srv.keeper.Status().Sync)
	}
	srv.tracker.srv, srv.tracker.limit = srv, maxTracked
	b.Space().SetPublisher(&srv.pubsub)
	b.Space().SetTracker(&srv.tracker)
	return srv
}

// uptime is how long the Server has been there. It costs half of what the time of day
// does.
func (srv *Server) uptime() time.Duration { return time.Since(srv.begun) }

// maxClients is how many connections there may be, as Redis has it by default.
const maxClients = 10_000

// maxQueries is how many bytes of unfinished commands all clients may send together.
const maxQueries = 2 << 30

// maxReplies is how many bytes of replies may wait to leave a connection: a command as
// short as MGET k k k could ask for more than there is memory.
const maxReplies = 1 << 30

// join makes a session, which must log in where there is a password, and is over when
// the context is.
func (srv *Server) join(ctx context.Context, remote, local net.Addr, password string, hangUp func()) *session {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.lastID++
	srv.accepted++
	s := &session{
		srv: srv, parser: newParser(), revision: 2, id: srv.lastID, begun: time.Now(),
		remote: addrText(remote), local: addrText(local), hangUp: hangUp,
		password: password, user: srv.acl.user(defaultUser),
	}
	s.known = s.needsNoPassword()
	s.now = lately{at: srv.uptime(), queued: -1, redirect: -1}
	s.parser.stranger = !s.known
	s.ctx, s.cancel = context.WithCancel(ctx)
	if len(srv.sessions) >= maxClients {
		s.say(keyspace.Error("ERR max number of clients reached"))
		s.over = true
		return s
	}
	srv.sessions[s.id] = s
	return s
}

// session is the session of an id, nil where there is none.
func (srv *Server) session(id int64) *session {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.sessions[id]
}

// Drop ends all connections without a word, as a network that fails would.
func (srv *Server) Drop() {
	for _, s := range srv.all() {
		s.kick()
	}
}

func (srv *Server) leave(s *session) {
	s.cancel()
	srv.queries.Add(-s.weight)
	s.weight = 0
	if s.waits != nil {
		s.waits.Cancel() // while it is known still
	}
	s.reset()
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.sessions[s.id] == s {
		delete(srv.sessions, s.id)
		srv.commands += s.commands.Load()
	}
}

func addrText(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.String()
}
