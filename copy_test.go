package znsocket

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Where a copy is written aside it is in the slot of the key it is for.
func TestObjects_copyBetweenSlots(t *testing.T) {
	for _, each := range commanders {
		if each.Name != "Redis cluster" {
			continue
		}
		t.Run(each.Name, func(t *testing.T) {
			c, ctx := each.Open(t), t.Context()
			l, d := NewList[any](c, "l"), NewDict[any](c, "d")
			require.NoError(t, l.Append(ctx, standInList...))
			require.NoError(t, d.Update(ctx, standInDict))
			for _, name := range []string{"a", "b", "c", "x{l}y", "{tag}", "{x", "{{x}"} {
				require.NotEqual(t, beside(name), beside(name))
				slot, err := c.Do(ctx, "CLUSTER", "KEYSLOT", listPrefix+name)
				require.NoError(t, err)
				same, err := c.Do(ctx, "CLUSTER", "KEYSLOT", beside(listPrefix+name))
				require.NoError(t, err)
				require.Equal(t, slot, same, name)

				list, err := l.Copy(ctx, name)
				require.NoError(t, err)
				equal, err := list.Equal(ctx, l)
				require.NoError(t, err)
				require.True(t, equal)
				_, err = l.Copy(ctx, name)
				require.ErrorIs(t, err, ErrExists)
				dict, err := d.Copy(ctx, name)
				require.NoError(t, err)
				equal, err = dict.Equal(ctx, d)
				require.NoError(t, err)
				require.True(t, equal)
				_, err = d.Copy(ctx, name)
				require.ErrorIs(t, err, ErrExists)
			}
			// No tag can name the slot of such a key.
			_, err := l.Copy(ctx, "a}b")
			require.ErrorContains(t, err, "CROSSSLOT")
		})
	}
}
