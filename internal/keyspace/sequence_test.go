package keyspace

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func sequenceOf(values []string) *sequence {
	s := &sequence{}
	for _, v := range values {
		s.push(v)
	}
	return s
}

func numbers(n int) []string {
	values := make([]string, n)
	for i := range values {
		values[i] = fmt.Sprint(i)
	}
	return values
}

// requireSame holds s against a plain slice, read in each way there is.
func requireSame(t *testing.T, want []string, s *sequence) {
	t.Helper()
	require.NoError(t, s.check())
	require.Equal(t, len(want), s.len())
	want = append([]string{}, want...)
	require.Equal(t, want, s.slice(0, s.len()))
	up := make([]string, len(want))
	for i, v := range s.ascend(0) {
		up[i] = v
	}
	require.Equal(t, want, up)
	down := make([]string, len(want))
	for i, v := range s.descend(s.len() - 1) {
		down[i] = v
	}
	require.Equal(t, want, down)
}

func TestSequence_model(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	type pair struct {
		seq   *sequence
		model []string
	}
	// The last pair is worked on; the others are its earlier clones, some made
	// the original and some the copy, and must stay what they were.
	pairs := []pair{{seq: &sequence{}}}
	for step := range 6000 {
		p := &pairs[len(pairs)-1]
		s, n := p.seq, p.seq.len()
		grow := step/1000%2 == 0
		switch op := r.IntN(12); {
		case op < 6:
			// A run at one place, at an end or in the middle, upwards or downwards.
			at, up := []int{0, n, r.IntN(n + 1)}[r.IntN(3)], r.IntN(2)
			for k := range r.IntN(40) {
				v := fmt.Sprint(step, " ", k)
				s.insert(at, v)
				p.model = slices.Insert(p.model, at, v)
				at += up
			}
		case op < 9 && n > 0:
			i := r.IntN(n)
			j := min(n, i+r.IntN(3))
			if !grow {
				j = i + r.IntN(n-i+1)/(1+r.IntN(8))
			}
			s.remove(i, j)
			p.model = slices.Delete(p.model, i, j)
		case op == 9 && n > 0:
			i := r.IntN(n)
			s.set(i, "set")
			p.model[i] = "set"
			require.Equal(t, "set", s.at(i))
		case op == 10 && n > 0:
			places := []int{}
			every := 1 + r.IntN(40)
			var kept []string
			for i, v := range p.model {
				if !grow && r.IntN(every) == 0 {
					places = append(places, i)
				} else {
					kept = append(kept, v)
				}
			}
			s.removeAll(places)
			p.model = kept
		case op == 11 && r.IntN(20) == 0:
			c := s.clone()
			pairs = append(pairs, pair{&c, slices.Clone(p.model)})
			if r.IntN(2) == 0 {
				last := len(pairs) - 1
				pairs[last], pairs[last-1] = pairs[last-1], pairs[last]
			}
		}
		p = &pairs[len(pairs)-1]
		require.NoError(t, p.seq.check(), "step %d", step)
		if step%20 == 0 {
			requireSame(t, p.model, p.seq)
			if n := p.seq.len(); n > 0 {
				i := r.IntN(n)
				j := i + r.IntN(n-i+1)
				require.Equal(t, append([]string{}, p.model[i:j]...), p.seq.slice(i, j))
				require.Equal(t, p.model[i], p.seq.at(i))
				for k, v := range p.seq.ascend(i) {
					require.Equal(t, i, k)
					require.Equal(t, p.model[i], v)
					break
				}
			}
		}
	}
	require.Greater(t, len(pairs), 5)
	for _, p := range pairs {
		requireSame(t, p.model, p.seq)
	}
}

func TestSequence_fillsNodesAtTheEnds(t *testing.T) {
	const n = 100_000
	for name, at := range map[string]func(s *sequence) int{
		"append":  func(s *sequence) int { return s.len() },
		"prepend": func(*sequence) int { return 0 },
	} {
		t.Run(name, func(t *testing.T) {
			s := &sequence{}
			for range n {
				s.insert(at(s), "v")
			}
			require.NoError(t, s.check())
			require.Less(t, leaves(s.root.node), n/(nodeMax-1)+2)
		})
	}
}

// A list that is emptied one by one must not keep a tree of nearly empty nodes.
func TestSequence_shrinks(t *testing.T) {
	for _, name := range []string{"front", "back", "random"} {
		t.Run(name, func(t *testing.T) {
			s := sequenceOf(numbers(20_000))
			for s.len() > 10 {
				i := map[string]int{"front": 0, "back": s.len() - 1, "random": rand.IntN(s.len())}[name]
				s.remove(i, i+1)
				if s.len()%1000 == 0 {
					require.NoError(t, s.check())
					require.LessOrEqual(t, leaves(s.root.node), 4*s.len()/nodeMax+2)
				}
			}
			require.True(t, s.root.node.leaf())
			require.LessOrEqual(t, cap(s.root.node.items), 4*s.len())
			s.remove(0, s.len())
			require.Nil(t, s.root.node)
		})
	}
}

func leaves(n *node) int {
	if n.leaf() {
		return 1
	}
	sum := 0
	for _, kid := range n.kids {
		sum += leaves(kid.node)
	}
	return sum
}

// Inserting must take the same time at any length.
func BenchmarkSequenceInsertMiddle(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := sequenceOf(numbers(n))
			b.ReportAllocs()
			for b.Loop() {
				s.insert(s.len()/2, "v")
				s.remove(s.len()/2, s.len()/2+1)
			}
		})
	}
}

func BenchmarkSequenceAt(b *testing.B) {
	for _, n := range []int{10, 1_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := sequenceOf(numbers(n))
			i := 0
			for b.Loop() {
				s.at(i)
				i = (i + 7919) % n
			}
		})
	}
}

func BenchmarkSequencePush(b *testing.B) {
	b.ReportAllocs()
	s := &sequence{}
	for b.Loop() {
		s.push("v")
	}
}

func BenchmarkSequencePrepend(b *testing.B) {
	b.ReportAllocs()
	s := &sequence{}
	for b.Loop() {
		s.insert(0, "v")
	}
}

// A queue of steady length: in at one end, out at the other.
func BenchmarkSequenceQueue(b *testing.B) {
	s := sequenceOf(numbers(1000))
	b.ReportAllocs()
	for b.Loop() {
		s.push("v")
		s.remove(0, 1)
	}
}

func BenchmarkSequenceSlice100(b *testing.B) {
	s := sequenceOf(numbers(100_000))
	b.ReportAllocs()
	for b.Loop() {
		s.slice(50_000, 50_100)
	}
}

func BenchmarkSequenceClone(b *testing.B) {
	s := sequenceOf(numbers(1_000_000))
	b.ReportAllocs()
	for b.Loop() {
		c := s.clone()
		c.set(500_000, "v")
	}
}
