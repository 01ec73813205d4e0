package engineio

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSameOrigin(t *testing.T) {
	for _, each := range []struct {
		origin, host, forwarded string
		want                    bool
	}{
		{"http://example.org", "example.org", "", true},
		{"http://example.org:80", "example.org", "", true},
		{"http://example.org", "example.org:80", "", true},
		{"http://Example.ORG:5000", "example.org:5000", "", true},
		{"https://example.org", "example.org:443", "", true},
		{"http://[::1]:5000", "[::1]:5000", "", true},
		{"http://example.org", "10.0.0.1:5000", "example.org", true},
		{"https://example.org", "10.0.0.1:5000", "example.org:443, proxy.internal", true},

		{"http://evil.org", "example.org", "", false},
		{"http://example.org.evil.org", "example.org", "", false},
		{"http://example.org:5000", "example.org:5001", "", false},
		{"http://example.org:443", "example.org", "", false},
		{"http://evil.org", "example.org", "example.org", false},
		{"http://example.org", "10.0.0.1", "evil.org", false},
		{"null", "example.org", "", false},
		{"null", "null", "", false},
		{"://", "example.org", "", false},
		{"", "example.org", "", false},
		{"file://", "", "", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = each.host
		r.Header.Set("Origin", each.origin)
		if each.forwarded != "" {
			r.Header.Set("X-Forwarded-Host", each.forwarded)
		}
		require.Equal(t, each.want, SameOrigin(r), "%+v", each)
	}
}

// from makes a request come from a page of the origin.
func from(r *http.Request, origin string) *http.Request {
	r.Header.Set("Origin", origin)
	return r
}

func TestOrigin_foreignPagesAreRefused(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		const message = "origin http://evil.org is not allowed"
		for _, r := range []*http.Request{
			s.request("GET", "EIO=4&transport=polling", nil),
			s.request("GET", peer.query(), nil),
			s.request("POST", peer.query(), strings.NewReader("4x")),
			s.request("OPTIONS", peer.query(), nil),
		} {
			answer := s.ask(from(r, "http://evil.org"))
			answer.requireRejected(t, 403, 4, message)
			require.Empty(t, answer.header.Get("Access-Control-Allow-Origin"))
		}
		r := from(s.request("GET", "EIO=4&transport=websocket", nil), "http://evil.org")
		upgradeHeader(r)
		s.ask(r).requireRejected(t, 403, 4, message)
		require.Empty(t, peer.spy.heard())
		require.Equal(t, 1, s.Conns())
	})
}

func requireCORS(t *testing.T, answer reply, origin string) {
	t.Helper()
	require.NoError(t, answer.err)
	require.Equal(t, origin, answer.header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", answer.header.Get("Access-Control-Allow-Credentials"))
	require.Contains(t, answer.header.Values("Vary"), "Origin")
}

// TestOrigin_allowedPagesReadEveryAnswer, errors too.
func TestOrigin_allowedPagesReadEveryAnswer(t *testing.T) {
	const page = "https://app.example.org"
	anyone := func(*http.Request) error { return nil }
	inBubble(t, Config{CheckOrigin: anyone, MaxPayload: 1000}, func(t *testing.T, s *testServer) {
		peer := s.poll()
		require.NoError(t, peer.spy.c.Send(text("x")))
		for _, each := range []struct {
			r      *http.Request
			status int
		}{
			{s.request("GET", "EIO=4&transport=polling", nil), 200},
			{s.request("GET", peer.query(), nil), 200},
			{s.request("POST", peer.query(), strings.NewReader("4x")), 200},
			{s.request("POST", peer.query(), strings.NewReader("4"+strings.Repeat("x", 2000))), 413},
			{s.request("GET", "EIO=4", nil), 400},
			{s.request("GET", "EIO=4&transport=polling&sid=nope", nil), 400},
			{s.request("POST", peer.query(), strings.NewReader("abc")), 400},
		} {
			answer := s.ask(from(each.r, page))
			require.Equal(t, each.status, answer.status)
			requireCORS(t, answer, page)
		}
	})
}

// TestOrigin_preflight is answered before anything else is looked at: it has
// neither a session nor a valid method.
func TestOrigin_preflight(t *testing.T) {
	const page = "https://app.example.org"
	anyone := func(*http.Request) error { return nil }
	inBubble(t, Config{CheckOrigin: anyone}, func(t *testing.T, s *testServer) {
		for _, query := range []string{"", "EIO=4&transport=polling", "EIO=4&transport=polling&sid=nope"} {
			r := from(s.request("OPTIONS", query, nil), page)
			r.Header.Set("Access-Control-Request-Method", "POST")
			r.Header.Set("Access-Control-Request-Headers", "authorization,x-token")
			answer := s.ask(r)
			requireCORS(t, answer, page)
			require.Equal(t, 204, answer.status)
			require.Equal(t, "GET, POST, OPTIONS", answer.header.Get("Access-Control-Allow-Methods"))
			require.Equal(t, "authorization,x-token", answer.header.Get("Access-Control-Allow-Headers"))
			require.Contains(t, answer.header.Values("Vary"), "Access-Control-Request-Headers")
		}
		answer := s.ask(s.request("OPTIONS", "", nil))
		require.Equal(t, 204, answer.status)
		require.Equal(t, "Content-Type", answer.header.Get("Access-Control-Allow-Headers"))
		require.Zero(t, s.Conns())
	})
}

// TestOrigin_ofTheSameHost: the Python client says so on its WebSocket.
func TestOrigin_ofTheSameHost(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *testServer) {
		r := from(s.request("GET", "EIO=4&transport=websocket", nil), "http://pipe")
		upgradeHeader(r)
		resp, err := s.http.Do(r)
		require.NoError(t, err)
		require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
		resp.Body.Close()
	})
}
