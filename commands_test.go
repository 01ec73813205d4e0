package znsocket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// cmdLine is a call of a method of Commands. The expected results are written
// down nowhere: they are whatever they are over a real redis-server.
type cmdLine struct {
	method string
	args   []any
}

func member(name string, score float64) Z { return Z{Member: name, Score: score} }

func line(method string, args ...any) cmdLine { return cmdLine{method, args} }

// inYears is a time far enough away for a key to be there until the end.
var inYears = time.Date(2090, 1, 2, 3, 4, 5, 678e6, time.UTC)

// script calls every method of Commands. One line builds on those before it.
var script = []cmdLine{
	line("Ping"), line("Echo", "ü"), line("DBSize"), line("RandomKey"),
	line("Set", "k", "v"), line("RandomKey"), line("Get", "k"), line("Get", "absent"), line("Type", "k"), line("Type", "absent"),
	line("Set", "k", 1, NX()), line("Set", "k", 1.5, XX()), line("Set", "k", true, EX(time.Hour)), line("TTL", "k"),
	line("Set", "k", []byte{0, 255, 10}, KeepTTL()), line("Get", "k"), line("TTL", "k"), line("TTL", "absent"),
	line("Set", "k", uint8(7), ExpireAt(inYears)), line("ExpireTime", "k"), line("ExpireTime", "absent"),
	line("Persist", "k"), line("Persist", "k"), line("ExpireTime", "k"), line("TTL", "k"),
	line("SetGet", "k", int8(-3)), line("SetGet", "new", "x"), line("SetNX", "k", "no"), line("SetNX", "k2", "yes", EX(time.Hour)), line("TTL", "k2"),
	line("SetEx", "k3", "v", 90*time.Minute), line("TTL", "k3"), line("SetEx", "k3", "v", time.Duration(0)),
	line("Expire", "k", time.Hour), line("Expire", "k", 2*time.Hour, LT()), line("Expire", "k", 2*time.Hour, GT()), line("TTL", "k"),
	line("ExpireAt", "k", inYears), line("ExpireAt", "k", inYears, NX()), line("ExpireTime", "k"), line("ExpireAt", "absent", inYears),
	line("GetEx", "k"), line("GetEx", "k", EX(time.Minute)), line("TTL", "k"), line("GetEx", "k", Persist()), line("TTL", "k"), line("GetEx", "absent"),
	line("GetDel", "new"), line("GetDel", "new"), line("Expire", "k2", -time.Second), line("Exists", "k2"),
	line("MSet", "a", 1, "b", 2), line("MGet", "a", "absent", "b"), line("MSetNX", "b", 3, "c", 4), line("MSetNX", "c", 4), line("MSet", "odd"),
	line("Append", "a", "xyz"), line("StrLen", "a"), line("StrLen", "absent"), line("GetRange", "a", 1, -1), line("SetRange", "a", 6, "!"), line("Get", "a"),
	line("Incr", "n"), line("IncrBy", "n", 41), line("Decr", "n"), line("DecrBy", "n", -5), line("IncrByFloat", "n", 0.25), line("Incr", "n"), line("Incr", "a"),
	line("IncrByFloat", "a", 1), line("Set", "lcs", "xyz1"), line("LCS", "a", "lcs"),
	line("Exists", "a", "a", "absent"), line("Touch", "a", "b", "absent"), line("Keys", "*"), line("Keys", "[ab]"), line("DBSize"),
	line("Rename", "a", "a2"), line("Rename", "absent", "x"), line("RenameNX", "a2", "b"), line("RenameNX", "a2", "a"), line("Copy", "a", "b", false),
	line("Copy", "a", "b", true), line("Copy", "absent", "b", true), line("Get", "b"),
	line("Scan", uint64(0), "", 100), line("Scan", uint64(0), "k*", 100), line("ScanIter", ""), line("ScanIter", "[ab]"), line("ScanIter", "nothing"),
	line("Del", "a", "b", "absent"), line("Unlink", "c", "absent"),

	line("HSet", "h", "f", 1, "g", "x"), line("HSet", "h", "f", 2, "i", 3), line("HSet", "h", "odd"), line("HSetNX", "h", "f", 9), line("HSetNX", "h", "j", 9),
	line("HGet", "h", "f"), line("HGet", "h", "absent"), line("HGet", "absent", "f"), line("HMGet", "h", "f", "absent", "g"), line("HMGet", "absent", "f"),
	line("HGetAll", "h"), line("HGetAll", "absent"), line("HKeys", "h"), line("HKeys", "absent"), line("HVals", "h"), line("HLen", "h"), line("HExists", "h", "f"),
	line("HExists", "h", "absent"), line("HStrLen", "h", "g"), line("HIncrBy", "h", "f", 5), line("HIncrBy", "h", "g", 5), line("HIncrByFloat", "h", "f", 0.5),
	line("HRandField", "h", 100), line("HRandField", "absent", 1), line("HDel", "h", "f", "absent", "i"), line("HScanIter", "h", ""), line("HScanIter", "h", "g*"),
	line("HScanIter", "absent", ""), line("Get", "h"),

	line("RPush", "l", "a", "b", 3), line("LPush", "l", "x", "y"), line("RPushX", "l", "z"), line("LPushX", "absent", "z"), line("RPushX", "absent", "z"),
	line("LPushX", "l", "w"), line("LLen", "l"), line("LLen", "absent"), line("LIndex", "l", 1), line("LIndex", "l", -1), line("LIndex", "l", 99),
	line("LSet", "l", -1, "Z"), line("LSet", "l", 99, "Z"), line("LSet", "absent", 0, "Z"), line("LRange", "l", 0, -1), line("LRange", "l", 5, 1), line("LRange", "absent", 0, -1),
	line("LInsertBefore", "l", "a", "A"), line("LInsertAfter", "l", "a", "B"), line("LInsertAfter", "l", "absent", "B"), line("LInsertBefore", "absent", "a", "B"),
	line("LPos", "l", "a"), line("LPos", "l", "absent"), line("LPos", "l", "a", Rank(-1), MaxLen(0)), line("LPos", "l", "a", Rank(0)), line("LRem", "l", 0, "b"), line("LRem", "l", -1, "absent"),
	line("LPop", "l"), line("RPop", "l"), line("LPop", "absent"), line("RPop", "absent"), line("LPopCount", "l", 2), line("RPopCount", "l", 2), line("LPopCount", "absent", 2),
	line("LMove", "l", "l2", "LEFT", "RIGHT"), line("LMove", "absent", "l2", "LEFT", "RIGHT"), line("RPopLPush", "l", "l2"), line("RPopLPush", "absent", "l2"),
	line("LRange", "l2", 0, -1), line("LTrim", "l2", 0, 0), line("LRange", "l2", 0, -1), line("LTrim", "absent", 0, 1), line("LLen", "h"),

	line("SAdd", "s", "a", "b", 3, "a"), line("SAdd", "s2", "b", "c"), line("SRem", "s", 3, "absent"), line("SMembers", "s"), line("SMembers", "absent"), line("SIsMember", "s", "a"),
	line("SIsMember", "s", "z"), line("SMIsMember", "s", "a", "z"), line("SMIsMember", "absent", "a"), line("SCard", "s"), line("SCard", "absent"), line("SMove", "s", "s3", "a"), line("SMove", "s", "s3", "z"),
	line("SInter", "s", "s2"), line("SInter", "s", "absent"), line("SUnion", "s", "s2"), line("SDiff", "s2", "s"), line("SInterStore", "d", "s", "s2"), line("SUnionStore", "d", "s", "s2"),
	line("SDiffStore", "d", "s2", "s"), line("SInterCard", 0, "s", "s2"), line("SInterCard", 1, "s", "s2"), line("SRandMember", "s3"), line("SRandMember", "absent"), line("SRandMemberN", "s3", -3),
	line("SRandMemberN", "s2", 10), line("SScanIter", "s2", ""), line("SScanIter", "s2", "b"), line("SScanIter", "absent", ""), line("SPop", "s3"), line("SPop", "s3"), line("SPopN", "s2", 5), line("SPopN", "s2", 5),

	line("ZAdd", "z", member("a", 1), member("b", 2.5), member("c", -3), member("inf", inf)), line("ZAddWith", "z", []CmdOption{XX(), CH(), GT()}, member("a", 5), member("new", 1)),
	line("ZAddWith", "z", []CmdOption{LT()}, member("a", 1)), line("ZAddWith", "z", []CmdOption{NX(), XX()}, member("a", 1)), line("ZIncrBy", "z", 1.5, "a"), line("ZIncrBy", "z", -inf, "inf"),
	line("ZCard", "z"), line("ZCard", "absent"), line("ZCount", "z", "-inf", "(2.5"), line("ZCount", "z", "x", "1"), line("ZScore", "z", "a"), line("ZScore", "z", "absent"), line("ZScore", "absent", "a"),
	line("ZMScore", "z", "a", "absent", "inf"), line("ZRank", "z", "a"), line("ZRank", "z", "absent"), line("ZRevRank", "z", "a"),
	line("ZRange", "z", 0, -1), line("ZRange", "absent", 0, -1), line("ZRangeWithScores", "z", 0, -1), line("ZRangeWithScores", "absent", 0, -1), line("ZRevRange", "z", 0, 1), line("ZRevRangeWithScores", "z", 0, 1),
	line("ZRangeByScore", "z", "(-3", "+inf"), line("ZRangeByScore", "z", "-inf", "+inf", Limit(1, 2)), line("ZRangeByScoreWithScores", "z", "-inf", "3", Limit(0, -1)), line("ZRevRangeByScore", "z", "+inf", "0"),
	line("ZAdd", "lex", member("a", 0), member("b", 0), member("c", 0)), line("ZRangeByLex", "lex", "(a", "+"), line("ZRevRangeByLex", "lex", "+", "[b", Limit(0, 1)), line("ZLexCount", "lex", "-", "[b"),
	line("ZRangeStore", "zd", "z", 0, 1), line("ZRange", "zd", 0, -1), line("ZRandMember", "zd", 5), line("ZRandMember", "absent", 5),
	line("ZUnion", []string{"z", "lex"}, Weights(2, 0.5), Aggregate("MAX")), line("ZUnionStore", "zd", []string{"z", "lex"}), line("ZInter", []string{"z", "lex"}, Weights(1, 1)), line("ZInterStore", "zd", []string{"z", "lex"}, Aggregate("MIN")),
	line("ZInterCard", 0, "z", "lex"), line("ZDiff", "z", "lex"), line("ZDiff", "absent"), line("ZDiffStore", "zd", "z", "lex"), line("ZScanIter", "z", ""), line("ZScanIter", "z", "a*"), line("ZScanIter", "absent", ""),
	line("ZPopMin", "z", 1), line("ZPopMax", "z", 2), line("ZPopMin", "absent", 2), line("ZRem", "lex", "a", "absent"), line("ZRemRangeByRank", "lex", 0, 0), line("ZRemRangeByScore", "zd", "-inf", "(0"),
	line("ZRemRangeByLex", "lex", "-", "+"), line("ZRange", "lex", 0, -1), line("ZScore", "h", "a"), line("ZAdd", "h", member("a", 1)), line("ZAdd", "nan", member("a", nan)),

	line("RPush", "l", "a", "b", "a", "c", "a"), line("LPosCount", "l", "a", 0), line("LPosCount", "l", "a", 2, Rank(-1)), line("LPosCount", "l", "z", 0), line("LPosCount", "absent", "a", 0),
	line("LMPop", "LEFT", 2, "absent", "l"), line("LMPop", "RIGHT", 9, "l"), line("LMPop", "LEFT", 1, "absent"), line("LMPop", "UP", 1, "l"),
	line("HSet", "h1", "f", "v"), line("HRandFieldWithValues", "h1", -2), line("HRandFieldWithValues", "absent", 2),
	line("ZAdd", "zr", member("a", 1.5)), line("ZRandMemberWithScores", "zr", -2), line("ZRandMemberWithScores", "absent", 2),
	line("ZAdd", "zm", member("a", 1), member("b", 2), member("c", 3)), line("ZMPop", "MIN", 1, "absent", "zm"), line("ZMPop", "MAX", 5, "zm"), line("ZMPop", "MIN", 1, "absent"),

	line("RPush", "bl", "a", "b", "c", "d", "e", "f"), line("BLPop", time.Second, "absent", "bl"), line("BRPop", time.Duration(0), "bl"), line("BLMPop", time.Second, "LEFT", 2, "absent", "bl"),
	line("BLMove", "bl", "bl2", "LEFT", "RIGHT", time.Second), line("BRPopLPush", "bl", "bl2", time.Second), line("LRange", "bl2", 0, -1), line("BLPop", -time.Second, "bl"), line("BRPop", time.Millisecond, "absent"),
	line("BLPop", time.Nanosecond, "absent"), line("BLMPop", time.Millisecond, "LEFT", 1, "absent"), line("BLMove", "absent", "bl2", "LEFT", "RIGHT", time.Millisecond), line("BRPopLPush", "absent", "bl2", time.Millisecond),
	line("ZAdd", "bz", member("a", 1), member("b", inf), member("c", 2.5), member("d", 3)), line("BZPopMin", time.Second, "absent", "bz"), line("BZPopMax", time.Second, "bz"), line("BZMPop", time.Second, "MIN", 9, "absent", "bz"),
	line("BZPopMin", time.Millisecond, "absent"), line("BZPopMax", time.Millisecond, "absent"), line("BZMPop", time.Millisecond, "MAX", 1, "absent"), line("BLPop", time.Second, "h"),

	line("XAdd", XAddArgs{Stream: "x", NoMkStream: true, Values: []any{"f", 1}}), line("XAdd", XAddArgs{Stream: "x", ID: "1-1", Values: []any{"f", 1, "g", []byte{0, 255}, "f", 2}}),
	line("XAdd", XAddArgs{Stream: "x", ID: "1-1", Values: []any{"f", 1}}), line("XAdd", XAddArgs{Stream: "x", ID: "2", Values: []any{"f"}}), line("XAdd", XAddArgs{Stream: "x", ID: "2-0", Values: []any{"f", 1.5}, MaxLen: 10, Approx: true, Limit: 5}),
	line("XAdd", XAddArgs{Stream: "x", ID: "3-1", Values: []any{"", ""}, MinID: "1-1"}), line("XAdd", XAddArgs{Stream: "x", ID: "4-1", Values: []any{"f", "ü"}}), line("XLen", "x"), line("XLen", "absent"),
	line("XAdd", XAddArgs{Stream: "y", ID: "9-9", Values: []any{"f", true}}), line("XAdd", XAddArgs{Stream: "y", MaxLen: 1, MinID: "1", Values: []any{"f", true}}),
	line("XRange", "x", "-", "+"), line("XRange", "x", "(1-1", "3"), line("XRange", "absent", "-", "+"), line("XRange", "x", "?", "+"), line("XRangeN", "x", "-", "+", 1), line("XRevRange", "x", "+", "2"), line("XRevRangeN", "x", "+", "-", 2),
	line("XRead", XReadArgs{Streams: []string{"y", "absent", "x", "0", "0", "2"}, Count: 1}), line("XRead", XReadArgs{Streams: []string{"x", "$"}}), line("XRead", XReadArgs{Streams: []string{"x", "$"}, Block: time.Microsecond}),
	line("XRead", XReadArgs{Streams: []string{"x", "3"}, Block: -1}), line("XRead", XReadArgs{Streams: []string{"x"}}), line("XInfoStream", "x"), line("XInfoStream", "absent"), line("XInfoGroups", "x"),
	line("XGroupCreate", "x", "g", "0"), line("XGroupCreate", "x", "g", "0"), line("XGroupCreate", "absent", "g", "0"), line("XGroupCreateMkStream", "mk", "g", "$", EntriesRead(3)), line("XInfoStream", "mk"), line("XInfoGroups", "mk"), line("XInfoStreamFull", "mk", 0),
	line("XPending", "x", "g"), line("XReadGroup", XReadGroupArgs{Group: "g", Consumer: "c", Streams: []string{"x", ">"}, Count: 3}), line("XReadGroup", XReadGroupArgs{Group: "g", Consumer: "d", Streams: []string{"x", ">"}, Block: time.Millisecond}),
	line("XReadGroup", XReadGroupArgs{Group: "g", Consumer: "d", Streams: []string{"x", ">"}}), line("XReadGroup", XReadGroupArgs{Group: "none", Consumer: "d", Streams: []string{"x", ">"}}),
	line("XDel", "x", "1-1", "7"), line("XReadGroup", XReadGroupArgs{Group: "g", Consumer: "c", Streams: []string{"x", "0"}, NoAck: true}), line("XPending", "x", "g"), line("XPending", "x", "none"),
	line("XPendingExt", XPendingExtArgs{Stream: "x", Group: "g", Start: "-", End: "+", Count: 10}), line("XPendingExt", XPendingExtArgs{Stream: "x", Group: "g", Start: "-", End: "+", Count: 10, Consumer: "d"}),
	line("XPendingExt", XPendingExtArgs{Stream: "x", Group: "g", Idle: time.Hour, Start: "-", End: "+", Count: 10}), line("XInfoGroups", "x"), line("XInfoConsumers", "x", "g"), line("XInfoConsumers", "x", "none"), line("XInfoStreamFull", "x", 1), line("XInfoStreamFull", "absent", 1),
	line("XClaim", XClaimArgs{Stream: "x", Group: "g", Consumer: "d", Messages: []string{"1-1", "2-0"}}), line("XClaim", XClaimArgs{Stream: "x", Group: "g", Consumer: "d", MinIdle: time.Hour, Messages: []string{"3-1"}}),
	line("XClaimJustID", XClaimArgs{Stream: "x", Group: "g", Consumer: "d", Messages: []string{"3-1"}}), line("XDel", "x", "3-1"), line("XAutoClaim", XAutoClaimArgs{Stream: "x", Group: "g", Consumer: "c", Start: "0-0", Count: 1}),
	line("XAutoClaim", XAutoClaimArgs{Stream: "x", Group: "g", Consumer: "c", Start: "2-1"}), line("XAutoClaimJustID", XAutoClaimArgs{Stream: "x", Group: "g", Consumer: "c", Start: "0-0"}), line("XAutoClaimJustID", XAutoClaimArgs{Stream: "x", Group: "g", Consumer: "c", MinIdle: time.Hour, Start: "0-0"}),
	line("XAck", "x", "g", "2-0", "9"), line("XGroupCreateConsumer", "x", "g", "e"), line("XGroupCreateConsumer", "x", "g", "e"), line("XGroupDelConsumer", "x", "g", "d"), line("XGroupSetID", "x", "g", "0", EntriesRead(0)), line("XInfoGroups", "x"),
	line("XGroupDestroy", "x", "g"), line("XGroupDestroy", "x", "g"), line("XTrimMaxLen", "x", 1), line("XTrimMaxLenApprox", "x", 1, 10), line("XTrimMinID", "x", "4-1"), line("XTrimMinIDApprox", "x", "9", 10), line("XSetID", "x", "99-1"), line("XSetID", "x", "1"), line("XInfoStream", "x"), line("XLen", "h"),

	line("GeoAdd", "geo", GeoLocation{Name: "Palermo", Longitude: 13.361389, Latitude: 38.115556}, GeoLocation{Name: "Catania", Longitude: 15.087269, Latitude: 37.502669}), line("GeoAdd", "geo", GeoLocation{Name: "nowhere", Longitude: 200}),
	line("GeoPos", "geo", "Palermo", "absent", "Catania"), line("GeoPos", "absent", "a"), line("GeoDist", "geo", "Palermo", "Catania", "km"), line("GeoDist", "geo", "Palermo", "absent", "m"), line("GeoDist", "geo", "Palermo", "Catania", "furlong"),
	line("GeoHash", "geo", "Palermo", "absent"), line("GeoHash", "absent", "a"), line("GeoSearch", "geo", GeoSearchQuery{Longitude: 15, Latitude: 37, Radius: 200, Sort: "ASC"}), line("GeoSearch", "geo", GeoSearchQuery{Member: "Palermo", BoxWidth: 400, BoxHeight: 400, Sort: "DESC", Count: 1}),
	line("GeoSearch", "geo", GeoSearchQuery{Member: "absent", Radius: 1}), line("GeoSearch", "absent", GeoSearchQuery{Radius: 1, RadiusUnit: "m"}), line("GeoSearch", "geo", GeoSearchQuery{Member: "Palermo", Radius: 1, RadiusUnit: "m", Count: 1, CountAny: true}),
	line("GeoSearchLocation", "geo", GeoSearchLocationQuery{GeoSearchQuery: GeoSearchQuery{Member: "Palermo", Radius: 200000, RadiusUnit: "m", Sort: "ASC"}, WithCoord: true, WithDist: true, WithHash: true}),
	line("GeoSearchLocation", "geo", GeoSearchLocationQuery{GeoSearchQuery: GeoSearchQuery{Member: "Palermo", BoxWidth: 1, BoxHeight: 1, BoxUnit: "mi"}, WithHash: true}), line("GeoSearchLocation", "geo", GeoSearchLocationQuery{GeoSearchQuery: GeoSearchQuery{Member: "Palermo", Radius: 1}}),
	line("GeoSearchLocation", "absent", GeoSearchLocationQuery{GeoSearchQuery: GeoSearchQuery{Radius: 1}, WithCoord: true}), line("GeoSearchStore", "geod", "geo", GeoSearchStoreQuery{GeoSearchQuery{Member: "Palermo", Radius: 200}, true}), line("ZRangeWithScores", "geod", 0, -1),
	line("GeoSearchStore", "geod", "geo", GeoSearchStoreQuery{GeoSearchQuery: GeoSearchQuery{Member: "Palermo", Radius: 1}}), line("ZRangeWithScores", "geod", 0, -1),

	line("SetBit", "bits", 7, 1), line("SetBit", "bits", 7, 0), line("SetBit", "bits", 9, 1), line("SetBit", "bits", -1, 1), line("SetBit", "bits", 0, 2), line("GetBit", "bits", 9), line("GetBit", "bits", 1000), line("BitCount", "bits"), line("BitCount", "bits", ByteRange(0, 0)), line("BitCount", "bits", BitRange(8, -1)),
	line("BitCount", "absent"), line("BitPos", "bits", 1), line("BitPos", "bits", 0, ByteRange(1, -1)), line("BitPos", "bits", 1, BitRange(0, 3)), line("BitPos", "bits", 2), line("Set", "ones", []byte{255}), line("BitOpAnd", "bd", "bits", "ones"), line("BitOpOr", "bd", "bits", "ones"), line("Get", "bd"),
	line("BitOpXor", "bd", "bits", "ones"), line("BitOpNot", "bd", "ones"), line("Get", "bd"), line("BitField", "bf", "SET", "u8", 0, 200, "GET", "i8", 0, "OVERFLOW", "FAIL", "INCRBY", "u8", 0, 100), line("BitField", "bf", "SET", "u99", 0, 1), line("BitField", "bf"), line("BitFieldRO", "bf", "GET", "u4", "#1"), line("BitFieldRO", "bf", "SET", "u4", 0, 1),

	line("PFAdd", "pf", "a", "b", 3), line("PFAdd", "pf", "a"), line("PFAdd", "pf2", "c"), line("PFCount", "pf", "pf2", "absent"), line("PFMerge", "pfd", "pf", "pf2"), line("PFCount", "pfd"), line("PFCount", "k"),

	line("RPush", "so", 3, 10, 2), line("Sort", "so", Sort{}), line("Sort", "so", Sort{Order: "DESC", Alpha: true}), line("Sort", "so", Sort{Offset: 1}), line("Sort", "so", Sort{Count: 2}), line("Sort", "absent", Sort{}), line("MSet", "w_3", 1, "w_2", 2, "w_10", 3, "v_3", "three"),
	line("Sort", "so", Sort{By: "w_*", Get: []string{"#", "v_*"}}), line("SortRO", "so", Sort{By: "nosort", Offset: 1, Count: 1}), line("SortStore", "sod", "so", Sort{}), line("LRange", "sod", 0, -1), line("RPush", "so", "x"), line("Sort", "so", Sort{}),

	line("Set", "o", "v"), line("Dump", "o"), line("Dump", "absent"), line("Restore", "o2", time.Hour, dumped), line("Get", "o2"), line("TTL", "o2"), line("Restore", "o2", 0, dumped), line("RestoreReplace", "o2", 0, dumped), line("TTL", "o2"), line("Restore", "o3", 0, "garbage"),
	line("ObjectEncoding", "o"), line("ObjectEncoding", "absent"), line("ObjectFreq", "o"), line("ObjectIdleTime", "o"), line("ObjectIdleTime", "absent"), line("ObjectRefCount", "o"), line("MemoryUsage", "o", 5), line("MemoryUsage", "absent", 0),
	line("Move", "o", 1), line("Move", "o", 1), line("Get", "o"), line("SwapDB", 0, 1), line("Get", "o"), line("SwapDB", 0, 1), line("SwapDB", 0, 99), line("Move", "k", 0), line("Time"),

	line("Eval", "return {KEYS[1], ARGV[1], 1.9, true, false, {ok='fine'}}", []string{"k"}, 7), line("Eval", "return redis.call('GET', KEYS[1])", []string{"absent"}), line("Eval", "return {err='MY error'}", []string{}), line("Eval", "return redis.call('SET', KEYS[1], ARGV[1])", []string{"k"}, "scripted"), line("Get", "k"),
	line("EvalRO", "return redis.call('GET', KEYS[1])", []string{"k"}), line("EvalRO", "return redis.call('SET', 'k', 1)", []string{}), line("EvalSha", "0000000000000000000000000000000000000000", []string{}),
	line("ScriptLoad", "return ARGV[1]"), line("EvalSha", "098e0f0d1448c0a81dafe820f66d460eb09263da", []string{}, "x"), line("EvalShaRO", "098e0f0d1448c0a81dafe820f66d460eb09263da", []string{}, "x"), line("ScriptExists", "098e0f0d1448c0a81dafe820f66d460eb09263da", "no"),
	line("ScriptFlush"), line("ScriptExists", "098e0f0d1448c0a81dafe820f66d460eb09263da"), line("ScriptKill"),

	line("Pipelined", func(p *Pipeline) error { p.Set("p", 1); return nil }), line("Get", "p"),
	line("FlushDB"), line("DBSize"), line("Set", "k", "v"), line("FlushAll"), line("DBSize"),
}

