package keyspace

import (
	"encoding/binary"
	"strconv"
)

// A listpack is a row of strings in one piece of memory, as Redis keeps small values
// and dumps them:
//
//	size     4 bytes: of the whole
//	count    2 bytes: how many strings, or 65535 for more than that
//	entries  a first byte that says what it is and how long, the text or an integer
//	         in its place, and how long all that was, for who reads backwards
//	0xff
const (
	listpackHeader = 6
	listpackEnd    = 0xff
	listpackMany   = 1<<16 - 1
)

// How an entry begins, apart from integers from 0 to 127, which are that byte.
const (
	packText6  = 0x80 // and the length
	packInt13  = 0xc0 // and the higher bits
	packText12 = 0xe0 // and the higher bits of the length
	packText32 = 0xf0
	packInt16  = 0xf1
	packInt24  = 0xf2
	packInt32  = 0xf3
	packInt64  = 0xf4
)

// listpack is one that grows. All but its end is there.
type listpack struct {
	data  []byte
	count int
}

func newListpack() *listpack { return &listpack{data: make([]byte, listpackHeader, 64)} }

// size is that of the whole.
func (p *listpack) size() int { return len(p.data) + 1 }

// bytes ends the listpack and returns it.
func (p *listpack) bytes() []byte {
	binary.LittleEndian.PutUint32(p.data, uint32(p.size()))
	binary.LittleEndian.PutUint16(p.data[4:], uint16(min(p.count, listpackMany)))
	return append(p.data, listpackEnd)
}

func (p *listpack) add(s string) {
	if n, err := parseInt(s); err == nil {
		p.addInt(n)
		return
	}
	start := len(p.data)
	p.data = appendPackText(p.data, s)
	p.end(start)
}

func (p *listpack) addInt(n int64) {
	start := len(p.data)
	p.data = appendPackInt(p.data, n)
	p.end(start)
}

// end ends the entry that begins at start.
func (p *listpack) end(start int) {
	p.data = appendBacklen(p.data, len(p.data)-start)
	p.count++
}

func appendPackInt(dst []byte, n int64) []byte {
	switch {
	case n >= 0 && n <= 127:
		return append(dst, byte(n))
	case n >= -1<<12 && n < 1<<12:
		return append(dst, packInt13|byte(n>>8)&0x1f, byte(n))
	case n == int64(int16(n)):
		return append(dst, packInt16, byte(n), byte(n>>8))
	case n >= -1<<23 && n < 1<<23:
		return append(dst, packInt24, byte(n), byte(n>>8), byte(n>>16))
	case n == int64(int32(n)):
		return binary.LittleEndian.AppendUint32(append(dst, packInt32), uint32(n))
	}
	return binary.LittleEndian.AppendUint64(append(dst, packInt64), uint64(n))
}

func appendPackText(dst []byte, s string) []byte {
	switch n := len(s); {
	case n < 1<<6:
		dst = append(dst, packText6|byte(n))
	case n < 1<<12:
		dst = append(dst, packText12|byte(n>>8), byte(n))
	default:
		dst = binary.LittleEndian.AppendUint32(append(dst, packText32), uint32(n))
	}
	return append(dst, s...)
}

// backlenSize is how many bytes say backwards that an entry has n.
func backlenSize(n int) int {
	size := 1
	for limit := 1<<7 - 1; n > limit && size < 5; limit = (limit+1)<<7 - 1 {
		size++
	}
	// All sizes but the first have one number less than they could.
	if size > 1 && size < 5 && n == 1<<(7*size)-1 {
		size++
	}
	return size
}

// appendBacklen appends n in 7 bits a byte, the highest first, of which all but the
// first have their highest bit set.
func appendBacklen(dst []byte, n int) []byte {
	size := backlenSize(n)
	for i := size - 1; i >= 0; i-- {
		b := byte(n>>(7*i)) & 0x7f
		if i < size-1 {
			b |= 0x80
		}
		dst = append(dst, b)
	}
	return dst
}

// readListpack returns the strings of one.
func readListpack(data []byte) ([]string, error) {
	if len(data) < listpackHeader+1 || binary.LittleEndian.Uint32(data) != uint32(len(data)) || data[len(data)-1] != listpackEnd {
		return nil, errBadData
	}
	count := int(binary.LittleEndian.Uint16(data[4:]))
	r := byteReader{data: data[listpackHeader : len(data)-1]}
	var all []string
	for len(r.data) > 0 {
		left := len(r.data)
		s := r.packEntry()
		r.take(backlenSize(left - len(r.data)))
		if r.bad {
			return nil, errBadData
		}
		all = append(all, s)
	}
	if count != listpackMany && count != len(all) {
		return nil, errBadData
	}
	return all, nil
}

// packEntry reads an entry without its length for who reads backwards.
func (r *byteReader) packEntry() string {
	switch b := r.byte(); {
	case b < packText6:
		return strconv.Itoa(int(b))
	case b < packInt13:
		return string(r.take(int(b & 0x3f)))
	case b < packText12:
		n := int64(b&0x1f)<<8 | int64(r.byte())
		return strconv.FormatInt(n<<51>>51, 10)
	case b < packText32:
		return string(r.take(int(b&0x0f)<<8 | int(r.byte())))
	case b == packText32:
		return string(r.take(int(r.uint(4))))
	case b <= packInt64:
		size := [...]int{2, 3, 4, 8}[b-packInt16]
		return strconv.FormatInt(r.int(size), 10)
	}
	r.bad = true
	return ""
}
