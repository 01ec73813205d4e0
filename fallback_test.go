package znsocket

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	standInList = []any{"a", int64(2), "a", nil, []any{int64(5)}, "f"}
	standInDict = map[string]any{"a": "x", "b": int64(2), "c": nil}
)

// overFallbacks runs a test with a List and a Dict that are called "fallback" and
// hold what is above, stored or as those of adapters. opts are for every object.
func overFallbacks(t *testing.T, test func(t *testing.T, c Commander, opts []Option)) {
	overCommanders(t, func(t *testing.T, c Commander) {
		require.NoError(t, NewList[any](c, "fallback").Append(t.Context(), standInList...))
		require.NoError(t, NewDict[any](c, "fallback").Update(t.Context(), standInDict))
		test(t, c, nil)
	})
	for _, each := range commanders {
		t.Run(each.Name+", from an adapter", func(t *testing.T) {
			c := each.Open(t)
			var opts []Option
			host, ok := c.(Host)
			if !ok {
				host = newStore(t)
				opts = []Option{WithNotifier(host)}
			}
			listAdapter(t, host, "fallback", SliceOf(&standInList, nil))
			dictAdapter(t, host, "fallback", MapOf(standInDict, nil))
			test(t, c, opts)
		})
	}
}

// result is what a call gave, to be compared.
func result(v any, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	return fmt.Sprint(v)
}

// listReads are the results of everything that reads a list.
func listReads(ctx context.Context, l *List[any]) map[string]string {
	got := map[string]string{"Len": result(l.Len(ctx)), "Summary": result(l.Summary(ctx)), "Dump": result(l.Dump(ctx))}
	for i := -7; i < 8; i++ {
		got[fmt.Sprint("At ", i)] = result(l.At(ctx, i))
		for _, step := range []int{-2, -1, 1, 3} {
			got[fmt.Sprint("SliceStep ", i, step)] = result(l.SliceStep(ctx, i, End, step))
			got[fmt.Sprint("SliceStep to ", i, step)] = result(l.SliceStep(ctx, Begin, i, step))
		}
	}
	for v, err := range l.All(ctx) {
		got["All"] += result(v, err) + " "
	}
	got["Index"] = result(l.Index(ctx, "f"))
	got["Contains"] = result(l.Contains(ctx, "nothing"))
	got["EqualSlice"] = result(l.EqualSlice(ctx, standInList))
	got["Equal"] = result(l.Equal(ctx, l))
	return got
}

func dictReads(ctx context.Context, d *Dict[any]) map[string]string {
	got := map[string]string{"Len": result(d.Len(ctx)), "Map": result(d.Map(ctx))}
	for _, field := range []string{"a", "b", "c", "d", ""} {
		got["Get "+field] = result(d.Get(ctx, field))
		got["Has "+field] = result(d.Has(ctx, field))
	}
	keys, err := d.Keys(ctx)
	got["Keys"] = result(len(keys), err)
	got["Items"] = result(d.Len(ctx))
	got["EqualMap"] = result(d.EqualMap(ctx, standInDict))
	got["Equal"] = result(d.Equal(ctx, d))
	return got
}

