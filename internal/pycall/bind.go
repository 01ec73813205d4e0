package pycall

import (
	"strings"

	"github.com/znsocket/znsocket/internal/pyjson"
)

// Bind makes the command of a call. payload is the call's [args, kwargs]; any
// parameter may come by position or by name, as in Python. The error is an
// *Error. Argv is never empty; what execute_command names need not be a command.
func (m *Method) Bind(payload *pyjson.Value) (Call, error) {
	call, err := m.bind(payload)
	own(call.Argv)
	return call, err
}

// shareLimit is how many bytes of words share one allocation. A short word that
// is kept from many would hold all of them.
const shareLimit = 512

// own moves the words out of the memory of the payload they were read from.
func own(argv []string) {
	size := 0
	for _, word := range argv {
		size += len(word)
	}
	if size > shareLimit {
		for i, word := range argv {
			argv[i] = strings.Clone(word)
		}
		return
	}
	var room [shareLimit]byte
	all := room[:0]
	for _, word := range argv {
		all = append(all, word...)
	}
	shared := string(all)
	for i, word := range argv {
		argv[i], shared = shared[:len(word)], shared[len(word):]
	}
}

func (m *Method) bind(payload *pyjson.Value) (Call, error) {
	if payload.Kind != pyjson.Array || len(payload.Items) != 2 ||
		payload.Items[0].Kind != pyjson.Array || payload.Items[1].Kind != pyjson.Object {
		return Call{}, m.invalid("the payload must be [args, kwargs], an array and an object")
	}
	pos, kw := payload.Items[0].Items, &payload.Items[1]
	if len(kw.Keys) == 0 {
		if argv := m.bindDirect(pos); argv != nil {
			return Call{Argv: argv, shape: m.reply.shape}, nil
		}
	}

	a := &args{m: m}
	if err := a.take(pos, kw); err != nil {
		return Call{}, err
	}
	if m.check != nil {
		if err := m.check(a); err != nil {
			return Call{}, err
		}
	}
	argv, err := a.argv()
	if err != nil {
		return Call{}, err
	}
	if m == executeCommand {
		return bindCommand(argv, kw), nil
	}
	if m.reply.shape == asIsOrEmpty && len(argv) == 1 {
		return Call{Argv: []string{"PING"}, shape: nothing}, nil
	}
	shape, err := a.shape()
	if m.command == "CLUSTER" && len(argv) > 1 {
		shape = clusterReplies[argv[1]]
	}
	return Call{argv, shape, a.groups()}, err
}

// checksOptions are the methods whose check looks at options alone: where there
// are none, it has nothing to say.
var checksOptions = map[string]bool{
	"getex": true, "hset": true, "lcs": true, "set": true, "xrange": true, "xrevrange": true,
	"zrange": true, "zrangebylex": true, "zrangebyscore": true, "zrangestore": true, "zrevrangebylex": true, "zrevrangebyscore": true,
}

// countDirect returns how many of the first parameters, when they and no others
// are given, are the command's words as they stand; -1 for a method that has no
// such form. With parameters left out, the other words of such a method come to
// nothing.
func (m *Method) countDirect() int {
	if m.check != nil && !checksOptions[m.name] {
		return -1
	}
	n := 0
	for i, w := range m.words {
		switch w.form {
		case fixed:
			if i > 0 {
				return -1
			}
		case argument:
			if w.param != n {
				return -1
			}
			n++
		case keyValue:
			if w.param != n {
				return -1
			}
			n += 2
		case further:
			if i < len(m.words)-1 {
				return -1
			}
		case count, countFurther, listOrArgs, scores, weights:
			return -1
		case flag:
			if truthy(&m.params[w.param].value) {
				return -1
			}
		case each, fields:
			if m.params[w.param].required {
				return -1
			}
		}
	}
	return n
}

// bindDirect is the short way for the calls that are made most: the arguments
// are the words. It returns nil where it does not apply.
func (m *Method) bindDirect(pos []pyjson.Value) []string {
	if m.direct < 0 || len(pos) > m.direct && !m.star {
		return nil
	}
	argv := make([]string, 1, 1+max(len(pos), m.direct))
	argv[0] = m.words[0].text
	for i := range pos {
		if !plain(&pos[i]) {
			return nil
		}
		argv = append(argv, pos[i].Text)
	}
	for i := len(pos); i < m.direct; i++ {
		value := &m.params[i].value
		if !plain(value) {
			return nil // None, which is no word, or required
		}
		argv = append(argv, value.Text)
	}
	return argv
}

// plain reports whether the text of a value is the word it is sent as.
func plain(v *pyjson.Value) bool {
	switch v.Kind {
	case pyjson.String, pyjson.Int, pyjson.Bytes:
		return true
	case pyjson.Float:
		return v.Text[len(v.Text)-1] <= '9' // NaN and Infinity are sent in other words
	}
	return false
}

// bindCommand binds what execute_command was given. As in redis-py, the command
// may be more than one word, and the reply is that of what was named so: CONFIG
// GET is not CONFIG with the argument GET.
func bindCommand(argv []string, options *pyjson.Value) Call {
	name := strings.ToUpper(argv[0])
	if words := strings.Fields(argv[0]); len(words) > 1 {
		argv = append(words, argv[1:]...)
	}
	r := replies[name]
	if v, ok := options.Get(r.option); ok && truthy(v) {
		return Call{Argv: argv, shape: r.chosen}
	}
	return Call{Argv: argv, shape: r.shape}
}
