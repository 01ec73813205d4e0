package keyspace

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The estimate is about what the heap has grown by. What other tests have left may
// be freed meanwhile, so one measurement of several has to be right.
func TestMemoryUsage_isAbout(t *testing.T) {
	for _, command := range []string{"RPUSH", "SADD", "HSET", "ZADD", "APPEND"} {
		var ratios []float64
		for range 3 {
			grown, usage := measured(t, command)
			ratios = append(ratios, float64(usage)/float64(grown))
		}
		require.True(t, slices.ContainsFunc(ratios, func(r float64) bool { return 0.6 < r && r < 1.4 }), "%s: %v of the heap's growth", command, ratios)
	}
}

// measured returns what the heap grows by with many elements, and what MEMORY USAGE
// says that they take.
func measured(t *testing.T, command string) (grown, usage int64) {
	heap := func() int64 {
		runtime.GC()
		runtime.GC() // what lies in pools takes two
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	s := New()
	before := heap()
	for i := range 50_000 {
		argv := []string{command, "k"}
		switch command {
		case "HSET":
			argv = append(argv, fmt.Sprintf("field %20d", i))
		case "ZADD":
			argv = append(argv, fmt.Sprint(i))
		}
		_, err := s.Do(0, append(argv, fmt.Sprintf("a value %20d", i)))
		require.NoError(t, err)
	}
	grown = heap() - before
	usage = mustDo(t, s, "MEMORY", "USAGE", "k").(int64)
	runtime.KeepAlive(s)
	return grown, usage
}
