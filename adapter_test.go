package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/socketio"
)

// adapterPlaces is where the owner of an adapter and its reader can be.
var adapterPlaces = []struct {
	name string
	open func(t *testing.T) (Host, Commander)
}{
	{"in a Store", func(t *testing.T) (Host, Commander) { s := newStore(t); return s, s }},
	{"in a Store, read by a client", func(t *testing.T) (Host, Commander) {
		srv, addr := startServer(t)
		return srv.Store(), dialTest(t, addr)
	}},
	{"in a client, read in the Store", func(t *testing.T) (Host, Commander) {
		srv, addr := startServer(t)
		return dialTest(t, addr), srv.Store()
	}},
	{"in a client, read by another", func(t *testing.T) (Host, Commander) {
		_, addr := startServer(t)
		return dialTest(t, addr), dialTest(t, addr)
	}},
	{"in a client, read by itself", func(t *testing.T) (Host, Commander) {
		_, addr := startServer(t)
		c := dialTest(t, addr)
		return c, c
	}},
	{"on a Python server", func(t *testing.T) (Host, Commander) {
		addr := startPythonServer(t)
		return dialTest(t, addr), dialTest(t, addr)
	}},
}

func overAdapterPlaces(t *testing.T, test func(t *testing.T, host Host, reader Commander)) {
	for _, place := range adapterPlaces {
		t.Run(place.name, func(t *testing.T) {
			host, reader := place.open(t)
			test(t, host, reader)
		})
	}
}

func listAdapter(t *testing.T, host Host, key string, p ListProvider, opts ...AdapterOption) *Adapter {
	t.Helper()
	a, err := NewListAdapter(t.Context(), host, key, p, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, a.Close()) })
	return a
}

func dictAdapter(t *testing.T, host Host, key string, p DictProvider, opts ...AdapterOption) *Adapter {
	t.Helper()
	a, err := NewDictAdapter(t.Context(), host, key, p, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, a.Close()) })
	return a
}

// A List over an adapter reads as one over the same elements that are stored.
func TestListAdapter_readsAsAList(t *testing.T) {
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		ctx := t.Context()
		data := []string{"a", "b", "c", "d", "e", `"quoted"`, ""}
		listAdapter(t, host, "data", SliceOf(&data, nil))
		l, stored := NewList[string](reader, "data"), NewList[string](NewStore(), "stored")
		require.NoError(t, stored.Append(ctx, data...))

		n, err := l.Len(ctx)
		require.NoError(t, err)
		require.Equal(t, len(data), n)
		for i := -9; i <= 9; i++ {
			want, wantErr := stored.At(ctx, i)
			got, err := l.At(ctx, i)
			assert.Equal(t, want, got, "[%d]", i)
			assert.Equal(t, errors.Is(wantErr, ErrOutOfRange), errors.Is(err, ErrOutOfRange), "[%d]: %v", i, err)
		}
		bounds := []int{Begin, -8, -7, -2, -1, 0, 1, 6, 7, 9, End}
		for _, i := range bounds {
			for _, j := range bounds {
				for _, step := range []int{1, 2, -1, -3} {
					want, err := stored.SliceStep(ctx, i, j, step)
					require.NoError(t, err)
					got, err := l.SliceStep(ctx, i, j, step)
					require.NoError(t, err)
					require.Equal(t, want, got, "[%d:%d:%d]", i, j, step)
				}
			}
		}
		var all []string
		for v, err := range l.All(ctx) {
			require.NoError(t, err)
			all = append(all, v)
		}
		require.Equal(t, data, all)
		at, err := l.Index(ctx, "d")
		require.NoError(t, err)
		require.Equal(t, 3, at)
	})
}

