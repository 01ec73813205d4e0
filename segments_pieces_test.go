package znsocket

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each change leaves the pieces that a piece table has: what touches is one.
func TestSegments_pieces(t *testing.T) {
	const own, origin = "znsocket.List:s", "znsocket.List:origin"
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		s := newSegments(t, c, "abcdef")
		for _, step := range []struct {
			do   func() error
			want []Piece
		}{
			{func() error { return nil }, []Piece{{0, 6, origin}}},
			{func() error { return s.Append(ctx, "g") }, []Piece{{0, 6, origin}, {0, 1, own}}},
			{func() error { return s.Append(ctx, "h", "i") }, []Piece{{0, 6, origin}, {0, 3, own}}},
			{func() error { return s.Set(ctx, 7, "H") }, []Piece{{0, 6, origin}, {0, 3, own}}},
			{func() error { return s.Set(ctx, 2, "C") }, []Piece{{0, 2, origin}, {3, 4, own}, {3, 6, origin}, {0, 3, own}}},
			{func() error { return s.Set(ctx, 3, "D") }, []Piece{{0, 2, origin}, {3, 5, own}, {4, 6, origin}, {0, 3, own}}},
			{func() error { return s.Set(ctx, 0, "A") }, []Piece{{5, 6, own}, {1, 2, origin}, {3, 5, own}, {4, 6, origin}, {0, 3, own}}},
			{func() error { return s.Delete(ctx, 2, 4) }, []Piece{{5, 6, own}, {1, 2, origin}, {4, 6, origin}, {0, 3, own}}},
			{func() error { return s.DeleteAt(ctx, 0, 1) }, []Piece{{4, 6, origin}, {0, 3, own}}},
			{func() error { return s.Insert(ctx, 2, "x") }, []Piece{{4, 6, origin}, {6, 7, own}, {0, 3, own}}},
			{func() error { return s.Insert(ctx, 3, "y") }, []Piece{{4, 6, origin}, {6, 8, own}, {0, 3, own}}},
			{func() error { return s.Delete(ctx, 2, 4) }, []Piece{{4, 6, origin}, {0, 3, own}}},
			{func() error { return s.DeleteStep(ctx, Begin, End, 2) }, []Piece{{5, 6, origin}, {1, 2, own}}},
			{func() error { return s.Clear(ctx) }, []Piece{}},
		} {
			require.NoError(t, step.do())
			got, err := s.Pieces(ctx)
			require.NoError(t, err)
			require.Equal(t, step.want, got)
		}
	})
}

// The three ways to swap pieces do what a plain slice does.
func TestSegments_swapEverywhere(t *testing.T) {
	cases := []struct {
		name         string
		stored       string
		known        string
		whole        bool
		first, count int
		values       string
		want         string // "" where it does not fit
	}{
		{"in the middle", "abcd", "abc", false, 1, 2, "xyz", "axyzd"},
		{"fewer", "abcd", "abcd", true, 0, 3, "x", "xd"},
		{"as many", "abcd", "ab", false, 0, 2, "xy", "xycd"},
		{"nothing is removed", "abcd", "a", false, 1, 0, "xy", "axybcd"},
		{"before the first", "abcd", "", false, 0, 0, "xy", "xyabcd"},
		{"behind the last", "abcd", "abcd", true, 4, 0, "xy", "abcdxy"},
		{"removed", "abcd", "abc", false, 1, 2, "", "ad"},
		{"removed at the end", "abcd", "abcd", false, 2, 2, "", "ab"},
		{"equal values", "aaaa", "aaa", false, 1, 1, "aba", "aabaaa"},
		{"all", "ab", "ab", true, 0, 2, "xyz", "xyz"},
		{"made", "", "", true, 0, 0, "x", "x"},
		{"another value", "abcd", "ax", false, 0, 1, "x", ""},
		{"longer than known", "abcd", "abc", true, 0, 1, "x", ""},
		{"shorter than known", "ab", "abc", false, 0, 1, "x", ""},
		{"gone", "", "a", false, 0, 1, "x", ""},
		{"there already", "a", "", true, 0, 0, "x", ""},
	}
	letters := func(s string) []string { return strings.Split(s, "")[:len(s)] }
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		for k, each := range cases {
			s := NewSegments[any](c, fmt.Sprint(k))
			for _, v := range letters(each.stored) {
				_, err := NewCommands(c).RPush(ctx, s.Key(), v)
				require.NoError(t, err)
			}
			swapped, err := s.swapPieces(ctx, pieceSwap{letters(each.known), each.whole, each.first, each.count, letters(each.values)})
			require.NoError(t, err, each.name)
			require.Equal(t, each.want != "", swapped, each.name)
			got, err := NewCommands(c).LRange(ctx, s.Key(), 0, -1)
			require.NoError(t, err)
			if !swapped {
				each.want = each.stored
			}
			require.Equal(t, each.want, strings.Join(got, ""), each.name)
		}
	})
}

