package keyspace

import (
	"bytes"
	"fmt"
	"iter"
	"math"
	"slices"
	"sort"

	"github.com/tidwall/btree"
)

// zset is what a sorted set key holds. scores has the score of each member, gives
// random members and is what ZSCAN goes through. The order, by score and then by
// member, lies beside it: while scores has its entries in a row, order has their
// places in it, a byte each; and of more members there is a tree, which has all of them
// once more. put and remove are the only ways to change any of this.
//
// The tree counts what lies under its nodes, so the n-th member is found in
// O(log n). That makes ranks the measure of everything: whatever a command asks
// for, by rank, score or text, becomes the ranks from lo up to hi (zrange.go).
type zset struct {
	version
	scores   dict[float64]
	order    []byte
	tree     *btree.BTreeG[Scored] // nil while there is an order
	skiplist bool                  // it has been too large for Redis to keep it in a row: see encoding
}

func newZset() *zset { return &zset{} }

// before is the order of a sorted set.
func (s Scored) before(t Scored) bool {
	return s.Score < t.Score || s.Score == t.Score && s.Member < t.Member
}

// clone marks the original's tree as shared, so it too needs the exclusive lock.
func (z *zset) clone() any {
	c := &zset{scores: z.scores.clone(), order: slices.Clone(z.order), skiplist: z.skiplist}
	if z.tree != nil {
		c.tree = z.tree.Copy()
	}
	return c
}

func (z *zset) size() int        { return z.len() }
func (z *zset) typeName() string { return "zset" }

func (z *zset) len() int { return z.scores.len() }

func (z *zset) score(member string) (float64, bool) {
	if score := z.scores.find(member); score != nil {
		return *score, true
	}
	return 0, false
}

// at returns the member of a rank that there is.
func (z *zset) at(rank int) Scored {
	if z.tree != nil {
		it, _ := z.tree.GetAt(rank)
		return it
	}
	e := &z.scores.few[z.order[rank]]
	return Scored{e.key, e.val}
}

// put gives member a score. Redis keeps no negative zero in a small sorted set;
// we keep none at all.
func (z *zset) put(member string, score float64) {
	if score == 0 {
		score = 0
	}
	it := Scored{member, score}
	if z.tree == nil {
		place := z.scores.fewPlace(member)
		if place >= 0 {
			z.leaveOrder(place)
			z.scores.few[place].val = score
		} else {
			place = z.len()
			z.scores.set(member, score)
		}
		if z.scores.many == nil {
			z.order = slices.Insert(oneMore(z.order), z.rank(it), byte(place))
		} else {
			z.growTree()
		}
	} else {
		if old := z.scores.find(member); old != nil {
			z.tree.Delete(Scored{member, *old})
		}
		z.scores.set(member, score)
		z.tree.Set(it)
	}
	if len(member) > listpackText || z.len() > zsetMax {
		z.skiplist = true
	}
}

// leaveOrder takes a place out of the order.
func (z *zset) leaveOrder(place int) {
	i := bytes.IndexByte(z.order, byte(place))
	z.order = slices.Delete(z.order, i, i+1)
}

// growTree makes the tree, of all that is in scores.
func (z *zset) growTree() {
	z.order = nil
	z.tree = btree.NewBTreeGOptions(Scored.before, btree.Options{NoLocks: true})
	z.scores.each(func(member string, score *float64) bool {
		z.tree.Set(Scored{member, *score})
		return true
	})
}

func (z *zset) remove(member string) bool {
	if z.tree == nil {
		place := z.scores.fewPlace(member)
		if place < 0 {
			return false
		}
		z.leaveOrder(place)
		z.scores.delete(member)
		for i, other := range z.order {
			if int(other) > place {
				z.order[i]--
			}
		}
		return true
	}
	score, was := z.scores.delete(member)
	if was {
		z.tree.Delete(Scored{member, score})
	}
	if z.scores.many == nil {
		z.fellTree()
	}
	return was
}

// fellTree puts the order, of what there is few of now, in the place of the tree.
func (z *zset) fellTree() {
	z.order = make([]byte, 0, z.len())
	z.tree.Scan(func(it Scored) bool {
		z.order = append(z.order, byte(z.scores.fewPlace(it.Member)))
		return true
	})
	z.tree = nil
}

// search returns the lowest rank whose member is beyond, given that all that
// follow are too, or the length.
func (z *zset) search(beyond func(Scored) bool) int {
	n := len(z.order)
	if z.tree != nil {
		n = z.tree.Len()
	}
	return sort.Search(n, func(i int) bool { return beyond(z.at(i)) })
}

// rank returns the rank of a member that is there, or would have if it were.
func (z *zset) rank(m Scored) int {
	return z.search(func(it Scored) bool { return !it.before(m) })
}

