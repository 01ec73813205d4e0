package script

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/keyspace"
)

func eval(s *keyspace.Space, script string, args ...string) (any, error) {
	return s.Do(0, append([]string{"EVAL", script, "0"}, args...))
}

// A script that takes too much is ended, whatever it catches, and the next one runs
// as if nothing had been.
func TestLimits(t *testing.T) {
	few := Limits{Time: time.Minute, Steps: 2e6, Memory: 64 << 20, Text: 1 << 20, Kept: 1 << 20}
	for _, c := range []struct{ script, over string }{
		{"while true do end", "over the limit of"},
		{"for i = 1, 1e12 do end", "over the limit of"},
		{"while true do pcall(function() while true do end end) end", "over the limit of"},
		{"local function f() pcall(f) return f() end f()", "over the limit of"},
		{"coroutine.wrap(function() while true do end end)()", "over the limit of"},
		{"while true do coroutine.create(function() end) end", "over the limit"},
		{"local t = {} while true do t = {t} end", "over the limit"},
		{"while true do redis.call('PING') end", "over the limit of"},
		{"while true do redis.pcall('NOSUCH') end", "over the limit of"},
		{"local s = 'x' while true do s = s .. s end", "over the limit of"},
		{"local s = 'x' while true do s = s .. s .. s .. s .. s .. s end", "over the limit of"},
		{"local s = string.rep('x', 1e10)", "over the limit of"},
		{"local s = string.rep(string.rep('x', 1e6), 1e6)", "over the limit of"},
		{"local s, t = string.rep('x', 1e6), {} while true do t[#t + 1] = s .. #t end", "over the limit of"},
		{"local t = {} for i = 1, 1e9 do t[i] = i end", "over the limit"},
		{"local t = {} t[60000000] = 1", "over the limit of"},
		{"local t, x = {} t[60000000], x = 1", "over the limit of"},
		{"local t = {} rawset(t, 60000000, 1)", "over the limit of"},
		{"local t = {} table.insert(t, 60000000, 1)", "over the limit of"},
		{"local s = string.rep('a', 1e5) return s:find(string.rep('.-', 20) .. 'b')", "over the limit of"},
		{"return (string.rep('a', 1e3)):find('[' .. string.rep('b', 3e4) .. ']')", "over the limit of"},
		{"return (string.rep('a', 1e3)):find('%f[' .. string.rep('b', 3e4) .. ']')", "over the limit of"},
		{"return (string.rep('a', 1e3)):find('x*[' .. string.rep('b', 3e4) .. ']')", "over the limit of"},
		{"return (string.rep('a', 1e6)):gsub('a', string.rep('b', 1e5))", "over the limit of"},
		{"return table.concat({1, 2, 3, 4, 5, 6, 7, 8, 9}, string.rep('x', 3e7))", "over the limit of"},
		{"local t = {} for i = 1, 1e5 do t[i] = 1 end for i = 1, 1e6 do table.insert(t, 1, 1) end", "over the limit of"},
		{"local t = {} for i = 1, 1e5 do t[i] = i % 7 end while true do table.sort(t, function(a, b) return true end) end", "over the limit of"},
		{"local t = {} for i = 1, 40 do t = {t, t} end return t", "over the limit of"},
		{"local s, t = string.rep('x', 1e6), {} for i = 1, 100 do t[i] = s end return t", "over the limit of"},
		{"local s, t = string.rep('x', 1e6), {} for i = 1, 100 do t[i] = {err = s} end return t", "over the limit of"},
		{"local t = {} for i = 1, 40 do t = {t, t} end return cjson.encode(t)", "over the limit of"},
		{"local t = {} for i = 1, 15 do t = {t, t, t, t} end return cmsgpack.pack(t)", "over the limit of"},
		{"cmsgpack.unpack(string.rep('\\221\\255\\255\\255\\255', 100) .. string.rep('\\192', 1e7))", "over the limit of"},
		{"struct.pack('c0', string.rep('x', 1e8))", "over the limit of"},
		{"struct.pack('!2147483647' .. string.rep('xi', 1e5))", "power of 2"},
		{"local i = 0 load(function() i = i + 1 return string.rep(' ', 1e6) end)", "over the limit of"},
		{"while true do loadstring('return ' .. string.rep('(', 100) .. '1' .. string.rep(')', 100)) end", "over the limit of"},
		{"return string.format(string.rep('%99d', 1e5), 1)", "no value"},
		{"while true do redis.sha1hex(string.rep('x', 1e6)) end", "over the limit of"},
		{"for i = 1, 1e9 do redis.call('LRANGE', 'long', 0, -1) end", "over the limit of"},
	} {
		s := newSpace(t, few)
		for range 100 {
			require.NoError(t, must(s.Do(0, append([]string{"RPUSH", "long"}, strings.Fields(strings.Repeat("x ", 100))...))))
		}
		runtime.GC() // what the heap has now is where growing begins
		_, err := eval(s, "redis.call('SET', 'before', 'kept') "+c.script)
		require.ErrorContains(t, err, c.over, c.script)
		v, err := eval(s, "return redis.call('GET', 'before')")
		require.NoError(t, err)
		require.Equal(t, "kept", v, c.script)
	}
}

