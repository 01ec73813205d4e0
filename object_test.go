package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestObjects_nestByReference(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		inner, dict := NewList[any](c, "inner"), NewDict[any](c, "dict")
		outer := NewList[any](c, "outer")
		require.NoError(t, outer.Append(ctx, inner, dict, "text", nil))
		require.NoError(t, inner.Append(ctx, dict, "deep"))
		require.NoError(t, dict.Update(ctx, map[string]any{"up": outer, "n": 5}))

		stored, err := NewCommands(c).LRange(ctx, "znsocket.List:outer", 0, -1)
		require.NoError(t, err)
		require.Equal(t, []string{`"znsocket.List:inner"`, `"znsocket.Dict:dict"`, `"text"`, `null`}, stored)

		values, err := outer.Slice(ctx, Begin, End)
		require.NoError(t, err)
		list := values[0].(*List[any])
		deep, err := list.At(ctx, 0)
		require.NoError(t, err)
		up, err := deep.(*Dict[any]).Get(ctx, "up")
		require.NoError(t, err)
		require.NoError(t, up.(*List[any]).Append(ctx, "from below"))
		last, err := outer.At(ctx, -1)
		require.NoError(t, err)
		require.Equal(t, "from below", last)

		at, err := outer.Index(ctx, dict)
		require.NoError(t, err)
		require.Equal(t, 1, at)
		popped, err := outer.Pop(ctx, 0)
		require.NoError(t, err)
		require.Equal(t, "znsocket.List:inner", popped.(*List[any]).Key())
		n, err := inner.Len(ctx)
		require.NoError(t, err)
		require.Equal(t, 2, n, "a reference was removed, not what it refers to")
	})
}

// With a type for the elements a reference is one because the type says so, and
// a text is a text.
func TestObjects_nestByType(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	type user struct{ Name string }
	users := NewList[*Dict[user]](s, "users")
	d := NewDict[user](s, "alice")
	require.NoError(t, d.Set(ctx, "me", user{"Alice"}))
	require.NoError(t, users.Append(ctx, d, nil))
	got, err := users.At(ctx, 0)
	require.NoError(t, err)
	u, err := got.Get(ctx, "me")
	require.NoError(t, err)
	require.Equal(t, user{"Alice"}, u)
	got, err = users.At(ctx, 1)
	require.NoError(t, err)
	require.Nil(t, got)

	// By value too.
	byValue := NewDict[List[int]](s, "by value")
	require.NoError(t, byValue.Set(ctx, "l", *NewList[int](s, "numbers")))
	list, err := byValue.Get(ctx, "l")
	require.NoError(t, err)
	require.NoError(t, list.Append(ctx, 1, 2))
	same, err := NewList[int](s, "numbers").EqualSlice(ctx, []int{1, 2})
	require.NoError(t, err)
	require.True(t, same)

	texts := NewList[string](s, "texts")
	require.NoError(t, texts.Append(ctx, "znsocket.List:oops"))
	text, err := texts.At(ctx, 0)
	require.NoError(t, err)
	require.Equal(t, "znsocket.List:oops", text)
	_, err = NewList[*Dict[user]](s, "texts").At(ctx, 0)
	var wrong *DecodeError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, `"znsocket.List:oops"`, wrong.Raw)
}

func TestObjects_refuseThemselves(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		l, d := NewList[any](c, "x"), NewDict[any](c, "x")
		again := NewList[string](c, "x")
		require.NoError(t, l.Append(ctx, d, "y"))
		require.NoError(t, d.Set(ctx, "l", l))
		for _, err := range []error{
			l.Append(ctx, 1, l), l.Append(ctx, again), l.Append(ctx, *again), l.Set(ctx, 0, l), l.Insert(ctx, 1, l),
			l.SetSlice(ctx, 0, 1, l), d.Set(ctx, "d", d), d.Set(ctx, "d", *d), d.Update(ctx, map[string]any{"a": 1, "d": d}),
		} {
			var refused *Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, &Error{KindValue, "Can not set circular reference to self"}, refused)
		}
		n, err := l.Len(ctx)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		has, err := l.Contains(ctx, l)
		require.NoError(t, err)
		require.False(t, has)
	})
}

