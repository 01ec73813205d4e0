package znsocket

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/znsocket/znsocket/internal/pyjson"
	"github.com/znsocket/znsocket/internal/socketio"
)

const (
	// piecesInFlight is how many pieces are under way at once: enough to keep
	// the connection busy while answers travel.
	piecesInFlight = 4

	// pieceAttempts is how often a message is sent before its failure is the
	// call's.
	pieceAttempts = 3
)

// sendPieces sends a frame in pieces and fetches the answer. Where a piece fails
// the whole message is sent again, under another id and perhaps over another
// connection: the event has not run before the last piece is there, and that is
// sent only after all others were taken.
func (c *Client) sendPieces(ctx context.Context, l *link, event string, frame []byte) (answer, error) {
	for attempt := 1; ; attempt++ {
		id, again, err := c.tryPieces(ctx, l, event, frame)
		if err == nil {
			return c.call(ctx, l, socketio.Event{Name: "get_chunked_result", Args: append(pyjson.AppendString([]byte(`{"chunk_id":`), id), '}')})
		}
		if !again || attempt == pieceAttempts {
			return answer{}, err
		}
		c.cfg.log.Warn("large message is sent again", "event", event, "bytes", len(frame), "attempt", attempt, "error", err)
		if l, err = c.acquire(ctx); err != nil {
			return answer{}, err
		}
	}
}

// tryPieces sends the pieces once. again says whether the message may be sent
// another time: it has not run, and another time may go better.
func (c *Client) tryPieces(ctx context.Context, l *link, event string, frame []byte) (id string, again bool, err error) {
	parts, err := pieces(frame, l.maxMessage)
	if err != nil {
		return "", false, err
	}
	s := pieceSender{c: c, l: l, event: event, id: rand.Text(), count: len(parts), total: int64(len(frame))}
	last := len(parts) - 1
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(piecesInFlight)
	for i, part := range parts[:last] {
		if groupCtx.Err() != nil {
			break
		}
		group.Go(func() error { return s.send(groupCtx, i, part) })
	}
	if err := group.Wait(); err != nil {
		return "", errors.Is(err, ErrDisconnected) || refusedPiece(err), err
	}
	if err := s.send(ctx, last, parts[last]); err != nil {
		return "", refusedPiece(err), err
	}
	return s.id, false, nil
}

// refusedPiece reports whether a server refused a piece for a reason that may
// be gone the next time.
func refusedPiece(err error) bool {
	var refusal *Error
	return errors.As(err, &refusal) && refusal.Kind != KindTooLarge && refusal.Kind != KindPermission
}

// pieceSender sends the pieces of one message.
type pieceSender struct {
	c     *Client
	l     *link
	event string
	id    string
	count int
	total int64 // bytes
	done  atomic.Int64
}

func (s *pieceSender) send(ctx context.Context, i int, part []byte) error {
	args := pyjson.AppendString([]byte(`{"chunk_id":`), s.id)
	args = strconv.AppendInt(append(args, `,"chunk_index":`...), int64(i), 10)
	args = strconv.AppendInt(append(args, `,"total_chunks":`...), int64(s.count), 10)
	args = pyjson.AppendString(append(args, `,"event":`...), s.event)
	args = append(args, `,"data":`+attachmentArg+`,"size":`...)
	args = append(strconv.AppendInt(args, int64(len(part)), 10), '}')
	a, err := s.c.call(ctx, s.l, socketio.Event{Name: "chunked_message", Args: args, Attachments: [][]byte{part}})
	if err == nil {
		err = a.refusal()
	}
	if err != nil {
		return fmt.Errorf("znsocket: piece %d of %d: %w", i+1, s.count, err)
	}
	if done := s.done.Add(int64(len(part))); s.c.cfg.progress != nil {
		s.c.cfg.progress(Progress{Sending: true, Done: done, Total: s.total})
	}
	return nil
}
