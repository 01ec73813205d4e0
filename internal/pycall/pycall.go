// Package pycall stands between redis-py's calls, as they travel on the wire,
// and the commands of package keyspace. A call is an event named like a method
// of redis-py's Redis class, with [args, kwargs] as its payload. Bind makes the
// words of the command of it, AppendReply makes of the command's reply what the
// method returns with decode_responses=True, and Spell is the way back: the
// call that sends a given command.
//
// The methods stand in tables, one line each, by type of value: strings.go,
// hashes.go and so on. What is not in a table cannot be reached: leftout_test.go
// has the methods for which that is meant, and why.
package pycall

import "strings"

// Method is a method of redis-py's Redis class that sends a command.
type Method struct {
	name  string
	check check // what redis-py refuses before it sends; nil for nothing

	signature
	command string // in capitals, with its subcommand if it has one
	words   []word // what is sent, the command first
	direct  int    // see countDirect; -1 where it never applies
	reply   choice
}

// line is a line of the tables: the method's name, its parameters as Python
// shows them without self, what is sent (see parseWords), what is answered, and
// what is refused.
type line struct {
	name, signature, words string
	reply                  answer
	check                  check
}

// tables is all lines.
var tables = [][]line{
	keyMethods, stringMethods, hashMethods, listMethods, setMethods, zsetMethods, serverMethods,
	bitmapMethods, blockingMethods, geoMethods, hyperloglogMethods, streamMethods, sortMethods, scriptMethods, pubsubMethods,
	adminMethods, clientMethods, aclMethods, moduleMethods, clusterMethods, newerMethods,
}

// methods is the tables in one. replies says what redis-py makes of a
// command's reply, whichever method sent it, and spellings which method sends a
// command; where several do, the first one of the tables counts.
var methods, replies, spellings = func() (map[string]*Method, map[string]choice, map[string]*Method) {
	methods, replies, spellings := map[string]*Method{}, map[string]choice{}, map[string]*Method{}
	for _, table := range tables {
		for _, l := range table {
			m := &Method{name: l.name, check: l.check, signature: parseSignature(l.signature), reply: l.reply.choice()}
			m.words = parseWords(l.words, &m.signature)
			first, _, _ := strings.Cut(l.words, " ")
			m.command = strings.ReplaceAll(first, "|", " ")
			m.direct = m.countDirect()
			methods[m.name] = m
			if spellings[m.command] == nil {
				replies[m.command], spellings[m.command] = m.reply, m
			}
		}
	}
	for name, shape := range clusterReplies {
		replies["CLUSTER "+name] = shape.choice()
	}
	methods[executeCommand.name] = executeCommand
	return methods, replies, spellings
}()

// Find returns the method that an event names.
func Find(name string) (*Method, bool) {
	m, ok := methods[name]
	return m, ok
}

// Instead says what to call in the place of a method that no event has, as it gives
// an object which sends its calls by itself; "" where there is nothing to say.
func Instead(name string) string {
	switch name {
	case "bitfield":
		return "bitfield_ro, or execute_command('BITFIELD', key, ...)"
	case "register_script":
		return "eval, or script_load and evalsha"
	}
	return ""
}

// Call is a call that was bound: a command and what becomes of its reply.
// Nothing of it lies in the memory of the payload.
type Call struct {
	Argv   []string // the command's name and its arguments
	shape  shape
	groups int // how many texts SORT answers together; see grouped
}
