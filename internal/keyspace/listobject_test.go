package keyspace

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What Python 3.11 answers for "abcdefgh"[start:stop:step].
var pythonSlices = []struct{ start, stop, step, want string }{
	{"", "", "", "abcdefgh"},
	{"2", "5", "", "cde"},
	{"-3", "", "", "fgh"},
	{"", "-3", "", "abcde"},
	{"", "", "-1", "hgfedcba"},
	{"5", "1", "-2", "fd"},
	{"1", "5", "-1", ""},
	{"-100", "100", "3", "adg"},
	{"100", "-100", "-3", "heb"},
	{"0", "-1", "-1", ""},
	{"7", "", "-3", "heb"},
	{"", "0", "-1", "hgfedcb"},
	{"8", "", "-1", "hgfedcba"},
	{"3", "3", "", ""},
	{"", "", "100", "a"},
	{"", "", "-100", "h"},
	{"-1", "-9", "-1", "hgfedcba"},
	{"9223372036854775807", "-9223372036854775808", "-9223372036854775808", "h"},
	{"-9223372036854775808", "9223372036854775807", "9223372036854775807", "a"},
}

func TestZNSlice_isPythons(t *testing.T) {
	s := New()
	for _, v := range "abcdefgh" {
		mustDo(t, s, "RPUSH", "l", string(v))
	}
	for _, c := range pythonSlices {
		got := mustDo(t, s, "ZN.LSLICE", "l", c.start, c.stop, c.step).([]any)
		require.Equal(t, c.want, strings.Join(got[1].([]string), ""), "%v", c)
		places := pythonPlaces(8, c.start, c.stop, c.step)
		require.Len(t, places, len(c.want))
		if len(places) > 0 {
			require.EqualValues(t, places[0], got[0], "%v", c)
		}
	}
}

// mustDo runs a command that must succeed.
func mustDo(t testing.TB, s *Space, words ...string) any {
	t.Helper()
	reply, err := s.Do(0, words)
	require.NoError(t, err, "%q", words)
	require.NoError(t, s.Check(), "%q", words)
	return reply
}

// pythonPlaces walks through a slice of n elements as Python's reference says:
// the places start + k*step until stop, with the bounds moved into reach.
func pythonPlaces(n int, start, stop, step string) []int {
	by := 1
	if step != "" {
		by, _ = strconv.Atoi(step)
	}
	first, last := 0, n
	if by < 0 {
		first, last = n-1, -1
	}
	reach := func(bound string, otherwise int) int {
		if bound == "" {
			return otherwise
		}
		i, _ := strconv.Atoi(bound)
		switch {
		case i < 0 && i+n < 0:
			return min(first, last)
		case i < 0:
			return i + n
		}
		return min(i, max(first, last))
	}
	first, last = reach(start, first), reach(stop, last)
	var places []int
	for i := first; by > 0 && i < last || by < 0 && i > last; i += by {
		places = append(places, i)
		if by > n || by < -n {
			break
		}
	}
	return places
}

