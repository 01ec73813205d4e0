package keyspace

// Tracker hears of keys of any database that are no longer what they were. It is
// called under the Space's lock, held exclusively: it must be quick and must not call
// back.
type Tracker interface {
	Touched(key string)
	Flushed() // of whole databases
}

// SetTracker has t hear of keys from now on.
func (s *Space) SetTracker(t Tracker) {
	s.lock()
	defer s.unlock()
	s.tracker = t
}

func (s *Space) flushed() {
	if s.tracker != nil {
		s.tracker.Flushed()
	}
}
