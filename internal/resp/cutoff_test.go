package resp

import (
	"net"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// However many messages wait for one who reads nothing, one goroutine writes them.
func TestPubsub_slowReader_goroutines(t *testing.T) {
	srv := newServer(t)
	ours, theirs := net.Pipe()
	served := make(chan struct{})
	go func() { defer close(served); srv.serve(theirs, "") }()
	deaf, speaks := newPeer(t, ours), newPeer(t, srv.Dial())
	deaf.do("SUBSCRIBE", "c")
	before := runtime.NumGoroutine()
	for range 1000 {
		require.Equal(t, ":1", speaks.do("PUBLISH", "c", "m").head)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before+1)
	for range 1000 {
		require.Equal(t, "m\r\n", deaf.read().list[2].text)
	}
	ours.Close()
	<-served
}
