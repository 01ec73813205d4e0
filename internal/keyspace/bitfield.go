package keyspace

import "strings"

// bitField is a number of some bits in a bitmap.
type bitField struct {
	signed bool
	bits   int
	offset int64
}

// overflow says what becomes of a number that does not fit.
type overflow int

const (
	wrapAround overflow = iota
	saturate
	refuse
)

// fieldOp is one thing that BITFIELD is asked to do.
type fieldOp struct {
	bitField
	name  string // GET, SET or INCRBY
	value int64
	overflow
}

func (op *fieldOp) writes() bool { return op.name != "GET" }

// parseField reads a type, such as u8 or i64, and a place, which with # before it
// counts in numbers of that type.
func parseField(kind, place string) (f bitField, err error) {
	f.signed = strings.HasPrefix(kind, "i")
	if !f.signed && !strings.HasPrefix(kind, "u") {
		return f, errFieldType
	}
	n, err := parseInt(kind[1:])
	if err != nil || n < 1 || n > 64 || n == 64 && !f.signed {
		return f, errFieldType
	}
	f.bits = int(n)
	number, counted := strings.CutPrefix(place, "#")
	if f.offset, err = bitOffset(number); err == nil && counted {
		if f.offset *= n; f.offset>>3 >= maxString {
			err = errBitOffset
		}
	}
	return f, err
}

// fieldOps reads what follows the key of BITFIELD.
func (a Args) fieldOps() (ops []fieldOp, err error) {
	how := wrapAround
	for i := 2; i < len(a); {
		left := len(a) - i - 1
		op := fieldOp{overflow: how}
		switch {
		case a.Is(i, "GET") && left >= 2:
			op.name = "GET"
		case a.Is(i, "SET") && left >= 3:
			op.name = "SET"
		case a.Is(i, "INCRBY") && left >= 3:
			op.name = "INCRBY"
		case a.Is(i, "OVERFLOW") && left >= 1:
			switch {
			case a.Is(i+1, "WRAP"):
				how = wrapAround
			case a.Is(i+1, "SAT"):
				how = saturate
			case a.Is(i+1, "FAIL"):
				how = refuse
			default:
				return nil, errFieldOverflow
			}
			i += 2
			continue
		default:
			return nil, ErrSyntax
		}
		if op.bitField, err = parseField(a[i+1], a[i+2]); err != nil {
			return nil, err
		}
		i += 3
		if op.writes() {
			if op.value, err = a.Int(i); err != nil {
				return nil, err
			}
			i++
		}
		ops = append(ops, op)
	}
	return ops, nil
}

func bitfieldCommand(readOnly bool) handler {
	return func(db *DB, a Args) (any, error) {
		ops, err := a.fieldOps()
		if err != nil {
			return nil, err
		}
		end := int64(0) // of the bits that are written
		for i := range ops {
			if ops[i].writes() {
				end = max(end, ops[i].offset+int64(ops[i].bits))
			}
		}
		reply := make([]any, len(ops))
		if end == 0 {
			data, err := stringBytes(db, a[1])
			if err != nil {
				return nil, err
			}
			for i := range ops {
				reply[i] = intReply(ops[i].get(data))
			}
			return reply, nil
		}
		if readOnly {
			return nil, errFieldReadOnly
		}
		b, grown, err := db.bitsAt(a[1], int(end+7)>>3)
		if err != nil {
			return nil, err
		}
		changed := false
		for i := range ops {
			var was, is int64
			reply[i], was, is = ops[i].run(b)
			changed = changed || was != is || grown && ops[i].writes() && reply[i] != nil
		}
		if changed {
			db.changed("setbit", a[1])
		}
		return reply, nil
	}
}

// run does what op asks for in b, which is long enough for all that is written, and
// returns the number before and after it.
func (op *fieldOp) run(b *buffer) (reply any, was, is int64) {
	was = op.get(b.b)
	if !op.writes() {
		return intReply(was), was, was
	}
	base, by := op.value, int64(0)
	if op.name == "INCRBY" {
		base, by = was, op.value
	}
	is, ok := op.add(base, by)
	if !ok {
		return nil, was, was
	}
	if is != was {
		op.put(b.reserve(int(op.offset>>3), 0), is)
	}
	if op.name == "SET" {
		return intReply(was), was, is
	}
	return intReply(is), was, is
}

// get reads the number; behind the end of data are zeros.
func (f bitField) get(data []byte) int64 {
	var val uint64
	for i, left := f.offset, f.bits; left > 0; {
		var b byte
		if i>>3 < int64(len(data)) {
			b = data[i>>3]
		}
		n := min(8-int(i&7), left)
		val = val<<n | uint64(b<<(i&7)>>(8-n))
		i += int64(n)
		left -= n
	}
	return f.cut(val)
}

// put writes the number into data, which is long enough.
func (f bitField) put(data []byte, val int64) {
	for i, left := f.offset, f.bits; left > 0; {
		n := min(8-int(i&7), left)
		left -= n
		shift := 8 - n - int(i&7)
		mask := byte(1<<n-1) << shift
		b := &data[i>>3]
		*b = *b&^mask | byte(uint64(val)>>left)<<shift&mask
		i += int64(n)
	}
}

// cut takes the lowest bits of val as a number of the field's type.
func (f bitField) cut(val uint64) int64 {
	unused := 64 - f.bits
	if f.signed {
		return int64(val<<unused) >> unused
	}
	return int64(val << unused >> unused)
}

// add returns the sum as it is written, which is not ok where it is refused. base
// may itself not fit.
func (op *fieldOp) add(base, by int64) (sum int64, ok bool) {
	low, high := int64(0), int64(1)<<op.bits-1
	if op.signed {
		high = int64(uint64(1)<<(op.bits-1) - 1)
		low = -high - 1
	}
	switch {
	case op.signed && op.bits < 64:
		// A number so far below that the difference is none in 64 bits counts as one
		// that is too high, as in Redis.
		if base > high || by > high-base {
			return op.exceed(base+by, high)
		}
		if base < low || by < low-base {
			return op.exceed(base+by, low)
		}
	case !op.signed && uint64(base) > uint64(high), by > 0 && by > high-base && base >= 0:
		return op.exceed(base+by, high)
	case by < 0 && by < low-base && (!op.signed || base < 0):
		return op.exceed(base+by, low)
	}
	return base + by, true
}

// exceed is what is written for a sum beyond limit.
func (op *fieldOp) exceed(sum, limit int64) (int64, bool) {
	switch op.overflow {
	case wrapAround:
		return op.cut(uint64(sum)), true
	case saturate:
		return limit, true
	}
	return 0, false
}
