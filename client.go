package znsocket

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/socketio"
)

// Client is a Commander over the network: a program's connection to a Server of
// this package or of Python's. It is safe for concurrent use; calls made at the
// same time share the connection.
//
// A connection that is lost is made again, with growing pauses, until Close. A
// call that was in flight then fails with ErrDisconnected: whether the command
// was carried out is not known. A call made meanwhile waits for the connection
// as long as its context allows.
type Client struct {
	Commands
	cfg clientConfig
	hub hub // of the objects of this program

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
	c := &Client{cfg: cfg, changed: make(chan struct{}), done: make(chan struct{})}
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
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	l, err := c.acquire(ctx)
	if err != nil {
		return nil, err
	}
	if !l.speaksGo {
		return c.runPython(ctx, l, argv)
	}
	replies, err := c.runGo(ctx, l, [][]string{argv})
	if err != nil {
		return nil, err
	}
	return replies[0].Val, replies[0].Err
}

func (c *Client) runMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	l, err := c.acquire(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(cmds) == 0:
		return []Reply{}, nil
	case l.speaksGo:
		return c.runGo(ctx, l, cmds)
	}
	return c.runPythonMulti(ctx, l, cmds)
}

func (c *Client) runGo(ctx context.Context, l *link, cmds [][]string) ([]Reply, error) {
	body, err := encodeCommands(cmds)
	if err != nil {
		return nil, err
	}
	frame, _ := packFrame(body, c.cfg.threshold)
	var a answer
	if len(frame) > l.maxMessage {
		a, err = c.sendPieces(ctx, l, goEvent, frame)
	} else {
		a, err = c.ask(ctx, l, socketio.Event{Name: goEvent, Args: []byte(attachmentArg), Attachments: [][]byte{frame}})
	}
	if err != nil {
		return nil, err
	}
	if len(a.attachments) != 1 {
		if err := a.refusal(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("znsocket: answer that cannot be read: %.200q", a.args)
	}
	return decodeReplies(a.attachments[0], len(cmds))
}

func (c *Client) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, bounded := ctx.Deadline(); bounded || c.cfg.timeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, c.cfg.timeout)
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

// link is one connection of a Client.
type link struct {
	c          *Client
	client     *socketio.Client
	socket     *socketio.Socket
	speaksGo   bool // the server understands goEvent
	maxMessage int  // in bytes
	over       chan struct{}
	reason     error // set before over is closed
}

// announcement is the answer to server_config.
type announcement struct {
	MaxMessage int `json:"max_http_buffer_size"`
	Go         int `json:"go"`
}

const defaultMaxReply = 512 << 20

// dialTimeout bounds each attempt to connect.
const dialTimeout = 20 * time.Second

func (c *Client) connect(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var auth []byte
	if c.cfg.token != nil {
		token, err := c.cfg.token(ctx)
		if err == nil {
			auth, err = json.Marshal(map[string]any{"token": token})
		}
		if err != nil {
			return nil, fmt.Errorf("znsocket: token for %s: %w", c.cfg.url, err)
		}
	}
	l := &link{c: c, over: make(chan struct{})}
	cfg := socketio.DialConfig{Engine: engineio.DialConfig{
		Transports: c.cfg.transports,
		Header:     c.cfg.header,
		TLS:        c.cfg.tls,
		Proxy:      http.ProxyFromEnvironment,
		MaxMessage: cmp.Or(c.cfg.maxReply, defaultMaxReply),
		Logger:     c.cfg.log,
	}}
	if c.cfg.progress != nil {
		cfg.Receiving = func(got, total int) { c.cfg.progress(Progress{Done: int64(got), Total: int64(total)}) }
	}
	var err error
	if l.client, err = socketio.Dial(ctx, c.cfg.endpoint, cfg); err != nil {
		return nil, c.connectError(err)
	}
	l.socket, err = l.client.Join(ctx, c.cfg.namespace, auth, func(*socketio.Socket) socketio.Handler { return l })
	if err == nil {
		err = l.configure(ctx)
	}
	if err != nil {
		l.client.Close()
		return nil, c.connectError(err)
	}
	return l, nil
}

// connectError says why a connection was not made, and what to do about it.
func (c *Client) connectError(err error) error {
	var refused *socketio.ConnectError
	var dial *net.OpError
	switch {
	case errors.As(err, &refused) && refused.Message == socketio.ErrInvalidNamespace.Message:
		return fmt.Errorf("znsocket: %s has no namespace %s", c.cfg.url, c.cfg.namespace)
	case errors.As(err, &refused):
		return fmt.Errorf("znsocket: %s refused the connection: %w", c.cfg.url, &Error{KindPermission, refused.Message})
	case errors.As(err, &dial) && dial.Op == "dial":
		return fmt.Errorf("znsocket: could not connect to %s: %w (is it running? start one with: znsocket --port 5000)", c.cfg.url, err)
	}
	return fmt.Errorf("znsocket: could not connect to %s: %w", c.cfg.url, err)
}

