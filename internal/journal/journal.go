// Package journal keeps records in a directory: a log of them, and a snapshot that
// stands for all that came before the log. What is in a record, and in a snapshot, is
// its user's matter.
//
// The directory has these files, of which the numbers begin with 1:
//
//	lock          held by the process that has the journal open
//	N.snapshot    what all records in segments before N have come to
//	N.log         a segment: the records from there on, see block.go
//	*.tmp         a snapshot that is being written
//
// Segment N is there before snapshot N, and what is older goes after it: so there are
// always a snapshot, or none and segment 1, and all segments that follow it.
package journal

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Sync says when what is written is also made safe from a loss of power: the process
// itself may be killed at any time.
type Sync int

// The policies, which Redis calls appendfsync.
const (
	SyncEverySecond Sync = iota // within a second
	SyncAlways                  // before Wait returns
	SyncNever                   // when the operating system does
)

// ErrClosed is returned after Close, and ErrLocked by Open where another journal has
// the directory.
var (
	ErrClosed = errors.New("the journal is closed")
	ErrLocked = errors.New("it is in use already")
)

// Journal is an open journal. Records get their places by Append, which only keeps them
// in memory; Wait returns when they are in the file. Of those who wait one writes for
// all, and meanwhile the next block gathers.
type Journal struct {
	disk   disk
	unlock func() error
	sync   Sync
	torn   *Torn

	mu      sync.Mutex
	moved   sync.Cond // something below has changed that others wait for
	pending []block   // not yet written, the oldest first
	spare   []byte    // the memory of a block that was written
	next    uint64    // the segment for what is appended
	end     int64     // the place behind what was appended
	done    int64     // the place behind what Wait need not wait for
	busy    bool      // somebody writes, and has what is below to himself
	syncing bool      // somebody syncs the file, which must stay open
	dirty   bool      // the file has what was not synced
	closed  bool
	failure failure
	sizes   map[uint64]int64 // of the segments since the last snapshot

	segment uint64 // that is written to
	file    file
	size    int64 // of the file

	failed     atomic.Bool  // whether there is a failure: Err is asked before each write
	logged     atomic.Int64 // what sizes come to
	snapshot   atomic.Int64 // bytes of the last snapshot
	checkpoint sync.Mutex   // held by who makes a snapshot; guards base
	base       uint64       // the number of the last snapshot
	stop       chan struct{}
	stopped    sync.WaitGroup
}

// failure is why the journal takes nothing more. A write that failed is tried again,
// as there may be room by then. After a sync that failed nobody knows what is on the
// disk, so that is for ever.
type failure struct {
	err     error
	forever bool
	tried   time.Time
}

// retryAfter is how long a write that failed is not tried again.
const retryAfter = time.Second

// Append appends a record, which must not be empty. The order of calls is that of
// the records.
func (j *Journal) Append(record []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	last := len(j.pending) - 1
	if last < 0 || j.pending[last].isFull() || j.pending[last].segment != j.next {
		j.pending = append(j.pending, newBlock(j.next, j.spare))
		j.spare = nil
		last++
	}
	j.pending[last].add(record)
	j.end += int64(len(record))
	j.pending[last].end = j.end
}

// End is the place behind all records so far.
func (j *Journal) End() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.end
}

// Wait returns when all records before a place are in the file, and on the disk where
// that is the policy. After an error it is not known which of them are.
func (j *Journal) Wait(place int64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.done < place {
		switch {
		case j.failure.err != nil:
			return j.failure.err
		case j.busy:
			j.moved.Wait()
		default:
			j.writeNext()
		}
	}
	return nil
}

