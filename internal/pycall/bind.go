package pycall

import (
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// Bind makes the command of a call. payload is the call's [args, kwargs]; any
// parameter may come by position or by name, as in Python. The error is an
// *Error, or one of package keyspace for a command that execute_command names
// and that does not exist. Argv is never empty.
func (m *Method) Bind(payload *pyjson.Value) (Call, error) {
	if payload.Kind != pyjson.Array || len(payload.Items) != 2 ||
		payload.Items[0].Kind != pyjson.Array || payload.Items[1].Kind != pyjson.Object {
		return Call{}, m.invalid("the payload must be [args, kwargs], an array and an object")
	}
	pos, kw := payload.Items[0].Items, &payload.Items[1]
	if len(kw.Keys) == 0 {
		if argv := m.bindDirect(pos); argv != nil {
			return Call{argv, m.reply.shape}, nil
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
		return bindCommand(argv, kw)
	}
	if m.reply.shape == asIsOrEmpty && len(argv) == 1 {
		return Call{[]string{"PING"}, nothing}, nil
	}
	shape, err := a.shape()
	return Call{argv, shape}, err
}

// countDirect returns how many of the first parameters, when they and no others
// are given, are the command's words as they stand; -1 for a method that has no
// such form. With parameters left out, the other words of such a method come to
// nothing.
func (m *Method) countDirect() int {
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
		case count, listOrArgs, scores, weights:
			return -1
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
		p := &m.params[i]
		if p.required || !plain(&p.value) {
			return nil
		}
		argv = append(argv, p.value.Text)
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
// may be more than one word.
func bindCommand(argv []string, options *pyjson.Value) (Call, error) {
	name := strings.ToUpper(argv[0])
	if words := strings.Fields(argv[0]); len(words) > 1 {
		argv = append(words, argv[1:]...)
	}
	if _, err := keyspace.Find(argv); err != nil {
		return Call{}, err
	}
	r := replies[name]
	if v, ok := options.Get(r.option); ok && truthy(v) {
		return Call{argv, r.chosen}, nil
	}
	return Call{argv, r.shape}, nil
}

// args are the arguments of a call, each in the place of its parameter.
type args struct {
	m    *Method
	vals [maxParams]*pyjson.Value
	rest []pyjson.Value // of *args
}

// take assigns the arguments to the parameters as Python does, and refuses in
// its order and its words. Python counts self as an argument.
func (a *args) take(pos []pyjson.Value, kw *pyjson.Value) error {
	m := a.m
	placed := min(len(pos), m.positional)
	for i := range placed {
		a.vals[i] = &pos[i]
	}
	a.rest = pos[placed:]
	for i, name := range kw.Keys {
		p := m.index(name)
		switch {
		case name == "self" || p >= 0 && p < placed:
			return m.misfit("got multiple values for argument '%s'", name)
		case p >= 0:
			a.vals[p] = &kw.Items[i]
		case !m.open:
			return m.misfit("got an unexpected keyword argument '%s'", name)
		}
	}
	if len(a.rest) > 0 && !m.star {
		return m.tooMany(1 + len(pos))
	}
	if missing := a.missing(0, m.positional); len(missing) > 0 {
		return m.misfit("missing %d required positional argument%s: %s", len(missing), plural(len(missing)), enumerate(missing))
	}
	if missing := a.missing(m.positional, len(m.params)); len(missing) > 0 {
		return m.misfit("missing %d required keyword-only argument%s: %s", len(missing), plural(len(missing)), enumerate(missing))
	}
	for i := range m.params {
		if a.vals[i] == nil {
			a.vals[i] = &m.params[i].value
		}
	}
	return nil
}

func (a *args) missing(from, to int) []string {
	var names []string
	for i := from; i < to; i++ {
		if p := &a.m.params[i]; p.required && a.vals[i] == nil {
			names = append(names, p.name)
		}
	}
	return names
}

// argv makes the words that are sent.
func (a *args) argv() ([]string, error) {
	argv := make([]string, 0, 2*len(a.m.words)+len(a.rest))
	var err error
	add := func(v *pyjson.Value) {
		text, refusal := a.m.encode(v)
		if err == nil {
			err = refusal
		}
		argv = append(argv, text)
	}
	addAll := func(values []pyjson.Value) {
		for i := range values {
			add(&values[i])
		}
	}
	for i := range a.m.words {
		w := &a.m.words[i]
		v := a.vals[w.param]
		switch w.form {
		case fixed:
			argv = append(argv, w.text)
		case argument:
			add(v)
		case given:
			if v.Kind != pyjson.Null {
				if w.text != "" {
					argv = append(argv, w.text)
				}
				add(v)
			}
		case pair:
			if v.Kind != pyjson.Null {
				argv = append(argv, w.text)
				add(v)
				add(a.vals[w.second])
			}
		case flag:
			if truthy(v) {
				argv = append(argv, w.text)
			}
		case present:
			if v.Kind != pyjson.Null {
				argv = append(argv, w.text)
			}
		case changed:
			if !equalNumbers(v, &a.m.params[w.param].value) {
				argv = append(argv, w.text)
				add(v)
			}
		case further:
			addAll(a.rest)
		case each:
			elements, ok := elements(v)
			if !ok {
				return nil, a.m.invalid("Value after * must be an iterable, not %s", typeName(v))
			}
			addAll(elements)
		case count:
			elements, ok := elements(v)
			if !ok {
				return nil, a.m.unsized(v)
			}
			add(integer(len(elements)))
		case listOrArgs:
			if elements, ok := elements(v); ok && v.Kind != pyjson.String {
				addAll(elements)
			} else {
				add(v)
			}
			addAll(a.rest)
		case fields, scores:
			if v.Kind != pyjson.Object {
				return nil, a.m.invalid("'%s' object has no attribute 'items'", typeName(v))
			}
			eachPair(v, func(key string, value *pyjson.Value) {
				if w.form == scores {
					add(value)
				}
				argv = append(argv, key)
				if w.form == fields {
					add(value)
				}
			})
		case keyValue:
			if v.Kind != pyjson.Null {
				add(v)
				add(a.vals[w.second])
			}
		case weights:
			if v.Kind == pyjson.Object && len(v.Keys) > 0 {
				argv = append(argv, w.text)
				eachPair(v, func(_ string, value *pyjson.Value) { add(value) })
			}
		}
	}
	return argv, err
}

// shape returns what becomes of the reply. Scores are cast to float: the
// functions that redis-py lets its callers name do not travel.
func (a *args) shape() (shape, error) {
	r := &a.m.reply
	chosen := r.option != "" && a.true(r.option)
	if i := a.m.index("score_cast_func"); i >= 0 && a.vals[i] != &a.m.params[i].value && (chosen || r.option == "") {
		return asIs, a.m.invalid("'%s' object is not callable", typeName(a.vals[i]))
	}
	if chosen {
		return r.chosen, nil
	}
	return r.shape, nil
}

// absent is what get returns for a parameter that the method has not got.
var absent pyjson.Value

// get returns the argument for a parameter, its default where it was left out.
func (a *args) get(name string) *pyjson.Value {
	if i := a.m.index(name); i >= 0 {
		return a.vals[i]
	}
	return &absent
}

// set changes the argument for a parameter.
func (a *args) set(name string, v *pyjson.Value) { a.vals[a.m.index(name)] = v }

// given reports whether an argument is not None.
func (a *args) given(name string) bool { return a.get(name).Kind != pyjson.Null }

// true reports whether an argument counts as true.
func (a *args) true(name string) bool { return truthy(a.get(name)) }
