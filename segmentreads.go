package znsocket

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// span is a range of a List that is read at once.
type span struct {
	Piece
	texts []string
}

// fetchElements returns the stored texts of count elements, from first on step
// apart. What lies between them is read too, and as much again where it saves
// commands: to replace elements of a List here and there leaves many pieces that
// are read in one or two ranges all the same.
func (o *object) fetchElements(ctx context.Context, t pieceTable, first, count, step int) ([]string, error) {
	if count == 0 {
		return []string{}, nil
	}
	if count == 1 {
		step = 1 // which may be as large as an int
	}
	stride, lowest := max(step, -step), min(first, first+(count-1)*step)
	wanted := t.ranges(lowest, count, stride)
	spans := spansOf(wanted, count*stride)
	if err := o.readSpans(ctx, spans); err != nil {
		return nil, err
	}
	texts := make([]string, 0, count)
	for _, w := range wanted {
		k, _ := slices.BinarySearchFunc(spans, w, span.compare)
		for at := w.Start; at < w.End; at += stride {
			texts = append(texts, spans[k].texts[at-spans[k].Start])
		}
	}
	if step < 0 {
		slices.Reverse(texts)
	}
	return texts, nil
}

// spansOf joins ranges of the same List. Gaps between them are read too, the
// shortest first, as long as that is no more than spare elements for nothing.
func spansOf(wanted []Piece, spare int) []span {
	var apart []span
	for _, w := range slices.SortedFunc(slices.Values(wanted), Piece.compare) {
		if n := len(apart); n > 0 && apart[n-1].Target == w.Target && w.Start <= apart[n-1].End {
			apart[n-1].End = max(apart[n-1].End, w.End)
			continue
		}
		apart = append(apart, span{Piece: w})
	}

	gap := func(k int) int { return apart[k].Start - apart[k-1].End }
	var gaps []int
	for k := 1; k < len(apart); k++ {
		if apart[k].Target == apart[k-1].Target {
			gaps = append(gaps, k)
		}
	}
	slices.SortFunc(gaps, func(k, l int) int { return cmp.Compare(gap(k), gap(l)) })
	joined := make([]bool, len(apart))
	for _, k := range gaps {
		if spare -= gap(k); spare < 0 {
			break
		}
		joined[k] = true
	}

	var spans []span
	for k, s := range apart {
		if joined[k] {
			spans[len(spans)-1].End = s.End
			continue
		}
		spans = append(spans, s)
	}
	return spans
}

func (p Piece) compare(other Piece) int {
	return cmp.Or(strings.Compare(p.Target, other.Target), cmp.Compare(p.Start, other.Start))
}

// compare is 0 for a range that lies within the span.
func (s span) compare(w Piece) int {
	switch {
	case s.Target != w.Target:
		return strings.Compare(s.Target, w.Target)
	case s.End <= w.Start:
		return -1
	case s.Start > w.Start:
		return 1
	}
	return 0
}

// readSpans reads the elements of each span in one round trip.
func (o *object) readSpans(ctx context.Context, spans []span) error {
	steps := make([][]string, len(spans))
	for k, s := range spans {
		steps[k] = words("LRANGE", s.Target).num(int64(s.Start)).num(int64(s.End - 1)).words
	}
	replies, err := o.runSteps(ctx, steps)
	if err != nil {
		return err
	}
	for k := range spans {
		if spans[k].texts, err = asTexts(replies[k].Val); err != nil {
			return err
		}
		if len(spans[k].texts) < spans[k].size() {
			return o.tooShort(spans[k].Piece)
		}
	}
	return nil
}

func (o *object) tooShort(p Piece) error {
	return fmt.Errorf("znsocket: %s has elements up to %d of %s, which is shorter than that", o.key, p.End, p.Target)
}

// ranges returns where count elements lie, from the lowest on stride apart: one
// range a piece, which begins and ends with one of them.
func (t pieceTable) ranges(lowest, count, stride int) []Piece {
	var wanted []Piece
	last := lowest + (count-1)*stride
	for k, at := t.find(lowest), lowest; at <= last; k++ {
		if t.ends[k] <= at {
			continue
		}
		p := t.pieces[k]
		start, more := p.End-(t.ends[k]-at), (min(t.ends[k]-1, last)-at)/stride
		wanted = append(wanted, Piece{start, start + more*stride + 1, p.Target})
		at += (more + 1) * stride
	}
	return wanted
}
