package keyspace

// index finds the places of entries by the hashes of their keys. It holds no keys: who
// asks compares those at the places that it is given.
//
// It is a hash table that grows a part at a time: the upper bits of a hash say in which
// bucket it is, and a bucket that is full is split in two by the next bit, so that no
// insertion takes long. Several entries of dir have the same bucket where it was split
// less often than others. Buckets, and dir, are shared with clones: see pages.
//
// The zero index is empty and ready to use.
type index struct {
	dir   []*bucket
	owned *owner // of dir
	depth int    // how many upper bits of a hash are for dir
	room  int    // how many slots there are
}

// bucket is a table of slots with linear probing: a hash is in the slot that its lower
// bits say or behind, and before the next empty one.
type bucket struct {
	owner *owner
	slots []slot
	used  int
	depth int // how many upper bits all hashes in it have in common
}

// slot has a hash above and one more than a place below. 0 is an empty one.
type slot uint64

func newSlot(hash uint32, place int) slot { return slot(hash)<<32 | slot(place+1) }

func (s slot) hash() uint32 { return uint32(s >> 32) }
func (s slot) place() int   { return int(uint32(s)) - 1 }

const (
	bucketMin = 256
	bucketMax = 512 // slots of a bucket that is split rather than made larger
	maxDepth  = 20  // leaves the lower bits of a hash to the slots
)

// bucket returns where a hash is, if it is anywhere.
func (x *index) bucket(hash uint32) *bucket { return x.dir[hash>>(32-x.depth)] }

// find returns the first place that is noted for a hash, or -1.
func (b *bucket) find(hash uint32) int {
	for i, mask := int(hash), len(b.slots)-1; b.slots[i&mask] != 0; i++ {
		if s := b.slots[i&mask]; s.hash() == hash {
			return s.place()
		}
	}
	return -1
}

// span returns which entries of dir have what all hashes that share so many bits with
// this one are in.
func (x *index) span(hash uint32, depth int) []*bucket {
	n := 1 << (x.depth - depth)
	from := int(hash>>(32-x.depth)) &^ (n - 1)
	return x.dir[from : from+n]
}

// own returns the bucket of a hash for changing.
func (x *index) own(o *owner, hash uint32) *bucket {
	if x.dir == nil {
		*x = index{[]*bucket{{owner: o, slots: make([]slot, bucketMin)}}, o, 0, bucketMin}
	}
	if x.owned != o {
		x.dir, x.owned = cloneRoom(x.dir), o
	}
	b := x.bucket(hash)
	if b.owner != o {
		b = &bucket{o, cloneRoom(b.slots), b.used, b.depth}
		fill(x.span(hash, b.depth), b)
	}
	return b
}

func fill(dir []*bucket, b *bucket) {
	for i := range dir {
		dir[i] = b
	}
}

// add notes a place.
func (x *index) add(o *owner, hash uint32, place int) {
	b := x.own(o, hash)
	for b.used >= len(b.slots)/5*4 {
		slots := b.slots
		x.room += len(slots)
		if len(slots) < bucketMax || b.depth == maxDepth {
			b.slots, b.used = make([]slot, 2*len(slots)), 0
		} else {
			x.split(b, hash)
		}
		for _, s := range slots {
			if s != 0 {
				x.bucket(s.hash()).put(s)
			}
		}
		b = x.bucket(hash)
	}
	b.put(newSlot(hash, place))
}

// split has two empty buckets take the place of b, to which a hash belongs.
func (x *index) split(b *bucket, hash uint32) {
	if b.depth == x.depth {
		dir := make([]*bucket, 2*len(x.dir))
		for i := range dir {
			dir[i] = x.dir[i/2]
		}
		x.dir = dir
		x.depth++
	}
	span := x.span(hash, b.depth)
	for _, half := range [][]*bucket{span[:len(span)/2], span[len(span)/2:]} {
		fill(half, &bucket{b.owner, make([]slot, len(b.slots)), 0, b.depth + 1})
	}
}

func (b *bucket) put(s slot) {
	i, mask := int(s.hash()), len(b.slots)-1
	for b.slots[i&mask] != 0 {
		i++
	}
	b.slots[i&mask] = s
	b.used++
}

// remove forgets a place that is noted. Those behind it move up, so that no slot that is
// empty now parts one from where it is looked for.
func (x *index) remove(o *owner, hash uint32, place int) {
	b := x.own(o, hash)
	mask := len(b.slots) - 1
	i := int(hash) & mask
	for b.slots[i] != newSlot(hash, place) {
		i = (i + 1) & mask
	}
	for j := (i + 1) & mask; b.slots[j] != 0; j = (j + 1) & mask {
		if home := int(b.slots[j].hash()); (j-home)&mask >= (j-i)&mask {
			b.slots[i] = b.slots[j]
			i = j
		}
	}
	b.slots[i] = 0
	b.used--
}

// each calls fn for everything that is noted.
func (x *index) each(fn func(hash uint32, place int)) {
	for i := 0; i < len(x.dir); i += 1 << (x.depth - x.dir[i].depth) {
		for _, s := range x.dir[i].slots {
			if s != 0 {
				fn(s.hash(), s.place())
			}
		}
	}
}
