package socketio

import (
	"strings"
	"testing"
	"time"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/peers"
)

// TestSuite_official runs the protocol's own conformance suite.
func TestSuite_official(t *testing.T) {
	server := startServer(t, suiteServer(engineio.Config{
		PingInterval: 300 * time.Millisecond,
		PingTimeout:  200 * time.Millisecond,
		MaxPayload:   1_000_000,
	}))
	// The racy case sends a GET and a POST at the same moment and passes only
	// where the GET is taken first.
	peers.ProtocolSuite(t, "../../testdata/protocol-suites/socket.io-v5", strings.TrimSuffix(server.url, "/socket.io/"), 32,
		"Engine.IO protocol close HTTP long-polling should forcefully close the session")
}
