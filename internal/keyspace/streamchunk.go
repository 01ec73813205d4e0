package keyspace

import (
	"encoding/binary"
	"slices"
	"sort"
	"strings"
)

// chunk is a run of entries of a stream: those that Redis keeps in one listpack, a
// node of its tree. Clients can tell one from the next, as a trim with "~" removes
// only whole ones and XINFO STREAM counts them. So a chunk knows what Redis goes
// by when it begins the next: how many entries came to it ever, and how many bytes
// they take there.
//
// The texts of all entries lie in data, which only grows: an entry that is deleted
// leaves its bytes to the chunk. Most entries have the names of the first, which are
// there once.
type chunk struct {
	owner   *owner
	entries []chunkEntry // by their IDs; not those that were deleted
	data    []byte
	names   []string // of the first entry ever
	last    streamID // of the newest entry ever
	added   int      // how many entries ever
	bytes   int      // the length of the listpack
}

// chunkEntry is an entry as a chunk has it. Its part of data is the number of its
// names and then, each behind its length, names and values in turn. Where the number
// is 0 the names are the chunk's, and only the values follow.
type chunkEntry struct {
	id         streamID
	start, end uint32
}

// streamEntry is an entry of a stream. It must not be kept.
type streamEntry struct {
	chunkEntry
	in *chunk
}

// The size of a node of Redis by default: stream-node-max-entries and
// stream-node-max-bytes.
const (
	nodeEntries = 100
	nodeBytes   = 4096
)

// newChunk returns a chunk for a first entry, which is not yet in it.
func newChunk(o *owner, fields []string) *chunk {
	c := &chunk{owner: o, names: make([]string, len(fields)/2)}
	c.bytes = listpackFrame + packedInt(1) + packedInt(0) + packedInt(int64(len(c.names))) + packedInt(0)
	for i := range c.names {
		c.names[i] = strings.Clone(fields[2*i])
		c.bytes += packedText(fields[2*i])
	}
	return c
}

// isFull reports whether Redis would begin a new node for an entry.
func (c *chunk) isFull(fields []string) bool {
	return c.bytes+textSize(fields) >= nodeBytes || c.added >= nodeEntries
}

// add appends an entry. first is the ID of the first one ever.
func (c *chunk) add(id, first streamID, fields []string) {
	start := uint32(len(c.data))
	names := len(fields) / 2
	pieces := names + 3
	c.bytes += packedInt(0) + packedInt(int64(id.ms-first.ms)) + packedInt(int64(id.seq-first.seq))
	if c.hasNames(fields) {
		c.data = append(c.data, 0)
		for i := 1; i < len(fields); i += 2 {
			c.put(fields[i])
		}
	} else {
		pieces += names + 1
		c.bytes += packedInt(int64(names))
		c.data = binary.AppendUvarint(c.data, uint64(names))
		for _, text := range fields {
			c.put(text)
		}
	}
	c.bytes += packedInt(int64(pieces))
	c.entries = append(c.entries, chunkEntry{id, start, uint32(len(c.data))})
	c.last = id
	c.added++
}

// put appends a text of an entry.
func (c *chunk) put(text string) {
	c.data = append(binary.AppendUvarint(c.data, uint64(len(text))), text...)
	c.bytes += packedText(text)
}

// hasNames reports whether the names of fields are the chunk's.
func (c *chunk) hasNames(fields []string) bool {
	if len(fields) != 2*len(c.names) {
		return false
	}
	for i, name := range c.names {
		if fields[2*i] != name {
			return false
		}
	}
	return true
}

// fields returns the names and values of an entry in turn.
func (e streamEntry) fields() []string {
	data := e.in.data[e.start:e.end]
	number, size := binary.Uvarint(data)
	rest := string(data[size:])
	text := func() string {
		n, size := uvarint(rest)
		text := rest[size : size+n]
		rest = rest[size+n:]
		return text
	}
	if number == 0 {
		fields := make([]string, 2*len(e.in.names))
		for i, name := range e.in.names {
			fields[2*i], fields[2*i+1] = name, text()
		}
		return fields
	}
	fields := make([]string, 2*number)
	for i := range fields {
		fields[i] = text()
	}
	return fields
}

// uvarint reads a length, as binary.Uvarint does, and returns how many bytes it has.
func uvarint(s string) (n, size int) {
	for shift := 0; ; shift += 7 {
		b := s[size]
		size++
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			return n, size
		}
	}
}

// seal gives back room: no more entries will come.
func (c *chunk) seal() {
	c.entries = slices.Clone(c.entries)
	c.data = slices.Clone(c.data)
}

// entry returns the i-th entry.
func (c *chunk) entry(i int) streamEntry { return streamEntry{c.entries[i], c} }

// search returns the place of the first entry that does not come before id.
func (c *chunk) search(id streamID) int {
	return sort.Search(len(c.entries), func(i int) bool { return !c.entries[i].id.before(id) })
}

// at returns the place of the entry with an ID.
func (c *chunk) at(id streamID) (int, bool) {
	i := c.search(id)
	return i, i < len(c.entries) && c.entries[i].id == id
}

func (c *chunk) remove(i int) { c.entries = slices.Delete(c.entries, i, i+1) }

// cut removes the first n entries.
func (c *chunk) cut(n int) { c.entries = c.entries[n:] }

// clone shares the data: neither appends to what the other has.
func (c *chunk) clone(o *owner) *chunk {
	clone := *c
	clone.owner = o
	clone.entries = slices.Clone(c.entries)
	clone.data = slices.Clip(c.data)
	return &clone
}

// listpackFrame is how long an empty listpack is.
const listpackFrame = 7

// packedInt returns how many bytes an integer takes in a listpack.
func packedInt(n int64) int {
	const around = 1 // its length once more, for the way back
	switch {
	case n >= 0 && n <= 127:
		return 1 + around
	case n >= -4096 && n <= 4095:
		return 2 + around
	case n == int64(int16(n)):
		return 3 + around
	case n >= -1<<23 && n < 1<<23:
		return 4 + around
	case n == int64(int32(n)):
		return 5 + around
	}
	return 9 + around
}

// packedText returns how many bytes a text takes in a listpack, where what looks
// like an integer is one. Beyond 4096 it makes no difference how many.
func packedText(s string) int {
	if n, err := parseInt(s); err == nil {
		return packedInt(n)
	}
	size := len(s)
	switch {
	case size < 64:
		size++
	case size < 4096:
		size += 2
	default:
		size += 5
	}
	if size <= 127 {
		return size + 1
	}
	return size + 2
}
