package websocket

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// countingConn counts the calls of Write.
type countingConn struct {
	net.Conn
	writes atomic.Int64
}

func (c *countingConn) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

// pipe returns a Conn whose socket holds nothing back: what it writes waits
// until its peer reads.
func pipe(t *testing.T, client bool, opts Options) (*Conn, *peer) {
	ours, theirs := net.Pipe()
	t.Cleanup(func() {
		ours.Close()
		theirs.Close()
	})
	mask := aMask
	if client {
		mask = ""
	}
	return newConn(ours, client, opts, nil), newPeer(t, theirs, mask)
}

func TestSend_frames(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, RetainSize - 1, RetainSize, 65535, 65536, 3 * pieceSize} {
		for _, head := range []string{"", "4"} {
			data := []byte(strings.Repeat("d", n))
			want := frame{aBinary, head + string(data), ""}

			server, p := newServer(t, roomy)
			r := read(t, server, nil)
			require.NoError(t, server.Send(Message{Binary, head, data}))
			require.Equal(t, want, p.receive())
			p.nc.Close()
			r.end()
			require.Zero(t, server.Queued())
			require.Equal(t, uint64(len(want.bytes())), server.Sent())

			client, p := newClient(t, roomy)
			r = read(t, client, nil)
			require.NoError(t, client.Send(Message{Binary, head, data}))
			got := p.receive()
			require.Len(t, got.mask, 4)
			want.mask = got.mask
			require.Equal(t, want, got)
			p.nc.Close()
			r.end()
		}
	}
}

func TestSend_beforeTheFirstReadWaits(t *testing.T) {
	c, p := newServer(t, roomy)
	counting := &countingConn{Conn: c.nc}
	c.nc = counting
	require.NoError(t, c.Send(Message{Op: Text, Data: []byte("a")}))
	require.NoError(t, c.Send(Message{Op: Text, Data: []byte("b")}))
	require.Zero(t, counting.writes.Load())
	require.Positive(t, c.Queued())

	r := read(t, c, nil)
	require.Equal(t, frame{aText, "a", ""}, p.receive())
	require.Equal(t, frame{aText, "b", ""}, p.receive())
	require.Equal(t, int64(1), counting.writes.Load())
	p.nc.Close()
	r.end()
}

// Answers to messages that came together leave in one write.
func TestSend_answersOfABatchLeaveTogether(t *testing.T) {
	const batch = 25
	for name, connect := range map[string]func(*testing.T, Options) (*Conn, *peer){"server": newServer, "client": newClient} {
		t.Run(name, func(t *testing.T) {
			c, p := connect(t, roomy)
			counting := &countingConn{Conn: c.nc}
			c.nc = counting
			r := read(t, c, echo(t, c))
			for round := range 10 {
				var frames []frame
				for i := range batch {
					frames = append(frames, frame{aText, fmt.Sprintf("message %d", i), ""})
				}
				p.send(frames...)
				for i := range batch {
					require.Equal(t, frames[i].payload, p.receive().payload)
				}
				require.Equal(t, int64(round+1), counting.writes.Load())
			}
			p.nc.Close()
			for range r.messages {
			}
		})
	}
}

// What others send while the reading goroutine handles messages leaves with
// its answers.
func TestSend_ofOthersJoinsTheBatch(t *testing.T) {
	c, p := newServer(t, roomy)
	counting := &countingConn{Conn: c.nc}
	c.nc = counting
	r := read(t, c, func(_ Opcode, data []byte) {
		var others sync.WaitGroup
		for range 5 {
			others.Go(func() {
				if err := c.Send(Message{Op: Text, Data: []byte("news")}); err != nil {
					t.Error(err)
				}
			})
		}
		others.Wait()
	})
	p.send(frame{aText, "a", ""})
	for range 5 {
		require.Equal(t, frame{aText, "news", ""}, p.receive())
	}
	require.Equal(t, int64(1), counting.writes.Load())
	p.nc.Close()
	r.next()
	r.end()
}

