package znsocket

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/znsocket/znsocket/internal/socketio"
)

// withdrawEvent is how a client that has given a request up ends the waiting for
// it, by its number. Else a BLPOP would go on, and what it takes be nobody's.
const withdrawEvent = "znsocket:withdraw"

// awaited are the numbered requests of a session that wait for something.
type awaited struct {
	mu  sync.Mutex
	end map[uint64]context.CancelFunc
}

// begin returns the context of a request, which withdraw ends; over is called when the
// request has its answer.
func (w *awaited) begin(ctx context.Context, number uint64) (_ context.Context, over func()) {
	ctx, cancel := context.WithCancel(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.end == nil {
		w.end = map[uint64]context.CancelFunc{}
	}
	w.end[number] = cancel
	return ctx, func() {
		cancel()
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.end, number)
	}
}

func (w *awaited) withdraw(number uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if end := w.end[number]; end != nil {
		end()
	}
}

func (s *session) withdraw(e socketio.Event) error {
	var number uint64
	if err := json.Unmarshal(e.Args, &number); err != nil {
		return invalidArguments(e.Name, "the number of a request is needed")
	}
	s.awaited.withdraw(number)
	return nil
}
