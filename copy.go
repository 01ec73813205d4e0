package znsocket

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// copyTo copies the object's data to another key.
func (o *object) copyTo(ctx context.Context, key string) error {
	copied, err := o.copyStored(ctx, key)
	if err != nil || copied {
		return err
	}
	if n, err := o.commands().Exists(ctx, o.key); err != nil {
		return err
	} else if n == 0 {
		return fmt.Errorf("znsocket: copy %s to %s: %w", o.key, key, ErrNil)
	}
	return fmt.Errorf("znsocket: copy %s to %s: %w", o.key, key, ErrExists)
}

// copyStored copies the object to a key where nothing is stored, in one step, and
// reports whether it did. In a Redis Cluster no command does that between keys in
// different slots.
func (o *object) copyStored(ctx context.Context, key string) (bool, error) {
	copied, err := o.commands().Copy(ctx, o.key, key, false)
	if err != nil && strings.HasPrefix(err.Error(), "CROSSSLOT ") {
		return o.copyElements(ctx, key)
	}
	return copied, err
}

// copyElements is copyStored for what COPY does not copy. The elements, as they
// are at one moment, are written aside, so that they arrive in one step.
func (o *object) copyElements(ctx context.Context, key string) (bool, error) {
	aside := object{runner: o.commands().r, way: o.way, key: beside(key)}
	if strings.HasPrefix(o.key, dictPrefix) {
		pairs, err := call(ctx, o.commands(), asPairs, words("HGETALL", o.key))
		if err != nil || len(pairs) == 0 {
			return false, err
		}
		if _, err := aside.runner.run(ctx, slices.Concat([]string{"HSET", aside.key}, pairs)); err != nil {
			return false, err
		}
	} else {
		values, err := o.commands().LRange(ctx, o.key, 0, -1)
		if err != nil || len(values) == 0 {
			return false, err
		}
		if _, err := aside.push(ctx, values); err != nil {
			return false, err
		}
	}
	replies, err := aside.runSteps(ctx, [][]string{{"COPY", aside.key, key}, {"DEL", aside.key}})
	if err != nil {
		return false, err
	}
	return asBool(replies[0].Val)
}

// beside returns a key of its own that a Redis Cluster keeps in the slot of
// another: a slot is that of the hash tag, {such}, where there is one.
func beside(key string) string {
	tag := key
	if _, rest, ok := strings.Cut(key, "{"); ok {
		if t, _, ok := strings.Cut(rest, "}"); ok && t != "" {
			tag = t
		}
	}
	return token() + "{" + tag + "}"
}