func TestListAdapter_isLiveAndReadOnly(t *testing.T) {
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		ctx := t.Context()
		var mu sync.RWMutex
		data := []int{1}
		a := listAdapter(t, host, "data", SliceOf(&data, mu.RLocker()))
		l := NewList[int](reader, "data")
		heard := make(chan Refresh, 1)
		defer l.OnRefresh(func(r Refresh) { heard <- r })()
		for i := range 3 {
			mu.Lock()
			data = append(data, i)
			mu.Unlock()
			a.Changed(Refresh{Indices: []int{i + 1}})
			require.Equal(t, Refresh{Indices: []int{i + 1}}, <-heard)
			last, err := l.At(ctx, -1)
			require.NoError(t, err)
			require.Equal(t, i, last)
		}

		for name, change := range map[string]func() error{
			"append": func() error { return l.Append(ctx, 1) }, "set": func() error { return l.Set(ctx, 0, 1) },
			"insert": func() error { return l.Insert(ctx, 1, 1) }, "clear": func() error { return l.Clear(ctx) },
			"pop": func() error { _, err := l.Pop(ctx, -1); return err }, "pop first": func() error { _, err := l.Pop(ctx, 0); return err },
			"set slice": func() error { return l.SetSlice(ctx, 0, 1, 5, 6) }, "delete": func() error { return l.DeleteAt(ctx, 0) },
			"append two": func() error { return l.Append(ctx, 1, 2) }, "set last": func() error { return l.Set(ctx, -1, 1) },
		} {
			require.ErrorIs(t, change(), ErrFrozen, name)
		}
		require.Equal(t, []int{1, 0, 1, 2}, data)

		c, err := l.Copy(ctx, "copied")
		require.NoError(t, err)
		require.NoError(t, c.Append(ctx, 9))
		got, err := c.Slice(ctx, Begin, End)
		require.NoError(t, err)
		require.Equal(t, []int{1, 0, 1, 2, 9}, got)
		_, err = l.Copy(ctx, "copied")
		require.ErrorIs(t, err, ErrExists)
		_, err = l.Copy(ctx, "data")
		require.ErrorIs(t, err, ErrExists)
	})
}

type person struct {
	Name  string `json:"name"`
	Age   int    `json:"age"`
	Email string `json:"email,omitempty"`
	notes string
}

func TestDictAdapter_readsAsADict(t *testing.T) {
	john := &person{Name: "John", Age: 30, notes: "not told"}
	providers := map[string]struct {
		p    DictProvider
		keys []string
		want map[string]any
	}{
		"map":    {MapOf(map[string]int{"b": 2, "a": 1, "c": 3}, nil), []string{"a", "b", "c"}, map[string]any{"a": int64(1), "b": int64(2), "c": int64(3)}},
		"by int": {MapOf(map[int]string{10: "ten", 9: "nine"}, nil), []string{"9", "10"}, map[string]any{"9": "nine", "10": "ten"}},
		"struct": {StructOf(john, nil), []string{"name", "age"}, map[string]any{"name": "John", "age": int64(30)}},
		"empty":  {MapOf(map[string]int(nil), nil), []string{}, map[string]any{}},
	}
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		ctx := t.Context()
		for name, c := range providers {
			dictAdapter(t, host, name, c.p)
			d := NewDict[any](reader, name)
			keys, err := d.Keys(ctx)
			require.NoError(t, err, name)
			require.Equal(t, c.keys, keys, name)
			m, err := d.Map(ctx)
			require.NoError(t, err, name)
			require.Equal(t, c.want, m, name)
			n, err := d.Len(ctx)
			require.NoError(t, err, name)
			require.Equal(t, len(c.keys), n, name)
			for key, want := range c.want {
				got, err := d.Get(ctx, key)
				require.NoError(t, err, name)
				require.Equal(t, want, got, name)
				has, err := d.Has(ctx, key)
				require.NoError(t, err)
				require.True(t, has)
			}
			for _, key := range []string{"no such", "notes", "email", "09"} {
				_, err = d.Get(ctx, key)
				require.ErrorIs(t, err, ErrNil, name)
				has, err := d.Has(ctx, key)
				require.NoError(t, err)
				require.False(t, has)
			}
			require.ErrorIs(t, d.Set(ctx, "a", 1), ErrFrozen)
			require.ErrorIs(t, d.Clear(ctx), ErrFrozen)
			_, err = d.Delete(ctx, "a")
			require.ErrorIs(t, err, ErrFrozen)
			_, err = d.Delete(ctx, "a", "b")
			require.ErrorIs(t, err, ErrFrozen)
			_, err = d.Pop(ctx, "a")
			require.ErrorIs(t, err, ErrFrozen)
			if len(c.want) > 0 {
				copied, err := d.Copy(ctx, name+" copied")
				require.NoError(t, err)
				same, err := copied.EqualMap(ctx, c.want)
				require.NoError(t, err)
				require.True(t, same)
			}
		}
	})
}

