package keyspace

import (
	"errors"
	"fmt"
)

// Check returns what is wrong with the inner state of the Space, nil if nothing
// is. Tests call it after they are done; it looks at everything.
func (s *Space) Check() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var errs []error
	for _, db := range s.dbs {
		if err := db.check(); err != nil {
			errs = append(errs, fmt.Errorf("db %d: %w", db.index, err))
		}
	}
	return errors.Join(errs...)
}

// check looks for keys without a value or with an empty or broken one, and for
// deadlines that the sweeper would miss.
func (db *DB) check() error {
	if err := db.keys.check(); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := db.deadlines.check(); err != nil {
		return err
	}
	known := make(map[deadline]bool, db.deadlines.len())
	for _, d := range db.deadlines.all {
		known[d] = true
	}
	volatile := 0
	var errs []error
	db.keys.each(func(key string, it *item) bool {
		if err := checkValue(it.obj); err != nil {
			errs = append(errs, fmt.Errorf("%q: %w", key, err))
		}
		if it.expire != 0 {
			volatile++
			if !known[deadline{it.expire, key}] {
				errs = append(errs, fmt.Errorf("%q: deadline %d is not in the heap", key, it.expire))
			}
		}
		return true
	})
	if volatile != db.volatile {
		errs = append(errs, fmt.Errorf("%d keys have a deadline, %d are counted", volatile, db.volatile))
	}
	return errors.Join(errs...)
}

func checkValue(v any) error {
	switch v := v.(type) {
	case string:
		return nil
	case object:
		if v.size() == 0 && v.typeName() != "string" && v.typeName() != "stream" {
			return fmt.Errorf("the %s is empty", v.typeName())
		}
		return v.check()
	}
	return fmt.Errorf("a %T is no value", v)
}

// check returns an error where the entries, their count and the index disagree.
func (d *dict[V]) check() error {
	seen := make(map[string]bool, d.len())
	var err error
	d.each(func(key string, val *V) bool {
		if seen[key] {
			err = fmt.Errorf("%q is there twice", key)
		}
		seen[key] = true
		if d.find(key) != val {
			err = fmt.Errorf("%q is not where the index says", key)
		}
		return err == nil
	})
	switch {
	case err != nil:
		return err
	case len(seen) != d.len():
		return fmt.Errorf("%d entries, %d counted", len(seen), d.len())
	case d.many != nil:
		return d.many.check()
	case len(d.few) > smallDict && d.tags == nil:
		return fmt.Errorf("no tags for %d entries", len(d.few))
	}
	return nil
}

func (p *pages[V]) check() error {
	holes := 0
	for i := range p.end {
		if p.isHole(i) {
			holes++
			if p.at(i).key != "" {
				return fmt.Errorf("what was removed from place %d is still held", i)
			}
		}
	}
	switch last := len(p.table) - 1; {
	case holes != p.holes:
		return fmt.Errorf("%d holes, %d counted", holes, p.holes)
	case p.end > 0 && p.isHole(p.end-1):
		return errors.New("a hole at the end")
	case p.end > len(p.table)*pageSize || p.end <= last*pageSize:
		return fmt.Errorf("%d pages for %d places", len(p.table), p.end)
	case p.end%pageSize != 0 && p.table[last].holes>>(p.end%pageSize) != 0:
		return errors.New("a hole behind the end")
	}
	return p.index.check(p.len())
}

func (x *index) check(n int) error {
	noted, room := 0, 0
	for i, b := range x.dir {
		if x.dir[i&^(1<<(x.depth-b.depth)-1)] != b {
			return fmt.Errorf("entry %d of the index has another bucket than its neighbours", i)
		}
		if i&(1<<(x.depth-b.depth)-1) != 0 {
			continue
		}
		used := 0
		for _, s := range b.slots {
			if s == 0 {
				continue
			}
			used++
			if x.bucket(s.hash()) != b {
				return fmt.Errorf("hash %x is in another's bucket", s.hash())
			}
		}
		if used != b.used || used == len(b.slots) {
			return fmt.Errorf("%d of %d slots are used, %d counted", used, len(b.slots), b.used)
		}
		noted += used
		room += len(b.slots)
	}
	if noted != n || room != x.room {
		return fmt.Errorf("%d places in %d slots of the index, not %d in %d", noted, room, n, x.room)
	}
	return nil
}

func (h *deadlineHeap) check() error {
	for i := range h.all {
		if up := (i - 1) / 2; i > 0 && h.all[up].at > h.all[i].at {
			return fmt.Errorf("deadline %d stands above %d", h.all[up].at, h.all[i].at)
		}
	}
	return nil
}
