package socketio

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

var pythonsWords = regexp.MustCompile(`NaN|Infinity`)

// FuzzScanner holds the scanner to the standard library's judgement.
func FuzzScanner(f *testing.F) {
	for _, text := range jsonTexts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.Count(text, []byte{'['})+bytes.Count(text, []byte{'{'}) > MaxDepth {
			return // may be too deep for the one and not for the other
		}
		s := scanner{in: text, attachments: plain}
		good := s.value(0) && s.end()
		if !pythonsWords.Match(text) {
			require.Equal(t, json.Valid(text), good)
		}
	})
}

// FuzzPacket checks that whatever is accepted says the same when it is taken
// apart and put together again, also inside another packet.
func FuzzPacket(f *testing.F) {
	for _, text := range []string{
		`0/ns,{"token":"x"}`, `0`, `1/ns,`, `2["a"]`, `2/ns,12["a\u00e9",{"b":[1,NaN]}]`, `3/ns,0[]`, `31[1,{}]`,
		`52-/ns,7["a",{"_placeholder":true,"num":1}]`, `61-3[{"num":0,"_placeholder":true}]`, `50-["a"]`, `4/ns,{"message":"no"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parsePacket(data)
		if err != nil || p.kind != packetEvent && p.kind != packetAck || !utf8.Valid(data) {
			return
		}
		var e Event
		if p.kind == packetEvent {
			var name []byte
			name, e.Args, err = parseEvent(p.payload, p.attachments)
			e.Name = unescape(name)
		} else {
			e.Args, err = parseAck(p.payload, p.attachments)
		}
		if err != nil {
			return
		}
		if p.attachments != plain {
			if p.attachments > 100 {
				return
			}
			e.Attachments = make([][]byte, p.attachments)
		}
		again, err := parsePacket(appendPacket(nil, p.kind, "/elsewhere", p.id, e))
		require.NoError(t, err)
		require.Equal(t, "/elsewhere", string(again.namespace))
		require.Equal(t, p.kind, again.kind)
		require.Equal(t, p.id, again.id)
		require.Equal(t, max(p.attachments, 0), max(again.attachments, 0))
		var args []byte
		if p.kind == packetEvent {
			var name []byte
			name, args, err = parseEvent(again.payload, again.attachments)
			require.Equal(t, e.Name, unescape(name))
		} else {
			args, err = parseAck(again.payload, again.attachments)
		}
		require.NoError(t, err)
		require.Equal(t, string(e.Args), string(args))
		if !pythonsWords.Match(p.payload) {
			require.True(t, json.Valid(p.payload))
			require.True(t, json.Valid(again.payload))
		}
	})
}

// FuzzConversation lets a client send anything: packets as on polling, several
// to a POST, which end in a line feed. Whatever that was, everybody who waits
// for an answer or an end hears of it exactly once.
func FuzzConversation(f *testing.F) {
	for _, posts := range [][]string{
		{"40/ns,", `42/ns,["call"]`, "43/ns,1[2]\x1e43/ns,1[2]"},
		{"40", `42["leave"]`, `42["late"]`, "40", `41`, `42["not joined"]`},
		{"40{}\x1e40/ns,{\"a\":1}", `42["close"]`, `42["late"]`},
		{"40", `452-1["echo",{"_placeholder":true,"num":1}]`, "bMA==\x1ebMQ==", `42["leave"]`, `451-["late"]`, "bMA=="},
		{"40/refused", "40/ns,", "40/ns,"},
		{"40", `451-["a"]`, `42["text"]`},
		{"40", `42["call"]` + "\x1e" + `42["leave"]` + "\x1e" + `40` + "\x1e" + `43,1[]`},
		{"40", "461-1[]", "bMA=="},
		{"4abc"}, {"2"}, {"1"}, {""},
	} {
		f.Add(strings.Join(posts, "\n"))
	}
	f.Fuzz(func(t *testing.T, posts string) {
		var joined, closed, called, answered atomic.Int32
		s := NewServer(Config{Connect: func(s *Socket) (Handler, error) {
			if s.Namespace() == "/refused" {
				return nil, ErrInvalidNamespace
			}
			joined.Add(1)
			return fuzzed{s, &closed, &called, &answered}, nil
		}})
		const url = "/socket.io/?EIO=4&transport=polling"
		first := httptest.NewRecorder()
		s.ServeHTTP(first, httptest.NewRequest("GET", url, nil))
		sid := strings.Split(first.Body.String(), `"`)[3]
		for post := range strings.SplitSeq(posts, "\n") {
			s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", url+"&sid="+sid, strings.NewReader(post)))
		}
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", url+"&sid="+sid, strings.NewReader("1")))
		require.NoError(t, s.Shutdown(context.Background()))
		require.Zero(t, s.Conns())
		require.Equal(t, joined.Load(), closed.Load())
		require.Equal(t, called.Load(), answered.Load())
	})
}

type fuzzed struct {
	s                        *Socket
	closed, called, answered *atomic.Int32
}

func (h fuzzed) Event(e Event, ack Ack) {
	switch e.Name {
	case "leave":
		h.s.Disconnect()
	case "close":
		h.s.Close()
	case "call":
		h.called.Add(1)
		h.s.Call(e, func([]byte, [][]byte, error) { h.answered.Add(1) })
	}
	ack.Send(e.Args, e.Attachments...)
}

func (h fuzzed) Closed(error) { h.closed.Add(1) }
