package engineio

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// FuzzPost posts any body, of any type, to a session and then holds the
// server to its word: what it took was delivered, in order; what was wrong
// ended the session, and only wrong things did.
func FuzzPost(f *testing.F) {
	for _, body := range []string{"", "4hello", "4a\x1ebAQIDBA==\x1e4b", "4a\x1e1\x1e4b", "3", "2", "4a\x1eb!", "4a\x1e9", "5\x1e6", "4\xff"} {
		f.Add([]byte(body), false)
	}
	f.Add([]byte("4a"), true)
	f.Add(bytes.Repeat([]byte("4aaaaaa\x1e"), 300), false)
	f.Fuzz(func(t *testing.T, body []byte, octets bool) {
		synctest.Test(t, func(t *testing.T) { postAnything(t, as4, &revision4, body, octets) })
	})
}

// FuzzPost3 is FuzzPost for clients of revision 3.
func FuzzPost3(f *testing.F) {
	for _, body := range []string{"", "6:4hello", "2:4a10:b4AQIDBA==2:4b", "2:4a1:12:4b", "1:3", "1:21:2", "2:4a3:b4!", "1:51:6", "2:4\xff", "9999:4"} {
		f.Add([]byte(body), false)
	}
	f.Add([]byte("\x00\x02\xff4a\x01\x03\xff\x04\x01\x02\x00\x01\xff2"), true)
	f.Add(bytes.Repeat([]byte("7:4aaaaaa"), 300), false)
	f.Fuzz(func(t *testing.T, body []byte, octets bool) {
		synctest.Test(t, func(t *testing.T) { postAnything(t, as3, &revision3, body, octets) })
	})
}

func postAnything(t *testing.T, as string, spoken *dialect, body []byte, octets bool) {
	const limit = 600
	x := &spy{}
	s := NewServer(Config{Revision3: true, MaxPayload: limit, Accept: func(c *Conn) Handler {
		x.c = c
		return x
	}})
	contentType := typePayload
	if octets {
		contentType = typeBinary
	}
	ask := func(method, query string, body []byte) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, "/?"+as+"&transport=polling"+query, bytes.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		s.ServeHTTP(w, r)
		return w
	}
	require.Equal(t, http.StatusOK, ask(http.MethodGet, "", nil).Code)
	answer := ask(http.MethodPost, "&sid="+x.c.ID(), body)

	ours := packetPing // the heartbeat's word that is not the client's
	if spoken.clientPings {
		ours = packetPong
	}
	var delivered []string
	packets, ended := spoken.open(contentType, body)
	if ended == nil {
		ended = packets.each(func(p packet) error {
			switch p.kind {
			case packetMessage, packetBinary:
				delivered = append(delivered, string(appendPayload(nil, []packet{p})))
			case packetClose:
				return ErrPeerClosed
			case packetOpen, ours:
				return ErrProtocol
			}
			return nil
		})
	}
	want := http.StatusOK
	switch {
	case len(body) > limit && answer.Code == http.StatusRequestEntityTooLarge:
		want, delivered, ended = answer.Code, nil, nil
	case errors.Is(ended, ErrProtocol):
		want, ended = http.StatusBadRequest, ErrProtocol
	}
	require.Equal(t, want, answer.Code, answer.Body)
	require.Equal(t, delivered, x.heard())
	if ended == nil {
		x.requireOpen(t)
	} else {
		x.requireClosed(t, ended)
	}
	require.NoError(t, s.Shutdown(t.Context()))
	require.Zero(t, s.Conns())
}
