package engineio

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/znsocket/znsocket/internal/websocket"
)

// DialConfig says how Dial connects. The zero value goes straight to a
// WebSocket and listens to nobody: set Accept.
type DialConfig struct {
	// Transports are {"websocket"}, which is also what nil means: straight to
	// a WebSocket; {"polling"}: stay there; or {"polling", "websocket"}: begin
	// there and go on to a WebSocket if the server and the way to it allow.
	Transports []string

	Header  http.Header                                                       // of every request
	TLS     *tls.Config                                                       // nil: Go's own settings
	Proxy   func(*http.Request) (*url.URL, error)                             // nil: none
	Connect func(ctx context.Context, network, addr string) (net.Conn, error) // nil: a net.Dialer's

	MaxMessage int // bytes of a message from the server
	MaxQueued  int // bytes that may wait for a slow server

	// Accept is called before the first packet is delivered. It may send.
	Accept func(c *Conn) Handler

	Logger *slog.Logger // nil logs nothing
}

// handshakeTimeout bounds a handshake whose context does not.
const handshakeTimeout = 20 * time.Second

// HandshakeError is a server's refusal: of a handshake, or of a later request
// on polling.
type HandshakeError struct {
	Status int
	Body   string // its beginning
}

func (e *HandshakeError) Error() string {
	return fmt.Sprintf("engineio: refused with status %d: %s", e.Status, e.Body)
}

// Dial connects to the endpoint at an http or https URL, such as
// http://host:5000/socket.io/. The context bounds the handshake only.
//
// The error is a *HandshakeError where the server refused, ErrProtocol where
// it is no Engine.IO server, or else wraps that of the network. A Conn that
// was returned has gone through Accept, and ends with its handler's Closed.
func Dial(ctx context.Context, rawURL string, cfg DialConfig) (*Conn, error) {
	d, err := newDialer(rawURL, cfg)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	if d.Transports[0] == transportPolling {
		return d.dialPolling(ctx)
	}
	return d.dialWebsocket(ctx)
}

// dialer is what a connection needs to know of its server.
type dialer struct {
	DialConfig
	endpoint *url.URL
}

func newDialer(rawURL string, cfg DialConfig) (*dialer, error) {
	endpoint, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("engineio: %w", err)
	}
	if endpoint.Scheme != "http" && endpoint.Scheme != "https" || endpoint.Host == "" {
		return nil, fmt.Errorf("engineio: no http or https URL: %q", endpoint.Redacted())
	}
	if len(cfg.Transports) == 0 {
		cfg.Transports = []string{transportWebsocket}
	}
	for _, name := range cfg.Transports {
		if name != transportPolling && name != transportWebsocket {
			return nil, fmt.Errorf("engineio: unknown transport %q", name)
		}
	}
	cfg.MaxMessage = cmp.Or(cfg.MaxMessage, DefaultMaxMessage)
	cfg.MaxQueued = cmp.Or(cfg.MaxQueued, DefaultMaxQueued)
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &dialer{cfg, endpoint}, nil
}

