package engineio

import (
	"bytes"
	"fmt"
)

// enqueue queues messages for polling. The caller holds mu.
func (c *Conn) enqueue(msgs []Message) error {
	size := 0
	for _, m := range msgs {
		size += m.packet().size()
	}
	if c.queued+size > c.limits.maxQueued {
		err := fmt.Errorf("%w: %d bytes, limit %d", ErrQueueFull, c.queued+size, c.limits.maxQueued)
		c.end(err)
		return err
	}
	for _, m := range msgs {
		if len(m.Data) < RetainSize {
			m.Data = bytes.Clone(m.Data)
		}
		c.queue = append(c.queue, m.packet())
	}
	c.count(size)
	c.polling.wake()
	return nil
}

// count counts bytes that were queued for polling, or are not any more if n is
// negative.
func (c *Conn) count(n int) {
	c.queued += n
	if total := c.limits.total; total != nil {
		total.Add(int64(n))
	}
}

// dropQueue forgets what waits for polling.
func (c *Conn) dropQueue() {
	for _, waiting := range c.queue {
		c.count(-waiting.size())
	}
	c.queue = nil
}

// take removes from the queue what fits into max packets and size bytes, but
// at least one packet if there is any. They count as queued until written is
// told of them. A close packet goes alone: the JavaScript client acts on it
// before it hands on what came in the same answer. The caller holds mu.
func (c *Conn) take(max, size int) []packet {
	n, sum := 0, 0
	for n < len(c.queue) && n < max {
		next := c.queue[n].size() + 1
		if n > 0 && (sum+next > size || c.queue[n].kind == packetClose) {
			break
		}
		sum += next
		n++
	}
	taken := c.queue[:n:n]
	c.queue = c.queue[n:]
	if len(c.queue) == 0 {
		c.queue = nil
	}
	return taken
}

// written takes note that packets of the queue have been written, or are lost
// and the connection with them.
func (c *Conn) written(packets []packet) {
	size := 0
	for _, each := range packets {
		size += each.size()
	}
	c.mu.Lock()
	c.count(-size)
	still := &c.waiters
	for *still != nil && (*still).left > size {
		(*still).left -= size
		still = &(*still).earlier
	}
	drained := *still
	*still = nil
	c.mu.Unlock()
	drained.tell()
}
