package keyspace

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGeo_everywhere compares searches around the world, and distances down to the
// last digit, among many places. C's functions are not always right in their last
// digit, so a few of the hundred thousands of distances may differ in theirs.
func TestGeo_everywhere(t *testing.T) {
	different := 0
	both := newBoth(t)
	r := rand.New(rand.NewPCG(1, 0))
	do := func(format string, args ...any) {
		words, err := splitWords(fmt.Sprintf(format, args...))
		require.NoError(t, err)
		want, _ := both.redis.do(words)
		different += differentDigits(t, resp2(both.space.Do(0, words)), want)
	}
	lon := func() float64 { return r.Float64()*359 - 179.5 }
	lat := func() float64 { return r.Float64()*169 - 84.5 }
	for i := range 1000 {
		x, y := lon(), lat()
		do("GEOADD g %v %v %d", x, y, i)
		// Some near, and some all but on the other side of the world, where a last digit
		// makes much; right there it makes two tenths of a metre.
		do("GEOADD g %v %v %da", math.Remainder(x+179.9, 360), -y, i)
		near := r.NormFloat64() / 1e4
		do("GEOADD g %v %v %db", x+near*min(0, x), y+near*min(0, y), i)
		do("GEODIST g %d %d", i, r.IntN(i+1))
		do("GEODIST g %d %da", i, i)
		do("GEODIST g %db %d ft", i, i)
	}
	for range 300 {
		radius := math.Pow(10, 1+r.Float64()*6.5)
		do("GEOSEARCH g FROMLONLAT %v %v BYRADIUS %v m WITHDIST", lon(), lat(), radius)
		do("GEOSEARCH g FROMLONLAT %v %v BYRADIUS %v m COUNT 5 ANY", lon(), lat(), radius)
		do("GEOSEARCH g FROMLONLAT %v %v BYBOX %v %v m WITHDIST WITHHASH", lon(), lat(), radius, radius*r.Float64())
		do("GEORADIUSBYMEMBER g %d %v mi ASC COUNT %d WITHCOORD", r.IntN(1000), radius, 1+r.IntN(30))
	}
	require.Less(t, different, 5)
}

// differentDigits compares replies and returns how many distances differ in their last
// digit.
func differentDigits(t *testing.T, got, want any) (different int) {
	t.Helper()
	if list, isList := want.([]any); isList && reflect.TypeOf(got) == reflect.TypeOf(want) && len(list) == len(got.([]any)) {
		for i := range list {
			different += differentDigits(t, got.([]any)[i], list[i])
		}
		return different
	}
	if got == want {
		return 0
	}
	here, err := strconv.ParseFloat(fmt.Sprint(got), 64)
	require.NoError(t, err, "%v, not %v", got, want)
	there, err := strconv.ParseFloat(fmt.Sprint(want), 64)
	require.NoError(t, err, "%v, not %v", got, want)
	require.InDelta(t, there, here, 0.00015)
	return 1
}

// TestTrig compares with sums of many more digits than a float64 has.
func TestTrig(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 0))
	sin := func(x *big.Float) *big.Float {
		sum, power := new(big.Float).SetPrec(400), new(big.Float).SetPrec(400).Set(x)
		for i := int64(1); i < 120; i += 2 {
			sum.Add(sum, power)
			power.Mul(power, x).Mul(power, x).Quo(power, big.NewFloat(float64(-(i+1)*(i+2))))
		}
		return sum
	}
	exactly := func(x float64) *big.Float { return new(big.Float).SetPrec(400).SetFloat64(x) }
	quarter, _, err := big.ParseFloat("1.57079632679489661923132169163975144209858469968755291048747229615390820314310449931401741267105853399107", 10, 400, big.ToNearestEven)
	require.NoError(t, err)
	for range 3000 {
		x := (r.Float64() - 0.5) * 2 * math.Pi
		if r.IntN(3) == 0 {
			x *= math.Pow(10, -10*r.Float64())
		}
		want, _ := sin(exactly(x)).Float64()
		require.Equal(t, want, sine(x), "sine of %v", x)
		want, _ = sin(new(big.Float).SetPrec(400).Add(quarter, exactly(x))).Float64()
		require.Equal(t, want, cosine(x), "cosine of %v", x)

		x = r.Float64()
		if r.IntN(3) == 0 {
			x = 1 - x*math.Pow(10, -15*r.Float64())
		}
		got := arcsine(x)
		for _, near := range []float64{math.Nextafter(got, 0), math.Nextafter(got, 2)} {
			middle := new(big.Float).SetPrec(400).Add(exactly(got), exactly(near))
			middle.Quo(middle, big.NewFloat(2))
			if near > math.Pi/2 {
				continue // the sine falls again
			}
			require.Equal(t, near > got, sin(middle).Cmp(exactly(x)) >= 0, "arcsine of %v", x)
		}
	}
	require.Equal(t, []float64{0, 0, 1, math.Pi / 2}, []float64{sine(0), arcsine(0), cosine(0), arcsine(1)})
}

func BenchmarkGeo_distance(b *testing.B) {
	p, q := point{13.361389, 38.115556}, point{15.087269, 37.502669}
	for b.Loop() {
		p.distance(q)
	}
}

func BenchmarkGEOSEARCH(b *testing.B) {
	s := New()
	r := rand.New(rand.NewPCG(1, 0))
	for i := range 100_000 {
		_, err := s.Do(0, []string{"GEOADD", "g", fmt.Sprint(r.Float64()), fmt.Sprint(r.Float64()), fmt.Sprint(i)})
		if err != nil {
			b.Fatal(err)
		}
	}
	argv := []string{"GEOSEARCH", "g", "FROMLONLAT", "0.5", "0.5", "BYRADIUS", "2", "km", "ASC", "WITHDIST"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Do(0, argv); err != nil {
			b.Fatal(err)
		}
	}
}
