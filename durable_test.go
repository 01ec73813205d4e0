package znsocket_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
)

func openStore(t *testing.T, dir string, opts ...znsocket.StoreOption) *znsocket.Store {
	t.Helper()
	s, err := znsocket.OpenStore(dir, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func saved(t *testing.T, s *znsocket.Store) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, s.Save(&b))
	return b.Bytes()
}

// copyDir copies a directory as it is now: what a program finds that comes after one
// that was killed at this moment.
func copyDir(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}

const library = "#!lua name=counters\nredis.register_function('count', function(keys) return redis.call('INCR', keys[1]) end)"

func TestOpenStore_keepsAll(t *testing.T) {
	ctx := t.Context()
	for _, policy := range []znsocket.SyncPolicy{znsocket.SyncAlways, znsocket.SyncEverySecond, znsocket.SyncNever} {
		dir := filepath.Join(t.TempDir(), "data")
		s := openStore(t, dir, znsocket.WithSync(policy))
		require.NoError(t, s.Set(ctx, "k", "v", znsocket.EX(time.Hour)))
		_, err := s.Do(ctx, "EVAL", `
			redis.call('SELECT', '3')
			for i = 1, 10 do redis.call('RPUSH', KEYS[1], i) end
			return redis.call('SPOP', 'none')`, 1, "list")
		require.NoError(t, err)
		_, err = s.DoMulti(ctx, znsocket.Cmd{"SADD", "s", 1, 2, 3, 4, 5}, znsocket.Cmd{"SPOP", "s", 3}, znsocket.Cmd{"XADD", "x", "*", "f", "v"})
		require.NoError(t, err)
		_, err = s.Do(ctx, "FUNCTION", "LOAD", "#!lua name=gone\nredis.register_function('f', function() return 1 end)")
		require.NoError(t, err)
		_, err = s.Do(ctx, "FUNCTION", "LOAD", library)
		require.NoError(t, err)
		_, err = s.Do(ctx, "FUNCTION", "DELETE", "gone")
		require.NoError(t, err)
		_, err = s.Do(ctx, "FCALL", "count", 1, "calls")
		require.NoError(t, err)
		l := znsocket.NewList[string](s, "list")
		require.NoError(t, l.Append(ctx, "a", "b"))
		require.NoError(t, l.Insert(ctx, 1, "between"))

		_, err = znsocket.OpenStore(dir)
		require.ErrorIs(t, err, znsocket.ErrInUse)
		killed := openStore(t, copyDir(t, dir))
		require.Equal(t, saved(t, s), saved(t, killed))

		require.NoError(t, s.Close())
		require.NoError(t, s.Close())
		require.ErrorContains(t, s.Set(ctx, "k", "late"), "MISCONF")
		v, err := s.Get(ctx, "k")
		require.NoError(t, err)
		require.Equal(t, "v", v, "it can be read still")
		again := openStore(t, dir)
		require.Equal(t, saved(t, killed), saved(t, again))
		n, err := again.Do(ctx, "FCALL", "count", 1, "calls")
		require.NoError(t, err)
		require.Equal(t, int64(2), n)
	}
}

// Libraries of functions are kept before that is acknowledged, as is what a script has
// changed that fails, and left alone where they cannot be kept.
func TestOpenStore_functions(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := openStore(t, dir)
	_, err := s.Do(ctx, "FUNCTION", "LOAD", library)
	require.NoError(t, err)
	killed := openStore(t, copyDir(t, dir))
	dump, err := s.Do(ctx, "FUNCTION", "DUMP")
	require.NoError(t, err)
	again, err := killed.Do(ctx, "FUNCTION", "DUMP")
	require.NoError(t, err)
	require.Equal(t, dump, again)

	_, err = s.Do(ctx, "EVAL", "redis.call('SET', 'k', 'v') error('after that')", 0)
	require.Error(t, err)
	v, err := openStore(t, copyDir(t, dir)).Get(ctx, "k")
	require.NoError(t, err, "it was set for all that")
	require.Equal(t, "v", v)

	require.NoError(t, s.Close())
	for _, cmd := range []znsocket.Cmd{
		{"FUNCTION", "LOAD", "REPLACE", library}, {"FUNCTION", "DELETE", "counters"}, {"FUNCTION", "FLUSH"}, {"FUNCTION", "RESTORE", dump, "FLUSH"},
	} {
		_, err := s.Do(ctx, cmd...)
		require.ErrorContains(t, err, "MISCONF", "%v", cmd)
	}
	left, err := s.Do(ctx, "FUNCTION", "DUMP")
	require.NoError(t, err)
	require.Equal(t, dump, left)
}