// What is a provider itself is read as a List or Dict of its own, at any depth.
func TestAdapter_nested(t *testing.T) {
	inner := map[string]any{"x:y": 1, "deep:er": SliceOf(&[]int{7, 8}, nil)}
	data := []any{MapOf(inner, nil), "plain", MapOf(map[string]any{"a": MapOf(map[string]int{"b": 5}, nil), "a:b": 6}, nil)}
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		ctx := t.Context()
		listAdapter(t, host, "outer:most", SliceOf(&data, nil))
		l := NewList[any](reader, "outer:most")
		values, err := l.Slice(ctx, Begin, End)
		require.NoError(t, err)
		require.Len(t, values, 3)
		d, ok := values[0].(*Dict[any])
		require.True(t, ok, "%T", values[0])
		require.Equal(t, "znsocket.Dict:znsocket.List:outer:most:0", d.Key())
		require.Equal(t, "plain", values[1])
		m, err := d.Map(ctx)
		require.NoError(t, err)
		require.Equal(t, int64(1), m["x:y"])
		deep, ok := m["deep:er"].(*List[any])
		require.True(t, ok, "%T", m["deep:er"])
		numbers, err := deep.Slice(ctx, Begin, End)
		require.NoError(t, err)
		require.Equal(t, []any{int64(7), int64(8)}, numbers)
		require.ErrorIs(t, deep.Append(ctx, 1), ErrFrozen)

		third, err := values[2].(*Dict[any]).Get(ctx, "a")
		require.NoError(t, err)
		b, err := third.(*Dict[any]).Get(ctx, "b")
		require.NoError(t, err)
		require.Equal(t, int64(5), b)

		for _, key := range []string{"znsocket.List:outer:most:0", "znsocket.List:outer:most:1", "znsocket.List:outer:most:9",
			"znsocket.List:outer:most:00", "znsocket.Dict:znsocket.List:outer:most:0:none"} {
			_, err = NewDict[any](reader, key).Get(ctx, "x")
			require.ErrorIs(t, err, ErrNil, "%s: is an adapter only where there is a provider", key)
		}
	})
}

func TestAdapter_transformAndArrays(t *testing.T) {
	frames := []person{{Name: "a", Age: 1}, {Name: "b", Age: 2}}
	matrix, err := NewNDArray([][]float64{{1, 2, 3}, {4, 5, 6}})
	require.NoError(t, err)
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		ctx := t.Context()
		listAdapter(t, host, "frames", Transform(SliceOf(&frames, nil), func(v any) (any, error) {
			p := v.(person)
			return StructOf(&p, nil), nil
		}))
		people, err := NewList[*Dict[any]](reader, "frames").Slice(ctx, Begin, End)
		require.NoError(t, err)
		name, err := people[1].Get(ctx, "name")
		require.NoError(t, err)
		require.Equal(t, "b", name)

		listAdapter(t, host, "matrix", ArrayOf(matrix, nil))
		rows, err := NewList[[]float64](reader, "matrix").SliceStep(ctx, End, Begin, -1)
		require.NoError(t, err)
		require.Equal(t, [][]float64{{4, 5, 6}, {1, 2, 3}}, rows)
		row, err := NewNDArray([]float64{1, 2, 3})
		require.NoError(t, err)
		listAdapter(t, host, "row", ArrayOf(row, nil))
		numbers, err := NewList[float64](reader, "row").Slice(ctx, 1, End)
		require.NoError(t, err)
		require.Equal(t, []float64{2, 3}, numbers)
	})
}

