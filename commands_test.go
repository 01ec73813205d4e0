package znsocket

import (
	"cmp"
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

	line("Pipelined", func(p *Pipeline) error { p.Set("p", 1); return nil }), line("Get", "p"),
	line("FlushDB"), line("DBSize"), line("Set", "k", "v"), line("FlushAll"), line("DBSize"),
}

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
