package script

import (
	"math"
	"math/bits"

	lua "github.com/yuin/gopher-lua"
)

func (m *machine) openBit() {
	m.library("bit", map[string]lua.LGFunction{
		"tobit": func(l *lua.LState) int { return pushBits(l, m.bits(l, 1, "tobit")) },
		"bnot":  func(l *lua.LState) int { return pushBits(l, ^m.bits(l, 1, "bnot")) },
		"bswap": func(l *lua.LState) int { return pushBits(l, bits.ReverseBytes32(m.bits(l, 1, "bswap"))) },
		"band":  m.bitwise("band", func(a, b uint32) uint32 { return a & b }),
		"bor":   m.bitwise("bor", func(a, b uint32) uint32 { return a | b }),
		"bxor":  m.bitwise("bxor", func(a, b uint32) uint32 { return a ^ b }),

		"lshift":  m.shift("lshift", func(a uint32, n int) uint32 { return a << n }),
		"rshift":  m.shift("rshift", func(a uint32, n int) uint32 { return a >> n }),
		"arshift": m.shift("arshift", func(a uint32, n int) uint32 { return uint32(int32(a) >> n) }),
		"rol":     m.shift("rol", bits.RotateLeft32),
		"ror":     m.shift("ror", func(a uint32, n int) uint32 { return bits.RotateLeft32(a, -n) }),
		"tohex":   m.tohex,
	})
}

// bits is an argument as 32 bits: a number rounded to the nearest, without what is
// above.
func (m *machine) bits(l *lua.LState, n int, function string) uint32 {
	f := m.checkNumber(l, n, function) + 1<<52 + 1<<51
	return uint32(math.Float64bits(f))
}

func pushBits(l *lua.LState, b uint32) int {
	l.Push(lua.LNumber(int32(b)))
	return 1
}

func (m *machine) bitwise(name string, op func(a, b uint32) uint32) lua.LGFunction {
	return func(l *lua.LState) int {
		b := m.bits(l, 1, name)
		for i := l.GetTop(); i > 1; i-- {
			b = op(b, m.bits(l, i, name))
		}
		return pushBits(l, b)
	}
}

func (m *machine) shift(name string, op func(a uint32, n int) uint32) lua.LGFunction {
	return func(l *lua.LState) int { return pushBits(l, op(m.bits(l, 1, name), int(m.bits(l, 2, name)&31))) }
}

func (m *machine) tohex(l *lua.LState) int {
	b, n := m.bits(l, 1, "tohex"), int32(8)
	if l.GetTop() > 1 {
		n = int32(m.bits(l, 2, "tohex"))
	}
	digits := "0123456789abcdef"
	if n < 0 {
		n, digits = -n, "0123456789ABCDEF"
	}
	if n > 8 || n < 0 {
		n = 8
	}
	out := make([]byte, n)
	for i := int(n) - 1; i >= 0; i-- {
		out[i] = digits[b&15]
		b >>= 4
	}
	l.Push(lua.LString(out))
	return 1
}
