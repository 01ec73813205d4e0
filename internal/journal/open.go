package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
)

// Torn tells of the end of a log that was cut off: a write that its process did not
// live to finish, of which nobody was told that it was done.
type Torn struct {
	File   string
	Offset int64 // where the log ends now
	Bytes  int64 // how many were cut off
}

func (t *Torn) String() string {
	return fmt.Sprintf("%s ended in a write that was not finished: %d bytes from byte %d on were cut off", t.File, t.Bytes, t.Offset)
}

// DamageError says where a file is not as it was written. Nothing was changed.
type DamageError struct {
	File   string
	Offset int64
	Reason string
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("%s is damaged at byte %d: %s", e.File, e.Offset, e.Reason)
}

// Open opens the journal in a directory, which it makes if there is none. It has
// restore read the snapshot, if there is one, and then replay each record since. A
// record is replay's only while that runs.
func Open(dir string, policy Sync, restore func(io.Reader) error, replay func(record []byte) error) (*Journal, error) {
	unlock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	j, err := open(osDisk{dir}, policy, restore, replay)
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	j.unlock = unlock
	return j, nil
}

func open(d disk, policy Sync, restore func(io.Reader) error, replay func(record []byte) error) (*Journal, error) {
	files, err := listFiles(d)
	if err != nil {
		return nil, err
	}
	j := &Journal{disk: d, sync: policy, sizes: map[uint64]int64{}, stop: make(chan struct{})}
	j.moved.L = &j.mu
	if files.base > 0 {
		if err := j.restore(files.base, restore); err != nil {
			return nil, err
		}
	}
	for i, segment := range files.segments {
		if err := j.replay(segment, i == len(files.segments)-1, replay); err != nil {
			return nil, err
		}
	}
	if j.file == nil { // a new directory, or one whose only segment has no begin
		j.segment = max(j.segment, 1)
		if j.file, err = beginSegment(d, j.segment); err != nil {
			return nil, err
		}
		j.size = int64(len(segmentMagic))
		j.count(j.segment, j.size)
	}
	j.next = j.segment
	if err := files.removeOld(d); err != nil {
		return nil, errors.Join(err, j.file.Close())
	}
	j.stopped.Go(j.everySecond)
	return j, nil
}

// journalFiles are the files of a directory that count, and those that do not any
// more.
type journalFiles struct {
	base     uint64 // of the snapshot, 0 where there is none
	segments []uint64
	old      []string
}

func listFiles(d disk) (journalFiles, error) {
	names, err := d.list()
	if err != nil {
		return journalFiles{}, err
	}
	var f journalFiles
	var snapshots, segments []uint64
	for _, name := range names {
		switch n, kind := parseName(name); kind {
		case segmentSuffix:
			segments = append(segments, n)
		case snapshotSuffix:
			snapshots = append(snapshots, n)
		case temporarySuffix:
			f.old = append(f.old, name)
		}
	}
	slices.Sort(segments)
	if len(snapshots) > 0 {
		f.base = slices.Max(snapshots)
	}
	for _, n := range snapshots {
		if n < f.base {
			f.old = append(f.old, snapshotName(n))
		}
	}
	for _, n := range segments {
		if n < f.base {
			f.old = append(f.old, segmentName(n))
		} else {
			f.segments = append(f.segments, n)
		}
	}
	if f.base == 0 && len(f.segments) == 0 {
		return f, nil
	}
	for i, want := 0, max(f.base, 1); i < max(len(f.segments), 1); i, want = i+1, want+1 {
		if i >= len(f.segments) || f.segments[i] != want {
			return f, &DamageError{d.path(segmentName(want)), 0, "the file is missing"}
		}
	}
	return f, nil
}

// removeOld removes what a process that ended while it made a snapshot has left.
func (f journalFiles) removeOld(d disk) error {
	for _, name := range f.old {
		if err := d.remove(name); err != nil {
			return err
		}
	}
	return nil
}

func (j *Journal) restore(base uint64, restore func(io.Reader) error) error {
	f, size, err := j.disk.open(snapshotName(base))
	if err != nil {
		return err
	}
	defer f.Close()
	j.base = base
	j.snapshot.Store(size)
	if err := restore(bufio.NewReaderSize(f, blockSize)); err != nil {
		return fmt.Errorf("%s: %w", j.disk.path(snapshotName(base)), err)
	}
	return nil
}

