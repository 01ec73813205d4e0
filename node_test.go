package znsocket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// switchboard is a Bus of this process that can fail: what the Nodes of a group
// do about that is tested here, and that they do it over a Redis in package
// redisbackend.
type switchboard struct {
	mu    sync.Mutex
	lines []*tap
}

type tap struct {
	board    *switchboard
	owner    *plug
	receiver BusReceiver
	channels []string
	down     bool
}

// plug is a Node's connection to the switchboard.
type plug struct {
	board *switchboard
	mu    sync.Mutex
	down  error
	gate  chan struct{} // nothing passes before it is closed
}

func (p *plug) Publish(_ context.Context, channel string, message []byte) error {
	p.mu.Lock()
	down, gate := p.down, p.gate
	p.mu.Unlock()
	if gate != nil {
		<-gate
	}
	if down != nil {
		return down
	}
	p.board.mu.Lock()
	defer p.board.mu.Unlock()
	for _, l := range p.board.lines {
		if !l.down && slices.Contains(l.channels, channel) {
			l.receiver.Message(channel, slices.Clone(message))
		}
	}
	return nil
}

func (p *plug) Subscribe(_ context.Context, r BusReceiver, channels ...string) (func(), error) {
	p.board.mu.Lock()
	defer p.board.mu.Unlock()
	if p.down != nil {
		return nil, p.down
	}
	l := &tap{board: p.board, owner: p, receiver: r, channels: channels}
	p.board.lines = append(p.board.lines, l)
	return func() {
		p.board.mu.Lock()
		defer p.board.mu.Unlock()
		p.board.lines = slices.DeleteFunc(p.board.lines, func(other *tap) bool { return other == l })
	}, nil
}

// fail has nothing pass in either direction, silently where it is not told.
func (p *plug) fail(err error, tell bool) {
	p.mu.Lock()
	p.down = err
	p.mu.Unlock()
	p.board.mu.Lock()
	defer p.board.mu.Unlock()
	for _, l := range p.board.lines {
		if l.owner != p {
			continue
		}
		l.down = err != nil
		switch {
		case !tell:
		case err != nil:
			l.receiver.Disconnected(err)
		default:
			l.receiver.Connected()
		}
	}
}

// openNodes opens Nodes over one Store, which stands for their Redis.
func openNodes(t *testing.T, n int) ([]*Node, []*plug) {
	t.Helper()
	redis, board := newStore(t), &switchboard{}
	var nodes []*Node
	var plugs []*plug
	for range n {
		p := &plug{board: board}
		node, err := NewNode(t.Context(), CommanderFunc(redis.Do), p)
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, node.Close()) })
		nodes, plugs = append(nodes, node), append(plugs, p)
	}
	return nodes, plugs
}

var errCable = errors.New("the cable is out")

func TestNode_refreshesReachTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes, plugs := openNodes(t, 3)
		ctx := t.Context()
		var mu sync.Mutex
		heard := make([][]Refresh, len(nodes))
		for i, n := range nodes {
			defer NewList[int](n, "l").OnRefresh(func(r Refresh) {
				mu.Lock()
				defer mu.Unlock()
				heard[i] = append(heard[i], r)
			})()
		}
		take := func() (all [][]Refresh) {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			all, heard = heard, make([][]Refresh, len(nodes))
			return all
		}
		require.NoError(t, NewList[int](nodes[0], "l").Append(ctx, 1, 2))
		require.Equal(t, [][]Refresh{{refreshFrom(0)}, {refreshFrom(0)}, {refreshFrom(0)}}, take())
		_, err := nodes[1].RPush(ctx, "znsocket.List:l", "3", "4")
		require.NoError(t, err)
		want := Refresh{Indices: []int{2, 3}}
		require.Equal(t, [][]Refresh{{want}, {want}, {want}}, take(), "raw commands too")

		plugs[2].fail(errCable, true)
		require.NoError(t, NewList[int](nodes[0], "l").Append(ctx, 5))
		want = Refresh{Indices: []int{4}}
		require.Equal(t, [][]Refresh{{want}, {want}, nil}, take())
		plugs[2].fail(nil, true)
		require.Equal(t, [][]Refresh{nil, nil, {{Resync: true}}}, take())

		plugs[0].fail(errCable, false)
		require.NoError(t, NewList[int](nodes[0], "l").Append(ctx, 6))
		take()
		plugs[0].fail(nil, false)
		time.Sleep(2 * beatEvery)
		got := take()
		require.Contains(t, got[1], Refresh{Resync: true}, "what one could not tell is made known when it can speak again")
	})
}

