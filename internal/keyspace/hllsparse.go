package keyspace

import "slices"

// Sparse registers are runs of the same number, in order:
//
//	00llllll            l+1 registers are 0
//	01llllll llllllll   l+1 registers are 0
//	1vvvvvll            l+1 registers are v+1
//
// What does not fit that, or takes more than hllSparseMax bytes with the header, is
// dense.
const (
	hllSparseMax  = 3000 // as Redis's hll-sparse-max-bytes is by default
	sparseRunMax  = 4    // of registers that are not 0
	sparseRankMax = 32
	sparseZeroMax = 64 // of a run in one byte
)

// sparseRun is a run: where it stands in data and in how many bytes, and its
// registers and their number.
type sparseRun struct {
	at, size      int
	first, length int
	value         byte
}

// readRun reads the run at place i, whose first register is known.
func readRun(data []byte, i, first int) (run sparseRun, ok bool) {
	switch b := data[i]; {
	case b&0x80 != 0:
		return sparseRun{i, 1, first, int(b&3) + 1, b>>2&0x1f + 1}, true
	case b&0x40 == 0:
		return sparseRun{i, 1, first, int(b) + 1, 0}, true
	case i+1 == len(data):
		return sparseRun{}, false
	default:
		return sparseRun{i, 2, first, int(b&0x3f)<<8 | int(data[i+1]) + 1, 0}, true
	}
}

// eachSparse calls fn for the runs of a sparse HyperLogLog, which must be all of its
// registers.
func eachSparse(data []byte, fn func(first, length int, rank byte)) error {
	first := 0
	for i := hllHeader; i < len(data); {
		run, ok := readRun(data, i, first)
		if !ok || first+run.length > hllRegisters {
			return errBrokenHLL
		}
		if run.value > 0 {
			fn(first, run.length, run.value)
		}
		first += run.length
		i += run.size
	}
	if first != hllRegisters {
		return errBrokenHLL
	}
	return nil
}

// sparsePlace is the run of a register and where the one before it stands.
type sparsePlace struct {
	sparseRun
	before int
}

func findSparse(data []byte, register int) (sparsePlace, error) {
	p := sparsePlace{before: hllHeader}
	for i := hllHeader; i < len(data); i += p.size {
		run, ok := readRun(data, i, p.first+p.length)
		if !ok {
			break
		}
		if i > hllHeader {
			p.before = p.at
		}
		p.sparseRun = run
		if register < run.first+run.length {
			return p, nil
		}
	}
	return p, errBrokenHLL
}

// put returns data with the register's run split around its new number. It does not
// fit where that is too high or too long.
func (p *sparsePlace) put(data []byte, register int, rank byte) (more []byte, fits bool) {
	if rank > sparseRankMax {
		return nil, false
	}
	var room [5]byte
	runs := p.appendRun(room[:0], register-p.first)
	runs = append(runs, sparseByte(rank, 1))
	runs = p.appendRun(runs, p.first+p.length-1-register)
	if longer := len(runs) - p.size; longer > 0 && len(data)+longer > hllSparseMax {
		return nil, false
	}
	data = slices.Replace(data, p.at, p.at+p.size, runs...)
	return joinRuns(data, p.before), true
}

// appendRun appends what is left of a run.
func (p *sparsePlace) appendRun(dst []byte, length int) []byte {
	switch {
	case length == 0:
		return dst
	case p.value == 0:
		return appendZeros(dst, length)
	}
	return append(dst, sparseByte(p.value, length))
}

func appendZeros(dst []byte, length int) []byte {
	if length > sparseZeroMax {
		return append(dst, 0x40|byte((length-1)>>8), byte(length-1))
	}
	return append(dst, byte(length-1))
}

func sparseByte(rank byte, length int) byte { return 0x80 | (rank-1)<<2 | byte(length-1) }

// joinRuns joins neighbours of the same number, as far as one byte can say it: five
// steps from place i on, which is how far a change reaches.
func joinRuns(data []byte, i int) []byte {
	for step := 0; step < 5 && i < len(data); step++ {
		run, ok := readRun(data, i, 0)
		if !ok {
			break
		}
		if run.value > 0 && i+1 < len(data) && data[i+1]&0x80 != 0 {
			next, _ := readRun(data, i+1, 0)
			if length := run.length + next.length; next.value == run.value && length <= sparseRunMax {
				data[i] = sparseByte(run.value, length)
				data = slices.Delete(data, i+1, i+2)
				continue
			}
		}
		i += run.size
	}
	return data
}
