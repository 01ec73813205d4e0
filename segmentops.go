package znsocket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The pieces of Segments are read in one command, changed here, and put back by
// ZN.LSWAP where what the change was worked out from is still there; otherwise
// others were first and it is worked out again. New values go to the end of the
// Segments' own List before, and the reply says where they lie.

// maxPieces bounds how many pieces one change can make of few.
const maxPieces = 1 << 20

// editPieces changes the pieces to what plan makes of them. plan also says how many
// elements it looked at from the begin, End where it had to know the last: what
// others do behind them does not matter.
func (o *object) editPieces(ctx context.Context, plan func(t pieceTable) (to []segment, seen int, err error)) error {
	for {
		t, err := o.readPieces(ctx)
		if err != nil {
			return err
		}
		to, seen, err := plan(t)
		if err != nil {
			return err
		}
		swapped, err := o.swapPieces(ctx, t.swap(to, seen))
		if swapped || err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// ownList is the List that new values are kept in.
func (o *object) ownList() *object {
	own := *o
	own.key = listPrefix + strings.TrimPrefix(o.key, segmentsPrefix)
	return &own
}

// storeOwn appends values, of which there are some, to the own List.
func (o *object) storeOwn(ctx context.Context, values []string) (segment, error) {
	own := o.ownList()
	n, err := own.push(ctx, values)
	if err == nil && n < len(values) {
		err = fmt.Errorf("znsocket: %s has %d elements after %d were appended", own.key, n, len(values))
	}
	return segment{Piece: Piece{n - len(values), n, own.key}}, err
}

// insertElements inserts values before index i and returns the place of the
// first.
func (o *object) insertElements(ctx context.Context, i int, values []string) (at int, err error) {
	in, err := o.storeOwn(ctx, values)
	if err != nil {
		return 0, err
	}
	err = o.editPieces(ctx, func(t pieceTable) ([]segment, int, error) {
		at = min(max(resolveIndex(i, t.len()), 0), t.len())
		return t.replace(at, at, in), t.seen(i), nil
	})
	return at, err
}

// setElement replaces the element at index i and returns its place.
func (o *object) setElement(ctx context.Context, i int, value string) (at int, err error) {
	var in []segment
	err = o.editPieces(ctx, func(t pieceTable) ([]segment, int, error) {
		var err error
		if at, err = t.resolve(i); err != nil {
			return nil, 0, err
		}
		if target, place := t.at(at); in == nil && target == o.ownList().key {
			at, err = o.setInPlace(ctx, at, place, value)
			return t.pieces, 0, err
		}
		if in == nil {
			stored, err := o.storeOwn(ctx, []string{value})
			if err != nil {
				return nil, 0, err
			}
			in = []segment{stored}
		}
		return t.replace(at, at+1, in...), t.seen(i, i+1), nil
	})
	return at, err
}

// setInPlace replaces the element that is at a place of the own List and returns
// where in the Segments it is by then. Where others have removed it meanwhile
// that is where it was.
func (o *object) setInPlace(ctx context.Context, at, place int, value string) (int, error) {
	own := o.ownList()
	replies, err := o.runSteps(ctx, [][]string{
		words("LSET", own.key).num(int64(place)).strs(value).words,
		{"LRANGE", o.key, "0", "-1"},
	})
	if errors.Is(outOfRange(err), ErrOutOfRange) {
		return 0, o.tooShort(Piece{place, place + 1, own.key})
	}
	if err != nil {
		return 0, err
	}
	texts, err := asTexts(replies[1].Val)
	if err != nil {
		return 0, err
	}
	t, err := o.parsePieces(texts)
	if err != nil {
		return 0, err
	}
	for k, p := range t.pieces {
		if p.Target == own.key && p.Start <= place && place < p.End {
			return t.ends[k] - (p.End - place), nil
		}
	}
	return at, nil
}

// popElement removes the element at index i and returns its place and what it
// was.
func (o *object) popElement(ctx context.Context, i int) (at int, value string, err error) {
	err = o.editPieces(ctx, func(t pieceTable) ([]segment, int, error) {
		var err error
		if at, err = t.resolve(i); err != nil {
			return nil, 0, err
		}
		texts, err := o.fetchElements(ctx, t, at, 1, 1)
		if err != nil {
			return nil, 0, err
		}
		value = texts[0]
		return t.replace(at, at+1), t.seen(i, i+1), nil
	})
	return at, value, err
}

// deleteElements removes [i:j:step] and returns the first place and how many
// there were.
func (o *object) deleteElements(ctx context.Context, i, j, step int) (first, count int, err error) {
	if step == 0 {
		return 0, 0, errStepZero
	}
	err = o.editPieces(ctx, func(t pieceTable) ([]segment, int, error) {
		first, count = pySlice(t.len(), i, j, step)
		switch {
		case count == 0:
			return t.pieces, 0, nil
		case step == 1:
			return t.replace(first, first+count), t.seen(i, j), nil
		case step == -1:
			return t.replace(first-count+1, first+1), End, nil
		case count > maxPieces:
			return nil, 0, fmt.Errorf("znsocket: %s would be in more than %d pieces without %d elements", o.key, maxPieces, count)
		}
		places := indices(first, count, step)
		if step < 0 {
			slices.Reverse(places)
		}
		return t.without(places), End, nil
	})
	return first, count, err
}

// deleteElementsAt removes the elements at some indices, all or none, and returns
// their places, the lowest first.
func (o *object) deleteElementsAt(ctx context.Context, at []int) (places []int, err error) {
	err = o.editPieces(ctx, func(t pieceTable) ([]segment, int, error) {
		places = make([]int, len(at))
		for k, i := range at {
			var err error
			if places[k], err = t.resolve(i); err != nil {
				return nil, 0, err
			}
		}
		slices.Sort(places)
		places = slices.Compact(places)
		return t.without(places), End, nil
	})
	return places, err
}

// swapPieces reports whether the pieces were still those that are known.
func (o *object) swapPieces(ctx context.Context, s pieceSwap) (bool, error) {
	if s.count == 0 && len(s.values) == 0 {
		return true, nil
	}
	length := ""
	if s.whole {
		length = strconv.Itoa(len(s.known))
	}
	call := words("ZN.LSWAP", o.key, length).num(int64(len(s.known))).num(int64(s.first)).num(int64(s.count)).
		strs(s.known...).strs(s.values...)
	v, err := o.do(ctx, op{call.words, func() (any, error) { return o.swapSteps(ctx, s) }})
	if err != nil || v == nil {
		return false, err
	}
	_, err = asInt(v)
	return err == nil, err
}

func (o *object) swapSteps(ctx context.Context, s pieceSwap) (any, error) {
	stored, err := o.commands().LRange(ctx, o.key, 0, -1)
	if err != nil || !s.fits(stored) {
		return nil, err
	}
	n := int64(len(stored) - s.count + len(s.values))
	switch {
	case s.first == len(stored):
		_, err := o.push(ctx, s.values)
		return n, err
	case s.count == 0: // a mark needs a place: the piece behind makes way and comes back
		s.count, s.values = 1, append(slices.Clone(s.values), stored[s.first])
	}
	mark := token()
	var steps [][]string
	for k := range s.count {
		steps = append(steps, words("LSET", o.key).num(int64(s.first+k)).strs(mark).words)
	}
	for _, v := range s.values {
		steps = append(steps, []string{"LINSERT", o.key, "BEFORE", mark, v})
	}
	_, err = o.runSteps(ctx, append(steps, []string{"LREM", o.key, "0", mark}))
	return n, err
}
