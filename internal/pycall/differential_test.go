package pycall

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// TestCalls_answerAsRedispyDoes makes the recorded calls, and spoilt forms of
// each, with redis-py and with us: over our own engine, and over the replies
// that a Redis client gets in RESP3 and RESP2.
func TestCalls_answerAsRedispyDoes(t *testing.T) {
	calls := withSpoilt(recordedCalls(t, callsOfStore))
	socket := peers.Redis(t)
	want := replay(t, socket, calls)
	for _, run := range []struct {
		name string
		do   func(argv []string) (any, error)
	}{
		{"engine", inSpace()},
		{"RESP3", nil},
		{"RESP2", nil},
	} {
		t.Run(run.name, func(t *testing.T) {
			switch run.name {
			case "RESP3":
				run.do = dial(t, socket, 3).do
			case "RESP2":
				run.do = dial(t, socket, 2).do
			}
			requireSameAcks(t, calls, want, run.do)
		})
	}
}

// TestCalls_onlyRedisAnswers makes the other recorded calls, each history on a
// server of its own: what they do to one would stay.
func TestCalls_onlyRedisAnswers(t *testing.T) {
	calls := withSpoilt(recordedCalls(t, callsOfRedis))
	args := []string{"--enable-debug-command", "yes", "--slowlog-log-slower-than", "0"}
	want := replay(t, peers.Redis(t, args...), calls)
	requireSameAcks(t, calls, want, dial(t, peers.Redis(t, args...), 2).do)
}

// withSpoilt has every call and its spoilt forms.
func withSpoilt(recorded []call) []call {
	var calls []call
	for _, c := range recorded {
		calls = append(append(calls, c), spoilt(c)...)
	}
	return calls
}

// requireSameAcks makes calls and compares their acks with redis-py's.
func requireSameAcks(t *testing.T, calls []call, want []pyjson.Value, do func(argv []string) (any, error)) {
	t.Helper()
	different := 0
	for i, c := range calls {
		ack := ackOf(c, do)
		got, err := pyjson.Parse(ack, nil)
		require.NoError(t, err, "%s gives %s", c.line(), ack)
		if !assert.Equal(t, forComparison(c, deliberate(c, want[i])), forComparison(c, got), c.line()) {
			if different++; different == 20 {
				t.Fatal("and so on")
			}
		}
	}
}

// spoilt returns forms of a call that differ from it in one thing, most of them
// wrong.
func spoilt(c call) []call {
	switch {
	case strings.HasPrefix(c.name, "flush"): // the history would be over
		return nil
	case isSingle(c): // chance would have a choice
		return nil
	case strings.Contains(c.line(), "score_cast_func"): // refused before the command is run, not after it
		return nil
	case c.name == executeCommand.name && len(c.payload.Items[1].Keys) > 0: // options that do not fit the reply
		return nil
	case strings.Contains(" shutdown replicaof slaveof bgsave bgrewriteaof ", " "+c.name+" "): // the server would be another one
		return nil
	}
	m, _ := Find(c.name)
	pos, kw := c.payload.Items[0], c.payload.Items[1]
	var calls []call
	add := func(pos []pyjson.Value, keys []string, values []pyjson.Value) {
		spoilt := call{c.name, pyjson.Value{Kind: pyjson.Array, Items: []pyjson.Value{
			{Kind: pyjson.Array, Items: pos}, {Kind: pyjson.Object, Keys: keys, Items: values},
		}}}
		if bound, err := m.Bind(&spoilt.payload); err != nil || !harms(bound.Argv) {
			calls = append(calls, spoilt)
		}
	}
	with := func(values []pyjson.Value, i int, v pyjson.Value) []pyjson.Value {
		values = slices.Clone(values)
		values[i] = v
		return values
	}
	for _, document := range []string{`null`, `true`, `[]`, `{}`, `"x"`, `""`, `1.5`, `["k", "l"]`, `{"a": 1}`} {
		if c.name == executeCommand.name && document == `""` {
			continue // redis-py waits for the answer to nothing
		}
		v, _ := pyjson.Parse([]byte(document), nil)
		for i := range pos.Items {
			if i == 0 && m.index("dest") == 0 && !truthy(&v) {
				continue // redis-py forgets such a destination
			}
			add(with(pos.Items, i, v), kw.Keys, kw.Items)
		}
		for i := range kw.Items {
			add(pos.Items, kw.Keys, with(kw.Items, i, v))
		}
	}
	if n := len(pos.Items); n > 0 {
		add(pos.Items[:n-1], kw.Keys, kw.Items)
	}
	for i := range kw.Keys {
		add(pos.Items, slices.Delete(slices.Clone(kw.Keys), i, i+1), slices.Delete(slices.Clone(kw.Items), i, i+1))
	}
	extra := pyjson.Value{Kind: pyjson.String, Text: "extra"}
	add(append(slices.Clone(pos.Items), extra), kw.Keys, kw.Items)
	add(pos.Items, append(slices.Clone(kw.Keys), "self"), append(slices.Clone(kw.Items), extra))

	// The same by name, as far as there are names.
	if n := min(len(pos.Items), m.positional); n > 0 && n == len(pos.Items) {
		var keys []string
		for _, p := range m.params[:n] {
			keys = append(keys, p.name)
		}
		add(nil, append(keys, kw.Keys...), append(slices.Clone(pos.Items), kw.Items...))
		add(pos.Items, append(slices.Clone(keys[:1]), kw.Keys...), append([]pyjson.Value{extra}, kw.Items...))
	}
	return calls
}

