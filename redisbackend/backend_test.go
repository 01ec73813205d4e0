package redisbackend

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/peers"
)

func openBackend(t *testing.T, url string, opts ...Option) *Backend {
	t.Helper()
	b, err := Open(t.Context(), url, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

type numbers []int

func (n numbers) Len() int              { return len(n) }
func (n numbers) At(i int) (any, error) { return n[i], nil }

// listen hears the refreshes of a list in another program.
func listen(t *testing.T, b *Backend, name string) <-chan znsocket.Refresh {
	heard := make(chan znsocket.Refresh, 100)
	t.Cleanup(znsocket.NewList[int](b, name).OnRefresh(func(r znsocket.Refresh) { heard <- r }))
	return heard
}

// Programs on one Redis are one: their changes and adapters travel.
func testBackends(t *testing.T, url string, _ []*peers.RedisServer) {
	ctx := t.Context()
	mine, theirs := openBackend(t, url), openBackend(t, url)
	heard := listen(t, theirs, "shared")
	l := znsocket.NewList[int](mine, "shared")
	require.NoError(t, l.Append(ctx, 1))
	require.Equal(t, []int{0}, (<-heard).Indices)
	require.NoError(t, l.Append(ctx, 2))
	require.Equal(t, []int{1}, (<-heard).Indices)
	require.NoError(t, l.Insert(ctx, 1, 3))
	require.Equal(t, 1, *(<-heard).Start)
	got, err := znsocket.NewList[int](theirs, "shared").Slice(ctx, znsocket.Begin, znsocket.End)
	require.NoError(t, err)
	require.Equal(t, []int{1, 3, 2}, got)

	_, err = znsocket.NewListAdapter(ctx, mine, "adapter", numbers{7, 8, 9})
	require.NoError(t, err)
	require.NoError(t, l.Append(ctx, 4))
	<-heard // and what was told before it
	adapted := znsocket.NewList[int](theirs, "adapter")
	got, err = adapted.Slice(ctx, 1, znsocket.End)
	require.NoError(t, err)
	require.Equal(t, []int{8, 9}, got)
	require.ErrorIs(t, adapted.Append(ctx, 10), znsocket.ErrFrozen)
	_, err = znsocket.NewListAdapter(ctx, theirs, "adapter", numbers{})
	require.ErrorIs(t, err, znsocket.ErrExists)

	n, err := mine.Incr(ctx, "visits") // the typed commands are there
	require.NoError(t, err)
	require.Positive(t, n)
}

// A Redis has the same channels in all its databases.
func TestBackend_databases(t *testing.T) {
	url, _ := every[0].start(t)
	ctx := t.Context()
	other, mine, theirs := openBackend(t, url+"/1"), openBackend(t, url), openBackend(t, url)
	apart := openBackend(t, url, WithNode(znsocket.WithGroup("apart")))
	heard := listen(t, theirs, "shared")
	require.NoError(t, znsocket.NewList[int](other, "shared").Append(ctx, 1))
	require.NoError(t, znsocket.NewList[int](apart, "shared").Append(ctx, 1))
	require.NoError(t, znsocket.NewList[int](mine, "shared").Append(ctx, 2))
	require.Equal(t, []int{1}, (<-heard).Indices) // beside that of apart, which has the same list
}

// A Backend that cannot join says why and leaves nothing behind.
func TestOpen_cannotJoin(t *testing.T) {
	r := peers.RedisTCP(t)
	require.Equal(t, "+OK\r\n", r.Command("ACL SETUSER default resetchannels"))
	_, err := Open(t.Context(), "redis://"+r.Addr)
	require.ErrorContains(t, err, "NOPERM")
	var refused *znsocket.Error
	require.ErrorAs(t, err, &refused)
	require.True(t, strings.HasPrefix(refused.Msg, "NOPERM "))
}
