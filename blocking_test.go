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

// Where a client gives up, the server no longer waits for it and takes nothing for it.
func TestClient_waitsNoMore(t *testing.T) {
	srv, addr := startServer(t)
	c := dialTest(t, addr)
	for _, wait := range []func(context.Context) error{
		func(ctx context.Context) error { _, err := c.BLPop(ctx, 0, "l"); return err },
		func(ctx context.Context) error {
			_, err := c.XRead(ctx, XReadArgs{Streams: []string{"l", "$"}, Block: -1})
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() { failed <- wait(ctx) }()
		require.Eventually(t, func() bool { return srv.Store().waiters("l") == 1 }, 10*time.Second, time.Millisecond)
		cancel()
		require.ErrorIs(t, <-failed, context.Canceled)
		require.Eventually(t, func() bool { return srv.Store().waiters("l") == 0 }, 10*time.Second, time.Millisecond)
	}
	_, err := c.RPush(t.Context(), "l", "x")
	require.NoError(t, err)
	n, err := c.LLen(t.Context(), "l")
	require.NoError(t, err)
	require.EqualValues(t, 1, n)

	raw := dialGreeting(t, addr, `{}`, 10)
	require.Contains(t, raw.call("znsocket:withdraw", `"x"`), "the number of a request is needed")
	require.NotContains(t, raw.call("znsocket:withdraw", `7`), "error", "it is over")
}

// Once the context has ended, nothing is taken for it, however soon it comes.
func TestBlocking_endedTakesNothing(t *testing.T) {
	srv, addr := startServer(t)
	for name, c := range map[string]Commander{"Store": srv.Store(), "Client": dialTest(t, addr)} {
		t.Run(name, func(t *testing.T) {
			cmds := NewCommands(c)
			for n := range 50 {
				ctx, cancel := context.WithCancel(t.Context())
				failed := make(chan error)
				go func() { _, err := cmds.BLPop(ctx, 0, name); failed <- err }()
				require.Eventually(t, func() bool { return srv.Store().waiters(name) == 1 }, 10*time.Second, time.Millisecond)
				cancel()
				if name == "Client" {
					require.ErrorIs(t, <-failed, context.Canceled)
				}
				_, err := cmds.RPush(t.Context(), name, n)
				require.NoError(t, err)
				if name == "Store" {
					require.ErrorIs(t, <-failed, context.Canceled)
				}
				length, err := cmds.LLen(t.Context(), name)
				require.NoError(t, err)
				require.Equal(t, int64(1), length)
				require.NoError(t, cmds.FlushDB(t.Context()))
			}
		})
	}
}

// A command that waits may take longer than a call.
func TestClient_timeoutOfWhatWaits(t *testing.T) {
	_, addr := startServer(t)
	c := dialTest(t, addr, WithTimeout(time.Second))
	got, err := c.BLPop(t.Context(), 1100*time.Millisecond, "none")
	require.ErrorIs(t, err, ErrNil, "not that there was no answer")
	require.Zero(t, got)
	deadline := func(argv ...string) bool {
		ctx, cancel := c.withPatience(t.Context(), argv)
		defer cancel()
		_, ok := ctx.Deadline()
		return ok
	}
	require.True(t, deadline("GET", "k"))
	require.True(t, deadline("BLPOP", "k", "1"))
	require.False(t, deadline("BLPOP", "k", "0"))
	require.False(t, deadline("XREAD", "BLOCK", "0", "STREAMS", "s", "$"))
}

func (s *Store) waiters(key string) int { return s.space.Waiters(0, key) }
