package keyspace

import (
	"bytes"
	"math"
	"math/bits"
	"slices"
)

// A HyperLogLog is a string, byte for byte as Redis has it, so that it can be read
// and written as one:
//
//	"HYLL"      4 bytes
//	encoding    0 for dense, 1 for sparse; and 3 bytes that are 0
//	count       8 bytes, the lowest first: how many elements, as far as it is known;
//	            the highest bit says that it is not
//	registers   16384 of 6 bits: see hlldense.go and hllsparse.go
//
// A hash tells an element's register and how many zeros follow there; each register
// has the most of them, plus one, that it has seen.
const (
	hllMagic     = "HYLL"
	hllHeader    = 16
	hllIndexBits = 14
	hllRegisters = 1 << hllIndexBits
	hllHashBits  = 64 - hllIndexBits
	hllSeed      = 0xadc83b19

	hllDense  = 0
	hllSparse = 1

	hllEncodingAt = 4
	hllCountAt    = 8
	hllUnknownAt  = 15 // the byte of the count with its highest bit
)

var hyperloglogCommands = []Command{
	{"PFADD", -2, Write, oneKey, pfadd},
	{"PFCOUNT", -2, Read | Alone, allKeys, pfcount},
	{"PFMERGE", -2, Read | Write, allKeys, pfmerge},
}

// hllRank returns the register of an element and the number for it.
func hllRank(element string) (register int, rank byte) {
	hash := murmur64(element, hllSeed)
	zeros := bits.TrailingZeros64(hash>>hllIndexBits | 1<<hllHashBits)
	return int(hash & (hllRegisters - 1)), byte(zeros + 1)
}

// newHLL returns one without elements.
func newHLL() *buffer {
	b := &buffer{b: make([]byte, hllHeader, 64)}
	copy(b.b, hllMagic)
	b.b[hllEncodingAt] = hllSparse
	b.b = appendZeros(b.b, hllRegisters)
	return b
}

// checkHLL refuses a string that is no HyperLogLog, as far as its first bytes tell.
func checkHLL(data []byte) error {
	switch {
	case len(data) < hllHeader,
		!bytes.HasPrefix(data, []byte(hllMagic)),
		data[hllEncodingAt] > hllSparse,
		data[hllEncodingAt] == hllDense && len(data) != hllHeader+hllDenseSize:
		return errNoHLL
	}
	return nil
}

// hllAt returns the HyperLogLog at key to be changed, nil where there is none.
func hllAt(db *DB, key string) (*buffer, error) {
	data, err := stringBytes(db, key)
	if err != nil || data == nil {
		return nil, err
	}
	if err := checkHLL(data); err != nil {
		return nil, err
	}
	return bufferAt(db, key)
}

// raise gives a register a number where that is higher than what it has, and
// reports whether it was.
func (b *buffer) raise(register int, rank byte) (raised bool, err error) {
	if b.b[hllEncodingAt] == hllDense {
		if denseRegister(b.b, register) >= rank {
			return false, nil
		}
		setDenseRegister(b.reserve(hllHeader, 0), register, rank)
		return true, nil
	}
	s, err := findSparse(b.b, register)
	if err != nil || s.value >= rank {
		return false, err
	}
	data := b.reserve(0, 0)
	if more, fits := s.put(data, register, rank); fits {
		b.b = more
		return true, nil
	}
	if b.b, err = denseOf(data); err != nil {
		return false, err
	}
	setDenseRegister(b.b, register, rank)
	return true, nil
}

// forgetCount says that the count is not known any more.
func (b *buffer) forgetCount() { b.reserve(hllUnknownAt, 0)[hllUnknownAt] |= 0x80 }

func pfadd(db *DB, a Args) (any, error) {
	b, err := hllAt(db, a[1])
	if err != nil {
		return nil, err
	}
	changed := b == nil
	if changed {
		b = newHLL()
		db.put(a[1], b)
	}
	for _, element := range a[2:] {
		raised, err := b.raise(hllRank(element))
		if err != nil {
			return nil, err
		}
		changed = changed || raised
	}
	if changed {
		b.forgetCount()
		db.changed("pfadd", a[1])
	}
	return boolReply(changed), nil
}