// dumped is what a Redis 7.0 dumps of a key that has "v".
const dumped = "\x00\x01v\n\x00\x91\b\xce\xb2\x198\x8a\xce"

var inf, nan = math.Inf(1), math.NaN()

// TestCommands_sameAsRedis plays the script over every Commander that knows
// Redis's commands, one line at a time and all in a pipeline, and compares what
// came of each line.
func TestCommands_sameAsRedis(t *testing.T) {
	var names []string
	var results [][]string
	for _, each := range commanders {
		if !each.Redis {
			continue
		}
		names = append(names, each.Name)
		results = append(results, play(t, NewCommands(each.Open(t))))
		names = append(names, each.Name+", pipelined")
		results = append(results, playPipelined(t, NewCommands(each.Open(t))))
	}
	for i, line := range script {
		for k := range results {
			if results[k][i] != "" { // no pipeline has this line
				assert.Equal(t, results[0][i], results[k][i], "line %d, %s %v over %s, beside %s", i, line.method, line.args, names[k], names[0])
			}
		}
	}
}

func TestCommands_scriptCallsEach(t *testing.T) {
	called := map[string]bool{}
	for _, line := range script {
		called[line.method] = true
	}
	for _, method := range methodsOf(reflect.TypeFor[Commands]()) {
		assert.True(t, called[method], "nothing calls %s", method)
	}
}

