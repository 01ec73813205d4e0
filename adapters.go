package znsocket

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// adapters says who answers for the keys that have an adapter, and which keys
// somebody has asked about: an old client may not register an adapter for such
// a key any more. A Store or Node holds one, so all its servers agree.
//
// The marks of check_adapter stay until an owner of the key goes, as on a
// Python server, so they are bounded in bytes: beyond maxMarkedBytes a key is
// not marked, and an old client may register an adapter where it should not.
type adapters struct {
	mu          sync.RWMutex
	owners      map[string]owner
	keys        map[owner]map[string]struct{} // owners the other way round
	ownedBytes  int
	owned       atomic.Int64 // entries of owners: most often there are none
	marked      map[string]struct{}
	markedBytes int
}

// owner answers for adapters: a session whose client has the data, an Adapter
// of this program, or another program that shares the Redis.
type owner interface {
	// ask asks a question, whose answer comes to done, once and at any time,
	// unless cancel is called before. It does not block, and neither may done.
	ask(q question, done answerFunc) (cancel func())
	// nests reports whether the owner answers for the adapters inside its own
	// ones too, without registering them: see nestedIn.
	nests() bool
	// replaced tells that another owner has taken the place of this one.
	replaced(key string)
	// patience is how long the owner may take for an answer; 0 is the default.
	patience() time.Duration
}

// answerFunc gets the answer to a question, as JSON with attachments, or the
// reason why there is none.
type answerFunc = func(answer []byte, attachments [][]byte, err error)

const (
	maxMarkedBytes = 64 << 20
	maxOwnedBytes  = 64 << 20
	markOverhead   = 64 // what a mark or an owner costs beside the key
)

// mark notes that somebody has asked about a key.
func (a *adapters) mark(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.marked[key]; ok || a.markedBytes+len(key)+markOverhead > maxMarkedBytes {
		return
	}
	if a.marked == nil {
		a.marked = map[string]struct{}{}
	}
	a.marked[strings.Clone(key)] = struct{}{}
	a.markedBytes += len(key) + markOverhead
}

// owner returns who answers for a key, nil where nobody does.
func (a *adapters) owner(key string) owner {
	if a.owned.Load() == 0 {
		return nil
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.find(key)
}

// root returns the adapter that answers for a key, that of the key itself or of
// one that it lies in, and "" where there is none.
func (a *adapters) root(key string) string {
	if a.owned.Load() == 0 {
		return ""
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.findRoot(key)
}

func (a *adapters) find(key string) owner { return a.owners[a.findRoot(key)] }

func (a *adapters) findRoot(key string) string {
	return rootOf(key, func(root string) bool {
		o := a.owners[root]
		return o != nil && (root == key || o.nests())
	})
}

// rootOf returns the key itself or else the nearest one it lies in that is owned,
// "" where there is none.
func rootOf(key string, owned func(root string) bool) string {
	if owned(key) {
		return key
	}
	for root := range nestedIn(key) {
		if owned(root) {
			return root
		}
	}
	return ""
}

// claim is what an owner wants.
type claim struct {
	key     string
	owner   owner
	limit   int    // how many adapters the owner may have; 0 is no limit
	old     bool   // an old client's: it is refused where the key is marked
	replace bool   // the key may have another owner, whose place this one takes
	again   string // the id of a client that has had it over a connection that it lost
}

// register makes the claim's owner that of its key. An old client may take the
// place of another one: that may be the same program, back before its lost
// connection was noticed.
func (a *adapters) register(c claim) error {
	replaced, err := a.enter(c)
	if replaced != nil {
		replaced.replaced(c.key)
	}
	return err
}

func (a *adapters) enter(c claim) (replaced owner, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.key == "" {
		return nil, &Error{KindValue, "an adapter needs a key"}
	}
	before := a.owners[c.key]
	_, marked := a.marked[c.key]
	replaces := c.replace && (!c.old || before == nil || !before.nests()) || lost(before, c.again)
	if marked && c.old || before != nil && before != c.owner && !replaces {
		return nil, keyTaken(c.key)
	}
	if before == c.owner {
		return nil, nil
	}
	if c.limit > 0 && len(a.keys[c.owner]) >= c.limit {
		return nil, &Error{KindTooLarge, fmt.Sprintf("more adapters than the limit of %d for one client", c.limit)}
	}
	if size := a.ownedBytes + len(c.key) + markOverhead; size > maxOwnedBytes {
		return nil, tooLarge("names of all adapters", int64(size), maxOwnedBytes)
	}
	if before != nil {
		a.remove(c.key, before)
	}
	if a.owners == nil {
		a.owners, a.keys = map[string]owner{}, map[owner]map[string]struct{}{}
	}
	if a.keys[c.owner] == nil {
		a.keys[c.owner] = map[string]struct{}{}
	}
	a.owners[c.key] = c.owner
	a.keys[c.owner][c.key] = struct{}{}
	a.ownedBytes += len(c.key) + markOverhead
	a.owned.Store(int64(len(a.owners)))
	return before, nil
}

// lost reports whether an owner is what is left of an earlier connection, of a
// client or to another Node: it is not known yet that it is over. Whether the
// client of another Node has come back from there, that Node knows better.
func lost(o owner, client string) bool {
	switch o := o.(type) {
	case *remoteNode:
		return client != "" || o.away.Load()
	case *session:
		return client != "" && o.greeting.Client == client
	}
	return false
}

// release takes one adapter of o away, and the mark of its key. It reports
// whether there was one.
func (a *adapters) release(key string, o owner) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.owners[key] != o {
		return false
	}
	a.remove(key, o)
	a.unmark(key)
	return true
}

// forget takes all adapters of an owner that is gone, and the marks of their
// keys, and returns the keys.
func (a *adapters) forget(o owner) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var keys []string
	for key := range a.keys[o] {
		keys = append(keys, key)
		a.remove(key, o)
		a.unmark(key)
	}
	return keys
}

