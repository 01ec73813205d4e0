package znsocket

import (
	"errors"
	"fmt"
	"time"
)

// This file reads replies that have others inside them.

// asEach reads a list whose elements as reads; no list is an empty one.
func asEach[T any](as func(any) (T, error)) func(any) ([]T, error) {
	return func(v any) ([]T, error) {
		list, err := asList(v)
		if err != nil {
			return nil, err
		}
		all := make([]T, len(list))
		for i := range list {
			if all[i], err = as(list[i]); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
}

// orZero is as for what may be missing: that is the zero T.
func orZero[T any](as func(any) (T, error)) func(any) (T, error) {
	return func(v any) (T, error) {
		var zero T
		if v == nil {
			return zero, nil
		}
		return as(v)
	}
}

// part reads a part of a reply, unless one before it could not be read.
func part[T any](err *error, v any, as func(any) (T, error)) T {
	var zero T
	if *err != nil {
		return zero
	}
	read, e := as(v)
	if errors.Is(e, ErrNil) {
		e = errors.New("znsocket: unexpected reply: a part of it is missing")
	}
	*err = e
	return read
}

// asTuple reads a list of n elements. It has as many also with an error.
func asTuple(v any, n int) ([]any, error) {
	list, err := asList(v)
	if err != nil || len(list) != n {
		_, err = unexpected[[]any](v, fmt.Sprintf("a list of %d", n))
		list = make([]any, n)
	}
	return list, err
}

// asFields reads names with values of any kind: a map, or in turn.
func asFields(v any) (map[string]any, error) {
	switch m := plain(v).(type) {
	case map[string]any:
		return m, nil
	case map[any]any:
		fields := make(map[string]any, len(m))
		for k, val := range m {
			fields[fmt.Sprint(k)] = val
		}
		return fields, nil
	case []any:
		if len(m)%2 == 0 {
			fields := make(map[string]any, len(m)/2)
			for i := 0; i < len(m); i += 2 {
				name, err := asText(m[i])
				if err != nil {
					return nil, err
				}
				fields[name] = m[i+1]
			}
			return fields, nil
		}
	}
	return unexpected[map[string]any](v, "names with values")
}

// asTextsOrEmpty is asTexts where a nil in the list is "".
func asTextsOrEmpty(v any) ([]string, error) { return asEach(orZero(asText))(v) }

func asMillis(v any) (time.Duration, error) {
	n, err := asInt(v)
	return time.Duration(n) * time.Millisecond, err
}

func asSeconds(v any) (time.Duration, error) {
	n, err := asInt(v)
	return time.Duration(n) * time.Second, err
}

func asUnixMillis(v any) (time.Time, error) {
	n, err := asInt(v)
	return time.UnixMilli(n), err
}
