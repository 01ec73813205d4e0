package znsocket

import (
	"context"
	"time"
)

// These commands wait where there is nothing to take: until there is, or the timeout
// is over, which is ErrNil, or the context ends. A timeout of 0 is for ever. Who has
// waited longest gets something first. In a pipeline they do not wait, save over a
// CommanderFunc, which makes one call after the other.
//
// What a Redis or a server gives away at the very moment at which the context ends
// is lost; a Store loses nothing.

// Popped is what a command took from one of its keys.
type Popped[T any] struct {
	Key string
	Val T
}

// BLPop removes the first element of the first of the lists that has one.
func (c Commands) BLPop(ctx context.Context, timeout time.Duration, keys ...string) (Popped[string], error) {
	return call(ctx, c, asPopped(asText), words("BLPOP").strs(keys...).vals(timeout))
}

// BRPop removes the last element of the first of the lists that has one.
func (c Commands) BRPop(ctx context.Context, timeout time.Duration, keys ...string) (Popped[string], error) {
	return call(ctx, c, asPopped(asText), words("BRPOP").strs(keys...).vals(timeout))
}

// BLMPop is LMPop that waits.
func (c Commands) BLMPop(ctx context.Context, timeout time.Duration, from string, count int64, keys ...string) (Popped[[]string], error) {
	return call(ctx, c, asPopped(asTexts), numbered(words("BLMPOP").vals(timeout), keys).strs(from, "COUNT").num(count))
}

// BLMove is LMove that waits.
func (c Commands) BLMove(ctx context.Context, src, dst, from, to string, timeout time.Duration) (string, error) {
	return call(ctx, c, asText, words("BLMOVE", src, dst, from, to).vals(timeout))
}

// BRPopLPush is BLMove from the RIGHT to the LEFT.
func (c Commands) BRPopLPush(ctx context.Context, src, dst string, timeout time.Duration) (string, error) {
	return call(ctx, c, asText, words("BRPOPLPUSH", src, dst).vals(timeout))
}

// BZPopMin removes the member with the lowest score from the first of the sorted sets
// that has one.
func (c Commands) BZPopMin(ctx context.Context, timeout time.Duration, keys ...string) (Popped[Z], error) {
	return call(ctx, c, asPoppedZ, words("BZPOPMIN").strs(keys...).vals(timeout))
}

// BZPopMax is BZPopMin for the highest score.
func (c Commands) BZPopMax(ctx context.Context, timeout time.Duration, keys ...string) (Popped[Z], error) {
	return call(ctx, c, asPoppedZ, words("BZPOPMAX").strs(keys...).vals(timeout))
}

// BZMPop is ZMPop that waits.
func (c Commands) BZMPop(ctx context.Context, timeout time.Duration, order string, count int64, keys ...string) (Popped[[]Z], error) {
	return call(ctx, c, asPopped(asScores), numbered(words("BZMPOP").vals(timeout), keys).strs(order, "COUNT").num(count))
}

// asPopped reads a key with what as reads; nil is ErrNil.
func asPopped[T any](as func(any) (T, error)) func(any) (Popped[T], error) {
	return func(v any) (Popped[T], error) {
		if v == nil {
			return Popped[T]{}, ErrNil
		}
		pair, err := asTuple(v, 2)
		p := Popped[T]{part(&err, pair[0], asText), part(&err, pair[1], as)}
		return p, err
	}
}

func asPoppedZ(v any) (Popped[Z], error) {
	if v == nil {
		return Popped[Z]{}, ErrNil
	}
	all, err := asTuple(v, 3)
	p := Popped[Z]{part(&err, all[0], asText), Z{Member: part(&err, all[1], asText), Score: part(&err, all[2], asFloat)}}
	return p, err
}
