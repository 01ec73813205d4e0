package socketio

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
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

// Answers may come much later than the events, from anywhere and in any order.
func TestAck_laterFromAnywhere(t *testing.T) {
	const events, answerers = 1000, 8
	for name, transports := range transports {
		for _, direction := range []string{"server asks", "client asks"} {
			t.Run(name+", "+direction, func(t *testing.T) {
				app := newApp(t)
				s := startServer(t, Config{Connect: app.connect})
				c := dialClient(t, s.url, DialConfig{Engine: engineio.DialConfig{Transports: transports}})
				answers := mustJoin(t, c, "/ns", "{}")
				asks := within(t, app.joins)
				if direction == "client asks" {
					asks, answers = answers, asks
				}

				// Some questions and answers have attachments, and some are long.
				attachments := func(i int) [][]byte {
					if i%5 == 0 {
						return [][]byte{fmt.Append(nil, "attached to ", i)}
					}
					return nil
				}
				args := func(i int) []byte {
					text := fmt.Appendf(nil, `%d,"%s"`, i, strings.Repeat("x", i%7*1000))
					if i%5 == 0 {
						text = append(text, `,{"_placeholder":true,"num":0}`...)
					}
					return text
				}
				came := make(chan error, events)
				go func() {
					for i := range events {
						asks.s.Call(Event{"e", args(i), attachments(i)}, func(got []byte, attached [][]byte, err error) {
							if err == nil && (string(got) != string(args(i)) || fmt.Sprint(attached) != fmt.Sprint(attachments(i))) {
								err = fmt.Errorf("to %d came %.50q with %q", i, got, attached)
							}
							came <- err
						})
					}
				}()

				questions := make([]question, events)
				for i := range questions {
					questions[i] = question{within(t, answers.events), within(t, answers.acks)}
				}
				rand.Shuffle(events, func(i, j int) { questions[i], questions[j] = questions[j], questions[i] })
				var answering sync.WaitGroup
				defer answering.Wait()
				for i := range answerers {
					answering.Go(func() {
						for j := i; j < events; j += answerers {
							if err := questions[j].answer(); err != nil {
								t.Error(err)
							}
						}
					})
				}
				for range events {
					require.NoError(t, within(t, came))
				}
			})
		}
	}
}

// question is an event that is to be answered with what it asks.
type question struct {
	Event
	Ack
}

func (q question) answer() error {
	if len(q.Attachments) > 0 {
		return q.Send(q.Args, q.Attachments...)
	}
	return q.Finish(append(q.Begin(nil), q.Args...))
}

// Answers and events come one after the other, as they were sent.
func TestCall_answerWaitsForTheEventBefore(t *testing.T) {
	said := make(chan string, 10)
	sockets := make(chan *Socket, 1)
	s := startServer(t, Config{Connect: func(s *Socket) (Handler, error) {
		sockets <- s
		return slowly{said}, nil
	}})
	p := s.dial(t)
	p.join("0/ns,")
	within(t, sockets).Call(Event{Name: "question"}, func([]byte, [][]byte, error) { said <- "answer" })
	p.expect(`2/ns,1["question"]`)
	p.send(`2/ns,["a"]`, `3/ns,1[]`, `2/ns,["b"]`)
	for _, want := range []string{"a begins", "a ends", "answer", "b begins", "b ends"} {
		require.Equal(t, want, within(t, said))
	}
}

type slowly struct{ said chan string }

func (h slowly) Event(e Event, _ Ack) {
	h.said <- e.Name + " begins"
	for range 10_000 {
		runtime.Gosched() // what could overtake it may
	}
	h.said <- e.Name + " ends"
}

func (slowly) Closed(error) {}
