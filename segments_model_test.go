package znsocket

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What Segments do is done to a plain slice too, and what they tell is held
// against what happened there.
func TestSegments_model(t *testing.T) {
	for _, each := range commanders {
		t.Run(each.Name, func(t *testing.T) {
			n := 600
			if each.Name == "Store" {
				n = 2000
			}
			m := newSegmentsModel(t, each.Open(t), uint64(n))
			for range n {
				m.step()
			}
			m.compare()
		})
	}
}

type segmentsModel struct {
	sequenceModel
	origin   *List[any]
	original []any // what is in origin, always
	segments *Segments[any]
	other    *Segments[any] // hears of what segments do
}

func newSegmentsModel(t *testing.T, c Commander, seed uint64) *segmentsModel {
	hub := newStore(t)
	m := &segmentsModel{sequenceModel: newSequenceModel(t, seed, 2)}
	m.original = m.values(40)
	m.model = slices.Clone(m.original)
	m.origin = NewList[any](c, "origin")
	require.NoError(t, m.origin.Append(t.Context(), m.original...))
	_, err := m.origin.Segments(t.Context(), "model")
	require.NoError(t, err)
	m.segments = NewSegments[any](c, "model", WithNotifier(hub), WithCallback(func(c Change) { m.changes = append(m.changes, c) }))
	m.other = NewSegments[any](c, "model", WithNotifier(hub))
	t.Cleanup(m.other.OnRefresh(func(r Refresh) { m.heard <- r }))
	return m
}

func (m *segmentsModel) compare() {
	t, ctx := m.t, m.t.Context()
	t.Helper()
	got, err := m.other.Slice(ctx, Begin, End)
	require.NoError(t, err)
	require.Equal(t, append([]any{}, m.model...), got)
	require.Empty(t, m.changes)
	original, err := m.origin.Slice(ctx, Begin, End)
	require.NoError(t, err)
	require.Equal(t, m.original, original)
	pieces, err := m.segments.Pieces(ctx)
	require.NoError(t, err)
	sum := 0
	for _, p := range pieces {
		require.Less(t, p.Start, p.End)
		sum += p.End - p.Start
	}
	require.Equal(t, len(m.model), sum)
}

func (m *segmentsModel) step() {
	t, ctx, s := m.t, m.t.Context(), m.segments
	switch m.r.IntN(13) {
	case 0, 1:
		values := m.values(1 + m.r.IntN(4))
		at := indices(len(m.model), len(values), 1)
		require.NoError(t, s.Append(ctx, values...))
		m.model = append(m.model, values...)
		r := refreshFrom(at[0])
		if len(values) == 1 {
			r = Refresh{Indices: at}
		}
		m.told(Change{Op: "append", Indices: at, Values: values}, r)
	case 2, 3:
		values := m.values(1 + m.r.IntN(4))
		i := m.bound()
		require.NoError(t, s.Insert(ctx, i, values...))
		if i < 0 {
			i += len(m.model)
		}
		i = min(max(i, 0), len(m.model))
		m.model = slices.Insert(m.model, i, values...)
		m.told(Change{Op: "insert", Indices: indices(i, len(values), 1), Values: values}, refreshFrom(i))
	case 4, 5:
		i, v := m.index(), m.values(1)
		err := s.Set(ctx, i, v[0])
		if i, ok := m.place(i); ok {
			require.NoError(t, err)
			m.model[i] = v[0]
			m.told(Change{Op: "set", Indices: []int{i}, Values: v}, Refresh{Indices: []int{i}})
			return
		}
		require.ErrorIs(t, err, ErrOutOfRange)
	case 6:
		i := m.index()
		got, err := s.Pop(ctx, i)
		if i, ok := m.place(i); ok {
			require.NoError(t, err)
			require.Equal(t, m.model[i], got)
			m.model = slices.Delete(m.model, i, i+1)
			m.told(Change{Op: "delete", Indices: []int{i}}, refreshFrom(i))
			return
		}
		require.ErrorIs(t, err, ErrOutOfRange)
	case 7:
		m.delete()
	case 8:
		i, j := m.index(), m.index()
		m.deleteAt([]int{j, i, i}[m.r.IntN(3):])
	case 9, 10:
		m.slice()
	case 11:
		v := m.values(1)[0]
		at, err := m.other.Index(ctx, v)
		want := slices.IndexFunc(m.model, func(e any) bool { return assert.ObjectsAreEqual(e, v) })
		if want < 0 {
			require.ErrorIs(t, err, ErrOutOfRange)
			return
		}
		require.NoError(t, err)
		require.Equal(t, want, at)
	case 12:
		m.compare()
	}
}

// place resolves an index; ok is false where there is no such element.
func (m *segmentsModel) place(i int) (at int, ok bool) {
	if i < 0 {
		i += len(m.model)
	}
	return i, i >= 0 && i < len(m.model)
}

func (m *segmentsModel) bounds() (i, j, step int) {
	return m.bound(), m.bound(), []int{1, 1, 1, 2, 3, 50, End, -1, -1, -2, -50, Begin}[m.r.IntN(12)]
}

func (m *segmentsModel) slice() {
	i, j, step := m.bounds()
	want := []any{}
	for _, at := range pythonPlaces(len(m.model), i, j, step) {
		want = append(want, m.model[at])
	}
	got, err := m.segments.SliceStep(m.t.Context(), i, j, step)
	require.NoError(m.t, err)
	require.Equal(m.t, want, got, "[%d:%d:%d] of %d", i, j, step, len(m.model))
}

func (m *segmentsModel) delete() {
	i, j, step := m.bounds()
	places := pythonPlaces(len(m.model), i, j, step)
	if len(places) > 20 && m.r.IntN(8) > 0 {
		return
	}
	require.NoError(m.t, m.segments.DeleteStep(m.t.Context(), i, j, step))
	if len(places) == 0 {
		return
	}
	sorted := slices.Sorted(slices.Values(places))
	m.drop(sorted)
	m.told(Change{Op: "delete", Indices: places}, refreshFrom(sorted[0]))
}

func (m *segmentsModel) deleteAt(at []int) {
	err := m.segments.DeleteAt(m.t.Context(), at...)
	for k := range at {
		var ok bool
		if at[k], ok = m.place(at[k]); !ok {
			require.ErrorIs(m.t, err, ErrOutOfRange)
			return
		}
	}
	require.NoError(m.t, err)
	at = slices.Compact(slices.Sorted(slices.Values(at)))
	m.drop(at)
	m.told(Change{Op: "delete", Indices: at}, refreshFrom(at[0]))
}

// drop deletes places, which are in ascending order.
func (m *segmentsModel) drop(places []int) {
	for _, at := range slices.Backward(places) {
		m.model = slices.Delete(m.model, at, at+1)
	}
}