// While it is empty a frozen object reads as its fallback does, and nothing is
// written for it.
func TestWithFallback_frozenReads(t *testing.T) {
	overFallbacks(t, func(t *testing.T, c Commander, opts []Option) {
		ctx := t.Context()
		frozen := append(opts, WithFallback("fallback", FallbackFrozen))
		require.Equal(t, listReads(ctx, NewList[any](c, "fallback", opts...)), listReads(ctx, NewList[any](c, "l", frozen...)))
		require.Equal(t, dictReads(ctx, NewDict[any](c, "fallback", opts...)), dictReads(ctx, NewDict[any](c, "d", frozen...)))

		missing := append(opts, WithFallback("missing", FallbackFrozen))
		require.Equal(t, listReads(ctx, NewList[any](c, "empty", opts...)), listReads(ctx, NewList[any](c, "l", missing...)))
		require.Equal(t, dictReads(ctx, NewDict[any](c, "empty", opts...)), dictReads(ctx, NewDict[any](c, "d", missing...)))
		for _, key := range []string{"znsocket.List:l", "znsocket.Dict:d", "znsocket.List:missing", "znsocket.Dict:missing"} {
			n, err := NewCommands(c).Exists(ctx, key)
			require.NoError(t, err)
			require.Zero(t, n, key)
		}

		// One element of its own, and the fallback is not seen any more.
		require.NoError(t, NewList[any](c, "l", opts...).Append(ctx, "own"))
		require.NoError(t, NewDict[any](c, "d", opts...).Set(ctx, "own", 1))
		require.Equal(t, listReads(ctx, NewList[any](c, "l", opts...)), listReads(ctx, NewList[any](c, "l", frozen...)))
		require.Equal(t, dictReads(ctx, NewDict[any](c, "d", opts...)), dictReads(ctx, NewDict[any](c, "d", frozen...)))
	})
}

// Everything that changes an object does to a fallback's copy what it does to a
// list or dict that has been filled with the same, and tells the same.
func TestWithFallback_changesACopy(t *testing.T) {
	lists := map[string]func(context.Context, *List[any]) (any, error){
		"Append":      func(ctx context.Context, l *List[any]) (any, error) { return nil, l.Append(ctx, "x") },
		"Append more": func(ctx context.Context, l *List[any]) (any, error) { return nil, l.Append(ctx, "x", "y") },
		"Set":         func(ctx context.Context, l *List[any]) (any, error) { return nil, l.Set(ctx, 1, "x") },
		"Set last":    func(ctx context.Context, l *List[any]) (any, error) { return nil, l.Set(ctx, -1, "x") },
		"Set nothing": func(ctx context.Context, l *List[any]) (any, error) { return nil, l.Set(ctx, 99, "x") },
		"SetSlice":    func(ctx context.Context, l *List[any]) (any, error) { return nil, l.SetSlice(ctx, 1, 3, "x") },
		"SetSliceStep": func(ctx context.Context, l *List[any]) (any, error) {
			return nil, l.SetSliceStep(ctx, End, 3, -1, "x", "y")
		},
		"Insert first": func(ctx context.Context, l *List[any]) (any, error) { return nil, l.Insert(ctx, 0, "x") },
		"Insert":       func(ctx context.Context, l *List[any]) (any, error) { return nil, l.Insert(ctx, -2, "x", "y") },
		"Pop first":    func(ctx context.Context, l *List[any]) (any, error) { return l.Pop(ctx, 0) },
		"Pop last":     func(ctx context.Context, l *List[any]) (any, error) { return l.Pop(ctx, -1) },
		"Delete":       func(ctx context.Context, l *List[any]) (any, error) { return nil, l.Delete(ctx, 1, 3) },
		"DeleteStep":   func(ctx context.Context, l *List[any]) (any, error) { return nil, l.DeleteStep(ctx, Begin, End, 2) },
		"DeleteAt":     func(ctx context.Context, l *List[any]) (any, error) { return nil, l.DeleteAt(ctx, 0, -1) },
	}
	dicts := map[string]func(context.Context, *Dict[any]) (any, error){
		"Set": func(ctx context.Context, d *Dict[any]) (any, error) { return nil, d.Set(ctx, "x", 1) },
		"Update": func(ctx context.Context, d *Dict[any]) (any, error) {
			return nil, d.Update(ctx, map[string]any{"a": 1, "x": 2})
		},
		"Pop":         func(ctx context.Context, d *Dict[any]) (any, error) { return d.Pop(ctx, "b") },
		"Pop nothing": func(ctx context.Context, d *Dict[any]) (any, error) { return d.Pop(ctx, "x") },
		"Delete":      func(ctx context.Context, d *Dict[any]) (any, error) { return d.Delete(ctx, "a") },
		"Delete more": func(ctx context.Context, d *Dict[any]) (any, error) { return d.Delete(ctx, "a", "x", "b") },
	}
	overFallbacks(t, func(t *testing.T, c Commander, opts []Option) {
		for _, policy := range []FallbackPolicy{FallbackFrozen, FallbackCopy} {
			ctx := t.Context()
			var changes []Change
			watched := append(opts, WithCallback(func(c Change) { changes = append(changes, c) }))
			told := func() (all []Change) {
				all, changes = changes, nil
				return all
			}
			for name, change := range lists {
				key := fmt.Sprint(policy, name)
				plain := NewList[any](c, "plain"+key, watched...)
				l := NewList[any](c, key, append(watched, WithFallback("fallback", policy))...)
				require.NoError(t, plain.Append(ctx, standInList...))
				told()
				want, wantTold := result(change(ctx, plain)), told()
				require.Equal(t, want, result(change(ctx, l)), key)
				require.Equal(t, wantTold, told(), key)
				require.Equal(t, result(plain.Dump(ctx)), result(NewList[any](c, key).Dump(ctx)), key)
			}
			for name, change := range dicts {
				key := fmt.Sprint(policy, name)
				plain := NewDict[any](c, "plain"+key, watched...)
				d := NewDict[any](c, key, append(watched, WithFallback("fallback", policy))...)
				require.NoError(t, plain.Update(ctx, standInDict))
				told()
				want, wantTold := result(change(ctx, plain)), told()
				require.Equal(t, want, result(change(ctx, d)), key)
				require.Equal(t, wantTold, told(), key)
				require.Equal(t, result(plain.Map(ctx)), result(NewDict[any](c, key).Map(ctx)), key)
			}
		}

		same, err := NewList[any](c, "fallback", opts...).EqualSlice(t.Context(), standInList)
		require.NoError(t, err)
		require.True(t, same)
		same, err = NewDict[any](c, "fallback", opts...).EqualMap(t.Context(), standInDict)
		require.NoError(t, err)
		require.True(t, same)
		if store, ok := c.(*Store); ok {
			keys, err := store.Keys(t.Context(), "*znsocket.token*")
			require.NoError(t, err)
			require.Empty(t, keys, "what was written aside")
		}
	})
}

