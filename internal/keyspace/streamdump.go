package keyspace

import "encoding/binary"

// Streams in a dump: each chunk as Redis has it in a listpack, behind the ID of its
// first entry ever; what the stream remembers of itself; and the groups. Entries that
// were deleted out of a chunk are not there, where Redis has them with a mark.
const (
	rdbStream      = 15 // without firstID and what follows it, and what groups have read
	rdbStreamReads = 19

	rdbIDSize = 16

	entryDeleted   = 1 // flags of entries
	entryHasNoName = 2
)

func (w *rdbWriter) id(id streamID) {
	w.number(id.ms)
	w.number(id.seq)
}

// rawID writes an ID in 16 bytes, in which order is that of bytes.
func (w *rdbWriter) rawID(id streamID) { w.data = appendID(w.data, id) }

func appendID(dst []byte, id streamID) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, id.ms), id.seq)
}

func (w *rdbWriter) time(milli int64) {
	w.data = binary.LittleEndian.AppendUint64(w.data, uint64(milli))
}

func (w *rdbWriter) stream(s *stream) {
	var chunks []streamNode
	s.chunks.Scan(func(n streamNode) bool {
		if len(n.entries) > 0 {
			chunks = append(chunks, n)
		}
		return true
	})
	w.length(len(chunks))
	for _, n := range chunks {
		w.blob(appendID(nil, n.first))
		w.blob(n.listpack())
	}
	w.length(s.length)
	w.id(s.last)
	w.id(s.lowest())
	w.id(s.deleted)
	w.number(uint64(s.added))
	w.length(s.groups.Len())
	s.groups.Scan(func(name string, g *group) bool {
		w.text(name)
		w.group(g)
		return true
	})
}

func (w *rdbWriter) group(g *group) {
	w.id(g.last)
	w.number(uint64(g.read))
	w.length(g.pending.len())
	for p := range g.pending.from(streamID{}) {
		w.rawID(p.id)
		w.time(p.at)
		w.number(uint64(p.count))
	}
	w.length(g.consumers.Len())
	g.consumers.Scan(func(name string, c *consumer) bool {
		w.text(name)
		w.time(c.seen)
		w.length(c.pending.len())
		for p := range c.pending.from(streamID{}) {
			w.rawID(p.id)
		}
		return true
	})
}

// listpack is the chunk as Redis has it: how many entries and deleted ones there are,
// the names of the first, 0; and of each entry flags, its ID less the chunk's, names
// and values, and how many strings that were.
func (n streamNode) listpack() []byte {
	p := newListpack()
	p.addInt(int64(len(n.entries)))
	p.addInt(0)
	p.addInt(int64(len(n.names)))
	for _, name := range n.names {
		p.add(name)
	}
	p.addInt(0)
	for i := range n.entries {
		e := n.entry(i)
		fields := e.fields()
		start := p.count
		if n.hasNames(fields) {
			p.addInt(entryHasNoName)
		} else {
			p.addInt(0)
		}
		p.addInt(int64(e.id.ms - n.first.ms))
		p.addInt(int64(e.id.seq - n.first.seq))
		if !n.hasNames(fields) {
			p.addInt(int64(len(fields) / 2))
		}
		for j, text := range fields {
			if j%2 == 1 || !n.hasNames(fields) {
				p.add(text)
			}
		}
		p.addInt(int64(p.count - start))
	}
	return p.bytes()
}

// number reads what w.number wrote.
func (r *byteReader) number() uint64 {
	n, special := r.lengthOrForm()
	r.mustBe(!special)
	return uint64(n)
}

func (r *byteReader) id() streamID { return streamID{r.number(), r.number()} }

func (r *byteReader) rawID() streamID {
	var id [rdbIDSize]byte
	copy(id[:], r.take(rdbIDSize))
	return streamID{binary.BigEndian.Uint64(id[:]), binary.BigEndian.Uint64(id[8:])}
}

