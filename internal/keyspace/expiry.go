package keyspace

import (
	"slices"
	"time"
)

// deadline says that key may expire at a time, in Unix milliseconds.
type deadline struct {
	at  int64
	key string
}

// deadlineHeap is a binary heap with the earliest deadline first. It may be shared with a
// Snapshot's, and is copied before it changes.
type deadlineHeap struct {
	all    []deadline
	shared bool
}

func (h *deadlineHeap) len() int { return len(h.all) }

// first returns the earliest deadline of a heap that is not empty.
func (h *deadlineHeap) first() deadline { return h.all[0] }

func (h *deadlineHeap) clone() deadlineHeap {
	h.shared = true
	return *h
}

func (h *deadlineHeap) own() {
	if h.shared {
		*h = deadlineHeap{all: cloneRoom(h.all)}
	}
}

func (h *deadlineHeap) push(d deadline) {
	h.own()
	h.all = append(h.all, d)
	s := h.all
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if s[up].at <= s[i].at {
			return
		}
		s[up], s[i] = s[i], s[up]
		i = up
	}
}

func (h *deadlineHeap) pop() deadline {
	h.own()
	s := h.all
	first, last := s[0], len(s)-1
	s[0] = s[last]
	s[last] = deadline{}
	s = s[:last]
	if cap(s) > 4*len(s)+64 {
		s = slices.Clone(s)
	}
	h.all = s
	for i := 0; ; {
		low := 2*i + 1
		if low >= last {
			return first
		}
		if low+1 < last && s[low+1].at < s[low].at {
			low++
		}
		if s[i].at <= s[low].at {
			return first
		}
		s[i], s[low] = s[low], s[i]
		i = low
	}
}

// Sweeping gives the memory of expired keys back although nobody reads them.
// A timer is set for the earliest deadline and no goroutine waits, so a Space
// that nobody holds any more costs nothing once its last deadline has passed.
// It runs sweepPause late, so that deadlines close together are one sweep, and
// lets others in after every sweepBatch keys. No timer runs longer than
// sweepLatest: a deadline may be further away than a time.Duration reaches.
const (
	sweepBatch  = 2000
	sweepPause  = 100 * time.Millisecond
	sweepLatest = 24 * time.Hour
)

// scheduleSweep sets the timer for the earliest deadline. Called with the lock
// held.
func (s *Space) scheduleSweep() {
	var first int64
	for _, db := range s.dbs {
		if h := &db.deadlines; h.len() > 0 && (first == 0 || h.first().at < first) {
			first = h.first().at
		}
	}
	if first == 0 || s.replaying || s.fixed.Load() != nil || s.sweepAt != 0 && s.sweepAt <= first {
		return
	}
	if s.sweep != nil {
		s.sweep.Stop()
	}
	s.sweepAt = first
	s.sweep = time.AfterFunc(sweepWait(first-s.nowMilli()), s.sweepExpired)
}

// sweepWait returns how long to wait with a sweep for a deadline that is milli
// milliseconds ahead.
func sweepWait(milli int64) time.Duration {
	milli = min(max(milli, 0), sweepLatest.Milliseconds())
	return time.Duration(milli)*time.Millisecond + sweepPause
}

func (s *Space) sweepExpired() {
	for more := true; more; {
		s.lock()
		s.sweepAt = 0
		more = s.dropExpired(sweepBatch)
		s.unlock()
	}
}

// dropExpired deletes up to limit keys whose time is over and reports whether
// it stopped there.
func (s *Space) dropExpired(limit int) bool {
	now := s.nowMilli()
	for _, db := range s.dbs {
		for db.deadlines.len() > 0 && db.deadlines.first().at <= now && limit > 0 {
			d := db.deadlines.pop()
			if it := db.keys.find(d.key); it != nil && it.expire == d.at {
				db.expireKey(d.key)
				limit--
			}
		}
	}
	return limit == 0
}

func (db *DB) expireKey(key string) {
	s := db.space
	s.note(db.index, "DEL", key)
	before := s.changes
	db.remove(key)
	db.changed("expired", key)
	s.changes = before // it is none of the command's that has met it
}