// What is cleared is what is stored: then a frozen object reads its fallback, again
// or still.
func TestWithFallback_Clear(t *testing.T) {
	overFallbacks(t, func(t *testing.T, c Commander, opts []Option) {
		ctx := t.Context()
		var changes []Change
		frozen := append(opts, WithFallback("fallback", FallbackFrozen), WithCallback(func(c Change) { changes = append(changes, c) }))
		l, d := NewList[any](c, "l", frozen...), NewDict[any](c, "d", frozen...)
		require.NoError(t, l.Clear(ctx))
		require.NoError(t, d.Clear(ctx))
		require.Empty(t, changes)
		same, err := l.EqualSlice(ctx, standInList)
		require.NoError(t, err)
		require.True(t, same)

		require.NoError(t, l.Append(ctx, "x"))
		require.NoError(t, d.Set(ctx, "x", 1))
		changes = nil
		require.NoError(t, l.Clear(ctx))
		require.NoError(t, d.Clear(ctx))
		require.Len(t, changes, 2)
		require.Equal(t, Change{Op: "delete", Indices: indices(0, len(standInList)+1, 1)}, changes[0])
		require.ElementsMatch(t, []string{"a", "b", "c", "x"}, changes[1].Keys)
		there, err := NewCommands(c).Exists(ctx, l.Key())
		require.NoError(t, err)
		n, err := l.Len(ctx)
		require.NoError(t, err)
		if there > 0 { // a Python server keeps a list that is empty
			require.Zero(t, n)
		} else {
			require.Equal(t, len(standInList), n)
		}
		same, err = d.EqualMap(ctx, standInDict)
		require.NoError(t, err)
		require.True(t, same)
	})
}

