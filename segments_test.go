package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// newSegments makes segments of a list of the letters of text.
func newSegments(t *testing.T, c Commander, text string, opts ...Option) *Segments[string] {
	t.Helper()
	l := NewList[string](c, "origin", opts...)
	if text != "" {
		require.NoError(t, l.Append(t.Context(), strings.Split(text, "")...))
	}
	s, err := l.Segments(t.Context(), "s")
	require.NoError(t, err)
	return s
}

func TestSegments_isPythonsSequence(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		s := newSegments(t, c, "abcd")
		requireElements := func(want string) {
			t.Helper()
			got, err := s.Slice(ctx, Begin, End)
			require.NoError(t, err)
			require.Equal(t, want, strings.Join(got, ""))
			n, err := s.Len(ctx)
			require.NoError(t, err)
			require.Equal(t, len(want), n)
		}
		requireElements("abcd")
		for i, want := range map[int]string{0: "a", 3: "d", -1: "d", -4: "a"} {
			got, err := s.At(ctx, i)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		for _, i := range []int{4, -5, Begin, End} {
			_, err := s.At(ctx, i)
			require.ErrorIs(t, err, ErrOutOfRange)
			require.ErrorIs(t, s.Set(ctx, i, "x"), ErrOutOfRange)
			_, err = s.Pop(ctx, i)
			require.ErrorIs(t, err, ErrOutOfRange)
			require.ErrorIs(t, s.DeleteAt(ctx, 0, i), ErrOutOfRange)
		}
		n, err := NewList[string](c, "s").Len(ctx)
		require.NoError(t, err)
		require.Zero(t, n, "what is refused stores nothing")

		require.NoError(t, s.Append(ctx))
		require.NoError(t, s.Append(ctx, "e"))
		require.NoError(t, s.Append(ctx, "f", "g"))
		require.NoError(t, s.Set(ctx, 1, "B"))
		require.NoError(t, s.Set(ctx, -1, "G"))
		requireElements("aBcdefG")

		require.NoError(t, s.Insert(ctx, 0, "1", "2"))
		require.NoError(t, s.Insert(ctx, -1, "3"))
		require.NoError(t, s.Insert(ctx, 100, "4"))
		require.NoError(t, s.Insert(ctx, -100, "5"))
		require.NoError(t, s.Insert(ctx, 5, "6", "7"))
		require.NoError(t, s.Insert(ctx, 2))
		requireElements("512aB67cdef3G4")

		for _, c := range []struct {
			i    int
			want string
		}{{-1, "4"}, {0, "5"}, {3, "B"}, {-2, "3"}} {
			got, err := s.Pop(ctx, c.i)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		}
		requireElements("12a67cdefG")

		require.NoError(t, s.Delete(ctx, 1, 4))
		require.NoError(t, s.Delete(ctx, 3, 3))
		requireElements("17cdefG")
		require.NoError(t, s.DeleteStep(ctx, End, Begin, -2))
		requireElements("7df")
		require.NoError(t, s.DeleteAt(ctx))
		require.NoError(t, s.DeleteAt(ctx, -1, 0, 2))
		requireElements("d")
		require.EqualError(t, s.DeleteStep(ctx, 0, 1, 0), "ValueError: slice step cannot be zero")

		require.NoError(t, s.Clear(ctx))
		requireElements("")
		require.NoError(t, s.Clear(ctx))
		_, err = s.Pop(ctx, 0)
		require.ErrorIs(t, err, ErrOutOfRange)
		require.NoError(t, s.Insert(ctx, -3, "a", "b"))
		requireElements("ab")

		origin, err := NewList[string](c, "origin").Slice(ctx, Begin, End)
		require.NoError(t, err)
		require.Equal(t, "abcd", strings.Join(origin, ""), "the list itself never changes")
	})
}

