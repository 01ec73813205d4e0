package keyspace

import (
	"math"
	"math/rand/v2"
)

// randomMax is how many members a call with a negative count, which may name a
// member again and again, gets at most: the reply is built in memory.
const randomMax = 1 << 20

// maxPairs bounds a count of pairs as Redis bounds it, so that twice the count
// is still an integer.
const maxPairs = math.MaxInt64 / 2

// randomCount reads argument i as the count of SRANDMEMBER and its like.
func (a Args) randomCount(i int) (int64, error) {
	n, err := a.Int(i)
	if n == math.MinInt64 {
		return 0, errSymmetricRange
	}
	return n, err
}

// randomKeys returns up to count different keys of a dict that is not empty or,
// where count is negative, -count keys of which some may be the same.
func randomKeys[V any](r *rand.Rand, d *dict[V], count int64) ([]string, error) {
	if count < -randomMax {
		return nil, errTooManyRandom(-count)
	}
	if count < 0 {
		keys := make([]string, -count)
		for i := range keys {
			keys[i], _ = d.random(r)
		}
		return keys, nil
	}
	n := d.len()
	// A few are thrown for until they are different, which would take long for
	// many: those are picked while going through all.
	if count < int64(n/4) {
		keys := make([]string, 0, count)
		taken := make(map[string]bool, count)
		for len(keys) < int(count) {
			if key, _ := d.random(r); !taken[key] {
				taken[key] = true
				keys = append(keys, key)
			}
		}
		return keys, nil
	}
	wanted := int(min(count, int64(n)))
	keys := make([]string, 0, wanted)
	d.each(func(key string, _ *V) bool {
		if r.IntN(n) < wanted-len(keys) {
			keys = append(keys, key)
		}
		n--
		return len(keys) < wanted
	})
	return keys, nil
}
