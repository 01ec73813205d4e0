package resp

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// plainBackend is a Space and nothing else.
type plainBackend struct{ space *keyspace.Space }

func (b plainBackend) Keeper() Keeper { return nil }

func (b plainBackend) Space() *keyspace.Space { return b.space }

func (b plainBackend) Run(_ context.Context, db int, cmd *keyspace.Command, argv []string) (any, error) {
	return b.space.Run(db, cmd, argv)
}

func (b plainBackend) Wait(_ context.Context, db int, cmd *keyspace.Command, argv []string) (any, *keyspace.Waiter, error) {
	return b.space.RunOrWait(db, cmd, argv)
}

func (b plainBackend) Tell(int, []string, any) {}

func (b plainBackend) Exec(_ context.Context, w *keyspace.Watch, fn func(run RunFunc)) bool {
	return b.space.Exec(w, fn)
}

func newServer(t *testing.T) *Server {
	t.Helper()
	space := keyspace.New()
	t.Cleanup(func() { require.NoError(t, space.Check()) })
	return NewServer(plainBackend{space})
}

// peer is a connection to a server as it is on the wire.
type peer struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func newPeer(t *testing.T, conn net.Conn) *peer {
	t.Cleanup(func() { conn.Close() })
	return &peer{t, conn, bufio.NewReader(conn)}
}

func (p *peer) write(text string) {
	p.t.Helper()
	_, err := io.WriteString(p.conn, text)
	require.NoError(p.t, err)
}

func (p *peer) do(argv ...string) node {
	p.t.Helper()
	p.write(bulks(argv...))
	return p.read()
}

func bulks(argv ...string) string {
	text := fmt.Sprintf("*%d\r\n", len(argv))
	for _, word := range argv {
		text += fmt.Sprintf("$%d\r\n%s\r\n", len(word), word)
	}
	return text
}

// node is a value as it is on the wire: its first line, the bytes of a text, the
// elements of a list.
type node struct {
	head string
	text string
	list []node
}

func (p *peer) read() node {
	p.t.Helper()
	n, err := p.tryRead()
	require.NoError(p.t, err)
	return n
}

func (p *peer) tryRead() (node, error) {
	line, err := p.in.ReadString('\n')
	if err != nil {
		return node{}, err
	}
	n := node{head: strings.TrimSuffix(line, "\r\n")}
	size, err := strconv.Atoi(n.head[1:])
	switch n.head[0] {
	case '$', '=':
		if err != nil || size < 0 {
			return n, err
		}
		data := make([]byte, size+2)
		_, err := io.ReadFull(p.in, data)
		n.text = string(data)
		return n, err
	case '%':
		size *= 2
		fallthrough
	case '*', '~', '>':
		for range size {
			element, err := p.tryRead()
			if err != nil {
				return n, err
			}
			n.list = append(n.list, element)
		}
	}
	return n, nil
}

func (n node) String() string {
	text := n.head
	if n.text != "" {
		text += fmt.Sprintf(" %q", n.text)
	}
	if len(n.list) > 0 {
		text += fmt.Sprint(" ", n.list)
	}
	return text
}

// unordered are the commands whose elements come in any order, and how many belong
// together; in a map they always do.
var unordered = map[string]int{
	"SMEMBERS": 1, "SUNION": 1, "SINTER": 1, "SDIFF": 1, "KEYS": 1, "HKEYS": 1, "HVALS": 1, "SPOP": 1,
	"HGETALL": 2, "SCAN": 1, "SSCAN": 1, "HSCAN": 2, "ZSCAN": 2, "CONFIG": 2,
}

// canonical is a reply with nothing in it that may differ from that of another
// server.
func canonical(argv []string, n node) string {
	if len(argv) == 0 {
		return n.String()
	}
	name := strings.ToUpper(argv[0])
	if name == "PTTL" || name == "PEXPIRETIME" || name == "TIME" {
		return n.head[:1]
	}
	if name == "HELLO" && len(n.list) == 14 {
		n.list[7] = node{head: "the id"}
	}
	n = withoutTimes(argv, n)
	if size, ok := unordered[name]; ok {
		list := n.list
		if len(list) == 2 && strings.HasSuffix(name, "SCAN") {
			list = list[1].list
		}
		var groups [][]node
		for group := range slices.Chunk(list, size) {
			groups = append(groups, slices.Clone(group))
		}
		slices.SortFunc(groups, func(a, b []node) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		copy(list, slices.Concat(groups...))
	} else if cmd, err := keyspace.Find(argv); err == nil && cmd.Flags&keyspace.Random != 0 {
		if n.head[0] == '$' || n.head[0] == ':' {
			return n.head[:1]
		}
		if len(n.list) > 0 {
			return fmt.Sprint(n.head, shapes(n.list))
		}
	}
	return n.String()
}

// shapes are what elements look like whatever they are.
func shapes(list []node) (all []string) {
	for _, n := range list {
		if len(n.list) > 0 {
			all = append(all, fmt.Sprint(n.head, shapes(n.list)))
		} else {
			all = append(all, n.head[:1])
		}
	}
	return all
}