// Python's "abcdefgh"[start:stop:step], from pieces of several lists.
func TestSegments_slicesAsPython(t *testing.T) {
	const all = "abcdefgh"
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		s := newSegments(t, c, "a-c-e-h")
		require.NoError(t, s.Set(ctx, 3, "d"))
		require.NoError(t, s.Set(ctx, 1, "b"))
		require.NoError(t, s.Delete(ctx, 5, 6))
		require.NoError(t, s.Insert(ctx, 5, "f", "g"))
		bounds := []int{Begin, -9, -8, -3, -1, 0, 1, 5, 8, End}
		for _, i := range bounds {
			for _, j := range bounds {
				for _, step := range []int{1, 2, 3, 100, End, -1, -2, Begin} {
					want := ""
					for _, at := range pythonPlaces(len(all), i, j, step) {
						want += all[at : at+1]
					}
					got, err := s.SliceStep(ctx, i, j, step)
					require.NoError(t, err)
					require.Equal(t, want, strings.Join(got, ""), "[%d:%d:%d]", i, j, step)
				}
			}
		}
		_, err := s.SliceStep(ctx, 0, 1, 0)
		require.EqualError(t, err, "ValueError: slice step cannot be zero")
	})
}

func TestList_Segments(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		l := NewList[string](c, "ü\"😀", WithCallback(func(Change) {}))
		require.NoError(t, l.Append(ctx, "a", "b"))
		s, err := l.Segments(ctx, "s")
		require.NoError(t, err)
		require.Equal(t, "znsocket.Segments:s", s.Key())
		require.Nil(t, s.callback)
		stored, err := NewCommands(c).LRange(ctx, s.Key(), 0, -1)
		require.NoError(t, err)
		// What Python's json.dumps((0, 2, "znsocket.List:ü\"😀")) writes.
		require.Equal(t, []string{`[0, 2, "znsocket.List:\u00fc\"\ud83d\ude00"]`}, stored)
		same, err := s.EqualSlice(ctx, []string{"a", "b"})
		require.NoError(t, err)
		require.True(t, same)

		_, err = l.Segments(ctx, "s")
		require.ErrorIs(t, err, ErrExists)
		require.ErrorContains(t, err, "znsocket.Segments:s")
		_, err = l.Segments(ctx, "ü\"😀")
		require.EqualError(t, err, "ValueError: Can not keep the segments of a list under its own name")

		empty, err := NewList[string](c, "empty").Segments(ctx, "of nothing")
		require.NoError(t, err)
		n, err := empty.Len(ctx)
		require.NoError(t, err)
		require.Zero(t, n)
		_, err = l.Segments(ctx, "of nothing")
		require.ErrorIs(t, err, ErrExists)
		require.NoError(t, empty.Append(ctx, "x"))
		last, err := NewSegments[string](c, "of nothing").At(ctx, -1)
		require.NoError(t, err)
		require.Equal(t, "x", last)
	})
}

func TestSegments_wrongType(t *testing.T) {
	for _, each := range commanders {
		if !each.Redis {
			continue
		}
		t.Run(each.Name, func(t *testing.T) {
			c, ctx := each.Open(t), t.Context()
			cmds := NewCommands(c)
			require.NoError(t, cmds.Set(ctx, "znsocket.Segments:s", "text"))
			s := NewSegments[string](c, "s")
			drop := func(_ any, err error) error { return err }
			for i, err := range []error{
				drop(s.Len(ctx)), drop(s.At(ctx, 0)), drop(s.Slice(ctx, 0, 1)), drop(s.Pieces(ctx)), drop(s.Index(ctx, "a")), drop(s.Equal(ctx, s)),
				drop(s.Pop(ctx, 0)), s.Set(ctx, 0, "a"), s.Append(ctx, "a"), s.Insert(ctx, 0, "a"), s.Delete(ctx, 0, 1), s.DeleteAt(ctx, 0),
				s.Clear(ctx), drop(NewList[string](c, "l").Segments(ctx, "s")),
			} {
				require.ErrorIs(t, err, ErrWrongType, "call %d", i)
			}
			text, err := cmds.Get(ctx, "znsocket.Segments:s")
			require.NoError(t, err)
			require.Equal(t, "text", text)

			s = newSegments(t, openStore(t), "abc")
			_, err = s.commands().Del(ctx, "znsocket.List:origin")
			require.NoError(t, err)
			require.NoError(t, s.commands().Set(ctx, "znsocket.List:origin", "text"))
			_, err = s.At(ctx, 0)
			require.ErrorIs(t, err, ErrWrongType)
		})
	}
}

