package pycall

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/znsocket/znsocket/internal/pyjson"
)

// Spell is Bind backwards: the redis-py call that sends a command, with its
// [args, kwargs] as JSON. A command whose words no method sends becomes an
// execute_command, which only a Python server over Redis answers. Words that
// are not UTF-8 cannot be told to Python and give an *Error.
//
// The answer to a call has the shape that redis-py gives it. Beside what Redis
// itself would answer, it is
//
//	true, or false          for COPY, MOVE, RENAMENX, PERSIST, EXPIREAT, PEXPIRE, PEXPIREAT, MSETNX, SETNX, SETEX,
//	                        PSETEX, HMSET and PING, from redis-py also for EXPIRE, HEXISTS and SMOVE, for 1, OK and PONG
//	true                    for SET (null where NX or XX was not met), MSET, LSET, LTRIM, RENAME, FLUSHDB, FLUSHALL, SWAPDB
//	null                    from the Python store for SADD, LSET, LINSERT, FLUSHALL, and for LREM with a count
//	a number                for INCRBYFLOAT, HINCRBYFLOAT and scores, save those of ZDIFF, ZRANDMEMBER and ZMPOP
//	a list, and type "set"  for SMEMBERS, SINTER, SUNION, SDIFF
//	an object               for HGETALL, and in the second part of HSCAN
//	[[member, score], …]    for the sorted sets' ranges, unions, intersections and pops with scores, and for ZSCAN
//	[number, number]        for TIME
//
// and for the commands that only a Redis server has what their method of redis-py
// makes of it.
func Spell(argv []string) (event string, payload []byte, err error) {
	if len(argv) == 0 {
		return "", nil, &Error{"IndexError", "tuple index out of range"}
	}
	for _, text := range argv {
		if !utf8.ValidString(text) {
			return "", nil, dataError("a text that is not UTF-8 cannot be sent to a Python server: %.40q", text)
		}
	}
	command := strings.ToUpper(argv[0])
	rest := argv[1:]
	if len(rest) == 1 && (command == "INCR" || command == "DECR") { // in redis-py: by 1
		command, rest = command+"BY", []string{rest[0], "1"}
	}
	m := spellings[command]
	if len(rest) > 0 {
		if sub := spellings[command+" "+strings.ToUpper(rest[0])]; sub != nil {
			m, rest = sub, rest[1:]
		}
	}
	if m != nil {
		s := speller{m: m, rest: rest, count: -1}
		if s.match() {
			if payload = s.payload(); m.check == nil || m.sends(payload, rest) {
				return m.name, payload, nil
			}
		}
	}
	payload = append([]byte("["), appendTexts(nil, argv)...)
	return executeCommand.name, append(payload, ",{}]"...), nil
}

// sends reports whether a method that is called with payload sends those words
// after the command, in whatever order. Some refuse what Redis would refuse in
// its own words, and some send other words for an argument.
func (m *Method) sends(payload []byte, words []string) bool {
	v, err := pyjson.Parse(payload, nil)
	if err != nil {
		return false
	}
	call, err := m.bind(&v)
	if err != nil {
		return false
	}
	sorted := func(words []string) []string {
		words = slices.Clone(words)
		for i, word := range words {
			words[i] = strings.ToUpper(word)
		}
		slices.Sort(words)
		return words
	}
	return slices.Equal(sorted(words), sorted(call.Argv[1+strings.Count(m.command, " "):]))
}

// speller finds the arguments of a method that sends the words of rest.
type speller struct {
	m       *Method
	rest    []string          // what has no argument yet
	vals    [maxParams][]byte // in JSON, of each parameter; nil for one that is left out
	byName  [maxParams]bool   // for options: other servers have them at other places
	further []string          // of *args
	count   int               // how many elements the next list has; -1 for all
}

// match takes the words one by one and reports whether they come out even.
func (s *speller) match() bool {
	words := s.m.words[1+strings.Count(s.m.command, " "):]
	for i := 0; i < len(words); i++ {
		w := &words[i]
		switch w.form {
		case argument:
			if !s.take(w.param, w.number) {
				return false
			}
		case given, pair, flag, present, changed:
			if w.text == "" {
				if len(s.rest) > 0 {
					s.take(w.param, w.number)
					if w.form == pair && !s.take(w.second, w.number) {
						return false
					}
				}
				continue
			}
			n := 1
			for i+n < len(words) && words[i+n].isOption() {
				n++
			}
			if !s.options(words[i : i+n]) {
				return false
			}
			i += n - 1
		case further:
			if i < len(words)-1 {
				return false
			}
			s.further, s.rest = s.rest, nil
		case count:
			n, err := strconv.Atoi(s.first())
			if err != nil || n < 1 || n >= len(s.rest) {
				return false
			}
			s.count, s.rest = n, s.rest[1:]
		case each, listOrArgs:
			if !s.m.params[w.param].required {
				continue
			}
			if !s.list(w.param, i == len(words)-1) {
				return false
			}
		case keyValue:
			if len(s.rest) == 2 {
				s.take(w.param, false)
				s.take(w.second, false)
				i++ // instead of the mapping
			}
		case fields, scores:
			if !s.mapping(w) {
				return false
			}
		case fixed:
			return false
		}
	}
	return len(s.rest) == 0
}

