package znsocket

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

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
func (c *Client) restore(ctx context.Context, l *link) error {
	if l.speaksGo {
		for keys := range slices.Chunk(c.hub.subscribed(), subscribeBatch) {
			if err := c.tellSubscribed(ctx, l, subscribeEvent, keys...); err != nil {
				return err
			}
		}
	}
	for _, a := range c.hosted.all() {
		err := c.own(ctx, l, a.key, true)
		if refused := (*Error)(nil); errors.As(err, &refused) {
			// Somebody else has it now: no reason to stay away.
			c.cfg.log.Warn("adapter not registered again", "key", a.key, "error", err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// subscribeBatch is how many keys one message subscribes to.
const subscribeBatch = 1000

func (c *Client) tellSubscribed(ctx context.Context, l *link, event string, keys ...string) error {
	payload := []byte(`[[],{"keys":[`)
	for i, key := range keys {
		if i > 0 {
			payload = append(payload, ',')
		}
		payload = pyjson.AppendString(payload, key)
	}
	a, err := c.call(ctx, l, socketio.Event{Name: event, Args: append(payload, "]}]"...)})
	if err != nil {
		return err
	}
	return a.refusal()
}

// publish tells the objects of this program and the server, which tells its
// other clients. The change itself is made: that the news of it could not be
// sent does not make it fail.
func (c *Client) publish(target string, r Refresh, self any) error {
	n := newsOf(target, r, self)
	c.hub.tell(n)
	l := c.current()
	err := ErrDisconnected
	if l != nil {
		err = l.socket.Emit(socketio.Event{Name: "refresh", Args: n.wire()})
	}
	if err != nil {
		c.cfg.log.Warn("refresh not sent", "target", target, "error", err)
	}
	return nil
}

// current returns the connection, nil while there is none.
func (c *Client) current() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link
}

// subscribe returns once the server knows, or there is no connection: then it is
// told by restore.
func (c *Client) subscribe(target string, self any, fn func(Refresh)) (stop func()) {
	end := c.hub.subscribe(target, self, fn)
	c.announce(subscribeEvent, target)
	return func() {
		if end(); !c.hub.hasSubscribers(target) {
			c.announce(unsubscribeEvent, target)
		}
	}
}

func (c *Client) announce(event, target string) {
	l := c.current()
	if l == nil || !l.speaksGo {
		return
	}
	ctx, cancel := c.withTimeout(c.life)
	defer cancel()
	if err := c.tellSubscribed(ctx, l, event, target); err != nil && !errors.Is(err, ErrClosed) {
		c.cfg.log.Warn("the server does not know of a subscription", "target", target, "error", err)
	}
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

func (h *hosted) put(key string, a *Adapter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byKey == nil {
		h.byKey = map[string]*Adapter{}
	}
	h.byKey[key] = a
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
	if a := h.byKey[key]; a != nil {
		return a
	}
	for root := range nestedIn(key) {
		if a := h.byKey[root]; a != nil {
			return a
		}
	}
	return nil
}

func (h *hosted) has(key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.byKey[key] != nil
}

func (h *hosted) all() []*Adapter {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*Adapter
	for key, a := range h.byKey {
		if key == a.key {
			all = append(all, a)
		}
	}
	return all
}

func (c *Client) register(ctx context.Context, a *Adapter) error {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	l, err := c.acquire(ctx)
	if err != nil {
		return err
	}
	if err := a.storedUnder(ctx, c); err != nil {
		return err
	}
	if c.hosted.has(a.key) {
		return keyTaken(a.key)
	}
	c.hosted.put(a.key, a) // it is asked as soon as it is known
	err = c.own(ctx, l, a.key, a.replace)
	if err != nil {
		c.hosted.take(a)
	}
	return err
}

// own makes this Client the owner of a key on a server.
func (c *Client) own(ctx context.Context, l *link, key string, replace bool) error {
	event := ownEvent
	payload := pyjson.AppendString([]byte(`[[],{"key":`), key)
	if l.speaksGo {
		payload = strconv.AppendBool(append(payload, `,"replace":`...), replace)
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
	l := c.current()
	if l == nil || !l.speaksGo { // a Python server forgets it with the connection
		return
	}
	ctx, cancel := c.withTimeout(c.life)
	defer cancel()
	payload := append(pyjson.AppendString([]byte(`[[],{"key":`), a.key), "}]"...)
	if _, err := c.call(ctx, l, socketio.Event{Name: disownEvent, Args: payload}); err != nil && !errors.Is(err, ErrClosed) {
		c.cfg.log.Warn("the server does not know that an adapter is closed", "key", a.key, "error", err)
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
	c.hosted.put(key, a)
	return c.own(ctx, l, key, false)
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
	id, err := c.upload(ctx, l, piecesEvent, frame)
	if err != nil {
		return err
	}
	return ack.Send([]byte(inPiecesPrefix + id + `"}`))
}

// upload sends pieces whose answer the server keeps under an id.
func (c *Client) upload(ctx context.Context, l *link, event string, frame []byte) (id string, err error) {
	id, _, err = c.tryPieces(ctx, l, event, frame)
	return id, err
}
