package libraries

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/boj/redistore"
	"github.com/gorilla/sessions"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shop is a web server that counts what a visitor puts into the basket: /add,
// /leave, or whatever else shows it.
func shop(t *testing.T, s server, maxAge int) *httptest.Server {
	t.Helper()
	store, err := redistore.NewRediStore(4, "tcp", s.addr, "", "", []byte("a key of the test's, for cookies"))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, store.Close()) })
	store.SetMaxAge(maxAge)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session, err := store.Get(r, "basket")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		n, _ := session.Values["things"].(int)
		switch r.URL.Path {
		case "/add":
			n++
			session.Values["things"] = n
			err = session.Save(r, w)
		case "/leave":
			session.Options = &sessions.Options{MaxAge: -1}
			err = session.Save(r, w)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, n)
	}))
	t.Cleanup(web.Close)
	return web
}

// visitor returns what a browser of its own is answered.
func visitor(t *testing.T) func(web *httptest.Server, path string) string {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	return func(web *httptest.Server, path string) string {
		t.Helper()
		res, err := browser.Get(web.URL + path)
		require.NoError(t, err)
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, res.StatusCode, "%s", text)
		return string(text)
	}
}

// Two web servers share the sessions of their visitors.
func TestRediStore_shares(t *testing.T) {
	onEach(t, func(t *testing.T, start func() server) {
		s, ctx := start(), t.Context()
		first, second := shop(t, s, 3600), shop(t, s, 3600)
		ada, alan := visitor(t), visitor(t)
		assert.Equal(t, "1", ada(first, "/add"))
		assert.Equal(t, "2", ada(second, "/add"))
		assert.Equal(t, "0", alan(first, "/"))
		assert.Equal(t, "1", alan(second, "/add"))
		assert.Equal(t, "2", ada(first, "/"))
		rdb := s.goRedis(t)
		keys, err := rdb.Keys(ctx, "session_*").Result()
		require.NoError(t, err)
		require.Len(t, keys, 2)
		ttl, err := rdb.TTL(ctx, keys[0]).Result()
		require.NoError(t, err)
		require.Equal(t, time.Hour, ttl.Round(time.Minute))
		ada(first, "/leave")
		assert.Equal(t, "0", ada(second, "/"))
		assert.Equal(t, "1", alan(first, "/"))
		require.Equal(t, int64(1), rdb.DBSize(ctx).Val())
	})
}

func TestRediStore_expires(t *testing.T) {
	onEach(t, func(t *testing.T, start func() server) {
		s := start()
		web, ada := shop(t, s, 1), visitor(t)
		assert.Equal(t, "1", ada(web, "/add"))
		s.advance(time.Second)
		rdb := s.goRedis(t)
		require.Eventually(t, func() bool { return rdb.DBSize(t.Context()).Val() == 0 }, soon, often)
		assert.Equal(t, "0", ada(web, "/"))
	})
}
