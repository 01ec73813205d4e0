package engineio

import (
	"net/http"
	"time"

	"github.com/znsocket/znsocket/internal/websocket"
)

// trial is a WebSocket that may take over from polling. Until the client has
// said its last word, it carries the probe and nothing else, and everything
// stays with polling. Its fields are guarded by the Conn's mu.
type trial struct {
	ws     *websocket.Conn // nil when there is none
	probed bool            // the probe was answered: the client wants its GET back
}

// stop ends the trial. Polling goes on.
func (t *trial) stop() {
	if t.ws != nil {
		t.ws.Close(websocket.StatusNormal, "")
	}
	*t = trial{}
}

// serveUpgrade opens a WebSocket for a connection that began on polling.
func (s *Server) serveUpgrade(w http.ResponseWriter, r *http.Request, c *Conn) {
	ws, err := websocket.Upgrade(w, r, s.websocketOptions())
	if err != nil {
		badRequest.write(w)
		return
	}
	s.tasks.Go(func() {
		if c.upgrade(ws) {
			c.readWebsocket(ws)
			return
		}
		ws.Finish()
	})
}

// upgrade tries a WebSocket out and reports whether it has taken over. If it
// has not it is closed, and the connection is as it was.
func (c *Conn) upgrade(ws *websocket.Conn) bool {
	p := c.tryOut(ws)
	if p == nil {
		// The client learns it by a WebSocket that opens and closes: for an
		// HTTP error there, some have no ear.
		ws.Close(websocket.StatusNormal, "")
		return false
	}
	timeout := time.AfterFunc(c.server.cfg.UpgradeTimeout, func() { p.giveUp(ws) })
	defer timeout.Stop()
	defer p.giveUp(ws)
	for {
		op, data, err := ws.Read()
		if err != nil {
			c.log.Debug("engineio: upgrade failed", "reason", err)
			return false
		}
		word, err := c.dialect.parseFrame(op, data)
		switch {
		case err == nil && word.kind == packetPing && string(word.data) == probe:
			p.answerProbe(ws)
		case err == nil && word.kind == packetUpgrade:
			return p.takeOver(ws)
		default:
			c.log.Debug("engineio: upgrade failed", "reason", "neither probe nor upgrade")
			ws.Close(websocket.StatusProtocolError, "")
			return false
		}
	}
}

// tryOut makes the WebSocket the one on trial. It returns nil if there is one
// already, or polling is over.
func (c *Conn) tryOut(ws *websocket.Conn) *pollServer {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, polling := c.polling.(*pollServer)
	if !polling || p.trial.ws != nil || c.state == closed {
		return nil
	}
	p.trial.ws = ws
	return p
}

// giveUp ends the trial of the WebSocket if it is still on.
func (p *pollServer) giveUp(ws *websocket.Conn) {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	if p.trial.ws == ws {
		p.trial.stop()
	}
}

// answerProbe says that the WebSocket works. The client now waits for its GET
// to end before it goes on.
func (p *pollServer) answerProbe(ws *websocket.Conn) {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	if p.trial.ws != ws {
		return
	}
	p.trial.probed = true
	ws.Send(p.c.dialect.frame(packet{packetPong, []byte(probe)}))
	if p.get != nil {
		p.get.noop = true
		p.get.wake()
	}
}

// takeOver makes the WebSocket the connection's transport, and reports
// whether the trial was still on. What a POST is bringing in comes before
// anything on the WebSocket, and what no GET has taken leaves first on it.
func (p *pollServer) takeOver(ws *websocket.Conn) bool {
	c := p.c
	c.mu.Lock()
	defer c.mu.Unlock()
	for p.posting != nil {
		done := p.posting
		c.mu.Unlock()
		<-done
		c.mu.Lock()
	}
	if p.trial.ws != ws {
		return false
	}
	frames := c.queuedFrames()
	p.trial = trial{}
	c.ws, c.polling = ws, nil
	c.dropQueue()
	if p.get != nil {
		p.get.wake()
	}
	c.sendFrames(frames)
	c.handOver()
	if c.state == closing {
		c.end(ErrClosed)
	}
	return true
}
