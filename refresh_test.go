package znsocket

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// At the end of a synctest bubble no goroutine may be left in it, so these tests
// see to that too.

func TestOnRefresh_othersInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := newStore(t), t.Context()
		l, same, elsewhere := NewList[int](s, "l"), NewList[int](s, "l"), NewList[int](s, "elsewhere")
		var mine, heard []Refresh
		defer l.OnRefresh(func(r Refresh) { mine = append(mine, r) })()
		defer elsewhere.OnRefresh(func(r Refresh) { mine = append(mine, r) })()
		defer same.OnRefresh(func(r Refresh) { heard = append(heard, r) })()
		var want []Refresh
		for i := range maxPending {
			require.NoError(t, l.Append(ctx, i))
			want = append(want, Refresh{Indices: []int{i}})
		}
		synctest.Wait()
		require.Equal(t, want, heard)
		require.Empty(t, mine, "an object is not told of what it did, nor of another's changes")

		require.NoError(t, same.Set(ctx, -1, 5))
		synctest.Wait()
		require.Equal(t, []Refresh{{Indices: []int{maxPending - 1}}}, mine)
		require.Len(t, heard, maxPending)
	})
}

// Who is too slow hears of it, and not of each change.
func TestOnRefresh_slowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := newStore(t), t.Context()
		d, reader := NewDict[int](s, "d"), NewDict[int](s, "d")
		var heard []Refresh
		release := make(chan struct{})
		defer reader.OnRefresh(func(r Refresh) {
			heard = append(heard, r)
			<-release
		})()
		require.NoError(t, d.Set(ctx, "first", 1))
		synctest.Wait()
		for range 2 * maxPending {
			require.NoError(t, d.Set(ctx, "more", 1))
		}
		close(release)
		synctest.Wait()
		require.Equal(t, []Refresh{{Keys: []string{"first"}}, {Resync: true}}, heard)

		require.NoError(t, d.Set(ctx, "last", 1))
		synctest.Wait()
		require.Equal(t, Refresh{Keys: []string{"last"}}, heard[2])
	})
}

func TestOnRefresh_resync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		heard := map[string][]Refresh{}
		var mu sync.Mutex
		for _, key := range []string{"a", "b"} {
			defer NewList[int](s, key).OnRefresh(func(r Refresh) {
				mu.Lock()
				defer mu.Unlock()
				heard[key] = append(heard[key], r)
			})()
		}
		s.hub.resyncAll()
		synctest.Wait()
		require.Equal(t, map[string][]Refresh{"a": {{Resync: true}}, "b": {{Resync: true}}}, heard)
	})
}

func TestOnRefresh_stop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := newStore(t), t.Context()
		l := NewList[int](s, "l")
		heard := 0
		var stop func()
		stop = NewList[int](s, "l").OnRefresh(func(Refresh) {
			heard++
			stop() // from the callback itself
		})
		var stopped []Refresh
		stopOther := NewList[int](s, "l").OnRefresh(func(r Refresh) { stopped = append(stopped, r) })
		require.NoError(t, l.Append(ctx, 1))
		require.NoError(t, l.Append(ctx, 2))
		synctest.Wait()
		require.Equal(t, 1, heard)
		require.Len(t, stopped, 2)
		stopOther()
		stopOther()
		require.NoError(t, l.Append(ctx, 3))
		synctest.Wait()
		require.Len(t, stopped, 2)
		require.Empty(t, s.hub.byTarget)
	})
}

func TestOnRefresh_callbackUsesTheList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := newStore(t), t.Context()
		l := NewList[int](s, "l")
		mirror := NewList[int](s, "l")
		var last []int
		defer mirror.OnRefresh(func(Refresh) {
			var err error
			last, err = mirror.Slice(ctx, Begin, End)
			assert.NoError(t, err)
			if len(last) < 5 {
				assert.NoError(t, mirror.Append(ctx, len(last)))
			}
			defer mirror.OnRefresh(func(Refresh) {})()
		})()
		// The two answer each other until the list is long enough.
		defer l.OnRefresh(func(Refresh) {
			if n, err := l.Len(ctx); n < 5 {
				assert.NoError(t, err)
				assert.NoError(t, l.Append(ctx, n))
			}
		})()
		require.NoError(t, l.Append(ctx, 0))
		synctest.Wait()
		n, err := l.Len(ctx)
		require.NoError(t, err)
		require.Equal(t, 5, n)
	})
}

