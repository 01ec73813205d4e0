package libraries

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asynqWorker starts a worker that handles tasks until the test is over.
func asynqWorker(t *testing.T, s server, cfg asynq.Config, handle asynq.HandlerFunc) *asynq.Server {
	t.Helper()
	cfg.Concurrency = 4
	cfg.LogLevel = asynq.FatalLevel
	cfg.TaskCheckInterval = 10 * time.Millisecond
	cfg.DelayedTaskCheckInterval = 10 * time.Millisecond
	cfg.RetryDelayFunc = func(int, error, *asynq.Task) time.Duration { return 0 }
	worker := asynq.NewServerFromRedisClient(s.goRedis(t), cfg)
	require.NoError(t, worker.Start(handle))
	t.Cleanup(worker.Shutdown)
	return worker
}

// Two workers share the tasks: each is done once, what fails comes back as often as
// it may, and what has failed for good is kept.
func TestAsynq_delivers(t *testing.T) {
	const tasks = 60
	onEach(t, func(t *testing.T, start func() server) {
		s := start()
		rdb := s.goRedis(t)
		client, inspector := asynq.NewClientFromRedisClient(rdb), asynq.NewInspectorFromRedisClient(rdb)
		for i := range tasks {
			queue := []string{"default", "critical"}[i%2]
			info, err := client.Enqueue(asynq.NewTask("work", fmt.Append(nil, i)), asynq.Queue(queue),
				asynq.TaskID(fmt.Sprint("task", i)), asynq.MaxRetry(2), asynq.Retention(time.Hour))
			require.NoError(t, err)
			require.Equal(t, asynq.TaskStatePending, info.State)
		}
		_, err := client.Enqueue(asynq.NewTask("work", nil), asynq.TaskID("task0"))
		require.ErrorIs(t, err, asynq.ErrTaskIDConflict)
		once := asynq.NewTask("once", []byte("same"))
		_, err = client.Enqueue(once, asynq.Unique(time.Hour))
		require.NoError(t, err)
		_, err = client.Enqueue(once, asynq.Unique(time.Hour))
		require.ErrorIs(t, err, asynq.ErrDuplicateTask)
		_, err = client.Enqueue(asynq.NewTask("fails", nil), asynq.TaskID("broken"), asynq.MaxRetry(2))
		require.NoError(t, err)

		var mu sync.Mutex
		tries := map[string]int{}
		handle := func(ctx context.Context, task *asynq.Task) error {
			id, _ := asynq.GetTaskID(ctx)
			mu.Lock()
			tries[id]++
			first := tries[id] == 1
			mu.Unlock()
			switch {
			case task.Type() == "fails":
				return errors.New("as it must")
			case task.Type() == "work" && len(task.Payload()) == 1 && first:
				return errors.New("not yet")
			}
			_, err := task.ResultWriter().Write(append([]byte("done "), task.Payload()...))
			return err
		}
		for range 2 {
			asynqWorker(t, s, asynq.Config{Queues: map[string]int{"critical": 2, "default": 1}}, handle)
		}
		info := func(queue string) *asynq.QueueInfo {
			info, err := inspector.GetQueueInfo(queue)
			require.NoError(t, err)
			return info
		}
		require.Eventually(t, func() bool {
			return info("critical").Completed == tasks/2 && info("default").Completed == tasks/2 && info("default").Archived == 1
		}, soon, often)
		mu.Lock()
		tried := maps.Clone(tries)
		mu.Unlock()
		for i := range tasks {
			id := fmt.Sprint("task", i)
			want := 1
			if i < 10 {
				want = 2
			}
			assert.Equal(t, want, tried[id], id)
			task, err := inspector.GetTaskInfo([]string{"default", "critical"}[i%2], id)
			require.NoError(t, err)
			assert.Equal(t, fmt.Sprint("done ", i), string(task.Result))
			assert.Equal(t, want-1, task.Retried)
		}
		assert.Equal(t, 3, tried["broken"])
		broken, err := inspector.GetTaskInfo("default", "broken")
		require.NoError(t, err)
		assert.Equal(t, asynq.TaskStateArchived, broken.State)
		assert.Equal(t, "as it must", broken.LastErr)
		assert.Equal(t, tasks/2+5, info("critical").ProcessedTotal)
		assert.Equal(t, 5, info("critical").FailedTotal)
		history, err := inspector.History("critical", 2)
		require.NoError(t, err)
		assert.Equal(t, tasks/2+5, history[0].Processed+history[1].Processed, "also around midnight")
		servers, err := inspector.Servers()
		require.NoError(t, err)
		assert.Len(t, servers, 2)
		n, err := inspector.DeleteAllCompletedTasks("critical")
		require.NoError(t, err)
		assert.Equal(t, tasks/2, n)
		require.NoError(t, inspector.RunTask("default", "broken"))
		require.Eventually(t, func() bool { return info("default").FailedTotal == 5+3+1 }, soon, often)
	})
}