// A large message takes its time, and so does its handling: what others send
// does not wait for the end of either.
func TestSend_duringALargeMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := pipe(t, false, roomy)
		begun := make(chan bool, 1000)
		c.Progress = func(_ Opcode, got, _ int) { begun <- true }
		handled := make(chan bool)
		r := read(t, c, func(Opcode, []byte) { <-handled })
		large := frame{aBinary, strings.Repeat("l", 4*BulkSize), aMask}
		half := len(large.bytes()) / 2
		_, err := p.nc.Write(large.bytes()[:half])
		require.NoError(t, err)
		<-begun
		require.NoError(t, c.Send(Message{Op: Text, Data: []byte("news")}))
		require.Equal(t, frame{aText, "news", ""}, p.receive())

		_, err = p.nc.Write(large.bytes()[half:])
		require.NoError(t, err)
		synctest.Wait()
		require.NoError(t, c.Send(Message{Op: Text, Data: []byte("more news")}))
		require.Equal(t, frame{aText, "more news", ""}, p.receive())
		close(handled)
		require.Equal(t, message{Binary, large.payload}, r.next())
		p.nc.Close()
		r.end()
	})
}

// Much of it does not wait for the end of a batch.
func TestSend_muchInABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := pipe(t, false, roomy)
		handled := make(chan bool)
		r := read(t, c, func(Opcode, []byte) {
			if err := c.Send(Message{Op: Binary, Data: make([]byte, 2*BulkSize)}); err != nil {
				t.Error(err)
			}
			<-handled
		})
		p.send(frame{aText, "request", ""})
		require.Len(t, p.receive().payload, 2*BulkSize)
		close(handled)
		r.next()
		p.nc.Close()
		r.end()
	})
}

// What is sent while the reading goroutine writes its batch follows at once.
func TestSend_whileABatchIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := pipe(t, false, roomy)
		r := read(t, c, echo(t, c))
		p.send(frame{aText, "answer", ""})
		synctest.Wait() // the answer is being written
		require.NoError(t, c.Send(Message{Op: Text, Data: []byte("news")}))
		require.Equal(t, frame{aText, "answer", ""}, p.receive())
		require.Equal(t, frame{aText, "news", ""}, p.receive())
		r.next()
		p.nc.Close()
		r.end()
	})
}

// Groups are not torn apart and every sender's messages keep their order,
// whoever writes at the moment.
func TestSend_fromManyGoroutines(t *testing.T) {
	const senders, each = 8, 200
	for name, connect := range map[string]func(*testing.T, Options) (*Conn, *peer){"server": newServer, "client": newClient} {
		t.Run(name, func(t *testing.T) {
			c, p := connect(t, roomy)
			r := read(t, c, echo(t, c))
			var sending sync.WaitGroup
			for s := range senders {
				sending.Go(func() {
					for i := range each {
						word := fmt.Sprintf("%d %d", s, i)
						long := make([]byte, i%3*3000)
						if err := c.Send(Message{Text, "1:", []byte(word)}, Message{Binary, "2:", long}, Message{Text, "3:", []byte(word)}); err != nil {
							t.Error(err)
						}
					}
				})
			}
			sending.Go(func() {
				for i := range each {
					p.send(frame{aText, fmt.Sprintf("echo %d", i), ""})
				}
			})

			next := map[string]int{}
			for range senders*each + each {
				first := p.receive().payload
				sender, i := "echo", 0
				if n, _ := fmt.Sscanf(first, "echo %d", &i); n == 0 {
					number := 0
					_, err := fmt.Sscanf(first, "1:%d %d", &number, &i)
					require.NoError(t, err, first)
					sender = fmt.Sprint(number)
					require.Len(t, p.receive().payload, 2+i%3*3000)
					require.Equal(t, "3:"+first[2:], p.receive().payload)
				}
				require.Equal(t, next[sender], i, sender)
				next[sender]++
			}
			sending.Wait()
			p.nc.Close()
			for range r.messages {
			}
		})
	}
}

// A payload for many is one piece of memory, and nobody writes to it.
func TestSend_sharedPayload(t *testing.T) {
	payload := []byte(strings.Repeat("shared, ", RetainSize))[:5*RetainSize]
	want := string(payload)
	const listeners = 3
	var conns, clients []*Conn
	var peers []*peer
	for range listeners {
		c, p := newServer(t, roomy)
		conns, peers = append(conns, c), append(peers, p)
		c, p = newClient(t, roomy)
		clients, peers = append(clients, c), append(peers, p)
	}
	for _, c := range append(conns, clients...) {
		require.NoError(t, c.Send(Message{Binary, "head", payload}))
	}
	for _, c := range conns {
		require.Len(t, c.out.ready, 2)
		require.Same(t, &payload[0], &c.out.ready[1][0])
	}
	var all []*reading
	for _, c := range append(conns, clients...) {
		all = append(all, read(t, c, nil))
	}
	for _, p := range peers {
		require.Equal(t, "head"+want, p.receive().payload)
		p.nc.Close()
	}
	for _, r := range all {
		r.end()
	}
	require.Equal(t, want, string(payload))
}

