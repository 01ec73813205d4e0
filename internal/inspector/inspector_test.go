package inspector

import (
	"compress/gzip"
	"io"
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
	for _, name := range []string{"", "inspector.js", "inspector.css", "icon.svg"} {
		plain, packed := httptest.NewRecorder(), httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/inspect/"+name, nil)
		p.ServeHTTP(plain, r)
		r.Header.Set("Accept-Encoding", "gzip, br")
		p.ServeHTTP(packed, r)
		require.Equal(t, plain.Header().Get("Content-Type"), packed.Header().Get("Content-Type"), name)
		if packed.Header().Get("Content-Encoding") == "" {
			require.Equal(t, plain.Body.String(), packed.Body.String())
			continue
		}
		require.Less(t, packed.Body.Len(), plain.Body.Len(), name)
		unpacked, err := gzip.NewReader(packed.Body)
		require.NoError(t, err)
		text, err := io.ReadAll(unpacked)
		require.NoError(t, err)
		require.Equal(t, plain.Body.String(), string(text), name)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/inspect/", nil))
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
}
