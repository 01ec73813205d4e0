package znsocket

import "context"

// PFAdd counts elements in and returns 1 where the estimate may have changed, else 0.
func (c Commands) PFAdd(ctx context.Context, key string, elements ...any) (int64, error) {
	return call(ctx, c, asInt, words("PFADD", key).vals(elements...))
}

// PFCount estimates how many different elements all keys have together, to about 0.8 %.
func (c Commands) PFCount(ctx context.Context, keys ...string) (int64, error) {
	return call(ctx, c, asInt, words("PFCOUNT").strs(keys...))
}

// PFMerge counts what the keys have into dst.
func (c Commands) PFMerge(ctx context.Context, dst string, keys ...string) error {
	return done(ctx, c, words("PFMERGE", dst).strs(keys...))
}
