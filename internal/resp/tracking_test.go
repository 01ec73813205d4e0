package resp

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// room is a server with clients by name.
type room struct {
	dial   func() *peer
	peers  map[string]*peer
	ids    map[string]string
	queues map[*peer]bool // it is in a transaction, where a PING waits too
}

func (r *room) peer(name string) *peer {
	if r.peers[name] == nil {
		r.peers[name] = r.dial()
		r.ids[name] = strings.TrimPrefix(r.peers[name].do("CLIENT", "ID").head, ":")
	}
	return r.peers[name]
}

// heard is what comes to a peer until it has an answer to what is asked last.
func (p *peer) heard(of string) (all []string) {
	p.write("PING " + of + "\r\n")
	for {
		n := p.read()
		if strings.Contains(n.String(), of) || n.head[0] == '-' { // it may not ask
			return all
		}
		all = append(all, n.String())
	}
}

// conversation has clients here and in Redis do the same, and compares all that each
// of them is told. A line has the name of a client and its command, in which $name is
// the ID of another one.
func conversation(t *testing.T, lines string) {
	t.Helper()
	socket := peers.Redis(t)
	srv := newServer(t)
	redis := &room{func() *peer {
		conn, err := net.Dial("unix", socket)
		require.NoError(t, err)
		return newPeer(t, conn)
	}, map[string]*peer{}, map[string]string{}, map[*peer]bool{}}
	ours := &room{func() *peer { return newPeer(t, srv.Dial()) }, map[string]*peer{}, map[string]string{}, map[*peer]bool{}}
	for i, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		var told [2]string
		for j, r := range []*room{redis, ours} {
			name, command, _ := strings.Cut(strings.TrimSpace(line), " ")
			p := r.peer(name)
			for other, id := range r.ids {
				command = strings.ReplaceAll(command, "$"+other, id)
			}
			p.write(command + "\r\n")
			r.queues[p] = command == "MULTI" || r.queues[p] && command != "EXEC"
			if r.queues[p] {
				told[j] = p.read().String()
				continue
			}
			before := []string{}
			reply := p.read()
			for ; reply.head[0] == '>'; reply = p.read() {
				before = append(before, reply.String())
			}
			told[j] = fmt.Sprint(before, reply, p.heard("sync"))
			for _, other := range []string{"a", "b", "c", "d"} {
				if q := r.peers[other]; q != nil && q != p && !r.queues[q] {
					told[j] += fmt.Sprintf(" %s: %q", other, q.heard("sync"))
				}
			}
			for other, id := range r.ids {
				if strings.HasPrefix(command, "CLIENT ") {
					told[j] = strings.ReplaceAll(told[j], ":"+id, "$"+other)
				}
			}
		}
		if strings.Contains(line, " HELLO ") { // of which the ID is its own
			continue
		}
		if strings.Contains(line, " ACL GETUSER") || strings.Contains(line, " ACL LIST") { // which have commands in any order
			for j := range told {
				words := strings.Fields(strings.ReplaceAll(told[j], `\r\n"`, ""))
				slices.Sort(words)
				told[j] = strings.Join(words, " ")
			}
		}
		require.Equal(t, told[0], told[1], "line %d: %s", i+1, line)
	}
}

func TestTracking_keys(t *testing.T) {
	conversation(t, `
		a HELLO 3
		b SET k 1
		a CLIENT TRACKING ON
		a CLIENT TRACKINGINFO
		a CLIENT GETREDIR
		a GET k
		b SET k 2
		b SET k 3
		a MGET k l none
		b DEL k none
		b MSET l 1 m 2 none 3
		a GET own
		a SET own 1
		a SET own 2
		a INCR own
		a MULTI
		a GET own
		a SET own 3
		a GET own
		a EXEC
		b SET own 4
		a LRANGE list 0 -1
		b RPUSH list x
		a LRANGE list 0 -1
		b LPOP list
		a HGETALL h
		b HSET h f v
		a EXISTS h
		b RENAME h g
		a GET k
		b SELECT 5
		b SET k in5
		a GET k
		b FLUSHDB
		b SET k 1
		a GET k
		a FLUSHALL
		a GET x
		b MSET x 1 y 1
		a BLPOP list 0.001
		a RPUSH list a
		a LLEN list
		a BLPOP list 1
		a GET x
		b EXPIRE x 100
		a GET x
		b PERSIST x
		a GET x
		b EXPIRE x -1
		a CLIENT TRACKING OFF
		b SET k 5
		a CLIENT TRACKINGINFO
		a CLIENT GETREDIR
		a CLIENT TRACKING ON NOLOOP
		a CLIENT TRACKINGINFO
		a GET k
		a SET k 1
		b SET k 2
		a GET k
		b SET k 3
		a RESET
		a CLIENT TRACKINGINFO
	`)
}

