package keyspace

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRandom_repeatsAreBounded(t *testing.T) {
	s := New()
	mustDo(t, s, "SADD", "s", "a")
	mustDo(t, s, "ZADD", "z", "1", "a")
	require.Len(t, mustDo(t, s, "SRANDMEMBER", "s", "-1000"), 1000)
	for _, words := range [][]string{
		{"SRANDMEMBER", "s", "-1048577"}, {"SRANDMEMBER", "s", "-9223372036854775807"}, {"ZRANDMEMBER", "z", "-1048577"},
	} {
		_, err := s.Do(0, words)
		require.EqualError(t, err, fmt.Sprintf(
			"ERR a count of %s is more than the 1048576 random members that one call gives", words[2][1:]))
	}
}

// Reads that name one key often take a moment, or ages where it is gone through
// as often.
func TestDistinct_oneKeyNamedOften(t *testing.T) {
	const size, often = 20_000, 300_000
	s := New()
	mustDo(t, s, append([]string{"SADD", "s"}, numbers(size)...)...)
	mustDo(t, s, "ZUNIONSTORE", "z", "1", "s")
	mustDo(t, s, "SADD", "t", "other")
	repeat := func(words ...string) []string {
		return slices.Concat(words, slices.Repeat(words[len(words)-1:], often))
	}
	for _, words := range [][]string{repeat("SUNION", "s"), repeat("SINTER", "s"), repeat("SDIFF", "s", "t")} {
		require.Len(t, mustDo(t, s, words...), size, words[0])
	}
	n := fmt.Sprint(often + 2)
	require.EqualValues(t, size, mustDo(t, s, repeat("SINTERCARD", n, "s", "s")...))
	require.EqualValues(t, size, mustDo(t, s, repeat("ZINTERCARD", n, "s", "z")...))
	require.Len(t, mustDo(t, s, repeat("ZDIFF", n, "z", "t")...), size)
	require.EqualValues(t, size, mustDo(t, s, repeat("SUNIONSTORE", "d", "s")...))
	require.EqualValues(t, size, mustDo(t, s, repeat("ZDIFFSTORE", "d", n, "z", "t")...))
}

func TestDistinct(t *testing.T) {
	a, b := newSet(), newSet()
	require.Equal(t, []*set{b, nil, a}, distinct([]*set{b, nil, b, a, nil, a, b}))
	z := newZset()
	require.Equal(t, []input{{zset: z}, {set: a}, {}}, distinct([]input{{zset: z}, {set: a}, {}, {set: a}, {}, {zset: z}}))
}

// Members drawn without repetition are different, and each has the same chance.
func TestRandom_isFair(t *testing.T) {
	for _, n := range []int{2, 5, 8, 15} { // a few of the 16, most of them
		s := New()
		for i := range 16 {
			mustDo(t, s, "SADD", "s", fmt.Sprint(i))
		}
		const throws = 4000
		drawn := map[string]int{}
		for range throws {
			members := mustDo(t, s, "SRANDMEMBER", "s", fmt.Sprint(n)).([]string)
			require.Len(t, members, n)
			for _, m := range members {
				drawn[m]++
			}
		}
		for i := range 16 {
			require.InDelta(t, throws*n/16, drawn[fmt.Sprint(i)], throws/16, "member %d of %d drawn", i, n)
		}
	}
}
