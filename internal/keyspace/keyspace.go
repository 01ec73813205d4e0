// Package keyspace is the engine behind the Store: data types, expiry and the
// table of commands. It knows no network and no objects. A command is looked
// up in the table by its name and run against one of the numbered databases
// of a Space; its reply is one of the kinds in reply.go, its error one of the
// texts in errors.go, both as Redis 7.0 gives them.
package keyspace

import (
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Databases is how many numbered databases a Space has, as a default Redis.
const Databases = 16

// Space is a set of numbered databases under one lock and one clock.
//
// The lock is held shared by read-only commands and exclusively by all
// others. A read-only command therefore changes nothing at all: where it
// meets a key whose time is over it takes it for absent and leaves it to the
// next writer or to the sweeper.
type Space struct {
	mu        sync.RWMutex
	exclusive bool      // the lock is held for writing: expired keys may be dropped, objects changed
	at        time.Time // when the lock was taken for writing, once somebody has asked
	epoch     uint32    // how many Snapshots there were, and one
	dbs       [Databases]*DB
	offset    atomic.Int64              // what Advance added to the clock, in nanoseconds
	fixed     atomic.Pointer[time.Time] // what SetTime fixed the clock at; nil while it goes
	sweep     *time.Timer               // runs sweepExpired at sweepAt; nil when nothing expires
	sweepAt   int64                     // in the Space's milliseconds; 0 when no sweep is due
	rand      *rand.Rand                // may be used under the shared lock: see lockedSource
	seconds   *seconds                  // see idle.go
	changed   func(db int, event, key string)
	called    func(db int, argv []string, reply any) // see OnCall
	writing   bool                                   // the command that runs, alone, looks at keys to change them
	events    atomic.Uint32                          // what is published: see Events
	publisher Publisher
	tracker   Tracker
	guard     Guard // nil where scripts may run all
	scripting Scripting
	watched   map[dbKey]map[*Watch]struct{}
	waiters   map[dbKey][]*Waiter // who came first first
	ready     []dbKey             // keys that have changed and that somebody waits for
	changes   uint64              // how many there were, of whatever kind
	log       Log
	record    []byte // for the log: see note
	replaying bool
}

// New returns an empty Space.
func New() *Space {
	s := &Space{seconds: new(seconds), epoch: 1}
	s.Seed(rand.Uint64())
	for i := range s.dbs {
		s.dbs[i] = newDB(s, i)
	}
	return s
}

// OnChange has fn called after each change of a key, with the name of the
// event as Redis's keyspace notifications call it ("set", "rpush", "del", …).
// fn runs under the Space's lock: it must be quick and must not call back.
// It is set once, before the first command.
func (s *Space) OnChange(fn func(db int, event, key string)) { s.changed = fn }

// Seed makes what the commands that throw dice answer repeatable. It is called
// before the first command.
func (s *Space) Seed(seed uint64) {
	s.rand = rand.New(&lockedSource{src: rand.NewPCG(seed, 0)})
}

// lockedSource lets readers, who share the Space's lock, share its dice too.
type lockedSource struct {
	mu  sync.Mutex
	src rand.Source
}

func (l *lockedSource) Uint64() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.src.Uint64()
}

// Run runs one command that Find returned, with argv[0] its name.
func (s *Space) Run(db int, cmd *Command, argv []string) (any, error) {
	if err := cmd.CheckArity(len(argv)); err != nil {
		return nil, err
	}
	if !cmd.MayChange() {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return unblocked(s.do(s.dbs[db], cmd, argv))
	}
	s.lock()
	defer s.unlock()
	return unblocked(s.do(s.dbs[db], cmd, argv))
}

// unblocked is the reply for whoever does not wait.
func unblocked(v any, err error) (any, error) {
	if _, ok := v.(blocked); ok {
		return nil, err
	}
	return v, err
}

// Do looks argv[0] up and runs the command.
func (s *Space) Do(db int, argv []string) (any, error) {
	cmd, err := Find(argv)
	if err != nil {
		return nil, err
	}
	return s.Run(db, cmd, argv)
}

// Atomically calls fn with nobody else in the Space. Through run, fn runs any
// number of commands; each fails or succeeds by itself.
func (s *Space) Atomically(db int, fn func(run func(argv []string) (any, error))) {
	s.Exec(nil, func(run func(db int, cmd *Command, argv []string) (any, error)) {
		fn(func(argv []string) (any, error) {
			cmd, err := Find(argv)
			if err != nil {
				return nil, err
			}
			if err := cmd.CheckArity(len(argv)); err != nil {
				return nil, err
			}
			return run(db, cmd, argv)
		})
	})
}

