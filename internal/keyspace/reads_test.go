package keyspace

import (
	"fmt"
	"sync"
	"testing"
)

// Commands that only read run at the same time as each other, so none of them
// may change what it reads: the race detector watches this test.
func TestReads_shareTheLock(t *testing.T) {
	s := New()
	for i := range 300 {
		n := fmt.Sprint(i)
		mustDo(t, s, "RPUSH", "list", n)
		mustDo(t, s, "SADD", "set", n)
		mustDo(t, s, "ZADD", "zset", n, n)
		mustDo(t, s, "APPEND", "string", n)
	}
	// Clones share their nodes: reading must not copy them either.
	s.Atomically(0, func(func([]string) (any, error)) {
		db := s.dbs[0]
		db.put("list2", db.get("list").(*list).clone())
		db.put("zset2", db.get("zset").(*zset).clone())
		db.put("set2", db.get("set").(*set).clone())
	})
	reads := [][]string{
		{"GET", "string"}, {"MGET", "string", "string"}, {"GETRANGE", "string", "1", "-2"}, {"LCS", "string", "string", "LEN"},
		{"LRANGE", "list", "10", "290"}, {"LRANGE", "list2", "0", "-1"}, {"LINDEX", "list2", "150"},
		{"LPOS", "list", "177", "RANK", "-1"}, {"ZN.LSLICE", "list", "", "", "-3"},
		{"SMEMBERS", "set"}, {"SRANDMEMBER", "set", "5"}, {"SRANDMEMBER", "set", "-5"}, {"SINTER", "set", "set2"},
		{"SUNION", "set", "set2"}, {"SDIFF", "set", "set2"}, {"SINTERCARD", "2", "set", "set2", "LIMIT", "9"},
		{"ZRANGE", "zset", "0", "-1", "REV"}, {"ZRANGE", "zset2", "5", "(100", "BYSCORE"}, {"ZRANK", "zset2", "7"},
		{"ZLEXCOUNT", "zset", "-", "+"}, {"ZUNION", "2", "zset", "set"}, {"ZINTER", "2", "zset2", "zset"},
		{"ZDIFF", "2", "zset", "set2"}, {"ZRANDMEMBER", "zset", "-7", "WITHSCORES"}, {"ZMSCORE", "zset", "1", "2"},
	}
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 3 {
				for _, words := range reads {
					_, err := s.Do(0, words)
					if err != nil {
						t.Errorf("%q: %v", words, err)
					}
				}
			}
		})
	}
	readers.Wait()
}
