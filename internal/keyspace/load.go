package keyspace

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"

	"github.com/fxamacker/cbor/v2"
)

// LoadError says from which byte on what Load reads is not what Save has written.
type LoadError struct {
	Offset int64
	Err    error // one of those below, or that of the reader
}

func (e *LoadError) Error() string { return fmt.Sprintf("at byte %d: %v", e.Offset, e.Err) }

func (e *LoadError) Unwrap() error { return e.Err }

// What may be wrong with what Load reads.
var (
	ErrNotSaved     = errors.New("this is not what Save writes")
	ErrSaveVersion  = errors.New("this was saved by a later version of this program")
	ErrSaveCutShort = errors.New("it is cut short here")
	ErrSaveDamaged  = errors.New("it is damaged here")
)

// Load reads what Save has written. The Space is not changed before the Snapshot is
// restored, which leaves its clock as it is now.
func (s *Space) Load(r io.Reader) (*Snapshot, error) {
	from := &countingReader{r: r}
	l := loader{from: from, in: savedItems.NewDecoder(from), space: New()}
	l.space.exclusive = true
	l.begin()
	for !l.ended && l.err == nil {
		l.item()
	}
	if l.mustBe(len(l.block) == 0) {
		l.nothingMore()
	}
	if l.err != nil {
		return nil, l.err
	}
	snap := &Snapshot{space: s, now: s.Now().UnixMilli(), offset: s.offset.Load(), fixed: s.fixed.Load(), code: l.code}
	for i, db := range l.space.dbs {
		snap.dbs[i] = db.data
	}
	return snap, nil
}

// savedItems reads items that are exactly of the form that they should have.
var savedItems = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden, MaxArrayElements: math.MaxInt32,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

// countingReader knows how far it has read, and why no further.
type countingReader struct {
	r   io.Reader
	n   int64
	err error
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.err = err
	return n, err
}

// loader reads blocks, and from them items into a Space of its own. After an error it
// reads nothing more.
type loader struct {
	from  *countingReader
	in    *cbor.Decoder
	space *Space
	start int64  // of the block in the whole
	block []byte // what is left of it
	keys  int
	code  []string // of libraries
	ended bool
	err   error
}

func (l *loader) fail(offset int64, err error) {
	if l.err == nil {
		l.err = &LoadError{offset, err}
	}
}

// mustBe says that all is damaged where something is not as it must be.
func (l *loader) mustBe(right bool) bool {
	if !right {
		l.fail(l.start, ErrSaveDamaged)
	}
	return l.err == nil
}

func (l *loader) begin() {
	var begin savedBegin
	switch err := l.in.Decode(&begin); {
	case l.from.err != nil && l.from.err != io.EOF:
		l.fail(l.from.n, l.from.err)
	case err != nil, begin.Magic != saveMagic:
		l.fail(0, ErrNotSaved)
	case begin.Version != saveVersion:
		l.fail(0, fmt.Errorf("%w: it is of version %d, and %d is known", ErrSaveVersion, begin.Version, saveVersion))
	}
}

