package keyspace

import (
	"fmt"
	"iter"

	"github.com/tidwall/btree"
)

// group is a consumer group of a stream: how far it has read, and what of that is
// pending, delivered to a consumer and not yet acknowledged.
//
// An entry that is pending lies twice, in the list of the group and in that of the
// consumer who has it, with the same delivery. It need not be in the stream any
// more. put, give, settle and removeConsumer are the only ways to change either list.
type group struct {
	last      streamID // of the newest entry that was delivered
	read      int64    // how many entries ever come before and with it, or unknownReads
	pending   pendingList
	consumers btree.Map[string, *consumer]
}

// unknownReads is a number of entries that cannot be told: entries were deleted.
const unknownReads = -1

// consumer is one who reads for a group.
type consumer struct {
	name    string
	seen    int64 // when it was last named, in Unix milliseconds
	pending pendingList
}

// delivery says who has an entry, since when in Unix milliseconds, and how often it
// was delivered.
type delivery struct {
	consumer *consumer
	at       int64
	count    int64
}

// pendingEntry is an entry that is pending.
type pendingEntry struct {
	id streamID
	*delivery
}

// pendingList has what is pending by ID.
type pendingList struct {
	tree *btree.BTreeG[pendingEntry]
}

func newPendingList() pendingList {
	before := func(p, q pendingEntry) bool { return p.id.before(q.id) }
	return pendingList{btree.NewBTreeGOptions(before, btree.Options{NoLocks: true})}
}

func (l pendingList) len() int { return l.tree.Len() }

func (l pendingList) get(id streamID) (pendingEntry, bool) { return l.tree.Get(pendingEntry{id: id}) }

// from goes through what is pending from an ID on. The list must not change
// meanwhile.
func (l pendingList) from(start streamID) iter.Seq[pendingEntry] {
	return func(yield func(pendingEntry) bool) { l.tree.Ascend(pendingEntry{id: start}, yield) }
}

// next returns what is first pending from an ID on.
func (l pendingList) next(start streamID) (next pendingEntry, ok bool) {
	for p := range l.from(start) {
		return p, true
	}
	return next, false
}

func newGroup(last streamID, read int64) *group {
	return &group{last: last, read: read, pending: newPendingList()}
}

// consumer returns the consumer of a name, or nil. seen is when it is named, 0 if
// that does not count.
func (g *group) consumer(name string, seen int64) *consumer {
	c, _ := g.consumers.Get(name)
	if c != nil && seen != 0 {
		c.seen = seen
	}
	return c
}

// newConsumer makes a consumer.
func (g *group) newConsumer(name string, now int64) *consumer {
	c := &consumer{name, now, newPendingList()}
	g.consumers.Set(name, c)
	return c
}

// removeConsumer removes a consumer with all that is pending for it.
func (g *group) removeConsumer(c *consumer) {
	for p := range c.pending.from(streamID{}) {
		g.pending.tree.Delete(p)
	}
	g.consumers.Delete(c.name)
}

// deliver makes an entry pending for a consumer, as if for the first time.
func (g *group) deliver(id streamID, to *consumer, now int64) {
	p, there := g.pending.get(id)
	if there {
		g.give(p, to)
		p.at, p.count = now, 1
		return
	}
	g.put(pendingEntry{id, &delivery{to, now, 1}})
}

// put makes an entry pending that is not yet.
func (g *group) put(p pendingEntry) {
	g.pending.tree.Set(p)
	p.consumer.pending.tree.Set(p)
}

// give has a consumer take what is pending from whoever has it.
func (g *group) give(p pendingEntry, to *consumer) {
	p.consumer.pending.tree.Delete(p)
	p.consumer = to
	to.pending.tree.Set(p)
}

// settle ends that an entry is pending.
func (g *group) settle(p pendingEntry) {
	g.pending.tree.Delete(p)
	p.consumer.pending.tree.Delete(p)
}

func (g *group) clone() *group {
	clone := newGroup(g.last, g.read)
	g.consumers.Scan(func(name string, c *consumer) bool {
		own := clone.newConsumer(name, c.seen)
		for p := range c.pending.from(streamID{}) {
			clone.put(pendingEntry{p.id, &delivery{own, p.at, p.count}})
		}
		return true
	})
	return clone
}

// readTo notes that the group has been given an entry that comes after all before.
func (g *group) readTo(s *stream, id streamID) {
	if g.read != unknownReads && !s.hasGaps(id) {
		g.read++
	} else if s.added != 0 {
		g.read = s.entriesUpTo(id)
	}
	g.last = id
}

// lag returns how many entries the group has not read, or nil where that cannot be
// told.
func (g *group) lag(s *stream) any {
	if s.added == 0 {
		return zero
	}
	read := g.read
	if read == unknownReads || s.hasGaps(g.last) {
		if read = s.entriesUpTo(g.last); read == unknownReads {
			return nil
		}
	}
	return intReply(s.added - read)
}

// hasGaps reports whether an entry between id and the end may have been deleted
// out of the middle.
func (s *stream) hasGaps(id streamID) bool {
	if s.length == 0 || s.deleted == (streamID{}) || s.deleted.before(id) {
		return false
	}
	return !s.deleted.before(s.lowest())
}

// entriesUpTo returns how many entries ever were added as far as id, or
// unknownReads.
func (s *stream) entriesUpTo(id streamID) int64 {
	switch c := id.compare(s.last); {
	case s.added == 0:
		return 0
	case s.length == 0 && c <= 0, c == 0:
		return s.added
	case c > 0:
		return unknownReads
	}
	first := s.lowest()
	if s.deleted == (streamID{}) || s.deleted.before(first) {
		switch c := id.compare(first); {
		case c < 0:
			return s.added - int64(s.length)
		case c == 0:
			return s.added - int64(s.length) + 1
		}
	}
	return unknownReads
}

// check returns an error where the list of the group and those of its consumers
// disagree.
func (g *group) check() error {
	var err error
	pending := 0
	g.consumers.Scan(func(name string, c *consumer) bool {
		if c.name != name {
			err = fmt.Errorf("consumer %q is %q", name, c.name)
		}
		for p := range c.pending.from(streamID{}) {
			of, there := g.pending.get(p.id)
			switch {
			case !there || of.delivery != p.delivery:
				err = fmt.Errorf("consumer %q has %v, the group does not", name, p.id)
			case p.consumer != c:
				err = fmt.Errorf("consumer %q has %v, which says %q", name, p.id, p.consumer.name)
			}
			pending++
		}
		return err == nil
	})
	if err == nil && pending != g.pending.len() {
		err = fmt.Errorf("%d are pending, %d with consumers", g.pending.len(), pending)
	}
	return err
}
