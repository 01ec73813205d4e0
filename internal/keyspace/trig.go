package keyspace

import "math"

// Redis prints distances with all digits that C's functions give, which are as near
// to the truth as a float64 can be; those of the math package are not always. These
// compute with twice the digits and round once.

// double is the unevaluated sum of two float64s, the second of which is less than
// half of the first one's last digit.
type double struct{ hi, lo float64 }

func sumOf(a, b float64) double {
	s := a + b
	t := s - a
	return double{s, (a - (s - t)) + (b - t)}
}

func (x double) plus(y double) double {
	s := sumOf(x.hi, y.hi)
	return sumOf(s.hi, s.lo+x.lo+y.lo)
}

func (x double) times(y double) double {
	p := x.hi * y.hi
	rest := math.FMA(x.hi, y.hi, -p)
	return sumOf(p, rest+float64(x.hi*y.lo)+float64(x.lo*y.hi))
}

func (x double) over(n float64) double {
	q := x.hi / n
	return sumOf(q, (math.FMA(-q, n, x.hi)+x.lo)/n)
}

func (x double) minus() double { return double{-x.hi, -x.lo} }

// halfPi is a quarter of a turn.
var halfPi = double{1.5707963267948966, 6.123233995736766e-17}

// inverseFactorials are as many as a series needs for an eighth of a turn. From exact
// on the terms are so small that a float64 has enough of them.
const exact = 12

var inverseFactorials = func() (f [28]double) {
	f[0] = double{1, 0}
	for i := 1; i < len(f); i++ {
		f[i] = f[i-1].over(float64(i))
	}
	return f
}()

// series is the sum of r to the powers from, from+2, … over their factorials, with
// signs by turns: sine from 1, cosine from 0.
func (r double) series(from int) double {
	square := r.times(r).minus()
	i := len(inverseFactorials) - 2 + from
	small := inverseFactorials[i].hi
	for i -= 2; i >= exact; i -= 2 {
		small = float64(small*square.hi) + inverseFactorials[i].hi
	}
	sum := double{small, 0}
	for ; i >= 0; i -= 2 {
		sum = sum.times(square).plus(inverseFactorials[i])
	}
	if from == 1 {
		sum = sum.times(r)
	}
	return sum
}

// wave is the sine of an angle of up to a few turns and some quarters more.
func wave(x float64, quarters int) double {
	turned := math.RoundToEven(x / halfPi.hi)
	r := double{x, 0}.plus(halfPi.times(double{-turned, 0}))
	quarters += int(turned)
	y := r.series(1 - quarters&1)
	if quarters&2 != 0 {
		return y.minus()
	}
	return y
}

func sine(x float64) float64 { return wave(x, 0).hi }

func cosine(x float64) float64 { return wave(x, 1).hi }

// arcsine is for what is not negative.
func arcsine(x float64) float64 {
	if x <= 0.5 {
		return double{x, 0}.arcsine().hi
	}
	// The curve is too steep at its end: the other half of the angle it is.
	rest := (1 - x) / 2
	root := math.Sqrt(rest)
	if root == 0 {
		return halfPi.hi
	}
	half := sumOf(root, math.FMA(-root, root, rest)/(2*root)).arcsine()
	return halfPi.plus(half.times(double{-2, 0})).hi
}

// arcsine takes what the math package says, and a step from there to the truth.
func (x double) arcsine() double {
	near := math.Asin(x.hi)
	return sumOf(near, x.plus(wave(near, 0).minus()).hi/math.Cos(near))
}