func TestSegments_equality(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l := NewList[any](s, "l")
	d := NewDict[any](s, "d")
	require.NoError(t, l.Append(ctx, 1, 2.0, "c", d))
	a, err := l.Segments(ctx, "a")
	require.NoError(t, err)
	b, err := l.Segments(ctx, "b")
	require.NoError(t, err)
	equalTo := func(want bool) {
		t.Helper()
		same, err := a.Equal(ctx, b)
		require.NoError(t, err)
		require.Equal(t, want, same)
	}
	equalTo(true)
	require.NoError(t, b.Set(ctx, 1, 2))
	equalTo(true)
	require.NoError(t, b.Set(ctx, 1, 3))
	equalTo(false)
	for v, want := range map[any]int{1.0: 0, 2: 1, "c": 2, d: 3, "d": -1} {
		at, err := a.Index(ctx, v)
		has, hasErr := a.Contains(ctx, v)
		require.NoError(t, hasErr)
		require.Equal(t, want >= 0, has)
		if want < 0 {
			require.ErrorIs(t, err, ErrOutOfRange)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, want, at)
	}
	same, err := a.EqualSlice(ctx, []any{1, 2, "c"})
	require.NoError(t, err)
	require.False(t, same)
}

func TestSegments_nest(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	seg := newSegments(t, s, "abc")
	outer := NewDict[*Segments[string]](s, "outer")
	require.NoError(t, outer.Set(ctx, "s", seg))
	stored, err := s.HGet(ctx, "znsocket.Dict:outer", "s")
	require.NoError(t, err)
	require.Equal(t, `"znsocket.Segments:s"`, stored)
	inner, err := outer.Get(ctx, "s")
	require.NoError(t, err)
	require.NoError(t, inner.Append(ctx, "d"))
	last, err := seg.Pop(ctx, -1)
	require.NoError(t, err)
	require.Equal(t, "d", last)

	self := NewSegments[any](s, "s")
	for _, err := range []error{self.Append(ctx, self), self.Set(ctx, 0, self), self.Insert(ctx, 0, 1, *self)} {
		require.EqualError(t, err, "ValueError: Can not set circular reference to self")
	}
	for _, v := range []any{make(chan int), func() {}} {
		require.Error(t, self.Append(ctx, 1, v))
		require.Error(t, self.Set(ctx, 0, v))
		require.Error(t, self.Insert(ctx, 0, v))
	}

	var read struct{ A Segments[string] }
	for _, text := range []string{`5`, `"x"`, `"znsocket.List:x"`, `null`} {
		require.Error(t, json.Unmarshal([]byte(`{"A":`+text+`}`), &read), text)
	}
	require.NoError(t, json.Unmarshal([]byte(`{"A":"znsocket.Segments:s"}`), &read))
	_, err = read.A.Len(ctx)
	require.ErrorIs(t, err, errUnbound)
	require.ErrorIs(t, read.A.Append(ctx, "x"), errUnbound)
	require.ErrorIs(t, new(Segments[int]).Clear(ctx), errUnbound)
	Bind(s, &read)
	n, err := read.A.Len(ctx)
	require.NoError(t, err)
	require.Equal(t, 3, n)
}

func TestSegments_decodeError(t *testing.T) {
	c, ctx := newStore(t), t.Context()
	newSegments(t, c, "abc")
	s := NewSegments[int](c, "s")
	for _, i := range []int{1, -2} {
		_, err := s.At(ctx, i)
		var wrong *DecodeError
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, &DecodeError{Key: "znsocket.Segments:s", Index: i, Raw: `"b"`, Err: wrong.Err}, wrong)
	}
	_, err := s.SliceStep(ctx, End, 1, -1)
	require.ErrorContains(t, err, `znsocket: znsocket.Segments:s[2] holds "c"`)
	for _, err := range s.All(ctx) {
		require.ErrorContains(t, err, `znsocket: znsocket.Segments:s[0] holds "a"`)
	}
	_, err = s.Pop(ctx, -2)
	require.ErrorContains(t, err, `znsocket: znsocket.Segments:s[1] holds "b"`)
	n, err := s.Len(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, n, "it was removed all the same")
}