// url returns where requests go. The sid is empty before there is one.
func (d *dialer) url(transport, sid string) string {
	u := *d.endpoint
	q := u.Query()
	q.Set("EIO", "4")
	q.Set("transport", transport)
	if sid != "" {
		q.Set("sid", sid)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// newConn returns a connection of which the server does not know yet.
func (d *dialer) newConn() *Conn {
	return &Conn{
		dialect: &revision4,
		limits:  limits{maxMessage: d.MaxMessage, maxQueued: d.MaxQueued},
		log:     d.Logger.With("server", d.endpoint.Host),
	}
}

// accept shows a connection to the application, once the server has said how
// it is to be. Its transport is in place.
func (d *dialer) accept(c *Conn, h handshake) {
	// The Python server says 0 for what is less than a second.
	c.id = h.SID
	c.limits.pingInterval = cmp.Or(time.Duration(h.PingInterval)*time.Millisecond, DefaultPingInterval)
	c.limits.pingTimeout = cmp.Or(time.Duration(h.PingTimeout)*time.Millisecond, DefaultPingTimeout)

	c.deliver.Lock() // Closed must wait until there is a handler
	defer c.deliver.Unlock()
	defer c.recover()
	c.mu.Lock()
	c.start()
	c.mu.Unlock()
	c.show(d.Accept)
}

// dialWebsocket begins a connection on a WebSocket.
func (d *dialer) dialWebsocket(ctx context.Context) (*Conn, error) {
	ws, err := d.openWebsocket(ctx, "")
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { ws.Abort(ctx.Err()) })
	word, err := readWord(ws)
	var h handshake
	if err == nil {
		h, err = parseHandshake(word)
	}
	if !stop() {
		err = cmp.Or(err, ctx.Err())
	}
	if err != nil {
		ws.Abort(err)
		ws.Finish()
		return nil, err
	}
	c := d.newConn()
	c.ws = ws
	d.accept(c, h)
	go c.readWebsocket(ws)
	return c, nil
}

// openWebsocket opens a WebSocket, for the session with the sid if there is
// one.
func (d *dialer) openWebsocket(ctx context.Context, sid string) (*websocket.Conn, error) {
	dialer := websocket.Dialer{
		Options: websocket.Options{MaxMessage: d.MaxMessage, MaxQueued: d.MaxQueued},
		Header:  d.Header,
		TLS:     d.TLS,
		Proxy:   d.Proxy,
		Connect: d.Connect,
	}
	ws, err := dialer.Dial(ctx, d.url(transportWebsocket, sid))
	if refused := (*websocket.HandshakeError)(nil); errors.As(err, &refused) {
		return nil, &HandshakeError{refused.Status, refused.Body}
	}
	if err != nil {
		return nil, fmt.Errorf("engineio: connect: %w", err)
	}
	return ws, nil
}

// readWord reads one packet of a handshake.
func readWord(ws *websocket.Conn) (packet, error) {
	op, data, err := ws.Read()
	if err != nil {
		return packet{}, reason(err)
	}
	return revision4.parseFrame(op, data)
}

// dialPolling begins a connection on polling.
func (d *dialer) dialPolling(ctx context.Context) (*Conn, error) {
	c := d.newConn()
	p := newPollClient(d, c)
	h, rest, err := p.open(ctx)
	if err != nil {
		p.release()
		return nil, err
	}
	c.polling = p
	d.accept(c, h)
	upgrade := slices.Contains(d.Transports, transportWebsocket) && slices.Contains(h.Upgrades, transportWebsocket)
	go p.run(rest, upgrade)
	return c, nil
}

// upgrade tries a WebSocket out and lets it take over, while polling goes on.
// Whatever goes wrong before it has, the connection stays on polling.
func (p *pollClient) upgrade() {
	c := p.c
	ctx, cancel := context.WithTimeout(p.ctx, DefaultUpgradeTimeout)
	defer cancel()
	ws, err := p.d.openWebsocket(ctx, c.id)
	if err != nil {
		c.log.Debug("engineio: upgrade failed", "reason", err)
		return
	}
	stop := context.AfterFunc(ctx, func() {
		ws.Abort(ctx.Err())
		c.mu.Lock()
		defer c.mu.Unlock()
		p.turn.Broadcast()
	})
	err = tryOut(ws)
	if err == nil {
		err = p.takeOver(ctx, ws, stop)
	}
	if err != nil {
		stop()
		c.log.Debug("engineio: upgrade failed", "reason", err)
		ws.Abort(err)
		ws.Finish()
		return
	}
	go c.readWebsocket(ws)
}

// tryOut sends the probe and waits for its answer.
func tryOut(ws *websocket.Conn) error {
	if err := ws.Send(revision4.frame(packet{packetPing, []byte(probe)})); err != nil {
		return err
	}
	answer, err := readWord(ws)
	if err == nil && (answer.kind != packetPong || string(answer.data) != probe) {
		err = fmt.Errorf("%w: probe answered with %q", ErrProtocol, byte(answer.kind))
	}
	return err
}

// takeOver makes the WebSocket the connection's transport. Requests under way
// come to their end before, so that nothing overtakes what they carry: the
// server ends the GET when it answers the probe. What no POST has taken leaves
// first on the WebSocket, behind the word that polling is over.
//
// If stop, which keeps the context's end from the WebSocket, comes too late,
// or the application closes the connection meanwhile, polling goes on.
func (p *pollClient) takeOver(ctx context.Context, ws *websocket.Conn, stop func() bool) error {
	c := p.c
	c.mu.Lock()
	defer c.mu.Unlock()
	p.paused = true
	defer func() {
		p.paused = false
		p.turn.Broadcast()
	}()
	for (p.getting || p.posting) && c.state == open && ctx.Err() == nil {
		p.turn.Wait()
	}
	if c.state != open {
		return ErrClosed
	}
	if !stop() {
		return ctx.Err()
	}
	upgrade := c.dialect.frame(packet{kind: packetUpgrade})
	if err := ws.Send(append([]websocket.Message{upgrade}, c.queuedFrames()...)...); err != nil {
		return err
	}
	c.ws, c.polling = ws, nil
	c.dropQueue()
	c.handOver()
	return nil
}
