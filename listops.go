package znsocket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// push appends values, of which there are some, and returns the new length.
func (o *object) push(ctx context.Context, values []string) (int, error) {
	c := o.commands()
	if len(values) == 1 || o.way.next() != waySteps {
		n, err := call(ctx, c, asInt, words("RPUSH", o.key).strs(values...))
		var refused *Error
		if len(values) == 1 || !errors.As(err, &refused) || refused.Kind != KindType {
			return int(n), err
		}
		o.way.Store(waySteps) // a Python server: it takes one value a command
	}
	steps := make([][]string, len(values))
	for k, v := range values {
		steps[k] = []string{"RPUSH", o.key, v}
	}
	replies, err := o.runSteps(ctx, steps)
	if err != nil {
		return 0, err
	}
	n, err := asInt(replies[len(replies)-1].Val)
	return int(n), err
}

// slice returns the values of [i:j:step] and the place of the first.
func (o *object) slice(ctx context.Context, i, j, step int) (first int, values []string, err error) {
	switch {
	case step == 0:
		return 0, nil, errStepZero
	case j == 0 && step > 0:
		return 0, []string{}, nil
	case step == 1 && (i >= 0 || i == Begin) && j > 0:
		first = max(i, 0)
		stop := int64(j) - 1
		if j == End {
			stop = -1
		}
		values, err = o.commands().LRange(ctx, o.key, int64(first), stop)
		return first, values, err
	}
	v, err := o.do(ctx, op{o.sliceCall("ZN.LSLICE", i, j, step), func() (any, error) {
		first, count, err := o.resolve(ctx, i, j, step)
		if err != nil || count == 0 {
			return []any{int64(first), []string{}}, err
		}
		last := first + (count-1)*step
		low := min(first, last)
		all, err := o.commands().LRange(ctx, o.key, int64(low), int64(max(first, last)))
		values := make([]string, 0, count)
		for _, at := range indices(first, count, step) {
			if at-low < len(all) {
				values = append(values, all[at-low])
			}
		}
		return []any{int64(first), values}, err
	}})
	if err != nil {
		return 0, nil, err
	}
	first, rest, err := asPlaced(v)
	if err != nil {
		return 0, nil, err
	}
	values, err = asTexts(rest)
	return first, values, err
}

// setSlice puts values in the place of [i:j:step] and returns the first place
// and how many elements were replaced.
func (o *object) setSlice(ctx context.Context, i, j, step int, values []string) (first, count int, err error) {
	if step == 0 {
		return 0, 0, errStepZero
	}
	v, err := o.do(ctx, op{o.sliceCall("ZN.LSETSLICE", i, j, step, values...), func() (any, error) {
		first, count, err := o.resolve(ctx, i, j, step)
		if err != nil {
			return nil, err
		}
		if step != 1 && count != len(values) {
			return nil, &Error{KindResponse, fmt.Sprintf("ERR attempt to assign sequence of size %d to extended slice of size %d", len(values), count)}
		}
		both := min(count, len(values))
		steps := make([][]string, both)
		for k := range both {
			steps[k] = words("LSET", o.key).num(int64(first + k*step)).strs(values[k]).words
		}
		if both > 0 {
			if _, err := o.runSteps(ctx, steps); err != nil {
				return nil, err
			}
		}
		switch {
		case count < len(values):
			_, err = o.insertSteps(ctx, first+count, values[count:])
		case count > len(values):
			err = o.dropSteps(ctx, indices(first+both, count-both, 1))
		}
		return []any{int64(first), int64(count)}, err
	}})
	if err != nil {
		return 0, 0, err
	}
	return asSpan(v)
}

