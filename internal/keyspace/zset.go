package keyspace

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"sort"

	"github.com/tidwall/btree"
)

// zset is what a sorted set key holds: every member twice. scores finds the
// score of a member, gives random members and is what ZSCAN goes through; tree
// has the order, by score and then by member. put and remove are the only ways
// to change either.
//
// The tree counts what lies under its nodes, so the n-th member is found in
// O(log n). That makes ranks the measure of everything: whatever a command asks
// for, by rank, score or text, becomes the ranks from lo up to hi (zrange.go).
type zset struct {
	version
	scores   dict[float64]
	tree     *btree.BTreeG[Scored]
	skiplist bool // it has been too large for Redis to keep it in a row: see encoding
}

func newZset() *zset {
	return &zset{tree: btree.NewBTreeGOptions(Scored.before, btree.Options{NoLocks: true})}
}

// before is the order of a sorted set.
func (s Scored) before(t Scored) bool {
	return s.Score < t.Score || s.Score == t.Score && s.Member < t.Member
}

// clone marks the original's tree as shared, so it too needs the exclusive lock.
func (z *zset) clone() any {
	return &zset{scores: z.scores.clone(), tree: z.tree.Copy(), skiplist: z.skiplist}
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

// put gives member a score. Redis keeps no negative zero in a small sorted set;
// we keep none at all.
func (z *zset) put(member string, score float64) {
	if score == 0 {
		score = 0
	}
	if old := z.scores.find(member); old != nil {
		z.tree.Delete(Scored{member, *old})
	}
	if z.scores.set(member, score) && (len(member) > listpackText || z.len() > zsetMax) {
		z.skiplist = true
	}
	z.tree.Set(Scored{member, score})
}

func (z *zset) remove(member string) bool {
	score, was := z.scores.delete(member)
	if was {
		z.tree.Delete(Scored{member, score})
	}
	return was
}

// search returns the lowest rank whose member is beyond, given that all that
// follow are too, or the length.
func (z *zset) search(beyond func(Scored) bool) int {
	return sort.Search(z.len(), func(i int) bool {
		it, _ := z.tree.GetAt(i)
		return beyond(it)
	})
}

// rank returns the rank of a member that is there.
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
		first, run := lo, z.tree.Ascend
		if reverse {
			first, run = hi-1, z.tree.Descend
		}
		left := hi - lo
		from, _ := z.tree.GetAt(first)
		run(from, func(it Scored) bool {
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
		*z = zset{version: z.version, tree: newZset().tree}
		return gone
	}
	for _, it := range gone {
		z.remove(it.Member)
	}
	return gone
}

// check returns an error where map and tree disagree.
func (z *zset) check() error {
	if err := z.scores.check(); err != nil {
		return err
	}
	if z.scores.len() != z.tree.Len() {
		return fmt.Errorf("%d scores, %d in the tree", z.scores.len(), z.tree.Len())
	}
	var err error
	var last Scored
	rank := 0
	z.tree.Scan(func(it Scored) bool {
		at, _ := z.tree.GetAt(rank)
		switch score, there := z.score(it.Member); {
		case !there || score != it.Score:
			err = fmt.Errorf("member %q has score %v in the tree, %v in the map", it.Member, it.Score, score)
		case rank > 0 && !last.before(it):
			err = fmt.Errorf("%v comes before %v", last, it)
		case at != it:
			err = fmt.Errorf("rank %d is %v, not %v", rank, at, it)
		}
		last = it
		rank++
		return err == nil
	})
	return err
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
	{"ZRANGESTORE", -5, Write, twoKeys, zrangestore},
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
	{"ZUNIONSTORE", -4, Write, numKeys2, zcombineStore("zunionstore", zunion)},
	{"ZINTERSTORE", -4, Write, numKeys2, zcombineStore("zinterstore", zinter)},
	{"ZDIFFSTORE", -4, Write, numKeys2, zcombineStore("zdiffstore", zdiff)},
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
			reply[i] = score
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
