package znsocket

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// A frame carries the body of a large message: one flag byte, then
//
//	00 | body
//	01 | uint32 BE size of the body | body as gzip
//
// Old clients send a body that begins with neither, and no flag at all.
const (
	flagPlain = 0x00
	flagGzip  = 0x01

	gzipHead = 1 + 4
)

// deflateRatio is how much smaller than its content deflate can be at most. A
// frame that promises more lies.
const deflateRatio = 1032

var gzipWriters = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.DefaultCompression) // the level is a valid one
	return w
}}

// packFrame makes the frame of a body. A body longer than threshold is
// compressed where that makes it smaller; a negative threshold compresses
// nothing. It reports whether it did.
func packFrame(body []byte, threshold int) (frame []byte, compressed bool) {
	if threshold >= 0 && len(body) > threshold && uint64(len(body)) <= math.MaxUint32 {
		var buf bytes.Buffer
		buf.Grow(len(body)/4 + 64)
		buf.WriteByte(flagGzip)
		buf.Write(binary.BigEndian.AppendUint32(nil, uint32(len(body))))
		w := gzipWriters.Get().(*gzip.Writer)
		w.Reset(&buf)
		w.Write(body) // a Buffer takes everything
		w.Close()
		gzipWriters.Put(w)
		if buf.Len()-gzipHead < len(body) {
			return buf.Bytes(), true
		}
	}
	return append(append(make([]byte, 0, 1+len(body)), flagPlain), body...), false
}

// unpackFrame returns the body of a frame, which lies in the frame's memory
// where it is not compressed. A body longer than limit is refused before it is
// there: memory grows with what was unpacked, never with what was announced.
func unpackFrame(frame []byte, limit int64) ([]byte, error) {
	if len(frame) == 0 {
		return nil, deserialization("Empty assembled message")
	}
	switch frame[0] {
	case flagPlain:
		return frame[1:], nil
	case flagGzip:
		return gunzip(frame, limit)
	}
	return frame, nil
}

func gunzip(frame []byte, limit int64) ([]byte, error) {
	if len(frame) < gzipHead {
		return nil, deserialization("Invalid compressed message format")
	}
	size, packed := int64(binary.BigEndian.Uint32(frame[1:])), frame[gzipHead:]
	switch {
	case size > limit:
		return nil, tooLarge("compressed message", size, limit)
	case size > deflateRatio*int64(len(packed)):
		return nil, deserialization("Decompressed size mismatch")
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, deserialization(err.Error())
	}
	body := make([]byte, 0, min(size, 8*int64(len(packed)))+bytes.MinRead)
	buf := bytes.NewBuffer(body)
	n, err := buf.ReadFrom(io.LimitReader(r, size+1))
	switch {
	case err != nil:
		return nil, deserialization(err.Error())
	case n != size:
		return nil, deserialization("Decompressed size mismatch")
	}
	return buf.Bytes(), nil
}

// deserialization is the refusal of a message that cannot be read.
func deserialization(why string) error {
	return &Error{KindDeserialize, "Failed to deserialize message: " + why}
}

func tooLarge(what string, size, limit int64) error {
	e := TooLargeError{What: what, Size: size, Limit: limit}
	return &Error{KindTooLarge, strings.TrimPrefix(e.Error(), "znsocket: ")}
}

// pieceRoom is what is left free in a message for what stands around a piece.
const pieceRoom = 250

// pieces cuts a frame so that each piece fits in a message of max bytes.
func pieces(frame []byte, max int) ([][]byte, error) {
	size := max - pieceRoom
	if size <= 0 {
		return nil, fmt.Errorf("znsocket: a message size of %d bytes leaves no room for pieces: it must be above %d", max, pieceRoom)
	}
	var list [][]byte
	for len(frame) > size {
		list = append(list, frame[:size:size])
		frame = frame[size:]
	}
	return append(list, frame), nil
}
