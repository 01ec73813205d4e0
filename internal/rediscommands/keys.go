package rediscommands

import (
	"errors"
	"fmt"
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
}

// Keys returns the words of a call that are keys. There is an error where they
// cannot be told, because Redis would refuse the call.
//
// Keys that are not named in a call are not among them: those that SORT finds by
// its patterns BY and GET, and those that a script uses without saying so.
func (c *Command) Keys(argv []string) ([]string, error) {
	if c.Arity >= 0 && len(argv) != c.Arity || len(argv) < -c.Arity {
		return nil, fmt.Errorf("%d words do not fit %s", len(argv), c.Name)
	}
	switch c.Name {
	case "SORT", "SORT_RO":
		return sortKeys(argv), nil
	case "MIGRATE":
		return migrateKeys(argv), nil
	}
	var keys []string
	for i := range c.keys {
		found, err := c.keys[i].find(argv)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		keys = append(keys, found...)
	}
	return keys, nil
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
func sortKeys(argv []string) []string {
	keys := argv[1:2:2]
	var store []string
	for i := 2; i < len(argv); i++ {
		switch strings.ToUpper(argv[i]) {
		case "LIMIT":
			i += 2
		case "GET", "BY":
			i++
		case "STORE":
			if i+1 < len(argv) {
				i++
				store = argv[i : i+1]
			}
		}
	}
	return append(keys, store...)
}

// migrateKeys is the key of MIGRATE, or if that is empty all after KEYS.
func migrateKeys(argv []string) []string {
	if argv[3] != "" {
		return argv[3:4]
	}
	for i := 6; i < len(argv); i++ {
		switch strings.ToUpper(argv[i]) {
		case "AUTH":
			i++
		case "AUTH2":
			i += 2
		case "KEYS":
			return argv[i+1:]
		}
	}
	return nil
}