func TestObjects_copy(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		l, d := NewList[int](c, "l", WithCallback(func(Change) {})), NewDict[int](c, "d")
		_, err := l.Copy(ctx, "l2")
		require.ErrorIs(t, err, ErrNil)
		_, err = d.Copy(ctx, "d2")
		require.ErrorIs(t, err, ErrNil)

		require.NoError(t, l.Append(ctx, 1, 2, 3))
		require.NoError(t, d.Set(ctx, "a", 1))
		l2, err := l.Copy(ctx, "l2")
		require.NoError(t, err)
		d2, err := d.Copy(ctx, "d2")
		require.NoError(t, err)
		require.Equal(t, "znsocket.List:l2", l2.Key())
		require.Equal(t, "znsocket.Dict:d2", d2.Key())
		require.Nil(t, l2.callback)
		same, err := l.Equal(ctx, l2)
		require.NoError(t, err)
		require.True(t, same)
		require.NoError(t, l2.Append(ctx, 4))
		require.NoError(t, d2.Set(ctx, "a", 2))
		same, err = l.EqualSlice(ctx, []int{1, 2, 3})
		require.NoError(t, err)
		require.True(t, same)
		same, err = d.EqualMap(ctx, map[string]int{"a": 1})
		require.NoError(t, err)
		require.True(t, same)

		_, err = l.Copy(ctx, "l2")
		require.ErrorIs(t, err, ErrExists)
		require.ErrorContains(t, err, "znsocket.List:l2")
		_, err = d.Copy(ctx, "d2")
		require.ErrorIs(t, err, ErrExists)
	})
}

// What Python or JavaScript wrote equals what Go writes for it.
func TestObjects_equality(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	_, err := s.RPush(ctx, "znsocket.List:theirs", `1.0`, `"a"`, `[1, 2.0, null]`, `{"x": 3.0}`, `"znsocket.Dict:d"`, `9007199254740993`, `1e400`)
	require.NoError(t, err)
	theirs, mine := NewList[any](s, "theirs"), NewList[any](s, "mine")
	same := []any{1, "a", []int{1, 2}, map[string]int{"x": 3}, NewDict[int](s, "d"), 9007199254740993, json.Number("1e400")}
	same[2] = []any{1, 2, nil}
	require.NoError(t, mine.Append(ctx, same...))
	equal, err := theirs.Equal(ctx, mine)
	require.NoError(t, err)
	require.True(t, equal)
	equal, err = theirs.EqualSlice(ctx, same)
	require.NoError(t, err)
	require.True(t, equal)
	for i, v := range same {
		at, err := theirs.Index(ctx, v)
		require.NoError(t, err)
		require.Equal(t, i, at)
	}
	for i, other := range []any{2, "b", []any{1, 2}, map[string]any{"y": 3}, NewList[int](s, "d"), 9007199254740992.0, json.Number("1e401")} {
		changed := append([]any{}, same...)
		changed[i] = other
		equal, err = theirs.EqualSlice(ctx, changed)
		require.NoError(t, err)
		require.False(t, equal, "%v", other)
		has, err := theirs.Contains(ctx, other)
		require.NoError(t, err)
		require.False(t, has, "%v", other)
	}
	equal, err = theirs.EqualSlice(ctx, same[1:])
	require.NoError(t, err)
	require.False(t, equal)

	a, b := NewDict[any](s, "a"), NewDict[any](s, "b")
	require.NoError(t, a.Update(ctx, map[string]any{"x": 1, "y": "z"}))
	require.NoError(t, b.Update(ctx, map[string]any{"y": "z", "x": 1.0}))
	equal, err = a.Equal(ctx, b)
	require.NoError(t, err)
	require.True(t, equal)
	for _, m := range []map[string]any{{"x": 1}, {"x": 1, "y": "z", "q": 1}, {"x": 2, "y": "z"}, {"x": 1, "Y": "z"}} {
		equal, err = a.EqualMap(ctx, m)
		require.NoError(t, err)
		require.False(t, equal, "%v", m)
	}
}

// What Python writes for its values.
func TestObjects_readWhatPythonWrites(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	_, err := s.HSet(ctx, "znsocket.Dict:d", "1", `"an int as the key"`, "1.5", `"a float"`, "none", `null`, "bool", `true`,
		"unicode", `"\u00fc\u20ac\ud83d\ude00"`, "lone", `"\ud800"`, "big", `123456789012345678901234567890`, "float", `1e+22`,
		"nan", `NaN`, "inf", `-Infinity`, "nested", `{"a": [1, {"b": null}]}`, "list", `"znsocket.List:inner"`)
	require.NoError(t, err)
	got, err := NewDict[any](s, "d").Map(ctx)
	require.NoError(t, err)
	require.True(t, math.IsNaN(got["nan"].(float64)))
	delete(got, "nan")
	require.Equal(t, "znsocket.List:inner", got["list"].(*List[any]).Key())
	delete(got, "list")
	require.Equal(t, map[string]any{
		"1": "an int as the key", "1.5": "a float", "none": nil, "bool": true, "unicode": "ü€😀", "lone": "\ufffd",
		"big": json.Number("123456789012345678901234567890"), "float": 1e22, "inf": math.Inf(-1),
		"nested": map[string]any{"a": []any{int64(1), map[string]any{"b": nil}}},
	}, got)
}

