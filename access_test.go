package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startGuarded starts a server whose clients have the rights that rules has for
// the name they send as token.
func startGuarded(t *testing.T, rules map[string]Access) (*Server, string) {
	return startServer(t, WithAuth(func(_ context.Context, _ *http.Request, auth json.RawMessage) (Access, error) {
		var sent struct{ Token string }
		if err := json.Unmarshal(auth, &sent); err != nil {
			return nil, err
		}
		rule, ok := rules[sent.Token]
		if !ok {
			return nil, errors.New("who are you?")
		}
		return rule, nil
	}))
}

func dialAs(t *testing.T, addr, name string) *Client {
	return dialTest(t, addr, WithToken(func(context.Context) (any, error) { return name, nil }))
}

func TestAccess_viewOnly(t *testing.T) {
	ctx := t.Context()
	srv, addr := startGuarded(t, map[string]Access{"viewer": ViewOnly, "editor": nil})
	viewer, editor := dialAs(t, addr, "viewer"), dialAs(t, addr, "editor")
	data := []int{1, 2}
	listAdapter(t, srv.Store(), "adapter", SliceOf(&data, nil))
	shared := NewList[int](editor, "l")
	require.NoError(t, shared.Append(ctx, 1, 2))

	l, a := NewList[int](viewer, "l"), NewList[int](viewer, "adapter")
	heard := make(chan Refresh, 10)
	defer l.OnRefresh(func(r Refresh) { heard <- r })()
	for _, list := range []*List[int]{l, a} {
		got, err := list.Slice(ctx, Begin, End)
		require.NoError(t, err)
		require.Equal(t, data, got)
	}
	require.NoError(t, shared.Append(ctx, 3))
	for r := range heard { // the news of what was before may come late
		if r.Start == nil {
			require.Equal(t, Refresh{Indices: []int{2}}, r)
			break
		}
	}

	for name, change := range map[string]func() error{
		"append": func() error { return l.Append(ctx, 4) },
		"insert": func() error { return l.Insert(ctx, 1, 4) },
		"pop":    func() error { _, err := l.Pop(ctx, 0); return err },
		"copy":   func() error { _, err := l.Copy(ctx, "copy"); return err },
		"set":    func() error { return viewer.Set(ctx, "k", "v") },
		"flush":  func() error { return viewer.FlushAll(ctx) },
		"pipeline": func() error {
			return viewer.Pipelined(ctx, func(p *Pipeline) error { p.Get("k"); p.Set("k", "v"); return nil })
		},
		"adapter": func() error { _, err := NewListAdapter(ctx, viewer, "mine", SliceOf(&data, nil)); return err },
		"large":   func() error { return viewer.Set(ctx, "k", strings.Repeat("x", 3_000_000)) },
	} {
		err := change()
		require.ErrorIs(t, err, ErrDenied, name)
		require.ErrorContains(t, err, "may read but not change", name)
	}
	n, err := editor.Exists(ctx, "k", "copy", "znsocket.List:copy")
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestAccess_lockedKeys(t *testing.T) {
	ctx := t.Context()
	secret := func(cmd Cmd, keys []string) error {
		if slices.ContainsFunc(keys, func(key string) bool { return strings.Contains(key, "secret") }) {
			return errors.New("that is a secret")
		}
		return nil
	}
	srv, addr := startGuarded(t, map[string]Access{"guest": secret, "owner": nil})
	guest, owner := dialAs(t, addr, "guest"), dialAs(t, addr, "owner")
	data := []int{1}
	listAdapter(t, srv.Store(), "secret adapter", SliceOf(&data, nil))
	require.NoError(t, NewDict[int](owner, "secret").Set(ctx, "a", 1))
	require.NoError(t, guest.Set(ctx, "open", "v"))
	for name, use := range map[string]func() error{
		"get":        func() error { _, err := NewDict[int](guest, "secret").Get(ctx, "a"); return err },
		"set":        func() error { return NewDict[int](guest, "secret").Set(ctx, "a", 2) },
		"copy to":    func() error { _, err := guest.Copy(ctx, "open", "secret", true); return err },
		"adapter":    func() error { _, err := NewList[int](guest, "secret adapter").Len(ctx); return err },
		"own":        func() error { _, err := NewListAdapter(ctx, guest, "secret 2", SliceOf(&data, nil)); return err },
		"two of two": func() error { _, err := guest.MGet(ctx, "open", "secret"); return err },
	} {
		require.ErrorIs(t, use(), ErrDenied, name)
	}

	// An old client hears of everything but what it may not know, and cannot tell
	// others that it changed.
	raw := joinRaw(t, "http://"+addr+"/socket.io/", []byte(`{"token":"guest"}`))
	assert.Contains(t, raw.call("adapter:get", `[[],{"key":"znsocket.List:secret adapter","method":"__len__"}]`), "PermissionError")
	assert.Contains(t, raw.call("register_adapter", `[[],{"key":"znsocket.List:secret 3"}]`), "PermissionError")
	assert.Contains(t, raw.call("refresh", `{"target":"znsocket.Dict:secret","data":{"keys":["a"]}}`), "PermissionError")
	var mu sync.Mutex
	var ownersNews []Refresh
	defer NewDict[int](owner, "secret").OnRefresh(func(r Refresh) {
		mu.Lock()
		defer mu.Unlock()
		ownersNews = append(ownersNews, r)
	})()
	require.NoError(t, NewDict[int](srv.Store(), "secret").Set(ctx, "b", 2))
	require.NoError(t, NewDict[int](srv.Store(), "open").Set(ctx, "b", 2))
	assert.Contains(t, <-raw.events, "znsocket.Dict:open")
	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(ownersNews) == 1 }, 10*time.Second, time.Millisecond)
}