// A copy is made once, is the object's own, and never replaces anything.
func TestWithFallback_copiesOnce(t *testing.T) {
	overFallbacks(t, func(t *testing.T, c Commander, opts []Option) {
		ctx := t.Context()
		copying := append(opts, WithFallback("fallback", FallbackCopy))
		l, d := NewList[any](c, "l", copying...), NewDict[any](c, "d", copying...)
		n, err := NewCommands(c).Exists(ctx, l.Key())
		require.NoError(t, err)
		require.Zero(t, n, "an option does nothing by itself")
		require.Equal(t, listReads(ctx, NewList[any](c, "fallback", opts...)), listReads(ctx, l))
		require.Equal(t, dictReads(ctx, NewDict[any](c, "fallback", opts...)), dictReads(ctx, d))
		require.NoError(t, l.Clear(ctx))
		require.NoError(t, d.Clear(ctx))
		for _, len := range []func(context.Context) (int, error){l.Len, d.Len} {
			n, err := len(ctx)
			require.NoError(t, err)
			require.Zero(t, n)
		}

		require.NoError(t, NewList[any](c, "there").Append(ctx, "own"))
		require.NoError(t, NewDict[any](c, "there").Set(ctx, "own", 1))
		values, err := NewList[any](c, "there", copying...).Slice(ctx, Begin, End)
		require.NoError(t, err)
		require.Equal(t, []any{"own"}, values)
		m, err := NewDict[any](c, "there", copying...).Map(ctx)
		require.NoError(t, err)
		require.Equal(t, map[string]any{"own": int64(1)}, m)

		cleared := NewList[any](c, "cleared", copying...)
		require.NoError(t, cleared.Clear(ctx))
		count, err := cleared.Len(ctx)
		require.NoError(t, err)
		require.Zero(t, count, "that was a use, too")

		// Also where there was nothing to copy at first.
		late := NewList[any](c, "late", WithFallback("later", FallbackCopy))
		count, err = late.Len(ctx)
		require.NoError(t, err)
		require.Zero(t, count)
		require.NoError(t, NewList[any](c, "later").Append(ctx, 1))
		count, err = late.Len(ctx)
		require.NoError(t, err)
		require.Zero(t, count)
	})
}

// Several that use a fallback for the first time at once make one copy.
func TestWithFallback_concurrently(t *testing.T) {
	overFallbacks(t, func(t *testing.T, c Commander, opts []Option) {
		const workers = 8
		ctx := t.Context()
		for _, policy := range []FallbackPolicy{FallbackFrozen, FallbackCopy} {
			key := string(policy)
			var all sync.WaitGroup
			for w := range workers {
				all.Go(func() {
					with := append(opts[:len(opts):len(opts)], WithFallback("fallback", policy))
					assert.NoError(t, NewList[any](c, key, with...).Append(ctx, fmt.Sprint("worker ", w)))
					_, err := NewDict[any](c, key, with...).Pop(ctx, "a")
					if err != nil {
						assert.ErrorIs(t, err, ErrNil)
					}
					assert.NoError(t, NewDict[any](c, key, with...).Set(ctx, fmt.Sprint("worker ", w), w))
				})
			}
			all.Wait()
			values, err := NewList[any](c, key).Slice(ctx, Begin, End)
			require.NoError(t, err)
			require.Equal(t, standInList, values[:len(standInList)])
			require.Len(t, values, len(standInList)+workers)
			m, err := NewDict[any](c, key).Map(ctx)
			require.NoError(t, err)
			require.Len(t, m, len(standInDict)-1+workers, "%v", m)
		}
	})
}

// tripwire counts the round trips to a Store and can hold up copies.
type tripwire struct {
	s     *Store
	trips atomic.Int32
	copy  func()
}

func (c *tripwire) Do(ctx context.Context, args ...any) (any, error) {
	c.trips.Add(1)
	if args[0] == "COPY" && c.copy != nil {
		c.copy()
	}
	return c.s.Do(ctx, args...)
}

func (c *tripwire) DoMulti(ctx context.Context, cmds ...Cmd) ([]Reply, error) {
	c.trips.Add(1)
	return c.s.DoMulti(ctx, cmds...)
}