func TestNode_adapters(t *testing.T) {
	nodes, _ := openNodes(t, 2)
	ctx := t.Context()
	data := []any{1, MapOf(map[string]int{"a": 5}, nil)}
	a := listAdapter(t, nodes[0], "data", SliceOf(&data, nil))
	l := NewList[any](nodes[1], "data")
	require.Eventually(t, func() bool { n, err := l.Len(ctx); return err == nil && n == 2 }, 10*time.Second, time.Millisecond)
	values, err := l.Slice(ctx, Begin, End)
	require.NoError(t, err)
	inner, err := values[1].(*Dict[any]).Get(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, int64(5), inner)
	require.ErrorIs(t, l.Append(ctx, 1), ErrFrozen)
	_, err = l.At(ctx, 9)
	require.ErrorIs(t, err, ErrOutOfRange)

	_, err = NewListAdapter(ctx, nodes[1], "data", SliceOf(&data, nil))
	require.ErrorIs(t, err, ErrExists)
	other := []any{7}
	taken := listAdapter(t, nodes[1], "data", SliceOf(&other, nil), ReplaceAdapter())
	require.Eventually(t, func() bool { v, err := NewList[any](nodes[0], "data").At(ctx, 0); return err == nil && v == int64(7) }, 10*time.Second, time.Millisecond)
	require.NoError(t, a.Close(), "the one that was replaced takes nothing away")
	v, err := NewList[any](nodes[0], "data").At(ctx, 0)
	require.NoError(t, err)
	require.Equal(t, int64(7), v)
	require.NoError(t, taken.Close())
	require.Eventually(t, func() bool { n, err := NewList[any](nodes[0], "data").Len(ctx); return err == nil && n == 0 }, 10*time.Second, time.Millisecond)
}

// Who comes later learns of what is there, and of two that want one key at the
// same time one gets it.
func TestNode_joinsAndRaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes, plugs := openNodes(t, 2)
		ctx := t.Context()
		data := []int{1}
		listAdapter(t, nodes[0], "early", SliceOf(&data, nil))
		late, err := NewNode(ctx, nodes[0].data.(scripting).runner.(foreign).Commander, &plug{board: plugs[0].board})
		require.NoError(t, err)
		defer late.Close()
		synctest.Wait()
		v, err := NewList[int](late, "early").At(ctx, 0)
		require.NoError(t, err)
		require.Equal(t, 1, v)

		for i := range 50 {
			var wg sync.WaitGroup
			errs := make([]error, len(nodes))
			for k, n := range nodes {
				wg.Go(func() { _, errs[k] = NewListAdapter(ctx, n, fmt.Sprint("key ", i), SliceOf(&data, nil)) })
			}
			wg.Wait()
			lost := slices.IndexFunc(errs, func(err error) bool { return err != nil })
			require.NotEqual(t, -1, lost, "both own it")
			require.ErrorIs(t, errs[lost], ErrExists)
			require.NoError(t, errs[1-lost], "nobody owns it")
			synctest.Wait()
			for _, n := range append(nodes, late) {
				v, err := NewList[int](n, fmt.Sprint("key ", i)).At(ctx, 0)
				require.NoError(t, err)
				require.Equal(t, 1, v)
			}
		}
	})
}

