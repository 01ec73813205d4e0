package redisbackend

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/rediscommands"
)

// once is a command that is sent once, whatever the settings of the client. Left
// to itself go-redis sends a command again after a lost connection, to a cluster
// even with retries turned off, and RPUSH would append twice. What it goes on
// doing is safe, for the command was not carried out: it follows MOVED and ASK,
// and makes another attempt after READONLY in a cluster and where it got no
// connection to a node.
type once struct{ *redis.Cmd }

// NoRetry is what go-redis asks.
func (once) NoRetry() bool { return true }

func newOnce(ctx context.Context, words []string) once {
	args := make([]any, len(words))
	for i, w := range words {
		args[i] = w
	}
	return once{redis.NewCmd(ctx, args...)}
}

// Do runs one command. What a command that waits pops at the very moment at which
// its context ends is lost.
func (r *remote) Do(ctx context.Context, args ...any) (any, error) {
	words, err := znsocket.Cmd(args).Words()
	if err != nil {
		return nil, err
	}
	if err := r.check(words); err != nil {
		return nil, err
	}
	cmd, process := newOnce(ctx, words), r.rdb.Process
	if d, waits := rediscommands.Patience(words); waits {
		process = func(ctx context.Context, cmd redis.Cmder) error { return r.processAlone(ctx, cmd, d) }
	}
	// Process gives the error of the reply as well; it is taken from there.
	err = r.wait(ctx, func(ctx context.Context) error { return process(ctx, cmd) })
	if err != nil && err != redis.Nil {
		return nil, r.failure(ctx, err)
	}
	return plain(cmd.Val()), nil
}

// DoMulti runs commands in one round trip, as one transaction where that is
// possible.
func (r *remote) DoMulti(ctx context.Context, cmds ...znsocket.Cmd) ([]znsocket.Reply, error) {
	replies := make([]znsocket.Reply, len(cmds))
	var queue []*queued
	for i, cmd := range cmds {
		words, err := cmd.Words()
		if err != nil {
			return nil, err
		}
		if replies[i].Err = r.check(words); replies[i].Err == nil {
			queue = append(queue, &queued{words: words, reply: &replies[i]})
		}
	}
	if len(queue) == 0 {
		return replies, ctx.Err()
	}
	if err := r.wait(ctx, func(ctx context.Context) error { return r.transact(ctx, queue) }); err != nil {
		return nil, r.failure(ctx, err)
	}
	for _, q := range queue {
		switch err := q.cmd.Err(); err {
		case nil:
			q.reply.Val = plain(q.cmd.Val())
		case redis.Nil:
		default:
			q.reply.Err = r.failure(ctx, err)
		}
	}
	return replies, nil
}

// queued is a command of a DoMulti, as it was sent the last time, and where its
// answer goes.
type queued struct {
	words []string
	cmd   once
	reply *znsocket.Reply
}

// transact runs commands between MULTI and EXEC. There are two ways in which that
// carries out nothing, and both are made up for: go-redis refuses keys of several
// slots, which are sent without MULTI then; and Redis discards all commands where
// it refuses to queue one, such as one it does not know. That one has its answer,
// and the others are run again without it.
func (r *remote) transact(ctx context.Context, queue []*queued) error {
	err := exec(ctx, r.rdb.TxPipeline(), queue)
	var discarded, divided []*queued
	for _, q := range queue {
		switch {
		case redis.IsExecAbortError(q.cmd.Err()):
			discarded = append(discarded, q)
		case q.cmd.Err() == redis.ErrCrossSlot:
			divided = append(divided, q)
		}
	}
	switch {
	case len(divided) == len(queue):
		return exec(ctx, r.rdb.Pipeline(), queue)
	case len(discarded) > 0 && len(discarded) < len(queue):
		return exec(ctx, r.rdb.TxPipeline(), discarded)
	}
	return err
}

// exec sends commands. It fails where none has an answer.
func exec(ctx context.Context, pipe redis.Pipeliner, queue []*queued) error {
	for _, q := range queue {
		q.cmd = newOnce(ctx, q.words)
		_ = pipe.Process(ctx, q.cmd)
	}
	_, err := pipe.Exec(ctx)
	for _, q := range queue {
		if e := q.cmd.Err(); e == nil || refusal(e) != nil || e == redis.Nil {
			return nil
		}
	}
	return err
}
