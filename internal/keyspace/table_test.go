package keyspace

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTable_arity calls every command with too few words and, where there is a
// limit, with too many.
func TestTable_arity(t *testing.T) {
	both := newBoth(t)
	Commands(func(c *Command) {
		need := max(c.Arity, -c.Arity)
		calls := [][]string{make([]string, need-1)}
		if c.Arity > 0 {
			calls = append(calls, make([]string, need+1))
		}
		for _, argv := range calls {
			if len(argv) == 0 {
				continue
			}
			argv[0] = c.Name
			if c.Flags&Internal == 0 {
				require.Empty(t, both.run(argv))
			}
			_, err := both.space.Do(0, argv)
			require.Equal(t, errWrongArity(c.Name), err)
		}
	})
}

func TestFind_unknown(t *testing.T) {
	both := newBoth(t)
	long := strings.Repeat("é", 100)
	for _, argv := range [][]string{
		{"nosuch"}, {"NoSuch", "a", "b c", ""}, {long, long, "x"}, {"no\r\nsuch", "a\nb"},
		{"nosuch", strings.Repeat("a", 126), "b"}, {"nosuch", strings.Repeat("a", 60), strings.Repeat("b", 70), "c"},
	} {
		require.Empty(t, both.run(argv))
	}
	_, err := Find(nil)
	require.Error(t, err)
}

func TestFind_anyCase(t *testing.T) {
	longest := 0
	Commands(func(c *Command) {
		for _, name := range []string{c.Name, strings.ToLower(c.Name), strings.ToLower(c.Name[:1]) + c.Name[1:]} {
			found, err := Find([]string{name})
			require.NoError(t, err)
			require.Same(t, c, found)
		}
		distance := 0
		for at := hashName(c.Name); byName[at] != c; at = (at + 1) % nameSlots {
			distance++
		}
		longest = max(longest, distance)
		for _, other := range []string{c.Name + "X", c.Name[1:] + "\x00", "\u017f" + c.Name[1:], c.Name[:len(c.Name)-1]} {
			if found, err := Find([]string{other}); err == nil {
				require.Equal(t, found.Name, other)
			}
		}
	})
	require.Less(t, longest, 8, "the names lie too close together")
	_, err := Find([]string{"\u212aEYS"}) // a Kelvin sign, which is a K in any case to Unicode
	require.Error(t, err)
}

func TestCommand_KeysOf(t *testing.T) {
	for line, want := range map[string]string{
		"GET k":                             "k",
		"DEL a b c":                         "a b c",
		"MSET a 1 b 2":                      "a b",
		"RENAME a b":                        "a b",
		"PING":                              "",
		"KEYS *":                            "",
		"ZUNION 2 a b WITHSCORES":           "a b",
		"ZUNIONSTORE dst 2 a b WEIGHTS 1 2": "dst a b",
		"ZUNION 9223372036854775807 a":      "a",
		"ZUNION -1 a":                       "",
		"ZUNION x a":                        "",
		"XREAD COUNT 1 STREAMS a b 0 0":     "a b",
		"XREAD COUNT streams streams a 0":   "a",
		"XREAD COUNT 1":                     "",
		"XREADGROUP COUNT 1 GROUP g streams STREAMS a >":      "a",
		"XREADGROUP GROUP STREAMS c streams a >":              "a",
		"XGROUP CREATE a g 0":                                 "a",
		"XINFO HELP":                                          "",
		"BITOP AND dst a b":                                   "dst a b",
		"OBJECT ENCODING k":                                   "k",
		"OBJECT HELP":                                         "",
		"MEMORY USAGE k SAMPLES 5":                            "k",
		"GEOSEARCHSTORE dst k FROMLONLAT":                     "dst k",
		"GEORADIUS k 1 2 3 m":                                 "k",
		"GEORADIUS k 1 2 3 m STORE":                           "k",
		"GEORADIUS k 1 2 3 m STORE a storedist b":             "k b",
		"GEORADIUSBYMEMBER k STORE 3 m COUNT 1 STOREDIST dst": "k dst",
		"GEORADIUSBYMEMBER_RO k m 3 m STORE dst":              "k",
		"SORT k BY STORE GET STORE LIMIT 0 5 STORE dst":       "k dst",
		"SORT k STORE a STORE b":                              "k b",
		"SORT k LIMIT STORE STORE ALPHA":                      "k",
		"SORT k BY STORE DESC":                                "k",
		"SORT k GET STORE ALPHA":                              "k",
		"SORT k":                                              "k",
	} {
		argv := strings.Fields(line)
		cmd, err := Find(argv)
		require.NoError(t, err)
		require.Equal(t, want, strings.Join(cmd.KeysOf(argv), " "), line)
	}
}

// TestSpace_concurrently has readers, who share the lock and the dice, work
// beside writers.
func TestSpace_concurrently(t *testing.T) {
	s := checked(t)
	do(t, s, "HSET h a 1 b 2 c 3", "SET gone v PX 1")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				for _, line := range []string{
					"HRANDFIELD h -3", "RANDOMKEY", "GET gone", "SCAN 0", "DBSIZE", "INCR n", "APPEND s x", "GET s",
					"SET gone v PX 1", "HSET h d 4", "HDEL h d", "COPY h i REPLACE", "PERSIST n", "EXPIRE n 100",
				} {
					_, err := s.Do(0, strings.Fields(line))
					if err != nil {
						t.Error(line, err)
					}
				}
			}
		})
	}
	all.Wait()
	require.Equal(t, "800", do(t, s, "GET n"))
	require.Equal(t, int64(800), do(t, s, "STRLEN s"))
}

func TestSpace_Atomically(t *testing.T) {
	s := checked(t)
	s.Atomically(1, func(run func([]string) (any, error)) {
		_, err := run([]string{"SET", "k", "1"})
		require.NoError(t, err)
		_, err = run([]string{"GET"})
		require.Equal(t, errWrongArity("get"), err)
		_, err = run([]string{"nosuch"})
		require.Error(t, err)
		got, err := run([]string{"INCR", "k"})
		require.NoError(t, err)
		require.Equal(t, int64(2), got)
	})
	got, err := s.Do(1, []string{"GET", "k"})
	require.NoError(t, err)
	require.Equal(t, "2", got)
	require.Nil(t, do(t, s, "GET k"))
}

func TestSpace_Seed(t *testing.T) {
	var replies [2][]any
	for i := range replies {
		s := checked(t)
		s.Seed(42)
		do(t, s, "HSET h a 1 b 2 c 3 d 4 e 5", "MSET a 1 b 2 c 3")
		for range 20 {
			replies[i] = append(replies[i], do(t, s, "HRANDFIELD h 2"), do(t, s, "RANDOMKEY"))
		}
	}
	require.Equal(t, replies[0], replies[1])
}
