package keyspace

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Bitmaps are strings, the highest bit of a byte first. bitfield.go has the numbers
// in them.
var bitmapCommands = []Command{
	{"SETBIT", 4, Write, oneKey, setbit},
	{"GETBIT", 3, Read, oneKey, getbit},
	{"BITCOUNT", -2, Read, oneKey, bitcount},
	{"BITPOS", -3, Read, oneKey, bitpos},
	{"BITOP", -4, Read | Write, KeySpec{First: 2, Last: -1, Step: 1}, bitop},
	{"BITFIELD", -2, Write, oneKey, bitfieldCommand(false)},
	{"BITFIELD_RO", -2, Read, oneKey, bitfieldCommand(true)},
}

// bitOffset reads the place of a bit, which must lie within the longest string.
func bitOffset(s string) (int64, error) {
	n, err := parseInt(s)
	if err != nil || n < 0 || n>>3 >= maxString {
		return 0, errBitOffset
	}
	return n, nil
}

// bitsAt returns the buffer at key, made long enough for size bytes, and whether
// that changed it.
func (db *DB) bitsAt(key string, size int) (b *buffer, grown bool, err error) {
	if b, err = bufferAt(db, key); err != nil {
		return nil, false, err
	}
	if b == nil {
		b = &buffer{}
		db.put(key, b)
		db.noted()
	}
	grown = len(b.b) < size
	if grown {
		b.reserve(len(b.b), size)
	}
	return b, grown, nil
}

func setbit(db *DB, a Args) (any, error) {
	at, err := bitOffset(a[2])
	if err != nil {
		return nil, err
	}
	bit, err := a.Int(3)
	if err != nil || bit&^1 != 0 {
		return nil, errBit
	}
	place, mask := int(at>>3), byte(0x80)>>(at&7)
	b, changed, err := db.bitsAt(a[1], place+1)
	if err != nil {
		return nil, err
	}
	was := b.b[place]&mask != 0
	if was != (bit == 1) {
		b.reserve(place, 0)[place] ^= mask
		changed = true
	}
	if changed {
		db.changed("setbit", a[1])
	}
	return boolReply(was), nil
}

func getbit(db *DB, a Args) (any, error) {
	at, err := bitOffset(a[2])
	if err != nil {
		return nil, err
	}
	data, err := stringBytes(db, a[1])
	if err != nil || at>>3 >= int64(len(data)) {
		return zero, err
	}
	return boolReply(data[at>>3]&(0x80>>(at&7)) != 0), nil
}

// bitUnit reads argument i, the last one, as what a range counts in: how many bits.
func (a Args) bitUnit(i int) (int64, error) {
	switch {
	case i >= len(a), len(a) == i+1 && a.Is(i, "BYTE"):
		return 8, nil
	case len(a) == i+1 && a.Is(i, "BIT"):
		return 1, nil
	}
	return 0, ErrSyntax
}

// bitRange returns the bits from lo up to hi that lie from start to end, both
// included, in a string of n bytes. It is empty where lo is not below hi.
func bitRange(start, end, unit int64, n int) (lo, hi int64) {
	total := 8 * int64(n) / unit
	if start < 0 {
		start = max(start+total, 0)
	}
	if end < 0 {
		end = max(end+total, 0)
	}
	end = min(end, total-1)
	if start > end {
		return 0, 0
	}
	return start * unit, (end + 1) * unit
}

func bitcount(db *DB, a Args) (any, error) {
	data, err := stringBytes(db, a[1])
	if err != nil || data == nil {
		return zero, err
	}
	start, end, unit := int64(0), int64(-1), int64(8)
	if len(a) > 2 {
		if len(a) == 3 || len(a) > 5 {
			return nil, ErrSyntax
		}
		if start, end, err = a.ints(2, 3); err != nil {
			return nil, err
		}
		if start < 0 && end < 0 && start > end {
			return zero, nil // whatever else is asked
		}
		if unit, err = a.bitUnit(4); err != nil {
			return nil, err
		}
	}
	lo, hi := bitRange(start, end, unit, len(data))
	if lo >= hi {
		return zero, nil
	}
	return intReply(countBits(data, lo, hi)), nil
}

