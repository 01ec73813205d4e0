package znsocket

import (
	"context"
	"iter"
)

// ZAdd adds members or changes their scores and returns how many are new.
func (c Commands) ZAdd(ctx context.Context, key string, members ...Z) (int64, error) {
	return call(ctx, c, asInt, words("ZADD", key).scores(members))
}

// ZAddWith is ZAdd with options: NX, XX, GT, LT, CH.
func (c Commands) ZAddWith(ctx context.Context, key string, opts []CmdOption, members ...Z) (int64, error) {
	return call(ctx, c, asInt, words("ZADD", key).opts(opts).scores(members))
}

// ZIncrBy adds to a member's score and returns it.
func (c Commands) ZIncrBy(ctx context.Context, key string, by float64, member string) (float64, error) {
	return call(ctx, c, asFloat, words("ZINCRBY", key).float(by).strs(member))
}

// ZCard counts the members.
func (c Commands) ZCard(ctx context.Context, key string) (int64, error) {
	return call(ctx, c, asInt, words("ZCARD", key))
}

// ZCount counts the members with scores from min to max, written as Redis does:
// "-inf", "5", "(5".
func (c Commands) ZCount(ctx context.Context, key, min, max string) (int64, error) {
	return call(ctx, c, asInt, words("ZCOUNT", key, min, max))
}

// ZLexCount counts the members from min to max: "-", "+", "[a", "(a".
func (c Commands) ZLexCount(ctx context.Context, key, min, max string) (int64, error) {
	return call(ctx, c, asInt, words("ZLEXCOUNT", key, min, max))
}

// ZScore returns a member's score, ErrNil where there is none.
func (c Commands) ZScore(ctx context.Context, key, member string) (float64, error) {
	return call(ctx, c, asFloat, words("ZSCORE", key, member))
}

// ZMScore returns the score of each member, a float64 or nil.
func (c Commands) ZMScore(ctx context.Context, key string, members ...string) ([]any, error) {
	return call(ctx, c, asScoreList, words("ZMSCORE", key).strs(members...))
}

// ZRank returns a member's place, the lowest score at 0; ErrNil where there is
// none.
func (c Commands) ZRank(ctx context.Context, key, member string) (int64, error) {
	return call(ctx, c, asInt, words("ZRANK", key, member))
}

// ZRevRank returns a member's place, the highest score at 0.
func (c Commands) ZRevRank(ctx context.Context, key, member string) (int64, error) {
	return call(ctx, c, asInt, words("ZREVRANK", key, member))
}

// ZRange returns the members from place start to stop, both included.
func (c Commands) ZRange(ctx context.Context, key string, start, stop int64) ([]string, error) {
	return call(ctx, c, asTexts, words("ZRANGE", key).num(start).num(stop))
}

// ZRangeWithScores is ZRange with scores.
func (c Commands) ZRangeWithScores(ctx context.Context, key string, start, stop int64) ([]Z, error) {
	return call(ctx, c, asScores, words("ZRANGE", key).num(start).num(stop).strs("WITHSCORES"))
}

// ZRevRange returns the members from place start to stop, the highest first.
func (c Commands) ZRevRange(ctx context.Context, key string, start, stop int64) ([]string, error) {
	return call(ctx, c, asTexts, words("ZRANGE", key).num(start).num(stop).strs("REV"))
}

// ZRevRangeWithScores is ZRevRange with scores.
func (c Commands) ZRevRangeWithScores(ctx context.Context, key string, start, stop int64) ([]Z, error) {
	return call(ctx, c, asScores, words("ZRANGE", key).num(start).num(stop).strs("REV", "WITHSCORES"))
}

// ZRangeByScore returns the members with scores from min to max. Option: Limit.
func (c Commands) ZRangeByScore(ctx context.Context, key, min, max string, opts ...CmdOption) ([]string, error) {
	return call(ctx, c, asTexts, words("ZRANGE", key, min, max, "BYSCORE").opts(opts))
}

// ZRangeByScoreWithScores is ZRangeByScore with scores.
func (c Commands) ZRangeByScoreWithScores(ctx context.Context, key, min, max string, opts ...CmdOption) ([]Z, error) {
	return call(ctx, c, asScores, words("ZRANGE", key, min, max, "BYSCORE").opts(opts).strs("WITHSCORES"))
}

// ZRevRangeByScore returns the members with scores from max down to min.
func (c Commands) ZRevRangeByScore(ctx context.Context, key, max, min string, opts ...CmdOption) ([]string, error) {
	return call(ctx, c, asTexts, words("ZRANGE", key, max, min, "BYSCORE", "REV").opts(opts))
}

// ZRangeByLex returns the members from min to max where all scores are equal.
func (c Commands) ZRangeByLex(ctx context.Context, key, min, max string, opts ...CmdOption) ([]string, error) {
	return call(ctx, c, asTexts, words("ZRANGE", key, min, max, "BYLEX").opts(opts))
}

// ZRevRangeByLex returns the members from max down to min.
func (c Commands) ZRevRangeByLex(ctx context.Context, key, max, min string, opts ...CmdOption) ([]string, error) {
	return call(ctx, c, asTexts, words("ZRANGE", key, max, min, "BYLEX", "REV").opts(opts))
}

// ZRangeStore stores the members from place start to stop in dst and returns
// how many.
func (c Commands) ZRangeStore(ctx context.Context, dst, src string, start, stop int64) (int64, error) {
	return call(ctx, c, asInt, words("ZRANGESTORE", dst, src).num(start).num(stop))
}

