package znsocket

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/socketio"
)

// dialGreeting is dialRaw with an auth payload. The client takes no more events
// than there is room for, and then reads nothing any more.
func dialGreeting(t *testing.T, addr, auth string, room int) *rawClient {
	t.Helper()
	c := &rawClient{t: t, events: make(chan string, room), closed: make(chan error, 1)}
	conn, err := socketio.Dial(t.Context(), "http://"+addr+"/socket.io/", socketio.DialConfig{})
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	c.socket, err = conn.Join(t.Context(), DefaultNamespace, []byte(auth), func(*socketio.Socket) socketio.Handler { return c })
	require.NoError(t, err)
	return c
}

const subscriberAuth = `{"znsocket":{"client":"raw","subscribes":true}}`

// toldEvent is a refresh event as a client gets it.
type toldEvent struct {
	Target string
	Data   map[string]any
}

func (c *rawClient) told() toldEvent {
	c.t.Helper()
	text := next(c.t, c.events)
	var e toldEvent
	require.NoError(c.t, json.Unmarshal([]byte(strings.TrimPrefix(text, "refresh ")), &e), text)
	return e
}

// While a client does not read, what happens is merged: little waits on the
// server, and afterwards the client hears all of it in few events, in words that
// it knows.
func TestSession_slowReader(t *testing.T) {
	const targets, each = 100, 1000
	long := strings.Repeat("x", 400) // so that the network's own buffers are soon full
	for name, auth := range map[string]string{"old client": `{}`, "subscriber": subscriberAuth} {
		t.Run(name, func(t *testing.T) {
			srv, addr := startServer(t)
			c := dialGreeting(t, addr, auth, 1)
			keys := make([]string, targets)
			for i := range keys {
				keys[i] = fmt.Sprintf("%s%d%s", []string{listPrefix, dictPrefix}[i%2], i, long)
			}
			if name == "subscriber" {
				payload := fmt.Sprintf(`[[],{"keys":%s}]`, text(append(keys, "end")))
				require.Equal(t, "true", c.call(subscribeEvent, payload))
			}
			goroutines, most := runtime.NumGoroutine(), int64(0)
			for n := range each {
				for i, key := range keys {
					r := Refresh{Indices: []int{n}}
					if i%2 == 1 {
						r = Refresh{Keys: []string{fmt.Sprint(n)}}
					}
					srv.Store().publish(key, r, nil)
				}
				most = max(most, srv.queued.Load())
			}
			srv.Store().publish("end", Refresh{Indices: []int{1}}, nil)
			require.Less(t, most, int64(4*lateBytes))
			require.Less(t, runtime.NumGoroutine(), goroutines+20)

			heard := map[string]map[any]bool{}
			events := 0
			for e := c.told(); e.Target != "end"; e = c.told() {
				if heard[e.Target] == nil {
					heard[e.Target] = map[any]bool{}
				}
				what, _ := e.Data["indices"].([]any)
				if strings.HasPrefix(e.Target, dictPrefix) {
					what, _ = e.Data["keys"].([]any)
				}
				require.NotEmpty(t, what, "%v", e.Data)
				for _, n := range what {
					heard[e.Target][n] = true
				}
				events++
			}
			require.Less(t, events, targets*each/2)
			for _, key := range keys {
				require.Len(t, heard[key], each)
			}
		})
	}
}

// What is merged for an old client says all in words that it knows, however much
// it is.
func TestSession_slowReader_muchOfOneKey(t *testing.T) {
	store := newStore(t)
	late := func(old bool, target string, heard ...Refresh) (Refresh, bool) {
		s := &session{srv: &Server{serverConfig: serverConfig{backing: store, log: slog.New(slog.DiscardHandler)}}}
		s.greeting.Subscribes = !old
		for _, r := range heard {
			s.fallBehind(newsOf(target, r, nil))
		}
		return s.lateRefresh(target)
	}
	var keys, places []Refresh
	for i := range 2 * maxMerged {
		keys = append(keys, Refresh{Keys: []string{fmt.Sprint(i)}}, Refresh{Keys: []string{"again"}})
		places = append(places, Refresh{Indices: []int{5 + i}})
	}
	r, ok := late(true, "znsocket.Dict:d", keys...)
	require.True(t, ok)
	require.Len(t, r.Keys, 2*maxMerged+1)
	r, ok = late(false, "znsocket.Dict:d", keys...)
	require.True(t, ok)
	require.Equal(t, Refresh{Resync: true}, r)
	for _, old := range []bool{false, true} {
		r, ok = late(old, "znsocket.List:l", places...)
		require.True(t, ok)
		require.Equal(t, refreshFrom(5), r)
	}
	r, ok = late(true, "znsocket.List:l", Refresh{Indices: []int{-1}}, Refresh{Indices: []int{3}})
	require.True(t, ok)
	require.Equal(t, refreshFrom(0), r)
	_, ok = late(true, "znsocket.Dict:d", Refresh{Resync: true})
	require.False(t, ok)
}

