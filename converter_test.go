package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

type timeSpan struct{ Start, End any }

var errNoFraction = errors.New("not two numbers")

// pythonsConverters are those of testdata/interop/converters.py.
func pythonsConverters() []Option {
	return []Option{
		WithConverter("fractions.Fraction",
			func(r *big.Rat) (any, error) { return []*big.Int{r.Num(), r.Denom()}, nil },
			func(value any) (*big.Rat, error) {
				pair, ok := value.([]any)
				if !ok || len(pair) != 2 {
					return nil, errNoFraction
				}
				num, ok1 := pair[0].(int64)
				denom, ok2 := pair[1].(int64)
				if !ok1 || !ok2 || denom == 0 {
					return nil, errNoFraction
				}
				return big.NewRat(num, denom), nil
			}),
		WithConverter("datetime.datetime",
			func(t time.Time) (any, error) { return t.Format("2006-01-02T15:04:05.999999-07:00"), nil },
			func(value any) (time.Time, error) {
				t, err := time.Parse("2006-01-02T15:04:05.999999-07:00", fmt.Sprint(value))
				return t.UTC(), err
			}),
		WithConverter("Span",
			func(s timeSpan) (any, error) { return map[string]any{"start": s.Start, "end": s.End}, nil },
			func(value any) (timeSpan, error) {
				m, ok := value.(map[string]any)
				if !ok {
					return timeSpan{}, errors.New("no span")
				}
				return timeSpan{m["start"], m["end"]}, nil
			}),
	}
}

// Python's znjson reads what Go's converters wrote, and Go what znjson wrote.
func TestWithConverter_python(t *testing.T) {
	ctx := t.Context()
	_, addr := startServer(t)
	c := dialTest(t, addr)
	day := time.Date(2024, 2, 29, 12, 30, 0, 0, time.UTC)
	array, err := NewNDArray([]float64{1.5, 2.5})
	require.NoError(t, err)
	values := []any{
		big.NewRat(1, 3),
		[]any{big.NewRat(2, 3), map[string]any{"deep": big.NewRat(-5, 7)}},
		timeSpan{big.NewRat(1, 2), timeSpan{day, nil}},
		map[string]any{"schön": day, "plain": map[string]any{"_type": int64(5)}},
		"text", 1.5, map[string]any{"array": array},
	}
	ours, third := NewList[any](c, "go:list", pythonsConverters()...), NewDict[*big.Rat](c, "go:dict", pythonsConverters()...)
	require.NoError(t, ours.Append(ctx, values...))
	require.NoError(t, third.Set(ctx, "third", big.NewRat(1, 3)))

	runPeer(t, peers.Python(t), "-W", "ignore", "testdata/interop/converters.py", "znsocket://"+addr)

	theirs := NewList[any](c, "python:list", pythonsConverters()...)
	for _, l := range []*List[any]{ours, theirs} {
		read, err := l.Slice(ctx, Begin, End)
		require.NoError(t, err)
		require.Equal(t, values, read, l)
	}
	same, err := theirs.EqualSlice(ctx, values)
	require.NoError(t, err)
	require.True(t, same)
	same, err = NewDict[*big.Rat](c, "python:dict", pythonsConverters()...).Equal(ctx, third)
	require.NoError(t, err)
	require.True(t, same)
	var texts [2][]json.RawMessage
	for i, key := range []string{"go:list", "python:list"} {
		texts[i], err = NewList[json.RawMessage](c, key).Slice(ctx, Begin, End)
		require.NoError(t, err)
	}
	for i := range texts[0] {
		assert.JSONEq(t, string(texts[1][i]), string(texts[0][i]))
	}
}

func TestWithConverter(t *testing.T) {
	overCommanders(t, func(t *testing.T, c Commander) {
		ctx := t.Context()
		l, d := NewList[any](c, "l", pythonsConverters()...), NewDict[any](c, "d", pythonsConverters()...)
		half := big.NewRat(1, 2)
		require.NoError(t, l.Append(ctx, half, d, "x"))
		require.NoError(t, l.Insert(ctx, 1, timeSpan{half, l}))
		require.NoError(t, l.Set(ctx, -1, []*big.Rat{half}))
		require.NoError(t, d.Update(ctx, map[string]any{"a": half}))
		at, err := l.Index(ctx, timeSpan{half, l.Key()})
		require.NoError(t, err)
		require.Equal(t, 1, at)
		v, err := l.Pop(ctx, 0)
		require.NoError(t, err)
		require.Equal(t, half, v)
		last, err := l.At(ctx, -1)
		require.NoError(t, err)
		require.Equal(t, []any{half}, last)

		// What comes out of an object has its converters, and so has a copy.
		inner, err := l.At(ctx, 1)
		require.NoError(t, err)
		v, err = inner.(*Dict[any]).Get(ctx, "a")
		require.NoError(t, err)
		require.Equal(t, half, v)
		copied, err := d.Copy(ctx, "copied")
		require.NoError(t, err)
		v, err = copied.Get(ctx, "a")
		require.NoError(t, err)
		require.Equal(t, half, v)
		segments, err := l.Segments(ctx, "s")
		require.NoError(t, err)
		require.NoError(t, segments.Append(ctx, half))
		v, err = segments.At(ctx, -1)
		require.NoError(t, err)
		require.Equal(t, half, v)

		// Without the converter it is the map that is stored.
		plain, err := NewDict[any](c, "d").Get(ctx, "a")
		require.NoError(t, err)
		require.Equal(t, map[string]any{"_type": "fractions.Fraction", "value": []any{int64(1), int64(2)}}, plain)
	})
}

func TestWithConverter_failures(t *testing.T) {
	s, ctx := newStore(t), t.Context()
	l := NewList[any](s, "l", append(pythonsConverters(), WithConverter("secret",
		func(complex128) (any, error) { return nil, errors.New("not to be written") },
		func(any) (complex128, error) { return 0, nil }))...)
	require.EqualError(t, l.Append(ctx, 1, []any{1i}), "json: secret: not to be written")
	n, err := l.Len(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
	text := `[{"_type":"fractions.Fraction","value":"half"}]`
	_, err = s.RPush(ctx, l.Key(), "1", text)
	require.NoError(t, err)
	_, err = l.Slice(ctx, Begin, End)
	var wrong *DecodeError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, &DecodeError{Key: l.Key(), Index: 1, Raw: text, Err: wrong.Err}, wrong)
	require.ErrorIs(t, err, errNoFraction)

	rat := func(*big.Rat) (any, error) { return nil, nil }
	fromAny := func(any) (*big.Rat, error) { return nil, nil }
	for want, opt := range map[string]Option{
		"ValueError: the converter for *big.Rat has no name":       WithConverter("", rat, fromAny),
		`ValueError: converter "r" needs both encode and decode`:   WithConverter("r", rat, nil),
		`ValueError: converter "rat" needs both encode and decode`: WithConverter("rat", nil, fromAny),
		`ValueError: converter "e": error is an interface, each type in it needs a converter of its own`: WithConverter("e",
			func(error) (any, error) { return nil, nil }, func(any) (error, error) { return nil, nil }),
	} {
		require.EqualError(t, NewList[any](s, "l", opt).Append(context.Background(), 1), want)
		_, err := NewDict[any](s, "d", opt, WithNotifier(s)).Len(ctx)
		require.EqualError(t, err, want)
	}
}