// A copy is written by the adapter's owner, but it is the reader who makes it.
func TestAccess_copyOfAnAdapter(t *testing.T) {
	ctx := t.Context()
	srv, addr := startGuarded(t, map[string]Access{"viewer": ViewOnly})
	data := []int{1}
	listAdapter(t, srv.Store(), "adapter", SliceOf(&data, nil))
	raw := joinRaw(t, "http://"+addr+"/socket.io/", []byte(`{"token":"viewer"}`))
	assert.Contains(t, raw.call("adapter:get", `[[],{"key":"znsocket.List:adapter","method":"copy","target":"mine"}]`), "PermissionError")
	_, err := NewList[int](dialAs(t, addr, "viewer"), "adapter").Copy(ctx, "mine")
	require.ErrorIs(t, err, ErrDenied)
	n, err := srv.Store().Exists(ctx, "znsocket.List:mine")
	require.NoError(t, err)
	require.Zero(t, n)

	assert.Equal(t, "false", raw.call("check_adapter", `[[],{"key":"znsocket.List:later"}]`))
	require.NoError(t, srv.Store().take(ctx, claim{key: "znsocket.List:later", owner: &session{}, old: true}), "who may not own does not block others")
}

// A rule is asked about reading an adapter, whoever reads, and about the adapter
// that another one lies in.
func TestAccess_adapters(t *testing.T) {
	ctx := t.Context()
	rule := func(cmd Cmd, keys []string) error {
		switch {
		case cmd[0] == "ADAPTER.READ" && slices.Contains(keys, "znsocket.List:secret"):
			return errors.New("that is a secret")
		case cmd[0] == "ADAPTER.READ" && cmd[1] == "znsocket.List:lengths" && cmd[2] != "LLEN":
			return errors.New("only its length is known")
		}
		return nil
	}
	srv, addr := startGuarded(t, map[string]Access{"guest": rule})
	secret, lengths := []any{MapOf(map[string]int{"pw": 1}, nil)}, []int{1, 2}
	listAdapter(t, srv.Store(), "secret", SliceOf(&secret, nil))
	listAdapter(t, srv.Store(), "lengths", SliceOf(&lengths, nil))
	guest := dialAs(t, addr, "guest")
	_, err := NewList[any](guest, "secret").At(ctx, 0)
	require.ErrorIs(t, err, ErrDenied)
	_, err = NewDict[int](guest, "znsocket.List:secret:0").Get(ctx, "pw")
	require.ErrorIs(t, err, ErrDenied)
	n, err := NewList[int](guest, "lengths").Len(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	_, err = NewList[int](guest, "lengths").At(ctx, 0)
	require.ErrorIs(t, err, ErrDenied)
}

// A rule may ask the Store itself, also about a refresh that tells of an expiry.
func TestAccess_ruleReadsTheStore(t *testing.T) {
	ctx := t.Context()
	store := newStore(t)
	_, addr := startServer(t, WithStore(store), WithAuth(func(context.Context, *http.Request, json.RawMessage) (Access, error) {
		return func(Cmd, []string) error {
			_, err := store.SIsMember(ctx, "banned", "somebody")
			return err
		}, nil
	}))
	heard := make(chan Refresh, 10)
	defer NewList[int](dialTest(t, addr), "l").OnRefresh(func(r Refresh) { heard <- r })()
	require.NoError(t, NewList[int](store, "l").Append(ctx, 1))
	<-heard
	_, err := store.Expire(ctx, "znsocket.List:l", time.Minute)
	require.NoError(t, err)
	store.Advance(time.Hour)
	for r := range heard {
		if r.Resync {
			break
		}
	}
}

func TestCmd_Writes(t *testing.T) {
	for _, name := range []string{"GET", "get", "LRANGE", "EXISTS", "ZN.LSLICE", "ADAPTER.READ", "REFRESH.HEAR", "XRANGE", "GEOPOS", "PING", "OBJECT"} {
		assert.False(t, Cmd{name, "key"}.Writes(), name)
	}
	for _, name := range []string{"SET", "set", "GETEX", "ZN.LPOP", "ADAPTER.OWN", "REFRESH.SEND", "XADD", "EVAL", "SHUTDOWN", "PUBLISH", "BLPOP", "NO-SUCH"} {
		assert.True(t, Cmd{name, "key"}.Writes(), name)
	}
	for _, cmd := range []Cmd{{"CONFIG", "SET"}, {"SCRIPT", "FLUSH"}, {"FUNCTION", "KILL"}, {"FUNCTION", "LOAD"}, {"FUNCTION", "FLUSH"}, {"FUNCTION", "RESTORE"}, {"MEMORY", "PURGE"}} {
		assert.True(t, cmd.Writes(), cmd)
	}
	assert.False(t, Cmd{}.Writes())
}
