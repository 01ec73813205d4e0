package znsocket

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestList_isPythonsList(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		l := NewList[string](c, "l")
		requireElements := func(want string) {
			t.Helper()
			got, err := l.Slice(ctx, Begin, End)
			require.NoError(t, err)
			require.Equal(t, want, strings.Join(got, ""))
			n, err := l.Len(ctx)
			require.NoError(t, err)
			require.Equal(t, len(want), n)
		}
		requireElements("")
		require.NoError(t, l.Append(ctx))
		require.NoError(t, l.Append(ctx, "a"))
		require.NoError(t, l.Append(ctx, "b", "c", "d"))
		requireElements("abcd")

		for i, want := range map[int]string{0: "a", 3: "d", -1: "d", -4: "a"} {
			got, err := l.At(ctx, i)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		for _, i := range []int{4, -5, Begin, End} {
			_, err := l.At(ctx, i)
			require.ErrorIs(t, err, ErrOutOfRange)
			require.ErrorIs(t, l.Set(ctx, i, "x"), ErrOutOfRange)
			_, err = l.Pop(ctx, i)
			require.ErrorIs(t, err, ErrOutOfRange)
			require.ErrorIs(t, l.DeleteAt(ctx, 0, i), ErrOutOfRange)
		}
		requireElements("abcd")

		require.NoError(t, l.Set(ctx, 1, "B"))
		require.NoError(t, l.Set(ctx, -1, "D"))
		requireElements("aBcD")

		require.NoError(t, l.Insert(ctx, 0, "1", "2"))
		require.NoError(t, l.Insert(ctx, -1, "3"))
		require.NoError(t, l.Insert(ctx, 100, "4"))
		require.NoError(t, l.Insert(ctx, -100, "5"))
		require.NoError(t, l.Insert(ctx, 2, "6", "7", "8"))
		require.NoError(t, l.Insert(ctx, 2))
		requireElements("516782aBc3D4")

		got, err := l.Pop(ctx, -1)
		require.NoError(t, err)
		require.Equal(t, "4", got)
		got, err = l.Pop(ctx, 0)
		require.NoError(t, err)
		require.Equal(t, "5", got)
		got, err = l.Pop(ctx, 3)
		require.NoError(t, err)
		require.Equal(t, "8", got)
		got, err = l.Pop(ctx, -2)
		require.NoError(t, err)
		require.Equal(t, "3", got)
		requireElements("1672aBcD")

		require.NoError(t, l.Delete(ctx, 1, 3))
		require.NoError(t, l.Delete(ctx, 3, 3))
		requireElements("12aBcD")
		require.NoError(t, l.DeleteStep(ctx, End, Begin, -2))
		requireElements("1ac")
		require.NoError(t, l.DeleteAt(ctx))
		require.NoError(t, l.DeleteAt(ctx, -1, 0, 2))
		requireElements("a")

		require.NoError(t, l.SetSlice(ctx, 0, 1, "x", "y", "z"))
		require.NoError(t, l.SetSlice(ctx, 1, 1, "-"))
		require.NoError(t, l.SetSlice(ctx, -1, End, "Z"))
		requireElements("x-yZ")
		require.NoError(t, l.SetSliceStep(ctx, End, Begin, -2, "1", "2"))
		requireElements("x2y1")
		require.NoError(t, l.SetSlice(ctx, 1, 3))
		requireElements("x1")
		require.EqualError(t, l.SetSliceStep(ctx, Begin, End, 2, "p", "q"),
			"ERR attempt to assign sequence of size 2 to extended slice of size 1")
		requireElements("x1")

		require.NoError(t, l.Clear(ctx))
		requireElements("")
		require.NoError(t, l.Clear(ctx))
		_, err = l.Pop(ctx, 0)
		require.ErrorIs(t, err, ErrOutOfRange)
		require.NoError(t, l.Insert(ctx, -3, "a", "b"))
		requireElements("ab")
	})
}