// replay reads a segment. The last one stays open, and is where the journal goes on.
func (j *Journal) replay(segment uint64, last bool, replay func([]byte) error) error {
	f, size, err := j.disk.open(segmentName(segment))
	if err != nil {
		return err
	}
	r := segmentReader{file: f, path: j.disk.path(segmentName(segment)), segment: segment, size: size}
	end, err := r.read(replay)
	var damage *DamageError
	if last && errors.As(err, &damage) && damage.Offset == end {
		if err = r.nothingBehind(end, damage); err == nil {
			j.torn = &Torn{r.path, end, size - end}
		}
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	j.count(segment, end)
	if !last {
		return f.Close()
	}
	j.segment = segment
	if end == 0 { // not even its begin is there: it begins again
		if size == 0 {
			j.torn = nil
		}
		return f.Close()
	}
	j.file, j.size = f, end
	if err := j.cutTo(end); err != nil {
		return errors.Join(err, f.Close())
	}
	return nil
}

// segmentReader reads a segment from its begin to its end.
type segmentReader struct {
	file    file
	path    string
	segment uint64
	size    int64
}

// read has replay called for each record, and returns the place behind the last block
// that is right. A DamageError there says what is wrong with what follows.
func (r *segmentReader) read(replay func([]byte) error) (end int64, err error) {
	in := bufio.NewReaderSize(io.NewSectionReader(r.file, 0, r.size), blockSize)
	begin := make([]byte, min(r.size, int64(len(segmentMagic))))
	if _, err := io.ReadFull(in, begin); err != nil {
		return 0, err
	}
	if string(begin) != segmentMagic {
		version := len(segmentMagic) - 1
		if len(begin) == len(segmentMagic) && string(begin[:version]) == segmentMagic[:version] && begin[version] != 0 {
			return 0, fmt.Errorf("%s is a log of version %d, and this program knows version %d", r.path, begin[version], segmentMagic[version])
		}
		return 0, r.damage(0, "it does not begin as a log does")
	}
	var records bytes.Buffer
	for end = int64(len(segmentMagic)); end < r.size; {
		var head [headerSize]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			if err == io.ErrUnexpectedEOF {
				return end, r.damage(end, "a block has no whole header")
			}
			return end, err
		}
		h, ok := readHeader(head[:], r.segment, end, r.size-end-headerSize)
		if !ok {
			return end, r.damage(end, "there is no header of a block")
		}
		records.Reset()
		if _, err := io.CopyN(&records, in, h.size); err != nil {
			return end, err
		}
		if crc32.Checksum(records.Bytes(), castagnoli) != h.sum {
			return end, r.damage(end, "the checksum of a block is wrong")
		}
		for rest := records.Bytes(); len(rest) > 0; {
			record, more, ok := nextRecord(rest)
			if !ok {
				return end, fmt.Errorf("%s: the block at byte %d has no whole records", r.path, end)
			}
			if err := replay(record); err != nil {
				return end, fmt.Errorf("%s: a record of the block at byte %d: %w", r.path, end, err)
			}
			rest = more
		}
		if records.Cap() > 4*blockSize {
			records = bytes.Buffer{}
		}
		end += headerSize + h.size
	}
	return end, nil
}

func (r *segmentReader) damage(offset int64, reason string) error {
	return &DamageError{r.path, offset, reason}
}

// nothingBehind returns damage, which is at a place, where a block that is right
// follows it somewhere: then it is no write that was not finished.
func (r *segmentReader) nothingBehind(place int64, damage *DamageError) error {
	window := make([]byte, 1<<16)
	for offset := place + 1; offset+headerSize <= r.size; offset += int64(len(window)) - headerSize + 1 {
		part := window[:min(int64(len(window)), r.size-offset)]
		if _, err := r.file.ReadAt(part, offset); err != nil {
			return err
		}
		for i := 0; i+headerSize <= len(part); i++ {
			at := offset + int64(i)
			h, ok := readHeader(part[i:], r.segment, at, r.size-at-headerSize)
			if !ok {
				continue
			}
			sum := crc32.New(castagnoli)
			if _, err := io.Copy(sum, io.NewSectionReader(r.file, at+headerSize, h.size)); err != nil {
				return err
			}
			if sum.Sum32() == h.sum {
				damage.Reason += fmt.Sprintf(", and at byte %d there is one that is right", at)
				return damage
			}
		}
	}
	return nil
}
