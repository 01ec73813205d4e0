package script

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// lib is a library with a body.
func lib(name, body string) string { return "#!lua name=" + name + "\n" + body }

// TestFunctions compares libraries, their functions and what is wrong with them.
func TestFunctions(t *testing.T) {
	counter := lib("counter", `local n = 0
redis.register_function("next", function(keys, args) n = n + 1 return {n, keys, args, KEYS == nil} end)`)
	reader := lib("reader", `redis.register_function{function_name="Read", callback=function(keys) return redis.call("GET", keys[1]) end,
 flags={"allow-stale", "no-writes", "allow-oom"}, description="reads a key"}`)
	writer := lib("writer", `redis.register_function("write", function(keys, args) return redis.call("SET", keys[1], args[1]) end)`)
	for _, revision := range []string{"2", "3"} {
		t.Run("RESP"+revision, func(t *testing.T) {
			both := newBoth(t, revision)
			for _, argv := range [][]string{
				{"FUNCTION"}, {"FUNCTION", "LIST"}, {"FUNCTION", "STATS"}, {"FUNCTION", "NOSUCH"}, {"FUNCTION", "HELP"}, {"FUNCTION", "HELP", "x"},
				{"FUNCTION", "LOAD"}, {"FUNCTION", "LOAD", counter}, {"FUNCTION", "LOAD", counter}, {"FUNCTION", "LIST"}, {"FUNCTION", "LIST", "WITHCODE"},
				{"FCALL", "next", "1", "k", "a"}, {"FCALL", "NEXT", "0"}, {"FCALL_RO", "next", "0"}, {"FUNCTION", "LOAD", "replace", counter}, {"FCALL", "next", "2", "a", "b"},
				{"FCALL", "next"}, {"FCALL", "next", "x"}, {"FCALL", "next", "-1"}, {"FCALL", "next", "1"}, {"FCALL", "nosuch", "x"}, {"FCALL_RO", "nosuch", "0"}, {"FCALL", "", "0"},
				{"FUNCTION", "LOAD", "x", counter}, {"FUNCTION", "LOAD", "REPLACE"}, {"FUNCTION", "DELETE", "nosuch"}, {"FUNCTION", "DELETE"}, {"FUNCTION", "DELETE", "counter"}, {"FCALL", "next", "0"},
				{"FUNCTION", "LOAD", reader}, {"SET", "k", "v"}, {"FCALL_RO", "read", "1", "k"}, {"FCALL", "Read", "1", "k"}, {"FUNCTION", "LIST", "LIBRARYNAME", "re*"}, {"FUNCTION", "LIST", "LIBRARYNAME", "x*"},
				{"FUNCTION", "LIST", "WITHCODE", "LIBRARYNAME", "reader"}, {"FUNCTION", "LIST", "LIBRARYNAME"}, {"FUNCTION", "LIST", "WITHCODE", "WITHCODE"}, {"FUNCTION", "LIST", "x"},
				{"FUNCTION", "LOAD", writer}, {"FCALL", "write", "1", "k", "w"}, {"FCALL_RO", "write", "1", "k", "w"}, {"GET", "k"}, {"FUNCTION", "STATS"}, {"FUNCTION", "KILL"}, {"FUNCTION", "KILL", "x"},
				{"EVAL", "return redis.call('FCALL', 'write', 0)", "0"}, {"EVAL", "return redis.call('FUNCTION', 'LIST')", "0"}, {"EVAL", "return redis.register_function", "0"},
				{"MULTI"}, {"FCALL", "write", "1", "k", "in"}, {"FUNCTION", "STATS"}, {"FUNCTION", "LOAD", writer}, {"GET", "k"}, {"EXEC"},
				{"FUNCTION", "FLUSH", "x"}, {"FUNCTION", "FLUSH", "SYNC", "x"}, {"FUNCTION", "FLUSH", "async"}, {"FUNCTION", "LIST"}, {"FUNCTION", "FLUSH"},
				{"FUNCTION", "RESTORE"}, {"FUNCTION", "RESTORE", "x"}, {"FUNCTION", "RESTORE", "x", "y"}, {"FUNCTION", "RESTORE", "x", "y", "z"}, {"FUNCTION", "DUMP"},
			} {
				both.same(argv...)
			}
		})
	}
}

