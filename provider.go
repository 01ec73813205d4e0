package znsocket

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/znsocket/znsocket/internal/objectjson"
)

// locked is under the providers of this package. A nil Locker promises that
// nobody changes the data while the adapter is open.
type locked struct{ mu sync.Locker }

// Lock and Unlock make a provider a sync.Locker.
func (l locked) Lock() {
	if l.mu != nil {
		l.mu.Lock()
	}
}

func (l locked) Unlock() {
	if l.mu != nil {
		l.mu.Unlock()
	}
}

// SliceOf provides the elements of the slice that p points to, also when the
// program has given it another length or another array meanwhile. mu is held
// while they are read: for a sync.RWMutex that is its RLocker. With a nil mu
// nobody may write to the slice while the adapter is open.
//
// An array is provided by a slice of it: s := array[:].
func SliceOf[T any](p *[]T, mu sync.Locker) ListProvider { return &sliceProvider[T]{locked{mu}, p} }

type sliceProvider[T any] struct {
	locked
	slice *[]T
}

func (p *sliceProvider[T]) Len() int              { return len(*p.slice) }
func (p *sliceProvider[T]) At(i int) (any, error) { return (*p.slice)[i], nil }

// MapOf provides the entries of m in the order of their keys. mu is as in
// SliceOf.
func MapOf[K cmp.Ordered, V any](m map[K]V, mu sync.Locker) DictProvider {
	return &mapProvider[K, V]{locked{mu}, m}
}

type mapProvider[K cmp.Ordered, V any] struct {
	locked
	m map[K]V
}

func (p *mapProvider[K, V]) Keys() []string {
	keys := make([]string, 0, len(p.m))
	for _, k := range slices.Sorted(maps.Keys(p.m)) {
		keys = append(keys, fmt.Sprint(k))
	}
	return keys
}

func (p *mapProvider[K, V]) Lookup(key string) (any, bool, error) {
	var k K
	switch r := reflect.ValueOf(&k).Elem(); r.Kind() {
	case reflect.String:
		r.SetString(key)
	default:
		if _, err := fmt.Sscan(key, &k); err != nil || fmt.Sprint(k) != key {
			return nil, false, nil
		}
	}
	v, ok := p.m[k]
	return v, ok, nil
}

// StructOf provides the fields of the struct that ptr points to, under the names
// that encoding/json gives them and in that order. It panics where ptr is no
// pointer to a struct. mu is as in SliceOf.
func StructOf(ptr any, mu sync.Locker) DictProvider {
	v := reflect.ValueOf(ptr)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("znsocket: StructOf needs a pointer to a struct, not a %T", ptr))
	}
	return &structProvider{locked{mu}, v.Elem()}
}

type structProvider struct {
	locked
	v reflect.Value
}

func (p *structProvider) Keys() []string { return objectjson.FieldNames(p.v) }

func (p *structProvider) Lookup(key string) (any, bool, error) {
	f, ok := objectjson.FieldNamed(p.v, key)
	if !ok {
		return nil, false, nil
	}
	return f.Interface(), true, nil
}

// ArrayOf provides an array along its first dimension: numbers where it has no
// other, and else arrays of the others, which share its data. mu is as in
// SliceOf.
func ArrayOf(a *NDArray, mu sync.Locker) ListProvider { return &arrayProvider{locked{mu}, a} }

type arrayProvider struct {
	locked
	array *NDArray
}

func (p *arrayProvider) Len() int {
	if len(p.array.Shape) == 0 {
		return 0
	}
	return p.array.Shape[0]
}

func (p *arrayProvider) At(i int) (any, error) {
	if len(p.array.Shape) == 1 {
		return p.array.At(i)
	}
	return p.array.part(i)
}

// Transform provides what fn makes of each element of p. fn may return a
// provider: then others read the element as a List or Dict.
func Transform(p ListProvider, fn func(v any) (any, error)) ListProvider {
	return &transformed{p, fn}
}

type transformed struct {
	ListProvider
	fn func(v any) (any, error)
}

func (p *transformed) At(i int) (any, error) {
	v, err := p.ListProvider.At(i)
	if err != nil {
		return nil, err
	}
	return p.fn(v)
}

func (p *transformed) Lock() {
	if l, ok := p.ListProvider.(sync.Locker); ok {
		l.Lock()
	}
}

func (p *transformed) Unlock() {
	if l, ok := p.ListProvider.(sync.Locker); ok {
		l.Unlock()
	}
}
