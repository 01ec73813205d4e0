package znsocket

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"strings"
)

// Node makes live objects of a Redis, or of any other Commander that several
// programs share: the Nodes of these programs tell each other of changes and of
// the adapters they have, over a Bus. It is a Commander itself, a Server can
// share it, and a List over it works as one over a Store. Package redisbackend
// makes one of a Redis URL.
//
// A program that ends without Close is missed after a few seconds: then its
// adapters are gone for the others.
type Node struct {
	Commands
	exchange
	data runner
}

// NodeOption sets up a Node.
type NodeOption func(*nodeConfig)

type nodeConfig struct {
	group string
	log   *slog.Logger
}

// WithGroup sets the name of the Nodes that belong together, by which the
// channels of the Bus are called; the default is "0". Nodes over different data
// must have different ones where they share a Bus: the databases of a Redis do.
func WithGroup(name string) NodeOption { return func(c *nodeConfig) { c.group = name } }

// WithNodeLogger sends the log of a Node there; the default is slog.Default.
func WithNodeLogger(l *slog.Logger) NodeOption { return func(c *nodeConfig) { c.log = l } }

// NewNode joins the Nodes that share c. It returns once the others have been
// asked for their adapters, or with the reason why the Bus does not work. The
// context bounds the joining only.
func NewNode(ctx context.Context, c Commander, bus Bus, opts ...NodeOption) (*Node, error) {
	cfg := nodeConfig{group: "0", log: slog.Default()}
	for _, opt := range opts {
		opt(&cfg)
	}
	n := newNode(c)
	m := &mesh{
		x: &n.exchange, bus: bus, log: cfg.log, id: rand.Text(),
		everyone: "{znsocket:" + cfg.group + "}:nodes",
	}
	n.mesh = m
	if err := m.join(ctx); err != nil {
		return nil, err
	}
	return n, nil
}

func newNode(c Commander) *Node {
	n := &Node{data: scripting{runnerOf(c)}}
	n.Commands = Commands{n}
	return n
}

// scripting has the Redis under a Node run our own commands, which it does not
// know, as scripts: so they have one name everywhere, also for access rules.
type scripting struct{ runner }

func (s scripting) run(ctx context.Context, argv []string) (any, error) {
	if isOwn(argv) {
		return runScript(ctx, s.runner, op{argv: argv})
	}
	return s.runner.run(ctx, argv)
}

func (s scripting) runMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	sent := cmds
	for i, argv := range cmds {
		if isOwn(argv) {
			if &sent[0] == &cmds[0] {
				sent = slices.Clone(cmds)
			}
			sent[i] = scriptOf(op{argv: argv})
		}
	}
	return s.runner.runMulti(ctx, sent)
}

// isOwn reports whether a command is one of ours, about the key that it names.
func isOwn(argv []string) bool { return len(argv) > 1 && strings.HasPrefix(argv[0], "ZN.") }

// Close leaves the other Nodes: the adapters of this one are gone for them. The
// Commander and the Bus are left open.
func (n *Node) Close() error { return n.mesh.close() }

// Do runs one command; see Commander.
func (n *Node) Do(ctx context.Context, args ...any) (any, error) { return doWith(ctx, n, args) }

// DoMulti runs commands in one round trip; see Commander.
func (n *Node) DoMulti(ctx context.Context, cmds ...Cmd) ([]Reply, error) {
	return doMultiWith(ctx, n, cmds)
}

func (n *Node) run(ctx context.Context, argv []string) (any, error) {
	v, err := n.data.run(ctx, argv)
	if err == nil && n.concerns(argv) {
		n.changed([][]string{argv}, []Reply{{Val: v}})
	}
	return v, err
}

func (n *Node) runMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	replies, err := n.data.runMulti(ctx, cmds)
	if err == nil {
		n.changed(cmds, replies)
	}
	return replies, err
}

func (n *Node) meeting() *exchange { return &n.exchange }

func (n *Node) quiet() runner { return n.data }

func (n *Node) objects() runner { return objectCommands{n, n.data} }