// counting counts round trips and the commands in them.
type counting struct {
	store           *Store
	trips, commands int
}

func (c *counting) Do(ctx context.Context, args ...any) (any, error) {
	c.trips, c.commands = c.trips+1, c.commands+1
	return c.store.Do(ctx, args...)
}

func (c *counting) DoMulti(ctx context.Context, cmds ...Cmd) ([]Reply, error) {
	c.trips, c.commands = c.trips+1, c.commands+len(cmds)
	return c.store.DoMulti(ctx, cmds...)
}

// A read of any number of elements is two round trips, and a few commands however
// many pieces there are.
func TestSegments_readsInAFewCommands(t *testing.T) {
	const n = 300
	r := rand.New(rand.NewPCG(1, 2))
	for name, places := range map[string][]int{
		"every second":           indices(0, n/2, 2),
		"every third, backwards": indices(n-1, n/3, -3),
		"half of them":           r.Perm(n)[:n/2],
		"most of them":           r.Perm(n)[:9*n/10],
	} {
		ctx := t.Context()
		c := &counting{store: newStore(t)}
		l := NewList[int](c, "l")
		require.NoError(t, l.Append(ctx, indices(0, n, 1)...))
		s, err := l.Segments(ctx, "s")
		require.NoError(t, err)
		for _, i := range places {
			require.NoError(t, s.Set(ctx, i, i))
		}
		pieces, err := s.Pieces(ctx)
		require.NoError(t, err)
		require.Greater(t, len(pieces), n/10)
		for _, slice := range [][3]int{
			{Begin, End, 1}, {End, Begin, -1}, {100, 250, 1}, {1, End, 2}, {Begin, End, 2}, {5, 8, 1}, {7, 8, 1}, {Begin, End, End},
		} {
			c.trips, c.commands = 0, 0
			got, err := s.SliceStep(ctx, slice[0], slice[1], slice[2])
			require.NoError(t, err)
			require.Equal(t, pythonPlaces(n, slice[0], slice[1], slice[2]), got)
			require.Equal(t, 2, c.trips)
			require.LessOrEqual(t, c.commands, 4+len(got)/10, "%s, %v", name, slice)
		}
		c.trips, c.commands = 0, 0
		seen := 0
		for v, err := range s.All(ctx) {
			require.NoError(t, err)
			require.Equal(t, seen, v)
			seen++
		}
		require.Equal(t, n, seen)
		require.Equal(t, 1+2, c.trips)
	}
}

func TestSpansOf(t *testing.T) {
	for _, c := range []struct {
		wanted []Piece
		spare  int
		want   []Piece
	}{
		{[]Piece{{0, 3, "a"}, {3, 5, "a"}}, 0, []Piece{{0, 5, "a"}}},
		{[]Piece{{0, 3, "a"}, {3, 5, "b"}}, 9, []Piece{{0, 3, "a"}, {3, 5, "b"}}},
		{[]Piece{{4, 5, "a"}, {7, 9, "b"}, {2, 3, "a"}, {0, 1, "a"}}, 2, []Piece{{0, 5, "a"}, {7, 9, "b"}}},
		{[]Piece{{4, 5, "a"}, {2, 3, "a"}, {0, 1, "a"}}, 1, []Piece{{0, 3, "a"}, {4, 5, "a"}}},
		{[]Piece{{0, 10, "a"}, {15, 19, "a"}, {22, 23, "a"}}, 5, []Piece{{0, 10, "a"}, {15, 23, "a"}}},
		{[]Piece{{0, 10, "a"}, {15, 19, "a"}, {22, 23, "a"}}, 8, []Piece{{0, 23, "a"}}},
		{[]Piece{{0, 10, "a"}, {2, 3, "a"}, {11, 12, "a"}, {5, 9, "a"}}, 0, []Piece{{0, 10, "a"}, {11, 12, "a"}}},
	} {
		var got []Piece
		for _, s := range spansOf(c.wanted, c.spare) {
			got = append(got, s.Piece)
		}
		require.Equal(t, c.want, got)
	}
}

