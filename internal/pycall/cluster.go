package pycall

import (
	"strings"

	"github.com/znsocket/znsocket/internal/pyjson"
)

var clusterMethods = []line{
	{"cluster", "cluster_arg, *args, **kwargs", "CLUSTER @cluster_arg *", asIs, checkCluster},
}

// clusterReplies are the shapes of the replies to subcommands of CLUSTER.
var clusterReplies = map[string]shape{
	"ADDSLOTS": okay, "ADDSLOTSRANGE": okay, "DELSLOTS": okay, "DELSLOTSRANGE": okay, "FAILOVER": okay, "FORGET": okay,
	"INFO": clusterInfo, "MEET": okay, "NODES": clusterNodes, "REPLICAS": clusterNodes, "REPLICATE": okay, "RESET": okay,
	"SAVECONFIG": okay, "SET-CONFIG-EPOCH": okay, "SETSLOT": okay, "SLAVES": clusterNodes,
}

// checkCluster sends the name of a subcommand in capitals. As in every command,
// it may be more than one word.
func checkCluster(a *args) error {
	name := a.get("cluster_arg")
	if name.Kind != pyjson.String {
		return a.m.noAttribute(name, "upper")
	}
	var words []pyjson.Value
	for _, word := range strings.Fields(strings.ToUpper(name.Text)) {
		words = append(words, pyjson.Value{Kind: pyjson.String, Text: word})
	}
	a.send("cluster_arg", words)
	return nil
}

// clusterInfo is the lines of CLUSTER INFO as a dict.
func (w *writer) clusterInfo(reply any) any {
	d := dict{}
	for _, line := range w.lines(reply) {
		key, value, ok := strings.Cut(line, ":")
		switch {
		case ok:
			d.set(key, value)
		case line != "":
			w.fail(reply)
			return nil
		}
	}
	return d
}

// clusterNodes is a dict of nodes by their addresses. They come as lines of one
// text or as a list of lines.
func (w *writer) clusterNodes(reply any) any {
	d := dict{}
	list, ok := reply.([]any)
	if !ok {
		for _, line := range w.lines(reply) {
			list = append(list, line)
		}
	}
	for _, line := range list {
		fields := strings.Split(w.asText(line), " ")
		if len(fields) < 8 {
			w.fail(line)
			return nil
		}
		address, bus, _ := strings.Cut(fields[1], "@")
		_, more, _ := strings.Cut(bus, ",")
		hostname, _, _ := strings.Cut(more, ",")
		slots, migrations := clusterSlots(fields[8:])
		d.set(address, dict{
			"node_id", fields[0], "hostname", hostname, "flags", fields[2], "master_id", fields[3], "last_ping_sent", fields[4],
			"last_pong_rcvd", fields[5], "epoch", fields[6], "slots", slots, "migrations", migrations, "connected", fields[7] == "connected",
		})
	}
	return d
}

// clusterSlots takes the slots of a node apart: ranges, and those that go to
// another node or come from one.
func clusterSlots(fields []string) (slots, migrations []any) {
	slots, migrations = []any{}, []any{}
	for _, field := range fields {
		moving := strings.Trim(field, "[]")
		if slot, node, ok := strings.Cut(moving, "->-"); ok {
			migrations = append(migrations, dict{"slot", slot, "node_id", node, "state", "migrating"})
		} else if slot, node, ok := strings.Cut(moving, "-<-"); ok {
			migrations = append(migrations, dict{"slot", slot, "node_id", node, "state", "importing"})
		} else {
			var ends []any
			for end := range strings.SplitSeq(field, "-") {
				ends = append(ends, end)
			}
			slots = append(slots, ends)
		}
	}
	return slots, migrations
}