// Python's "abcdefgh"[start:stop:step].
func TestList_slicesAsPython(t *testing.T) {
	const all = "abcdefgh"
	overCommanders(t, func(t *testing.T, c Commander) {
		l := NewList[string](c, "l")
		require.NoError(t, l.Append(t.Context(), strings.Split(all, "")...))
		bounds := []int{Begin, -100, -9, -8, -3, -1, 0, 1, 5, 8, 100, End}
		for _, i := range bounds {
			for _, j := range bounds {
				for _, step := range []int{1, 2, 3, 100, End, -1, -2, -100, Begin} {
					want := ""
					for _, at := range pythonPlaces(len(all), i, j, step) {
						want += all[at : at+1]
					}
					got, err := l.SliceStep(t.Context(), i, j, step)
					require.NoError(t, err)
					require.Equal(t, want, strings.Join(got, ""), "[%d:%d:%d]", i, j, step)
				}
			}
		}
		_, err := l.SliceStep(t.Context(), 0, 1, 0)
		require.EqualError(t, err, "ValueError: slice step cannot be zero")
		require.EqualError(t, l.DeleteStep(t.Context(), 0, 1, 0), "ValueError: slice step cannot be zero")
		require.EqualError(t, l.SetSliceStep(t.Context(), 0, 1, 0), "ValueError: slice step cannot be zero")
	})
}

// pythonPlaces walks through a slice of n elements as Python's reference says:
// the places i + k*step until j, with the bounds moved into reach.
func pythonPlaces(n, i, j, step int) []int {
	reach := func(bound, low, high int) int {
		if bound < 0 {
			bound += n
		}
		return min(max(bound, low), high)
	}
	var places []int
	if step > 0 {
		for at, stop := reach(i, 0, n), reach(j, 0, n); at < stop; at += min(step, n) {
			places = append(places, at)
		}
		return places
	}
	for at, stop := reach(i, -1, n-1), reach(j, -1, n-1); at > stop; at += max(step, -n) {
		places = append(places, at)
	}
	return places
}

// What a List does is done to a plain slice too, and what it tells is held
// against what happened there.
func TestList_model(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		n := 1500
		if _, ok := c.(*Store); ok {
			n = 6000
		}
		m := newListModel(t, c, uint64(n))
		for range n {
			m.step()
		}
		m.compare()
	})
}

// pool has few values, so that many elements are equal, and those that other
// implementations take for marks of their own.
var pool = []any{
	int64(0), int64(1), int64(-7), 1.5, "", "a", "__DELETED__", "znsocket.token:", "znsocket", "ü€😀\x00\"\\<>&", true, false, nil,
	[]any{int64(1), nil}, map[string]any{"k": "v"}, int64(math.MaxInt64),
}

type listModel struct {
	sequenceModel
	list  *List[any]
	other *List[any] // hears of what list does
}

func newListModel(t *testing.T, c Commander, seed uint64) *listModel {
	hub := newStore(t)
	m := &listModel{sequenceModel: newSequenceModel(t, seed, 1)}
	m.list = NewList[any](c, "model", WithNotifier(hub), WithCallback(func(c Change) { m.changes = append(m.changes, c) }))
	m.other = NewList[any](c, "model", WithNotifier(hub))
	t.Cleanup(m.other.OnRefresh(func(r Refresh) { m.heard <- r }))
	return m
}

func (m *listModel) compare() {
	m.t.Helper()
	got, err := m.list.Slice(m.t.Context(), Begin, End)
	require.NoError(m.t, err)
	require.Equal(m.t, append([]any{}, m.model...), got)
	require.Empty(m.t, m.changes)
}

