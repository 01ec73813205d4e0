package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// conn is a client that costs next to nothing: frames are made once and written
// as they are, answers are counted by their length.
type conn struct {
	net.Conn
	r *bufio.Reader
}

// dial opens a WebSocket and joins the namespace.
func dial(addr string) (*conn, error) { return join(addr, "{}") }

// join is dial with an auth payload.
func join(addr, auth string) (*conn, error) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &conn{nc, bufio.NewReaderSize(nc, 64<<10)}
	nc.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(nc, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", addr)
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		if line == "\r\n" {
			break
		}
	}
	if _, err := c.read(); err != nil { // the open packet
		return nil, err
	}
	if _, err := nc.Write(text(`40/znsocket,` + auth)); err != nil {
		return nil, err
	}
	answer, err := c.read()
	if err == nil && !bytes.HasPrefix(answer, []byte("40/znsocket,")) {
		err = fmt.Errorf("joining: %q", answer)
	}
	return c, err
}

// read returns the payload of the next message.
func (c *conn) read() ([]byte, error) {
	n, err := c.header()
	if err != nil {
		return nil, err
	}
	data := make([]byte, n)
	_, err = io.ReadFull(c.r, data)
	return data, err
}

// answers and events read n messages of their kind and throw them and others away.
func (c *conn) answers(n int) error { return c.skip("43", n) }
func (c *conn) events(n int) error  { return c.skip("42", n) }

func (c *conn) skip(kind string, n int) error {
	for n > 0 {
		size, err := c.header()
		if err != nil {
			return err
		}
		if size == 1 { // an Engine.IO ping
			c.Write(text("3"))
		} else if head, err := c.r.Peek(len(kind)); err != nil {
			return err
		} else if string(head) == kind {
			n--
		}
		if _, err := c.r.Discard(size); err != nil {
			return err
		}
	}
	return nil
}

func (c *conn) header() (int, error) {
	head, err := c.r.Peek(2)
	if err != nil {
		return 0, err
	}
	size, length := 2, int(head[1]&0x7f)
	switch length {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	if head, err = c.r.Peek(size); err != nil {
		return 0, err
	}
	switch size {
	case 4:
		length = int(binary.BigEndian.Uint16(head[2:]))
	case 10:
		length = int(binary.BigEndian.Uint64(head[2:]))
	}
	if head[0]&0x0f == 8 {
		return 0, fmt.Errorf("the server closed the connection")
	}
	c.r.Discard(size)
	return length, nil
}

func text(s string) []byte        { return frame(0x81, []byte(s)) }
func binaryFrame(b []byte) []byte { return frame(0x82, b) }

// frame is a masked frame.
func frame(head byte, payload []byte) []byte {
	out := []byte{head}
	switch n := len(payload); {
	case n < 126:
		out = append(out, 0x80|byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, 0x80|126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, 0x80|127), uint64(n))
	}
	const key = uint32(0x3D21FA37)
	out = binary.BigEndian.AppendUint32(out, key)
	k := bits.ReverseBytes32(key)
	for _, b := range payload {
		out = append(out, b^byte(k))
		k = bits.RotateLeft32(k, -8)
	}
	return out
}

// exchange has conns connections send an event and wait for its answer, with
// inFlight of them under way on each, and returns answers per second.
func exchange(addr string, conns, inFlight int, event func(conn int) string, d time.Duration) (float64, error) {
	clients := make([]*conn, conns)
	for i := range clients {
		c, err := join(addr, `{"znsocket":{"subscribes":true}}`) // so it hears of nothing but its answers
		if err != nil {
			return 0, err
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(d + time.Minute))
		clients[i] = c
	}
	var answers atomic.Int64
	var failed atomic.Value
	var stop atomic.Bool
	var wg sync.WaitGroup
	begin := func(c *conn, i int) {
		batch := bytes.Repeat(text(event(i)), inFlight)
		for !stop.Load() {
			if _, err := c.Write(batch); err != nil {
				failed.Store(err)
				return
			}
			if err := c.answers(inFlight); err != nil {
				failed.Store(err)
				return
			}
			answers.Add(int64(inFlight))
		}
	}
	for i, c := range clients {
		wg.Go(func() { begin(c, i) })
	}
	time.Sleep(d / 4) // warm up
	before, start := answers.Load(), time.Now()
	time.Sleep(d)
	n, took := answers.Load()-before, time.Since(start)
	stop.Store(true)
	wg.Wait()
	if err, ok := failed.Load().(error); ok {
		return 0, err
	}
	return float64(n) / took.Seconds(), nil
}

// ask sends one event and waits for its answer.
func ask(addr, event string) error {
	c, err := dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Write(text(event)); err != nil {
		return err
	}
	return c.answers(1)
}

// refreshes has one client send refreshes that go to n others, a window of them
// under way, and returns deliveries per second.
func refreshes(addr string, n int, d time.Duration) (float64, error) {
	sender, err := dial(addr)
	if err != nil {
		return 0, err
	}
	defer sender.Close()
	const window = 16
	var delivered atomic.Int64
	var failed atomic.Value
	taken := make(chan struct{}, 1<<16)
	var wg sync.WaitGroup
	for i := range n {
		c, err := dial(addr)
		if err != nil {
			return 0, err
		}
		c.SetDeadline(time.Now().Add(d + time.Minute))
		defer c.Close()
		wg.Go(func() {
			for {
				if err := c.events(1); err != nil {
					return // closed at the end
				}
				delivered.Add(1)
				if i == n-1 {
					taken <- struct{}{}
				}
			}
		})
	}
	event := text(`42/znsocket,["refresh",{"target":"znsocket.List:room","data":{"indices":[4]}}]`)
	stop := time.Now().Add(d + d/4)
	go func() {
		for i := 0; time.Now().Before(stop); i++ {
			if i >= window {
				<-taken
			}
			if _, err := sender.Write(event); err != nil {
				failed.Store(err)
				return
			}
		}
	}()
	time.Sleep(d / 4)
	before, start := delivered.Load(), time.Now()
	time.Sleep(d * 3 / 4)
	rate := float64(delivered.Load()-before) / time.Since(start).Seconds()
	if err, ok := failed.Load().(error); ok {
		return 0, err
	}
	return rate, nil
}

// listenByKey opens n listeners, each of which subscribes to a key of its own. On
// a Python server, which knows no subscriptions, they hear of all.
func listenByKey(addr string, n int) (stop func(), err error) {
	var all []*conn
	stop = func() {
		for _, c := range all {
			c.Close()
		}
	}
	for i := range n {
		c, err := join(addr, `{"znsocket":{"client":"`+strconv.Itoa(i)+`","subscribes":true}}`)
		if err != nil {
			stop()
			return nil, err
		}
		all = append(all, c)
		c.SetDeadline(time.Now().Add(time.Hour))
		if _, err := c.Write(text(`42/znsocket,1["znsocket:subscribe",[[],{"keys":["` + roomOf(i) + `"]}]]`)); err != nil {
			stop()
			return nil, err
		}
		if err := c.answers(1); err != nil {
			stop()
			return nil, err
		}
		go func() {
			for c.events(1) == nil { // until it is closed
			}
		}()
	}
	return stop, nil
}
