package znsocket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// mesh is how one Node speaks to the others of its group. All that concerns
// everybody travels on one channel, everyone, in one order for all, so every Node
// comes to the same view of who owns which adapter: a claim counts where it
// stands in that order. A question goes to the channel of the Node that has the
// owner, its answer to that of the one who asked.
//
// A Node says each beatEvery that it lives, and is taken for gone when it has not
// been heard for goneAfter.
type mesh struct {
	x        *exchange
	bus      Bus
	log      *slog.Logger
	id       string
	everyone string // the channel of all Nodes; that of one has its id behind it
	stopBus  func()
	life     context.Context // ends with close
	end      context.CancelFunc
	over     sync.WaitGroup
	out      outbox

	mu       sync.Mutex
	nodes    map[string]*remoteNode
	away     map[string]*remoteNode   // of before the Bus was lost; see Disconnected
	claims   map[uint64]*pendingClaim // of this Node, that have not come back
	asked    map[uint64]*asked        // questions of this Node
	lastID   uint64
	downFrom time.Time // the Bus brings nothing since; zero while it works
	upFrom   time.Time // it works again since
}

const (
	beatEvery = time.Second
	goneAfter = 3 * time.Second

	remoteTimeout = time.Hour
)

// remoteNode is another Node, the owner of the adapters that it tells of.
type remoteNode struct {
	m     *mesh
	id    string
	heard time.Time // guarded by the mesh's mu
	away  atomic.Bool
}

// pendingClaim is a claim on its way through the Bus.
type pendingClaim struct {
	claim
	done chan error
}

// asked is a question that waits for another Node's answer.
type asked struct {
	node *remoteNode
	key  string
	done answerFunc
}

// nodeMessage is what Nodes send each other. What a kind does not need is empty.
type nodeMessage struct {
	_           struct{} `cbor:",toarray"`
	Kind        nodeMessageKind
	From        string
	ID          uint64
	Keys        []string
	Replace     bool
	Payload     []byte
	Attachments [][]byte
	ErrorKind   string
	ErrorText   string
	Client      string // of a claim: see claim.again
}

type nodeMessageKind uint8

const (
	nodeHello   nodeMessageKind = iota // I have come: tell me what you own
	nodeBeat                           // I live
	nodeBye                            // I go
	nodeOwns                           // I own Keys; with Replace also though you do
	nodeClaim                          // I want to own Keys[0]
	nodeRelease                        // I no longer own Keys
	nodeRefresh                        // Payload is a refreshEvent
	nodeLost                           // refreshes or answers of mine were lost
	nodeAsk                            // the question ID about Keys[0]
	nodeAnswer                         // the answer to it
)

var nodeDecoding = must(cbor.DecOptions{
	ByteStringToString: cbor.ByteStringToStringAllowed,
	MaxNestedLevels:    8,
	MaxArrayElements:   math.MaxInt32,
}.DecMode())

func (m *mesh) join(ctx context.Context) error {
	m.nodes, m.away = map[string]*remoteNode{}, map[string]*remoteNode{}
	m.claims, m.asked = map[uint64]*pendingClaim{}, map[uint64]*asked{}
	m.life, m.end = context.WithCancel(context.Background())
	m.out.ready = make(chan struct{}, 1)
	stop, err := m.bus.Subscribe(ctx, (*meshReceiver)(m), m.everyone, m.channel(m.id))
	if err != nil {
		m.end()
		return fmt.Errorf("znsocket: node: %w", err)
	}
	m.stopBus = stop
	m.over.Go(m.sendAll)
	m.over.Go(m.beat)
	m.toAll(nodeMessage{Kind: nodeHello})
	return nil
}

func (m *mesh) close() error {
	if m.life.Err() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	m.end()
	m.over.Wait()
	body, err := m.encode(nodeMessage{Kind: nodeBye})
	if err == nil {
		err = m.bus.Publish(ctx, m.everyone, body)
	}
	m.stopBus()
	m.loseAll(ErrClosed)
	m.forgetAway()
	if err != nil {
		m.log.Debug("node left without a word", "error", err)
	}
	return nil
}

