package znsocket

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
	lua "github.com/znsocket/znsocket/internal/script"
)

// Store is a Redis in this process: a Commander over data in memory, and in a directory
// too where OpenStore has opened it. It is safe for concurrent use, needs no Close
// without a directory, and two Stores share nothing.
type Store struct {
	Commands
	exchange
	space     *keyspace.Space
	intercept atomic.Pointer[func(context.Context, Cmd) error]
	resp      respFace
	disk      storeDisk
	called    calls // by the script that runs; guarded by the Space's lock
}

// StoreOption sets up a Store.
type StoreOption func(*Store)

// WithSeed makes repeatable what the commands answer that throw dice: SPOP,
// SRANDMEMBER, RANDOMKEY, HRANDFIELD and ZRANDMEMBER.
func WithSeed(seed uint64) StoreOption { return func(s *Store) { s.space.Seed(seed) } }

// NewStore returns an empty Store.
func NewStore(opts ...StoreOption) *Store {
	s := &Store{space: keyspace.New()}
	s.disk.log = slog.Default()
	s.space.SetScripting(lua.New(lua.DefaultLimits))
	s.space.OnCall(s.collect)
	for _, opt := range opts {
		opt(s)
	}
	s.Commands = Commands{s}
	s.space.OnChange(func(_ int, event, key string) {
		if event == "expired" && s.hasSubscribers(key) {
			go s.resync(key) // not under the Space's lock
		}
	})
	return s
}

// Do runs one command; see Commander.
func (s *Store) Do(ctx context.Context, args ...any) (any, error) { return doWith(ctx, s, args) }

// DoMulti runs commands with no other in between; see Commander.
func (s *Store) DoMulti(ctx context.Context, cmds ...Cmd) ([]Reply, error) {
	return doMultiWith(ctx, s, cmds)
}

// Advance moves the Store's clock forward by d: what would have expired by then
// is gone. The clock otherwise follows the time package's, also inside a
// testing/synctest bubble.
func (s *Store) Advance(d time.Duration) { s.space.Advance(d) }

// SetTime stops the Store's clock at t: what would have expired by then is gone, and
// from then on only Advance and SetTime move it. The zero time has it follow the
// time package's again.
func (s *Store) SetTime(t time.Time) { s.space.SetTime(t) }

// Now is the Store's clock: time.Now plus what Advance has added, or what SetTime
// has stopped it at.
func (s *Store) Now() time.Time { return s.space.Now() }

// Intercept has fn called before every command, its name in capitals, from
// whichever side it comes: to inject faults or latency in a test, or to audit. Where fn
// returns an error the command is not run and fails with it. A nil fn takes it away.
// What a script calls it is not asked about, nor what concerns a connection only, such
// as SUBSCRIBE.
func (s *Store) Intercept(fn func(ctx context.Context, cmd Cmd) error) {
	if fn == nil {
		s.intercept.Store(nil)
		return
	}
	s.intercept.Store(&fn)
}

func (s *Store) run(ctx context.Context, argv []string) (any, error) {
	v, err := s.exec(ctx, argv)
	if err == nil && s.concerns(argv) {
		s.changed([][]string{argv}, []Reply{{Val: v}})
	}
	return v, err
}

func (s *Store) runMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	replies, err := s.execMulti(ctx, cmds)
	if err == nil {
		s.changed(cmds, replies)
	}
	return replies, err
}

// exec runs a command that somebody else tells of, or nobody.
func (s *Store) exec(ctx context.Context, argv []string) (any, error) {
	if err := s.admit(ctx, argv); err != nil {
		return nil, err
	}
	v, err := s.runIn(ctx, 0, argv)
	if err != nil {
		return nil, responseError(err)
	}
	return v, nil
}

// runIn runs a command in a database, waits where it does, and until what it has
// changed is kept.
func (s *Store) runIn(ctx context.Context, db int, argv []string) (any, error) {
	cmd, err := keyspace.Find(argv)
	if err != nil {
		return nil, err
	}
	v, err := s.runCommand(ctx, db, cmd, argv)
	if cmd.MayChange() { // a script may have changed something and then failed
		if unsettled := s.disk.settle(); unsettled != nil && err == nil {
			err = unsettled
		}
	}
	return v, err
}

func (s *Store) runCommand(ctx context.Context, db int, cmd *keyspace.Command, argv []string) (any, error) {
	switch {
	case cmd.Flags&keyspace.Blocking != 0:
		return s.space.Wait(ctx, db, cmd, argv)
	case cmd.Flags&keyspace.Scripts != 0:
		v, err := s.runScript(db, cmd, argv)
		return keyspace.InRESP2(v), err
	}
	return s.space.Run(db, cmd, argv)
}

func (s *Store) execMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	replies := make([]Reply, len(cmds))
	for i, argv := range cmds {
		if replies[i].Err = s.admit(ctx, argv); replies[i].Err != nil && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	var called calls
	s.space.Atomically(0, func(run func([]string) (any, error)) {
		defer func() { called = s.takeCalled() }()
		for i, argv := range cmds {
			if replies[i].Err == nil {
				replies[i].Err = ctx.Err() // nobody waits for one who has gone
			}
			if replies[i].Err != nil {
				continue
			}
			v, err := run(argv)
			if err != nil {
				v, err = nil, responseError(err)
			} else if isScript(argv) {
				v = keyspace.InRESP2(v)
			}
			replies[i] = Reply{v, err}
		}
	})
	if err := s.disk.settle(); err != nil {
		return nil, err
	}
	s.changed(called.cmds, called.replies)
	return replies, nil
}

func (s *Store) admit(ctx context.Context, argv []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if fn := s.intercept.Load(); fn != nil && len(argv) > 0 {
		words := boxed(argv)
		words[0] = strings.ToUpper(argv[0])
		return (*fn)(ctx, words)
	}
	return nil
}

func (s *Store) meeting() *exchange { return &s.exchange }

func (s *Store) quiet() runner { return quietStore{s} }

func (s *Store) objects() runner { return storeObjects{s} }

// quietStore runs commands that others tell of.
type quietStore struct{ *Store }

func (s quietStore) run(ctx context.Context, argv []string) (any, error) { return s.exec(ctx, argv) }

func (s quietStore) runMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	return s.execMulti(ctx, cmds)
}

// storeObjects runs the commands of objects. Most Stores have no adapter at all.
type storeObjects struct{ *Store }

func (s storeObjects) run(ctx context.Context, argv []string) (any, error) {
	if s.owned.Load() == 0 {
		return s.exec(ctx, argv)
	}
	return objectCommands{s.Store, s.quiet()}.run(ctx, argv)
}

func (s storeObjects) runMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	return objectCommands{s.Store, s.quiet()}.runMulti(ctx, cmds)
}
