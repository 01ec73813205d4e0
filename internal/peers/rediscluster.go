package peers

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// RedisCluster starts a Redis cluster of three masters that the test has for
// itself, each with a third of the slots.
func RedisCluster(t testing.TB) []*RedisServer {
	t.Helper()
	const slots = 16384
	nodes := make([]*RedisServer, 3)
	for i := range nodes {
		nodes[i] = startNode(t, nodes[:i])
		first, last := i*slots/len(nodes), (i+1)*slots/len(nodes)-1
		require.Equal(t, "+OK\r\n", nodes[i].Command(fmt.Sprintf("CLUSTER ADDSLOTSRANGE %d %d", first, last)))
	}
	for _, node := range nodes {
		node.WaitLog("Cluster state changed: ok") // it has heard of every slot
	}
	return nodes
}

// RedisClusterReplica adds a replica of a node to its cluster, which has the
// node's data when it is returned.
func RedisClusterReplica(t testing.TB, of *RedisServer) *RedisServer {
	t.Helper()
	replica := startNode(t, []*RedisServer{of})
	replica.WaitLog("Cluster state changed: ok") // it knows the others
	id := of.Command("CLUSTER MYID")[len("$40\r\n"):][:40]
	require.Equal(t, "+OK\r\n", replica.Command("CLUSTER REPLICATE "+id))
	replica.WaitLog("MASTER <-> REPLICA sync: Finished with success")
	return replica
}

// startNode starts a node and has the others, if there are any, hear of it.
func startNode(t testing.TB, others []*RedisServer) *RedisServer {
	t.Helper()
	bus := freePort(t)
	node := RedisTCP(t, "--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "2000",
		"--repl-diskless-sync-delay", "0")
	if len(others) > 0 {
		host, port, err := net.SplitHostPort(node.Addr)
		require.NoError(t, err)
		require.Equal(t, "+OK\r\n", others[0].Command(fmt.Sprintf("CLUSTER MEET %s %s %s", host, port, bus)))
	}
	return node
}

// RedisSentinel starts a sentinel that watches a master under the name, and
// takes another in its place when it is gone for half a second.
func RedisSentinel(t testing.TB, master *RedisServer, name string) *RedisServer {
	t.Helper()
	host, masterPort, err := net.SplitHostPort(master.Addr)
	require.NoError(t, err)
	port := freePort(t)
	// A sentinel keeps what it knows in its configuration.
	config := filepath.Join(t.TempDir(), "sentinel.conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `port %s
bind 127.0.0.1
sentinel monitor %[2]s %[3]s %[4]s 1
sentinel down-after-milliseconds %[2]s 500
sentinel failover-timeout %[2]s 5000
`, port, name, host, masterPort), 0o600))
	s := &RedisServer{Addr: net.JoinHostPort("127.0.0.1", port), t: t, process: startRedisProcess(t, config, "--sentinel")}
	t.Cleanup(s.Stop)
	s.WaitLog("+monitor master " + name)
	return s
}