// lines passes the lines of a log on.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// A client for which too much would be merged loses its connection, and the log
// says so.
func TestSession_slowReader_tooMuch(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for name, publish := range map[string]func(s *Store, i int){
		"targets": func(s *Store, i int) {
			s.publish(fmt.Sprintf("znsocket.List:%d", i), Refresh{Indices: []int{1}}, nil)
		},
		"bytes": func(s *Store, i int) {
			s.publish("znsocket.Dict:d", Refresh{Keys: []string{fmt.Sprint(i, long)}}, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			log := make(lines, 100)
			srv, addr := startServer(t, WithLogger(slog.New(slog.NewTextHandler(log, nil))))
			c := dialGreeting(t, addr, `{}`, 1)
			for i := 0; len(log) == 0; i++ {
				require.Less(t, i, 500_000)
				publish(srv.Store(), i)
				for s := range srv.listeners.Range {
					h := &s.(*session).hearing
					h.mu.Lock()
					require.LessOrEqual(t, len(h.late), maxLate)
					require.LessOrEqual(t, h.lateAll, maxLateBytes)
					h.mu.Unlock()
				}
			}
			require.Contains(t, next(t, log), "reads too slowly")
			for more := true; more; {
				select {
				case <-c.events:
				case err := <-c.closed:
					require.Error(t, err)
					more = false
				}
			}
			require.Empty(t, log, "it is said once")
		})
	}
}

func TestSession_subscribe_badInput(t *testing.T) {
	srv, addr := startServer(t, WithLimits(Limits{Subscriptions: 3}))
	c := dialGreeting(t, addr, subscriberAuth, 100)
	for _, in := range []struct{ args, want string }{
		{``, "TypeError"},
		{`null`, "TypeError"},
		{`[[],{}]`, "TypeError"},
		{`[[],{"keys":"k"}]`, "TypeError"},
		{`[[],{"keys":[5]}]`, "TypeError"},
		{`[[],{"keys":[["k"]]}]`, "TypeError"},
		{`[[],{"keys":{"k":1}}]`, "TypeError"},
		{`[[],{"keys":[]}]`, "true"},
		{`[[],{"keys":["","\u0000","\ud800"]}]`, "true"},
		{`[[],{"keys":["","\u0000"]}]`, "true"},
	} {
		assert.Contains(t, c.call(subscribeEvent, in.args), in.want, in.args)
		if !strings.Contains(in.args, `\u0000`) {
			assert.Contains(t, c.call(unsubscribeEvent, in.args), in.want, in.args)
		}
	}
	answer := c.call(subscribeEvent, `[[],{"keys":["a","b"]}]`)
	require.Contains(t, answer, "TooLargeError")
	require.Contains(t, answer, "limit of 3")
	require.Equal(t, "true", c.call(unsubscribeEvent, `[[],{"keys":["","\u0000","never"]}]`))
	require.Equal(t, "true", c.call(subscribeEvent, `[[],{"keys":["a","b"]}]`))
	require.Contains(t, c.call(subscribeEvent, `[[],{"keys":["c","a","d"]}]`), "TooLargeError")
	require.True(t, srv.Store().hasSubscribers("a"))
	srv.Store().publish("a", refreshFrom(1), nil)
	require.Equal(t, "a", c.told().Target)

	old := dialGreeting(t, addr, `{}`, 100)
	require.Contains(t, old.call(subscribeEvent, `[[],{"keys":["a"]}]`), "TypeError")
	c.socket.Close()
	next(t, c.closed)
	require.NoError(t, srv.Shutdown(t.Context()))
	require.Empty(t, srv.Store().byTarget, "what a client listened to goes with it")
	require.Zero(t, srv.Store().listening.Load())
}

