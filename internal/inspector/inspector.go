// Package inspector is the page that shows what a server holds, in a browser. It
// is made of js/inspector with the npm package, and embedded here as it was built.
//
// The page holds no data: it connects to the server as every client does, and is
// let in or refused like one.
package inspector

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed assets
var assets embed.FS

// Page serves the page under any path that ends in /inspect/.
type Page struct{ files map[string]file }

type file struct {
	data   []byte
	packed []byte // gzip, where that is shorter
	tag    string // of its content
}

// New returns the page. A program that does not call it does not carry the page
// with it.
func New() *Page {
	p := &Page{map[string]file{}}
	entries, _ := assets.ReadDir("assets") // what is embedded can be read
	for _, e := range entries {
		data, _ := assets.ReadFile("assets/" + e.Name())
		sum := sha256.Sum256(data)
		p.files[e.Name()] = file{data, packed(data), `"` + hex.EncodeToString(sum[:8]) + `"`}
	}
	return p
}

func packed(data []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a level that there is
	w.Write(data)
	w.Close()
	if b.Len() >= len(data) {
		return nil
	}
	return b.Bytes()
}

const dir = "/inspect/"

// Serves reports whether a request is for the page.
func (p *Page) Serves(r *http.Request) bool {
	at, name := path.Split(r.URL.Path)
	return strings.HasSuffix(at, dir) || strings.HasSuffix(at+name+"/", dir)
}

// contentPolicy has the page run the scripts that come with it, and none that
// came into it with data.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ServeHTTP serves the page and what belongs to it.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "The inspector is there to be read.", http.StatusMethodNotAllowed)
		return
	}
	at, name := path.Split(r.URL.Path)
	if !strings.HasSuffix(at, dir) { // what belongs to the page is beside it
		target := name + "/"
		if r.URL.RawQuery != "" {
			target += "?" + r.URL.RawQuery
		}
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	if name == "" {
		name = "index.html"
	}
	f, ok := p.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache") // asks each time whether it has changed
	h.Set("ETag", f.tag)
	h.Set("Vary", "Accept-Encoding")
	data := f.data
	if f.packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
		data = f.packed
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}