// setAt replaces the element at index i and returns its place.
func (o *object) setAt(ctx context.Context, i int, value string) (int, error) {
	set := words("LSET", o.key).num(int64(i)).strs(value).words
	if i >= 0 {
		_, err := o.commands().r.run(ctx, set)
		return i, err
	}
	v, err := o.do(ctx, op{[]string{"ZN.LSET", o.key, strconv.Itoa(i), value}, func() (any, error) {
		replies, err := o.runSteps(ctx, [][]string{{"LLEN", o.key}, set})
		if err != nil {
			return nil, err
		}
		n, err := asInt(replies[0].Val)
		return n + int64(i), err
	}})
	if err != nil {
		return 0, err
	}
	at, err := asInt(v)
	return int(at), err
}

// insertAt inserts values before index i and returns the place of the first.
func (o *object) insertAt(ctx context.Context, i int, values []string) (int, error) {
	v, err := o.do(ctx, op{slices.Concat([]string{"ZN.LINSERT", o.key, strconv.Itoa(i)}, values), func() (any, error) {
		return o.insertSteps(ctx, i, values)
	}})
	if err != nil {
		return 0, err
	}
	at, err := asInt(v)
	return int(at), err
}

func (o *object) insertSteps(ctx context.Context, i int, values []string) (any, error) {
	n, err := o.commands().LLen(ctx, o.key)
	if err != nil {
		return nil, err
	}
	at := int64(i)
	if i < 0 {
		at += n
	}
	at = min(max(at, 0), n)
	var steps [][]string
	switch at {
	case n:
		_, err := o.push(ctx, values)
		return at, err
	case 0:
		for _, v := range slices.Backward(values) {
			steps = append(steps, []string{"LPUSH", o.key, v})
		}
	default:
		old, err := o.commands().LIndex(ctx, o.key, at)
		if err != nil {
			return nil, err
		}
		mark := token()
		steps = append(steps, words("LSET", o.key).num(at).strs(mark).words)
		for _, v := range values {
			steps = append(steps, []string{"LINSERT", o.key, "BEFORE", mark, v})
		}
		steps = append(steps, words("LSET", o.key).num(at+int64(len(values))).strs(old).words)
	}
	_, err = o.runSteps(ctx, steps)
	return at, err
}

// popAt removes the element at index i and returns its place and what it was;
// ErrNil where there is none.
func (o *object) popAt(ctx context.Context, i int) (at int, value string, err error) {
	if i == 0 {
		value, err = o.commands().LPop(ctx, o.key)
		return 0, value, err
	}
	v, err := o.do(ctx, op{[]string{"ZN.LPOP", o.key, strconv.Itoa(i)}, func() (any, error) {
		mark := token()
		replies, err := o.runSteps(ctx, [][]string{
			{"LLEN", o.key},
			words("LINDEX", o.key).num(int64(i)).words,
			words("LSET", o.key).num(int64(i)).strs(mark).words,
			{"LREM", o.key, "0", mark},
		})
		if err != nil {
			return nil, err
		}
		n, err := asInt(replies[0].Val)
		return []any{int64(resolveIndex(i, int(n))), replies[1].Val}, err
	}})
	if err != nil {
		return 0, "", err
	}
	if v == nil {
		return 0, "", ErrNil
	}
	at, rest, err := asPlaced(v)
	if err != nil {
		return 0, "", err
	}
	value, err = asText(rest)
	return at, value, err
}

// deleteSlice removes [i:j:step] and returns the first place and how many there
// were.
func (o *object) deleteSlice(ctx context.Context, i, j, step int) (first, count int, err error) {
	if step == 0 {
		return 0, 0, errStepZero
	}
	v, err := o.do(ctx, op{o.sliceCall("ZN.LDEL", i, j, step), func() (any, error) {
		first, count, err := o.resolve(ctx, i, j, step)
		if err == nil && count > 0 {
			err = o.dropSteps(ctx, indices(first, count, step))
		}
		return []any{int64(first), int64(count)}, err
	}})
	if err != nil {
		return 0, 0, err
	}
	return asSpan(v)
}

