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

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 500

// ErrDepth is what Parse answers to a deeper nesting.
var ErrDepth = fmt.Errorf("nested deeper than %d", MaxDepth)

// shareLimit is the size up to which the texts of a document share its memory.
// A short text kept from a larger document would hold all of it.
const shareLimit = 512

// Parse reads one document. {"_placeholder":true,"num":n} stands for
// attachments[n] where there are attachments, and is an object like any other
// where there are none. Nothing of the result lies in data or attachments.
func Parse(data []byte, attachments [][]byte) (Value, error) {
	p := parser{attachments: attachments}
	if len(data) <= shareLimit {
		p.in, p.share = string(data), true
	} else {
		// Every text is cloned out of in before Parse returns.
		p.in = unsafe.String(unsafe.SliceData(data), len(data))
	}
	v, err := p.value(0)
	if err != nil {
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
