package pycall

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/peers"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// This file has the two that the package is compared with: redis-py, and a
// Redis server for it and for us.

const redispy = "../../testdata/redispy/"

// python runs a script of testdata/redispy and returns what it writes.
func python(t *testing.T, stdin []byte, script string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(peers.Python(t), append([]string{redispy + script}, args...)...)
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	require.NoError(t, err, "make setup installs the Python that is compared with: %s", stderr.String())
	return stdout
}

// conn is a connection to a Redis server whose replies are of the kinds that
// Go's Redis clients give.
type conn struct {
	t  *testing.T
	rw *bufio.ReadWriter
}

// dial connects with a version of RESP and empties the server.
func dial(t *testing.T, socket string, version int) conn {
	t.Helper()
	c, err := net.Dial("unix", socket)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	r := conn{t, bufio.NewReadWriter(bufio.NewReader(c), bufio.NewWriter(c))}
	for _, argv := range [][]string{{"HELLO", strconv.Itoa(version)}, {"FLUSHALL"}} {
		_, err = r.do(argv)
		require.NoError(t, err)
	}
	return r
}

func (c conn) do(argv []string) (any, error) {
	fmt.Fprintf(c.rw, "*%d\r\n", len(argv))
	for _, word := range argv {
		fmt.Fprintf(c.rw, "$%d\r\n%s\r\n", len(word), word)
	}
	require.NoError(c.t, c.rw.Flush())
	reply := c.receive()
	if err, ok := reply.(error); ok {
		return nil, err
	}
	return reply, nil
}

func (c conn) receive() any {
	line, err := c.rw.ReadString('\n')
	require.NoError(c.t, err)
	kind, rest := line[0], strings.TrimSuffix(line[1:], "\r\n")
	switch kind {
	case '+':
		return rest
	case '-':
		return fmt.Errorf("%s", rest)
	case '_':
		return nil
	case '#':
		return rest == "t"
	case ',':
		f, err := strconv.ParseFloat(rest, 64)
		require.NoError(c.t, err)
		return f
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
		_, err := io.ReadFull(c.rw, data)
		require.NoError(c.t, err)
		return string(data[:n])
	case kind == '%':
		m := map[any]any{}
		for range n {
			key := c.receive()
			m[key] = c.receive()
		}
		return m
	}
	require.Contains(c.t, "*~", string(kind))
	list := make([]any, n)
	for i := range list {
		list[i] = c.receive()
	}
	return list
}

// call is a call as it travels.
type call struct {
	name    string
	payload pyjson.Value
}

// line is a call as the files of testdata/redispy have it.
func (c call) line() string {
	name, _ := json.Marshal(c.name)
	pos, kw := appendValue(nil, &c.payload.Items[0]), appendValue(nil, &c.payload.Items[1])
	return fmt.Sprintf("[%s, %s, %s]", name, pos, kw)
}

func appendValue(dst []byte, v *pyjson.Value) []byte {
	switch v.Kind {
	case pyjson.Null:
		return append(dst, "null"...)
	case pyjson.True, pyjson.False:
		return strconv.AppendBool(dst, v.Kind == pyjson.True)
	case pyjson.String:
		return pyjson.AppendString(dst, v.Text)
	case pyjson.Array, pyjson.Object:
		brackets := "[]"
		if v.Kind == pyjson.Object {
			brackets = "{}"
		}
		dst = append(dst, brackets[0])
		for i := range v.Items {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			if v.Kind == pyjson.Object {
				dst = append(pyjson.AppendString(dst, v.Keys[i]), ": "...)
			}
			dst = appendValue(dst, &v.Items[i])
		}
		return append(dst, brackets[1])
	}
	return append(dst, v.Text...)
}

// The files with recorded calls: those that our own store answers too, and those
// that only a Redis does.
const (
	callsOfStore = "calls.jsonl"
	callsOfRedis = "redis.jsonl"
)

// recordedCalls are those of a file of testdata/redispy.
func recordedCalls(t testing.TB, file string) []call {
	text, err := os.ReadFile(redispy + file)
	require.NoError(t, err)
	var calls []call
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			v, err := pyjson.Parse([]byte(line), nil)
			require.NoError(t, err, line)
			require.Len(t, v.Items, 3, line)
			calls = append(calls, call{v.Items[0].Text, pyjson.Value{Kind: pyjson.Array, Items: v.Items[1:]}})
		}
	}
	return calls
}

// replay has the Python server's code make calls, in one history, and returns
// the acks. storage is the socket of a Redis, which is emptied first, or memory.
func replay(t *testing.T, storage string, calls []call) []pyjson.Value {
	t.Helper()
	if storage != "memory" {
		dial(t, storage, 2)
	}
	var lines bytes.Buffer
	for _, c := range calls {
		fmt.Fprintln(&lines, c.line())
	}
	var acks []pyjson.Value
	for line := range bytes.Lines(python(t, lines.Bytes(), "replay.py", storage)) {
		ack, err := pyjson.Parse(line, nil)
		require.NoError(t, err)
		acks = append(acks, ack)
	}
	require.Len(t, acks, len(calls))
	return acks
}

// ackOf makes a call and returns its ack. run carries out the command.
func ackOf(c call, run func(argv []string) (any, error)) []byte {
	m, ok := Find(c.name)
	if !ok {
		return AppendError(nil, &Error{"UnknownEventError", "Unknown event: " + c.name})
	}
	bound, err := m.Bind(&c.payload)
	if err != nil {
		return AppendError(nil, err)
	}
	reply, err := run(bound.Argv)
	if err != nil {
		return AppendError(nil, err)
	}
	return []byte(appendReply(&bound, nil, reply))
}

// inSpace carries out commands in a Space of its own.
func inSpace() func(argv []string) (any, error) {
	space := keyspace.New()
	return func(argv []string) (any, error) { return space.Do(0, argv) }
}
