package keyspace

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestList_copyIsIndependent(t *testing.T) {
	l := &list{sequence: *sequenceOf(numbers(1000))}
	c := l.clone().(*list)
	l.set(500, "changed")
	c.push(head, "first")
	l.pop(tail, 10)
	require.Equal(t, 990, l.size())
	require.Equal(t, 1001, c.size())
	require.Equal(t, append([]string{"first"}, numbers(1000)...), c.slice(0, c.len()))
	require.NoError(t, l.check())
	require.NoError(t, c.check())
}

func BenchmarkLRange100(b *testing.B) {
	s := New()
	for _, v := range numbers(100_000) {
		s.Do(0, []string{"RPUSH", "l", v})
	}
	words := []string{"LRANGE", "l", "50000", "50099"}
	b.ReportAllocs()
	for b.Loop() {
		s.Do(0, words)
	}
}

func BenchmarkLInsertByIndex(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := New()
			s.Do(0, append([]string{"RPUSH", "l"}, numbers(n)...))
			insert, pop := []string{"ZN.LINSERT", "l", fmt.Sprint(n / 2), "v"}, []string{"ZN.LPOP", "l", fmt.Sprint(n / 2)}
			b.ReportAllocs()
			for b.Loop() {
				s.Do(0, insert)
				s.Do(0, pop)
			}
		})
	}
}

func BenchmarkPushPop(b *testing.B) {
	s := New()
	push, pop := []string{"LPUSH", "l", "v"}, []string{"RPOP", "l"}
	b.ReportAllocs()
	for b.Loop() {
		s.Do(0, push)
		s.Do(0, pop)
	}
}

func BenchmarkZAdd(b *testing.B) {
	s := New()
	members := numbers(100_000)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		s.Do(0, []string{"ZADD", "z", members[(i*7919)%len(members)], members[i%len(members)]})
	}
}