func TestWithFallback_roundTrips(t *testing.T) {
	ctx := t.Context()
	c := &tripwire{s: newStore(t)}
	require.NoError(t, NewList[int](c, "fallback").Append(ctx, 1, 2))
	trips := func(call func() error) int {
		before := c.trips.Load()
		require.NoError(t, call())
		return int(c.trips.Load() - before)
	}
	plain, frozen := NewList[int](c, "plain"), NewList[int](c, "frozen", WithFallback("fallback", FallbackFrozen))
	copied := NewList[int](c, "copied", WithFallback("fallback", FallbackCopy))
	drop := func(_ any, err error) error { return err }
	for _, step := range []struct {
		name string
		call func() error
		want int
	}{
		{"plain, write", func() error { return plain.Append(ctx, 1) }, 1},
		{"plain, read", func() error { return drop(plain.At(ctx, 0)) }, 1},
		{"frozen, read of the fallback", func() error { return drop(frozen.At(ctx, 0)) }, 2},
		{"frozen, clear nothing", func() error { return frozen.Clear(ctx) }, 1},
		{"frozen, first write", func() error { return frozen.Append(ctx, 3) }, 3},
		{"frozen, read of its own", func() error { return drop(frozen.Slice(ctx, Begin, End)) }, 1},
		{"frozen, write", func() error { return frozen.Append(ctx, 3) }, 2},
		{"copied, first use", func() error { return drop(copied.Len(ctx)) }, 3},
		{"copied, read", func() error { return drop(copied.Len(ctx)) }, 1},
		{"copied, write", func() error { return copied.Append(ctx, 3) }, 1},
	} {
		require.Equal(t, step.want, trips(step.call), step.name)
	}
}

// Who uses an object while its copy is made waits for that, no longer than its
// context; and the copy is made once.
func TestWithFallback_waitsForTheCopy(t *testing.T) {
	ctx := t.Context()
	s := newStore(t)
	copying, goOn := make(chan struct{}, 10), make(chan struct{})
	c := &tripwire{s: s, copy: func() { copying <- struct{}{}; <-goOn }}
	require.NoError(t, NewList[int](s, "fallback").Append(ctx, 1, 2))
	l := NewList[int](c, "l", WithFallback("fallback", FallbackCopy))

	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { assert.NoError(t, l.Append(ctx, 3)) })
	}
	<-copying
	impatient, cancel := context.WithCancel(ctx)
	cancel()
	_, err := l.Len(impatient)
	require.ErrorIs(t, err, context.Canceled)
	n, err := NewList[int](s, "l").Len(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
	close(goOn)
	all.Wait()
	require.Empty(t, copying)
	n, err = l.Len(ctx)
	require.NoError(t, err)
	require.Equal(t, 6, n)
}

// A copy that fails fails the call, and the next one tries again.
func TestWithFallback_failures(t *testing.T) {
	for _, policy := range []FallbackPolicy{FallbackCopy, FallbackFrozen} {
		for _, command := range []string{"EXISTS", "COPY"} {
			s, ctx := newStore(t), t.Context()
			require.NoError(t, NewList[int](s, "fallback").Append(ctx, 1, 2))
			boom := errors.New("boom")
			s.Intercept(func(_ context.Context, cmd Cmd) error {
				if cmd[0] == command {
					return boom
				}
				return nil
			})
			l := NewList[int](s, "l", WithFallback("fallback", policy))
			require.ErrorIs(t, l.Append(ctx, 3), boom)
			if command == "EXISTS" {
				_, err := l.Len(ctx)
				require.ErrorIs(t, err, boom)
			}
			s.Intercept(nil)
			require.NoError(t, l.Append(ctx, 3))
			same, err := NewList[int](s, "l").EqualSlice(ctx, []int{1, 2, 3})
			require.NoError(t, err)
			require.True(t, same)
		}
	}
}