// nextBlock reads a block.
func (l *loader) nextBlock() {
	l.start = int64(l.in.NumBytesRead())
	var b savedBlock
	switch err := l.in.Decode(&b); {
	case err == nil:
		l.mustBe(len(b.Data) > 0 && crc32.Checksum(b.Data, castagnoli) == b.Sum)
		l.block = b.Data
	case l.from.err != nil && l.from.err != io.EOF:
		l.fail(l.from.n, l.from.err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		l.fail(l.from.n, ErrSaveCutShort)
	default:
		l.mustBe(false)
	}
}

// nothingMore looks whether there is anything behind the end.
func (l *loader) nothingMore() {
	l.start = int64(l.in.NumBytesRead())
	switch err := l.in.Skip(); {
	case l.from.err != nil && l.from.err != io.EOF:
		l.fail(l.from.n, l.from.err)
	case err != io.EOF:
		l.mustBe(false)
	}
}

// take reads an item of the block, or of the next one.
func (l *loader) take(into any) bool {
	if len(l.block) == 0 && l.err == nil {
		l.nextBlock()
	}
	if l.err != nil {
		return false
	}
	var err error
	l.block, err = savedItems.UnmarshalFirst(l.block, into)
	return l.mustBe(err == nil)
}

// item reads a key with what it holds, a library, or the end.
func (l *loader) item() {
	var raw cbor.RawMessage
	if !l.take(&raw) {
		return
	}
	var end savedEnd
	if savedItems.Unmarshal(raw, &end) == nil {
		l.ended = l.mustBe(end.End == savedEndMark && end.Keys == l.keys)
		return
	}
	var lib savedLibrary
	if savedItems.Unmarshal(raw, &lib) == nil {
		l.code = append(l.code, string(lib.Code))
		return
	}
	var k savedKey
	if !l.mustBe(savedItems.Unmarshal(raw, &k) == nil && k.DB < Databases) {
		return
	}
	obj := l.value(k)
	db := l.space.dbs[k.DB]
	if l.mustBe(obj != nil && !db.keys.has(string(k.Key))) {
		db.putItem(string(k.Key), item{obj: obj, expire: k.Expire})
		l.keys++
	}
}

// value reads what a key holds, nil where it is nothing that a key can hold.
func (l *loader) value(k savedKey) any {
	switch k.Type {
	case "string":
		var v text
		switch l.take(&v); {
		case k.Grown:
			return &buffer{b: []byte(v)}
		default:
			return string(v)
		}
	case "list":
		v := newList()
		l.parts(k.Size, 1, func(part []text) {
			for _, element := range part {
				v.push(tail, string(element))
			}
		})
		return v
	case "hash":
		v := newHash()
		l.parts(k.Size, 2, func(part []text) {
			for i := 0; i < len(part); i += 2 {
				l.mustBe(v.set(string(part[i]), string(part[i+1])))
			}
		})
		v.table = k.Grown
		return v
	case "set":
		v := newSet()
		l.parts(k.Size, 1, func(part []text) {
			for _, member := range part {
				l.mustBe(v.add(string(member)))
			}
		})
		v.table = v.table || k.Grown
		return v
	case "zset":
		return l.zset(k)
	case "stream":
		return l.stream(k)
	}
	return nil
}

// parts reads n elements, each of so many texts, of which there is one at least.
func (l *loader) parts(n, texts int, add func(part []text)) {
	l.mustBe(n > 0)
	for left := n; left > 0 && l.err == nil; {
		var part []text
		l.take(&part)
		if l.mustBe(len(part) > 0 && len(part)%texts == 0 && len(part)/texts <= left) {
			add(part)
			left -= len(part) / texts
		}
	}
}

func (l *loader) zset(k savedKey) *zset {
	v := newZset()
	l.mustBe(k.Size > 0)
	for v.len() < k.Size && l.err == nil {
		var part savedScores
		l.take(&part)
		if !l.mustBe(len(part.Members) > 0 && len(part.Members) == len(part.Scores) && len(part.Members) <= k.Size-v.len()) {
			break
		}
		for i, member := range part.Members {
			score := part.Scores[i]
			if l.mustBe(!v.scores.has(string(member)) && !math.IsNaN(score)) {
				v.put(string(member), score)
			}
		}
	}
	v.skiplist = k.Grown
	return v
}

func (id savedID) id() streamID { return streamID{id.Ms, id.Seq} }

func (l *loader) stream(k savedKey) *stream {
	s := newStream()
	var of savedStream
	l.take(&of)
	for n := of.Chunks; n > 0 && l.err == nil; n-- {
		l.chunk(s)
	}
	l.mustBe(s.length == k.Size && of.Chunks >= 0 && !of.Last.id().before(s.last))
	s.last, s.deleted, s.added = of.Last.id(), of.Deleted.id(), of.Added
	for n := of.Groups; n > 0 && l.err == nil; n-- {
		l.group(s)
	}
	l.mustBe(of.Groups >= 0)
	return s
}

// chunk reads a chunk, which comes behind all others.
func (l *loader) chunk(s *stream) {
	var of savedChunk
	l.take(&of)
	first := of.First.id()
	before, there := s.chunks.Max()
	if !l.mustBe(of.Added > 0 && of.Added <= nodeEntries && of.Bytes >= 0 &&
		(!there || s.length > 0 && len(of.Entries) > 0 && s.last.before(first))) {
		return
	}
	if there {
		before.seal()
	}
	names := make([]string, len(of.Names))
	for i, name := range of.Names {
		names[i] = string(name)
	}
	n := streamNode{first, newChunk(s.owner, pairsOf(names, names))}
	last := first
	for i, e := range of.Entries {
		id := e.ID.id()
		if !l.mustBe(!id.before(last) && (i == 0 || id != last) && len(e.Fields) > 0 && len(e.Fields)%2 == 0) {
			return
		}
		fields := make([]string, len(e.Fields))
		for j, field := range e.Fields {
			fields[j] = string(field)
		}
		n.add(id, first, fields)
		s.last, last = id, id
	}
	if !l.mustBe(len(of.Entries) <= of.Added && !of.Last.id().before(last)) {
		return
	}
	n.last, n.added, n.bytes = of.Last.id(), of.Added, of.Bytes
	s.chunks.Set(n)
	s.length += len(of.Entries)
	s.appends += uint64(len(of.Entries))
}

func (l *loader) group(s *stream) {
	var of savedGroup
	l.take(&of)
	if !l.mustBe(of.Consumers >= 0 && s.group(string(of.Name)) == nil) {
		return
	}
	g := newGroup(of.Last.id(), of.Read)
	s.groups.Set(string(of.Name), g)
	for n := of.Consumers; n > 0 && l.err == nil; n-- {
		var c savedConsumer
		l.take(&c)
		if !l.mustBe(c.Pending >= 0 && g.consumer(string(c.Name), 0) == nil) {
			return
		}
		to := g.newConsumer(string(c.Name), c.Seen)
		for n := c.Pending; n > 0 && l.err == nil; n-- {
			var p savedPending
			l.take(&p)
			_, pending := g.pending.get(p.ID.id())
			if l.mustBe(!pending) {
				g.put(pendingEntry{p.ID.id(), &delivery{to, p.At, p.Count}})
			}
		}
	}
}
