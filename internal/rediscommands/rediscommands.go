// Package rediscommands is what a Redis 7.0 knows of its commands: which words
// of one are keys, whether it writes, and whether it waits. The table is a
// server's own, written by go generate.
package rediscommands

//go:generate go test -run TestTable_isRedis|TestDocs_areRedis -count 1 . -update

import "strings"

// Flags say what a command does.
type Flags uint8

const (
	Read     Flags = 1 << iota // reads keys and changes none
	Write                      // may change keys; a script may, too
	Blocking                   // may wait for other clients; see Blocks
	PubSub                     // is about channels
	Admin                      // is for whoever runs the server
)

// Command is a command, or a subcommand of one.
type Command struct {
	Name  string // in capitals, with its subcommand: XINFO STREAM
	Arity int    // how many words with the name and the subcommand; -n means at least n
	Flags Flags
	keys  []keySpec
}

var byName = func() map[string]*Command {
	commands := make(map[string]*Command, len(table))
	for i := range table {
		commands[table[i].Name] = &table[i]
	}
	return commands
}()

// Find returns the command that the first words of argv name, in any case. A
// subcommand that does not exist finds the command it would belong to.
func Find(argv []string) (*Command, bool) {
	if len(argv) == 0 || strings.Contains(argv[0], " ") {
		return nil, false
	}
	name := strings.ToUpper(argv[0])
	if len(argv) > 1 {
		if c, ok := byName[name+" "+strings.ToUpper(argv[1])]; ok {
			return c, true
		}
	}
	c, ok := byName[name]
	return c, ok
}

// Blocks reports whether a command may wait: for an element, an entry of a
// stream, or for replicas. It may then hold a connection for as long as it says.
func Blocks(argv []string) bool {
	c, ok := Find(argv)
	if !ok {
		return len(argv) > 0 && strings.EqualFold(argv[0], "WAITAOF") // of Redis 7.2
	}
	switch c.Name {
	case "WAIT": // which Redis does not count among them
		return true
	case "XREAD", "XREADGROUP":
		for _, word := range argv[1:] {
			if strings.EqualFold(word, "STREAMS") {
				break
			}
			if strings.EqualFold(word, "BLOCK") {
				return true
			}
		}
		return false
	}
	return c.Flags&Blocking != 0
}
