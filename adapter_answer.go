package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/znsocket/znsocket/internal/objectjson"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// This file is how an Adapter answers what the Lists and Dicts of others ask, in
// the form that Python's ListAdapter and DictAdapter answer in.

// provider is a ListProvider or a DictProvider.
type provider struct {
	list ListProvider
	dict DictProvider
}

func providerIn(v any) (provider, bool) {
	switch v := v.(type) {
	case ListProvider:
		return provider{list: v}, true
	case DictProvider:
		return provider{dict: v}, true
	}
	return provider{}, false
}

func (p provider) none() bool { return p.list == nil && p.dict == nil }

func (p provider) prefix() string {
	if p.list != nil {
		return listPrefix
	}
	return dictPrefix
}

// lock locks a provider that can be locked.
func (p provider) lock() (unlock func()) {
	var l sync.Locker
	if p.list != nil {
		l, _ = p.list.(sync.Locker)
	} else {
		l, _ = p.dict.(sync.Locker)
	}
	if l == nil {
		return func() {}
	}
	l.Lock()
	return l.Unlock
}

// inquiry is a question that was read.
type inquiry struct {
	*Adapter
	provider
	key    string // of the adapter that was asked: this one's, or of one inside
	method string
	kwargs *pyjson.Value
}

// respond returns the answer to a question. What goes wrong, also a panic of the
// owner's code, is an answer too.
func (a *Adapter) respond(payload []byte) (text []byte) {
	q := inquiry{Adapter: a}
	defer func() {
		if p := recover(); p != nil {
			text = q.refuse(fmt.Errorf("panic: %v", p))
			slog.Error("adapter panicked", "key", q.key, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	err := q.read(payload)
	if err == nil {
		text, err = q.answer()
	}
	if err != nil {
		return q.refuse(err)
	}
	return text
}

func (q *inquiry) read(payload []byte) error {
	v, err := pyjson.Parse(payload, nil)
	if err != nil {
		return err
	}
	for name, to := range map[string]*string{"key": &q.key, "method": &q.method} {
		found, err := keyword("adapter:get", &v, name, pyjson.String)
		if err != nil {
			return err
		}
		*to = found.Text
	}
	q.kwargs = &v.Items[1]
	q.provider, err = q.find(q.key)
	return err
}

// refuse is an error as an answer: for a single element, which is JSON in a
// text, in that text.
func (q *inquiry) refuse(err error) []byte {
	kind, msg := KindAdapter, err.Error()
	if refused := (*Error)(nil); errors.As(err, &refused) {
		kind, msg = refused.Kind, refused.Msg
	}
	text := pyjson.AppendString([]byte(`{"error":{"msg":`), msg)
	text = append(pyjson.AppendString(append(text, `,"type":`...), kind), "}}"...)
	if q.method == "__getitem__" || q.method == "get" {
		return pyjson.AppendString(nil, string(text))
	}
	return text
}

func (q *inquiry) answer() ([]byte, error) {
	if q.method == "copy" {
		return q.copy()
	}
	defer q.lock()()
	if q.method == "__len__" {
		n := 0
		if q.list != nil {
			n = q.list.Len()
		} else {
			n = len(q.dict.Keys())
		}
		return strconv.AppendInt(nil, int64(n), 10), nil
	}
	if q.list != nil {
		return q.answerList()
	}
	return q.answerDict()
}

func (q *inquiry) answerList() ([]byte, error) {
	switch q.method {
	case "__getitem__":
		i, err := q.number("index", 0)
		if err != nil {
			return nil, err
		}
		n := q.list.Len()
		if i = resolveIndex(i, n); i < 0 || i >= n {
			return nil, &Error{KindIndex, "list index out of range"}
		}
		text, err := q.element(i)
		return pyjson.AppendString(nil, text), err
	case "slice":
		first, count, step, err := q.slice(q.list.Len())
		if err != nil {
			return nil, err
		}
		return listOf(count, func(dst []byte, k int) ([]byte, error) {
			text, err := q.element(first + k*step)
			return pyjson.AppendString(dst, text), err
		})
	}
	return nil, q.unknown()
}

func (q *inquiry) answerDict() ([]byte, error) {
	switch q.method {
	case "__getitem__", "get", "__contains__":
		key, err := keyArgument(q.kwargs)
		if err != nil {
			return nil, err
		}
		v, ok, err := q.dict.Lookup(key)
		switch {
		case err != nil:
			return nil, err
		case q.method == "__contains__":
			return strconv.AppendBool(nil, ok), nil
		case !ok && q.method == "get":
			fallback := "null"
			if def, there := q.kwargs.Get("default"); there {
				fallback = string(pyjson.Append(nil, def))
			}
			return pyjson.AppendString(nil, fallback), nil
		case !ok:
			return nil, &Error{KindKey, "'" + key + "'"}
		}
		text, err := q.textOf(key, v)
		return pyjson.AppendString(nil, text), err
	}
	keys := q.dict.Keys()
	item := func(dst []byte, k int) ([]byte, error) {
		v, ok, err := q.dict.Lookup(keys[k])
		if err == nil && !ok {
			err = &Error{KindKey, "'" + keys[k] + "'"}
		}
		if err != nil {
			return nil, err
		}
		text, err := q.textOf(keys[k], v)
		return pyjson.AppendString(dst, text), err
	}
	switch q.method {
	case "keys":
		return listOf(len(keys), func(dst []byte, k int) ([]byte, error) {
			return pyjson.AppendString(dst, keys[k]), nil
		})
	case "values":
		return listOf(len(keys), item)
	case "items":
		return listOf(len(keys), func(dst []byte, k int) ([]byte, error) {
			dst = append(pyjson.AppendString(append(dst, '['), keys[k]), ',')
			dst, err := item(dst, k)
			return append(dst, ']'), err
		})
	}
	return nil, q.unknown()
}

func (q *inquiry) unknown() error {
	return &Error{KindAdapter, fmt.Sprintf("Method %s not implemented", q.method)}
}

// listOf writes a list of n items.
func listOf(n int, item func(dst []byte, k int) ([]byte, error)) ([]byte, error) {
	dst := []byte{'['}
	for k := range n {
		if k > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = item(dst, k); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// element is the JSON text of an element of the list.
func (q *inquiry) element(i int) (string, error) {
	v, err := q.list.At(i)
	if err != nil {
		return "", err
	}
	return q.textOf(strconv.Itoa(i), v)
}

// textOf is the JSON text of a value; of one that is a provider, its key.
func (q *inquiry) textOf(name string, v any) (string, error) {
	if inner, ok := providerIn(v); ok {
		key := inner.prefix() + q.key + ":" + name
		if err := q.host.nested(q.Adapter, key); err != nil {
			return "", err
		}
		return jsonText(key), nil
	}
	text, err := objectjson.Encode(v, q.nanAsNull)
	return string(text), err
}

func jsonText(s string) string { return string(pyjson.AppendString(nil, s)) }

// slice reads the bounds of a Python slice of n elements. Python's List has
// counted them all from the begin: where it goes backwards, its -1 is the place
// before that, and not the last one.
func (q *inquiry) slice(n int) (first, count, step int, err error) {
	if step, err = q.number("step", 1); err != nil {
		return 0, 0, 0, err
	}
	openStart, openStop := Begin, End
	if step < 0 {
		openStart, openStop = End, Begin
	}
	start, err := q.number("start", openStart)
	if err != nil {
		return 0, 0, 0, err
	}
	stop, err := q.number("stop", openStop)
	switch {
	case err != nil:
		return 0, 0, 0, err
	case step == 0:
		return 0, 0, 0, errStepZero
	case step < 0 && start != End && min(start, stop) == -1:
		start, stop = beforeFirst(start), beforeFirst(stop)
	}
	first, count = pySlice(n, start, stop, step)
	return first, count, step, nil
}

// beforeFirst is a place that was counted from the begin, as a bound.
func beforeFirst(place int) int {
	if place == -1 {
		return Begin
	}
	return place
}

// number returns an argument, or what it is where it is left out or null.
func (q *inquiry) number(name string, otherwise int) (int, error) {
	v, ok := q.kwargs.Get(name)
	if !ok || v.Kind == pyjson.Null {
		return otherwise, nil
	}
	n, err := strconv.Atoi(v.Text)
	if v.Kind != pyjson.Int || err != nil {
		return 0, invalidArguments(q.method, "'"+name+"' is no number of a place")
	}
	return n, nil
}

// keyArgument returns the key of a dict that is asked for; Python's may be
// numbers.
func keyArgument(kwargs *pyjson.Value) (string, error) {
	v, ok := kwargs.Get("dict_key")
	if !ok || v.Kind != pyjson.String && v.Kind != pyjson.Int {
		return "", invalidArguments("adapter:get", "'dict_key' is missing or no text")
	}
	return v.Text, nil
}

// copyTimeout bounds the writing of a copy.
const copyTimeout = time.Minute

// copy makes a stored List or Dict of what the adapter has.
func (q *inquiry) copy() ([]byte, error) {
	target, ok := q.kwargs.Get("target")
	if !ok || target.Kind != pyjson.String {
		return nil, invalidArguments("copy", "'target' is missing or no text")
	}
	name := strings.Clone(target.Text)
	ctx, cancel := context.WithTimeout(context.Background(), copyTimeout)
	defer cancel()
	key := q.prefix() + name
	keys, texts, err := q.contents(q.provider, 0)
	if err != nil {
		return nil, err
	}
	var elements []string
	for k, text := range texts {
		if q.dict != nil {
			elements = append(elements, keys[k])
		}
		elements = append(elements, string(text))
	}
	o := object{runner: q.host.objects(), way: new(opsWay)}
	var copied bool
	if len(elements) > 0 {
		copied, err = o.storeNew(ctx, key, elements)
	} else {
		var n int64
		n, err = o.commands().Exists(ctx, key)
		copied = n == 0
	}
	switch {
	case err != nil:
		return nil, err
	case !copied:
		return nil, keyTaken(key)
	}
	stored := refreshFrom(0)
	if q.dict != nil {
		stored = Refresh{Keys: keys}
	}
	q.host.publish(key, stored, nil)
	return []byte("true"), nil
}

// maxCopyDepth is how deep the adapters that are copied may lie in each other;
// one that lies in itself has no end.
const maxCopyDepth = 100

// contents returns what a provider has, as JSON texts. What is a provider itself
// is whole in them: a copy stays as it is when the adapter goes.
func (q *inquiry) contents(p provider, depth int) (keys []string, texts []json.RawMessage, err error) {
	if depth > maxCopyDepth {
		return nil, nil, tooLarge("depth of what is copied", int64(depth), maxCopyDepth)
	}
	inside := map[int]provider{}
	keys, err = p.each(func(v any) (err error) {
		var text []byte
		if inner, ok := providerIn(v); ok {
			inside[len(texts)] = inner // after the lock, which may be its own
		} else {
			text, err = objectjson.Encode(v, q.nanAsNull)
		}
		texts = append(texts, text)
		return err
	})
	for i, inner := range inside {
		if err == nil {
			texts[i], err = q.whole(inner, depth+1)
		}
	}
	return keys, texts, err
}

func (q *inquiry) whole(p provider, depth int) (json.RawMessage, error) {
	keys, texts, err := q.contents(p, depth)
	switch {
	case err != nil:
		return nil, err
	case p.list != nil:
		return listOf(len(texts), func(dst []byte, k int) ([]byte, error) { return append(dst, texts[k]...), nil })
	}
	dst := []byte{'{'}
	for k, key := range keys {
		if k > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(pyjson.AppendString(dst, key), ':'), texts[k]...)
	}
	return append(dst, '}'), nil
}

// each calls fn with all that a provider has, which is locked meanwhile.
func (p provider) each(fn func(v any) error) (keys []string, err error) {
	defer p.lock()()
	if p.list != nil {
		for i := range p.list.Len() {
			v, err := p.list.At(i)
			if err == nil {
				err = fn(v)
			}
			if err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	keys = p.dict.Keys()
	for _, key := range keys {
		v, _, err := p.dict.Lookup(key)
		if err == nil {
			err = fn(v)
		}
		if err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// find returns the provider of a key: the adapter's own, or one inside it at the
// path that the key names. See nestedIn for how.
func (a *Adapter) find(key string) (provider, error) {
	var kinds []string // of what the path goes through, the innermost first
	rest := key
	for rest != a.key && !strings.HasPrefix(rest, a.key+":") {
		prefix, inner, ok := cutPrefix(rest)
		if !ok {
			return provider{}, noAdapter(key)
		}
		kinds, rest = append(kinds, prefix), inner
	}
	if len(kinds) == 0 {
		if rest != a.key {
			return provider{}, noAdapter(key)
		}
		return a.root, nil
	}
	steps := maxSteps
	p, err := a.root.walk(strings.TrimPrefix(rest, a.key+":"), kinds, &steps)
	if err == nil && p.none() {
		err = noAdapter(key)
	}
	return p, err
}

// maxSteps is how many providers are looked into to follow one path.
const maxSteps = 10_000

// walk follows a path to a provider; it is the zero provider where there is none.
// The keys of a dict may have colons, so where the path goes on after one each
// colon may be its end.
func (p provider) walk(path string, kinds []string, steps *int) (provider, error) {
	if len(kinds) == 0 {
		return p, nil
	}
	for end := 0; end <= len(path); end++ {
		if end < len(path) && (path[end] != ':' || len(kinds) == 1) {
			continue
		}
		if *steps--; *steps < 0 {
			return provider{}, &Error{KindTooLarge, fmt.Sprintf("a path through more than %d adapters", maxSteps)}
		}
		inner, err := p.inside(path[:end])
		if err != nil {
			return provider{}, err
		}
		if inner.none() || inner.prefix() != kinds[len(kinds)-1] {
			continue
		}
		if len(kinds) > 1 && end == len(path) {
			break
		}
		found, err := inner.walk(path[min(end+1, len(path)):], kinds[:len(kinds)-1], steps)
		if err != nil || !found.none() {
			return found, err
		}
	}
	return provider{}, nil
}

// inside returns the provider that is the element or value of that name.
func (p provider) inside(name string) (inner provider, err error) {
	defer p.lock()()
	var v any
	if p.list != nil {
		i, bad := strconv.Atoi(name)
		if bad != nil || i < 0 || i >= p.list.Len() || strconv.Itoa(i) != name {
			return provider{}, nil
		}
		v, err = p.list.At(i)
	} else {
		v, _, err = p.dict.Lookup(name)
	}
	inner, _ = providerIn(v)
	return inner, err
}
