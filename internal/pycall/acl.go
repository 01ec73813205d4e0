package pycall

import (
	"strings"

	"github.com/znsocket/znsocket/internal/pyjson"
)

var aclMethods = []line{
	{"acl_cat", "category=None, **kwargs", "ACL|CAT =category", asIs, checkAclCat},
	{"acl_deluser", "*username, **kwargs", "ACL|DELUSER *", asIs, nil},
	{"acl_dryrun", "username, *args, **kwargs", "ACL|DRYRUN username *", asIs, nil},
	{"acl_genpass", "bits=None, **kwargs", "ACL|GENPASS =%bits", asIs, checkAclGenpass},
	{"acl_getuser", "username, **kwargs", "ACL|GETUSER username", aclUser, nil},
	{"acl_help", "**kwargs", "ACL|HELP", asIs, nil},
	{"acl_list", "**kwargs", "ACL|LIST", asIs, nil},
	{"acl_load", "**kwargs", "ACL|LOAD", okay, nil},
	{"acl_log", "count=None, **kwargs", "ACL|LOG =%count", aclLog, checkAclLog},
	{"acl_log_reset", "**kwargs", "ACL|LOG RESET", aclLog, nil},
	{"acl_save", "**kwargs", "ACL|SAVE", okay, nil},
	{"acl_setuser", "username, enabled=False, nopass=False, passwords=None, hashed_passwords=None, categories=None, " +
		"commands=None, keys=None, channels=None, selectors=None, reset=False, reset_keys=False, reset_channels=False, " +
		"reset_passwords=False, **kwargs",
		"ACL|SETUSER username reset?reset resetkeys?reset_keys resetchannels?reset_channels resetpass?reset_passwords enabled " +
			"@passwords @hashed_passwords nopass?nopass @categories @commands @keys @channels @selectors", okay, checkAclSetuser},
	{"acl_users", "**kwargs", "ACL|USERS", asIs, nil},
	{"acl_whoami", "**kwargs", "ACL|WHOAMI", asIs, nil},
}

func checkAclCat(a *args) error {
	a.forget("category")
	return nil
}

func checkAclGenpass(a *args) error {
	if !a.given("bits") {
		return nil
	}
	bits, err := a.m.toInt(a.get("bits"))
	switch {
	case err != nil && err.Type != "ValueError":
		return err
	case err != nil || bits.Float() < 0 || bits.Float() > 4096:
		return dataError("genpass optionally accepts a bits argument, between 0 and 4096.")
	}
	a.set("bits", bits)
	return nil
}

func checkAclLog(a *args) error {
	if a.given("count") && !isInt(a.get("count")) {
		return dataError("ACL LOG count must be an integer")
	}
	return nil
}

// checkAclSetuser makes the rules of the arguments.
func checkAclSetuser(a *args) error {
	state := literal("'off'")
	if a.true("enabled") {
		state = literal("'on'")
	}
	a.set("enabled", &state)
	if (a.true("passwords") || a.true("hashed_passwords")) && a.true("nopass") {
		return dataError("Cannot set 'nopass' and supply 'passwords' or 'hashed_passwords'")
	}
	if err := a.sendPasswords("passwords", "Password", ">", "<"); err != nil {
		return err
	}
	if err := a.sendPasswords("hashed_passwords", "Hashed password", "#", "!"); err != nil {
		return err
	}
	for _, rules := range []struct {
		name string
		rule func(text string) (string, error)
	}{
		{"categories", aclCategory}, {"commands", aclCommand}, {"keys", aclKey},
		{"channels", func(text string) (string, error) { return "&" + text, nil }},
	} {
		if !a.true(rules.name) {
			a.set(rules.name, &absent)
			continue
		}
		list, ok := elements(a.get(rules.name))
		if !ok {
			return a.m.notIterable(a.get(rules.name))
		}
		if err := a.sendRules(rules.name, list, func(_ int, text string) (string, error) { return rules.rule(text) }); err != nil {
			return err
		}
	}
	return a.sendSelectors()
}

// sendRules makes a rule of the text of each element.
func (a *args) sendRules(name string, list []pyjson.Value, rule func(i int, text string) (string, error)) error {
	var words []pyjson.Value
	for i := range list {
		text, err := a.m.encode(&list[i])
		if err != nil {
			return err
		}
		if text, err = rule(i, text); err != nil {
			return err
		}
		words = append(words, pyjson.Value{Kind: pyjson.Bytes, Text: text})
	}
	a.send(name, words)
	return nil
}

func (a *args) sendPasswords(name, what, add, remove string) error {
	v := a.get(name)
	if !truthy(v) {
		a.set(name, &absent)
		return nil
	}
	list, ok := elements(v)
	if !ok || v.Kind == pyjson.String {
		list = []pyjson.Value{*v}
	}
	return a.sendRules(name, list, func(i int, password string) (string, error) {
		switch {
		case strings.HasPrefix(password, "+"):
			return add + password[1:], nil
		case strings.HasPrefix(password, "-"):
			return remove + password[1:], nil
		}
		return "", dataError(`%s %d must be prefixed with a "+" to add or a "-" to remove`, what, i)
	})
}

func (a *args) sendSelectors() error {
	selectors := a.get("selectors")
	if !truthy(selectors) {
		a.set("selectors", &absent)
		return nil
	}
	pairs, err := a.m.pairs(selectors)
	if err != nil {
		return err
	}
	var words []pyjson.Value
	for _, pair := range pairs {
		text, err := a.m.encode(&pair[0])
		if err != nil {
			return err
		}
		command, err := aclCommand(text)
		if err != nil {
			return err
		}
		if text, err = a.m.encode(&pair[1]); err != nil {
			return err
		}
		key, _ := aclKey(text)
		words = append(words, pyjson.Value{Kind: pyjson.Bytes, Text: "(" + command + " " + key + ")"})
	}
	a.send("selectors", words)
	return nil
}

func aclCategory(text string) (string, error) {
	if text == "" || text[0] != '+' && text[0] != '-' {
		return "", dataError(`Category "%s" must be prefixed with "+" or "-"`, text)
	}
	return text[:1] + "@" + strings.TrimPrefix(text[1:], "@"), nil
}

func aclCommand(text string) (string, error) {
	if text == "" || text[0] != '+' && text[0] != '-' {
		return "", dataError(`Command "%s" must be prefixed with "+" or "-"`, text)
	}
	return text, nil
}

func aclKey(text string) (string, error) {
	if !strings.HasPrefix(text, "%") && !strings.HasPrefix(text, "~") {
		text = "~" + text
	}
	return text, nil
}
