package socketio

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/engineio"
)

func TestAck_answers(t *testing.T) {
	_, p, r := joined(t, Config{}, "/ns")
	p.send(`2/ns,["no ack"]`, `2/ns,0["zero"]`, `2/ns,7["seven",1]`, `51-/ns,8["binary",{"_placeholder":true,"num":0}]`, "bx", `2/ns,900719925474099["large"]`)
	require.False(t, within(t, r.acks).Wanted())
	acks := make([]Ack, 4)
	for i := range acks {
		acks[i] = within(t, r.acks)
		require.True(t, acks[i].Wanted())
	}
	require.NoError(t, Ack{}.Send([]byte("1")))
	require.NoError(t, acks[3].Send(nil))
	require.NoError(t, acks[2].Send([]byte(`{"plain":true}`)))
	require.NoError(t, acks[1].Send([]byte(`1,{"_placeholder":true,"num":0}`), []byte("y")))
	require.NoError(t, acks[0].Send([]byte(`[]`)))
	p.expect(`3/ns,900719925474099[]`, `3/ns,8[{"plain":true}]`, `61-/ns,7[1,{"_placeholder":true,"num":0}]`, "by", `3/ns,0[[]]`)
}

func TestCall_answers(t *testing.T) {
	_, p, r := joined(t, Config{}, "/ns")
	answers := make(chan string, 10)
	done := func(args []byte, attachments [][]byte, err error) {
		answers <- fmt.Sprintf("%s %q %v", args, attachments, err)
	}
	r.s.Call(Event{Name: "one"}, done)
	r.s.Call(Event{Name: "two"}, done)
	r.s.Call(Event{Name: "three", Args: []byte(`{"_placeholder":true,"num":0}`), Attachments: [][]byte{{'x'}}}, done)
	cancel := r.s.Call(Event{Name: "four"}, done)
	p.expect(`2/ns,1["one"]`, `2/ns,2["two"]`, `51-/ns,3["three",{"_placeholder":true,"num":0}]`, "bx", `2/ns,4["four"]`)
	cancel()
	cancel()

	// Ids of the two directions are not the same.
	p.send(`2/ns,1["mine"]`)
	ack := within(t, r.acks)

	p.send(`3/ns,4[4]`, `61-/ns,3[{"_placeholder":true,"num":0}]`, "by", `3/ns,3["twice"]`, `3/ns,1[]`, `3/ns,1["twice"]`, `3/ns,2[2,{"data":null}]`)
	require.Equal(t, `{"_placeholder":true,"num":0} ["y"] <nil>`, within(t, answers))
	require.Equal(t, ` [] <nil>`, within(t, answers))
	require.Equal(t, `2,{"data":null} [] <nil>`, within(t, answers))
	require.NoError(t, ack.Send([]byte(`"yours"`)))
	p.expect(`3/ns,1["yours"]`)
	require.Empty(t, answers)
}

func TestCall_endsWithTheSocket(t *testing.T) {
	for name, end := range map[string]struct {
		do   func(s *testServer, p *peer, r *recorder)
		want error
	}{
		"client leaves":    {func(_ *testServer, p *peer, _ *recorder) { p.send("1/ns,") }, ErrLeft},
		"client closes":    {func(_ *testServer, p *peer, _ *recorder) { p.ws.Close(1000, "") }, engineio.ErrPeerClosed},
		"client vanishes":  {func(_ *testServer, p *peer, _ *recorder) { p.abort() }, engineio.ErrPeerClosed},
		"client violates":  {func(_ *testServer, p *peer, _ *recorder) { p.send("garbage") }, ErrProtocol},
		"too large":        {func(_ *testServer, p *peer, _ *recorder) { p.send(strings.Repeat("x", 2e6)) }, engineio.ErrTooLarge},
		"we disconnect":    {func(_ *testServer, _ *peer, r *recorder) { r.s.Disconnect() }, ErrClosed},
		"we close":         {func(_ *testServer, _ *peer, r *recorder) { r.s.Close() }, ErrClosed},
		"we shut down":     {func(s *testServer, _ *peer, _ *recorder) { s.Shutdown(context.Background()) }, ErrClosed},
		"disconnect twice": {func(_ *testServer, p *peer, r *recorder) { r.s.Disconnect(); r.s.Close(); p.abort() }, ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			s, p, r := joined(t, Config{}, "/ns")
			answers := make(chan error, 10)
			done := func(_ []byte, _ [][]byte, err error) { answers <- err }
			for range 3 {
				r.s.Call(Event{Name: "e"}, done)
			}
			r.s.Call(Event{Name: "e"}, func([]byte, [][]byte, error) { t.Error("called after cancel") })()
			p.send(`2/ns,1["a"]`)
			ack := within(t, r.acks)

			end.do(s, p, r)
			for range 3 {
				require.ErrorIs(t, within(t, answers), end.want)
			}
			require.ErrorIs(t, within(t, r.closed), end.want)
			require.ErrorIs(t, ack.Send(nil), ErrClosed)
			require.ErrorIs(t, r.s.Emit(Event{Name: "late"}), ErrClosed)
			r.s.Call(Event{Name: "late"}, done)
			require.ErrorIs(t, <-answers, ErrClosed)
			require.NoError(t, r.s.Disconnect())
			require.EqualValues(t, 1, r.calls.Load())
		})
	}
}

func TestCall_limit(t *testing.T) {
	_, p, r := joined(t, Config{MaxPendingAcks: 2}, "/ns")
	answers := make(chan error, 10)
	done := func(_ []byte, _ [][]byte, err error) { answers <- err }
	cancel := r.s.Call(Event{Name: "a"}, done)
	r.s.Call(Event{Name: "b"}, done)
	r.s.Call(Event{Name: "c"}, done)
	require.Equal(t, &LimitError{"answers awaited", 3, 2}, <-answers)
	cancel()
	r.s.Call(Event{Name: "d"}, done)
	p.expect(`2/ns,1["a"]`, `2/ns,2["b"]`, `2/ns,4["d"]`)
	p.send(`3/ns,2[]`)
	require.NoError(t, within(t, answers))
	r.s.Call(Event{Name: "e"}, done)
	p.expect(`2/ns,5["e"]`)
}
