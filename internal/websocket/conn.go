package websocket

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

const (
	// RetainSize divides small payloads, which are copied into the queue and
	// read into the connection's buffer, from large ones, which are kept as
	// they are and get memory of their own.
	RetainSize = 4 << 10

	// BulkSize is where a message counts as large: its progress is told, and
	// while it is handled nobody else's messages wait for its end.
	BulkSize = 64 << 10

	firstBuffer = 1 << 10    // an idle connection's read buffer
	fullBuffer  = RetainSize // and a busy one's

	highWater = 1 << 20 // with this much to write a server stops reading
)

// Options are the limits of a connection.
type Options struct {
	MaxMessage int // bytes of one message from the peer
	MaxQueued  int // bytes waiting to be written

	Total *atomic.Int64 // if set, counts what waits in many connections
}

// Conn is one connection. One goroutine reads: it calls Read until that fails,
// then Finish. Every other method may be called from anywhere.
type Conn struct {
	nc     net.Conn
	client bool
	opts   Options

	// Progress, if set before the first Read, hears of each piece of a
	// message larger than BulkSize, from within Read. Total is what the
	// frames announced so far.
	Progress func(op Opcode, got, total int)

	// Of the reading goroutine alone: what was read and not yet returned is
	// buf[r:w]; message is what there is of a message in pieces.
	buf     []byte
	r, w    int
	message []byte
	op      Opcode // of message; continuation between messages

	// held is true while the reading goroutine handles what it has read: what
	// is sent meanwhile is written at the end, by it.
	held atomic.Bool

	received atomic.Uint64
	sent     atomic.Uint64
	queued   atomic.Int64 // bytes in out and in the write under way

	mu      sync.Mutex
	room    sync.Cond // for the reading goroutine, of what the writer has done
	out     outbox
	writing bool  // somebody is writing: only he takes from out
	sealed  bool  // the close frame is queued: nothing follows it
	err     error // why the connection is over
}

// newConn returns a connection that sends nothing before the first Read;
// early is what the handshake read too far.
func newConn(nc net.Conn, client bool, opts Options, early []byte) *Conn {
	c := &Conn{nc: nc, client: client, opts: opts}
	c.buf = make([]byte, max(firstBuffer, len(early)))
	c.w = copy(c.buf, early)
	c.room.L = &c.mu
	c.held.Store(true)
	return c
}

// Received returns how many bytes have come from the peer.
func (c *Conn) Received() uint64 { return c.received.Load() }

// Sent returns how many bytes the socket has taken.
func (c *Conn) Sent() uint64 { return c.sent.Load() }

// Queued returns how many bytes wait for the socket.
func (c *Conn) Queued() int { return int(c.queued.Load()) }

// RemoteAddr returns the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }

// Read returns the next message. Data up to RetainSize is valid until the
// next call; larger data is the caller's to keep. Before Read waits for the
// peer it writes what is queued.
//
// An error is final. Where it is the peer's fault the close frame that says
// so is already queued.
func (c *Conn) Read() (Opcode, []byte, error) {
	if !c.client && c.queued.Load() > highWater {
		c.awaitRoom()
	}
	for {
		h, err := c.readHeader()
		if err != nil {
			return 0, nil, err
		}
		if h.op.control() {
			if err := c.readControl(h); err != nil {
				return 0, nil, err
			}
			continue
		}
		op, data, err := c.readData(h)
		if err != nil {
			return 0, nil, err
		}
		if !h.fin {
			continue
		}
		if op == Text && !utf8.Valid(data) {
			return 0, nil, c.fail(StatusInvalidText, fmt.Errorf("%w: text is not UTF-8", ErrProtocol))
		}
		return op, data, nil
	}
}

func (c *Conn) readHeader() (header, error) {
	for {
		h, size, err := parseHeader(c.buf[c.r:c.w])
		if err == nil && size > 0 {
			err = c.checkHeader(h)
		}
		if err != nil {
			return h, c.fail(StatusProtocolError, fmt.Errorf("%w: %w", ErrProtocol, err))
		}
		if size > 0 {
			c.r += size
			return h, nil
		}
		if err := c.fill(); err != nil {
			return h, err
		}
	}
}

// checkHeader holds what depends on the connection, not on the frame alone.
func (c *Conn) checkHeader(h header) error {
	switch {
	case c.client && h.masked:
		return errMasked
	case !c.client && !h.masked:
		return errUnmasked
	case h.op == continuation && c.op == continuation:
		return errFragment
	case h.op != continuation && !h.op.control() && c.op != continuation:
		return errInterleaved
	}
	return nil
}

// readControl answers a control frame.
func (c *Conn) readControl(h header) error {
	payload, err := c.next(int(h.length))
	if err != nil {
		return err
	}
	mask(payload, h.key)
	switch h.op {
	case ping:
		return c.Send(Message{Op: pong, Data: payload})
	case closing:
		return c.readClose(payload)
	}
	return nil
}

