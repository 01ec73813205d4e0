// Command googollee drives a server with the Engine.IO 3 client and the Socket.IO
// parser of github.com/googollee/go-socket.io, as far as these go: they change no
// transport, and on polling they count the bytes of text, where the protocol has
// JavaScript's units. It is here so that they are nobody's dependencies.
//
//	go run ./googollee http://127.0.0.1:5000
//
// Its server needs --engineio3.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"log"
	"os"
	"reflect"
	"strings"

	"github.com/googollee/go-socket.io/engineio"
	"github.com/googollee/go-socket.io/engineio/transport"
	"github.com/googollee/go-socket.io/engineio/transport/polling"
	"github.com/googollee/go-socket.io/engineio/transport/websocket"
	"github.com/googollee/go-socket.io/parser"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: googollee URL")
	}
	for t, letters := range map[transport.Transport]string{polling.Default: "abc \n", websocket.Default: "aé€😀 \n"} {
		if err := converse(os.Args[1]+"/socket.io/", t, letters); err != nil {
			log.Fatalf("%s: %v", t.Name(), err)
		}
		fmt.Println("ok", t.Name())
	}
}

// namespace is where the server is.
const namespace = "/znsocket"

// client is a connection in that namespace.
type client struct {
	out *parser.Encoder
	in  *parser.Decoder
	ids uint64
}

// answer is what the server answers a command with.
type answer struct {
	Data  any `json:"data"`
	Error any `json:"error"`
}

// converse does over one transport what clients do, with text of such letters.
func converse(url string, t transport.Transport, letters string) error {
	dialer := engineio.Dialer{Transports: []transport.Transport{t}}
	conn, err := dialer.Dial(url, nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	c := &client{out: parser.NewEncoder(conn), in: parser.NewDecoder(conn)}
	if err := c.join(); err != nil {
		return err
	}

	key, large := t.Name(), strings.Repeat(letters, 50_000)
	frame, err := compressed(fmt.Sprintf(`[[%q, "compressed"], {}]`, key+":binary"))
	if err != nil {
		return err
	}
	for _, each := range []struct {
		event   string
		payload any
		want    any
	}{
		{"set", command(key, letters), true},
		{"get", command(key), letters},
		{"rpush", command(key+":list", "a", "b", "c"), 3.0},
		{"lrange", command(key+":list", 0, -1), []any{"a", "b", "c"}},
		{"set", command(key, large), true},
		{"get", command(key), large},
		{"compressed_message", map[string]any{"event": "set", "data": &parser.Buffer{Data: frame}}, true},
		{"get", command(key + ":binary"), "compressed"},
	} {
		got, err := c.call(each.event, each.payload)
		if err != nil {
			return fmt.Errorf("%s: %w", each.event, err)
		}
		if got.Error != nil || !reflect.DeepEqual(got.Data, each.want) {
			return fmt.Errorf("%s: %.200v", each.event, got)
		}
	}
	return nil
}

// command is the payload of a command, which has the arguments by position.
func command(args ...any) any { return []any{args, struct{}{}} }

// compressed is an event's payload as Python compresses it: a byte that says so,
// its length, and gzip.
func compressed(payload string) ([]byte, error) {
	var frame bytes.Buffer
	frame.Write(binary.BigEndian.AppendUint32([]byte{1}, uint32(len(payload))))
	w := gzip.NewWriter(&frame)
	if _, err := w.Write([]byte(payload)); err != nil {
		return nil, err
	}
	err := w.Close()
	return frame.Bytes(), err
}

// join joins the namespace, after the root that everybody is in.
func (c *client) join() error {
	if err := c.out.Encode(parser.Header{Type: parser.Connect, Namespace: namespace}); err != nil {
		return err
	}
	for _, want := range []string{"", namespace} {
		var h parser.Header
		if err := c.in.DecodeHeader(&h, new(string)); err != nil {
			return err
		}
		if err := c.in.DiscardLast(); err != nil {
			return err
		}
		if h.Type != parser.Connect || h.Namespace != want {
			return fmt.Errorf("%+v instead of a welcome to %q", h, want)
		}
	}
	return nil
}

// call sends an event and waits for its answer.
func (c *client) call(event string, payload any) (answer, error) {
	c.ids++
	h := parser.Header{Type: parser.Event, Namespace: namespace, ID: c.ids, NeedAck: true}
	if err := c.out.Encode(h, []any{event, payload}); err != nil {
		return answer{}, err
	}
	if err := c.in.DecodeHeader(&h, new(string)); err != nil {
		return answer{}, err
	}
	if h.Type != parser.Ack || h.ID != c.ids {
		return answer{}, errors.New("something else than the answer came")
	}
	got, err := c.in.DecodeArgs([]reflect.Type{reflect.TypeFor[answer]()})
	if err != nil {
		return answer{}, err
	}
	return got[0].Interface().(answer), nil
}