func (w *word) isOption() bool {
	return w.text != "" && (w.form == given || w.form == pair || w.form == flag || w.form == present || w.form == changed)
}

// first returns the next word, "" at the end.
func (s *speller) first() string {
	if len(s.rest) == 0 {
		return ""
	}
	return s.rest[0]
}

// take makes the next word the argument for a parameter.
func (s *speller) take(param int, number bool) bool {
	if len(s.rest) == 0 {
		return false
	}
	s.vals[param] = appendArgument(nil, s.rest[0], number)
	s.rest = s.rest[1:]
	return true
}

// options takes options as long as the next word is one.
func (s *speller) options(words []word) bool {
next:
	for len(s.rest) > 0 {
		for i := range words {
			w := &words[i]
			if !strings.EqualFold(w.text, s.rest[0]) {
				continue
			}
			if s.byName[w.param] {
				return false // Redis refuses what is there twice, or takes the last
			}
			s.rest = s.rest[1:]
			s.byName[w.param] = true
			switch w.form {
			case flag, present:
				s.vals[w.param] = []byte("true")
			case pair:
				s.byName[w.second] = true
				if !s.take(w.param, w.number) || !s.take(w.second, w.number) {
					return false
				}
			default:
				if !s.take(w.param, w.number) {
					return false
				}
			}
			continue next
		}
		return true
	}
	return true
}

// list takes as many words as count said for a list; all where it is the last
// part and nothing was said.
func (s *speller) list(param int, last bool) bool {
	n := s.count
	if n < 0 && last {
		n = len(s.rest)
	}
	if n <= 0 {
		return false
	}
	s.vals[param] = appendTexts(nil, s.rest[:n])
	s.rest = s.rest[n:]
	return true
}

// mapping takes all words in pairs. An object cannot have a key twice.
func (s *speller) mapping(w *word) bool {
	if len(s.rest) == 0 || len(s.rest)%2 != 0 {
		return false
	}
	dst := []byte("{")
	seen := make(map[string]bool, len(s.rest)/2)
	for i := 0; i < len(s.rest); i += 2 {
		key, value := s.rest[i], s.rest[i+1]
		if w.form == scores {
			key, value = value, key
		}
		if seen[key] {
			return false
		}
		seen[key] = true
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(pyjson.AppendString(dst, key), ':')
		dst = appendArgument(dst, value, w.form == scores)
	}
	s.vals[w.param], s.rest = append(dst, '}'), nil
	return true
}

// payload writes what was found: by position as far as that goes.
func (s *speller) payload() []byte {
	dst := []byte("[[")
	n := 0
	separate := func(first byte) {
		if dst[len(dst)-1] != first {
			dst = append(dst, ',')
		}
	}
	for ; n < s.m.positional && s.vals[n] != nil && !s.byName[n]; n++ {
		separate('[')
		dst = append(dst, s.vals[n]...)
	}
	for _, text := range s.further {
		separate('[')
		dst = pyjson.AppendString(dst, text)
	}
	dst = append(dst, "],{"...)
	for ; n < len(s.m.params); n++ {
		if s.vals[n] != nil {
			separate('{')
			dst = append(pyjson.AppendString(dst, s.m.params[n].name), ':')
			dst = append(dst, s.vals[n]...)
		}
	}
	return append(dst, "}]"...)
}

// appendArgument appends a word, as a number where that is meant and it is an
// integer: the Python server's own store computes with it.
func appendArgument(dst []byte, text string, number bool) []byte {
	if n, err := strconv.ParseInt(text, 10, 64); number && err == nil && strconv.FormatInt(n, 10) == text {
		return append(dst, text...)
	}
	return pyjson.AppendString(dst, text)
}

func appendTexts(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, text := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = pyjson.AppendString(dst, text)
	}
	return append(dst, ']')
}
