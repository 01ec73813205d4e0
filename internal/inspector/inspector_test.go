package inspector

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPage(t *testing.T) {
	p := New()
	for path, want := range map[string]struct {
		serves   bool
		code     int
		location string
	}{
		"/inspect/":              {true, 200, ""},
		"/inspect/index.html":    {true, 200, ""},
		"/team/a/inspect/":       {true, 200, ""},
		"/inspect":               {true, 301, "inspect/"},
		"/team/inspect?a=b":      {true, 301, "inspect/?a=b"},
		"//evil.example/inspect": {true, 301, "inspect/"},
		"/inspect/none.js":       {true, 404, ""},
		"/inspect/../secret":     {false, 0, ""},
		"/inspect/a/b":           {false, 0, ""},
		"/socket.io/":            {false, 0, ""},
		"/":                      {false, 0, ""},
		"/noinspect/":            {false, 0, ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://example.com"+path, nil)
		require.Equal(t, want.serves, p.Serves(r), path)
		if !want.serves {
			continue
		}
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		require.Equal(t, want.code, w.Code, path)
		require.Equal(t, want.location, w.Header().Get("Location"), path)
		if w.Code == http.StatusOK {
			require.Contains(t, w.Header().Get("Content-Security-Policy"), "script-src 'self';", path)
			require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"), path)
			r.Header.Set("If-None-Match", w.Header().Get("ETag"))
			w = httptest.NewRecorder()
			p.ServeHTTP(w, r)
			require.Equal(t, http.StatusNotModified, w.Code, path)
		}
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/inspect/", nil))
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
}
