package znsocket

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/znsocket/znsocket/internal/pyjson"
	"github.com/znsocket/znsocket/internal/socketio"
)

// This file is what a Client does for live objects: it tells and hears of
// changes, reads adapters and hosts them.

// handshake is the auth payload of a connection.
func (c *Client) handshake(ctx context.Context) ([]byte, error) {
	hello := map[string]any{"znsocket": greeting{Client: c.id, Subscribes: true, Nests: true}}
	if c.cfg.token != nil {
		token, err := c.cfg.token(ctx)
		if err != nil {
			return nil, err
		}
		hello["token"] = token
	}
	return json.Marshal(hello)
}

// restore makes a new connection one on which everything is as before.
func (c *Client) restore(l *link) error {
	if l.speaksGo {
		l.told.subscribed = c.hub.subscribed()
		for keys := range slices.Chunk(l.told.subscribed, subscribeBatch) {
			ctx, cancel := context.WithTimeout(c.life, dialTimeout)
			err := c.tellSubscribed(l, subscribeEvent, keys...).wait(ctx)
			cancel()
			if err = c.unlessRefused(err, "not all subscriptions are there again"); err != nil {
				return err
			}
		}
	}
	l.told.hosted = c.hosted.all(!l.speaksGo)
	var all errgroup.Group
	all.SetLimit(restoredAtOnce)
	for _, key := range l.told.hosted {
		all.Go(func() error {
			ctx, cancel := context.WithTimeout(c.life, dialTimeout)
			defer cancel()
			err := c.own(ctx, l, key, ownAgain)
			if refused := (*Error)(nil); errors.As(err, &refused) {
				if a := c.hosted.drop(key); a != nil {
					a.finish(err)
				}
			}
			return c.unlessRefused(err, "adapter not registered again")
		})
	}
	return all.Wait()
}

// restoredAtOnce is how many adapters a new connection is told of at once.
const restoredAtOnce = 32

// unlessRefused logs a refusal, which is no reason to stay away: somebody else
// may have the adapter now, or a new token may allow less. Other errors it
// returns.
func (c *Client) unlessRefused(err error, what string) error {
	if refused := (*Error)(nil); errors.As(err, &refused) {
		c.cfg.log.Warn(what, "server", c.cfg.url, "error", err)
		return nil
	}
	return err
}

// toldLink is what a server was told while a connection was restored.
type toldLink struct {
	subscribed []string
	hosted     []string
}

// settle tells the server what has changed since restore looked. Whoever changes
// something from now on finds the connection in its place and tells of it.
func (c *Client) settle(l *link) {
	ctx, cancel := context.WithTimeout(c.life, dialTimeout)
	defer cancel()
	if l.speaksGo {
		c.telling.Lock()
		before, now := l.told.subscribed, c.hub.subscribed()
		var waits []sentSubscribed
		for keys := range slices.Chunk(missing(now, before), subscribeBatch) {
			waits = append(waits, c.tellSubscribed(l, subscribeEvent, keys...))
		}
		for keys := range slices.Chunk(missing(before, now), subscribeBatch) {
			waits = append(waits, c.tellSubscribed(l, unsubscribeEvent, keys...))
		}
		c.telling.Unlock()
		for _, w := range waits {
			w.check(ctx)
		}
	}
	for _, key := range l.told.hosted {
		if !c.hosted.has(key) {
			c.disown(l, key)
		}
	}
	l.told = toldLink{}
	c.tellUntold(l)
}

// missing returns what is in list and not in other.
func missing(list, other []string) []string {
	known := make(map[string]struct{}, len(other))
	for _, key := range other {
		known[key] = struct{}{}
	}
	var rest []string
	for _, key := range list {
		if _, ok := known[key]; !ok {
			rest = append(rest, key)
		}
	}
	return rest
}

// subscribeBatch is how many keys one message subscribes to.
const subscribeBatch = 1000

// sentSubscribed is a subscription that the server has not answered.
type sentSubscribed struct {
	sent
	keys []string
}

// tellSubscribed does not wait, so that whoever holds Client.telling can tell of
// what changes in the order in which it changes.
func (c *Client) tellSubscribed(l *link, event string, keys ...string) sentSubscribed {
	payload := []byte(`[[],{"keys":[`)
	for i, key := range keys {
		if i > 0 {
			payload = append(payload, ',')
		}
		payload = pyjson.AppendString(payload, key)
	}
	return sentSubscribed{c.send(l, socketio.Event{Name: event, Args: append(payload, "]}]"...)}), keys}
}