func TestAsynq_delays(t *testing.T) {
	const delay = time.Second
	onEach(t, func(t *testing.T, start func() server) {
		s := start()
		rdb := s.goRedis(t)
		client, inspector := asynq.NewClientFromRedisClient(rdb), asynq.NewInspectorFromRedisClient(rdb)
		done := make(chan string, 10)
		asynqWorker(t, s, asynq.Config{}, func(_ context.Context, task *asynq.Task) error {
			done <- task.Type()
			return nil
		})
		begun := time.Now()
		for id, in := range map[string]time.Duration{"later": delay, "tomorrow": 24 * time.Hour} {
			info, err := client.Enqueue(asynq.NewTask(id, nil), asynq.TaskID(id), asynq.ProcessIn(in))
			require.NoError(t, err)
			require.Equal(t, asynq.TaskStateScheduled, info.State)
		}
		scheduled, err := inspector.ListScheduledTasks("default")
		require.NoError(t, err)
		require.NotEmpty(t, scheduled)
		require.Equal(t, "later", <-done)
		require.GreaterOrEqual(t, time.Now().Unix(), begun.Add(delay).Unix(), "asynq keeps whole seconds")
		require.NoError(t, inspector.RunTask("default", "tomorrow"))
		require.Equal(t, "tomorrow", <-done)

		require.NoError(t, inspector.PauseQueue("default"))
		_, err = client.Enqueue(asynq.NewTask("paused", nil))
		require.NoError(t, err)
		pending, err := inspector.ListPendingTasks("default")
		require.NoError(t, err)
		require.Len(t, pending, 1)
		require.NoError(t, inspector.UnpauseQueue("default"))
		require.Equal(t, "paused", <-done)
	})
}

// A task is told to stop by publish and subscribe, and what a worker leaves behind is
// another's.
func TestAsynq_cancels(t *testing.T) {
	onEach(t, func(t *testing.T, start func() server) {
		s := start()
		rdb := s.goRedis(t)
		client, inspector := asynq.NewClientFromRedisClient(rdb), asynq.NewInspectorFromRedisClient(rdb)
		begun, cancelled := make(chan string, 1), make(chan error, 1)
		worker := asynqWorker(t, s, asynq.Config{ShutdownTimeout: time.Millisecond}, func(ctx context.Context, task *asynq.Task) error {
			begun <- task.Type()
			<-ctx.Done()
			if task.Type() == "long" {
				cancelled <- ctx.Err()
			}
			return ctx.Err()
		})
		info, err := client.Enqueue(asynq.NewTask("long", nil), asynq.MaxRetry(0))
		require.NoError(t, err)
		require.Equal(t, "long", <-begun)
		active, err := inspector.ListActiveTasks("default")
		require.NoError(t, err)
		require.Len(t, active, 1)
		require.Eventually(t, func() bool { // it may not have subscribed yet
			require.NoError(t, inspector.CancelProcessing(info.ID))
			return len(cancelled) == 1
		}, soon, often)
		require.ErrorIs(t, <-cancelled, context.Canceled)

		_, err = client.Enqueue(asynq.NewTask("left", nil))
		require.NoError(t, err)
		require.Equal(t, "left", <-begun)
		worker.Shutdown()
		asynqWorker(t, s, asynq.Config{}, func(_ context.Context, task *asynq.Task) error {
			begun <- task.Type()
			return nil
		})
		require.Equal(t, "left", <-begun)
	})
}

// Several tasks are handed to a worker as one, and a scheduler adds others in time.
func TestAsynq_groups(t *testing.T) {
	onEach(t, func(t *testing.T, start func() server) {
		s := start()
		rdb := s.goRedis(t)
		client := asynq.NewClientFromRedisClient(rdb)
		payloads, ticks := make(chan string, 1), make(chan struct{}, 10)
		asynqWorker(t, s, asynq.Config{
			GroupGracePeriod: time.Second,
			GroupMaxSize:     3,
			GroupAggregator: asynq.GroupAggregatorFunc(func(group string, tasks []*asynq.Task) *asynq.Task {
				var words []string // those of one second come in any order
				for _, task := range tasks {
					words = append(words, string(task.Payload()))
				}
				slices.Sort(words)
				return asynq.NewTask("all", []byte(group+" "+strings.Join(words, " ")))
			}),
		}, func(_ context.Context, task *asynq.Task) error {
			if task.Type() == "tick" {
				ticks <- struct{}{}
			} else {
				payloads <- string(task.Payload())
			}
			return nil
		})
		scheduler := asynq.NewSchedulerFromRedisClient(rdb, &asynq.SchedulerOpts{LogLevel: asynq.FatalLevel})
		_, err := scheduler.Register("@every 1s", asynq.NewTask("tick", nil))
		require.NoError(t, err)
		require.NoError(t, scheduler.Start())
		t.Cleanup(scheduler.Shutdown)
		for _, word := range []string{"a", "b", "c"} {
			_, err := client.Enqueue(asynq.NewTask("one", []byte(word)), asynq.Group("letters"))
			require.NoError(t, err)
		}
		require.Equal(t, "letters a b c", <-payloads)
		<-ticks
		<-ticks
	})
}
