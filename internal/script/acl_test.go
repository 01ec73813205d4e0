package script

import "testing"

// Scripts may do what their users may.
func TestACL(t *testing.T) {
	both := newBoth(t, "2")
	for _, argv := range [][]string{
		{"ACL", "SETUSER", "bob", "on", "nopass", "~k*", "%R~r*", "&c*", "+@all", "-append"},
		{"MULTI"}, {"AUTH", "bob", "x"}, {"EVAL", "return redis.pcall('APPEND', 'k', 'v')", "0"}, {"EXEC"},
		{"EVAL", "return redis.call('APPEND', 'k', 'v')", "0"}, {"EVAL", "return redis.pcall('APPEND', 'k', 'v')", "0"}, {"EVAL", "return redis.call('SET', 'k', 'v')", "0"},
		{"EVAL", "return redis.pcall('GET', 'x')", "0"}, {"EVAL", "return redis.pcall('SET', 'r', 'v')", "0"}, {"EVAL_RO", "return redis.pcall('GET', 'x')", "0"}, {"EVAL", "return redis.pcall('GET', 'r')", "0"},
		{"EVAL", "return redis.pcall('PUBLISH', 'x', 'm')", "0"}, {"EVAL", "return redis.pcall('PUBLISH', 'c', 'm')", "0"}, {"EVAL", "return 1", "1", "x"},
		{"EVAL", "return {redis.acl_check_cmd('APPEND', 'k', 'v'), redis.acl_check_cmd('SET', 'k', 'v'), redis.acl_check_cmd('SET', 'x', 'v')}", "0"}, {"EVAL", "return redis.acl_check_cmd('APPEND', 'k', 'v')", "0"},
		{"MULTI"}, {"EVAL", "return redis.pcall('GET', 'x')", "0"}, {"EXEC"}, {"FCALL", "nosuch", "1", "x"}, {"SORT", "kl", "BY", "k*"},
	} {
		both.same(argv...)
	}
}
