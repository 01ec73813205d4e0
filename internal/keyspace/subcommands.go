package keyspace

// subcommand is a command that the word behind a name says, as XGROUP CREATE does.
// Its arity counts both words.
type subcommand struct {
	name  string // in capitals
	arity int
	run   handler
}

// subcommands runs the one that a call names.
func subcommands(all []subcommand) handler {
	return func(db *DB, a Args) (any, error) {
		for _, c := range all {
			if !isName(a[1], c.name) {
				continue
			}
			if c.arity >= 0 && len(a) != c.arity || len(a) < -c.arity {
				return nil, errWrongArity(a[0] + "|" + c.name)
			}
			return c.run(db, a)
		}
		return nil, errNoSubcommand(a)
	}
}

// Help is the reply of a HELP, of which lines is what the command itself has to say.
func Help(name string, lines ...string) any {
	reply := []any{Status(name + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")}
	for _, line := range lines {
		reply = append(reply, Status(line))
	}
	return append(reply, Status("HELP"), Status("    Prints this help."))
}