// An object over a Commander without refreshes hears nothing, unless it is given
// a notifier.
func TestOnRefresh_notifier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, hub, ctx := newStore(t), newStore(t), t.Context()
		foreign := CommanderFunc(s.Do)
		var heard, none []Refresh
		defer NewList[int](foreign, "l", WithNotifier(hub)).OnRefresh(func(r Refresh) { heard = append(heard, r) })()
		defer NewList[int](foreign, "l").OnRefresh(func(r Refresh) { none = append(none, r) })()
		l := NewList[int](foreign, "l", WithNotifier(hub))
		require.NoError(t, l.Append(ctx, 1, 2))
		copied, err := l.Copy(ctx, "m")
		require.NoError(t, err)
		defer NewList[int](foreign, "m", WithNotifier(hub)).OnRefresh(func(r Refresh) { heard = append(heard, r) })()
		synctest.Wait()
		require.NoError(t, copied.Delete(ctx, 1, 2))
		synctest.Wait()
		zero, one := 0, 1
		require.Equal(t, []Refresh{{Start: &zero}, {Start: &one}}, heard)
		require.Empty(t, none)
	})
}

// A subscription without events has no goroutine.
func TestOnRefresh_idleCostsNoGoroutine(t *testing.T) {
	s := newStore(t)
	before := runtime.NumGoroutine()
	for range 1000 {
		t.Cleanup(NewList[int](s, "l").OnRefresh(func(Refresh) {}))
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

func TestOnRefresh_concurrently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := newStore(t), t.Context()
		heard := 0
		defer NewList[int](s, "l").OnRefresh(func(Refresh) { heard++ })()
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				l := NewList[int](s, "l")
				for range 100 {
					stop := l.OnRefresh(func(Refresh) {})
					assert.NoError(t, l.Append(ctx, 1))
					stop()
				}
			})
		}
		all.Wait()
		synctest.Wait()
		require.Positive(t, heard, "the changes, or that there were too many")
	})
}

// What a caller does with its own slice afterwards changes no event.
func TestOnRefresh_eventsAreTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := newStore(t), t.Context()
		scribble := WithCallback(func(c Change) {
			clear(c.Indices)
			clear(c.Keys)
		})
		l, d := NewList[int](s, "x", scribble), NewDict[int](s, "x", scribble)
		var heard []Refresh
		hear := func(r Refresh) { heard = append(heard, r) }
		defer NewList[int](s, "x").OnRefresh(hear)()
		require.NoError(t, l.Append(ctx, 1, 2, 3))
		require.NoError(t, l.Set(ctx, 2, 5))
		synctest.Wait()
		defer NewDict[int](s, "x").OnRefresh(hear)()
		require.NoError(t, d.Update(ctx, map[string]int{"a": 1, "b": 2, "c": 3}))
		fields := []string{"a", "b"}
		_, err := d.Delete(ctx, fields...)
		require.NoError(t, err)
		clear(fields)
		field := []string{"c"}
		_, err = d.Delete(ctx, field...)
		require.NoError(t, err)
		clear(field)
		synctest.Wait()
		zero := 0
		require.Equal(t, []Refresh{
			{Start: &zero}, {Indices: []int{2}}, {Keys: []string{"a", "b", "c"}}, {Keys: []string{"a", "b"}}, {Keys: []string{"c"}},
		}, heard)
	})
}

// Whatever happens to a list or dict, what was merged of it tells of all that has
// changed.
func TestRefresh_merge(t *testing.T) {
	const seed = 3
	dice := rand.New(rand.NewPCG(seed, 0))
	for round := range 2000 {
		list, hash := []string{"a", "b", "c", "d"}, map[string]string{"a": "1", "b": "2"}
		listBefore, hashBefore := stored{kind: "list", list: slices.Clone(list)}, stored{kind: "hash", hash: maps.Clone(hash)}
		old := round%2 == 0
		ofList, ofHash := merging{old: old}, merging{old: old}
		var together Refresh
		for step := range 1 + dice.IntN(12) {
			v := fmt.Sprint(step)
			var r Refresh
			at := dice.IntN(len(list) + 1)
			switch op := dice.IntN(5); {
			case op == 0:
				list = append(list, v)
				r = Refresh{Indices: []int{len(list) - 1}}
			case op == 1:
				list = slices.Insert(list, at, v)
				r = refreshFrom(at)
			case op == 2 && at < len(list):
				list = slices.Delete(list, at, at+1)
				r = refreshFrom(at)
			case op == 3 && at < len(list):
				list[len(list)-1-at] = v
				r = Refresh{Indices: []int{-1 - at}} // as Python counts
			case at < len(list):
				list[at] = v
				stop := at + 1
				r = Refresh{Start: &at, Stop: &stop}
			default:
				continue
			}
			ofList.add(r)
			if step == 0 {
				together = r
			} else {
				together = together.merge(r)
			}
			key := string(rune('a' + dice.IntN(6)))
			hash[key] = v
			ofHash.add(Refresh{Keys: []string{key}})
		}
		for name, r := range map[string]Refresh{"merging": ofList.refresh(), "merge": together} {
			require.Empty(t, untoldIn([]Refresh{r}, listBefore, stored{kind: "list", list: list}), "seed %d, round %d, %s: %s", seed, round, name, text(r))
		}
		require.Empty(t, untoldIn([]Refresh{ofHash.refresh()}, hashBefore, stored{kind: "hash", hash: hash}))
	}
}

