package rediscommands

import "strings"

// ofConnection are the commands that change the connection they are sent over,
// or what comes over it: from then on it is another one, for everybody who uses
// it. Some are newer than Redis 7.0.
var ofConnection = func() map[string]bool {
	commands := map[string]bool{}
	for name := range strings.SplitSeq(`AUTH,HELLO,SELECT,QUIT,RESET,ASKING,READONLY,READWRITE,`+
		`MULTI,EXEC,DISCARD,WATCH,UNWATCH,`+
		`SUBSCRIBE,PSUBSCRIBE,SSUBSCRIBE,UNSUBSCRIBE,PUNSUBSCRIBE,SUNSUBSCRIBE,MONITOR,`+
		`SYNC,PSYNC,REPLCONF,`+
		`CLIENT CACHING,CLIENT NO-EVICT,CLIENT NO-TOUCH,CLIENT REPLY,CLIENT SETINFO,CLIENT SETNAME,CLIENT TRACKING,`+
		`SCRIPT DEBUG`, ",") {
		commands[name] = true
	}
	return commands
}()

// ChangesConnection reports whether a command must not be sent over a connection
// that clients share.
func ChangesConnection(argv []string) bool {
	if len(argv) == 0 {
		return false
	}
	name := strings.ToUpper(argv[0])
	return ofConnection[name] || len(argv) > 1 && ofConnection[name+" "+strings.ToUpper(argv[1])]
}