// TestFunctions_wrong compares what is said of libraries that cannot be loaded.
func TestFunctions_wrong(t *testing.T) {
	both := newBoth(t, "2")
	for _, code := range []string{
		"", "return 1", "#!lua name=x", "#!", "#!\n", "#!js name=x\n", "#!lua\n", "#!lua name=a name=b\n", "#!lua foo=a\n", "#!lua name=a foo\n", "#!lua name\n", "#!lua name=\n", "#!lua name=a-b\n",
	} {
		both.same("FUNCTION", "LOAD", code)
	}
	for _, body := range []string{
		"", "return 1", "return =", "error('x')", "local x = pairs", "local x = nosuch", "x = 1", "redis.y = 1", "redis.call('GET', 'k')", "redis.sha1hex('x')",
		"redis.log()", "redis.log(1, 2)", "local x = redis.REDIS_VERSION + nil", "local x = _G", "local x = KEYS",
		"redis.register_function()", "redis.register_function('a')", "redis.register_function('a', 'b')", "redis.register_function('a-b', function() end)", "redis.register_function('', function() end)",
		"redis.register_function({}, 1)", "redis.register_function('x', function() end, 1)", "redis.register_function('x', function() end) redis.register_function('x', function() end)",
		"redis.register_function('x', function() end) local y = nosuch",
		"redis.register_function{}", "redis.register_function{function_name='x'}", "redis.register_function{callback=function() end}", "redis.register_function{function_name='x', callback=1}",
		"redis.register_function{function_name={}, callback=function() end}", "redis.register_function{function_name='a b', callback=function() end}", "redis.register_function{function_name='x', callback=function() end, flags=1}",
		"redis.register_function{function_name='x', callback=function() end, flags={'z'}}", "redis.register_function{function_name='x', callback=function() end, flags={1}}",
		"redis.register_function{function_name='x', callback=function() end, description={}}", "redis.register_function{function_name='x', callback=function() end, other=1}",
		"redis.register_function{function_name='x', callback=function() end, [1]=1}", "redis.register_function(1, function() end)",
	} {
		both.same("FUNCTION", "LOAD", lib("a", body))
		both.same("FUNCTION", "LIST")
	}
	both.same("FUNCTION", "LOAD", lib("b", `redis.register_function("1", function() end)`))
}

// TestFunctions_run compares what functions find, and how they fail.
func TestFunctions_run(t *testing.T) {
	both := newBoth(t, "2")
	for i, body := range []string{
		`error("boom")`, `error({err="E x"})`, `return redis.call("nosuch")`, `return redis.pcall("nosuch")`, `return redis.register_function("y", function() end)`,
		`return redis.error_reply("My err")`, `x = 1`, `return KEYS[1]`, `return ARGV`, `local t = {} for k in pairs(redis) do t[#t+1] = k end table.sort(t) return t`,
		`local t = {} for k in pairs(_G) do t[#t+1] = k end table.sort(t) return t`, `return {...}`, `return redis.sha1hex("x")`, `return cjson.encode({1})`,
		`return redis.call("FCALL", "f1", 0)`, `return redis.call("EVAL", "return 1", 0)`, `return nosuch`, `redis.setresp(3) return redis.call("HGETALL", "h")`,
		`return pcall(error, "x")`, `local a = nil; return a.b`, `return string.rep("a", 3) .. {}`,
	} {
		name := fmt.Sprint("f", i)
		both.same("FUNCTION", "LOAD", lib("l"+name, "\nredis.register_function('"+name+"', function(...)\n"+body+"\nend)"))
		both.same("FCALL", name, "1", "k", "a")
	}
}

