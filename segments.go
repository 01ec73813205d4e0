package znsocket

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
)

// Segments is a list made of pieces of other lists: a copy of a List that shares
// its elements until they change. Kept is only which pieces there are, in a
// Redis list that Python's Segments reads and writes too. New values go to the
// List of the same name; what is replaced or removed stays in its List, which
// therefore only grows. The Lists that the pieces are of, which may be those of
// adapters, must not be changed otherwise: one that has become shorter than a
// piece is an error to read.
//
// Indices are Python's, and elements those of a List: see there. A read is two
// round trips, one for the pieces and one for the elements, whatever their
// number. Both it and a change read all pieces and take time in proportion to how
// many there are: values appended or inserted one behind the other are one piece.
//
// Each change is one atomic step, on a Python server as near to that as it
// allows: it is made where nobody else has changed the same pieces since they
// were read, and otherwise tried again until ctx ends. Only Set of an element
// that was set or inserted before writes in place, and counts as made before
// what others do to the pieces at the same time. Python's changes are several
// steps: who comes between them may find a mark of Python's, which is an error,
// as is everything that is no piece. Segments are safe for concurrent use and may
// be copied.
type Segments[T any] struct{ object }

// NewSegments opens the segments that Python calls key. They are there from their
// first element on; for a copy of a List see List.Segments.
func NewSegments[T any](c Commander, key string, opts ...Option) *Segments[T] {
	return &Segments[T]{newObject(c, segmentsPrefix, key, opts)}
}