// Small data is copied: its owner may use it again at once.
func TestSend_smallDataIsCopied(t *testing.T) {
	c, p := newServer(t, roomy)
	data := []byte(strings.Repeat("a", RetainSize-1))
	require.NoError(t, c.Send(Message{Op: Text, Data: data}))
	clear(data)
	r := read(t, c, nil)
	require.Equal(t, strings.Repeat("a", RetainSize-1), p.receive().payload)
	p.nc.Close()
	r.end()
}

// A long queue of small messages is not one piece of memory that is copied
// whenever it grows.
func TestSend_longQueue(t *testing.T) {
	c, p := newServer(t, roomy)
	data := []byte(strings.Repeat("q", 1000))
	for range 1000 {
		c.out.add(Message{Op: Text, Data: data}, false)
	}
	require.Greater(t, len(c.out.ready), 10)
	for _, segment := range c.out.ready {
		require.LessOrEqual(t, cap(segment), 2*chunkSize)
	}
	r := read(t, c, nil)
	for range 1000 {
		require.Equal(t, frame{aText, string(data), ""}, p.receive())
	}
	p.nc.Close()
	r.end()
}

func TestSend_queueFull(t *testing.T) {
	opts := Options{MaxMessage: 1 << 20, MaxQueued: 100_000}
	for _, client := range []bool{false, true} {
		c, _ := pipe(t, client, opts)
		r := read(t, c, nil)
		data := make([]byte, 10_000)
		var err error
		sends := 0
		for err == nil {
			err = c.Send(Message{Op: Binary, Data: data})
			sends++
		}
		full := (*QueueFullError)(nil)
		require.ErrorAs(t, err, &full)
		require.Equal(t, 100_000, full.Limit)
		require.Greater(t, full.Size, full.Limit)
		require.Equal(t, 10, sends)
		require.ErrorIs(t, c.Send(Message{Op: Text}), ErrClosed)
		require.Equal(t, err, r.end())
	}
}

// A peer that reads nothing costs a connection its writeTimeout, not more.
func TestWrite_stuckPeer(t *testing.T) {
	for _, client := range []bool{false, true} {
		for _, size := range []int{10, 2 * pieceSize} {
			synctest.Test(t, func(t *testing.T) {
				c, _ := pipe(t, client, roomy)
				r := read(t, c, nil)
				begin := time.Now()
				require.NoError(t, c.Send(Message{Op: Binary, Data: make([]byte, size)}))
				require.ErrorIs(t, r.end(), os.ErrDeadlineExceeded)
				require.Equal(t, writeTimeout, time.Since(begin))
				require.ErrorIs(t, c.Send(Message{Op: Text}), ErrClosed)
			})
		}
	}
}

// One that is slow has all the time it needs, as long as it reads.
func TestWrite_slowPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := pipe(t, false, roomy)
		r := read(t, c, nil)
		data := []byte(strings.Repeat("slow", 2*pieceSize))
		begin := time.Now()
		require.NoError(t, c.Send(Message{Op: Binary, Data: data}))
		got := make([]byte, len(data)+10)
		for from := 0; from < len(got); from += pieceSize {
			time.Sleep(writeTimeout - time.Second)
			_, err := io.ReadFull(p.nc, got[from:min(from+pieceSize, len(got))])
			require.NoError(t, err)
		}
		require.Greater(t, time.Since(begin), 8*(writeTimeout-time.Second))
		require.Equal(t, string(data), string(got[10:]))
		p.nc.Close()
		require.ErrorIs(t, r.end(), io.EOF)
	})
}

