package resp

import (
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// However many messages wait for one who reads nothing, one goroutine writes them.
func TestPubsub_slowReader_goroutines(t *testing.T) {
	srv := newServer(t)
	ours, theirs := net.Pipe()
	served := make(chan struct{})
	go func() { defer close(served); srv.serve(t.Context(), theirs, "") }()
	deaf, speaks := newPeer(t, ours), newPeer(t, srv.Dial())
	deaf.do("SUBSCRIBE", "c")
	before := runtime.NumGoroutine()
	for range 1000 {
		require.Equal(t, ":1", speaks.do("PUBLISH", "c", "m").head)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before+1)
	for range 1000 {
		require.Equal(t, "m\r\n", deaf.read().list[2].text)
	}
	ours.Close()
	<-served
}

// A reply that is too long is left out, and those around it are not.
func TestSession_longReplies(t *testing.T) {
	srv := newServer(t)
	srv.maxReplies = 1 << 20
	p := newPeer(t, srv.Dial())
	value := strings.Repeat("x", 300<<10)
	p.do("SET", "k", value)
	for _, revision := range []string{"2", "3"} {
		p.do("HELLO", revision)
		require.Len(t, p.do("MGET", "k", "k", "k").list, 3)
		for _, argv := range [][]string{
			{"MGET", "k", "k", "k", "k"}, {"SORT", "l", "GET", "k*", "GET", "k*", "GET", "k*", "GET", "k*"}, {"HMGET", "h", "f", "f", "f", "f"},
		} {
			p.do("HSET", "h", "f", value)
			p.do("DEL", "l")
			p.do("RPUSH", "l", "")
			require.Contains(t, p.do(argv...).head, "over the limit of 1048576")
			require.Equal(t, "+PONG", p.do("PING").head)
		}
		p.do("MULTI")
		for range 5 {
			p.do("GET", "k")
		}
		got := p.do("EXEC").list
		require.Equal(t, value+"\r\n", got[2].text)
		require.Contains(t, got[3].head, "over the limit of 1048576")
		require.Contains(t, got[4].head, "over the limit of 1048576")
	}
}

// What the words of a command were lies in memory that the next one is read into.
func TestACL_keepsItsWords(t *testing.T) {
	srv := newServer(t)
	p := newPeer(t, srv.Dial())
	hash := hashOf("secret")
	p.do("ACL", "SETUSER", "u", "on", "#"+hash, "&news*", "~news*", "-@all", "+publish", "+acl|whoami", "+get|news1", "sanitize-payload")
	p.do("ACL", "SETUSER", "other", "nopass", "on", "-@all")
	before := p.do("ACL", "GETUSER", "u").String()
	p.do("ECHO", strings.Repeat("x", 300))
	require.Equal(t, before, p.do("ACL", "GETUSER", "u").String())
	require.Equal(t, "+OK", p.do("ACL", "DRYRUN", "u", "publish", "news1", "m").head)
	require.Contains(t, p.do("ACL", "DRYRUN", "u", "publish", "xxxxx", "m").text, "no permissions")
	require.Equal(t, "+OK", p.do("ACL", "DRYRUN", "u", "get", "news1").head)
	require.Equal(t, "+OK", p.do("AUTH", "u", "secret").head)

	require.Contains(t, p.do("get", "old").head, "-NOPERM")
	require.Contains(t, p.do("publish", "old", "m").head, "-NOPERM")
	require.Contains(t, p.do("publish", strings.Repeat("y", 1<<20), "m").head, "-NOPERM")
	p.do("ECHO", strings.Repeat("x", 300))
	admin := newPeer(t, srv.Dial())
	log := admin.do("ACL", "LOG").list
	require.Equal(t, strings.Repeat("y", maxACLObject)+"\r\n", log[1].list[7].text, "not all of it")
	require.Equal(t, "old\r\n", log[2].list[7].text)
	require.Equal(t, "get\r\n", log[3].list[7].text)
}

// Who wants no replies hears what it has subscribed to all the same.
func TestClientReply_subscribe(t *testing.T) {
	conn, err := net.Dial("unix", peers.Redis(t))
	require.NoError(t, err)
	for _, how := range []string{"SKIP", "OFF"} {
		for _, revision := range []string{"2", "3"} {
			var heard [2][]node
			for i, c := range []net.Conn{conn, newServer(t).Dial()} {
				p := newPeer(t, c)
				p.do("HELLO", revision)
				p.write(bulks("CLIENT", "REPLY", how) + bulks("SUBSCRIBE", "a", "b") + bulks("UNSUBSCRIBE", "b") + bulks("RESET") + bulks("PING"))
				for range 5 {
					heard[i] = append(heard[i], p.read())
				}
			}
			require.Equal(t, heard[0], heard[1], how+revision)
		}
	}
}

// leaves waits until a session is none any more.
func leaves(t *testing.T, srv *Server, id string) {
	t.Helper()
	require.Eventually(t, func() bool { return !strings.Contains(newPeer(t, srv.Dial()).do("CLIENT", "LIST").text, "id="+id+" ") }, 10*time.Second, time.Millisecond)
}

// A client that is killed while its command is held up by CLIENT PAUSE does not run it
// later. That others still wait does not keep the server from ending.
func TestClientPause_cutOff(t *testing.T) {
	srv := newServer(t)
	dial := serve(t, srv, "")
	one, two, three := dial(), dial(), dial()
	id := strings.TrimPrefix(two.do("CLIENT", "ID").head, ":")
	require.Equal(t, "+OK", one.do("CLIENT", "PAUSE", "100000000", "WRITE").head)
	two.write(bulks("SET", "k", "v"))
	three.write(bulks("SADD", "s", "m"))
	require.Eventually(t, func() bool {
		list := one.do("CLIENT", "LIST").text
		return strings.Contains(list, "cmd=set ") && strings.Contains(list, "cmd=sadd ")
	}, 10*time.Second, time.Millisecond)
	require.Equal(t, ":1", one.do("CLIENT", "KILL", "ID", id).head)
	leaves(t, srv, id)
	require.Equal(t, ":0", one.do("EXISTS", "k").head)
}

// However much a client has sent behind a command that waits, it is seen to go.
func TestSession_waitsAndGoes(t *testing.T) {
	srv := newServer(t)
	dial := serve(t, srv, "")
	p := dial()
	id := strings.TrimPrefix(p.do("CLIENT", "ID").head, ":")
	p.write(bulks("BLPOP", "k", "0") + bulks("ECHO", strings.Repeat("x", 2*maxInline)))
	p.conn.Close()
	leaves(t, srv, id)
	dial().write(bulks("BLPOP", "k", "0") + bulks("ECHO", strings.Repeat("x", 2*maxInline)))
}
