package znsocket

import "context"

// LPush puts values before the first, one after the other, and returns the new
// length.
func (c Commands) LPush(ctx context.Context, key string, values ...any) (int64, error) {
	return call(ctx, c, asInt, words("LPUSH", key).vals(values...))
}

// RPush puts values after the last and returns the new length.
func (c Commands) RPush(ctx context.Context, key string, values ...any) (int64, error) {
	return call(ctx, c, asInt, words("RPUSH", key).vals(values...))
}

// LPushX is LPush for a list that exists; 0 where it does not.
func (c Commands) LPushX(ctx context.Context, key string, values ...any) (int64, error) {
	return call(ctx, c, asInt, words("LPUSHX", key).vals(values...))
}

// RPushX is RPush for a list that exists; 0 where it does not.
func (c Commands) RPushX(ctx context.Context, key string, values ...any) (int64, error) {
	return call(ctx, c, asInt, words("RPUSHX", key).vals(values...))
}

// LPop removes the first element and returns it.
func (c Commands) LPop(ctx context.Context, key string) (string, error) {
	return call(ctx, c, asText, words("LPOP", key))
}

// LPopCount removes up to count elements at the front and returns them.
func (c Commands) LPopCount(ctx context.Context, key string, count int64) ([]string, error) {
	return call(ctx, c, asTexts, words("LPOP", key).num(count))
}

// RPop removes the last element and returns it.
func (c Commands) RPop(ctx context.Context, key string) (string, error) {
	return call(ctx, c, asText, words("RPOP", key))
}

// RPopCount removes up to count elements at the end and returns them, the last
// one first.
func (c Commands) RPopCount(ctx context.Context, key string, count int64) ([]string, error) {
	return call(ctx, c, asTexts, words("RPOP", key).num(count))
}

// LMPop removes up to count elements from an end, LEFT or RIGHT, of the first of the
// keys that has some; ErrNil where none has.
func (c Commands) LMPop(ctx context.Context, from string, count int64, keys ...string) (Popped[[]string], error) {
	return call(ctx, c, asPopped(asTexts), numbered(words("LMPOP"), keys).strs(from, "COUNT").num(count))
}

// LLen returns the length, 0 where there is no list.
func (c Commands) LLen(ctx context.Context, key string) (int64, error) {
	return call(ctx, c, asInt, words("LLEN", key))
}

// LIndex returns the element at an index, negative ones from the end; ErrNil
// where there is none.
func (c Commands) LIndex(ctx context.Context, key string, index int64) (string, error) {
	return call(ctx, c, asText, words("LINDEX", key).num(index))
}

// LSet replaces the element at an index; ErrOutOfRange where there is none.
func (c Commands) LSet(ctx context.Context, key string, index int64, value any) error {
	return done(ctx, c, words("LSET", key).num(index).vals(value))
}

// LRange returns the elements from start to stop, both included; negative ones
// count from the end.
func (c Commands) LRange(ctx context.Context, key string, start, stop int64) ([]string, error) {
	return call(ctx, c, asTexts, words("LRANGE", key).num(start).num(stop))
}

// LTrim keeps the elements from start to stop, both included.
func (c Commands) LTrim(ctx context.Context, key string, start, stop int64) error {
	return done(ctx, c, words("LTRIM", key).num(start).num(stop))
}

// LRem removes elements equal to value and returns how many: the first count
// ones, the last -count ones, or with 0 all.
func (c Commands) LRem(ctx context.Context, key string, count int64, value any) (int64, error) {
	return call(ctx, c, asInt, words("LREM", key).num(count).vals(value))
}

// LInsertBefore puts value before the first element equal to pivot and returns
// the new length, -1 where there is no such element.
func (c Commands) LInsertBefore(ctx context.Context, key string, pivot, value any) (int64, error) {
	return call(ctx, c, asInt, words("LINSERT", key, "BEFORE").vals(pivot, value))
}

// LInsertAfter is LInsertBefore on the other side.
func (c Commands) LInsertAfter(ctx context.Context, key string, pivot, value any) (int64, error) {
	return call(ctx, c, asInt, words("LINSERT", key, "AFTER").vals(pivot, value))
}

// LPos returns the index of the first element equal to value, ErrNil where
// there is none. Options: Rank, MaxLen.
func (c Commands) LPos(ctx context.Context, key string, value any, opts ...CmdOption) (int64, error) {
	return call(ctx, c, asInt, words("LPOS", key).vals(value).opts(opts))
}

// LPosCount returns the indices of up to count elements equal to value, 0 is all.
// Options: Rank, MaxLen.
func (c Commands) LPosCount(ctx context.Context, key string, value any, count int64, opts ...CmdOption) ([]int64, error) {
	return call(ctx, c, asEach(asInt), words("LPOS", key).vals(value).strs("COUNT").num(count).opts(opts))
}

// LMove takes an element from one end of src, LEFT or RIGHT, to an end of dst
// and returns it.
func (c Commands) LMove(ctx context.Context, src, dst, from, to string) (string, error) {
	return call(ctx, c, asText, words("LMOVE", src, dst, from, to))
}

// RPopLPush is LMove from the RIGHT to the LEFT.
func (c Commands) RPopLPush(ctx context.Context, src, dst string) (string, error) {
	return call(ctx, c, asText, words("RPOPLPUSH", src, dst))
}
