package engineio

import (
	"errors"
	"fmt"

	"github.com/znsocket/znsocket/internal/websocket"
)

// queuedFrames is what waits for polling as WebSocket messages. The caller holds
// mu.
func (c *Conn) queuedFrames() []websocket.Message {
	frames := make([]websocket.Message, len(c.queue))
	for i, waiting := range c.queue {
		frames[i] = c.dialect.frame(waiting)
	}
	return frames
}

// sendFrames queues WebSocket messages. The caller holds mu.
func (c *Conn) sendFrames(frames []websocket.Message) error {
	err := c.ws.Send(frames...)
	if full := (*websocket.QueueFullError)(nil); errors.As(err, &full) {
		err = reason(err)
		c.end(err)
		return err
	}
	if err != nil {
		return ErrClosed // the reading goroutine knows why
	}
	return nil
}

// readWebsocket delivers what comes by WebSocket until the connection ends.
func (c *Conn) readWebsocket(ws *websocket.Conn) {
	defer ws.Finish()
	c.watch(ws)
	for {
		op, data, err := ws.Read()
		if err != nil {
			c.fail(reason(err))
			return
		}
		p, err := c.dialect.parseFrame(op, data)
		if err == nil {
			err = c.receive(p)
		}
		if err != nil {
			c.fail(err)
			return
		}
	}
}

// watch tells a ProgressHandler of large messages. Only the reading goroutine
// may call it.
func (c *Conn) watch(ws *websocket.Conn) {
	handler, ok := c.handler.(ProgressHandler)
	if !ok {
		return
	}
	ws.Progress = func(op websocket.Opcode, got, total int) {
		c.deliver.Lock()
		defer c.deliver.Unlock()
		defer c.recover()
		if !c.deaf {
			handler.Receiving(op == websocket.Binary, got, total)
		}
	}
}

// reason says in this package's terms why a WebSocket ended.
func reason(err error) error {
	var large *websocket.TooLargeError
	var full *websocket.QueueFullError
	switch {
	case errors.As(err, &large):
		return fmt.Errorf("%w: %d bytes, limit %d", ErrTooLarge, large.Size, large.Limit)
	case errors.As(err, &full):
		return fmt.Errorf("%w: %d bytes, limit %d", ErrQueueFull, full.Size, full.Limit)
	case errors.Is(err, websocket.ErrProtocol):
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	case errors.Is(err, websocket.ErrClosed):
		return ErrClosed
	}
	return fmt.Errorf("%w: %w", ErrPeerClosed, err)
}

func closeStatus(err error) int {
	if errors.Is(err, ErrProtocol) {
		return websocket.StatusProtocolError
	}
	return websocket.StatusNormal
}
