package znsocket

import (
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/znsocket/znsocket/internal/journal"
	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/resp"
)

// SyncPolicy says how soon what a Store of a directory has changed is safe from a loss of
// power, or a crash of the operating system. The end of the program itself, be it by
// kill -9, loses nothing that was acknowledged under any policy.
type SyncPolicy int

// The policies, which Redis calls appendfsync everysec, always and no.
const (
	SyncEverySecond = SyncPolicy(journal.SyncEverySecond) // a second at most is lost
	SyncAlways      = SyncPolicy(journal.SyncAlways)      // nothing that was acknowledged is lost
	SyncNever       = SyncPolicy(journal.SyncNever)       // the operating system decides
)

// String is the policy in Redis's words: everysec, always or no.
func (p SyncPolicy) String() string {
	switch p {
	case SyncEverySecond:
		return "everysec"
	case SyncAlways:
		return "always"
	case SyncNever:
		return "no"
	}
	return fmt.Sprintf("SyncPolicy(%d)", int(p))
}

// WithSync sets the policy of a Store that OpenStore opens; the default is
// SyncEverySecond.
func WithSync(p SyncPolicy) StoreOption { return func(s *Store) { s.disk.sync = p } }

// WithStoreLogger sends there what a Store that OpenStore opens has to say of its
// directory; the default is slog.Default.
func WithStoreLogger(l *slog.Logger) StoreOption { return func(s *Store) { s.disk.log = l } }

// DamageError says where a file of a Store's directory is not as it was written.
type DamageError = journal.DamageError

// ErrInUse is why OpenStore does not open a directory that another Store has, in this
// program or another one.
var ErrInUse = journal.ErrLocked

// OpenStore returns a Store that keeps its data in a directory, which it makes if there is
// none: all that was acknowledged is there when it is opened again, however the program
// has ended. Each change is written to a log before it is acknowledged; when the log
// has grown to twice what it began with, and 64 MiB at least, it is written anew in the
// background.
//
// A write at the end of the log that the program did not live to finish, and that was
// never acknowledged, is cut off, and the logger is told. Any other damage is a
// *DamageError, or a *LoadError where it is in the file of a snapshot. While the log
// cannot be written, when the disk is full for instance, what would change data is
// refused, and reads go on.
//
// Of a clock that was set by SetTime or Advance the directory knows nothing. Close closes
// the Store.
func OpenStore(dir string, opts ...StoreOption) (*Store, error) {
	s := NewStore(opts...)
	if p := s.disk.sync; p < SyncEverySecond || p > SyncNever {
		return nil, fmt.Errorf("cannot open the store in %s: there is no %v", dir, p)
	}
	s.space.BeginReplay()
	j, err := journal.Open(dir, journal.Sync(s.disk.sync), func(r io.Reader) error {
		data, err := s.space.Load(r)
		if err == nil {
			err = data.Restore()
		}
		return err
	}, s.space.Replay)
	if err != nil {
		return nil, fmt.Errorf("cannot open the store in %s: %w", dir, err)
	}
	if torn := j.Torn(); torn != nil {
		s.disk.log.Warn(torn.String())
	}
	s.disk.journal = j
	s.disk.saved.L = &s.disk.mu
	s.disk.lastSave = time.Now()
	s.space.SetLog(storeLog{s})
	s.space.EndReplay() // with the log, which is told what is over by now
	return s, nil
}

// Close ends the Store's use of its directory, and says whether all of it is safe there.
// What would change data is refused from then on. A Store without a directory
// needs no Close.
func (s *Store) Close() error {
	d := &s.disk
	if d.journal == nil {
		return nil
	}
	d.closing.Do(func() {
		d.mu.Lock()
		d.over = true
		for d.saving {
			d.saved.Wait()
		}
		d.mu.Unlock()
		d.closed = d.journal.Close()
	})
	return d.closed
}

// storeDisk is the directory of a Store, if it has one.
type storeDisk struct {
	journal *journal.Journal // nil without
	sync    SyncPolicy
	log     *slog.Logger

	mu       sync.Mutex
	saving   bool
	saved    sync.Cond // signalled when saving ends
	over     bool      // nothing is to be saved any more
	failed   bool      // whether the last save did
	tried    time.Time // when that began
	lastSave time.Time // when the last one that did not fail ended, or the Store was opened

	closing sync.Once
	closed  error // what Close returns
}

// settle returns when all that was changed so far is in the log, as the policy has it.
func (d *storeDisk) settle() error {
	if d.journal == nil {
		return nil
	}
	if err := d.journal.Wait(d.journal.End()); err != nil {
		return responseError(keyspace.LogError(err))
	}
	return nil
}

// storeLog is the log of a Store's Space.
type storeLog struct{ *Store }

// leastLog is how long a log becomes before it is written anew.
const leastLog = 64 << 20

func (l storeLog) Append(record []byte) {
	j := l.disk.journal
	j.Append(record)
	if log, snapshot := j.Sizes(); log > max(leastLog, snapshot) && l.disk.maySave() {
		_ = l.beginSave()
	}
}

func (l storeLog) Err() error { return l.disk.journal.Err() }

// maySave reports whether a save may begin by itself: one that failed is not tried
// again at once.
func (d *storeDisk) maySave() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.saving && (!d.failed || time.Since(d.tried) > time.Minute)
}

// begin makes the caller the one who saves, and end ends that. While the log cannot be
// written nobody saves: each would begin a segment.
func (d *storeDisk) begin() error {
	err := d.journal.Err()
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.saving || d.over:
		return resp.ErrSaving
	case err != nil:
		return err
	}
	d.saving, d.tried = true, time.Now()
	return nil
}

func (d *storeDisk) end(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.saving, d.failed = false, err != nil
	if err == nil {
		d.lastSave = time.Now()
	}
	d.saved.Broadcast()
}

// saveNow writes the log anew: a snapshot takes its place.
func (s *Store) saveNow() error {
	if err := s.disk.begin(); err != nil {
		return err
	}
	return s.save()
}

// beginSave is saveNow in the background.
func (s *Store) beginSave() error {
	if err := s.disk.begin(); err != nil {
		return err
	}
	go func() { _ = s.save() }() // an error is logged
	return nil
}

// save is for who has begun.
func (s *Store) save() error {
	j := s.disk.journal
	var segment uint64
	snap := s.space.SnapshotWith(func() { segment = j.Cut() })
	err := j.Snapshot(segment, snap.Save)
	if err != nil {
		s.disk.log.Error("the log of the store cannot be written anew", "err", err)
	}
	s.disk.end(err)
	return err
}

// storeKeeper is a Store's directory for the Redis protocol.
type storeKeeper struct{ *Store }

func (k storeKeeper) Settle() error    { return k.disk.settle() }
func (k storeKeeper) Save() error      { return k.saveNow() }
func (k storeKeeper) BeginSave() error { return k.beginSave() }

func (k storeKeeper) Status() resp.KeeperStatus {
	d := &k.disk
	log, snapshot := d.journal.Sizes()
	d.mu.Lock()
	defer d.mu.Unlock()
	return resp.KeeperStatus{
		Saving: d.saving, SaveFailed: d.failed, WriteFailed: d.journal.Err() != nil,
		Saved: d.lastSave, LogSize: log, SnapshotSize: snapshot,
		Sync: d.sync.String(),
	}
}
