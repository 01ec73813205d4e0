// Package pyjson reads and writes JSON as Python's json module does: beside
// the standard's values it knows NaN, Infinity and -Infinity, keeps every digit
// of a number and the order of an object's keys, and joins surrogate pairs.
// A Socket.IO placeholder for a binary attachment is read as that attachment.
package pyjson

import (
	"fmt"
	"strconv"
	"unsafe"
)

// Kind is the kind of a Value.
type Kind uint8

// The kinds of a Value.
const (
	Null Kind = iota
	True
	False
	Int    // a number without fraction and exponent, of any length
	Float  // any other number, and NaN, Infinity, -Infinity
	String // a text
	Bytes  // an attachment
	Array
	Object
)

// Value is one JSON value. Text is the literal of a number, the content of a
// string or the bytes of an attachment. Items are an array's elements or an
// object's values, Keys an object's keys; where a key is written twice both
// stand there, and the later one counts.
type Value struct {
	Kind  Kind
	Text  string
	Items []Value
	Keys  []string
}

// MaxDepth is how deep arrays and objects may nest, MaxValues how many elements
// and values they may have in all: two bytes of a document can be a Value.
const (
	MaxDepth  = 500
	MaxValues = 2 << 20
)

// What Parse answers to a document beyond these.
var (
	ErrDepth  = fmt.Errorf("nested deeper than %d", MaxDepth)
	ErrValues = fmt.Errorf("more than %d values", MaxValues)
)

// Parse reads one document. {"_placeholder":true,"num":n} stands for
// attachments[n] where there are attachments, and is an object like any other
// where there are none.
//
// Texts of the result are parts of data and of the attachments, which must not
// change while it is in use: what is kept longer must be cloned.
func Parse(data []byte, attachments [][]byte) (Value, error) {
	return parse(data, attachments, MaxValues)
}

func parse(data []byte, attachments [][]byte, maxValues int) (Value, error) {
	p := parsers.Get().(*parser)
	defer p.release()
	p.maxValues = maxValues
	p.in, p.attachments = unsafe.String(unsafe.SliceData(data), len(data)), attachments
	var v Value
	if err := p.value(&v, 0); err != nil {
		return Value{}, err
	}
	if p.space(); p.at < len(p.in) {
		return Value{}, p.fail("extra data")
	}
	return v, nil
}

// Get returns the value of an object's key, the last one where the key is there
// more than once.
func (v *Value) Get(key string) (*Value, bool) {
	for i := len(v.Keys) - 1; i >= 0; i-- {
		if v.Keys[i] == key {
			return &v.Items[i], true
		}
	}
	return nil, false
}

// Float returns a number as a float64; one out of range is infinite.
func (v *Value) Float() float64 {
	f, _ := strconv.ParseFloat(v.Text, 64)
	return f
}
