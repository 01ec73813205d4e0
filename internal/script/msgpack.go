package script

import (
	"encoding/binary"
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"
)

func (m *machine) openMsgpack() {
	t := m.library("cmsgpack", map[string]lua.LGFunction{
		"pack": m.msgpackPack,
		"unpack": func(l *lua.LState) int {
			text := m.checkText(l, 1, "unpack")
			return m.msgpackUnpack(l, text, math.MaxInt32, 0, false)
		},
		"unpack_one": func(l *lua.LState) int {
			text, offset := m.checkText(l, 1, "unpack_one"), m.optInt(l, 2, "unpack_one", 0)
			return m.msgpackUnpack(l, text, 1, offset, true)
		},
		"unpack_limit": func(l *lua.LState) int {
			text, limit, offset := m.checkText(l, 1, "unpack_limit"), m.checkInt(l, 2, "unpack_limit"), m.optInt(l, 3, "unpack_limit", 0)
			if limit == 0 && offset == 0 {
				return m.msgpackUnpack(l, text, math.MaxInt32, 0, false)
			}
			return m.msgpackUnpack(l, text, limit, offset, true)
		},
	})
	t.RawSetString("_NAME", lua.LString("cmsgpack"))
	t.RawSetString("_VERSION", lua.LString("lua-cmsgpack 0.4.0"))
	t.RawSetString("_COPYRIGHT", lua.LString("Copyright (C) 2012, Salvatore Sanfilippo"))
	t.RawSetString("_DESCRIPTION", lua.LString("MessagePack C implementation for Lua"))
}

func (m *machine) msgpackPack(l *lua.LState) int {
	n := l.GetTop()
	if n == 0 {
		return m.argument(l, 0, "pack", "MessagePack pack needs input.")
	}
	p := packer{m: m, l: l}
	for i := 1; i <= n; i++ {
		p.value(l.Get(i), 0)
	}
	l.Push(lua.LString(p.out))
	return 1
}

// packer writes MessagePack as lua-cmsgpack does.
type packer struct {
	m   *machine
	l   *lua.LState
	out []byte
}

// maxPackedDepth is how deep tables may lie in each other: those below are nil.
const maxPackedDepth = 16

func (p *packer) value(v lua.LValue, depth int) {
	p.m.work(p.l, 1)
	p.m.grow(p.l, valueBytes)
	switch v := v.(type) {
	case lua.LString:
		p.text(string(v))
	case lua.LBool:
		p.out = append(p.out, map[lua.LBool]byte{true: 0xc3, false: 0xc2}[v])
	case lua.LNumber:
		p.number(float64(v))
	case *lua.LTable:
		if depth < maxPackedDepth {
			p.table(p.m.behind(v), depth)
			return
		}
		p.out = append(p.out, 0xc0)
	default:
		p.out = append(p.out, 0xc0)
	}
}

// size appends how many follow, with the first byte for each width; a small one is
// in the byte itself.
func (p *packer) size(n, small int, fixed, in8, in16, in32 byte) {
	switch {
	case n <= small:
		p.out = append(p.out, fixed|byte(n))
	case n <= 0xff && in8 != 0:
		p.out = append(p.out, in8, byte(n))
	case n <= 0xffff:
		p.out = binary.BigEndian.AppendUint16(append(p.out, in16), uint16(n))
	default:
		p.out = binary.BigEndian.AppendUint32(append(p.out, in32), uint32(n))
	}
}

func (p *packer) text(text string) {
	p.m.grow(p.l, len(text))
	p.size(len(text), 31, 0xa0, 0xd9, 0xda, 0xdb)
	p.out = append(p.out, text...)
}

func (p *packer) number(f float64) {
	n := whole(f)
	switch {
	case float64(n) == f && f < 1<<63:
		p.integer(n)
	case float64(float32(f)) == f:
		p.out = binary.BigEndian.AppendUint32(append(p.out, 0xca), math.Float32bits(float32(f)))
	default:
		p.out = binary.BigEndian.AppendUint64(append(p.out, 0xcb), math.Float64bits(f))
	}
}

func (p *packer) integer(n int64) {
	switch {
	case n >= 0 && n <= 127, n < 0 && n >= -32:
		p.out = append(p.out, byte(n))
	case n >= 0 && n <= math.MaxUint8:
		p.out = append(p.out, 0xcc, byte(n))
	case n >= 0 && n <= math.MaxUint16:
		p.out = binary.BigEndian.AppendUint16(append(p.out, 0xcd), uint16(n))
	case n >= 0 && n <= math.MaxUint32:
		p.out = binary.BigEndian.AppendUint32(append(p.out, 0xce), uint32(n))
	case n >= 0:
		p.out = binary.BigEndian.AppendUint64(append(p.out, 0xcf), uint64(n))
	case n >= math.MinInt8:
		p.out = append(p.out, 0xd0, byte(n))
	case n >= math.MinInt16:
		p.out = binary.BigEndian.AppendUint16(append(p.out, 0xd1), uint16(n))
	case n >= math.MinInt32:
		p.out = binary.BigEndian.AppendUint32(append(p.out, 0xd2), uint32(n))
	default:
		p.out = binary.BigEndian.AppendUint64(append(p.out, 0xd3), uint64(n))
	}
}

