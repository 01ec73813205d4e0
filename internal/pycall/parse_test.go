package pycall

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
	"github.com/znsocket/znsocket/internal/pyjson"
)

// TestParse_asRedispyDoes has redis-py and us make something of the same
// replies: of a server, which would be other ones the next time, and of such as
// this server does not give.
func TestParse_asRedispyDoes(t *testing.T) {
	server := dial(t, peers.Redis(t, "--enable-debug-command", "yes", "--slowlog-log-slower-than", "0"), 2)
	for _, argv := range [][]string{
		{"XADD", "s", "1-1", "a", "1", "b", "2", "a", "3"}, {"XADD", "s", "2-1", "a", "1"}, {"XGROUP", "CREATE", "s", "g", "0"},
		{"XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS", "s", ">"}, {"CLIENT", "SETNAME", "me"},
		{"ACL", "SETUSER", "other", "on", ">secret", "~k*", "+@read", "+set", "&c*", "(+get ~x*)"},
	} {
		_, err := server.do(argv)
		require.NoError(t, err, argv)
	}
	_, err := server.do([]string{"AUTH", "other", "wrong"})
	require.Error(t, err)

	type sample struct {
		method, payload, options string
		reply                    any // of the server, where it is nil
	}
	var replies, got bytes.Buffer
	for _, s := range []sample{
		{"info", `[["everything"],{}]`, `{}`, nil},
		{"info", `[[],{}]`, `{}`, "# Modules\r\nmodule:name=a,ver=1,options=[x|y]\r\nmodule:name=b,ver=-2.5\r\n\r\ncmdstat_host:1:2\r\n" +
			"no colon\r\nagain none\r\nlist:1,2.5,,x\r\nflag:a=1,b\r\nplus:+5\r\nzeros:0007\r\nexp:1.5e3\r\nnone:\r\nbig:18446744073709551615\r\n" +
			"twice:1\r\nspace: 5 \r\ndots:7.0.15\r\ntwice:2\r\ninf:inf\r\nhex:0x1.8p1\r\nequal:a=b=3\r\n"},
		{"client_info", `[[],{}]`, `{}`, nil},
		{"client_list", `[[],{}]`, `{}`, nil},
		{"client_list", `[[],{}]`, `{}`, "id=1 addr=/tmp/a b=c d laddr= name=x\nid=2\n"},
		{"acl_log", `[[],{}]`, `{}`, nil},
		{"acl_log_reset", `[[],{}]`, `{}`, nil},
		{"acl_getuser", `[["other"],{}]`, `{}`, nil},
		{"acl_getuser", `[["default"],{}]`, `{}`, nil},
		{"slowlog_get", `[[5],{}]`, `{}`, nil},
		{"debug_object", `[["s"],{}]`, `{}`, nil},
		{"config_get", `[["*"],{}]`, `{}`, nil},
		{"xinfo_stream", `[["s"],{}]`, `{}`, nil},
		{"xinfo_stream", `[["s",true],{}]`, `{"full":true}`, nil},
		{"xinfo_groups", `[["s"],{}]`, `{}`, nil},
		{"xinfo_consumers", `[["s","g"],{}]`, `{}`, nil},
		{"xpending_range", `[["s","g","-","+",5],{}]`, `{"parse_detail":true}`, nil},
		{"xpending", `[["s","g"],{}]`, `{}`, nil},
		{"xrange", `[["s"],{}]`, `{}`, []any{nil, []any{"1-1", nil}, []any{"1-2", []any{}}}},
		{"xreadgroup", `[["g","c",{"s":"0"}],{"claim_min_idle_time":1}]`, `{"claim_min_idle_time":1}`,
			[]any{[]any{"s", []any{[]any{"1-1", []any{"a", "1"}, int64(5), int64(2)}}}}},
		{"bzpopmin", `[["z"],{}]`, `{}`, []any{"z", "m", "1.5"}},
		{"pubsub_numsub", `[["a","b"],{}]`, `{}`, []any{"a", int64(1), "b", int64(0)}},
		{"cluster", `[["info"],{}]`, `{}`, "cluster_state:ok\r\ncluster_slots_assigned:0\r\n"},
		{"cluster", `[["Nodes"],{}]`, `{}`, "a 127.0.0.1:1@2,host,shard-id=x myself,master - 0 0 1 connected 0-5 7 [8->-b] [9-<-b]\n" +
			"b 127.0.0.1:2@3 slave a 1 2 3 disconnected\nc :0 noaddr - 0 0 0 disconnected\n"},
		{"cluster", `[["replicas","a"],{}]`, `{}`, []any{"b 127.0.0.1:2@3 slave a 1 2 3 connected"}},
		{"cluster", `[["meet","a",1],{}]`, `{}`, "OK"},
		{"client_kill", `[["a:1"],{}]`, `{}`, "OK"},
	} {
		m, _ := Find(s.method)
		call, err := bind(t, s.method, s.payload)
		require.NoError(t, err)
		if s.reply == nil {
			s.reply, err = server.do(call.Argv)
			require.NoError(t, err)
		}
		command := m.command
		if s.method == "cluster" {
			command += " " + call.Argv[1]
		}
		line, err := json.Marshal([]any{command, json.RawMessage(s.options), s.reply})
		require.NoError(t, err)
		replies.Write(append(line, '\n'))
		got.WriteString(appendReply(&call, nil, s.reply) + "\n")
	}
	want := bytes.Split(bytes.TrimSpace(python(t, replies.Bytes(), "parse.py")), []byte("\n"))
	for i, ack := range bytes.Split(bytes.TrimSpace(got.Bytes()), []byte("\n")) {
		redispys, err := pyjson.Parse(want[i], nil)
		require.NoError(t, err)
		ours, err := pyjson.Parse(ack, nil)
		require.NoError(t, err)
		data, ok := ours.Get("data")
		require.True(t, ok, "%s", ack)
		require.Equal(t, string(appendValue(nil, &redispys)), string(appendValue(nil, data)), "%.200s", want[i])
	}
}
