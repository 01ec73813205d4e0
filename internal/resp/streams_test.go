package resp

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// withoutTimes is a reply to a command about a stream without what is by the clock:
// the ID that XADD makes, what XINFO tells of when, and how long something is
// pending.
func withoutTimes(argv []string, n node) node {
	switch name := strings.ToUpper(argv[0]); {
	case name == "XADD" && n.head[0] == '$':
		ms, _, _ := strings.Cut(n.text, "-")
		if isPresent(ms) {
			return node{head: "an ID of the present"}
		}
	case name == "XPENDING" && len(argv) > 3:
		for _, p := range n.list {
			p.list[2] = node{head: "some time"}
		}
	case name == "XINFO":
		for i, v := range n.list {
			switch {
			case i > 0 && n.list[i-1].text == "idle\r\n", v.head[0] == ':' && isPresent(v.head[1:]):
				n.list[i] = node{head: "some time"}
			default:
				n.list[i] = withoutTimes(argv, v)
			}
		}
	}
	return n
}

// isPresent reports whether a number is a time of these days in milliseconds.
func isPresent(number string) bool {
	n, err := strconv.ParseInt(number, 10, 64)
	return err == nil && max(time.Until(time.UnixMilli(n)), time.Since(time.UnixMilli(n))) < 24*time.Hour
}

