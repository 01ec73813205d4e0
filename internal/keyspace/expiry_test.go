package keyspace

import (
	"math"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// do runs commands that must succeed and returns the last one's reply. The
// words of a command are quoted as for redis-cli.
func do(t *testing.T, s *Space, commands ...string) any {
	t.Helper()
	var reply any
	for _, line := range commands {
		argv, err := splitWords(line)
		require.NoError(t, err)
		reply, err = s.Do(0, argv)
		require.NoError(t, err, line)
	}
	return reply
}

func checked(t *testing.T) *Space {
	s := New()
	t.Cleanup(func() { require.NoError(t, s.Check()) })
	return s
}

// requireKept checks how many keys database 0 has in memory, expired or not.
func requireKept(t *testing.T, s *Space, keys int) {
	t.Helper()
	s.mu.RLock()
	defer s.mu.RUnlock()
	require.Equal(t, keys, s.dbs[0].keys.len())
	require.Less(t, s.dbs[0].keys.memory(), (4*keys+100)*int(unsafe.Sizeof(dictEntry[item]{})))
	require.Less(t, cap(s.dbs[0].deadlines.all), 4*keys+100)
}

func TestExpiry_isTrueByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := checked(t)
		do(t, s, "SET k v PX 100", "SET stays v")
		time.Sleep(99 * time.Millisecond)
		require.Equal(t, "v", do(t, s, "GET k"))
		require.Equal(t, int64(1), do(t, s, "PTTL k"))
		time.Sleep(time.Millisecond)

		// Nobody has swept yet, and reading must not delete.
		requireKept(t, s, 2)
		require.Nil(t, do(t, s, "GET k"))
		require.Equal(t, int64(-2), do(t, s, "TTL k"))
		require.Equal(t, int64(1), do(t, s, "EXISTS k stays"))
		require.Equal(t, int64(1), do(t, s, "DBSIZE"))
		require.Equal(t, []string{"stays"}, do(t, s, "KEYS *"))
		require.Equal(t, Scan{0, []string{"stays"}}, do(t, s, "SCAN 0"))
		require.Equal(t, "stays", do(t, s, "RANDOMKEY"))
		requireKept(t, s, 2)

		require.Equal(t, int64(0), do(t, s, "DEL k"))
		requireKept(t, s, 1)
	})
}

func TestExpiry_sweeperGivesMemoryBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := checked(t)
		var expired atomic.Int32
		s.OnChange(func(_ int, event, _ string) {
			if event == "expired" {
				expired.Add(1)
			}
		})
		const keys = 3*sweepBatch + 1
		for i := range keys {
			do(t, s, "SET "+strconv.Itoa(i)+" v PX "+strconv.Itoa(1000+i%50))
		}
		do(t, s, "SET later v EX 3600", "SET stays v")
		time.Sleep(1000*time.Millisecond + sweepPause)
		synctest.Wait()
		require.Equal(t, int32(keys), expired.Load())
		requireKept(t, s, 2)

		time.Sleep(time.Hour)
		synctest.Wait()
		requireKept(t, s, 1)
	})
}

func TestExpiry_deadlineThatMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := checked(t)
		do(t, s, "SET later v EX 10", "EXPIRE later 1000", "SET never v EX 10", "PERSIST never",
			"SET again v EX 10", "SET again v", "SET sooner v EX 1000", "EXPIRE sooner 10",
			"SET renamed v EX 10", "RENAME renamed new", "SET swapped v EX 10", "SWAPDB 0 1", "SWAPDB 1 0")
		time.Sleep(20 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"later", "never", "again"}, do(t, s, "KEYS *"))
		requireKept(t, s, 3)
	})
}

func TestExpiry_farDeadlineKeepsNobodyBusy(t *testing.T) {
	for milli := int64(math.MaxInt64); milli > sweepLatest.Milliseconds(); milli /= 2 {
		require.Equal(t, sweepLatest+sweepPause, sweepWait(milli))
	}
	require.Equal(t, 5*time.Millisecond+sweepPause, sweepWait(5))
	require.Equal(t, sweepPause, sweepWait(math.MinInt64))
	synctest.Test(t, func(t *testing.T) {
		s := checked(t)
		do(t, s, "SET k v PXAT "+strconv.FormatInt(math.MaxInt64, 10))
		time.Sleep(30 * 24 * time.Hour)
		require.Equal(t, "v", do(t, s, "GET k"))
	})
}

func TestExpiry_heapHoldsNoMoreThanIsNeeded(t *testing.T) {
	s := checked(t)
	for i := range 10_000 {
		do(t, s, "SET k v EX "+strconv.Itoa(1000+i), "SET other v EX 1000", "DEL other")
	}
	requireKept(t, s, 1)
}

func TestAdvance(t *testing.T) {
	s := checked(t)
	var events []string
	s.OnChange(func(_ int, event, key string) { events = append(events, event+" "+key) })
	do(t, s, "SET k v EX 10", "SET l v EX 20")
	events = nil
	before := s.Now()
	s.Advance(10 * time.Second)
	require.GreaterOrEqual(t, s.Now().Sub(before), 10*time.Second)
	require.Equal(t, []string{"expired k"}, events)
	require.Equal(t, int64(10), do(t, s, "TTL l"))
	s.Advance(-10 * time.Second)
	require.Equal(t, int64(20), do(t, s, "TTL l"))
	require.Equal(t, int64(1), do(t, s, "DBSIZE"))
}
