package keyspace

import (
	"fmt"
	"iter"
	"slices"
)

// sequence is a list of strings that is read and changed at any position in
// O(log n). It is a B-tree without keys: a leaf holds strings, an inner node
// its kids and how many strings lie under each, and a position is found by
// counting.
//
// Nodes are not kept half full. A removal joins two neighbours only when both
// together fill at most half a node, so that of any two neighbours under one
// parent both together are more than half full: enough to keep the tree low,
// and a run of removals and insertions at one place does not split and join
// the same nodes for ever. An append or a prepend that meets a full node leaves
// it all but full, so a list that grows at its ends wastes no room.
//
// A clone shares every node with its original. owner says which nodes a
// sequence may change in place: its own; a node of another owner is copied
// first, and with it the way from the root to it. Nodes of a sequence that was
// never cloned have no owner. Cloning gives both sides new owners, so it is a
// change of the original too and needs the exclusive lock.
//
// The zero sequence is empty and ready to use.
type sequence struct {
	root  branch
	owner *owner
}

// owner is compared by its address, so it must not be of size 0.
type owner struct{ _ byte }

// branch is a node with the number of strings under it. The node is nil only in
// the root of an empty sequence.
type branch struct {
	size int
	node *node
}

// node is a leaf with items or an inner node with kids, never both and, in a
// tree, never neither. Slots of the slices beyond their length are zero: what
// was removed is not kept from the garbage collector.
type node struct {
	owner *owner
	items []string
	kids  []branch
}

const (
	nodeMax   = 64          // items of a leaf, kids of an inner node
	joinMax   = nodeMax / 2 // what two neighbours hold together before they are joined
	shrinkMin = 8           // a leaf's slice of this capacity is not worth shrinking
)

func (s *sequence) len() int { return s.root.size }

// at returns the string at place i, which must exist.
func (s *sequence) at(i int) string {
	n := s.root.node
	for !n.leaf() {
		var k int
		k, i = n.find(i)
		n = n.kids[k].node
	}
	return n.items[i]
}

// set replaces the string at place i, which must exist.
func (s *sequence) set(i int, v string) {
	n := s.root.own(s.owner)
	for !n.leaf() {
		var k int
		k, i = n.find(i)
		n = n.kids[k].own(s.owner)
	}
	n.items[i] = v
}

// slice returns the strings from place i up to j.
func (s *sequence) slice(i, j int) []string {
	if i >= j {
		return []string{}
	}
	return s.root.node.appendTo(make([]string, 0, j-i), i, j)
}

// ascend goes through the strings from place i to the end.
func (s *sequence) ascend(i int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		if i < s.len() {
			s.root.node.ascend(i, 0, yield)
		}
	}
}

// descend goes through the strings from place i down to the first.
func (s *sequence) descend(i int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		if i >= 0 && i < s.len() {
			s.root.node.descend(i, 0, yield)
		}
	}
}

func (s *sequence) push(v string) { s.insert(s.len(), v) }

// insert puts v before the string at place i, or at the end where i is the
// length. On the way down each full node is split, so that there is room for
// what may come up from below.
func (s *sequence) insert(i int, v string) {
	if s.root.node == nil {
		s.root.node = &node{owner: s.owner}
	}
	splitAt := nodeMax / 2
	switch i {
	case 0:
		splitAt = 1
	case s.len():
		splitAt = nodeMax - 1
	}
	if s.root.node.full() {
		root := &node{owner: s.owner, kids: []branch{s.root}}
		root.split(s.owner, 0, splitAt)
		s.root.node = root
	}
	b := &s.root
	for {
		b.size++
		n := b.own(s.owner)
		if n.leaf() {
			n.items = slices.Insert(oneMore(n.items), i, v)
			return
		}
		k, rest := n.find(i)
		if n.kids[k].node.full() {
			n.split(s.owner, k, splitAt)
			k, rest = n.find(i)
		}
		b, i = &n.kids[k], rest
	}
}