func TestRefresh_merge_exactly(t *testing.T) {
	many := func(from, n int) Refresh { return Refresh{Indices: indices(from, n, 1)} }
	var manyKeys []string
	for i := range maxMerged {
		manyKeys = append(manyKeys, fmt.Sprint(i))
	}
	one, three := 1, 3
	all := Refresh{Resync: true}
	for _, c := range []struct{ a, b, want Refresh }{
		{Refresh{Indices: []int{3, 1}}, Refresh{Indices: []int{2, 3}}, Refresh{Indices: []int{1, 2, 3}}},
		{Refresh{Indices: []int{0}}, Refresh{Start: &three}, refreshFrom(0)},
		{Refresh{Start: &one, Stop: &three}, Refresh{Indices: []int{9}}, refreshFrom(1)},
		{Refresh{Start: &three}, Refresh{Start: &one}, refreshFrom(1)},
		{Refresh{Indices: []int{-1}}, Refresh{Indices: []int{2}}, all},
		{Refresh{Indices: []int{2}}, Refresh{Indices: []int{-1}}, all},
		{Refresh{Keys: []string{"b", "a"}}, Refresh{Keys: []string{"a", "c"}}, Refresh{Keys: []string{"b", "a", "c"}}},
		{Refresh{Keys: []string{"a"}}, Refresh{Indices: []int{1}}, all},
		{refreshFrom(0), Refresh{Keys: []string{"a"}}, all},
		{Refresh{Keys: []string{"a"}}, Refresh{}, all},
		{Refresh{}, Refresh{Indices: []int{1}}, all},
		{all, Refresh{Indices: []int{1}}, all},
		{Refresh{Indices: []int{1}}, all, all},
		{many(1, maxMerged-1), many(maxMerged, 1), many(1, maxMerged)},
		{many(1, maxMerged), many(maxMerged+1, 1), refreshFrom(1)},
		{many(1, 2*maxMerged), many(7, 1), refreshFrom(1)},
		{Refresh{Keys: manyKeys}, Refresh{Keys: manyKeys}, Refresh{Keys: manyKeys}},
		{Refresh{Keys: manyKeys}, Refresh{Keys: []string{"one more"}}, all},
	} {
		require.Equal(t, c.want, c.a.merge(c.b), "%.100s and %.100s", text(c.a), text(c.b))
	}
}

// The size that is counted grows with what is kept, and only with that.
func TestRefresh_merging_size(t *testing.T) {
	m := merging{old: true}
	for i := range 5000 {
		before := m.size
		m.add(Refresh{Keys: []string{fmt.Sprintf("%04d", i)}})
		require.Greater(t, m.size, before)
	}
	before := m.size
	m.add(Refresh{Keys: []string{"0007", "0008"}})
	require.Equal(t, before, m.size)
	var places merging
	for i := range 5000 {
		places.add(Refresh{Indices: []int{i}})
		require.LessOrEqual(t, places.size, mergingSize+mergedInt*maxMerged)
	}
	require.Equal(t, mergingSize, places.size, "one start is left")
}

func TestRefresh_onTheWire(t *testing.T) {
	two, five := 2, 5
	for text, want := range map[string]Refresh{
		`{"start":2,"stop":null}`: {Start: &two},
		`{"start":2,"stop":5}`:    {Start: &two, Stop: &five},
		`{"indices":[0,3]}`:       {Indices: []int{0, 3}},
		`{"keys":["a","<ü>"]}`:    {Keys: []string{"a", "<ü>"}},
		`{}`:                      {},
	} {
		var got Refresh
		require.NoError(t, json.Unmarshal([]byte(text), &got))
		require.Equal(t, want, got)
		written, err := json.Marshal(want)
		require.NoError(t, err)
		require.JSONEq(t, text, string(written))
	}
	var got Refresh
	require.NoError(t, json.Unmarshal([]byte(`{"keys":[1,2.5,"x"],"indices":null,"stop":null,"step":null}`), &got))
	require.Equal(t, Refresh{Keys: []string{"1", "2.5", "x"}}, got, "from Python, whose keys may be numbers")
	for _, text := range []string{`5`, `{"start":"x"}`, `{"indices":[0.5]}`, `{"keys":5}`, `{"indices":[1e99]}`} {
		require.Error(t, json.Unmarshal([]byte(text), &got), text)
	}
}

// Whatever can be read as a Refresh is written so that it reads the same.
func FuzzRefresh(f *testing.F) {
	for _, text := range []string{`{"start":2,"stop":null}`, `{"indices":[0,-3]}`, `{"keys":["a",1,2.5]}`, `{"stop":5}`, `[]`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var r, again Refresh
		if json.Unmarshal(text, &r) != nil {
			return
		}
		written, err := json.Marshal(r)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(written, &again))
		if r.Start == nil {
			require.Equal(t, len(r.Indices), len(again.Indices))
			require.Equal(t, len(r.Keys), len(again.Keys))
		} else {
			require.Equal(t, Refresh{Start: r.Start, Stop: r.Stop}, again)
		}
	})
}
