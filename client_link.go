package znsocket

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/socketio"
)

// link is one connection of a Client.
type link struct {
	c          *Client
	client     *socketio.Client
	socket     *socketio.Socket
	speaksGo   bool   // the server understands goEvent
	memory     string // the name of what the server remembers of this Client: see recall
	maxMessage int    // in bytes
	adapted    adaptedKeys
	told       toldLink      // by restore
	calls      chan struct{} // who waits for an answer has put one in
	over       chan struct{}
	reason     error // set before over is closed
}

// announcement is the answer to server_config.
type announcement struct {
	MaxMessage int    `json:"max_http_buffer_size"`
	Go         int    `json:"go"`
	Memory     string `json:"memory"`
}

const defaultMaxReply = 512 << 20

// maxCalls is how many calls wait for their answer on one connection; further
// ones wait to be sent. Refreshes are not among them.
const maxCalls = 5_000

// dialTimeout bounds each attempt to connect.
const dialTimeout = 20 * time.Second

func (c *Client) connect(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	auth, err := c.handshake(ctx)
	if err != nil {
		return nil, fmt.Errorf("znsocket: token for %s: %w", c.cfg.url, err)
	}
	l := &link{c: c, calls: make(chan struct{}, maxCalls), over: make(chan struct{})}
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
	if l.client, err = socketio.Dial(ctx, c.cfg.endpoint, cfg); err != nil {
		return nil, c.connectError(err)
	}
	l.socket, err = l.client.Join(ctx, c.cfg.namespace, auth, func(*socketio.Socket) socketio.Handler { return l })
	if err == nil {
		err = l.configure(ctx)
	}
	if err == nil {
		err = c.restore(l)
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
	a, err := l.c.call(ctx, l, socketio.Event{Name: "server_config"})
	if err != nil {
		return err
	}
	var config announcement
	if err := json.Unmarshal(a.args, &config); err != nil {
		return fmt.Errorf("this is no ZnSocket server: it answers %.200q to server_config", a.args)
	}
	l.speaksGo, l.memory = config.Go > 0, config.Memory
	l.maxMessage = cmp.Or(config.MaxMessage, engineio.DefaultMaxPayload)
	if c := l.c.cfg.maxMessage; c > 0 {
		l.maxMessage = min(l.maxMessage, c)
	}
	return nil
}

// Event handles what the server says by itself.
func (l *link) Event(e socketio.Event, ack socketio.Ack) {
	switch e.Name {
	case "refresh":
		if n, err := newsFrom(e.Args, nil); err == nil {
			l.c.hub.tell(n)
		}
	case "adapter:get":
		l.c.answerQuestion(l, e, ack)
		return
	case replacedEvent:
		var about struct {
			Key string `json:"key"`
		}
		if err := json.Unmarshal(e.Args, &about); err == nil {
			if a := l.c.hosted.drop(about.Key); a != nil {
				a.replaced(about.Key)
			}
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
			c.settle(l)
			c.hub.resyncAll()
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

// call sends an event and waits for its answer, as long as the context allows.
func (c *Client) call(ctx context.Context, l *link, e socketio.Event) (answer, error) {
	select {
	case l.calls <- struct{}{}:
		defer func() { <-l.calls }()
	case <-l.over:
		return answer{}, c.lostError(l, l.reason)
	case <-ctx.Done():
		return answer{}, c.noAnswer(ctx.Err())
	}
	return c.send(l, e).wait(ctx)
}

// sent is an event whose answer has not come.
type sent struct {
	link   *link
	got    chan sentAnswer
	cancel func()
}

type sentAnswer struct {
	answer
	err error
}

// send does not wait.
func (c *Client) send(l *link, e socketio.Event) sent {
	got := make(chan sentAnswer, 1)
	cancel := l.socket.Call(e, func(args []byte, attachments [][]byte, err error) {
		got <- sentAnswer{answer{keep(args), attachments}, err}
	})
	return sent{l, got, cancel}
}

func (s sent) wait(ctx context.Context) (answer, error) {
	c := s.link.c
	select {
	case r := <-s.got:
		return r.answer, c.lostError(s.link, r.err)
	case <-ctx.Done():
		s.cancel()
		return answer{}, c.noAnswer(ctx.Err())
	}
}

// lostError is what a call fails with whose connection ended, which no other
// call shall use.
func (c *Client) lostError(l *link, err error) error {
	switch full := (*socketio.LimitError)(nil); {
	case err == nil:
		return nil
	case c.life.Err() != nil:
		return ErrClosed
	case errors.As(err, &full) && l.client.Err() == nil:
		return fmt.Errorf("%w: %w", ErrTooLarge, err) // it was not sent, and that is all
	}
	c.giveUp(l)
	if errors.Is(err, engineio.ErrTooLarge) {
		return fmt.Errorf("%w: %w: %w: see WithMaxReply", ErrTooLarge, ErrDisconnected, err)
	}
	return fmt.Errorf("%w: %w", ErrDisconnected, err)
}

// giveUp has nobody use a connection any more: maintain makes another.
func (c *Client) giveUp(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link == l {
		c.link = nil
	}
}
