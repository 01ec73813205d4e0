package keyspace

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// modelDict is a dict beside a map and a list of keys in order of insertion.
type modelDict struct {
	dict   dict[int]
	values map[string]int
	order  []string
}

func (m *modelDict) clone() *modelDict {
	return &modelDict{m.dict.clone(), maps.Clone(m.values), slices.Clone(m.order)}
}

// step changes both, so that they rather grow or shrink.
func (m *modelDict) step(t *testing.T, r *rand.Rand, keys, step int, growing bool) {
	t.Helper()
	key := strconv.Itoa(r.IntN(keys))
	old, was := m.values[key]
	switch {
	case growing != (r.IntN(4) > 0):
		if r.IntN(8) == 0 && len(m.order) > 0 { // rather from an end
			key = m.order[[2]int{0, len(m.order) - 1}[r.IntN(2)]]
			old, was = m.values[key], true
		}
		val, deleted := m.dict.delete(key)
		require.Equal(t, was, deleted)
		require.Equal(t, old, val)
		delete(m.values, key)
		if was {
			i := slices.Index(m.order, key)
			m.order = slices.Delete(m.order, i, i+1)
		}
	case r.IntN(4) == 0:
		if val := m.dict.edit(key); was {
			*val = step
			m.values[key] = step
		} else {
			require.Nil(t, val)
		}
	default:
		require.Equal(t, !was, m.dict.set(key, step))
		m.values[key] = step
		if !was {
			m.order = append(m.order, key)
		}
	}
	require.Equal(t, len(m.order), m.dict.len())
}

func (m *modelDict) check(t *testing.T) {
	t.Helper()
	require.NoError(t, m.dict.check())
	requireDict(t, &m.dict, m.order, m.values)
}

// TestDict_model compares dicts with the model, through phases of growing and shrinking,
// in a row and in pages.
func TestDict_model(t *testing.T) {
	for _, keys := range []int{20, 200, 3000} {
		t.Run(strconv.Itoa(keys), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 0))
			m := &modelDict{values: map[string]int{}}
			for step := range 8 * keys {
				m.step(t, r, keys, step, step/(2*keys)%2 == 0)
				if step%(keys/10) == 0 {
					m.check(t)
				}
			}
		})
	}
}

// TestDict_clones changes dicts and clones of them, and clones of these: what one is told
// none of the others has.
func TestDict_clones(t *testing.T) {
	for _, keys := range []int{100, 3000} {
		t.Run(strconv.Itoa(keys), func(t *testing.T) {
			r := rand.New(rand.NewPCG(2, 0))
			family := []*modelDict{{values: map[string]int{}}}
			for step := range 10 * keys {
				family[r.IntN(len(family))].step(t, r, keys, step, step/(3*keys)%2 == 0)
				if step%(keys/5) != 0 {
					continue
				}
				for _, m := range family {
					m.check(t)
				}
				if family = append(family, family[r.IntN(len(family))].clone()); len(family) > 6 {
					i := r.IntN(len(family))
					family = slices.Delete(family, i, i+1)
				}
			}
		})
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
			require.Less(t, d.memory(), 100*int(unsafe.Sizeof(dictEntry[int]{})))
		})
	}
}

// Warm finds nothing out, but it looks at everything.
func TestWarm_anyKeys(t *testing.T) {
	s := checked(t)
	s.Warm(0, []string{"none"})
	for i := range 1000 {
		do(t, s, "RPUSH list"+strconv.Itoa(i)+" v", "SET key"+strconv.Itoa(i)+" v")
	}
	do(t, s, `SET "" v`, `SET empty ""`, "APPEND buffer x")
	require.NotZero(t, warm(s.dbs[0].keys.many, []string{"key7", "list7", "", "empty", "buffer", "none"}))
	s.Warm(0, slices.Repeat([]string{"key1"}, WarmMost+5))
	s.Warm(1, nil)
}
