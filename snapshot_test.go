package znsocket_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
)

// Whoever shows what a Store holds hears that it is another thing.
func TestSnapshot_Restore_isHeard(t *testing.T) {
	ctx := t.Context()
	store := znsocket.NewStore()
	list := znsocket.NewList[string](store, "l")
	require.NoError(t, list.Append(ctx, "a"))
	snap := store.Snapshot()

	heard := make(chan znsocket.Refresh, 10)
	shows := znsocket.NewList[string](store, "l")
	defer shows.OnRefresh(func(r znsocket.Refresh) { heard <- r })()
	require.NoError(t, list.Append(ctx, "b"))
	require.Equal(t, []int{1}, (<-heard).Indices)
	snap.Restore()
	require.True(t, (<-heard).Resync)
	all, err := shows.Slice(ctx, 0, 10)
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, all)
}

// Libraries of functions are data as well.
func TestSnapshot_Restore_libraries(t *testing.T) {
	ctx := t.Context()
	store := znsocket.NewStore()
	_, err := store.Do(ctx, "FUNCTION", "LOAD", library)
	require.NoError(t, err)
	snap := store.Snapshot()
	var saved bytes.Buffer
	require.NoError(t, store.Save(&saved))
	_, err = store.Do(ctx, "FUNCTION", "FLUSH")
	require.NoError(t, err)

	require.NoError(t, snap.Restore())
	other := znsocket.NewStore()
	require.NoError(t, other.Load(&saved))
	for _, s := range []*znsocket.Store{store, other} {
		n, err := s.Do(ctx, "FCALL", "count", 1, "calls")
		require.NoError(t, err)
		require.Equal(t, int64(1), n)
	}
}

func ExampleStore_Snapshot() {
	ctx := context.Background()
	store := znsocket.NewStore()
	_, _ = store.RPush(ctx, "jobs", "first", "second") // … and whatever all tests begin with
	start := store.Snapshot()

	for range 2 { // each t.Run of a test
		job, _ := store.LPop(ctx, "jobs")
		left, _ := store.LLen(ctx, "jobs")
		fmt.Println(job, left)
		start.Restore()
	}
	// Output:
	// first 1
	// first 1
}

func ExampleSnapshot_Diff() {
	ctx := context.Background()
	store := znsocket.NewStore()
	_, _ = store.RPush(ctx, "jobs", "first", "second")
	_, _ = store.HSet(ctx, "user:1", "name", "Ada", "born", 1815)
	before := store.Snapshot()

	_, _ = store.LPop(ctx, "jobs")
	_, _ = store.HSet(ctx, "user:1", "born", 1816)
	fmt.Print(before)
	fmt.Println("and then")
	fmt.Print(before.Diff(store.Snapshot()))
	// Output:
	// list jobs
	//     first
	//     second
	// hash user:1
	//     born: 1815
	//     name: Ada
	// and then
	//   list jobs
	// -     first
	//       … 1 as before
	//   hash user:1
	// -     born: 1815
	// +     born: 1816
	//       … 1 as before
}
