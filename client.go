package znsocket

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/znsocket/znsocket/internal/rediscommands"
)

// Client is a Commander over the network: a program's connection to a Server of
// this package or of Python's. It is safe for concurrent use; calls made at the
// same time share the connection.
//
// A connection that is lost is made again, with growing pauses, until Close, and
// the Client is there again as it was: with its subscriptions, which hear a Resync,
// and its adapters. Calls made meanwhile wait for the connection as long as their
// context allows, or fail at once: see WithFailFast.
//
// A Go server remembers for two minutes what it answered to commands that change
// something: a call that was in flight asks again and its command is carried out
// once. Where that cannot be, for it is another server or a Python one, the call
// fails with ErrDisconnected: whether the command was carried out is not known.
type Client struct {
	Commands
	cfg      clientConfig
	id       string // in all its connections
	hub      hub    // of the objects of this program
	requests requests
	untold   untold
	hosted   hosted

	// telling is held while what is listened to changes and word of it is sent, so
	// that the server hears of the changes in their order.
	telling sync.Mutex

	life context.Context // ends with Close
	end  context.CancelFunc
	done chan struct{} // closed when nothing of the Client runs any more

	mu      sync.Mutex
	link    *link         // nil while there is no connection
	changed chan struct{} // closed and replaced when link changes
}

// Progress is how far a large message is.
type Progress struct {
	Sending     bool  // to the server
	Done, Total int64 // bytes on the wire: compressed, where they are
}

// Dial connects to a server: "znsocket://host:5000", "znsocket://host:5000/prefix",
// or znsockets, http and https. The context bounds the connecting only, which
// takes no longer than 20 s.
func Dial(ctx context.Context, rawURL string, opts ...ClientOption) (*Client, error) {
	cfg := clientConfig{
		url:       rawURL,
		namespace: DefaultNamespace,
		timeout:   60 * time.Second,
		threshold: 1024,
		log:       slog.Default(),
	}
	for _, opt := range opts {
		opt.setClient(&cfg)
	}
	var err error
	if cfg.endpoint, err = endpointOf(rawURL); err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, id: rand.Text(), changed: make(chan struct{}), done: make(chan struct{})}
	c.Commands = Commands{c}
	c.life, c.end = context.WithCancel(context.Background())
	l, err := c.connect(ctx)
	if err != nil {
		c.end()
		return nil, err
	}
	c.link = l
	go c.maintain(l)
	return c, nil
}

// endpointOf is where Socket.IO of a ZnSocket URL is.
func endpointOf(rawURL string) (string, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "", fmt.Errorf("znsocket: %w", err)
	}
	switch u.Scheme {
	case "znsocket", "http":
		u.Scheme = "http"
	case "znsockets", "https":
		u.Scheme = "https"
	default:
		return "", fmt.Errorf("znsocket: cannot dial %q: the URL must begin with znsocket://, znsockets://, http:// or https://", u.Redacted())
	}
	if u.Host == "" {
		return "", fmt.Errorf("znsocket: cannot dial %q: the URL names no host", u.Redacted())
	}
	u.Path = strings.TrimRight(u.Path, "/") + "/socket.io/"
	u.RawQuery, u.Fragment = "", ""
	return u.String(), nil
}

// Close ends the connection. Calls in flight fail with ErrClosed.
func (c *Client) Close() error {
	c.end()
	<-c.done
	for _, a := range c.hosted.adapters() {
		a.finish(ErrClosed)
	}
	return nil
}

// Do runs one command; see Commander.
func (c *Client) Do(ctx context.Context, args ...any) (any, error) { return doWith(ctx, c, args) }

// DoMulti runs commands in one round trip, on a Go server with no other in
// between; see Commander. A Python server stops at the first command that fails
// and says nothing of the others: there its error is that of the whole.
func (c *Client) DoMulti(ctx context.Context, cmds ...Cmd) ([]Reply, error) {
	return doMultiWith(ctx, c, cmds)
}

func (c *Client) run(ctx context.Context, argv []string) (any, error) {
	return c.runAs(ctx, argv, false)
}

func (c *Client) runMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	return c.runMultiAs(ctx, cmds, false)
}

// runAs runs a command, of an object or by itself.
func (c *Client) runAs(ctx context.Context, argv []string, object bool) (any, error) {
	ctx, cancel := c.withPatience(ctx, argv)
	defer cancel()
	l, err := c.acquire(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case l.speaksGo:
		replies, err := c.runGo(ctx, l, [][]string{argv}, object)
		if err != nil {
			return nil, err
		}
		return replies[0].Val, replies[0].Err
	case object:
		return objectCommands{c, pythonCommands{c, l}}.run(ctx, argv)
	}
	return c.runPython(ctx, l, argv)
}

func (c *Client) runMultiAs(ctx context.Context, cmds [][]string, object bool) ([]Reply, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	l, err := c.acquire(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(cmds) == 0:
		return []Reply{}, nil
	case l.speaksGo:
		return c.runGo(ctx, l, cmds, object)
	case object:
		return objectCommands{c, pythonCommands{c, l}}.runMulti(ctx, cmds)
	}
	return c.runPythonMulti(ctx, l, cmds)
}

// withTimeout bounds a call that its context does not bound.
func (c *Client) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return c.withPatience(ctx, nil)
}

// withPatience is withTimeout for a command, which may wait longer by itself.
func (c *Client) withPatience(ctx context.Context, argv []string) (context.Context, context.CancelFunc) {
	patience, waits := rediscommands.Patience(argv)
	if _, bounded := ctx.Deadline(); bounded || c.cfg.timeout <= 0 || waits && patience <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, c.cfg.timeout+patience)
}

// acquire returns the connection, or waits for it.
func (c *Client) acquire(ctx context.Context) (*link, error) {
	for {
		c.mu.Lock()
		l, changed := c.link, c.changed
		c.mu.Unlock()
		switch {
		case c.life.Err() != nil:
			return nil, ErrClosed
		case ctx.Err() != nil:
			return nil, c.noAnswer(ctx.Err())
		case l != nil:
			return l, nil
		case c.cfg.failFast:
			return nil, fmt.Errorf("%w: there is no connection to %s at the moment", ErrDisconnected, c.cfg.url)
		}
		select {
		case <-changed:
		case <-c.life.Done():
		case <-ctx.Done():
			return nil, fmt.Errorf("znsocket: no connection to %s: %w", c.cfg.url, ctx.Err())
		}
	}
}

func (c *Client) noAnswer(err error) error {
	return fmt.Errorf("znsocket: no answer from %s: %w", c.cfg.url, err)
}
