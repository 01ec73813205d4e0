package main

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// Python's Redis client and its ZnSocket client meet over the same data.
func TestCommand_redisPort(t *testing.T) {
	_, url, log := start(t, "--redis-port", "0", "--auth-token", "s3cret")
	line, err := log.ReadString('\n')
	require.NoError(t, err)
	redis := regexp.MustCompile(`redis://[0-9.:]+`).FindString(line)
	require.NotEmpty(t, redis, line)
	require.NoError(t, dial(t, url, token("s3cret")).Set(t.Context(), "k", "from a ZnSocket client"))
	out, err := exec.CommandContext(t.Context(), peers.Python(t), "-c", `
import sys, redis
for protocol in 2, 3:
    r = redis.Redis.from_url(sys.argv[1], password="s3cret", decode_responses=True, protocol=protocol)
    assert r.get("k") == "from a ZnSocket client"
    assert r.hset("h", mapping={"a": 1}) in (0, 1) and r.hgetall("h") == {"a": "1"}
    with r.pipeline() as p:
        p.watch("n")
        p.multi()
        p.incr("n")
        assert p.execute() == [protocol - 1]
    s = r.pubsub(ignore_subscribe_messages=False)
    s.subscribe("news")
    assert s.get_message(timeout=5)["type"] == "subscribe"
    assert r.publish("news", "hello") == 1
    assert s.get_message(timeout=5)["data"] == "hello"
    s.close()
    r.set("k", "from a ZnSocket client")
    assert r.info()["redis_version"].startswith("7.0."), r.info()
    assert r.client_list()[0]["name"] == "", r.client_list()
    assert [k for k in r.scan_iter()] and r.config_get("databases") == {"databases": "16"}
    r.close()
try:
    redis.Redis.from_url(sys.argv[1]).get("k")
    raise SystemExit("it lets everybody in")
except redis.exceptions.AuthenticationError:
    pass
`, redis).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestCommand_redisPort_mistakes(t *testing.T) {
	for _, args := range [][]string{{"--redis-port", "65536"}, {"--redis-port", "0", "--storage", "redis://127.0.0.1:1"}} {
		out, err := exec.Command(program, args...).CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(out), "--redis-port")
	}
	_, url, _ := start(t)
	port := url[strings.LastIndex(url, ":")+1:]
	out, err := exec.Command(program, "--port", "0", "--redis-port", port).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "--redis-port")
	require.Equal(t, 1, strings.Count(string(out), "\n"), "nothing was ready: %s", out)
}
