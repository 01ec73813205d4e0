package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/znsocket/znsocket/internal/objectjson"
)

// The prefixes of the keys that objects are kept under. A value that is itself
// an object is kept as the JSON text of its full key.
const (
	listPrefix     = "znsocket.List:"
	dictPrefix     = "znsocket.Dict:"
	segmentsPrefix = "znsocket.Segments:"
)

// Option sets up a List or Dict.
type Option func(*object)

// WithNotifier has an object over a Commander that carries no refreshes, such as
// a Redis client, send and receive them through c, a *Client, *Node or *Store,
// and read the adapters there.
func WithNotifier(c Commander) Option {
	return func(o *object) {
		if l, ok := c.(live); ok {
			o.notifier = l
			if f, ok := o.runner.(foreign); ok {
				o.runner = objectCommands{l, f}
			}
		}
	}
}

// NaNAsNull has NaN and infinities written as null. Without it they are written
// as NaN, Infinity and -Infinity, which Python reads and JavaScript does not.
func NaNAsNull() Option { return func(o *object) { o.nanAsNull = true } }

// WithCallback has fn called after each change made through this object, and
// before the call that made it returns. Changes that others make reach OnRefresh
// instead.
func WithCallback(fn func(Change)) Option { return func(o *object) { o.callback = fn } }

// Change is a change that an object made.
type Change struct {
	// Op is "append", "insert", "set" or "delete".
	Op string
	// Indices are elements of a List, never counted from the end: those that
	// were appended or inserted, where they are now; those that were set or
	// deleted, where they were.
	Indices []int
	// Keys are fields of a Dict.
	Keys []string
	// Values are what was appended, inserted or set. A slice that was set to more
	// or fewer values than it had elements grew or shrank by the difference.
	Values []any
}

// object is what List and Dict have in common. It is copied with options into
// the objects that come out of it. It belongs to the goroutines that use the
// List or Dict; nothing in it changes after New but what way and fallback point
// to.
type object struct {
	runner     runner
	way        *opsWay
	notifier   notifier
	key        string
	nanAsNull  bool
	converters *objectjson.Converters
	callback   func(Change)
	fallback   *fallback
	err        error // of an Option that makes no sense: every call fails with it
}