// sameAs are the commands of the table that another one stands for, which a typed
// method sends.
var sameAs = map[string]string{
	"EXPIRE": "PEXPIRE", "EXPIREAT": "PEXPIREAT", "TTL": "PTTL", "EXPIRETIME": "PEXPIRETIME",
	"GETSET": "SET", "SETNX": "SET", "SETEX": "PSETEX", "SUBSTR": "GETRANGE", "HMSET": "HSET",
	"ZREVRANGE": "ZRANGE", "ZRANGEBYSCORE": "ZRANGE", "ZREVRANGEBYSCORE": "ZRANGE", "ZRANGEBYLEX": "ZRANGE", "ZREVRANGEBYLEX": "ZRANGE",
	"GEORADIUS": "GEOSEARCH", "GEORADIUS_RO": "GEOSEARCH", "GEORADIUSBYMEMBER": "GEOSEARCH", "GEORADIUSBYMEMBER_RO": "GEOSEARCH",
}

// untyped are the commands that Do sends, and no typed method: libraries of functions,
// and messages, which nobody hears but by the Redis protocol.
var untyped = map[string]bool{"FCALL": true, "FCALL_RO": true, "FUNCTION": true, "PUBLISH": true, "SPUBLISH": true}

// Every command of the table that is not ours alone has a typed method, and so has
// every subcommand that is about data.
func TestCommands_sendEach(t *testing.T) {
	s := newStore(t)
	sent := map[string]bool{}
	s.Intercept(func(_ context.Context, cmd Cmd) error {
		sent[cmd[0].(string)] = true
		if len(cmd) > 1 {
			sent[cmd[0].(string)+" "+fmt.Sprint(cmd[1])] = true
		}
		return nil
	})
	play(t, s.Commands)
	keyspace.Commands(func(c *keyspace.Command) {
		name := cmp.Or(sameAs[c.Name], c.Name)
		assert.True(t, sent[name] || untyped[c.Name] || c.Flags&keyspace.Internal != 0, "no method sends %s", c.Name)
	})
	for _, name := range []string{
		"OBJECT ENCODING", "OBJECT FREQ", "OBJECT IDLETIME", "OBJECT REFCOUNT", "MEMORY USAGE", "BITOP AND", "BITOP OR", "BITOP XOR", "BITOP NOT",
		"SCRIPT LOAD", "SCRIPT EXISTS", "SCRIPT FLUSH", "SCRIPT KILL", "XINFO STREAM", "XINFO GROUPS", "XINFO CONSUMERS",
		"XGROUP CREATE", "XGROUP SETID", "XGROUP DESTROY", "XGROUP CREATECONSUMER", "XGROUP DELCONSUMER",
	} {
		assert.True(t, sent[name], "no method sends %s", name)
	}
}

