package engineio

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// rejection is a refused request, as clients know it.
type rejection struct {
	status  int
	Code    int    `json:"code"`
	Message string `json:"message"`
}

var (
	unknownTransport = rejection{400, 0, "Transport unknown"}
	unknownSession   = rejection{400, 1, "Session ID unknown"}
	badMethod        = rejection{400, 2, "Bad handshake method"}
	badRequest       = rejection{400, 3, "Bad request"}
	unknownRevision  = rejection{400, 5, "Unsupported protocol version"}
	tooManyConns     = rejection{503, 4, "Too many connections"}
	shuttingDown     = rejection{503, 4, "Server is shutting down"}
	payloadTooLarge  = rejection{413, 3, "Payload too large"}
)

func forbidden(message string) rejection {
	return rejection{http.StatusForbidden, 4, message}
}

func (rej rejection) write(w http.ResponseWriter) {
	// net/http would wait for the rest of a refused body for as long as it takes.
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(refusedBody))
	body, _ := json.Marshal(rej) // a number and a string always marshal
	answer(w, rej.status, "application/json", body, func(int) {})
}

// refusedBody is how long the rest of a refused request may take.
const refusedBody = 2 * time.Second

// An answer of which the peer takes no piece in answerTimeout is given up.
const (
	answerTimeout = 20 * time.Second
	answerPiece   = 256 << 10
)

// answer writes a whole answer, and tells of each piece that was taken. Its
// deadlines end with the request.
func answer(w http.ResponseWriter, status int, contentType string, body []byte, wrote func(n int)) error {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)

	rc := http.NewResponseController(w)
	for len(body) > 0 {
		rc.SetWriteDeadline(time.Now().Add(answerTimeout))
		n, err := w.Write(body[:min(len(body), answerPiece)])
		if err != nil {
			return err
		}
		wrote(n)
		body = body[n:]
	}
	if err := rc.Flush(); !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil // somebody wraps w; it goes out when the handler returns
}
