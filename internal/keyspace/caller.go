package keyspace

import "strings"

// Caller runs the commands of one script, within the command that runs the script
// and under its lock.
type Caller struct {
	db       *DB // SELECT changes it
	readOnly bool
}

// ForbidWrites refuses commands that write from now on.
func (c *Caller) ForbidWrites() { c.readOnly = true }

// ReadOnly reports whether commands that write are refused.
func (c *Caller) ReadOnly() bool { return c.readOnly }

// Call runs a command.
func (c *Caller) Call(argv []string) (any, error) {
	if isName(argv[0], "SELECT") {
		return c.selectDB(argv)
	}
	cmd, err := Find(argv)
	switch {
	case err != nil && isForbidden(argv):
		return nil, errNotFromScript
	case err != nil:
		return nil, errUnknownFromScript
	case cmd.CheckArity(len(argv)) != nil:
		return nil, errArityFromScript
	case isForbidden(argv):
		return nil, errNotFromScript
	}
	if err := c.allowed(argv, false); err != nil {
		return nil, err
	}
	if c.readOnly && cmd.Flags&(Write|Alone|Messages) != 0 {
		return nil, errReadOnlyScript
	}
	v, err := unblocked(c.db.space.do(c.db, cmd, argv))
	if e, ok := err.(Error); ok {
		err = ofSubcommand(e)
	}
	if fn := c.db.space.called; fn != nil && err == nil && cmd.Flags&Write != 0 {
		fn(c.db.index, argv, v)
	}
	return v, err
}

// Guard says why a script may not run a call, nil where it may. With try a script
// only asks.
type Guard func(argv []string, try bool) error

// SetGuard has g asked about what scripts call. It is called by fn of Exec, which
// takes it away again with nil.
func (s *Space) SetGuard(g Guard) { s.guard = g }

func (c *Caller) allowed(argv []string, try bool) error {
	if guard := c.db.space.guard; guard != nil {
		return guard(argv, try)
	}
	return nil
}

// Allows reports whether the script may run a call of a command that is known.
func (c *Caller) Allows(argv []string) bool { return c.allowed(argv, true) == nil }

// Known reports whether there is such a command, though scripts may not call it.
func (c *Caller) Known(argv []string) bool {
	if _, err := Find(argv); err == nil {
		return true
	}
	return isName(argv[0], "SELECT") || isForbidden(argv)
}

func (c *Caller) selectDB(argv []string) (any, error) {
	if len(argv) != 2 {
		return nil, errArityFromScript
	}
	n, err := parseInt32(argv[1])
	switch {
	case err != nil:
		return nil, err
	case n < 0 || n >= Databases:
		return nil, ErrDBIndex
	}
	c.db = c.db.space.dbs[n]
	return ok, nil
}

// ofSubcommand makes of an error about the words of a subcommand what a script is
// told of it.
func ofSubcommand(e Error) Error {
	switch {
	case strings.HasPrefix(string(e), "ERR unknown subcommand '"):
		return errUnknownFromScript
	case strings.HasPrefix(string(e), "ERR wrong number of arguments for '") && strings.Contains(string(e), "|"):
		return errArityFromScript
	}
	return e
}

// forbidden are the commands of Redis that scripts may not call, whether or not
// they are in the table. Of those with "|" only that subcommand is.
var forbidden = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`
		AUTH HELLO QUIT RESET WAIT WATCH UNWATCH MULTI EXEC DISCARD EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO
		BLMOVE BLPOP BRPOP BRPOPLPUSH BZPOPMIN BZPOPMAX SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUNSUBSCRIBE
		BGREWRITEAOF BGSAVE DEBUG FAILOVER MONITOR PSYNC REPLCONF REPLICAOF ROLE SAVE SHUTDOWN SLAVEOF SYNC
		CLUSTER|RESET CLIENT|CACHING CLIENT|GETNAME CLIENT|GETREDIR CLIENT|ID CLIENT|INFO CLIENT|KILL CLIENT|LIST CLIENT|NO-EVICT
		CLIENT|PAUSE CLIENT|REPLY CLIENT|SETNAME CLIENT|TRACKING CLIENT|TRACKINGINFO CLIENT|UNBLOCK CLIENT|UNPAUSE
		FUNCTION|DELETE FUNCTION|DUMP FUNCTION|FLUSH FUNCTION|KILL FUNCTION|LIST FUNCTION|LOAD FUNCTION|RESTORE FUNCTION|STATS
		SCRIPT|DEBUG SCRIPT|EXISTS SCRIPT|FLUSH SCRIPT|KILL SCRIPT|LOAD
		ACL|CAT ACL|DELUSER ACL|DRYRUN ACL|GENPASS ACL|GETUSER ACL|LIST ACL|LOAD ACL|LOG ACL|SAVE ACL|SETUSER ACL|USERS ACL|WHOAMI
		CONFIG|GET CONFIG|RESETSTAT CONFIG|REWRITE CONFIG|SET
		LATENCY|DOCTOR LATENCY|GRAPH LATENCY|HISTOGRAM LATENCY|HISTORY LATENCY|LATEST LATENCY|RESET
		MODULE|LIST MODULE|LOAD MODULE|LOADEX MODULE|UNLOAD`) {
		names[name] = true
	}
	return names
}()

// isForbidden reports whether a script may not call the command.
func isForbidden(argv []string) bool {
	name := strings.ToUpper(argv[0])
	return forbidden[name] || len(argv) > 1 && forbidden[name+"|"+strings.ToUpper(argv[1])]
}
