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
	if away, err := o.adaptedElsewhere(ctx); err != nil {
		return false, err
	} else if away {
		return o.copyElements(ctx, key)
	}
	copied, err := o.commands().Copy(ctx, o.key, key, false)
	if err != nil && strings.HasPrefix(err.Error(), "CROSSSLOT ") {
		return o.copyElements(ctx, key)
	}
	return copied, err
}

// adaptedElsewhere reports whether the object is an adapter whose owner knows
// nothing of the Commander that the copy is to be stored in: see WithNotifier.
func (o *object) adaptedElsewhere(ctx context.Context) (bool, error) {
	r, ok := o.runner.(objectCommands)
	if !ok {
		return false, nil
	}
	if _, elsewhere := r.raw.(foreign); !elsewhere {
		return false, nil
	}
	return r.adapted(ctx, o.key)
}

// copyElements is copyStored for what COPY does not copy. The elements, as they
// are at one moment, are written aside, so that they arrive in one step.
func (o *object) copyElements(ctx context.Context, key string) (bool, error) {
	var elements []string
	var err error
	if strings.HasPrefix(o.key, dictPrefix) {
		elements, err = call(ctx, o.commands(), asPairs, words("HGETALL", o.key))
	} else {
		elements, err = o.commands().LRange(ctx, o.key, 0, -1)
	}
	if err != nil || len(elements) == 0 {
		return false, err
	}
	return o.storeNew(ctx, key, elements)
}

// storeNew stores the elements of a list, or fields and values of a dict, of
// which there is one at least, under a key where nothing is stored, and reports
// whether it did.
func (o *object) storeNew(ctx context.Context, key string, elements []string) (bool, error) {
	aside := object{runner: o.commands().r, way: o.way, key: beside(key)}
	var err error
	if strings.HasPrefix(key, dictPrefix) {
		_, err = aside.runner.run(ctx, slices.Concat([]string{"HSET", aside.key}, elements))
	} else {
		_, err = aside.push(ctx, elements)
	}
	if err != nil {
		return false, err
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
