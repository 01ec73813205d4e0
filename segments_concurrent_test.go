package znsocket

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Of those that make segments under one key at a time one succeeds.
func TestList_Segments_concurrently(t *testing.T) {
	overAtomic(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		l := NewList[int](c, "l")
		require.NoError(t, l.Append(ctx, 1, 2, 3))
		made := make(chan error, 8)
		for range cap(made) {
			go func() {
				_, err := l.Segments(ctx, "s")
				made <- err
			}()
		}
		succeeded := 0
		for range cap(made) {
			if err := <-made; err == nil {
				succeeded++
			} else {
				require.ErrorIs(t, err, ErrExists)
			}
		}
		require.Equal(t, 1, succeeded)
		n, err := NewSegments[int](c, "s").Len(ctx)
		require.NoError(t, err)
		require.Equal(t, 3, n)
	})
}

// Who comes between reading the pieces and the change only delays it: it is
// worked out again, and what was stored for it is used.
func TestSegments_triesAgain(t *testing.T) {
	c, ctx := newStore(t), t.Context()
	s := newSegments(t, c, "abc")
	other := NewSegments[string](c, "s")
	between := 0
	var interfere func()
	c.Intercept(func(_ context.Context, cmd Cmd) error {
		if cmd[0] == "ZN.LSWAP" && between > 0 {
			between--
			again := between
			between = 0
			interfere()
			between = again
		}
		return nil
	})
	interfere = func() { require.NoError(t, other.Insert(ctx, 0, "-")) }
	requireElements := func(want string) {
		t.Helper()
		got, err := s.Slice(ctx, Begin, End)
		require.NoError(t, err)
		require.Equal(t, want, strings.Join(got, ""))
	}
	between = 2
	require.NoError(t, s.Insert(ctx, 1, "x"))
	requireElements("-x-abc")
	between = 2
	require.NoError(t, s.Set(ctx, -2, "y"))
	requireElements("---x-ayc")
	between = 1
	got, err := s.Pop(ctx, -1)
	require.NoError(t, err)
	require.Equal(t, "c", got)
	between = 1
	require.NoError(t, s.DeleteAt(ctx, -1))
	between = 1
	require.NoError(t, s.DeleteStep(ctx, End, Begin, -2))
	between = 1
	require.NoError(t, s.Append(ctx, "z"))
	own, err := NewList[string](c, "s").Slice(ctx, Begin, End)
	require.NoError(t, err)
	for _, v := range []string{"x", "y", "z"} {
		require.Equal(t, 1, strings.Count(strings.Join(own, ""), v))
	}

	// An end to it is that of the context.
	between = 1 << 30
	ending, cancel := context.WithCancel(ctx)
	tries := 0
	interfere = func() {
		require.NoError(t, other.Insert(ctx, 0, "-"))
		if tries++; tries == 3 {
			cancel()
		}
	}
	require.ErrorIs(t, s.Append(ending, "never"), context.Canceled)
	between = 0
	has, err := s.Contains(ctx, "never")
	require.NoError(t, err)
	require.False(t, has)
}

// A place that counts from the end is another one where others append meanwhile.
func TestSegments_fromTheEndWhileOthersAppend(t *testing.T) {
	ctx := t.Context()
	for name, each := range map[string]struct {
		do   func(s *Segments[string]) error
		want string
	}{
		"Set":        {func(s *Segments[string]) error { return s.Set(ctx, -1, "x") }, "abcdefx"},
		"Insert":     {func(s *Segments[string]) error { return s.Insert(ctx, -1, "x") }, "abcdefx+"},
		"Pop":        {func(s *Segments[string]) error { _, err := s.Pop(ctx, -2); return err }, "abcde+"},
		"Delete":     {func(s *Segments[string]) error { return s.Delete(ctx, -3, -1) }, "abcd+"},
		"Delete all": {func(s *Segments[string]) error { return s.Delete(ctx, 1, End) }, "a"},
		"DeleteStep": {func(s *Segments[string]) error { return s.DeleteStep(ctx, End, Begin, -2) }, "bdf"},
		"backwards":  {func(s *Segments[string]) error { return s.DeleteStep(ctx, End, 2, -1) }, "abc"},
		"DeleteAt":   {func(s *Segments[string]) error { return s.DeleteAt(ctx, -1, -6) }, "acdef"},
		"Clear":      {func(s *Segments[string]) error { return s.Clear(ctx) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := newStore(t)
			s := newSegments(t, c, "abcdef")
			between := true
			c.Intercept(func(_ context.Context, cmd Cmd) error {
				if cmd[0] == "ZN.LSWAP" && between {
					between = false
					require.NoError(t, NewSegments[string](c, "s").Append(ctx, "+"))
				}
				return nil
			})
			require.NoError(t, each.do(s))
			got, err := s.Slice(ctx, Begin, End)
			require.NoError(t, err)
			require.Equal(t, each.want, strings.Join(got, ""))
		})
	}
}

