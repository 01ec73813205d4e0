package engineio

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// SameOrigin allows pages that came from the host the request went to. Behind
// a proxy that host is the one the proxy was asked for. A page cannot set
// X-Forwarded-Host on a request to another origin without asking first.
func SameOrigin(r *http.Request) bool {
	origin, err := url.Parse(r.Header.Get("Origin"))
	if err != nil || origin.Host == "" {
		return false
	}
	page := withoutPort(origin.Host, origin.Scheme)
	if strings.EqualFold(page, withoutPort(r.Host, origin.Scheme)) {
		return true
	}
	forwarded, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Host"), ",")
	return strings.EqualFold(page, withoutPort(strings.TrimSpace(forwarded), origin.Scheme))
}

func onlySameOrigin(r *http.Request) error {
	if SameOrigin(r) {
		return nil
	}
	return fmt.Errorf("origin %s is not allowed", r.Header.Get("Origin"))
}

// withoutPort removes the port that the scheme implies.
func withoutPort(host, scheme string) string {
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

// allowOrigin lets a page of the origin read the answer. WebSockets know no
// such headers, which is why the origin itself was checked before.
func allowOrigin(h http.Header, origin string) {
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Add("Vary", "Origin")
}

// answerPreflight answers a browser that asks what it may send.
func answerPreflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	if wanted := r.Header.Get("Access-Control-Request-Headers"); wanted != "" {
		h.Set("Access-Control-Allow-Headers", wanted)
		h.Add("Vary", "Access-Control-Request-Headers")
	} else {
		h.Set("Access-Control-Allow-Headers", "Content-Type")
	}
	w.WriteHeader(http.StatusNoContent)
}