// A server reads no more requests while their answers pile up.
func TestRead_waitsForASlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const requests, answer = 20, highWater / 4
		c, p := pipe(t, false, roomy)
		handled := 0
		r := read(t, c, func(Opcode, []byte) {
			handled++
			if err := c.Send(Message{Op: Binary, Data: make([]byte, answer)}); err != nil {
				t.Error(err)
			}
		})
		go func() {
			for range requests {
				p.nc.Write(frame{aText, "request", aMask}.bytes())
			}
		}()
		synctest.Wait()
		require.Less(t, handled, requests)
		for range requests {
			require.Len(t, p.receive().payload, answer)
		}
		synctest.Wait()
		require.Equal(t, requests, handled)
		p.nc.Close()
		for range r.messages {
		}
	})
}

// A client goes on reading while its own writes wait, or the two ends could
// each wait for the other.
func TestRead_clientNeverWaitsForItsWrites(t *testing.T) {
	c, p := pipe(t, true, roomy)
	r := read(t, c, echo(t, c))
	for range 10 {
		p.send(frame{aText, "request", ""})
	}
	for range 10 {
		r.next()
	}
	for range 10 {
		require.Equal(t, "request", p.receive().payload)
	}
	p.nc.Close()
	r.end()
}

func TestAbort_duringAWrite(t *testing.T) {
	reason := errors.New("enough")
	for _, client := range []bool{false, true} {
		t.Run(fmt.Sprintf("by a sender, client %t", client), func(t *testing.T) {
			c, p := pipe(t, client, roomy)
			r := read(t, c, nil)
			require.NoError(t, c.Send(Message{Op: Binary, Data: make([]byte, 2*pieceSize)}))
			_, err := p.nc.Read(make([]byte, 1)) // the write is under way
			require.NoError(t, err)
			c.Abort(reason)
			require.Equal(t, reason, r.end())
			require.ErrorIs(t, c.Send(Message{Op: Text}), ErrClosed)
			require.True(t, c.out.empty())
		})
	}
	t.Run("by the reading goroutine", func(t *testing.T) {
		c, p := pipe(t, false, roomy)
		r := read(t, c, func(Opcode, []byte) {
			if err := c.Send(Message{Op: Binary, Data: make([]byte, BulkSize/2)}); err != nil {
				t.Error(err)
			}
		})
		p.send(frame{aText, "request", ""})
		_, err := p.nc.Read(make([]byte, 1))
		require.NoError(t, err)
		c.Abort(reason)
		r.next()
		require.Equal(t, reason, r.end())
	})
	t.Run("while it waits for a slow reader", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c, p := pipe(t, false, roomy)
			r := read(t, c, func(Opcode, []byte) {
				if err := c.Send(Message{Op: Binary, Data: make([]byte, 2*highWater)}); err != nil {
					t.Error(err)
				}
			})
			p.send(frame{aText, "request", ""})
			synctest.Wait()
			c.Abort(reason)
			r.next()
			require.Equal(t, reason, r.end())
		})
	})
}

func TestClose_sendsWhatIsQueuedFirst(t *testing.T) {
	c, p := newServer(t, roomy)
	r := read(t, c, nil)
	large := make([]byte, 2*pieceSize)
	require.NoError(t, c.Send(Message{Op: Text, Data: []byte("small")}, Message{Op: Binary, Data: large}))
	c.Close(StatusGoingAway, "see you")
	c.Close(StatusNormal, "too late")
	require.ErrorIs(t, c.Send(Message{Op: Text}), ErrClosed)

	require.Equal(t, frame{aText, "small", ""}, p.receive())
	require.Equal(t, frame{aBinary, string(large), ""}, p.receive())
	require.Equal(t, closeFrame(StatusGoingAway, "see you"), p.receive())
	p.send(frame{aText, "unread", ""}, closeFrame(StatusGoingAway, ""))
	p.requireEnd()
	p.nc.Close()
	require.Equal(t, ErrClosed, r.end())
}

func TestClose_byTheHandler(t *testing.T) {
	c, p := newServer(t, roomy)
	r := read(t, c, func(op Opcode, data []byte) {
		if err := c.Send(Message{Op: op, Data: data}); err != nil && string(data) == "last" {
			t.Error(err)
		}
		c.Close(StatusNormal, "")
	})
	p.send(frame{aText, "last", ""}, closeFrame(4000, "the peer, a moment later"))
	require.Equal(t, frame{aText, "last", ""}, p.receive())
	require.Equal(t, closeFrame(StatusNormal, ""), p.receive())
	p.nc.Close()
	r.next()
	require.Equal(t, ErrClosed, r.end())
}

