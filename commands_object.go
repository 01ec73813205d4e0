package znsocket

import (
	"context"
	"time"
)

// Dump returns the value of a key in the form that Restore reads, of this package and
// of Redis 7.0, without its time to live; ErrNil where there is no such key.
func (c Commands) Dump(ctx context.Context, key string) (string, error) {
	return call(ctx, c, asText, words("DUMP", key))
}

// Restore gives key what Dump has returned and lets it live for d; 0 is without end. A
// key that exists is an error that begins with BUSYKEY.
func (c Commands) Restore(ctx context.Context, key string, d time.Duration, dump string) error {
	return done(ctx, c, words("RESTORE", key).num(d.Milliseconds()).strs(dump))
}

// RestoreReplace is Restore over what key has.
func (c Commands) RestoreReplace(ctx context.Context, key string, d time.Duration, dump string) error {
	return done(ctx, c, words("RESTORE", key).num(d.Milliseconds()).strs(dump, "REPLACE"))
}

// ObjectEncoding returns how the value of key is kept, in Redis's word for it; ErrNil
// where there is no such key, as in the methods below.
func (c Commands) ObjectEncoding(ctx context.Context, key string) (string, error) {
	return call(ctx, c, asText, words("OBJECT", "ENCODING", key))
}

// ObjectFreq returns how often key is used. A Store has no such policy for what it
// keeps, and a Redis only with maxmemory-policy: then it is an error.
func (c Commands) ObjectFreq(ctx context.Context, key string) (int64, error) {
	return call(ctx, c, asInt, words("OBJECT", "FREQ", key))
}

// ObjectIdleTime returns how long ago key was used, to the second.
func (c Commands) ObjectIdleTime(ctx context.Context, key string) (time.Duration, error) {
	return call(ctx, c, asSeconds, words("OBJECT", "IDLETIME", key))
}

// ObjectRefCount returns how often the value of key is referred to.
func (c Commands) ObjectRefCount(ctx context.Context, key string) (int64, error) {
	return call(ctx, c, asInt, words("OBJECT", "REFCOUNT", key))
}

// MemoryUsage estimates how many bytes key and its value take. Of a value with many
// elements it looks at samples; 0 is all.
func (c Commands) MemoryUsage(ctx context.Context, key string, samples int64) (int64, error) {
	return call(ctx, c, asInt, words("MEMORY", "USAGE", key, "SAMPLES").num(samples))
}
