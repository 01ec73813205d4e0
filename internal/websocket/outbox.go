package websocket

import (
	"math/rand/v2"
	"net"
	"slices"
	"sync"
)

// chunkSize bounds one buffer of small frames; beyond it another one begins,
// so that a long queue is not copied over and over as it grows.
const chunkSize = 64 << 10

// Message is one message to send.
type Message struct {
	Op   Opcode
	Head string // goes before Data; for a layer above that marks its messages
	Data []byte
}

func (m Message) size() int { return len(m.Head) + len(m.Data) }

// outbox is what waits to be written, as frames, and who waits for that. Small
// frames stand one after another in tail; a large payload is not copied and so
// divides tail. In order that is: ready, then tail[from:]. Payloads in ready
// belong to whoever sent them and may wait in many outboxes at once; tail is
// ours, and is borrowed from the pool only while something waits.
type outbox struct {
	ready  net.Buffers
	tail   []byte
	from   int
	pooled *[]byte // where tail's memory goes back to, if anywhere
	size   int     // of everything in it
	last   *waiter // of those who are to hear that it has been written
}

// waiter waits for what was queued before it. It is a list, so that it costs
// a connection without any no more than a pointer.
type waiter struct {
	fn      func()
	earlier *waiter
}

var pool = sync.Pool{New: func() any {
	b := make([]byte, 0, 4<<10)
	return &b
}}

func (o *outbox) empty() bool { return o.size == 0 && o.last == nil }

// add appends one message. A client's frames are masked, which needs a copy
// of any payload.
func (o *outbox) add(m Message, client bool) {
	h := header{op: m.Op, fin: true, length: int64(m.size()), masked: client}
	if client {
		h.key = rand.Uint32()
	}
	o.reserve()
	before := len(o.tail)
	o.tail = appendHeader(o.tail, h)
	start := len(o.tail)
	o.size += start - before + m.size()
	o.tail = append(o.tail, m.Head...)
	switch {
	case client:
		o.tail = append(slices.Grow(o.tail, len(m.Data)), m.Data...)
		mask(o.tail[start:], h.key)
	case len(m.Data) < RetainSize:
		o.tail = append(o.tail, m.Data...)
	default:
		o.cut()
		o.ready = append(o.ready, m.Data)
	}
}

// addRaw appends bytes that are no frame: the handshake's answer.
func (o *outbox) addRaw(b []byte) {
	o.reserve()
	o.tail = append(o.tail, b...)
	o.size += len(b)
}

// reserve makes sure that tail is there and not overlong.
func (o *outbox) reserve() {
	switch {
	case o.tail == nil:
		o.pooled = pool.Get().(*[]byte)
		o.tail = *o.pooled
	case len(o.tail) >= chunkSize:
		o.cut()
		o.tail, o.from, o.pooled = make([]byte, 0, chunkSize), 0, nil
	}
}

// cut moves what stands in tail to ready.
func (o *outbox) cut() {
	if o.from < len(o.tail) {
		o.ready = append(o.ready, o.tail[o.from:])
		o.from = len(o.tail)
	}
}

// take empties the outbox and returns what was in it.
func (o *outbox) take() outbox {
	taken := *o
	*o = outbox{}
	return taken
}

// tell calls those who wait.
func (o *outbox) tell() {
	for w := o.last; w != nil; w = w.earlier {
		w.fn()
	}
}

// recycle gives the memory back, once everything is written.
func (o *outbox) recycle() {
	if o.pooled != nil && cap(o.tail) <= chunkSize {
		*o.pooled = o.tail[:0]
		pool.Put(o.pooled)
	}
}