// walk goes through the ranks from lo up to hi or, reversed, from below hi down
// to lo. The set must not change meanwhile.
func (z *zset) walk(lo, hi int, reverse bool) iter.Seq[Scored] {
	return func(yield func(Scored) bool) {
		if lo >= hi {
			return
		}
		if z.tree == nil {
			for i := range hi - lo {
				rank := lo + i
				if reverse {
					rank = hi - 1 - i
				}
				if !yield(z.at(rank)) {
					return
				}
			}
			return
		}
		first, run := lo, z.tree.Ascend
		if reverse {
			first, run = hi-1, z.tree.Descend
		}
		left := hi - lo
		run(z.at(first), func(it Scored) bool {
			left--
			return yield(it) && left > 0
		})
	}
}

// slice returns what walk goes through.
func (z *zset) slice(lo, hi int, reverse bool) Scores {
	return slices.AppendSeq(make(Scores, 0, max(hi-lo, 0)), z.walk(lo, hi, reverse))
}

// cut removes the ranks from lo up to hi and returns what was there, in order.
func (z *zset) cut(lo, hi int) Scores {
	gone := z.slice(lo, hi, false)
	if len(gone) == z.len() {
		*z = zset{version: z.version}
		return gone
	}
	for _, it := range gone {
		z.remove(it.Member)
	}
	return gone
}

// check returns an error where scores and the order disagree.
func (z *zset) check() error {
	if err := z.scores.check(); err != nil {
		return err
	}
	switch {
	case (z.tree == nil) != (z.scores.many == nil):
		return fmt.Errorf("%d members with the order of another size", z.len())
	case z.tree == nil && len(z.order) != z.len(), z.tree != nil && z.tree.Len() != z.len():
		return fmt.Errorf("%d scores, another number in order", z.len())
	}
	var last Scored
	rank := 0
	for it := range z.walk(0, z.len(), false) {
		at := z.at(rank)
		switch score, there := z.score(it.Member); {
		case !there || score != it.Score:
			return fmt.Errorf("member %q has score %v in the order, %v in the map", it.Member, it.Score, score)
		case rank > 0 && !last.before(it):
			return fmt.Errorf("%v comes before %v", last, it)
		case at != it:
			return fmt.Errorf("rank %d is %v, not %v", rank, at, it)
		}
		last = it
		rank++
	}
	return nil
}

// The commands of sorted sets: those of single members here, ranges in
// zrange.go, several sets in zcombine.go, popping in zpop.go.
var zsetCommands = []Command{
	{"ZADD", -4, Write, oneKey, zadd},
	{"ZINCRBY", 4, Write, oneKey, zincrby},
	{"ZREM", -3, Write, oneKey, zrem},
	{"ZCARD", 2, Read, oneKey, zcard},
	{"ZSCORE", 3, Read, oneKey, zscore},
	{"ZMSCORE", -3, Read, oneKey, zmscore},
	{"ZRANK", 3, Read, oneKey, zrank(false)},
	{"ZREVRANK", 3, Read, oneKey, zrank(true)},

	{"ZRANGE", -4, Read, oneKey, zrange(anyRange, false)},
	{"ZREVRANGE", -4, Read, oneKey, zrange(rankRange, true)},
	{"ZRANGEBYSCORE", -4, Read, oneKey, zrange(scoreRange, false)},
	{"ZREVRANGEBYSCORE", -4, Read, oneKey, zrange(scoreRange, true)},
	{"ZRANGEBYLEX", -4, Read, oneKey, zrange(lexRange, false)},
	{"ZREVRANGEBYLEX", -4, Read, oneKey, zrange(lexRange, true)},
	{"ZRANGESTORE", -5, Read | Write, twoKeys, zrangestore},
	{"ZCOUNT", 4, Read, oneKey, zcount(scoreRange)},
	{"ZLEXCOUNT", 4, Read, oneKey, zcount(lexRange)},
	{"ZREMRANGEBYRANK", 4, Write, oneKey, zremrange("zremrangebyrank", rankRange)},
	{"ZREMRANGEBYSCORE", 4, Write, oneKey, zremrange("zremrangebyscore", scoreRange)},
	{"ZREMRANGEBYLEX", 4, Write, oneKey, zremrange("zremrangebylex", lexRange)},

	{"ZPOPMIN", -2, Write, oneKey, zpop(false)},
	{"ZPOPMAX", -2, Write, oneKey, zpop(true)},
	{"ZMPOP", -4, Write, numKeys1, zmpop},
	{"ZRANDMEMBER", -2, Read | Random, oneKey, zrandmember},

	{"ZUNION", -3, Read, numKeys1, zcombine(zunion)},
	{"ZINTER", -3, Read, numKeys1, zcombine(zinter)},
	{"ZDIFF", -3, Read, numKeys1, zcombine(zdiff)},
	{"ZUNIONSTORE", -4, Read | Write, numKeys2, zcombineStore("zunionstore", zunion)},
	{"ZINTERSTORE", -4, Read | Write, numKeys2, zcombineStore("zinterstore", zinter)},
	{"ZDIFFSTORE", -4, Read | Write, numKeys2, zcombineStore("zdiffstore", zdiff)},
	{"ZINTERCARD", -3, Read, numKeys1, zintercard},
}