// The bytes of what one client listens to are bounded, whatever their number.
func TestSession_subscribe_bytes(t *testing.T) {
	_, addr := startServer(t)
	c := dialGreeting(t, addr, subscriberAuth, 1)
	long := strings.Repeat("x", 900_000)
	for i := range maxSubscribed / (len(long) + subscriptionOverhead) {
		require.Equal(t, "true", c.call(subscribeEvent, fmt.Sprintf(`[[],{"keys":["%d%s"]}]`, i, long)))
	}
	more := fmt.Sprintf(`[[],{"keys":["more%s"]}]`, long)
	require.Contains(t, c.call(subscribeEvent, more), "TooLargeError")
	require.Equal(t, "true", c.call(unsubscribeEvent, fmt.Sprintf(`[[],{"keys":["0%s"]}]`, long)))
	require.Equal(t, "true", c.call(subscribeEvent, more))
}

// A client may listen to all keys without being an old one: it hears of each
// change once, and of what only subscribers hear of.
func TestSession_subscribe_all(t *testing.T) {
	srv, addr := startServer(t)
	c, old := dialGreeting(t, addr, subscriberAuth, 10), dialGreeting(t, addr, `{}`, 10)
	require.Equal(t, "true", c.call(subscribeEvent, `[[],{"keys":["znsocket.List:a"],"all":true}]`))
	require.Equal(t, "true", c.call(subscribeEvent, `[[],{"keys":[],"all":true}]`))
	for _, key := range []string{"znsocket.List:a", "znsocket.List:b"} {
		srv.Store().publish(key, refreshFrom(1), nil)
		require.Equal(t, key, c.told().Target)
		require.Equal(t, key, old.told().Target)
	}
	require.Contains(t, dialGreeting(t, addr, `{}`, 10).call("rpush", `[["znsocket.List:b","1"],{}]`), "data")
	require.Equal(t, toldEvent{"znsocket.List:b", map[string]any{"indices": []any{0.}}}, c.told())
	require.Contains(t, c.call("rpush", `[["znsocket.List:b","2"],{}]`), "data")
	require.Equal(t, "znsocket.List:b", old.told().Target)
	require.Equal(t, "znsocket.List:b", c.told().Target)
	require.Equal(t, "true", c.call(unsubscribeEvent, `[[],{"keys":[],"all":true}]`))
	srv.Store().publish("znsocket.List:b", refreshFrom(1), nil)
	srv.Store().publish("znsocket.List:a", refreshFrom(2), nil)
	require.Equal(t, "znsocket.List:a", c.told().Target)
	require.Empty(t, c.events)

	require.Equal(t, "true", c.call(subscribeEvent, `[[],{"keys":[],"all":true}]`))
	c.socket.Close()
	next(t, c.closed)
	require.NoError(t, srv.Shutdown(t.Context()))
	require.Zero(t, srv.Store().listening.Load())
	require.Zero(t, srv.subscribed.Load())
}

// A handshake may say anything.
func TestSession_greeting(t *testing.T) {
	srv, addr := startServer(t)
	for auth, want := range map[string]greeting{
		`{}`:                              {},
		`{"znsocket":null}`:               {},
		`{"znsocket":5}`:                  {},
		`{"znsocket":[{"client":"a"}]}`:   {},
		`{"znsocket":{"client":5}}`:       {},
		`{"znsocket":{"subscribes":"x"}}`: {},
		`{"znsocket":{"client":"` + strings.Repeat("x", maxClientID+1) + `"}}`: {Client: strings.Repeat("x", maxClientID+1)},
		`{"znsocket":{"client":"","subscribes":true}}`:                         {Subscribes: true},
		`{"znsocket":{"client":"\u0000\ud800","nests":true}}`:                  {Client: "\x00\ufffd", Nests: true},
	} {
		require.Equal(t, want, greetingIn([]byte(auth)), auth)
		c := dialGreeting(t, addr, auth, 10)
		require.Contains(t, c.call("server_config", ``), `"go":1`, auth)
		remembered := want.Client != "" && len(want.Client) <= maxClientID
		require.Equal(t, remembered, strings.Contains(c.call("server_config", ``), `"memory":`), auth)
		srv.Store().publish("k", refreshFrom(0), nil)
		if !want.Subscribes {
			require.Equal(t, "k", c.told().Target, auth)
		}
		c.socket.Close()
		next(t, c.closed)
	}
}