func TestNaNAsNull(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	values := []any{math.NaN(), math.Inf(1), []float64{1, math.Inf(-1)}}
	require.NoError(t, NewList[any](s, "plain").Append(ctx, values...))
	require.NoError(t, NewList[any](s, "null", NaNAsNull()).Append(ctx, values...))
	outer := NewList[any](s, "outer", NaNAsNull())
	require.NoError(t, outer.Append(ctx, NewDict[any](s, "inner")))
	inner, err := outer.At(ctx, 0)
	require.NoError(t, err)
	require.NoError(t, inner.(*Dict[any]).Set(ctx, "nan", math.NaN()))
	for key, want := range map[string][]string{"plain": {`NaN`, `Infinity`, `[1,-Infinity]`}, "null": {`null`, `null`, `[1,null]`}} {
		got, err := s.LRange(ctx, "znsocket.List:"+key, 0, -1)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	got, err := s.HGet(ctx, "znsocket.Dict:inner", "nan")
	require.NoError(t, err)
	require.Equal(t, "null", got, "what comes out of an object has its options")
}

func TestObjects_nullIsAValue(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		d, l := NewDict[*int](c, "d"), NewList[*int](c, "l")
		require.NoError(t, d.Set(ctx, "null", nil))
		require.NoError(t, l.Append(ctx, nil))
		v, err := d.Get(ctx, "null")
		require.NoError(t, err)
		require.Nil(t, v)
		v, err = l.Pop(ctx, -1)
		require.NoError(t, err)
		require.Nil(t, v)
		_, err = d.Get(ctx, "absent")
		require.ErrorIs(t, err, ErrNil)
	})
}

func TestDecodeError(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		l, d := NewList[int](c, "l"), NewDict[int](c, "d")
		texts := NewList[any](c, "l")
		require.NoError(t, texts.Append(ctx, 1, 2, "three", 4, 5))
		require.NoError(t, NewDict[any](c, "d").Set(ctx, "f", []string{"x"}))

		at := func(err error, index int) {
			t.Helper()
			var wrong *DecodeError
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, &DecodeError{Key: "znsocket.List:l", Index: index, Raw: `"three"`, Err: wrong.Err}, wrong)
			var cause *json.UnmarshalTypeError
			require.ErrorAs(t, err, &cause)
			require.Regexp(t, fmt.Sprintf(`^znsocket: znsocket.List:l\[%d\] holds "three": json: cannot unmarshal string`, index), err)
		}
		_, err := l.At(ctx, 2)
		at(err, 2)
		_, err = l.At(ctx, -3)
		at(err, -3)
		for _, slice := range [][3]int{{Begin, End, 1}, {1, 4, 1}, {-4, End, 1}, {-100, -2, 1}, {End, Begin, -1}, {End, Begin, -2}, {Begin, End, 2}} {
			_, err = l.SliceStep(ctx, slice[0], slice[1], slice[2])
			at(err, 2)
		}
		seen := []int{}
		for v, err := range l.All(ctx) {
			if err != nil {
				at(err, 2)
				seen = append(seen, -1)
				continue
			}
			seen = append(seen, v)
		}
		require.Equal(t, []int{1, 2, -1}, seen)
		_, err = l.Pop(ctx, -3)
		at(err, 2)
		same, err := l.EqualSlice(ctx, []int{1, 2, 4, 5})
		require.NoError(t, err)
		require.True(t, same, "it was removed all the same")

		for _, read := range []func() error{
			func() error { _, err := d.Get(ctx, "f"); return err },
			func() error { _, err := d.Map(ctx); return err },
			func() error { _, err := d.Pop(ctx, "f"); return err },
		} {
			err := read()
			var wrong *DecodeError
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, "f", wrong.Field)
			require.ErrorContains(t, err, `znsocket: znsocket.Dict:d["f"] holds ["x"]: json: cannot unmarshal array`)
		}
		require.NoError(t, NewDict[any](c, "d").Set(ctx, "", "x"))
		_, err = d.Get(ctx, "")
		require.ErrorContains(t, err, `znsocket.Dict:d[""] holds "x"`)
	})
}

