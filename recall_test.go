package znsocket

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/socketio"
)

// counted returns a request that counts how often it runs.
func counted(runs *int, answer string, err error) func() ([]byte, error) {
	return func() ([]byte, error) {
		*runs++
		return []byte(answer), err
	}
}

// checkRecall holds what is counted to what is there.
func checkRecall(t *testing.T, r *recall) {
	t.Helper()
	requests, bytes := 0, 0
	for _, m := range r.clients {
		requests += len(m.requests)
		for _, q := range m.requests {
			bytes += len(q.answer)
		}
	}
	require.Equal(t, requests, r.requests)
	require.Equal(t, bytes, r.bytes)
}

func TestRecall_once(t *testing.T) {
	var r recall
	m, other := r.join("c"), r.join("d")
	runs := 0
	for range 3 {
		answer, err := r.once(m, 1, 1, counted(&runs, "first", nil))
		require.NoError(t, err)
		require.Equal(t, "first", string(answer))
	}
	require.Equal(t, 1, runs)
	_, err := r.once(m, 2, 1, counted(&runs, "", ErrFrozen))
	require.ErrorIs(t, err, ErrFrozen)
	_, err = r.once(m, 2, 1, counted(&runs, "", nil))
	require.ErrorIs(t, err, ErrFrozen, "an error is an answer too")
	require.Equal(t, 2, runs)
	_, err = r.once(other, 1, 1, counted(&runs, "", nil))
	require.NoError(t, err)
	require.Equal(t, 3, runs, "another client's number 1 is another request")
	checkRecall(t, &r)
}

// Whoever asks again before there is an answer waits for it.
func TestRecall_once_whileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recall
		m := r.join("c")
		runs, finish := 0, make(chan struct{})
		var all sync.WaitGroup
		answers := make([]string, 5)
		for i := range answers {
			all.Go(func() {
				answer, err := r.once(m, 1, 1, func() ([]byte, error) {
					runs++
					<-finish
					return []byte("answer"), nil
				})
				assert.NoError(t, err)
				answers[i] = string(answer)
			})
		}
		synctest.Wait()
		require.Equal(t, 1, runs)
		require.Equal(t, make([]string, 5), answers)
		close(finish)
		all.Wait()
		require.Equal(t, strings.Fields(strings.Repeat("answer ", 5)), answers)
	})
}

func TestRecall_once_panic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recall
		m := r.join("c")
		begun, finish, twin := make(chan struct{}), make(chan struct{}), make(chan error)
		go func() {
			<-begun
			go func() {
				_, err := r.once(m, 1, 1, func() ([]byte, error) { return nil, nil })
				twin <- err
			}()
			synctest.Wait()
			close(finish)
		}()
		require.Panics(t, func() {
			r.once(m, 1, 1, func() ([]byte, error) {
				close(begun)
				<-finish
				panic("boom")
			})
		})
		require.ErrorIs(t, <-twin, errInterrupted)
	})
}

// What the client says it no longer waits for is let go, and not run again.
func TestRecall_over(t *testing.T) {
	for name, numbers := range map[string][]uint64{
		"in a row":       {1, 2, 3, 4, 5, 6, 7, 8},
		"far apart":      {1, 1000, 1 << 40, math.MaxUint64 - 9},
		"from the end":   {math.MaxUint64 - 8, math.MaxUint64 - 7, math.MaxUint64 - 1},
		"out of order":   {7, 3, 5, 1, 8},
		"begins at zero": {0, 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var r recall
			m := r.join("c")
			runs := 0
			for _, n := range numbers {
				_, err := r.once(m, n, 0, counted(&runs, "answer", nil))
				require.NoError(t, err)
			}
			require.Equal(t, len(numbers), runs)
			checkRecall(t, &r)
			last := numbers[len(numbers)-1] + 1
			_, err := r.once(m, last, numbers[len(numbers)-1], counted(&runs, "more", nil))
			require.NoError(t, err)
			runs = 0
			for _, n := range numbers {
				answer, err := r.once(m, n, 0, counted(&runs, "again", nil))
				if n < numbers[len(numbers)-1] {
					require.ErrorContains(t, err, "over", "%d", n)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, "answer", string(answer), "%d", n)
			}
			require.Zero(t, runs)
			require.LessOrEqual(t, r.requests, 3)
			checkRecall(t, &r)
		})
	}
}

