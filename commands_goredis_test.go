package znsocket

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// TestCommands_asGoRedis makes calls by our methods on a Store and by go-redis' on a
// redis-server, in one history each: that they say the same shows that each option is
// sent as what it is called.
func TestCommands_asGoRedis(t *testing.T) {
	ctx := t.Context()
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: peers.Redis(t), DisableIdentity: true})
	t.Cleanup(func() { require.NoError(t, rdb.Close()) })
	s := newStore(t)
	for i, pair := range goRedisPairs {
		ours, theirs := pair[0], pair[1]
		want := reflect.ValueOf(rdb).MethodByName(theirs.method)
		got := reflect.ValueOf(s.Commands).MethodByName(ours.method)
		reply := want.Call(arguments(want.Type(), append([]any{ctx}, theirs.args...)))[0]
		result := reply.MethodByName("Result").Call(nil)
		out := got.Call(arguments(got.Type(), append([]any{ctx}, ours.args...)))

		theirErr, _ := result[len(result)-1].Interface().(error)
		ourErr, _ := out[len(out)-1].Interface().(error)
		if errors.Is(theirErr, redis.Nil) {
			theirErr = nil
			if len(out) > 1 && out[0].Kind() != reflect.Slice { // many are an empty list
				require.ErrorIs(t, ourErr, ErrNil, "line %d, %v", i, ours)
				continue
			}
		}
		if theirErr != nil {
			require.EqualError(t, ourErr, theirErr.Error(), "line %d, %v", i, ours)
			continue
		}
		require.NoError(t, ourErr, "line %d, %v", i, ours)
		if len(out) == 1 {
			continue
		}
		if out[0].Kind() == reflect.String { // which JSON may not hold
			require.Equal(t, result[0].Interface(), out[0].Interface(), "line %d, %v", i, ours)
			continue
		}
		// What go-redis has is read as what we have, by the names of the fields.
		text, err := json.Marshal(result[0].Interface())
		require.NoError(t, err)
		same := reflect.New(out[0].Type())
		require.NoError(t, json.Unmarshal(text, same.Interface()), "line %d, %v: %s", i, ours, text)
		wanted, _ := json.Marshal(steady(same.Elem().Interface()))
		had, _ := json.Marshal(steady(out[0].Interface()))
		if string(wanted) == "null" {
			wanted = []byte("[]")
		}
		require.Equal(t, string(wanted), string(had), "line %d, %v", i, ours)
	}
}

// steady leaves out what passes while it is looked at.
func steady(v any) any {
	switch v := v.(type) {
	case []XPendingExt:
		for i := range v {
			v[i].Idle = v[i].Idle.Truncate(time.Minute)
		}
	case []XInfoConsumer:
		for i := range v {
			v[i].Idle = v[i].Idle.Truncate(time.Minute)
		}
	case []XInfoGroup:
		for i := range v {
			v[i].EntriesRead = max(v[i].EntriesRead, 0) // as go-redis has what is not known
		}
	}
	return v
}

// same is a call that is spelled alike on both sides.
func same(method string, args ...any) [2]cmdLine {
	return [2]cmdLine{line(method, args...), line(method, args...)}
}

func differ(ours, theirs cmdLine) [2]cmdLine { return [2]cmdLine{ours, theirs} }

// paired has the arguments of one call in either's type.
func paired(method string, ours, theirs any) [2]cmdLine {
	return differ(line(method, ours), line(method, theirs))
}

