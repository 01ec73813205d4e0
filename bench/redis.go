package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/znsocket/znsocket"
)

// redisBenchmark is redis-benchmark with 50 clients, which send so many commands at a
// time, over 100,000 keys: how many a second.
func redisBenchmark(addr, command string, pipeline int, d time.Duration) (float64, error) {
	_, port, _ := strings.Cut(addr, ":")
	run := func(n int) (float64, error) {
		out, err := exec.Command("redis-benchmark", "-p", port, "-c", "50", "-n", strconv.Itoa(n),
			"-P", strconv.Itoa(pipeline), "-t", command, "-r", "100000", "--csv").Output()
		if err != nil {
			return 0, err
		}
		lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
		fields := strings.Split(string(lines[len(lines)-1]), `"`)
		if len(fields) < 4 {
			return 0, fmt.Errorf("redis-benchmark said %q", out)
		}
		return strconv.ParseFloat(fields[3], 64)
	}
	if _, err := redisBenchmarkFill(addr); err != nil {
		return 0, err
	}
	speed, err := run(50_000)
	if err != nil {
		return 0, err
	}
	return run(int(speed * d.Seconds()))
}

// redisBenchmarkFill has all keys be there that redis-benchmark asks for.
func redisBenchmarkFill(addr string) (any, error) {
	c := redis.NewClient(&redis.Options{Addr: addr})
	defer c.Close()
	return c.Pipelined(context.Background(), func(p redis.Pipeliner) error {
		for i := range 100_000 {
			p.Set(context.Background(), fmt.Sprintf("key:%012d", i), "xxx", 0)
		}
		return nil
	})
}

// contents are what memory is measured with: n entries, so many to a key.
type contents struct {
	n, each int
	command func(key, i string) []any
}

var (
	smallStrings = contents{1_000_000, 1, func(key, i string) []any { return []any{"SET", key, "value:" + i} }}
	smallHashes  = contents{1_000_000, 10, func(key, i string) []any { return []any{"HSET", key, "field:" + i, "value:" + i} }}
	largeHash    = contents{1_000_000, 1_000_000, smallHashes.command}
	smallLists   = contents{1_000_000, 10, func(key, i string) []any { return []any{"RPUSH", key, "value:" + i} }}
	largeList    = contents{1_000_000, 1_000_000, smallLists.command}
	smallZsets   = contents{1_000_000, 10, func(key, i string) []any { return []any{"ZADD", key, i, "member:" + i} }}
	largeZset    = contents{1_000_000, 1_000_000, smallZsets.command}
)

// fill gives the commands to do, some at a time.
func (c contents) fill(do func(cmds [][]any) error) error {
	var cmds [][]any
	for i := range c.n {
		cmds = append(cmds, c.command("key:"+strconv.Itoa(i/c.each), strconv.Itoa(i)))
		if len(cmds) == 10_000 || i == c.n-1 {
			if err := do(cmds); err != nil {
				return err
			}
			cmds = cmds[:0]
		}
	}
	return nil
}

// bytesEach is how much memory an entry takes: in a Store in this process where there is
// no address, else in the Redis there.
func (c contents) bytesEach(addr string) (float64, error) {
	ctx := context.Background()
	if addr == "" {
		store := znsocket.NewStore()
		before := heap()
		err := c.fill(func(cmds [][]any) error {
			for _, cmd := range cmds {
				if _, err := store.Do(ctx, cmd...); err != nil {
					return err
				}
			}
			return nil
		})
		after := heap()
		runtime.KeepAlive(store)
		return float64(after-before) / float64(c.n), err
	}
	client := redis.NewClient(&redis.Options{Addr: addr})
	defer client.Close()
	before, err := usedMemory(ctx, client)
	if err != nil {
		return 0, err
	}
	err = c.fill(func(cmds [][]any) error {
		_, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, cmd := range cmds {
				p.Do(ctx, cmd...)
			}
			return nil
		})
		return err
	})
	if err != nil {
		return 0, err
	}
	after, err := usedMemory(ctx, client)
	return float64(after-before) / float64(c.n), err
}

// heap is what is in use of it.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func usedMemory(ctx context.Context, c *redis.Client) (int64, error) {
	info, err := c.Info(ctx, "memory").Result()
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(info, "used_memory:")
	text, _, _ := strings.Cut(rest, "\r")
	return strconv.ParseInt(text, 10, 64)
}
