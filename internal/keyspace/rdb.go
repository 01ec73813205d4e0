package keyspace

import (
	"encoding/binary"
	"hash/crc64"
	"math"
	"math/bits"
	"strconv"
)

// What DUMP gives and RESTORE takes is a value as Redis's RDB files have it: a byte
// for its form, what belongs to that, the version of the format in two bytes, and a
// checksum over all in eight.
const (
	rdbVersion = 10 // Redis 7.0's
	rdbFooter  = 10
)

// Forms of values. DUMP writes those of Redis 7.0, RESTORE reads the older ones too.
const (
	rdbString        = 0
	rdbList          = 1
	rdbSet           = 2
	rdbZsetText      = 3 // with scores as texts
	rdbHash          = 4
	rdbZset          = 5
	rdbListZiplist   = 10
	rdbSetInts       = 11
	rdbZsetZiplist   = 12
	rdbHashZiplist   = 13
	rdbListZiplists  = 14
	rdbHashListpack  = 16
	rdbZsetListpack  = 17
	rdbListListpacks = 18
)

// How lengths begin: with 6 bits of theirs in the first byte, with 14, or with what is
// in the bytes behind. Other first bytes are for strings that are kept in another way.
const (
	rdbLength14 = 0x40
	rdbLength32 = 0x80
	rdbLength64 = 0x81
	rdbInt8     = 0xc0
	rdbInt16    = 0xc1
	rdbInt32    = 0xc2
	rdbPacked   = 0xc3 // by lzfCompress
)

const (
	rdbPackFrom = 21 // bytes from which on strings are compressed
	rdbPackGain = 4  // bytes that this must save

	rdbPlain = 1 // a part of a list that is one string
	rdbRow   = 2 // a part of a list that is a listpack
)

// crcTable is of the polynomial that Redis has from Jones.
var crcTable = crc64.MakeTable(bits.Reverse64(0xad93d23594c935a9))

// rdbChecksum begins with 0, where the crc64 package begins with all bits set.
func rdbChecksum(data []byte) uint64 { return ^crc64.Update(math.MaxUint64, crcTable, data) }

// rdbWriter builds a dump. Texts may be in memory once and in a value many times, so
// it stops where the dump would be longer than a string may be.
type rdbWriter struct{ data []byte }

func (w *rdbWriter) full() bool { return len(w.data) > maxString }

func (w *rdbWriter) byte(b byte) { w.data = append(w.data, b) }

func (w *rdbWriter) length(n int) { w.number(uint64(n)) }

func (w *rdbWriter) number(n uint64) {
	switch {
	case n < 1<<6:
		w.byte(byte(n))
	case n < 1<<14:
		w.data = append(w.data, rdbLength14|byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		w.data = binary.BigEndian.AppendUint32(append(w.data, rdbLength32), uint32(n))
	default:
		w.data = binary.BigEndian.AppendUint64(append(w.data, rdbLength64), n)
	}
}

// integer writes a number in up to four bytes. It is not ok where that is too few.
func (w *rdbWriter) integer(n int64) (ok bool) {
	switch {
	case n == int64(int8(n)):
		w.data = append(w.data, rdbInt8, byte(n))
	case n == int64(int16(n)):
		w.data = binary.LittleEndian.AppendUint16(append(w.data, rdbInt16), uint16(n))
	case n == int64(int32(n)):
		w.data = binary.LittleEndian.AppendUint32(append(w.data, rdbInt32), uint32(n))
	default:
		return false
	}
	return true
}

// text writes a string in as few bytes as it can be.
func (w *rdbWriter) text(s string) {
	if w.full() {
		return
	}
	if n, err := parseInt(s); err == nil && w.integer(n) {
		return
	}
	w.blob([]byte(s))
}

// blob writes a string that is no number.
func (w *rdbWriter) blob(data []byte) {
	if w.full() {
		return
	}
	if len(data) >= rdbPackFrom {
		if packed, ok := lzfCompress(data, len(data)-rdbPackGain); ok {
			w.byte(rdbPacked)
			w.length(len(packed))
			w.length(len(data))
			w.data = append(w.data, packed...)
			return
		}
	}
	w.length(len(data))
	w.data = append(w.data, data...)
}

func (w *rdbWriter) float(f float64) {
	w.data = binary.LittleEndian.AppendUint64(w.data, math.Float64bits(f))
}

// end writes version and checksum and returns the whole.
func (w *rdbWriter) end() string {
	w.data = binary.LittleEndian.AppendUint16(w.data, rdbVersion)
	return string(binary.LittleEndian.AppendUint64(w.data, rdbChecksum(w.data)))
}

// openDump checks version and checksum and returns what is before them.
func openDump(dump string) (byteReader, error) {
	data := []byte(dump)
	if len(data) < rdbFooter {
		return byteReader{}, errDumpFooter
	}
	footer := data[len(data)-rdbFooter:]
	if binary.LittleEndian.Uint16(footer) > rdbVersion || binary.LittleEndian.Uint64(footer[2:]) != rdbChecksum(data[:len(data)-8]) {
		return byteReader{}, errDumpFooter
	}
	return byteReader{data: data[:len(data)-rdbFooter]}, nil
}

// byteReader reads from data. After anything that is not as it must be, bad is set
// and what is read means nothing.
type byteReader struct {
	data     []byte
	bad      bool
	expanded int // bytes of all that was compressed, of which there may be maxString
}

// take returns the next n bytes.
func (r *byteReader) take(n int) []byte {
	if n < 0 || n > len(r.data) {
		r.bad, r.data = true, nil
		return nil
	}
	taken := r.data[:n]
	r.data = r.data[n:]
	return taken
}

func (r *byteReader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// uint reads an integer of some bytes, the lowest first.
func (r *byteReader) uint(size int) (n uint64) {
	for i, b := range r.take(size) {
		n |= uint64(b) << (8 * i)
	}
	return n
}

// int is uint with a sign.
func (r *byteReader) int(size int) int64 {
	unused := 64 - 8*size
	return int64(r.uint(size)<<unused) >> unused
}

// length reads a length. Whatever it counts takes a byte at least, so what is more
// than what is left is bad.
func (r *byteReader) length() int {
	n, special := r.lengthOrForm()
	if special || n < 0 || n > len(r.data) {
		r.bad, r.data = true, nil
		return 0
	}
	return n
}

// lengthOrForm reads a length, or what stands for one before a string that is kept in
// another way.
func (r *byteReader) lengthOrForm() (n int, special bool) {
	switch b := r.byte(); {
	case b < rdbLength14:
		return int(b), false
	case b < rdbLength32:
		return int(b&0x3f)<<8 | int(r.byte()), false
	case b == rdbLength32:
		return int(bits.ReverseBytes32(uint32(r.uint(4)))), false
	case b == rdbLength64:
		return int(bits.ReverseBytes64(r.uint(8))), false
	default:
		return int(b), true
	}
}

// text reads a string.
func (r *byteReader) text() string {
	n, special := r.lengthOrForm()
	if !special {
		return string(r.take(n))
	}
	switch n {
	case rdbInt8, rdbInt16, rdbInt32:
		return strconv.FormatInt(r.int(1<<(n-rdbInt8)), 10)
	case rdbPacked:
		packed := r.length()
		size, special := r.lengthOrForm()
		if r.expanded += max(size, 0); r.expanded > maxString {
			break
		}
		data, err := lzfExpand(r.take(packed), size)
		if special || err != nil {
			break
		}
		return string(data)
	}
	r.bad, r.data = true, nil
	return ""
}