// A Store that was opened again and again, saved and left as by kill -9 holds what one
// does that only ran the same commands.
func TestOpenStore_model(t *testing.T) {
	ctx := t.Context()
	r := rand.New(rand.NewPCG(1, 2))
	model := znsocket.NewStore(znsocket.WithSeed(1))
	dir := t.TempDir()
	s := openStore(t, dir, znsocket.WithSync(znsocket.SyncNever))
	at := time.UnixMilli(1_800_000_000_000)
	for step := range 3000 {
		at = at.Add(time.Duration(r.IntN(1000)) * time.Millisecond)
		model.SetTime(at)
		s.SetTime(at)
		switch r.IntN(60) {
		case 0:
			dir = copyDir(t, dir)
			s = openStore(t, dir, znsocket.WithSync(znsocket.SyncNever))
		case 1:
			require.NoError(t, s.Close())
			s = openStore(t, dir, znsocket.WithSync(znsocket.SyncNever))
		case 2:
			_, err := redisOver(t, s).Do(ctx, "SAVE").Result()
			require.NoError(t, err)
		case 3:
			data := saved(t, model)
			require.NoError(t, s.Load(bytes.NewReader(data)))
		}
		s.SetTime(at)
		cmds := randomCommands(r)
		want, err := model.DoMulti(ctx, cmds...)
		require.NoError(t, err)
		got, err := s.DoMulti(ctx, cmds...)
		require.NoError(t, err)
		require.Equal(t, want, got, "step %d: %v", step, cmds)
	}
	require.Equal(t, contents(t, model), contents(t, s))
}

func redisOver(t *testing.T, s *znsocket.Store) *redis.Client {
	rdb := redis.NewClient(&redis.Options{Dialer: s.DialRESP, Addr: "127.0.0.1:0"})
	t.Cleanup(func() { rdb.Close() })
	return rdb
}

// contents are the dumps of all keys, with their deadlines.
func contents(t *testing.T, s *znsocket.Store) map[string]string {
	t.Helper()
	ctx := t.Context()
	all := map[string]string{}
	keys, err := s.Keys(ctx, "*")
	require.NoError(t, err)
	for _, key := range keys {
		dump, err := s.Do(ctx, "DUMP", key)
		require.NoError(t, err)
		at, err := s.Do(ctx, "PEXPIRETIME", key)
		require.NoError(t, err)
		all[key] = fmt.Sprintf("%v %q", at, dump)
	}
	return all
}

// randomCommands are a few commands of every type, some with a deadline and some in
// scripts. None throws dice.
func randomCommands(r *rand.Rand) []znsocket.Cmd {
	key := func(kind string) string { return kind + strconv.Itoa(r.IntN(4)) }
	n := func() int { return r.IntN(10) }
	var cmds []znsocket.Cmd
	for range 1 + r.IntN(4) {
		all := []znsocket.Cmd{
			{"SET", key("string"), n(), "PX", 1 + r.IntN(5000)}, {"SETNX", key("string"), n()}, {"INCR", key("string")}, {"APPEND", key("string"), n()},
			{"GETDEL", key("string")}, {"SETBIT", key("bits"), n(), n() % 2}, {"BITFIELD", key("bits"), "INCRBY", "u4", n(), 1},
			{"RPUSH", key("list"), n(), n()}, {"LPOP", key("list")}, {"LMOVE", key("list"), key("list"), "LEFT", "RIGHT"}, {"LTRIM", key("list"), 0, n()},
			{"BLPOP", key("list"), key("list"), 0}, {"SORT", key("list"), "STORE", key("list")},
			{"HSET", key("hash"), n(), n()}, {"HDEL", key("hash"), n()}, {"HINCRBYFLOAT", key("hash"), n(), 0.1},
			{"SADD", key("set"), n(), n()}, {"SREM", key("set"), n()}, {"SMOVE", key("set"), key("set"), n()}, {"SUNIONSTORE", key("set"), key("set"), key("set")},
			{"ZADD", key("zset"), n(), n()}, {"ZPOPMIN", key("zset")}, {"ZINTERSTORE", key("zset"), 2, key("zset"), key("set")}, {"GEOADD", key("geo"), n(), n(), n()},
			{"XADD", key("stream"), "*", n(), n()}, {"XTRIM", key("stream"), "MAXLEN", n()}, {"XGROUP", "CREATE", key("stream"), "g", "0", "MKSTREAM"},
			{"XREADGROUP", "GROUP", "g", n(), "COUNT", n(), "STREAMS", key("stream"), ">"}, {"XAUTOCLAIM", key("stream"), "g", n(), 100, 0},
			{"XACK", key("stream"), "g", "1800000000000-0"}, {"PFADD", key("hll"), n()}, {"PFCOUNT", key("hll")}, {"PFMERGE", key("hll"), key("hll")},
			{"EXPIRE", key("set"), n() / 2}, {"PEXPIRE", key("hash"), n() * 100}, {"PERSIST", key("string")}, {"GETEX", key("string"), "EX", n() + 1},
			{"RENAME", key("string"), key("string")}, {"COPY", key("hash"), key("hash"), "REPLACE"}, {"MOVE", key("list"), 1}, {"SWAPDB", 0, 2}, {"DEL", key("geo")},
			{"EVAL", `redis.call('INCR', KEYS[1]); redis.call('PEXPIRE', KEYS[1], ARGV[1]); return redis.call('RPUSH', KEYS[2], ARGV[1])`, 2, key("string"), key("list"), 1 + n()*300},
			{"EVAL", `redis.call('SELECT', '1'); redis.call('SET', KEYS[1], ARGV[1]); error('halfway')`, 1, key("string"), n()},
		}
		cmds = append(cmds, all[r.IntN(len(all))])
	}
	if r.IntN(300) == 0 {
		cmds = append(cmds, znsocket.Cmd{"FLUSHDB"})
	}
	return cmds
}

