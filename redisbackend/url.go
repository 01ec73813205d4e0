package redisbackend

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/znsocket/znsocket"
)

// Option sets up what Open makes.
type Option func(*config)

type config struct {
	tls  *tls.Config
	node []znsocket.NodeOption
}

// WithTLS sets up the encryption of a rediss connection. A ServerName that is not
// set is the host of the URL.
func WithTLS(t *tls.Config) Option { return func(c *config) { c.tls = t } }

// WithNode sets up the Node.
func WithNode(opts ...znsocket.NodeOption) Option {
	return func(c *config) { c.node = append(c.node, opts...) }
}

// Timeouts where the URL names none.
const (
	dialTimeout = 5 * time.Second
	ioTimeout   = 3 * time.Second
)

// dial makes the client that a URL asks for, and the name of what it connects
// to. Nothing is sent yet.
func (c config) dial(rawURL string) (rdb redis.UniversalClient, name string, err error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		// The error quotes the URL, and with it the password.
		return nil, "", errors.New("znsocket: the URL of the Redis cannot be read: " +
			"is it redis://user:password@host:6379/0, with %XX for special characters of the password?")
	}
	if rdb, err = c.client(u); err != nil {
		return nil, "", fmt.Errorf("znsocket: cannot open %s: %w", redacted(u), err)
	}
	return rdb, redacted(u), nil
}

// redacted is a URL as it may stand in an error. With sentinels there are two
// passwords.
func redacted(u *url.URL) string {
	shown := *u
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		shown.RawQuery = q.Encode()
	}
	return shown.Redacted()
}

// client chooses among the three kinds of Redis.
func (c config) client(u *url.URL) (redis.UniversalClient, error) {
	q := u.Query()
	cluster := q.Has("addr")
	if q.Has("cluster") {
		var err error
		if cluster, err = strconv.ParseBool(q.Get("cluster")); err != nil {
			return nil, errors.New("cluster is true or false")
		}
		q.Del("cluster") // go-redis does not know it
	}
	target := *u
	target.RawQuery = q.Encode()
	switch {
	case q.Get("master_name") != "":
		return c.sentinels(target.String())
	case cluster:
		if db := strings.Trim(u.Path, "/"); db != "" && db != "0" {
			return nil, errors.New("a cluster has no database but 0")
		}
		return c.cluster(target.String())
	}
	return c.single(target.String())
}

// errReplicas: who reads from a replica may not find what was just written.
var errReplicas = errors.New("reading from replicas is not supported")

func (c config) single(rawURL string) (redis.UniversalClient, error) {
	opt, err := redis.ParseURL(rawURL)
	if err != nil {
		return nil, err
	}
	c.settle(settings{&opt.Protocol, &opt.MaxRetries, &opt.DialerRetries, &opt.DisableIdentity,
		&opt.DialTimeout, &opt.ReadTimeout, &opt.WriteTimeout, &opt.TLSConfig})
	return redis.NewClient(opt), nil
}

func (c config) sentinels(rawURL string) (redis.UniversalClient, error) {
	opt, err := redis.ParseFailoverURL(rawURL)
	if err != nil {
		return nil, err
	}
	if opt.ReplicaOnly || opt.RouteByLatency || opt.RouteRandomly {
		return nil, errReplicas
	}
	c.settle(settings{&opt.Protocol, &opt.MaxRetries, &opt.DialerRetries, &opt.DisableIdentity,
		&opt.DialTimeout, &opt.ReadTimeout, &opt.WriteTimeout, &opt.TLSConfig})
	return redis.NewFailoverClient(opt), nil
}

func (c config) cluster(rawURL string) (redis.UniversalClient, error) {
	opt, err := redis.ParseClusterURL(rawURL)
	if err != nil {
		return nil, err
	}
	if opt.ReadOnly || opt.RouteByLatency || opt.RouteRandomly {
		return nil, errReplicas
	}
	c.settle(settings{&opt.Protocol, &opt.MaxRetries, &opt.DialerRetries, &opt.DisableIdentity,
		&opt.DialTimeout, &opt.ReadTimeout, &opt.WriteTimeout, &opt.TLSConfig})
	return redis.NewClusterClient(opt), nil
}

// settings are what go-redis's three kinds of options have in common here.
type settings struct {
	protocol, maxRetries, dialerRetries    *int
	disableIdentity                        *bool
	dialTimeout, readTimeout, writeTimeout *time.Duration
	tls                                    **tls.Config
}

func (c config) settle(s settings) {
	*s.protocol = 2           // in which maps keep their order
	*s.maxRetries = -1        // see once
	*s.dialerRetries = 1      // or each of five may take dialTimeout
	*s.disableIdentity = true // two commands less for each connection
	*s.dialTimeout = cmp.Or(*s.dialTimeout, dialTimeout)
	*s.readTimeout = cmp.Or(*s.readTimeout, ioTimeout)
	*s.writeTimeout = cmp.Or(*s.writeTimeout, ioTimeout)
	if *s.tls != nil && c.tls != nil {
		host := (*s.tls).ServerName
		*s.tls = c.tls.Clone()
		(*s.tls).ServerName = cmp.Or(c.tls.ServerName, host)
	}
}
