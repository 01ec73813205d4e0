package pycall

import "github.com/znsocket/znsocket/internal/pyjson"

var streamMethods = []line{
	{"xack", "name, groupname, *ids", "XACK name groupname *", asIs, nil},
	{"xadd", "name, fields, id='*', maxlen=None, approximate=True, nomkstream=False, minid=None, limit=None, " +
		"ref_policy=None, idmpauto=None, idmp=None",
		"XADD name NOMKSTREAM?nomkstream @ref_policy IDMPAUTO=idmpauto @maxlen @minid LIMIT=%limit id fields:kv", asIs, checkXadd},
	{"xautoclaim", "name, groupname, consumername, min_idle_time, start_id='0-0', count=None, justid=False",
		"XAUTOCLAIM name groupname consumername %min_idle_time start_id COUNT=%count JUSTID?justid",
		autoclaimed.with("justid", autoclaimedIDs), checkXautoclaim},
	{"xclaim", "name, groupname, consumername, min_idle_time, message_ids, idle=None, time=None, retrycount=None, " +
		"force=False, justid=False",
		"XCLAIM name groupname consumername %min_idle_time @message_ids IDLE=%idle TIME=%time RETRYCOUNT=%retrycount " +
			"FORCE?force JUSTID?justid", entries.with("justid", asIs), checkXclaim},
	{"xdel", "name, *ids", "XDEL name *", asIs, nil},
	{"xgroup_create", "name, groupname, id='$', mkstream=False, entries_read=None",
		"XGROUP|CREATE name groupname id MKSTREAM?mkstream ENTRIESREAD=%entries_read", okay, nil},
	{"xgroup_createconsumer", "name, groupname, consumername", "XGROUP|CREATECONSUMER name groupname consumername", asIs, nil},
	{"xgroup_delconsumer", "name, groupname, consumername", "XGROUP|DELCONSUMER name groupname consumername", asIs, nil},
	{"xgroup_destroy", "name, groupname", "XGROUP|DESTROY name groupname", truth, nil},
	{"xgroup_setid", "name, groupname, id, entries_read=None",
		"XGROUP|SETID name groupname id ENTRIESREAD=%entries_read", okay, nil},
	{"xinfo_consumers", "name, groupname", "XINFO|CONSUMERS name groupname", mappings, nil},
	{"xinfo_groups", "name", "XINFO|GROUPS name", mappings, nil},
	{"xinfo_stream", "name, full=False", "XINFO|STREAM name FULL?full", streamInfo.with("full", streamFull), nil},
	{"xlen", "name", "XLEN name", asIs, nil},
	{"xpending", "name, groupname", "XPENDING name groupname", pending, nil},
	{"xpending_range", "name, groupname, min, max, count, consumername=None, idle=None",
		"XPENDING name groupname IDLE=%idle =min =max =%count =consumername", pending, checkXpending},
	{"xrange", "name, min='-', max='+', count=None", "XRANGE name min max COUNT=%count", entries, checkXrange},
	{"xread", "streams, count=None, block=None, max_count=None, max_size=None",
		"XREAD BLOCK=%block COUNT=%count MAXCOUNT=%max_count MAXSIZE=%max_size STREAMS @streams ^streams", streams, checkXread},
	{"xreadgroup", "groupname, consumername, streams, count=None, block=None, noack=False, claim_min_idle_time=None, " +
		"max_count=None, max_size=None",
		"XREADGROUP GROUP groupname consumername COUNT=%count MAXCOUNT=%max_count MAXSIZE=%max_size BLOCK=%block " +
			"NOACK?noack CLAIM=%claim_min_idle_time STREAMS @streams ^streams", streams, checkXreadgroup},
	{"xrevrange", "name, max='+', min='-', count=None", "XREVRANGE name max min COUNT=%count", entries, checkXrange},
	{"xtrim", "name, maxlen=None, approximate=True, minid=None, limit=None, ref_policy=None",
		"XTRIM name @maxlen @minid LIMIT=%limit =ref_policy", asIs, checkXtrim},
}

