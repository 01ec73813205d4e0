package keyspace

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDict_model compares a dict with a map and a list of keys in order of
// insertion, through phases of growing and shrinking.
func TestDict_model(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 0))
	var d dict[int]
	values := map[string]int{}
	var order []string
	for step := range 20_000 {
		key := strconv.Itoa(r.IntN(200))
		old, was := values[key]
		if growing := step/1000%2 == 0; growing == (r.IntN(4) > 0) {
			require.Equal(t, !was, d.set(key, step))
			values[key] = step
			if !was {
				order = append(order, key)
			}
		} else {
			val, deleted := d.delete(key)
			require.Equal(t, was, deleted)
			require.Equal(t, old, val)
			delete(values, key)
			order = slices.DeleteFunc(order, func(k string) bool { return k == key })
		}
		require.Equal(t, len(order), d.len())
		if step%97 == 0 {
			require.NoError(t, d.check())
			requireDict(t, &d, order, values)
			twin := d.clone()
			require.NoError(t, twin.check())
			requireDict(t, &twin, order, values)
		}
	}
}

func requireDict(t *testing.T, d *dict[int], order []string, values map[string]int) {
	t.Helper()
	i := 0
	d.each(func(key string, val *int) bool {
		require.Equal(t, order[i], key)
		require.Equal(t, values[key], *val)
		require.Same(t, val, d.find(key))
		i++
		return true
	})
	require.Equal(t, len(order), i)
	if len(order) > 0 {
		key, val := d.random(rand.New(rand.NewPCG(2, 0)))
		require.Equal(t, values[key], *val)
	}
}

func TestDict_each_stops(t *testing.T) {
	var d dict[int]
	d.set("a", 1)
	d.set("b", 2)
	calls := 0
	d.each(func(string, *int) bool { calls++; return false })
	require.Equal(t, 1, calls)
}

// TestDict_scan_missesNothing scans while other keys come and go: those that
// stay must all be met.
func TestDict_scan_missesNothing(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		var d dict[bool]
		missing := map[string]bool{}
		for i := range r.IntN(300) {
			stays := r.IntN(3) == 0
			key := strconv.Itoa(i)
			d.set(key, stays)
			if stays {
				missing[key] = true
			}
		}
		for cursor := uint64(0); ; {
			cursor = d.scan(cursor, 1+r.IntN(20), func(key string, _ *bool) { delete(missing, key) })
			if cursor == 0 {
				break
			}
			for range r.IntN(40) {
				key := strconv.Itoa(r.IntN(400))
				if stays := d.find(key); stays == nil {
					d.set(key, false)
				} else if !*stays {
					d.delete(key)
				}
			}
		}
		require.Empty(t, missing, "seed %d", seed)
		require.NoError(t, d.check())
	}
}

func TestDict_scan_anyCursor(t *testing.T) {
	var d dict[int]
	nothing := func(string, *int) { t.Error("an empty dict has an entry") }
	require.Zero(t, d.scan(0, 10, nothing))
	require.Zero(t, d.scan(1<<63, 10, nothing))
	for i := range 100 {
		d.set(strconv.Itoa(i), i)
	}
	met := 0
	require.Zero(t, d.scan(1<<63, math.MaxInt, func(string, *int) { met++ }))
	require.Equal(t, 100, met)
}

// TestDict_givesRoomBack empties a large dict from either end.
func TestDict_givesRoomBack(t *testing.T) {
	for name, order := range map[string]func(i int) int{
		"first in first out": func(i int) int { return i },
		"last in first out":  func(i int) int { return 9999 - i },
	} {
		t.Run(name, func(t *testing.T) {
			var d dict[int]
			for i := range 10_000 {
				d.set(strconv.Itoa(i), i)
			}
			for i := range 9_990 {
				d.delete(strconv.Itoa(order(i)))
			}
			require.NoError(t, d.check())
			require.Equal(t, 10, d.len())
			require.Less(t, cap(d.entries), 100)
		})
	}
}
