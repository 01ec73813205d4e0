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
	errMemoryOnly           = keyspace.Error("ERR the data is in memory only: there is no directory to save it in")
	errRewriting            = keyspace.Error("ERR Background append only file rewriting already in progress")
	errNotInMulti           = keyspace.Error("ERR Command not allowed inside a transaction")

	errNoACLFile = keyspace.Error("ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.")

	errRedirectTwice          = keyspace.Error("ERR A client can only redirect to a single other client")
	errNoRedirect             = keyspace.Error("ERR The client ID you want redirect to does not exist")
	errPrefixWithoutBroadcast = keyspace.Error("ERR PREFIX option requires BCAST mode to be enabled")
	errSwitchBroadcast        = keyspace.Error("ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.")
	errOptWithBroadcast       = keyspace.Error("ERR OPTIN and OPTOUT are not compatible with BCAST")
	errOptBoth                = keyspace.Error("ERR You can't specify both OPTIN mode and OPTOUT mode")
	errSwitchOpt              = keyspace.Error("ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.")
	errCachingWithoutTracking = keyspace.Error("ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled")
	errCachingYes             = keyspace.Error("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
	errCachingNo              = keyspace.Error("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")

	errNoSuchClient = keyspace.Error("ERR No such client")
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

func errPrefixes(prefix, which, other string) error {
	return keyspace.Error(fmt.Sprintf("ERR Prefix '%s' overlaps with %s '%s'. Prefixes for a single client must not overlap.", oneLine(prefix), which, oneLine(other)))
}

func errRule(rule, problem string) error {
	return keyspace.Error(fmt.Sprintf("ERR Error in ACL SETUSER modifier '%s': %s", oneLine(rule), problem))
}

func errTooLong(n, limit int) error {
	return keyspace.Error(fmt.Sprintf("ERR the reply was left out: with it %d bytes would wait to be read, over the limit of %d", n, limit))
}

func errExecDenied(why error) error {
	return keyspace.Error("EXECABORT Transaction discarded because of: " + errorText(why))
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
