package keyspace

import (
	"fmt"
	"iter"
	"math/bits"

	"github.com/tidwall/btree"
)

// stream is what a stream key holds: its entries, in chunks, and its consumer
// groups. A stream may be empty, as what it remembers of itself stays.
//
// The tree has the chunks by the IDs of their first entries ever. New entries go
// to the last one, and nothing is ever put in between.
type stream struct {
	version
	owner   *owner // of the chunks that it may change in place: see sequence
	chunks  *btree.BTreeG[streamNode]
	length  int      // how many entries
	last    streamID // the highest ID ever given
	deleted streamID // the highest ID that XDEL has deleted
	added   int64    // how many entries ever, as far as XSETID says nothing else
	appends uint64   // how many entries ever: tells those who wait that there is more
	groups  btree.Map[string, *group]
}

// streamNode is a chunk in the tree. The zero one is none.
type streamNode struct {
	first streamID
	*chunk
}

func (n streamNode) before(m streamNode) bool { return n.first.before(m.first) }

func newStream() *stream { return &stream{chunks: newChunkTree()} }

func newChunkTree() *btree.BTreeG[streamNode] {
	return btree.NewBTreeGOptions(streamNode.before, btree.Options{NoLocks: true})
}

// clone shares the chunks, and copies the groups.
func (s *stream) clone() any {
	s.owner = new(owner)
	clone := *s
	clone.version = version{}
	clone.owner = new(owner)
	clone.chunks = s.chunks.Copy()
	clone.groups = btree.Map[string, *group]{}
	s.groups.Scan(func(name string, g *group) bool {
		clone.groups.Load(name, g.clone())
		return true
	})
	return &clone
}

// own returns a node for changing, after copying its chunk where it belongs to another
// stream as well.
func (s *stream) own(n streamNode) streamNode {
	if n.owner != s.owner {
		n.chunk = n.chunk.clone(s.owner)
		s.chunks.Set(n)
	}
	return n
}

func (s *stream) size() int        { return s.length }
func (s *stream) typeName() string { return "stream" }

// add appends an entry, whose ID is higher than the last.
func (s *stream) add(id streamID, fields []string) {
	n, there := s.chunks.Max()
	if there && n.isFull(fields) {
		s.own(n).seal()
		there = false
	}
	if there && id.before(n.first) { // it is empty, and XSETID has gone back behind it
		s.chunks.Delete(n)
		there = false
	}
	if !there {
		n = streamNode{id, newChunk(s.owner, fields)}
		s.chunks.Set(n)
	}
	s.own(n).add(id, n.first, fields)
	s.length++
	s.added++
	s.appends++
	s.last = id
}

// node returns the chunk in which id is, if it is anywhere.
func (s *stream) node(id streamID) (found streamNode) {
	s.chunks.Descend(streamNode{first: id}, func(n streamNode) bool {
		found = n
		return false
	})
	return found
}

// get returns an entry.
func (s *stream) get(id streamID) (e streamEntry, there bool) {
	n := s.node(id)
	if n.chunk == nil {
		return e, false
	}
	i, there := n.at(id)
	if there {
		e = n.entry(i)
	}
	return e, there
}

// remove deletes an entry and reports whether it was there.
func (s *stream) remove(id streamID) bool {
	n := s.node(id)
	if n.chunk == nil {
		return false
	}
	i, there := n.at(id)
	if !there {
		return false
	}
	n = s.own(n)
	if n.remove(i); len(n.entries) == 0 {
		s.chunks.Delete(n)
	}
	s.length--
	if s.deleted.before(id) {
		s.deleted = id
	}
	return true
}

// walk goes through the entries from start to end, both among them or, reversed,
// from end to start. The stream must not change meanwhile.
func (s *stream) walk(start, end streamID, reverse bool) iter.Seq[streamEntry] {
	if reverse {
		return s.walkBack(start, end)
	}
	return func(yield func(streamEntry) bool) {
		s.chunks.Ascend(streamNode{first: s.node(start).first}, func(n streamNode) bool {
			for i := n.search(start); i < len(n.entries); i++ {
				if e := n.entry(i); end.before(e.id) || !yield(e) {
					return false
				}
			}
			return true
		})
	}
}

