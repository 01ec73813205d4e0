package znsocket

import (
	"context"
	"iter"
)

// KeyValue is a field of a hash with its value.
type KeyValue struct{ Key, Value string }

// HSet sets fields and values given in turn and returns how many fields are new.
func (c Commands) HSet(ctx context.Context, key string, pairs ...any) (int64, error) {
	return call(ctx, c, asInt, words("HSET", key).vals(pairs...))
}

// HSetNX sets a field if it does not exist and reports whether it did.
func (c Commands) HSetNX(ctx context.Context, key, field string, value any) (bool, error) {
	return call(ctx, c, asBool, words("HSETNX", key, field).vals(value))
}

// HGet returns a field, ErrNil where there is none.
func (c Commands) HGet(ctx context.Context, key, field string) (string, error) {
	return call(ctx, c, asText, words("HGET", key, field))
}

// HMGet returns the value of each field, a string or nil.
func (c Commands) HMGet(ctx context.Context, key string, fields ...string) ([]any, error) {
	return call(ctx, c, asList, words("HMGET", key).strs(fields...))
}

// HGetAll returns all fields and values.
func (c Commands) HGetAll(ctx context.Context, key string) (map[string]string, error) {
	return call(ctx, c, asMap, words("HGETALL", key))
}

// HDel deletes fields and returns how many there were.
func (c Commands) HDel(ctx context.Context, key string, fields ...string) (int64, error) {
	return call(ctx, c, asInt, words("HDEL", key).strs(fields...))
}

// HExists reports whether a field exists.
func (c Commands) HExists(ctx context.Context, key, field string) (bool, error) {
	return call(ctx, c, asBool, words("HEXISTS", key, field))
}

// HKeys returns the fields; a Store keeps them in order of insertion.
func (c Commands) HKeys(ctx context.Context, key string) ([]string, error) {
	return call(ctx, c, asTexts, words("HKEYS", key))
}

// HVals returns the values.
func (c Commands) HVals(ctx context.Context, key string) ([]string, error) {
	return call(ctx, c, asTexts, words("HVALS", key))
}

// HLen counts the fields.
func (c Commands) HLen(ctx context.Context, key string) (int64, error) {
	return call(ctx, c, asInt, words("HLEN", key))
}

// HStrLen returns the length of a value in bytes.
func (c Commands) HStrLen(ctx context.Context, key, field string) (int64, error) {
	return call(ctx, c, asInt, words("HSTRLEN", key, field))
}

// HIncrBy adds n to a field and returns the sum.
func (c Commands) HIncrBy(ctx context.Context, key, field string, n int64) (int64, error) {
	return call(ctx, c, asInt, words("HINCRBY", key, field).num(n))
}

// HIncrByFloat adds f to a field and returns the sum.
func (c Commands) HIncrByFloat(ctx context.Context, key, field string, f float64) (float64, error) {
	return call(ctx, c, asFloat, words("HINCRBYFLOAT", key, field).float(f))
}

// HRandField returns count random fields: different ones, or with a negative
// count possibly the same more than once.
func (c Commands) HRandField(ctx context.Context, key string, count int64) ([]string, error) {
	return call(ctx, c, asTexts, words("HRANDFIELD", key).num(count))
}

// HRandFieldWithValues is HRandField with values.
func (c Commands) HRandFieldWithValues(ctx context.Context, key string, count int64) ([]KeyValue, error) {
	return call(ctx, c, asKeyValues, words("HRANDFIELD", key).num(count).strs("WITHVALUES"))
}

// HScanIter yields the fields of a hash that match a glob pattern, "" for all,
// with their values. It stops after the first error.
func (c Commands) HScanIter(ctx context.Context, key, match string) iter.Seq2[[2]string, error] {
	return pages(ctx, c, words("HSCAN", key), matching(match), func(v any) ([][2]string, error) {
		pairs, err := asPairs(v)
		fields := make([][2]string, len(pairs)/2)
		for i := range fields {
			fields[i] = [2]string{pairs[2*i], pairs[2*i+1]}
		}
		return fields, err
	})
}

// asKeyValues reads fields with values: in turn, or in RESP3 in pairs.
func asKeyValues(v any) ([]KeyValue, error) {
	flat, err := asList(v)
	if err == nil && len(flat) > 0 {
		if _, nested := flat[0].([]any); nested {
			return asEach(asKeyValue)(v)
		}
	}
	texts, err := asPairs(v)
	pairs := make([]KeyValue, len(texts)/2)
	for i := range pairs {
		pairs[i] = KeyValue{texts[2*i], texts[2*i+1]}
	}
	return pairs, err
}

func asKeyValue(v any) (KeyValue, error) {
	pair, err := asTuple(v, 2)
	kv := KeyValue{part(&err, pair[0], asText), part(&err, pair[1], asText)}
	return kv, err
}