func (m *mesh) channel(id string) string { return m.everyone + ":" + id }

func (m *mesh) encode(msg nodeMessage) ([]byte, error) {
	msg.From = m.id
	return goEncoding.Marshal(msg)
}

func (m *mesh) toAll(msg nodeMessage) { m.send(m.everyone, msg, func(error) {}) }

// send has a message published. Where that fails, failed is told.
func (m *mesh) send(channel string, msg nodeMessage, failed func(error)) {
	if m.life.Err() != nil {
		failed(ErrClosed)
		return
	}
	body, err := m.encode(msg)
	if err == nil && !m.out.put(outgoing{channel, body, failed, msg.Kind == nodeAsk || msg.Kind == nodeAnswer}) {
		err = fmt.Errorf("znsocket: more than %d bytes wait for the bus between nodes", maxOutbox)
	}
	if err != nil {
		m.log.Warn("other nodes cannot be told", "error", err)
		failed(err)
	}
}

// outbox is what waits to be published, so that nobody who tells of a change has
// to wait for the network. When it is full, what is put is lost, and so is what
// cannot be published: the other Nodes then hear that something was.
type outbox struct {
	mu    sync.Mutex
	queue []outgoing
	bytes int
	lost  bool
	ready chan struct{}
}

type outgoing struct {
	channel string
	body    []byte
	failed  func(error)
	told    bool // whoever waits for it hears of a failure otherwise
}

const maxOutbox = 64 << 20 // bytes

func (o *outbox) put(msg outgoing) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes+len(msg.body) > maxOutbox {
		o.lost = o.lost || !msg.told
		return false
	}
	o.queue = append(o.queue, msg)
	o.bytes += len(msg.body)
	select {
	case o.ready <- struct{}{}:
	default:
	}
	return true
}

func (o *outbox) take() (queue []outgoing, lost bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	queue, lost = o.queue, o.lost
	o.queue, o.bytes, o.lost = nil, 0, false
	return queue, lost
}

// sendAll publishes what is in the outbox. After a failure it goes on, for the next
// beat at the latest, with the news that something was lost.
func (m *mesh) sendAll() {
	lost := false
	for {
		select {
		case <-m.out.ready:
		case <-m.life.Done():
			return
		}
		queue, dropped := m.out.take()
		if lost = lost || dropped; lost {
			body, err := m.encode(nodeMessage{Kind: nodeLost})
			lost = err != nil || m.publish(m.everyone, body) != nil
		}
		for _, msg := range queue {
			err := m.publish(msg.channel, msg.body)
			if err == nil || m.life.Err() != nil {
				continue
			}
			if !lost {
				m.log.Warn("other nodes cannot be told", "error", err)
			}
			lost = true
			msg.failed(err)
		}
	}
}

func (m *mesh) publish(channel string, body []byte) error {
	ctx, cancel := context.WithTimeout(m.life, goneAfter)
	defer cancel()
	return m.bus.Publish(ctx, channel, body)
}

// beat says that this Node lives, and misses those that do not.
func (m *mesh) beat() {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-m.life.Done():
			return
		}
		m.toAll(nodeMessage{Kind: nodeBeat})
		m.mu.Lock()
		var gone []*remoteNode
		for _, n := range m.nodes {
			if m.downFrom.IsZero() && time.Since(n.heard) > goneAfter {
				gone = append(gone, n)
			}
		}
		over := m.downFrom.IsZero() && time.Since(m.upFrom) > goneAfter
		m.mu.Unlock()
		if over {
			m.forgetAway()
		}
		for _, n := range gone {
			m.log.Warn("node gone", "node", n.id)
			m.drop(n)
		}
	}
}

// spread tells the other Nodes of a refresh.
func (m *mesh) spread(n *news) {
	m.toAll(nodeMessage{Kind: nodeRefresh, ID: uint64(n.audience), Payload: n.wire()})
}

