package engineio

import (
	"fmt"
	"testing"
	"time"

	"github.com/znsocket/znsocket/internal/peers"
)

// suiteServer is the raw echo server that the suites expect.
func suiteServer(t *testing.T, revision3 bool) *testServer {
	return startServer(t, Config{
		PingInterval: 300 * time.Millisecond,
		PingTimeout:  200 * time.Millisecond,
		MaxPayload:   1_000_000,
		Revision3:    revision3,
		Accept:       echo,
	})
}

// TestSuite_official runs the protocol's own conformance suite, also where
// clients of the revision before are let in.
func TestSuite_official(t *testing.T) {
	for _, revision3 := range []bool{false, true} {
		t.Run(fmt.Sprint("Revision3=", revision3), func(t *testing.T) { runSuite4(t, suiteServer(t, revision3)) })
	}
}

func runSuite4(t *testing.T, server *testServer) {
	// The racy cases depend on when Node gets its requests out: the one sends a
	// GET and a POST at the same moment and passes only where the GET is taken
	// first, the other cancels a GET after 5 ms, in which it may not have been
	// sent.
	peers.ProtocolSuite(t, "../../testdata/protocol-suites/engine.io-v4", server.url, 25,
		"Engine.IO protocol close HTTP long-polling forcefully closes the session",
		"Engine.IO protocol close HTTP long-polling closes the session upon cancelled polling request")
}

// TestSuite_officialRevision3 is the suite of the revision before.
func TestSuite_officialRevision3(t *testing.T) {
	server := suiteServer(t, true)
	// The racy case is the first of those above.
	peers.ProtocolSuite(t, "../../testdata/protocol-suites/engine.io-v3", server.url, 23,
		"Engine.IO protocol close HTTP long-polling forcefully closes the session")
}
