package pycall

import (
	"slices"

	"github.com/znsocket/znsocket/internal/pyjson"
)

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
				if w.text != "" {
					argv = append(argv, w.text)
				}
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
			if v.Kind == pyjson.Null && !a.m.params[w.param].required {
				continue
			}
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
		case countFurther:
			add(integer(len(a.rest)))
		case listOrArgs:
			if v.Kind == pyjson.String {
				add(v)
			} else if elements, ok := elements(v); ok {
				addAll(elements)
			} else {
				add(v)
			}
			addAll(a.rest)
		case fields, scores:
			if v.Kind != pyjson.Object {
				return nil, a.m.noAttribute(v, "items")
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
				if w.text != "" {
					argv = append(argv, w.text)
				}
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

// send replaces an argument by a list: the words that are sent for it.
func (a *args) send(name string, words []pyjson.Value) {
	a.set(name, &pyjson.Value{Kind: pyjson.Array, Items: words})
}

// given reports whether an argument is not None.
func (a *args) given(name string) bool { return a.get(name).Kind != pyjson.Null }

// true reports whether an argument counts as true.
func (a *args) true(name string) bool { return truthy(a.get(name)) }

// forget makes None of an argument that counts as false, and reports whether it
// is there yet.
func (a *args) forget(name string) bool {
	if a.true(name) {
		return true
	}
	a.set(name, &absent)
	return false
}

// is reports whether an argument is one of some texts.
func (a *args) is(name string, texts ...string) bool {
	v := a.get(name)
	return v.Kind == pyjson.String && slices.Contains(texts, v.Text)
}
