package resp

import (
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// ownCommand is a command that concerns the connection or the server, and not
// the data: one line of the table below. Where it has subcommands, run is for a call
// without one.
type ownCommand struct {
	name  string
	arity int // as keyspace.Command has it
	when
	run  ownRun
	subs []subcommand
}

// ownRun runs such a command and returns its reply, an error among them. The words
// are its own, to be kept.
type ownRun func(s *session, argv []string) any

// noReply is the reply of what has said all there is.
var noReply any = new(struct{ _ int })

// when is in which states of a connection a command may be run.
type when struct {
	strangers bool // before it has logged in
	listening bool // in revision 2 also when it has subscribed to something
	now       bool // at once, also in a transaction
}

var (
	usual    = when{}
	stranger = when{strangers: true}
	listen   = when{listening: true}
	atOnce   = when{now: true}
)

var ownCommands map[string]*ownCommand

func init() { // the table has COMMAND in it, which tells of the table
	ownCommands = map[string]*ownCommand{}
	for _, c := range []ownCommand{
		{"AUTH", -2, stranger, auth, nil},
		{"HELLO", -1, stranger, hello, nil},
		{"QUIT", -1, when{true, true, true}, quit, nil},
		{"RESET", 1, when{true, true, true}, reset, nil},
		{"SELECT", 2, usual, selectDB, nil},
		{"ACL", -2, usual, nil, aclCommands},
		{"CLIENT", -2, usual, nil, clientCommands},

		{"MULTI", 1, atOnce, multi, nil},
		{"EXEC", 1, atOnce, exec, nil},
		{"DISCARD", 1, atOnce, discard, nil},
		{"WATCH", -2, atOnce, watch, nil},
		{"UNWATCH", 1, usual, unwatch, nil},

		{"SUBSCRIBE", -2, listen, subscribe(channels), nil},
		{"PSUBSCRIBE", -2, listen, subscribe(patterns), nil},
		{"SSUBSCRIBE", -2, listen, subscribe(shards), nil},
		{"UNSUBSCRIBE", -1, listen, unsubscribe(channels), nil},
		{"PUNSUBSCRIBE", -1, listen, unsubscribe(patterns), nil},
		{"SUNSUBSCRIBE", -1, listen, unsubscribe(shards), nil},
		{"PUBSUB", -2, usual, nil, pubsubCommands},

		{"COMMAND", -1, usual, func(*session, []string) any { return commandInfo(nil) }, commandCommands},
		{"CONFIG", -2, usual, nil, configCommands},
		{"INFO", -1, usual, info, nil},
		{"LATENCY", -2, usual, nil, latencyCommands},
		{"MODULE", -2, usual, nil, moduleCommands},
		{"MONITOR", 1, usual, monitor, nil},
		{"SHUTDOWN", -1, usual, shutdown, nil},
		{"SLOWLOG", -2, usual, nil, slowlogCommands},
		{"ROLE", 1, usual, func(*session, []string) any { return []any{"master", int64(0), []any{}} }, nil},
		{"WAIT", 3, usual, wait, nil},

		{"SAVE", 1, atOnce, save, nil},
		{"BGSAVE", -1, usual, bgsave, nil},
		{"BGREWRITEAOF", 1, usual, bgrewriteaof, nil},
		{"LASTSAVE", 1, usual, lastsave, nil},
	} {
		ownCommands[c.name] = &c
	}
}

func findOwn(name string) *ownCommand {
	if c := ownCommands[name]; c != nil {
		return c
	}
	return ownCommands[strings.ToUpper(name)]
}

// resolve returns what a call of the command runs, or why it is none.
func (c *ownCommand) resolve(argv []string) (ownRun, error) {
	switch {
	case !fits(c.arity, len(argv)):
		return nil, errArity(c.name)
	case c.subs == nil || len(argv) == 1: // COMMAND does without a subcommand
		return c.run, nil
	}
	sub, err := c.subcommand(argv)
	if err != nil {
		return nil, err
	}
	return sub.run, nil
}

// fits reports whether a call may have n words.
func fits(arity, n int) bool { return arity < 0 && n >= -arity || n == arity }

func quit(s *session, _ []string) any {
	s.over = true
	return keyspace.OK
}

func reset(s *session, _ []string) any {
	s.reset()
	s.known = s.needsNoPassword()
	s.parser.stranger = !s.known
	return keyspace.Status("RESET")
}

func selectDB(s *session, argv []string) any {
	n, err := keyspace.Args(argv).Int(1)
	switch {
	case err != nil:
		return err
	case n != int64(int32(n)):
		return errInvalidDB
	case n < 0 || n >= keyspace.Databases:
		return keyspace.ErrDBIndex
	}
	s.db = int(n)
	return keyspace.OK
}

// wait is WAIT: there are no replicas.
func wait(_ *session, argv []string) any {
	if _, err := keyspace.Args(argv).Int(1); err != nil {
		return err
	}
	timeout, err := keyspace.Args(argv).Int(2)
	switch {
	case err != nil:
		return keyspace.Error("ERR timeout is not an integer or out of range")
	case timeout < 0:
		return keyspace.Error("ERR timeout is negative")
	}
	return int64(0)
}