// claim asks to own a key and waits until the claim has come back. Only then, in
// its place among those of others, is it decided, here as everywhere.
func (m *mesh) claim(ctx context.Context, c claim) error {
	p := &pendingClaim{claim: c, done: make(chan error, 1)}
	m.mu.Lock()
	m.lastID++
	id := m.lastID
	m.claims[id] = p
	m.mu.Unlock()
	m.toAll(nodeMessage{Kind: nodeClaim, ID: id, Keys: []string{c.key}, Replace: c.replace, Client: c.again})
	ctx, cancel := context.WithTimeout(ctx, goneAfter)
	defer cancel()
	var err error
	select {
	case err = <-p.done:
	case <-ctx.Done():
		err = fmt.Errorf("znsocket: the other nodes could not be told of the adapter: %w", ctx.Err())
	case <-m.life.Done():
		err = ErrClosed
	}
	if err == nil || errors.Is(err, ErrExists) {
		return err
	}
	m.mu.Lock()
	delete(m.claims, id)
	m.mu.Unlock()
	if m.x.release(c.key, c.owner) {
		m.x.resync(c.key)
	}
	m.withdraw(c.key) // others may have heard of it all the same
	return err
}

func (m *mesh) withdraw(keys ...string) { m.toAll(nodeMessage{Kind: nodeRelease, Keys: keys}) }

// meshReceiver is a mesh as it hears the Bus.
type meshReceiver mesh

// Disconnected ends what waits for the other Nodes. That they own adapters is not
// forgotten, or their keys would read as empty: who asks for one is told that it
// cannot be reached.
func (r *meshReceiver) Disconnected(err error) {
	m := (*mesh)(r)
	m.mu.Lock()
	m.downFrom = time.Now()
	m.mu.Unlock()
	m.log.Warn("nodes cannot be heard", "error", err)
	m.loseAll(fmt.Errorf("%w: the bus between nodes: %w", ErrDisconnected, err))
}

// Connected begins anew: who is there, and who owns what, is asked again. What
// nobody has claimed after a while is nobody's.
func (r *meshReceiver) Connected() {
	m := (*mesh)(r)
	m.mu.Lock()
	wasDown := !m.downFrom.IsZero()
	m.downFrom, m.upFrom = time.Time{}, time.Now()
	m.mu.Unlock()
	if !wasDown {
		return
	}
	m.toAll(nodeMessage{Kind: nodeHello})
	m.tellOwned()
	m.x.resyncAll()
}

func (r *meshReceiver) Message(channel string, body []byte) {
	m := (*mesh)(r)
	var msg nodeMessage
	if err := nodeDecoding.Unmarshal(body, &msg); err != nil {
		m.log.Warn("message of a node that cannot be read", "error", err)
		return
	}
	if msg.From == m.id {
		if msg.Kind == nodeClaim {
			m.claimed(msg.ID)
		}
		return
	}
	if msg.Kind == nodeBye {
		m.mu.Lock()
		n := m.nodes[msg.From]
		m.mu.Unlock()
		if n != nil {
			m.drop(n)
		}
		return
	}
	n, known := m.heard(msg.From)
	if !known && msg.Kind != nodeHello && msg.Kind != nodeOwns {
		// It was taken for gone, or came while this one could not hear.
		m.send(m.channel(n.id), nodeMessage{Kind: nodeHello}, func(error) {})
	}
	if known && msg.Kind == nodeHello && channel == m.everyone {
		m.unanswered(n, &Error{KindTimeout, "the question to another node was lost"}) // it could not hear
	}
	m.handle(n, msg)
}

func (m *mesh) handle(n *remoteNode, msg nodeMessage) {
	switch msg.Kind {
	case nodeHello:
		m.tellOwned()
	case nodeOwns:
		for _, key := range msg.Keys {
			m.owns(n, key, msg.Replace)
		}
	case nodeClaim:
		if len(msg.Keys) == 1 {
			m.take(claim{key: msg.Keys[0], owner: n, replace: msg.Replace, again: msg.Client})
		}
	case nodeRelease:
		for _, key := range msg.Keys {
			if m.x.release(key, n) {
				m.x.resync(key)
			}
		}
	case nodeRefresh:
		if refresh, err := newsFrom(msg.Payload, nil); err == nil {
			refresh.audience = audience(msg.ID)
			m.x.tell(refresh)
		}
	case nodeLost:
		m.x.resyncAll()
		m.unanswered(n, &Error{KindTimeout, "the answer of another node was lost"})
	case nodeAsk:
		if len(msg.Keys) == 1 {
			m.answer(n, msg)
		}
	case nodeAnswer:
		m.answered(msg)
	}
}

