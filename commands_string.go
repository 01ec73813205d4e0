package znsocket

import (
	"context"
	"time"
)

// Get returns the value of key, ErrNil where there is none.
func (c Commands) Get(ctx context.Context, key string) (string, error) {
	return call(ctx, c, asText, words("GET", key))
}

// Set gives key a value and takes its time to live away, unless KeepTTL or EX
// say otherwise. Where NX or XX does not hold it is ErrNil.
func (c Commands) Set(ctx context.Context, key string, value any, opts ...CmdOption) error {
	return held(ctx, c, words("SET", key).vals(value).opts(opts))
}

// SetGet is Set that returns the old value, ErrNil where there was none.
func (c Commands) SetGet(ctx context.Context, key string, value any, opts ...CmdOption) (string, error) {
	return call(ctx, c, asText, words("SET", key).vals(value).opts(opts).strs("GET"))
}

// SetNX sets key if it does not exist and reports whether it did.
func (c Commands) SetNX(ctx context.Context, key string, value any, opts ...CmdOption) (bool, error) {
	return call(ctx, c, asBool, words("SET", key).vals(value).strs("NX").opts(opts))
}

// SetEx sets key and lets it live for d.
func (c Commands) SetEx(ctx context.Context, key string, value any, d time.Duration) error {
	return done(ctx, c, words("PSETEX", key).num(d.Milliseconds()).vals(value))
}

// GetDel returns the value of key and deletes it.
func (c Commands) GetDel(ctx context.Context, key string) (string, error) {
	return call(ctx, c, asText, words("GETDEL", key))
}

// GetEx returns the value of key and changes its time to live: EX, ExpireAt or
// Persist.
func (c Commands) GetEx(ctx context.Context, key string, opts ...CmdOption) (string, error) {
	return call(ctx, c, asText, words("GETEX", key).opts(opts))
}

// MGet returns the value of each key, a string or nil.
func (c Commands) MGet(ctx context.Context, keys ...string) ([]any, error) {
	return call(ctx, c, asList, words("MGET").strs(keys...))
}

// MSet sets keys and values given in turn.
func (c Commands) MSet(ctx context.Context, pairs ...any) error {
	return done(ctx, c, words("MSET").vals(pairs...))
}

// MSetNX sets keys and values given in turn if none of the keys exists, and
// reports whether it did.
func (c Commands) MSetNX(ctx context.Context, pairs ...any) (bool, error) {
	return call(ctx, c, asBool, words("MSETNX").vals(pairs...))
}

// Append appends to the value of key and returns its new length in bytes.
func (c Commands) Append(ctx context.Context, key string, value any) (int64, error) {
	return call(ctx, c, asInt, words("APPEND", key).vals(value))
}

// StrLen returns the length of the value in bytes, 0 where there is none.
func (c Commands) StrLen(ctx context.Context, key string) (int64, error) {
	return call(ctx, c, asInt, words("STRLEN", key))
}

// GetRange returns the bytes from start to end, both included; negative ones
// count from the end.
func (c Commands) GetRange(ctx context.Context, key string, start, end int64) (string, error) {
	return call(ctx, c, asText, words("GETRANGE", key).num(start).num(end))
}

// SetRange writes value at an offset and returns the new length. A gap is
// filled with zero bytes.
func (c Commands) SetRange(ctx context.Context, key string, offset int64, value any) (int64, error) {
	return call(ctx, c, asInt, words("SETRANGE", key).num(offset).vals(value))
}

// Incr adds 1 and returns the sum. A missing key is 0.
func (c Commands) Incr(ctx context.Context, key string) (int64, error) {
	return call(ctx, c, asInt, words("INCR", key))
}

// IncrBy adds n and returns the sum.
func (c Commands) IncrBy(ctx context.Context, key string, n int64) (int64, error) {
	return call(ctx, c, asInt, words("INCRBY", key).num(n))
}

// IncrByFloat adds f and returns the sum.
func (c Commands) IncrByFloat(ctx context.Context, key string, f float64) (float64, error) {
	return call(ctx, c, asFloat, words("INCRBYFLOAT", key).float(f))
}

// Decr subtracts 1 and returns the difference.
func (c Commands) Decr(ctx context.Context, key string) (int64, error) {
	return call(ctx, c, asInt, words("DECR", key))
}

// DecrBy subtracts n and returns the difference.
func (c Commands) DecrBy(ctx context.Context, key string, n int64) (int64, error) {
	return call(ctx, c, asInt, words("DECRBY", key).num(n))
}

// LCS returns the longest common subsequence of two values.
func (c Commands) LCS(ctx context.Context, key1, key2 string) (string, error) {
	return call(ctx, c, asText, words("LCS", key1, key2))
}
