package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func inspected(t *testing.T, c *rawClient) inspection {
	t.Helper()
	text := c.call(inspectEvent, `[[],{}]`)
	var answer struct{ Data inspection }
	require.NoError(t, json.Unmarshal([]byte(text), &answer), text)
	return answer.Data
}

func TestServer_inspect(t *testing.T) {
	srv, addr := startServer(t, WithInspector())
	c := dialGreeting(t, addr, subscriberAuth, 10)
	before := inspected(t, c)
	require.Equal(t, Version, before.Version)
	require.Equal(t, "memory", before.Store)
	require.Equal(t, int64(0), *before.Keys)
	require.Len(t, before.Clients, 1)
	require.True(t, before.Clients[0].Self)
	require.Equal(t, "websocket", before.Clients[0].Transport)
	require.Empty(t, before.Adapters)
	require.Positive(t, before.Memory.Heap)

	old := dialGreeting(t, addr, `{}`, 10)
	require.Contains(t, old.call("set", `[["k","v"],{}]`), "data")
	require.Equal(t, "true", old.call("register_adapter", `[[],{"key":"znsocket.List:theirs"}]`))
	data := []int{1}
	listAdapter(t, srv.Store(), "ours", SliceOf(&data, nil))
	require.Equal(t, "true", c.call(subscribeEvent, `[[],{"keys":["a","b"]}]`))
	after := inspected(t, c)
	require.Equal(t, int64(1), *after.Keys)
	require.Equal(t, 2, after.ClientsTotal)
	require.Equal(t, 2, after.Traffic.Connections)
	require.Equal(t, 2, after.Clients[0].Subscriptions)
	require.False(t, after.Clients[0].All)
	require.True(t, after.Clients[1].All)
	require.Equal(t, 1, after.Clients[1].Adapters)
	require.False(t, after.Clients[1].Self)
	require.Equal(t, []inspectedAdapter{{"znsocket.List:ours", "this program"}, {"znsocket.List:theirs", after.Clients[1].Remote}}, after.Adapters)
	require.Equal(t, 2, after.AdaptersTotal)

	// Each client has sent its CONNECT and its events, and was answered each.
	require.Equal(t, int64(4), after.Clients[0].Received.Messages)
	require.Equal(t, int64(3), after.Clients[0].Sent.Messages)
	require.Equal(t, int64(3), after.Clients[1].Received.Messages)
	require.Equal(t, int64(len(`0/znsocket,{}`)+len(`2/znsocket,0["set",[["k","v"],{}]]`)+
		len(`2/znsocket,1["register_adapter",[[],{"key":"znsocket.List:theirs"}]]`)), after.Clients[1].Received.Bytes)
	total := after.Traffic.Received.Bytes
	require.Equal(t, after.Clients[0].Received.Bytes+after.Clients[1].Received.Bytes, total)

	old.socket.Close()
	next(t, old.closed)
	require.Eventually(t, func() bool { return inspected(t, c).ClientsTotal == 1 }, 10*time.Second, time.Millisecond)
	gone := inspected(t, c)
	require.Greater(t, gone.Traffic.Received.Bytes, total, "what went through a connection counts though it is over")
	require.Len(t, gone.Adapters, 1)

	for _, args := range []string{``, `null`, `[]`, `[[],[]]`, `[[],{"may":"GET"}]`, `[[],{"may":[5]}]`} {
		require.Contains(t, c.call(inspectEvent, args), "TypeError", args)
	}
}

// The inspector sees what the rights of its user allow.
func TestServer_inspect_rights(t *testing.T) {
	_, addr := startServer(t, WithInspector(), WithAuth(func(_ context.Context, _ *http.Request, auth json.RawMessage) (Access, error) {
		switch {
		case strings.Contains(string(auth), "viewer"):
			return ViewOnly, nil
		case strings.Contains(string(auth), "stranger"):
			return func(cmd Cmd, keys []string) error {
				if cmd[0] == "SERVER.INSPECT" || slices.Contains(keys, "secret") {
					return errors.New("not for you")
				}
				return nil
			}, nil
		}
		return nil, nil
	}))
	viewer := dialGreeting(t, addr, `{"token":"viewer"}`, 10)
	require.Len(t, inspected(t, viewer).Clients, 1)
	may := func(c *rawClient, args string) string { return c.call(inspectEvent, `[[],{"may":`+args+`}]`) }
	require.Equal(t, `{"data":{"may":false}}`, may(viewer, `["SET","k","v"]`))
	require.Equal(t, `{"data":{"may":true}}`, may(viewer, `["GET","k"]`))
	require.Equal(t, `{"data":{"may":true}}`, may(dialGreeting(t, addr, `{}`, 10), `["SET","k","v"]`))
	stranger := dialGreeting(t, addr, `{"token":"stranger"}`, 10)
	require.Contains(t, stranger.call(inspectEvent, `[[],{}]`), `"msg":"not for you","type":"PermissionError"`)
	require.Equal(t, `{"data":{"may":false}}`, may(stranger, `["GET","secret"]`))
	require.Equal(t, `{"data":{"may":true}}`, may(stranger, `["SET","k","v"]`))
}

func TestServer_inspect_off(t *testing.T) {
	_, addr := startServer(t)
	require.Contains(t, dialGreeting(t, addr, `{}`, 10).call(inspectEvent, `[[],{}]`), "UnknownEventError")
	for path, want := range map[string]int{"/inspect/": http.StatusNotFound, "/inspect": http.StatusNotFound} {
		got, err := http.Get("http://" + addr + path)
		require.NoError(t, err)
		got.Body.Close()
		require.Equal(t, want, got.StatusCode)
	}
	_, addr = startServer(t, WithInspector())
	got, err := http.Get("http://" + addr + "/inspect")
	require.NoError(t, err)
	defer got.Body.Close()
	page, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	require.Equal(t, "/inspect/", got.Request.URL.Path)
	require.Contains(t, string(page), "ZnSocket")
}