// checkPolicy refuses what does not say what becomes of references of groups.
func (a *args) checkPolicy() error {
	if v := a.get("ref_policy"); v.Kind == pyjson.Array || v.Kind == pyjson.Object {
		return a.m.unhashable(v)
	}
	if !a.is("ref_policy", "KEEPREF", "DELREF", "ACKED") {
		return dataError("%s ref_policy must be one of: KEEPREF, DELREF, ACKED", a.m.command)
	}
	return nil
}

func checkXadd(a *args) error {
	fields := a.get("fields")
	switch {
	case a.given("maxlen") && a.given("minid"):
		return dataError("Only one of ```maxlen``` or ```minid``` may be specified")
	case a.given("idmpauto") && a.given("idmp"):
		return dataError("Only one of ```idmpauto``` or ```idmp``` may be specified")
	case (a.given("idmpauto") || a.given("idmp")) && !a.is("id", "*"):
		return dataError("IDMPAUTO and IDMP can only be used with id='*'")
	}
	policy := a.get("ref_policy")
	if policy.Kind != pyjson.Null {
		if err := a.checkPolicy(); err != nil {
			return err
		}
		a.send("ref_policy", []pyjson.Value{*policy})
	}
	if a.given("idmp") { // which no JSON has
		return dataError("XADD idmp must be a tuple of (producer_id, idempotent_id)")
	}
	if err := a.atLeast("maxlen", 0, "XADD maxlen must be non-negative integer"); err != nil {
		return err
	}
	if fields.Kind != pyjson.Object || len(fields.Keys) == 0 {
		return dataError("XADD fields must be a non-empty dict")
	}
	a.sendTrim("maxlen", "MAXLEN")
	a.sendTrim("minid", "MINID")
	return nil
}

func checkXtrim(a *args) error {
	switch {
	case a.given("maxlen") && a.given("minid"):
		return dataError("Only one of ``maxlen`` or ``minid`` may be specified")
	case !a.given("maxlen") && !a.given("minid"):
		return dataError("One of ``maxlen`` or ``minid`` must be specified")
	}
	if a.given("ref_policy") {
		if err := a.checkPolicy(); err != nil {
			return err
		}
	}
	a.sendTrim("maxlen", "MAXLEN")
	a.sendTrim("minid", "MINID")
	return nil
}

// sendTrim makes the words of a limit, which may be met approximately.
func (a *args) sendTrim(name, option string) {
	if !a.given(name) {
		return
	}
	words := []pyjson.Value{{Kind: pyjson.String, Text: option}}
	if a.true("approximate") {
		words = append(words, literal("'~'"))
	}
	a.send(name, append(words, *a.get(name)))
}

func checkXautoclaim(a *args) error {
	if err := a.notNegative("min_idle_time", "XAUTOCLAIM min_idle_time must be a nonnegative integer"); err != nil {
		return err
	}
	return a.notNegative("count", "XPENDING count must be a integer >= 0")
}

// notNegative refuses what is less than 0 as an integer. What cannot be an
// integer is no argument, if there need not be one.
func (a *args) notNegative(name, refusal string) error {
	n, err := a.m.toInt(a.get(name))
	switch {
	case err != nil && err.Type != "TypeError":
		return err
	case err == nil && n.Text[0] == '-':
		return dataError("%s", refusal)
	case err != nil && !a.m.params[a.m.index(name)].required:
		a.set(name, &absent)
	}
	return nil
}

