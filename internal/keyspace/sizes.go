package keyspace

// Size is how much there is in a database.
type Size struct {
	Keys, Expires int
	AverageTTL    int64 // in milliseconds, of some of the keys that expire
}

// Sizes returns how much there is in each database. Within fn of Exec it is called
// with the lock.
func (s *Space) Sizes(locked bool) (sizes [Databases]Size) {
	if !locked {
		s.mu.RLock()
		defer s.mu.RUnlock()
	}
	now := s.nowMilli()
	for i, db := range s.dbs {
		total, some := int64(0), int64(0)
		for _, d := range db.deadlines.all[:min(db.deadlines.len(), 100)] {
			total += max(d.at-now, 0)
			some++
		}
		sizes[i] = Size{Keys: db.keys.len(), Expires: db.volatile}
		if some > 0 && db.volatile > 0 {
			sizes[i].AverageTTL = total / some
		}
	}
	return sizes
}
