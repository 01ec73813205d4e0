package engineio

import (
	"testing"
	"time"

	"github.com/znsocket/znsocket/internal/peers"
)

// TestSuite_official runs the protocol's own conformance suite against a raw
// echo server.
func TestSuite_official(t *testing.T) {
	server := startServer(t, Config{
		PingInterval: 300 * time.Millisecond,
		PingTimeout:  200 * time.Millisecond,
		MaxPayload:   1_000_000,
		Accept:       echo,
	})
	// The racy cases depend on when Node gets its requests out: the one sends a
	// GET and a POST at the same moment and passes only where the GET is taken
	// first, the other cancels a GET after 5 ms, in which it may not have been
	// sent.
	peers.ProtocolSuite(t, "../../testdata/protocol-suites/engine.io-v4", server.url, 25,
		"Engine.IO protocol close HTTP long-polling forcefully closes the session",
		"Engine.IO protocol close HTTP long-polling closes the session upon cancelled polling request")
}