// What is served to one that waits is in the log when it is acknowledged, by whatever
// face, and each is acknowledged for itself.
func TestOpenStore_faces(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := openStore(t, dir, znsocket.WithSync(znsocket.SyncAlways))
	rdb := redisOver(t, s)
	popped := make(chan []string, 1)
	go func() {
		v, err := rdb.BLPop(ctx, 0, "none", "jobs").Result()
		assert.NoError(t, err)
		popped <- v
	}()
	require.Eventually(t, func() bool { return strings.Contains(rdb.Info(ctx, "clients").Val(), "blocked_clients:1") }, 10*time.Second, time.Millisecond)
	_, err := s.RPush(ctx, "jobs", "one", "two")
	require.NoError(t, err)
	require.Equal(t, []string{"jobs", "one"}, <-popped)

	_, err = rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "in", "a transaction", 0)
		p.Incr(ctx, "n")
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"jobs": contents(t, s)["jobs"], "in": contents(t, s)["in"], "n": contents(t, s)["n"]},
		contents(t, openStore(t, copyDir(t, dir))))
	require.NoError(t, rdb.Close())
}

// Everything that was acknowledged is in the directory at any moment, while saves run and
// many write.
func TestOpenStore_atAnyMoment(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := openStore(t, dir, znsocket.WithSync(znsocket.SyncNever))
	const writers = 4
	var acked [writers]struct {
		sync.Mutex
		n int64
	}
	stop, cancel := context.WithCancel(ctx)
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			rdb := redisOver(t, s)
			for stop.Err() == nil {
				n, err := rdb.Incr(ctx, fmt.Sprint("counter", w)).Result()
				if !assert.NoError(t, err) {
					return
				}
				acked[w].Lock()
				acked[w].n = n
				acked[w].Unlock()
			}
		})
	}
	rdb := redisOver(t, s)
	for range 20 {
		var least [writers]int64
		for w := range writers {
			acked[w].Lock()
			least[w] = acked[w].n
			acked[w].Unlock()
		}
		at := t.TempDir()
		for _, name := range inOrder(t, dir) { // the log last: what it is copied after is acknowledged before
			data, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(at, name), data, 0o600))
		}
		got := openStore(t, at, znsocket.WithStoreLogger(slog.New(slog.DiscardHandler)))
		for w := range writers {
			v, err := got.Do(ctx, "GET", fmt.Sprint("counter", w))
			require.NoError(t, err)
			n := int64(0)
			if text, ok := v.(string); ok {
				n, err = strconv.ParseInt(text, 10, 64)
				require.NoError(t, err)
			}
			require.GreaterOrEqual(t, n, least[w])
		}
		require.NoError(t, got.Close())
		require.NoError(t, rdb.Do(ctx, "SAVE").Err())
	}
	cancel()
	writing.Wait()
}