// Whoever replaces wins where its claim stands among those of others, and all agree.
func TestNode_replacingAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes, _ := openNodes(t, 3)
		ctx := t.Context()
		data := [][]int{{0}, {1}, {2}}
		for i := range 30 {
			key := fmt.Sprint("key ", i)
			var wg sync.WaitGroup
			for k := range 2 {
				wg.Go(func() {
					var opts []AdapterOption
					if k == 1 || i%2 == 0 {
						opts = []AdapterOption{ReplaceAdapter()}
					}
					_, err := NewListAdapter(ctx, nodes[k], key, SliceOf(&data[k], nil), opts...)
					if len(opts) > 0 {
						assert.NoError(t, err)
					}
				})
			}
			wg.Wait()
			synctest.Wait()
			first, err := NewList[int](nodes[0], key).At(ctx, 0)
			require.NoError(t, err)
			for _, n := range nodes[1:] {
				v, err := NewList[int](n, key).At(ctx, 0)
				require.NoError(t, err)
				require.Equal(t, first, v)
			}
		}
	})
}

// One that has just joined may claim what is taken before it hears of that. In the
// end one owns it for all.
func TestNode_claimsBeforeItHears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes, plugs := openNodes(t, 2)
		ctx := t.Context()
		data, other := []int{1}, []int{2}
		for i := range 20 {
			key := fmt.Sprint("key ", i)
			listAdapter(t, nodes[0], key, SliceOf(&data, nil))
			late, err := NewNode(ctx, nodes[0].data.(scripting).runner.(foreign).Commander, &plug{board: plugs[0].board})
			require.NoError(t, err)
			_, err = NewListAdapter(ctx, late, key, SliceOf(&other, nil))
			if err != nil {
				require.ErrorIs(t, err, ErrExists)
			}
			synctest.Wait()
			first, err := NewList[int](nodes[0], key).At(ctx, 0)
			require.NoError(t, err)
			for _, n := range []*Node{nodes[1], late} {
				v, err := NewList[int](n, key).At(ctx, 0)
				require.NoError(t, err)
				require.Equal(t, first, v)
			}
			require.NoError(t, late.Close())
		}
	})
}

// A claim that was on its way when the Bus failed leaves no owner behind.
func TestNode_claimAmidFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes, plugs := openNodes(t, 2)
		ctx := t.Context()
		data := []int{1}
		gate := make(chan struct{})
		plugs[0].mu.Lock()
		plugs[0].gate = gate
		plugs[0].mu.Unlock()
		claimed := make(chan error)
		go func() {
			_, err := NewListAdapter(ctx, nodes[0], "key", SliceOf(&data, nil))
			claimed <- err
		}()
		synctest.Wait()
		(*meshReceiver)(nodes[0].mesh).Disconnected(errCable)
		require.ErrorIs(t, <-claimed, ErrDisconnected)
		close(gate)
		(*meshReceiver)(nodes[0].mesh).Connected()
		synctest.Wait()
		for _, n := range nodes {
			require.Nil(t, n.owner("znsocket.List:key"))
		}
		listAdapter(t, nodes[1], "key", SliceOf(&data, nil))
	})
}

// A Node that dies without a word is missed: nobody waits for it longer than for
// any owner, and its adapters are gone.
func TestNode_dies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes, plugs := openNodes(t, 2)
		ctx := t.Context()
		data, owner := []int{1}, slow{make(chan struct{})}
		listAdapter(t, nodes[0], "data", SliceOf(&data, nil))
		listAdapter(t, nodes[0], "slow", owner)
		defer close(owner.release)
		synctest.Wait()
		failed := make(chan error)
		go func() { _, err := NewList[int](nodes[1], "slow").Len(ctx); failed <- err }()
		synctest.Wait()
		plugs[0].fail(errCable, false)
		began := time.Now()
		var refused *Error
		require.ErrorAs(t, <-failed, &refused)
		require.Equal(t, KindKey, refused.Kind)
		require.LessOrEqual(t, time.Since(began), goneAfter+beatEvery)
		n, err := NewList[int](nodes[1], "data").Len(ctx)
		require.NoError(t, err)
		require.Zero(t, n)

		plugs[0].fail(nil, false)
		time.Sleep(2 * beatEvery)
		synctest.Wait()
		v, err := NewList[int](nodes[1], "data").At(ctx, 0)
		require.NoError(t, err, "it was only away")
		require.Equal(t, 1, v)
	})
}

