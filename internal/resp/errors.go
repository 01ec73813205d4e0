package resp

import (
	"fmt"
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// The texts are those of Redis 7.0.
const (
	errNoAuth               = keyspace.Error("NOAUTH Authentication required.")
	errWrongPassword        = keyspace.Error("WRONGPASS invalid username-password pair or user is disabled.")
	errNoPassword           = keyspace.Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?")
	errProtocolVersion      = keyspace.Error("NOPROTO unsupported protocol version")
	errNotVersion           = keyspace.Error("ERR Protocol version is not an integer or out of range")
	errHelloNoAuth          = keyspace.Error("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time")
	errClientName           = keyspace.Error("ERR Client names cannot contain spaces, newlines or special characters.")
	errNestedMulti          = keyspace.Error("ERR MULTI calls can not be nested")
	errWatchInMulti         = keyspace.Error("ERR WATCH inside MULTI is not allowed")
	errExecAbort            = keyspace.Error("EXECABORT Transaction discarded because of previous errors.")
	errTooManyWatched       = keyspace.Error("ERR too many watched keys")
	errTooManySubscriptions = keyspace.Error("ERR too many subscriptions")
	errInvalidDB            = keyspace.Error("ERR value is out of range, value must between -2147483648 and 2147483647")
	errUnblocked            = keyspace.Error("UNBLOCKED client unblocked via CLIENT UNBLOCK")
	errNoSuchClient         = keyspace.Error("ERR No such client")
)

func errNoMulti(name string) error { return keyspace.Error("ERR " + name + " without MULTI") }

func errListening(name string) error {
	return keyspace.Error(fmt.Sprintf("ERR Can't execute '%s': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context", strings.ToLower(oneLine(name))))
}

func errSubscribeInMulti(name string) error {
	return keyspace.Error(fmt.Sprintf("ERR %s isn't allowed for a DENY BLOCKING client", strings.ToUpper(name)))
}

func errArity(name string) error {
	return keyspace.Error(fmt.Sprintf("ERR wrong number of arguments for '%s' command", strings.ToLower(name)))
}

func errSubcommand(argv []string) error {
	return keyspace.Error(fmt.Sprintf("ERR unknown subcommand '%.128s'. Try %s HELP.", oneLine(argv[1]), strings.ToUpper(argv[0])))
}

func errSubcommandSyntax(argv []string) error {
	return keyspace.Error(fmt.Sprintf("ERR unknown subcommand or wrong number of arguments for '%.128s'. Try %s HELP.", oneLine(argv[1]), strings.ToUpper(argv[0])))
}

func errHelloOption(option string) error {
	return keyspace.Error(fmt.Sprintf("ERR Syntax error in HELLO option '%s'", oneLine(option)))
}

// errorText is any error as Redis would put it: a code and a line of text.
func errorText(err error) string {
	text := oneLine(err.Error())
	if code, _, _ := strings.Cut(text, " "); !keyspace.IsCode(code) {
		text = "ERR " + text
	}
	return text
}

// oneLine keeps what is quoted from breaking the line that an error is.
func oneLine(s string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(s) }
