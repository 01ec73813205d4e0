package keyspace

import (
	"encoding/binary"
	"strconv"
)

// readZiplist returns the strings of a ziplist, which Redis had before listpacks: a
// header of ten bytes, entries that begin with how long the one before them is, and
// 0xff.
func readZiplist(data []byte) ([]string, error) {
	const header = 10
	if len(data) < header+1 || binary.LittleEndian.Uint32(data) != uint32(len(data)) || data[len(data)-1] != listpackEnd {
		return nil, errBadData
	}
	count := int(binary.LittleEndian.Uint16(data[8:]))
	r := byteReader{data: data[header : len(data)-1]}
	var all []string
	for len(r.data) > 0 {
		if r.byte() >= 0xfe {
			r.take(4)
		}
		all = append(all, r.zipEntry())
	}
	if r.bad || count != listpackMany && count != len(all) {
		return nil, errBadData
	}
	return all, nil
}

func (r *byteReader) zipEntry() string {
	const (
		text6  = 0x00
		text14 = 0x40
		text32 = 0x80
		first  = 0xf1 // integers from 0 to 12
		last   = 0xfd
		int8   = 0xfe
	)
	switch b := r.byte(); {
	case b < text14:
		return string(r.take(int(b - text6)))
	case b < text32:
		return string(r.take(int(b&0x3f)<<8 | int(r.byte())))
	case b == text32:
		n := r.take(4)
		if r.bad {
			return ""
		}
		return string(r.take(int(binary.BigEndian.Uint32(n))))
	case b >= first && b <= last:
		return strconv.Itoa(int(b - first))
	case b == int8:
		return strconv.FormatInt(r.int(1), 10)
	default:
		size, known := map[byte]int{0xc0: 2, 0xd0: 4, 0xe0: 8, 0xf0: 3}[b]
		r.mustBe(known)
		return strconv.FormatInt(r.int(size), 10)
	}
}
