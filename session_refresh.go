package znsocket

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/znsocket/znsocket/internal/pyjson"
	"github.com/znsocket/znsocket/internal/socketio"
)

// This file is how a session hears of changes and tells of them.

// The events of a client that says which keys it listens to, as it has announced
// in its handshake. Each has [[], {"keys": […], "all": bool}] and is answered
// true; all is to hear of every key, as old clients do.
const (
	subscribeEvent   = "znsocket:subscribe"
	unsubscribeEvent = "znsocket:unsubscribe"
)

// hearing is what a session listens to, and what it has not been told yet.
//
// While much waits for a client that reads slowly, what happens is not sent but
// merged in late, one Refresh a target, and sent when the client has caught up.
type hearing struct {
	mu      sync.Mutex
	targets map[string]struct{} // of subscribe; nobody's for an old client
	size    int                 // bytes of their names
	behind  bool
	late    map[string]*merging
	order   []string // of late
	lateAll int      // bytes of late
	over    bool

	// unsaid are changes by raw commands of an old client. If one of its objects
	// gave the command, it tells of the change itself soon and better, and the
	// unsaid one is dropped.
	unsaid map[string]*news
	speak  *time.Timer
}

const (
	// lateBytes is how much waits for a client whose refreshes are merged.
	lateBytes = 256 << 10
	// maxLate and maxLateBytes are how many targets are merged for one client,
	// and what they may take.
	maxLate      = 10_000
	maxLateBytes = 16 << 20
	// unsaidTime is how long an old client's object has to tell of its change.
	unsaidTime = 100 * time.Millisecond
	maxUnsaid  = 1_000
	// maxSubscribed and maxSubscribedTotal bound the bytes of the keys that a
	// client, and all clients, listen to, with what each costs beside its name.
	maxSubscribed        = 16 << 20
	maxSubscribedTotal   = 256 << 20
	subscriptionOverhead = 128
)

// hear sends a refresh to the client, unless it made it itself or may not know.
func (s *session) hear(n *news) {
	if n.self == any(s) || s.allowedTo(refreshHear, n.target) != nil {
		return
	}
	if !s.greeting.Subscribes && n.refresh.Resync && !n.foreign {
		return // a word that old clients do not know
	}
	s.hearing.mu.Lock()
	defer s.hearing.mu.Unlock()
	switch {
	case s.hearing.behind:
		s.fallBehind(n)
	case s.socket.Buffered() > lateBytes:
		s.hearing.behind = true
		s.fallBehind(n)
		s.socket.WhenDrained(s.catchUp)
	default:
		s.socket.Send(n.packet(s.srv.namespace)) // a connection that ended hears of it by itself
	}
}

// fallBehind merges a refresh into what the client is told later.
func (s *session) fallBehind(n *news) {
	h := &s.hearing
	if h.over {
		return
	}
	m := h.late[n.target]
	if m == nil {
		if h.late == nil {
			h.late = map[string]*merging{}
		}
		m = &merging{old: !s.greeting.Subscribes}
		h.late[n.target] = m
		h.order = append(h.order, n.target)
		h.lateAll += len(n.target)
	}
	h.lateAll -= m.size
	m.add(*n.refresh)
	h.lateAll += m.size
	if len(h.late) > maxLate || h.lateAll > maxLateBytes {
		h.over = true
		h.late, h.order, h.lateAll = nil, nil, 0
		s.srv.log.Warn("client closed: it reads too slowly to be told of changes", "remote", s.socket.Request().RemoteAddr, "limit", maxLate, "bytes", maxLateBytes)
		go s.socket.Close()
	}
}

// lateRefresh is what was merged, in words that the client understands. It is
// not ok where an old client has none for it.
func (s *session) lateRefresh(target string) (r Refresh, ok bool) {
	r = s.hearing.late[target].refresh()
	if !r.Resync || s.greeting.Subscribes {
		return r, true
	}
	return refreshFrom(0), !strings.HasPrefix(target, dictPrefix)
}

// catchUp tells the client what was merged.
func (s *session) catchUp() {
	h := &s.hearing
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, target := range h.order {
		if r, ok := s.lateRefresh(target); ok {
			s.socket.Send(newsOf(target, r, nil).packet(s.srv.namespace))
		}
	}
	h.behind, h.late, h.order, h.lateAll = false, nil, nil, 0
}

// answerSubscribe changes what the client listens to. It does so for all keys
// that it may, whichever is refused.
func (s *session) answerSubscribe(dst []byte, e socketio.Event) ([]byte, error) {
	v, err := pyjson.Parse(e.Args, e.Attachments)
	if err != nil {
		return nil, invalidArguments(e.Name, err.Error())
	}
	keys, err := keyword(e.Name, &v, "keys", pyjson.Array)
	if err != nil {
		return nil, err
	}
	if !s.greeting.Subscribes {
		return nil, invalidArguments(e.Name, "the handshake has not announced it")
	}
	if all, ok := v.Items[1].Get("all"); ok && all.Kind == pyjson.True {
		if e.Name == subscribeEvent {
			s.listen()
		} else {
			s.stopListening()
		}
	}
	var refusal error
	for i := range keys.Items {
		if keys.Items[i].Kind != pyjson.String {
			return nil, invalidArguments(e.Name, "a key must be a text")
		}
		key := strings.Clone(keys.Items[i].Text)
		if e.Name == unsubscribeEvent {
			s.unsubscribe(key)
		} else if err := s.subscribe(key); err != nil && refusal == nil {
			refusal = err
		}
	}
	if refusal != nil {
		return nil, refusal
	}
	return append(dst, "true"...), nil
}

