package socketio

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/engineio"
)

func TestPackets_violationsClose(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	for _, packets := range [][]string{
		{"abc"}, {""}, {"7"}, {`2{}`}, {`2`}, {`2[]`}, {`2[1]`}, {`2["a"`}, {`2garbage`}, {`2abc["a"]`}, {`21000000000000000["a"]`},
		{`2["connect"]`}, {`2["connect_error"]`}, {`2["disconnect"]`}, {`2["disconnecting"]`}, {`2["newListener"]`}, {`2["removeListener"]`},
		{`2["disc\u006fnnect"]`},
		{`3`}, {`31`}, {`3[]`}, {`31{}`}, {`31[`}, {`4`}, {`4{"message":"x"}`}, {`1{}`}, {`1"bye"`},
		{`2/other,["a"]`}, {`3/other,1[]`}, {`1/other,`}, {`51-/other,["a",{"_placeholder":true,"num":0}]`},
		{`5["a"]`}, {`5-["a"]`}, {`6[]`}, {`611["a"]`}, {`61-[]`, "bx"},
		{"bx"}, {`51-["a"]`, `2["a"]`}, {`51-["a"]`, `1`}, {`51-["a"]`, "bx", "by"},
		{`51-["a",{"_placeholder":true,"num":1}]`}, {`51-["a",{"_placeholder":true,"num":-1}]`}, {`51-["a",{"_placeholder":true,"num":"0"}]`},
		{`51-["a",{"_placeholder":true}]`}, {`61-1[{"_placeholder":true,"num":7}]`}, {`50-["a",{"_placeholder":true,"num":0}]`},
		{`5000000000000-["a"]`, `51000000000000-["a"]`}, {`511-["a"]`}, {`599999999999999-["a"]`},
	} {
		p := s.dial(t)
		p.join("0")
		joined := within(t, app.joins)
		p.send(packets...)
		p.expectEnd()
		err := within(t, joined.closed)
		limit := (*LimitError)(nil)
		require.True(t, errors.Is(err, ErrProtocol) || errors.As(err, &limit), "%q: %v", packets, err)
	}
}

// What came in one payload with a violation is not heard any more.
func TestPackets_afterViolation(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	p := s.poll(t)
	p.post("40/ns,")
	p.get()
	r := within(t, app.joins)
	p.do("POST", strings.Join([]string{"4garbage", `42/ns,["late"]`, `451-/ns,["late"]`, "bMA==", "40/late,", "4garbage"}, "\x1e"))
	require.Equal(t, "1", p.get())
	require.ErrorIs(t, within(t, r.closed), ErrProtocol)
	require.Empty(t, r.events)
	require.Empty(t, app.joins)
}

func TestPackets_toleratedOnes(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	p := s.dial(t)
	p.join("0")
	joined := within(t, app.joins)
	for packet, want := range map[string]string{
		`2["a",NaN,[Infinity,-Infinity]]`:             "a NaN,[Infinity,-Infinity]",
		`2["a",{"_placeholder":true,"num":99}]`:       `a {"_placeholder":true,"num":99}`,
		`2/,["a",12345678901234567890]`:               "a 12345678901234567890",
		`2007["a","\ud83d\ude00 😀","<&>"]`:            `a "\ud83d\ude00 😀","<&>"`,
		`50-["a"]`:                                    "a ",
		`2["connected"]`:                              "connected ",
		`2["` + strings.Repeat("long", 2000) + `",1]`: strings.Repeat("long", 2000) + " 1",
	} {
		p.send(packet)
		require.Equal(t, want, joined.event())
	}
	p.send(`31[1]`, `399[]`, `61-7[]`, "bx") // nobody asked
	p.expectAlive()
}

func TestDisconnect_byClient(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	p := s.dial(t)
	p.join("0/a,")
	a := within(t, app.joins)
	p.join("0/b,")
	b := within(t, app.joins)
	p.send("1/a", `2/b,["still here"]`)
	err := within(t, a.closed)
	require.ErrorIs(t, err, ErrLeft)
	require.ErrorIs(t, err, engineio.ErrPeerClosed)
	require.Equal(t, "still here ", b.event())
	require.NoError(t, b.s.Emit(Event{Name: "so am I"}))
	p.expect(`2/b,["so am I"]`)
	require.Equal(t, 1, s.Conns())
}

// What was on its way when the server disconnected the namespace is no
// violation: nobody could know.
func TestDisconnect_crossingPacketsAreDropped(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Connect: app.connect})
	p := s.dial(t)
	p.join("0/other,")
	other := within(t, app.joins)
	for range 3 {
		p.join("0/ns,")
		joined := within(t, app.joins)
		require.NoError(t, joined.s.Disconnect())
		require.NoError(t, joined.s.Disconnect())
		require.ErrorIs(t, within(t, joined.closed), ErrClosed)
		p.send(`2/ns,["late"]`, `2/ns,1["late"]`, `3/ns,1[]`, `51-/ns,["late"]`, "bx", `61-/ns,1[]`, "bx", `2/other,["in time"]`)
		p.expect("1/ns,")
		require.Equal(t, "in time ", other.event())
		require.Empty(t, joined.events)
	}
	p.join("0/ns,")
	require.NoError(t, within(t, app.joins).s.Disconnect())
	p.expect("1/ns,")
	p.send("1/ns,", `2/other,["in time"]`) // both have left at once
	require.Equal(t, "in time ", other.event())
	p.send(`2/ns,["not joined"]`) // and nothing crosses any more
	p.expectEnd()
}

func TestPackets_violationsAreLogged(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := startServer(t, Config{Connect: newApp(t).connect, Engine: engineio.Config{Logger: logger}})
	for _, packet := range []string{"garbage", `511-["a"]`} {
		p := s.dial(t)
		p.join("0")
		p.send(packet)
		p.expectEnd()
	}
	require.NoError(t, s.Shutdown(t.Context()))
	require.Regexp(t, `level=DEBUG msg="socketio: connection closed" reason=.*garbage`, log.String())
	require.Regexp(t, `level=WARN msg="socketio: connection closed" reason="socketio: 11 attachments, limit 10"`, log.String())
}
