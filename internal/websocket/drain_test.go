package websocket

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// drains notes how much was queued whenever somebody is told.
type drains struct {
	c    *Conn
	told chan int
}

func drainsOf(c *Conn) *drains { return &drains{c, make(chan int, 1000)} }

func (d *drains) ask() { d.c.WhenDrained(func() { d.told <- d.c.Queued() }) }

// requireTold fails unless this many were told by the time nothing moves any
// more, all of an empty queue.
func (d *drains) requireTold(t *testing.T, n int) {
	t.Helper()
	synctest.Wait()
	require.Len(t, d.told, n)
	for range n {
		require.Zero(t, <-d.told)
	}
}

func TestWhenDrained_slowReader(t *testing.T) {
	for _, client := range []bool{false, true} {
		for _, size := range []int{10, RetainSize, 2 * pieceSize} {
			t.Run(fmt.Sprintf("client %t, %d bytes", client, size), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, p := pipe(t, client, roomy)
					r := read(t, c, nil)
					synctest.Wait()
					d := drainsOf(c)
					d.ask()
					d.requireTold(t, 1) // nothing waits

					data := []byte(strings.Repeat("d", size))
					require.NoError(t, c.Send(Message{Op: Binary, Data: data}))
					synctest.Wait() // it is being written
					d.ask()
					d.ask()
					d.requireTold(t, 0)
					p.receive()
					d.requireTold(t, 2)

					p.nc.Close()
					r.end()
					d.requireTold(t, 0)
				})
			})
		}
	}
}

// A reader that keeps up is heard of although something waits at any moment.
func TestWhenDrained_queueThatIsNeverEmpty(t *testing.T) {
	for _, client := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c, p := pipe(t, client, roomy)
			r := read(t, c, nil)
			synctest.Wait()
			d := drainsOf(c)
			news := Message{Op: Text, Data: []byte("news")}
			require.NoError(t, c.Send(news))
			synctest.Wait() // it is being written
			d.ask()
			for range 5 {
				require.NoError(t, c.Send(news))
				p.receive()
				synctest.Wait() // the next is being written
			}
			require.Len(t, d.told, 1)
			require.Positive(t, <-d.told)
			p.nc.Close()
			r.end()
		})
	}
}

// A batch's answers leave together, however soon somebody asks.
func TestWhenDrained_inABatch(t *testing.T) {
	for _, client := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c, p := pipe(t, client, roomy)
			counting := &countingConn{Conn: c.nc}
			c.nc = counting
			d := drainsOf(c)
			handle := echo(t, c)
			r := read(t, c, func(op Opcode, data []byte) {
				handle(op, data)
				d.ask()
				synctest.Wait() // whoever wants to write does
			})
			p.send(frame{aText, "a", ""}, frame{aText, "b", ""})
			r.next()
			r.next()
			p.receive()
			p.receive()
			d.requireTold(t, 2)
			require.Equal(t, int64(1), counting.writes.Load())
			p.nc.Close()
			r.end()
		})
	}
}

// Nothing is written before the first Read, and nobody told that it was.
func TestWhenDrained_beforeTheFirstRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := pipe(t, false, roomy)
		d := drainsOf(c)
		require.NoError(t, c.Send(Message{Op: Text, Data: []byte("a")}))
		d.ask()
		d.requireTold(t, 0)
		r := read(t, c, nil)
		d.requireTold(t, 0)
		p.receive()
		d.requireTold(t, 1)
		p.nc.Close()
		r.end()
	})
}

// Who is told may do with the connection what he likes.
func TestWhenDrained_usesTheConnection(t *testing.T) {
	for _, client := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c, p := pipe(t, client, roomy)
			r := read(t, c, echo(t, c))
			d := drainsOf(c)
			p.send(frame{aText, "answer", ""})
			synctest.Wait() // the answer is being written, on a server by the reading goroutine
			c.WhenDrained(func() {
				if err := c.Send(Message{Op: Text, Data: []byte("summary")}); err != nil {
					t.Error(err)
				}
				d.ask()
				c.Close(StatusNormal, "")
				d.ask()
			})
			require.Equal(t, "answer", p.receive().payload)
			require.Equal(t, "summary", p.receive().payload)
			require.Equal(t, closeFrame(StatusNormal, "").payload, p.receive().payload)
			p.nc.Close()
			r.next()
			require.Equal(t, ErrClosed, r.end())
			d.requireTold(t, 2)
		})
	}
}

// Whatever ends the connection, everybody is told, once, before Finish
// returns; and who asks later is told at once.
func TestWhenDrained_connectionEnds(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, c *Conn, p *peer){
		"aborted":          func(_ *testing.T, c *Conn, _ *peer) { c.Abort(errors.New("enough")) },
		"closed, not read": func(_ *testing.T, c *Conn, _ *peer) { c.Close(StatusNormal, "") },
		"peer gone":        func(_ *testing.T, _ *Conn, p *peer) { p.nc.Close() },
		"peer stuck":       func(*testing.T, *Conn, *peer) {}, // until writeTimeout
		"queue full": func(t *testing.T, c *Conn, _ *peer) {
			full := (*QueueFullError)(nil)
			require.ErrorAs(t, c.Send(Message{Op: Binary, Data: make([]byte, roomy.MaxQueued)}), &full)
		},
	} {
		for _, client := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, client %t", name, client), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, p := pipe(t, client, roomy)
					r := read(t, c, nil)
					d := drainsOf(c)
					require.NoError(t, c.Send(Message{Op: Binary, Data: make([]byte, 2*pieceSize)}))
					d.ask()
					synctest.Wait()
					require.NoError(t, c.Send(Message{Op: Text, Data: []byte("never read")}))
					d.ask()
					d.requireTold(t, 0)
					end(t, c, p)
					require.Error(t, r.end())
					require.Len(t, d.told, 2)
					d.requireTold(t, 2)
					d.ask()
					d.requireTold(t, 1)
				})
			})
		}
	}
}

// An end within a batch that nobody has begun to write.
func TestWhenDrained_abortedInABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := pipe(t, false, roomy)
		d := drainsOf(c)
		r := read(t, c, func(Opcode, []byte) {
			if err := c.Send(Message{Op: Text, Data: []byte("answer")}); err != nil {
				t.Error(err)
			}
			d.ask()
			c.Abort(ErrClosed)
		})
		p.send(frame{aText, "request", ""})
		r.next()
		require.Equal(t, ErrClosed, r.end())
		d.requireTold(t, 1)
	})
}