// remove deletes the strings from place i up to j.
func (s *sequence) remove(i, j int) {
	switch {
	case i >= j:
		return
	case j-i == s.len():
		s.root = branch{}
		return
	}
	s.root.cut(s.owner, i, j)
	for !s.root.node.leaf() && len(s.root.node.kids) == 1 {
		s.root = s.root.node.kids[0]
	}
}

// removeAll deletes the strings at the given places, which are in ascending
// order and different. For many places it builds the sequence anew instead, so
// that it takes no longer than going through it once.
func (s *sequence) removeAll(places []int) {
	if len(places) <= s.len()/8 {
		for _, i := range slices.Backward(places) {
			s.remove(i, i+1)
		}
		return
	}
	kept := sequence{owner: s.owner}
	for i, v := range s.ascend(0) {
		if len(places) > 0 && places[0] == i {
			places = places[1:]
			continue
		}
		kept.push(v)
	}
	*s = kept
}

// clone returns a copy in O(1).
func (s *sequence) clone() sequence {
	s.owner = new(owner)
	return sequence{root: s.root, owner: new(owner)}
}

// own returns the node of b for changing, after copying it where it belongs to
// another sequence as well.
func (b *branch) own(o *owner) *node {
	if n := b.node; n.owner != o {
		b.node = &node{owner: o, items: cloneRoom(n.items), kids: cloneRoom(n.kids)}
	}
	return b.node
}

// cut removes the strings from place i up to j: some of b's, not all.
func (b *branch) cut(o *owner, i, j int) {
	b.size -= j - i
	n := b.own(o)
	if n.leaf() {
		n.items = slices.Delete(n.items, i, j)
		if c := cap(n.items); c > shrinkMin && len(n.items) <= c/4 {
			n.items = append(make([]string, 0, c/2), n.items...)
		}
		return
	}
	// A part of one kid, then whole kids, then a part of another: each may be
	// missing.
	left := j - i
	k, i := n.find(i)
	if i > 0 {
		end := min(i+left, n.kids[k].size)
		n.kids[k].cut(o, i, end)
		left -= end - i
		k++
	}
	next := k
	for next < len(n.kids) && left >= n.kids[next].size {
		left -= n.kids[next].size
		next++
	}
	if left > 0 {
		n.kids[next].cut(o, 0, left)
	}
	n.kids = slices.Delete(n.kids, k, next)
	for at := k; at >= k-2; at-- {
		n.join(o, at)
	}
}

func (n *node) leaf() bool { return n.kids == nil }

// fill is how much of nodeMax is taken.
func (n *node) fill() int { return len(n.items) + len(n.kids) }

func (n *node) full() bool { return n.fill() == nodeMax }

// find returns the kid under which place i lies and the place within it. The
// place after the last is in the last kid.
func (n *node) find(i int) (kid, place int) {
	last := len(n.kids) - 1
	for kid < last && i >= n.kids[kid].size {
		i -= n.kids[kid].size
		kid++
	}
	return kid, i
}

// split moves what the full kid k holds from place at on into a new kid beside
// it. n itself must not be full.
func (n *node) split(o *owner, k, at int) {
	left, right := n.kids[k].own(o), &node{owner: o}
	size := nodeMax - at
	if left.leaf() {
		left.items, right.items = splitRoom(left.items, at)
	} else {
		left.kids, right.kids = splitRoom(left.kids, at)
		size = 0
		for _, kid := range right.kids {
			size += kid.size
		}
	}
	n.kids[k].size -= size
	n.kids = slices.Insert(n.kids, k+1, branch{size, right})
}

// join makes one kid of kids k and k+1 where both are there and small. Their
// halves meet at a seam, and the nodes on both sides of it may be small too.
func (n *node) join(o *owner, k int) {
	if k < 0 || k+1 >= len(n.kids) || n.kids[k].node.fill()+n.kids[k+1].node.fill() > joinMax {
		return
	}
	left, right := n.kids[k].own(o), n.kids[k+1].node
	seam := len(left.kids) - 1
	left.items = append(left.items, right.items...)
	left.kids = append(left.kids, right.kids...)
	n.kids[k].size += n.kids[k+1].size
	n.kids = slices.Delete(n.kids, k+1, k+2)
	left.join(o, seam)
}

