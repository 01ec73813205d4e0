package keyspace

import "slices"

// Flags say what a command does, for the lock, access rules and the docs.
type Flags uint16

const (
	Read     Flags = 1 << iota // reads keys
	Write                      // may change keys, in addition or alone
	Random                     // may answer differently for the same data
	Server                     // speaks of the server, not of keys
	Internal                   // ours, not Redis's: for the objects
	Blocking                   // may wait, where whoever runs it can: see RunOrWait
	Alone                      // changes no keys, but needs the lock to itself
	Scripts                    // runs a script, which calls other commands
	Messages                   // sends messages, and leaves the data as it is
)

// Command is one line of the table.
type Command struct {
	Name  string // in capitals
	Arity int    // how many arguments with the name; -n means at least n
	Flags Flags
	Keys  KeySpec
	run   handler
}

// MayChange reports whether the command may change keys, or functions.
func (c *Command) MayChange() bool { return c.Flags&(Write|Alone) != 0 }

// handler runs a command whose arity has been checked.
type handler = func(db *DB, a Args) (any, error)

// KeySpec says which arguments are keys: every Step-th from First to Last,
// counted with the name as 0; a negative Last counts from the end. Where
// NumKeys is set, the argument there holds the number of keys that follow it
// (as in ZUNION), in addition to First. Where Streams is set, the options of XREAD begin
// there, of which STREAMS has keys and as many IDs behind it. Where Store is set,
// one of the options from there on may name a key for the result.
type KeySpec struct{ First, Last, Step, NumKeys, Streams, Store int }

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

// table is every command, put together from the parts that stand with the
// handlers: one line a command.
var table = slices.Concat(
	keyCommands, stringCommands, hashCommands, listCommands, setCommands, zsetCommands, streamCommands, bitmapCommands, hyperloglogCommands, geoCommands, sortCommands, objectCommands, memoryCommands, dumpCommands, blockingCommands, scanCommands, serverCommands, scriptCommands, functionCommands, publishCommands,
)

// byName has the table's commands where hashName says, or in the next free slot.
// A map takes as long to find GET as GET takes to find its key.
var byName = func() (slots [nameSlots]*Command) {
	for i := range table {
		at := hashName(table[i].Name)
		for slots[at] != nil {
			at = (at + 1) % nameSlots
		}
		slots[at] = &table[i]
	}
	return slots
}()

const nameSlots = 1024

// hashName tells most names apart by their length and three letters, in any
// case. The name is not empty.
func hashName(name string) uint {
	n := uint(len(name))
	h := n + 31*uint(name[0]|0x20) + 961*uint(name[n/2]|0x20) + 29791*uint(name[n-1]|0x20)
	return h % nameSlots
}

// isName reports whether word is name, which is in capitals, in any case of the
// letters A to Z.
func isName(word, name string) bool {
	if word == name {
		return true
	}
	if len(word) != len(name) {
		return false
	}
	for i := range len(word) {
		c := word[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != name[i] {
			return false
		}
	}
	return true
}

// Find returns the command that argv[0] names, in any case, or the error that
// Redis answers to an unknown one.
func Find(argv []string) (*Command, error) {
	if len(argv) == 0 {
		return nil, errUnknown([]string{""})
	}
	if name := argv[0]; name != "" {
		for at := hashName(name); byName[at] != nil; at = (at + 1) % nameSlots {
			if c := byName[at]; isName(name, c.Name) {
				return c, nil
			}
		}
	}
	return nil, errUnknown(argv)
}

// Commands calls fn for every command of the table.
func Commands(fn func(*Command)) {
	for i := range table {
		fn(&table[i])
	}
}

// CheckArity refuses a call of n words, the name among them, that does not fit.
func (c *Command) CheckArity(n int) error {
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
	if from := c.Keys.Streams; from > 0 {
		keys = append(keys, streamKeys(argv, from)...)
	}
	if at := c.Keys.NumKeys; at > 0 && at < len(argv) {
		if n, err := parseInt(argv[at]); err == nil && n > 0 {
			rest := argv[at+1:]
			keys = append(keys, rest[:min(n, int64(len(rest)))]...)
		}
	}
	if from := c.Keys.Store; from > 0 {
		keys = append(keys, storeKey(argv, from)...)
	}
	return keys
}

// storeKey returns the last key behind STORE, or STOREDIST, among the options of SORT
// or GEORADIUS, which begin at argument i. Patterns may look like them.
func storeKey(argv []string, i int) (key []string) {
	for ; i < len(argv); i++ {
		switch a := Args(argv); {
		case a.Is(i, "LIMIT"):
			i += 2
		case a.Is(i, "BY"), a.Is(i, "GET"):
			i++
		case a.Is(i, "STORE"), a.Is(i, "STOREDIST"):
			if i++; i < len(argv) {
				key = argv[i : i+1]
			}
		}
	}
	return key
}
