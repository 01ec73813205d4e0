package keyspace

import "strings"

// Args are the words of a call, the name of the command first.
type Args []string

// Int reads argument i as an integer, by Redis's rules: decimal, 64 bits, no
// spaces, no leading zeros or plus.
func (a Args) Int(i int) (int64, error) { return parseInt(a[i]) }

// ints reads two arguments as Int does.
func (a Args) ints(i, j int) (int64, int64, error) {
	m, err := a.Int(i)
	if err != nil {
		return 0, 0, err
	}
	n, err := a.Int(j)
	return m, n, err
}

// atLeast reads argument i as an integer that is not below low; otherwise the
// error is refusal.
func (a Args) atLeast(low int64, i int, refusal Error) (int64, error) {
	n, err := a.Int(i)
	if err != nil || n < low {
		return 0, refusal
	}
	return n, nil
}

// Float reads argument i as a number; "inf", "+inf" and "-inf" are numbers, NaN
// is not.
func (a Args) Float(i int) (float64, error) { return parseFloat(a[i]) }

// Is reports whether argument i is there and is word, in any case. word is in
// capitals.
func (a Args) Is(i int, word string) bool {
	return i < len(a) && len(a[i]) == len(word) && strings.EqualFold(a[i], word)
}