// What is lost on the way is no reason to wait.
func TestNode_questionOrAnswerLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes, plugs := openNodes(t, 2)
		ctx := t.Context()
		owner := slow{make(chan struct{})}
		listAdapter(t, nodes[0], "slow", owner, AnswerWithin(time.Minute))
		synctest.Wait()
		l := NewList[int](nodes[1], "slow")
		plugs[1].fail(errCable, false)
		began := time.Now()
		_, err := l.Len(ctx)
		require.ErrorIs(t, err, ErrDisconnected)
		require.ErrorContains(t, err, "the cable is out")
		require.Zero(t, time.Since(began))
		plugs[1].fail(nil, false)

		failed := make(chan error)
		go func() { _, err := l.Len(ctx); failed <- err }()
		synctest.Wait()
		plugs[0].fail(errCable, false)
		close(owner.release)
		synctest.Wait()
		plugs[0].fail(nil, false)
		require.ErrorContains(t, <-failed, "answer of another node was lost")
		require.LessOrEqual(t, time.Since(began), beatEvery)
	})
}

func TestNode_busIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes, plugs := openNodes(t, 2)
		ctx := t.Context()
		data, owner := []int{1}, slow{make(chan struct{})}
		listAdapter(t, nodes[0], "slow", owner)
		defer close(owner.release)
		synctest.Wait()
		failed := make(chan error)
		go func() { _, err := NewList[int](nodes[1], "slow").Len(ctx); failed <- err }()
		synctest.Wait()
		plugs[1].fail(errCable, true)
		err := <-failed
		require.ErrorIs(t, err, ErrDisconnected)
		require.ErrorContains(t, err, "the cable is out")
		_, err = NewListAdapter(ctx, nodes[1], "mine", SliceOf(&data, nil))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "could not be told")
		_, err = NewList[int](nodes[1], "slow").Len(ctx)
		require.ErrorIs(t, err, ErrDisconnected, "the key is not empty, its owner cannot be reached")
		require.ErrorContains(t, err, "the owner of znsocket.List:slow")

		plugs[1].fail(nil, true)
		synctest.Wait()
		listAdapter(t, nodes[1], "mine", SliceOf(&data, nil))
		synctest.Wait()
		v, err := NewList[int](nodes[0], "mine").At(ctx, 0)
		require.NoError(t, err)
		require.Equal(t, 1, v)
	})
}

// What became of adapters while a Node could not hear it learns once it can.
func TestNode_adaptersChangeWhileTheBusIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes, plugs := openNodes(t, 3)
		ctx := t.Context()
		one, two := []int{1}, []int{2}
		kept := listAdapter(t, nodes[0], "kept", SliceOf(&one, nil))
		closed := listAdapter(t, nodes[0], "closed", SliceOf(&one, nil))
		moved := listAdapter(t, nodes[0], "moved", SliceOf(&one, nil))
		synctest.Wait()
		for round := range 2 {
			plugs[2].fail(errCable, true)
			require.NoError(t, closed.Close())
			require.NoError(t, moved.Close())
			synctest.Wait()
			moved = listAdapter(t, nodes[1], "moved", SliceOf(&two, nil))
			synctest.Wait()
			plugs[2].fail(nil, true)
			synctest.Wait()

			at := func(name string) (int, error) { return NewList[int](nodes[2], name).At(ctx, 0) }
			v, err := at("kept")
			require.NoError(t, err)
			require.Equal(t, 1, v)
			v, err = at("moved")
			require.NoError(t, err)
			require.Equal(t, 2, v)
			if _, err = at("closed"); round == 0 {
				require.ErrorIs(t, err, ErrDisconnected)
			}
		}
		time.Sleep(goneAfter + 2*beatEvery)
		n, err := NewList[int](nodes[2], "closed").Len(ctx)
		require.NoError(t, err)
		require.Zero(t, n)
		v, err := NewList[int](nodes[2], "kept").At(ctx, 0)
		require.NoError(t, err)
		require.Equal(t, 1, v)

		// A Node that ended meanwhile takes its adapters along.
		plugs[2].fail(errCable, true)
		require.NoError(t, kept.Close())
		require.NoError(t, nodes[0].Close())
		plugs[2].fail(nil, true)
		time.Sleep(goneAfter + 2*beatEvery)
		n, err = NewList[int](nodes[2], "kept").Len(ctx)
		require.NoError(t, err)
		require.Zero(t, n)
		m := nodes[2].mesh
		m.mu.Lock()
		defer m.mu.Unlock()
		require.Empty(t, m.away)
	})
}