func must(_ any, err error) error { return err }

func TestLimits_time(t *testing.T) {
	limits := DefaultLimits
	limits.Time = time.Millisecond
	s := newSpace(t, limits)
	_, err := eval(s, "while true do end")
	require.EqualError(t, err, fmt.Sprintf("ERR user_script: the script is over the limit of 1ms, and was ended; what it has changed stays script: %s, on @user_script.", nameOf("while true do end")))
	_, err = eval(s, "local s, t = string.rep('x', 1e6), {} for i = 1, 100 do t[i] = s end return #table.concat(t)")
	require.ErrorContains(t, err, "over the limit of 1ms", "few steps, each of which takes long")
}

// Garbage is not what counts.
func TestLimits_garbage(t *testing.T) {
	limits := DefaultLimits
	limits.Memory = 64 << 20
	s := newSpace(t, limits)
	v, err := eval(s, "local s for i = 1, 300 do s = string.rep('x', 1e6) .. i end return #s")
	require.NoError(t, err)
	require.Equal(t, int64(1000003), v)
}

// Nothing that lies deep in itself has Go's stack overflow, which no program outlives.
func TestLimits_depth(t *testing.T) {
	s := newSpace(t, DefaultLimits)
	deep := func(begin, middle, end string, n int) string {
		return strings.Repeat(begin, n) + middle + strings.Repeat(end, n)
	}
	for _, script := range []string{
		"return " + deep("(", "1", ")", 100000), "return " + deep("{", "", "}", 100000), "return " + strings.Repeat("- ", 100000) + "1",
		"return " + strings.Repeat("not ", 100000) + "1", "return 1" + strings.Repeat("+1", 100000), "return 'a'" + strings.Repeat("..'a'", 100000),
		deep("do ", "", " end", 100000), deep("if true then ", "", " end", 50000), deep("local function f() ", "", " end ", 20000),
		"return a" + strings.Repeat(".a", 100000), "return a" + strings.Repeat("()", 100000), "return 1" + strings.Repeat("^1", 100000),
		"local function f() return 1 + f() end return f()", "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x",
		"local function f() return pcall(f) end return f()", "local function f() local ok, e = pcall(f) error(e, 0) end f()",
		"local function f() coroutine.wrap(f)() end f()", "local f f = function() return ('x'):gsub('x', f) end return f()",
		"local m = {} m.__concat = function(a, b) return a .. b end return setmetatable({}, m) .. 'x'",
		"local m = {} m.__add = function(a, b) return 'x' + b end return 'x' + setmetatable({}, m)",
		"local t = {} t[1] = t return t", "local t = {} t[1] = t return cjson.encode(t)",
		"return cmsgpack.unpack('" + strings.Repeat(`\145`, 100000) + "')", "return cjson.decode(string.rep('[', 1e5))",
		"cjson.decode_max_depth(1e6) return #cjson.decode(string.rep('[', 1e5))",
		"cjson.encode_max_depth(1e6) local t = {} for i = 1, 1e5 do t = {t} end return #cjson.encode(t)",
		"return (string.rep('a', 1e5)):find(string.rep('a?', 1e5))", "return (string.rep('a', 1e6)):match('(.-)b')", "return string.rep('(', 33):find(string.rep('(', 40))",
		"local t = setmetatable({}, {__index = function(t, i) return t end}) return unpack(t, 1, 5)",
		"error(setmetatable({}, {__tostring = function() error('x') end}))", "error(setmetatable({}, {__index = function() error('x') end}))",
		"table.sort({3, 2, 1}, function() error('x') end)", "return select(-1)", "return select(2^53, 1)", "return ('x'):rep(-2^63)", "return ('x'):sub(2^63, -2^63)", "return unpack({}, 2^53, 2^53 + 5)",
		"return string.char(2^40)", "return ('x'):byte(-2^63, 2^63)", "return table.concat({}, '', 2^53, 2^53 + 2)", "return cjson.encode({[2^53] = 1})", "return bit.lshift(1, 2^40)", "return math.ldexp(1, 2^40)",
		"return tostring(cjson)", "return #tostring(print == nil)", "coroutine.yield()", "return coroutine.wrap(coroutine.yield)(1)", "return coroutine.wrap(redis.call)('PING')", "return coroutine.wrap(pcall)(error)",
		"return pcall(coroutine.yield, 1)", "return coroutine.wrap(function() return pcall(coroutine.yield, 1) end)()", "return pcall(coroutine.wrap(function() coroutine.yield() end))", "local co = coroutine.wrap(function() return co() end) return co()",
		"local co co = coroutine.create(function() return coroutine.resume(co) end) return select(2, coroutine.resume(co))", "return next({}, {})", "return setmetatable({}, {__call = 1})()",
		"return loadstring('\\27Lua')", "return load(coroutine.yield)", "return xpcall(error, error)", "xpcall(error, function() error('again') end)", "return getmetatable('').__add", "return redis.call(setmetatable({}, {__tostring = function() return 'PING' end}))",
	} {
		before := runtime.NumGoroutine()
		_, err := eval(s, script)
		if err != nil {
			require.NotContains(t, err.Error(), "runtime error", "%.80s", script)
			require.NotContains(t, err.Error(), "interface conversion", "%.80s", script)
		}
		require.LessOrEqual(t, runtime.NumGoroutine(), before+2)
		v, err := eval(s, "return 'fine'")
		require.NoError(t, err)
		require.Equal(t, "fine", v, "%.80s", script)
	}
}

