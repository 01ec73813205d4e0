package resp

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// Who waits is served as by a redis-server: each line is a connection and what it
// says. One that waits is given no more to do until it has its reply.
func TestWait_asRedisDoes(t *testing.T) {
	scenarios := map[string]string{
		"first come, first served": `
			a BLPOP l 0
			b BRPOP l 0
			x RPUSH l 1 2 3
			x LRANGE l 0 -1`,
		"several keys": `
			a BLPOP k l m 0
			b BLPOP m 0
			x RPUSH m 1
			x RPUSH m 2
			x EXISTS m`,
		"the same key twice": `
			a BLPOP l l 0
			x RPUSH l 1 2
			x LRANGE l 0 -1`,
		"a key of another type is passed over": `
			a BLPOP l 0
			x SET l v
			x DEL l
			x RPUSH l 1`,
		"moves go on": `
			a BLMOVE l m LEFT RIGHT 0
			b BLMOVE m n LEFT RIGHT 0
			c BLPOP n 0
			x RPUSH l 1
			x EXISTS l m n`,
		"a target of another type": `
			a BLMOVE l s LEFT LEFT 0
			x SET s v
			x RPUSH l 1
			x LRANGE l 0 -1`,
		"at the end of a transaction": `
			a BLPOP l 0
			x MULTI
			x RPUSH l 1
			x DEL l
			x RPUSH l 2
			x EXEC
			x EXISTS l`,
		"nothing is left of it": `
			a BLPOP l 0
			x MULTI
			x RPUSH l 1
			x DEL l
			x EXEC
			x RPUSH l 3`,
		"sorted sets": `
			a BZPOPMIN z 0
			b BZMPOP 0 1 z MAX COUNT 2
			x ZADD z 1 a 2 b 3 c 4 d
			x ZRANGE z 0 -1`,
		"renamed into place": `
			a BLPOP l 0
			x RPUSH other 1
			x RENAME other l
			x EXISTS l`,
		"many with a count": `
			a BLMPOP 0 2 k l LEFT COUNT 10
			x RPUSH l 1 2 3`,
		"in another database": `
			a BLPOP l 0
			x SELECT 1
			x RPUSH l 1
			x MOVE l 0
			x EXISTS l`,
		"a database that is swapped in": `
			a BLPOP l 0
			x SELECT 1
			x RPUSH l 1
			x SWAPDB 0 1
			x RPUSH l 2`,
		"a copy": `
			a BLPOP l 0
			x RPUSH other 1
			x COPY other l`,
	}
	socket := peers.Redis(t)
	for name, scenario := range scenarios {
		for _, revision := range []string{"2", "3"} {
			t.Run(name+"/RESP"+revision, func(t *testing.T) {
				srv := newServer(t)
				overTCP := serve(t, srv, "")
				want := play(t, scenario, revision, func() *peer {
					conn, err := net.Dial("unix", socket)
					require.NoError(t, err)
					return newPeer(t, conn)
				})
				require.Equal(t, want, play(t, scenario, revision, func() *peer { return newPeer(t, srv.Dial()) }), "in memory")
				require.Equal(t, want, play(t, scenario, revision, overTCP), "over TCP")
			})
		}
	}
}

// play plays a scenario and returns what each connection heard. One that is never
// served is told that its time is over.
func play(t *testing.T, scenario, revision string, dial func() *peer) map[string][]string {
	t.Helper()
	watcher := dial()
	watcher.do("FLUSHALL")
	conns, ids, heard := map[string]*peer{}, map[string]string{}, map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(scenario), "\n") {
		words := strings.Fields(line)
		name, argv := words[0], words[1:]
		if conns[name] == nil {
			conns[name] = dial()
			conns[name].do("HELLO", revision)
		}
		if name != "x" {
			ids[name] = strings.TrimPrefix(conns[name].do("CLIENT", "ID").head, ":")
		}
		conns[name].write(bulks(argv...))
		if name == "x" {
			heard[name] = append(heard[name], conns[name].read().String())
			continue
		}
		require.Eventually(t, func() bool {
			return strings.Contains(watcher.do("INFO", "clients").text, fmt.Sprintf("blocked_clients:%d\r", len(ids)))
		}, 10*time.Second, time.Millisecond)
	}
	for name, id := range ids {
		watcher.do("CLIENT", "UNBLOCK", id)
		heard[name] = append(heard[name], conns[name].read().String())
	}
	for _, p := range conns {
		p.conn.Close()
	}
	require.Eventually(t, func() bool {
		return strings.Contains(watcher.do("INFO", "clients").text, "blocked_clients:0\r")
	}, 10*time.Second, time.Millisecond)
	return heard
}

// What is sent behind a command that waits waits too, and is run behind it.
func TestWait_pipelined(t *testing.T) {
	srv := newServer(t)
	for _, dial := range []func() *peer{serve(t, srv, ""), func() *peer { return newPeer(t, srv.Dial()) }} {
		p, other := dial(), dial()
		p.write(bulks("BLPOP", "l", "0") + bulks("ECHO", "behind"))
		p.write(bulks("SET", "k", strings.Repeat("x", 200_000)))
		require.Eventually(t, func() bool { return strings.Contains(other.do("INFO", "clients").text, "blocked_clients:1") }, 10*time.Second, time.Millisecond)
		require.Equal(t, ":0", other.do("EXISTS", "k").head)
		require.Equal(t, ":1", other.do("RPUSH", "l", "v").head)
		require.Equal(t, "*2", p.read().head)
		require.Equal(t, "behind\r\n", p.read().text)
		require.Equal(t, "+OK", p.read().head)
		other.do("FLUSHALL")
	}
}

// One that goes while it waits takes nothing.
func TestWait_gone(t *testing.T) {
	srv := newServer(t)
	for _, dial := range []func() *peer{serve(t, srv, ""), func() *peer { return newPeer(t, srv.Dial()) }} {
		p, other := dial(), dial()
		p.write(bulks("BLPOP", "l", "0"))
		blocked := func(n string) func() bool {
			return func() bool { return strings.Contains(other.do("INFO", "clients").text, "blocked_clients:"+n) }
		}
		require.Eventually(t, blocked("1"), 10*time.Second, time.Millisecond)
		p.conn.Close()
		require.Eventually(t, blocked("0"), 10*time.Second, time.Millisecond)
		require.Equal(t, ":1", other.do("RPUSH", "l", "v").head)
		require.Equal(t, ":1", other.do("LLEN", "l").head)
		other.do("FLUSHALL")
	}
}

// Its time is a bubble's, and the Space's clock ends it too.
func TestWait_clock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		p := newPeer(t, srv.Dial())
		begun := time.Now()
		require.Equal(t, "*-1", p.do("BLPOP", "l", "3600").head)
		require.Equal(t, time.Hour, time.Since(begun))
		p.write(bulks("BLPOP", "l", "3600"))
		srv.backend.Space().Advance(time.Hour)
		require.Equal(t, "*-1", p.read().head)
		require.Equal(t, time.Hour, time.Since(begun))
		p.write(bulks("BLPOP", "l", "0"))
		synctest.Wait()
	})
}
