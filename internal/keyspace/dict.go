package keyspace

import (
	"bytes"
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// dict is a map that remembers the order of insertion, can be scanned with a
// stateless cursor while it changes, gives a random entry in O(1), and is cloned in
// O(1). It is under the database, hashes, sets and sorted sets.
//
// Up to fewEntries entries lie in a row, in order of insertion, and beyond smallDict
// of them tags has a byte of the hash of each: to find a key is to find its byte,
// which processors do many at a time. More entries lie in pages, with an index.
//
// A deleted entry of a row is gone at once, those behind it move down. In pages it
// stays as a hole until holes outnumber the rest, then the entries close up. So an
// entry only ever moves down. A scan that goes from the top downwards therefore
// meets every entry that is there from its begin to its end; it may meet one twice,
// never miss one. That is the promise SCAN gives.
//
// The zero dict is empty and ready to use.
type dict[V any] struct {
	few  []dictEntry[V] // all entries, unless many has them
	tags *[fewEntries]byte
	many *pages[V]
}

type dictEntry[V any] struct {
	key string
	val V
}

const (
	smallDict  = 16
	fewEntries = 128
	pageSize   = 64 // as many as a word has bits: see page.holes
)

// hashSeed is one for all, so that a hash can go from one dict to another.
var hashSeed = maphash.MakeSeed()

func hashKey(key string) uint32 { return uint32(maphash.String(hashSeed, key)) }

func (d *dict[V]) len() int {
	if d.many != nil {
		return d.many.len()
	}
	return len(d.few)
}

// fewPlace is the place of a key in the row, or -1.
func (d *dict[V]) fewPlace(key string) int {
	if d.tags == nil {
		for i := range d.few {
			if d.few[i].key == key {
				return i
			}
		}
		return -1
	}
	tag := byte(hashKey(key))
	for from := 0; ; from++ {
		at := bytes.IndexByte(d.tags[from:len(d.few)], tag)
		if at < 0 {
			return -1
		}
		if from += at; d.few[from].key == key {
			return from
		}
	}
}

// find returns the value of key to be read, or nil. The pointer holds until the next
// change of the dict.
func (d *dict[V]) find(key string) *V {
	if d.many != nil {
		if i := d.many.place(hashKey(key), key); i >= 0 {
			return &d.many.at(i).val
		}
		return nil
	}
	if i := d.fewPlace(key); i >= 0 {
		return &d.few[i].val
	}
	return nil
}

// edit is find for a value that is to be changed.
func (d *dict[V]) edit(key string) *V {
	if d.many == nil {
		return d.find(key)
	}
	if i := d.many.place(hashKey(key), key); i >= 0 {
		return &d.many.own(i).val
	}
	return nil
}

func (d *dict[V]) has(key string) bool { return d.find(key) != nil }

// set gives key a value and reports whether key is new.
func (d *dict[V]) set(key string, val V) bool {
	if d.many != nil {
		return d.many.set(key, val)
	}
	if i := d.fewPlace(key); i >= 0 {
		d.few[i].val = val
		return false
	}
	switch n := len(d.few); n {
	case fewEntries:
		d.many = newPages(d.few)
		d.few, d.tags = nil, nil
		return d.many.set(key, val)
	case smallDict:
		if d.tags == nil {
			d.tags = new([fewEntries]byte)
			for i := range d.few {
				d.tags[i] = byte(hashKey(d.few[i].key))
			}
		}
		fallthrough
	default:
		if d.tags != nil {
			d.tags[n] = byte(hashKey(key))
		}
		d.few = append(oneMore(d.few), dictEntry[V]{key, val})
	}
	return true
}

// oneMore returns s with room for one more. It grows by less than append would have it:
// there are many small containers, and what they do not use is lost.
func oneMore[T any](s []T) []T {
	if n := len(s); n == cap(s) {
		return append(make([]T, 0, n+2+n/4), s...)
	}
	return s
}

// delete removes key and returns what it held.
func (d *dict[V]) delete(key string) (val V, was bool) {
	if d.many != nil {
		val, was = d.many.delete(key)
		if was && d.many.len() <= fewEntries/2 {
			d.becomeFew()
		}
		return val, was
	}
	i := d.fewPlace(key)
	if i < 0 {
		return val, false
	}
	val = d.few[i].val
	if d.tags != nil {
		copy(d.tags[i:], d.tags[i+1:len(d.few)])
	}
	d.few = slices.Delete(d.few, i, i+1)
	if n := len(d.few); cap(d.few) > 4*(n+smallDict) {
		d.few = slices.Clone(d.few) // gives back the room of what it once held
		if n <= smallDict {
			d.tags = nil
		}
	}
	return val, true
}

// becomeFew takes what is left of the pages into a row.
func (d *dict[V]) becomeFew() {
	few := dict[V]{few: make([]dictEntry[V], 0, d.many.len())}
	d.many.each(func(e *dictEntry[V]) bool {
		few.set(e.key, e.val)
		return true
	})
	*d = few
}

// each calls fn for the entries in order of insertion until it returns false. fn
// must change neither the dict nor a value.
func (d *dict[V]) each(fn func(key string, val *V) bool) {
	if d.many != nil {
		d.many.each(func(e *dictEntry[V]) bool { return fn(e.key, &e.val) })
		return
	}
	for i := range d.few {
		if e := &d.few[i]; !fn(e.key, &e.val) {
			return
		}
	}
}

// scan calls fn for about count entries from cursor on and returns the cursor
// to go on with, 0 at the end. The first call has cursor 0.
func (d *dict[V]) scan(cursor uint64, count int, fn func(key string, val *V)) uint64 {
	i := len(d.few)
	if d.many != nil {
		i = d.many.end
	}
	if cursor != 0 && cursor < uint64(i) {
		i = int(cursor)
	}
	for i > 0 && count > 0 {
		i--
		if e := d.entry(i); e != nil {
			fn(e.key, &e.val)
			count--
		}
	}
	for i > 0 && d.entry(i-1) == nil {
		i--
	}
	return uint64(i)
}

// entry returns what is at a place, nil where it is a hole.
func (d *dict[V]) entry(i int) *dictEntry[V] {
	switch {
	case d.many == nil:
		return &d.few[i]
	case d.many.isHole(i):
		return nil
	}
	return d.many.at(i)
}

// random returns a random entry of a dict that is not empty. Holes are seldom
// more than half of the places, so a few throws find one.
func (d *dict[V]) random(r *rand.Rand) (string, *V) {
	if d.many == nil {
		e := &d.few[r.IntN(len(d.few))]
		return e.key, &e.val
	}
	for {
		if e := d.entry(r.IntN(d.many.end)); e != nil {
			return e.key, &e.val
		}
	}
}

// clone returns a copy that shares nothing that changes but the values themselves.
// It is a change of the original too: see pages.
func (d *dict[V]) clone() dict[V] {
	if d.many != nil {
		return dict[V]{many: d.many.clone()}
	}
	c := dict[V]{few: slices.Clone(d.few)}
	if d.tags != nil {
		tags := *d.tags
		c.tags = &tags
	}
	return c
}

// pages are the entries of a large dict, in order of insertion, with holes among
// them, but not at the end. index knows the place of each.
//
// Pages are shared with clones, as the nodes of a sequence are, and owner says
// in the same way which of them may be changed in place: those of the same owner. The
// table of pages, and the index, are shared like a page.
type pages[V any] struct {
	owner *owner
	table []page[V]
	owned *owner // of table
	end   int    // the place behind the last entry
	holes int
	index index
}

type page[V any] struct {
	entries *[pageSize]dictEntry[V]
	owner   *owner
	holes   uint64 // a bit for each entry, the lowest for the first
}

// newPages has the entries of a row.
func newPages[V any](row []dictEntry[V]) *pages[V] {
	p := &pages[V]{table: make([]page[V], 0, 2*fewEntries/pageSize)}
	for _, e := range row {
		p.append(hashKey(e.key), e)
	}
	return p
}

func (p *pages[V]) len() int { return p.end - p.holes }

func (p *pages[V]) at(i int) *dictEntry[V] { return &p.table[i/pageSize].entries[i%pageSize] }

func (p *pages[V]) isHole(i int) bool { return p.table[i/pageSize].holes>>(i%pageSize)&1 != 0 }

// place returns where key is, or -1.
func (p *pages[V]) place(hash uint32, key string) int {
	b := p.index.bucket(hash)
	for i, mask := int(hash), len(b.slots)-1; ; i++ {
		switch s := b.slots[i&mask]; {
		case s == 0:
			return -1
		case s.hash() == hash && p.at(s.place()).key == key:
			return s.place()
		}
	}
}

// own returns the entry at a place for changing.
func (p *pages[V]) own(i int) *dictEntry[V] { return &p.ownPage(i / pageSize).entries[i%pageSize] }

func (p *pages[V]) ownPage(k int) *page[V] {
	if p.owned != p.owner {
		p.table, p.owned = cloneRoom(p.table), p.owner
	}
	at := &p.table[k]
	if at.owner != p.owner {
		entries := *at.entries
		at.entries, at.owner = &entries, p.owner
	}
	return at
}

func (p *pages[V]) set(key string, val V) bool {
	hash := hashKey(key)
	if i := p.place(hash, key); i >= 0 {
		p.own(i).val = val
		return false
	}
	p.append(hash, dictEntry[V]{key, val})
	return true
}

func (p *pages[V]) append(hash uint32, e dictEntry[V]) {
	if p.end == len(p.table)*pageSize {
		if p.owned != p.owner {
			p.table, p.owned = cloneRoom(p.table), p.owner
		}
		p.table = append(p.table, page[V]{new([pageSize]dictEntry[V]), p.owner, 0})
	}
	p.index.add(p.owner, hash, p.end)
	*p.own(p.end) = e
	p.end++
}

func (p *pages[V]) delete(key string) (val V, was bool) {
	hash := hashKey(key)
	i := p.place(hash, key)
	if i < 0 {
		return val, false
	}
	p.index.remove(p.owner, hash, i)
	at := p.ownPage(i / pageSize)
	val = at.entries[i%pageSize].val
	at.entries[i%pageSize] = dictEntry[V]{}
	at.holes |= 1 << (i % pageSize)
	p.holes++
	for p.end > 0 && p.isHole(p.end-1) {
		p.end--
		p.holes--
		p.ownPage(p.end / pageSize).holes &^= 1 << (p.end % pageSize)
	}
	if keep := (p.end + pageSize - 1) / pageSize; keep < len(p.table) {
		p.ownPage(keep)
		clear(p.table[keep:])
		p.table = p.table[:keep]
	}
	if p.holes > p.end/2 || p.index.room > 16*(p.len()+pageSize) {
		p.closeUp()
	}
	return val, true
}

// closeUp removes the holes, and gives back the room of what there once was.
func (p *pages[V]) closeUp() {
	closed := pages[V]{owner: p.owner, owned: p.owner, table: make([]page[V], 0, p.len()/pageSize+1)}
	before := make([]int, len(p.table)) // how many holes come before each page
	for k := 1; k < len(before); k++ {
		before[k] = before[k-1] + bits.OnesCount64(p.table[k-1].holes)
	}
	p.each(func(e *dictEntry[V]) bool {
		if closed.end%pageSize == 0 {
			closed.table = append(closed.table, page[V]{new([pageSize]dictEntry[V]), p.owner, 0})
		}
		*closed.at(closed.end) = *e
		closed.end++
		return true
	})
	p.index.each(func(hash uint32, i int) {
		at := p.table[i/pageSize]
		holes := before[i/pageSize] + bits.OnesCount64(at.holes&(1<<(i%pageSize)-1))
		closed.index.add(p.owner, hash, i-holes)
	})
	*p = closed
}

func (p *pages[V]) each(fn func(e *dictEntry[V]) bool) {
	for k := range p.table {
		at := &p.table[k]
		n := min(pageSize, p.end-k*pageSize)
		for i := range n {
			if at.holes>>i&1 == 0 && !fn(&at.entries[i]) {
				return
			}
		}
	}
}

func (p *pages[V]) clone() *pages[V] {
	p.owner = new(owner)
	c := *p
	c.owner = new(owner)
	return &c
}
