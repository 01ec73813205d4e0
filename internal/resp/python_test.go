package resp

import (
	"net"
	osexec "os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// The cache of redis-py follows what others and it itself change.
func TestTracking_redisPy(t *testing.T) {
	dial := serve(t, newServer(t), "")
	_, port, err := net.SplitHostPort(dial().conn.RemoteAddr().String())
	require.NoError(t, err)
	out, err := osexec.CommandContext(t.Context(), peers.Python(t), "testdata/cache.py", port).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "fine\n", string(out))
}
