package znsocket

import (
	"context"
	"strconv"
)

// ByteRange, of BitCount and BitPos, is the bytes from start to end, both included;
// negative ones count from the end.
func ByteRange(start, end int64) CmdOption { return bitRange(start, end, "BYTE") }

// BitRange is ByteRange in bits.
func BitRange(start, end int64) CmdOption { return bitRange(start, end, "BIT") }

func bitRange(start, end int64, unit string) CmdOption {
	return CmdOption{[]string{strconv.FormatInt(start, 10), strconv.FormatInt(end, 10), unit}}
}

// SetBit sets a bit, the highest of the first byte at 0, and returns what it was. A
// value that is too short grows.
func (c Commands) SetBit(ctx context.Context, key string, offset int64, bit int) (int64, error) {
	return call(ctx, c, asInt, words("SETBIT", key).num(offset).num(int64(bit)))
}

// GetBit returns a bit, 0 behind the end.
func (c Commands) GetBit(ctx context.Context, key string, offset int64) (int64, error) {
	return call(ctx, c, asInt, words("GETBIT", key).num(offset))
}

// BitCount counts the bits that are 1. Options: ByteRange or BitRange.
func (c Commands) BitCount(ctx context.Context, key string, opts ...CmdOption) (int64, error) {
	return call(ctx, c, asInt, words("BITCOUNT", key).opts(opts))
}

// BitPos returns where the first bit is that is 1, or 0; -1 where there is none.
// Without a range there is always a 0 behind the end. Options: ByteRange or BitRange.
func (c Commands) BitPos(ctx context.Context, key string, bit int, opts ...CmdOption) (int64, error) {
	return call(ctx, c, asInt, words("BITPOS", key).num(int64(bit)).opts(opts))
}

// BitOpAnd stores the bits that all keys have as dst and returns its length in bytes,
// that of the longest.
func (c Commands) BitOpAnd(ctx context.Context, dst string, keys ...string) (int64, error) {
	return call(ctx, c, asInt, words("BITOP", "AND", dst).strs(keys...))
}

// BitOpOr stores the bits that any key has.
func (c Commands) BitOpOr(ctx context.Context, dst string, keys ...string) (int64, error) {
	return call(ctx, c, asInt, words("BITOP", "OR", dst).strs(keys...))
}

// BitOpXor stores the bits that an odd number of the keys has.
func (c Commands) BitOpXor(ctx context.Context, dst string, keys ...string) (int64, error) {
	return call(ctx, c, asInt, words("BITOP", "XOR", dst).strs(keys...))
}

// BitOpNot stores the bits that key does not have.
func (c Commands) BitOpNot(ctx context.Context, dst, key string) (int64, error) {
	return call(ctx, c, asInt, words("BITOP", "NOT", dst, key))
}

// BitField carries out steps, written as Redis does: "GET", "u8", 0, "SET", "i16", "#1",
// 300, "OVERFLOW", "FAIL", "INCRBY", "u2", 100, 1. It returns the number of each GET, SET
// and INCRBY, an int64, or nil where OVERFLOW FAIL kept it from changing.
func (c Commands) BitField(ctx context.Context, key string, steps ...any) ([]any, error) {
	return call(ctx, c, asList, words("BITFIELD", key).vals(steps...))
}

// BitFieldRO is BitField with GET alone.
func (c Commands) BitFieldRO(ctx context.Context, key string, steps ...any) ([]int64, error) {
	return call(ctx, c, asEach(asInt), words("BITFIELD_RO", key).vals(steps...))
}
