package resp

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/rediscommands"
)

// rights are what a user may do. They do not change: ACL SETUSER makes others.
type rights struct {
	on, nopass bool
	payload    string   // of RESTORE: the rule that was given, which makes no difference here
	passwords  []string // SHA-256, in hexadecimal
	commands   commandRights
	keys       []keyRule
	channels   []channelRule
	full       bool // there is nothing that the user may not do
}

// keyRule allows keys of a pattern to be read, written, or both.
type keyRule struct {
	text        string
	pattern     *keyspace.Pattern
	read, write bool
}

type channelRule struct {
	text    string
	pattern *keyspace.Pattern
}

const everything = "*"

// newRights are those of a user that nothing is known of.
func newRights() *rights {
	r := &rights{}
	r.commands.setAll(false)
	return r
}

// defaultRights are those of the user default, of every Server.
var defaultRights = sync.OnceValue(func() *rights {
	r, err := newRights().with([]string{"on", "nopass", "~*", "&*", "+@all"})
	if err != nil {
		panic(err)
	}
	return r
})

// with returns these rights with rules applied to them.
func (r *rights) with(rules []string) (*rights, error) {
	next := *r
	next.passwords, next.keys, next.channels = slices.Clone(r.passwords), slices.Clone(r.keys), slices.Clone(r.channels)
	next.commands = r.commands.clone()
	for _, rule := range rules {
		if problem := next.apply(rule); problem != "" {
			return nil, errRule(rule, problem)
		}
		if next.size() > maxRules {
			return nil, errRule(rule, "the user has too many rules")
		}
	}
	next.full = next.commands.all() && next.allKeys(true, true) && next.allChannels()
	return &next, nil
}

// maxRules is how many passwords, patterns of keys and of channels, and first arguments
// of commands a user has.
const maxRules = 1000

func (r *rights) size() int {
	n := len(r.passwords) + len(r.keys) + len(r.channels)
	for _, args := range r.commands.args {
		n += len(args)
	}
	return n
}

const wrongRule = "Syntax error"

func (r *rights) apply(rule string) (problem string) {
	switch strings.ToLower(rule) {
	case "on":
		r.on = true
	case "off":
		r.on = false
	case "nopass":
		r.nopass, r.passwords = true, nil
	case "resetpass":
		r.nopass, r.passwords = false, nil
	case "sanitize-payload", "skip-sanitize-payload":
		r.payload = strings.ToLower(rule)
	case "allkeys":
		return r.allowKeys("~" + everything)
	case "resetkeys":
		r.keys = nil
	case "allchannels":
		return r.allowChannels(everything)
	case "resetchannels":
		r.channels = nil
	case "allcommands":
		r.commands.setAll(true)
	case "nocommands":
		r.commands.setAll(false)
	case "clearselectors", "":
	case "reset":
		*r = *newRights()
		r.payload = "sanitize-payload"
	default:
		return r.applyPrefixed(rule)
	}
	return ""
}

func (r *rights) applyPrefixed(rule string) (problem string) {
	switch value := rule[1:]; rule[0] {
	case '>', '#':
		if rule[0] == '>' {
			value = hashOf(value)
		} else if !isHash(value) {
			return wrongHash
		}
		if r.nopass = false; !slices.Contains(r.passwords, value) {
			r.passwords = append(r.passwords, value)
		}
	case '<', '!':
		if rule[0] == '<' {
			value = hashOf(value)
		} else if !isHash(value) {
			return wrongHash
		}
		i := slices.Index(r.passwords, value)
		if i < 0 {
			return "The password you are trying to remove from the user does not exist"
		}
		r.passwords = slices.Delete(r.passwords, i, i+1)
	case '~', '%':
		return r.allowKeys(rule)
	case '&':
		return r.allowChannels(value)
	case '+', '-':
		return r.commands.apply(rule)
	case '(':
		return "selectors are not supported here"
	default:
		return wrongRule
	}
	return ""
}

const wrongHash = "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"

func hashOf(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}

func isHash(text string) bool { return len(text) == 64 && strings.Trim(text, "0123456789abcdef") == "" }

