package znsocket

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newAssembly(l Limits) *assembly {
	return &assembly{limits: l.withDefaults(), total: &atomic.Int64{}}
}

func kindOf(err error) string {
	if e, ok := err.(*Error); ok {
		return e.Kind
	}
	return ""
}

func TestAssembly_anyOrder(t *testing.T) {
	a := newAssembly(Limits{})
	for _, i := range []int64{2, 0, 2} { // one of them twice
		frame, _, err := a.add(piece{id: "m", index: i, count: 3, event: "set", data: string(rune('a' + i)), size: 1})
		require.NoError(t, err)
		assert.Nil(t, frame)
	}
	_, _, err := a.fetch("m")
	assert.Equal(t, "ChunkIncompleteError", kindOf(err))
	frame, received, err := a.add(piece{id: "m", index: 1, count: 3, event: "set", data: "b", size: 1})
	require.NoError(t, err)
	assert.Equal(t, "abc", string(frame))
	assert.Equal(t, 3, received)

	a.finish("m", []byte("answer"), nil)
	_, received, err = a.add(piece{id: "m", index: 1, count: 3, event: "set", data: "b", size: 1})
	require.NoError(t, err)
	assert.Zero(t, received, "a piece that comes after the end changes nothing")
	result, _, err := a.fetch("m")
	require.NoError(t, err)
	assert.Equal(t, "answer", string(result))
	_, _, err = a.fetch("m")
	assert.Equal(t, "ChunkNotFoundError", kindOf(err))
	assert.Zero(t, a.held)
	assert.Zero(t, a.total.Load())
}

func TestAssembly_refused(t *testing.T) {
	limits := Limits{Body: 2000, Pieces: 10, Unfinished: 5000, UnfinishedTotal: 6000}
	big := strings.Repeat("x", 1500)
	for name, c := range map[string]struct {
		p    piece
		kind string
	}{
		"no id":            {piece{index: 0, count: 1}, KindChunk},
		"negative":         {piece{id: "n", index: -1, count: 1}, KindChunk},
		"past the end":     {piece{id: "n", index: 3, count: 3}, KindChunk},
		"no pieces":        {piece{id: "n", index: 0, count: 0}, KindChunk},
		"too many":         {piece{id: "n", index: 0, count: 11}, KindTooLarge},
		"huge count":       {piece{id: "n", index: 0, count: 1 << 60}, KindTooLarge},
		"other count":      {piece{id: "m", index: 1, count: 4, event: "set"}, KindChunk},
		"other event":      {piece{id: "m", index: 1, count: 3, event: "get"}, KindChunk},
		"wrong size":       {piece{id: "m", index: 1, count: 3, event: "set", data: "x", size: 2}, "ChunkSizeError"},
		"message too long": {piece{id: "n", index: 0, count: 2, data: big + big, size: 3000}, KindTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAssembly(limits)
			_, _, err := a.add(piece{id: "m", index: 0, count: 3, event: "set", data: "x", size: 1})
			require.NoError(t, err)
			_, _, err = a.add(c.p)
			assert.Equal(t, c.kind, kindOf(err), "%v", err)
			a.close()
			assert.Zero(t, a.total.Load())
		})
	}
}

// What clients leave unfinished is bounded for each and for all.
func TestAssembly_bounded(t *testing.T) {
	total := &atomic.Int64{}
	limits := Limits{Unfinished: 10_000, UnfinishedTotal: 25_000}.withDefaults()
	fill := func(a *assembly) (n int, err error) {
		for ; err == nil; n++ {
			_, _, err = a.add(piece{id: strings.Repeat("i", n+1), index: 0, count: 2, data: strings.Repeat("x", 1000), size: 1000})
		}
		return n, err
	}
	clients := []*assembly{{limits: limits, total: total}, {limits: limits, total: total}, {limits: limits, total: total}}
	for i, a := range clients {
		n, err := fill(a)
		assert.Equal(t, KindTooLarge, kindOf(err))
		assert.Greater(t, n, 3)
		assert.LessOrEqual(t, a.held, limits.Unfinished, "client %d", i)
		assert.LessOrEqual(t, total.Load(), limits.UnfinishedTotal)
	}
	for _, a := range clients {
		a.close()
	}
	assert.Zero(t, total.Load())
}

// Many empty pieces count too.
func TestAssembly_emptyPieces(t *testing.T) {
	a := newAssembly(Limits{Unfinished: 100_000})
	var err error
	n := int64(0)
	for ; err == nil && n < 99_999; n++ {
		_, _, err = a.add(piece{id: "m", index: n, count: 100_000})
	}
	assert.Equal(t, KindTooLarge, kindOf(err))
	assert.Less(t, n, int64(2000))
}

// Many empty messages count too.
func TestAssembly_emptyMessages(t *testing.T) {
	a := newAssembly(Limits{Unfinished: 100_000})
	var err error
	n := 0
	for ; err == nil && n < 1_000_000; n++ {
		_, _, err = a.add(piece{id: time.Duration(n).String(), index: 0, count: 2})
	}
	assert.Equal(t, KindTooLarge, kindOf(err))
	assert.Less(t, n, 1000)
}

func TestAssembly_forgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAssembly(Limits{})
		add := func(id string, i int64) {
			_, _, err := a.add(piece{id: id, index: i, count: 3, data: "x", size: 1})
			require.NoError(t, err)
		}
		add("old", 0)
		time.Sleep(4 * time.Minute)
		add("young", 0)
		add("old", 1)
		time.Sleep(4 * time.Minute)
		add("young", 1)
		time.Sleep(2*time.Minute + time.Second)
		synctest.Wait()
		_, _, err := a.fetch("old")
		assert.Equal(t, "ChunkNotFoundError", kindOf(err), "its last piece came 6 minutes ago")
		_, _, err = a.fetch("young")
		assert.Equal(t, "ChunkIncompleteError", kindOf(err))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		_, _, err = a.fetch("young")
		assert.Equal(t, "ChunkNotFoundError", kindOf(err))
		assert.Zero(t, a.total.Load())
	})
}
