package resp

import (
	"slices"
	"strings"
	"sync"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/rediscommands"
)

//go:generate go test -run TestCommandsPage -count 1 . -update

// COMMAND tells of the commands that are there what Redis tells of them.

var commandCommands = []subcommand{
	{"COUNT", 2, func(*session, []string) any { return int64(len(commandNames())) }},
	{"DOCS", -2, commandDocs},
	{"GETKEYS", -4, commandGetKeys(false)},
	{"GETKEYSANDFLAGS", -4, commandGetKeys(true)},
	{"HELP", 2, commandHelp},
	{"INFO", -2, func(_ *session, argv []string) any { return commandInfo(argv[2:]) }},
	{"LIST", -2, commandList},
}

// commandNames are the names of all commands of Redis that are there, in order.
var commandNames = sync.OnceValue(func() []string {
	var names []string
	add := func(name string) {
		if name = strings.ToLower(name); rediscommands.Describe(name) != nil {
			names = append(names, name)
		}
	}
	keyspace.Commands(func(c *keyspace.Command) { add(c.Name) })
	for name := range ownCommands {
		add(name)
	}
	slices.Sort(names)
	return names
})

// describe is the description of a command that is there, nil where it is not.
func describe(name string) *rediscommands.Description {
	d := rediscommands.Describe(name)
	if d == nil {
		return nil
	}
	command, _, _ := strings.Cut(d.Name, "|")
	if _, found := slices.BinarySearch(commandNames(), command); !found {
		return nil
	}
	return d
}

// commandInfo tells of the commands of these names, or of all.
func commandInfo(names []string) any {
	if len(names) == 0 {
		names = commandNames()
	}
	list := make([]any, len(names))
	for i, name := range names {
		if d := describe(name); d != nil {
			list[i] = told(d.Info)
		}
	}
	return list
}

// commandDocs leaves out what is not there.
func commandDocs(_ *session, argv []string) any {
	names := argv[2:]
	if len(names) == 0 {
		names = commandNames()
	}
	docs := mapping{}
	for _, name := range names {
		if d := describe(name); d != nil && d.Docs != nil {
			docs = append(docs, d.Name, told(d.Docs))
		}
	}
	return docs
}

// told is a value of Redis's own answers as a reply.
func told(v any) any {
	all := func(list []any) []any {
		converted := make([]any, len(list))
		for i, v := range list {
			converted[i] = told(v)
		}
		return converted
	}
	switch v := v.(type) {
	case rediscommands.Status:
		return keyspace.Status(v)
	case rediscommands.Map:
		return mapping(all(v))
	case rediscommands.Set:
		return keyspace.Elements(all(v))
	case []any:
		return all(v)
	}
	return v
}

// commandList names commands, with their subcommands where it names some of them.
func commandList(_ *session, argv []string) any {
	a := keyspace.Args(argv)
	switch {
	case len(a) == 2:
		return commandNames()
	case len(a) != 5 || !a.Is(2, "FILTERBY"):
		return keyspace.ErrSyntax
	}
	matches, err := commandFilter(a[3], a[4])
	if err != nil {
		return err
	}
	names := []string{}
	for _, name := range commandNames() {
		d := rediscommands.Describe(name)
		for _, d := range append([]*rediscommands.Description{d}, d.Subcommands()...) {
			if matches(d) {
				names = append(names, d.Name)
			}
		}
	}
	return names
}

func commandFilter(by, value string) (func(*rediscommands.Description) bool, error) {
	switch strings.ToUpper(by) {
	case "MODULE":
		return func(*rediscommands.Description) bool { return false }, nil
	case "ACLCAT":
		category := rediscommands.Status("@" + strings.ToLower(value))
		return func(d *rediscommands.Description) bool { return slices.Contains(d.Categories(), any(category)) }, nil
	case "PATTERN":
		pattern, err := keyspace.ParsePattern(strings.ToLower(value))
		return func(d *rediscommands.Description) bool { return pattern.Match(d.Name) }, err
	}
	return nil, keyspace.ErrSyntax
}

func commandGetKeys(withFlags bool) ownRun {
	return func(_ *session, argv []string) any {
		call := argv[2:]
		c, ok := rediscommands.Find(call)
		if _, err := resolve(call); !ok || err != nil && describe(call[0]) == nil {
			return keyspace.Error("ERR Invalid command specified")
		}
		switch {
		case !c.HasKeys():
			return keyspace.Error("ERR The command has no key arguments")
		case !fits(c.Arity, len(call)):
			return keyspace.Error("ERR Invalid number of arguments specified for command")
		}
		keys, err := c.KeysAndAccess(call)
		if err != nil && !slices.Contains(describe(call[0]).Flags(), any(rediscommands.Status("no_mandatory_keys"))) {
			return keyspace.Error("ERR Invalid arguments specified for command")
		}
		list := make([]any, len(keys))
		for i, key := range keys {
			if list[i] = key.Name; withFlags {
				var flags keyspace.Elements
				for flag := range strings.FieldsSeq(key.Access) {
					flags = append(flags, keyspace.Status(flag))
				}
				list[i] = []any{key.Name, flags}
			}
		}
		return list
	}
}

func commandHelp(*session, []string) any {
	return keyspace.Help("COMMAND",
		"(no subcommand)",
		"    Return details about all Redis commands.",
		"COUNT",
		"    Return the total number of commands in this Redis server.",
		"LIST",
		"    Return a list of all commands in this Redis server.",
		"INFO [<command-name> ...]",
		"    Return details about multiple Redis commands.",
		"    If no command names are given, documentation details for all",
		"    commands are returned.",
		"DOCS [<command-name> ...]",
		"    Return documentation details about multiple Redis commands.",
		"    If no command names are given, documentation details for all",
		"    commands are returned.",
		"GETKEYS <full-command>",
		"    Return the keys from a full Redis command.",
		"GETKEYSANDFLAGS <full-command>",
		"    Return the keys and the access flags from a full Redis command.",
	)
}
