package resp

import (
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// What is no protocol gets Redis's words and the end of the connection.
func TestSession_protocolErrors(t *testing.T) {
	socket := peers.Redis(t)
	for _, sent := range []string{
		"*1\r\n+PING\r\n", "*1\r\n\r\n", "*x\r\n", "*1048577\r\n", "*9999999999999\r\n", "*1\r\n$-1\r\n", "*1\r\n$536870913\r\n", "*1\r\n$x\r\n",
		"ECHO \"a\"b\r\n", "ECHO 'a\r\n", strings.Repeat("x", maxInline+1), "*" + strings.Repeat("1", maxInline+1), "*1\r\n$" + strings.Repeat("1", maxInline+1),
	} {
		redis, err := net.Dial("unix", socket)
		require.NoError(t, err)
		theirs, ours := newPeer(t, redis), newPeer(t, newServer(t).Dial())
		if sent == "*1048577\r\n" {
			ours.write(sent)
			require.Equal(t, "-ERR Protocol error: invalid multibulk length", ours.read().head, "Redis has no such limit")
			continue
		}
		theirs.write("PING\r\n" + sent)
		ours.write("PING\r\n" + sent)
		for range 2 {
			require.Equal(t, theirs.read(), ours.read(), "%.40q", sent)
		}
		_, err = ours.tryRead()
		require.ErrorIs(t, err, io.EOF)
	}
}

// serve has a Server listen, and returns how to connect to it.
func serve(t *testing.T, srv *Server, password string) (dial func() *peer) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error)
	go func() { served <- srv.Serve(l, password) }()
	t.Cleanup(func() {
		l.Close()
		require.NoError(t, <-served)
		require.Empty(t, srv.sessions)
	})
	return func() *peer {
		conn, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		return newPeer(t, conn)
	}
}

func TestSession_password(t *testing.T) {
	srv := newServer(t)
	dial := serve(t, srv, "secret")
	p := dial()
	require.Equal(t, errNoAuth.Error(), p.do("GET", "k").head[1:])
	require.Equal(t, errNoAuth.Error(), p.do("MULTI").head[1:])
	require.Equal(t, errHelloNoAuth.Error(), p.do("HELLO", "3").head[1:])
	require.Equal(t, errWrongPassword.Error(), p.do("AUTH", "wrong").head[1:])
	require.Equal(t, errWrongPassword.Error(), p.do("AUTH", "somebody", "secret").head[1:])
	require.Equal(t, "+OK", p.do("AUTH", "secret").head)
	require.Equal(t, "+OK", p.do("SET", "k", "v").head)
	require.Equal(t, "+RESET", p.do("RESET").head)
	require.Equal(t, errNoAuth.Error(), p.do("GET", "k").head[1:])
	require.Equal(t, "%7", p.do("HELLO", "3", "AUTH", "default", "secret").head)

	for _, large := range []string{"*11\r\n", "*1\r\n$16385\r\n"} {
		p := dial()
		p.write(large)
		require.Contains(t, p.read().head, "-ERR Protocol error: unauthenticated ")
	}
}

// A message reaches everybody who has subscribed, over any connection.
func TestPubsub_overConnections(t *testing.T) {
	srv := newServer(t)
	for _, dial := range []func() *peer{serve(t, srv, ""), func() *peer { return newPeer(t, srv.Dial()) }} {
		hears, hears3, speaks := dial(), dial(), dial()
		hears3.do("HELLO", "3")
		hears.do("SUBSCRIBE", "news")
		hears3.do("PSUBSCRIBE", "n?ws")
		for _, message := range []string{"a", strings.Repeat("x", 100_000)} {
			require.Equal(t, ":2", speaks.do("PUBLISH", "news", message).head)
			got := hears.read()
			require.Equal(t, "*3", got.head)
			require.Equal(t, message+"\r\n", got.list[2].text)
			got = hears3.read()
			require.Equal(t, ">4", got.head)
			require.Equal(t, message+"\r\n", got.list[3].text)
		}
		require.Equal(t, "$4", hears3.do("ECHO", "word").head, "in RESP3 one may speak meanwhile")
		hears.conn.Close()
		require.Eventually(t, func() bool { return speaks.do("PUBLISH", "news", "b").head == ":1" }, 10*time.Second, time.Millisecond)
		hears3.conn.Close()
		require.Eventually(t, func() bool { return speaks.do("PUBLISH", "news", "b").head == ":0" }, 10*time.Second, time.Millisecond)
	}
	require.Empty(t, srv.pubsub.patterns)
}

// Who reads nothing is cut off before its messages fill the memory.
func TestPubsub_slowReader(t *testing.T) {
	srv := newServer(t)
	deaf, speaks := newPeer(t, srv.Dial()), newPeer(t, srv.Dial())
	deaf.do("SUBSCRIBE", "c")
	message := strings.Repeat("x", 1<<20)
	for range maxUnread>>20 + 1 {
		speaks.do("PUBLISH", "c", message)
	}
	_, err := deaf.tryRead()
	require.ErrorIs(t, err, net.ErrClosed)
	speaks.do("PUBLISH", "c", message)
	for _, s := range srv.all() {
		require.Zero(t, len(s.out), "of one that is cut off nothing is kept, though nobody has closed it")
	}
}

