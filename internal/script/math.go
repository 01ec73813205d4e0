package script

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

func (m *machine) openMath() {
	fns := map[string]lua.LGFunction{
		"fmod": m.two("fmod", math.Mod), "mod": m.two("mod", math.Mod), "pow": m.two("pow", math.Pow), "atan2": m.two("atan2", math.Atan2),
		"max": m.most("max", func(a, b float64) bool { return a > b }), "min": m.most("min", func(a, b float64) bool { return a < b }),
		"frexp": m.frexp, "ldexp": m.ldexp, "modf": m.modf, "random": m.random, "randomseed": m.randomseed,
	}
	for name, fn := range map[string]func(float64) float64{
		"abs": math.Abs, "acos": math.Acos, "asin": math.Asin, "atan": math.Atan, "ceil": math.Ceil, "cos": math.Cos, "cosh": math.Cosh,
		"exp": math.Exp, "floor": math.Floor, "log": math.Log, "log10": math.Log10, "sin": math.Sin, "sinh": math.Sinh,
		"sqrt": math.Sqrt, "tan": math.Tan, "tanh": math.Tanh,
		"deg": func(x float64) float64 { return x / (math.Pi / 180) },
		"rad": func(x float64) float64 { return x * (math.Pi / 180) },
	} {
		fns[name] = func(l *lua.LState) int {
			l.Push(lua.LNumber(fn(m.checkNumber(l, 1, name))))
			return 1
		}
	}
	t := m.library("math", fns)
	t.RawSetString("pi", lua.LNumber(math.Pi))
	t.RawSetString("huge", lua.LNumber(math.Inf(1)))
}

func (m *machine) two(name string, fn func(a, b float64) float64) lua.LGFunction {
	return func(l *lua.LState) int {
		l.Push(lua.LNumber(fn(m.checkNumber(l, 1, name), m.checkNumber(l, 2, name))))
		return 1
	}
}

func (m *machine) most(name string, better func(a, b float64) bool) lua.LGFunction {
	return func(l *lua.LState) int {
		best := m.checkNumber(l, 1, name)
		for i := 2; i <= l.GetTop(); i++ {
			if f := m.checkNumber(l, i, name); better(f, best) {
				best = f
			}
		}
		l.Push(lua.LNumber(best))
		return 1
	}
}

func (m *machine) frexp(l *lua.LState) int {
	fraction, exponent := math.Frexp(m.checkNumber(l, 1, "frexp"))
	l.Push(lua.LNumber(fraction))
	l.Push(lua.LNumber(exponent))
	return 2
}

func (m *machine) ldexp(l *lua.LState) int {
	l.Push(lua.LNumber(math.Ldexp(m.checkNumber(l, 1, "ldexp"), int(int32(m.checkInt(l, 2, "ldexp"))))))
	return 1
}

func (m *machine) modf(l *lua.LState) int {
	f := m.checkNumber(l, 1, "modf")
	whole, fraction := math.Modf(f)
	if math.IsInf(f, 0) {
		whole, fraction = f, math.Copysign(0, f)
	}
	l.Push(lua.LNumber(whole))
	l.Push(lua.LNumber(fraction))
	return 2
}

// random is Redis's: the numbers go on from one script to the next, unless one says
// where to begin.
func (m *machine) random(l *lua.LState) int {
	r := m.dice.next()
	switch l.GetTop() {
	case 0:
		l.Push(lua.LNumber(r))
	case 1:
		u := int32(m.checkInt(l, 1, "random"))
		if u < 1 {
			return m.argument(l, 1, "random", "interval is empty")
		}
		l.Push(lua.LNumber(math.Floor(r*float64(u)) + 1))
	case 2:
		low, high := int32(m.checkInt(l, 1, "random")), int32(m.checkInt(l, 2, "random"))
		if low > high {
			return m.argument(l, 2, "random", "interval is empty")
		}
		l.Push(lua.LNumber(math.Floor(r*float64(high-low+1)) + float64(low)))
	default:
		return m.raise(l, 1, "wrong number of arguments")
	}
	return 1
}

func (m *machine) randomseed(l *lua.LState) int {
	m.dice = newDice(int32(m.checkInt(l, 1, "randomseed")))
	return 0
}

// dice are C's lrand48: a number of 48 bits that is multiplied on.
type dice uint64

const firstDice dice = 0x1234abcd330e

func newDice(seed int32) dice { return dice(uint64(uint32(seed))<<16 | 0x330e) }

func (d *dice) next() float64 {
	*d = (*d*0x5deece66d + 0xb) & (1<<48 - 1)
	return float64(int64(*d>>17)%math.MaxInt32) / math.MaxInt32
}