var goRedisPairs = [][2]cmdLine{
	paired("XAdd", XAddArgs{Stream: "x", NoMkStream: true, Values: []any{"f", 1}}, &redis.XAddArgs{Stream: "x", NoMkStream: true, Values: []any{"f", 1}}),
	paired("XAdd", XAddArgs{Stream: "x", ID: "1-1", Values: []any{"f", 1, "g", "x"}}, &redis.XAddArgs{Stream: "x", ID: "1-1", Values: []any{"f", 1, "g", "x"}}),
	paired("XAdd", XAddArgs{Stream: "x", ID: "2-0", Values: []any{"f", 2}}, &redis.XAddArgs{Stream: "x", ID: "2-0", Values: []any{"f", 2}}),
	paired("XAdd", XAddArgs{Stream: "x", ID: "3-0", Values: []any{"f", 3}, MaxLen: 2}, &redis.XAddArgs{Stream: "x", ID: "3-0", Values: []any{"f", 3}, MaxLen: 2}),
	paired("XAdd", XAddArgs{Stream: "x", ID: "4-0", Values: []any{"f", 4}, MaxLen: 2, Approx: true, Limit: 9}, &redis.XAddArgs{Stream: "x", ID: "4-0", Values: []any{"f", 4}, MaxLen: 2, Approx: true, Limit: 9}),
	paired("XAdd", XAddArgs{Stream: "x", ID: "5-0", Values: []any{"f", 5}, MinID: "3"}, &redis.XAddArgs{Stream: "x", ID: "5-0", Values: []any{"f", 5}, MinID: "3"}),
	paired("XAdd", XAddArgs{Stream: "x", ID: "6-0", Values: []any{"f", 6}, MinID: "4", Approx: true}, &redis.XAddArgs{Stream: "x", ID: "6-0", Values: []any{"f", 6}, MinID: "4", Approx: true}),
	same("XRange", "x", "-", "+"), same("XRangeN", "x", "-", "+", 2), same("XRevRange", "x", "+", "-"), same("XRevRangeN", "x", "+", "-", 2),
	paired("XRead", XReadArgs{Streams: []string{"x", "4"}, Count: 1}, &redis.XReadArgs{Streams: []string{"x", "4"}, Count: 1, Block: -1}),
	paired("XRead", XReadArgs{Streams: []string{"x", "$"}, Block: time.Millisecond}, &redis.XReadArgs{Streams: []string{"x", "$"}, Block: time.Millisecond}),
	same("XGroupCreate", "x", "g", "0"), same("XGroupCreateMkStream", "mk", "g", "$"), same("XInfoGroups", "mk"),
	paired("XReadGroup", XReadGroupArgs{Group: "g", Consumer: "a", Streams: []string{"x", ">"}, Count: 3}, &redis.XReadGroupArgs{Group: "g", Consumer: "a", Streams: []string{"x", ">"}, Count: 3, Block: -1}),
	paired("XReadGroup", XReadGroupArgs{Group: "g", Consumer: "b", Streams: []string{"x", ">"}, NoAck: true}, &redis.XReadGroupArgs{Group: "g", Consumer: "b", Streams: []string{"x", ">"}, NoAck: true, Block: -1}),
	paired("XReadGroup", XReadGroupArgs{Group: "g", Consumer: "b", Streams: []string{"x", ">"}, Block: time.Millisecond}, &redis.XReadGroupArgs{Group: "g", Consumer: "b", Streams: []string{"x", ">"}, Block: time.Millisecond}),
	same("XPending", "x", "g"), same("XDel", "x", "3-0"),
	paired("XReadGroup", XReadGroupArgs{Group: "g", Consumer: "a", Streams: []string{"x", "0"}}, &redis.XReadGroupArgs{Group: "g", Consumer: "a", Streams: []string{"x", "0"}, Block: -1}),
	paired("XPendingExt", XPendingExtArgs{Stream: "x", Group: "g", Start: "-", End: "+", Count: 2}, &redis.XPendingExtArgs{Stream: "x", Group: "g", Start: "-", End: "+", Count: 2}),
	paired("XPendingExt", XPendingExtArgs{Stream: "x", Group: "g", Start: "-", End: "+", Count: 9, Consumer: "b"}, &redis.XPendingExtArgs{Stream: "x", Group: "g", Start: "-", End: "+", Count: 9, Consumer: "b"}),
	paired("XPendingExt", XPendingExtArgs{Stream: "x", Group: "g", Start: "-", End: "+", Count: 9, Idle: time.Hour}, &redis.XPendingExtArgs{Stream: "x", Group: "g", Start: "-", End: "+", Count: 9, Idle: time.Hour}),
	paired("XClaim", XClaimArgs{Stream: "x", Group: "g", Consumer: "c", MinIdle: time.Hour, Messages: []string{"4-0"}}, &redis.XClaimArgs{Stream: "x", Group: "g", Consumer: "c", MinIdle: time.Hour, Messages: []string{"4-0"}}),
	paired("XClaim", XClaimArgs{Stream: "x", Group: "g", Consumer: "c", Messages: []string{"4-0"}}, &redis.XClaimArgs{Stream: "x", Group: "g", Consumer: "c", Messages: []string{"4-0"}}),
	paired("XClaimJustID", XClaimArgs{Stream: "x", Group: "g", Consumer: "d", Messages: []string{"4-0"}}, &redis.XClaimArgs{Stream: "x", Group: "g", Consumer: "d", Messages: []string{"4-0"}}),
	same("XPending", "x", "g"), same("XInfoGroups", "x"), same("XInfoConsumers", "x", "g"), same("XInfoStream", "x"), same("XInfoStream", "absent"),
	same("XAck", "x", "g", "4-0"), same("XGroupSetID", "x", "g", "0"), same("XInfoGroups", "x"), same("XGroupCreateConsumer", "x", "g", "e"), same("XGroupDelConsumer", "x", "g", "a"), same("XGroupDestroy", "x", "g"),
	same("XTrimMaxLen", "x", 2), same("XTrimMaxLenApprox", "x", 1, 9), same("XTrimMinID", "x", "6"), same("XTrimMinIDApprox", "x", "7", 9), same("XLen", "x"),

	differ(line("GeoAdd", "geo", GeoLocation{Name: "Palermo", Longitude: 13.361389, Latitude: 38.115556}, GeoLocation{Name: "Catania", Longitude: 15.087269, Latitude: 37.502669}),
		line("GeoAdd", "geo", &redis.GeoLocation{Name: "Palermo", Longitude: 13.361389, Latitude: 38.115556}, &redis.GeoLocation{Name: "Catania", Longitude: 15.087269, Latitude: 37.502669})),
	same("GeoPos", "geo", "Palermo", "absent"), same("GeoDist", "geo", "Palermo", "Catania", "mi"), same("GeoDist", "geo", "Palermo", "absent", "mi"), same("GeoHash", "geo", "Palermo"),
	differ(line("GeoSearch", "geo", GeoSearchQuery{Longitude: 15, Latitude: 37, Radius: 200, Sort: "ASC"}), line("GeoSearch", "geo", &redis.GeoSearchQuery{Longitude: 15, Latitude: 37, Radius: 200, Sort: "ASC"})),
	differ(line("GeoSearch", "geo", GeoSearchQuery{Member: "Palermo", BoxWidth: 250, BoxHeight: 250, BoxUnit: "mi", Sort: "DESC", Count: 1}), line("GeoSearch", "geo", &redis.GeoSearchQuery{Member: "Palermo", BoxWidth: 250, BoxHeight: 250, BoxUnit: "mi", Sort: "DESC", Count: 1})),
	differ(line("GeoSearch", "geo", GeoSearchQuery{Member: "Catania", Radius: 200, Count: 1, CountAny: true}), line("GeoSearch", "geo", &redis.GeoSearchQuery{Member: "Catania", Radius: 200, Count: 1, CountAny: true})),
	differ(line("GeoSearchLocation", "geo", GeoSearchLocationQuery{GeoSearchQuery{Member: "Palermo", Radius: 200, RadiusUnit: "km", Sort: "ASC"}, true, true, true}),
		line("GeoSearchLocation", "geo", &redis.GeoSearchLocationQuery{GeoSearchQuery: redis.GeoSearchQuery{Member: "Palermo", Radius: 200, RadiusUnit: "km", Sort: "ASC"}, WithCoord: true, WithDist: true, WithHash: true})),
	differ(line("GeoSearchStore", "near", "geo", GeoSearchStoreQuery{GeoSearchQuery{Member: "Palermo", Radius: 200}, true}), line("GeoSearchStore", "geo", "near", &redis.GeoSearchStoreQuery{GeoSearchQuery: redis.GeoSearchQuery{Member: "Palermo", Radius: 200}, StoreDist: true})),
	same("ZRangeWithScores", "near", 0, -1),

	same("SetBit", "b", 9, 1), same("SetBit", "b", 2, 1), same("GetBit", "b", 9), differ(line("BitCount", "b"), line("BitCount", "b", (*redis.BitCount)(nil))),
	differ(line("BitCount", "b", ByteRange(0, 0)), line("BitCount", "b", &redis.BitCount{Start: 0, End: 0, Unit: "BYTE"})), differ(line("BitCount", "b", BitRange(3, 9)), line("BitCount", "b", &redis.BitCount{Start: 3, End: 9, Unit: "BIT"})),
	same("BitPos", "b", 1), differ(line("BitPos", "b", 1, ByteRange(1, -1)), line("BitPos", "b", 1, int64(1), int64(-1))), differ(line("BitPos", "b", 0, BitRange(2, 8)), line("BitPosSpan", "b", 0, 2, 8, "BIT")),
	differ(line("Set", "c", "\xf0"), line("Set", "c", "\xf0", 0)), same("BitOpAnd", "d", "b", "c"), same("Get", "d"), same("BitOpOr", "d", "b", "c"), same("Get", "d"), same("BitOpXor", "d", "b", "c"), same("Get", "d"), same("BitOpNot", "d", "c"), same("Get", "d"),
	same("BitField", "f", "SET", "u8", 0, 200, "GET", "i8", 0), differ(line("BitFieldRO", "f", "GET", "u4", 4), line("BitFieldRO", "f", "u4", 4)),
	same("PFAdd", "p", "a", "b"), same("PFAdd", "p", "a"), same("PFMerge", "q", "p"), same("PFCount", "p", "q"),

	same("RPush", "so", 3, 10, 2), same("MSet", "w_3", 1, "w_2", 2, "w_10", 3),
	differ(line("Sort", "so", Sort{Order: "DESC", Alpha: true, Offset: 1, Count: 1}), line("Sort", "so", &redis.Sort{Order: "DESC", Alpha: true, Offset: 1, Count: 1})),
	differ(line("SortRO", "so", Sort{By: "w_*", Get: []string{"#", "w_*"}}), line("SortRO", "so", &redis.Sort{By: "w_*", Get: []string{"#", "w_*"}})),
	differ(line("SortStore", "sd", "so", Sort{Count: 2}), line("SortStore", "so", "sd", &redis.Sort{Count: 2})), same("LRange", "sd", 0, -1),

	same("Dump", "c"), same("Restore", "e", time.Hour, dumped), same("Restore", "e", 0, dumped), same("RestoreReplace", "e", 0, dumped), same("Get", "e"), same("TTL", "e"),
	same("ObjectEncoding", "so"), same("ObjectIdleTime", "so"), same("ObjectRefCount", "so"), same("ObjectFreq", "so"),
	same("Eval", "return {KEYS[1], ARGV[1]}", []string{"k"}, "v"), same("EvalRO", "return redis.call('SET', KEYS[1], 1)", []string{"k"}), same("ScriptLoad", "return 1"), same("EvalSha", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", []string{}), same("EvalShaRO", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", []string{}),
	same("ScriptExists", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "x"), same("ScriptFlush"), same("ScriptKill"), same("Move", "c", 1), same("Exists", "c"), same("Get", "c"),

	same("RPush", "l", "a", "b", "a", "c", "d", "e"), differ(line("LPosCount", "l", "a", 0, Rank(-1)), line("LPosCount", "l", "a", 0, redis.LPosArgs{Rank: -1})),
	same("BLMove", "l", "m", "LEFT", "RIGHT", time.Second), same("BRPopLPush", "l", "m", time.Second), same("LRange", "m", 0, -1), same("BRPopLPush", "absent", "m", 10*time.Millisecond),
}