// allowKeys applies ~pattern or, with what it is for, %RW~pattern.
func (r *rights) allowKeys(rule string) (problem string) {
	k := keyRule{read: true, write: true}
	if how, text, ok := strings.Cut(rule, "~"); ok {
		k.text = text
		if flags := strings.ToUpper(how); flags != "" {
			k.read, k.write = strings.Contains(flags, "R"), strings.Contains(flags, "W")
			if flags == "%" || strings.Trim(flags[1:], "RW") != "" {
				return wrongRule
			}
		}
	} else {
		return wrongRule
	}
	if strings.ContainsAny(k.text, " \t\r\n\x00") {
		return wrongRule
	}
	if r.allKeys(true, true) && k.text != everything {
		return "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns"
	}
	pattern, err := keyspace.ParsePattern(k.text)
	if err != nil {
		return err.Error()
	}
	k.pattern = pattern
	if k.text == everything && k.read && k.write {
		r.keys = nil
	}
	if i := slices.IndexFunc(r.keys, func(o keyRule) bool { return o.text == k.text }); i >= 0 {
		r.keys[i].read, r.keys[i].write = r.keys[i].read || k.read, r.keys[i].write || k.write
		return ""
	}
	r.keys = append(r.keys, k)
	return ""
}

func (r *rights) allowChannels(text string) (problem string) {
	switch {
	case strings.ContainsAny(text, " \t\r\n\x00"):
		return wrongRule
	case r.allChannels() && text != everything:
		return "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels"
	}
	pattern, err := keyspace.ParsePattern(text)
	if err != nil {
		return err.Error()
	}
	if text == everything {
		r.channels = nil
	}
	if !slices.ContainsFunc(r.channels, func(c channelRule) bool { return c.text == text }) {
		r.channels = append(r.channels, channelRule{text, pattern})
	}
	return ""
}

// allKeys reports whether every key may be read, or written, or both.
func (r *rights) allKeys(read, write bool) bool {
	return slices.ContainsFunc(r.keys, func(k keyRule) bool { return k.text == everything && (k.read || !read) && (k.write || !write) })
}

func (r *rights) allChannels() bool {
	return slices.ContainsFunc(r.channels, func(c channelRule) bool { return c.text == everything })
}

// knows reports whether the password is one of the user's.
func (r *rights) knows(password string) bool {
	return r.nopass || slices.Contains(r.passwords, hashOf(password))
}

func (r *rights) allowsKey(key rediscommands.Key) bool {
	return slices.ContainsFunc(r.keys, func(k keyRule) bool {
		return (k.read || !key.Reads()) && (k.write || !key.Writes()) && k.pattern.Match(key.Name)
	})
}

// allowsChannel is about a channel or, as a whole, a pattern of some.
func (r *rights) allowsChannel(name string, isPattern bool) bool {
	return r.allChannels() || slices.ContainsFunc(r.channels, func(c channelRule) bool {
		return c.text == name || !isPattern && c.pattern.Match(name)
	})
}

func (r *rights) flags() []string {
	flags := []string{"off"}
	if r.on {
		flags[0] = "on"
	}
	if r.nopass {
		flags = append(flags, "nopass")
	}
	if r.payload != "" {
		flags = append(flags, r.payload)
	}
	return flags
}

func (r *rights) keyText() string {
	var texts []string
	for _, k := range r.keys {
		switch {
		case k.read && k.write:
			texts = append(texts, "~"+k.text)
		case k.read:
			texts = append(texts, "%R~"+k.text)
		default:
			texts = append(texts, "%W~"+k.text)
		}
	}
	return strings.Join(texts, " ")
}

func (r *rights) channelText() string {
	var texts []string
	for _, c := range r.channels {
		texts = append(texts, "&"+c.text)
	}
	return strings.Join(texts, " ")
}

// String is the user's line in ACL LIST, without its name.
func (r *rights) String() string {
	words := r.flags()
	for _, password := range r.passwords {
		words = append(words, "#"+password)
	}
	if keys := r.keyText(); keys != "" {
		words = append(words, keys)
	}
	if !r.allChannels() {
		words = append(words, "resetchannels")
	}
	if channels := r.channelText(); channels != "" {
		words = append(words, channels)
	}
	return strings.Join(append(words, r.commands.String()), " ")
}
