package redisbackend

import (
	"errors"
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/peers"
)

// Each call that waits ends, and says what happened; then all goes on.
func TestBackend_restart(t *testing.T) {
	for _, each := range []struct {
		name  string
		start func(t *testing.T) (url string, servers []*peers.RedisServer)
	}{every[0], every[2]} {
		t.Run(each.name, func(t *testing.T) {
			url, servers := each.start(t)
			b := open(t, url)
			server, key := servers[0], "k"
			if b.cluster != nil { // the node that has the slot of the key
				node, err := b.cluster.MasterForKey(t.Context(), key)
				require.NoError(t, err)
				for _, s := range servers {
					if s.Addr == node.Options().Addr {
						server = s
					}
				}
			}
			r := newReceiver()
			defer subscribe(t, b, r, key)()
			require.Equal(t, "+OK\r\n", server.Command("CLIENT PAUSE 60000 WRITE"))
			calls := []<-chan answer{begin(t.Context(), b, "BLPOP", "{"+key+"}l", 0)}
			for range 5 {
				calls = append(calls, begin(t.Context(), b, "INCR", key))
			}
			multi := make(chan error, 1)
			go func() {
				_, err := b.DoMulti(t.Context(), znsocket.Cmd{"INCR", key}, znsocket.Cmd{"INCR", key})
				multi <- err
			}()
			awaitBlocked(t, []*peers.RedisServer{server}, len(calls)+1)

			server.Stop()
			requireLost := func(err error) {
				t.Helper()
				require.ErrorIs(t, err, znsocket.ErrDisconnected)
				require.ErrorContains(t, err, "znsocket: connection lost: redis://"+servers[0].Addr)
			}
			for _, call := range calls {
				requireLost((<-call).err)
			}
			requireLost(<-multi)
			requireLost((<-r.events).lost)
			_, err := b.Do(t.Context(), "GET", key)
			requireLost(err)
			var dial *net.OpError
			require.ErrorAs(t, err, &dial)
			require.Equal(t, "dial", dial.Op)
			requireLost(b.Publish(t.Context(), key, nil))
			_, err = b.Do(t.Context(), "BLPOP", "{"+key+"}l", 0)
			requireLost(err)
			_, err = b.DoMulti(t.Context(), znsocket.Cmd{"GET", key})
			requireLost(err)

			server.Start()
			if b.cluster != nil {
				server.WaitLog("Cluster state changed: ok")
			}
			for got := range r.events {
				if got.back {
					break
				}
			}
			publish(t, b, key, "back")
			require.Equal(t, event{channel: key, message: "back"}, <-r.events)
			require.Nil(t, do(t, b, "GET", key)) // nothing is saved
		})
	}
}

// The program goes on with the master that the sentinels choose.
func TestBackend_failover(t *testing.T) {
	master := peers.RedisTCP(t)
	host, port, err := net.SplitHostPort(master.Addr)
	require.NoError(t, err)
	replica := peers.RedisTCP(t, "--replicaof", host+" "+port, "--repl-diskless-sync-delay", "0")
	replica.WaitLog("MASTER <-> REPLICA sync: Finished with success")
	sentinel := peers.RedisSentinel(t, master, "main")
	sentinel.WaitLog("+slave slave " + replica.Addr)
	b := open(t, "redis://"+sentinel.Addr+"/1?master_name=main")
	r := newReceiver()
	defer subscribe(t, b, r, "c")()
	do(t, b, "SET", "k", "v")
	require.Equal(t, int64(1), do(t, b, "PUBLISH", "c", "before"))
	require.Equal(t, "before", (<-r.events).message)

	master.Stop()
	sentinel.WaitLog("+switch-master main")
	for {
		_, err := b.Do(t.Context(), "INCR", "n")
		if err == nil {
			break
		}
		var refused *znsocket.Error // READONLY
		require.True(t, errors.Is(err, znsocket.ErrDisconnected) || errors.As(err, &refused), "%v", err)
	}
	require.Contains(t, replica.Command("INFO replication"), "role:master")
	require.ErrorIs(t, (<-r.events).lost, znsocket.ErrDisconnected)
	require.Equal(t, event{back: true}, <-r.events)
	publish(t, b, "c", "after")
	require.Equal(t, "after", (<-r.events).message)
}