// Where pieces are alike, a change can look as if it were one of an earlier piece;
// those that it was worked out from have to be there all the same.
func TestSegments_piecesThatAreAlike(t *testing.T) {
	c, ctx := newStore(t), t.Context()
	require.NoError(t, NewList[int](c, "l").Append(ctx, 0, 1, 2, 3, 4))
	s := NewSegments[int](c, "s")
	_, err := c.RPush(ctx, s.Key(), `[0, 5, "znsocket.List:l"]`, `[0, 3, "znsocket.List:l"]`)
	require.NoError(t, err)
	between := true
	c.Intercept(func(_ context.Context, cmd Cmd) error {
		if cmd[0] == "ZN.LSWAP" && between {
			between = false
			require.NoError(t, NewSegments[int](c, "s").Set(ctx, 6, 7))
		}
		return nil
	})
	require.NoError(t, s.Delete(ctx, 3, 8))
	got, err := s.Slice(ctx, Begin, End)
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 2}, got)
}

// What others do behind the elements that a change looked at does not touch it.
func TestSegments_othersBehind(t *testing.T) {
	c, ctx := newStore(t), t.Context()
	s := newSegments(t, c, "abcdef")
	other := NewSegments[string](c, "s")
	require.NoError(t, s.Insert(ctx, 3, "-"))
	swaps := 0
	c.Intercept(func(_ context.Context, cmd Cmd) error {
		if cmd[0] == "ZN.LSWAP" {
			if swaps++; swaps%2 == 1 && swaps < 8 {
				require.NoError(t, other.Append(ctx, "+"))
			}
		}
		return nil
	})
	require.NoError(t, s.Set(ctx, 1, "B"))
	require.NoError(t, s.Insert(ctx, 2, "C"))
	require.NoError(t, s.Delete(ctx, 0, 1))
	_, err := s.Pop(ctx, 3)
	require.NoError(t, err)
	require.Equal(t, 8, swaps, "each change and each Append was made at once")
	got, err := s.Slice(ctx, Begin, End)
	require.NoError(t, err)
	require.Equal(t, "BCcdef++++", strings.Join(got, ""))
}

// A Set in place tells where the element is by then.
func TestSegments_Set_inPlaceWhileOthersInsert(t *testing.T) {
	c, ctx := newStore(t), t.Context()
	newSegments(t, c, "abc")
	var told []Change
	s := NewSegments[string](c, "s", WithCallback(func(c Change) { told = append(told, c) }))
	other := NewSegments[string](c, "s")
	require.NoError(t, s.Set(ctx, 1, "x"))
	var interfere func() error
	c.Intercept(func(_ context.Context, cmd Cmd) error {
		if cmd[0] != "LSET" {
			return nil
		}
		return interfere()
	})
	interfere = func() error { return other.Insert(ctx, 0, "1", "2") }
	require.NoError(t, s.Set(ctx, 1, "y"))
	interfere = func() error { return other.Delete(ctx, 3, 4) }
	require.NoError(t, s.Set(ctx, 3, "z"))
	require.Equal(t, []Change{
		{Op: "set", Indices: []int{1}, Values: []any{"x"}},
		{Op: "set", Indices: []int{3}, Values: []any{"y"}},
		{Op: "set", Indices: []int{3}, Values: []any{"z"}},
	}, told)
	got, err := s.Slice(ctx, Begin, End)
	require.NoError(t, err)
	require.Equal(t, "12ac", strings.Join(got, ""))
}

func TestSegments_concurrently(t *testing.T) {
	overAtomic(t, func(t *testing.T, c Commander) {
		l := NewList[int](c, "l")
		require.NoError(t, l.Append(t.Context(), indices(-10, 10, 1)...))
		_, err := l.Segments(t.Context(), "s")
		require.NoError(t, err)
		editConcurrently(t, 10, 6, 15, func(opts ...Option) editor { return NewSegments[int](c, "s", opts...) })
	})
}

func TestSegments_appendConcurrently(t *testing.T) {
	overAtomic(t, func(t *testing.T, c Commander) {
		appendConcurrently(t, 6, 15, func(opts ...Option) editor { return NewSegments[int](c, "s", opts...) })
	})
}
