package keyspace

// pop removes up to count members from the low end, or the high one, and
// returns them, the outermost first.
func (z *zset) pop(high bool, count int64) Scores {
	n := z.len()
	k := int(min(count, int64(n)))
	if !high {
		return z.cut(0, k)
	}
	popped := z.slice(n-k, n, true)
	z.cut(n-k, n)
	return popped
}

// popZset is pop on the sorted set at key, with all that follows from it.
func (db *DB) popZset(key string, z *zset, high bool, count int64) Scores {
	popped := z.pop(high, count)
	event := "zpopmin"
	if high {
		event = "zpopmax"
	}
	db.changed(event, key)
	db.dropIfEmpty(key, z.len())
	return popped
}

// zpop without a count answers the member and its score side by side, not in a
// list of pairs.
func zpop(high bool) handler {
	return func(db *DB, a Args) (any, error) {
		if len(a) > 3 {
			return nil, ErrSyntax
		}
		count := int64(1)
		if len(a) == 3 {
			var err error
			if count, err = a.atLeast(0, 2, ErrNotPositive); err != nil {
				return nil, err
			}
		}
		z, err := typed[*zset](db, a[1])
		if err != nil || z == nil || count == 0 {
			return Scores{}, err
		}
		popped := db.popZset(a[1], z, high, count)
		if len(a) == 2 {
			return []any{popped[0].Member, popped[0].Score}, nil
		}
		return popped, nil
	}
}

// zmpop answers pairs in lists of their own, even where Scores would lie flat.
func zmpop(db *DB, a Args) (any, error) {
	keys, high, count, err := a.manyPop(1, "MIN", "MAX")
	if err != nil {
		return nil, err
	}
	return popAny(db, keys, zsetManyPop(high, count))
}

// inPairs are members with their scores in lists of their own.
func inPairs(scores Scores) []any {
	pairs := make([]any, len(scores))
	for i, z := range scores {
		pairs[i] = []any{z.Member, z.Score}
	}
	return pairs
}

func zrandmember(db *DB, a Args) (any, error) {
	if len(a) == 2 {
		z, err := typed[*zset](db, a[1])
		if err != nil || z == nil {
			return nil, err
		}
		member, _ := z.scores.random(db.space.rand)
		return member, nil
	}
	count, err := a.randomCount(2)
	withScores := len(a) == 4
	switch {
	case err != nil:
		return nil, err
	case len(a) > 4 || withScores && !a.Is(3, "WITHSCORES"):
		return nil, ErrSyntax
	case withScores && (count < -maxPairs || count > maxPairs):
		return nil, errOutOfRange
	}
	z, err := typed[*zset](db, a[1])
	if err != nil || z == nil {
		return []string{}, err
	}
	members, err := randomKeys(db.space.rand, &z.scores, count)
	if err != nil || !withScores {
		return members, err
	}
	reply := make(Scores, len(members))
	for i, member := range members {
		score, _ := z.score(member)
		reply[i] = Scored{member, score}
	}
	return reply, nil
}
