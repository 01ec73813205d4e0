package znsocket

import "github.com/znsocket/znsocket/internal/keyspace"

// Snapshot is what a Store held at a moment: all databases, libraries of functions, and
// what its clock was set to. It does not change. It shares with the Store what has not
// changed since, so to take one and to go back to it takes no longer for many keys than
// for few.
type Snapshot struct {
	store *Store
	data  *keyspace.Snapshot
}

// Snapshot returns what the Store holds now.
func (s *Store) Snapshot() *Snapshot { return &Snapshot{s, s.space.Snapshot()} }

// Restore has the Store hold again what it did then. It can be done any number of times,
// so each test can begin with the same data. The clock is set back as well: what Advance
// has added since is taken off. Time that has passed by itself has passed, and keys whose
// time is over by then are gone.
//
// Who watches a key, waits for one or subscribed is told that it may have changed; a
// subscriber hears Resync. Scripts of EVAL, adapters and connections stay.
//
// It is an error where the Store has a directory that cannot be written; then nothing
// has changed.
func (s *Snapshot) Restore() error { return s.store.restore(s.data) }

// String returns the data in a form to be read, by key, as in
//
//	hash user:1, expires in 59m0s
//	    born: 1815
//	    name: Ada
//	list jobs
//	    first
//	    second
//
// Texts beyond 256 bytes and elements beyond 100 of a key are left out, and said to be.
// Libraries of functions are not in it, nor in Diff.
func (s *Snapshot) String() string { return s.data.String() }

// Diff returns what is otherwise in a later Snapshot, of this Store or of another, in
// the form of String: each key that differs, what it no longer has behind "-" and what
// it has now behind "+". It is empty where both hold the same, deadlines included.
func (s *Snapshot) Diff(later *Snapshot) string { return s.data.Diff(later.data) }