func TestZN_model(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	s := New()
	var model []string
	bound := func() string {
		if r.IntN(4) == 0 {
			return ""
		}
		return fmt.Sprint(r.IntN(3*len(model)+4) - len(model) - len(model)/2 - 2)
	}
	step := func() string { return []string{"", "1", "2", "3", "-1", "-2", "-5", "70", "-1000"}[r.IntN(9)] }
	next := 0
	fresh := func(n int) []string {
		values := make([]string, n)
		for i := range values {
			next++
			values[i] = fmt.Sprint(next % 50) // some are the same
		}
		return values
	}
	for range 4000 {
		start, stop, by := bound(), bound(), step()
		places := pythonPlaces(len(model), start, stop, by)
		// requireSlice holds what ZN.LSLICE and its kind reply against places.
		requireSlice := func(reply any, second any) {
			got := reply.([]any)
			require.Equal(t, second, got[1])
			if len(places) > 0 {
				require.EqualValues(t, places[0], got[0])
			}
		}
		switch r.IntN(9) {
		case 0, 1:
			i, values := r.IntN(2*len(model)+6)-len(model)-3, fresh(1+r.IntN(20))
			got := mustDo(t, s, append([]string{"ZN.LINSERT", "l", fmt.Sprint(i)}, values...)...)
			if i < 0 {
				i += len(model)
			}
			i = min(max(i, 0), len(model))
			model = slices.Insert(model, i, values...)
			require.EqualValues(t, i, got)
		case 2:
			i := r.IntN(2*len(model)+6) - len(model) - 3
			got := mustDo(t, s, "ZN.LPOP", "l", fmt.Sprint(i))
			if i < 0 {
				i += len(model)
			}
			if i < 0 || i >= len(model) {
				require.Nil(t, got)
				break
			}
			require.Equal(t, []any{int64(i), model[i]}, got)
			model = slices.Delete(model, i, i+1)
		case 3:
			if len(places) > 30 && len(model) < 500 {
				break
			}
			requireSlice(mustDo(t, s, "ZN.LDEL", "l", start, stop, by), int64(len(places)))
			model = without(model, places)
		case 4:
			if len(model) == 0 {
				break
			}
			indexes, places := []string{}, []int{}
			for range 1 + r.IntN(5) {
				i := r.IntN(len(model))
				places = append(places, i)
				indexes = append(indexes, fmt.Sprint(i-len(model)*r.IntN(2)))
			}
			places = slices.Compact(slices.Sorted(slices.Values(places)))
			_, err := s.Do(0, append([]string{"ZN.LDELAT", "l", fmt.Sprint(len(model))}, indexes...))
			require.ErrorIs(t, err, ErrIndexRange)
			got := mustDo(t, s, append([]string{"ZN.LDELAT", "l"}, indexes...)...)
			want := make([]any, len(places))
			for k, i := range places {
				want[k] = int64(i)
			}
			require.Equal(t, want, got)
			model = without(model, places)
		case 5, 6:
			values := fresh(r.IntN(30))
			if by != "" && by != "1" {
				if r.IntN(2) == 0 {
					values = fresh(len(places))
				}
				got, err := s.Do(0, append([]string{"ZN.LSETSLICE", "l", start, stop, by}, values...))
				if len(values) != len(places) {
					require.EqualError(t, err, fmt.Sprintf(
						"ERR attempt to assign sequence of size %d to extended slice of size %d", len(values), len(places)))
					break
				}
				require.NoError(t, err)
				for k, i := range places {
					model[i] = values[k]
				}
				requireSlice(got, int64(len(places)))
				break
			}
			got := mustDo(t, s, append([]string{"ZN.LSETSLICE", "l", start, stop, by}, values...)...)
			// Where nothing lies between the bounds, the values go before start.
			at := len(pythonPlaces(len(model), "", start, ""))
			if start == "" {
				at = 0
			}
			model = slices.Replace(model, at, at+len(places), values...)
			require.Equal(t, []any{int64(at), int64(len(places))}, got)
		case 7:
			i := r.IntN(2*len(model)+6) - len(model) - 3
			got, err := s.Do(0, []string{"ZN.LSET", "l", fmt.Sprint(i), "set"})
			if i < 0 {
				i += len(model)
			}
			if i < 0 || i >= len(model) {
				require.ErrorIs(t, err, ErrIndexRange)
				break
			}
			require.NoError(t, err)
			require.EqualValues(t, i, got)
			model[i] = "set"
		default:
			want := []string{}
			for _, i := range places {
				want = append(want, model[i])
			}
			requireSlice(mustDo(t, s, "ZN.LSLICE", "l", start, stop, by), want)
		}
		require.Equal(t, append([]string{}, model...), mustDo(t, s, "LRANGE", "l", "0", "-1"))
	}
}

func without(values []string, places []int) []string {
	var kept []string
	for i, v := range values {
		if !slices.Contains(places, i) {
			kept = append(kept, v)
		}
	}
	return kept
}

func TestZN_refusals(t *testing.T) {
	s := New()
	mustDo(t, s, "RPUSH", "l", "a", "b", "c")
	mustDo(t, s, "SADD", "other", "a")
	for _, c := range []struct {
		line string
		want string
	}{
		{"ZN.LSLICE l 0 1 0", "ERR slice step cannot be zero"},
		{"ZN.LSLICE l x 1 1", string(ErrNotInteger)},
		{"ZN.LSLICE l 0 x 1", string(ErrNotInteger)},
		{"ZN.LSLICE l 0 1 x", string(ErrNotInteger)},
		{"ZN.LSLICE l 0 1", "ERR wrong number of arguments for 'zn.lslice' command"},
		{"ZN.LDEL l 0 1 0", "ERR slice step cannot be zero"},
		{"ZN.LSET l x v", string(ErrNotInteger)},
		{"ZN.LSET l 3 v", string(ErrIndexRange)},
		{"ZN.LSET absent 0 v", string(ErrIndexRange)},
		{"ZN.LSET other 0 v", string(ErrWrongType)},
		{"ZN.LINSERT l x v", string(ErrNotInteger)},
		{"ZN.LINSERT l 0", "ERR wrong number of arguments for 'zn.linsert' command"},
		{"ZN.LPOP l x", string(ErrNotInteger)},
		{"ZN.LDELAT l 0 3", string(ErrIndexRange)},
		{"ZN.LDELAT l -4", string(ErrIndexRange)},
		{"ZN.LDELAT l 0 x", string(ErrNotInteger)},
		{"ZN.LDELAT absent 0", string(ErrIndexRange)},
		{"ZN.LSETSLICE l 0 3 2 x", "ERR attempt to assign sequence of size 1 to extended slice of size 2"},
		{"ZN.LSETSLICE absent 0 3 -1 x", "ERR attempt to assign sequence of size 1 to extended slice of size 0"},
		{"ZN.LSLICE other 0 1 1", string(ErrWrongType)},
		{"ZN.LDEL other 0 1 1", string(ErrWrongType)},
		{"ZN.LINSERT other 0 v", string(ErrWrongType)},
		{"ZN.LPOP other 0", string(ErrWrongType)},
		{"ZN.LDELAT other 0", string(ErrWrongType)},
		{"ZN.LSETSLICE other 0 1 1 v", string(ErrWrongType)},
		{"ZN.LSWAP other 1 0 0 0 v", string(ErrWrongType)},
		{"ZN.LSWAP l 3 0 0", "ERR wrong number of arguments for 'zn.lswap' command"},
		{"ZN.LSWAP l x 0 0 0 v", string(ErrNotInteger)},
		{"ZN.LSWAP l 3 x 0 0 v", string(ErrNotInteger)},
		{"ZN.LSWAP l 3 0 x 0 v", string(ErrNotInteger)},
		{"ZN.LSWAP l 3 0 0 x v", string(ErrNotInteger)},
		{"ZN.LSWAP l 3 2 0 0 a", string(ErrIndexRange)},
		{"ZN.LSWAP l 3 -1 0 0 a", string(ErrIndexRange)},
		{"ZN.LSWAP l 3 1 -1 0 a", string(ErrIndexRange)},
		{"ZN.LSWAP l 3 1 0 -1 a", string(ErrIndexRange)},
		{"ZN.LSWAP l 3 1 1 1 a", string(ErrIndexRange)},
		{"ZN.LSWAP l 3 1 0 2 a", string(ErrIndexRange)},
		{"ZN.LSWAP l 3 1 9223372036854775807 9223372036854775807 a", string(ErrIndexRange)},
	} {
		_, err := s.Do(0, strings.Fields(c.line))
		require.EqualError(t, err, c.want, c.line)
		require.Equal(t, []string{"a", "b", "c"}, mustDo(t, s, "LRANGE", "l", "0", "-1"), c.line)
	}
}

