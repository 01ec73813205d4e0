package rediscommands

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// keySpec says where keys begin: at the word start, or behind a keyword that is
// looked for from there on. Then numKeys means that the first word is the number
// of keys that follow it. Else they are every step-th word as far as last, which
// counts from the first one, or from the end where it is negative. A half is the
// first half of the words that are left: keys, followed by as much of something
// else.
type keySpec struct {
	start   int
	keyword string
	numKeys bool
	last    int
	step    int
	half    bool
	access  string // what becomes of the keys, as Redis's flags say it
}

// Key is a key of a call and what becomes of it: flags of Redis such as "RW access
// update", where access is for what is read.
type Key struct{ Name, Access string }

// Reads reports whether what the key holds, or something of it, is told or copied.
func (k Key) Reads() bool { return k.has("access") }

// Writes reports whether what the key holds may be changed.
func (k Key) Writes() bool { return k.has("insert") || k.has("delete") || k.has("update") }

func (k Key) has(flag string) bool { return slices.Contains(strings.Fields(k.Access), flag) }

// HasKeys reports whether a call may have keys.
func (c *Command) HasKeys() bool {
	return c.keys != nil || c.Name == "SORT" || c.Name == "SORT_RO" || c.Name == "MIGRATE"
}

// Keys returns the words of a call that are keys. There is an error where they
// cannot be told, because Redis would refuse the call.
//
// Keys that are not named in a call are not among them: those that SORT finds by
// its patterns BY and GET, and those that a script uses without saying so.
func (c *Command) Keys(argv []string) ([]string, error) {
	keys, err := c.KeysAndAccess(argv)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, key := range keys {
		names = append(names, key.Name)
	}
	return names, nil
}

// KeysAndAccess is Keys with what becomes of each.
func (c *Command) KeysAndAccess(argv []string) ([]Key, error) {
	if c.Arity >= 0 && len(argv) != c.Arity || len(argv) < -c.Arity {
		return nil, fmt.Errorf("%d words do not fit %s", len(argv), c.Name)
	}
	switch c.Name {
	case "SORT", "SORT_RO":
		return sortKeys(argv), nil
	case "MIGRATE":
		return migrateKeys(argv), nil
	}
	var keys []Key
	for i := range c.keys {
		found, err := c.keys[i].find(argv)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		for _, name := range found {
			keys = append(keys, Key{name, c.access(&c.keys[i], argv)})
		}
	}
	return keys, nil
}

// access is what becomes of the keys of a specification, which options may change.
func (c *Command) access(s *keySpec, argv []string) string {
	switch c.Name {
	case "SET":
		if !slices.ContainsFunc(argv[min(3, len(argv)):], func(word string) bool { return strings.EqualFold(word, "GET") }) {
			return "OW update"
		}
		return "RW access update"
	case "BITFIELD":
		for i := 2; i < len(argv); i++ {
			switch strings.ToUpper(argv[i]) {
			case "GET":
				i += 2
			case "OVERFLOW":
				i++
			default:
				return "RW access update"
			}
		}
		return "RO access"
	}
	return s.access
}

func (s *keySpec) find(argv []string) ([]string, error) {
	first := s.start
	if s.keyword != "" {
		for first < len(argv) && !strings.EqualFold(argv[first], s.keyword) {
			first++
		}
		if first++; first >= len(argv) {
			return nil, nil // an option that is not there
		}
	}
	rest := argv[min(first, len(argv)):]
	if s.numKeys {
		if len(rest) == 0 {
			return nil, errors.New("no number of keys")
		}
		n, err := strconv.Atoi(rest[0])
		if err != nil || n < 0 || n >= len(rest) {
			return nil, fmt.Errorf("%.40q is no number of keys", rest[0])
		}
		return rest[1 : 1+n], nil
	}
	n := s.last + 1
	switch {
	case s.half:
		n = len(rest) / 2
	case s.last < 0:
		n = len(rest) + s.last + 1
	}
	if n < 1 || n > len(rest) {
		return nil, errors.New("no key")
	}
	var keys []string
	for i := 0; i < n; i += s.step {
		keys = append(keys, rest[i])
	}
	return keys, nil
}

// sortKeys is the key that is sorted, and the last one for the result. Redis
// has no specification for it, as the values of other options may look the same.
func sortKeys(argv []string) []Key {
	keys := []Key{{argv[1], "RO access"}}
	var store []Key
	for i := 2; i < len(argv); i++ {
		switch strings.ToUpper(argv[i]) {
		case "LIMIT":
			i += 2
		case "GET", "BY":
			i++
		case "STORE":
			if i+1 < len(argv) {
				i++
				store = []Key{{argv[i], "OW update"}}
			}
		}
	}
	return append(keys, store...)
}

// migrateKeys is the key of MIGRATE, or if that is empty all after KEYS.
func migrateKeys(argv []string) []Key {
	const access = "RW access delete"
	if argv[3] != "" {
		return []Key{{argv[3], access}}
	}
	for i := 6; i < len(argv); i++ {
		switch strings.ToUpper(argv[i]) {
		case "AUTH":
			i++
		case "AUTH2":
			i += 2
		case "KEYS":
			var keys []Key
			for _, name := range argv[i+1:] {
				keys = append(keys, Key{name, access})
			}
			return keys
		}
	}
	return nil
}
