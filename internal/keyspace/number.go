package keyspace

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// parseInt reads an integer by Redis's rules: decimal, 64 bits, no spaces, no
// leading zeros or plus.
func parseInt(s string) (int64, error) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || digits[0] < '1' && s != "0" || digits[0] > '9' {
		return 0, ErrNotInteger
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, ErrNotInteger
	}
	return n, nil
}

// parseInt32 reads an integer that is an int in Redis.
func parseInt32(s string) (int64, error) {
	n, err := parseInt(s)
	if err == nil && n != int64(int32(n)) {
		return 0, errInt32Range
	}
	return n, err
}

// parseFloat reads a number as Redis does, which is C's strtod for the whole
// text, save that hexadecimal is none to us. What a float64 cannot hold is no
// number.
func parseFloat(s string) (float64, error) {
	if strings.ContainsAny(s, "_xX") {
		return 0, ErrNotFloat
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || f == 0 && nonzero(s) {
		return 0, ErrNotFloat
	}
	return f, nil
}

// nonzero reports whether a number is not written as 0, although it may be too
// small to be anything else.
func nonzero(s string) bool {
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		s = s[:e]
	}
	return strings.ContainsAny(s, "123456789")
}

// FormatFloat writes a score as Redis 7.0 does: 17 significant digits, no zeros
// at the end.
func FormatFloat(f float64) string {
	switch {
	case math.Abs(f) < 1e17 && f == math.Trunc(f):
		return strconv.FormatFloat(f, 'f', 0, 64) // all digits, and the sign of -0
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	return strconv.FormatFloat(f, 'g', 17, 64)
}

// INCRBYFLOAT and HINCRBYFLOAT count in C's long double, so that 0.1 and 0.2 are
// 0.3: 64 bits of mantissa, 15 of exponent.
const (
	longMantissa = 64
	longMaxExp   = 16384
	longMinExp   = -16445
	longMaxText  = 5 * 1024
)

// parseLong is parseFloat for a long double.
func parseLong(s string) (*big.Float, error) {
	if len(s) >= longMaxText || strings.ContainsAny(s, "_xX") {
		return nil, ErrNotFloat
	}
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange), math.IsNaN(f):
		return nil, ErrNotFloat
	case err == nil && math.IsInf(f, 0), !nonzero(s):
		return big.NewFloat(f), nil
	}
	long, _, err := big.ParseFloat(s, 10, longMantissa, big.ToNearestEven)
	if err != nil || long.IsInf() || long.MantExp(nil) > longMaxExp || long.MantExp(nil) < longMinExp {
		return nil, ErrNotFloat
	}
	return long, nil
}

// addLong adds what parseLong gave and returns the sum's text: 17 digits after
// the point, no zeros at the end.
func addLong(a, b *big.Float) (string, error) {
	if a.IsInf() || b.IsInf() {
		return "", ErrIncrNaN
	}
	sum := new(big.Float).SetPrec(longMantissa).Add(a, b)
	if sum.MantExp(nil) > longMaxExp {
		return "", ErrIncrNaN
	}
	text := strings.TrimSuffix(strings.TrimRight(sum.Text('f', 17), "0"), ".")
	if text == "-0" {
		text = "0"
	}
	return text, nil
}

// addInt adds two integers.
func addInt(a, b int64) (int64, error) {
	sum := a + b
	if (a < 0) == (b < 0) && (sum < 0) != (a < 0) {
		return 0, ErrOverflow
	}
	return sum, nil
}