func (s sentSubscribed) wait(ctx context.Context) error {
	a, err := s.sent.wait(ctx)
	if err != nil {
		return err
	}
	return a.refusal()
}

// check waits, and logs what went wrong.
func (s sentSubscribed) check(ctx context.Context) {
	if err := s.wait(ctx); err != nil && !errors.Is(err, ErrClosed) {
		s.link.c.cfg.log.Warn("the server does not know of a subscription", "keys", s.keys[:min(len(s.keys), 3)], "error", err)
	}
}

// publish tells the objects of this program and the server, which tells its
// other clients. The change itself is made: that the news of it could not be
// sent does not make it fail.
func (c *Client) publish(target string, r Refresh, self any) {
	n := newsOf(target, r, self)
	c.hub.tell(n)
	if l := c.current(); l != nil {
		c.tell(l, n)
	} else {
		c.keepUntold(n)
	}
}

// tell sends news to the server. What it does not say that it has heard is told
// again over the next connection.
func (c *Client) tell(l *link, n *news) {
	e := socketio.Event{Name: "refresh", Args: n.wire()}
	l.socket.Call(e, func(_ []byte, _ [][]byte, err error) {
		switch full := (*socketio.LimitError)(nil); {
		case err == nil || c.life.Err() != nil:
		case errors.As(err, &full) && l.client.Err() == nil:
			_ = l.socket.Emit(e) // so many are under way that one is told of without proof
		default:
			c.giveUp(l)
			c.keepUntold(n)
		}
	})
}

// untold are the refreshes that the server may not have heard, merged to one a
// target.
type untold struct {
	mu       sync.Mutex
	byTarget map[string]Refresh
}

// maxUntold is how many targets a Client keeps refreshes for without a connection.
const maxUntold = 10_000

// keepUntold keeps news for the next connection, or tells them if that is there
// already.
func (c *Client) keepUntold(n *news) {
	u := &c.untold
	u.mu.Lock()
	before, known := u.byTarget[n.target]
	full := !known && len(u.byTarget) >= maxUntold
	switch {
	case known:
		u.byTarget[n.target] = before.merge(*n.refresh)
	case !full:
		if u.byTarget == nil {
			u.byTarget = map[string]Refresh{}
		}
		u.byTarget[n.target] = *n.refresh
	}
	u.mu.Unlock()
	if full {
		c.cfg.log.Warn("refresh not sent: too many wait for a connection", "target", n.target)
	}
	if l := c.current(); l != nil {
		c.tellUntold(l)
	}
}

func (c *Client) tellUntold(l *link) {
	c.untold.mu.Lock()
	all := c.untold.byTarget
	c.untold.byTarget = nil
	c.untold.mu.Unlock()
	for target, r := range all {
		c.tell(l, newsOf(target, r, nil))
	}
}

// current returns the connection, nil while there is none.
func (c *Client) current() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link
}

// subscribe returns once the server knows, or there is no connection: then it is
// told by restore or settle.
func (c *Client) subscribe(target string, self any, fn func(Refresh)) (stop func()) {
	var end func()
	c.announce(subscribeEvent, target, func() bool {
		end = c.hub.subscribe(target, self, fn)
		return true
	})
	return func() {
		c.announce(unsubscribeEvent, target, func() bool {
			end()
			return !c.hub.hasSubscribers(target)
		})
	}
}

// announce tells the server of a change to what this Client listens to, unless
// change says that it need not know.
func (c *Client) announce(event, target string, change func() bool) {
	c.telling.Lock()
	tell := change()
	l := c.current()
	if !tell || l == nil || !l.speaksGo {
		c.telling.Unlock()
		return
	}
	told := c.tellSubscribed(l, event, target)
	c.telling.Unlock()
	ctx, cancel := c.withTimeout(c.life)
	defer cancel()
	told.check(ctx)
}

func (c *Client) objects() runner { return clientObjects{c} }

// clientObjects runs the commands of objects.
type clientObjects struct{ c *Client }

func (o clientObjects) run(ctx context.Context, argv []string) (any, error) {
	return o.c.runAs(ctx, argv, true)
}

func (o clientObjects) runMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	return o.c.runMultiAs(ctx, cmds, true)
}