// The pieces of others are read whatever their spelling, and kept as they are.
func TestSegments_foreignPieces(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	require.NoError(t, NewList[int](s, "l").Append(ctx, 0, 1, 2, 3, 4, 5))
	stored := []any{`[0,2,"znsocket.List:l"]`, ` [ 1 , 1 , "znsocket.List:none" ] `, `[2, 6, "znsocket.List:\u006c"]`, `[0, 1, "znsocket.List:l"]`}
	_, err := s.RPush(ctx, "znsocket.Segments:s", stored...)
	require.NoError(t, err)
	seg := NewSegments[int](s, "s")
	got, err := seg.Slice(ctx, Begin, End)
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 0}, got)
	require.NoError(t, seg.Delete(ctx, 3, 4))
	texts, err := s.LRange(ctx, seg.Key(), 0, -1)
	require.NoError(t, err)
	require.Equal(t, []string{`[0,2,"znsocket.List:l"]`, `[2, 3, "znsocket.List:l"]`, `[4, 6, "znsocket.List:l"]`, `[0, 1, "znsocket.List:l"]`},
		texts, "what an empty piece says is nothing")
}

func TestSegments_refuseWhatIsNoPiece(t *testing.T) {
	drop := func(_ any, err error) error { return err }
	for _, text := range []string{
		``, `x`, `5`, `{}`, `[]`, `[0, 1]`, `[0, 1, "znsocket.List:l", 2]`, `[0, 1, "znsocket.Dict:l"]`, `[0, 1, "l"]`, `[0, 1, null]`,
		`[-1, 1, "znsocket.List:l"]`, `[2, 1, "znsocket.List:l"]`, `[0, 1.0, "znsocket.List:l"]`, `["0", 1, "znsocket.List:l"]`,
		`[null, 1, "znsocket.List:l"]`, `[false, true, "znsocket.List:l"]`, `[0, 9223372036854775808, "znsocket.List:l"]`,
		`[0, 2147483647, "znsocket.List:l"]`, `[0, 1e1, "znsocket.List:l"]`, `[0, NaN, "znsocket.List:l"]`, "__INSERT_IDENTIFIER__",
		strings.Repeat("[", 1000), `[0, 1, "znsocket.List:l"]]`,
	} {
		s, ctx := newStore(t), t.Context()
		require.NoError(t, NewList[int](s, "l").Append(ctx, 7))
		_, err := s.RPush(ctx, "znsocket.Segments:s", `[0, 1, "znsocket.List:l"]`, text)
		require.NoError(t, err)
		seg := NewSegments[int](s, "s")
		for i, err := range []error{
			drop(seg.Len(ctx)), drop(seg.At(ctx, 0)), drop(seg.Slice(ctx, 0, 1)), drop(seg.Pieces(ctx)), drop(seg.Index(ctx, 7)), drop(seg.Pop(ctx, 0)),
			seg.Set(ctx, 0, 1), seg.Delete(ctx, 0, 1), seg.DeleteAt(ctx, 0), seg.Clear(ctx), seg.Insert(ctx, 0, 1), seg.Append(ctx, 1),
		} {
			require.ErrorContains(t, err, "znsocket: piece 1 of znsocket.Segments:s is ", "call %d, %s", i, text)
		}
		n, err := s.LLen(ctx, seg.Key())
		require.NoError(t, err)
		require.EqualValues(t, 2, n)
	}
}

