package znsocket

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPipelined(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx, cmds := t.Context(), NewCommands(c)
		var n *Future[int64]
		var v, none *Future[string]
		var set *Future[struct{}]
		require.NoError(t, cmds.Pipelined(ctx, func(p *Pipeline) error {
			set = p.Set("k", "v")
			n = p.RPush("l", "a")
			v, none = p.Get("k"), p.Get("absent")
			_, err := v.Result()
			require.ErrorIs(t, err, ErrNotExecuted)
			return nil
		}))
		require.NoError(t, set.Err())
		got, err := n.Result()
		require.NoError(t, err)
		require.EqualValues(t, 1, got)
		text, err := v.Result()
		require.NoError(t, err)
		require.Equal(t, "v", text)
		_, err = none.Result()
		require.ErrorIs(t, err, ErrNil, "which is no failure of the pipeline")
	})
}

// All commands run, and the first error comes back.
func TestPipelined_firstError(t *testing.T) {
	for _, each := range commanders {
		if !each.Redis {
			continue
		}
		t.Run(each.Name, func(t *testing.T) {
			ctx, cmds := t.Context(), NewCommands(each.Open(t))
			var first, second *Future[int64]
			var last *Future[int64]
			err := cmds.Pipelined(ctx, func(p *Pipeline) error {
				p.Set("text", "x")
				first = p.LLen("text")
				second = p.Incr("text")
				last = p.Incr("n")
				return nil
			})
			require.ErrorIs(t, err, ErrWrongType)
			require.ErrorIs(t, first.Err(), ErrWrongType)
			require.EqualError(t, second.Err(), "ERR value is not an integer or out of range")
			n, err := last.Result()
			require.NoError(t, err)
			require.EqualValues(t, 1, n)
		})
	}
}

func TestPipelined_nothingIsSent(t *testing.T) {
	ctx, boom := t.Context(), errors.New("boom")
	cmds := NewCommands(CommanderFunc(func(context.Context, ...any) (any, error) {
		t.Error("something was sent")
		return nil, nil
	}))
	var f *Future[struct{}]
	require.ErrorIs(t, cmds.Pipelined(ctx, func(p *Pipeline) error {
		f = p.Set("k", "v")
		return boom
	}), boom)
	require.ErrorIs(t, f.Err(), ErrNotExecuted)

	err := cmds.Pipelined(ctx, func(p *Pipeline) error {
		p.Set("k", "v")
		f = p.Set("k", struct{}{})
		p.Set("k", nil)
		return nil
	})
	require.EqualError(t, err, "DataError: Invalid input of type: 'struct {}'. Convert to a []byte, string, int or float first.")
	require.ErrorIs(t, f.Err(), ErrNotExecuted)

	require.NoError(t, cmds.Pipelined(ctx, func(*Pipeline) error { return nil }))

	ended, cancel := context.WithCancel(ctx)
	cancel()
	for _, cmds := range []Commands{cmds, newStore(t).Commands} {
		require.ErrorIs(t, cmds.Pipelined(ended, func(p *Pipeline) error {
			f = p.Set("k", "v")
			return nil
		}), context.Canceled)
		require.ErrorIs(t, f.Err(), ErrNotExecuted)
	}
}

func TestPipelined_Do(t *testing.T) {
	s := newStore(t)
	var f *Future[any]
	require.NoError(t, s.Pipelined(t.Context(), func(p *Pipeline) error {
		p.Do("RPUSH", "l", 1, 2.5)
		f = p.Do("LRANGE", "l", 0, -1)
		return nil
	}))
	v, err := f.Result()
	require.NoError(t, err)
	require.Equal(t, []any{"1", "2.5"}, v)
}

// On a Store nobody comes between the commands of a pipeline.
func TestPipelined_isAtomic(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	stop := make(chan struct{})
	var others sync.WaitGroup
	defer others.Wait()
	defer close(stop)
	for range 2 {
		others.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_, err := s.Incr(ctx, "n")
					assert.NoError(t, err)
				}
			}
		})
	}
	for range 500 {
		var before, after *Future[int64]
		require.NoError(t, s.Pipelined(ctx, func(p *Pipeline) error {
			before = p.Incr("n")
			for range 300 {
				p.Get("x")
			}
			after = p.Incr("n")
			return nil
		}))
		a, _ := before.Result()
		b, _ := after.Result()
		require.Equal(t, a+1, b)
	}
}

// Pipeline has what Commands has, but for what needs more than one round trip.
func TestPipeline_hasEachCommand(t *testing.T) {
	queued := methodsOf(reflect.TypeFor[*Pipeline]())
	for _, method := range methodsOf(reflect.TypeFor[Commands]()) {
		assert.Equal(t, method != "Pipelined" && !strings.HasSuffix(method, "Iter"), slices.Contains(queued, method), method)
	}
}

func TestPipeline_isUpToDate(t *testing.T) {
	dir := t.TempDir()
	generator := filepath.Join(dir, "pipelinegen")
	out, err := exec.Command("go", "build", "-o", generator, "./internal/pipelinegen").CombinedOutput()
	require.NoError(t, err, "%s", out)
	sources, err := filepath.Glob("commands_*.go")
	require.NoError(t, err)
	for _, name := range sources {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	generate := exec.Command(generator)
	generate.Dir = dir
	out, err = generate.CombinedOutput()
	require.NoError(t, err, "%s", out)
	want, err := os.ReadFile(filepath.Join(dir, "pipeline_commands.go"))
	require.NoError(t, err)
	got, err := os.ReadFile("pipeline_commands.go")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run go generate")
}