type failing struct{ n int }

func (f failing) Len() int { return f.n }
func (f failing) At(i int) (any, error) {
	switch i {
	case 0:
		return nil, errors.New("out of paper")
	case 1:
		return nil, &Error{"PrinterError", "on fire"}
	case 2:
		return func() {}, nil // has no JSON
	}
	panic("boom")
}

// What goes wrong in the owner's code reaches the reader as that error and ends
// nothing else.
func TestAdapter_ownerFails(t *testing.T) {
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		ctx := t.Context()
		listAdapter(t, host, "failing", failing{5})
		l := NewList[any](reader, "failing")
		for i, want := range []Error{{KindAdapter, "out of paper"}, {"PrinterError", "on fire"}, {KindAdapter, ""}, {KindAdapter, "panic: boom"}} {
			for _, read := range []func() error{
				func() error { _, err := l.At(ctx, i); return err },
				func() error { _, err := l.Slice(ctx, i, i+1); return err },
			} {
				var refused *Error
				require.ErrorAs(t, read(), &refused)
				require.Equal(t, want.Kind, refused.Kind)
				require.Contains(t, refused.Msg, want.Msg)
			}
		}
		_, err := l.Copy(ctx, "copy")
		require.ErrorContains(t, err, "out of paper")
		n, err := l.Len(ctx)
		require.NoError(t, err)
		require.Equal(t, 5, n)
	})
}

func TestAdapter_registration(t *testing.T) {
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		ctx := t.Context()
		_, python := host.(*Client)
		python = python && !host.(*Client).current().speaksGo
		data, other := []int{1}, []int{2}
		a := listAdapter(t, host, "data", SliceOf(&data, nil))
		_, err := NewListAdapter(ctx, host, "data", SliceOf(&other, nil))
		require.ErrorIs(t, err, ErrExists)
		require.NoError(t, a.Close())
		require.NoError(t, a.Close())
		l := NewList[int](reader, "data")
		if !python { // it cannot be told
			n, err := l.Len(ctx)
			require.NoError(t, err)
			require.Zero(t, n)
		}

		require.NoError(t, NewList[int](reader, "stored").Append(ctx, 1))
		_, err = NewListAdapter(ctx, host, "stored", SliceOf(&data, nil))
		require.ErrorIs(t, err, ErrExists)
		listAdapter(t, host, "stored", SliceOf(&other, nil), OverStored())
		require.Eventually(t, func() bool { // what a Python server says is believed for a while
			got, err := NewList[int](reader, "stored").At(ctx, 0)
			return err == nil && got == 2
		}, 10*time.Second, time.Millisecond)
	})
}

// The race detector sees to it that the owner may change its data under the lock
// that it has named.
func TestAdapter_ownerChangesItsData(t *testing.T) {
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		ctx := t.Context()
		var mu sync.RWMutex
		list, dict, row := []map[string]int{}, map[string]int{}, &person{}
		listAdapter(t, host, "list", SliceOf(&list, mu.RLocker()))
		dictAdapter(t, host, "dict", MapOf(dict, mu.RLocker()))
		dictAdapter(t, host, "struct", StructOf(row, mu.RLocker()))
		stop := make(chan struct{})
		var owner sync.WaitGroup
		owner.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				mu.Lock()
				list = append(list, map[string]int{"i": i})
				list[0]["i"] = i
				dict[fmt.Sprint(i%100)] = i
				row.Age, row.Name = i, strings.Repeat("x", i%100)
				if len(list) == 100 {
					list = list[:1]
				}
				mu.Unlock()
			}
		})
		for range 50 {
			_, err := NewList[map[string]int](reader, "list").Slice(ctx, Begin, End)
			require.NoError(t, err)
			_, err = NewDict[int](reader, "dict").Items(ctx)
			require.NoError(t, err)
			_, err = NewDict[any](reader, "struct").Map(ctx)
			require.NoError(t, err)
		}
		close(stop)
		owner.Wait()
	})
}

