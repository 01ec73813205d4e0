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
		synctest.Test(t, func(t *testing.T) { postAnything(t, body, octets) })
	})
}

func postAnything(t *testing.T, body []byte, octets bool) {
	const limit = 600
	x := &spy{}
	s := NewServer(Config{MaxPayload: limit, Accept: func(c *Conn) Handler {
		x.c = c
		return x
	}})
	ask := func(method, query string, body []byte) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, "/?EIO=4&transport=polling"+query, bytes.NewReader(body))
		if octets {
			r.Header.Set("Content-Type", "application/octet-stream")
		}
		s.ServeHTTP(w, r)
		return w
	}
	require.Equal(t, http.StatusOK, ask(http.MethodGet, "", nil).Code)
	answer := ask(http.MethodPost, "&sid="+x.c.ID(), body)

	var delivered []string
	ended := parsePayload(body, func(p packet) error {
		switch p.kind {
		case packetMessage, packetBinary:
			delivered = append(delivered, string(appendPayload(nil, []packet{p})))
		case packetClose:
			return ErrPeerClosed
		case packetOpen, packetPing:
			return ErrProtocol
		}
		return nil
	})
	want := http.StatusOK
	switch {
	case octets:
		want, delivered, ended = http.StatusBadRequest, nil, ErrProtocol
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
