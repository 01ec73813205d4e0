package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	kills    = flag.Int("kills", 4, "how often TestCommand_kill kills a server, for each policy")
	killSeed = flag.Uint64("kill-seed", 1, "when it does")
)

// The server is killed at random moments under load, again and again over the same
// data. Each time everything that was acknowledged is there, and nothing that was not
// sent.
func TestCommand_kill(t *testing.T) {
	for _, policy := range []string{"always", "everysec", "no"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			r := rand.New(rand.NewPCG(*killSeed, uint64(len(policy))))
			var clients []*loadClient
			for id := range 6 {
				clients = append(clients, &loadClient{id: id, dice: rand.New(rand.NewPCG(*killSeed, uint64(id)))})
			}
			sent := 0
			for range *kills {
				cmd, addr, log := startOver(t, dir, policy)
				check(t, addr, clients)
				var loading sync.WaitGroup
				enough := make(chan struct{})
				progress := make(chan struct{}, 1<<20)
				for _, c := range clients {
					loading.Go(func() { c.load(t, addr, progress) })
				}
				go func() {
					defer close(enough)
					for range 200 + r.IntN(3000) {
						<-progress
					}
				}()
				<-enough
				require.NoError(t, cmd.Process.Kill())
				loading.Wait()
				_, _ = io.Copy(io.Discard, log)
				_ = cmd.Wait()
			}
			_, addr, _ := startOver(t, dir, policy)
			check(t, addr, clients)
			for _, c := range clients {
				sent += c.sent
			}
			require.Greater(t, sent, 200**kills)
			t.Logf("%d writes, killed %d times", sent, *kills)
		})
	}
}

// startOver starts the server over a directory and returns where Redis clients connect.
func startOver(t *testing.T, dir, policy string) (cmd *exec.Cmd, addr string, log *bufio.Reader) {
	t.Helper()
	cmd, _, log = start(t, "--data", dir, "--sync", policy, "--redis-port", "0")
	return cmd, redisAddr(t, log), log
}

// redisAddr reads where Redis clients connect.
func redisAddr(t *testing.T, log *bufio.Reader) (addr string) {
	t.Helper()
	line, err := log.ReadString('\n')
	require.NoError(t, err)
	addr = strings.TrimPrefix(regexp.MustCompile(`redis://[0-9.:]+`).FindString(line), "redis://")
	require.NotEmpty(t, addr, line)
	return addr
}

// loadClient writes until the connection is lost. Each of its writes can be told from
// all others.
type loadClient struct {
	id   int
	dice *rand.Rand
	sent int

	counterSent, counterAcked int64
	listSent, listAcked       int                 // it appends 0, 1, 2, …
	strings                   map[string][]string // what may be at each key: the last is what was sent last
	acked                     map[string]bool     // whether that was acknowledged
	bothSent, bothAcked       int64               // changes of two keys that change together
}

func (c *loadClient) key(kind string) string { return fmt.Sprintf("%s:%d", kind, c.id) }

func (c *loadClient) load(t *testing.T, addr string, progress chan<- struct{}) {
	ctx := context.Background()
	rdb := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1, DialerRetries: 1, PoolSize: 1, DialTimeout: 10 * time.Second})
	defer rdb.Close()
	for {
		var err error
		if c.dice.IntN(200) == 0 {
			if err = rdb.BgSave(ctx).Err(); err != nil && err.Error() == "ERR Background save already in progress" {
				err = nil
			}
		}
		switch c.sent++; c.dice.IntN(6) {
		case 0:
			c.counterSent++
			var n int64
			if n, err = rdb.Incr(ctx, c.key("counter")).Result(); err == nil {
				c.counterAcked, c.counterSent = n, n
			}
		case 1, 2:
			err = c.set(ctx, rdb)
		case 3:
			err = c.push(ctx, rdb)
		case 4: // two keys that change together
			_, err = rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
				p.Incr(ctx, c.key("one"))
				p.LPush(ctx, c.key("two"), "x")
				return nil
			})
			c.both(err)
		case 5:
			err = rdb.Eval(ctx, `redis.call('INCR', KEYS[1]); return redis.call('LPUSH', KEYS[2], 'x')`, []string{c.key("one"), c.key("two")}).Err()
			c.both(err)
		}
		if err != nil {
			lost(t, err)
			return
		}
		progress <- struct{}{}
	}
}

func (c *loadClient) both(err error) {
	c.bothSent++
	if err == nil {
		c.bothAcked = c.bothSent
	}
}

// lost checks that an error is that of a lost connection.
func lost(t *testing.T, err error) {
	var network *net.OpError
	if !errors.Is(err, io.EOF) && !errors.As(err, &network) && !errors.Is(err, syscall.ECONNRESET) {
		assert.NoError(t, err)
	}
}

func (c *loadClient) set(ctx context.Context, rdb *redis.Client) error {
	if c.strings == nil {
		c.strings, c.acked = map[string][]string{}, map[string]bool{}
	}
	key := fmt.Sprintf("%s:%d", c.key("string"), c.dice.IntN(50))
	value := strconv.Itoa(c.sent) + strings.Repeat("x", c.dice.IntN(2000))
	c.strings[key] = append(c.strings[key], value)
	c.acked[key] = false
	if err := rdb.Set(ctx, key, value, 0).Err(); err != nil {
		return err
	}
	c.strings[key], c.acked[key] = []string{value}, true
	return nil
}

