package resp

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/rediscommands"
)

var update = flag.Bool("update", false, "write docs/commands.md anew")

const overLimit = "ended when it is over a limit of time, steps or memory"

// differences are what is not as in a Redis 7.0, by command.
var differences = map[string]string{
	"acl getuser":     "a password of the listener is not listed",
	"acl list":        "a password of the listener is not listed",
	"acl setuser":     "selectors are refused, and rules beyond 1000",
	"bgrewriteaof":    "as BGSAVE",
	"bgsave":          "writes the log anew; refused where the data is in memory only",
	"client pause":    "holds up the connection's writer, not only its command",
	"config set":      "changes what can be changed here; another value of any other parameter is refused",
	"eval":            overLimit,
	"eval_ro":         overLimit,
	"evalsha":         overLimit,
	"evalsha_ro":      overLimit,
	"fcall":           overLimit,
	"fcall_ro":        overLimit,
	"function kill":   "there is never one to end: a function holds the lock",
	"info":            "the sections and fields that clients read",
	"memory usage":    "of Redis's own data structures, not of ours",
	"object freq":     "as under a policy without LFU",
	"psubscribe":      "a pattern of more than 1024 bytes may not have wildcards",
	"save":            "as BGSAVE",
	"script kill":     "there is never one to end: a script holds the lock",
	"shutdown":        "refused: the server is part of a program",
	"slowlog get":     "always empty",
	"latency latest":  "always empty",
	"wait":            "there are no replicas",
	"monitor":         "what scripts call is not shown",
	"client tracking": "the keys of a script are tracked whether or not it reads them",
	"client no-evict": "nobody is evicted",
	"command count":   "counts what is there",
	"module list":     "there are no modules",
	"script debug":    "there is no debugger",
	"flushall":        "what is dropped is the garbage collector's at once, SYNC or ASYNC",
	"role":            "always a master",
	"config rewrite":  "there is no file",
	"acl load":        "there is no file",
	"acl save":        "there is no file",
	"client list":     "sizes of buffers are those that there are here",
	"object encoding": "the encoding that Redis would have",
	"function stats":  "no function runs when it is asked",
}

// TestCommandsPage compares docs/commands.md with what the table and Redis's docs make
// of it.
func TestCommandsPage(t *testing.T) {
	p := newPeer(t, newServer(t).Dial())
	groups := map[string][]string{}
	there, all := 0, 0
	rediscommands.Each(func(d *rediscommands.Description) {
		if len(d.Subcommands()) > 0 && d.Name != "command" { // told of by its subcommands
			return
		}
		name := strings.ReplaceAll(d.Name, "|", " ")
		mark := ""
		all++
		if describe(d.Name) != nil && !strings.HasPrefix(p.do(strings.Fields(name)...).head, "-ERR unknown subcommand") {
			mark = "yes"
			there++
		}
		if d.Name == "quit" || d.Name == "reset" || d.Name == "monitor" || d.Name == "subscribe" || d.Name == "multi" {
			p = newPeer(t, newServer(t).Dial())
		}
		group := d.Doc("group")
		groups[group] = append(groups[group], fmt.Sprintf("| `%s` | %s | %s | %s |", strings.ToUpper(name), mark, d.Doc("summary"), differences[name]))
	})
	var page strings.Builder
	fmt.Fprintf(&page, "<!-- Written by go generate ./internal/resp from the table of commands and the docs of a Redis 7.0. DO NOT EDIT. -->\n\n"+
		"# Commands\n\nOf the %d commands and subcommands of Redis 7.0 the Redis protocol and scripts know %d. Their replies, errors and\n"+
		"keyspace events are compared with a redis-server byte by byte, in RESP2 and RESP3. Summaries are Redis's own; see\n"+
		"[NOTICE](../internal/rediscommands/NOTICE).\n", all, there)
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		fmt.Fprintf(&page, "\n## %s\n\n| command | here | what it does | differences |\n|---|---|---|---|\n%s\n", group, strings.Join(groups[group], "\n"))
	}
	if *update {
		require.NoError(t, os.WriteFile("../../docs/commands.md", []byte(page.String()), 0o644))
	}
	written, err := os.ReadFile("../../docs/commands.md")
	require.NoError(t, err)
	require.Equal(t, page.String(), string(written), "go generate writes it anew")
	for name := range differences {
		require.Contains(t, page.String(), "| `"+strings.ToUpper(name)+"` | yes |")
	}
}
