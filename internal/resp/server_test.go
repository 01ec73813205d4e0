package resp

import (
	"net"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// What one client runs another one is shown, in the order in which it is run.
func TestMonitor(t *testing.T) {
	socket := peers.Redis(t)
	srv := newServer(t)
	times := regexp.MustCompile(`^\+\d+\.\d{6} \[(\d+) [^]]*\]`)
	var shown [2][]string
	for i, dial := range []func() (net.Conn, error){
		func() (net.Conn, error) { return net.Dial("unix", socket) },
		func() (net.Conn, error) { return srv.Dial(), nil },
	} {
		var both [2]*peer
		for j := range both {
			conn, err := dial()
			require.NoError(t, err)
			both[j] = newPeer(t, conn)
		}
		sees, runs := both[0], both[1]
		require.Equal(t, "+OK", sees.do("MONITOR").head)
		for _, line := range []string{
			`SET k "a \"b\" \\ \n\r\t\a\b\x00\xff"`, "SELECT 3", "GET k", "NOSUCH", "GET", "AUTH default x", "CONFIG GET x", "HELLO 2 AUTH default x SETNAME y", "HELLO 2",
			"MULTI", "GET k", "PING", "EXEC", "CLIENT GETNAME", "PUBLISH c m", "INCR k", "OBJECT ENCODING k", "ECHO end",
		} {
			runs.write(line + "\r\n")
			runs.read()
		}
		for len(shown[i]) == 0 || !strings.Contains(shown[i][len(shown[i])-1], "end") {
			shown[i] = append(shown[i], times.ReplaceAllString(sees.read().head, "+[$1]"))
		}
		require.Equal(t, "+RESET", sees.do("RESET").head)
	}
	require.Equal(t, shown[0], shown[1])
	require.Zero(t, srv.monitors.Load())
}

func TestClientPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		one, two := newPeer(t, srv.Dial()), newPeer(t, srv.Dial())
		begun := time.Now()
		require.Equal(t, "+OK", one.do("CLIENT", "PAUSE", "60000", "WRITE").head)
		require.Equal(t, "$-1", two.do("GET", "k").head)
		require.Zero(t, time.Since(begun))
		require.Equal(t, "+OK", two.do("SET", "k", "v").head)
		require.Equal(t, time.Minute, time.Since(begun))

		one.do("CLIENT", "PAUSE", "60000", "WRITE")
		done := make(chan node)
		go func() { done <- two.do("SET", "k", "w") }()
		synctest.Wait()
		require.Equal(t, "+OK", one.do("CLIENT", "UNPAUSE").head)
		require.Equal(t, "+OK", (<-done).head)

		one.do("CLIENT", "PAUSE", "60000")
		go func() {
			defer close(done)
			_, _ = two.conn.Write([]byte(bulks("GET", "k")))
		}()
		synctest.Wait()
		two.conn.Close()
		_, open := <-done
		require.False(t, open, "a client that goes waits no more")
		require.Equal(t, time.Minute, time.Since(begun))
	})
}

func TestClientList(t *testing.T) {
	srv := newServer(t)
	one, two := newPeer(t, srv.Dial()), newPeer(t, srv.Dial())
	two.do("HELLO", "3", "SETNAME", "two")
	two.do("SELECT", "5")
	two.do("SUBSCRIBE", "a")
	two.do("CLIENT", "TRACKING", "ON", "BCAST")
	two.do("CLIENT", "NO-EVICT", "on")
	two.do("MULTI")
	two.do("GET", "k")
	two.do("OBJECT", "ENCODING", "k")
	id := strings.TrimPrefix(one.do("CLIENT", "ID").head, ":")
	text := one.do("CLIENT", "LIST", "TYPE", "pubsub").text
	for _, field := range []string{"name=two ", "db=5 ", "sub=1 ", "flags=PxtBe ", "multi=1 ", "cmd=object|encoding ", "resp=3 ", "user=default ", "redir=0 "} {
		require.Contains(t, text, field)
	}
	require.Equal(t, 1, strings.Count(text, "id="))
	text = one.do("CLIENT", "LIST", "ID", id, "99").text
	require.Contains(t, text, "id="+id+" ")
	require.Contains(t, text, "cmd=client|list ")
	require.Contains(t, text, "flags=N ")
	require.Contains(t, text, "multi=-1 ")
}

func TestInfo_stats(t *testing.T) {
	p := newPeer(t, newServer(t).Dial())
	p.do("SET", "k", "v")
	p.do("INCR", "k")
	p.do("GET")
	p.do("NOSUCH")
	p.do("CONFIG", "GET", "x")
	p.do("SET", "l", "v", "EX", "100")
	text := p.do("INFO", "everything").text
	for _, line := range []string{
		`cmdstat_set:calls=2,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=0,failed_calls=0`, `cmdstat_incr:calls=1,.*,failed_calls=1`, `cmdstat_get:calls=0,.*,rejected_calls=1,`,
		`cmdstat_config\|get:calls=1,`, `errorstat_ERR:count=3`, `db0:keys=2,expires=1,avg_ttl=\d+`,
	} {
		require.Regexp(t, line, text)
	}
	require.NotContains(t, p.do("INFO").text, "cmdstat")
	require.Equal(t, "+OK", p.do("CONFIG", "RESETSTAT").head)
	require.NotContains(t, p.do("INFO", "commandstats").text, "cmdstat_set")
}
