package resp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestACL_rules(t *testing.T) {
	var lines []string
	for _, rules := range []string{
		"", "on", "off >secret", "on >one >two >one <one", "<nosuch", "nopass", ">x nopass", "resetpass", "#" + hashOf("x"), "#abc", "!" + hashOf("x"), "!" + hashOf("nosuch"), "!x",
		"~a* ~b ~a*", "%R~r* %W~w* %RW~rw", "%X~a", "%~a", "~*", "~* ~a", "allkeys ~a", "resetkeys", "%R~* ~b", "~\"a b\"",
		"&ch* &b", "&*", "&* &a", "allchannels &a", "resetchannels", "+@all", "allcommands", "-@all", "nocommands", "+get", "-get", "+@read", "-@read", "+@READ -@string", "+@all -@dangerous", "+@all -flushall -@admin",
		"+config|get", "-config|get", "+@all -config|set", "+config -config|set", "+config|nosuch", "+nosuch", "+@nosuch", "-nosuch|x", "+", "-", "+select|0", "-select|0", "+select|0|1", "+@keyspace +@fast",
		"foo", "\"\"", ")", "reset", "sanitize-payload", "skip-sanitize-payload", "on >pw ~k* &c* +@all -@write", "off resetpass", "clearselectors", "reset +get ~a", "+@connection +@transaction -multi",
	} {
		lines = append(lines, "a ACL SETUSER bob "+rules, "a ACL GETUSER bob", "a ACL LIST")
	}
	lines = append(lines, "a ACL SETUSER", "a ACL SETUSER \"a b\"", "a ACL USERS", "a ACL WHOAMI", "a ACL WHOAMI x", "a ACL GETUSER nobody", "a ACL GETUSER", "a ACL DELUSER nobody bob", "a ACL DELUSER default", "a ACL DELUSER",
		"a ACL CAT", "a ACL CAT nosuch", "a ACL CAT a b", "a ACL GENPASS 0", "a ACL GENPASS x", "a ACL GENPASS 4097", "a ACL GENPASS 1 2", "a ACL HELP", "a ACL LOAD", "a ACL SAVE", "a ACL NOSUCH", "a ACL",
		"a ACL LOG x", "a ACL LOG RESET", "a ACL LOG", "a ACL LOG 1 2", "b HELLO 3", "b ACL SETUSER carl on", "b ACL GETUSER carl", "b ACL GETUSER nobody", "b ACL LIST", "a ACL SETUSER carl (+get", "a ACL SETUSER default off", "a ACL LIST")
	conversation(t, strings.Join(lines, "\n"))
}

func TestACL_checks(t *testing.T) {
	conversation(t, `
		a ACL SETUSER bob on >pw ~k* %R~r* %W~w* &ch* +@all -@dangerous -set -client|setname +keys -eval|x
		a ACL SETUSER bob on >pw ~k* %R~r* %W~w* &ch* +@all -@dangerous -set -client|setname +keys
		a ACL DRYRUN bob GET k
		a ACL DRYRUN bob GET x
		a ACL DRYRUN bob SET k v
		a ACL DRYRUN bob GET
		a ACL DRYRUN bob NOSUCH
		a ACL DRYRUN nobody GET k
		a ACL DRYRUN bob SUBSCRIBE x
		a ACL DRYRUN bob SUBSCRIBE ch1
		a ACL DRYRUN bob CLIENT SETNAME x
		a ACL DRYRUN bob CLIENT GETNAME
		a ACL DRYRUN bob COPY k1 w1
		a ACL DRYRUN bob COPY w1 k1
		a ACL DRYRUN bob LMOVE r1 w1 LEFT LEFT
		a ACL DRYRUN bob ZUNIONSTORE w1 2 r1 k1
		a ACL DRYRUN bob ZUNIONSTORE r1 2 r1 k1
		a ACL DRYRUN bob XREAD STREAMS r1 x1 0 0
		b AUTH bob wrong
		b AUTH nobody pw
		b AUTH bob pw
		b ACL WHOAMI
		b GET k1
		b SET k1 v
		b SETNX k1 v
		b SETNX r1 v
		b APPEND w1 v
		b GET w1
		b EXISTS w1 r1 k1
		b EXISTS x1
		b STRLEN w1
		b MGET k1 r1 w1
		b RENAME k1 w1
		b BITFIELD r1 GET u8 0
		b BITFIELD r1 SET u8 0 1
		b SORT kl BY k*
		b SORT kl GET k*
		b SORT kl BY nosort
		b FLUSHALL
		b KEYS *
		b CONFIG GET x
		b CLIENT SETNAME x
		b CLIENT GETNAME
		b ACL LIST
		b PUBLISH x m
		b PUBLISH ch1 m
		b SPUBLISH x m
		b MULTI
		b GET k1
		b GET x1
		b EXEC
		b MULTI
		b GET k1
		b SADD k2 v
		b EXEC
		b MULTI
		b GET k1
		b SADD k2 v
		a ACL SETUSER bob -get
		b EXEC
		a ACL SETUSER bob +get
		a ACL SETUSER bob -exec
		b MULTI
		b GET k1
		b EXEC
		a ACL SETUSER bob +exec +psubscribe
		c AUTH bob pw
		c PSUBSCRIBE ch*
		c PSUBSCRIBE ch1*
		c SUBSCRIBE ch1
		c SUBSCRIBE x
		a ACL SETUSER bob off
		b GET k1
		d AUTH bob pw
		d HELLO 3 AUTH bob pw
		a ACL SETUSER bob on nopass
		d HELLO 3 AUTH bob any
		d ACL WHOAMI
		d RESET
		d ACL WHOAMI
		a ACL SETUSER default >secret
		a AUTH secret
		a AUTH wrong
		a AUTH default secret
		d GET x
		d RESET
		d GET x
		d AUTH secret
		d GET x
		a ACL SETUSER default nopass
		a AUTH x
		a AUTH default x
		a ACL DELUSER carl
	`)
}

