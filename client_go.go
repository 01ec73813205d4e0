package znsocket

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/pyjson"
	"github.com/znsocket/znsocket/internal/rediscommands"
	"github.com/znsocket/znsocket/internal/socketio"
)

// This file is how a Client speaks to a Go server: see gowire.go.

// requests numbers the requests that may change something, so that a server
// carries them out once: see recall. Refreshes need no number, as they may be
// heard twice.
type requests struct {
	mu   sync.Mutex
	last uint64
	over uint64              // all numbers below have been answered
	open map[uint64]struct{} // those that have not
}

// begin returns 0 where one that takes long has so many others behind it that a
// server could not remember them: what is not numbered is sent only once.
func (r *requests) begin() (number uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open == nil {
		r.open, r.over = map[uint64]struct{}{}, 1
	}
	if r.last+1-r.over >= maxOutstanding {
		return 0
	}
	r.last++
	r.open[r.last] = struct{}{}
	return r.last
}

func (r *requests) end(number uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, number)
	for r.over <= r.last {
		if _, waiting := r.open[r.over]; waiting {
			return
		}
		r.over++
	}
}

func (r *requests) lowest() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.over
}

// goAttempts is how often a request is sent before the connection's failures are
// its own: a request may be what ends the connections. For the same reason, and
// as several large ones may be too much for a poor connection, it waits longer
// each time.
const goAttempts = 20

// runGo runs commands on a Go server. Where the connection is lost they are sent
// again over the next one, unless they may have been carried out already and that
// server does not know.
func (c *Client) runGo(ctx context.Context, l *link, cmds [][]string, object bool) ([]Reply, error) {
	r := goRequest{Object: object, Commands: cmds}
	memory, writes := l.memory, changes(cmds)
	waits := slices.ContainsFunc(cmds, rediscommands.Blocks)
	if (writes || waits) && memory != "" {
		if r.Number = c.requests.begin(); r.Number > 0 {
			defer c.requests.end(r.Number)
		}
	}
	for attempt := 1; ; attempt++ {
		r.Over = c.requests.lowest()
		replies, err := c.tryGo(ctx, l, r)
		if waits && r.Number > 0 && ctx.Err() != nil {
			withdraw(l, r.Number)
		}
		if !errors.Is(err, ErrDisconnected) || errors.Is(err, ErrTooLarge) || attempt == goAttempts {
			return replies, err
		}
		if attempt > 1 {
			c.pauseBefore(ctx, attempt)
		}
		next, waitErr := c.acquire(ctx)
		switch {
		case waitErr != nil:
			return nil, fmt.Errorf("%w; then %w", err, waitErr)
		case !next.speaksGo, writes && (r.Number == 0 || next.memory != memory):
			return nil, err
		}
		l = next
	}
}

// withdraw tells the server that nobody waits for the answer to a request any more, so
// that it takes nothing for it. Where the connection is gone it knows.
func withdraw(l *link, number uint64) {
	_ = l.socket.Emit(socketio.Event{Name: withdrawEvent, Args: strconv.AppendUint(nil, number, 10)})
}

func (c *Client) pauseBefore(ctx context.Context, attempt int) {
	pause := min(firstPause<<(attempt-2), lastPause)
	select {
	case <-time.After(pause/2 + rand.N(pause)):
	case <-ctx.Done():
	case <-c.life.Done():
	}
}

// changes reports whether one of the commands may change something.
func changes(cmds [][]string) bool {
	for _, argv := range cmds {
		if cmd, err := keyspace.Find(argv); err != nil || cmd.MayChange() || cmd.Flags&keyspace.Messages != 0 {
			return true
		}
	}
	return false
}

func (c *Client) tryGo(ctx context.Context, l *link, r goRequest) ([]Reply, error) {
	body, err := r.encode()
	if err != nil {
		return nil, err
	}
	frame, _ := packFrame(body, c.cfg.threshold)
	var a answer
	if len(frame) > l.maxMessage {
		a, err = c.tryGoPieces(ctx, l, frame)
	} else {
		a, err = c.call(ctx, l, socketio.Event{Name: goEvent, Args: []byte(attachmentArg), Attachments: [][]byte{frame}})
	}
	if err != nil {
		return nil, err
	}
	if len(a.attachments) != 1 {
		if err := a.refusal(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("znsocket: answer that cannot be read: %.200q", a.args)
	}
	return decodeReplies(a.attachments[0], len(r.Commands))
}

// tryGoPieces sends a request in pieces, over this connection only: over another
// one it may go only if runGo says so.
func (c *Client) tryGoPieces(ctx context.Context, l *link, frame []byte) (answer, error) {
	id, _, err := c.tryPieces(ctx, l, goEvent, frame)
	if err != nil {
		return answer{}, err
	}
	args := append(pyjson.AppendString([]byte(`{"chunk_id":`), id), '}')
	return c.call(ctx, l, socketio.Event{Name: "get_chunked_result", Args: args})
}