// countBits counts the bits that are 1 from lo up to hi, which lie within data.
func countBits(data []byte, lo, hi int64) (n int) {
	first, last := data[lo>>3]<<(lo&7)>>(lo&7), byte(0)
	whole := data[lo>>3+1:]
	if hi>>3 == lo>>3 {
		return bits.OnesCount8(first >> (8 - hi&7))
	}
	if hi&7 != 0 {
		last = data[hi>>3] >> (8 - hi&7)
	}
	n = bits.OnesCount8(first) + bits.OnesCount8(last)
	whole = whole[:hi>>3-lo>>3-1]
	for ; len(whole) >= 8; whole = whole[8:] {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(whole))
	}
	for _, b := range whole {
		n += bits.OnesCount8(b)
	}
	return n
}

func bitpos(db *DB, a Args) (any, error) {
	bit, err := a.Int(2)
	switch {
	case err != nil:
		return nil, err
	case bit&^1 != 0:
		return nil, errBitArgument
	}
	data, err := stringBytes(db, a[1])
	switch {
	case err != nil:
		return nil, err
	case data == nil:
		return intReply(-bit), nil
	}
	start, end := int64(0), int64(-1)
	if len(a) > 3 {
		if start, err = a.Int(3); err != nil {
			return nil, err
		}
	}
	unit, err := a.bitUnit(5)
	if err != nil {
		return nil, err
	}
	if len(a) > 4 {
		if end, err = a.Int(4); err != nil {
			return nil, err
		}
	}
	lo, hi := bitRange(start, end, unit, len(data))
	at := int64(-1)
	if lo < hi {
		at = findBit(data, bit == 1, lo, hi)
	}
	// Where no end is named, zeros follow.
	if at == -1 && bit == 0 && lo < hi && len(a) < 5 {
		at = hi
	}
	return intReply(at), nil
}

// findBit returns the place of the first bit from lo up to hi that is set or, where
// set is false, not; -1 where there is none.
func findBit(data []byte, set bool, lo, hi int64) int64 {
	flip := byte(0xff)
	if set {
		flip = 0
	}
	for i := lo >> 3; i<<3 < hi; i++ {
		b := data[i] ^ flip
		if i == lo>>3 {
			b = b << (lo & 7) >> (lo & 7)
		}
		if b != 0 {
			if at := i<<3 + int64(bits.LeadingZeros8(b)); at < hi {
				return at
			}
			return -1
		}
		// Long runs of the other bit are passed eight bytes at a time.
		for i<<3+128 <= hi && binary.LittleEndian.Uint64(data[i+1:]) == 0x0101010101010101*uint64(flip) {
			i += 8
		}
	}
	return -1
}

func bitop(db *DB, a Args) (any, error) {
	var combine func(x, y uint64) uint64
	switch {
	case a.Is(1, "AND"):
		combine = func(x, y uint64) uint64 { return x & y }
	case a.Is(1, "OR"):
		combine = func(x, y uint64) uint64 { return x | y }
	case a.Is(1, "XOR"):
		combine = func(x, y uint64) uint64 { return x ^ y }
	case !a.Is(1, "NOT"):
		return nil, ErrSyntax
	case len(a) != 4:
		return nil, errBitNot
	}
	keys, times := a[3:], map[string]int{}
	longest := 0
	for _, key := range keys {
		data, err := stringBytes(db, key)
		if err != nil {
			return nil, err
		}
		longest = max(longest, len(data))
		times[key]++
	}
	// A key may be named any number of times, and must not be gone through as often.
	// Twice is never for XOR, and once for the others.
	var sources [][]byte
	for _, key := range distinct(slices.Clone(keys)) {
		if !a.Is(1, "XOR") || times[key]%2 == 1 {
			data, _ := stringBytes(db, key)
			sources = append(sources, data)
		}
	}
	words := make([]byte, (longest+7)&^7) // whole ones, the last filled up with zeros
	if len(sources) > 0 {
		copy(words, sources[0])
		sources = sources[1:]
	}
	if combine == nil {
		for i := range words {
			words[i] = ^words[i]
		}
	}
	for _, source := range sources {
		for i := 0; i < len(words); i += 8 {
			x := binary.LittleEndian.Uint64(words[i:])
			binary.LittleEndian.PutUint64(words[i:], combine(x, wordAt(source, i)))
		}
	}
	db.store("set", a[2], &buffer{b: words[:longest]}, longest)
	return intReply(longest), nil
}

// wordAt returns eight bytes of data from place i on, zeros where they are behind
// its end.
func wordAt(data []byte, i int) uint64 {
	if i+8 <= len(data) {
		return binary.LittleEndian.Uint64(data[i:])
	}
	var word [8]byte
	copy(word[:], data[min(i, len(data)):])
	return binary.LittleEndian.Uint64(word[:])
}