// Err is why nothing can be written, or nil. Once in a while it tries again.
func (j *Journal) Err() error {
	if !j.failed.Load() {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if f := j.failure; f.err != nil && !f.forever && !j.busy && time.Since(f.tried) >= retryAfter {
		j.writeNext()
	}
	return j.failure.err
}

// writeNext writes the oldest block. Called with the lock held, which it gives away
// meanwhile, and with nobody busy.
func (j *Journal) writeNext() {
	b := j.pending[0]
	j.pending = slices.Delete(j.pending, 0, 1)
	j.busy = true
	for j.syncing && b.segment != j.segment {
		j.moved.Wait()
	}
	j.mu.Unlock()
	err := j.write(&b)
	j.mu.Lock()
	j.busy = false
	j.moved.Broadcast()
	j.count(j.segment, j.size)
	if err != nil {
		j.pending = slices.Insert(j.pending, 0, b)
		j.fail(err)
		return
	}
	if !j.failure.forever {
		j.failure = failure{}
		j.failed.Store(false)
	}
	j.done = b.end
	j.dirty = j.sync != SyncAlways
	if cap(b.data) <= 2*blockSize {
		j.spare = b.data
	}
}

// count notes how many bytes a segment has.
func (j *Journal) count(segment uint64, size int64) {
	j.logged.Add(size - j.sizes[segment])
	j.sizes[segment] = size
}

// fail notes why the journal takes nothing more.
func (j *Journal) fail(err error) {
	if j.failure.forever {
		return
	}
	var unsure unsureError
	j.failure = failure{err: err, forever: errors.As(err, &unsure), tried: time.Now()}
	j.failed.Store(true)
	j.moved.Broadcast()
}

// unsureError is an error after which it is not known what the file holds.
type unsureError struct{ error }

func (e unsureError) Unwrap() error { return e.error }

// write writes a block, in a new segment where it is the first of that.
func (j *Journal) write(b *block) error {
	if b.segment != j.segment {
		if err := j.roll(b.segment); err != nil {
			return err
		}
	}
	if b.isEmpty() {
		return nil
	}
	data := b.seal(j.size)
	n, err := j.file.Write(data)
	if err != nil {
		if n > 0 {
			if cut := j.cutTo(j.size); cut != nil {
				return unsureError{fmt.Errorf("%w, and what was written of it cannot be taken back: %w", err, cut)}
			}
		}
		return err
	}
	j.size += int64(n)
	if j.sync == SyncAlways {
		if err := j.file.Sync(); err != nil {
			return unsureError{err}
		}
	}
	return nil
}

// cutTo takes back what lies behind a place in the file.
func (j *Journal) cutTo(size int64) error {
	if err := j.file.Truncate(size); err != nil {
		return err
	}
	_, err := j.file.Seek(size, io.SeekStart)
	return err
}

// roll begins a segment. The one before is made safe first: what follows must not be
// on the disk without it.
func (j *Journal) roll(segment uint64) error {
	if err := j.file.Sync(); err != nil {
		return unsureError{err}
	}
	next, err := beginSegment(j.disk, segment)
	if err != nil {
		return err
	}
	_ = j.file.Close() // it is on the disk
	j.file, j.segment, j.size = next, segment, int64(len(segmentMagic))
	return nil
}

// beginSegment makes the file of a segment, again where an attempt has failed.
func beginSegment(d disk, segment uint64) (file, error) {
	f, err := d.create(segmentName(segment))
	if err != nil {
		return nil, err
	}
	_, err = f.Write([]byte(segmentMagic))
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = d.sync()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// everySecond runs until the journal is closed. It writes what nobody waits for, lest that
// gather in memory, and syncs the file where that is the policy.
func (j *Journal) everySecond() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-j.stop:
			return
		case <-tick.C:
			_ = j.Wait(j.End()) // after an error it is there still
			if j.sync == SyncEverySecond {
				j.syncNow()
			}
		}
	}
}

func (j *Journal) syncNow() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.busy { // it may be about to close the file
		j.moved.Wait()
	}
	if !j.dirty || j.failure.forever {
		return
	}
	f := j.file
	j.dirty, j.syncing = false, true
	j.mu.Unlock()
	err := f.Sync()
	j.mu.Lock()
	j.syncing = false
	j.moved.Broadcast()
	if err != nil {
		j.fail(unsureError{err})
	}
}

// Close writes what is left, and makes all safe.
func (j *Journal) Close() error {
	j.checkpoint.Lock() // one that is being made ends first
	defer j.checkpoint.Unlock()
	err := j.Wait(j.End())
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return ErrClosed
	}
	j.closed = true
	j.fail(unsureError{ErrClosed}) // what comes after is not written
	for j.busy || j.syncing {
		j.moved.Wait()
	}
	j.mu.Unlock()
	close(j.stop)
	j.stopped.Wait()
	if err == nil {
		err = j.file.Sync()
	}
	return errors.Join(err, j.file.Close(), j.unlock())
}

// Torn is what was cut from the end of the log when it was opened, nil if nothing was.
func (j *Journal) Torn() *Torn { return j.torn }

// Sizes are how many bytes the log has since the last snapshot, and how many that
// snapshot has.
func (j *Journal) Sizes() (log, snapshot int64) { return j.logged.Load(), j.snapshot.Load() }