func newObject(c Commander, prefix, name string, opts []Option) object {
	o := object{runner: runnerOf(c), way: new(opsWay), key: prefix + name}
	if l, ok := c.(live); ok {
		o.runner, o.notifier = l.objects(), l
	}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Key returns the full key that the object is kept under.
func (o object) Key() string { return o.key }

func (o object) isReference() {}

// commands are those of the object's Commander.
func (o *object) commands() Commands {
	switch {
	case o.err != nil:
		return Commands{broken{o.err}}
	case o.runner == nil:
		return Commands{broken{errUnbound}}
	case o.fallback != nil:
		return Commands{fallingBack{o.runner, o.fallback}}
	}
	return Commands{o.runner}
}

// broken is under an object that cannot work.
type broken struct{ err error }

// errUnbound is of an object that was read as a reference and never bound.
var errUnbound = errors.New("znsocket: object without a Commander: see NewList, NewDict and Bind")

func (b broken) run(context.Context, []string) (any, error)            { return nil, b.err }
func (b broken) runMulti(context.Context, [][]string) ([]Reply, error) { return nil, b.err }

// reference is a List or Dict, or a pointer to one, as a value inside another.
type reference interface {
	Key() string
	isReference()
}

// binder is a pointer to a List or Dict.
type binder interface{ bind(from object) }

// encode returns the JSON text of a value that is to be stored in the object.
func (o *object) encode(v any) (string, error) {
	if ref, ok := v.(reference); ok && !isNil(v) && ref.Key() == o.key {
		return "", &Error{KindValue, "Can not set circular reference to self"}
	}
	return o.text(v)
}

// text returns the JSON text of any value.
func (o *object) text(v any) (string, error) {
	text, err := o.converters.Encode(v, o.nanAsNull)
	return string(text), err
}

func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// encodeAll returns the JSON text of each value.
func encodeAll[T any](o *object, values []T) ([]string, error) {
	texts := make([]string, len(values))
	for k, v := range values {
		var err error
		if texts[k], err = o.encode(v); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// asStored returns what a value would be read as, had it been stored.
func asStored[T any](o *object, v T) (T, error) {
	text, err := o.text(v)
	if err != nil {
		var zero T
		return zero, err
	}
	return decode[T](o, text)
}

// decode reads a stored text as a T and connects the objects it refers to.
func decode[T any](o *object, text string) (T, error) {
	var v T
	if err := o.converters.Decode(text, &v); err != nil {
		return v, err
	}
	switch p := any(&v).(type) {
	case *any:
		if s, ok := (*p).(string); ok {
			*p = o.dereference(s)
		}
	case binder:
		p.bind(*o)
	default:
		if ref, ok := any(v).(binder); ok && !isNil(v) {
			ref.bind(*o)
		}
	}
	return v, nil
}

// dereference turns the text of a full key into the object, for values of type
// any: there a text and a reference look the same.
func (o *object) dereference(s string) any {
	var ref binder
	switch {
	case strings.HasPrefix(s, listPrefix):
		ref = &List[any]{object{key: s}}
	case strings.HasPrefix(s, dictPrefix):
		ref = &Dict[any]{object{key: s}}
	case strings.HasPrefix(s, segmentsPrefix):
		ref = &Segments[any]{object{key: s}}
	default:
		return s
	}
	ref.bind(*o)
	return ref
}

// bind gives an object that was read as a reference what it needs to work.
func (o *object) bind(from object) {
	o.runner, o.way, o.notifier = from.runner, from.way, from.notifier
	o.nanAsNull, o.converters = from.nanAsNull, from.converters
}

// Bind connects every List and Dict inside v, a pointer, to c. Elements of a
// List and values of a Dict are connected when they are read; Bind is for those
// deeper inside: a field of a struct, an element of a slice.
func Bind(c Commander, v any) { bindAll(newObject(c, "", "", nil), reflect.ValueOf(v), 0) }

func bindAll(from object, v reflect.Value, depth int) {
	if depth > 100 || !v.IsValid() {
		return
	}
	if v.CanAddr() && v.Addr().CanInterface() {
		if ref, ok := v.Addr().Interface().(binder); ok {
			ref.bind(from)
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		bindAll(from, v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() || f.Anonymous {
				bindAll(from, v.Field(i), depth+1)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			bindAll(from, v.Index(i), depth+1)
		}
	case reflect.Map:
		if !v.CanInterface() {
			return
		}
		// A value of a map is bound as a copy that takes its place.
		for it := v.MapRange(); it.Next(); {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(it.Value())
			bindAll(from, value, depth+1)
			v.SetMapIndex(it.Key(), value)
		}
	}
}

// unmarshalKey reads the JSON text of a full key.
func (o *object) unmarshalKey(text []byte, prefix string) error {
	var key string
	if err := json.Unmarshal(text, &key); err != nil || !strings.HasPrefix(key, prefix) {
		return fmt.Errorf("%.64s is no reference to a %s", text, strings.TrimSuffix(prefix, ":"))
	}
	o.key = key
	return nil
}

// changed tells the callback and everybody else, after a change. What r holds is
// theirs from then on; change is only called where there is a callback.
func (o *object) changed(self any, r Refresh, change func() Change) {
	if o.callback != nil {
		c := change()
		c.Indices, c.Keys = slices.Clone(c.Indices), slices.Clone(c.Keys)
		o.callback(c)
	}
	if o.notifier != nil {
		o.notifier.publish(o.key, r, self)
	}
}

// onRefresh subscribes self. Without a notifier nothing is ever heard.
func (o *object) onRefresh(self any, fn func(Refresh)) (stop func()) {
	if o.notifier == nil {
		return func() {}
	}
	return o.notifier.subscribe(o.key, self, fn)
}

func anyOf[T any](values []T) []any {
	list := make([]any, len(values))
	for i := range values {
		list[i] = values[i]
	}
	return list
}