// Many pieces may say more than any list has: their sum is bounded.
func TestSegments_tooManyElements(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	piece := fmt.Sprintf(`[0, %d, "znsocket.List:l"]`, maxElements)
	_, err := s.RPush(ctx, "znsocket.Segments:s", piece)
	require.NoError(t, err)
	seg := NewSegments[int](s, "s")
	n, err := seg.Len(ctx)
	require.NoError(t, err)
	require.Equal(t, maxElements, n)
	_, err = seg.Slice(ctx, Begin, End)
	require.ErrorContains(t, err, "which is shorter than that")
	_, err = seg.SliceStep(ctx, End, Begin, -maxElements/2)
	require.ErrorContains(t, err, "which is shorter than that")
	require.ErrorContains(t, seg.DeleteStep(ctx, Begin, End, 2), "would be in more than 1048576 pieces without")
	require.NoError(t, seg.DeleteStep(ctx, End, 1, -1), "what is left is one piece")
	require.NoError(t, seg.Clear(ctx))
	_, err = s.RPush(ctx, "znsocket.Segments:s", piece)
	require.NoError(t, err)
	_, err = s.RPush(ctx, "znsocket.Segments:s", `[0, 1, "znsocket.List:l"]`)
	require.NoError(t, err)
	_, err = seg.Len(ctx)
	require.ErrorContains(t, err, "more than 1073741823 elements")
}

// A list that lost elements that a piece is of is no reason for a wrong answer.
func TestSegments_listThatBecameShorter(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		s := newSegments(t, c, "abcdef")
		require.NoError(t, NewList[string](c, "origin").Delete(ctx, 4, End))
		got, err := s.Slice(ctx, 0, 4)
		require.NoError(t, err)
		require.Equal(t, "abcd", strings.Join(got, ""))
		drop := func(_ any, err error) error { return err }
		for i, err := range []error{
			drop(s.At(ctx, 5)), drop(s.Slice(ctx, 3, 5)), drop(s.SliceStep(ctx, End, Begin, -1)), drop(s.Pop(ctx, -1)), drop(s.Contains(ctx, "f")),
			drop(s.EqualSlice(ctx, strings.Split("abcdef", ""))),
		} {
			require.ErrorContains(t, err, "znsocket.Segments:s has elements up to", "call %d", i)
			require.ErrorContains(t, err, "znsocket.List:origin, which is shorter than that")
			require.NotErrorIs(t, err, ErrOutOfRange)
		}
		n, err := s.Len(ctx)
		require.NoError(t, err)
		require.Equal(t, 6, n, "what cannot be read is not removed")

		require.NoError(t, s.Set(ctx, 0, "A"))
		require.NoError(t, s.Set(ctx, 1, "B"))
		for range 2 {
			require.NoError(t, NewList[string](c, "s").Delete(ctx, -1, End))
			err = s.Set(ctx, 1, "b")
			require.ErrorContains(t, err, "znsocket.List:s, which is shorter than that")
			require.NotErrorIs(t, err, ErrOutOfRange)
		}
	})
}

// The elements of an adapter can be edited that way: it answers for those that
// have not changed.
func TestSegments_ofAnAdapter(t *testing.T) {
	srv, addr := startServer(t)
	s, ctx := srv.Store(), t.Context()
	frames, mu := []int{0, 1, 2, 3, 4, 5, 6, 7}, sync.Mutex{}
	_, err := NewListAdapter(ctx, s, "frames", SliceOf(&frames, &mu))
	require.NoError(t, err)
	for name, c := range map[string]Commander{"store": s, "client": dialTest(t, addr)} {
		edited, err := NewList[int](c, "frames").Segments(ctx, name)
		require.NoError(t, err)
		require.NoError(t, edited.Set(ctx, 3, 33))
		require.NoError(t, edited.Insert(ctx, 1, 11))
		last, err := edited.Pop(ctx, -1)
		require.NoError(t, err)
		require.Equal(t, 7, last)
		got, err := edited.SliceStep(ctx, End, Begin, -1)
		require.NoError(t, err)
		require.Equal(t, []int{6, 5, 4, 33, 2, 1, 11, 0}, got)
	}
	require.Equal(t, indices(0, 8, 1), frames)
}
