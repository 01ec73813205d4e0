package znsocket

import (
	"fmt"
	"strings"
	"sync"
)

// adapters says who answers for the keys that have an adapter, and which keys
// somebody has asked about: an old client may not register an adapter for such
// a key any more. A Store holds one, so all its servers agree.
//
// The marks of check_adapter stay until an owner of the key goes, as on a
// Python server, so they are bounded in bytes: beyond maxMarkedBytes a key is
// not marked, and an old client may register an adapter where it should not.
type adapters struct {
	mu          sync.Mutex
	ownedBytes  int
	owners      map[string]*session
	marked      map[string]struct{}
	markedBytes int
}

const (
	maxMarkedBytes = 64 << 20
	maxOwnedBytes  = 64 << 20
	markOverhead   = 64 // what a mark costs beside its key
)

// check reports whether key has an adapter and marks it as in use.
func (a *adapters) check(key string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.marked[key]; !ok && a.markedBytes+len(key)+markOverhead <= maxMarkedBytes {
		if a.marked == nil {
			a.marked = map[string]struct{}{}
		}
		a.marked[strings.Clone(key)] = struct{}{}
		a.markedBytes += len(key) + markOverhead
	}
	return a.owners[key] != nil
}

func (a *adapters) owner(key string) *session {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.owners[key]
}

// register makes s the owner of key, unless the key is marked or s owns as many
// as it may. A later owner takes the place of an earlier one: that may be the
// same program, back before its lost connection was noticed.
func (a *adapters) register(key string, s *session, limit int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.marked[key]; ok {
		return &Error{KindKey, fmt.Sprintf("Key %s already exists in storage", key)}
	}
	if a.owners[key] == s {
		return nil
	}
	if len(s.adapters) >= limit {
		return &Error{KindTooLarge, fmt.Sprintf("more adapters than the limit of %d for one client", limit)}
	}
	if size := a.ownedBytes + len(key); size > maxOwnedBytes {
		return tooLarge("names of all adapters", int64(size), maxOwnedBytes)
	}
	if a.owners == nil {
		a.owners = map[string]*session{}
	}
	a.owners[key] = s
	a.ownedBytes += len(key)
	s.adapters = append(s.adapters, key)
	return nil
}

// forget takes the adapters of a session that is over, and the marks of their
// keys.
func (a *adapters) forget(s *session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, key := range s.adapters {
		a.ownedBytes -= len(key)
		if a.owners[key] != s {
			continue // somebody else has taken it over
		}
		delete(a.owners, key)
		if _, ok := a.marked[key]; ok {
			delete(a.marked, key)
			a.markedBytes -= len(key) + markOverhead
		}
	}
	s.adapters = nil
}

func noAdapter(key string) error {
	return &Error{KindKey, fmt.Sprintf("Key %s does not exist in storage", key)}
}