// A refresh that no Refresh can be made of goes to old clients as it is, and is a
// Resync for others.
func TestSession_foreignRefresh(t *testing.T) {
	srv, addr := startServer(t)
	giver, old := dialGreeting(t, addr, `{}`, 10), dialGreeting(t, addr, `{}`, 10)
	heard := hears(t, NewList[any](srv.Store(), "l"))
	for _, payload := range []string{
		`{"target":"znsocket.List:l","data":{"indices":"all","by":{"whom":[1]}}}`,
		`{"target":"znsocket.List:l","data":{"start":1e30}}`,
	} {
		require.Equal(t, "", giver.call("refresh", payload))
		require.Equal(t, "refresh "+payload, next(t, old.events))
		require.Equal(t, Refresh{Resync: true}, next(t, heard))
	}
	require.Equal(t, "", giver.call("refresh", `{"target":"znsocket.List:l","data":{"resync":true}}`))
	require.Equal(t, Refresh{Resync: true}, next(t, heard))
	require.Empty(t, old.events)
	require.Empty(t, giver.events)
}

// An old client's object tells of its change by itself: what its commands have
// changed is told only where it does not.
func TestSession_unsaidChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const key = "znsocket.List:l"
		store := newStore(t)
		s := &session{srv: &Server{serverConfig: serverConfig{backing: store}}}
		var all, some ear
		store.listen(&all)
		store.attach(key, &some)
		push := func(length int64) {
			s.tellChanges([][]string{{"RPUSH", key, "1"}}, []Reply{{Val: length}})
		}
		heard := func() (list []Refresh) {
			synctest.Wait()
			for _, n := range some {
				list = append(list, *n.refresh)
			}
			some = nil
			return list
		}
		push(1)
		advance(unsaidTime - 1)
		require.Empty(t, heard())
		require.NoError(t, s.refresh(socketio.Event{Args: []byte(`{"target":"znsocket.List:l","data":{"start":0,"stop":null}}`)}))
		advance(10 * unsaidTime)
		require.Equal(t, []Refresh{refreshFrom(0)}, heard(), "the object has told of it")
		require.Len(t, all.of(everybody), 1)

		for round := range int64(3) {
			push(2 + 2*round)
			push(3 + 2*round)
			advance(unsaidTime)
			require.Equal(t, []Refresh{{Indices: []int{1 + 2*int(round), 2 + 2*int(round)}}}, heard(), "several are told as one")
		}
		push(8)
		s.deafen()
		require.Equal(t, []Refresh{{Indices: []int{7}}}, heard(), "it is told though the client goes")
		push(9)
		require.Equal(t, []Refresh{{Indices: []int{8}}}, heard(), "at once, for nobody waits")
		require.Len(t, all.of(everybody), 1, "only subscribers hear of what is derived")
	})
}

// More keys than are held back are told at once.
func TestSession_unsaidChanges_many(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const more = 50
		store := newStore(t)
		s := &session{srv: &Server{serverConfig: serverConfig{backing: store}}}
		var heard guardedEar
		for i := range maxUnsaid + more {
			key := fmt.Sprint("znsocket.List:", i)
			store.attach(key, &heard)
			s.tellChanges([][]string{{"RPUSH", key, "1"}}, []Reply{{Val: int64(1)}})
		}
		require.Equal(t, more, heard.len())
		advance(unsaidTime)
		require.Equal(t, maxUnsaid+more, heard.len())
	})
}

// of returns what an audience was told.
func (e ear) of(a audience) (told []*news) {
	for _, n := range e {
		if n.audience == a {
			told = append(told, n)
		}
	}
	return told
}

// guardedEar is an ear for what several goroutines tell.
type guardedEar struct {
	mu sync.Mutex
	ear
}

func (e *guardedEar) hear(n *news) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ear.hear(n)
}

func (e *guardedEar) len() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.ear)
}

// A client hears of nothing that it may not.
func TestSession_refresh_access(t *testing.T) {
	srv, addr := startServer(t, WithAuth(func(context.Context, *http.Request, json.RawMessage) (Access, error) {
		return func(cmd Cmd, keys []string) error {
			if strings.HasPrefix(cmd[0].(string), "REFRESH") && strings.Contains(keys[0], "secret") {
				return errViewOnly
			}
			return nil
		}, nil
	}))
	c, old := dialGreeting(t, addr, subscriberAuth, 10), dialGreeting(t, addr, `{}`, 10)
	require.Contains(t, c.call(subscribeEvent, `[[],{"keys":["secret","open"]}]`), "PermissionError")
	require.Contains(t, old.call("refresh", `{"target":"secret","data":{}}`), "PermissionError")
	for _, key := range []string{"secret", "open"} {
		srv.Store().publish(key, refreshFrom(0), nil)
	}
	require.Equal(t, "open", c.told().Target)
	require.Equal(t, "open", old.told().Target)
}
