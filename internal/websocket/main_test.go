package websocket

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// Whatever a test does to a connection, nothing of it may run afterwards.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var roomy = Options{MaxMessage: 1 << 20, MaxQueued: 1 << 24}

// frame is a frame as a peer writes it by hand, or reads it: what must be
// right, or wrong, is in plain sight.
type frame struct {
	first   byte // fin, reserved bits and opcode
	payload string
	mask    string // four bytes, or none
}

const (
	fin = 0x80

	aText   = fin | byte(Text)
	aBinary = fin | byte(Binary)
	aClose  = fin | byte(closing)
	aPing   = fin | byte(ping)
	aPong   = fin | byte(pong)
)

func (f frame) bytes() []byte {
	b := []byte{f.first}
	var masked byte
	if f.mask != "" {
		masked = 0x80
	}
	switch n := len(f.payload); {
	case n < 126:
		b = append(b, masked|byte(n))
	case n < 1<<16:
		b = append(b, masked|126, byte(n>>8), byte(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, masked|127), uint64(n))
	}
	b = append(b, f.mask...)
	for i := range len(f.payload) {
		if f.mask != "" {
			b = append(b, f.payload[i]^f.mask[i%4])
		} else {
			b = append(b, f.payload[i])
		}
	}
	return b
}

// closeFrame is the close frame with a code and a reason.
func closeFrame(code int, reason string) frame {
	return frame{first: aClose, payload: string([]byte{byte(code >> 8), byte(code)}) + reason}
}

// peer is the other end of a Conn.
type peer struct {
	t  *testing.T
	nc net.Conn
	br *bufio.Reader

	mask string // for what it sends: a client's peer has none
}

const aMask = "\x12\x34\x56\x78"

// newServer returns a server's Conn and the client it talks to.
func newServer(t *testing.T, opts Options) (*Conn, *peer) {
	ours, theirs := connect(t)
	return newConn(ours, false, opts, nil), newPeer(t, theirs, aMask)
}

// newClient returns a client's Conn and the server it talks to.
func newClient(t *testing.T, opts Options) (*Conn, *peer) {
	ours, theirs := connect(t)
	return newConn(ours, true, opts, nil), newPeer(t, theirs, "")
}

func newPeer(t *testing.T, nc net.Conn, mask string) *peer {
	return &peer{t: t, nc: nc, br: bufio.NewReader(nc), mask: mask}
}

// connect returns both ends of a TCP connection.
func connect(t testing.TB) (ours, theirs net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	theirs, err = net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	ours, err = l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() {
		ours.Close()
		theirs.Close()
	})
	return ours, theirs
}

// send writes frames in one write, masked as the peer should.
func (p *peer) send(frames ...frame) {
	p.t.Helper()
	for i := range frames {
		frames[i].mask = p.mask
	}
	p.sendAsIs(frames...)
}

// sendAsIs writes frames in one write, with the masks they have.
func (p *peer) sendAsIs(frames ...frame) {
	p.t.Helper()
	var b []byte
	for _, f := range frames {
		b = append(b, f.bytes()...)
	}
	_, err := p.nc.Write(b)
	require.NoError(p.t, err)
}

// receive reads a frame. Its payload is unmasked, its mask kept.
func (p *peer) receive() frame {
	p.t.Helper()
	f, err := p.tryReceive()
	require.NoError(p.t, err)
	return f
}

func (p *peer) tryReceive() (frame, error) {
	var head [2]byte
	if _, err := io.ReadFull(p.br, head[:]); err != nil {
		return frame{}, err
	}
	f := frame{first: head[0]}
	n := uint64(head[1] & 0x7F)
	if wide := map[uint64]int{126: 2, 127: 8}[n]; wide > 0 {
		var b [8]byte
		if _, err := io.ReadFull(p.br, b[8-wide:]); err != nil {
			return frame{}, err
		}
		n = binary.BigEndian.Uint64(b[:])
	}
	if head[1]&0x80 != 0 {
		var b [4]byte
		if _, err := io.ReadFull(p.br, b[:]); err != nil {
			return frame{}, err
		}
		f.mask = string(b[:])
	}
	payload := make([]byte, n)
	if _, err := io.ReadFull(p.br, payload); err != nil {
		return frame{}, err
	}
	for i := range payload {
		if f.mask != "" {
			payload[i] ^= f.mask[i%4]
		}
	}
	f.payload = string(payload)
	return f, nil
}

// requireEnd checks that the connection has ended, with nothing before that.
func (p *peer) requireEnd() {
	p.t.Helper()
	rest, err := io.ReadAll(p.br)
	require.NoError(p.t, err)
	require.Empty(p.t, rest)
}

// message is what Read returned.
type message struct {
	op   Opcode
	data string
}

// reading is a Conn's reading goroutine: it reads to the end, as the package
// asks of it.
type reading struct {
	t        *testing.T
	messages chan message
	err      error // once messages is closed
}

// read starts the reading goroutine. It calls handle, if there is one, for
// each message before it tells of it.
func read(t *testing.T, c *Conn, handle func(op Opcode, data []byte)) *reading {
	r := &reading{t: t, messages: make(chan message, 1000)}
	go func() {
		defer close(r.messages)
		defer c.Finish()
		for {
			op, data, err := c.Read()
			if err != nil {
				r.err = err
				return
			}
			if handle != nil {
				handle(op, data)
			}
			r.messages <- message{op, strings.Clone(string(data))}
		}
	}()
	return r
}

// next returns the next message.
func (r *reading) next() message {
	r.t.Helper()
	m, ok := <-r.messages
	if !ok {
		require.FailNow(r.t, "reading ended", "%v", r.err)
	}
	return m
}

// end returns why reading ended, after no further message.
func (r *reading) end() error {
	r.t.Helper()
	for m := range r.messages {
		require.Fail(r.t, "unexpected message", "%.100q", m.data)
	}
	return r.err
}

// echo returns a handler that sends everything back.
func echo(t *testing.T, c *Conn) func(Opcode, []byte) {
	return func(op Opcode, data []byte) {
		if err := c.Send(Message{Op: op, Data: data}); err != nil {
			t.Errorf("echo: %v", err)
		}
	}
}
