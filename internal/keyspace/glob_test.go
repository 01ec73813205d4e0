package keyspace

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

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
	}
	for range 2000 {
		pattern := word(`aabbc**??[[]]^-\`, 8)
		require.Empty(t, both.run([]string{"KEYS", pattern}))
	}
}

// TestGlob_noBlowUp takes a moment, or ages where stars are tried in every
// combination.
func TestGlob_noBlowUp(t *testing.T) {
	start := time.Now()
	require.False(t, glob(strings.Repeat("a*", 50)+"b", strings.Repeat("a", 1000)))
	require.True(t, glob(strings.Repeat("*?", 1000)+"*", strings.Repeat("a", 1000)))
	require.False(t, glob(strings.Repeat("*a", 100_000), "a"))
	require.Less(t, time.Since(start), 10*time.Second)
}
