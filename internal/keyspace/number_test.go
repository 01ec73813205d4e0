package keyspace

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNumbers_asRedis sends random numbers through the commands that read and
// write them.
func TestNumbers_asRedis(t *testing.T) {
	both := newBoth(t)
	r := rand.New(rand.NewPCG(1, 0))
	for range 1000 {
		f := math.Float64frombits(r.Uint64())
		switch r.IntN(3) {
		case 0:
			f = r.NormFloat64() * math.Pow10(r.IntN(20))
		case 1:
			f = float64(r.IntN(100_000)) / 100
		}
		text := strconv.FormatFloat(f, "eg"[r.IntN(2)], -1, 64)
		require.Empty(t, both.run([]string{"ZADD", "z", text, "m"}))
		require.Empty(t, both.run([]string{"ZSCORE", "z", "m"}))
		if math.Abs(f) < 1e30 {
			require.Empty(t, both.run([]string{"INCRBYFLOAT", "f", text}))
			require.Empty(t, both.run([]string{"HINCRBYFLOAT", "h", "f", text}))
		}
	}
}

func TestFormatFloat(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", 1: "1", -12: "-12", 0.1: "0.10000000000000001", 3.5: "3.5",
		1e16: "10000000000000000", 1e17: "1e+17", 1e-5: "1.0000000000000001e-05", math.Inf(1): "inf", math.Inf(-1): "-inf",
		math.MaxFloat64: "1.7976931348623157e+308",
	} {
		require.Equal(t, want, FormatFloat(f))
	}
	require.Equal(t, "-0", FormatFloat(math.Copysign(0, -1)))
}
