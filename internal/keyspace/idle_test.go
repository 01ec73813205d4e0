package keyspace

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestIdle_whatIsAUse has the clock of both the same: nothing else is seen in a test
// that does not wait. So what counts as a use is said here as Redis's source has it.
func TestIdle_whatIsAUse(t *testing.T) {
	s := New()
	mustDo(t, s, "SET", "k", "1")
	for _, use := range []struct {
		argv []string
		used bool
	}{
		{[]string{"GET", "k"}, true}, {[]string{"TOUCH", "k"}, true}, {[]string{"INCR", "k"}, true}, {[]string{"SET", "k", "1"}, true},
		{[]string{"STRLEN", "k"}, true}, {[]string{"DUMP", "k"}, true}, {[]string{"EXPIRE", "k", "100000"}, true},
		{[]string{"EXISTS", "k"}, false}, {[]string{"TYPE", "k"}, false}, {[]string{"TTL", "k"}, false}, {[]string{"PTTL", "k"}, false},
		{[]string{"OBJECT", "ENCODING", "k"}, false}, {[]string{"OBJECT", "IDLETIME", "k"}, false}, {[]string{"KEYS", "*"}, false},
		{[]string{"MEMORY", "USAGE", "k"}, false}, {[]string{"SCAN", "0"}, false}, {[]string{"RANDOMKEY"}, false},
	} {
		mustDo(t, s, "GET", "k")
		s.Advance(100 * time.Second)
		mustDo(t, s, use.argv...)
		require.Equal(t, use.used, mustDo(t, s, "OBJECT", "IDLETIME", "k").(int64) < 50, "%q", use.argv)
	}
	mustDo(t, s, "RESTORE", "r", "0", mustDo(t, s, "DUMP", "k").(string), "IDLETIME", "1000")
	s.Advance(10 * time.Second)
	require.InDelta(t, 1010, mustDo(t, s, "OBJECT", "IDLETIME", "r"), 1)
	require.Nil(t, mustDo(t, s, "OBJECT", "IDLETIME", "none"))
}

// TestIdle_timePasses waits in a bubble for the clock itself.
func TestIdle_timePasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New()
		mustDo(t, s, "SET", "k", "1")
		for _, wait := range []time.Duration{5 * time.Second, time.Hour, 100 * time.Millisecond} {
			time.Sleep(wait)
			require.InDelta(t, wait.Seconds(), mustDo(t, s, "OBJECT", "IDLETIME", "k"), 1)
			mustDo(t, s, "GET", "k")
			require.LessOrEqual(t, mustDo(t, s, "OBJECT", "IDLETIME", "k"), int64(1))
		}
	})
}