func (s *Space) lock() {
	s.mu.Lock()
	s.exclusive = true
}

func (s *Space) unlock() {
	if len(s.ready) > 0 {
		s.serve()
	}
	s.endRecord()
	s.scheduleSweep()
	s.exclusive = false
	s.at = time.Time{}
	s.mu.Unlock()
}

// Now is the Space's clock: the time package's, which is a bubble's own inside
// testing/synctest, plus what Advance has added; or what SetTime has fixed it at.
func (s *Space) Now() time.Time {
	if fixed := s.fixed.Load(); fixed != nil {
		return *fixed
	}
	return time.Now().Add(time.Duration(s.offset.Load()))
}

// now is Now for who has the lock. While it is held for writing the clock stands.
func (s *Space) now() time.Time {
	if !s.exclusive {
		return s.Now()
	}
	if s.at.IsZero() {
		s.at = s.Now()
	}
	return s.at
}

func (s *Space) nowMilli() int64 { return s.now().UnixMilli() }

// Advance moves the clock forward by d and drops what expired on the way. A
// negative d moves it back.
func (s *Space) Advance(d time.Duration) {
	s.lock()
	defer s.unlock()
	if fixed := s.fixed.Load(); fixed != nil {
		later := fixed.Add(d)
		s.fixed.Store(&later)
	} else {
		s.offset.Add(int64(d))
	}
	s.clockMoved()
}

// SetTime stops the clock at t and drops what has expired by then; from then on
// only Advance and SetTime move it. The zero time has it go again, from where the
// time package's is.
func (s *Space) SetTime(t time.Time) {
	s.lock()
	defer s.unlock()
	if t.IsZero() {
		s.fixed.Store(nil)
		s.offset.Store(0)
	} else {
		s.fixed.Store(&t)
	}
	s.clockMoved()
}

func (s *Space) clockMoved() {
	s.at = time.Time{}
	s.seconds.holds.Store(false)
	s.sweepAt = 0
	if !s.replaying {
		s.dropExpired(math.MaxInt)
	}
	s.endLate()
}

// DB is one numbered database.
//
// Keys lie in a dict (see there) so that SCAN and RANDOMKEY need no second
// structure. Deadlines lie twice: in the item, which is the truth, and in the
// deadlines heap, which only says where to look first. A heap entry whose key
// has another deadline by now is stale and is thrown away when it surfaces;
// when more than half of the heap is stale it is built anew.
type DB struct {
	space *Space
	index int
	data
}

// data is what SWAPDB swaps and FLUSHDB drops.
type data struct {
	keys      dict[item]
	volatile  int // how many keys have a deadline
	deadlines deadlineHeap
}

// item is what a key holds: obj is a string or an object. expire is the
// deadline in Unix milliseconds, 0 for none. used is when it was last used, and
// written by readers too: see idle.go.
type item struct {
	obj    any
	expire int64
	used   uint32
}

// object is a value that changes in place: *buffer, *list, *hash, *set, *zset,
// *stream.
// A string that was stored whole is a plain string instead: it lies in its
// interface as GET returns it.
type object interface {
	clone() any       // shares nothing with the original that can change
	made() *uint32    // see version
	size() int        // how many elements; 0 only for a string or a stream
	typeName() string // as TYPE says
	check() error     // see Space.Check
}

func newDB(s *Space, index int) *DB { return &DB{space: s, index: index} }

// get returns what key holds, or nil where it is absent or its time is over.
func (db *DB) get(key string) any { return db.lookup(key).obj }

// lookup is get with the deadline.
func (db *DB) lookup(key string) item {
	it := db.find(key)
	if it == nil {
		db.missed(key)
		return item{}
	}
	db.use(it)
	if db.space.exclusive {
		return item{obj: db.own(key, it), expire: it.expire}
	}
	return item{obj: it.obj, expire: it.expire}
}

// peek is lookup by commands that only ask about a key, which is no use of it.
func (db *DB) peek(key string) item {
	it := db.find(key)
	if it == nil {
		db.missed(key)
		return item{}
	}
	return item{obj: it.obj, expire: it.expire}
}

// find returns the item of a key, nil where it is absent or its time is over.
func (db *DB) find(key string) *item {
	it := db.keys.find(key)
	if it == nil || db.alive(it) {
		return it
	}
	if db.space.exclusive {
		db.expireKey(key)
	}
	return nil
}

