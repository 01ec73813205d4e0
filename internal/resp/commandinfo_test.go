package resp

import (
	"fmt"
	"net"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// inAnyOrder is a reply without the order of what is in it, which in Redis is another
// one each time.
func inAnyOrder(n node) string {
	var parts []string
	for _, element := range n.list {
		parts = append(parts, inAnyOrder(element))
	}
	slices.Sort(parts)
	return fmt.Sprint(n.head, n.text, parts)
}

func TestCommand(t *testing.T) {
	socket := peers.Redis(t)
	for _, revision := range []string{"2", "3"} {
		conn, err := net.Dial("unix", socket)
		require.NoError(t, err)
		redis, ours := newPeer(t, conn), newPeer(t, newServer(t).Dial())
		redis.do("HELLO", revision)
		ours.do("HELLO", revision)
		same := func(argv ...string) {
			t.Helper()
			require.Equal(t, inAnyOrder(redis.do(argv...)), inAnyOrder(ours.do(argv...)), "%q", argv)
		}
		names := append(slices.Clone(commandNames()), "config|get", "XINFO|Stream", "nosuch", "config|nosuch", "")
		require.Greater(t, len(names), 200)
		for _, name := range names {
			same("COMMAND", "INFO", name)
			same("COMMAND", "DOCS", name)
		}
		same("COMMAND", "INFO", "get", "nosuch", "set")
		same("COMMAND", "LIST", "FILTERBY", "PATTERN", "xa*")
		same("COMMAND", "LIST", "filterby", "ACLCAT", "bitmap")
		same("COMMAND", "LIST", "FILTERBY", "ACLCAT", "nosuch")
		same("COMMAND", "LIST", "FILTERBY", "MODULE", "x")
		for _, argv := range [][]string{{"LIST", "x"}, {"LIST", "FILTERBY", "x", "y"}, {"LIST", "FILTERBY", "PATTERN"}, {"COUNT", "x"}, {"HELP"}, {"NOSUCH"}, {"GETKEYS"}} {
			same(append([]string{"COMMAND"}, argv...)...)
		}
		for _, call := range [][]string{
			{"GET", "k"}, {"SET", "k", "v"}, {"SET", "k", "v", "GET"}, {"set", "k", "v", "EX", "5", "get"}, {"LMOVE", "a", "b", "LEFT", "RIGHT"}, {"SORT", "a", "BY", "x", "STORE", "c"}, {"SORT", "a"},
			{"EVAL", "x", "1", "k"}, {"EVAL", "x", "0"}, {"EVAL", "x", "2", "k"}, {"ZUNIONSTORE", "a", "2", "b", "c"}, {"XREAD", "STREAMS", "a", "b", "0", "0"}, {"MSET", "a", "1", "b", "2"},
			{"BITFIELD", "a", "GET", "u8", "0"}, {"BITFIELD", "a", "SET", "u8", "0", "1"}, {"MEMORY", "USAGE", "k"}, {"OBJECT", "ENCODING", "k"}, {"XGROUP", "CREATE", "s", "g", "0"},
			{"PING"}, {"NOSUCH", "a"}, {"GET"}, {"GET", "a", "b"}, {"CONFIG", "GET", "x"}, {"ZUNION", "x", "a"},
		} {
			same(append([]string{"COMMAND", "GETKEYS"}, call...)...)
			same(append([]string{"COMMAND", "GETKEYSANDFLAGS"}, call...)...)
		}
	}
	ours := newPeer(t, newServer(t).Dial())
	require.Len(t, ours.do("COMMAND").list, len(commandNames()))
	require.Equal(t, fmt.Sprint(":", len(commandNames())), ours.do("COMMAND", "COUNT").head)
	require.Len(t, ours.do("COMMAND", "DOCS").list, 2*len(commandNames()))
	require.Len(t, ours.do("COMMAND", "LIST").list, len(commandNames()))
}