func (m *listModel) step() {
	t, ctx, l := m.t, m.t.Context(), m.list
	i, j, step := m.bound(), m.bound(), []int{1, 1, 1, 2, 3, 50, End, -1, -1, -2, -50, Begin}[m.r.IntN(12)]
	places := pythonPlaces(len(m.model), i, j, step)
	sorted := slices.Sorted(slices.Values(places))
	switch m.r.IntN(13) {
	case 0, 1:
		values := m.values(1 + m.r.IntN(4))
		at := indices(len(m.model), len(values), 1)
		require.NoError(t, l.Append(ctx, values...))
		m.model = append(m.model, values...)
		r := refreshFrom(at[0])
		if len(values) == 1 {
			r = Refresh{Indices: at}
		}
		m.told(Change{Op: "append", Indices: at, Values: values}, r)
	case 2, 3:
		values := m.values(1 + m.r.IntN(4))
		i := m.bound()
		require.NoError(t, l.Insert(ctx, i, values...))
		if i < 0 {
			i += len(m.model)
		}
		i = min(max(i, 0), len(m.model))
		m.model = slices.Insert(m.model, i, values...)
		m.told(Change{Op: "insert", Indices: indices(i, len(values), 1), Values: values}, refreshFrom(i))
	case 4:
		i := m.index()
		v := m.values(1)
		err := l.Set(ctx, i, v[0])
		if i < 0 {
			i += len(m.model)
		}
		if i < 0 || i >= len(m.model) {
			require.ErrorIs(t, err, ErrOutOfRange)
			return
		}
		require.NoError(t, err)
		m.model[i] = v[0]
		m.told(Change{Op: "set", Indices: []int{i}, Values: v}, Refresh{Indices: []int{i}})
	case 5:
		i := m.index()
		got, err := l.Pop(ctx, i)
		if i < 0 {
			i += len(m.model)
		}
		if i < 0 || i >= len(m.model) {
			require.ErrorIs(t, err, ErrOutOfRange)
			return
		}
		require.NoError(t, err)
		require.Equal(t, m.model[i], got)
		m.model = slices.Delete(m.model, i, i+1)
		m.told(Change{Op: "delete", Indices: []int{i}}, refreshFrom(i))
	case 6:
		if len(places) > 20 && m.r.IntN(8) > 0 {
			return
		}
		require.NoError(t, l.DeleteStep(ctx, i, j, step))
		if len(places) > 0 {
			m.drop(sorted)
			m.told(Change{Op: "delete", Indices: places}, refreshFrom(sorted[0]))
		}
	case 7:
		at := []int{m.index(), m.index(), m.index()}[m.r.IntN(3):]
		err := l.DeleteAt(ctx, at...)
		for k := range at {
			if at[k] < 0 {
				at[k] += len(m.model)
			}
			if at[k] < 0 || at[k] >= len(m.model) {
				require.ErrorIs(t, err, ErrOutOfRange)
				return
			}
		}
		require.NoError(t, err)
		at = slices.Compact(slices.Sorted(slices.Values(at)))
		m.drop(at)
		m.told(Change{Op: "delete", Indices: at}, refreshFrom(at[0]))
	case 8, 9:
		m.setSlice(i, j, step, places)
	case 10:
		want := []any{}
		for _, at := range places {
			want = append(want, m.model[at])
		}
		got, err := l.SliceStep(ctx, i, j, step)
		require.NoError(t, err)
		require.Equal(t, want, got, "[%d:%d:%d] of %d", i, j, step, len(m.model))
	case 11:
		v := m.values(1)[0]
		at, err := m.other.Index(ctx, v)
		want := slices.IndexFunc(m.model, func(e any) bool { return assert.ObjectsAreEqual(e, v) })
		if want < 0 {
			require.ErrorIs(t, err, ErrOutOfRange)
		} else {
			require.NoError(t, err)
			require.Equal(t, want, at)
		}
	case 12:
		m.compare()
	}
}

func (m *listModel) setSlice(i, j, step int, places []int) {
	t, ctx := m.t, m.t.Context()
	values := m.values(m.r.IntN(6))
	if m.r.IntN(2) == 0 {
		values = m.values(len(places))
	}
	err := m.list.SetSliceStep(ctx, i, j, step, values...)
	change, at := Change{Op: "set", Indices: places, Values: values}, 0
	switch {
	case step != 1 && len(values) != len(places):
		require.EqualError(t, err, fmt.Sprintf(
			"ERR attempt to assign sequence of size %d to extended slice of size %d", len(values), len(places)))
		return
	case len(values) == 0 && len(places) == 0:
		require.NoError(t, err)
		return
	case len(values) == len(places):
		require.NoError(t, err)
		for k, at := range places {
			m.model[at] = values[k]
		}
		m.told(change, Refresh{Indices: places})
		return
	case len(places) == 0:
		// Where nothing lies between the bounds, the values go before i.
		at = len(pythonPlaces(len(m.model), Begin, i, 1))
		change = Change{Op: "insert", Indices: indices(at, len(values), 1), Values: values}
	default:
		at = places[0]
		if len(values) == 0 {
			change = Change{Op: "delete", Indices: places}
		}
	}
	require.NoError(t, err)
	m.model = slices.Replace(m.model, at, at+len(places), values...)
	m.told(change, refreshFrom(at))
}

// drop deletes places, which are in ascending order.
func (m *listModel) drop(places []int) {
	for _, at := range slices.Backward(places) {
		m.model = slices.Delete(m.model, at, at+1)
	}
}