// appendTo appends what lies in n from place i up to j. Both may lie outside n.
func (n *node) appendTo(to []string, i, j int) []string {
	if n.leaf() {
		return append(to, n.items[max(i, 0):min(j, len(n.items))]...)
	}
	for _, kid := range n.kids {
		if j <= 0 {
			break
		}
		if i < kid.size {
			to = kid.node.appendTo(to, i, j)
		}
		i -= kid.size
		j -= kid.size
	}
	return to
}

// ascend calls yield from place i of n on; before is how many strings of the
// sequence come before n's. It reports whether to go on.
func (n *node) ascend(i, before int, yield func(int, string) bool) bool {
	if n.leaf() {
		for ; i < len(n.items); i++ {
			if !yield(before+i, n.items[i]) {
				return false
			}
		}
		return true
	}
	for _, kid := range n.kids {
		if i < kid.size {
			if !kid.node.ascend(i, before, yield) {
				return false
			}
			i = 0
		} else {
			i -= kid.size
		}
		before += kid.size
	}
	return true
}

// descend is ascend the other way.
func (n *node) descend(i, before int, yield func(int, string) bool) bool {
	if n.leaf() {
		for ; i >= 0; i-- {
			if !yield(before+i, n.items[i]) {
				return false
			}
		}
		return true
	}
	k, i := n.find(i)
	for _, kid := range n.kids[:k] {
		before += kid.size
	}
	for {
		if !n.kids[k].node.descend(i, before, yield) {
			return false
		}
		if k == 0 {
			return true
		}
		k--
		before -= n.kids[k].size
		i = n.kids[k].size - 1
	}
}

// cloneRoom copies s with its capacity: what is copied is about to be changed.
func cloneRoom[T any](s []T) []T {
	if s == nil {
		return nil
	}
	return append(make([]T, 0, cap(s)), s...)
}

// splitRoom divides s at a place. The upper part gets a slice of its own with
// room to grow to a full node.
func splitRoom[T any](s []T, at int) (low, high []T) {
	high = append(make([]T, 0, nodeMax), s[at:]...)
	clear(s[at:])
	return s[:at], high
}

// check returns what is wrong with the tree, or nil.
func (s *sequence) check() error {
	if s.root.node == nil {
		if s.root.size != 0 {
			return fmt.Errorf("sequence without nodes has size %d", s.root.size)
		}
		return nil
	}
	if len(s.root.node.kids) == 1 {
		return fmt.Errorf("root has one kid")
	}
	_, err := s.root.check()
	return err
}

// check returns the height of b.
func (b branch) check() (height int, err error) {
	n := b.node
	if n.fill() == 0 || n.fill() > nodeMax || len(n.items) > 0 && len(n.kids) > 0 {
		return 0, fmt.Errorf("node of %d items and %d kids", len(n.items), len(n.kids))
	}
	if n.leaf() {
		if b.size != len(n.items) {
			return 0, fmt.Errorf("leaf of %d counted as %d", len(n.items), b.size)
		}
		for _, v := range n.items[len(n.items):cap(n.items)] {
			if v != "" {
				return 0, fmt.Errorf("removed string %q is still held", v)
			}
		}
		return 1, nil
	}
	size := 0
	for k, kid := range n.kids {
		h, err := kid.check()
		if err != nil {
			return 0, err
		}
		if k > 0 && h != height {
			return 0, fmt.Errorf("kids of height %d and %d", height, h)
		}
		if k > 0 && n.kids[k-1].node.fill()+kid.node.fill() <= joinMax {
			return 0, fmt.Errorf("neighbours of %d and %d", n.kids[k-1].node.fill(), kid.node.fill())
		}
		height = h
		size += kid.size
	}
	if size != b.size {
		return 0, fmt.Errorf("node of %d counted as %d", size, b.size)
	}
	for _, kid := range n.kids[len(n.kids):cap(n.kids)] {
		if kid.node != nil {
			return 0, fmt.Errorf("removed node is still held")
		}
	}
	return height + 1, nil
}
