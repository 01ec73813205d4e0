package keyspace

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHyperLogLog_growing compares HyperLogLogs with Redis's, byte for byte, from the
// first elements to where they have long become dense.
func TestHyperLogLog_growing(t *testing.T) {
	both := newBoth(t)
	r := rand.New(rand.NewPCG(1, 0))
	do := func(argv ...string) { require.Empty(t, both.run(argv)) }
	for step := range 300 {
		argv := []string{"PFADD", "h" + strconv.Itoa(step%3)}
		for range step % 3 * step {
			argv = append(argv, strconv.FormatUint(r.Uint64()>>r.IntN(60), 36))
		}
		do(argv...)
		do("GET", argv[1])
		if step%5 == 0 {
			do("PFCOUNT", argv[1])
			do("GET", argv[1])
			do("PFCOUNT", "h0", "h1", "h2")
			do("PFMERGE", "sum", argv[1])
			do("GET", "sum")
			do("PFMERGE", "once", "h0", "h1")
			do("GET", "once")
			do("DEL", "once")
		}
	}
	dense, err := both.space.Do(0, []string{"STRLEN", "h2"})
	require.NoError(t, err)
	require.Equal(t, int64(hllHeader+hllDenseSize), dense)
}

// TestHyperLogLog_becomesDense goes one element at a time over the size from which
// registers are dense.
func TestHyperLogLog_becomesDense(t *testing.T) {
	both := newBoth(t)
	for _, key := range []string{"a", "b", "c", "d", "e", "f"} {
		argv := []string{"PFADD", key}
		for i := range 1100 {
			argv = append(argv, key+strconv.Itoa(i))
		}
		require.Empty(t, both.run(argv))
		for i := 0; mustDo(t, both.space, "STRLEN", key).(int64) < hllDenseSize; i++ {
			require.Less(t, i, 5000)
			require.Empty(t, both.run([]string{"PFADD", key, key + "+" + strconv.Itoa(i)}))
			require.Empty(t, both.run([]string{"STRLEN", key}))
		}
		require.Empty(t, both.run([]string{"GET", key}))
	}
}

// TestPFCOUNT_isSeenByWatch has it change what is watched, as in Redis: the count it
// keeps is a part of the string.
func TestPFCOUNT_isSeenByWatch(t *testing.T) {
	s := New()
	mustDo(t, s, "PFADD", "h", "a")
	for _, changes := range []bool{true, false} {
		w := s.Watch()
		w.Add(0, "h")
		mustDo(t, s, "PFCOUNT", "h")
		require.Equal(t, !changes, s.Exec(w, func(func(int, *Command, []string) (any, error)) {}))
	}
}
