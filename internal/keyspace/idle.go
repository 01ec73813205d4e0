package keyspace

import (
	"sync/atomic"
	"time"
)

// When a key was last used is known to the second, and only OBJECT IDLETIME asks. To
// read a clock for each use would cost a good part of a GET, so the second is read
// once and holds until a timer, which only runs while keys are used, says that it is
// over. It lies apart from the Space, which the timer must not keep.
type seconds struct {
	now   atomic.Uint32 // the Unix time, as far as 32 bits have it
	holds atomic.Bool
}

// second is the Space's clock in seconds, which may be one behind.
func (s *Space) second() uint32 {
	if !s.seconds.holds.Load() {
		s.seconds.now.Store(uint32(s.Now().Unix()))
		if clock := s.seconds; clock.holds.CompareAndSwap(false, true) {
			time.AfterFunc(time.Second, func() { clock.holds.Store(false) })
		}
	}
	return s.seconds.now.Load()
}

// use notes that an item is used now. Readers share the lock, so they write it
// together and read it only to see whether they have to.
func (db *DB) use(it *item) {
	if now := db.space.second(); atomic.LoadUint32(&it.used) != now {
		atomic.StoreUint32(&it.used, now)
	}
}

// idle returns for how many seconds a key that is there has not been used.
func (db *DB) idle(key string) int32 {
	it := db.keys.find(key)
	return max(int32(db.space.second()-atomic.LoadUint32(&it.used)), 0)
}