// A client that goes while its claim travels owns nothing.
func TestNode_clientGoesDuringItsClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes, _ := openNodes(t, 2)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := &session{srv: &Server{serverConfig: serverConfig{backing: nodes[0]}}, ctx: ctx}
		s.gone.Store(true)
		require.ErrorIs(t, s.own(claim{key: "znsocket.List:l", owner: s}), ErrClosed)
		synctest.Wait()
		for _, n := range nodes {
			require.Nil(t, n.owner("znsocket.List:l"))
		}
	})
}

func TestNode_serversActAsOne(t *testing.T) {
	nodes, _ := openNodes(t, 2)
	ctx := t.Context()
	var clients []*Client
	for _, n := range nodes {
		_, addr := startServer(t, WithStore(n))
		clients = append(clients, dialTest(t, addr))
	}
	heard := make(chan Refresh, 1)
	l := NewList[int](clients[1], "l")
	defer l.OnRefresh(func(r Refresh) { heard <- r })()
	require.NoError(t, NewList[int](clients[0], "l").Append(ctx, 1))
	require.Equal(t, Refresh{Indices: []int{0}}, <-heard)
	v, err := l.At(ctx, 0)
	require.NoError(t, err)
	require.Equal(t, 1, v)

	data := []int{1, 2, 3}
	listAdapter(t, clients[0], "data", SliceOf(&data, nil))
	there := NewList[int](clients[1], "data")
	require.Eventually(t, func() bool { n, err := there.Len(ctx); return err == nil && n == 3 }, 10*time.Second, time.Millisecond)
	got, err := there.SliceStep(ctx, End, Begin, -1)
	require.NoError(t, err)
	require.Equal(t, []int{3, 2, 1}, got)
	require.NoError(t, clients[0].Close())
	require.Eventually(t, func() bool { n, err := NewList[int](clients[1], "data").Len(ctx); return err == nil && n == 0 }, 10*time.Second, time.Millisecond)
}

// Whoever may publish on the Bus may say anything.
func TestNode_forgedMessages(t *testing.T) {
	nodes, plugs := openNodes(t, 2)
	ctx := t.Context()
	owner := slow{make(chan struct{})}
	_, addr := startServer(t, WithStore(nodes[0]))
	client := joinRaw(t, "http://"+addr+"/socket.io/", nil)
	require.Equal(t, "true", client.call("register_adapter", `[[],{"key":"znsocket.List:theirs"}]`))
	listAdapter(t, nodes[0], "slow", owner)
	require.Eventually(t, func() bool { return nodes[1].owner("znsocket.List:slow") != nil }, 10*time.Second, time.Millisecond)
	answered := make(chan error)
	go func() { _, err := NewList[int](nodes[1], "slow").Len(ctx); answered <- err }()
	forge := func(channel string, msg nodeMessage) {
		msg.From = "forged"
		body, err := goEncoding.Marshal(msg)
		require.NoError(t, err)
		require.NoError(t, plugs[0].Publish(ctx, channel, body))
	}
	all := nodes[0].mesh.everyone
	for kind := range nodeAnswer + 3 {
		for _, keys := range [][]string{nil, {""}, {"znsocket.List:theirs"}, {"a", "b"}} {
			for _, payload := range []string{"", "not json", "\xff", "{}", `[[],{}]`} {
				for _, channel := range []string{all, nodes[0].mesh.channel(nodes[0].mesh.id), nodes[1].mesh.channel(nodes[1].mesh.id)} {
					forge(channel, nodeMessage{Kind: kind, ID: 1, Keys: keys, Payload: []byte(payload)})
				}
			}
		}
	}
	require.NoError(t, plugs[0].Publish(ctx, all, []byte("\xff\xff")))
	close(owner.release)
	require.NoError(t, <-answered, "only its owner answers a question")
	require.Equal(t, "true", client.call("adapter_exists", `[[],{"key":"znsocket.List:theirs"}]`), "the connection is as it was")
}
