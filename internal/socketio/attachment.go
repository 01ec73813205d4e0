package socketio

import (
	"bytes"

	"github.com/znsocket/znsocket/internal/engineio"
)

// partial is a packet whose attachments are still to come. A connection has
// one at most, because nothing may come between. It grows with what has come,
// up to limits.packet bytes.
type partial struct {
	incoming
	due  int // attachments still to come
	size int // bytes so far
}

// await keeps what came of a packet until its attachments are there. Data is
// the message it came in, of which its arguments are a part.
func (c *conn) await(in incoming, attachments int, data []byte) error {
	if len(data) <= engineio.RetainSize {
		in.event.Args = bytes.Clone(in.event.Args)
	}
	c.partial = &partial{incoming: in, due: attachments}
	return c.grow(len(data))
}

func (c *conn) receiveAttachment(data []byte) error {
	p := c.partial
	if p == nil {
		return protocolError("binary message of %d bytes, none is due", len(data))
	}
	if err := c.grow(len(data)); err != nil {
		return err
	}
	if len(data) <= engineio.RetainSize {
		data = bytes.Clone(data)
	}
	p.event.Attachments = append(p.event.Attachments, data)
	if p.due--; p.due == 0 {
		c.partial = nil
		p.deliver()
	}
	return nil
}

func (c *conn) grow(n int) error {
	if c.partial.size += n; c.partial.size > c.limits.packet {
		return &LimitError{What: "bytes in a packet with attachments", Size: c.partial.size, Limit: c.limits.packet}
	}
	return nil
}
