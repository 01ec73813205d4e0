package socketio

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/engineio"
)

// oldEngine lets in clients of Engine.IO 3, and so of Socket.IO 1 and 2.
var oldEngine = engineio.Config{Revision3: true}

// dialOld dials as such a client does, with more parameters, up to the packet
// that lets it into "/".
func (s *testServer) dialOld(t testing.TB, params string) *peer {
	t.Helper()
	p := s.dialRaw(t, "EIO=3&"+params)
	require.True(t, strings.HasPrefix(p.next(), "0{"))
	p.expect("0")
	return p
}

func TestProtocol4_inRootAtOnce(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Engine: oldEngine, Connect: func(s *Socket) (Handler, error) {
		require.NoError(t, s.Emit(Event{Name: "first"}))
		return app.connect(s)
	}})
	p := s.dialOld(t, "")
	p.expect(`2["first"]`)
	r := within(t, app.joins)
	require.Equal(t, "/", r.s.Namespace())
	p.send(`20["ask",1]`)
	require.Equal(t, "ask 1", r.event())
	require.NoError(t, within(t, r.acks).Send([]byte(`2`)))
	p.expect(`30[2]`)
	p.send("1")
	require.ErrorIs(t, within(t, r.closed), ErrLeft)
}

// TestProtocol4_thereIsNoRoot: the client is in it all the same, where nothing is
// heard, and has to join what there is.
func TestProtocol4_thereIsNoRoot(t *testing.T) {
	app := newApp(t)
	cfg := Config{Engine: oldEngine, Connect: func(s *Socket) (Handler, error) {
		if s.Namespace() == "/" {
			return nil, ErrInvalidNamespace
		}
		return app.connect(s)
	}}
	p := startServer(t, cfg).dialOld(t, "")
	p.send(`21["nobody"]`, `51-["nobody",{"_placeholder":true,"num":0}]`, "b\x04\x00", "0/ns,")
	p.expect("0/ns,")
	r := within(t, app.joins)
	p.send(`2/ns,["somebody"]`)
	require.Equal(t, "somebody ", r.event())
	p.abort()
	within(t, r.closed)

	cfg.ConnectTimeout = time.Millisecond // the place is lent for joining
	p = startServer(t, cfg).dialRaw(t, "EIO=3")
	for more := true; more; {
		select {
		case _, more = <-p.read:
		case <-time.After(patience):
			require.FailNow(t, "the connection lives on")
		}
	}
}

func TestProtocol4_auth(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Engine: oldEngine, Connect: app.connect, MaxAuth: 100})
	for _, c := range []struct{ params, connect, root, auth string }{
		{"", "0/ns,", `{}`, `{}`},
		{"", "0/ns", `{}`, `{}`},
		{"token=a&b64=1&t=x&j=1&transport=polling", "0/ns,", `{"token":"a"}`, `{"token":"a"}`},
		{"token=a&x=1", "0/ns?token=b&y=%C3%A9%26%2C%22+z,", `{"token":"a","x":"1"}`, `{"token":"b","x":"1","y":"é\u0026,\" z"}`},
		{"", "0/ns?EIO=9&sid=s&a=1&a=2&b&=c,", `{}`, `{"":"c","EIO":"9","a":"1","b":"","sid":"s"}`},
		{"", "0/ns?bad=%zz&good=1&x=%ff,", `{}`, `{"good":"1","x":"\ufffd"}`},
		{"", "0/ns?,", `{}`, `{}`},
	} {
		t.Log(c.params, c.connect)
		p := s.dialOld(t, c.params)
		require.Equal(t, c.root, string(within(t, app.joins).s.Auth()))
		p.send(c.connect)
		p.expect("0/ns,")
		r := within(t, app.joins)
		require.Equal(t, "/ns", r.s.Namespace())
		require.Equal(t, c.auth, string(r.s.Auth()))
		p.abort()
	}
	p := s.dialOld(t, "")
	p.send("0/ns?token=" + strings.Repeat("x", 100) + ",")
	p.expectEnd()
}

func TestProtocol4_refusals(t *testing.T) {
	refusals := map[string]error{
		"/random": ErrInvalidNamespace,
		"/plain":  errors.New(`no "entry"`),
		"/data":   &ConnectError{Message: "no", Data: []byte(`{"why":[1.0]}`)},
	}
	s := startServer(t, Config{Engine: oldEngine, Connect: func(s *Socket) (Handler, error) { return nil, refusals[s.Namespace()] }})
	p := s.dialOld(t, "")
	p.send("0/random?x=1,", "0/plain,", "0/data,")
	p.expect(`4/random,"Invalid namespace"`, `4/plain,"no \"entry\""`, `4/data,{"why":[1.0]}`)
	p.send("0/ns,")
	p.expect("0/ns,")
}

// TestProtocol4_refusedInRoot is refused everywhere.
func TestProtocol4_refusedInRoot(t *testing.T) {
	s := startServer(t, Config{Engine: oldEngine, Connect: func(*Socket) (Handler, error) { return nil, errors.New("no entry") }})
	p := s.dialRaw(t, "EIO=3")
	require.True(t, strings.HasPrefix(p.next(), "0{"))
	p.expect(`4"no entry"`)
}

func TestProtocol4_violations(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Engine: oldEngine, Connect: app.connect})
	for packet, reason := range map[string]string{
		"0":                  "joined twice",
		`0/ns,{"token":"x"}`: "connect with a payload",
		`2/ns,["a"]`:         "not joined",
		`1/ns,`:              "not joined",
		"7":                  "packet type",
		`512-["a"]`:          "12 attachments, limit 10",
		`51000000000-["a"]`:  "1000000000 attachments, limit 10",
	} {
		t.Log(packet)
		p := s.dialOld(t, "")
		p.send(packet)
		p.expectEnd()
		require.ErrorContains(t, within(t, within(t, app.joins).closed), reason)
	}
}

// TestProtocol4_complaint: the client could not write an event, and goes on.
func TestProtocol4_complaint(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Engine: oldEngine, Connect: app.connect})
	p := s.dialOld(t, "")
	p.send(`4"encode error"`, `2["next"]`)
	require.Equal(t, "next ", within(t, app.joins).event())
}

// TestProtocol5_besideOldClients: it is not in "/" without asking.
func TestProtocol5_besideOldClients(t *testing.T) {
	app := newApp(t)
	s := startServer(t, Config{Engine: oldEngine, Connect: app.connect})
	p := s.dial(t)
	p.send("0/ns?token=x,")
	require.Contains(t, p.next(), `0/ns,{"sid":"`)
	require.Equal(t, "{}", string(within(t, app.joins).s.Auth()))
	p.send(`4"encode error"`)
	p.expectEnd()
}
