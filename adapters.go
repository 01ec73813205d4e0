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
// Python server, so they are bounded in bytes: beyond that a key is not marked.
type adapters struct {
	mu          sync.Mutex
	owners      map[string]adapterOwner
	marked      map[string]struct{}
	markedBytes int
}

const maxMarkedBytes = 64 << 20

// adapterOwner answers for an adapter: a client's connection.
type adapterOwner interface {
	// ask passes an adapter:get on. done is called once, with the answer as it
	// came or with the reason why there is none.
	ask(key string, payload []byte, done func(answer []byte, attachments [][]byte, err error))
}

// check reports whether key has an adapter and marks it as in use.
func (a *adapters) check(key string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.marked[key]; !ok && a.markedBytes+len(key) <= maxMarkedBytes {
		if a.marked == nil {
			a.marked = map[string]struct{}{}
		}
		a.marked[strings.Clone(key)] = struct{}{}
		a.markedBytes += len(key)
	}
	return a.owners[key] != nil
}

func (a *adapters) owner(key string) adapterOwner {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.owners[key]
}

// register makes o the owner of key, unless the key is marked. A later owner
// takes the place of an earlier one: that may be the same program, back before
// its lost connection was noticed.
func (a *adapters) register(key string, o adapterOwner) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.marked[key]; ok {
		return &Error{KindKey, fmt.Sprintf("Key %s already exists in storage", key)}
	}
	if a.owners == nil {
		a.owners = map[string]adapterOwner{}
	}
	a.owners[strings.Clone(key)] = o
	return nil
}

// forget takes the adapters of an owner that is gone, and the marks of their
// keys.
func (a *adapters) forget(o adapterOwner) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key, owner := range a.owners {
		if owner != o {
			continue
		}
		delete(a.owners, key)
		if _, ok := a.marked[key]; ok {
			delete(a.marked, key)
			a.markedBytes -= len(key)
		}
	}
}

func noAdapter(key string) error {
	return &Error{KindKey, fmt.Sprintf("Key %s does not exist in storage", key)}
}
