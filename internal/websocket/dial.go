package websocket

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// Bounds of what a server may answer to the handshake.
const (
	maxAnswer  = 64 << 10
	maxRefusal = 1 << 10 // of a refusal's body, which the error quotes
)

// Dialer connects to a server. Its zero value lacks only Options.
type Dialer struct {
	Options
	Header  http.Header
	TLS     *tls.Config
	Proxy   func(*http.Request) (*url.URL, error)                             // nil: none
	Connect func(ctx context.Context, network, addr string) (net.Conn, error) // nil: a net.Dialer's
}

// Dial opens a WebSocket to an http, https, ws or wss URL. The context bounds
// the handshake only.
func (d *Dialer) Dial(ctx context.Context, rawURL string) (*Conn, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, nil)
	if err != nil {
		return nil, err
	}
	switch req.URL.Scheme {
	case "ws":
		req.URL.Scheme = "http"
	case "wss":
		req.URL.Scheme = "https"
	case "http", "https":
	default:
		return nil, fmt.Errorf("websocket: unsupported scheme in %q", req.URL.Redacted())
	}
	if d.Header != nil {
		req.Header = d.Header.Clone()
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	if user := req.URL.User; user != nil && req.Header.Get("Authorization") == "" {
		password, _ := user.Password()
		req.SetBasicAuth(user.Username(), password)
	}
	key := make([]byte, 16)
	rand.Read(key)
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Sec-WebSocket-Version", "13")
	req.Header.Set("Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(key))

	nc, err := d.connect(ctx, req)
	if err != nil {
		return nil, cmp.Or(ctx.Err(), err)
	}
	stop := context.AfterFunc(ctx, func() { nc.SetDeadline(past) })
	early, err := handshake(nc, req)
	if !stop() {
		err = cmp.Or(err, ctx.Err())
	}
	if err != nil {
		nc.Close()
		return nil, cmp.Or(ctx.Err(), err)
	}
	return newConn(nc, true, d.Options, early), nil
}

// handshake asks for the upgrade and returns what came after the answer.
func handshake(nc net.Conn, req *http.Request) (early []byte, err error) {
	if err := req.Write(nc); err != nil {
		return nil, err
	}
	br := bufio.NewReader(io.LimitReader(nc, maxAnswer))
	resp, err := http.ReadResponse(br, req)
	if err != nil {
		return nil, err
	}
	// Closing the body would read it to its end. The connection goes instead.
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
		return nil, &HandshakeError{Status: resp.StatusCode, Body: string(body)}
	}
	switch {
	case !hasToken(resp.Header, "Upgrade", "websocket"), !hasToken(resp.Header, "Connection", "upgrade"),
		resp.Header.Get("Sec-WebSocket-Accept") != acceptKey(req.Header.Get("Sec-WebSocket-Key")):
		return nil, errors.New("websocket: the server's answer is no WebSocket handshake")
	case resp.Header.Get("Sec-WebSocket-Extensions") != "", resp.Header.Get("Sec-WebSocket-Protocol") != "":
		return nil, errors.New("websocket: the server chose what was not offered")
	}
	return br.Peek(br.Buffered())
}

// connect opens the connection the handshake goes over.
func (d *Dialer) connect(ctx context.Context, req *http.Request) (net.Conn, error) {
	connect := d.Connect
	if connect == nil {
		connect = new(net.Dialer).DialContext
	}
	target := hostPort(req.URL)
	var proxy *url.URL
	if d.Proxy != nil {
		var err error
		if proxy, err = d.Proxy(req); err != nil {
			return nil, err
		}
	}

	var nc net.Conn
	var err error
	switch {
	case proxy == nil:
		nc, err = connect(ctx, "tcp", target)
	case proxy.Scheme == "http":
		if nc, err = connect(ctx, "tcp", hostPort(proxy)); err == nil {
			err = tunnel(ctx, nc, proxy, target)
		}
	default:
		return nil, fmt.Errorf("websocket: unsupported proxy %q", proxy.Redacted())
	}
	if err == nil && req.URL.Scheme == "https" {
		config := d.TLS.Clone()
		if config == nil {
			config = &tls.Config{}
		}
		config.ServerName = cmp.Or(config.ServerName, req.URL.Hostname())
		config.NextProtos = nil // HTTP/2 has no upgrade
		secure := tls.Client(nc, config)
		err = secure.HandshakeContext(ctx)
		nc = secure
	}
	if err != nil && nc != nil {
		nc.Close()
	}
	return nc, err
}

// tunnel asks an HTTP proxy to connect to the target.
func tunnel(ctx context.Context, nc net.Conn, proxy *url.URL, target string) error {
	req := &http.Request{
		Method: http.MethodConnect,
		URL:    &url.URL{Opaque: target},
		Host:   target,
		Header: http.Header{},
	}
	if user := proxy.User; user != nil {
		password, _ := user.Password()
		credentials := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
		req.Header.Set("Proxy-Authorization", "Basic "+credentials)
	}
	stop := context.AfterFunc(ctx, func() { nc.SetDeadline(past) })
	defer stop()
	if err := req.Write(nc); err != nil {
		return err
	}
	// The server speaks only after us, so nothing is read past the answer.
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(nc, maxAnswer)), req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("websocket: proxy %s: %s", proxy.Host, resp.Status)
	}
	return nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
}