// halfConn notices that no more will be written.
type halfConn struct {
	net.Conn
	half atomic.Bool
}

func (c *halfConn) CloseWrite() error {
	c.half.Store(true)
	return c.Conn.(*net.TCPConn).CloseWrite()
}

// The peer learns that it may go, and has time for that.
func TestClose_closesOneWayFirst(t *testing.T) {
	c, p := newServer(t, roomy)
	half := &halfConn{Conn: c.nc}
	c.nc = half
	r := read(t, c, nil)
	c.Close(StatusNormal, "")
	require.Equal(t, closeFrame(StatusNormal, ""), p.receive())
	p.requireEnd()
	require.True(t, half.half.Load())
	p.send(frame{aText, "unread", ""}, closeFrame(StatusNormal, ""))
	p.nc.Close()
	require.Equal(t, ErrClosed, r.end())
}

// lateConn is slow to notice that it was closed.
type lateConn struct {
	net.Conn
	notice chan bool
}

func (c *lateConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	<-c.notice
	return n, err
}

// Nothing of a connection runs any more when Finish has returned.
func TestFinish_waitsForTheWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := pipe(t, false, roomy)
		late := &lateConn{c.nc, make(chan bool)}
		c.nc = late
		r := read(t, c, nil)
		synctest.Wait() // so that it is not the reading goroutine that writes
		require.NoError(t, c.Send(Message{Op: Text, Data: []byte("a")}))
		synctest.Wait()
		c.Abort(ErrClosed)
		synctest.Wait()
		select {
		case <-r.messages:
			require.Fail(t, "Finish returned while the writer was writing")
		default:
		}
		close(late.notice)
		require.Equal(t, ErrClosed, r.end())
	})
}

// A reason is cut to what a control frame holds, but not within a rune.
func TestClose_longReason(t *testing.T) {
	c, p := newServer(t, roomy)
	r := read(t, c, nil)
	c.Close(StatusNormal, strings.Repeat("€", 100))
	require.Equal(t, closeFrame(StatusNormal, strings.Repeat("€", 41)), p.receive())
	p.nc.Close()
	require.Equal(t, ErrClosed, r.end())
}

// A peer that does not take the goodbye, or does not answer it, is left.
func TestClose_silentPeer(t *testing.T) {
	t.Run("reads but does not answer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c, p := pipe(t, false, roomy)
			r := read(t, c, nil)
			begin := time.Now()
			c.Close(StatusNormal, "")
			require.Equal(t, closeFrame(StatusNormal, ""), p.receive())
			require.Equal(t, ErrClosed, r.end())
			require.Equal(t, lingerTimeout, time.Since(begin))
		})
	})
	t.Run("does not read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c, _ := pipe(t, false, roomy)
			r := read(t, c, nil)
			require.NoError(t, c.Send(Message{Op: Binary, Data: make([]byte, 3*pieceSize)}))
			begin := time.Now()
			c.Close(StatusNormal, "")
			require.Equal(t, ErrClosed, r.end())
			require.Equal(t, flushTimeout, time.Since(begin))
		})
	})
	t.Run("sends without end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c, p := pipe(t, false, roomy)
			r := read(t, c, nil)
			var peer sync.WaitGroup
			defer peer.Wait()
			peer.Go(func() { io.Copy(io.Discard, p.nc) })
			peer.Go(func() {
				for err := error(nil); err == nil; time.Sleep(100 * time.Millisecond) {
					_, err = p.nc.Write(frame{aText, "more", aMask}.bytes())
				}
			})
			r.next()
			begin := time.Now()
			c.Close(StatusNormal, "")
			require.Equal(t, ErrClosed, r.end())
			require.Equal(t, lingerTimeout, time.Since(begin))
		})
	})
}

// Both may say goodbye at once.
func TestClose_fromBothEnds(t *testing.T) {
	ours, theirs := connect(t)
	server, client := newConn(ours, false, roomy, nil), newConn(theirs, true, roomy, nil)
	for _, c := range []*Conn{server, client} {
		require.NoError(t, c.Send(Message{Op: Text, Data: binary.BigEndian.AppendUint16(nil, 0x6162)}))
		c.Close(StatusNormal, "")
	}
	s, c := read(t, server, nil), read(t, client, nil)
	require.Equal(t, ErrClosed, s.end())
	require.Equal(t, ErrClosed, c.end())
}
