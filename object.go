package znsocket

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/znsocket/znsocket/internal/objectjson"
)

// The prefixes of the keys that objects are kept under. A value that is itself
// an object is kept as the JSON text of its full key.
const (
	listPrefix = "znsocket.List:"
	dictPrefix = "znsocket.Dict:"
)

// Option sets up a List or Dict.
type Option func(*object)

// WithNotifier has an object over a Commander that carries no refreshes, such as
// a Redis client, send and receive them through c, a *Client or *Store.
func WithNotifier(c Commander) Option {
	return func(o *object) { o.notifier = notifierOf(c) }
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
	Op      string // "set", "delete", "insert" or "append"
	Indices []int  // the elements of a List: where they are, or were
	Keys    []string
	Values  []any // what was set, inserted or appended
}

// object is what List and Dict have in common. It is copied with options into
// the objects that come out of it. It belongs to the goroutines that use the
// List or Dict; nothing in it changes after New.
type object struct {
	runner    runner
	notifier  notifier
	key       string
	nanAsNull bool
	callback  func(Change)
}

func newObject(c Commander, prefix, name string, opts []Option) object {
	o := object{runner: runnerOf(c), notifier: notifierOf(c), key: prefix + name}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// reference is a List or Dict as a value inside another.
type reference interface {
	Key() string
	bind(from object)
}

func (o *object) encode(v any) (string, error) {
	if ref, ok := v.(reference); ok && !isNil(v) {
		if ref.Key() == o.key {
			return "", &Error{KindValue, "Can not set circular reference to self"}
		}
	}
	text, err := objectjson.Encode(v, o.nanAsNull)
	return string(text), err
}

func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// encodeAll appends the JSON text of each value to a command.
func encodeAll[T any](o *object, a argv, values []T) (argv, error) {
	for _, v := range values {
		text, err := o.encode(v)
		if err != nil {
			return a, err
		}
		a.words = append(a.words, text)
	}
	return a, nil
}

// decode reads a stored text as a T and connects the objects it refers to.
func decode[T any](o *object, text string) (T, error) {
	var v T
	if err := objectjson.Decode(text, &v); err != nil {
		return v, err
	}
	switch p := any(&v).(type) {
	case *any:
		if s, ok := (*p).(string); ok {
			*p = o.dereference(s)
		}
	case reference:
		p.bind(*o)
	default:
		if ref, ok := any(v).(reference); ok && !isNil(v) {
			ref.bind(*o)
		}
	}
	return v, nil
}

// dereference turns the text of a full key into the object, for values of type
// any: there a text and a reference look the same.
func (o *object) dereference(s string) any {
	var ref reference
	switch {
	case strings.HasPrefix(s, listPrefix):
		ref = &List[any]{object: object{key: s}}
	case strings.HasPrefix(s, dictPrefix):
		ref = &Dict[any]{object: object{key: s}}
	default:
		return s
	}
	ref.bind(*o)
	return ref
}

// bind gives an object that was read as a reference what it needs to work.
func (o *object) bind(from object) {
	o.runner, o.notifier, o.nanAsNull = from.runner, from.notifier, from.nanAsNull
}

// Bind connects every List and Dict inside v, a pointer, to c. Elements of a
// List and values of a Dict are connected when they are read; Bind is for those
// deeper inside: a field of a struct, an element of a slice.
func Bind(c Commander, v any) { bindAll(newObject(c, "", "", nil), reflect.ValueOf(v), 0) }

func bindAll(from object, v reflect.Value, depth int) {
	if depth > 100 || !v.IsValid() {
		return
	}
	if v.CanInterface() {
		if ref, ok := v.Interface().(reference); ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
			ref.bind(from)
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			bindAll(from, v.Elem(), depth+1)
		}
	case reflect.Struct:
		if v.CanAddr() {
			if ref, ok := v.Addr().Interface().(reference); ok {
				ref.bind(from)
				return
			}
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				bindAll(from, v.Field(i), depth+1)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			bindAll(from, v.Index(i), depth+1)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			bindAll(from, it.Value(), depth+1)
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

// changed tells the callback and everybody else, after a change.
func (o *object) changed(ctx context.Context, self any, r Refresh, c Change) error {
	if o.callback != nil {
		o.callback(c)
	}
	if o.notifier == nil {
		return nil
	}
	return o.notifier.publish(ctx, o.key, r, self)
}

// onRefresh subscribes self. Without a notifier nothing is ever heard.
func (o *object) onRefresh(self any, fn func(Refresh)) (stop func()) {
	if o.notifier == nil {
		return func() {}
	}
	return o.notifier.subscribe(o.key, self, fn)
}

// copyTo copies the object's data to another name.
func (o *object) copyTo(ctx context.Context, key string) error {
	copied, err := call(ctx, Commands{o.runner}, asBool, words("COPY", o.key, key))
	if err != nil {
		return err
	}
	if !copied {
		return fmt.Errorf("znsocket: copy %s to %s: %w, or there is nothing to copy", o.key, key, ErrExists)
	}
	return nil
}

func anyOf[T any](values []T) []any {
	list := make([]any, len(values))
	for i := range values {
		list[i] = values[i]
	}
	return list
}

// Key returns the full key that the object is kept under.
func (o *object) Key() string { return o.key }