// count returns how many adapters an owner has.
func (a *adapters) count(o owner) int {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return len(a.keys[o])
}

// ownedBy returns the keys of some owners.
func (a *adapters) ownedBy(which func(owner) bool) []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var keys []string
	for key, o := range a.owners {
		if which(o) {
			keys = append(keys, key)
		}
	}
	return keys
}

func (a *adapters) remove(key string, o owner) {
	delete(a.owners, key)
	delete(a.keys[o], key)
	if len(a.keys[o]) == 0 {
		delete(a.keys, o)
	}
	a.ownedBytes -= len(key) + markOverhead
	a.owned.Store(int64(len(a.owners)))
}

func (a *adapters) unmark(key string) {
	if _, ok := a.marked[key]; ok {
		delete(a.marked, key)
		a.markedBytes -= len(key) + markOverhead
	}
}

// The search for the adapter that a key lies in is bounded.
const (
	maxNestedKey   = 4 << 10 // bytes of the key
	maxNestedRoots = 64
)

// nestedIn yields the keys of adapters that the one of key may lie in, the
// nearest first. As Python names them, the dict that is element 3 of the list
// znsocket.List:a is znsocket.Dict:znsocket.List:a:3, so what begins with two
// prefixes lies in something whose name begins at the last one.
func nestedIn(key string) func(yield func(root string) bool) {
	return func(yield func(string) bool) {
		_, inner, ok := cutPrefix(key)
		if _, _, nested := cutPrefix(inner); !ok || !nested || len(key) > maxNestedKey {
			return
		}
		for {
			_, deeper, _ := cutPrefix(inner)
			if _, _, nested := cutPrefix(deeper); !nested {
				break
			}
			inner = deeper
		}
		for range maxNestedRoots {
			end := strings.LastIndexByte(inner, ':')
			if end < 0 {
				return
			}
			inner = inner[:end]
			if _, name, ok := cutPrefix(inner); !ok || name == "" || !yield(inner) {
				return
			}
		}
	}
}

// cutPrefix separates the prefix of an object's key from its name.
func cutPrefix(key string) (prefix, name string, ok bool) {
	for _, prefix := range [...]string{listPrefix, dictPrefix} {
		if name, ok := strings.CutPrefix(key, prefix); ok {
			return prefix, name, true
		}
	}
	return "", key, false
}

func noAdapter(key string) error {
	return &Error{KindKey, fmt.Sprintf("Key %s does not exist in storage", key)}
}

// ownerGone is for who was asking when the owner went.
func ownerGone(key string) error {
	return &Error{KindKey, fmt.Sprintf("The owner of %s has gone", key)}
}

func keyTaken(key string) error {
	return &Error{KindKey, fmt.Sprintf("Key %s already exists in storage", key)}
}