func methodsOf(t reflect.Type) []string {
	names := make([]string, t.NumMethod())
	for i := range names {
		names[i] = t.Method(i).Name
	}
	return names
}

func play(t *testing.T, c Commands) []string {
	results := make([]string, len(script))
	for i, line := range script {
		m := reflect.ValueOf(c).MethodByName(line.method)
		require.True(t, m.IsValid(), line.method)
		out := m.Call(arguments(m.Type(), append([]any{t.Context()}, line.args...)))
		results[i] = outcome(line.method, out)
	}
	return results
}

func playPipelined(t *testing.T, c Commands) []string {
	results := make([]string, len(script))
	futures := make([]reflect.Value, len(script))
	err := c.Pipelined(t.Context(), func(p *Pipeline) error {
		for i, line := range script {
			if m := reflect.ValueOf(p).MethodByName(line.method); m.IsValid() {
				futures[i] = m.Call(arguments(m.Type(), line.args))[0]
			} else if line.method == "Pipelined" {
				require.NoError(t, line.args[0].(func(*Pipeline) error)(p))
			}
		}
		return nil
	})
	require.EqualError(t, err, "ERR invalid expire time in 'psetex' command", "the first that is refused")
	for i, future := range futures {
		if future.IsValid() {
			results[i] = outcome(script[i].method, future.MethodByName("Result").Call(nil))
		}
	}
	return results
}