// addOptions are those of ZADD.
type addOptions struct{ nx, xx, gt, lt, ch, incr bool }

// option returns the option that argument i names, or nil.
func (o *addOptions) option(a Args, i int) *bool {
	switch {
	case a.Is(i, "NX"):
		return &o.nx
	case a.Is(i, "XX"):
		return &o.xx
	case a.Is(i, "GT"):
		return &o.gt
	case a.Is(i, "LT"):
		return &o.lt
	case a.Is(i, "CH"):
		return &o.ch
	case a.Is(i, "INCR"):
		return &o.incr
	}
	return nil
}

func zadd(db *DB, a Args) (any, error) {
	var o addOptions
	i := 2
	for option := o.option(a, i); option != nil; option = o.option(a, i) {
		*option = true
		i++
	}
	pairs := a[i:]
	switch {
	case len(pairs) == 0 || len(pairs)%2 != 0:
		return nil, ErrSyntax
	case o.nx && o.xx:
		return nil, errNXandXX
	case o.gt && o.nx || o.lt && o.nx || o.gt && o.lt:
		return nil, errGTandLTandNX
	case o.incr && len(pairs) > 2:
		return nil, errIncrPairs
	}
	members := make([]Scored, len(pairs)/2)
	for k := range members {
		score, err := pairs.Float(2 * k)
		if err != nil {
			return nil, err
		}
		members[k] = Scored{pairs[2*k+1], score}
	}
	return db.addScores(a[1], members, o)
}

func zincrby(db *DB, a Args) (any, error) {
	by, err := a.Float(2)
	if err != nil {
		return nil, err
	}
	return db.addScores(a[1], []Scored{{a[3], by}}, addOptions{incr: true})
}

// addScores is what ZADD does. With incr there is one member, and the reply is
// its score, or nil where another option forbade the change.
func (db *DB) addScores(key string, members []Scored, o addOptions) (any, error) {
	z, err := typed[*zset](db, key)
	switch {
	case err != nil:
		return nil, err
	case z == nil && o.xx && o.incr:
		return nil, nil
	case z == nil && o.xx:
		return zero, nil
	case z == nil:
		z = newZset()
		db.put(key, z)
	}
	event := "zadd"
	if o.incr {
		event = "zincr"
	}
	var added, updated int
	var sum any
	for _, m := range members {
		old, there := z.score(m.Member)
		if there && o.nx || !there && o.xx {
			continue
		}
		score := m.Score
		if there && o.incr {
			if score += old; math.IsNaN(score) {
				return nil, errScoreNaN
			}
		}
		if there && (o.gt && score <= old || o.lt && score >= old) {
			continue
		}
		if o.incr {
			sum = score
		}
		switch {
		case !there:
			added++
		case score != old:
			updated++
		default:
			continue
		}
		z.put(m.Member, score)
	}
	if added+updated > 0 {
		db.changed(event, key)
	}
	switch {
	case o.incr:
		return sum, nil
	case o.ch:
		return intReply(added + updated), nil
	}
	return intReply(added), nil
}

func zrem(db *DB, a Args) (any, error) {
	z, err := typed[*zset](db, a[1])
	if err != nil || z == nil {
		return zero, err
	}
	removed := 0
	for _, member := range a[2:] {
		if z.remove(member) {
			removed++
		}
	}
	if removed > 0 {
		db.changed("zrem", a[1])
		db.dropIfEmpty(a[1], z.len())
	}
	return intReply(removed), nil
}

func zcard(db *DB, a Args) (any, error) {
	z, err := typed[*zset](db, a[1])
	if err != nil || z == nil {
		return zero, err
	}
	return intReply(z.len()), nil
}

func zscore(db *DB, a Args) (any, error) {
	z, err := typed[*zset](db, a[1])
	if err != nil || z == nil {
		return nil, err
	}
	if score, there := z.score(a[2]); there {
		return score, nil
	}
	return nil, nil
}

func zmscore(db *DB, a Args) (any, error) {
	return eachScore(db, a, func(score float64) any { return score })
}

// eachScore calls fn for the scores at a[1] of the arguments from 2 on, and makes a reply
// of what it gives: nil for what is no member.
func eachScore(db *DB, a Args, fn func(score float64) any) (any, error) {
	z, err := typed[*zset](db, a[1])
	if err != nil {
		return nil, err
	}
	reply := make([]any, len(a)-2)
	for i, member := range a[2:] {
		if z == nil {
			continue
		}
		if score, there := z.score(member); there {
			reply[i] = fn(score)
		}
	}
	return reply, nil
}

func zrank(reverse bool) handler {
	return func(db *DB, a Args) (any, error) {
		z, err := typed[*zset](db, a[1])
		if err != nil || z == nil {
			return nil, err
		}
		score, there := z.score(a[2])
		if !there {
			return nil, nil
		}
		rank := z.rank(Scored{a[2], score})
		if reverse {
			rank = z.len() - 1 - rank
		}
		return intReply(rank), nil
	}
}
