package script

import (
	"strings"
	"testing"
)

// TestCommands compares what the commands themselves say.
func TestCommands(t *testing.T) {
	for _, revision := range []string{"2", "3"} {
		t.Run("RESP"+revision, func(t *testing.T) {
			both := newBoth(t, revision)
			one, sum := "return 1", nameOf("return 1")
			for _, argv := range [][]string{
				{"EVAL"}, {"EVAL", one}, {"EVAL", one, "x"}, {"EVAL", one, "-1"}, {"EVAL", one, "1"}, {"EVAL", one, "2", "k"}, {"EVAL", one, "9223372036854775808"},
				{"EVAL", "syntax error", "x"}, {"EVAL", "return =", "0"}, {"EVAL", "", "0"}, {"EVAL", "return {KEYS, ARGV}", "1", "k", "a", "b"},
				{"EVALSHA", "x", "0"}, {"EVALSHA", strings.Repeat("0", 40), "0"}, {"EVALSHA", strings.Repeat("0", 40), "x"}, {"EVALSHA", "x", "x"},
				{"SCRIPT", "EXISTS", sum, strings.ToUpper(sum), "x"}, {"EVALSHA", sum, "0"}, {"EVAL", one, "0"}, {"EVALSHA", sum, "0"}, {"EVALSHA", strings.ToUpper(sum), "0"}, {"SCRIPT", "EXISTS", sum, strings.ToUpper(sum), "x"},
				{"EVALSHA", sum, "x"}, {"EVALSHA", sum, "1"}, {"EVALSHA_RO", sum, "0"}, {"EVAL_RO", one, "0"}, {"EVAL_RO", "return redis.call('SET', 'k', 'v')", "0"}, {"EVAL_RO", "return redis.pcall('SET', 'k', 'v')", "0"},
				{"EVAL_RO", "return redis.call('GET', KEYS[1])", "1", "k"}, {"EVAL_RO", "return redis.call('PUBLISH', 'c', 'm')", "0"}, {"EVAL_RO", "#!lua\nreturn 1", "0"}, {"EVAL_RO", "#!lua flags=no-writes\nreturn 1", "0"},
				{"SCRIPT"}, {"SCRIPT", "LOAD"}, {"SCRIPT", "LOAD", one}, {"SCRIPT", "LOAD", "return 2"}, {"SCRIPT", "LOAD", "return ="}, {"SCRIPT", "LOAD", one, "x"}, {"SCRIPT", "LOAD", "error('in ' .. ARGV[1])"},
				{"EVALSHA", nameOf("error('in ' .. ARGV[1])"), "0", "sha"},
				{"SCRIPT", "EXISTS"}, {"SCRIPT", "NOSUCH"}, {"SCRIPT", "HELP"}, {"SCRIPT", "HELP", "x"}, {"SCRIPT", "KILL"}, {"SCRIPT", "KILL", "x"},
				{"SCRIPT", "FLUSH", "X"}, {"SCRIPT", "FLUSH", "SYNC", "x"}, {"SCRIPT", "FLUSH"}, {"EVALSHA", sum, "0"}, {"SCRIPT", "EXISTS", sum}, {"SCRIPT", "FLUSH", "async"}, {"SCRIPT", "FLUSH", "Sync"},
				{"SET", "s", "x"}, {"MULTI"}, {"EVAL", "return redis.call('GET', 's')", "0"}, {"EVAL", "return redis.call('INCR', 's')", "0"}, {"EVALSHA", sum, "0"}, {"SET", "s", "y"}, {"EXEC"}, {"GET", "s"},
				{"WATCH", "s"}, {"EVAL", "redis.call('SET', 's', 'z')", "0"}, {"MULTI"}, {"GET", "s"}, {"EXEC"},
				{"CLIENT", "TRACKING", "ON"}, {"EVAL", "return redis.call('GET', KEYS[1])", "1", "s"}, {"SET", "s", "y"}, {"PING"}, {"PING"}, {"GET", "s"}, {"EVAL", "redis.call('SET', 's', 'z')", "0"}, {"PING"}, {"CLIENT", "TRACKING", "OFF"},
				{"SELECT", "3"}, {"EVAL", "redis.call('SET', 'in3', 1) redis.call('SELECT', 4) redis.call('SET', 'in4', 1)", "0"}, {"DBSIZE"}, {"GET", "in3"}, {"SELECT", "4"}, {"DBSIZE"}, {"GET", "in4"},
			} {
				both.same(argv...)
			}
		})
	}
}
