package znsocket

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

func TestObjects_String(t *testing.T) {
	s := newStore(t)
	l, d := NewList[int](s, "numbers"), NewDict[any](s, `a:b "c"`+"\n")
	for want, object := range map[string]any{
		`List("numbers")`:            l,
		`Dict("a:b \"c\"\n")`:        d,
		`Segments("pieces")`:         NewSegments[int](s, "pieces"),
		`[List("numbers") Dict("")]`: []any{*l, *NewDict[int](s, "")},
		`List("unknown")`:            &List[int]{object{key: "znsocket.List:unknown"}},
		`{List("numbers") List("numbers")}`: struct {
			A *List[int]
			B fmt.Stringer
		}{l, *l},
	} {
		require.Equal(t, want, fmt.Sprint(object))
	}
	require.NotPanics(t, func() { _ = fmt.Sprint(List[int]{}, new(Dict[int])) })
}

func TestObjects_SummaryAndDump(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		l, d := NewList[int](c, "l"), NewDict[int](c, "d")
		values := []any{1, "two\n", []any{3, nil}, NewDict[any](c, "d")}
		show := func(call func() (string, error)) string {
			text, err := call()
			require.NoError(t, err)
			return text
		}
		segments := NewSegments[int](c, "s")
		for want, call := range map[string]func() (string, error){
			"List(len=0)": func() (string, error) { return l.Summary(ctx) }, "List([])": func() (string, error) { return l.Dump(ctx) },
			"Dict(keys=[])": func() (string, error) { return d.Summary(ctx) }, "Dict({})": func() (string, error) { return d.Dump(ctx) },
			"Segments(len=0)": func() (string, error) { return segments.Summary(ctx) }, "Segments([])": func() (string, error) { return segments.Dump(ctx) },
		} {
			require.Equal(t, want, show(call))
		}

		// The elements are shown as they are stored, be they ints or not.
		require.NoError(t, NewList[any](c, "l").Append(ctx, values...))
		require.NoError(t, NewDict[any](c, "d").Set(ctx, `"a"`, []int{1, 2}))
		require.NoError(t, NewSegments[any](c, "s").Append(ctx, values...))
		all := `[1, "two\n", [3,null], "znsocket.Dict:d"]`
		for want, call := range map[string]func() (string, error){
			"List(len=4)": func() (string, error) { return l.Summary(ctx) }, "List(" + all + ")": func() (string, error) { return l.Dump(ctx) },
			`Dict(keys=["\"a\""])`:   func() (string, error) { return d.Summary(ctx) },
			`Dict({"\"a\"": [1,2]})`: func() (string, error) { return d.Dump(ctx) },
			"Segments(len=4)":        func() (string, error) { return segments.Summary(ctx) },
			"Segments(" + all + ")":  func() (string, error) { return segments.Dump(ctx) },
		} {
			require.Equal(t, want, show(call))
		}
		require.NoError(t, NewDict[any](c, "d").Set(ctx, "b", nil))
		require.Contains(t, []string{`Dict({"\"a\"": [1,2], "b": null})`, `Dict({"b": null, "\"a\"": [1,2]})`},
			show(func() (string, error) { return d.Dump(ctx) }))
		require.Contains(t, []string{`Dict(keys=["\"a\"", "b"])`, `Dict(keys=["b", "\"a\""])`},
			show(func() (string, error) { return d.Summary(ctx) }))

		var broken List[int]
		text, err := broken.Dump(ctx)
		require.ErrorIs(t, err, errUnbound)
		require.Empty(t, text)
	})
}

// WithCallback tells all that Python's callbacks tell of the same changes, and
// Summary and Dump show what Python's repr shows.
func TestObjects_tellAndShowAsPython(t *testing.T) {
	_, addr := startServer(t)
	out, err := exec.CommandContext(t.Context(), peers.Python(t), "-W", "ignore", "testdata/interop/callbacks.py", "znsocket://"+addr).Output()
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")

	ctx, s := t.Context(), newStore(t)
	var told []string
	tell := func(call ...any) {
		text, err := json.Marshal(call)
		require.NoError(t, err)
		told = append(told, string(text))
	}
	l := NewList[any](s, "l", WithCallback(func(c Change) {
		switch c.Op {
		case "append":
			tell("append", c.Values[0])
		case "insert":
			tell("insert", c.Indices[0], c.Values[0])
		case "set":
			tell("setitem", c.Indices, c.Values)
		case "delete":
			tell("delitem", c.Indices)
		}
	}))
	d := NewDict[any](s, "d", WithCallback(func(c Change) {
		if c.Op == "set" {
			tell("setitem", c.Keys[0], c.Values[0])
		} else {
			tell("delitem", c.Keys[0])
		}
	}))
	for _, err := range []error{
		l.Append(ctx, "a"), l.Append(ctx, "b"), l.Append(ctx, nil), l.Insert(ctx, 1, "c"), l.Insert(ctx, 0, "d"),
		l.Set(ctx, 1, "A"), l.SetSlice(ctx, 1, 3, "x", "y"), l.SetSliceStep(ctx, Begin, End, 2, 1, 2, 3),
		l.Delete(ctx, 0, 1), l.Delete(ctx, 1, 3), l.DeleteStep(ctx, End, Begin, -1),
		d.Set(ctx, "a", 1), d.Set(ctx, "a", map[string]any{"deep": []int{2}}), d.Set(ctx, "b", nil),
	} {
		require.NoError(t, err)
	}
	_, err = d.Delete(ctx, "a")
	require.NoError(t, err)
	_, err = d.Pop(ctx, "b")
	require.NoError(t, err)
	require.Len(t, lines, len(told)+2)
	for i := range told {
		assert.JSONEq(t, lines[i], told[i])
	}

	shownList, shownDict := NewList[any](s, "shown"), NewDict[any](s, "shown")
	require.NoError(t, shownList.Append(ctx, 1, []int{2}))
	require.NoError(t, shownDict.Set(ctx, "a", 1))
	var shown []string
	for _, call := range []func() (string, error){
		func() (string, error) { return shownList.Summary(ctx) }, func() (string, error) { return shownList.Dump(ctx) },
		func() (string, error) { return shownDict.Summary(ctx) }, func() (string, error) { return shownDict.Dump(ctx) },
	} {
		text, err := call()
		require.NoError(t, err)
		shown = append(shown, strings.ReplaceAll(text, `"`, `'`)) // Python's quotes
	}
	for i, line := range lines[len(told):] {
		var want []string
		require.NoError(t, json.Unmarshal([]byte(line), &want))
		require.Equal(t, want, shown[2*i:2*i+2])
	}
}
