package znsocket

import (
	"context"
	"errors"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"

	"github.com/znsocket/znsocket/internal/peers"
)

// commanders is what the tests of objects and commands run over. Each open
// gives an empty Commander. The Python server is as good as it is: a List and a
// Dict have to do with what its store knows.
var commanders = []CommanderUnderTest{
	{"Store", openStore, true, true},
	{"Redis by RESP2", func(t *testing.T) Commander { return openRedis(t, 2) }, true, true},
	{"Redis by RESP3", func(t *testing.T) Commander { return openRedis(t, 3) }, true, true},
	{"Client of a Go server", openClient, true, true},
	{"Client of a Python server", func(t *testing.T) Commander { return dialTest(t, startPythonServer(t)) }, false, false},
}

// CommanderUnderTest is a line of commanders.
type CommanderUnderTest struct {
	Name   string
	Open   func(t *testing.T) Commander
	Atomic bool // each change of an object is one step
	Redis  bool // it knows every command of Redis
}

// AddCommanders is for those that this package cannot open, as they import it;
// atEnd is called when all tests have run.
func AddCommanders(end func(), more ...CommanderUnderTest) {
	commanders = append(commanders, more...)
	atEnd = append(atEnd, end)
}

func overCommanders(t *testing.T, test func(t *testing.T, c Commander)) {
	for _, each := range commanders {
		t.Run(each.Name, func(t *testing.T) { test(t, each.Open(t)) })
	}
}

// overAtomic is overCommanders where each change of an object is one step.
func overAtomic(t *testing.T, test func(t *testing.T, c Commander)) {
	for _, each := range commanders {
		if each.Atomic {
			t.Run(each.Name, func(t *testing.T) { test(t, each.Open(t)) })
		}
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
		Network: "unix", Addr: peers.Redis(t), Protocol: protocol, DisableIdentity: true, MaxRetries: -1,
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
