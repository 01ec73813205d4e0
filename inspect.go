package znsocket

import (
	"context"
	"encoding/json"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/pyjson"
	"github.com/znsocket/znsocket/internal/socketio"
)

// This file is what a Server tells of itself to the inspector, its page in a
// browser: see package internal/inspector.

// inspectEvent has [[], {}] and is answered with an inspection; with {"may": [word,
// …]} whether the client's rights allow that command.
const inspectEvent = "znsocket:inspect"

// inspectedMost is how many clients and adapters an inspection lists.
const inspectedMost = 1000

// inspection is how a Server is at one moment.
type inspection struct {
	Version string  `json:"version"`
	Uptime  float64 `json:"uptime"` // seconds
	Now     int64   `json:"now"`    // ms of Unix time
	Store   string  `json:"store"`  // "memory" or "redis"
	Keys    *int64  `json:"keys"`   // null where it cannot be found out
	Memory  struct {
		Heap       uint64 `json:"heap"`   // bytes
		System     uint64 `json:"system"` // bytes
		Goroutines int    `json:"goroutines"`
	} `json:"memory"`
	Traffic struct {
		Connections int `json:"connections"`
		traffic
	} `json:"traffic"`
	Clients       []inspectedClient  `json:"clients"`
	ClientsTotal  int                `json:"clientsTotal"`
	Adapters      []inspectedAdapter `json:"adapters"`
	AdaptersTotal int                `json:"adaptersTotal"`
}

// traffic is what went through connections: an event with attachments is several
// messages.
type traffic struct {
	Received volume `json:"received"`
	Sent     volume `json:"sent"`
}

type volume struct {
	Messages int64 `json:"messages"`
	Bytes    int64 `json:"bytes"`
}

func trafficOf(t engineio.Traffic) traffic {
	return traffic{volume(t.Received), volume(t.Sent)}
}

type inspectedClient struct {
	ID            string `json:"id"`
	Remote        string `json:"remote"`
	Agent         string `json:"agent"`
	Since         int64  `json:"since"` // ms of Unix time
	Transport     string `json:"transport"`
	Subscriptions int    `json:"subscriptions"`
	All           bool   `json:"all"` // it hears of every key
	Adapters      int    `json:"adapters"`
	Waiting       int    `json:"waiting"` // bytes
	Self          bool   `json:"self"`    // it is the one that asks
	traffic
}

type inspectedAdapter struct {
	Key   string `json:"key"`
	Owner string `json:"owner"`
}

// answerInspect answers the inspector, where there is one.
func (s *session) answerInspect(dst []byte, e socketio.Event) ([]byte, error) {
	if s.srv.inspector == nil {
		return nil, &Error{KindUnknownEvent, "Unknown event: " + e.Name}
	}
	v, err := pyjson.Parse(e.Args, e.Attachments)
	if err != nil {
		return nil, invalidArguments(e.Name, err.Error())
	}
	if v.Kind != pyjson.Array || len(v.Items) != 2 || v.Items[1].Kind != pyjson.Object {
		return nil, invalidArguments(e.Name, "the payload must be [args, kwargs]")
	}
	var data any
	if command, ok := v.Items[1].Get("may"); ok {
		argv, err := textsIn(e.Name, command)
		if err != nil {
			return nil, err
		}
		data = map[string]bool{"may": s.allowed(argv) == nil}
	} else if err := s.mayInspect(); err != nil {
		return nil, err
	} else {
		data = s.srv.inspect(s)
	}
	text, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	return append(append(append(dst, `{"data":`...), text...), '}'), nil
}

func (s *session) mayInspect() error {
	if s.access == nil {
		return nil
	}
	return denied(s.access(Cmd{serverInspect}, nil))
}

// textsIn reads an array of texts.
func textsIn(event string, v *pyjson.Value) ([]string, error) {
	if v.Kind != pyjson.Array {
		return nil, invalidArguments(event, "an array is needed")
	}
	texts := make([]string, len(v.Items))
	for i := range v.Items {
		if v.Items[i].Kind != pyjson.String {
			return nil, invalidArguments(event, "a word must be a text")
		}
		texts[i] = strings.Clone(v.Items[i].Text)
	}
	return texts, nil
}

func (srv *Server) inspect(asks *session) *inspection {
	now := time.Now()
	i := &inspection{Version: Version, Uptime: now.Sub(srv.begun).Seconds(), Now: now.UnixMilli(), Store: "memory"}
	if srv.Store() == nil {
		i.Store = "redis"
	}
	ctx, cancel := context.WithTimeout(asks.ctx, time.Second)
	defer cancel()
	if n, err := (Commands{srv.backing.quiet()}).DBSize(ctx); err == nil {
		i.Keys = &n
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	i.Memory.Heap, i.Memory.System, i.Memory.Goroutines = m.HeapAlloc, m.Sys-m.HeapReleased, runtime.NumGoroutine()

	sessions := srv.sessions.list()
	i.ClientsTotal = len(sessions)
	i.Traffic.Connections, i.Traffic.traffic = srv.io.Conns(), trafficOf(srv.io.Traffic())
	x := srv.backing.meeting()
	for _, s := range sessions[:min(len(sessions), inspectedMost)] {
		c := s.inspected(x)
		c.Self = s == asks
		i.Clients = append(i.Clients, c)
	}
	i.Adapters, i.AdaptersTotal = x.inspected()
	return i
}

func (s *session) inspected(x *exchange) inspectedClient {
	r := s.socket.Request()
	c := inspectedClient{
		ID:        s.socket.ID(),
		Remote:    r.RemoteAddr,
		Agent:     r.UserAgent(),
		Since:     s.begun.UnixMilli(),
		Transport: s.socket.Transport(),
		Adapters:  x.count(s),
		Waiting:   s.socket.Buffered(),
		traffic:   trafficOf(s.socket.Traffic()),
	}
	_, c.All = s.srv.listeners.Load(s)
	s.hearing.mu.Lock()
	c.Subscriptions = len(s.hearing.targets)
	s.hearing.mu.Unlock()
	return c
}

// inspected lists adapters, the first keys first.
func (a *adapters) inspected() (list []inspectedAdapter, total int) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	list = make([]inspectedAdapter, 0, len(a.owners))
	for key, o := range a.owners {
		list = append(list, inspectedAdapter{key, nameOf(o)})
	}
	slices.SortFunc(list, func(x, y inspectedAdapter) int { return strings.Compare(x.Key, y.Key) })
	return list[:min(len(list), inspectedMost)], len(a.owners)
}

func nameOf(o owner) string {
	switch o := o.(type) {
	case *session:
		return o.socket.Request().RemoteAddr
	case *remoteNode:
		return "another server"
	}
	return "this program"
}

// sessions are those of a Server.
type sessions struct {
	mu  sync.Mutex
	set map[*session]struct{}
}

func (all *sessions) add(s *session) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.set == nil {
		all.set = map[*session]struct{}{}
	}
	all.set[s] = struct{}{}
}

func (all *sessions) remove(s *session) {
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(all.set, s)
}

// list returns them, who came first first.
func (all *sessions) list() []*session {
	all.mu.Lock()
	list := slices.Collect(maps.Keys(all.set))
	all.mu.Unlock()
	slices.SortFunc(list, func(a, b *session) int { return a.begun.Compare(b.begun) })
	return list
}
