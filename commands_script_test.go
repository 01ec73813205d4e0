package znsocket

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// An error among what a script returns is one wherever the script has run.
func TestCommands_Eval_errorInside(t *testing.T) {
	for _, each := range commanders {
		switch each.Name {
		case "Store", "Client of a Go server", "Redis":
		default: // a CommanderFunc gives what its client makes of it
			continue
		}
		t.Run(each.Name, func(t *testing.T) {
			c, ctx := NewCommands(each.Open(t)), t.Context()
			refused := &Error{KindResponse, "ERR wrong"}
			want := []any{int64(1), []any{"\xff", nil, refused}, []any{}, refused}
			const script = `return {1, {ARGV[1], false, redis.error_reply('ERR wrong')}, {}, redis.error_reply('ERR wrong')}`
			got, err := c.Eval(ctx, script, nil, []byte{255})
			require.NoError(t, err)
			require.Equal(t, want, got)

			var future *Future[any]
			require.NoError(t, c.Pipelined(ctx, func(p *Pipeline) error {
				future = p.Eval(script, nil, []byte{255})
				return nil
			}))
			got, err = future.Result()
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestScript_Run(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		if _, err := NewCommands(c).ScriptExists(ctx, "x"); err != nil {
			require.ErrorIs(t, err, ErrUnknownCommand)
			_, err = NewScript("return 1").Run(ctx, c, nil)
			require.ErrorIs(t, err, ErrUnknownCommand)
			return
		}
		s := NewScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
		for _, want := range []int64{3, 6} {
			got, err := s.Run(ctx, c, []string{"k"}, 3)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		_, err := NewScript("return").Run(ctx, c, []string{"k"}, make(chan int))
		require.ErrorContains(t, err, "Invalid input of type: 'chan int'")
	})
}

// A Script is sent to a server that does not have it, and only then.
func TestScript_Run_sentOnce(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	var sent []any
	s.Intercept(func(_ context.Context, cmd Cmd) error { sent = append(sent, cmd[0]); return nil })
	for range 2 {
		_, err := NewScript("return 1").Run(ctx, s, nil)
		require.NoError(t, err)
	}
	require.Equal(t, []any{"EVALSHA", "EVAL", "EVALSHA"}, sent)
}