// push appends several elements in one pipeline.
func (c *loadClient) push(ctx context.Context, rdb *redis.Client) error {
	n := 1 + c.dice.IntN(20)
	p := rdb.Pipeline()
	for i := range n {
		p.RPush(ctx, c.key("list"), c.listSent+i)
	}
	c.listSent += n
	replies, err := p.Exec(ctx)
	for _, r := range replies {
		if r.Err() == nil {
			c.listAcked = int(r.(*redis.IntCmd).Val())
		}
	}
	return err
}

// check finds that what the clients have written is there, and makes what is there what
// they go on from.
func check(t *testing.T, addr string, clients []*loadClient) {
	t.Helper()
	ctx := t.Context()
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	defer rdb.Close()
	known := int64(0)
	for _, c := range clients {
		n, err := rdb.Get(ctx, c.key("counter")).Int64()
		if !errors.Is(err, redis.Nil) {
			require.NoError(t, err)
			known++
		}
		require.GreaterOrEqual(t, n, c.counterAcked)
		require.LessOrEqual(t, n, c.counterSent)
		c.counterAcked, c.counterSent = n, n

		for key, may := range c.strings {
			got, err := rdb.Get(ctx, key).Result()
			if errors.Is(err, redis.Nil) {
				require.False(t, c.acked[key] || len(may) > 1, "%s was acknowledged", key)
				delete(c.strings, key)
				continue
			}
			require.NoError(t, err)
			known++
			require.Contains(t, may, got)
			c.strings[key], c.acked[key] = []string{got}, true
		}

		list, err := rdb.LRange(ctx, c.key("list"), 0, -1).Result()
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(list), c.listAcked)
		require.LessOrEqual(t, len(list), c.listSent)
		for i, element := range list {
			require.Equal(t, strconv.Itoa(i), element)
		}
		c.listSent, c.listAcked = len(list), len(list)
		if len(list) > 0 {
			known++
		}

		one, err := rdb.Get(ctx, c.key("one")).Int64()
		if !errors.Is(err, redis.Nil) {
			require.NoError(t, err)
			known += 2
		}
		require.Equal(t, one, rdb.LLen(ctx, c.key("two")).Val(), "they change together")
		require.LessOrEqual(t, one, c.bothSent)
		require.GreaterOrEqual(t, one, c.bothAcked)
		c.bothSent, c.bothAcked = one, one
	}
	require.Equal(t, known, rdb.DBSize(ctx).Val(), "there is nothing else")
}

func TestCommand_data(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	cmd, addr, log := startOver(t, dir, "no")
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	require.NoError(t, rdb.Set(t.Context(), "k", "v", 0).Err())
	require.NoError(t, rdb.Close())
	out, err := exec.Command(program, "--data", dir, "--port", "0").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "--data")
	require.Contains(t, string(out), "it is in use already")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	_, _ = io.Copy(io.Discard, log)
	require.NoError(t, cmd.Wait())
	_, addr, _ = startOver(t, dir, "always")
	rdb = redis.NewClient(&redis.Options{Addr: addr})
	defer rdb.Close()
	require.Equal(t, "v", rdb.Get(t.Context(), "k").Val())
}

func TestCommand_data_mistakes(t *testing.T) {
	for args, want := range map[string]string{
		"--data d --storage redis://127.0.0.1:1": "--data",
		"--data d --sync sometimes":              "always, everysec or no",
		"--sync always":                          "--data",
		"--data main.go --port 0":                "main.go is not a directory",
	} {
		out, err := exec.Command(program, strings.Fields(args)...).CombinedOutput()
		require.Error(t, err, args)
		require.Contains(t, string(out), want)
		require.Equal(t, 1, strings.Count(string(out), "\n"), "one line: %s", out)
	}
}

// When the disk is full what would change data is refused, reads go on, and what was
// acknowledged is there afterwards.
func TestCommand_fullDisk(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("Windows has no limit on the size of a file to stand in for a full disk")
		return
	}
	ctx := t.Context()
	dir := filepath.Join(t.TempDir(), "data")
	limited := exec.Command("sh", "-c", `trap '' XFSZ; ulimit -f 100; exec "$0" "$@"`, program, "--port", "0", "--redis-port", "0", "--data", dir, "--sync", "always")
	_, log := run(t, limited)
	addr := redisAddr(t, log)
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	acked := 0
	var err error
	for err == nil && acked < 1000 {
		if err = rdb.Set(ctx, fmt.Sprint("k", acked), strings.Repeat("x", 1000), 0).Err(); err == nil {
			acked++
		}
	}
	require.ErrorContains(t, err, "MISCONF Errors writing to the AOF file")
	require.Positive(t, acked)
	require.ErrorContains(t, rdb.Incr(ctx, "n").Err(), "MISCONF")
	require.Equal(t, strings.Repeat("x", 1000), rdb.Get(ctx, "k0").Val())
	require.Contains(t, rdb.Info(ctx, "persistence").Val(), "aof_last_write_status:err")
	require.NoError(t, rdb.Close())
	require.NoError(t, limited.Process.Kill())
	_ = limited.Wait()

	_, addr, _ = startOver(t, dir, "always")
	rdb = redis.NewClient(&redis.Options{Addr: addr})
	defer rdb.Close()
	for i := range acked {
		require.NoError(t, rdb.Get(ctx, fmt.Sprint("k", i)).Err())
	}
	require.LessOrEqual(t, rdb.DBSize(ctx).Val(), int64(acked+1))
}