// An over that cannot be is no reason to forget: it may not pass its own number.
func TestRecall_over_nonsense(t *testing.T) {
	var r recall
	m := r.join("c")
	runs := 0
	for range 2 {
		_, err := r.once(m, 1, math.MaxUint64, counted(&runs, "answer", nil))
		require.NoError(t, err)
	}
	require.Equal(t, 1, runs)
}

func TestRecall_limits(t *testing.T) {
	var r recall
	m := r.join("c")
	run := func() ([]byte, error) { return nil, nil }
	for n := range uint64(maxOutstanding) {
		_, err := r.once(m, n+1, 1, run)
		require.NoError(t, err)
	}
	_, err := r.once(m, maxOutstanding+1, 1, run)
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "100000")
	_, err = r.once(m, maxOutstanding, 1, run)
	require.NoError(t, err, "what is there already is answered")
	_, err = r.once(m, maxOutstanding+1, 2, run)
	require.NoError(t, err)

	others := maxRequests - r.requests
	r.requests += others
	_, err = r.once(r.join("late"), 1, 1, run)
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "1048576")
	r.requests -= others
	checkRecall(t, &r)
}

func TestRecall_limits_clients(t *testing.T) {
	var r recall
	for i := range maxMemories {
		require.NotNil(t, r.join(fmt.Sprint(i)))
	}
	require.Nil(t, r.join("one more"))
	require.NotNil(t, r.join("7"), "one that is known")
	r.close()
	require.NotNil(t, r.join("one more"))
}

// Where an answer is too much to keep it is known that there was one.
func TestRecall_limits_bytes(t *testing.T) {
	var r recall
	m := r.join("c")
	runs := 0
	half := strings.Repeat("x", maxRecalledOne/2)
	for n := range uint64(3) {
		answer, err := r.once(m, n+1, 1, counted(&runs, half, nil))
		require.NoError(t, err)
		require.Len(t, answer, len(half), "who asks first has it")
	}
	for n := range uint64(2) {
		answer, err := r.once(m, n+1, 1, counted(&runs, "", nil))
		require.NoError(t, err)
		require.Len(t, answer, len(half))
	}
	_, err := r.once(m, 3, 1, counted(&runs, "", nil))
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "carried out")
	require.Equal(t, 3, runs)
	_, err = r.once(m, 4, 4, counted(&runs, half, nil))
	require.NoError(t, err)
	answer, err := r.once(m, 4, 4, counted(&runs, "", nil))
	require.NoError(t, err)
	require.Len(t, answer, len(half), "there is room again")
	checkRecall(t, &r)

	whole := strings.Repeat("x", maxRecalledOne)
	for i := range maxRecalled/maxRecalledOne - 1 {
		_, err := r.once(r.join(fmt.Sprint(i)), 1, 1, counted(&runs, whole, nil))
		require.NoError(t, err)
	}
	last := r.join("last")
	_, err = r.once(last, 1, 1, counted(&runs, whole, nil))
	require.NoError(t, err)
	_, err = r.once(last, 1, 1, counted(&runs, whole, nil))
	require.ErrorIs(t, err, ErrTooLarge, "all clients together have had their share")
	checkRecall(t, &r)
}

// A request that its client gave up while it ran leaves nothing behind.
func TestRecall_givenUpWhileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recall
		m := r.join("c")
		finish := make(chan struct{})
		go r.once(m, 1, 1, func() ([]byte, error) {
			<-finish
			return []byte("nobody's"), nil
		})
		synctest.Wait()
		_, err := r.once(m, 2, 2, func() ([]byte, error) { return []byte("second"), nil })
		require.NoError(t, err)
		close(finish)
		synctest.Wait()
		checkRecall(t, &r)
		require.Equal(t, len("second"), r.bytes)
	})
}

