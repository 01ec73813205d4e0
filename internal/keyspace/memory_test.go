package keyspace

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMemoryUsage_isAbout compares the estimate with what the heap has grown by.
func TestMemoryUsage_isAbout(t *testing.T) {
	for _, command := range []string{"RPUSH", "SADD", "HSET", "ZADD", "APPEND"} {
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
		grown := heap() - before
		usage := mustDo(t, s, "MEMORY", "USAGE", "k").(int64)
		require.InEpsilon(t, grown, usage, 0.4, command)
		runtime.KeepAlive(s)
	}
}
