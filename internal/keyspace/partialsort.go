package keyspace

import (
	"math/bits"
	"slices"
)

// sortPart sorts as much of all as brings the right elements to the places from lo up
// to hi. Equal elements keep their order where all is sorted; else they come to lie as
// Redis leaves them, by the quicksort of Bentley and McIlroy's "Engineering a sort
// function".
func sortPart[T any](all []T, lo, hi int, compare func(a, b *T) int) {
	if lo <= 0 && hi >= len(all) {
		slices.SortStableFunc(all, func(a, b T) int { return compare(&a, &b) })
		return
	}
	p := partialSort[T]{all, lo, hi, compare}
	p.sort(0, len(all), 2*bits.Len(uint(len(all))))
}

type partialSort[T any] struct {
	all     []T
	lo, hi  int
	compare func(a, b *T) int
}

func (p *partialSort[T]) cmp(i, j int) int { return p.compare(&p.all[i], &p.all[j]) }
func (p *partialSort[T]) swap(i, j int)    { p.all[i], p.all[j] = p.all[j], p.all[i] }

// sort sorts the places from first up to end. What is divided badly again and again,
// until depth is 0, is left to a sort that never takes long.
func (p *partialSort[T]) sort(first, end, depth int) {
	n := end - first
	if n < 7 {
		for i := first + 1; i < end; i++ {
			for j := i; j > first && p.cmp(j-1, j) > 0; j-- {
				p.swap(j, j-1)
			}
		}
		return
	}
	if depth == 0 {
		sortPart(p.all[first:end], 0, n, p.compare)
		return
	}
	p.swap(first, p.pivot(first, n))
	// What equals the pivot is gathered at both ends, what is less from the left and
	// what is more from the right.
	equalLeft, left := first+1, first+1
	right, equalRight := end-1, end-1
	for {
		for ; left <= right; left++ {
			c := p.cmp(left, first)
			if c > 0 {
				break
			}
			if c == 0 {
				p.swap(equalLeft, left)
				equalLeft++
			}
		}
		for ; left <= right; right-- {
			c := p.cmp(right, first)
			if c < 0 {
				break
			}
			if c == 0 {
				p.swap(right, equalRight)
				equalRight--
			}
		}
		if left > right {
			break
		}
		p.swap(left, right)
		left++
		right--
	}
	p.exchange(first, left, min(equalLeft-first, left-equalLeft))
	p.exchange(left, end, min(equalRight-right, end-1-equalRight))
	p.part(first, first+left-equalLeft, depth)
	p.part(end-(equalRight-right), end, depth)
}

// part sorts the places from first up to end if any of them is asked for.
func (p *partialSort[T]) part(first, end, depth int) {
	if end-first > 1 && p.lo < end && p.hi > first {
		p.sort(first, end, depth-1)
	}
}

// exchange swaps the first n places from first on with the last n before end.
func (p *partialSort[T]) exchange(first, end, n int) {
	for i := range n {
		p.swap(first+i, end-n+i)
	}
}

// pivot is the place of the middle one of three elements or, among many, of nine.
func (p *partialSort[T]) pivot(first, n int) int {
	low, middle, high := first, first+n/2, first+n-1
	if n == 7 {
		return middle
	}
	if n > 40 {
		d := n / 8
		low = p.median(low, low+d, low+2*d)
		middle = p.median(middle-d, middle, middle+d)
		high = p.median(high-2*d, high-d, high)
	}
	return p.median(low, middle, high)
}

func (p *partialSort[T]) median(a, b, c int) int {
	if p.cmp(a, b) < 0 {
		switch {
		case p.cmp(b, c) < 0:
			return b
		case p.cmp(a, c) < 0:
			return c
		}
		return a
	}
	switch {
	case p.cmp(b, c) > 0:
		return b
	case p.cmp(a, c) < 0:
		return a
	}
	return c
}
