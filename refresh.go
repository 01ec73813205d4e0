package znsocket

import (
	"context"
	"encoding/json"
	"sync"
)

// Refresh says what changed in a List or Dict: the elements from Start up to
// Stop (nil: to the end), single Indices, or Keys of a Dict. It is a hint to
// read again, not a log of changes. What it holds is shared by all who hear it
// and must not be changed.
//
// Go counts every place from the begin. Python tells of one as it was asked for:
// l[-1] = x is index -1, l.insert(-1, x) a start of -1.
type Refresh struct {
	Start   *int     `json:"start,omitempty"`
	Stop    *int     `json:"stop,omitempty"`
	Indices []int    `json:"indices,omitempty"`
	Keys    []string `json:"keys,omitempty"`
	// Resync: events were lost, for the reader was slow or the connection was
	// made anew. Read everything again.
	Resync bool `json:"-"`
}

// MarshalJSON writes the wire's form, in which a range always has its stop.
func (r Refresh) MarshalJSON() ([]byte, error) {
	type plain Refresh
	if r.Start == nil {
		return json.Marshal(plain(r))
	}
	return json.Marshal(struct {
		Start *int `json:"start"`
		Stop  *int `json:"stop"`
	}{r.Start, r.Stop})
}

// UnmarshalJSON reads the wire's form. The keys of a Python dict may be numbers
// there; a Dict has them as texts.
func (r *Refresh) UnmarshalJSON(text []byte) error {
	type plain Refresh
	wire := struct {
		*plain
		Keys []refreshKey `json:"keys"`
	}{plain: (*plain)(r)}
	if err := json.Unmarshal(text, &wire); err != nil {
		return err
	}
	r.Keys = nil
	for _, key := range wire.Keys {
		r.Keys = append(r.Keys, string(key))
	}
	return nil
}

type refreshKey string

func (k *refreshKey) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, (*string)(k))
	}
	*k = refreshKey(text)
	return nil
}

func refreshFrom(start int) Refresh { return Refresh{Start: &start} }

// notifier carries refreshes between the objects that share a key. A Store
// reaches its program and the clients of its Servers, a Client the server and
// all its other clients.
type notifier interface {
	// publish tells everybody but self that target changed.
	publish(ctx context.Context, target string, r Refresh, self any) error
	// subscribe has fn called for each refresh of target that self did not
	// publish, until stop is called.
	subscribe(target string, self any, fn func(Refresh)) (stop func())
}

// notifierOf returns c's own, or nil: a foreign Commander has none.
func notifierOf(c Commander) notifier {
	n, _ := c.(notifier)
	return n
}

func (s *Store) publish(_ context.Context, target string, r Refresh, self any) error {
	return s.hub.deliver(target, r, self)
}

func (s *Store) subscribe(target string, self any, fn func(Refresh)) func() {
	return s.hub.subscribe(target, self, fn)
}

// hub delivers refreshes inside this program. Listeners get every refresh at
// once, as it travels, in the publisher's goroutine; subscriptions get those of one
// target, each in a goroutine of its own.
type hub struct {
	mu        sync.Mutex
	byTarget  map[string][]*subscription
	listeners []*hubListener
}

type hubListener struct {
	fn func(payload []byte, self any)
}

// refreshEvent is the payload of a refresh as it travels.
type refreshEvent struct {
	Target string          `json:"target"`
	Data   json.RawMessage `json:"data"`
}

// deliver brings a refresh made in this program.
func (h *hub) deliver(target string, r Refresh, self any) error {
	subs, listeners := h.audience(target)
	offerAll(subs, r, self)
	if len(listeners) == 0 {
		return nil
	}
	payload, err := refreshPayload(target, r)
	for _, l := range listeners {
		l.fn(payload, self)
	}
	return err
}

func refreshPayload(target string, r Refresh) ([]byte, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return json.Marshal(refreshEvent{target, data})
}

// forward brings a refresh that came with a payload, which goes on unchanged.
// What no Refresh can be made of is a Resync to subscribers.
func (h *hub) forward(e refreshEvent, payload []byte, self any) {
	subs, listeners := h.audience(e.Target)
	if len(subs) > 0 {
		var r Refresh
		if err := json.Unmarshal(e.Data, &r); err != nil {
			r = Refresh{Resync: true}
		}
		offerAll(subs, r, self)
	}
	for _, l := range listeners {
		l.fn(payload, self)
	}
}

func (h *hub) audience(target string) ([]*subscription, []*hubListener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.byTarget[target], h.listeners
}

func offerAll(subs []*subscription, r Refresh, self any) {
	for _, s := range subs {
		if self == nil || s.self != self {
			s.offer(r)
		}
	}
}

// resync tells every subscription that events were lost.
func (h *hub) resync() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, subs := range h.byTarget {
		for _, s := range subs {
			s.offer(Refresh{Resync: true})
		}
	}
}

// listen has fn called for each refresh of any target until stop is called. fn
// must not block.
func (h *hub) listen(fn func(payload []byte, self any)) (stop func()) {
	l := &hubListener{fn}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.listeners = append(h.listeners[:len(h.listeners):len(h.listeners)], l)
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.listeners = without(h.listeners, l)
	}
}

func (h *hub) subscribe(target string, self any, fn func(Refresh)) (stop func()) {
	s := &subscription{self: self, fn: fn}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byTarget == nil {
		h.byTarget = map[string][]*subscription{}
	}
	subs := h.byTarget[target]
	h.byTarget[target] = append(subs[:len(subs):len(subs)], s)
	return func() {
		s.stop()
		h.mu.Lock()
		defer h.mu.Unlock()
		if rest := without(h.byTarget[target], s); len(rest) > 0 {
			h.byTarget[target] = rest
		} else {
			delete(h.byTarget, target)
		}
	}
}

// without returns a new slice that lacks v: deliver reads the old one unlocked.
func without[T comparable](list []T, v T) []T {
	rest := make([]T, 0, len(list))
	for _, other := range list {
		if other != v {
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
