package znsocket

import (
	"context"
	"testing"

	"github.com/znsocket/znsocket/internal/socketio"
)

// What the server does with an event, without the network around it.
func BenchmarkSession(b *testing.B) {
	srv := NewServer()
	defer srv.Shutdown(context.Background())
	s := &session{srv: srv, ctx: context.Background()}
	s.chunks.limits, s.chunks.total = srv.limits, &srv.unfinished
	var buf []byte
	answer := func(event, args string) {
		var err error
		if buf, err = s.answer(buf[:0], socketio.Event{Name: event, Args: []byte(args)}, socketio.Ack{}, new([][]byte)); err != nil {
			b.Fatal(err)
		}
	}
	for i := range 100 {
		answer("rpush", `[["list","element `+string(rune('0'+i%10))+`"],{}]`)
	}
	pipeline := `[[],{"message":[["set",[["key:00","value"],{}]]`
	for range 99 {
		pipeline += `,["set",[["key:00","value"],{}]]`
	}
	for _, c := range []struct{ name, event, args string }{
		{"set", "set", `[["key","value"],{}]`},
		{"set with options", "set", `[["key","value"],{"ex":10,"nx":true}]`},
		{"get", "get", `[["key"],{}]`},
		{"lrange of 100", "lrange", `[["list",0,-1],{}]`},
		{"pipeline of 100 sets", "pipeline", pipeline + `]}]`},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			args := []byte(c.args)
			for b.Loop() {
				var err error
				if buf, err = s.answer(buf[:0], socketio.Event{Name: c.event, Args: args}, socketio.Ack{}, new([][]byte)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
