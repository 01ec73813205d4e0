package keyspace

import "sync"

// Redis compresses strings as Marc Lehmann's LibLZF does. There are two kinds of
// pieces, told apart by the first three bits:
//
//	000lllll                    l+1 bytes follow as they are
//	llloooooo oooooooo          l+2 bytes as they were o+1 bytes before
//	111ooooo llllllll oooooooo  l+9 bytes
//
// Which repetitions are found is LibLZF's choice too, so that what is compressed here
// is what Redis would have: the last place is remembered where three bytes with the
// same hash were seen, but for those inside a repetition, of which only the last two
// count.
const (
	lzfHashBits   = 16
	lzfRun        = 32      // bytes as they are, in a piece
	lzfReach      = 1 << 13 // how far back
	lzfRepetition = 264     // bytes
	lzfSurely     = 16      // so many are compared before the end is looked for
)

// lzfTable has for each hash the last place, 0 for none.
type lzfTable [1 << lzfHashBits]int32

var lzfTables = sync.Pool{New: func() any { return new(lzfTable) }}

// note remembers place i of data and returns the one that was there before.
func (t *lzfTable) note(data []byte, i int) int {
	three := uint32(data[i])<<16 | uint32(data[i+1])<<8 | uint32(data[i+2])
	slot := &t[(three>>(24-lzfHashBits)-three*5)&(1<<lzfHashBits-1)]
	before := int(*slot)
	*slot = int32(i)
	return before
}

// lzfCompress returns data compressed, not ok where that needs more than limit bytes.
func lzfCompress(data []byte, limit int) (packed []byte, ok bool) {
	table := lzfTables.Get().(*lzfTable)
	defer lzfTables.Put(table)
	clear(table[:])
	packed = append(make([]byte, 0, limit), 0)
	run := 0 // how many bytes as they are there are since the last 0 was put
	literal := func(b byte) {
		packed = append(packed, b)
		if run++; run == lzfRun {
			packed[len(packed)-run-1] = byte(run - 1)
			packed = append(packed, 0)
			run = 0
		}
	}
	endRun := func() {
		if run == 0 {
			packed = packed[:len(packed)-1]
			return
		}
		packed[len(packed)-run-1] = byte(run - 1)
		run = 0
	}
	i := 0
	for i < len(data)-2 {
		before := table.note(data, i)
		back := i - before - 1
		if before == 0 || back >= lzfReach || [3]byte(data[before:]) != [3]byte(data[i:]) {
			if len(packed) >= limit {
				return nil, false
			}
			literal(data[i])
			i++
			continue
		}
		room := len(packed) + 4
		if run == 0 {
			room--
		}
		if room >= limit {
			return nil, false
		}
		endRun()
		n := lzfSame(data, before, i)
		if length := n - 2; length < 7 {
			packed = append(packed, byte(back>>8)|byte(length<<5))
		} else {
			packed = append(packed, byte(back>>8)|7<<5, byte(length-7))
		}
		packed = append(packed, byte(back), 0)
		i += n
		if i >= len(data)-2 {
			break
		}
		table.note(data, i-2)
		table.note(data, i-1)
	}
	if len(packed)+3 > limit {
		return nil, false
	}
	for ; i < len(data); i++ {
		literal(data[i])
	}
	endRun()
	return packed, true
}

// lzfSame returns how many bytes, three at least, are at place i as they are at the
// place before. Short repetitions end two bytes before the end of data.
func lzfSame(data []byte, before, i int) int {
	most := min(len(data)-i-2, lzfRepetition)
	n := 3
	if most > lzfSurely {
		for ; n < 3+lzfSurely; n++ {
			if data[before+n] != data[i+n] {
				return n
			}
		}
	}
	for n < most && data[before+n] == data[i+n] {
		n++
	}
	return n
}

// lzfExpand returns what was compressed, which is size bytes long.
func lzfExpand(packed []byte, size int) ([]byte, error) {
	if size < 0 {
		return nil, errBadData
	}
	// No piece says more than lzfRepetition bytes in less than three.
	data := make([]byte, 0, min(size, (len(packed)/3+1)*lzfRepetition))
	for len(packed) > 0 {
		control := int(packed[0])
		packed = packed[1:]
		if control < lzfRun {
			if control >= len(packed) {
				return nil, errBadData
			}
			data = append(data, packed[:control+1]...)
			packed = packed[control+1:]
			continue
		}
		length := control >> 5
		if length == 7 && len(packed) > 0 {
			length += int(packed[0])
			packed = packed[1:]
		}
		if len(packed) == 0 {
			return nil, errBadData
		}
		from := len(data) - (control&0x1f<<8 | int(packed[0])) - 1
		packed = packed[1:]
		if from < 0 || len(data)+length+2 > size {
			return nil, errBadData
		}
		for range length + 2 {
			data = append(data, data[from])
			from++
		}
	}
	if len(data) != size {
		return nil, errBadData
	}
	return data, nil
}
