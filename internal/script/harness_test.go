package script

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/peers"
	"github.com/znsocket/znsocket/internal/resp"
)

// backend is a Space and nothing else.
type backend struct{ space *keyspace.Space }

func (b backend) Keeper() resp.Keeper { return nil }

func (b backend) Space() *keyspace.Space { return b.space }

func (b backend) Run(_ context.Context, db int, cmd *keyspace.Command, argv []string) (any, error) {
	return b.space.Run(db, cmd, argv)
}

func (b backend) Wait(_ context.Context, db int, cmd *keyspace.Command, argv []string) (any, *keyspace.Waiter, error) {
	return b.space.RunOrWait(db, cmd, argv)
}

func (b backend) Tell(int, []string, any) {}

func (b backend) Exec(_ context.Context, w *keyspace.Watch, fn func(run resp.RunFunc)) bool {
	return b.space.Exec(w, fn)
}

func newSpace(t testing.TB, limits Limits) *keyspace.Space {
	t.Helper()
	space := keyspace.New()
	space.SetScripting(New(limits))
	t.Cleanup(func() { require.NoError(t, space.Check()) })
	return space
}

// peer is a connection to a server as it is on the wire.
type peer struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

func newPeer(t testing.TB, conn net.Conn) *peer {
	t.Cleanup(func() { conn.Close() })
	return &peer{t, conn, bufio.NewReader(conn)}
}

func (p *peer) do(argv ...string) string {
	p.t.Helper()
	text := fmt.Sprintf("*%d\r\n", len(argv))
	for _, word := range argv {
		text += fmt.Sprintf("$%d\r\n%s\r\n", len(word), word)
	}
	_, err := io.WriteString(p.conn, text)
	require.NoError(p.t, err)
	return p.read()
}

// read reads one reply, all of its bytes.
func (p *peer) read() string {
	p.t.Helper()
	line, err := p.in.ReadString('\n')
	require.NoError(p.t, err)
	n, err := strconv.Atoi(strings.TrimSpace(line[1:]))
	switch line[0] {
	case '$', '=':
		if err != nil || n < 0 {
			return line
		}
		data := make([]byte, n+2)
		_, err := io.ReadFull(p.in, data)
		require.NoError(p.t, err)
		return line + string(data)
	case '%':
		n *= 2
		fallthrough
	case '*', '~', '>':
		for range n {
			line += p.read()
		}
	}
	return line
}

// both are a server of ours and a redis-server that are told the same.
type both struct {
	t           testing.TB
	ours, redis *peer
}

func newBoth(t testing.TB, revision string) *both {
	t.Helper()
	conn, err := net.Dial("unix", peers.Redis(t))
	require.NoError(t, err)
	server := resp.NewServer(backend{newSpace(t, DefaultLimits)})
	b := &both{t, newPeer(t, server.Dial()), newPeer(t, conn)}
	b.ours.do("HELLO", revision)
	b.redis.do("HELLO", revision)
	return b
}

// same has both run a command, and reports where they differ.
func (b *both) same(argv ...string) bool {
	b.t.Helper()
	here, there := b.ours.do(argv...), b.redis.do(argv...)
	if here != there {
		b.t.Errorf("%q\nhere:  %q\nRedis: %q", argv, here, there)
	}
	return here == there
}

// scripts are the lines of a file. One that ends with a backslash goes on in the
// next, a line with # and a blank is a comment, and an empty line is left empty.
func scripts(t testing.TB, file string) (all []string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	joined := strings.ReplaceAll(strings.TrimSpace(string(text)), "\\\n", "\n\x00")
	for line := range strings.SplitSeq(joined, "\n") {
		if rest, ok := strings.CutPrefix(line, "\x00"); ok {
			all[len(all)-1] += "\n" + rest
			continue
		}
		if !strings.HasPrefix(line, "# ") {
			all = append(all, line)
		}
	}
	return all
}

func files(t testing.TB) []string {
	found, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}