// harms reports whether a command would wait, end the connection, or add what is
// by the clock to a stream of which more is asked.
func harms(argv []string) bool {
	switch argv[0] {
	case "XREAD", "XREADGROUP":
		return slices.Contains(argv, "BLOCK")
	case "CLIENT":
		return slices.Contains(argv, "SKIPME") // maybe without another condition
	case "XADD":
		return slices.Contains(argv, "*")
	}
	return slices.ContainsFunc(blockingMethods, func(l line) bool { return methods[l.name].command == argv[0] })
}

// deliberate makes of redis-py's ack what ours is on purpose.
func deliberate(c call, ack pyjson.Value) pyjson.Value {
	if data, ok := ack.Get("data"); ok {
		name := c.name
		if name == "execute_command" && len(c.payload.Items[0].Items) > 0 {
			name = strings.ToLower(c.payload.Items[0].Items[0].Text)
		}
		switch name {
		case "expire", "hexists", "smove": // as the Python server's own store has it
			switch data.Kind {
			case pyjson.True:
				*data = pyjson.Value{Kind: pyjson.Int, Text: "1"}
			case pyjson.False:
				*data = pyjson.Value{Kind: pyjson.Int, Text: "0"}
			}
		}
		return ack
	}
	e, _ := ack.Get("error")
	kind, _ := e.Get("type")
	msg, _ := e.Get("msg")
	code, ofCode := codes[kind.Text]
	switch {
	case ofCode:
		kind.Text, msg.Text = "ResponseError", code+msg.Text
	case kind.Text == "UnicodeDecodeError":
		if at := strings.LastIndex(msg.Text, ": "); at >= 0 {
			msg.Text = msg.Text[:at]
		}
	case kind.Text == "AttributeError": // arguments that do not fit
		kind.Text, msg.Text = "TypeError", "Invalid arguments for "+c.name+": "+msg.Text
	case kind.Text == "DataError" && msg.Text == "": // a reason is better
		msg.Text = "'zmpop' needs either 'min' or 'max'"
	case kind.Text == "DataError" && strings.Contains(msg.Text, "'NoneType'"):
		switch c.name {
		case "set", "lindex", "lrem": // as the Python server's own store has it
			msg.Text = "Invalid input of type None"
		}
	}
	return ack
}

// codes has what redis-py makes an exception's class of, which says less.
var codes = map[string]string{
	"NoScriptError": "NOSCRIPT ", "ModuleError": "", "NoPermissionError": "NOPERM ", "AuthenticationError": "WRONGPASS ",
}

// forComparison writes an ack for comparison: what has no order sorted, and only the
// kind of what is by chance or by the clock.
func forComparison(c call, ack pyjson.Value) string {
	if data, ok := ack.Get("data"); ok {
		sortKeys(data) // a map of RESP3 has lost their order in Go, and some are by chance
		_, isSet := ack.Get("type")
		switch c.name {
		case "acl_cat", "command_list", "keys", "scan_iter", "hscan_iter", "sscan_iter", "zscan_iter", "xread", "xreadgroup":
			isSet = true
		case "scan", "hscan", "sscan", "zscan":
			if data.Kind == pyjson.Array && len(data.Items) == 2 {
				if data.Items[0].Text != "0" {
					return "part of a scan"
				}
				if c.name != "hscan" {
					sortValues(&data.Items[1])
				}
			}
		case "randomkey", "time", "pttl", "memory_usage":
			return describe(*data)
		case "acl_genpass", "acl_log", "client_id", "client_info", "client_list", "debug_object", "info", "lastsave", "lolwut",
			"memory_malloc_stats", "memory_stats", "slowlog_get", "slowlog_len", "xinfo_consumers", "xpending_range":
			return outline(*data)
		case "command":
			for i := range data.Items {
				if list, ok := data.Items[i].Get("subcommands"); ok {
					sortValues(list)
				}
			}
		case "config_get":
			if len(data.Keys) > 50 { // all, with paths
				return outline(*data)
			}
		case "xadd":
			if strings.Contains(c.line(), `"chance"`) {
				return outline(*data)
			}
		case "xinfo_stream":
			if len(data.Keys) == 9 { // the full one, with times
				return outline(*data)
			}
		case "hrandfield", "srandmember", "zrandmember":
			if !isSingle(c) {
				return describe(*data)
			}
		}
		if isSet && data.Kind == pyjson.Array {
			sortValues(data)
		}
	}
	return string(appendValue(nil, &ack))
}

// isSingle reports whether a call is about one of the keys with one element.
func isSingle(c call) bool { return strings.Contains(c.line(), `"single`) }

func sortValues(list *pyjson.Value) {
	slices.SortFunc(list.Items, func(a, b pyjson.Value) int {
		return strings.Compare(string(appendValue(nil, &a)), string(appendValue(nil, &b)))
	})
}

// sortKeys sorts the keys of objects.
func sortKeys(v *pyjson.Value) {
	for i := range v.Items {
		sortKeys(&v.Items[i])
	}
	if v.Kind != pyjson.Object {
		return
	}
	sorted := pyjson.Value{Kind: pyjson.Object, Keys: slices.Sorted(slices.Values(v.Keys))}
	for _, key := range sorted.Keys {
		value, _ := v.Get(key)
		sorted.Items = append(sorted.Items, *value)
	}
	*v = sorted
}

// outline is the keys and kinds of a value. How many elements of a kind follow
// each other is left out.
func outline(v pyjson.Value) string {
	list := []string{}
	for i, item := range v.Items {
		about := outline(item)
		if v.Kind == pyjson.Object {
			about = v.Keys[i] + ":" + about
		}
		list = append(list, about)
	}
	return fmt.Sprint(v.Kind, slices.Compact(list))
}

func describe(v pyjson.Value) string {
	list := []string{}
	for _, item := range v.Items {
		list = append(list, describe(item))
	}
	return fmt.Sprint(v.Kind, list)
}
