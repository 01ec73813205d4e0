package keyspace

import (
	"errors"
	"time"
)

// Snapshot is what a Space held at a moment. It is not changed any more: it shares
// with the Space, and with other Snapshots, what has not changed since.
//
// Containers copy by themselves what they share before they change it (see sequence,
// pages and btree's), once they know that it is shared: that is what clone tells them. To
// tell each object when a Snapshot is taken would take as long as there are keys. So
// an object knows in which epoch of its Space it was made, a Snapshot begins the
// next one, and a command that writes has an object of an earlier one cloned first.
type Snapshot struct {
	space  *Space
	dbs    [Databases]data
	code   []string // of the libraries of functions
	now    int64    // in Unix milliseconds, by the Space's clock
	offset int64
	fixed  *time.Time
}

// version is in each object.
type version struct{ epoch uint32 }

// made returns the epoch of its Space in which an object was made, 0 where it is in none
// yet.
func (v *version) made() *uint32 { return &v.epoch }

// stamp notes that an object is the Space's from now on, unless it has been before.
func (s *Space) stamp(obj any) {
	switch obj := obj.(type) {
	case string:
	case object:
		if made := obj.made(); *made == 0 {
			*made = s.epoch
		}
	}
}

// own returns what key holds, in it, so that it may be changed.
func (db *DB) own(key string, it *item) any {
	switch obj := it.obj.(type) {
	case string:
	case object:
		if *obj.made() != db.space.epoch {
			clone := obj.clone()
			db.put(key, clone)
			return clone
		}
	}
	return it.obj
}

func (d *data) clone() data {
	return data{keys: d.keys.clone(), volatile: d.volatile, deadlines: d.deadlines.clone()}
}

// Snapshot returns what the Space holds now, and what its clock is set to. It takes no
// longer for many keys than for few.
func (s *Space) Snapshot() *Snapshot { return s.SnapshotWith(func() {}) }

// SnapshotWith is Snapshot, and calls fn before anybody else is in the Space.
func (s *Space) SnapshotWith(fn func()) *Snapshot {
	s.lock()
	defer s.unlock()
	defer fn()
	snap := &Snapshot{space: s, now: s.nowMilli(), offset: s.offset.Load(), fixed: s.fixed.Load(), code: s.libraryCode()}
	s.epoch++
	for i, db := range s.dbs {
		snap.dbs[i] = db.data.clone()
	}
	return snap
}

// Restore has the Space hold again what it did, and its clock go, or stand, as it did.
// What time has passed since is over for keys with a deadline. It takes no longer
// for many keys than for few, and can be done again. It fails, and changes nothing, where
// a library of functions cannot be loaded, which is one that Load has read.
func (snap *Snapshot) Restore() error { return snap.RestoreIf(func() error { return nil }) }

// RestoreIf is Restore that asks first, when nobody else is in the Space: an error
// is returned and leaves all as it is.
func (snap *Snapshot) RestoreIf(may func() error) error {
	s := snap.space
	s.lock()
	defer s.unlock()
	before := s.libraryCode()
	if err := s.restoreLibraries(snap.code); err != nil {
		return err
	}
	if err := may(); err != nil {
		return errors.Join(err, s.restoreLibraries(before))
	}
	s.epoch++
	for i, db := range s.dbs {
		s.touchAll(i, &snap.dbs[i])
		db.data = snap.dbs[i].clone()
		s.readyIn(i)
	}
	s.flushed()
	s.offset.Store(snap.offset)
	s.fixed.Store(snap.fixed)
	s.clockMoved()
	return nil
}
