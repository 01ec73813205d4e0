package engineio

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/websocket"
)

// pollPeer is a client on polling that does what the test says, not what is
// right.
type pollPeer struct {
	s    *testServer
	t    *testing.T
	as   string // the parameters that say what it speaks
	open handshake
	spy  *spy // of the server's side, if it has one
}

// What peers speak, as their parameters say it.
const (
	as4       = "EIO=4"
	as3       = "EIO=3"
	as3Base64 = "EIO=3&b64=1"
)

// poll opens a session.
func (s *testServer) poll() *pollPeer { return s.pollAs(as4) }

func (s *testServer) pollAs(as string) *pollPeer {
	s.t.Helper()
	answer := s.ask(s.request(http.MethodGet, as+"&transport=polling", nil))
	require.NoError(s.t, answer.err)
	require.Equal(s.t, http.StatusOK, answer.status, answer.body)
	_, first, found := strings.Cut(answer.body, "0{") // behind its length, in revision 3
	require.True(s.t, found)
	peer := &pollPeer{s: s, t: s.t, as: as}
	require.NoError(s.t, json.NewDecoder(strings.NewReader("{"+first)).Decode(&peer.open))
	select {
	case peer.spy = <-s.accepted:
	default:
	}
	return peer
}

func (p *pollPeer) query() string { return p.as + "&transport=polling&sid=" + p.open.SID }

func (p *pollPeer) get() reply {
	return p.s.ask(p.s.request(http.MethodGet, p.query(), nil))
}

func (p *pollPeer) post(body string) reply {
	return p.s.ask(p.s.request(http.MethodPost, p.query(), strings.NewReader(body)))
}

// requirePost fails unless the body is taken.
func (p *pollPeer) requirePost(body string) {
	p.t.Helper()
	p.post(body).requireBody(p.t, "ok")
}

// requireGone fails unless the session has ended.
func (p *pollPeer) requireGone() {
	p.t.Helper()
	p.get().requireGone(p.t)
}

// beginGet sends a GET without waiting for its answer, and hangs up when the
// context ends.
func (p *pollPeer) beginGet(ctx context.Context) <-chan reply {
	return p.s.begin(p.s.request(http.MethodGet, p.query(), nil).WithContext(ctx))
}

// slowPost is a POST whose body the test writes piece by piece.
type slowPost struct {
	nc       net.Conn
	answered <-chan reply
}

// beginPost sends the header of a POST, which announces a body of some length.
func (p *pollPeer) beginPost(length int64) *slowPost {
	p.t.Helper()
	nc, err := p.s.dial(p.t.Context(), "tcp", strings.TrimPrefix(p.s.url, "http://"))
	require.NoError(p.t, err)
	p.t.Cleanup(func() { nc.Close() })
	_, err = fmt.Fprintf(nc, "POST /engine.io/?%s HTTP/1.1\r\nHost: pipe\r\nContent-Length: %d\r\n\r\n", p.query(), length)
	require.NoError(p.t, err)
	answered := make(chan reply, 1)
	go func() {
		resp, err := http.ReadResponse(bufio.NewReader(nc), nil)
		if err != nil {
			answered <- reply{err: err}
			return
		}
		body, err := io.ReadAll(resp.Body)
		answered <- reply{resp.StatusCode, resp.Header, resp.ContentLength, string(body), err}
	}()
	return &slowPost{nc, answered}
}

func (p *slowPost) write(piece string) { io.WriteString(p.nc, piece) }

func (s *testServer) begin(r *http.Request) <-chan reply {
	answered := make(chan reply, 1)
	go func() { answered <- s.ask(r) }()
	return answered
}

// webPeer is a client's end of a WebSocket.
type webPeer struct {
	t        *testing.T
	ws       *websocket.Conn
	received chan string // text as it is, binary behind "b:"; closed at the end
	end      error       // why, once received is closed
}

// connect opens a WebSocket with the rest of a query.
func (s *testServer) connect(query string) *webPeer { return s.connectAs(as4, query) }

func (s *testServer) connectAs(as, query string) *webPeer {
	s.t.Helper()
	dialer := websocket.Dialer{
		Options: websocket.Options{MaxMessage: 64 << 20, MaxQueued: 64 << 20},
		Connect: s.dial,
	}
	ws, err := dialer.Dial(s.t.Context(), s.url+"/engine.io/?"+as+"&transport=websocket"+query)
	require.NoError(s.t, err)
	p := &webPeer{t: s.t, ws: ws, received: make(chan string, 10_000)}
	go p.read()
	return p
}

// web opens a session on a WebSocket.
func (s *testServer) web() (*webPeer, handshake) { return s.webAs(as4) }

func (s *testServer) webAs(as string) (*webPeer, handshake) {
	s.t.Helper()
	p := s.connectAs(as, "")
	first := p.next()
	require.Equal(s.t, "0", first[:1])
	var open handshake
	require.NoError(s.t, json.Unmarshal([]byte(first[1:]), &open))
	return p, open
}

// upgrade opens a WebSocket for the session, and no more.
func (p *pollPeer) upgrade() *webPeer {
	p.t.Helper()
	return p.s.connectAs(p.as, "&sid="+p.open.SID)
}

func (p *webPeer) read() {
	defer p.ws.Finish()
	defer close(p.received)
	for {
		op, data, err := p.ws.Read()
		if err != nil {
			p.end = err
			return
		}
		if op == websocket.Binary {
			p.received <- "b:" + string(data)
		} else {
			p.received <- string(data)
		}
	}
}

// next returns what comes next, or "closed".
func (p *webPeer) next() string {
	data, more := <-p.received
	if !more {
		return "closed"
	}
	return data
}

func (p *webPeer) send(texts ...string) {
	frames := make([]websocket.Message, len(texts))
	for i, each := range texts {
		frames[i] = websocket.Message{Op: websocket.Text, Data: []byte(each)}
	}
	require.NoError(p.t, p.ws.Send(frames...))
}

func (p *webPeer) sendBinary(data string) {
	require.NoError(p.t, p.ws.Send(websocket.Message{Op: websocket.Binary, Data: []byte(data)}))
}

// requireClosed fails unless the server closed the WebSocket with the status,
// having sent nothing more.
func (p *webPeer) requireClosed(status int) {
	p.t.Helper()
	require.Equal(p.t, "closed", p.next())
	var closed *websocket.CloseError
	require.ErrorAs(p.t, p.end, &closed)
	require.Equal(p.t, status, closed.Code)
}

// deafPeer opens a session on a WebSocket and then reads nothing.
func (s *testServer) deafPeer() (net.Conn, *spy) {
	nc, err := s.dial(s.t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	require.NoError(s.t, err)
	r := s.request(http.MethodGet, "EIO=4&transport=websocket", nil)
	upgradeHeader(r)
	require.NoError(s.t, r.Write(nc))
	s.t.Cleanup(func() { nc.Close() })
	return nc, <-s.accepted
}
