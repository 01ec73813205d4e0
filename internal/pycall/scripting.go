package pycall

var scriptMethods = []line{
	{"eval", "script, numkeys, *keys_and_args", "EVAL script %numkeys *", asIs, nil},
	{"eval_ro", "script, numkeys, *keys_and_args", "EVAL_RO script %numkeys *", asIs, nil},
	{"evalsha", "sha, numkeys, *keys_and_args", "EVALSHA sha %numkeys *", asIs, nil},
	{"evalsha_ro", "sha, numkeys, *keys_and_args", "EVALSHA_RO sha %numkeys *", asIs, nil},
	{"fcall", "function, numkeys, *keys_and_args", "FCALL function %numkeys *", asIs, nil},
	{"fcall_ro", "function, numkeys, *keys_and_args", "FCALL_RO function %numkeys *", asIs, nil},
	{"function_delete", "library", "FUNCTION|DELETE library", okay, nil},
	{"function_dump", "", "FUNCTION|DUMP", asIs, nil},
	{"function_flush", "mode='SYNC'", "FUNCTION|FLUSH mode", okay, nil},
	{"function_kill", "", "FUNCTION|KILL", asIs, nil},
	{"function_list", "library='*', withcode=False", "FUNCTION|LIST LIBRARYNAME library WITHCODE?withcode", asIs, nil},
	{"function_load", "code, replace=False", "FUNCTION|LOAD REPLACE?replace code", asIs, nil},
	{"function_restore", "payload, policy='APPEND'", "FUNCTION|RESTORE payload policy", okay, nil},
	{"function_stats", "", "FUNCTION|STATS", functionStats, nil},
	{"script_exists", "*args", "SCRIPT|EXISTS *", truths, nil},
	{"script_flush", "sync_type=None", "SCRIPT|FLUSH =sync_type", okay, checkScriptFlush},
	{"script_kill", "", "SCRIPT|KILL", okay, nil},
	{"script_load", "script", "SCRIPT|LOAD script", asIs, nil},
}

func checkScriptFlush(a *args) error {
	if a.given("sync_type") && !a.is("sync_type", "SYNC", "ASYNC") {
		return dataError("SCRIPT FLUSH defaults to SYNC in redis > 6.2, or accepts SYNC/ASYNC. " +
			"For older versions, of redis leave as None.")
	}
	return nil
}