// slow answers when it is told to.
type slow struct{ release chan struct{} }

func (s slow) Len() int { <-s.release; return 1 }

func (s slow) At(int) (any, error) { return nil, nil }

func TestAdapter_slowOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, owner := newStore(t), slow{make(chan struct{})}
		listAdapter(t, s, "slow", owner)
		l := NewList[any](s, "slow")
		began := time.Now()
		_, err := l.Len(t.Context())
		var refused *Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, KindTimeout, refused.Kind)
		require.Equal(t, defaultAdapterTimeout, time.Since(began))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = l.Len(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		hasty := listAdapter(t, s, "hasty", owner, AnswerWithin(time.Millisecond))
		began = time.Now()
		_, err = NewList[any](s, "hasty").Len(t.Context())
		require.ErrorContains(t, err, hasty.Key()+" did not answer within 1ms")
		require.Equal(t, time.Millisecond, time.Since(began))
		close(owner.release)
		n, err := l.Len(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

func TestAdapter_ownerGone(t *testing.T) {
	srv, addr := startServer(t)
	ctx := t.Context()
	owner, err := Dial(ctx, "znsocket://"+addr)
	require.NoError(t, err)
	release := make(chan struct{})
	defer close(release)
	listAdapter(t, owner, "slow", slow{release})
	readers := map[string]Commander{"the Store": srv.Store(), "a client": dialTest(t, addr)}
	failed := make(chan error, len(readers))
	for _, reader := range readers {
		go func() {
			_, err := NewList[int](reader, "slow").Len(ctx)
			failed <- err
		}()
	}
	require.Eventually(t, func() bool {
		adapter := owner.hosted.find(listPrefix + "slow")
		return adapter.questions.Load() == int64(len(readers))
	}, 10*time.Second, time.Millisecond)
	go owner.Close()
	for range readers {
		require.ErrorContains(t, <-failed, "The owner of znsocket.List:slow has gone")
	}
	for name, reader := range readers {
		require.Eventually(t, func() bool {
			n, err := NewList[int](reader, "slow").Len(ctx)
			return err == nil && n == 0
		}, 10*time.Second, time.Millisecond, name)
	}
}

// An answer that is larger than a message comes in pieces.
func TestAdapter_largeAnswer(t *testing.T) {
	_, addr := startServer(t, WithMaxMessageSize(10_000))
	host, reader := dialTest(t, addr, WithCompression(-1)), dialTest(t, addr)
	data := make([]string, 100)
	for i := range data {
		data[i] = strings.Repeat("x", 1000)
	}
	listAdapter(t, host, "large", SliceOf(&data, nil))
	l := NewList[string](reader, "large")
	got, err := l.Slice(t.Context(), Begin, End)
	require.NoError(t, err)
	require.Equal(t, data, got)
	_, err = l.Copy(t.Context(), "copy")
	require.NoError(t, err)
}

// A Go object that is over another Commander reads adapters through its notifier.
func TestAdapter_throughTheNotifier(t *testing.T) {
	ctx := t.Context()
	_, addr := startServer(t)
	data := []int{1, 2}
	listAdapter(t, dialTest(t, addr), "data", SliceOf(&data, nil))
	other := NewStore()
	l := NewList[int](CommanderFunc(other.Do), "data", WithNotifier(dialTest(t, addr)))
	got, err := l.Slice(ctx, Begin, End)
	require.NoError(t, err)
	require.Equal(t, data, got)
	require.ErrorIs(t, l.Append(ctx, 3), ErrFrozen)
}

func TestAdapter_isAReference(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	data := []int{1, 2}
	a := listAdapter(t, s, "data", SliceOf(&data, nil))
	d := NewDict[any](s, "d")
	require.NoError(t, d.Set(ctx, "data", a))
	v, err := d.Get(ctx, "data")
	require.NoError(t, err)
	n, err := v.(*List[any]).Len(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

// The same data as JSON, whoever owns it.
func TestAdapter_valuesAsAListWritesThem(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	values := []any{nil, true, "text", 1, -1.5, []int{1}, map[string]any{"a": []any{}}, person{Name: "x"}, json.RawMessage(`{"raw": 1}`)}
	listAdapter(t, s, "adapter", SliceOf(&values, nil))
	require.NoError(t, NewList[any](s, "stored").Append(ctx, values...))
	want, err := NewList[json.RawMessage](s, "stored").Slice(ctx, Begin, End)
	require.NoError(t, err)
	got, err := NewList[json.RawMessage](s, "adapter").Slice(ctx, Begin, End)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// An adapter whose place another owner takes hears of it, and cannot take it from
// that one by its Close.
func TestAdapter_Done(t *testing.T) {
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		if python, ok := host.(*Client); ok && !python.current().speaksGo {
			return // there nobody can take a place
		}
		ctx := t.Context()
		one, two := []int{1}, []int{2}
		first := listAdapter(t, host, "data", SliceOf(&one, nil))
		_, err := NewListAdapter(ctx, host, "data", SliceOf(&two, nil))
		require.ErrorIs(t, err, ErrExists)
		require.NoError(t, first.Err())
		taker := host
		if c, ok := host.(*Client); ok {
			taker = dialTest(t, strings.TrimPrefix(c.cfg.url, "znsocket://")) // a Client has one adapter of a key
		}
		second := listAdapter(t, taker, "data", SliceOf(&two, nil), ReplaceAdapter())
		next(t, first.Done())
		require.ErrorIs(t, first.Err(), ErrExists)
		require.NoError(t, first.Close())
		require.NoError(t, second.Err())
		require.Eventually(t, func() bool {
			v, err := NewList[int](reader, "data").At(ctx, 0)
			return err == nil && v == 2
		}, 10*time.Second, time.Millisecond)

		require.NoError(t, second.Close())
		next(t, second.Done())
		require.ErrorIs(t, second.Err(), ErrClosed)
		third := listAdapter(t, host, "data", SliceOf(&one, nil))
		if c, ok := host.(*Client); ok {
			require.NoError(t, c.Close())
			next(t, third.Done())
			require.ErrorIs(t, third.Err(), ErrClosed)
		}
	})
}

// Two who copy an adapter to one key at once make one copy.
func TestAdapter_copyAtOnce(t *testing.T) {
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		ctx := t.Context()
		data := []int{1, 2, 3}
		listAdapter(t, host, "data", SliceOf(&data, nil))
		l := NewList[int](reader, "data")
		made := make(chan error)
		for range 8 {
			go func() { _, err := l.Copy(ctx, "copy"); made <- err }()
		}
		copies := 0
		for range 8 {
			if err := <-made; err == nil {
				copies++
			} else {
				require.ErrorIs(t, err, ErrExists)
			}
		}
		require.Equal(t, 1, copies)
		same, err := NewList[int](reader, "copy").EqualSlice(ctx, data)
		require.NoError(t, err)
		require.True(t, same)
	})
}

// What is stored is not copied onto a key that has an adapter.
func TestAdapter_copyOnto(t *testing.T) {
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		ctx := t.Context()
		data := []int{1, 2, 3}
		listAdapter(t, host, "data", SliceOf(&data, nil))
		stored := NewList[int](reader, "stored")
		require.NoError(t, stored.Append(ctx, 4))
		_, err := stored.Copy(ctx, "data")
		require.ErrorIs(t, err, ErrExists)
		n, err := NewCommands(reader).Exists(ctx, "znsocket.List:data")
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

// A copy has what is in the adapters inside, too, and stays when they go.
func TestAdapter_copyOfNested(t *testing.T) {
	inner := map[string]any{"a": 1, "list": SliceOf(&[]int{7, 8}, nil)}
	data := []any{MapOf(inner, nil), "plain", SliceOf(&[]any{}, nil)}
	overAdapterPlaces(t, func(t *testing.T, host Host, reader Commander) {
		ctx := t.Context()
		list := listAdapter(t, host, "list", SliceOf(&data, nil))
		dict := dictAdapter(t, host, "dict", MapOf(map[string]any{"inner": data[0]}, nil))
		l, err := NewList[any](reader, "list").Copy(ctx, "copy")
		require.NoError(t, err)
		d, err := NewDict[any](reader, "dict").Copy(ctx, "copy")
		require.NoError(t, err)
		require.NoError(t, list.Close())
		require.NoError(t, dict.Close())

		want := map[string]any{"a": int64(1), "list": []any{int64(7), int64(8)}}
		values, err := l.Slice(ctx, Begin, End)
		require.NoError(t, err)
		require.Equal(t, []any{want, "plain", []any{}}, values)
		m, err := d.Map(ctx)
		require.NoError(t, err)
		require.Equal(t, map[string]any{"inner": want}, m)
	})
}

// What lies in itself has no copy.
func TestAdapter_copyOfEndless(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	data := make([]any, 1)
	data[0] = SliceOf(&data, nil)
	listAdapter(t, s, "endless", SliceOf(&data, nil))
	_, err := NewList[any](s, "endless").Copy(ctx, "copy")
	require.ErrorIs(t, err, ErrTooLarge)
}

// What a Go frame asks an object may be anything.
func TestServer_objectCommands_badInput(t *testing.T) {
	srv, addr := startServer(t)
	data, other := []int{1}, []int{2}
	listAdapter(t, srv.Store(), "a", SliceOf(&data, nil))
	listAdapter(t, srv.Store(), "other", SliceOf(&other, nil))
	key := "znsocket.List:a"
	raw := joinRaw(t, "http://"+addr+"/socket.io/", []byte(`{"znsocket":{"client":"c","subscribes":true}}`))
	ask := func(cmds ...[]string) []Reply {
		t.Helper()
		body, err := goRequest{Object: true, Commands: cmds}.encode()
		require.NoError(t, err)
		reply := raw.callBinary(goEvent, attachmentArg, append([]byte{flagPlain}, body...))
		replies, err := decodeReplies(reply, len(cmds))
		require.NoError(t, err)
		return replies
	}
	for _, argv := range [][]string{
		{"LINDEX", key}, {"LRANGE", key}, {"LRANGE", key, "0"}, {"ZN.LSLICE", key, "0"}, {"HGET", key}, {"COPY", key}, {"LLEN", key, "x"},
		{"LINDEX", key, `0,"key":"znsocket.List:other"`}, {"LINDEX", key, "]]"}, {"LRANGE", key, `0,"method":"copy","target":"x"`, "1"},
		{"LRANGE", key, "0", "x"}, {"ZN.LSLICE", key, "0", "1", "1.5"}, {"COPY", key, "x"}, {"COPY", key, "znsocket.Dict:x"},
		{"COPY", key, "znsocket.List:x", "REPLACE"}, {"EXISTS", key, "other"}, {"NO-SUCH", key}, {"RPUSH", key, "x"},
	} {
		require.Error(t, ask(argv)[0].Err, "%q", argv)
	}
	require.Equal(t, "1", ask([]string{"LINDEX", key, "0"})[0].Val)
	n, err := srv.Store().DBSize(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}

// A request that also asks an owner is carried out once, too.
func TestServer_objectCommands_once(t *testing.T) {
	srv, addr := startServer(t)
	data := []int{1}
	listAdapter(t, srv.Store(), "a", SliceOf(&data, nil))
	hello := []byte(`{"znsocket":{"client":"c","subscribes":true}}`)
	body, err := goRequest{Number: 1, Over: 1, Object: true, Commands: [][]string{{"LLEN", "znsocket.List:a"}, {"RPUSH", "znsocket.List:l", "1"}}}.encode()
	require.NoError(t, err)
	var first []byte
	for range 2 {
		raw := joinRaw(t, "http://"+addr+"/socket.io/", hello)
		reply := raw.callBinary(goEvent, attachmentArg, append([]byte{flagPlain}, body...))
		if first == nil {
			first = reply
		}
		require.Equal(t, first, reply)
	}
	n, err := srv.Store().LLen(t.Context(), "znsocket.List:l")
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
}

// selfish has itself under every key.
type selfish struct{}

func (selfish) Keys() []string                              { return nil }
func (s selfish) Lookup(string) (v any, ok bool, err error) { return s, true, nil }

// A path that may be read in many ways is not followed for ever.
func TestAdapter_nestedWithoutEnd(t *testing.T) {
	s := newStore(t)
	dictAdapter(t, s, "d", selfish{})
	inside := strings.Repeat(dictPrefix, 20) + "d" + strings.Repeat(":x", 60) // which is no list
	_, err := NewList[any](s, inside).Len(t.Context())
	require.ErrorIs(t, err, ErrTooLarge)
}

// What an owner sends in pieces goes out to others, so it is looked at.
func TestServer_answerInPieces(t *testing.T) {
	_, addr := startServer(t, WithLimits(Limits{Answer: 1000}))
	url := "http://" + addr + "/socket.io/"
	owner := joinRaw(t, url, []byte(`{"znsocket":{"client":"c","subscribes":true}}`))
	reader := dialRaw(t, url)
	require.Equal(t, "true", owner.call(ownEvent, `[[],{"key":"k"}]`))
	answers := make(chan string)
	ask := func() {
		reader.socket.Call(socketio.Event{Name: "adapter:get", Args: []byte(`[[],{"key":"k","method":"__len__"}]`)}, func(args []byte, _ [][]byte, err error) {
			answers <- fmt.Sprint(string(args), err)
		})
	}
	for i, body := range []string{"\"\xff\xfe\"", strings.Repeat("[", 600) + strings.Repeat("]", 600), "1 2", ""} {
		id := fmt.Sprint("piece ", i)
		owner.call("chunked_message", fmt.Sprintf(`{"chunk_id":%q,"chunk_index":0,"total_chunks":1,"event":%q,"data":%s,"size":%d}`,
			id, piecesEvent, attachmentArg, len(body)+1), append([]byte{flagPlain}, body...))
		got := owner.call("get_chunked_result", fmt.Sprintf(`{"chunk_id":%q}`, id))
		if body != "" {
			require.Contains(t, got, "DeserializationError", "%q", body)
		}
	}
	owner.reply = func() []byte { return []byte(`"` + strings.Repeat("x", 2000) + `"`) }
	ask()
	require.Contains(t, <-answers, "TooLargeError")
	owner.reply = func() []byte { return []byte("5") }
	ask()
	require.Equal(t, "5<nil>", <-answers)
}

// A client that is back takes its adapters up again, though the server may not
// know yet that it was gone, but none that another has taken over.
func TestAdapter_againAfterReconnect(t *testing.T) {
	srv, addr := startServer(t)
	url := "http://" + addr + "/socket.io/"
	join := func(id string) *rawClient {
		return joinRaw(t, url, []byte(`{"znsocket":{"client":"`+id+`","subscribes":true,"nests":true}}`))
	}
	lost := join("a")
	require.Equal(t, "true", lost.call(ownEvent, `[[],{"key":"k"}]`))
	require.Contains(t, join("b").call(ownEvent, `[[],{"key":"k","again":true}]`), "KeyError")
	back := join("a")
	require.Contains(t, back.call(ownEvent, `[[],{"key":"k"}]`), "KeyError")
	require.Equal(t, "true", back.call(ownEvent, `[[],{"key":"k","again":true}]`))
	other := join("b")
	require.Equal(t, "true", other.call(ownEvent, `[[],{"key":"k","replace":true}]`))
	require.Contains(t, join("a").call(ownEvent, `[[],{"key":"k","again":true}]`), "KeyError")
	require.NotNil(t, srv.Store().owner("k"))
}
