package keyspace

// Watch knows whether one of the keys that it watches has changed, as WATCH
// does. It belongs to one connection; what it knows is guarded by the Space's
// lock.
type Watch struct {
	space   *Space
	keys    map[dbKey]bool // whether the key's time was over already
	changed bool
}

// dbKey is a key of a database.
type dbKey struct {
	db  int
	key string
}

// Watch returns a Watch of no keys.
func (s *Space) Watch() *Watch { return &Watch{space: s, keys: map[dbKey]bool{}} }

// Add watches more keys.
func (w *Watch) Add(db int, keys ...string) {
	s := w.space
	s.lock()
	defer s.unlock()
	for _, key := range keys {
		k := dbKey{db, key}
		if _, ok := w.keys[k]; ok {
			continue
		}
		w.keys[k] = s.dbs[db].isOver(key)
		if s.watched == nil {
			s.watched = map[dbKey]map[*Watch]struct{}{}
		}
		if s.watched[k] == nil {
			s.watched[k] = map[*Watch]struct{}{}
		}
		s.watched[k][w] = struct{}{}
	}
}

// Len returns how many keys it watches.
func (w *Watch) Len() int { return len(w.keys) }

// Clear forgets the keys, and that they have changed.
func (w *Watch) Clear() {
	if len(w.keys) == 0 {
		return
	}
	w.space.lock()
	defer w.space.unlock()
	w.clear()
}

func (w *Watch) clear() {
	for k := range w.keys {
		delete(w.space.watched[k], w)
		if len(w.space.watched[k]) == 0 {
			delete(w.space.watched, k)
		}
	}
	clear(w.keys)
	w.changed = false
}

// hasChanged reports whether a key has changed, or its time is over since.
func (w *Watch) hasChanged() bool {
	if w.changed {
		return true
	}
	for k, wasOver := range w.keys {
		if !wasOver && w.space.dbs[k.db].isOver(k.key) {
			return true
		}
	}
	return false
}

// isOver reports whether a key is there whose time is over.
func (db *DB) isOver(key string) bool {
	it := db.keys.find(key)
	return it != nil && !db.alive(it)
}

// touch tells who watches a key that it has changed.
func (s *Space) touch(db int, key string) {
	for w := range s.watched[dbKey{db, key}] {
		w.changed = true
	}
}

// touchAll tells who watches a key of a database, if it is there or in what takes
// its place.
func (s *Space) touchAll(db int, instead *data) {
	for k, watches := range s.watched {
		if k.db != db || s.dbs[db].keys.find(k.key) == nil && (instead == nil || instead.keys.find(k.key) == nil) {
			continue
		}
		for w := range watches {
			w.changed = true
		}
	}
}

// Exec calls fn with nobody else in the Space, unless a key that w watches has
// changed: then it reports false. Either way w watches nothing more. Through run,
// fn runs commands whose arity fits; each fails or succeeds by itself.
func (s *Space) Exec(w *Watch, fn func(run func(db int, cmd *Command, argv []string) (any, error))) (ok bool) {
	s.lock()
	defer s.unlock()
	if w != nil {
		changed := w.hasChanged()
		w.clear()
		if changed {
			return false
		}
	}
	fn(func(db int, cmd *Command, argv []string) (any, error) { return unblocked(s.do(s.dbs[db], cmd, argv)) })
	return true
}
