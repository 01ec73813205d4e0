package keyspace

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSnapshot_String(t *testing.T) {
	s := checked(t)
	s.SetTime(time.UnixMilli(1_000_000))
	do(t, s,
		"SET greeting 'hello there' PX 90000", `SET bytes "\xff\x00"`, `SET " x " ""`, "SET gone v PX 1", "APPEND built abc",
		"RPUSH jobs b a", "HSET user name Ada born 1815", "SADD tags y x", "ZADD board 1.5 ada 2 bob",
		"XADD log 1-1 level info text 'it runs'", "XGROUP CREATE log readers 0", "XREADGROUP GROUP readers r1 STREAMS log >")
	s.Advance(2 * time.Millisecond)
	_, err := s.Do(3, []string{"SET", "key", "v"})
	require.NoError(t, err)
	require.Equal(t, `string " x "
    ""
zset board
    1.5  ada
    2  bob
string built
    abc
string bytes
    "\xff\x00"
string greeting, expires in 1m29.998s
    hello there
list jobs
    b
    a
stream log
    1-1  level: info  text: it runs
    group readers, read to 1-1
        1-1 with r1, delivered 1 times
set tags
    x
    y
hash user
    born: 1815
    name: Ada
database 3
string key
    v
`, s.Snapshot().String())
}

// A deadline may be further away than a time.Duration reaches.
func TestSnapshot_String_farDeadline(t *testing.T) {
	s := checked(t)
	s.SetTime(time.UnixMilli(-1))
	do(t, s, "SET far v PXAT 9223372036854775807")
	require.Equal(t, "string far, expires in 2562047h47m16.854775807s\n    v\n", s.Snapshot().String())
}

// What looks alike and is not the same is otherwise.
func TestSnapshot_Diff_alike(t *testing.T) {
	for was, is := range map[string]string{
		"HSET k f 'g: v'":                 "HSET k 'f: g' v",
		"XADD k 1-1 f 'v  g: w'":          "XADD k 1-1 f v g w",
		"XADD k 1-1 f 'g: v'":             "XADD k 1-1 'f: g' v",
		`HSET k f '"v"'`:                  "HSET k f v",
		"SET k v PXAT 999999999999999999": "SET k v PXAT 999999999999999998",
	} {
		a, b := checked(t), checked(t)
		do(t, a, was)
		do(t, b, is)
		require.NotEmpty(t, a.Snapshot().Diff(b.Snapshot()), was)
	}
}

func TestSnapshot_String_isBounded(t *testing.T) {
	s := checked(t)
	for range 105 {
		do(t, s, "RPUSH list x")
	}
	_, err := s.Do(0, []string{"SET", "text", "x" + strings.Repeat("é", 1000)})
	require.NoError(t, err)
	lines := strings.Split(s.Snapshot().String(), "\n")
	require.Len(t, lines, 1+100+1+2+1)
	require.Equal(t, "    … 5 more", lines[101])
	require.Equal(t, "    "+"x"+strings.Repeat("é", 127)+"… (2001 bytes, d7b8e5f8)", lines[103])
}

func TestSnapshot_Diff(t *testing.T) {
	s := checked(t)
	s.SetTime(time.UnixMilli(1_000_000))
	do(t, s, "RPUSH list a b c d e f", "SET k v", "SET ttl v PX 5000", "SET lasts v PX 5000", "SET gone v", "SET other v", "HSET h f v g w", "SET same v")
	before := s.Snapshot()
	require.Empty(t, before.Diff(s.Snapshot()))
	s.Advance(time.Second)
	require.Empty(t, before.Diff(s.Snapshot()))
	do(t, s, "LREM list 0 b", "LINSERT list AFTER e x", "SET k w", "PEXPIRE ttl 9000", "DEL gone", "SET new v", "DEL other", "RPUSH other v", "HSET h g x")
	_, err := s.Do(2, []string{"SET", "far", "v"})
	require.NoError(t, err)
	require.Equal(t, `- string gone
-     v
  hash h
      … 1 as before
-     g: w
+     g: x
  string k
-     v
+     w
  list list
      … 1 as before
-     b
      … 3 as before
+     x
      … 1 as before
+ string new
+     v
- string other
-     v
+ list other
+     v
- string ttl, expires in 5s
+ string ttl, expires in 9s
      … 1 as before
  database 2
+ string far
+     v
`, before.Diff(s.Snapshot()))
}

// TestEdits_model changes lists at random places: what the edits take away and add
// makes the one of the other, and where little was changed it says little.
func TestEdits_model(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 0))
	for _, n := range []int{0, 1, 10, 300, 3000} {
		for changes := range 20 {
			was := make([]string, n)
			for i := range was {
				was[i] = string(rune('a' + r.IntN(26)))
			}
			is := slices.Clone(was)
			for range changes {
				switch at := r.IntN(len(is) + 1); {
				case r.IntN(2) == 0 || at == len(is):
					is = slices.Insert(is, at, "new")
				default:
					is = slices.Delete(is, at, at+1)
				}
			}
			first, second := []string{}, []string{}
			said := 0
			edits(was, is, func(sign, element string) {
				if sign != "+" {
					first = append(first, element)
				}
				if sign != "-" {
					second = append(second, element)
				}
				if sign != " " {
					said++
				}
			})
			require.True(t, slices.Equal(was, first))
			require.True(t, slices.Equal(is, second))
			if n <= 1000 {
				require.LessOrEqual(t, said, changes)
			}
		}
	}
}