func (l *link) configure(ctx context.Context) error {
	a, err := l.c.ask(ctx, l, socketio.Event{Name: "server_config"})
	if err != nil {
		return err
	}
	var config announcement
	if err := json.Unmarshal(a.args, &config); err != nil {
		return fmt.Errorf("this is no ZnSocket server: it answers %.200q to server_config", a.args)
	}
	l.speaksGo = config.Go > 0
	l.maxMessage = cmp.Or(config.MaxMessage, engineio.DefaultMaxPayload)
	if c := l.c.cfg.maxMessage; c > 0 {
		l.maxMessage = min(l.maxMessage, c)
	}
	return nil
}

// Event handles what the server says by itself.
func (l *link) Event(e socketio.Event, ack socketio.Ack) {
	if e.Name == "refresh" {
		var r refreshEvent
		if err := json.Unmarshal(e.Args, &r); err == nil {
			l.c.hub.forward(r, e.Args, nil)
		}
	}
	if ack.Wanted() {
		ack.Send(nil)
	}
}

// Closed ends the link; maintain makes a new one.
func (l *link) Closed(err error) {
	l.reason = err
	close(l.over)
}

// maintain makes the connection again whenever it is lost, until Close.
func (c *Client) maintain(l *link) {
	defer close(c.done)
	for l != nil {
		select {
		case <-l.over:
		case <-c.life.Done():
		}
		c.setLink(nil)
		l.client.Close()
		<-l.over
		if c.life.Err() == nil {
			c.cfg.log.Warn("connection lost", "server", c.cfg.url, "reason", l.reason)
		}
		if l = c.reconnect(); l != nil {
			c.cfg.log.Info("connected again", "server", c.cfg.url)
			c.setLink(l)
			c.hub.resync()
		}
	}
}

func (c *Client) setLink(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link = l
	close(c.changed)
	c.changed = make(chan struct{})
}

// Pauses between attempts to connect again: they double, and vary by half so
// that the clients of a server that was away do not all come at once.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
)

// reconnect returns a new connection, nil once the Client is closed.
func (c *Client) reconnect() *link {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		select {
		case <-c.life.Done():
			return nil
		case <-time.After(pause/2 + rand.N(pause)):
		}
		l, err := c.connect(c.life)
		if err == nil {
			return l
		}
		c.cfg.log.Debug("not connected yet", "server", c.cfg.url, "error", err)
	}
}

// answer is what the server answers to an event: raw JSON, and attachments.
type answer struct {
	args        []byte
	attachments [][]byte
}

// ask sends an event and waits for its answer, as long as the context allows.
func (c *Client) ask(ctx context.Context, l *link, e socketio.Event) (answer, error) {
	type result struct {
		answer
		err error
	}
	got := make(chan result, 1)
	cancel := l.socket.Call(e, func(args []byte, attachments [][]byte, err error) {
		if len(args) <= engineio.RetainSize {
			args = bytes.Clone(args)
		}
		got <- result{answer{args, attachments}, err}
	})
	select {
	case r := <-got:
		return r.answer, c.lostError(l, r.err)
	case <-ctx.Done():
		cancel()
		return answer{}, c.noAnswer(ctx.Err())
	}
}

// lostError is what a call fails with whose connection ended, which no other
// call shall use.
func (c *Client) lostError(l *link, err error) error {
	switch {
	case err == nil:
		return nil
	case c.life.Err() != nil:
		return ErrClosed
	}
	c.mu.Lock()
	if c.link == l {
		c.link = nil
	}
	c.mu.Unlock()
	if errors.Is(err, engineio.ErrTooLarge) {
		return fmt.Errorf("%w: %w: %w: see WithMaxReply", ErrTooLarge, ErrDisconnected, err)
	}
	return fmt.Errorf("%w: %w", ErrDisconnected, err)
}

// publish tells the objects of this program and the server, which tells its
// other clients. The change itself is made: that the news of it could not be
// sent does not make it fail.
func (c *Client) publish(_ context.Context, target string, r Refresh, self any) error {
	if err := c.hub.deliver(target, r, self); err != nil {
		return err
	}
	payload, err := refreshPayload(target, r)
	if err != nil {
		return err
	}
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	if l == nil {
		err = ErrDisconnected
	} else {
		err = l.socket.Emit(socketio.Event{Name: "refresh", Args: payload})
	}
	if err != nil {
		c.cfg.log.Warn("refresh not sent", "target", target, "error", err)
	}
	return nil
}

func (c *Client) subscribe(target string, self any, fn func(Refresh)) (stop func()) {
	return c.hub.subscribe(target, self, fn)
}
