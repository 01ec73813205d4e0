package znsocket

import "context"

//go:generate go run ./internal/pipelinegen

// Pipeline collects commands that Pipelined sends in one round trip. It has the
// methods of Commands (pipeline_commands.go, generated from them) without
// context, and each gives a Future.
type Pipeline struct {
	cmds   [][]string
	settle []func(Reply)
	err    error // the first argument that has no form as a word
}

// Future is a reply that is there once Pipelined has returned.
type Future[T any] struct {
	val     T
	err     error
	settled bool
}

// Result returns the reply, or the command's own error. Before Pipelined has
// returned it is the zero T and ErrNotExecuted.
func (f *Future[T]) Result() (T, error) {
	if !f.settled {
		return f.val, ErrNotExecuted
	}
	return f.val, f.err
}

// Err returns the command's own error.
func (f *Future[T]) Err() error {
	_, err := f.Result()
	return err
}

// Pipelined sends the commands that fn puts into the pipeline in one round
// trip, on a Store atomically. All of them run, unless the context ends first,
// and the first error among their replies is returned, as redis-py does; each
// Future has its own. ErrNil is no such error. Where fn fails nothing is sent.
func (c Commands) Pipelined(ctx context.Context, fn func(*Pipeline) error) error {
	p := &Pipeline{}
	if err := fn(p); err != nil {
		return err
	}
	if p.err != nil {
		return p.err
	}
	if len(p.cmds) == 0 {
		return nil
	}
	replies, err := c.r.runMulti(ctx, p.cmds)
	if err != nil {
		return err
	}
	for i, reply := range replies {
		p.settle[i](reply)
		if err == nil && reply.Err != nil {
			err = reply.Err
		}
	}
	return err
}

// Do puts any command into the pipeline.
func (p *Pipeline) Do(args ...any) *Future[any] { return queue(p, asAny, words().vals(args...)) }

func queue[T any](p *Pipeline, as func(any) (T, error), a argv) *Future[T] {
	f := &Future[T]{}
	if a.err != nil && p.err == nil {
		p.err = a.err
	}
	p.cmds = append(p.cmds, a.words)
	p.settle = append(p.settle, func(r Reply) {
		f.settled = true
		if f.err = r.Err; f.err == nil {
			f.val, f.err = as(r.Val)
		}
	})
	return f
}
