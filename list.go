package znsocket

import (
	"context"
	"encoding/json"
	"iter"
	"math"
)

// Begin and End are bounds of a slice that are left open, as in Python's l[:j]
// and l[i:]. With a negative step a slice goes from End to Begin.
const (
	Begin = math.MinInt
	End   = math.MaxInt
)

// List is a list that lives under a key of a Commander and is shared with
// everyone who opens the same key, in Go, Python or JavaScript. Nothing is kept
// in the List itself: each call reads or writes the store.
//
// Elements travel as JSON. With List[any] they come out as what the text says,
// and the text of a reference as the *List[any] or *Dict[any] it names; with any
// other T they are decoded into a T, and one that does not fit is a
// *DecodeError. A T may be a *List or *Dict itself: lists nest by reference.
//
// Indices are Python's: negative ones count from the end, and the bounds of a
// slice are cut to the list. Each change is one atomic step, on a Python server
// as near to that as it allows. A List is safe for concurrent use and may be
// copied.
type List[T any] struct{ object }

// NewList opens the list that Python and JavaScript call key. It is there from
// its first element on.
func NewList[T any](c Commander, key string, opts ...Option) *List[T] {
	return &List[T]{newObject(c, listPrefix, key, opts)}
}

// MarshalJSON writes the reference to the list, so that lists nest.
func (l List[T]) MarshalJSON() ([]byte, error) { return json.Marshal(l.key) }

// UnmarshalJSON reads a reference. The list works once it is bound: see Bind.
func (l *List[T]) UnmarshalJSON(text []byte) error { return l.unmarshalKey(text, listPrefix) }

// Len returns the number of elements.
func (l *List[T]) Len(ctx context.Context) (int, error) {
	n, err := l.commands().LLen(ctx, l.key)
	return int(n), err
}

// At returns the element at index i, ErrOutOfRange where there is none.
func (l *List[T]) At(ctx context.Context, i int) (T, error) {
	text, err := l.commands().LIndex(ctx, l.key, int64(i))
	if err != nil {
		var zero T
		return zero, outOfRange(err)
	}
	return decodeElement[T](&l.object, i, text)
}

// Slice returns the elements from i up to but not including j, in one round
// trip.
func (l *List[T]) Slice(ctx context.Context, i, j int) ([]T, error) {
	return l.SliceStep(ctx, i, j, 1)
}

// SliceStep returns every step-th element from i up to but not including j, as
// Python's l[i:j:step]. A negative step goes backwards: SliceStep(ctx, End,
// Begin, -1) is the whole list reversed.
func (l *List[T]) SliceStep(ctx context.Context, i, j, step int) ([]T, error) {
	first, texts, err := l.slice(ctx, i, j, step)
	if err != nil {
		return nil, err
	}
	return decodeElements[T](&l.object, texts, first, step)
}

// All yields every element, reading pages of 256. It is no snapshot: where the
// list changes meanwhile, elements may be missed or seen twice, and it ends at
// what is the end by then. It stops after the first error.
func (l *List[T]) All(ctx context.Context) iter.Seq2[T, error] {
	const page = 256
	return func(yield func(T, error) bool) {
		for i := 0; ; i += page {
			_, texts, err := l.slice(ctx, i, i+page, 1)
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for k, text := range texts {
				v, err := decodeElement[T](&l.object, i+k, text)
				if !yield(v, err) || err != nil {
					return
				}
			}
			if len(texts) < page {
				return
			}
		}
	}
}

// Index returns the index of the first element that equals v, ErrOutOfRange
// where there is none. Here and in what follows v stands for what it would be
// read as: an int equals the int64 or float64 that a List[any] yields for it.
// Numbers are equal by value and objects by their key.
func (l *List[T]) Index(ctx context.Context, v T) (int, error) {
	return indexOf(&l.object, l.All(ctx), v)
}

// Contains reports whether an element equals v; see Index.
func (l *List[T]) Contains(ctx context.Context, v T) (bool, error) {
	return isFound(l.Index(ctx, v))
}

// Equal reports whether two lists have equal elements in the same order; see
// Index.
func (l *List[T]) Equal(ctx context.Context, other *List[T]) (bool, error) {
	values, err := other.Slice(ctx, Begin, End)
	if err != nil {
		return false, err
	}
	return l.EqualSlice(ctx, values)
}

// EqualSlice reports whether the list has elements equal to values in the same
// order; see Index.
func (l *List[T]) EqualSlice(ctx context.Context, values []T) (bool, error) {
	mine, err := l.Slice(ctx, Begin, End)
	if err != nil {
		return false, err
	}
	return equalElements(&l.object, mine, values)
}

