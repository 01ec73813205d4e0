package znsocket

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/znsocket/znsocket/internal/socketio"
)

// notifier carries refreshes between the objects that share a key. A Store
// reaches its program and the clients of its Servers, a Client the server and
// all its other clients.
type notifier interface {
	// publish tells everybody but self that target changed.
	publish(target string, r Refresh, self any)
	// subscribe has fn called for each refresh of target that self did not
	// publish, until stop is called.
	subscribe(target string, self any, fn func(Refresh)) (stop func())
}

// hub delivers refreshes inside this program: to those who listen to one target,
// and to those who listen to all. It tells them one after the other in the
// publisher's goroutine; none of them may block.
type hub struct {
	mu        sync.Mutex
	byTarget  map[string][]listener
	listeners []listener
	targets   atomic.Int64 // entries of byTarget: most often there are none
	listening atomic.Int64 // sessions that the Servers among listeners tell
}

// listener is a subscription of this program, a session that has subscribed to
// the target, or a Server, for its sessions that have not.
type listener interface{ hear(n *news) }

// audience is who hears of something.
type audience uint8

const (
	everybody   audience = iota
	subscribers          // those who know what a subscription is
)

// news is a refresh on its way from who made a change to who listens. The form a
// listener needs is made when the first one needs it, and once for all: they
// hear of it one after the other.
type news struct {
	target   string
	self     any // who made the change and need not hear of it
	audience audience

	refresh *Refresh
	payload []byte // as it travels; see refreshEvent
	foreign bool   // the payload says what refresh cannot
	packets map[string]socketio.Prepared
}

// refreshEvent is the payload of a refresh as it travels.
type refreshEvent struct {
	Target string          `json:"target"`
	Data   json.RawMessage `json:"data"`
}

// newsOf is news of a refresh made here.
func newsOf(target string, r Refresh, self any) *news {
	return &news{target: target, refresh: &r, self: self}
}

// newsFrom is news that came as a payload, which goes on unchanged.
func newsFrom(payload []byte, self any) (*news, error) {
	var e refreshEvent
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	if e.Target == "" || !bytes.HasPrefix(e.Data, []byte("{")) {
		return nil, errors.New("it must be {target: text, data: object}")
	}
	// What no Refresh can be made of is a Resync to those who need one.
	n := &news{target: e.Target, self: self, refresh: new(Refresh), payload: payload}
	if err := json.Unmarshal(e.Data, n.refresh); err != nil {
		*n.refresh = Refresh{Resync: true}
		n.foreign = true
	}
	return n, nil
}

// wire is the payload as it travels.
func (n *news) wire() []byte {
	if n.payload == nil {
		data, _ := json.Marshal(n.refresh) // numbers and texts: it cannot fail
		n.payload, _ = json.Marshal(refreshEvent{n.target, data})
	}
	return n.payload
}

// packet is the event as it is sent in a namespace.
func (n *news) packet(namespace string) socketio.Prepared {
	p, ok := n.packets[namespace]
	if !ok {
		p = socketio.Prepare(namespace, socketio.Event{Name: "refresh", Args: n.wire()})
		if n.packets == nil {
			n.packets = map[string]socketio.Prepared{}
		}
		n.packets[namespace] = p
	}
	return p
}

// tell brings news to who wants them.
func (h *hub) tell(n *news) {
	h.mu.Lock()
	byTarget, all := h.byTarget[n.target], h.listeners
	h.mu.Unlock()
	for _, l := range byTarget {
		l.hear(n)
	}
	for _, l := range all {
		l.hear(n)
	}
}

// hasSubscribers reports whether somebody listens to just this target.
func (h *hub) hasSubscribers(target string) bool {
	if h.targets.Load() == 0 {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.byTarget[target]) > 0
}

// subscribed returns the targets that somebody listens to.
func (h *hub) subscribed() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Keys(h.byTarget))
}

// resync has those who listen to these targets read them again.
func (h *hub) resync(targets ...string) {
	for _, target := range targets {
		if h.listening.Load() > 0 || h.hasSubscribers(target) {
			n := newsOf(target, Refresh{Resync: true}, nil)
			n.audience = subscribers
			h.tell(n)
		}
	}
}

// resyncAll tells everybody who listens to one target that events were lost.
func (h *hub) resyncAll() { h.resync(h.subscribed()...) }

// listen has l hear of every target until stop is called.
func (h *hub) listen(l listener) (stop func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.listeners = with(h.listeners, l)
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.listeners = without(h.listeners, l)
	}
}

// attach has l hear of target until detach.
func (h *hub) attach(target string, l listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byTarget == nil {
		h.byTarget = map[string][]listener{}
	}
	h.byTarget[target] = with(h.byTarget[target], l)
	h.targets.Store(int64(len(h.byTarget)))
}

// detach reports whether nobody listens to target any more.
func (h *hub) detach(target string, l listener) (last bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	rest := without(h.byTarget[target], l)
	if len(rest) > 0 {
		h.byTarget[target] = rest
		return false
	}
	delete(h.byTarget, target)
	h.targets.Store(int64(len(h.byTarget)))
	return true
}

func (h *hub) subscribe(target string, self any, fn func(Refresh)) (stop func()) {
	s := &subscription{self: self, fn: fn}
	h.attach(target, s)
	return func() {
		s.stop()
		h.detach(target, s)
	}
}

// with and without return a new slice: tell reads the old one unlocked.
func with(list []listener, l listener) []listener {
	return append(list[:len(list):len(list)], l)
}

func without(list []listener, l listener) []listener {
	rest := make([]listener, 0, len(list))
	for _, other := range list {
		if other != l {
			rest = append(rest, other)
		}
	}
	return rest
}

// subscription is one OnRefresh. Its callback runs in a goroutine that lives
// while there are events, so an idle subscription costs none, and in the order
// of the events. Where the callback falls maxPending behind, what waits is
// replaced by one Resync.
type subscription struct {
	self any
	fn   func(Refresh)

	mu      sync.Mutex
	pending []Refresh
	running bool
	stopped bool
}

const maxPending = 256

func (s *subscription) hear(n *news) {
	if n.self == nil || n.self != s.self {
		s.offer(*n.refresh)
	}
}

func (s *subscription) offer(r Refresh) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stopped:
		return
	case r.Resync || len(s.pending) == maxPending:
		s.pending = append(s.pending[:0], Refresh{Resync: true})
	case len(s.pending) == 1 && s.pending[0].Resync:
		return
	default:
		s.pending = append(s.pending, r)
	}
	if !s.running {
		s.running = true
		go s.work()
	}
}

func (s *subscription) work() {
	for {
		s.mu.Lock()
		if s.stopped || len(s.pending) == 0 {
			s.running, s.pending = false, nil
			s.mu.Unlock()
			return
		}
		r := s.pending[0]
		s.pending = s.pending[1:]
		s.mu.Unlock()
		s.fn(r)
	}
}

// stop lets no further callback begin. One that runs may still be running:
// stop may be called from the callback itself.
func (s *subscription) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
}