func TestTracking_opt(t *testing.T) {
	conversation(t, `
		a HELLO 3
		a CLIENT CACHING YES
		a CLIENT TRACKING ON OPTIN
		a CLIENT TRACKINGINFO
		a GET k
		b SET k 1
		a CLIENT CACHING NO
		a CLIENT CACHING x
		a CLIENT CACHING YES
		a CLIENT TRACKINGINFO
		a GET k
		a GET l
		b MSET k 1 l 1
		a CLIENT CACHING YES
		a MULTI
		a GET k
		a GET l
		a EXEC
		b MSET k 1 l 1
		a CLIENT TRACKING ON OPTOUT
		a CLIENT TRACKING OFF
		a CLIENT TRACKING ON OPTOUT
		a GET k
		b SET k 1
		a CLIENT CACHING YES
		a CLIENT CACHING NO
		a CLIENT TRACKINGINFO
		a GET k
		b SET k 1
		a CLIENT TRACKING ON OPTIN
		a CLIENT TRACKING ON BCAST
		a CLIENT TRACKING ON OPTIN OPTOUT
		a CLIENT TRACKING ON PREFIX x
		a CLIENT TRACKING ON nosuch
		a CLIENT TRACKING x
		a CLIENT TRACKING
		a CLIENT TRACKING ON REDIRECT
		a CLIENT TRACKING ON REDIRECT x
		a CLIENT TRACKING ON REDIRECT 99999
		a CLIENT TRACKING ON REDIRECT $b REDIRECT $b
		a CLIENT TRACKING OFF
		a CLIENT TRACKING ON BCAST OPTIN
		a CLIENT TRACKING ON BCAST PREFIX a PREFIX ab
	`)
}

func TestTracking_broadcast(t *testing.T) {
	conversation(t, `
		a HELLO 3
		c HELLO 3
		a CLIENT TRACKING ON BCAST PREFIX user: PREFIX obj:
		c CLIENT TRACKING ON BCAST NOLOOP
		a CLIENT TRACKINGINFO
		c CLIENT TRACKINGINFO
		b SET user:1 x
		b SET other x
		b MSET obj:2 x obj:1 y obj:2 z
		c SET obj:1 z
		a SET obj:1 z
		a SET other z
		b MULTI
		b SET obj:1 1
		b DEL obj:2
		b EXEC
		a CLIENT TRACKING ON BCAST PREFIX user:x
		a CLIENT TRACKING ON BCAST PREFIX new
		a CLIENT TRACKINGINFO
		b SET new1 x
		b FLUSHALL
		a CLIENT TRACKING ON
		a CLIENT TRACKING OFF
		b SET user:1 x
	`)
}

func TestTracking_redirect(t *testing.T) {
	conversation(t, `
		a CLIENT TRACKING ON
		a GET k
		b SET k 1
		a CLIENT TRACKING OFF
		c SUBSCRIBE __redis__:invalidate
		a CLIENT TRACKING ON REDIRECT $c
		a CLIENT TRACKINGINFO
		a CLIENT GETREDIR
		a GET k
		b SET k 1
		a GET k
		a SET k 2
		b FLUSHALL
		d HELLO 3
		d GET k
		d CLIENT TRACKING ON REDIRECT $c
		d GET k
		a GET k
		b SET k 3
		a CLIENT TRACKING ON REDIRECT $d
		a GET k
		b SET k 4
	`)
}

// Where the session that is told has gone, whoever has it told learns of that.
func TestTracking_redirectGone(t *testing.T) {
	srv := newServer(t)
	reads, hears, writes := newPeer(t, srv.Dial()), newPeer(t, srv.Dial()), newPeer(t, srv.Dial())
	reads.do("HELLO", "3")
	reads.do("CLIENT", "TRACKING", "ON", "REDIRECT", strings.TrimPrefix(hears.do("CLIENT", "ID").head, ":"))
	reads.do("GET", "k")
	hears.conn.Close()
	writes.do("SET", "k", "1")
	require.Equal(t, `>2 [$21 "tracking-redir-broken\r\n" :2]`, reads.read().String())
	require.Contains(t, reads.do("CLIENT", "TRACKINGINFO").String(), "broken_redirect")
	reads.conn.Close()
	require.Zero(t, srv.tracker.active.Load())
	require.Empty(t, srv.tracker.keys)
}

// No more keys are tracked than may be: of one that is given up clients are told as if
// it had changed.
func TestTracking_limit(t *testing.T) {
	srv := newServer(t)
	p := newPeer(t, srv.Dial())
	p.do("HELLO", "3")
	require.Equal(t, "+OK", p.do("CONFIG", "SET", "tracking-table-max-keys", "10").head)
	p.do("CLIENT", "TRACKING", "ON")
	given := 0
	for i := range 100 {
		p.write(bulks("GET", fmt.Sprint(i)))
		for p.read().head[0] == '>' {
			given++
		}
	}
	given += len(p.heard("sync"))
	require.Equal(t, 90, given)
	require.Len(t, srv.tracker.keys, 10)
	require.Len(t, srv.all()[0].tracking.keys, 10)
}
