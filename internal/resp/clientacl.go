package resp

import (
	"slices"
	"strings"
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/rediscommands"
)

var aclCommands = []subcommand{
	{"CAT", -2, aclCat},
	{"DELUSER", -3, aclDelUser},
	{"DRYRUN", -4, aclDryRun},
	{"GENPASS", -2, aclGenPass},
	{"GETUSER", 3, aclGetUser},
	{"HELP", 2, aclHelp},
	{"LIST", 2, aclList},
	{"LOAD", 2, func(*session, []string) any { return errNoACLFile }},
	{"LOG", -2, aclLog},
	{"SAVE", 2, func(*session, []string) any { return errNoACLFile }},
	{"SETUSER", -3, aclSetUser},
	{"USERS", 2, aclUsers},
	{"WHOAMI", 2, func(s *session, _ []string) any { return s.user.name }},
}

func aclCat(_ *session, argv []string) any {
	switch {
	case len(argv) == 2:
		return categories
	case len(argv) > 3:
		return errSubcommandSyntax(argv)
	case !slices.Contains(categories, strings.ToLower(argv[2])):
		return keyspace.Error("ERR Unknown category '" + oneLine(argv[2]) + "'")
	}
	names := []string{}
	for _, name := range inCategory()[strings.ToLower(argv[2])] {
		if describe(name) != nil {
			names = append(names, name)
		}
	}
	return names
}

func aclSetUser(s *session, argv []string) any {
	if strings.ContainsAny(argv[2], " \t\r\n\x00") {
		return keyspace.Error("ERR Usernames can't contain spaces or null characters")
	}
	rules, err := joinSelectors(argv[3:])
	if err == nil {
		err = s.srv.setUser(argv[2], rules)
	}
	if err != nil {
		return err
	}
	return keyspace.OK
}

// joinSelectors makes one rule of the words in parentheses.
func joinSelectors(words []string) (rules []string, err error) {
	open := ""
	for _, word := range words {
		switch {
		case open != "":
			open += " " + word
		case word != "" && word[0] == '(':
			open = word
		default:
			rules = append(rules, word)
			continue
		}
		if strings.HasSuffix(open, ")") {
			rules, open = append(rules, open), ""
		}
	}
	if open != "" {
		return nil, keyspace.Error("ERR Unmatched parenthesis in acl selector starting at '" + oneLine(open) + "'.")
	}
	return rules, nil
}

func aclDelUser(s *session, argv []string) any {
	if slices.Contains(argv[2:], defaultUser) {
		return keyspace.Error("ERR The 'default' user cannot be removed")
	}
	deleted := int64(0)
	for _, name := range argv[2:] {
		if s.srv.deleteUser(s, name) {
			deleted++
		}
	}
	return deleted
}

func aclGetUser(s *session, argv []string) any {
	u := s.srv.acl.user(argv[2])
	if u == nil {
		return nil
	}
	r := u.rights.Load()
	return mapping{
		"flags", keyspace.Set(r.flags()), "passwords", append([]string{}, r.passwords...), "commands", r.commands.String(),
		"keys", r.keyText(), "channels", r.channelText(), "selectors", []any{},
	}
}

func aclList(s *session, _ []string) any {
	lines := []string{}
	for _, u := range s.srv.acl.all() {
		lines = append(lines, "user "+u.name+" "+u.rights.Load().String())
	}
	return lines
}

func aclUsers(s *session, _ []string) any {
	names := []string{}
	for _, u := range s.srv.acl.all() {
		names = append(names, u.name)
	}
	return names
}

func aclDryRun(s *session, argv []string) any {
	u, call := s.srv.acl.user(argv[2]), argv[3:]
	if u == nil {
		return keyspace.Error("ERR User '" + oneLine(argv[2]) + "' not found")
	}
	if _, err := keyspace.Find(call); err != nil && findOwn(call[0]) == nil {
		return keyspace.Error("ERR Command '" + oneLine(call[0]) + "' not found")
	}
	if c, ok := rediscommands.Find(call); ok && !fits(c.Arity, len(call)) {
		return errArity(fullName(call))
	}
	if d := u.rights.Load().check(call); d != nil {
		return d.inWords()
	}
	return keyspace.OK
}

func aclGenPass(_ *session, argv []string) any {
	bits := int64(256)
	switch {
	case len(argv) > 3:
		return errSubcommandSyntax(argv)
	case len(argv) == 3:
		var err error
		if bits, err = keyspace.Args(argv).Int(2); err != nil {
			return err
		}
	}
	if bits <= 0 || bits > 4096 {
		return keyspace.Error("ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096")
	}
	return genPass(bits)
}

func aclLog(s *session, argv []string) any {
	a, count := s.srv.acl, int64(10)
	if len(argv) > 3 {
		return errSubcommandSyntax(argv)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(argv) == 3 {
		if strings.EqualFold(argv[2], "RESET") {
			a.log = nil
			return keyspace.OK
		}
		n, err := keyspace.Args(argv).Int(2)
		if err != nil {
			return err
		}
		count = max(n, 0)
	}
	entries := []any{}
	for _, r := range a.log[:min(count, int64(len(a.log)))] {
		age := time.Since(r.at).Truncate(time.Millisecond).Seconds()
		entries = append(entries, mapping{
			"count", r.count, "reason", r.reason, "context", r.context, "object", r.object,
			"username", r.user, "age-seconds", age, "client-info", r.client,
		})
	}
	return entries
}

func aclHelp(*session, []string) any {
	return keyspace.Help("ACL",
		"CAT [<category>]",
		"    List all commands that belong to <category>, or all command categories",
		"    when no category is specified.",
		"DELUSER <username> [<username> ...]",
		"    Delete a list of users.",
		"DRYRUN <username> <command> [<arg> ...]",
		"    Returns whether the user can execute the given command without executing the command.",
		"GETUSER <username>",
		"    Get the user's details.",
		"GENPASS [<bits>]",
		"    Generate a secure 256-bit user password. The optional `bits` argument can",
		"    be used to specify a different size.",
		"LIST",
		"    Show users details in config file format.",
		"LOAD",
		"    Reload users from the ACL file.",
		"LOG [<count> | RESET]",
		"    Show the ACL log entries.",
		"SAVE",
		"    Save the current config to the ACL file.",
		"SETUSER <username> <attribute> [<attribute> ...]",
		"    Create or modify a user with the specified attributes.",
		"USERS",
		"    List all the registered usernames.",
		"WHOAMI",
		"    Return the current connection username.",
	)
}