func (c *Conn) readClose(payload []byte) error {
	if len(payload) == 0 {
		return c.fail(StatusNone, &CloseError{Code: StatusNone})
	}
	if len(payload) == 1 || !utf8.Valid(payload[2:]) {
		return c.fail(StatusProtocolError, fmt.Errorf("%w: close frame", ErrProtocol))
	}
	code := int(binary.BigEndian.Uint16(payload))
	if !validStatus(code) {
		return c.fail(StatusProtocolError, fmt.Errorf("%w: close code %d", ErrProtocol, code))
	}
	return c.fail(code, &CloseError{Code: code, Reason: string(payload[2:])})
}

func validStatus(code int) bool {
	switch {
	case code >= 3000 && code < 5000:
		return true
	case code >= 1000 && code <= 1014:
		return code != 1004 && code != StatusNone && code != 1006
	}
	return false
}

// readData reads the payload of a data frame and returns the message so far.
func (c *Conn) readData(h header) (Opcode, []byte, error) {
	size := int64(len(c.message)) + h.length
	if size > int64(c.opts.MaxMessage) {
		err := &TooLargeError{Size: size, Limit: int64(c.opts.MaxMessage)}
		return 0, nil, c.fail(StatusTooLarge, err)
	}
	if h.fin && h.op != continuation && h.length <= fullBuffer-maxHeader {
		data, err := c.next(int(h.length))
		mask(data, h.key)
		return h.op, data, err
	}

	if h.op != continuation {
		c.op = h.op
	}
	if err := c.readPieces(h); err != nil {
		return 0, nil, err
	}
	if !h.fin {
		return c.op, nil, nil
	}
	op, data := c.op, c.message
	c.op, c.message = continuation, nil
	return op, data, nil
}

// readPieces appends the payload of one frame to the message.
func (c *Conn) readPieces(h header) error {
	total := len(c.message) + int(h.length)
	bulk := total > BulkSize
	for len(c.message) < total {
		got := len(c.message)
		if got == cap(c.message) {
			c.grow(total, h.fin)
		}
		piece := c.message[got:min(total, cap(c.message))]
		n := copy(piece, c.buf[c.r:c.w])
		c.r += n
		if n == 0 {
			var err error
			if n, err = c.readInto(piece, bulk); err != nil {
				return err
			}
		}
		h.key = mask(piece[:n], h.key)
		c.message = c.message[:got+n]
		if bulk && c.Progress != nil {
			c.Progress(c.op, len(c.message), total)
		}
	}
	return nil
}

// grow makes room for more of a message of which the frames so far announced
// total. Memory grows with what has come, never with what was announced, and
// by a factor, so that many small pieces do not cost a copy of all each time.
func (c *Conn) grow(total int, last bool) {
	got := len(c.message)
	size := min(total, max(4*got, 4*fullBuffer))
	if !last {
		size = max(size, min(2*got, c.opts.MaxMessage))
	}
	grown := make([]byte, got, size)
	copy(grown, c.message)
	c.message = grown
}

// next returns the next n bytes, which must fit in the buffer.
func (c *Conn) next(n int) ([]byte, error) {
	for c.w-c.r < n {
		if c.r+n > len(c.buf) {
			c.makeRoom(n)
		}
		if err := c.fill(); err != nil {
			return nil, err
		}
	}
	data := c.buf[c.r : c.r+n]
	c.r += n
	return data, nil
}

// makeRoom moves what is buffered to the front of a buffer that can hold n.
func (c *Conn) makeRoom(n int) {
	buf := c.buf
	if n > len(buf) {
		buf = make([]byte, fullBuffer)
	}
	c.w = copy(buf, c.buf[c.r:c.w])
	c.buf, c.r = buf, 0
}

// fill reads more into the buffer.
func (c *Conn) fill() error {
	if c.r == c.w {
		c.r, c.w = 0, 0
	}
	if c.w == len(c.buf) {
		c.makeRoom(c.w - c.r + 1)
	}
	n, err := c.readInto(c.buf[c.w:], false)
	c.w += n
	if c.r == 0 && c.w == len(c.buf) && len(c.buf) < fullBuffer {
		c.makeRoom(fullBuffer) // it comes faster than we read
	}
	return err
}

// readInto waits for the peer. Nothing queued is left behind by that, and
// what is sent from its return on is held for the end of the batch, except
// in the midst of a large message, whose end may be far.
func (c *Conn) readInto(b []byte, bulk bool) (int, error) {
	if err := c.release(); err != nil {
		return 0, err
	}
	n, err := c.nc.Read(b)
	c.received.Add(uint64(n))
	if n > 0 {
		c.held.Store(!bulk)
		return n, nil
	}
	return 0, c.readFailed(err)
}

// readFailed returns why reading ended: our own doing, if it was.
func (c *Conn) readFailed(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return c.err
	case c.sealed:
		return ErrClosed
	}
	c.err = err
	return err
}

// fail queues a close frame with the code because of err, and returns that:
// or what had ended the connection before.
func (c *Conn) fail(code int, err error) error {
	if c.seal(code, closeReason(err)) {
		return err
	}
	return c.readFailed(err)
}

func closeReason(err error) string {
	if tooLarge := (*TooLargeError)(nil); errors.As(err, &tooLarge) {
		return fmt.Sprintf("message of %d bytes, limit %d", tooLarge.Size, tooLarge.Limit)
	}
	return ""
}