func (p *packer) table(t *lua.LTable, depth int) {
	count, most, array := 0, 0.0, true
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		count++
		n, ok := k.(lua.LNumber)
		array = array && ok && n > 0 && float64(int32(n)) == float64(n)
		most = max(most, float64(n))
	}
	if array && int(most) == count {
		p.size(count, 15, 0x90, 0, 0xdc, 0xdd)
		for i := 1; i <= count; i++ {
			p.value(t.RawGetInt(i), depth+1)
		}
		return
	}
	p.size(count, 15, 0x80, 0, 0xde, 0xdf)
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		p.value(k, depth+1)
		p.value(v, depth+1)
	}
}

// msgpackUnpack pushes up to limit values from a place on, before them where the
// next one is if that is asked for.
func (m *machine) msgpackUnpack(l *lua.LState, text string, limit, offset int64, next bool) int {
	switch {
	case offset < 0 || limit < 0:
		return m.raise(l, 1, fmt.Sprintf("Invalid request to unpack with offset of %d and limit of %d.", int32(offset), len(text)))
	case offset > int64(len(text)):
		return m.raise(l, 1, fmt.Sprintf("Start offset %d greater than input length %d.", int32(offset), len(text)))
	}
	u := unpacker{m: m, l: l, rest: text[offset:]}
	var values []lua.LValue
	for int64(len(values)) < limit && u.rest != "" {
		if len(values) >= maxUnpacked {
			return m.raise(l, 1, "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)")
		}
		values = append(values, u.value())
	}
	n := len(values)
	if next {
		place := len(text) - len(u.rest)
		if u.rest == "" {
			place = -1
		}
		l.Push(lua.LNumber(place))
		n++
	}
	for _, v := range values {
		l.Push(v)
	}
	return n
}

type unpacker struct {
	m     *machine
	l     *lua.LState
	rest  string
	depth int
}

// take returns the next n bytes.
func (u *unpacker) take(n int) string {
	if n > len(u.rest) {
		u.m.raise(u.l, 1, "Missing bytes in input.")
	}
	taken := u.rest[:n]
	u.rest = u.rest[n:]
	return taken
}

// unsigned reads an integer of n bytes.
func (u *unpacker) unsigned(n int) (v uint64) {
	for _, b := range []byte(u.take(n)) {
		v = v<<8 | uint64(b)
	}
	return v
}

func (u *unpacker) value() lua.LValue {
	u.m.work(u.l, 1)
	u.m.grow(u.l, 4*valueBytes)
	c := u.take(1)[0]
	switch {
	case c < 0x80:
		return lua.LNumber(c)
	case c >= 0xe0:
		return lua.LNumber(int8(c))
	case c < 0x90:
		return u.table(int(c & 0xf))
	case c < 0xa0:
		return u.array(int(c & 0xf))
	case c < 0xc0:
		return u.text(int(c & 0x1f))
	}
	switch c {
	case 0xc0:
		return lua.LNil
	case 0xc2, 0xc3:
		return lua.LBool(c == 0xc3)
	case 0xca:
		return lua.LNumber(math.Float32frombits(uint32(u.unsigned(4))))
	case 0xcb:
		return lua.LNumber(math.Float64frombits(u.unsigned(8)))
	case 0xcc, 0xcd, 0xce, 0xcf:
		return lua.LNumber(u.unsigned(1 << (c - 0xcc)))
	case 0xd0:
		return lua.LNumber(int8(u.unsigned(1)))
	case 0xd1:
		return lua.LNumber(int16(u.unsigned(2)))
	case 0xd2:
		return lua.LNumber(int32(u.unsigned(4)))
	case 0xd3:
		return lua.LNumber(int64(u.unsigned(8)))
	case 0xd9, 0xda, 0xdb:
		return u.text(int(u.unsigned(1 << (c - 0xd9))))
	case 0xdc, 0xdd:
		return u.array(int(u.unsigned(2 << (c - 0xdc))))
	case 0xde, 0xdf:
		return u.table(int(u.unsigned(2 << (c - 0xde))))
	}
	u.m.raise(u.l, 1, "Bad data format in input.")
	return nil
}

func (u *unpacker) text(n int) lua.LValue {
	text := u.take(n)
	return lua.LString(text)
}

// descend bounds how deep tables may lie in each other, as the stack of Lua does in
// Redis.
func (u *unpacker) descend() {
	if u.depth++; u.depth > maxUnpackedDepth {
		u.m.raise(u.l, 1, "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)")
	}
}

const maxUnpackedDepth = 3000

func (u *unpacker) array(n int) lua.LValue {
	u.descend()
	t := u.l.NewTable()
	for i := 1; i <= n; i++ {
		if v := u.value(); v != lua.LNil {
			u.m.growFor(u.l, t, lua.LNumber(i))
			t.RawSetInt(i, v)
		}
	}
	u.depth--
	return t
}

func (u *unpacker) table(n int) lua.LValue {
	u.descend()
	t := u.l.NewTable()
	for range n {
		k := u.value()
		v := u.value()
		u.m.growFor(u.l, t, k)
		t.RawSet(k, v)
	}
	u.depth--
	return t
}
