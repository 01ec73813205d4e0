package znsocket

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// This file is what the tests of List and of Segments have in common.

// sequenceModel is what the model of either needs to make up a step and to hear
// what was said about it.
type sequenceModel struct {
	t       *testing.T
	r       *rand.Rand
	model   []any
	changes []Change
	heard   chan Refresh
}

func newSequenceModel(t *testing.T, seed, stream uint64) sequenceModel {
	return sequenceModel{t: t, r: rand.New(rand.NewPCG(seed, stream)), heard: make(chan Refresh, 1)}
}

// index is about as often among the elements as not.
func (m *sequenceModel) index() int { return m.r.IntN(2*len(m.model)+6) - len(m.model) - 3 }

func (m *sequenceModel) bound() int {
	switch m.r.IntN(6) {
	case 0:
		return Begin
	case 1:
		return End
	}
	return m.index()
}

func (m *sequenceModel) values(n int) []any {
	values := make([]any, n)
	for i := range values {
		values[i] = pool[m.r.IntN(len(pool))]
	}
	return values
}

// told holds what was said about a change, by the callback and to others,
// against what it was.
func (m *sequenceModel) told(c Change, r Refresh) {
	m.t.Helper()
	require.Equal(m.t, []Change{c}, m.changes)
	m.changes = nil
	require.Equal(m.t, r, <-m.heard)
}

// editor is a List or Segments of numbers.
type editor interface {
	Insert(ctx context.Context, i int, values ...int) error
	Append(ctx context.Context, values ...int) error
	Pop(ctx context.Context, i int) (int, error)
	Delete(ctx context.Context, i, j int) error
	DeleteStep(ctx context.Context, i, j, step int) error
	Slice(ctx context.Context, i, j int) ([]int, error)
}

// editConcurrently has workers edit the same elements, of which before are there
// already; with some there is always one to pop. Each element is there once in
// the end, or was taken out once, whoever does what.
func editConcurrently(t *testing.T, before, workers, rounds int, open func(...Option) editor) {
	ctx := t.Context()
	var mu sync.Mutex
	times := make(map[int]int)
	deleted := 0
	counting := WithCallback(func(change Change) {
		mu.Lock()
		defer mu.Unlock()
		if change.Op == "delete" {
			deleted += len(change.Indices)
		}
	})
	popped := 0
	take := func(v int, err error) {
		if before == 0 && errors.Is(err, ErrOutOfRange) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if assert.NoError(t, err) {
			times[v]++
			popped++
		}
	}
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			mine := open(counting)
			for k := range rounds {
				v := 3 * (w*rounds + k)
				assert.NoError(t, mine.Insert(ctx, k%7-3, v, v+1))
				assert.NoError(t, mine.Append(ctx, v+2))
				take(mine.Pop(ctx, k%5-2))
				if k%10 == 0 {
					assert.NoError(t, mine.Delete(ctx, -2, -1))
					assert.NoError(t, mine.DeleteStep(ctx, End, -6, -3))
				}
			}
		})
	}
	all.Wait()
	rest, err := open().Slice(ctx, Begin, End)
	require.NoError(t, err)
	for _, v := range rest {
		times[v]++
	}
	for v, n := range times {
		require.Equal(t, 1, n, "element %d", v)
	}
	// The callback counts what was popped as well.
	require.Equal(t, before+3*workers*rounds, len(rest)+deleted)
	require.Len(t, times, len(rest)+popped)
}

// appendConcurrently: the places that a change tells are its own, whoever else
// appends.
func appendConcurrently(t *testing.T, workers, rounds int, open func(...Option) editor) {
	ctx := t.Context()
	var mu sync.Mutex
	at := map[int]any{}
	callback := WithCallback(func(change Change) {
		mu.Lock()
		defer mu.Unlock()
		for k, i := range change.Indices {
			at[i] = change.Values[k]
		}
	})
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			mine := open(callback)
			for k := range rounds {
				assert.NoError(t, mine.Append(ctx, 1000*w+2*k, 1000*w+2*k+1))
			}
		})
	}
	all.Wait()
	values, err := open().Slice(ctx, Begin, End)
	require.NoError(t, err)
	require.Len(t, values, 2*workers*rounds)
	require.Len(t, at, len(values))
	for i, v := range values {
		require.Equal(t, at[i], v)
	}
	slices.Sort(values)
	require.Len(t, slices.Compact(values), 2*workers*rounds)
}
