package znsocket

import (
	"context"
	"iter"
)

// SAdd adds members and returns how many are new.
func (c Commands) SAdd(ctx context.Context, key string, members ...any) (int64, error) {
	return call(ctx, c, asInt, words("SADD", key).vals(members...))
}

// SRem removes members and returns how many there were.
func (c Commands) SRem(ctx context.Context, key string, members ...any) (int64, error) {
	return call(ctx, c, asInt, words("SREM", key).vals(members...))
}

// SMembers returns the members, in no order.
func (c Commands) SMembers(ctx context.Context, key string) ([]string, error) {
	return call(ctx, c, asTexts, words("SMEMBERS", key))
}

// SIsMember reports whether member is in the set.
func (c Commands) SIsMember(ctx context.Context, key string, member any) (bool, error) {
	return call(ctx, c, asBool, words("SISMEMBER", key).vals(member))
}

// SMIsMember reports it for several members.
func (c Commands) SMIsMember(ctx context.Context, key string, members ...any) ([]bool, error) {
	return call(ctx, c, asBools, words("SMISMEMBER", key).vals(members...))
}

// SCard counts the members.
func (c Commands) SCard(ctx context.Context, key string) (int64, error) {
	return call(ctx, c, asInt, words("SCARD", key))
}

// SPop removes a random member and returns it.
func (c Commands) SPop(ctx context.Context, key string) (string, error) {
	return call(ctx, c, asText, words("SPOP", key))
}

// SPopN removes up to count random members and returns them.
func (c Commands) SPopN(ctx context.Context, key string, count int64) ([]string, error) {
	return call(ctx, c, asTexts, words("SPOP", key).num(count))
}

// SRandMember returns a random member.
func (c Commands) SRandMember(ctx context.Context, key string) (string, error) {
	return call(ctx, c, asText, words("SRANDMEMBER", key))
}

// SRandMemberN returns count random members: different ones, or with a negative
// count possibly the same more than once.
func (c Commands) SRandMemberN(ctx context.Context, key string, count int64) ([]string, error) {
	return call(ctx, c, asTexts, words("SRANDMEMBER", key).num(count))
}

// SMove moves member from src to dst and reports whether it was in src.
func (c Commands) SMove(ctx context.Context, src, dst string, member any) (bool, error) {
	return call(ctx, c, asBool, words("SMOVE", src, dst).vals(member))
}

// SInter returns the members that all sets have.
func (c Commands) SInter(ctx context.Context, keys ...string) ([]string, error) {
	return call(ctx, c, asTexts, words("SINTER").strs(keys...))
}

// SInterStore stores them in dst and returns how many.
func (c Commands) SInterStore(ctx context.Context, dst string, keys ...string) (int64, error) {
	return call(ctx, c, asInt, words("SINTERSTORE", dst).strs(keys...))
}

// SInterCard counts them, up to limit; 0 is no limit.
func (c Commands) SInterCard(ctx context.Context, limit int64, keys ...string) (int64, error) {
	return call(ctx, c, asInt, numbered(words("SINTERCARD"), keys).strs("LIMIT").num(limit))
}

// SUnion returns the members that any set has.
func (c Commands) SUnion(ctx context.Context, keys ...string) ([]string, error) {
	return call(ctx, c, asTexts, words("SUNION").strs(keys...))
}

// SUnionStore stores them in dst and returns how many.
func (c Commands) SUnionStore(ctx context.Context, dst string, keys ...string) (int64, error) {
	return call(ctx, c, asInt, words("SUNIONSTORE", dst).strs(keys...))
}

// SDiff returns the members of the first set that no other has.
func (c Commands) SDiff(ctx context.Context, keys ...string) ([]string, error) {
	return call(ctx, c, asTexts, words("SDIFF").strs(keys...))
}

// SDiffStore stores them in dst and returns how many.
func (c Commands) SDiffStore(ctx context.Context, dst string, keys ...string) (int64, error) {
	return call(ctx, c, asInt, words("SDIFFSTORE", dst).strs(keys...))
}

// SScanIter yields the members of a set that match a glob pattern, "" for all.
// It stops after the first error.
func (c Commands) SScanIter(ctx context.Context, key, match string) iter.Seq2[string, error] {
	return pages(ctx, c, words("SSCAN", key), matching(match), asTexts)
}

// numbered appends keys with their number before them.
func numbered(a argv, keys []string) argv { return a.num(int64(len(keys))).strs(keys...) }

func asBools(v any) ([]bool, error) { return asEach(asBool)(v) }