// alive reports whether an item's time is not over.
func (db *DB) alive(it *item) bool {
	return it.expire == 0 || db.space.replaying || it.expire > db.space.nowMilli()
}

// each calls fn for the keys whose time is not over until it returns false. fn
// must not change the database.
func (db *DB) each(fn func(key string, it *item) bool) {
	db.keys.each(func(key string, it *item) bool { return !db.alive(it) || fn(key, it) })
}

// put gives key a new object and leaves its deadline as it was.
func (db *DB) put(key string, obj any) {
	if it := db.keys.edit(key); it != nil {
		db.space.stamp(obj)
		it.obj = obj
		return
	}
	db.keys.set(key, db.newItem(obj))
	db.created(key)
}

func (db *DB) newItem(obj any) item {
	db.space.stamp(obj)
	return item{obj: obj, used: db.space.second()}
}

// replace gives key a new object and takes its deadline away, as SET does.
func (db *DB) replace(key string, obj any) {
	it := db.keys.edit(key)
	if it == nil {
		db.keys.set(key, db.newItem(obj))
		db.created(key)
		return
	}
	if it.expire != 0 {
		db.volatile--
	}
	*it = db.newItem(obj)
}

// remove deletes key and reports whether it was there.
func (db *DB) remove(key string) bool {
	it, ok := db.keys.delete(key)
	if ok && it.expire != 0 {
		db.volatile--
	}
	return ok
}

// drop deletes key and tells of it.
func (db *DB) drop(key string) {
	if db.remove(key) {
		db.changed("del", key)
	}
}

// setExpire sets key's deadline in Unix milliseconds; 0 takes it away. The key
// need not exist.
func (db *DB) setExpire(key string, at int64) {
	it := db.keys.edit(key)
	if it == nil || it.expire == at {
		return
	}
	if it.expire != 0 {
		db.volatile--
	}
	it.expire = at
	if at == 0 {
		return
	}
	db.volatile++
	if db.deadlines.len() > 2*db.volatile+64 {
		db.rebuildDeadlines()
	} else {
		db.deadlines.push(deadline{at, key})
	}
}

func (db *DB) rebuildDeadlines() {
	db.deadlines = deadlineHeap{}
	db.keys.each(func(key string, it *item) bool {
		if it.expire != 0 {
			db.deadlines.push(deadline{it.expire, key})
		}
		return true
	})
}

// changed tells whoever listens that event happened to key. Every handler that
// changes a key says so once for each key and event.
func (db *DB) changed(event, key string) {
	db.touched(key)
	db.wake(key)
	db.notify(event, key)
}

// touched tells those who watch or track key that it is another one.
func (db *DB) touched(key string) {
	db.noted()
	if db.space.tracker != nil {
		db.space.tracker.Touched(key)
	}
	if len(db.space.watched) > 0 {
		db.space.touch(db.index, key)
	}
}

// wake has those who wait for key try again.
func (db *DB) wake(key string) {
	if len(db.space.waiters) > 0 && db.space.waiters[dbKey{db.index, key}] != nil {
		db.space.ready = append(db.space.ready, dbKey{db.index, key})
	}
}

// noted says that something is not as it was, though nobody is told.
func (db *DB) noted() { db.space.changes++ }

// dropIfEmpty deletes key when size, the length of its container after a
// removal, is 0: Redis keeps no empty containers.
func (db *DB) dropIfEmpty(key string, size int) {
	if size == 0 {
		db.drop(key)
	}
}

// flush forgets every key. Who waits for a stream to read on may hear that it has
// gone.
func (db *DB) flush() {
	db.data = data{}
	db.noted()
	db.space.readyIn(db.index)
}

// typed returns the object at key as a T: the zero T where the key is absent,
// ErrWrongType where it holds something else.
func typed[T any](db *DB, key string) (T, error) {
	var zero T
	obj := db.get(key)
	if obj == nil {
		return zero, nil
	}
	if t, ok := obj.(T); ok {
		return t, nil
	}
	return zero, ErrWrongType
}

// orNew is typed for a command that writes: where key is absent it stores and
// returns what make gives.
func orNew[T any](db *DB, key string, make func() T) (T, error) {
	obj := db.get(key)
	if obj == nil {
		t := make()
		db.put(key, t)
		return t, nil
	}
	if t, ok := obj.(T); ok {
		return t, nil
	}
	var zero T
	return zero, ErrWrongType
}
