package znsocket

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A command that waits does so in a Store as over a Client, and for as long as
// its context and its own time allow.
func TestStore_blocking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStore()
		got := make(chan any)
		wait := func(ctx context.Context, args ...any) {
			go func() {
				v, err := s.Do(ctx, args...)
				if err != nil {
					v = err
				}
				got <- v
			}()
			synctest.Wait()
		}
		wait(t.Context(), "BLPOP", "l", "0")
		_, err := s.RPush(t.Context(), "l", "a", "b")
		require.NoError(t, err)
		require.Equal(t, []any{"l", "a"}, <-got)

		ctx, cancel := context.WithCancel(t.Context())
		wait(ctx, "BLPOP", "none", "0")
		cancel()
		require.Equal(t, context.Canceled, <-got)

		begun := time.Now()
		wait(t.Context(), "BLPOP", "none", "3600")
		require.Nil(t, <-got)
		require.Equal(t, time.Hour, time.Since(begun))
		wait(t.Context(), "BLPOP", "none", "3600")
		s.Advance(time.Hour)
		require.Nil(t, <-got)

		replies, err := s.DoMulti(t.Context(), Cmd{"BLPOP", "none", "0"}, Cmd{"BLPOP", "l", "0"})
		require.NoError(t, err)
		require.Nil(t, replies[0].Val, "together with others it does not wait")
		require.Equal(t, []any{"l", "b"}, replies[1].Val)
	})
}

// What waits holds up nothing else of its client, and wakes whoever it came from.
func TestServer_blocking(t *testing.T) {
	srv, addr := startServer(t)
	c := dialTest(t, addr)
	heard := hears(t, NewList[int](c, "l"))
	got := make(chan any)
	go func() { v, _ := c.Do(t.Context(), "BLPOP", "znsocket.List:l", "0"); got <- v }()
	raw := dialGreeting(t, addr, `{}`, 10)
	require.Eventually(t, func() bool { return srv.Store().waiters("znsocket.List:l") == 1 }, 10*time.Second, time.Millisecond)
	require.NoError(t, c.Set(t.Context(), "k", "v"), "the same client goes on")
	require.Contains(t, raw.call("rpush", `[["znsocket.List:l","1"],{}]`), "data")
	require.Equal(t, []any{"znsocket.List:l", "1"}, <-got)
	require.Equal(t, refreshFrom(0), next(t, heard), "others hear that it was taken")
	answer := make(chan string)
	go func() { answer <- raw.call("blpop", `[["other",5],{}]`) }()
	require.Eventually(t, func() bool { return srv.Store().waiters("other") == 1 }, 10*time.Second, time.Millisecond)
	_, err := c.RPush(t.Context(), "other", "x")
	require.NoError(t, err)
	require.JSONEq(t, `{"data":["other","x"]}`, <-answer)
}

func (s *Store) waiters(key string) int { return s.space.Waiters(0, key) }