// What a command that waits takes has both the key and the value, in go-redis several results.
func TestCommands_popped(t *testing.T) {
	overRedisCommanders(t, func(t *testing.T, c Commands, ctx context.Context) {
		_, err := c.RPush(ctx, "l", "a", "b", "c", "d", "e")
		require.NoError(t, err)
		_, err = c.ZAdd(ctx, "z", member("m", 1), member("n", 2.5), member("o", 3))
		require.NoError(t, err)
		for _, each := range []struct {
			want any
			call func() (any, error)
		}{
			{Popped[string]{"l", "a"}, func() (any, error) { return c.BLPop(ctx, time.Second, "none", "l") }},
			{Popped[string]{"l", "e"}, func() (any, error) { return c.BRPop(ctx, time.Second, "none", "l") }},
			{Popped[[]string]{"l", []string{"d"}}, func() (any, error) { return c.BLMPop(ctx, time.Second, "RIGHT", 1, "none", "l") }},
			{Popped[[]string]{"l", []string{"b", "c"}}, func() (any, error) { return c.LMPop(ctx, "LEFT", 5, "none", "l") }},
			{Popped[Z]{"z", member("m", 1)}, func() (any, error) { return c.BZPopMin(ctx, time.Second, "none", "z") }},
			{Popped[Z]{"z", member("o", 3)}, func() (any, error) { return c.BZPopMax(ctx, time.Second, "none", "z") }},
			{Popped[[]Z]{"z", []Z{member("n", 2.5)}}, func() (any, error) { return c.BZMPop(ctx, time.Second, "MAX", 5, "none", "z") }},
		} {
			got, err := each.call()
			require.NoError(t, err)
			require.Equal(t, each.want, got)
		}
	})
}