// A memory is kept for recallTime after its last session, under one name.
func TestRecall_forgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recall
		m := r.join("c")
		require.Same(t, m, r.join("c"), "two sessions at once")
		runs := 0
		_, err := r.once(m, 1, 1, counted(&runs, "answer", nil))
		require.NoError(t, err)
		r.leave("c", m)
		advance(10 * recallTime)
		require.Same(t, m, r.join("c"), "one session was left")
		r.leave("c", m)
		r.leave("c", m)
		advance(recallTime - 1)
		require.Same(t, m, r.join("c"), "back in time")
		advance(10 * recallTime)
		_, err = r.once(m, 1, 1, counted(&runs, "", nil))
		require.NoError(t, err)
		require.Equal(t, 1, runs)

		r.leave("c", m)
		advance(recallTime / 2)
		require.Same(t, m, r.join("c"))
		r.leave("c", m)
		advance(recallTime * 3 / 4)
		require.Same(t, m, r.join("c"), "the time begins anew")
		r.leave("c", m)
		advance(recallTime)
		require.Empty(t, r.clients)
		checkRecall(t, &r)
		again := r.join("c")
		require.NotEqual(t, m.epoch, again.epoch, "the client can tell that it is another one")
		_, err = r.once(again, 1, 1, counted(&runs, "", nil))
		require.NoError(t, err)
		require.Equal(t, 2, runs)
		r.leave("c", again)
		r.close() // takes the timers away, or the bubble would wait for them
		require.Empty(t, r.clients)
	})
}

func TestRecall_close_whileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recall
		m := r.join("c")
		finish := make(chan struct{})
		var answers sync.WaitGroup
		for range 2 {
			answers.Go(func() {
				_, err := r.once(m, 1, 1, func() ([]byte, error) {
					<-finish
					return []byte("answer"), nil
				})
				assert.NoError(t, err)
			})
		}
		synctest.Wait()
		r.close()
		r.leave("c", m)
		close(finish)
		answers.Wait()
		advance(recallTime)
		checkRecall(t, &r)
	})
}

// What may change something is sent once: a library that is loaded twice is an error.
func TestRequests_whatMayChange(t *testing.T) {
	for name, want := range map[string]bool{
		"SET": true, "EVAL": true, "FCALL": true, "FUNCTION": true, "PUBLISH": true, "NO-SUCH": true,
		"GET": false, "EVAL_RO": false, "XRANGE": false,
	} {
		require.Equal(t, want, changes([][]string{{"PING"}, {name, "LOAD", "x"}}), name)
	}
}

// One that takes long does not make the others fail: those that a server could
// not remember are not numbered.
func TestRequests_oneTakesLong(t *testing.T) {
	var r requests
	slow := r.begin()
	require.EqualValues(t, 1, slow)
	for i := range uint64(maxOutstanding) - 1 {
		n := r.begin()
		require.Equal(t, i+2, n)
		r.end(n)
	}
	require.Zero(t, r.begin())
	require.EqualValues(t, 1, r.lowest())
	r.end(slow)
	require.EqualValues(t, maxOutstanding+1, r.lowest())
	require.EqualValues(t, maxOutstanding+1, r.begin())
}

// advance lets a bubble's clock move on and all that is due then end.
func advance(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// What waited for something when its connection ended is run again for who asks
// again, also for one who has asked already.
func TestRecall_abandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recall
		m := r.join("c")
		end := make(chan struct{})
		answers := make(chan string)
		go func() {
			_, err := r.once(m, 1, 1, func() ([]byte, error) { <-end; return nil, errAbandoned })
			answers <- err.Error()
		}()
		synctest.Wait()
		go func() {
			answer, err := r.once(m, 1, 1, func() ([]byte, error) { return []byte("popped"), nil })
			answers <- fmt.Sprint(string(answer), err)
		}()
		synctest.Wait()
		close(end)
		require.ElementsMatch(t, []string{"abandoned", "popped<nil>"}, []string{<-answers, <-answers})
		r.close()
	})
}

// A numbered request is carried out whole, though its connection ends meanwhile.
func TestSession_numberedRequestIsWhole(t *testing.T) {
	srv := NewServer()
	defer srv.Shutdown(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	s := &session{srv: srv, ctx: ctx, memory: srv.recall.join("c")}
	srv.Store().Intercept(func(_ context.Context, cmd Cmd) error {
		cancel()
		return nil
	})
	body, err := goRequest{Number: 1, Over: 1, Commands: [][]string{{"SET", "a", "1"}, {"SET", "b", "2"}}}.encode()
	require.NoError(t, err)
	reply, err := s.answerGo(body, socketio.Ack{})
	require.NoError(t, err)
	replies, err := decodeReplies(reply, 2)
	require.NoError(t, err)
	for _, r := range replies {
		require.NoError(t, r.Err)
	}
}
