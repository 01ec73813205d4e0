package redisbackend

import (
	"context"
	"net"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// dedication is what is special about a client that shares no connection.
type dedication struct {
	readTimeout time.Duration // 0 is none
	// dialer makes its connections by means of that of the shared client.
	dialer func(dialer) dialer
}

type dialer = func(ctx context.Context, network, addr string) (net.Conn, error)

// dedicatedClient makes clients as rdb is. Options that rdb has filled in are not as
// they were given: what was turned off by -1 is 0 there, and 0 is the default again.
func dedicatedClient(rdb *redis.Client) func(dedication) redis.UniversalClient {
	return func(d dedication) redis.UniversalClient {
		opt := *rdb.Options()
		opt.Protocol, opt.MaxRetries, opt.DialerRetries, opt.MinIdleConns = 2, -1, 1, 0
		opt.ReadTimeout, opt.WriteTimeout = orNone(d.readTimeout), orNone(opt.WriteTimeout)
		opt.PushNotificationProcessor, opt.ClientSideCache, opt.ClientSideCacheConfig = nil, nil, nil // of RESP3
		if d.dialer != nil {
			opt.Dialer = d.dialer(opt.Dialer)
		}
		return redis.NewClient(&opt)
	}
}

// dedicatedCluster is dedicatedClient of a cluster. Its clients look at the
// cluster anew, so they find who has a slot now.
func dedicatedCluster(rdb *redis.ClusterClient) func(dedication) redis.UniversalClient {
	return func(d dedication) redis.UniversalClient {
		opt := *rdb.Options()
		opt.Addrs = slices.Clone(opt.Addrs) // a client appends to them
		opt.Protocol, opt.DialerRetries, opt.MinIdleConns = 2, 1, 0
		opt.ReadTimeout, opt.WriteTimeout = orNone(d.readTimeout), orNone(opt.WriteTimeout)
		opt.PushNotificationProcessor = nil
		if d.dialer != nil {
			if opt.Dialer == nil {
				opt.Dialer = redis.NewDialer(&redis.Options{DialTimeout: opt.DialTimeout, TLSConfig: opt.TLSConfig})
			}
			opt.Dialer = d.dialer(opt.Dialer)
		}
		return redis.NewClusterClient(&opt)
	}
}

func orNone(timeout time.Duration) time.Duration {
	if timeout == 0 {
		return -1
	}
	return timeout
}

// processAlone runs a command that waits up to d, 0 for as long as it takes.
func (r *remote) processAlone(ctx context.Context, cmd redis.Cmder, d time.Duration) error {
	if d > 0 {
		d += ioTimeout
	}
	rdb := r.dedicated(dedication{readTimeout: d})
	stop := context.AfterFunc(ctx, func() { _ = rdb.Close() })
	defer func() {
		if stop() {
			_ = rdb.Close()
		}
	}()
	return rdb.Process(ctx, cmd)
}
