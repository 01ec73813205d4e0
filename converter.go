package znsocket

import (
	"fmt"
	"reflect"

	"github.com/znsocket/znsocket/internal/objectjson"
)

// WithConverter has values of type V written as {"_type":name,"value":…}, which
// is how Python's znjson converters write theirs, and what is written so read as a
// V. encode returns anything that can be written, also values for other
// converters; decode gets what a List[any] would read for that, with values that
// other converters made. An error of either fails the call.
//
// A value is converted wherever it is: as an element, in a slice, a map or a field
// of a struct, in an interface or not; but not inside what a json.Marshaler
// writes. In an interface a *V is written as the V it points to. Where the type is
// any or an interface of V, what is read is a V; where it is V, the "_type" must come
// first, as everybody writes it. What has a "_type" that no converter is named
// after stays a map. A type without a converter is written by its json.Marshaler,
// as ever.
//
// Of several converters for the same type or of the same name the last one counts.
// NDArray needs none.
func WithConverter[V any](name string, encode func(V) (any, error), decode func(value any) (V, error)) Option {
	return func(o *object) {
		t := reflect.TypeFor[V]()
		switch {
		case name == "":
			o.err = &Error{KindValue, fmt.Sprintf("the converter for %s has no name", t)}
			return
		case t.Kind() == reflect.Interface:
			o.err = &Error{KindValue, fmt.Sprintf("converter %q: %s is an interface, each type in it needs a converter of its own", name, t)}
			return
		case encode == nil || decode == nil:
			o.err = &Error{KindValue, fmt.Sprintf("converter %q needs both encode and decode", name)}
			return
		}
		if o.converters == nil {
			o.converters = new(objectjson.Converters)
		}
		o.converters.Add(objectjson.Converter{
			Name: name, Type: t,
			Encode: func(v any) (any, error) { return encode(v.(V)) },
			Decode: func(value any) (any, error) { return decode(value) },
		})
	}
}