// arguments converts constants to the types that a method takes.
func arguments(method reflect.Type, args []any) []reflect.Value {
	values := make([]reflect.Value, len(args))
	for i, arg := range args {
		values[i] = reflect.ValueOf(arg)
		if i < method.NumIn()-1 || !method.IsVariadic() {
			values[i] = values[i].Convert(method.In(i))
		}
	}
	return values
}

// outcome writes results so that equal texts are equal results: what has no
// order is sorted, times to live are rounded up to seconds, random members that
// are more than there are counted.
func outcome(method string, out []reflect.Value) string {
	results := make([]any, len(out))
	for i := range out {
		results[i] = out[i].Interface()
	}
	switch v := results[0].(type) {
	case iter.Seq2[string, error]:
		results = collect(v)
	case iter.Seq2[[2]string, error]:
		results = collect(v)
	case iter.Seq2[Z, error]:
		results = collect(v)
	case ScanPage:
		slices.Sort(v.Keys)
	case []string:
		switch method {
		case "Keys", "HRandField", "SMembers", "SInter", "SUnion", "SDiff", "SRandMemberN", "SPopN", "ZRandMember":
			slices.Sort(v)
		}
	case struct{}: // what a Future has for a method that returns only an error
		results = results[1:]
	case time.Duration:
		if v > 0 {
			results[0] = (v + time.Second - 1).Truncate(time.Second)
		}
	case time.Time:
		results[0] = v.UTC()
		if method == "Time" {
			results[0] = time.Since(v).Abs() < time.Hour
		}
	case int64:
		if method == "MemoryUsage" || method == "ObjectRefCount" {
			results[0] = v > 0
		}
	case []*GeoPos:
		places := make([]GeoPos, len(v)) // the zero one where there is none
		for i := range v {
			if v[i] != nil {
				places[i] = *v[i]
			}
		}
		results[0] = places
	case []XPendingExt:
		for i := range v {
			v[i].Idle = v[i].Idle.Truncate(time.Minute)
		}
	case []XInfoConsumer:
		for i := range v {
			v[i].Idle = v[i].Idle.Truncate(time.Minute)
		}
	case XInfoStreamFull:
		recent := func(at *time.Time) { *at = time.Now().Add(-time.Since(*at)).Truncate(24 * 365 * time.Hour).UTC() }
		for _, g := range v.Groups {
			for i := range g.Pending {
				recent(&g.Pending[i].DeliveryTime)
			}
			for i := range g.Consumers {
				recent(&g.Consumers[i].SeenTime)
				for k := range g.Consumers[i].Pending {
					recent(&g.Consumers[i].Pending[k].DeliveryTime)
				}
			}
		}
	}
	if err, ok := results[len(results)-1].(error); ok {
		results[len(results)-1] = described(err)
	}
	return fmt.Sprintf("%#v", results)
}

func collect[T any](seq iter.Seq2[T, error]) []any {
	list, failure := []T{}, any(nil)
	for v, err := range seq {
		if err != nil {
			failure = err
			continue
		}
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return []any{list, failure}
}

// described is an error's text and which sentinels it matches.
func described(err error) string {
	text := err.Error()
	for name, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			text += " is " + name
		}
	}
	return text
}