// An object over a key of another type neither reads nor changes it.
func TestObjects_wrongType(t *testing.T) {
	for _, each := range commanders {
		if !each.Redis {
			continue
		}
		t.Run(each.Name, func(t *testing.T) {
			c, ctx := each.Open(t), t.Context()
			cmds := NewCommands(c)
			require.NoError(t, cmds.Set(ctx, "znsocket.List:x", "text"))
			require.NoError(t, cmds.Set(ctx, "znsocket.Dict:x", "text"))
			l, d := NewList[string](c, "x"), NewDict[string](c, "x")
			drop := func(_ any, err error) error { return err }
			for i, err := range []error{
				l.Append(ctx, "a"), l.Append(ctx, "a", "b"), l.Insert(ctx, 0, "a"), l.Set(ctx, 0, "a"), l.Set(ctx, -1, "a"),
				l.SetSlice(ctx, 0, 1, "a"), l.Delete(ctx, 0, 1), l.DeleteAt(ctx, 0), l.Clear(ctx), drop(l.Pop(ctx, 0)), drop(l.Pop(ctx, -1)),
				drop(l.Len(ctx)), drop(l.At(ctx, 0)), drop(l.Slice(ctx, 0, 1)), drop(l.SliceStep(ctx, 0, 1, 2)), drop(l.Index(ctx, "a")),
				drop(l.Contains(ctx, "a")), drop(l.Equal(ctx, l)),
				d.Set(ctx, "a", "b"), d.Update(ctx, map[string]string{"a": "b"}), drop(d.Get(ctx, "a")), drop(d.Has(ctx, "a")),
				drop(d.Pop(ctx, "a")), drop(d.Delete(ctx, "a")), drop(d.Delete(ctx, "a", "b")), d.Clear(ctx), drop(d.Map(ctx)),
				drop(d.Keys(ctx)), drop(d.Values(ctx)), drop(d.Len(ctx)), drop(d.Equal(ctx, d)),
			} {
				require.ErrorIs(t, err, ErrWrongType, "call %d", i)
				require.EqualError(t, err, "WRONGTYPE Operation against a key holding the wrong kind of value", "call %d", i)
			}
			for _, key := range []string{"znsocket.List:x", "znsocket.Dict:x"} {
				text, err := cmds.Get(ctx, key)
				require.NoError(t, err)
				require.Equal(t, "text", text)
			}
		})
	}
}

// A change by index leaves a key's time to live as it is.
func TestList_keepsItsTimeToLive(t *testing.T) {
	for _, each := range commanders {
		if !each.Redis {
			continue
		}
		t.Run(each.Name, func(t *testing.T) {
			c, ctx := each.Open(t), t.Context()
			l := NewList[int](c, "l")
			require.NoError(t, l.Append(ctx, 1, 2, 3, 4, 5, 6))
			_, err := NewCommands(c).Expire(ctx, l.Key(), 3600e9)
			require.NoError(t, err)
			require.NoError(t, l.SetSlice(ctx, Begin, End, 7, 8))
			require.NoError(t, l.Insert(ctx, 1, 9, 9))
			require.NoError(t, l.SetSlice(ctx, 0, 1, 5, 6, 7))
			require.NoError(t, l.Delete(ctx, 0, 2))
			ttl, err := NewCommands(c).TTL(ctx, l.Key())
			require.NoError(t, err)
			require.Greater(t, ttl.Seconds(), 3000.0)
		})
	}
}

// An iteration goes to what is the end when it gets there.
func TestList_AllWhileTheListChanges(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l := NewList[int](s, "l")
	require.NoError(t, l.Append(ctx, indices(0, 1000, 1)...))
	seen := 0
	for v, err := range l.All(ctx) {
		require.NoError(t, err)
		require.Equal(t, seen, v)
		if seen++; seen == 300 {
			require.NoError(t, l.Delete(ctx, 600, End))
		}
	}
	require.Equal(t, 600, seen)

	seen = 0
	for _, err := range l.All(ctx) {
		require.NoError(t, err)
		require.NoError(t, l.Clear(ctx))
		seen++
	}
	require.Equal(t, 256, seen, "one page was read")

	require.NoError(t, l.Append(ctx, indices(0, 512, 1)...))
	seen = 0
	for _, err := range l.All(ctx) {
		require.NoError(t, err)
		if seen++; seen == 512 {
			break
		}
	}
	require.Equal(t, 512, seen)

	broken, cancel := context.WithCancel(ctx)
	cancel()
	for _, err := range l.All(broken) {
		require.ErrorIs(t, err, context.Canceled)
	}
}

