package resp

import "strings"

// subcommand is a command that the word behind a name says, as CONFIG GET does. Its
// arity counts both words.
type subcommand struct {
	name  string // in capitals
	arity int
	run   ownRun
}

// subcommand returns the one that a call names, or why there is none.
func (c *ownCommand) subcommand(argv []string) (*subcommand, error) {
	for i := range c.subs {
		sub := &c.subs[i]
		if !strings.EqualFold(argv[1], sub.name) {
			continue
		}
		if !fits(sub.arity, len(argv)) {
			return nil, errArity(c.name + "|" + sub.name)
		}
		return sub, nil
	}
	return nil, errSubcommand(argv)
}