func (r *byteReader) stream(form byte) *stream {
	s := newStream()
	for n := r.length(); n > 0 && !r.bad; n-- {
		key := byteReader{data: []byte(r.text())}
		first := key.rawID()
		r.mustBe(!key.bad && len(key.data) == 0)
		r.chunk(s, first, r.row(true))
	}
	r.mustBe(r.number() == uint64(s.length))
	last := r.id()
	r.mustBe(!last.before(s.last))
	s.last, s.added = last, int64(s.length)
	if form == rdbStreamReads {
		r.id() // the lowest
		s.deleted = r.id()
		s.added = int64(r.number())
	}
	for n := r.length(); n > 0 && !r.bad; n-- {
		name := r.text()
		_, there := s.groups.Get(name)
		r.mustBe(!there)
		s.groups.Set(name, r.group(s, form))
	}
	return s
}

// chunk adds the entries of a listpack as a chunk. They must come after all before.
func (r *byteReader) chunk(s *stream, first streamID, row []string) {
	p := stringReader{row: row}
	p.int() // how many entries
	p.int() // and deleted ones
	names := p.texts(p.int())
	p.int()
	if n, there := s.chunks.Max(); there {
		r.mustBe(s.last.before(first))
		n.seal()
	}
	begun := false
	for len(p.row) > 0 && !r.bad {
		flags := p.int()
		id := streamID{first.ms + uint64(p.int()), first.seq + uint64(p.int())}
		var fields []string
		if flags&entryHasNoName != 0 {
			fields = pairsOf(names, p.texts(int64(len(names))))
		} else {
			fields = p.texts(2 * p.int())
		}
		p.int()
		r.mustBe(!p.bad && len(fields) > 0)
		if flags&entryDeleted != 0 || r.bad {
			continue
		}
		if r.mustBe(!id.before(first) && (s.length == 0 || s.last.before(id))); r.bad {
			return
		}
		if begun {
			s.add(id, fields)
			continue
		}
		n := streamNode{first, newChunk(s.owner, pairsOf(names, names))}
		n.add(id, first, fields)
		s.chunks.Set(n)
		s.length++
		s.appends++
		s.last = id
		begun = true
	}
}

// pairsOf returns names and values in turn.
func pairsOf(names, values []string) []string {
	pairs := make([]string, 0, 2*len(names))
	for i := range values {
		pairs = append(pairs, names[i], values[i])
	}
	return pairs
}

func (r *byteReader) group(s *stream, form byte) *group {
	g := newGroup(r.id(), 0)
	g.read = s.entriesUpTo(g.last)
	if form == rdbStreamReads {
		g.read = int64(r.number())
	}
	pending := map[streamID]*delivery{}
	for n := r.length(); n > 0 && !r.bad; n-- {
		id := r.rawID()
		r.mustBe(pending[id] == nil)
		pending[id] = &delivery{at: r.int(8), count: int64(r.number())}
	}
	for n := r.length(); n > 0 && !r.bad; n-- {
		name := r.text()
		r.mustBe(g.consumer(name, 0) == nil)
		c := g.newConsumer(name, r.int(8))
		for n := r.length(); n > 0 && !r.bad; n-- {
			id := r.rawID()
			d := pending[id]
			if r.mustBe(d != nil && d.consumer == nil); r.bad {
				break
			}
			d.consumer = c
			g.put(pendingEntry{id, d})
		}
	}
	r.mustBe(g.pending.len() == len(pending))
	return g
}

// stringReader reads what a listpack had. After what is no number, or not there, bad
// is set.
type stringReader struct {
	row []string
	bad bool
}

func (p *stringReader) texts(n int64) []string {
	if n < 0 || n > int64(len(p.row)) {
		p.row, p.bad = nil, true
		return nil
	}
	texts := p.row[:n]
	p.row = p.row[n:]
	return texts
}

func (p *stringReader) int() int64 {
	text := p.texts(1)
	if p.bad {
		return 0
	}
	n, err := parseInt(text[0])
	p.bad = err != nil
	return n
}