// heard returns the Node that something came from, and whether it was known.
func (m *mesh) heard(id string) (n *remoteNode, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, known = m.nodes[id]
	if !known {
		n = &remoteNode{m: m, id: id}
		m.nodes[id] = n
	}
	n.heard = time.Now()
	return n, known
}

// ownedChunk is how many keys one message tells of.
const ownedChunk = 10_000

// tellOwned tells the others which adapters this Node has.
func (m *mesh) tellOwned() {
	keys := m.x.ownedBy(func(o owner) bool { _, remote := o.(*remoteNode); return !remote })
	for len(keys) > 0 {
		n := min(len(keys), ownedChunk)
		m.toAll(nodeMessage{Kind: nodeOwns, Keys: keys[:n]})
		keys = keys[n:]
	}
}

// claimed is called when this Node's own claim has come back.
func (m *mesh) claimed(id uint64) {
	m.mu.Lock()
	p := m.claims[id]
	delete(m.claims, id)
	m.mu.Unlock()
	if p != nil {
		p.done <- m.x.register(p.claim)
	}
}

// take notes the claim of another Node, where it is one that counts.
func (m *mesh) take(c claim) {
	if m.x.register(c) == nil {
		m.x.resync(c.key)
	}
}

// owns notes that another Node owns a key. This one may own it too, if one of the
// two has claimed it before it knew of the other: then they contest it. What the
// other said may also be older than this Node's claim; a contest tells, for the
// other has heard of the claim by then. Where both still own it the one with the
// lower id claims it once more, and the other gives way.
func (m *mesh) owns(n *remoteNode, key string, contest bool) {
	owner := m.x.owner(key)
	_, remote := owner.(*remoteNode)
	switch {
	case owner == nil || remote:
		m.take(claim{key: key, owner: n, replace: contest})
	case !contest:
		m.toAll(nodeMessage{Kind: nodeOwns, Keys: []string{key}, Replace: true})
	case m.id < n.id:
		m.log.Warn("two nodes have an adapter of the same key: this one keeps it", "key", key, "node", n.id)
		m.toAll(nodeMessage{Kind: nodeClaim, Keys: []string{key}, Replace: true})
	default:
		m.log.Warn("two nodes have an adapter of the same key: the other one keeps it", "key", key, "node", n.id)
		m.take(claim{key: key, owner: n, replace: true})
	}
}

// drop forgets a Node that is gone, and what it was asked.
func (m *mesh) drop(n *remoteNode) {
	m.mu.Lock()
	if m.nodes[n.id] == n {
		delete(m.nodes, n.id)
	}
	m.mu.Unlock()
	m.x.resync(m.x.forget(n)...)
	m.unanswered(n, nil)
}

// unanswered ends what waits for answers of a Node, with a reason or because it
// has gone.
func (m *mesh) unanswered(n *remoteNode, reason error) {
	m.mu.Lock()
	var waiting []*asked
	for id, q := range m.asked {
		if q.node == n {
			waiting = append(waiting, q)
			delete(m.asked, id)
		}
	}
	m.mu.Unlock()
	for _, q := range waiting {
		q.done(nil, nil, cmp.Or(reason, ownerGone(q.key)))
	}
}

// loseAll is that no Node can be reached. It ends what waits for them.
func (m *mesh) loseAll(reason error) {
	m.mu.Lock()
	waiting, claims := m.asked, m.claims
	var forgotten []*remoteNode // what they owned before they were away once already
	for id, n := range m.nodes {
		n.away.Store(true)
		if before := m.away[id]; before != nil {
			forgotten = append(forgotten, before)
		}
		m.away[id] = n
	}
	m.nodes, m.asked, m.claims = map[string]*remoteNode{}, map[uint64]*asked{}, map[uint64]*pendingClaim{}
	m.mu.Unlock()
	for _, n := range forgotten {
		m.x.resync(m.x.forget(n)...)
	}
	for _, q := range waiting {
		q.done(nil, nil, reason)
	}
	for _, p := range claims {
		p.done <- reason
	}
}

