package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"
)

func setEvent(conn int) string {
	return fmt.Sprintf(`42/znsocket,1["set",[["key:%02d","value"],{}]]`, conn)
}

func pipelineEvent(conn int) string {
	sets := make([]string, 100)
	for i := range sets {
		sets[i] = fmt.Sprintf(`["set",[["key:%02d:%02d","value"],{}]]`, conn, i)
	}
	return `42/znsocket,1["pipeline",[[],{"message":[` + strings.Join(sets, ",") + `]}]]`
}

func rpushEvent() string {
	elements := make([]string, 100)
	for i := range elements {
		elements[i] = fmt.Sprintf(`"element %02d"`, i)
	}
	return `42/znsocket,1["rpush",[["list",` + strings.Join(elements, ",") + `],{}]]`
}

func lrangeEvent(int) string { return `42/znsocket,1["lrange",[["list",0,-1],{}]]` }

func roomOf(i int) string { return fmt.Sprintf("znsocket.List:room:%02d", i) }

func refreshEvent(conn int) string {
	return `42/znsocket,1["refresh",{"target":"` + roomOf(conn) + `","data":{"indices":[4]}}]`
}

// sliceEvent asks an adapter for ten of its thousand elements.
func sliceEvent(name string) func(int) string {
	return func(int) string {
		return `42/znsocket,1["adapter:get",[[],{"key":"znsocket.List:` + name + `","method":"slice","start":500,"stop":510,"step":1}]]`
	}
}

// ownAdapter is an owner that costs next to nothing: it answers each question
// with the same ten elements.
func ownAdapter(addr string) (*conn, error) {
	c, err := dial(addr)
	if err != nil {
		return nil, err
	}
	if _, err := c.Write(text(`42/znsocket,1["register_adapter",[[],{"key":"znsocket.List:bare"}]]`)); err != nil {
		return nil, err
	}
	answer, err := c.read()
	if err != nil || string(answer) != `43/znsocket,1[true]` {
		return nil, fmt.Errorf("the adapter is not registered: %q, %v", answer, err)
	}
	c.SetDeadline(time.Now().Add(time.Hour))
	var elements []string
	for i := 500; i < 510; i++ {
		elements = append(elements, strconv.Quote(strconv.Itoa(i)))
	}
	rest := "[[" + strings.Join(elements, ",") + "]]"
	go func() {
		for {
			question, err := c.read()
			if err != nil {
				return // closed at the end
			}
			if string(question) == "2" {
				c.Write(text("3"))
				continue
			}
			id, _, _ := strings.Cut(strings.TrimPrefix(string(question), "42/znsocket,"), "[")
			c.Write(text("43/znsocket," + id + rest))
		}
	}()
	return c, nil
}

// largeText is 19 MB of JSON as a program would have it: a million numbers.
var largeText = func() string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteByte('[')
	for b.Len() < 19<<20 {
		fmt.Fprintf(&b, "%.16f, ", r.Float64())
	}
	b.WriteString("0]")
	return b.String()
}()

func largeFrame() []byte {
	body := []byte(`[["large","` + largeText + `"],{}]`)
	var buf bytes.Buffer
	buf.WriteByte(1)
	buf.Write(binary.BigEndian.AppendUint32(nil, uint32(len(body))))
	w := gzip.NewWriter(&buf)
	w.Write(body)
	w.Close()
	return buf.Bytes()
}

// upload sends the text in pieces and returns megabytes of it per second, from
// the first piece to the answer.
func upload(addr string) (float64, error) {
	c, err := dial(addr)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	frame := largeFrame()
	const size = 5<<20 - 250
	count := (len(frame) + size - 1) / size
	var messages [][]byte
	for i := range count {
		piece := frame[i*size : min((i+1)*size, len(frame))]
		messages = append(messages, append(text(fmt.Sprintf(`451-/znsocket,1["chunked_message",{"chunk_id":"id","chunk_index":%d,"total_chunks":%d,"event":"set","data":{"_placeholder":true,"num":0},"size":%d}]`,
			i, count, len(piece))), binaryFrame(piece)...))
	}
	messages = append(messages, text(`42/znsocket,1["get_chunked_result",{"chunk_id":"id"}]`))
	start := time.Now()
	var answer []byte
	for _, m := range messages {
		if _, err := c.Write(m); err != nil {
			return 0, err
		}
		if answer, err = c.read(); err != nil {
			return 0, err
		}
	}
	took := time.Since(start)
	if want := `43/znsocket,1[{"data":true}]`; string(answer) != want {
		return 0, fmt.Errorf("the answer is %.200q", answer)
	}
	return float64(len(largeText)) / 1e6 / took.Seconds(), nil
}

// download reads the text back and returns megabytes per second.
func download(addr string) (float64, error) {
	if _, err := upload(addr); err != nil {
		return 0, err
	}
	c, err := dial(addr)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	start := time.Now()
	if _, err := c.Write(text(`42/znsocket,1["get",[["large"],{}]]`)); err != nil {
		return 0, err
	}
	n, err := c.header()
	if err == nil {
		_, err = c.r.Discard(n)
	}
	if err == nil && n < len(largeText) {
		err = fmt.Errorf("only %d bytes came", n)
	}
	return float64(n) / 1e6 / time.Since(start).Seconds(), err
}

// gunzipSpeed is how fast the standard library unpacks the same frame.
func gunzipSpeed() (float64, error) {
	frame := largeFrame()
	start := time.Now()
	r, err := gzip.NewReader(bytes.NewReader(frame[5:]))
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, r)
	return float64(n) / 1e6 / time.Since(start).Seconds(), err
}

// socketSpeed is how fast the same bytes go through a socket that nobody looks
// into.
func socketSpeed() (float64, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		io.WriteString(c, largeText)
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return 0, err
	}
	defer c.Close()
	start := time.Now()
	n, err := io.Copy(io.Discard, c)
	return float64(n) / 1e6 / time.Since(start).Seconds(), err
}
