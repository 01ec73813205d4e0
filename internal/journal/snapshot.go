package journal

import (
	"bufio"
	"errors"
	"io"
)

// A snapshot takes the place of the log before it in these steps, and a process that
// ends between any two of them leaves a directory that reads the same:
//
//  1. a new segment begins, in which all further records are
//  2. the snapshot is written to a file with a name of its own, and synced
//  3. it gets its name, and the directory is synced
//  4. older segments and snapshots are removed

// Cut has all that is appended from now on be in a new segment, and returns its
// number, for Snapshot. The snapshot must have what was appended before, and no more,
// so its user calls Cut when nobody appends.
func (j *Journal) Cut() (segment uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.next++
	j.end++
	b := newBlock(j.next, nil) // though nothing may follow
	b.end = j.end
	j.pending = append(j.pending, b)
	return j.next
}

// Snapshot puts what write writes in the place of all records before a segment.
func (j *Journal) Snapshot(segment uint64, write func(io.Writer) error) error {
	j.checkpoint.Lock()
	defer j.checkpoint.Unlock()
	if segment <= j.base { // Replace has come first
		return nil
	}
	if err := j.Wait(j.End()); err != nil {
		return err
	}
	size, err := j.prepare(write)
	if err != nil {
		return err
	}
	if err := j.publish(segment); err != nil {
		return err
	}
	j.base = segment
	j.snapshot.Store(size)
	return j.prune(segment)
}

// Replace puts what write writes in the place of all records so far. swap is called
// when nothing but publish is left to do: it has nobody append, calls publish, and
// where that succeeds goes on with what write has written.
func (j *Journal) Replace(write func(io.Writer) error, swap func(publish func() error) error) error {
	j.checkpoint.Lock()
	defer j.checkpoint.Unlock()
	if err := j.Err(); err != nil { // the directory may be another one's by now
		return err
	}
	size, err := j.prepare(write)
	if err != nil {
		return err
	}
	var segment uint64
	err = swap(func() error {
		segment = j.Cut()
		if err := j.Wait(j.End()); err != nil {
			return err
		}
		return j.publish(segment)
	})
	if err != nil {
		return errors.Join(err, j.removeTemporary())
	}
	j.base = segment
	j.snapshot.Store(size)
	_ = j.prune(segment) // what is left is removed when the journal is opened again
	return nil
}

const temporaryName = "snapshot" + temporarySuffix

// prepare writes a snapshot that has no name yet.
func (j *Journal) prepare(write func(io.Writer) error) (size int64, err error) {
	f, err := j.disk.create(temporaryName)
	if err != nil {
		return 0, err
	}
	out := bufio.NewWriterSize(f, 1<<16)
	if err = write(out); err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		size, err = f.Seek(0, io.SeekCurrent)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, errors.Join(err, j.removeTemporary())
	}
	return size, nil
}

func (j *Journal) removeTemporary() error { return j.disk.remove(temporaryName) }

func (j *Journal) publish(segment uint64) error {
	if err := j.disk.rename(temporaryName, snapshotName(segment)); err != nil {
		return err
	}
	if err := j.disk.sync(); err != nil { // it may be there after a loss of power, or not
		err = unsureError{err}
		j.mu.Lock()
		defer j.mu.Unlock()
		j.fail(err)
		return err
	}
	return nil
}

// prune removes what a snapshot stands for.
func (j *Journal) prune(segment uint64) error {
	j.mu.Lock()
	for n := range j.sizes {
		if n < segment {
			j.count(n, 0)
			delete(j.sizes, n)
		}
	}
	j.mu.Unlock()
	names, err := j.disk.list()
	if err != nil {
		return err
	}
	for _, name := range names {
		if n, kind := parseName(name); n < segment && (kind == segmentSuffix || kind == snapshotSuffix) {
			if err := j.disk.remove(name); err != nil {
				return err
			}
		}
	}
	return j.disk.sync()
}