// hllRanks are the registers of a HyperLogLog that is worked with.
type hllRanks [hllRegisters]byte

// mergeAll takes in the registers of the HyperLogLogs at keys, and reports whether one
// of them is dense. A key may be named any number of times, and is merged once.
func (r *hllRanks) mergeAll(db *DB, keys []string) (dense bool, err error) {
	for _, key := range distinct(slices.Clone(keys)) {
		isDense, err := r.merge(db, key)
		if err != nil {
			return false, err
		}
		dense = dense || isDense
	}
	return dense, nil
}

// merge takes in the registers of the HyperLogLog at key, and reports whether it is
// there and dense.
func (r *hllRanks) merge(db *DB, key string) (dense bool, err error) {
	data, err := stringBytes(db, key)
	if err != nil || data == nil {
		return false, err
	}
	if err := checkHLL(data); err != nil {
		return false, err
	}
	if data[hllEncodingAt] == hllSparse {
		return false, eachSparse(data, func(first, length int, rank byte) {
			for i := range r[first : first+length] {
				r[first+i] = max(r[first+i], rank)
			}
		})
	}
	for i := range r {
		r[i] = max(r[i], denseRegister(data, i))
	}
	return true, nil
}

// count estimates how many elements there are, by the formula of Otmar Ertl's "New
// cardinality estimation algorithms for HyperLogLog sketches". Conversions keep the
// compiler from rounding once where Redis rounds twice.
func (r *hllRanks) count() int64 {
	const alphaInf = 0.721347520444481703680
	var having [hllHashBits + 2]float64
	for _, rank := range r {
		if int(rank) < len(having) {
			having[rank]++
		}
	}
	const m = float64(hllRegisters)
	z := m * hllTau((m-having[hllHashBits+1])/m)
	for rank := hllHashBits; rank >= 1; rank-- {
		z = float64((z + having[rank]) * 0.5)
	}
	z += float64(m * hllSigma(having[0]/m))
	return int64(math.Round(alphaInf * m * m / z))
}

func hllTau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for last := math.NaN(); z != last; {
		x, last, y = math.Sqrt(x), z, y*0.5
		z -= float64((1 - x) * (1 - x) * y)
	}
	return z / 3
}

func hllSigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for last := math.NaN(); z != last; {
		x, last = x*x, z
		z += float64(x * y)
		y += y
	}
	return z
}

// pfcount of one key keeps the count in it.
func pfcount(db *DB, a Args) (any, error) {
	if len(a) > 2 {
		var all hllRanks
		if _, err := all.mergeAll(db, a[1:]); err != nil {
			return nil, err
		}
		return intReply(all.count()), nil
	}
	b, err := hllAt(db, a[1])
	if err != nil || b == nil {
		return zero, err
	}
	if b.b[hllUnknownAt]&0x80 == 0 {
		var n int64
		for i := range 8 {
			n |= int64(b.b[hllCountAt+i]) << (8 * i)
		}
		return intReply(n), nil
	}
	var ranks hllRanks
	if _, err := ranks.merge(db, a[1]); err != nil {
		return nil, err
	}
	n := ranks.count()
	data := b.reserve(hllCountAt, 0)
	for i := range 8 {
		data[hllCountAt+i] = byte(n >> (8 * i))
	}
	db.touched(a[1])
	return intReply(n), nil
}

// pfmerge puts what all of the keys have, the first among them, into the first.
func pfmerge(db *DB, a Args) (any, error) {
	var all hllRanks
	dense, err := all.mergeAll(db, a[1:])
	if err != nil {
		return nil, err
	}
	b, err := hllAt(db, a[1])
	if err != nil {
		return nil, err
	}
	if b == nil {
		b = newHLL()
		db.put(a[1], b)
	}
	if dense && b.b[hllEncodingAt] == hllSparse {
		if b.b, err = denseOf(b.reserve(0, 0)); err != nil {
			return nil, err
		}
	}
	for register, rank := range all {
		if rank > 0 {
			if _, err := b.raise(register, rank); err != nil {
				return nil, err
			}
		}
	}
	b.forgetCount()
	db.changed("pfadd", a[1])
	return ok, nil
}
