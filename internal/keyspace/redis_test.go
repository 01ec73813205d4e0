package keyspace

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// redis is a connection to a redis-server that the test has for itself. What
// one says a second one, watch, hears as keyspace notifications.
type redis struct {
	main  respConn
	watch respConn
}

// startRedis starts a redis-server that publishes key events.
func startRedis(t testing.TB) *redis {
	t.Helper()
	socket := peers.Redis(t, "--notify-keyspace-events", "KEAnm")
	r := &redis{main: dialRESP(t, socket), watch: dialRESP(t, socket)}
	r.watch.do("PSUBSCRIBE", keyEvents+"*")
	return r
}

const (
	keyEvents    = "__keyevent@"
	endOfCommand = keyEvents + "end"
)

// do runs a command and returns its reply and the key events it made, each as
// "db event key". Events of expiry are left out: their moment is anyone's.
func (r *redis) do(argv []string) (any, []string) {
	r.main.send(argv...)
	r.main.send("PUBLISH", endOfCommand, "")
	reply := r.main.receive()
	r.main.receive()
	var events []string
	for {
		message := r.watch.receive().([]any)
		channel, key := message[2].(string), message[3].(string)
		if channel == endOfCommand {
			return reply, events
		}
		if event, ok := eventOf(channel, key); ok {
			events = append(events, event)
		}
	}
}

// eventOf is a message as "db event key", if it is of an event to compare.
func eventOf(channel, key string) (string, bool) {
	rest, ok := strings.CutPrefix(channel, keyEvents)
	db, event, _ := strings.Cut(rest, "__:")
	return db + " " + event + " " + key, ok && event != "expired"
}

// respConn speaks RESP2 to a server. Replies are nil, Status, Error, int64,
// string and []any.
type respConn struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

func dialRESP(t testing.TB, socket string) respConn {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return respConn{t, conn, bufio.NewReader(conn)}
}

func (c respConn) do(argv ...string) any {
	c.send(argv...)
	return c.receive()
}

func (c respConn) send(argv ...string) {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(argv))
	for _, a := range argv {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	_, err := io.WriteString(c.conn, b.String())
	require.NoError(c.t, err)
}

func (c respConn) receive() any {
	line, err := c.in.ReadString('\n')
	require.NoError(c.t, err)
	kind, rest := line[0], strings.TrimSuffix(line[1:], "\r\n")
	switch kind {
	case '+':
		return Status(rest)
	case '-':
		return Error(rest)
	}
	n, err := strconv.ParseInt(rest, 10, 64)
	require.NoError(c.t, err)
	switch {
	case kind == ':':
		return n
	case n < 0:
		return nil
	case kind == '$':
		data := make([]byte, n+2)
		_, err := io.ReadFull(c.in, data)
		require.NoError(c.t, err)
		return string(data[:n])
	}
	list := make([]any, n)
	for i := range list {
		list[i] = c.receive()
	}
	return list
}

// resp2 turns a reply of ours into what a RESP2 client would make of it.
func resp2(reply any, err error) any {
	if err != nil {
		return Error(err.Error())
	}
	switch v := reply.(type) {
	case float64:
		return FormatFloat(v)
	case []string:
		return texts(v)
	case Set:
		return texts(v)
	case Pairs:
		return texts(v)
	case Scores:
		list := []any{}
		for _, z := range v {
			list = append(list, z.Member, FormatFloat(z.Score))
		}
		return list
	case Scan:
		return []any{strconv.FormatUint(v.Cursor, 10), resp2(v.Items, nil)}
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = resp2(v[i], nil)
		}
		return list
	}
	return reply
}

func texts[S ~[]string](s S) []any {
	list := make([]any, len(s))
	for i := range s {
		list[i] = s[i]
	}
	return list
}
