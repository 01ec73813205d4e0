package keyspace

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestZNHash(t *testing.T) {
	s := New()
	var events []string
	s.OnChange(func(_ int, event, key string) { events = append(events, event+" "+key) })
	mustDo(t, s, "HSET", "h", "a", "1", "b", "2", "c", "3", "d", "4")
	mustDo(t, s, "RPUSH", "list", "x")
	events = nil

	require.Equal(t, "2", mustDo(t, s, "ZN.HPOP", "h", "b"))
	require.Nil(t, mustDo(t, s, "ZN.HPOP", "h", "b"))
	require.Nil(t, mustDo(t, s, "ZN.HPOP", "absent", "b"))
	require.Equal(t, []string{"c"}, mustDo(t, s, "ZN.HDEL", "h", "b", "c", "c"))
	require.Equal(t, []string{}, mustDo(t, s, "ZN.HDEL", "h", "b"))
	require.Equal(t, []string{}, mustDo(t, s, "ZN.HDEL", "absent", "b"))
	require.Equal(t, []string{"hdel h", "hdel h"}, events)

	events = nil
	require.Equal(t, []string{"a", "d"}, mustDo(t, s, "ZN.HCLEAR", "h"))
	require.Equal(t, []string{}, mustDo(t, s, "ZN.HCLEAR", "h"))
	require.Equal(t, []string{"del h"}, events)

	for _, call := range [][]string{{"ZN.HPOP", "list", "f"}, {"ZN.HDEL", "list", "f"}, {"ZN.HCLEAR", "list"}} {
		_, err := s.Do(0, call)
		require.Equal(t, ErrWrongType, err)
	}
	require.Equal(t, "x", mustDo(t, s, "LINDEX", "list", "0"))
}

// A hash that loses its last field is gone.
func TestZNHash_lastField(t *testing.T) {
	for _, call := range [][]string{{"ZN.HPOP", "h", "f"}, {"ZN.HDEL", "h", "f"}, {"ZN.HCLEAR", "h"}} {
		s := New()
		mustDo(t, s, "HSET", "h", "f", "1")
		mustDo(t, s, call...)
		require.EqualValues(t, 0, mustDo(t, s, "EXISTS", "h"))
	}
}