func inOrder(t *testing.T, dir string) []string {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A directory whose log has a torn end is opened, and it is said; one that is damaged
// elsewhere is not.
func TestOpenStore_damage(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := openStore(t, dir)
	require.NoError(t, s.Set(ctx, "a", "1"))
	require.NoError(t, s.Set(ctx, "b", "2"))
	require.NoError(t, s.Close())
	logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
	require.NoError(t, err)
	data, err := os.ReadFile(logs[0])
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(logs[0], data[:len(data)-1], 0o600))
	var said bytes.Buffer
	torn := openStore(t, dir, znsocket.WithStoreLogger(slog.New(slog.NewTextHandler(&said, nil))))
	require.Contains(t, said.String(), logs[0])
	keys, err := torn.Keys(ctx, "*")
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, keys)
	require.NoError(t, torn.Close())

	data[20] ^= 1
	require.NoError(t, os.WriteFile(logs[0], data, 0o600))
	_, err = znsocket.OpenStore(dir)
	var damage *znsocket.DamageError
	require.ErrorAs(t, err, &damage)
	require.Equal(t, logs[0], damage.File)
	require.Equal(t, int64(8), damage.Offset)
	require.ErrorContains(t, err, dir)
}

func TestStore_saveAndLoad(t *testing.T) {
	ctx := t.Context()
	s := znsocket.NewStore()
	require.NoError(t, s.Set(ctx, "k", "v"))
	data := saved(t, s)
	for _, other := range []*znsocket.Store{znsocket.NewStore(), openStore(t, t.TempDir())} {
		require.NoError(t, other.Set(ctx, "old", "v"))
		heard := make(chan znsocket.Refresh, 1)
		l := znsocket.NewList[string](other, "list")
		defer l.OnRefresh(func(r znsocket.Refresh) { heard <- r })()
		var wrong *znsocket.LoadError
		require.ErrorAs(t, other.Load(bytes.NewReader(data[:len(data)-1])), &wrong)
		require.ErrorIs(t, other.Load(strings.NewReader("text")), znsocket.ErrNotSaved)
		require.Contains(t, contents(t, other), "old")
		require.NoError(t, other.Load(bytes.NewReader(data)))
		require.Equal(t, contents(t, s), contents(t, other))
		require.True(t, (<-heard).Resync)
	}
}

// Going back to a snapshot is kept too.
func TestOpenStore_snapshot(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := openStore(t, dir)
	require.NoError(t, s.Set(ctx, "k", "v"))
	snap := s.Snapshot()
	require.NoError(t, s.Set(ctx, "k", "w"))
	require.NoError(t, snap.Restore())
	require.NoError(t, s.Set(ctx, "l", "after"))
	require.Equal(t, contents(t, s), contents(t, openStore(t, copyDir(t, dir))))
	require.NoError(t, s.Close())
	require.Error(t, snap.Restore())
}

func TestRESP_saving(t *testing.T) {
	ctx := t.Context()
	memory, disk := redisOver(t, znsocket.NewStore()), redisOver(t, openStore(t, t.TempDir()))
	for _, name := range []string{"SAVE", "BGSAVE", "BGREWRITEAOF"} {
		require.ErrorContains(t, memory.Do(ctx, name).Err(), "memory only")
	}
	require.Contains(t, memory.Info(ctx, "persistence").Val(), "aof_enabled:0")
	require.Contains(t, disk.Info(ctx, "persistence").Val(), "aof_enabled:1")
	require.Equal(t, map[string]string{"appendonly": "yes", "appendfsync": "everysec"}, disk.ConfigGet(ctx, "append*").Val())
	require.Equal(t, "no", memory.ConfigGet(ctx, "appendonly").Val()["appendonly"])
	before := disk.LastSave(ctx).Val()
	require.NotZero(t, before)
	require.Equal(t, "OK", disk.Save(ctx).Val())
	require.GreaterOrEqual(t, disk.LastSave(ctx).Val(), before)
	require.Equal(t, "Background saving started", disk.BgSave(ctx).Val())
	require.Eventually(t, func() bool { return strings.Contains(disk.Info(ctx, "persistence").Val(), "rdb_bgsave_in_progress:0") }, 10*time.Second, time.Millisecond)
	require.Equal(t, "Background append only file rewriting started", disk.BgRewriteAOF(ctx).Val())
	require.EqualError(t, disk.Do(ctx, "BGSAVE", "x").Err(), "ERR syntax error")
	_, err := disk.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Save(ctx)
		return nil
	})
	require.ErrorContains(t, err, "EXECABORT")
}

