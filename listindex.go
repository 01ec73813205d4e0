package znsocket

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
)

// indexOps are the changes of a list by index that Redis has no command for.
// Each has three forms, from the best to the last resort: a command of ours,
// which a Store and a Go server have; a script, on Redis; and on a Python
// server a pipeline that marks elements with a token no value can equal. The
// first call finds out which one works and level remembers it.
type indexOps struct{ level atomic.Int32 }

const (
	levelNative = iota
	levelScript
	levelSteps
)

//go:embed listindex.lua
var indexScript string

// indexOp is one change: name and args as our command ZN.name takes them and as
// the script does, and the steps.
type indexOp struct {
	name  string
	args  []string
	steps func() (any, error)
}

func (x *indexOps) do(ctx context.Context, r runner, key string, op indexOp) (any, error) {
	for {
		level := x.level.Load()
		var v any
		var err error
		switch level {
		case levelNative:
			v, err = r.run(ctx, append([]string{"ZN." + op.name, key}, op.args...))
		case levelScript:
			v, err = r.run(ctx, append([]string{"EVAL", indexScript, "1", key, op.name, token()}, op.args...))
		default:
			return op.steps()
		}
		if !errors.Is(err, ErrUnknownCommand) {
			return v, err
		}
		x.level.CompareAndSwap(level, level+1)
	}
}

func token() string { return "znsocket.token:" + rand.Text() }

func (x *indexOps) insert(ctx context.Context, r runner, key string, i int, values []string) (int, error) {
	v, err := x.do(ctx, r, key, indexOp{"LINSERT", append([]string{strconv.Itoa(i)}, values...), func() (any, error) {
		c := Commands{r}
		n64, err := c.LLen(ctx, key)
		n := int(n64)
		at := clampIndex(i, n)
		switch {
		case err != nil:
			return nil, err
		case at == n:
			_, err = r.run(ctx, words("RPUSH", key).strs(values...).words)
		case at == 0:
			reversed := slices.Clone(values)
			slices.Reverse(reversed)
			_, err = r.run(ctx, words("LPUSH", key).strs(reversed...).words)
		default:
			var old string
			if old, err = c.LIndex(ctx, key, int64(at)); err != nil {
				return nil, err
			}
			mark := token()
			steps := [][]string{words("LSET", key).num(int64(at)).strs(mark).words}
			for _, v := range values {
				steps = append(steps, []string{"LINSERT", key, "BEFORE", mark, v})
			}
			steps = append(steps, words("LSET", key).num(int64(at+len(values))).strs(old).words)
			_, err = runSteps(ctx, r, steps)
		}
		return int64(n + len(values)), err
	}})
	if err != nil {
		return 0, err
	}
	n, err := asInt(v)
	return int(n), err
}

func (x *indexOps) pop(ctx context.Context, r runner, key string, i int) (string, error) {
	switch i {
	case 0:
		return Commands{r}.LPop(ctx, key)
	case -1:
		return Commands{r}.RPop(ctx, key)
	}
	v, err := x.do(ctx, r, key, indexOp{"LPOP", []string{strconv.Itoa(i)}, func() (any, error) {
		mark := token()
		replies, err := runSteps(ctx, r, [][]string{
			words("LINDEX", key).num(int64(i)).words,
			words("LSET", key).num(int64(i)).strs(mark).words,
			{"LREM", key, "0", mark},
		})
		if err != nil {
			return nil, err
		}
		return replies[0].Val, nil
	}})
	if err != nil {
		return "", err
	}
	return asText(v)
}

func (x *indexOps) deleteSlice(ctx context.Context, r runner, key string, i, j, step int) (int, error) {
	if step == 0 {
		return 0, errStepZero
	}
	v, err := x.do(ctx, r, key, indexOp{"LDEL", bounds(i, j, step), func() (any, error) {
		n, err := Commands{r}.LLen(ctx, key)
		if err != nil {
			return nil, err
		}
		first, count := pySlice(int(n), i, j, step)
		return int64(count), x.dropMarked(ctx, r, key, indices(first, count, step))
	}})
	if err != nil {
		return 0, err
	}
	n, err := asInt(v)
	return int(n), err
}

func (x *indexOps) deleteAt(ctx context.Context, r runner, key string, at []int) error {
	args := make([]string, len(at))
	for n, i := range at {
		args[n] = strconv.Itoa(i)
	}
	_, err := x.do(ctx, r, key, indexOp{"LDELAT", args, func() (any, error) {
		n, err := Commands{r}.LLen(ctx, key)
		if err != nil {
			return nil, err
		}
		for _, i := range at {
			if i >= int(n) || i < -int(n) {
				return nil, ErrOutOfRange
			}
		}
		return int64(len(at)), x.dropMarked(ctx, r, key, at)
	}})
	return err
}

