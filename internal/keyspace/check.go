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
	known := make(map[deadline]bool, len(db.deadlines))
	for _, d := range db.deadlines {
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
	holes := 0
	seen := make(map[string]bool, d.len())
	for i, e := range d.entries {
		if !e.live {
			holes++
			continue
		}
		if seen[e.key] {
			return fmt.Errorf("%q is there twice", e.key)
		}
		seen[e.key] = true
		if at, ok := d.index[e.key]; d.index != nil && (!ok || int(at) != i) {
			return fmt.Errorf("%q is at %d, not at %d as the index says", e.key, i, at)
		}
	}
	switch last := len(d.entries) - 1; {
	case holes != d.holes:
		return fmt.Errorf("%d holes, %d counted", holes, d.holes)
	case d.index != nil && len(d.index) != d.len():
		return fmt.Errorf("%d entries, %d in the index", d.len(), len(d.index))
	case d.index == nil && len(d.entries) > smallDict:
		return fmt.Errorf("no index for %d entries", len(d.entries))
	case last >= 0 && !d.entries[last].live:
		return errors.New("a hole at the end")
	}
	return nil
}

func (h deadlineHeap) check() error {
	for i := range h {
		if up := (i - 1) / 2; i > 0 && h[up].at > h[i].at {
			return fmt.Errorf("deadline %d stands above %d", h[up].at, h[i].at)
		}
	}
	return nil
}