// A dump is loaded here and in Redis alike, whichever of them made it.
func TestFunctions_dumpAndRestore(t *testing.T) {
	both := newBoth(t, "2")
	long := lib("long", "redis.register_function('long', function() return 1 end)"+strings.Repeat("-- comment\n", 50))
	both.same("FUNCTION", "LOAD", long)
	dump := func(p *peer) string {
		_, text, _ := strings.Cut(p.do("FUNCTION", "DUMP"), "\r\n")
		return strings.TrimSuffix(text, "\r\n")
	}
	ours, theirs := dump(both.ours), dump(both.redis)
	require.Equal(t, theirs, ours)
	other := lib("other", "redis.register_function('other', function() return 2 end)")
	same := lib("another", "redis.register_function('long', function() return 3 end)")
	for _, argv := range [][]string{
		{"FUNCTION", "RESTORE", theirs}, {"FUNCTION", "RESTORE", theirs, "append"}, {"FUNCTION", "RESTORE", theirs, "REPLACE"}, {"FUNCTION", "LIST", "WITHCODE"},
		{"FUNCTION", "LOAD", other}, {"FUNCTION", "RESTORE", theirs, "FLUSH"}, {"FUNCTION", "LIST"}, {"FCALL", "other", "0"}, {"FCALL", "long", "0"},
		{"FUNCTION", "FLUSH"}, {"FUNCTION", "LOAD", same}, {"FUNCTION", "RESTORE", theirs, "REPLACE"}, {"FUNCTION", "LIST"}, {"FCALL", "long", "0"},
	} {
		both.same(argv...)
	}
}

// What would fill the memory, or run for ever, ends.
func TestFunctions_limits(t *testing.T) {
	limits := DefaultLimits
	limits.Steps, limits.Text, limits.Kept = 100_000, 200, 300
	s := newSpace(t, limits)
	load := func(code string) error {
		_, err := s.Do(0, []string{"FUNCTION", "LOAD", code})
		return err
	}
	require.ErrorContains(t, load(lib("a", "while true do end")), "over the limit of 100000 steps")
	require.ErrorContains(t, load(lib("a", strings.Repeat("-", 200))), "over the limit of 200")
	require.NoError(t, load(lib("a", "redis.register_function('a', function() while true do end end)"+strings.Repeat(" ", 100))))
	require.ErrorContains(t, load(lib("b", "redis.register_function('b', function() end)"+strings.Repeat(" ", 100))), "over the limit of 300")
	_, err := s.Do(0, []string{"FCALL", "a", "0"})
	require.EqualError(t, err, "ERR user_function: the script is over the limit of 100000 steps, and was ended; what it has changed stays script: a, on @user_function.")
	_, err = s.Do(0, []string{"FCALL", "a", "0"})
	require.Error(t, err)
}

// fullDisk is a log that takes nothing.
type fullDisk struct{}

func (fullDisk) Append([]byte) {}
func (fullDisk) Err() error    { return errors.New("no space left on device") }

// While nothing can be kept no library is loaded or forgotten, but functions are called.
func TestFunctions_cannotBeKept(t *testing.T) {
	space := newSpace(t, DefaultLimits)
	_, err := space.Do(0, []string{"FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 'x' end)"})
	require.NoError(t, err)
	space.SetLog(fullDisk{})
	for _, argv := range [][]string{
		{"FUNCTION", "LOAD", "#!lua name=m\nredis.register_function('g', function() return 1 end)"},
		{"FUNCTION", "DELETE", "l"}, {"FUNCTION", "FLUSH"},
	} {
		_, err = space.Do(0, argv)
		require.EqualError(t, err, "MISCONF Errors writing to the AOF file: no space left on device", "%q", argv)
	}
	v, err := space.Do(0, []string{"FCALL_RO", "f", "0"})
	require.ErrorContains(t, err, "Can not execute a script with write flag using *_ro command.")
	require.Nil(t, v)
	v, err = space.Do(0, []string{"FCALL", "f", "0"})
	require.NoError(t, err)
	require.Equal(t, "x", v)
}