// Who waits for entries is served as by a redis-server.
func TestWait_forEntriesAsRedisDoes(t *testing.T) {
	scenarios := map[string]string{
		"everybody reads": `
			a XREAD BLOCK 0 STREAMS s $
			b XREAD BLOCK 0 STREAMS s 0
			c XREAD COUNT 1 BLOCK 0 STREAMS none s $ 0-5
			x XADD s 1-1 f v`,
		"several streams": `
			a XREAD BLOCK 0 STREAMS s t $ $
			x XADD t 1-1 f v
			x XADD s 1-1 f v`,
		"what is not yet": `
			x XADD s 5-0 f v
			a XREAD BLOCK 0 STREAMS s 9-0
			x XADD s 8-0 f v
			x XADD s 9-0 f v
			x XADD s 9-1 f v`,
		"what is not yet, and nothing new": `
			x XADD s 5-0 f v
			a XREAD BLOCK 0 STREAMS s 9-0
			x XADD s 8-0 f v
			x XSETID s 20-0
			x XDEL s 5-0
			x XADD s 20-1 f v`,
		"more than one in a transaction": `
			a XREAD BLOCK 0 STREAMS s $
			b XREAD COUNT 2 BLOCK 0 STREAMS s $
			x MULTI
			x XADD s 1-1 f v
			x XADD s 1-2 f v
			x XADD s 1-3 f v
			x EXEC`,
		"deleted again": `
			a XREAD BLOCK 0 STREAMS s $
			x MULTI
			x XADD s 1-1 f v
			x XDEL s 1-1
			x EXEC
			x XADD s 1-2 f v`,
		"the last ID alone moves": `
			x XADD s 1-1 f v
			a XREAD BLOCK 0 STREAMS s $
			x XSETID s 5-5
			x XDEL s 1-1
			x XADD s 5-6 f v`,
		"other types pass": `
			a XREAD BLOCK 0 STREAMS s $
			b BLPOP s 0
			x SET s v
			x DEL s
			x RPUSH s 1
			x XADD s 1-1 f v`,
		"renamed into place": `
			a XREAD BLOCK 0 STREAMS s $
			x XADD other 1-1 f v
			x RENAME other s`,
		"deleted and made anew": `
			x XADD s 1-1 f v
			a XREAD BLOCK 0 STREAMS s $
			x DEL s
			x XADD s 1-1 f v
			x XADD s 1-2 f v`,
		"emptied": `
			a XREAD BLOCK 0 STREAMS s $
			x FLUSHALL
			x XADD s 1-1 f v`,
		"an entry for each consumer": `
			x XGROUP CREATE s g $ MKSTREAM
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			b XREADGROUP GROUP g bob BLOCK 0 STREAMS s >
			x XADD s 1-1 f v
			x XADD s 1-2 f v
			x XPENDING s g
			x XINFO GROUPS s`,
		"all entries for the first": `
			x XGROUP CREATE s g $ MKSTREAM
			a XREADGROUP GROUP g alice BLOCK 0 NOACK STREAMS s >
			b XREADGROUP GROUP g bob BLOCK 0 COUNT 1 STREAMS s >
			x MULTI
			x XADD s 1-1 f v
			x XADD s 1-2 f v
			x EXEC
			x XPENDING s g
			x XADD s 1-3 f v
			x XINFO GROUPS s`,
		"two groups": `
			x XGROUP CREATE s g $ MKSTREAM
			x XGROUP CREATE s h $
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			b XREADGROUP GROUP h bob BLOCK 0 STREAMS s >
			x XADD s 1-1 f v`,
		"several streams of a group": `
			x XGROUP CREATE s g $ MKSTREAM
			x XGROUP CREATE t g $ MKSTREAM
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s t > >
			x XADD t 1-1 f v
			x XADD s 1-1 f v`,
		"a group that is set back": `
			x XGROUP CREATE s g $ MKSTREAM
			x XADD s 1-1 f v
			x XADD s 1-2 f v
			x XGROUP SETID s g $
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			x XGROUP SETID s g 0
			x XTRIM s MAXLEN 1
			x XPENDING s g
			x XADD s 1-3 f v`,
		"a group that goes": `
			x XGROUP CREATE s g $ MKSTREAM
			x XGROUP CREATE s h $
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			b XREADGROUP GROUP h bob BLOCK 0 STREAMS s >
			x XGROUP DESTROY s g`,
		"a group that goes, and another that is served": `
			x XGROUP CREATE s g $ MKSTREAM
			x XGROUP CREATE s h $
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			b XREADGROUP GROUP h bob BLOCK 0 STREAMS s >
			x XGROUP DESTROY s g
			x XADD s 1-1 f v`,
		"a stream that goes": `
			x XGROUP CREATE s g $ MKSTREAM
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			b XREAD BLOCK 0 STREAMS s $
			x DEL s
			x XADD s 1-1 f v`,
		"a stream that is written over": `
			x XGROUP CREATE s g $ MKSTREAM
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			x SET s v`,
		"a stream that is renamed": `
			x XGROUP CREATE s g $ MKSTREAM
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			x RENAME s t`,
		"another stream in its place": `
			x XGROUP CREATE s g $ MKSTREAM
			x XADD t 1-1 f v
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			x RENAME t s`,
		"another stream with such a group": `
			x XGROUP CREATE s g $ MKSTREAM
			x XADD t 1-1 f v
			x XGROUP CREATE t g 0
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			x RENAME t s`,
		"a stream that is moved": `
			x XGROUP CREATE s g $ MKSTREAM
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			x MOVE s 1`,
		"a stream that is flushed": `
			x XGROUP CREATE s g $ MKSTREAM
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			x FLUSHDB`,
		"all that is flushed": `
			x XGROUP CREATE s g $ MKSTREAM
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			x SELECT 3
			x FLUSHALL`,
		"a database that is swapped away": `
			x XGROUP CREATE s g $ MKSTREAM
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			x SWAPDB 0 1`,
		"deleted in a transaction that makes it anew": `
			x XGROUP CREATE s g $ MKSTREAM
			a XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			x MULTI
			x DEL s
			x XADD s 1-1 f v
			x EXEC`,
		"what a consumer has is no reason to wait": `
			x XGROUP CREATE s g $ MKSTREAM
			x XREADGROUP GROUP g alice BLOCK 0 STREAMS s 0
			x MULTI
			x XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
			x XREAD BLOCK 0 STREAMS s $
			x EXEC`,
	}
	socket := peers.Redis(t)
	for name, scenario := range scenarios {
		for _, revision := range []string{"2", "3"} {
			t.Run(name+"/RESP"+revision, func(t *testing.T) {
				srv := newServer(t)
				want := play(t, scenario, revision, func() *peer {
					conn, err := net.Dial("unix", socket)
					require.NoError(t, err)
					return newPeer(t, conn)
				})
				require.Equal(t, want, play(t, scenario, revision, func() *peer { return newPeer(t, srv.Dial()) }))
			})
		}
	}
}
