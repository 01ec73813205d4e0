package znsocket

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

func evalOf(script string, keys []string, args ...string) []any {
	cmd := []any{"EVAL", script, len(keys)}
	for _, key := range keys {
		cmd = append(cmd, key)
	}
	for _, arg := range args {
		cmd = append(cmd, arg)
	}
	return cmd
}

func TestStore_eval(t *testing.T) {
	s := newStore(t)
	v, err := s.Do(t.Context(), evalOf("redis.call('SET', KEYS[1], ARGV[1]) return {redis.call('GET', KEYS[1]), 2.9, {ok='fine'}}", []string{"k"}, "v")...)
	require.NoError(t, err)
	require.Equal(t, []any{"v", int64(2), "fine"}, v)

	_, err = s.Do(t.Context(), "EVALSHA", strings.Repeat("0", 40), "0")
	require.ErrorContains(t, err, "NOSCRIPT")
	replies, err := s.DoMulti(t.Context(), Cmd{"EVAL", "return {true, {double=1.5}, {map={a=1}}}", "0"}, Cmd{"GET", "k"})
	require.NoError(t, err)
	require.Equal(t, []any{int64(1), "1.5", []any{"a", int64(1)}}, replies[0].Val)
	require.Equal(t, "v", replies[1].Val)
}