// deleteAt removes the elements at some indices, all or none, and returns their
// places, the lowest first.
func (o *object) deleteAt(ctx context.Context, at []int) ([]int, error) {
	argv := words("ZN.LDELAT", o.key)
	for _, i := range at {
		argv = argv.num(int64(i))
	}
	v, err := o.do(ctx, op{argv.words, func() (any, error) {
		n, err := o.commands().LLen(ctx, o.key)
		if err != nil {
			return nil, err
		}
		places := make([]int, len(at))
		for k, i := range at {
			places[k] = resolveIndex(i, int(n))
			if places[k] < 0 || places[k] >= int(n) {
				return nil, ErrOutOfRange
			}
		}
		slices.Sort(places)
		places = slices.Compact(places)
		return anyOf(places), o.dropSteps(ctx, places)
	}})
	if err != nil {
		return nil, err
	}
	return asPlaces(v)
}

// dropSteps removes the elements at some places, of which there is one at least.
func (o *object) dropSteps(ctx context.Context, places []int) error {
	mark := token()
	steps := make([][]string, len(places), len(places)+1)
	for k, at := range places {
		steps[k] = words("LSET", o.key).num(int64(at)).strs(mark).words
	}
	_, err := o.runSteps(ctx, append(steps, []string{"LREM", o.key, "0", mark}))
	return err
}

// resolve resolves the slice [i:j:step] of the list as it is now.
func (o *object) resolve(ctx context.Context, i, j, step int) (first, count int, err error) {
	n, err := o.commands().LLen(ctx, o.key)
	first, count = pySlice(int(n), i, j, step)
	return first, count, err
}

func (o *object) sliceCall(name string, i, j, step int, values ...string) []string {
	return slices.Concat([]string{name, o.key, strconv.Itoa(i), strconv.Itoa(j), strconv.Itoa(step)}, values)
}

// resolveIndex counts a negative index from the end of n elements.
func resolveIndex(i, n int) int {
	if i < 0 {
		return i + n
	}
	return i
}

// pySlice resolves the slice [i:j:step] of n elements as Python does: the first
// index and how many follow at that step.
func pySlice(n, i, j, step int) (first, count int) {
	low, high := 0, n
	if step < 0 {
		low, high = -1, n-1
	}
	i = min(max(resolveIndex(i, n), low), high)
	j = min(max(resolveIndex(j, n), low), high)
	switch {
	case step > 0 && i < j:
		count = (j-i-1)/step + 1
	case step < 0 && j < i:
		count = (i-j-1)/-step + 1
	}
	return i, count
}

func indices(first, n, step int) []int {
	at := make([]int, n)
	for k := range at {
		at[k] = first + k*step
	}
	return at
}

// asPlaced reads a place with what is there.
func asPlaced(v any) (at int, rest any, err error) {
	pair, ok := v.([]any)
	if !ok || len(pair) != 2 {
		_, err := unexpected[int](v, "a place and what is there")
		return 0, nil, err
	}
	n, err := asInt(pair[0])
	return int(n), pair[1], err
}

// asSpan reads a first place and a count.
func asSpan(v any) (first, count int, err error) {
	first, rest, err := asPlaced(v)
	if err != nil {
		return 0, 0, err
	}
	n, err := asInt(rest)
	return first, int(n), err
}

func asPlaces(v any) ([]int, error) {
	list, err := asList(v)
	if err != nil {
		return nil, err
	}
	places := make([]int, len(list))
	for k := range list {
		n, err := asInt(list[k])
		if err != nil {
			return nil, err
		}
		places[k] = int(n)
	}
	return places, nil
}

var errStepZero = &Error{KindValue, "slice step cannot be zero"}

// outOfRange is ErrOutOfRange for what Redis calls otherwise: an index of a list
// that is not there.
func outOfRange(err error) error {
	var refused *Error
	if err == ErrNil || errors.As(err, &refused) && refused.Kind == KindResponse && refused.Msg == string(keyspace.ErrNoSuchKey) {
		return ErrOutOfRange
	}
	return err
}