func checkXclaim(a *args) error {
	idle, ids := a.get("min_idle_time"), a.get("message_ids")
	if idle.Kind == pyjson.Null {
		return dataError("XCLAIM min_idle_time must be a non negative integer")
	}
	if err := a.atLeast("min_idle_time", 0, "XCLAIM min_idle_time must be a non negative integer"); err != nil {
		return err
	}
	if ids.Kind != pyjson.Array || len(ids.Items) == 0 {
		return dataError("XCLAIM message_ids must be a non empty list or tuple of message IDs to claim")
	}
	for _, name := range []string{"idle", "time", "retrycount"} {
		if a.given(name) && !isInt(a.get(name)) {
			return dataError("XCLAIM %s must be an integer", name)
		}
		a.spellOut(name)
	}
	for _, name := range []string{"force", "justid"} {
		if a.true(name) && a.get(name).Kind != pyjson.True {
			return dataError("XCLAIM %s must be a boolean", name)
		}
	}
	return nil
}

func checkXpending(a *args) error {
	given := 0
	for _, name := range []string{"min", "max", "count"} {
		v := a.get(name)
		if v.Kind == pyjson.Array || v.Kind == pyjson.Object {
			return a.m.unhashable(v)
		}
		if v.Kind != pyjson.Null {
			given++
		}
	}
	switch given {
	case 0:
		if a.given("idle") || a.given("consumername") {
			return dataError("if XPENDING is provided with idle time or consumername, " +
				"it must be provided with min, max and count parameters")
		}
		return nil
	case 3:
		a.forget("consumername")
		if err := a.notNegative("idle", "XPENDING idle must be a integer >= 0"); err != nil {
			return err
		}
		return a.notNegative("count", "XPENDING count must be a integer >= 0")
	}
	return dataError("XPENDING must be provided with min, max and count parameters, or none of them.")
}

func checkXrange(a *args) error {
	return a.atLeast("count", 1, "%s count must be a positive integer", a.m.command)
}

func checkXread(a *args) error {
	if err := a.atLeast("block", 0, "%s block must be a non-negative integer", a.m.command); err != nil {
		return err
	}
	if err := a.checkAmounts(); err != nil {
		return err
	}
	return a.checkStreams()
}

func checkXreadgroup(a *args) error {
	if err := a.checkAmounts(); err != nil {
		return err
	}
	if err := a.atLeast("block", 0, "%s block must be a non-negative integer", a.m.command); err != nil {
		return err
	}
	idle := a.get("claim_min_idle_time")
	err := a.atLeast("claim_min_idle_time", 0, "%s claim_min_idle_time must be a non-negative integer", a.m.command)
	if err != nil {
		return err
	}
	a.set("claim_min_idle_time", idle) // which is encoded as other values are
	return a.checkStreams()
}

func (a *args) checkAmounts() error {
	count, most := a.get("count"), a.get("max_count")
	if err := a.atLeast("count", 1, "%s count must be a positive integer", a.m.command); err != nil {
		return err
	}
	if err := a.atLeast("max_count", 1, "%s max_count must be a positive integer", a.m.command); err != nil {
		return err
	}
	if count.Kind != pyjson.Null && most.Kind != pyjson.Null && asFloat(most) < asFloat(count) {
		return dataError("%s max_count must be greater than or equal to count", a.m.command)
	}
	return a.atLeast("max_size", 1, "%s max_size must be a positive integer", a.m.command)
}

func (a *args) checkStreams() error {
	if v := a.get("streams"); v.Kind != pyjson.Object || len(v.Keys) == 0 {
		return dataError("%s streams must be a non empty dict", a.m.command)
	}
	return nil
}

// atLeast refuses an argument, if there is one, that is no int or a smaller one.
func (a *args) atLeast(name string, least float64, refusal string, of ...any) error {
	v := a.get(name)
	if v.Kind == pyjson.Null {
		return nil
	}
	if !isInt(v) || asFloat(v) < least {
		return dataError(refusal, of...)
	}
	a.spellOut(name)
	return nil
}

// spellOut replaces an argument by its str(): True is sent as such a text.
func (a *args) spellOut(name string) {
	switch a.get(name).Kind {
	case pyjson.True:
		a.set(name, &pyjson.Value{Kind: pyjson.String, Text: "True"})
	case pyjson.False:
		a.set(name, &pyjson.Value{Kind: pyjson.String, Text: "False"})
	}
}
