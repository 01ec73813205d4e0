package znsocket

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDict_isPythonsDict(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		d := NewDict[int](c, "d")
		requireItems := func(want ...Item[int]) {
			t.Helper()
			items, err := d.Items(ctx)
			require.NoError(t, err)
			// A client of RESP3 makes a map of it, without order.
			slices.SortFunc(items, func(a, b Item[int]) int { return strings.Compare(a.Key, b.Key) })
			require.Equal(t, append([]Item[int]{}, want...), items)
			n, err := d.Len(ctx)
			require.NoError(t, err)
			require.Equal(t, len(want), n)
		}
		requireItems()
		keys, err := d.Keys(ctx)
		require.NoError(t, err)
		require.Equal(t, []string{}, keys)

		require.NoError(t, d.Set(ctx, "a", 1))
		require.NoError(t, d.Update(ctx, map[string]int{"c": 3, "b": 2, "": 0, "ü€😀": 4}))
		require.NoError(t, d.Update(ctx, nil))
		requireItems(Item[int]{"", 0}, Item[int]{"a", 1}, Item[int]{"b", 2}, Item[int]{"c", 3}, Item[int]{"ü€😀", 4})
		require.NoError(t, d.Set(ctx, "a", 10))

		v, err := d.Get(ctx, "a")
		require.NoError(t, err)
		require.Equal(t, 10, v)
		_, err = d.Get(ctx, "absent")
		require.ErrorIs(t, err, ErrNil)
		for field, want := range map[string]bool{"a": true, "": true, "absent": false} {
			has, err := d.Has(ctx, field)
			require.NoError(t, err)
			require.Equal(t, want, has)
		}
		keys, err = d.Keys(ctx)
		require.NoError(t, err)
		require.ElementsMatch(t, []string{"a", "", "b", "c", "ü€😀"}, keys)
		values, err := d.Values(ctx)
		require.NoError(t, err)
		require.ElementsMatch(t, []int{10, 0, 2, 3, 4}, values)
		m, err := d.Map(ctx)
		require.NoError(t, err)
		require.Equal(t, map[string]int{"a": 10, "": 0, "b": 2, "c": 3, "ü€😀": 4}, m)

		n, err := d.Delete(ctx, "", "absent", "", "b")
		require.NoError(t, err)
		require.Equal(t, 2, n)
		for field, want := range map[string]int{"absent": 0, "ü€😀": 1} {
			n, err = d.Delete(ctx, field)
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		n, err = d.Delete(ctx)
		require.NoError(t, err)
		require.Zero(t, n)

		v, err = d.Pop(ctx, "a")
		require.NoError(t, err)
		require.Equal(t, 10, v)
		_, err = d.Pop(ctx, "a")
		require.ErrorIs(t, err, ErrNil)
		requireItems(Item[int]{"c", 3})
		require.NoError(t, d.Clear(ctx))
		require.NoError(t, d.Clear(ctx))
		requireItems()
	})
}

// A Store keeps the fields in the order in which they came.
func TestDict_order(t *testing.T) {
	d := NewDict[int](newStore(t), "d")
	for i, field := range strings.Split("zyxabc", "") {
		require.NoError(t, d.Set(t.Context(), field, i))
	}
	require.NoError(t, d.Set(t.Context(), "x", 9))
	_, err := d.Delete(t.Context(), "y")
	require.NoError(t, err)
	require.NoError(t, d.Set(t.Context(), "y", 7))
	items, err := d.Items(t.Context())
	require.NoError(t, err)
	require.Equal(t, []Item[int]{{"z", 0}, {"x", 9}, {"a", 3}, {"b", 4}, {"c", 5}, {"y", 7}}, items)
	values, err := d.Values(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{0, 9, 3, 4, 5, 7}, values)
}

// What a Dict does is done to a plain map too, and what it tells is held against
// what happened there.
func TestDict_model(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx, r := t.Context(), rand.New(rand.NewPCG(3, 4))
		hub := newStore(t)
		var changes []Change
		heard := make(chan Refresh, 1)
		d := NewDict[any](c, "model", WithNotifier(hub), WithCallback(func(c Change) { changes = append(changes, c) }))
		other := NewDict[any](c, "model", WithNotifier(hub))
		defer other.OnRefresh(func(r Refresh) { heard <- r })()
		told := func(want Change) {
			t.Helper()
			require.Len(t, changes, 1)
			got, refresh := changes[0], <-heard
			changes = nil
			require.Equal(t, got.Keys, refresh.Keys)
			require.Equal(t, Refresh{Keys: refresh.Keys}, refresh)
			if want.Op == "delete" { // of all fields, in no order
				slices.Sort(got.Keys)
				slices.Sort(want.Keys)
			}
			require.Equal(t, want, got)
		}
		model := map[string]any{}
		field := func() string { return fmt.Sprint("field ", r.IntN(12)) }
		for range 1500 {
			f, v := field(), pool[r.IntN(len(pool))]
			old, was := model[f]
			switch r.IntN(8) {
			case 0, 1:
				require.NoError(t, d.Set(ctx, f, v))
				model[f] = v
				told(Change{Op: "set", Keys: []string{f}, Values: []any{v}})
			case 2:
				more := map[string]any{f: v, field(): v, field(): v}
				require.NoError(t, d.Update(ctx, more))
				maps.Copy(model, more)
				keys := slices.Sorted(maps.Keys(more))
				told(Change{Op: "set", Keys: keys, Values: slices.Repeat([]any{v}, len(keys))})
			case 3:
				got, err := d.Get(ctx, f)
				if was {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, ErrNil)
				}
				require.Equal(t, old, got)
			case 4:
				got, err := d.Pop(ctx, f)
				if !was {
					require.ErrorIs(t, err, ErrNil)
					break
				}
				require.NoError(t, err)
				require.Equal(t, old, got)
				delete(model, f)
				told(Change{Op: "delete", Keys: []string{f}})
			case 5:
				fields := []string{f, field(), field()}[r.IntN(3):]
				var deleted []string
				for _, f := range fields {
					if _, was := model[f]; was {
						delete(model, f)
						deleted = append(deleted, f)
					}
				}
				n, err := d.Delete(ctx, fields...)
				require.NoError(t, err)
				require.Equal(t, len(deleted), n)
				if n > 0 {
					told(Change{Op: "delete", Keys: deleted})
				}
			case 6:
				if r.IntN(20) > 0 {
					break
				}
				require.NoError(t, d.Clear(ctx))
				if keys := slices.Collect(maps.Keys(model)); len(keys) > 0 {
					told(Change{Op: "delete", Keys: keys})
				}
				clear(model)
			default:
				got, err := d.Map(ctx)
				require.NoError(t, err)
				require.Equal(t, model, got)
				same, err := other.EqualMap(ctx, model)
				require.NoError(t, err)
				require.True(t, same)
			}
		}
		require.Empty(t, changes)
	})
}
