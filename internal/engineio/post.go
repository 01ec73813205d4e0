package engineio

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// A request of which nothing moves for requestTimeout is given up. A GET
	// has longer: it waits for the server's next ping.
	requestTimeout = 20 * time.Second

	// Servers close idle connections, some after five seconds. A request that
	// meets this on its way is lost, so we are earlier.
	idleTimeout = 4 * time.Second

	maxHead    = 64 << 10 // of an answer
	maxRefusal = 1 << 10  // of a refusal's body, which the error quotes
)

// pollClient is the client's side of polling: one GET after the other, and one
// POST after the other while something waits.
type pollClient struct {
	d      *dialer
	c      *Conn
	http   *http.Client
	ctx    context.Context // of every request; ends with the connection
	cancel context.CancelFunc

	maxPayload int // bytes of a POST that the server takes

	// Guarded by the Conn's mu.
	turn    sync.Cond // told whenever one of these, or the queue, has changed
	getting bool      // a GET, or the delivery of its answer, is under way
	posting bool      // a POST is
	paused  bool      // neither may begin
}

func newPollClient(d *dialer, c *Conn) *pollClient {
	secure := d.TLS.Clone()
	if secure == nil {
		secure = &tls.Config{}
	}
	secure.NextProtos = nil // HTTP/1.1 will do
	p := &pollClient{d: d, c: c}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.turn.L = &c.mu
	p.http = &http.Client{
		Transport: &http.Transport{
			DialContext:            d.Connect,
			TLSClientConfig:        secure,
			Proxy:                  d.Proxy,
			IdleConnTimeout:        idleTimeout,
			MaxResponseHeaderBytes: maxHead,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return p
}

func (p *pollClient) wake() { p.turn.Broadcast() }

func (p *pollClient) stop(error) {
	p.cancel()
	p.turn.Broadcast()
}

// release gives back what net/http holds. Nothing is under way any more.
func (p *pollClient) release() {
	p.cancel()
	p.http.CloseIdleConnections()
}

// open asks for a session. Rest is what came along with the answer, nil if
// nothing did.
func (p *pollClient) open(ctx context.Context) (h handshake, rest []byte, err error) {
	body, err := p.roundTrip(ctx, http.MethodGet, nil, p.maxAnswer(), requestTimeout)
	if refused := (*HandshakeError)(nil); errors.As(err, &refused) || errors.Is(err, ErrTooLarge) {
		return h, nil, err
	}
	if err != nil {
		return h, nil, fmt.Errorf("engineio: connect: %w", err)
	}
	first, rest, more := bytes.Cut(body, []byte{separator})
	if !more {
		rest = nil
	}
	word, err := parsePart(first)
	if err == nil {
		h, err = parseHandshake(word)
	}
	p.maxPayload = h.MaxPayload
	if p.maxPayload <= 0 {
		p.maxPayload = DefaultMaxPayload
	}
	return h, rest, err
}

// run polls until the connection has ended or gone on to a WebSocket.
func (p *pollClient) run(rest []byte, upgrade bool) {
	if rest != nil {
		if err := p.deliver(rest); err != nil {
			p.c.fail(err)
		}
	}
	var tasks sync.WaitGroup
	tasks.Go(func() { p.repeat(&p.getting, func() bool { return true }, p.get) })
	tasks.Go(func() { p.repeat(&p.posting, func() bool { return len(p.c.queue) > 0 }, p.post) })
	if upgrade {
		tasks.Go(p.upgrade)
	}
	tasks.Wait()
	p.release()
}

// repeat sends a request whenever one is wanted, as long as polling goes
// on. Busy is true meanwhile. A request that fails ends the connection: whether
// it was heard cannot be known.
func (p *pollClient) repeat(busy *bool, wanted func() bool, request func() error) {
	c := p.c
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		for p.polls() && (p.paused || !wanted()) {
			p.turn.Wait()
		}
		if !p.polls() {
			return
		}
		*busy = true
		c.mu.Unlock()
		err := request()
		c.mu.Lock()
		*busy = false
		p.turn.Broadcast()
		if err != nil && c.state == closing {
			err = ErrClosed // the server has heard, and refuses what comes after
		}
		if err != nil {
			c.end(err)
		}
	}
}

// polls reports whether polling goes on. The caller holds mu.
func (p *pollClient) polls() bool { return p.c.state != closed && p.c.ws == nil }

// get asks for packets, which may take until the server's next ping, and
// delivers them.
func (p *pollClient) get() error {
	untilPing := p.c.limits.pingInterval + p.c.limits.pingTimeout
	body, err := p.roundTrip(p.ctx, http.MethodGet, nil, p.maxAnswer(), untilPing)
	if err != nil {
		return lost(err)
	}
	return p.deliver(body)
}

// maxAnswer is how many bytes the answer to a GET may have: a binary message
// of the allowed size is a third longer there.
func (p *pollClient) maxAnswer() int {
	return base64.StdEncoding.EncodedLen(p.c.limits.maxMessage) + 1<<10
}

func (p *pollClient) deliver(body []byte) error {
	return parsePayload(body, func(each packet) error {
		if limit := p.c.limits.maxMessage; len(each.data) > limit {
			return fmt.Errorf("%w: %d bytes, limit %d", ErrTooLarge, len(each.data), limit)
		}
		return p.c.receive(each)
	})
}

// post sends as much of the queue as the server takes at once. The last of a
// connection that is closing ends it.
func (p *pollClient) post() error {
	c := p.c
	c.mu.Lock()
	packets := c.take(maxPackets, p.maxPayload)
	c.mu.Unlock()
	defer c.written(packets)

	_, err := p.roundTrip(p.ctx, http.MethodPost, appendPayload(nil, packets), maxRefusal, requestTimeout)
	if err != nil {
		return lost(err)
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == closing {
		if len(c.queue) == 0 {
			c.end(ErrClosed)
		} else {
			c.arm(lingerTimeout)
		}
	}
	return nil
}

// roundTrip sends a request and reads its answer, up to limit bytes. It fails
// when nothing has moved for as long as patience.
func (p *pollClient) roundTrip(ctx context.Context, method string, body []byte, limit int, patience time.Duration) ([]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silent := fmt.Errorf("%w: %s unanswered", ErrPingTimeout, method)
	moves := movement{&p.c.polled, time.AfterFunc(patience, func() { cancel(silent) }), patience}
	defer moves.idle.Stop()

	// A body that can be read only once, even if it is empty, keeps net/http
	// from sending a request again by itself: what the first one took from the
	// server would be lost, or what it brought come twice.
	once := io.TeeReader(bytes.NewReader(body), moves)
	req, err := http.NewRequestWithContext(ctx, method, p.d.url(transportPolling, p.c.id), once)
	if err != nil {
		return nil, err
	}
	if p.d.Header != nil {
		req.Header = p.d.Header.Clone()
		if host := req.Header.Get("Host"); host != "" {
			req.Host = host
		}
	}
	if method == http.MethodPost {
		req.ContentLength = int64(len(body))
		req.Header.Set("Content-Type", typePayload)
	}

	resp, err := p.http.Do(req)
	if err != nil {
		return nil, failure(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		quoted, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
		return nil, &HandshakeError{resp.StatusCode, string(quoted)}
	}
	answer, err := io.ReadAll(io.LimitReader(io.TeeReader(resp.Body, moves), int64(limit)+1))
	if err != nil {
		return nil, failure(ctx, err)
	}
	if len(answer) > limit {
		return nil, fmt.Errorf("%w: an answer of more than %d bytes", ErrTooLarge, limit)
	}
	return answer, nil
}

// failure says why a request failed, without its URL, which tells the secret.
func failure(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrPingTimeout) {
		return cause
	}
	if wrapper := (*url.Error)(nil); errors.As(err, &wrapper) {
		return wrapper.Err
	}
	return err
}

// lost is what the failure of a request means for the connection.
func lost(err error) error {
	if errors.Is(err, ErrPingTimeout) || errors.Is(err, ErrTooLarge) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrPeerClosed, err)
}

// movement is told of the bytes that a request moves.
type movement struct {
	count    *atomic.Uint64
	idle     *time.Timer
	patience time.Duration
}

func (m movement) Write(b []byte) (int, error) {
	m.count.Add(uint64(len(b)))
	m.idle.Reset(m.patience)
	return len(b), nil
}
