package resp

import (
	"github.com/znsocket/znsocket/internal/keyspace"
)

// What a server of its own would do and say. Nothing is slow enough here to be kept in
// a log, and nobody's latency is watched, as in a Redis that nobody has set up.

var slowlogCommands = []subcommand{
	{"GET", -2, slowlogGet},
	{"HELP", 2, func(*session, []string) any {
		return keyspace.Help("SLOWLOG",
			"GET [<count>]",
			"    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
			"    Entries are made of:",
			"    id, timestamp, time in microseconds, arguments array, client IP and port,",
			"    client name",
			"LEN",
			"    Return the length of the slowlog.",
			"RESET",
			"    Reset the slowlog.",
		)
	}},
	{"LEN", 2, func(*session, []string) any { return int64(0) }},
	{"RESET", 2, func(*session, []string) any { return keyspace.OK }},
}

func slowlogGet(_ *session, argv []string) any {
	if len(argv) > 3 {
		return errSubcommandSyntax(argv)
	}
	if len(argv) == 3 {
		if n, err := keyspace.Args(argv).Int(2); err != nil || n < -1 {
			return keyspace.Error("ERR count should be greater than or equal to -1")
		}
	}
	return []any{}
}

var latencyCommands = []subcommand{
	{"DOCTOR", 2, func(*session, []string) any {
		return verbatim("I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n")
	}},
	{"GRAPH", 3, func(_ *session, argv []string) any {
		return keyspace.Error("ERR No samples available for event '" + oneLine(argv[2]) + "'")
	}},
	{"HELP", 2, latencyHelp},
	{"HISTOGRAM", -2, func(*session, []string) any { return mapping{} }},
	{"HISTORY", 3, func(*session, []string) any { return []any{} }},
	{"LATEST", 2, func(*session, []string) any { return []any{} }},
	{"RESET", -2, func(*session, []string) any { return int64(0) }},
}

func latencyHelp(*session, []string) any {
	return keyspace.Help("LATENCY",
		"DOCTOR",
		"    Return a human readable latency analysis report.",
		"GRAPH <event>",
		"    Return an ASCII latency graph for the <event> class.",
		"HISTORY <event>",
		"    Return time-latency samples for the <event> class.",
		"LATEST",
		"    Return the latest latency samples for all events.",
		"RESET [<event> ...]",
		"    Reset latency data of one or more <event> classes.",
		"    (default: reset all data for all event classes)",
		"HISTOGRAM [COMMAND ...]",
		"    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.",
		"    If no commands are specified then all histograms are replied.",
	)
}

func shutdown(*session, []string) any {
	return keyspace.Error("ERR SHUTDOWN is refused: this server is a part of a program, which ends it")
}

// moduleCommands know of no modules.
var moduleCommands = []subcommand{
	{"LIST", 2, func(*session, []string) any { return []any{} }},
}
