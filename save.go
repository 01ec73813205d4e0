package znsocket

import (
	"io"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// Save writes all that the Store holds now, for Load. It is one moment of the Store, and
// holds nobody up: who changes data meanwhile does not change what is written.
//
// The form is a sequence of CBOR items with a version and checksums, which later
// versions of this package read too.
func (s *Store) Save(w io.Writer) error { return s.space.Snapshot().Save(w) }

// Load puts what Save has written in the place of all that the Store holds. It is read
// to the end first: after an error, a *LoadError, the Store is as it was.
//
// Who watches a key, waits for one or subscribed is told that it may have changed; a
// subscriber hears Resync.
func (s *Store) Load(r io.Reader) error {
	data, err := s.space.Load(r)
	if err != nil {
		return err
	}
	return s.restore(data)
}

// restore puts other data in the place of the Store's, also in its directory.
func (s *Store) restore(data *keyspace.Snapshot) error {
	var err error
	if s.disk.journal == nil {
		err = data.Restore()
	} else {
		err = s.disk.journal.Replace(data.Save, data.RestoreIf)
	}
	if err == nil {
		s.loseAll()
	}
	return err
}

// LoadError says from which byte on what Load reads is not what Save has written. Its
// Err is one of the errors below, or that of the reader.
type LoadError = keyspace.LoadError

// What may be wrong with what Load reads.
var (
	ErrNotSaved     = keyspace.ErrNotSaved     // it is something else
	ErrSaveVersion  = keyspace.ErrSaveVersion  // a later version of this package has written it
	ErrSaveCutShort = keyspace.ErrSaveCutShort // its end is missing
	ErrSaveDamaged  = keyspace.ErrSaveDamaged  // it is not as it was written
)
