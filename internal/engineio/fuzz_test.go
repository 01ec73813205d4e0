package engineio

import (
	"bytes"
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
		f.Add("text/plain", []byte(body))
	}
	f.Add("application/octet-stream", []byte("4a"))
	f.Add("text/plain", bytes.Repeat([]byte("4aaaaaa\x1e"), 200))
	const limit = 600
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		synctest.Test(t, func(t *testing.T) {
			x := &spy{}
			s := NewServer(Config{MaxPayload: limit, Accept: func(c *Conn) Handler {
				x.c = c
				return x
			}})
			ask := func(method, query string, body []byte) *httptest.ResponseRecorder {
				w := httptest.NewRecorder()
				r := httptest.NewRequest(method, "/?EIO=4&transport=polling"+query, bytes.NewReader(body))
				r.Header.Set("Content-Type", contentType)
				s.ServeHTTP(w, r)
				return w
			}
			require.Equal(t, http.StatusOK, ask(http.MethodGet, "", nil).Code)
			answer := ask(http.MethodPost, "&sid="+x.c.ID(), body)
			synctest.Wait()

			var want []string
			var ended error
			parsed := parsePayload(body, func(p packet) error {
				switch p.kind {
				case packetMessage, packetBinary:
					want = append(want, string(appendPayload(nil, []packet{p})))
				case packetClose:
					ended = ErrPeerClosed
				case packetOpen, packetPing:
					ended = ErrProtocol
				}
				return ended
			})
			switch answer.Code {
			case http.StatusOK:
				require.Equal(t, want, x.heard())
				require.Equal(t, ended, parsed)
				require.NotErrorIs(t, parsed, ErrProtocol)
			case http.StatusRequestEntityTooLarge:
				require.Empty(t, x.heard())
				require.Greater(t, len(body), limit)
				require.Equal(t, 1, s.Conns())
				ended = nil
			case http.StatusBadRequest:
				if len(x.heard()) > 0 {
					require.Equal(t, want, x.heard())
				}
				if len(x.closed) == 0 || parsed == nil {
					require.Contains(t, contentType, "/") // octet-stream, in whatever spelling
				}
				ended = ErrProtocol
			default:
				require.Fail(t, "unexpected answer", "%d %s", answer.Code, answer.Body)
			}
			if ended == nil {
				x.requireOpen(t)
			} else {
				x.requireClosed(t, ended)
				require.Zero(t, s.Conns())
			}
			require.NoError(t, s.Shutdown(t.Context()))
		})
	})
}
