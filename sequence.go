package znsocket

import "iter"

// This file is what List and Segments have in common: elements in an order, of
// which an object tells by their places.

// decodeElement reads an element as a T; i is where it was asked for.
func decodeElement[T any](o *object, i int, text string) (T, error) {
	v, err := decode[T](o, text)
	if err != nil {
		return v, &DecodeError{Key: o.key, Index: i, Raw: text, Err: err}
	}
	return v, nil
}

// decodeElements reads elements that are step apart.
func decodeElements[T any](o *object, texts []string, first, step int) ([]T, error) {
	values := make([]T, len(texts))
	for k, text := range texts {
		var err error
		if values[k], err = decodeElement[T](o, first+k*step, text); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// indexOf returns the index of the first of all elements that equals v.
func indexOf[T any](o *object, all iter.Seq2[T, error], v T) (int, error) {
	v, err := asStored(o, v)
	if err != nil {
		return 0, err
	}
	i := 0
	for other, err := range all {
		if err != nil {
			return 0, err
		}
		if equal(v, other) {
			return i, nil
		}
		i++
	}
	return 0, ErrOutOfRange
}

// isFound reports whether an index was found.
func isFound(_ int, err error) (bool, error) {
	if err == ErrOutOfRange {
		return false, nil
	}
	return err == nil, err
}

// equalElements reports whether elements that were read equal values.
func equalElements[T any](o *object, mine, values []T) (bool, error) {
	if len(mine) != len(values) {
		return false, nil
	}
	for k := range values {
		v, err := asStored(o, values[k])
		if err != nil || !equal(v, mine[k]) {
			return false, err
		}
	}
	return true, nil
}

// appended tells of values at the end, of which there is one at least.
func appended[T any](o *object, self any, at int, values []T) {
	r := refreshFrom(at)
	if len(values) == 1 {
		r = Refresh{Indices: []int{at}}
	}
	o.changed(self, r, func() Change {
		return Change{Op: "append", Indices: indices(at, len(values), 1), Values: anyOf(values)}
	})
}

func inserted[T any](o *object, self any, at int, values []T) {
	o.changed(self, refreshFrom(at), func() Change {
		return Change{Op: "insert", Indices: indices(at, len(values), 1), Values: anyOf(values)}
	})
}

// replaced tells of one element.
func replaced[T any](o *object, self any, at int, v T) {
	places := []int{at}
	o.changed(self, Refresh{Indices: places}, func() Change {
		return Change{Op: "set", Indices: places, Values: []any{v}}
	})
}

// deleted tells of count elements that are gone, of which there is one at least.
func (o *object) deleted(self any, first, count, step int) {
	lowest := min(first, first+(count-1)*step)
	o.changed(self, refreshFrom(lowest), func() Change {
		return Change{Op: "delete", Indices: indices(first, count, step)}
	})
}

// deletedAt tells of elements that are gone, the lowest first.
func (o *object) deletedAt(self any, places []int) {
	o.changed(self, refreshFrom(places[0]), func() Change { return Change{Op: "delete", Indices: places} })
}

// popped reads what a Pop took, and tells of it first: it is gone, whether it can
// be read or not.
func popped[T any](o *object, self any, at int, text string) (T, error) {
	o.deleted(self, at, 1, 1)
	return decodeElement[T](o, at, text)
}