// Who saves again and again while nothing can be written leaves no trace of it.
func TestRESP_savingWhereNothingCanBeWritten(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := openStore(t, dir, znsocket.WithStoreLogger(slog.New(slog.DiscardHandler)))
	rdb := redisOver(t, s)
	const next = "00000000000000000002.log"
	require.NoError(t, os.Mkdir(filepath.Join(dir, next), 0o700))
	for range 20 {
		require.ErrorContains(t, rdb.Do(ctx, "SAVE").Err(), next)
	}
	require.ErrorContains(t, rdb.Do(ctx, "BGSAVE").Err(), next)
	require.ErrorContains(t, s.Set(ctx, "k", "v"), "MISCONF")
	require.NoError(t, os.Remove(filepath.Join(dir, next)))
	require.Eventually(t, func() bool { return rdb.Do(ctx, "SAVE").Err() == nil }, 10*time.Second, 10*time.Millisecond)
	names := inOrder(t, dir)
	require.Len(t, names, 3, "a segment and the snapshot before it, and the lock: %v", names)
	require.NoError(t, s.Set(ctx, "k", "v"))
	require.Equal(t, saved(t, s), saved(t, openStore(t, copyDir(t, dir))))
}

func TestRESP_appendfsync(t *testing.T) {
	for policy, want := range map[znsocket.SyncPolicy]string{
		znsocket.SyncAlways: "always", znsocket.SyncEverySecond: "everysec", znsocket.SyncNever: "no",
	} {
		rdb := redisOver(t, openStore(t, t.TempDir(), znsocket.WithSync(policy)))
		require.Equal(t, map[string]string{"appendfsync": want, "appendonly": "yes"}, rdb.ConfigGet(t.Context(), "append*").Val())
		require.ErrorContains(t, rdb.ConfigSet(t.Context(), "appendonly", "no").Err(), "immutable")
	}
	_, err := znsocket.OpenStore(t.TempDir(), znsocket.WithSync(3))
	require.ErrorContains(t, err, "SyncPolicy(3)")
}

// A log that has grown is written anew by itself.
func TestOpenStore_logStaysShort(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := openStore(t, dir, znsocket.WithSync(znsocket.SyncNever))
	rdb := redisOver(t, s)
	value := strings.Repeat("x", 1<<20)
	for range 100 {
		require.NoError(t, s.Set(ctx, "k", value))
	}
	size := func() (bytes int64) {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, e := range entries {
			if info, err := e.Info(); err == nil {
				bytes += info.Size()
			}
		}
		return bytes
	}
	require.Eventually(t, func() bool {
		return strings.Contains(rdb.Info(ctx, "persistence").Val(), "aof_rewrite_in_progress:0") && size() < 64<<20
	}, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, contents(t, s), contents(t, openStore(t, copyDir(t, dir))))
}

// What has expired is deleted in the log, and a key that was given another time after the
// last save is not.
func TestOpenStore_expiry(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := openStore(t, dir)
	at := time.Now().Add(-time.Hour) // what ends an hour ago is over when it is opened again
	s.SetTime(at)
	for _, key := range []string{"over", "kept", "later"} {
		require.NoError(t, s.Set(ctx, key, "v", znsocket.EX(time.Second)))
	}
	require.NoError(t, redisOver(t, s).Save(ctx).Err())
	_, err := s.Persist(ctx, "kept")
	require.NoError(t, err)
	_, err = s.Do(ctx, "PEXPIRE", "later", time.Duration(2*time.Hour).Milliseconds())
	require.NoError(t, err)
	s.Advance(time.Minute)
	s.SetTime(at) // a clock that goes back brings nothing back
	_, err = s.Get(ctx, "over")
	require.ErrorIs(t, err, znsocket.ErrNil)
	_, err = s.Do(ctx, "SETNX", "over", "w")
	require.NoError(t, err)
	got := openStore(t, copyDir(t, dir))
	require.Equal(t, contents(t, s), contents(t, got))
}

// A key whose time ended while the Store was closed is deleted in the log as well: else
// what takes its place would find it there.
func TestOpenStore_expiredWhileClosed(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := openStore(t, dir)
	s.SetTime(time.Now().Add(-time.Hour))
	require.NoError(t, s.Set(ctx, "k", "old", znsocket.EX(time.Second)))
	require.NoError(t, s.Close())
	s = openStore(t, dir)
	v, err := s.Do(ctx, "SETNX", "k", "new")
	require.NoError(t, err)
	require.Equal(t, int64(1), v)
	got, err := openStore(t, copyDir(t, dir)).Get(ctx, "k")
	require.NoError(t, err)
	require.Equal(t, "new", got)
}