// forgetAway forgets what Nodes owned before they were away and have not claimed
// since.
func (m *mesh) forgetAway() {
	m.mu.Lock()
	away := m.away
	m.away = map[string]*remoteNode{}
	m.mu.Unlock()
	for _, n := range away {
		m.x.resync(m.x.forget(n)...)
	}
}

// nests: every adapter may have others inside, which its own Node finds.
func (n *remoteNode) nests() bool { return true }

// patience: the other Node knows how long its owner may take. It sends an answer
// by then, or is gone.
func (n *remoteNode) patience() time.Duration { return remoteTimeout }

// replaced: the other Node has heard of it as this one has.
func (n *remoteNode) replaced(string) {}

// ask sends the question to the other Node.
func (n *remoteNode) ask(q question, done answerFunc) (cancel func()) {
	m := n.m
	m.mu.Lock()
	if m.nodes[n.id] != n {
		m.mu.Unlock()
		err := ownerGone(q.key)
		if n.away.Load() {
			err = fmt.Errorf("%w: the bus between nodes, on which the owner of %s was heard", ErrDisconnected, q.key)
		}
		done(nil, nil, err)
		return func() {}
	}
	m.lastID++
	id := m.lastID
	m.asked[id] = &asked{n, q.key, done}
	m.mu.Unlock()
	m.send(m.channel(n.id), nodeMessage{Kind: nodeAsk, ID: id, Keys: []string{q.key}, Payload: q.payload}, func(err error) {
		if m.forget(id) != nil {
			done(nil, nil, fmt.Errorf("%w: the bus between nodes: %w", ErrDisconnected, err))
		}
	})
	return func() { m.forget(id) }
}

// forget returns a question that waits for its answer, and forgets it.
func (m *mesh) forget(id uint64) *asked {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.asked[id]
	delete(m.asked, id)
	return q
}

// answer asks the owner here what another Node wants to know.
func (m *mesh) answer(n *remoteNode, msg nodeMessage) {
	back := nodeMessage{Kind: nodeAnswer, ID: msg.ID}
	done := func(text []byte, attachments [][]byte, err error) {
		back.Payload, back.Attachments = text, attachments
		if err != nil {
			back.ErrorKind, back.ErrorText = KindAdapter, err.Error()
			if refused, ok := err.(*Error); ok {
				back.ErrorKind, back.ErrorText = refused.Kind, refused.Msg
			}
		}
		m.send(m.channel(n.id), back, func(err error) {
			lost := nodeMessage{Kind: nodeAnswer, ID: msg.ID, ErrorKind: KindTooLarge, ErrorText: err.Error()}
			m.send(m.channel(n.id), lost, func(error) {})
		})
	}
	q := question{key: msg.Keys[0], payload: msg.Payload}
	if !passable(q.payload) {
		done(nil, nil, invalidArguments("adapter:get", "the question of another node is no JSON"))
		return
	}
	switch m.x.owner(q.key).(type) {
	case nil, *remoteNode: // never on and on
		done(nil, nil, noAdapter(q.key))
	default:
		m.x.pose(q, done)
	}
}

func (m *mesh) answered(msg nodeMessage) {
	m.mu.Lock()
	q := m.asked[msg.ID]
	if q == nil || q.node.id != msg.From { // it came too late, or from somebody else
		m.mu.Unlock()
		return
	}
	delete(m.asked, msg.ID)
	m.mu.Unlock()
	switch {
	case !passable(msg.Payload):
		q.done(nil, nil, &Error{KindAdapter, "the answer of another node is no JSON"})
	case msg.ErrorKind != "":
		err := &Error{msg.ErrorKind, msg.ErrorText}
		if isNoAdapter(err, q.key) && m.x.release(q.key, q.node) {
			m.x.resync(q.key) // this Node was wrong about the owner
		}
		q.done(nil, nil, err)
	default:
		q.done(msg.Payload, msg.Attachments, nil)
	}
}
