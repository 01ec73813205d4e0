package znsocket

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"
)

// exchange is where the live objects of one Store or Node meet: who listens to
// changes, and who owns adapters. All Servers of a Store share it.
type exchange struct {
	hub
	adapters
	mesh *mesh // the other programs that share a Redis; nil for a Store
}

// live is a Commander with an exchange, its own or that of a server.
type live interface {
	runner
	notifier
	// objects runs the commands of objects: those whose key has an adapter are
	// answered by its owner, and others are not told of as raw changes.
	objects() runner
	// ask asks the owner of an adapter and waits for the answer. Without an
	// owner it is noAdapter.
	ask(ctx context.Context, q question) (answer, error)
	// adapted reports whether a key has an adapter.
	adapted(ctx context.Context, key string) (bool, error)
}

// defaultAdapterTimeout is how long an owner has for an answer.
const defaultAdapterTimeout = 5 * time.Second

// publish tells everybody here and in other programs.
func (x *exchange) publish(target string, r Refresh, self any) { x.spread(newsOf(target, r, self)) }

func (x *exchange) spread(n *news) {
	x.tell(n)
	if x.mesh != nil {
		x.mesh.spread(n)
	}
}

// take makes an owner known, here and to other programs. Those who listen to the
// key read again, as they do whenever its owner changes.
func (x *exchange) take(ctx context.Context, c claim) error {
	err := error(nil)
	if x.mesh != nil {
		err = x.mesh.claim(ctx, c)
	} else {
		err = x.register(c)
	}
	if err == nil {
		x.resync(c.key)
	}
	return err
}

// giveUp takes one adapter of an owner away; it reports whether there was one.
func (x *exchange) giveUp(key string, o owner) bool {
	was := x.release(key, o)
	if was && x.mesh != nil {
		x.mesh.withdraw(key)
	}
	if was {
		x.resync(key)
	}
	return was
}

// leave takes all adapters of an owner that is gone away.
func (x *exchange) leave(o owner) {
	keys := x.forget(o)
	if len(keys) > 0 && x.mesh != nil {
		x.mesh.withdraw(keys...)
	}
	x.resync(keys...)
}

func (x *exchange) adapted(_ context.Context, key string) (bool, error) {
	return x.owner(key) != nil, nil
}

// pose asks the owner of an adapter; done is called once, at the latest when the
// time is over.
func (x *exchange) pose(q question, done answerFunc) {
	o := x.owner(q.key)
	if o == nil {
		done(nil, nil, noAdapter(q.key))
		return
	}
	limit := cmp.Or(o.patience(), defaultAdapterTimeout)
	var once sync.Once
	finish := func(answer []byte, attachments [][]byte, err error) {
		once.Do(func() { done(answer, attachments, err) })
	}
	var cancel func()
	asked := make(chan struct{})
	late := time.AfterFunc(limit, func() {
		<-asked
		cancel()
		finish(nil, nil, &Error{KindTimeout, fmt.Sprintf("The owner of %s did not answer within %s", q.key, limit)})
	})
	cancel = o.ask(q, func(answer []byte, attachments [][]byte, err error) {
		late.Stop()
		finish(answer, attachments, err)
	})
	close(asked)
}

// ask waits for the owner's answer.
func (x *exchange) ask(ctx context.Context, q question) (answer, error) {
	type result struct {
		answer
		err error
	}
	got := make(chan result, 1)
	x.pose(q, func(args []byte, attachments [][]byte, err error) {
		got <- result{answer{keep(args), attachments}, err}
	})
	select {
	case r := <-got:
		return r.answer, r.err
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

// objectCommands runs the commands of objects over a live Commander: what
// concerns an adapter goes to its owner, all else to run.
type objectCommands struct {
	live
	raw runner
}

func (o objectCommands) run(ctx context.Context, argv []string) (any, error) {
	reply, answered, err := o.answer(ctx, argv)
	switch {
	case err != nil:
		return nil, err
	case answered:
		return reply.Val, reply.Err
	}
	return o.raw.run(ctx, argv)
}

func (o objectCommands) runMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	return runRest(ctx, o.raw, cmds, func(argv []string) (Reply, bool, error) { return o.answer(ctx, argv) })
}

// answer answers a command that an adapter has to do with, and reports whether
// one has.
func (o objectCommands) answer(ctx context.Context, argv []string) (reply Reply, answered bool, err error) {
	key := objectKey(argv)
	if key == "" {
		return Reply{}, false, nil
	}
	if answered, err = o.adapted(ctx, key); answered {
		reply.Val, reply.Err = askFor(ctx, o.live, key, unscripted(argv))
		return reply, true, nil
	}
	if err == nil && len(argv) == 3 && argv[0] == "COPY" {
		answered, err = o.adapted(ctx, argv[2]) // nothing is stored under an adapter
		reply.Val = int64(0)
	}
	return reply, answered, err
}

// objectKey returns the key of an object's command.
func objectKey(argv []string) string {
	at := 1
	if len(argv) > 0 && (argv[0] == "EVALSHA" || argv[0] == "EVAL") {
		at = 3
	}
	if len(argv) <= at {
		return ""
	}
	return argv[at]
}