func (o clientObjects) adapted(ctx context.Context, key string) (bool, error) {
	return o.c.adapted(ctx, key)
}

// pythonCommands runs commands on a Python server.
type pythonCommands struct {
	c *Client
	l *link
}

func (p pythonCommands) run(ctx context.Context, argv []string) (any, error) {
	return p.c.runPython(ctx, p.l, argv)
}

func (p pythonCommands) runMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	return p.c.runPythonMulti(ctx, p.l, cmds)
}

// ask asks the owner of an adapter by way of the server.
func (c *Client) ask(ctx context.Context, q question) (answer, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	l, err := c.acquire(ctx)
	if err != nil {
		return answer{}, err
	}
	a, err := c.call(ctx, l, socketio.Event{Name: "adapter:get", Args: q.payload})
	if err != nil {
		return answer{}, err
	}
	if isNoAdapter(a.refusal(), q.key) {
		l.adapted.forget(q.key)
	}
	return a, nil
}

// adapted asks a server whether a key has an adapter. It does not ask about the
// same key again within adaptedTime.
func (c *Client) adapted(ctx context.Context, key string) (bool, error) {
	l, err := c.acquire(ctx)
	if err != nil {
		return false, err
	}
	if yes, known := l.adapted.get(key); known {
		return yes, nil
	}
	payload := append(pyjson.AppendString([]byte(`[[],{"key":`), key), "}]"...)
	a, err := c.call(ctx, l, socketio.Event{Name: "adapter_exists", Args: payload})
	if err != nil {
		return false, err
	}
	yes := string(a.args) == "true"
	l.adapted.put(key, yes)
	return yes, nil
}

// adaptedKeys is which keys a Python server has an adapter for, as far as it has
// been asked lately.
type adaptedKeys struct {
	mu   sync.Mutex
	keys map[string]adaptedKey
}

type adaptedKey struct {
	yes  bool
	time time.Time
}

const (
	adaptedTime    = time.Second
	maxAdaptedKeys = 10_000
)

func (k *adaptedKeys) get(key string) (yes, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found, ok := k.keys[key]
	return found.yes, ok && time.Since(found.time) < adaptedTime
}

func (k *adaptedKeys) put(key string, yes bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil || len(k.keys) >= maxAdaptedKeys {
		k.keys = map[string]adaptedKey{}
	}
	k.keys[key] = adaptedKey{yes, time.Now()}
}

func (k *adaptedKeys) forget(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.keys, key)
}

// hosted are the adapters of a Client.
type hosted struct {
	mu    sync.Mutex
	byKey map[string]*Adapter // also those inside others that a Python server was told of
}

// put reports whether the key was free.
func (h *hosted) put(key string, a *Adapter) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byKey[key] != nil {
		return false
	}
	if h.byKey == nil {
		h.byKey = map[string]*Adapter{}
	}
	h.byKey[key] = a
	return true
}

// take takes the adapter away, with those inside it.
func (h *hosted) take(a *Adapter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	maps.DeleteFunc(h.byKey, func(_ string, other *Adapter) bool { return other == a })
}

// find returns the adapter that answers for a key.
func (h *hosted) find(key string) *Adapter {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.byKey[rootOf(key, func(root string) bool { return h.byKey[root] != nil })]
}

func (h *hosted) adapters() []*Adapter {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.byKey))
}

// drop takes the adapter of a key away, with those inside it, and returns it; not
// one that lies inside another.
func (h *hosted) drop(key string) *Adapter {
	h.mu.Lock()
	a := h.byKey[key]
	h.mu.Unlock()
	if a == nil || a.key != key {
		return nil
	}
	h.take(a)
	return a
}

func (h *hosted) has(key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.byKey[key] != nil
}

// all returns the keys, and those inside other adapters if they are wanted.
func (h *hosted) all(inside bool) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for key, a := range h.byKey {
		if inside || key == a.key {
			all = append(all, key)
		}
	}
	return all
}

func (c *Client) adopt(ctx context.Context, a *Adapter) error {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	l, err := c.acquire(ctx)
	if err != nil {
		return err
	}
	if err := a.storedUnder(ctx); err != nil {
		return err
	}
	if !c.hosted.put(a.key, a) { // it is asked as soon as it is known
		return keyTaken(a.key)
	}
	how := ""
	if a.replace {
		how = ownReplacing
	}
	if err = c.own(ctx, l, a.key, how); err != nil {
		c.unregister(a) // the server may know of it all the same
	}
	return err
}

