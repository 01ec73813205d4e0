package keyspace

import "strings"

// Flags say what a command does, for the lock, access rules and the docs.
type Flags uint8

const (
	Read     Flags = 1 << iota // reads keys, changes nothing
	Write                      // may change keys
	Random                     // may answer differently for the same data
	Server                     // speaks of the server, not of keys
	Internal                   // ours, not Redis's: for the objects
)

// Command is one line of the table.
type Command struct {
	Name  string // in capitals
	Arity int    // how many arguments with the name; -n means at least n
	Flags Flags
	Keys  KeySpec
	run   handler
}

// handler runs a command whose arity has been checked.
type handler = func(db *DB, a Args) (any, error)

// KeySpec says which arguments are keys: every Step-th from First to Last,
// counted with the name as 0; a negative Last counts from the end. Where
// NumKeys is set, the argument there holds the number of keys that follow it
// (as in ZUNION), in addition to First.
type KeySpec struct{ First, Last, Step, NumKeys int }

// Keys are the usual specs.
var (
	noKeys   = KeySpec{}
	oneKey   = KeySpec{First: 1, Last: 1, Step: 1}
	twoKeys  = KeySpec{First: 1, Last: 2, Step: 1}
	allKeys  = KeySpec{First: 1, Last: -1, Step: 1}
	pairKeys = KeySpec{First: 1, Last: -1, Step: 2}
	numKeys1 = KeySpec{NumKeys: 1}                             // ZUNION n key …
	numKeys2 = KeySpec{First: 1, Last: 1, Step: 1, NumKeys: 2} // ZUNIONSTORE dst n key …
)

// commands is the table, put together from the parts that stand with the
// handlers: one line a command.
var commands = func() map[string]*Command {
	table := map[string]*Command{}
	for _, part := range [][]Command{
		keyCommands, stringCommands, hashCommands, listCommands, setCommands, zsetCommands, scanCommands, serverCommands,
	} {
		for i := range part {
			c := &part[i]
			table[c.Name] = c
			table[strings.ToLower(c.Name)] = c
		}
	}
	return table
}()

// Find returns the command that argv[0] names, in any case, or the error that
// Redis answers to an unknown one.
func Find(argv []string) (*Command, error) {
	if len(argv) == 0 {
		return nil, errUnknown([]string{""})
	}
	if c := commands[argv[0]]; c != nil {
		return c, nil
	}
	if c := commands[strings.ToUpper(argv[0])]; c != nil {
		return c, nil
	}
	return nil, errUnknown(argv)
}

// Commands calls fn for every command of the table, in no order.
func Commands(fn func(*Command)) {
	for name, c := range commands {
		if name == c.Name {
			fn(c)
		}
	}
}

func (c *Command) checkArity(n int) error {
	if c.Arity >= 0 && n != c.Arity || n < -c.Arity {
		return errWrongArity(c.Name)
	}
	return nil
}

// KeysOf returns the arguments of a call that are keys.
func (c *Command) KeysOf(argv []string) []string {
	var keys []string
	if s := c.Keys; s.First > 0 {
		last := s.Last
		if last < 0 {
			last += len(argv)
		}
		for i := s.First; i <= last && i < len(argv); i += s.Step {
			keys = append(keys, argv[i])
		}
	}
	if at := c.Keys.NumKeys; at > 0 && at < len(argv) {
		if n, err := parseInt(argv[at]); err == nil && n > 0 {
			rest := argv[at+1:]
			keys = append(keys, rest[:min(n, int64(len(rest)))]...)
		}
	}
	return keys
}
