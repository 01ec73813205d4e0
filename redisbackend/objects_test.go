package redisbackend

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/peers"
)

// Objects are as a slice and a map are, and each change of them is one step.
func testObjects(t *testing.T, url string, servers []*peers.RedisServer) {
	ctx := t.Context()
	b := open(t, url)
	commandAll(t, servers, "SCRIPT FLUSH")
	l := znsocket.NewList[int](b, "l")
	require.NoError(t, l.Clear(ctx))
	var model []int
	for i := range 200 {
		at := rand.IntN(len(model) + 1)
		switch {
		case rand.IntN(3) > 0 || at == len(model):
			require.NoError(t, l.Insert(ctx, at, i))
			model = slices.Insert(model, at, i)
		default:
			got, err := l.Pop(ctx, at-len(model))
			require.NoError(t, err)
			require.Equal(t, model[at], got)
			model = slices.Delete(model, at, at+1)
		}
	}
	got, err := l.Slice(ctx, znsocket.Begin, znsocket.End)
	require.NoError(t, err)
	require.Equal(t, model, got)
	require.NoError(t, l.SetSlice(ctx, 1, 2, 7, 8, 9))
	got, err = l.Slice(ctx, 0, 5)
	require.NoError(t, err)
	require.Equal(t, slices.Concat(model[:1], []int{7, 8, 9}, model[2:3]), got)
	_, err = l.Pop(ctx, 1000)
	require.ErrorIs(t, err, znsocket.ErrOutOfRange)

	d := znsocket.NewDict[string](b, "d")
	require.NoError(t, d.Clear(ctx))
	require.NoError(t, d.Update(ctx, map[string]string{"a": "x", "b": "y"}))
	popped, err := d.Pop(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, "x", popped)
	_, err = d.Pop(ctx, "a")
	require.ErrorIs(t, err, znsocket.ErrNil)

	// Ten who pop at the same time get each element once.
	require.NoError(t, l.Clear(ctx))
	for i := range 100 {
		require.NoError(t, l.Append(ctx, i))
	}
	var popping sync.WaitGroup
	all := make(chan int, 100)
	for range 10 {
		popping.Go(func() {
			for {
				n, err := l.Pop(ctx, 0)
				if errors.Is(err, znsocket.ErrOutOfRange) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				all <- n
			}
		})
	}
	popping.Wait()
	close(all)
	seen := map[int]bool{}
	for n := range all {
		require.False(t, seen[n])
		seen[n] = true
	}
	require.Len(t, seen, 100)
}
