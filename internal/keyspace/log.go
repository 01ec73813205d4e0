package keyspace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Log is told of all that changes a Space, so that another one can be made that holds
// the same: see SetLog and Replay.
type Log interface {
	// Append takes a record. It is called under the Space's lock, in the order of the
	// changes, and the record is the Space's again afterwards.
	Append(record []byte)
	// Err is why nothing can be appended, so that nothing is to be changed.
	Err() error
}

// A record is what was done while one had the lock: a command, a transaction, a script
// with all that it called, or a sweep. It has when that was, in Unix milliseconds, and
// then calls: a database, how many words there are, and the words, each behind its
// length. All numbers are as encoding/binary has them in variable length.
//
// To do the same to what was the same comes to the same, because
//
//   - the clock stands while one has the lock, and at a replay it stands there again;
//   - a key whose time is over is deleted by a call of its own, before what met it or
//     in a sweep, and at a replay no time is ever over otherwise. So it is no matter
//     that the clock may have gone back since;
//   - what a command has taken by its dice, its call has by name;
//   - a script is not there, but the commands that it called; a command that waited is
//     there when it was served, behind that which served it, and waits no more.
//
// A command that changed nothing has no call.

// SetLog has l told of all that changes from now on. It is set once, when nobody uses
// the Space.
func (s *Space) SetLog(l Log) { s.log = l }

// do runs a command, with the lock held as it needs. A script's commands run within its
// own.
func (s *Space) do(db *DB, cmd *Command, argv []string) (any, error) {
	if s.exclusive {
		outer := s.writing
		s.writing = cmd.Flags&(Read|Write) == Write
		defer func() { s.writing = outer }()
	}
	if s.log == nil || cmd.Flags&Scripts != 0 {
		return cmd.run(db, argv)
	}
	if cmd.Flags&Write != 0 {
		if err := s.mayChange(); err != nil {
			return nil, err
		}
	}
	before := s.changes
	v, err := cmd.run(db, argv)
	if s.changes != before {
		if cmd.Flags&(Write|Random) == Write|Random {
			argv = withoutDice(argv, v)
		}
		s.note(db.index, argv...)
	}
	return v, err
}

// mayChange is why nothing is to be changed now, or nil.
func (s *Space) mayChange() error {
	if s.log == nil {
		return nil
	}
	if err := s.log.Err(); err != nil {
		return LogError(err)
	}
	return nil
}

// withoutDice is SPOP as the SREM that does the same.
func withoutDice(argv []string, popped any) []string {
	call := []string{"SREM", argv[1]}
	if member, single := popped.(string); single {
		return append(call, member)
	}
	return append(call, popped.(Set)...)
}

// note adds a call to the record of who has the lock.
func (s *Space) note(db int, argv ...string) {
	if s.log == nil {
		return
	}
	if len(s.record) == 0 {
		s.record = binary.AppendUvarint(s.record, uint64(s.nowMilli()))
	}
	s.record = binary.AppendUvarint(s.record, uint64(db))
	s.record = binary.AppendUvarint(s.record, uint64(len(argv)))
	for _, word := range argv {
		s.record = append(binary.AppendUvarint(s.record, uint64(len(word))), word...)
	}
}

// keptRecord is how much memory is kept for the next record.
const keptRecord = 64 << 10

// endRecord gives the log what was noted.
func (s *Space) endRecord() {
	if len(s.record) == 0 {
		return
	}
	s.log.Append(s.record)
	if s.record = s.record[:0]; cap(s.record) > keptRecord {
		s.record = nil
	}
}

var errRecord = errors.New("it is no record of a Space")

// BeginReplay has no time of a key be over until EndReplay. Nobody else uses the Space
// meanwhile, and it has no Log yet. A Snapshot may be restored, and then records be
// replayed.
func (s *Space) BeginReplay() {
	s.lock()
	defer s.unlock()
	s.replaying = true
}

// Replay does what a record says.
func (s *Space) Replay(record []byte) error {
	s.lock()
	defer s.unlock()
	r := recordReader{rest: record}
	s.at = time.UnixMilli(int64(r.number()))
	for len(r.rest) > 0 && !r.bad {
		db := r.number()
		argv := r.words()
		if r.bad || db >= Databases {
			return errRecord
		}
		cmd, err := Find(argv)
		if err == nil {
			err = cmd.CheckArity(len(argv))
		}
		if err != nil {
			return fmt.Errorf("%.100q: %w", argv, err)
		}
		_, _ = cmd.run(s.dbs[db], argv) // one that fails has failed the first time too
	}
	if r.bad {
		return errRecord
	}
	return nil
}

// EndReplay has the time of keys be over again.
func (s *Space) EndReplay() {
	s.lock()
	defer s.unlock()
	s.replaying = false
	s.clockMoved()
}

// recordReader reads a record. After what is not there bad is set.
type recordReader struct {
	rest []byte
	bad  bool
}

func (r *recordReader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *recordReader) words() []string {
	n := r.number()
	if n == 0 || n > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	words := make([]string, n)
	for i := range words {
		size := r.number()
		if size > uint64(len(r.rest)) {
			r.bad = true
			return nil
		}
		words[i] = string(r.rest[:size])
		r.rest = r.rest[size:]
	}
	return words
}
