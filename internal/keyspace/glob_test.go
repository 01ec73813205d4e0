package keyspace

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGlob_asRedis has Redis and us look for random patterns among random keys.
func TestGlob_asRedis(t *testing.T) {
	both := newBoth(t)
	r := rand.New(rand.NewPCG(1, 0))
	word := func(letters string, longest int) string {
		b := make([]byte, r.IntN(longest+1))
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		return string(b)
	}
	for range 300 {
		require.Empty(t, both.run([]string{"SET", word(`aabbc*?[]^-\`, 6), ""}))
		require.Empty(t, both.run([]string{"SET", word(`ab`, 20), ""}))
	}
	for range 2000 {
		require.Empty(t, both.run([]string{"KEYS", word(`aabbc**??[[]]^-\`, 8)}))
		require.Empty(t, both.run([]string{"KEYS", word(`aaabb**?`, 16)}))
	}
}

// TestGlob_noBlowUp takes a moment, or ages where each place is tried anew or
// stars in every combination.
func TestGlob_noBlowUp(t *testing.T) {
	text := strings.Repeat("a", 64<<20)
	for pattern, want := range map[string]bool{
		"*" + strings.Repeat("a", 1000) + "b*": false,
		"*" + strings.Repeat("a", 1000) + "b":  false,
		"*" + strings.Repeat("?", 1000) + "b":  false,
		strings.Repeat("a*", 500) + "b*":       false,
		strings.Repeat("*?", 500) + "*":        true,
		strings.Repeat("*a", 500):              true,
	} {
		g, err := parseGlob(pattern)
		require.NoError(t, err)
		require.Equal(t, want, g.match(text), pattern[:4])
	}
}

func TestGlob_longPattern(t *testing.T) {
	plain := strings.Repeat("a", maxGlob+1)
	s := New()
	for _, words := range [][]string{{"SET", plain, ""}, {"SADD", "set", plain}, {"HSET", "hash", plain, ""}, {"ZADD", "zset", "1", plain}} {
		mustDo(t, s, words...)
	}
	require.Equal(t, []string{plain}, mustDo(t, s, "KEYS", plain))
	require.Equal(t, []string{plain}, mustDo(t, s, "SCAN", "0", "MATCH", plain).(Scan).Items)
	require.Equal(t, []string{plain}, mustDo(t, s, "KEYS", plain[:maxGlob-1]+"*"))
	for _, special := range []string{"*", "?", "[a]", `\a`} {
		for _, words := range [][]string{
			{"KEYS"}, {"SCAN", "0", "MATCH"}, {"SSCAN", "set", "0", "MATCH"}, {"HSCAN", "hash", "0", "MATCH"}, {"ZSCAN", "zset", "0", "MATCH"},
		} {
			_, err := s.Do(0, append(words, plain[:maxGlob]+special))
			require.EqualError(t, err, `ERR a pattern of more than 1024 bytes may not contain *, ?, [ or \`)
		}
	}
}

// BenchmarkGlob matches a mebibyte with what nearly fits everywhere, so that a
// search that tries each place anew would take a thousand times as long.
func BenchmarkGlob(b *testing.B) {
	text := strings.Repeat("a", 1<<20)
	for name, pattern := range map[string]string{
		"plain":     "*" + strings.Repeat("a", 1000) + "b*",
		"end":       "*" + strings.Repeat("a", 1000) + "b",
		"manyStars": strings.Repeat("a*", 500) + "b*",
	} {
		b.Run(name, func(b *testing.B) {
			g, err := parseGlob(pattern)
			require.NoError(b, err)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if g.match(text) {
					b.Fatal("matches")
				}
			}
		})
	}
}