// ZRem removes members and returns how many there were.
func (c Commands) ZRem(ctx context.Context, key string, members ...any) (int64, error) {
	return call(ctx, c, asInt, words("ZREM", key).vals(members...))
}

// ZRemRangeByRank removes the members from place start to stop.
func (c Commands) ZRemRangeByRank(ctx context.Context, key string, start, stop int64) (int64, error) {
	return call(ctx, c, asInt, words("ZREMRANGEBYRANK", key).num(start).num(stop))
}

// ZRemRangeByScore removes the members with scores from min to max.
func (c Commands) ZRemRangeByScore(ctx context.Context, key, min, max string) (int64, error) {
	return call(ctx, c, asInt, words("ZREMRANGEBYSCORE", key, min, max))
}

// ZRemRangeByLex removes the members from min to max.
func (c Commands) ZRemRangeByLex(ctx context.Context, key, min, max string) (int64, error) {
	return call(ctx, c, asInt, words("ZREMRANGEBYLEX", key, min, max))
}

// ZPopMin removes up to count members with the lowest scores and returns them.
func (c Commands) ZPopMin(ctx context.Context, key string, count int64) ([]Z, error) {
	return call(ctx, c, asScores, words("ZPOPMIN", key).num(count))
}

// ZPopMax removes up to count members with the highest scores and returns them.
func (c Commands) ZPopMax(ctx context.Context, key string, count int64) ([]Z, error) {
	return call(ctx, c, asScores, words("ZPOPMAX", key).num(count))
}

// ZMPop removes up to count members, those with the lowest scores (MIN) or the highest
// (MAX), from the first of the keys that has some; ErrNil where none has.
func (c Commands) ZMPop(ctx context.Context, order string, count int64, keys ...string) (Popped[[]Z], error) {
	return call(ctx, c, asPopped(asScores), numbered(words("ZMPOP"), keys).strs(order, "COUNT").num(count))
}

// ZRandMember returns count random members: different ones, or with a negative
// count possibly the same more than once.
func (c Commands) ZRandMember(ctx context.Context, key string, count int64) ([]string, error) {
	return call(ctx, c, asTexts, words("ZRANDMEMBER", key).num(count))
}

// ZRandMemberWithScores is ZRandMember with scores.
func (c Commands) ZRandMemberWithScores(ctx context.Context, key string, count int64) ([]Z, error) {
	return call(ctx, c, asScores, words("ZRANDMEMBER", key).num(count).strs("WITHSCORES"))
}

// ZUnion returns the members of any set with their scores added up. Options:
// Weights, Aggregate.
func (c Commands) ZUnion(ctx context.Context, keys []string, opts ...CmdOption) ([]Z, error) {
	return call(ctx, c, asScores, numbered(words("ZUNION"), keys).opts(opts).strs("WITHSCORES"))
}

// ZUnionStore stores them in dst and returns how many.
func (c Commands) ZUnionStore(ctx context.Context, dst string, keys []string, opts ...CmdOption) (int64, error) {
	return call(ctx, c, asInt, numbered(words("ZUNIONSTORE", dst), keys).opts(opts))
}

// ZInter returns the members of all sets with their scores added up.
func (c Commands) ZInter(ctx context.Context, keys []string, opts ...CmdOption) ([]Z, error) {
	return call(ctx, c, asScores, numbered(words("ZINTER"), keys).opts(opts).strs("WITHSCORES"))
}

// ZInterStore stores them in dst and returns how many.
func (c Commands) ZInterStore(ctx context.Context, dst string, keys []string, opts ...CmdOption) (int64, error) {
	return call(ctx, c, asInt, numbered(words("ZINTERSTORE", dst), keys).opts(opts))
}

// ZInterCard counts the members of all sets, up to limit; 0 is no limit.
func (c Commands) ZInterCard(ctx context.Context, limit int64, keys ...string) (int64, error) {
	return call(ctx, c, asInt, numbered(words("ZINTERCARD"), keys).strs("LIMIT").num(limit))
}

// ZDiff returns the members of the first set that no other has, with scores.
func (c Commands) ZDiff(ctx context.Context, keys ...string) ([]Z, error) {
	return call(ctx, c, asScores, numbered(words("ZDIFF"), keys).strs("WITHSCORES"))
}

// ZDiffStore stores them in dst and returns how many.
func (c Commands) ZDiffStore(ctx context.Context, dst string, keys ...string) (int64, error) {
	return call(ctx, c, asInt, numbered(words("ZDIFFSTORE", dst), keys))
}

// ZScanIter yields the members of a sorted set that match a glob pattern, ""
// for all, with their scores. It stops after the first error.
func (c Commands) ZScanIter(ctx context.Context, key, match string) iter.Seq2[Z, error] {
	return pages(ctx, c, words("ZSCAN", key), matching(match), asScores)
}

func (a argv) scores(members []Z) argv {
	for _, z := range members {
		a = a.float(z.Score).strs(z.Member)
	}
	return a
}

// asScoreList reads scores, which RESP2 writes as text, and nil for no member.
func asScoreList(v any) ([]any, error) {
	list, err := asList(v)
	for i := range list {
		if list[i] != nil {
			if list[i], err = asFloat(list[i]); err != nil {
				return nil, err
			}
		}
	}
	return list, err
}
