package znsocket

import (
	"context"
	"net"
	"strings"
	"sync"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/resp"
)

// DialRESP returns a connection that speaks the Redis protocol, RESP2 and RESP3,
// with the Store. It fits go-redis' redis.Options.Dialer and the like, and needs
// no port and no goroutine:
//
//	rdb := redis.NewClient(&redis.Options{Dialer: store.DialRESP, Addr: "127.0.0.1:0"})
//
// Neither the network nor the address are looked at. Give one all the same: the
// default of go-redis is localhost, whose address it looks up.
func (s *Store) DialRESP(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.respServer().Dial(), nil
}

// RESPOption sets up ListenRESP and ServeRESP.
type RESPOption func(*respConfig)

type respConfig struct{ password string }

// WithPassword has clients log in, as the user default with this password: AUTH
// and HELLO, which their libraries send where they are told it. Without it
// everyone who reaches the address can read and write the data.
func WithPassword(password string) RESPOption {
	return func(c *respConfig) { c.password = password }
}

// ListenRESP serves the Redis protocol, RESP2 and RESP3, on a TCP address such as
// "127.0.0.1:6379" until the context ends: then it ends the connections and
// returns nil. Else it returns why it cannot listen.
func (s *Store) ListenRESP(ctx context.Context, addr string, opts ...RESPOption) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return s.ServeRESP(ctx, l, opts...)
}

// ServeRESP is ListenRESP with a listener, which it closes.
func (s *Store) ServeRESP(ctx context.Context, l net.Listener, opts ...RESPOption) error {
	var cfg respConfig
	for _, opt := range opts {
		opt(&cfg)
	}
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	return s.respServer().Serve(l, cfg.password)
}

// DropConnections ends all connections of the Redis protocol to the Store without a
// word, as a network that fails would.
func (s *Store) DropConnections() { s.respServer().Drop() }

// respFace is made for the first connection.
type respFace struct {
	once   sync.Once
	server *resp.Server
}

func (s *Store) respServer() *resp.Server {
	s.resp.once.Do(func() { s.resp.server = resp.NewServer(respBackend{s}) })
	return s.resp.server
}

// respBackend is a Store for connections that speak the Redis protocol.
type respBackend struct{ *Store }

func (s respBackend) Space() *keyspace.Space { return s.space }

func (s respBackend) Keeper() resp.Keeper {
	if s.disk.journal == nil {
		return nil
	}
	return storeKeeper(s)
}

func (s respBackend) Run(ctx context.Context, db int, cmd *keyspace.Command, argv []string) (any, error) {
	if s.intercept.Load() != nil {
		own := make([]string, len(argv)) // whoever intercepts may keep them
		for i, word := range argv {
			own[i] = strings.Clone(word)
		}
		if err := s.admit(ctx, own); err != nil {
			return nil, err
		}
	}
	if cmd.Flags&keyspace.Scripts != 0 {
		return s.runScript(db, cmd, argv)
	}
	v, err := s.space.Run(db, cmd, argv)
	if err == nil {
		s.Tell(db, argv, v)
	}
	return v, err
}

func (s respBackend) Wait(ctx context.Context, db int, cmd *keyspace.Command, argv []string) (any, *keyspace.Waiter, error) {
	if err := s.admit(ctx, argv); err != nil {
		return nil, nil, err
	}
	v, w, err := s.space.RunOrWait(db, cmd, argv)
	if err == nil && w == nil {
		s.Tell(db, argv, v)
	}
	return v, w, err
}

func (s respBackend) Tell(db int, argv []string, v any) {
	if db == 0 && s.concerns(argv) {
		s.changed([][]string{argv}, []Reply{{Val: v}})
	}
}

func (s respBackend) Exec(ctx context.Context, w *keyspace.Watch, fn func(run resp.RunFunc)) (ok bool) {
	var cmds [][]string
	var replies []Reply
	var called calls
	ok = s.space.Exec(w, func(run resp.RunFunc) {
		defer func() { called = s.takeCalled() }()
		fn(func(db int, cmd *keyspace.Command, argv []string) (any, error) {
			if err := s.admit(ctx, argv); err != nil {
				return nil, err
			}
			v, err := run(db, cmd, argv)
			if db == 0 {
				cmds, replies = append(cmds, argv), append(replies, Reply{Val: v, Err: err})
			}
			return v, err
		})
	})
	s.changed(cmds, replies)
	s.changed(called.cmds, called.replies)
	return ok
}
