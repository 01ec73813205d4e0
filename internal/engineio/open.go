package engineio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"

	"github.com/znsocket/znsocket/internal/websocket"
)

func (s *Server) serveNew(w http.ResponseWriter, r *http.Request, transport string, spoken *dialect) {
	upgrade := transport == transportWebsocket
	switch {
	case r.Method != http.MethodGet:
		badMethod.write(w)
		return
	case upgrade && !websocket.IsUpgrade(r):
		badRequest.write(w)
		return
	case spoken == nil:
		unknownRevision.write(w)
		return
	}
	if s.cfg.Allow != nil {
		if err := s.cfg.Allow(r); err != nil {
			forbidden(err.Error()).write(w)
			return
		}
	}
	c := s.newConn(r, spoken)
	if !s.reserve(c.id) {
		s.cfg.Logger.Warn("engineio: connection refused", "limit", s.cfg.MaxConns)
		tooManyConns.write(w)
		return
	}
	if upgrade {
		s.openWebsocket(w, r, c)
	} else {
		s.openPolling(w, c)
	}
}

// newConn returns a connection that nobody knows yet.
func (s *Server) newConn(r *http.Request, spoken *dialect) *Conn {
	id := make([]byte, 21)
	rand.Read(id)

	// What is kept of the request must not keep net/http's buffers.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	kept := r.WithContext(ctx)
	kept.Body = http.NoBody
	return &Conn{
		dialect: spoken,
		id:      base64.RawURLEncoding.EncodeToString(id),
		request: kept,
		cancel:  cancel,
		server:  s,
		limits:  s.limits,
		log:     s.cfg.Logger.With("remote", r.RemoteAddr),

		heartbeat: heartbeat{pings: !spoken.clientPings},
	}
}

// reserve takes the place of a connection that is being opened.
func (s *Server) reserve(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) >= s.cfg.MaxConns {
		return false
	}
	s.conns[id] = nil
	return true
}

// handshake is what the open packet says.
func (s *Server) handshake(c *Conn, upgrades []string) handshake {
	return handshake{
		SID:          c.id,
		Upgrades:     upgrades,
		PingInterval: s.limits.pingInterval.Milliseconds(),
		PingTimeout:  s.limits.pingTimeout.Milliseconds(),
		MaxPayload:   s.limits.maxMessage,
	}
}

// accept makes a connection known, which must happen before the client learns
// its id, and shows it to the application. The open packet is already queued.
func (s *Server) accept(c *Conn) {
	s.tasks.Add(1)
	c.deliver.Lock() // Closed must wait until there is a handler
	defer c.deliver.Unlock()
	defer c.recover()
	c.mu.Lock()
	c.start()
	c.mu.Unlock()
	s.mu.Lock()
	s.conns[c.id] = c
	closed := s.closed
	s.mu.Unlock()
	if closed {
		c.Close() // Shutdown has not seen it
	}

	c.show(s.cfg.Accept)
}

func (s *Server) openWebsocket(w http.ResponseWriter, r *http.Request, c *Conn) {
	ws, err := websocket.Upgrade(w, r, s.websocketOptions())
	if err != nil {
		s.remove(c)
		badRequest.write(w)
		return
	}
	c.ws = ws
	ws.Send(c.dialect.frame(s.handshake(c, []string{}).packet()))
	s.accept(c)
	s.tasks.Go(func() { c.readWebsocket(ws) })
}

func (s *Server) openPolling(w http.ResponseWriter, c *Conn) {
	p := &pollServer{c: c}
	c.polling = p
	upgrades := []string{}
	if s.offers(transportWebsocket) {
		upgrades = append(upgrades, transportWebsocket)
	}
	c.mu.Lock()
	c.say(s.handshake(c, upgrades).packet())
	c.mu.Unlock()
	s.accept(c)

	c.mu.Lock()
	packets := p.take()
	c.mu.Unlock()
	defer c.written(packets)
	if len(packets) == 0 { // it has ended already
		unknownSession.write(w)
		return
	}
	p.answer(w, packets)
}

func (s *Server) websocketOptions() websocket.Options {
	return websocket.Options{MaxMessage: s.limits.maxMessage, MaxQueued: s.limits.maxQueued, Total: s.limits.total}
}
