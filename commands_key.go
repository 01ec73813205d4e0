package znsocket

import (
	"context"
	"iter"
	"strconv"
	"time"
)

// Del deletes keys and returns how many there were.
func (c Commands) Del(ctx context.Context, keys ...string) (int64, error) {
	return call(ctx, c, asInt, words("DEL").strs(keys...))
}

// Unlink is Del; memory is given back later where the server can.
func (c Commands) Unlink(ctx context.Context, keys ...string) (int64, error) {
	return call(ctx, c, asInt, words("UNLINK").strs(keys...))
}

// Exists counts the keys that exist, one named twice twice.
func (c Commands) Exists(ctx context.Context, keys ...string) (int64, error) {
	return call(ctx, c, asInt, words("EXISTS").strs(keys...))
}

// Touch counts the keys that exist and marks them as used.
func (c Commands) Touch(ctx context.Context, keys ...string) (int64, error) {
	return call(ctx, c, asInt, words("TOUCH").strs(keys...))
}

// Type returns string, list, set, zset, hash or none.
func (c Commands) Type(ctx context.Context, key string) (string, error) {
	return call(ctx, c, asText, words("TYPE", key))
}

// Keys returns the keys that match a glob pattern. A pattern of more than 1,024
// bytes that is not plain text is refused.
func (c Commands) Keys(ctx context.Context, pattern string) ([]string, error) {
	return call(ctx, c, asTexts, words("KEYS", pattern))
}

// Scan returns one page of keys: the cursor to go on with, 0 at the end, and
// the keys. match "" is all; count 0 is the server's default. See ScanIter.
func (c Commands) Scan(ctx context.Context, cursor uint64, match string, count int64) (ScanPage, error) {
	return call(ctx, c, asScanPage, scanWords(words("SCAN"), cursor, match, count))
}

// RandomKey returns a random key, ErrNil where there is none.
func (c Commands) RandomKey(ctx context.Context) (string, error) {
	return call(ctx, c, asText, words("RANDOMKEY"))
}

// Rename gives key a new name, over whatever has it.
func (c Commands) Rename(ctx context.Context, key, newKey string) error {
	return done(ctx, c, words("RENAME", key, newKey))
}

// RenameNX gives key a new name if that is free, and reports whether it was.
func (c Commands) RenameNX(ctx context.Context, key, newKey string) (bool, error) {
	return call(ctx, c, asBool, words("RENAMENX", key, newKey))
}

// Copy copies src to dst and reports whether it did: not where src is missing,
// nor where dst is there and replace is false.
func (c Commands) Copy(ctx context.Context, src, dst string, replace bool) (bool, error) {
	return call(ctx, c, asBool, words("COPY", src, dst).when(replace, "REPLACE"))
}

// Move takes key to another database and reports whether it did: not where it is
// missing, nor where it is there already.
func (c Commands) Move(ctx context.Context, key string, db int) (bool, error) {
	return call(ctx, c, asBool, words("MOVE", key).num(int64(db)))
}

// Expire lets key live for d, to the millisecond. It reports whether the key is
// there and NX, XX, GT or LT hold. A d of 0 or less deletes the key.
func (c Commands) Expire(ctx context.Context, key string, d time.Duration, opts ...CmdOption) (bool, error) {
	return call(ctx, c, asBool, words("PEXPIRE", key).num(d.Milliseconds()).opts(opts))
}

// ExpireAt lets key live until t; see Expire.
func (c Commands) ExpireAt(ctx context.Context, key string, t time.Time, opts ...CmdOption) (bool, error) {
	return call(ctx, c, asBool, words("PEXPIREAT", key).num(t.UnixMilli()).opts(opts))
}

// TTL returns how long key will live, to the millisecond: -1ns where it has no
// end, -2ns where there is no such key, as go-redis has it.
func (c Commands) TTL(ctx context.Context, key string) (time.Duration, error) {
	return call(ctx, c, asTTL, words("PTTL", key))
}

// ExpireTime returns when key ends: the zero time where it has no end, ErrNil
// where there is no such key.
func (c Commands) ExpireTime(ctx context.Context, key string) (time.Time, error) {
	return call(ctx, c, asTime, words("PEXPIRETIME", key))
}

// Persist takes key's time to live away and reports whether it had one.
func (c Commands) Persist(ctx context.Context, key string) (bool, error) {
	return call(ctx, c, asBool, words("PERSIST", key))
}

// DBSize counts the keys.
func (c Commands) DBSize(ctx context.Context) (int64, error) {
	return call(ctx, c, asInt, words("DBSIZE"))
}

// FlushDB deletes every key.
func (c Commands) FlushDB(ctx context.Context) error {
	return done(ctx, c, words("FLUSHDB"))
}

// FlushAll deletes every key of every database.
func (c Commands) FlushAll(ctx context.Context) error {
	return done(ctx, c, words("FLUSHALL"))
}

// SwapDB lets two databases change places.
func (c Commands) SwapDB(ctx context.Context, db1, db2 int) error {
	return done(ctx, c, words("SWAPDB").num(int64(db1)).num(int64(db2)))
}

// Time returns the time of the server, to the microsecond.
func (c Commands) Time(ctx context.Context) (time.Time, error) {
	return call(ctx, c, asClock, words("TIME"))
}

// Ping returns PONG.
func (c Commands) Ping(ctx context.Context) (string, error) {
	return call(ctx, c, asText, words("PING"))
}

// Echo returns its argument.
func (c Commands) Echo(ctx context.Context, message string) (string, error) {
	return call(ctx, c, asText, words("ECHO", message))
}

// ScanPage is one page of SCAN. Cursor 0 is the end.
type ScanPage struct {
	Cursor uint64
	Keys   []string
}

// ScanIter yields every key that matches a glob pattern, "" for all, page by
// page. A key that is there from begin to end is yielded at least once. It
// stops after the first error.
func (c Commands) ScanIter(ctx context.Context, match string) iter.Seq2[string, error] {
	return pages(ctx, c, words("SCAN"), matching(match), asTexts)
}

func scanWords(a argv, cursor uint64, match string, count int64) argv {
	return a.strs(strconv.FormatUint(cursor, 10)).strs(matching(match)...).positive("COUNT", count)
}

func asScanPage(v any) (ScanPage, error) {
	p, err := asPage(v)
	if err != nil {
		return ScanPage{}, err
	}
	keys, err := asTexts(p.items)
	return ScanPage{p.cursor, keys}, err
}

// asTTL keeps -1 and -2 as they are: they are no durations.
func asTTL(v any) (time.Duration, error) {
	n, err := asInt(v)
	if n < 0 {
		return time.Duration(n), err
	}
	return time.Duration(n) * time.Millisecond, err
}

func asTime(v any) (time.Time, error) {
	switch n, err := asInt(v); {
	case err != nil:
		return time.Time{}, err
	case n == -2:
		return time.Time{}, ErrNil
	case n < 0:
		return time.Time{}, nil
	default:
		return time.UnixMilli(n), nil
	}
}

// asClock reads seconds and microseconds.
func asClock(v any) (time.Time, error) {
	pair, err := asTuple(v, 2)
	seconds, micros := part(&err, pair[0], asInt), part(&err, pair[1], asInt)
	return time.Unix(seconds, micros*int64(time.Microsecond)), err
}
