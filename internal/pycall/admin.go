package pycall

import "github.com/znsocket/znsocket/internal/pyjson"

// adminMethods look at a server and govern it.
var adminMethods = []line{
	{"bgrewriteaof", "**kwargs", "BGREWRITEAOF", always, nil},
	{"bgsave", "schedule=True, **kwargs", "BGSAVE SCHEDULE?schedule", always, nil},
	{"command", "**kwargs", "COMMAND", commands, nil},
	{"command_count", "**kwargs", "COMMAND|COUNT", asIs, nil},
	{"command_getkeys", "*args", "COMMAND|GETKEYS *", asIs, nil},
	{"command_getkeysandflags", "*args", "COMMAND|GETKEYSANDFLAGS *", asIs, nil},
	{"command_list", "module=None, category=None, pattern=None", "COMMAND|LIST @module @category @pattern", asIs, checkCommandList},
	{"config_get", "pattern='*', *args, **kwargs", "CONFIG|GET pattern *", mapping, nil},
	{"config_resetstat", "**kwargs", "CONFIG|RESETSTAT", okay, nil},
	{"config_rewrite", "**kwargs", "CONFIG|REWRITE", asIs, nil},
	{"config_set", "name, value, *args, **kwargs", "CONFIG|SET name value *", okay, nil},
	{"debug_object", "key, **kwargs", "DEBUG|OBJECT key", debugObject, nil},
	{"info", "section=None, *args, **kwargs", "INFO =section *", info, checkInfo},
	{"lastsave", "**kwargs", "LASTSAVE", asIs, nil},
	{"latency_history", "event", "LATENCY|HISTORY event", asIs, nil},
	{"latency_latest", "", "LATENCY|LATEST", asIs, nil},
	{"latency_reset", "*events", "LATENCY|RESET *", asIs, nil},
	{"lolwut", "*version_numbers, **kwargs", "LOLWUT *", asIs, checkLolwut},
	{"memory_malloc_stats", "**kwargs", "MEMORY|MALLOC-STATS", asIs, nil},
	{"memory_purge", "**kwargs", "MEMORY|PURGE", okay, nil},
	{"memory_stats", "**kwargs", "MEMORY|STATS", memoryStats, nil},
	{"memory_usage", "key, samples=None, **kwargs", "MEMORY|USAGE key SAMPLES=%samples", asIs, checkMemoryUsage},
	{"replicaof", "*args, **kwargs", "REPLICAOF *", asIs, nil},
	{"role", "", "ROLE", asIs, nil},
	{"save", "**kwargs", "SAVE", okay, nil},
	{"shutdown", "save=False, nosave=False, now=False, force=False, abort=False, **kwargs",
		"SHUTDOWN SAVE?save NOSAVE?nosave NOW?now FORCE?force ABORT?abort", okay, checkShutdown},
	{"slaveof", "host=None, port=None, **kwargs", "SLAVEOF host port", okay, checkSlaveof},
	{"slowlog_get", "num=None, **kwargs", "SLOWLOG|GET =%num", slowlog, nil},
	{"slowlog_len", "**kwargs", "SLOWLOG|LEN", asIs, nil},
	{"slowlog_reset", "**kwargs", "SLOWLOG|RESET", okay, nil},
}

func checkCommandList(a *args) error {
	words := []pyjson.Value{literal("'FILTERBY'")}
	for _, option := range []struct{ name, word string }{{"module", "'MODULE'"}, {"category", "'ACLCAT'"}, {"pattern", "'PATTERN'"}} {
		if a.given(option.name) {
			a.send(option.name, append(words, literal(option.word), *a.get(option.name)))
			words = nil
		}
	}
	return nil
}

func checkInfo(a *args) error {
	if !a.given("section") {
		a.rest = nil
	}
	return nil
}

func checkLolwut(a *args) error {
	if len(a.rest) > 0 {
		a.rest = append([]pyjson.Value{literal("'VERSION'")}, a.rest...)
	}
	return nil
}

func checkMemoryUsage(a *args) error {
	if !isInt(a.get("samples")) {
		a.set("samples", &absent)
	}
	return nil
}

func checkShutdown(a *args) error {
	if a.true("save") && a.true("nosave") {
		return dataError("SHUTDOWN save and nosave cannot both be set")
	}
	return nil
}

func checkSlaveof(a *args) error {
	if !a.given("host") && !a.given("port") {
		host, port := literal("'NO'"), literal("'ONE'")
		a.set("host", &host)
		a.set("port", &port)
	}
	return nil
}

var moduleMethods = []line{
	{"module_list", "", "MODULE|LIST", mappings, nil},
	{"module_load", "path, *args", "MODULE|LOAD path *", truth, nil},
	{"module_loadex", "path, options=None, args=None", "MODULE|LOADEX path @options @args", asIs, checkLoadex},
	{"module_unload", "name", "MODULE|UNLOAD name", truth, nil},
}

func checkLoadex(a *args) error {
	for _, part := range []struct{ name, word string }{{"options", "'CONFIG'"}, {"args", "'ARGS'"}} {
		if !a.given(part.name) {
			continue
		}
		list, ok := elements(a.get(part.name))
		if !ok {
			return a.m.notIterable(a.get(part.name))
		}
		a.send(part.name, append([]pyjson.Value{literal(part.word)}, list...))
	}
	return nil
}