func TestBind(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	require.NoError(t, NewList[int](s, "a").Append(ctx, 1))
	require.NoError(t, NewDict[int](s, "b").Set(ctx, "x", 2))
	type embedded struct{ Inner *List[int] }
	type document struct {
		embedded
		Ref    *List[int]
		Value  Dict[int]
		Slice  []*List[int]
		Array  [1]List[int]
		ByKey  map[string]*Dict[int]
		Values map[string]List[int]
		Any    any
		None   *Dict[int]
		Deep   **struct{ L *List[int] }
		hidden *List[int]
	}
	docs := NewList[document](s, "docs")
	a, b := NewList[int](s, "a"), NewDict[int](s, "b")
	inner := &struct{ L *List[int] }{a}
	require.NoError(t, docs.Append(ctx, document{
		embedded: embedded{a}, Ref: a, Value: *b, Slice: []*List[int]{a}, Array: [1]List[int]{*a}, ByKey: map[string]*Dict[int]{"b": b},
		Values: map[string]List[int]{"a": *a}, Deep: &inner,
	}))
	doc, err := docs.At(ctx, 0)
	require.NoError(t, err)
	_, err = doc.Ref.Len(ctx)
	require.ErrorIs(t, err, errUnbound)
	_, err = doc.Value.Pop(ctx, "x")
	require.ErrorIs(t, err, errUnbound)
	doc.Any = &List[int]{object{key: "znsocket.List:a"}}
	doc.hidden = doc.Ref

	Bind(s, &doc)
	values := doc.Values["a"]
	for _, l := range []*List[int]{doc.Inner, doc.Ref, doc.Slice[0], &doc.Array[0], &values, doc.Any.(*List[int]), (*doc.Deep).L} {
		v, err := l.At(ctx, 0)
		require.NoError(t, err)
		require.Equal(t, 1, v)
	}
	for _, d := range []*Dict[int]{&doc.Value, doc.ByKey["b"]} {
		v, err := d.Get(ctx, "x")
		require.NoError(t, err)
		require.Equal(t, 2, v)
	}
	require.NoError(t, doc.Ref.Set(ctx, -1, 7))

	type ring struct{ Next *ring }
	r := &ring{}
	r.Next = r
	Bind(s, r) // ends
	Bind(s, nil)
	Bind(s, 5)
	Bind(s, map[string]any{"x": nil})
}

func TestObjects_readReferencesOnly(t *testing.T) {
	var l List[int]
	for _, text := range []string{`5`, `"x"`, `"znsocket.Dict:x"`, `null`, `{}`} {
		require.Error(t, json.Unmarshal([]byte(text), &l), text)
	}
	require.NoError(t, json.Unmarshal([]byte(`"znsocket.List:x:y"`), &l))
	require.Equal(t, "znsocket.List:x:y", l.Key())
	text, err := json.Marshal(struct{ A, B any }{l, (*Dict[int])(nil)})
	require.NoError(t, err)
	require.JSONEq(t, `{"A": "znsocket.List:x:y", "B": null}`, string(text))

	// The zero List is over nothing.
	ctx := t.Context()
	require.ErrorIs(t, new(List[int]).Append(ctx, 1), errUnbound)
	require.ErrorIs(t, new(List[int]).Insert(ctx, 1, 1), errUnbound)
	require.ErrorIs(t, new(Dict[int]).Set(ctx, "a", 1), errUnbound)
	require.ErrorIs(t, new(Dict[int]).Clear(ctx), errUnbound)
	_, err = new(Dict[int]).Copy(ctx, "x")
	require.ErrorIs(t, err, errUnbound)
	new(List[int]).OnRefresh(func(Refresh) {})()
}