func TestSegments_failures(t *testing.T) {
	ctx := t.Context()
	boom := errors.New("boom")
	drop := func(_ any, err error) error { return err }
	// Each command in turn fails, after those before have done their work.
	calls := []func(l *List[string], s *Segments[string]) error{
		func(_ *List[string], s *Segments[string]) error { return drop(s.Len(ctx)) },
		func(_ *List[string], s *Segments[string]) error { return drop(s.At(ctx, 1)) },
		func(_ *List[string], s *Segments[string]) error { return drop(s.Slice(ctx, 1, 2)) },
		func(_ *List[string], s *Segments[string]) error { return drop(s.Equal(ctx, s)) },
		func(_ *List[string], s *Segments[string]) error { return drop(s.Contains(ctx, "x")) },
		func(_ *List[string], s *Segments[string]) error { return s.Append(ctx, "x") },
		func(_ *List[string], s *Segments[string]) error { return s.Insert(ctx, 1, "x") },
		func(_ *List[string], s *Segments[string]) error { return s.Set(ctx, 1, "x") },
		func(_ *List[string], s *Segments[string]) error { return s.Set(ctx, -1, "x") }, // in place
		func(_ *List[string], s *Segments[string]) error { return drop(s.Pop(ctx, 1)) },
		func(_ *List[string], s *Segments[string]) error { return s.Delete(ctx, 1, 2) },
		func(_ *List[string], s *Segments[string]) error { return s.DeleteAt(ctx, 1) },
		func(_ *List[string], s *Segments[string]) error { return s.Clear(ctx) },
		func(l *List[string], _ *Segments[string]) error { return drop(l.Segments(ctx, "t")) },
	}
	for i, call := range calls {
		for fail := 1; ; fail++ {
			c := newStore(t)
			s := newSegments(t, c, "abc")
			require.NoError(t, s.Append(ctx, "d"))
			commands := 0
			c.Intercept(func(context.Context, Cmd) error {
				if commands++; commands == fail {
					return boom
				}
				return nil
			})
			err := call(NewList[string](c, "origin"), s)
			if commands < fail {
				require.NoError(t, err)
				require.Greater(t, fail, 1)
				break
			}
			require.ErrorIs(t, err, boom, "call %d, command %d", i, fail)
		}
	}

	// A server that answers nonsense.
	for _, nonsense := range []any{"text", []any{"x", 1}, map[string]any{}, struct{}{}, 1.5} {
		c := CommanderFunc(func(context.Context, ...any) (any, error) { return nonsense, nil })
		s := NewSegments[int](c, "s")
		for i, err := range []error{
			s.Append(ctx, 1), s.Insert(ctx, 1, 1), s.Set(ctx, -1, 1), s.Delete(ctx, 0, 1), drop(s.Pop(ctx, 1)), drop(s.Len(ctx)), drop(s.Slice(ctx, 0, 9)),
		} {
			require.Error(t, err, "call %d, %v", i, nonsense)
		}
	}
	c := CommanderFunc(func(context.Context, ...any) (any, error) { return int64(1), nil })
	require.ErrorContains(t, NewSegments[int](c, "s").Append(ctx, 1, 2), "has 1 elements after 2 were appended")
}

func TestSegments_areReferences(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		l := NewList[int](c, "origin")
		require.NoError(t, l.Append(ctx, 1, 2, 3))
		s, err := l.Segments(ctx, "{origin}edited")
		require.NoError(t, err)
		require.NoError(t, s.Set(ctx, 1, 20))
		d := NewDict[any](c, "d")
		require.NoError(t, d.Set(ctx, "edited", s))
		v, err := d.Get(ctx, "edited")
		require.NoError(t, err)
		got, err := v.(*Segments[any]).Slice(ctx, Begin, End)
		require.NoError(t, err)
		require.Equal(t, []any{int64(1), int64(20), int64(3)}, got)
	})
}