// What else own can say.
const (
	ownReplacing = `,"replace":true` // another owner's place is taken
	ownAgain     = `,"again":true`   // it was this Client's before the connection was lost
)

// own makes this Client the owner of a key on a server.
func (c *Client) own(ctx context.Context, l *link, key, how string) error {
	event := ownEvent
	payload := pyjson.AppendString([]byte(`[[],{"key":`), key)
	if l.speaksGo {
		payload = append(payload, how...)
	} else {
		event = "register_adapter"
	}
	a, err := c.call(ctx, l, socketio.Event{Name: event, Args: append(payload, "}]"...)})
	if err != nil {
		return err
	}
	return a.refusal()
}

func (c *Client) unregister(a *Adapter) {
	c.hosted.take(a)
	if l := c.current(); l != nil {
		c.disown(l, a.key)
	}
}

// disown tells a server that this Client does not own a key any more. One in
// Python forgets it with the connection.
func (c *Client) disown(l *link, key string) {
	if !l.speaksGo {
		return
	}
	ctx, cancel := c.withTimeout(c.life)
	defer cancel()
	payload := append(pyjson.AppendString([]byte(`[[],{"key":`), key), "}]"...)
	if _, err := c.call(ctx, l, socketio.Event{Name: disownEvent, Args: payload}); err != nil && !errors.Is(err, ErrClosed) {
		c.cfg.log.Warn("the server does not know that an adapter is closed", "key", key, "error", err)
	}
}

// maxNestedKnown is how many adapters inside others a Python server is told of.
const maxNestedKnown = 100_000

// nested tells a Python server of an adapter inside another.
func (c *Client) nested(a *Adapter, key string) error {
	l := c.current()
	if l == nil || l.speaksGo || c.hosted.has(key) {
		return nil
	}
	c.hosted.mu.Lock()
	n := len(c.hosted.byKey)
	c.hosted.mu.Unlock()
	if n >= maxNestedKnown {
		return &Error{KindTooLarge, fmt.Sprintf("more adapters inside others than the limit of %d", maxNestedKnown)}
	}
	ctx, cancel := context.WithTimeout(c.life, defaultAdapterTimeout)
	defer cancel()
	if !c.hosted.put(key, a) {
		return nil
	}
	return c.own(ctx, l, key, "")
}

// answerQuestion answers what the server wants to know about an adapter, from a
// goroutine of its own: the owner's code may take its time, and may use the
// Client.
func (c *Client) answerQuestion(l *link, e socketio.Event, ack socketio.Ack) {
	if !ack.Wanted() {
		return
	}
	payload := bytes.Clone(e.Args)
	v, err := pyjson.Parse(payload, nil)
	var key *pyjson.Value
	if err == nil {
		key, err = keyword(e.Name, &v, "key", pyjson.String)
	}
	if err != nil {
		ack.Send(appendRefusal(nil, err))
		return
	}
	a := c.hosted.find(key.Text)
	if a == nil {
		ack.Send(appendRefusal(nil, noAdapter(key.Text)))
		return
	}
	a.ask(question{key.Text, payload}, func(text []byte, _ [][]byte, err error) {
		if err != nil {
			text = appendRefusal(nil, err)
		}
		if err := c.sendAnswer(l, text, ack); err != nil {
			c.cfg.log.Warn("answer about an adapter not sent", "key", a.key, "error", err)
			ack.Send(appendRefusal(nil, err))
		}
	})
}

// sendAnswer sends an answer; one that is too large for a message goes in pieces.
func (c *Client) sendAnswer(l *link, text []byte, ack socketio.Ack) error {
	if len(text) <= l.maxMessage-pieceRoom {
		return ack.Send(text)
	}
	if !l.speaksGo {
		return &TooLargeError{"answer", int64(len(text)), int64(l.maxMessage)}
	}
	ctx, cancel := context.WithTimeout(c.life, copyTimeout)
	defer cancel()
	frame, _ := packFrame(text, c.cfg.threshold)
	id, _, err := c.tryPieces(ctx, l, piecesEvent, frame)
	if err != nil {
		return err
	}
	return ack.Send([]byte(inPiecesPrefix + id + `"}`))
}
