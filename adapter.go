package znsocket

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// ListProvider is data of the program that a List of others reads.
//
// A value that is itself a ListProvider or DictProvider is a nested adapter:
// others read it as a List or Dict of its own. All other values are written as
// a List writes them.
//
// Where a provider is a sync.Locker it is held locked while a question is
// answered; the questions come from several goroutines at once otherwise.
type ListProvider interface {
	// Len returns the number of elements.
	Len() int
	// At returns the element at index i, from 0 to Len()-1.
	At(i int) (any, error)
}

// DictProvider is data of the program that a Dict of others reads; for what it
// gives see ListProvider.
type DictProvider interface {
	// Keys returns the keys in the order that others shall see them in.
	Keys() []string
	// Lookup returns the value of a key and whether there is one.
	Lookup(key string) (v any, ok bool, err error)
}

// Host is where an adapter can be: a *Store, whose Servers share it; a *Client,
// for whom its server does; or a *Node.
type Host interface {
	Commander
	live
	adopt(ctx context.Context, a *Adapter) error
	unregister(a *Adapter)
	// nested makes an adapter inside a known, where that is not known anyway.
	nested(a *Adapter, key string) error
}

// Adapter shares data of the program, as it is at each moment and without a copy
// of it, under a key that others open as a List or Dict. For them it is
// read-only: a change is ErrFrozen.
type Adapter struct {
	adapterConfig
	host Host
	key  string
	root provider

	questions atomic.Int64 // that are being answered

	over sync.Once
	done chan struct{}
	err  error // why it is done
}

// adapterConfig is what NewListAdapter or NewDictAdapter was told.
type adapterConfig struct {
	replace    bool
	overStored bool
	nanAsNull  bool
	timeout    time.Duration // 0: the default, or what a Server was told
}

// AdapterOption sets up an Adapter.
type AdapterOption func(*adapterConfig)

// ReplaceAdapter takes the key over from another owner that has it.
func ReplaceAdapter() AdapterOption { return func(c *adapterConfig) { c.replace = true } }

// OverStored allows an adapter where a list or dict is stored. Go then reads the
// adapter; Python and JavaScript, which look at what is stored first, read that.
func OverStored() AdapterOption { return func(c *adapterConfig) { c.overStored = true } }

// AnswerWithin sets how long the adapter may take for an answer before its reader
// gets a TimeoutError. The default is 5 s; of adapters that clients host a Server
// says it: see WithAdapterTimeout.
func AnswerWithin(d time.Duration) AdapterOption { return func(c *adapterConfig) { c.timeout = d } }

// AdaptNaNAsNull is NaNAsNull for the values of an adapter.
func AdaptNaNAsNull() AdapterOption { return func(c *adapterConfig) { c.nanAsNull = true } }

// NewListAdapter shares p as the List that others call key. It fails with
// ErrExists where the key has an owner already, or where a list is stored; see
// ReplaceAdapter and OverStored. The context bounds the registration only.
//
// Hosted by a Client the adapter is registered again whenever the connection is
// made anew.
func NewListAdapter(ctx context.Context, h Host, key string, p ListProvider, opts ...AdapterOption) (*Adapter, error) {
	return newAdapter(ctx, h, listPrefix+key, provider{list: p}, opts)
}

// NewDictAdapter shares p as the Dict that others call key; see NewListAdapter.
func NewDictAdapter(ctx context.Context, h Host, key string, p DictProvider, opts ...AdapterOption) (*Adapter, error) {
	return newAdapter(ctx, h, dictPrefix+key, provider{dict: p}, opts)
}

func newAdapter(ctx context.Context, h Host, key string, root provider, opts []AdapterOption) (*Adapter, error) {
	a := &Adapter{host: h, key: key, root: root, done: make(chan struct{})}
	for _, opt := range opts {
		opt(&a.adapterConfig)
	}
	if err := h.adopt(ctx, a); err != nil {
		return nil, fmt.Errorf("znsocket: adapter for %s: %w", key, err)
	}
	return a, nil
}

// Key returns the full key that others read the adapter under.
func (a *Adapter) Key() string { return a.key }

// MarshalJSON writes the reference to the adapter, so that it can be a value in
// a List or Dict.
func (a *Adapter) MarshalJSON() ([]byte, error) { return []byte(jsonText(a.key)), nil }

func (a *Adapter) isReference() {}

// Changed tells those who read the adapter that its data changed: OnRefresh of
// their List or Dict.
func (a *Adapter) Changed(r Refresh) { a.host.publish(a.key, r, a) }

// Close takes the adapter away. Who reads it from then on finds the key empty.
func (a *Adapter) Close() error {
	if a.finish(ErrClosed) {
		a.host.unregister(a)
	}
	return nil
}

// Done is closed when nobody reads the adapter any more: it or its Client was
// closed, another owner has taken its place with ReplaceAdapter, or the server of
// its Client does not let it be there again after a lost connection.
func (a *Adapter) Done() <-chan struct{} { return a.done }

// Err says why the adapter is done: ErrClosed, ErrExists where another owner has
// its place, or the server's refusal. Before that it is nil.
func (a *Adapter) Err() error {
	select {
	case <-a.done:
		return a.err
	default:
		return nil
	}
}

// finish makes the adapter done, and reports whether it was not before.
func (a *Adapter) finish(err error) (first bool) {
	a.over.Do(func() {
		a.err, first = err, true
		close(a.done)
	})
	return first
}

func (a *Adapter) replaced(key string) {
	a.finish(fmt.Errorf("znsocket: another owner has taken over %s: %w", key, ErrExists))
}

// maxQuestions is how many questions an adapter answers at once: more than that
// only where its owner's code hangs.
const maxQuestions = 10_000

func (a *Adapter) nests() bool { return true }

func (a *Adapter) patience() time.Duration { return a.timeout }

// ask answers in a goroutine of its own: the owner's code may take its time.
func (a *Adapter) ask(q question, done answerFunc) (cancel func()) {
	if n := a.questions.Add(1); n > maxQuestions {
		a.questions.Add(-1)
		done(nil, nil, tooManyQuestions(a.key, maxQuestions))
		return func() {}
	}
	var once sync.Once
	go func() {
		defer a.questions.Add(-1)
		text := a.respond(q.payload)
		once.Do(func() { done(text, nil, nil) })
	}()
	return func() { once.Do(func() {}) }
}

func tooManyQuestions(key string, limit int) error {
	return &Error{KindTooLarge, fmt.Sprintf("The owner of %s has %d questions to answer, the limit is %d", key, limit, limit)}
}

// storedUnder fails with ErrExists where something is stored under the key of an
// adapter that is not to hide it.
func (a *Adapter) storedUnder(ctx context.Context) error {
	if a.overStored {
		return nil
	}
	n, err := Commands{a.host}.Exists(ctx, a.key)
	if err == nil && n > 0 {
		return keyTaken(a.key)
	}
	return err
}

// adopt makes an adapter of this program known.
func (x *exchange) adopt(ctx context.Context, a *Adapter) error {
	if err := a.storedUnder(ctx); err != nil {
		return err
	}
	return x.take(ctx, claim{key: a.key, owner: a, replace: a.replace})
}

func (x *exchange) nested(*Adapter, string) error { return nil } // see adapters.find

func (x *exchange) unregister(a *Adapter) { x.giveUp(a.key, a) }
