package script

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (m *machine) openStruct() {
	m.library("struct", map[string]lua.LGFunction{"pack": m.structPack, "unpack": m.structUnpack, "size": m.structSize})
}

// layout reads the format of a struct: one option after the other.
type layout struct {
	m      *machine
	l      *lua.LState
	format string
	big    bool // the byte order; on most machines the first byte is the lowest
	align  int
}

const (
	maxIntegerSize = 32
	maxAlign       = 8
)

func (m *machine) layout(l *lua.LState, function string) *layout {
	format := m.checkText(l, 1, function)
	format, _, _ = strings.Cut(format, "\x00")
	return &layout{m: m, l: l, format: format, align: 1}
}

// next returns the next option, how many bytes it takes, and how many are before it
// to have it begin where it should, if it begins at place at.
func (f *layout) next(at int) (option byte, size, before int) {
	option, f.format = f.format[0], f.format[1:]
	switch option {
	case 'B', 'b', 'x':
		size = 1
	case 'H', 'h':
		size = 2
	case 'L', 'l', 'T', 'd':
		size = 8
	case 'f':
		size = 4
	case 'c':
		size = f.count(1)
	case 'i', 'I':
		if size = f.count(4); size > maxIntegerSize {
			f.m.raise(f.l, 1, fmt.Sprintf("integral size %d is larger than limit of %d", size, maxIntegerSize))
		}
	}
	if size > 0 && option != 'c' {
		unit := min(size, f.align)
		before = (unit - at&(unit-1)) & (unit - 1)
	}
	return option, size, before
}

// count reads a number, where there is one.
func (f *layout) count(instead int) int {
	if f.format == "" || !isDigit(f.format[0]) {
		return instead
	}
	n := 0
	for f.format != "" && isDigit(f.format[0]) {
		digit := int(f.format[0] - '0')
		if n > math.MaxInt32/10 || n*10 > math.MaxInt32-digit {
			f.m.raise(f.l, 1, "integral size overflow")
		}
		n = n*10 + digit
		f.format = f.format[1:]
	}
	return n
}

// control carries out an option that takes no bytes.
func (f *layout) control(option byte) {
	switch option {
	case ' ':
	case '>', '<':
		f.big = option == '>'
	case '!':
		n := f.count(maxAlign)
		if n <= 0 || n&(n-1) != 0 {
			f.m.raise(f.l, 1, fmt.Sprintf("alignment %d is not a power of 2", n))
		}
		f.align = n
	default:
		f.m.argument(f.l, 1, "?", fmt.Sprintf("invalid format option '%c'", option))
	}
}

// appendInt appends the lowest bytes of an integer.
func (f *layout) appendInt(dst []byte, n uint64, size int) []byte {
	for i := range size {
		shift := 8 * i
		if f.big {
			shift = 8 * (size - 1 - i)
		}
		dst = append(dst, byte(n>>shift))
	}
	return dst
}

func (f *layout) readInt(data string, signed bool) float64 {
	var n uint64
	for i := range len(data) {
		at := len(data) - 1 - i
		if f.big {
			at = i
		}
		n = n<<8 | uint64(data[at])
	}
	if !signed {
		return float64(n)
	}
	if unused := 64 - 8*len(data); unused > 0 {
		return float64(int64(n<<unused) >> unused)
	}
	return float64(int64(n))
}

func (m *machine) structPack(l *lua.LState) int {
	f := m.layout(l, "pack")
	l.Push(lua.LNil) // what an argument that is missing is
	var out []byte
	arg := 2
	for f.format != "" {
		option, size, before := f.next(len(out))
		m.work(l, 1)
		m.grow(l, before+size)
		out = append(out, make([]byte, before)...)
		switch option {
		case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I':
			n := m.checkNumber(l, arg, "pack")
			v := uint64(whole(n))
			if n >= 1<<63 && n < 1<<64 {
				v = uint64(n)
			} else if n >= 1<<64 {
				v = 0
			}
			out = f.appendInt(out, v, size)
			arg++
		case 'x':
			out = append(out, 0)
		case 'f':
			out = f.appendInt(out, uint64(math.Float32bits(float32(m.checkNumber(l, arg, "pack")))), size)
			arg++
		case 'd':
			out = f.appendInt(out, math.Float64bits(m.checkNumber(l, arg, "pack")), size)
			arg++
		case 'c', 's':
			text := m.checkText(l, arg, "pack")
			arg++
			if size == 0 {
				size = len(text)
			}
			if len(text) < size {
				return m.argument(l, arg, "pack", "string too short")
			}
			m.grow(l, size)
			out = append(out, text[:size]...)
			if option == 's' {
				out = append(out, 0)
			}
		default:
			f.control(option)
		}
	}
	l.Push(lua.LString(out))
	return 1
}

func (m *machine) structUnpack(l *lua.LState) int {
	f := m.layout(l, "unpack")
	data := m.checkText(l, 2, "unpack")
	start := m.optInt(l, 3, "unpack", 1)
	if start <= 0 {
		return m.argument(l, 3, "unpack", "offset must be 1 or greater")
	}
	at := int(min(start-1, math.MaxInt32))
	var values []lua.LValue
	for f.format != "" {
		option, size, before := f.next(at)
		m.work(l, 1)
		at += before
		if size > len(data) || at > len(data)-size {
			return m.argument(l, 2, "unpack", "data string too short")
		}
		if len(values) >= maxUnpacked {
			return m.raise(l, 1, "stack overflow (too many results)")
		}
		switch option {
		case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I':
			values = append(values, lua.LNumber(f.readInt(data[at:at+size], option >= 'a')))
		case 'x':
		case 'f':
			values = append(values, lua.LNumber(math.Float32frombits(uint32(f.readInt(data[at:at+size], false)))))
		case 'd':
			values = append(values, lua.LNumber(math.Float64frombits(f.bits(data[at:at+size]))))
		case 'c':
			if size == 0 {
				n, ok := 0.0, false
				if len(values) > 0 {
					n, ok = number(values[len(values)-1])
				}
				if !ok {
					return m.raise(l, 1, "format 'c0' needs a previous size")
				}
				values = values[:len(values)-1]
				if n < 0 || n > float64(len(data)) || at > len(data)-int(n) {
					return m.argument(l, 2, "unpack", "data string too short")
				}
				size = int(n)
			}
			values = append(values, lua.LString(data[at:at+size]))
		case 's':
			end := strings.IndexByte(data[at:], 0)
			if end < 0 {
				return m.raise(l, 1, "unfinished string in data")
			}
			values = append(values, lua.LString(data[at:at+end]))
			size = end + 1
		default:
			f.control(option)
		}
		at += size
	}
	for _, v := range values {
		l.Push(v)
	}
	l.Push(lua.LNumber(at + 1))
	return len(values) + 1
}

// bits reads eight bytes.
func (f *layout) bits(data string) (n uint64) {
	for i := range len(data) {
		at := len(data) - 1 - i
		if f.big {
			at = i
		}
		n = n<<8 | uint64(data[at])
	}
	return n
}

func (m *machine) structSize(l *lua.LState) int {
	f := m.layout(l, "size")
	at := 0
	for f.format != "" {
		option, size, before := f.next(at)
		at += before
		switch {
		case option == 's':
			return m.argument(l, 1, "size", "option 's' has no fixed size")
		case option == 'c' && size == 0:
			return m.argument(l, 1, "size", "option 'c0' has no fixed size")
		case !isDigit(option) && (option|0x20 < 'a' || option|0x20 > 'z'):
			f.control(option)
		}
		at += size
	}
	l.Push(lua.LNumber(at))
	return 1
}