func TestStore_eval_goRedis(t *testing.T) {
	s := newStore(t)
	rdb := redis.NewClient(&redis.Options{Dialer: s.DialRESP, Addr: "127.0.0.1:0"})
	defer rdb.Close()
	incr := redis.NewScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
	for want := range int64(3) {
		n, err := incr.Run(t.Context(), rdb, []string{"n"}, 1).Int64()
		require.NoError(t, err)
		require.Equal(t, want+1, n)
	}
	exists, err := rdb.ScriptExists(t.Context(), incr.Hash(), strings.Repeat("0", 40)).Result()
	require.NoError(t, err)
	require.Equal(t, []bool{true, false}, exists)
	require.NoError(t, rdb.ScriptFlush(t.Context()).Err())
	require.ErrorContains(t, incr.EvalSha(t.Context(), rdb, []string{"n"}, 1).Err(), "NOSCRIPT")
	require.NoError(t, incr.Load(t.Context(), rdb).Err())
	require.NoError(t, incr.EvalSha(t.Context(), rdb, []string{"n"}, 1).Err())
	cmds, err := rdb.TxPipelined(t.Context(), func(p redis.Pipeliner) error {
		p.Set(t.Context(), "a", "1", 0)
		incr.EvalSha(t.Context(), p, []string{"a"}, 5)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, int64(6), cmds[1].(*redis.Cmd).Val())
}

// What a script has changed is told, whatever its words say, also where it failed
// and whichever way it came.
func TestStore_eval_tellsWhatItChanged(t *testing.T) {
	const key = "znsocket.List:l"
	script := "redis.call('RPUSH', 'znsocket.' .. 'List:l', 'a') redis.call('LSET', 'znsocket.List:l', 0, 'b')"
	for name, run := range map[string]func(s *Store, script string) error{
		"Do": func(s *Store, script string) error {
			_, err := s.Do(t.Context(), "EVAL", script, "0")
			return err
		},
		"DoMulti": func(s *Store, script string) error {
			replies, err := s.DoMulti(t.Context(), Cmd{"EVAL", script, "0"})
			return errors.Join(err, replies[0].Err)
		},
		"quiet": func(s *Store, script string) error {
			_, err := s.quiet().run(t.Context(), []string{"EVAL", script, "0"})
			return err
		},
		"RESP": func(s *Store, script string) error {
			rdb := redis.NewClient(&redis.Options{Dialer: s.DialRESP, Addr: "127.0.0.1:0"})
			defer rdb.Close()
			return rdb.Eval(t.Context(), script, nil).Err()
		},
		"transaction": func(s *Store, script string) error {
			rdb := redis.NewClient(&redis.Options{Dialer: s.DialRESP, Addr: "127.0.0.1:0"})
			defer rdb.Close()
			_, err := rdb.TxPipelined(t.Context(), func(p redis.Pipeliner) error {
				p.Eval(t.Context(), script, nil)
				return nil
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			var heard ear
			s.attach(key, &heard)
			if err := run(s, script+" return 1"); err != nil {
				require.NoError(t, err)
			}
			require.Len(t, heard, 1)
			require.Equal(t, Refresh{Indices: []int{0}}, *heard[0].refresh)

			require.ErrorContains(t, run(s, script+" error('enough')"), "enough")
			require.Len(t, heard, 2)
		})
	}
}

// The script of objects does what the commands of the same names do.
func TestStore_eval_objectOps(t *testing.T) {
	sum := sha1.Sum([]byte(opsScript))
	require.Equal(t, opsScriptSum, hex.EncodeToString(sum[:]))
	native, scripted := newStore(t), newStore(t)
	run := func(s *Store, argv []string) string {
		v, err := s.run(context.Background(), argv)
		return fmt.Sprintf("%#v %v", plain(v), err)
	}
	d := rand.New(rand.NewPCG(1, 0))
	index := func() string { return strconv.Itoa(d.IntN(14) - 7) }
	values := func(n int) (list []string) {
		for range n {
			list = append(list, strconv.Itoa(d.IntN(100)))
		}
		return list
	}
	var pushed, swapped int
	for range 3000 {
		var argv []string
		n := d.IntN(4)
		switch slice := []string{index(), index(), []string{"1", "1", "2", "-1", "-2"}[d.IntN(5)]}; d.IntN(12) {
		case 0:
			argv = append([]string{"ZN.LSLICE", "l"}, slice...)
		case 1:
			argv = slices.Concat([]string{"ZN.LSETSLICE", "l"}, slice, values(n))
		case 2:
			argv = []string{"ZN.LSET", "l", index(), "set"}
		case 3:
			argv = append([]string{"ZN.LINSERT", "l", index()}, values(n+1)...)
		case 4:
			argv = []string{"ZN.LPOP", "l", index()}
		case 5:
			argv = append([]string{"ZN.LDEL", "l"}, slice...)
		case 6:
			argv = []string{"ZN.LDELAT", "l", index(), index()}
		case 7: // what is there, and sometimes not
			all, err := native.LRange(t.Context(), "l", 0, 2)
			require.NoError(t, err)
			known := append(slices.Clone(all), values(d.IntN(2))...)
			argv = slices.Concat([]string{"ZN.LSWAP", "l", "", strconv.Itoa(len(known)), "0", strconv.Itoa(min(1, len(known)))}, known, values(n))
			swapped++
		case 8:
			argv = []string{"ZN.HPOP", "h", strconv.Itoa(d.IntN(9))}
		case 9:
			argv = []string{"ZN.HDEL", "h", strconv.Itoa(d.IntN(9)), strconv.Itoa(d.IntN(9))}
		case 10:
			if d.IntN(10) > 0 {
				continue
			}
			argv = []string{"ZN.HCLEAR", "h"}
		case 11:
			pushed++
			for _, s := range []*Store{native, scripted} {
				run(s, append([]string{"RPUSH", "l"}, strconv.Itoa(pushed)))
				run(s, []string{"HSET", "h", strconv.Itoa(pushed % 9), "v"})
			}
			continue
		}
		want, got := run(native, argv), run(scripted, scriptOf(op{argv: argv}))
		require.Equal(t, want, got, "%q", argv)
		for _, read := range [][]string{{"LRANGE", "l", "0", "-1"}, {"HGETALL", "h"}} {
			require.Equal(t, run(native, read), run(scripted, read), "%q", argv)
		}
	}
	require.NotZero(t, swapped)
}
