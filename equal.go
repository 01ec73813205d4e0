package znsocket

import (
	"maps"
	"math"
	"reflect"
	"slices"
)

// equal is equality of elements, as Python has it where any is the type: numbers
// are equal by value, 1 and 1.0, and lists and maps by what is in them. Objects
// are equal when they have the same key. All else is as for reflect.DeepEqual.
func equal(a, b any) bool {
	switch x := a.(type) {
	case int64:
		if y, ok := b.(float64); ok {
			return sameNumber(x, y)
		}
	case float64:
		if y, ok := b.(int64); ok {
			return sameNumber(y, x)
		}
	case []any:
		if y, ok := b.([]any); ok {
			return slices.EqualFunc(x, y, equal)
		}
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			return maps.EqualFunc(x, y, equal)
		}
	case reference:
		if y, ok := b.(reference); ok && !isNil(a) && !isNil(b) {
			return x.Key() == y.Key()
		}
	}
	return reflect.DeepEqual(a, b)
}

// sameNumber compares without rounding n to a float64.
func sameNumber(n int64, f float64) bool {
	return f == math.Trunc(f) && f >= -1<<63 && f < 1<<63 && int64(f) == n
}