// Segments makes segments of the list as it is now under another key and opens
// them; ErrExists where they are there already. Options are kept, but for the
// callback.
func (l *List[T]) Segments(ctx context.Context, key string) (*Segments[T], error) {
	s := &Segments[T]{l.object}
	s.key, s.callback = segmentsPrefix+key, nil
	if s.ownList().key == l.key {
		return nil, &Error{KindValue, "Can not keep the segments of a list under its own name"}
	}
	if err := l.ownElements(ctx); err != nil {
		return nil, err
	}
	n, err := l.Len(ctx)
	if err != nil {
		return nil, err
	}
	all := segment{Piece: Piece{0, n, l.key}}
	made, err := s.swapPieces(ctx, pieceSwap{whole: true, values: []string{all.stored()}})
	if err == nil && !made {
		err = fmt.Errorf("znsocket: make %s of %s: %w", s.key, l.key, ErrExists)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// MarshalJSON writes the reference to the segments, so that they nest.
func (s Segments[T]) MarshalJSON() ([]byte, error) { return json.Marshal(s.key) }

// UnmarshalJSON reads a reference. The segments work once they are bound: see
// Bind.
func (s *Segments[T]) UnmarshalJSON(text []byte) error { return s.unmarshalKey(text, segmentsPrefix) }

// Pieces returns the pieces as they are stored, the first elements first.
func (s *Segments[T]) Pieces(ctx context.Context) ([]Piece, error) {
	t, err := s.readPieces(ctx)
	if err != nil {
		return nil, err
	}
	pieces := make([]Piece, len(t.pieces))
	for k := range pieces {
		pieces[k] = t.pieces[k].Piece
	}
	return pieces, nil
}

// Len returns the number of elements.
func (s *Segments[T]) Len(ctx context.Context) (int, error) {
	t, err := s.readPieces(ctx)
	return t.len(), err
}

// At returns the element at index i, ErrOutOfRange where there is none.
func (s *Segments[T]) At(ctx context.Context, i int) (T, error) {
	var zero T
	t, err := s.readPieces(ctx)
	if err != nil {
		return zero, err
	}
	at, err := t.resolve(i)
	if err != nil {
		return zero, err
	}
	texts, err := s.fetchElements(ctx, t, at, 1, 1)
	if err != nil {
		return zero, err
	}
	return decodeElement[T](&s.object, i, texts[0])
}

// Slice returns the elements from i up to but not including j.
func (s *Segments[T]) Slice(ctx context.Context, i, j int) ([]T, error) {
	return s.SliceStep(ctx, i, j, 1)
}

// SliceStep returns every step-th element from i up to but not including j, as
// Python's s[i:j:step]; see List.SliceStep.
func (s *Segments[T]) SliceStep(ctx context.Context, i, j, step int) ([]T, error) {
	if step == 0 {
		return nil, errStepZero
	}
	t, err := s.readPieces(ctx)
	if err != nil {
		return nil, err
	}
	first, count := pySlice(t.len(), i, j, step)
	texts, err := s.fetchElements(ctx, t, first, count, step)
	if err != nil {
		return nil, err
	}
	return decodeElements[T](&s.object, texts, first, step)
}

// All yields every element that there is when it begins, reading the pieces once
// and the elements in pages of 256. It stops after the first error.
func (s *Segments[T]) All(ctx context.Context) iter.Seq2[T, error] {
	const page = 256
	return func(yield func(T, error) bool) {
		var zero T
		t, err := s.readPieces(ctx)
		if err != nil {
			yield(zero, err)
			return
		}
		for i := 0; i < t.len(); i += page {
			texts, err := s.fetchElements(ctx, t, i, min(page, t.len()-i), 1)
			if err != nil {
				yield(zero, err)
				return
			}
			for k, text := range texts {
				v, err := decodeElement[T](&s.object, i+k, text)
				if !yield(v, err) || err != nil {
					return
				}
			}
		}
	}
}

// Index returns the index of the first element that equals v, ErrOutOfRange
// where there is none; for what is equal see List.Index.
func (s *Segments[T]) Index(ctx context.Context, v T) (int, error) {
	return indexOf(&s.object, s.All(ctx), v)
}

// Contains reports whether an element equals v; see List.Index.
func (s *Segments[T]) Contains(ctx context.Context, v T) (bool, error) {
	return isFound(s.Index(ctx, v))
}

// Equal reports whether two Segments have equal elements in the same order; see
// List.Index.
func (s *Segments[T]) Equal(ctx context.Context, other *Segments[T]) (bool, error) {
	values, err := other.Slice(ctx, Begin, End)
	if err != nil {
		return false, err
	}
	return s.EqualSlice(ctx, values)
}

// EqualSlice reports whether there are elements equal to values in the same
// order; see List.Index.
func (s *Segments[T]) EqualSlice(ctx context.Context, values []T) (bool, error) {
	mine, err := s.Slice(ctx, Begin, End)
	if err != nil {
		return false, err
	}
	return equalElements(&s.object, mine, values)
}

// Append puts values at the end.
func (s *Segments[T]) Append(ctx context.Context, values ...T) error {
	at, err := s.insert(ctx, End, values)
	if err != nil || len(values) == 0 {
		return err
	}
	appended(&s.object, s, at, values)
	return nil
}

// Insert puts values before the element at index i; an i past an end is that
// end, as with Python's insert.
func (s *Segments[T]) Insert(ctx context.Context, i int, values ...T) error {
	at, err := s.insert(ctx, i, values)
	if err != nil || len(values) == 0 {
		return err
	}
	inserted(&s.object, s, at, values)
	return nil
}

func (s *Segments[T]) insert(ctx context.Context, i int, values []T) (at int, err error) {
	if len(values) == 0 {
		return 0, nil
	}
	texts, err := encodeAll(&s.object, values)
	if err != nil {
		return 0, err
	}
	return s.insertElements(ctx, i, texts)
}

// Set replaces the element at index i, ErrOutOfRange where there is none.
func (s *Segments[T]) Set(ctx context.Context, i int, v T) error {
	text, err := s.encode(v)
	if err != nil {
		return err
	}
	place, err := s.setElement(ctx, i, text)
	if err != nil {
		return err
	}
	replaced(&s.object, s, place, v)
	return nil
}

// Pop removes the element at index i and returns it, ErrOutOfRange where there
// is none. Pop(ctx, -1) takes the last. An element that is not a T is removed
// too: the *DecodeError has its text.
func (s *Segments[T]) Pop(ctx context.Context, i int) (T, error) {
	at, text, err := s.popElement(ctx, i)
	if err != nil {
		var zero T
		return zero, err
	}
	return popped[T](&s.object, s, at, text)
}

// Delete removes the elements from i up to but not including j.
func (s *Segments[T]) Delete(ctx context.Context, i, j int) error { return s.DeleteStep(ctx, i, j, 1) }

// DeleteStep removes every step-th element from i up to but not including j. What
// lies between two of them becomes a piece of its own.
func (s *Segments[T]) DeleteStep(ctx context.Context, i, j, step int) error {
	first, count, err := s.deleteElements(ctx, i, j, step)
	if err != nil || count == 0 {
		return err
	}
	s.deleted(s, first, count, step)
	return nil
}

// DeleteAt removes the elements at the given indices in one step. Where one of
// them is out of range nothing is removed and it is ErrOutOfRange.
func (s *Segments[T]) DeleteAt(ctx context.Context, at ...int) error {
	if len(at) == 0 {
		return nil
	}
	places, err := s.deleteElementsAt(ctx, at)
	if err != nil {
		return err
	}
	s.deletedAt(s, places)
	return nil
}

// Clear removes every element, and with them the key.
func (s *Segments[T]) Clear(ctx context.Context) error { return s.Delete(ctx, Begin, End) }

// OnRefresh has fn called when somebody else changes the segments; see List's.
func (s *Segments[T]) OnRefresh(fn func(Refresh)) (stop func()) { return s.onRefresh(s, fn) }
