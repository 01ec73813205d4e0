package znsocket

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
)

// Dict is a map from texts to Ts that lives under a key of a Commander and is
// shared with everyone who opens the same key; see List for what holds for both.
// A Store keeps the fields in order of insertion.
type Dict[T any] struct{ object }

// Item is a field of a Dict with its value.
type Item[T any] struct {
	Key   string
	Value T
}

// NewDict opens the dict that Python and JavaScript call key. It is there from
// its first field on.
func NewDict[T any](c Commander, key string, opts ...Option) *Dict[T] {
	return &Dict[T]{newObject(c, dictPrefix, key, opts)}
}

// MarshalJSON writes the reference to the dict, so that dicts nest.
func (d Dict[T]) MarshalJSON() ([]byte, error) { return json.Marshal(d.key) }

// UnmarshalJSON reads a reference. The dict works once it is bound: see Bind.
func (d *Dict[T]) UnmarshalJSON(text []byte) error { return d.unmarshalKey(text, dictPrefix) }

// Len returns the number of fields.
func (d *Dict[T]) Len(ctx context.Context) (int, error) {
	n, err := d.commands().HLen(ctx, d.key)
	return int(n), err
}

// Get returns the value of a field, ErrNil where there is none. A stored null
// is a value: with a pointer for T it is nil.
func (d *Dict[T]) Get(ctx context.Context, field string) (T, error) {
	text, err := d.commands().HGet(ctx, d.key, field)
	if err != nil {
		var zero T
		return zero, err
	}
	return d.decode(field, text)
}

// Has reports whether a field exists.
func (d *Dict[T]) Has(ctx context.Context, field string) (bool, error) {
	return d.commands().HExists(ctx, d.key, field)
}

// Keys returns the fields.
func (d *Dict[T]) Keys(ctx context.Context) ([]string, error) {
	return d.commands().HKeys(ctx, d.key)
}

// Values returns the values, in the order of Keys.
func (d *Dict[T]) Values(ctx context.Context) ([]T, error) {
	items, err := d.Items(ctx)
	if err != nil {
		return nil, err
	}
	values := make([]T, len(items))
	for i := range items {
		values[i] = items[i].Value
	}
	return values, nil
}

// Items returns fields and values in order, in one round trip.
func (d *Dict[T]) Items(ctx context.Context) ([]Item[T], error) {
	pairs, err := call(ctx, d.commands(), asPairs, words("HGETALL", d.key))
	if err != nil {
		return nil, err
	}
	items := make([]Item[T], len(pairs)/2)
	for i := range items {
		field := pairs[2*i]
		v, err := d.decode(field, pairs[2*i+1])
		if err != nil {
			return nil, err
		}
		items[i] = Item[T]{field, v}
	}
	return items, nil
}

// Map returns a copy of the whole dict, in one round trip.
func (d *Dict[T]) Map(ctx context.Context) (map[string]T, error) {
	items, err := d.Items(ctx)
	if err != nil {
		return nil, err
	}
	m := make(map[string]T, len(items))
	for _, item := range items {
		m[item.Key] = item.Value
	}
	return m, nil
}

// Equal reports whether two dicts have equal values under the same fields; for
// what is equal see List.Index.
func (d *Dict[T]) Equal(ctx context.Context, other *Dict[T]) (bool, error) {
	m, err := other.Map(ctx)
	if err != nil {
		return false, err
	}
	return d.EqualMap(ctx, m)
}

// EqualMap reports whether the dict has the fields of m with equal values.
func (d *Dict[T]) EqualMap(ctx context.Context, m map[string]T) (bool, error) {
	mine, err := d.Map(ctx)
	if err != nil || len(mine) != len(m) {
		return false, err
	}
	for field, v := range m {
		v, err := asStored(&d.object, v)
		if err != nil {
			return false, err
		}
		if other, ok := mine[field]; !ok || !equal(v, other) {
			return false, nil
		}
	}
	return true, nil
}

// Set gives a field a value.
func (d *Dict[T]) Set(ctx context.Context, field string, v T) error {
	return d.set(ctx, []string{field}, []T{v})
}

// Update sets several fields in one step, new ones in sorted order.
func (d *Dict[T]) Update(ctx context.Context, m map[string]T) error {
	if len(m) == 0 {
		return nil
	}
	fields := slices.Sorted(maps.Keys(m))
	values := make([]T, len(fields))
	for i, f := range fields {
		values[i] = m[f]
	}
	return d.set(ctx, fields, values)
}

func (d *Dict[T]) set(ctx context.Context, fields []string, values []T) error {
	argv := make([]string, 2, 2+2*len(fields))
	argv[0], argv[1] = "HSET", d.key
	for i, f := range fields {
		text, err := d.encode(values[i])
		if err != nil {
			return err
		}
		argv = append(argv, f, text)
	}
	if _, err := d.commands().r.run(ctx, argv); err != nil {
		return err
	}
	d.changed(d, Refresh{Keys: fields}, func() Change {
		return Change{Op: "set", Keys: fields, Values: anyOf(values)}
	})
	return nil
}

// Delete removes fields in one step and returns how many there were.
func (d *Dict[T]) Delete(ctx context.Context, fields ...string) (int, error) {
	deleted := []string{}
	switch len(fields) {
	case 0:
		return 0, nil
	case 1:
		n, err := d.commands().HDel(ctx, d.key, fields[0])
		if err != nil || n == 0 {
			return 0, err
		}
		deleted = append(deleted, fields[0])
	default:
		var err error
		if deleted, err = d.deleteFields(ctx, fields); err != nil {
			return 0, err
		}
	}
	d.deleted(deleted)
	return len(deleted), nil
}

// Pop removes a field and returns its value, ErrNil where there is none. A value
// that is not a T is removed too: the *DecodeError has its text.
func (d *Dict[T]) Pop(ctx context.Context, field string) (T, error) {
	text, err := d.popField(ctx, field)
	if err != nil {
		var zero T
		return zero, err
	}
	d.deleted([]string{field})
	return d.decode(field, text)
}

// Clear removes every field that is stored.
func (d *Dict[T]) Clear(ctx context.Context) error {
	fields, err := d.withoutFrozen().clearFields(ctx)
	if err != nil {
		return err
	}
	d.deleted(fields)
	return nil
}

// deleted tells of fields that are gone.
func (d *Dict[T]) deleted(fields []string) {
	if len(fields) == 0 {
		return
	}
	d.changed(d, Refresh{Keys: fields}, func() Change { return Change{Op: "delete", Keys: fields} })
}

// Copy copies the fields to another key and opens that; ErrExists where it is
// taken, ErrNil where this dict is empty. Options are kept, but for the callback
// and the fallback.
func (d *Dict[T]) Copy(ctx context.Context, key string) (*Dict[T], error) {
	if err := d.copyTo(ctx, dictPrefix+key); err != nil {
		return nil, err
	}
	c := &Dict[T]{d.object}
	c.key, c.callback, c.fallback = dictPrefix+key, nil, nil
	return c, nil
}

// OnRefresh has fn called when somebody else changes the dict; see List's.
func (d *Dict[T]) OnRefresh(fn func(Refresh)) (stop func()) { return d.onRefresh(d, fn) }

func (d *Dict[T]) decode(field, text string) (T, error) {
	v, err := decode[T](&d.object, text)
	if err != nil {
		return v, &DecodeError{Key: d.key, Field: field, Raw: text, Err: err}
	}
	return v, nil
}
