package engineio

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// paramJSONP is the parameter of a page that polls by scripts and forms, and the
// number of its function for what comes.
const paramJSONP = "j"

// payloadsJSONP is polling in revision 3 for such a page. It takes no bytes.
type payloadsJSONP struct {
	payloads3
	function string
}

// usesJSONP reports whether the parameters are those of such a page's request.
func (s *Server) usesJSONP(q url.Values) bool {
	return s.cfg.Revision3 && q.Get("EIO") == "3" && q.Get("transport") == transportPolling && q.Has(paramJSONP)
}

func newJSONP(number string) *dialect {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	d := newRevision3(payloadsJSONP{payloads3{base64: true}, "___eio[" + digits + "]"})
	return &d
}

func (p payloadsJSONP) appendPayload(dst []byte, packets []packet) []byte {
	// Go's encoder escapes what JavaScript takes for the end of a line as well.
	text, _ := json.Marshal(string(p.payloads3.appendPayload(nil, packets))) // a string always marshals
	dst = append(append(dst, p.function...), '(')
	dst = append(dst, text...)
	return append(dst, ");"...)
}

func (payloadsJSONP) contentType([]packet) string { return "text/javascript; charset=UTF-8" }

// formLines undoes what the client does to line feeds, which a form would change,
// and so to what looks like one.
var formLines = strings.NewReplacer(`\\n`, `\n`, `\n`, "\n")

func (p payloadsJSONP) open(_ string, body []byte) (payload, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return p.payloads3.open(typePayload, []byte(formLines.Replace(form.Get("d"))))
}

// bodyLimit allows for bytes that a form writes as three.
func (p payloadsJSONP) bodyLimit(maxMessage int) int { return 3 * p.payloads3.bodyLimit(maxMessage) }

// withOrigin is a request of a script or a form, which says by its Referer where
// it comes from, as one that says so by its Origin. Any page on the web may load a
// script from here, and read it: so who does not say it is refused.
func withOrigin(r *http.Request) (*http.Request, error) {
	if r.Header.Get("Origin") != "" {
		return r, nil
	}
	page, err := url.Parse(r.Referer())
	if err != nil || page.Host == "" {
		return nil, fmt.Errorf("polling by scripts needs a Referer")
	}
	said := r.Clone(r.Context())
	said.Header.Set("Origin", page.Scheme+"://"+page.Host)
	return said, nil
}
