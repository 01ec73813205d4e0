package znsocket

import (
	"bufio"
	"encoding/json"
	"math"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// Python reads what Go wrote, and Go what Python wrote.
func TestObjects_python(t *testing.T) {
	ctx := t.Context()
	_, addr := startServer(t)
	c := dialTest(t, addr)
	array, err := NewNDArray([][]float64{{1, 2, 3}, {4, 5, 6}})
	require.NoError(t, err)
	inner := NewDict[string](c, "go:inner")
	require.NoError(t, inner.Set(ctx, "x", "inner"))
	values := []any{
		1, 2.5, math.Copysign(0, -1), 1e300, int64(1<<53 + 1), "schön 😀 \u2028\n", "", nil, true, false,
		[]any{1, []any{2, []any{}}}, map[string]any{"a": map[string]any{"b": nil}},
	}
	require.NoError(t, NewList[any](c, "go:list").Append(ctx, append(values, array, inner)...))
	d := NewDict[any](c, "go:dict")
	require.NoError(t, d.Update(ctx, map[string]any{"a": 1, "b": []int{1, 2}, "é": "ü"}))

	runPeer(t, peers.Python(t), "-W", "ignore", "testdata/interop/objects.py", "znsocket://"+addr)

	ours, err := NewList[json.RawMessage](c, "go:list").Slice(ctx, Begin, -2)
	require.NoError(t, err)
	theirs, err := NewList[json.RawMessage](c, "python:list").Slice(ctx, Begin, -2)
	require.NoError(t, err)
	require.Len(t, theirs, len(ours))
	for i := range ours {
		assert.JSONEq(t, string(ours[i]), string(theirs[i]))
	}
	python := NewList[any](c, "python:list")
	read, err := python.At(ctx, -2)
	require.NoError(t, err)
	assert.Equal(t, array, read)
	read, err = python.At(ctx, -1)
	require.NoError(t, err)
	x, err := read.(*Dict[any]).Get(ctx, "x")
	require.NoError(t, err)
	assert.Equal(t, "inner", x)
	equal, err := NewDict[any](c, "python:dict").Equal(ctx, d)
	require.NoError(t, err)
	assert.True(t, equal)
}

// The refreshes that Go makes are those that Python makes of the same changes,
// and each hears the other's.
func TestRefresh_python(t *testing.T) {
	ctx := t.Context()
	srv, addr := startServer(t)
	c := dialTest(t, addr)
	theirs := make(chan Refresh, 100)
	hear := func(r Refresh) { theirs <- r }
	defer NewList[string](c, "python:l").OnRefresh(hear)()
	defer NewDict[int](c, "python:d").OnRefresh(hear)()

	python := exec.CommandContext(ctx, peers.Python(t), "-W", "ignore", "testdata/interop/refreshes.py", "znsocket://"+addr)
	out, err := python.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, python.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	require.Equal(t, "ready", lines.Text())

	l, d := NewList[string](c, "go:l"), NewDict[int](srv.Store(), "go:d") // one on each side of the server
	require.NoError(t, l.Append(ctx, "a"))
	require.NoError(t, l.Append(ctx, "b", "c", "d"))
	require.NoError(t, l.Set(ctx, 1, "B"))
	require.NoError(t, l.Insert(ctx, 1, "i"))
	require.NoError(t, l.Delete(ctx, 2, 3))
	require.NoError(t, d.Set(ctx, "k", 1))
	require.NoError(t, d.Update(ctx, map[string]int{"m": 2, "n": 3}))
	_, err = d.Delete(ctx, "k")
	require.NoError(t, err)

	var ours []Refresh // Python handles each in a thread of its own: in any order
	for lines.Scan() {
		var r Refresh
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r))
		ours = append(ours, r)
	}
	require.NoError(t, python.Wait())
	require.Eventually(t, func() bool { return len(theirs) == 8 }, 30*time.Second, time.Millisecond)
	var heard []Refresh
	for range 8 {
		heard = append(heard, <-theirs)
	}
	assert.ElementsMatch(t, heard, ours)
	assert.Empty(t, theirs)
}