// A value that has no JSON is refused before anything is changed.
func TestObjects_valuesWithoutText(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l, d := NewList[any](s, "l"), NewDict[any](s, "d")
	for _, v := range []any{make(chan int), func() {}, map[bool]int{true: 1}} {
		require.Error(t, l.Append(ctx, 1, v))
		require.Error(t, l.Insert(ctx, 0, v))
		require.Error(t, l.Set(ctx, 0, v))
		require.Error(t, l.SetSlice(ctx, 0, 0, v))
		require.Error(t, d.Set(ctx, "f", v))
		_, err := l.Contains(ctx, v)
		require.Error(t, err)
		_, err = l.EqualSlice(ctx, []any{v})
		require.NoError(t, err, "a list of another length is another list")
	}
	n, err := s.DBSize(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestObjects_failures(t *testing.T) {
	ctx, boom := t.Context(), errors.New("boom")
	c := CommanderFunc(func(context.Context, ...any) (any, error) { return nil, boom })
	l, d := NewList[int](c, "l"), NewDict[int](c, "d")
	drop := func(_ any, err error) error { return err }
	for i, err := range []error{
		l.Append(ctx, 1), l.Append(ctx, 1, 2), l.Insert(ctx, 1, 1), l.Set(ctx, 1, 1), l.Set(ctx, -1, 1), l.SetSlice(ctx, 0, 1, 1),
		l.Delete(ctx, 0, 1), l.DeleteAt(ctx, 0), l.Clear(ctx), drop(l.Pop(ctx, 0)), drop(l.Pop(ctx, 1)), drop(l.At(ctx, 1)),
		drop(l.Slice(ctx, 0, 1)), drop(l.Slice(ctx, -2, -1)), drop(l.Copy(ctx, "x")), drop(l.Contains(ctx, 1)), drop(l.Equal(ctx, l)),
		d.Set(ctx, "a", 1), d.Clear(ctx), drop(d.Pop(ctx, "a")), drop(d.Delete(ctx, "a")), drop(d.Delete(ctx, "a", "b")),
		drop(d.Map(ctx)), drop(d.Values(ctx)), drop(d.Copy(ctx, "x")), drop(d.Equal(ctx, d)),
	} {
		require.ErrorIs(t, err, boom, "call %d", i)
	}

	// A server that answers nonsense.
	for _, nonsense := range []any{"text", []any{}, []any{"x", 1}, map[string]any{}, struct{}{}, 1.5} {
		c := CommanderFunc(func(context.Context, ...any) (any, error) { return nonsense, nil })
		l, d := NewList[int](c, "l"), NewDict[int](c, "d")
		for i, err := range []error{
			l.Append(ctx, 1), l.Insert(ctx, 1, 1), l.Set(ctx, -1, 1), l.SetSlice(ctx, 0, 1, 1), l.Delete(ctx, 0, 1),
			drop(l.Pop(ctx, 1)), drop(l.Len(ctx)), drop(l.SliceStep(ctx, 0, 9, 2)), drop(d.Delete(ctx, "a")), drop(d.Len(ctx)),
		} {
			require.Error(t, err, "call %d, %v", i, nonsense)
		}
	}
}

func TestList_concurrently(t *testing.T) {
	overAtomic(t, func(t *testing.T, c Commander) {
		editConcurrently(t, 0, 8, 150, func(opts ...Option) editor { return NewList[int](c, "l", opts...) })
	})
}

func TestList_appendConcurrently(t *testing.T) {
	overAtomic(t, func(t *testing.T, c Commander) {
		appendConcurrently(t, 8, 50, func(opts ...Option) editor { return NewList[int](c, "l", opts...) })
	})
}

func TestDict_concurrently(t *testing.T) {
	overAtomic(t, func(t *testing.T, c Commander) {
		const workers, fields = 8, 300
		ctx := t.Context()
		d := NewDict[int](c, "d")
		m := map[string]int{}
		for i := range fields {
			m[fmt.Sprint(i)] = i
		}
		require.NoError(t, d.Update(ctx, m))
		var mu sync.Mutex
		gone := map[string]int{}
		callback := WithCallback(func(change Change) {
			mu.Lock()
			defer mu.Unlock()
			for _, field := range change.Keys {
				gone[field]++
			}
		})
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				mine := NewDict[int](c, "d", callback)
				for i := 0; i < fields; i += 3 {
					if v, err := mine.Pop(ctx, fmt.Sprint(i)); !errors.Is(err, ErrNil) {
						assert.NoError(t, err)
						assert.Equal(t, i, v)
					}
					_, err := mine.Delete(ctx, fmt.Sprint(i+1), fmt.Sprint(i+2))
					assert.NoError(t, err)
				}
			})
		}
		all.Wait()
		require.Len(t, gone, fields)
		for field, n := range gone {
			require.Equal(t, 1, n, field)
		}
	})
}