// A script may allow JSON of any depth, but Go's stack does not.
func TestLimits_jsonDepth(t *testing.T) {
	s := newSpace(t, DefaultLimits)
	for script, over := range map[string]string{
		"cjson.encode_max_depth(2^31 - 1) local t = {} t[1] = t return #cjson.encode(t)":                                 "Cannot serialise, excessive nesting (7998)",
		"cjson.encode_max_depth(2^31 - 1) local t = {} t.x = t return #cjson.encode(t)":                                  "Cannot serialise, excessive nesting (7998)",
		"cjson.decode_max_depth(2^31 - 1) return #cjson.decode(string.rep('[', 1e6) .. string.rep(']', 1e6))":            "Found too many nested data structures (7998)",
		`cjson.decode_max_depth(2^31 - 1) return #cjson.decode(string.rep('{"x":', 1e6) .. '1' .. string.rep('}', 1e6))`: "Found too many nested data structures (7998)",
	} {
		_, err := eval(s, script)
		require.ErrorContains(t, err, over, script)
	}
}

func TestEngine_keeps(t *testing.T) {
	e := New(Limits{Time: time.Second, Steps: 1000, Memory: 1 << 20, Text: 100, Kept: 1000})
	s := keyspace.New()
	s.SetScripting(e)
	script := func(i int) string { return fmt.Sprintf("return %d --%s", i, strings.Repeat("x", 50)) }
	for i := range 100 {
		_, err := eval(s, script(i))
		require.NoError(t, err)
	}
	require.True(t, e.Has(nameOf(script(99))))
	require.False(t, e.Has(nameOf(script(0))))
	require.Less(t, len(e.kept), 20)
	for i := range 10 {
		_, err := e.Load(script(i))
		require.NoError(t, err)
	}
	_, err := e.Load(script(0))
	require.NoError(t, err, "it is there")
	for i := 10; err == nil; i++ {
		require.Less(t, i, 30)
		_, err = e.Load(script(i))
	}
	require.ErrorContains(t, err, "limit of 1000")
	_, err = e.Load(strings.Repeat(" ", 101))
	require.ErrorContains(t, err, "limit of 100")
	for i := range 700 {
		_, err := eval(s, fmt.Sprint("return ", i))
		require.NoError(t, err)
	}
	require.True(t, e.Has(strings.ToUpper(nameOf(script(0)))), "it was loaded")
	e.Flush()
	require.Empty(t, e.kept)
	require.Empty(t, e.evals)
}

// Scripts that only read run side by side.
func TestEngine_concurrently(t *testing.T) {
	s := newSpace(t, DefaultLimits)
	done := make(chan error)
	for i := range 8 {
		go func() {
			var err error
			for n := range 100 {
				name := []string{"EVAL", "EVAL_RO"}[(i+n)%2]
				var v any
				v, err = s.Do(0, []string{name, "local t = {} for i = 1, 50 do t[i] = redis.call('GET', KEYS[1]) or ARGV[1] end return #t .. ARGV[1]", "1", "k", fmt.Sprint(n)})
				if err == nil && v != fmt.Sprint("50", n) {
					err = fmt.Errorf("got %v", v)
				}
				if err != nil {
					break
				}
			}
			done <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-done)
	}
}