// An entry that is pending but was deleted has no values, and is not taken over.
func TestCommands_pendingDeleted(t *testing.T) {
	overRedisCommanders(t, func(t *testing.T, c Commands, ctx context.Context) {
		for _, id := range []string{"1-0", "2-0"} {
			_, err := c.XAdd(ctx, XAddArgs{Stream: "x", ID: id, Values: []any{"f", id}})
			require.NoError(t, err)
		}
		require.NoError(t, c.XGroupCreate(ctx, "x", "g", "0"))
		_, err := c.XReadGroup(ctx, XReadGroupArgs{Group: "g", Consumer: "a", Streams: []string{"x", ">"}})
		require.NoError(t, err)
		_, err = c.XDel(ctx, "x", "1-0")
		require.NoError(t, err)
		got, err := c.XReadGroup(ctx, XReadGroupArgs{Group: "g", Consumer: "a", Streams: []string{"x", "0"}})
		require.NoError(t, err)
		left := XMessage{"2-0", map[string]string{"f": "2-0"}}
		require.Equal(t, []XStream{{"x", []XMessage{{"1-0", nil}, left}}}, got)
		claimed, err := c.XAutoClaim(ctx, XAutoClaimArgs{Stream: "x", Group: "g", Consumer: "b", Start: "0-0", Count: 1})
		require.NoError(t, err)
		require.Equal(t, XAutoClaimed{"2-0", []XMessage{}, []string{"1-0"}}, claimed)
		ids, err := c.XAutoClaimJustID(ctx, XAutoClaimArgs{Stream: "x", Group: "g", Consumer: "b", Start: claimed.Start})
		require.NoError(t, err)
		require.Equal(t, XAutoClaimedIDs{"0-0", []string{"2-0"}, []string{}}, ids)
	})
}

func overRedisCommanders(t *testing.T, test func(t *testing.T, c Commands, ctx context.Context)) {
	for _, each := range commanders {
		if each.Redis {
			t.Run(each.Name, func(t *testing.T) { test(t, NewCommands(each.Open(t)), t.Context()) })
		}
	}
}

// Without a Count all behind the Offset are given, which go-redis takes for none.
func TestCommands_Sort_offset(t *testing.T) {
	overRedisCommanders(t, func(t *testing.T, c Commands, ctx context.Context) {
		_, err := c.RPush(ctx, "l", 3, 1, 2)
		require.NoError(t, err)
		got, err := c.Sort(ctx, "l", Sort{Offset: 1})
		require.NoError(t, err)
		require.Equal(t, []string{"2", "3"}, got)
	})
}
