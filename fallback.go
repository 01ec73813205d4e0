package znsocket

import (
	"context"
	"fmt"
	"slices"
)

// FallbackPolicy is what an object does with its fallback; see WithFallback. The
// names are Python's.
type FallbackPolicy string

const (
	// FallbackCopy copies the fallback before the first use of the object. That
	// is done once for each NewList or NewDict: what is removed later stays
	// removed, and what becomes of the fallback later is not seen.
	FallbackCopy FallbackPolicy = "copy"
	// FallbackFrozen reads the fallback as it is at each moment, for as long as
	// nothing is stored for the object itself. The first change copies it and
	// changes the copy, so nothing that was readable is lost. An object that has
	// lost its last element, by Clear too, reads the fallback again: an empty
	// list or dict is one that is not stored. (A Python server does store a list
	// that lost its elements, and a dict that lost its fields other than by
	// Clear: there it stays empty.)
	FallbackFrozen FallbackPolicy = "frozen"
)

// WithFallback gives a List or Dict another one, named as NewList and NewDict
// name it, to stand in for it while it is empty. That one is never changed. It may
// be that of an adapter, and it may be missing, which is to be empty. An adapter
// under the object's own key is not empty, whatever it has.
//
// No option reaches the store, so neither does this one: all is done by the calls
// that use the object, and a copy never overwrites what somebody has stored
// meanwhile. With FallbackFrozen a read is one round trip and, where it is of the
// fallback, a second one; a change asks first whether there is something to
// change. A change that finds nothing to do, or fails, may have made the copy.
// OnRefresh and WithCallback tell of the object itself: not of the fallback, nor
// of the copy, which leaves what is read as it was.
//
// Python's objects differ. They fall back for each index and field that they do
// not have, although their length is that of what is stored; only append copies
// a frozen fallback, and with any other change its elements are gone.
//
// Segments have no fallback: each of their calls would fail.
func WithFallback(key string, policy FallbackPolicy) Option {
	return func(o *object) {
		prefix, name, ok := cutPrefix(o.key)
		switch {
		case !ok:
			o.err = &Error{KindValue, fmt.Sprintf("%s can not have a fallback", o.key)}
		case key == name:
			o.err = &Error{KindValue, fmt.Sprintf("%s can not be its own fallback", o.key)}
		case policy != FallbackCopy && policy != FallbackFrozen:
			o.err = &Error{KindValue, fmt.Sprintf("no fallback policy is called %q", policy)}
		}
		o.fallback = &fallback{key: o.key, from: prefix + key, policy: policy, turn: make(chan struct{}, 1)}
	}
}

// fallback is shared by the copies of one List or Dict.
type fallback struct {
	key, from string // full keys, of the object and of what stands in for it
	policy    FallbackPolicy
	turn      chan struct{} // holds a token of who looks whether FallbackCopy has made its copy, or makes it
	copied    bool          // it is made; only with the token
}

// fallingBack runs the commands of an object that has a fallback. Commands that
// are of another key pass.
type fallingBack struct {
	runner
	*fallback
}

func (f fallingBack) run(ctx context.Context, argv []string) (any, error) {
	through, err := f.prepare(ctx, argv)
	switch {
	case err != nil:
		return nil, err
	case !through:
		return f.runner.run(ctx, argv)
	}
	replies, err := f.readThrough(ctx, [][]string{argv})
	if err != nil {
		return nil, err
	}
	return replies[0].Val, replies[0].Err
}

func (f fallingBack) runMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	through, err := f.prepare(ctx, cmds...)
	switch {
	case err != nil:
		return nil, err
	case !through:
		return f.runner.runMulti(ctx, cmds)
	}
	return f.readThrough(ctx, cmds)
}

// prepare reports whether commands are to be read through. All others can run as
// they are once it has returned.
func (f fallingBack) prepare(ctx context.Context, cmds ...[]string) (through bool, err error) {
	var reads, changes bool
	for _, argv := range cmds {
		if objectKey(argv) != f.key {
			continue
		}
		if isRead(argv) {
			reads = true
		} else {
			changes = true
		}
	}
	switch {
	case !reads && !changes:
		return false, nil
	case f.policy == FallbackCopy:
		return false, f.copyOnce(ctx)
	case changes:
		return false, f.copyIfEmpty(ctx)
	}
	return true, nil
}

// isRead reports whether an object's command, or the script for it, only reads.
func isRead(argv []string) bool {
	switch unscripted(argv)[0] {
	case "EXISTS", "COPY", "LLEN", "LINDEX", "LRANGE", "ZN.LSLICE", "HLEN", "HGET", "HEXISTS", "HKEYS", "HGETALL":
		return true
	}
	return false
}

// readThrough runs commands that read, and again on the fallback where the object
// turns out to be empty.
func (f fallingBack) readThrough(ctx context.Context, cmds [][]string) ([]Reply, error) {
	replies, err := f.runner.runMulti(ctx, slices.Insert(slices.Clone(cmds), 0, []string{"EXISTS", f.key}))
	if err != nil {
		return nil, err
	}
	if replies[0].Err != nil {
		return nil, replies[0].Err
	}
	if there, err := asInt(replies[0].Val); err != nil || there > 0 {
		return replies[1:], err
	}
	instead := make([][]string, len(cmds))
	for k, argv := range cmds {
		instead[k] = argv
		if objectKey(argv) == f.key {
			instead[k] = slices.Clone(argv)
			instead[k][slices.Index(argv, f.key)] = f.from
		}
	}
	return f.runner.runMulti(ctx, instead)
}

// copyOnce makes the copy of FallbackCopy. Who uses the object meanwhile waits, so
// that nobody makes another one after it has been changed.
func (f fallingBack) copyOnce(ctx context.Context) error {
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if f.copied {
		return nil
	}
	err := f.copyIfEmpty(ctx)
	f.copied = err == nil
	return err
}

// copyIfEmpty copies the fallback where nothing is stored for the object. That is
// one step, so several who do it at once make one copy.
func (f fallingBack) copyIfEmpty(ctx context.Context) error {
	c := Commands{f.runner}
	if n, err := c.Exists(ctx, f.key); err != nil || n > 0 {
		return err
	}
	adapted, err := f.fromAdapter(ctx)
	if err != nil {
		return err
	}
	o := object{runner: f.runner, way: new(opsWay), key: f.from}
	if adapted {
		_, err = o.copyElements(ctx, f.key)
	} else {
		_, err = o.copyStored(ctx, f.key)
	}
	return err
}

// ownElements has an object that reads through make its copy, for somebody who
// will read what is stored under its key.
func (o *object) ownElements(ctx context.Context) error {
	if f, ok := o.commands().r.(fallingBack); ok && f.policy == FallbackFrozen {
		return f.copyIfEmpty(ctx)
	}
	return nil
}

// fromAdapter reports whether the fallback is that of an adapter.
func (f fallingBack) fromAdapter(ctx context.Context) (bool, error) {
	r, ok := f.runner.(interface {
		adapted(ctx context.Context, key string) (bool, error)
	})
	if !ok {
		return false, nil
	}
	return r.adapted(ctx, f.from)
}

// withoutFrozen is the object as it is stored.
func (o object) withoutFrozen() *object {
	if o.fallback != nil && o.fallback.policy == FallbackFrozen {
		o.fallback = nil
	}
	return &o
}