// An adapter under the object's own key is what is read, empty or not.
func TestWithFallback_behindAnAdapter(t *testing.T) {
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		ctx := t.Context()
		require.NoError(t, NewList[int](reader, "fallback").Append(ctx, 1, 2))
		data := []int{}
		listAdapter(t, host, "data", SliceOf(&data, nil))
		for _, policy := range []FallbackPolicy{FallbackCopy, FallbackFrozen} {
			l := NewList[int](reader, "data", WithFallback("fallback", policy))
			n, err := l.Len(ctx)
			require.NoError(t, err)
			require.Zero(t, n)
			require.ErrorIs(t, l.Append(ctx, 3), ErrFrozen)
		}
		stored, err := NewCommands(reader).Exists(ctx, "znsocket.List:data")
		require.NoError(t, err)
		require.Zero(t, stored)
	})
}

// Segments of a list that reads its fallback are of the list's own copy.
func TestWithFallback_segments(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		require.NoError(t, NewList[int](c, "fallback").Append(ctx, 1, 2, 3))
		l := NewList[int](c, "l", WithFallback("fallback", FallbackFrozen))
		s, err := l.Segments(ctx, "s")
		require.NoError(t, err)
		require.NoError(t, s.Set(ctx, 1, 9))
		other := NewSegments[int](c, "s")
		got, err := other.Slice(ctx, 0, 3)
		require.NoError(t, err)
		require.Equal(t, []int{1, 9, 3}, got)
	})
}

// What comes out of an object, and what is made of it, has no fallback.
func TestWithFallback_isOfOneObject(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	inner := NewList[any](s, "inner")
	require.NoError(t, NewList[any](s, "fallback").Append(ctx, inner, "x"))
	l := NewList[any](s, "l", WithFallback("fallback", FallbackFrozen))
	require.NoError(t, inner.Append(ctx, l))
	read, err := l.At(ctx, 0)
	require.NoError(t, err)
	again, err := read.(*List[any]).At(ctx, 0)
	require.NoError(t, err)
	require.Equal(t, l.Key(), again.(*List[any]).Key())
	n, err := again.(*List[any]).Len(ctx)
	require.NoError(t, err)
	require.Zero(t, n)

	c, err := l.Copy(ctx, "c")
	require.NoError(t, err)
	n, err = c.Len(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, n, "the fallback was copied")
	stored, err := s.Exists(ctx, l.Key())
	require.NoError(t, err)
	require.Zero(t, stored)
	require.NoError(t, c.Clear(ctx))
	n, err = c.Len(ctx)
	require.NoError(t, err)
	require.Zero(t, n)

	require.NoError(t, l.Append(ctx, "y"))
	segments, err := l.Segments(ctx, "s")
	require.NoError(t, err)
	require.NoError(t, l.Clear(ctx))
	require.NoError(t, segments.Append(ctx, "z"))
	require.NoError(t, segments.Clear(ctx))
	stored, err = s.Exists(ctx, l.Key())
	require.NoError(t, err)
	require.Zero(t, stored)
	n, err = segments.Len(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestWithFallback_wrong(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	drop := func(_ any, err error) error { return err }
	for want, err := range map[string]error{
		"ValueError: znsocket.List:l can not be its own fallback":     drop(NewList[int](s, "l", WithFallback("l", FallbackCopy)).Len(ctx)),
		"ValueError: znsocket.Dict:d can not be its own fallback":     NewDict[int](s, "d", WithFallback("d", FallbackFrozen)).Set(ctx, "a", 1),
		`ValueError: no fallback policy is called "thaw"`:             NewList[int](s, "l", WithFallback("m", "thaw")).Append(ctx, 1),
		`ValueError: no fallback policy is called ""`:                 NewList[int](s, "l", WithFallback("m", "")).Clear(ctx),
		"ValueError: znsocket.Segments:s can not have a fallback":     drop(NewSegments[int](s, "s", WithFallback("m", FallbackFrozen)).Len(ctx)),
		"ValueError: znsocket.List:twice can not be its own fallback": drop(NewList[int](s, "twice", WithFallback("twice", FallbackCopy), WithNotifier(s)).Len(ctx)),
	} {
		require.EqualError(t, err, want)
	}
	n, err := s.DBSize(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
}
