package keyspace

import "math/rand/v2"

// dict is a map that remembers the order of insertion, can be scanned with a
// stateless cursor while it changes, and gives a random entry in O(1). It is
// under the database, hashes and sets.
//
// entries holds the pairs in order of insertion; a deleted one stays as a hole
// until holes outnumber the rest, then the entries close up. index maps a key
// to its place and exists only above smallDict entries: below, comparing a few
// keys in a row is quicker than hashing one and needs no memory.
//
// Closing up and appending are the only ways an entry gets a place, and closing
// up only ever moves entries down. A scan that goes from the top downwards
// therefore meets every entry that is there from its begin to its end; it may
// meet one twice, never miss one. That is the promise SCAN gives.
//
// The zero dict is empty and ready to use.
type dict[V any] struct {
	entries []dictEntry[V]
	index   map[string]int32
	holes   int
}

type dictEntry[V any] struct {
	key  string
	val  V
	live bool
}

const smallDict = 8

func (d *dict[V]) len() int { return len(d.entries) - d.holes }

func (d *dict[V]) place(key string) int {
	if d.index != nil {
		if i, ok := d.index[key]; ok {
			return int(i)
		}
		return -1
	}
	for i := range d.entries {
		if e := &d.entries[i]; e.live && e.key == key {
			return i
		}
	}
	return -1
}

// find returns the value of key, or nil. The pointer holds until the next set
// or delete.
func (d *dict[V]) find(key string) *V {
	if i := d.place(key); i >= 0 {
		return &d.entries[i].val
	}
	return nil
}

func (d *dict[V]) has(key string) bool { return d.place(key) >= 0 }

// set gives key a value and reports whether key is new.
func (d *dict[V]) set(key string, val V) bool {
	if i := d.place(key); i >= 0 {
		d.entries[i].val = val
		return false
	}
	if d.index == nil && len(d.entries) >= smallDict {
		d.closeUp()
		if len(d.entries) >= smallDict {
			d.index = make(map[string]int32, 2*smallDict)
			for i := range d.entries {
				d.index[d.entries[i].key] = int32(i)
			}
		}
	}
	if d.index != nil {
		d.index[key] = int32(len(d.entries))
	}
	d.entries = append(d.entries, dictEntry[V]{key, val, true})
	return true
}

// delete removes key and returns what it held.
func (d *dict[V]) delete(key string) (V, bool) {
	var zero V
	i := d.place(key)
	if i < 0 {
		return zero, false
	}
	val := d.entries[i].val
	if d.index != nil {
		delete(d.index, key)
	}
	d.entries[i] = dictEntry[V]{}
	d.holes++
	if i == len(d.entries)-1 {
		for n := len(d.entries); n > 0 && !d.entries[n-1].live; n-- {
			d.entries = d.entries[:n-1]
			d.holes--
		}
	}
	switch {
	case cap(d.entries) > 4*(d.len()+smallDict):
		*d = d.clone() // gives back the room of what it once held
	case d.holes > smallDict && d.holes > len(d.entries)/2:
		d.closeUp()
	}
	return val, true
}

// closeUp removes the holes.
func (d *dict[V]) closeUp() {
	to := d.entries[:0]
	for _, e := range d.entries {
		if e.live {
			if d.index != nil {
				d.index[e.key] = int32(len(to))
			}
			to = append(to, e)
		}
	}
	clear(d.entries[len(to):])
	d.entries, d.holes = to, 0
}

// each calls fn for the entries in order of insertion until it returns false.
// fn must not change the dict.
func (d *dict[V]) each(fn func(key string, val *V) bool) {
	for i := range d.entries {
		if e := &d.entries[i]; e.live && !fn(e.key, &e.val) {
			return
		}
	}
}

// scan calls fn for about count entries from cursor on and returns the cursor
// to go on with, 0 at the end. The first call has cursor 0.
func (d *dict[V]) scan(cursor uint64, count int, fn func(key string, val *V)) uint64 {
	i := len(d.entries)
	if cursor != 0 && cursor < uint64(i) {
		i = int(cursor)
	}
	for i > 0 && count > 0 {
		i--
		if e := &d.entries[i]; e.live {
			fn(e.key, &e.val)
			count--
		}
	}
	for i > 0 && !d.entries[i-1].live {
		i--
	}
	return uint64(i)
}

// random returns a random entry of a dict that is not empty. Holes are seldom
// more than half of the places, so a few throws find one.
func (d *dict[V]) random(r *rand.Rand) (string, *V) {
	for {
		if e := &d.entries[r.IntN(len(d.entries))]; e.live {
			return e.key, &e.val
		}
	}
}

// clone returns a copy that shares nothing but the values themselves.
func (d *dict[V]) clone() dict[V] {
	c := dict[V]{entries: make([]dictEntry[V], 0, d.len())}
	if d.len() > smallDict {
		c.index = make(map[string]int32, d.len())
	}
	for _, e := range d.entries {
		if e.live {
			if c.index != nil {
				c.index[e.key] = int32(len(c.entries))
			}
			c.entries = append(c.entries, e)
		}
	}
	return c
}
