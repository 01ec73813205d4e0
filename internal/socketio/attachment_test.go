package socketio

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/engineio"
)

func TestAttachments_arrive(t *testing.T) {
	_, p, r := joined(t, Config{}, "/ns")
	large := strings.Repeat("L", 2*engineio.RetainSize)
	p.send(
		`52-/ns,["two",{"_placeholder":true,"num":1},{"a":[{"_placeholder":true,"num":0}]}]`, "bfirst", "b",
		`51-/ns,5["same twice",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]`, "b"+large,
		`51-/ns,["unused","`+large+`"]`, "bx",
		`2/ns,["after"]`,
	)
	e := within(t, r.events)
	require.Equal(t, `{"_placeholder":true,"num":1},{"a":[{"_placeholder":true,"num":0}]}`, string(e.Args))
	require.Equal(t, [][]byte{[]byte("first"), {}}, e.Attachments)
	e = within(t, r.events)
	require.Equal(t, "same twice", e.Name)
	require.Equal(t, [][]byte{[]byte(large)}, e.Attachments)
	e = within(t, r.events)
	require.Equal(t, `"`+large+`"`, string(e.Args))
	require.Equal(t, "after ", r.event())
}

// What waits for its attachments must not be changed by what comes meanwhile,
// nor what was handed over by what comes later.
func TestAttachments_areKept(t *testing.T) {
	_, p, r := joined(t, Config{}, "/ns")
	const n = 200
	for i := range n {
		p.send(fmt.Sprintf(`53-/ns,["event%d","%s"]`, i, strings.Repeat("a", i*10)),
			fmt.Sprintf("b%d-0", i), fmt.Sprintf("b%d-1 %s", i, strings.Repeat("b", i*30)), fmt.Sprintf("b%d-2", i))
	}
	var events []Event
	for range n {
		events = append(events, within(t, r.events))
	}
	for i, e := range events {
		require.Equal(t, fmt.Sprintf("event%d", i), e.Name)
		require.Equal(t, `"`+strings.Repeat("a", i*10)+`"`, string(e.Args))
		require.Equal(t, [][]byte{fmt.Appendf(nil, "%d-0", i), fmt.Appendf(nil, "%d-1 %s", i, strings.Repeat("b", i*30)), fmt.Appendf(nil, "%d-2", i)}, e.Attachments)
	}
}

// Nothing may come between a packet and its attachments, whoever sends.
func TestAttachments_leaveTogether(t *testing.T) {
	for _, polling := range []bool{false, true} {
		app := newApp(t)
		s := startServer(t, Config{Connect: app.connect})
		var p *peer
		var poll *httpPeer
		if polling {
			poll = s.poll(t)
			poll.post("40/ns,")
			poll.get()
		} else {
			p = s.dial(t)
			p.join("0/ns,")
		}
		r := within(t, app.joins)
		const senders, each = 8, 50
		var sending sync.WaitGroup
		for i := range senders {
			sending.Go(func() {
				for range each {
					data := []byte(fmt.Sprint(i))
					r.s.Emit(Event{"e", fmt.Appendf(nil, "%d", i), [][]byte{data, data, data}})
					r.s.Emit(Event{"e", fmt.Appendf(nil, "%d", i), nil})
					r.s.Send(Prepare("/ns", Event{"e", fmt.Appendf(nil, "%d", i), [][]byte{data, data, data}}))
				}
			})
		}
		defer sending.Wait()
		var got []string
		next := func() string {
			if !polling {
				return p.next()
			}
			for len(got) == 0 {
				got = strings.Split(poll.get(), "\x1e")
			}
			m := strings.TrimPrefix(got[0], "4")
			got = got[1:]
			return m
		}
		for range senders * each * 3 {
			var i, due int
			text := next()
			if strings.HasPrefix(text, "5") {
				due = 3
				_, err := fmt.Sscanf(text, `53-/ns,["e",%d]`, &i)
				require.NoError(t, err, text)
			}
			for range due {
				m := next()
				if polling {
					require.Equal(t, engineioBase64(i), m)
				} else {
					require.Equal(t, fmt.Sprintf("b%d", i), m)
				}
			}
		}
	}
}

// engineioBase64 is the attachment of one digit as polling has it.
func engineioBase64(i int) string {
	return []string{"bMA==", "bMQ==", "bMg==", "bMw==", "bNA==", "bNQ==", "bNg==", "bNw=="}[i]
}

func TestAttachments_overPostsAndUpgrade(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	p := s.poll(t)
	p.post("40/ns,")
	p.get()
	r := within(t, app.joins)
	p.post(`453-/ns,["a"]`)
	p.post("bMA==")
	p.post("bMQ==")
	upgraded := s.upgrade(t, p)
	upgraded.send("b2", `2/ns,["b"]`)
	require.Equal(t, [][]byte{{'0'}, {'1'}, {'2'}}, within(t, r.events).Attachments)
	require.Equal(t, "b ", r.event())
}

func TestAttachments_limits(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect, MaxAttachments: 3, MaxPacket: 1000})
	for _, c := range []struct {
		packets []string
		want    *LimitError
	}{
		{[]string{`54-["a"]`}, &LimitError{"attachments", 4, 3}},
		{[]string{`64-1[]`}, &LimitError{"attachments", 4, 3}},
		{[]string{`5999999999999999-["a"]`}, &LimitError{"attachments", 1 << 30, 3}},
		{[]string{`53-["a"]`, "b" + strings.Repeat("x", 500), "b" + strings.Repeat("x", 500)},
			&LimitError{"bytes in a packet with attachments", 1008, 1000}},
		{[]string{`51-["` + strings.Repeat("x", 1000) + `"]`}, &LimitError{"bytes in a packet with attachments", 1007, 1000}},
	} {
		p := s.dial(t)
		p.join("0")
		r := within(t, app.joins)
		p.send(c.packets...)
		p.expectEnd()
		require.Equal(t, c.want, within(t, r.closed))
	}

	p := s.dial(t)
	p.join("0")
	r := within(t, app.joins)
	p.send(`53-["a"]`, "b"+strings.Repeat("x", 480), "b"+strings.Repeat("x", 480), "b")
	require.Len(t, within(t, r.events).Attachments, 3)
	four := bytes.Split([]byte("1 2 3 4"), []byte(" "))
	require.Equal(t, &LimitError{"attachments", 4, 3}, r.s.Emit(Event{"a", nil, four}))
	require.Equal(t, &LimitError{"attachments", 4, 3}, r.s.Send(Prepare("/", Event{"a", nil, four})))
	require.Equal(t, &LimitError{"attachments", 4, 3}, Ack{r.s, 1}.Send(nil, four...))
	require.NoError(t, r.s.Emit(Event{"a", nil, four[:3]}))
	p.expect(`53-["a"]`, "b1", "b2", "b3")
}

func TestNamespaces_limit(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect, MaxNamespaces: 2})
	p := s.dial(t)
	p.join("0/a,")
	a := within(t, app.joins)
	p.join("0/b,")
	b := within(t, app.joins)
	p.send("0/c,")
	p.expect(`4/c,{"message":"socketio: 3 namespaces, limit 2"}`)
	p.send("1/a,")
	p.join("0/c,")
	require.ErrorIs(t, within(t, a.closed), ErrLeft)

	require.NoError(t, b.s.Disconnect()) // its place is kept until the client joins again
	p.expect("1/b,")
	p.send("0/d,")
	p.expect(`4/d,{"message":"socketio: 3 namespaces, limit 2"}`)
	p.join("0/b,")
}