// Where there is no list, there is an empty one to Python; none is left behind.
func TestZN_absentKeys(t *testing.T) {
	s := New()
	none := []any{int64(0), int64(0)}
	require.Equal(t, []any{int64(-1), []string{}}, mustDo(t, s, "ZN.LSLICE", "l", "", "", "-1"))
	require.Equal(t, none, mustDo(t, s, "ZN.LDEL", "l", "", "", ""))
	require.Nil(t, mustDo(t, s, "ZN.LPOP", "l", "0"))
	require.Equal(t, none, mustDo(t, s, "ZN.LSETSLICE", "l", "", "", ""))
	require.Zero(t, s.dbs[0].keys.len())
	require.Equal(t, none, mustDo(t, s, "ZN.LSETSLICE", "l", "5", "9", "", "a", "b"))
	require.Equal(t, []any{int64(0), int64(2)}, mustDo(t, s, "ZN.LSETSLICE", "l", "", "", ""))
	require.Zero(t, s.dbs[0].keys.len())
	require.Nil(t, mustDo(t, s, "ZN.LSWAP", "l", "", "1", "0", "0", "a", "b"))
	require.Nil(t, mustDo(t, s, "ZN.LSWAP", "l", "1", "0", "0", "0", "b"))
	require.EqualValues(t, 0, mustDo(t, s, "ZN.LSWAP", "l", "0", "0", "0", "0"))
	require.Zero(t, s.dbs[0].keys.len())
	require.EqualValues(t, 2, mustDo(t, s, "ZN.LSWAP", "l", "0", "0", "0", "0", "a", "b"))
	require.EqualValues(t, 0, mustDo(t, s, "ZN.LSWAP", "l", "2", "2", "0", "2", "a", "b"))
	require.Zero(t, s.dbs[0].keys.len())
	require.EqualValues(t, 0, mustDo(t, s, "ZN.LINSERT", "l", "-7", "a", "b"))
	require.Equal(t, []any{int64(0), int64(1)}, mustDo(t, s, "ZN.LDELAT", "l", "-1", "0", "1"))
	require.Zero(t, s.dbs[0].keys.len())
}

func TestZNSwap(t *testing.T) {
	for _, c := range []struct{ call, want string }{
		{"3 3 1 1 a b c x y", "axyc"},
		{"3 3 0 3 a b c x", "x"},
		{" 2 1 1 a b x", "axc"},
		{" 1 1 0 a x", "axbc"},
		{" 0 0 0 x", "xabc"},
		{"3 3 3 0 a b c x", "abcx"},
		{" 3 1 2 a b c", "a"},
		{"3 0 0 0", "abc"},
		{"2 2 0 1 a b x", ""},
		{"4 3 0 1 a b c x", ""},
		{" 2 0 1 a c x", ""},
		{" 4 0 1 a b c d x", ""},
	} {
		s := New()
		changes := 0
		mustDo(t, s, "RPUSH", "l", "a", "b", "c")
		s.OnChange(func(int, string, string) { changes++ })
		got := mustDo(t, s, append([]string{"ZN.LSWAP", "l"}, strings.Split(c.call, " ")...)...)
		after := strings.Join(mustDo(t, s, "LRANGE", "l", "0", "-1").([]string), "")
		if c.want == "" {
			require.Nil(t, got, c.call)
			c.want = "abc"
		} else {
			require.EqualValues(t, len(c.want), got, c.call)
		}
		require.Equal(t, c.want, after, c.call)
		require.Equal(t, c.want != "abc", changes > 0, c.call)
	}
}
