package keyspace

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// input is a sorted set, or a plain set whose members all have score 1, that
// ZUNION and its like take in. At most one of zset and set is there.
type input struct {
	zset   *zset
	set    *set
	weight float64
}

func (in *input) len() int {
	switch {
	case in.zset != nil:
		return in.zset.len()
	case in.set != nil:
		return in.set.len()
	}
	return 0
}

// score returns the weighted score of member.
func (in *input) score(member string) (float64, bool) {
	switch {
	case in.zset != nil:
		score, there := in.zset.score(member)
		return in.weight * score, there
	case in.set != nil:
		return in.weight, in.set.has(member)
	}
	return 0, false
}

// each calls fn with the members and their weighted scores until it returns
// false. Infinity times 0 counts as 0.
func (in *input) each(fn func(member string, score float64) bool) {
	switch {
	case in.zset != nil:
		in.zset.scores.each(func(member string, score *float64) bool {
			weighted := in.weight * *score
			if math.IsNaN(weighted) {
				weighted = 0
			}
			return fn(member, weighted)
		})
	case in.set != nil:
		in.set.each(func(member string, _ *struct{}) bool { return fn(member, in.weight) })
	}
}

// aggregate makes one score of two.
type aggregate func(a, b float64) float64

// sumScores takes infinity minus infinity for 0.
func sumScores(a, b float64) float64 {
	if s := a + b; !math.IsNaN(s) {
		return s
	}
	return 0
}

func lowerScore(a, b float64) float64 {
	if b < a {
		return b
	}
	return a
}

func higherScore(a, b float64) float64 {
	if b > a {
		return b
	}
	return a
}

// combination is a call of ZUNION or one of its like.
type combination struct {
	inputs     []input
	by         aggregate
	withScores bool
	limit      int64 // of ZINTERCARD; 0 is none
}

// zsetOp is what the members of the result are. They are different and in no
// order.
type zsetOp struct {
	run      func(c *combination) Scores
	weighing bool // WEIGHTS and AGGREGATE make sense
}

var (
	zunion = zsetOp{(*combination).union, true}
	zinter = zsetOp{(*combination).intersection, true}
	zdiff  = zsetOp{(*combination).difference, false}
)

// sortInputs puts the inputs in the order in which Redis goes through them,
// which is seen in how sums of scores are rounded.
func (c *combination) sortInputs() {
	slices.SortStableFunc(c.inputs, func(a, b input) int { return cmp.Compare(a.len(), b.len()) })
}

func (c *combination) union() Scores {
	c.sortInputs()
	var all dict[float64]
	for i := range c.inputs {
		c.inputs[i].each(func(member string, score float64) bool {
			if have := all.edit(member); have != nil {
				*have = c.by(*have, score)
			} else {
				all.set(member, score)
			}
			return true
		})
	}
	result := make(Scores, 0, all.len())
	all.each(func(member string, score *float64) bool {
		result = append(result, Scored{member, *score})
		return true
	})
	return result
}

func (c *combination) intersection() Scores {
	c.sortInputs()
	smallest, others := c.inputs[0], c.inputs[1:]
	result := Scores{}
	smallest.each(func(member string, score float64) bool {
		for i := range others {
			other, there := others[i].score(member)
			if !there {
				return true
			}
			score = c.by(score, other)
		}
		result = append(result, Scored{member, score})
		return c.limit == 0 || int64(len(result)) < c.limit
	})
	return result
}

func (c *combination) difference() Scores {
	first, others := c.inputs[0], distinct(c.inputs[1:])
	result := Scores{}
	first.each(func(member string, score float64) bool {
		for i := range others {
			if _, there := others[i].score(member); there {
				return true
			}
		}
		result = append(result, Scored{member, score})
		return true
	})
	return result
}

// combineOptions says which options a command has.
type combineOptions struct{ weighing, scores, limit bool }

// combination reads the number of keys at argument i, the keys and the options
// that follow. What is at the keys is checked before the options are.
func (db *DB) combination(a Args, i int, allowed combineOptions) (*combination, error) {
	n, err := a.Int(i)
	switch {
	case err != nil:
		return nil, err
	case n < 1:
		return nil, errNoInputKey(a[0])
	case n > int64(len(a)-i-1):
		return nil, ErrSyntax
	}
	c := &combination{inputs: make([]input, n), by: sumScores}
	for k := range c.inputs {
		in := &c.inputs[k]
		in.weight = 1
		switch obj := db.get(a[i+1+k]).(type) {
		case nil:
		case *zset:
			in.zset = obj
		case *set:
			in.set = obj
		default:
			return nil, ErrWrongType
		}
	}
	for i += 1 + int(n); i < len(a); i++ {
		left := len(a) - i - 1
		switch {
		case allowed.weighing && a.Is(i, "WEIGHTS") && left >= int(n):
			for k := range c.inputs {
				i++
				if c.inputs[k].weight, err = a.Float(i); err != nil {
					return nil, errWeight
				}
			}
		case allowed.weighing && a.Is(i, "AGGREGATE") && left >= 1:
			i++
			switch {
			case a.Is(i, "SUM"):
				c.by = sumScores
			case a.Is(i, "MIN"):
				c.by = lowerScore
			case a.Is(i, "MAX"):
				c.by = higherScore
			default:
				return nil, ErrSyntax
			}
		case allowed.scores && a.Is(i, "WITHSCORES"):
			c.withScores = true
		case allowed.limit && a.Is(i, "LIMIT") && left >= 1:
			i++
			if c.limit, err = a.atLeast(0, i, errLimitNegative); err != nil {
				return nil, err
			}
		default:
			return nil, ErrSyntax
		}
	}
	return c, nil
}

func zcombine(op zsetOp) handler {
	return func(db *DB, a Args) (any, error) {
		c, err := db.combination(a, 1, combineOptions{weighing: op.weighing, scores: true})
		if err != nil {
			return nil, err
		}
		result := op.run(c)
		sort.Slice(result, func(i, j int) bool { return result[i].before(result[j]) })
		return result.reply(c.withScores), nil
	}
}

func zcombineStore(event string, op zsetOp) handler {
	return func(db *DB, a Args) (any, error) {
		c, err := db.combination(a, 2, combineOptions{weighing: op.weighing})
		if err != nil {
			return nil, err
		}
		return db.storeScores(event, a[1], op.run(c)), nil
	}
}

func zintercard(db *DB, a Args) (any, error) {
	c, err := db.combination(a, 1, combineOptions{limit: true})
	if err != nil {
		return nil, err
	}
	c.inputs = distinct(c.inputs)
	return intReply(len(c.intersection())), nil
}
