// Package redisbackend keeps what programs share in a Redis or Valkey: a single one,
// one that sentinels watch, or a cluster.
//
// A Backend is a [znsocket.Node] over it. Lists, dicts, typed commands and all else
// that works over a [znsocket.Commander] works over it; an operation by index is a
// script there, and as atomic as on a Store. Programs with a Backend on the same Redis
// hear of each other's changes and answer for each other's adapters, by Redis's
// publish and subscribe.
//
// # What an error says
//
// No command is sent twice. Where the connection was lost before the answer came
// the error matches [znsocket.ErrDisconnected], and whether the command was carried
// out is not known. It matches that too where no connection could be made; then it
// holds a [net.OpError] whose Op is "dial", and the command was not sent. What Redis
// refuses is a [znsocket.Error] with Redis's text.
//
// A call takes no longer than the timeouts of the URL allow, by default 5 s to
// connect and 3 s each to write and to read. A command that waits by itself, such
// as BLPOP, may wait that much longer; it has a connection of its own, which is
// closed when its context ends. A context that ends ends any call.
//
// Commands that concern the connection, such as SELECT, SUBSCRIBE and WATCH, are
// refused: calls share connections.
//
// # Clusters
//
// The keys of one command must be in one slot, as they are with the same {hash tag}
// in their names, and so must those of a DoMulti that is to be atomic: otherwise
// each of its commands stands for itself, and a node that cannot be reached fails
// its part. Commands that see only one node, such as SCAN, are refused. Subscribing
// takes Redis 7 or Valkey.
package redisbackend

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/znsocket/znsocket"
)

// Backend is a Node over a Redis. It is safe for concurrent use.
type Backend struct {
	*znsocket.Node
	remote *remote
}

// Open connects to the Redis that a URL names, in the manner of go-redis:
//
//	redis://user:password@host:6379/0                          a single Redis
//	unix:///run/redis.sock?db=0                                the same by its socket
//	redis://host:26379/0?master_name=main&addr=host2:26379     sentinels
//	redis://host:7000?addr=host2:7000&addr=host3:7000          a cluster
//	redis://host:7000?cluster=true                             a cluster, by one host
//
// rediss:// encrypts. With master_name the hosts are sentinels, and the user and
// password before the host are theirs: those of Redis are ?username=…&password=….
// Without it addr= or cluster=true says that this is a cluster, of which any node
// that is named leads to the others. Further parameters are those of go-redis's
// ParseURL, ParseFailoverURL and ParseClusterURL, such as read_timeout=10s and
// pool_size=50.
//
// The Nodes of one database belong together. Open fails where the Redis does not
// answer; the context bounds the connecting only.
func Open(ctx context.Context, url string, opts ...Option) (*Backend, error) {
	var cfg config
	for _, opt := range opts {
		opt(&cfg)
	}
	r, err := cfg.connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return join(ctx, r, cfg.node)
}

// New makes a Backend of a client that the program has, a *redis.Client or a
// *redis.ClusterClient. Close leaves the client open.
func New(ctx context.Context, rdb redis.UniversalClient, opts ...znsocket.NodeOption) (*Backend, error) {
	r, err := over(rdb)
	if err == nil {
		err = r.reach(ctx)
	}
	if err != nil {
		return nil, err
	}
	return join(ctx, r, opts)
}

// join makes the Node. The channels of a Redis are those of all its databases, so
// its group is the database.
func join(ctx context.Context, r *remote, opts []znsocket.NodeOption) (*Backend, error) {
	group := znsocket.WithGroup(strconv.Itoa(r.database))
	node, err := znsocket.NewNode(ctx, r, r, slices.Concat([]znsocket.NodeOption{group}, opts)...)
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	return &Backend{node, r}, nil
}

// Close leaves the other Nodes. Calls that wait fail with ErrClosed.
func (b *Backend) Close() error {
	return errors.Join(b.Node.Close(), b.remote.Close())
}