// A pipeline of any size is answered, though nothing is read before all is written.
func TestDial_largePipeline(t *testing.T) {
	const n = 20_000
	p := newPeer(t, newServer(t).Dial())
	value := strings.Repeat("v", 100)
	p.write(strings.Repeat(bulks("SET", "k", value)+bulks("GET", "k"), n))
	for range n {
		require.Equal(t, "+OK", p.read().head)
		require.Equal(t, value+"\r\n", p.read().text)
	}
}

// A connection in memory keeps deadlines, in a bubble's time, and leaves no
// goroutine: the bubble would not end.
func TestDial_inABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		conn := srv.Dial()
		begun := time.Now()
		require.NoError(t, conn.SetDeadline(begun.Add(time.Hour)))
		_, err := conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Equal(t, time.Hour, time.Since(begun))
		require.NoError(t, conn.SetDeadline(time.Time{}))

		ended := make(chan error)
		go func() { _, err := conn.Read(make([]byte, 1)); ended <- err }()
		synctest.Wait()
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Minute)), "while somebody reads")
		require.ErrorIs(t, <-ended, os.ErrDeadlineExceeded)
		require.NoError(t, conn.SetReadDeadline(time.Time{}))

		go func() { _, err := conn.Read(make([]byte, 1)); ended <- err }()
		synctest.Wait()
		require.NoError(t, conn.Close())
		require.ErrorIs(t, <-ended, net.ErrClosed)
		_, err = conn.Write([]byte("PING\r\n"))
		require.ErrorIs(t, err, net.ErrClosed)
		require.Empty(t, srv.sessions)
	})
}

// Connections may be closed, killed and published to from everywhere at once.
func TestDial_concurrently(t *testing.T) {
	srv := newServer(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 50 {
				p := &peer{t: t, conn: srv.Dial()}
				q := newPeer(t, p.conn)
				for _, argv := range [][]string{{"SUBSCRIBE", "c"}, {"UNSUBSCRIBE", "c"}, {"WATCH", "k"}, {"MULTI"}, {"SET", "k", "v"}, {"EXEC"}, {"CLIENT", "LIST"}} {
					q.write(bulks(argv...))
				}
				if i%2 == 0 {
					q.write(bulks("PUBLISH", "c", "m"))
				}
				p.conn.Close()
			}
		})
	}
	all.Wait()
	require.Empty(t, srv.sessions)
	require.Empty(t, srv.pubsub.subs[channels])
}

// One that is killed learns of it, the killer of its own end by EOF.
func TestClient_kill(t *testing.T) {
	srv := newServer(t)
	one, two := newPeer(t, srv.Dial()), newPeer(t, srv.Dial())
	id := strings.TrimPrefix(one.do("CLIENT", "ID").head, ":")
	require.Equal(t, ":1", two.do("CLIENT", "KILL", "ID", id).head)
	_, err := one.tryRead()
	require.ErrorIs(t, err, net.ErrClosed)
	id = strings.TrimPrefix(two.do("CLIENT", "ID").head, ":")
	require.Equal(t, ":0", two.do("CLIENT", "KILL", "ID", id).head)
	require.Equal(t, ":1", two.do("CLIENT", "KILL", "ID", id, "SKIPME", "no").head)
	_, err = two.tryRead()
	require.ErrorIs(t, err, io.EOF)
}

// What is known of the words of a command takes memory as well as its bytes.
func TestSession_unfinishedCommands_words(t *testing.T) {
	srv := newServer(t)
	srv.maxQueries = 4 << 20
	p := newPeer(t, srv.Dial())
	p.write("*1000000\r\n" + strings.Repeat("$0\r\n\r\n", 200_000)) // no more than 2 MiB
	require.Greater(t, srv.queries.Load(), srv.maxQueries)
	require.Contains(t, p.read().head, "over the limit of 4194304")
}

// Clients that send large commands and never end them do not fill the memory.
func TestSession_unfinishedCommands(t *testing.T) {
	srv := newServer(t)
	srv.maxQueries = 4 << 20
	unfinished := "*2\r\n$4\r\nECHO\r\n$9000000\r\n" + strings.Repeat("x", 3<<20)
	one, two, small := newPeer(t, srv.Dial()), newPeer(t, srv.Dial()), newPeer(t, srv.Dial())
	one.write(unfinished)
	two.write(unfinished)
	require.Contains(t, two.read().head, "over the limit of 4194304")
	_, err := two.tryRead()
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, "+PONG", small.do("PING").head)
	queues := newPeer(t, srv.Dial())
	require.Equal(t, "+OK", queues.do("MULTI").head)
	for n := 0; ; n++ {
		require.Less(t, n, 100, "a transaction is unfinished, too")
		if head := queues.do("SET", "k", strings.Repeat("x", 1<<16)).head; head != "+QUEUED" {
			require.Contains(t, head, "over the limit of 4194304")
			break
		}
	}
	queues.conn.Close()
	two.conn.Close()
	one.conn.Close()
	small.conn.Close()
	require.Zero(t, srv.queries.Load())
}