// dropMarked is the last step of a deletion on a Python server.
func (x *indexOps) dropMarked(ctx context.Context, r runner, key string, at []int) error {
	if len(at) == 0 {
		return nil
	}
	mark := token()
	var steps [][]string
	for _, i := range at {
		steps = append(steps, words("LSET", key).num(int64(i)).strs(mark).words)
	}
	_, err := runSteps(ctx, r, append(steps, []string{"LREM", key, "0", mark}))
	return err
}

// setSlice returns the index of the first element it replaced.
func (x *indexOps) setSlice(ctx context.Context, r runner, key string, i, j, step int, values []string) (int, error) {
	if step == 0 {
		return 0, errStepZero
	}
	first := max(i, 0)
	if step < 0 {
		first = max(j, 0)
	}
	_, err := x.do(ctx, r, key, indexOp{"LSETSLICE", append(bounds(i, j, step), values...), func() (any, error) {
		n, err := Commands{r}.LLen(ctx, key)
		if err != nil {
			return nil, err
		}
		from, count := pySlice(int(n), i, j, step)
		if step != 1 && count != len(values) {
			return nil, &Error{KindResponse, fmt.Sprintf("ERR attempt to assign sequence of size %d to extended slice of size %d", len(values), count)}
		}
		var steps [][]string
		for k := range min(count, len(values)) {
			steps = append(steps, words("LSET", key).num(int64(from+k*step)).strs(values[k]).words)
		}
		if len(steps) > 0 {
			if _, err := runSteps(ctx, r, steps); err != nil {
				return nil, err
			}
		}
		if count < len(values) {
			_, err = x.insert(ctx, r, key, from+count, values[count:])
		} else {
			err = x.dropMarked(ctx, r, key, indices(from+len(values), count-len(values), 1))
		}
		return nil, err
	}})
	return first, err
}

// texts reads a slice. Where our own command is not there, it reads the range
// that the slice lies in, still in one round trip, and thins it out here.
func (l *List[T]) texts(ctx context.Context, i, j, step int) ([]string, error) {
	c := l.commands()
	switch {
	case step == 0:
		return nil, errStepZero
	case step == 1:
		start, stop, ok := lrangeBounds(i, j)
		if !ok {
			return []string{}, nil
		}
		return c.LRange(ctx, l.key, start, stop)
	}
	v, err := l.index.do(ctx, l.runner, l.key, indexOp{"LSLICE", bounds(i, j, step), func() (any, error) {
		low, high := i, j
		if step < 0 {
			if j == -1 {
				return []string{}, nil
			}
			low, high = plusOne(j), plusOne(i)
			if i == -1 {
				high = End
			}
		}
		start, stop, ok := lrangeBounds(low, high)
		if !ok {
			return []string{}, nil
		}
		texts, err := c.LRange(ctx, l.key, start, stop)
		if step < 0 {
			slices.Reverse(texts)
		}
		return thin(texts, max(step, -step)), err
	}})
	if err != nil {
		return nil, err
	}
	return asTexts(v)
}

func thin(texts []string, step int) []string {
	kept := texts[:0]
	for i := 0; i < len(texts); i += step {
		kept = append(kept, texts[i])
		if step > len(texts) {
			break
		}
	}
	return kept
}

func plusOne(i int) int {
	if i == Begin || i == End {
		return i
	}
	return i + 1
}

// lrangeBounds turns a half-open slice into LRANGE's closed one; not ok is
// empty.
func lrangeBounds(i, j int) (start, stop int64, ok bool) {
	switch {
	case j == 0:
		return 0, 0, false
	case j == End:
		return int64(max(i, -End)), -1, true
	}
	return int64(max(i, -End)), int64(max(j, -End)) - 1, true
}

func bounds(i, j, step int) []string {
	return []string{strconv.Itoa(i), strconv.Itoa(j), strconv.Itoa(step)}
}

// clampIndex is Python's rule for insert.
func clampIndex(i, n int) int {
	if i < 0 {
		return max(0, i+n)
	}
	return min(i, n)
}

// pySlice resolves the slice [i:j:step] of n elements as Python does: the first
// index and how many follow at that step.
func pySlice(n, i, j, step int) (first, count int) {
	low, high := 0, n
	if step < 0 {
		low, high = -1, n-1
	}
	clamp := func(k int) int {
		if k < 0 {
			return max(k+n, low)
		}
		return min(k, high)
	}
	i, j = clamp(i), clamp(j)
	switch {
	case step > 0 && i < j:
		count = (j-i-1)/step + 1
	case step < 0 && j < i:
		count = (i-j-1)/-step + 1
	}
	return i, count
}

// runSteps runs a pipeline and gives the first error among its replies.
func runSteps(ctx context.Context, r runner, steps [][]string) ([]Reply, error) {
	replies, err := r.runMulti(ctx, steps)
	if err != nil {
		return nil, err
	}
	for _, reply := range replies {
		if reply.Err != nil {
			return nil, reply.Err
		}
	}
	return replies, nil
}

var errStepZero = &Error{KindValue, "slice step cannot be zero"}

func isNoSuchKey(err error) bool {
	e, ok := err.(*Error)
	return ok && e.Kind == KindResponse && e.Msg == "ERR no such key"
}