func (s *stream) walkBack(start, end streamID) iter.Seq[streamEntry] {
	return func(yield func(streamEntry) bool) {
		s.chunks.Descend(streamNode{first: end}, func(n streamNode) bool {
			i, there := n.at(end)
			if !there {
				i--
			}
			for ; i >= 0; i-- {
				if e := n.entry(i); e.id.before(start) || !yield(e) {
					return false
				}
			}
			return true
		})
	}
}

// lowest returns the lowest ID of an entry, and newest the highest; of an empty
// stream they are zero.
func (s *stream) lowest() streamID {
	e, _ := s.edge(false)
	return e.id
}

func (s *stream) newest() streamID {
	e, _ := s.edge(true)
	return e.id
}

// edge returns the first entry, or the last.
func (s *stream) edge(last bool) (edge streamEntry, there bool) {
	for e := range s.walk(streamID{}, maxStreamID, last) {
		return e, true
	}
	return edge, false
}

// radixNodes returns how many nodes Redis's radix tree of the chunks would have. A
// node stands for each branching, for each run of bytes without one, and for each
// end of a key of 16 bytes. The root is one even if there is nothing.
func (s *stream) radixNodes() int {
	const keyBytes = 16
	nodes := 0
	var branchings []int // the depths at which the way to the last key branches
	// leave counts what is on the way to the last key below depth.
	leave := func(depth int) {
		below := keyBytes
		for len(branchings) > 0 && branchings[len(branchings)-1] > depth {
			top := branchings[len(branchings)-1]
			branchings = branchings[:len(branchings)-1]
			nodes += 1 + run(top+1, below)
			below = top
		}
		nodes += run(depth+1, below)
	}
	var last streamID
	s.chunks.Scan(func(n streamNode) bool {
		if nodes > 0 {
			depth := commonBytes(last, n.first)
			leave(depth)
			if len(branchings) == 0 || branchings[len(branchings)-1] != depth {
				branchings = append(branchings, depth)
			}
		}
		nodes++ // the end of its key
		last = n.first
		return true
	})
	if nodes == 0 {
		return 1
	}
	leave(-1)
	return nodes
}

// run returns how many nodes the bytes between two depths take.
func run(from, to int) int { return min(max(to-from, 0), 1) }

// commonBytes returns how many bytes two IDs have in common at their begin.
func commonBytes(a, b streamID) int {
	if a.ms != b.ms {
		return bits.LeadingZeros64(a.ms^b.ms) / 8
	}
	return 8 + bits.LeadingZeros64(a.seq^b.seq)/8
}

// check returns an error where chunks, their entries and what is counted disagree,
// or the groups are not in order.
func (s *stream) check() error {
	length := 0
	var before streamID
	var err error
	s.chunks.Scan(func(n streamNode) bool {
		switch {
		case len(n.entries) > n.added || n.added > nodeEntries:
			err = fmt.Errorf("chunk %v has %d entries of %d", n.first, len(n.entries), n.added)
		case length > 0 && !before.before(n.first):
			err = fmt.Errorf("chunk %v comes after %v", n.first, before)
		case len(n.entries) == 0 && length > 0:
			err = fmt.Errorf("chunk %v is empty", n.first)
		case len(n.entries) > 0 && n.entries[0].id.before(n.first):
			err = fmt.Errorf("chunk %v begins with %v", n.first, n.entries[0].id)
		}
		for _, e := range n.entries {
			if length > 0 && !before.before(e.id) {
				err = fmt.Errorf("%v comes before %v", before, e.id)
			}
			if s.last.before(e.id) {
				err = fmt.Errorf("%v is above the last ID %v", e.id, s.last)
			}
			before = e.id
			length++
		}
		return err == nil
	})
	if err == nil && length != s.length {
		err = fmt.Errorf("%d entries, %d are counted", length, s.length)
	}
	s.groups.Scan(func(name string, g *group) bool {
		if err == nil {
			if err = g.check(); err != nil {
				err = fmt.Errorf("group %q: %w", name, err)
			}
		}
		return err == nil
	})
	return err
}