// What was refused is counted where it is the same, and there is no more of it than
// there may be.
func TestACL_log(t *testing.T) {
	srv := newServer(t)
	admin, bob := newPeer(t, srv.Dial()), newPeer(t, srv.Dial())
	admin.do("ACL", "SETUSER", "bob", "on", "nopass", "~a", "+get", "+multi", "+discard")
	bob.do("AUTH", "bob", "x")
	for range 3 {
		bob.do("GET", "b")
	}
	bob.do("AUTH", "carl", "x")
	bob.do("MULTI")
	bob.do("SET", "a", "1")
	bob.do("DISCARD")
	text := admin.do("ACL", "LOG").String()
	for i, part := range []string{`"multi\r\n" $6 "object`, `"set\r\n"`, `"auth\r\n" $8 "username\r\n" $4 "carl`, `$5 "count\r\n" :3 $6 "reason\r\n" $3 "key`} {
		at := strings.Index(text, part)
		require.GreaterOrEqual(t, at, 0, "%d: %s", i, text)
		text = text[at:]
	}
	for i := range 3 * maxACLLog {
		bob.do("AUTH", strings.Repeat("x", i), "x")
	}
	require.Len(t, admin.do("ACL", "LOG", "1000").list, maxACLLog)
	require.Equal(t, "+OK", admin.do("ACL", "LOG", "RESET").head)
	require.Empty(t, admin.do("ACL", "LOG").list)
}

// What is kept of a refusal stays when what the client has sent is gone.
func TestACL_log_keepsNames(t *testing.T) {
	srv := newServer(t)
	admin, bob := newPeer(t, srv.Dial()), newPeer(t, srv.Dial())
	admin.do("ACL", "SETUSER", "bob", "on", "nopass", "~a", "+get")
	bob.do("AUTH", "bob", "x")
	bob.do("strlen", "a")
	bob.do("get", strings.Repeat("a", 100))
	require.Contains(t, admin.do("ACL", "LOG").String(), `"strlen\r\n"`)
}

// A user has so many rules and no more, and can be given less again.
func TestACL_tooManyRules(t *testing.T) {
	for _, rule := range []string{"~k%d", "&c%d", ">p%d", "+get|a%d"} {
		admin := newPeer(t, newServer(t).Dial())
		words := []string{"ACL", "SETUSER", "bob", "reset"}
		for i := range maxRules {
			words = append(words, fmt.Sprintf(rule, i))
		}
		require.Equal(t, "+OK", admin.do(words...).head)
		require.Contains(t, admin.do("ACL", "SETUSER", "bob", fmt.Sprintf(rule, maxRules)).head, "too many rules")
		require.Equal(t, "+OK", admin.do("ACL", "SETUSER", "bob", "reset").head)
		require.Equal(t, "+OK", admin.do("ACL", "SETUSER", "bob", fmt.Sprintf(rule, maxRules)).head)
	}
}

// Connections end of a user that is deleted, or that hears what it may not any more.
func TestACL_ends(t *testing.T) {
	srv := newServer(t)
	admin, bob, carl := newPeer(t, srv.Dial()), newPeer(t, srv.Dial()), newPeer(t, srv.Dial())
	admin.do("ACL", "SETUSER", "bob", "on", "nopass", "+@all", "&*")
	bob.do("AUTH", "bob", "x")
	carl.do("AUTH", "bob", "x")
	bob.do("SUBSCRIBE", "a")
	carl.do("SUBSCRIBE", "b")
	admin.do("ACL", "SETUSER", "bob", "resetchannels", "&b")
	_, err := bob.tryRead()
	require.Error(t, err)
	require.Equal(t, ":1", admin.do("PUBLISH", "b", "m").head)
	carl.read()
	require.Equal(t, ":1", admin.do("ACL", "DELUSER", "bob").head)
	_, err = carl.tryRead()
	require.Error(t, err)
}
