package znsocket

import (
	"context"
	"slices"
)

// popField removes a field and returns its value, ErrNil where there is none.
func (o *object) popField(ctx context.Context, field string) (string, error) {
	v, err := o.do(ctx, op{[]string{"ZN.HPOP", o.key, field}, func() (any, error) {
		replies, err := o.runSteps(ctx, [][]string{{"HGET", o.key, field}, {"HDEL", o.key, field}})
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

// deleteFields removes fields, of which there is one at least, and returns those
// that were there.
func (o *object) deleteFields(ctx context.Context, fields []string) ([]string, error) {
	v, err := o.do(ctx, op{slices.Concat([]string{"ZN.HDEL", o.key}, fields), func() (any, error) {
		steps := make([][]string, len(fields))
		for k, field := range fields {
			steps[k] = []string{"HDEL", o.key, field}
		}
		replies, err := o.runSteps(ctx, steps)
		if err != nil {
			return nil, err
		}
		deleted := []string{}
		for k, reply := range replies {
			if n, err := asInt(reply.Val); err != nil {
				return nil, err
			} else if n > 0 {
				deleted = append(deleted, fields[k])
			}
		}
		return deleted, nil
	}})
	if err != nil {
		return nil, err
	}
	return asTexts(v)
}

// clearFields removes all fields and returns them.
func (o *object) clearFields(ctx context.Context) ([]string, error) {
	v, err := o.do(ctx, op{[]string{"ZN.HCLEAR", o.key}, func() (any, error) {
		replies, err := o.runSteps(ctx, [][]string{{"HKEYS", o.key}, {"DEL", o.key}})
		if err != nil {
			return nil, err
		}
		return replies[0].Val, nil
	}})
	if err != nil {
		return nil, err
	}
	return asTexts(v)
}