// Append puts values at the end.
func (l *List[T]) Append(ctx context.Context, values ...T) error {
	if len(values) == 0 {
		return nil
	}
	texts, err := encodeAll(&l.object, values)
	if err != nil {
		return err
	}
	n, err := l.push(ctx, texts)
	if err != nil {
		return err
	}
	appended(&l.object, l, n-len(values), values)
	return nil
}

// Set replaces the element at index i, ErrOutOfRange where there is none.
func (l *List[T]) Set(ctx context.Context, i int, v T) error {
	text, err := l.encode(v)
	if err != nil {
		return err
	}
	place, err := l.setAt(ctx, i, text)
	if err != nil {
		return outOfRange(err)
	}
	replaced(&l.object, l, place, v)
	return nil
}

// SetSlice replaces the elements from i up to but not including j with values,
// as many as there are: the list may grow or shrink.
func (l *List[T]) SetSlice(ctx context.Context, i, j int, values ...T) error {
	return l.SetSliceStep(ctx, i, j, 1, values...)
}

// SetSliceStep replaces every step-th element from i up to but not including j.
// Where step is not 1 there must be as many values as elements.
func (l *List[T]) SetSliceStep(ctx context.Context, i, j, step int, values ...T) error {
	texts, err := encodeAll(&l.object, values)
	if err != nil {
		return err
	}
	first, count, err := l.setSlice(ctx, i, j, step, texts)
	if err != nil {
		return err
	}
	switch {
	case count == 0 && len(values) == 0:
		return nil
	case count == 0:
		inserted(&l.object, l, first, values)
		return nil
	case len(values) == 0:
		l.deleted(l, first, count, step)
		return nil
	}
	r := refreshFrom(first)
	if count == len(values) {
		r = Refresh{Indices: indices(first, count, step)}
	}
	l.changed(l, r, func() Change {
		return Change{Op: "set", Indices: indices(first, count, step), Values: anyOf(values)}
	})
	return nil
}

// Insert puts values before the element at index i; an i past an end is that
// end, as with Python's insert.
func (l *List[T]) Insert(ctx context.Context, i int, values ...T) error {
	if len(values) == 0 {
		return nil
	}
	texts, err := encodeAll(&l.object, values)
	if err != nil {
		return err
	}
	at, err := l.insertAt(ctx, i, texts)
	if err != nil {
		return err
	}
	inserted(&l.object, l, at, values)
	return nil
}

// Pop removes the element at index i and returns it, ErrOutOfRange where there
// is none. Pop(ctx, -1) takes the last. An element that is not a T is removed
// too: the *DecodeError has its text.
func (l *List[T]) Pop(ctx context.Context, i int) (T, error) {
	at, text, err := l.popAt(ctx, i)
	if err != nil {
		var zero T
		return zero, outOfRange(err)
	}
	return popped[T](&l.object, l, at, text)
}

// Delete removes the elements from i up to but not including j.
func (l *List[T]) Delete(ctx context.Context, i, j int) error { return l.DeleteStep(ctx, i, j, 1) }

// DeleteStep removes every step-th element from i up to but not including j.
func (l *List[T]) DeleteStep(ctx context.Context, i, j, step int) error {
	first, count, err := l.deleteSlice(ctx, i, j, step)
	if err != nil || count == 0 {
		return err
	}
	l.deleted(l, first, count, step)
	return nil
}

// DeleteAt removes the elements at the given indices in one step. Where one of
// them is out of range nothing is removed and it is ErrOutOfRange.
func (l *List[T]) DeleteAt(ctx context.Context, at ...int) error {
	if len(at) == 0 {
		return nil
	}
	places, err := l.deleteAt(ctx, at)
	if err != nil || len(places) == 0 {
		return outOfRange(err)
	}
	l.deletedAt(l, places)
	return nil
}

// Clear removes every element that is stored.
func (l *List[T]) Clear(ctx context.Context) error {
	first, count, err := l.withoutFrozen().deleteSlice(ctx, Begin, End, 1)
	if err != nil || count == 0 {
		return err
	}
	l.deleted(l, first, count, 1)
	return nil
}

// Copy copies the elements to another key and opens that; ErrExists where it is
// taken, ErrNil where this list is empty. Options are kept, but for the callback
// and the fallback.
func (l *List[T]) Copy(ctx context.Context, key string) (*List[T], error) {
	if err := l.copyTo(ctx, listPrefix+key); err != nil {
		return nil, err
	}
	c := &List[T]{l.object}
	c.key, c.callback, c.fallback = listPrefix+key, nil, nil
	return c, nil
}

// OnRefresh has fn called when somebody else changes the list: on a Client any
// other client, on a Store any other object of this program and any client of
// its servers. fn is called in the order of the changes, in a goroutine of its
// own, and may use the list. Once OnRefresh has returned no later change is
// missed; where events had to be dropped there comes one with Resync.
func (l *List[T]) OnRefresh(fn func(Refresh)) (stop func()) { return l.onRefresh(l, fn) }