// So it does with the replica that takes a node's place in a cluster.
func TestBackend_clusterFailover(t *testing.T) {
	url, nodes := every[2].start(t)
	replica := peers.RedisClusterReplica(t, nodes[2])
	b := open(t, url)
	r := newReceiver()
	defer subscribe(t, b, r, "foo")()
	do(t, b, "SET", "foo", 1)

	nodes[2].Stop()
	replica.WaitLog("Failover election won: I'm the new master.")
	for {
		_, err := b.Do(t.Context(), "INCR", "foo")
		if err == nil {
			break
		}
		var refused *znsocket.Error // CLUSTERDOWN
		require.True(t, errors.Is(err, znsocket.ErrDisconnected) || errors.As(err, &refused), "%v", err)
	}
	require.ErrorIs(t, (<-r.events).lost, znsocket.ErrDisconnected)
	require.Equal(t, event{back: true}, <-r.events)
	publish(t, b, "foo", "after")
	require.Equal(t, "after", (<-r.events).message)
}

// A slot that goes to another node takes its keys and channels along.
func TestBackend_slotMoves(t *testing.T) {
	url, nodes := every[2].start(t)
	b := open(t, url)
	const key = "foo" // of slot 12182
	const slot = 12182
	from, to := nodes[2], nodes[0]
	id := func(s *peers.RedisServer) string { return s.Command("CLUSTER MYID")[5:45] }
	r := newReceiver()
	defer subscribe(t, b, r, key)()
	do(t, b, "SET", key, 1)
	do(t, b, "PING")

	// While the slot is on its way the node that gives it says who has the key.
	line := "CLUSTER SETSLOT " + strconv.Itoa(slot) + " "
	require.Equal(t, "+OK\r\n", to.Command(line+"IMPORTING "+id(from)))
	require.Equal(t, "+OK\r\n", from.Command(line+"MIGRATING "+id(to)))
	host, port, err := net.SplitHostPort(to.Addr)
	require.NoError(t, err)
	require.Equal(t, "+OK\r\n", from.Command("MIGRATE "+host+" "+port+" "+key+" 0 5000"))
	require.Equal(t, int64(2), do(t, b, "INCR", key))
	replies, err := b.DoMulti(t.Context(), znsocket.Cmd{"INCR", key}, znsocket.Cmd{"INCR", key})
	require.NoError(t, err)
	require.Equal(t, []znsocket.Reply{{Val: int64(3)}, {Val: int64(4)}}, replies)

	for _, node := range []*peers.RedisServer{to, from, nodes[1]} {
		require.Equal(t, "+OK\r\n", node.Command(line+"NODE "+id(to)))
	}
	require.Equal(t, int64(5), do(t, b, "INCR", key))
	replies, err = b.DoMulti(t.Context(), znsocket.Cmd{"INCR", key}, znsocket.Cmd{"INCR", key})
	require.NoError(t, err)
	require.Equal(t, []znsocket.Reply{{Val: int64(6)}, {Val: int64(7)}}, replies)
	replies, err = b.DoMulti(t.Context(), znsocket.Cmd{"INCR", key}, znsocket.Cmd{"SET", "another", 1})
	require.NoError(t, err)
	require.Equal(t, []znsocket.Reply{{Val: int64(8)}, {Val: "OK"}}, replies)
	do(t, b, "RPUSH", "{foo}l", "x")
	require.Equal(t, []any{"{foo}l", "x"}, do(t, b, "BLPOP", "{foo}l", 1))

	got := <-r.events
	require.ErrorContains(t, got.lost, "the slot of the channel is another's now")
	require.Equal(t, event{back: true}, <-r.events)
	publish(t, b, key, "moved")
	require.Equal(t, "moved", (<-r.events).message)
}
