package keyspace

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireSameZset holds z against its members in a sorted slice.
func requireSameZset(t *testing.T, want []Scored, z *zset) {
	t.Helper()
	require.NoError(t, z.check())
	require.Equal(t, append(Scores{}, want...), z.slice(0, z.len(), false))
	reversed := append(Scores{}, want...)
	slices.Reverse(reversed)
	require.Equal(t, reversed, z.slice(0, z.len(), true))
}

func TestZset_model(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	type pair struct {
		z     *zset
		model []Scored
	}
	pairs := []pair{{z: newZset()}}
	for step := range 4000 {
		p := &pairs[len(pairs)-1]
		member := fmt.Sprint("m", r.IntN(2000))
		old := slices.IndexFunc(p.model, func(m Scored) bool { return m.Member == member })
		switch op := r.IntN(20); {
		case op < 13:
			m := Scored{member, float64(r.IntN(100))}
			if r.IntN(20) == 0 {
				m.Score = []float64{math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), 0.5}[r.IntN(5)]
			}
			if old >= 0 {
				p.model = slices.Delete(p.model, old, old+1)
			}
			at := sort.Search(len(p.model), func(i int) bool { return m.before(p.model[i]) })
			p.model = slices.Insert(p.model, at, m)
			p.z.put(m.Member, m.Score)
		case op < 17:
			require.Equal(t, old >= 0, p.z.remove(member))
			if old >= 0 {
				p.model = slices.Delete(p.model, old, old+1)
			}
		case op == 17 && len(p.model) > 0:
			lo := r.IntN(len(p.model))
			hi := lo + min(r.IntN(len(p.model)-lo+1), r.IntN(200))
			require.Equal(t, append(Scores{}, p.model[lo:hi]...), p.z.cut(lo, hi))
			p.model = slices.Delete(p.model, lo, hi)
		case op == 18:
			score := float64(r.IntN(100))
			beyond := func(m Scored) bool { return m.Score > score }
			require.Equal(t, sort.Search(len(p.model), func(i int) bool { return beyond(p.model[i]) }), p.z.search(beyond))
		case r.IntN(30) == 0:
			clone := pair{p.z.clone().(*zset), slices.Clone(p.model)}
			pairs = append(pairs, clone)
		}
		p = &pairs[len(pairs)-1]
		if len(p.model) > 0 {
			i := r.IntN(len(p.model))
			require.Equal(t, i, p.z.rank(p.model[i]))
		}
		if step%50 == 0 {
			requireSameZset(t, p.model, p.z)
		}
	}
	require.Greater(t, len(pairs), 2)
	for _, p := range pairs {
		requireSameZset(t, p.model, p.z)
	}
}

func TestZset_checkSeesMapAndTreeDisagree(t *testing.T) {
	z := newZset()
	z.put("a", 1)
	z.put("b", 2)
	require.NoError(t, z.check())
	z.scores.set("a", 3)
	require.Error(t, z.check())
	z.scores.delete("a")
	require.Error(t, z.check())
}

func bigZset(n int) *zset {
	z := newZset()
	for i := range n {
		z.put(fmt.Sprint("member:", i), float64((i*7919)%n))
	}
	return z
}

func BenchmarkZsetPut(b *testing.B) {
	for _, n := range []int{10, 1_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			z := bigZset(n)
			members := make([]string, min(n, 100_000))
			for i := range members {
				members[i] = fmt.Sprint("member:", i)
			}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				i++
				z.put(members[i%len(members)], float64((i*104729)%n))
			}
		})
	}
}

func BenchmarkZsetRank(b *testing.B) {
	for _, n := range []int{10, 1_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			z := bigZset(n)
			all := z.slice(0, z.len(), false)
			i := 0
			for b.Loop() {
				i = (i + 104729) % n
				z.rank(all[i])
			}
		})
	}
}

func BenchmarkZsetSlice100(b *testing.B) {
	z := bigZset(1_000_000)
	b.ReportAllocs()
	for b.Loop() {
		z.slice(500_000, 500_100, false)
	}
}
