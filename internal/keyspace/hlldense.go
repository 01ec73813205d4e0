package keyspace

// Dense registers stand one behind the other, 6 bits each, the lowest bits of a byte
// first.
const hllDenseSize = hllRegisters * 6 / 8

// denseRegister reads a register of a whole HyperLogLog.
func denseRegister(data []byte, register int) byte {
	at, shift := hllHeader+register*6/8, register*6%8
	rank := data[at] >> shift
	if shift > 2 {
		rank |= data[at+1] << (8 - shift)
	}
	return rank & 0x3f
}

// setDenseRegister writes one.
func setDenseRegister(data []byte, register int, rank byte) {
	at, shift := hllHeader+register*6/8, register*6%8
	data[at] = data[at]&^(0x3f<<shift) | rank<<shift
	if shift > 2 {
		data[at+1] = data[at+1]&^(0x3f>>(8-shift)) | rank>>(8-shift)
	}
}

// denseOf returns a sparse HyperLogLog as a dense one.
func denseOf(data []byte) ([]byte, error) {
	dense := make([]byte, hllHeader+hllDenseSize)
	copy(dense, data[:hllHeader])
	dense[hllEncodingAt] = hllDense
	err := eachSparse(data, func(first, length int, rank byte) {
		for i := range length {
			setDenseRegister(dense, first+i, rank)
		}
	})
	return dense, err
}
