package redisbackend

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/rediscommands"
)

// instead is what to do in place of commands that change or occupy the connection
// they come by. The next call by that connection would suffer from them.
var instead = map[string]string{
	"AUTH":   "name the user and the password in the URL",
	"HELLO":  "name the user and the password in the URL",
	"SELECT": "name the database in the URL",
	"QUIT":   "use Close",
	"RESET":  "use Close",

	"MULTI":   "use DoMulti",
	"EXEC":    "use DoMulti",
	"DISCARD": "use DoMulti",
	"WATCH":   "use a script",
	"UNWATCH": "use a script",

	"SUBSCRIBE":    "use Subscribe",
	"UNSUBSCRIBE":  "use Subscribe",
	"PSUBSCRIBE":   "use Subscribe",
	"PUNSUBSCRIBE": "use Subscribe",
	"SSUBSCRIBE":   "use Subscribe",
	"SUNSUBSCRIBE": "use Subscribe",

	"CLIENT SETNAME": "set client_name in the URL",
	"CLIENT SETINFO": "set client_name in the URL",

	"WAIT":    useOther, // for what this connection wrote
	"WAITAOF": useOther,
}

const useOther = "use a client of your own"

// ofNode are commands about all keys, of which a node of a cluster has a part.
var ofNode = map[string]bool{
	"SCAN": true, "KEYS": true, "DBSIZE": true, "RANDOMKEY": true, "FLUSHALL": true, "FLUSHDB": true,
}

// check refuses what must not be sent.
func (r *remote) check(words []string) error {
	if len(words) == 0 {
		return refused("ERR empty command") // Redis would not answer
	}
	name := strings.ToUpper(words[0])
	if strings.HasPrefix(name, "ZN.") {
		// They are a Store's own: there is no need to ask a Redis.
		return refused("ERR unknown command '%s'", words[0])
	}
	if r.cluster != nil && ofNode[name] {
		return refused("ERR %s sees only one node of a cluster: ask each of them by a client of your own", name)
	}
	if len(words) > 1 && strings.HasPrefix(name, "CLIENT") || name == "SCRIPT" && len(words) > 1 {
		name += " " + strings.ToUpper(words[1])
	}
	hint, found := instead[name]
	if found || rediscommands.ChangesConnection(words) {
		return refused("ERR %s concerns a connection, which calls share here: %s", name, cmp.Or(hint, useOther))
	}
	return nil
}

func refused(format string, args ...any) error {
	return &znsocket.Error{Kind: znsocket.KindResponse, Msg: fmt.Sprintf(format, args...)}
}