func (s *session) subscribe(key string) error {
	if err := s.allowedTo(refreshHear, key); err != nil {
		return err
	}
	h := &s.hearing
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.targets[key]; ok || h.over {
		return nil
	}
	if limit := s.srv.limits.Subscriptions; len(h.targets) >= limit {
		return &Error{KindTooLarge, fmt.Sprintf("more subscriptions than the limit of %d for one client", limit)}
	}
	cost := len(key) + subscriptionOverhead
	if size := h.size + cost; size > maxSubscribed {
		return tooLarge("keys of all subscriptions of one client", int64(size), maxSubscribed)
	}
	if size := s.srv.subscribed.Add(int64(cost)); size > maxSubscribedTotal {
		s.srv.subscribed.Add(-int64(cost))
		return tooLarge("keys of the subscriptions of all clients", size, maxSubscribedTotal)
	}
	if h.targets == nil {
		h.targets = map[string]struct{}{}
	}
	h.targets[key] = struct{}{}
	h.size += cost
	s.srv.backing.meeting().attach(key, s)
	return nil
}

func (s *session) subscribedTo(key string) bool {
	s.hearing.mu.Lock()
	defer s.hearing.mu.Unlock()
	_, yes := s.hearing.targets[key]
	return yes
}

func (s *session) unsubscribe(key string) {
	h := &s.hearing
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.targets[key]; ok {
		delete(h.targets, key)
		cost := len(key) + subscriptionOverhead
		h.size -= cost
		s.srv.subscribed.Add(-int64(cost))
		s.srv.backing.meeting().detach(key, s)
	}
}

// listen has the client hear of every key, stopListening of those only that it
// has subscribed to, and deafen of nothing more.
func (s *session) listen() {
	if _, is := s.srv.listeners.LoadOrStore(s, nil); !is {
		s.srv.backing.meeting().listening.Add(1)
	}
}

func (s *session) stopListening() {
	if _, was := s.srv.listeners.LoadAndDelete(s); was {
		s.srv.backing.meeting().listening.Add(-1)
	}
}

func (s *session) deafen() {
	s.stopListening()
	h := &s.hearing
	h.mu.Lock()
	for key := range h.targets {
		s.srv.backing.meeting().detach(key, s)
	}
	s.srv.subscribed.Add(-int64(h.size))
	h.targets, h.late, h.order, h.over, h.size = nil, nil, nil, true, 0
	speak := h.speak
	h.mu.Unlock()
	if speak != nil && speak.Stop() {
		s.sayUnsaid()
	}
}

// refresh passes on that something changed.
func (s *session) refresh(e socketio.Event) error {
	n, err := newsFrom(e.Args, s)
	if err != nil {
		return invalidArguments(e.Name, err.Error())
	}
	if len(e.Attachments) > 0 {
		return invalidArguments(e.Name, "it takes no attachments")
	}
	if err := s.allowedTo(refreshSend, n.target); err != nil {
		return err
	}
	s.hearing.mu.Lock()
	delete(s.hearing.unsaid, n.target)
	s.hearing.mu.Unlock()
	s.srv.backing.meeting().spread(n)
	return nil
}

// tellChanges tells of what the client's commands have changed, that are not
// those of a Go object. Of an old client's only subscribers hear, after a while:
// see hearing.
func (s *session) tellChanges(cmds [][]string, replies []Reply) {
	x := s.srv.backing.meeting()
	for _, n := range x.changes(cmds, replies) {
		if s.greeting.Subscribes {
			x.spread(n)
			continue
		}
		n.self, n.audience = s, subscribers
		if !s.holdBack(n) {
			x.spread(n)
		}
	}
}

// holdBack reports whether the news is told later.
func (s *session) holdBack(n *news) bool {
	h := &s.hearing
	h.mu.Lock()
	defer h.mu.Unlock()
	if before := h.unsaid[n.target]; before != nil {
		*before.refresh = before.refresh.merge(*n.refresh)
		return true
	}
	if len(h.unsaid) >= maxUnsaid || h.over {
		return false
	}
	if h.unsaid == nil {
		h.unsaid = map[string]*news{}
	}
	h.unsaid[n.target] = n
	if h.speak == nil {
		h.speak = time.AfterFunc(unsaidTime, s.sayUnsaid)
	} else if len(h.unsaid) == 1 {
		h.speak.Reset(unsaidTime)
	}
	return true
}

func (s *session) sayUnsaid() {
	s.hearing.mu.Lock()
	unsaid := s.hearing.unsaid
	s.hearing.unsaid = nil
	s.hearing.mu.Unlock()
	for _, n := range unsaid {
		s.srv.backing.meeting().spread(n)
	}
}

// greeting is what a client says of itself in the auth payload of its handshake,
// under "znsocket".
type greeting struct {
	Client     string `json:"client"`     // an id that it keeps over all its connections
	Subscribes bool   `json:"subscribes"` // it hears of what it subscribes to only
	Nests      bool   `json:"nests"`      // it answers for what lies inside its adapters
}

func greetingIn(auth []byte) greeting {
	var hello struct {
		ZnSocket greeting `json:"znsocket"`
	}
	_ = json.Unmarshal(auth, &hello) // whatever else it is, it is not ours
	return hello.ZnSocket
}
