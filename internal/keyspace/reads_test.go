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
		mustDo(t, s, "XADD", "stream", n+"-1", "f", n)
	}
	mustDo(t, s, "XGROUP", "CREATE", "stream", "g", "0")
	mustDo(t, s, "XREADGROUP", "GROUP", "g", "c", "COUNT", "9", "STREAMS", "stream", ">")
	mustDo(t, s, "XDEL", "stream", "5-1", "150-1")
	// Clones share their nodes: reading must not copy them either.
	s.Atomically(0, func(func([]string) (any, error)) {
		db := s.dbs[0]
		db.put("list2", db.get("list").(*list).clone())
		db.put("zset2", db.get("zset").(*zset).clone())
		db.put("set2", db.get("set").(*set).clone())
		db.put("stream2", db.get("stream").(*stream).clone())
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
		{"XRANGE", "stream", "-", "+"}, {"XREVRANGE", "stream2", "200", "5"}, {"XREAD", "BLOCK", "0", "STREAMS", "stream", "$"},
		{"XREAD", "STREAMS", "stream", "stream2", "0", "250"}, {"XINFO", "STREAM", "stream2", "FULL"}, {"XINFO", "GROUPS", "stream"},
		{"GETBIT", "string", "77"}, {"BITCOUNT", "string", "3", "500", "BIT"}, {"BITPOS", "string", "0"}, {"BITFIELD_RO", "string", "GET", "u9", "#5"},
		{"SORT_RO", "list", "BY", "*", "GET", "#", "LIMIT", "3", "9"}, {"SORT_RO", "set"}, {"SORT_RO", "zset", "BY", "nosort"},
		{"GEOSEARCH", "zset", "FROMMEMBER", "7", "BYRADIUS", "100", "km", "WITHCOORD"}, {"GEODIST", "zset2", "1", "299"},
		{"DUMP", "list2"}, {"DUMP", "set2"}, {"DUMP", "zset2"}, {"DUMP", "string"}, {"DUMP", "stream2"}, {"TOUCH", "list"},
		{"OBJECT", "IDLETIME", "list"}, {"OBJECT", "ENCODING", "set2"}, {"MEMORY", "USAGE", "zset2"}, {"PFCOUNT", "none"},
		{"XINFO", "CONSUMERS", "stream2", "g"}, {"XPENDING", "stream", "g"}, {"XPENDING", "stream2", "g", "-", "+", "10", "c"},
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
