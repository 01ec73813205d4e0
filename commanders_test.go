package znsocket

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// commanders is what the tests of objects and commands run over. Each open
// gives an empty Commander. The Python server is as good as it is: a List and a
// Dict have to do with what its store knows.
var commanders = []struct {
	name   string
	open   func(t *testing.T) Commander
	atomic bool // each change of an object is one step
	redis  bool // it knows every command of Redis
}{
	{"Store", openStore, true, true},
	{"Redis by RESP2", func(t *testing.T) Commander { return openRedis(t, 2) }, true, true},
	{"Redis by RESP3", func(t *testing.T) Commander { return openRedis(t, 3) }, true, true},
	{"Client of a Go server", openClient, true, true},
	{"Client of a Python server", func(t *testing.T) Commander { return dialTest(t, startPythonServer(t)) }, false, false},
}

func overCommanders(t *testing.T, test func(t *testing.T, c Commander)) {
	for _, each := range commanders {
		t.Run(each.name, func(t *testing.T) { test(t, each.open(t)) })
	}
}

func openStore(t *testing.T) Commander { return newStore(t) }

// newStore returns a Store whose inner state is checked after the test.
func newStore(t *testing.T) *Store {
	s := NewStore()
	t.Cleanup(func() { assert.NoError(t, s.space.Check()) })
	return s
}

func openClient(t *testing.T) Commander {
	_, addr := startServer(t)
	return dialTest(t, addr)
}

// openRedis starts a redis-server and makes a Commander of a go-redis client as
// the documentation of CommanderFunc says.
func openRedis(t *testing.T, protocol int) Commander {
	rdb := redis.NewClient(&redis.Options{
		Network: "unix", Addr: startRedis(t), Protocol: protocol, DisableIdentity: true, MaxRetries: -1,
	})
	t.Cleanup(func() { assert.NoError(t, rdb.Close()) })
	return CommanderFunc(func(ctx context.Context, args ...any) (any, error) {
		v, err := rdb.Do(ctx, args...).Result()
		if errors.Is(err, redis.Nil) {
			return nil, nil
		}
		return v, err
	})
}

// startRedis starts a redis-server and returns the path of its socket.
func startRedis(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("no redis-server to compare with: install Debian's package redis-server (7.0)")
	}
	dir, err := os.MkdirTemp("", "redis") // t.TempDir is too long a name for a socket
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "socket")
	server := exec.Command(program, "--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "no")
	log, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	var reading sync.WaitGroup
	t.Cleanup(func() {
		_ = server.Process.Kill()
		reading.Wait()
		_ = server.Wait()
	})
	lines := bufio.NewScanner(log)
	for ready := false; !ready; {
		require.True(t, lines.Scan(), "redis-server ended before it was ready")
		ready = strings.Contains(lines.Text(), "ready to accept connections")
	}
	reading.Go(func() { _, _ = io.Copy(io.Discard, log) })
	return socket
}
