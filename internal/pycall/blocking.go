package pycall

var blockingMethods = []line{
	{"blmove", "first_list, second_list, timeout, src='LEFT', dest='RIGHT'",
		"BLMOVE first_list second_list src dest %timeout", asIs, nil},
	{"blmpop", "timeout, numkeys, *args, direction, count=1", "BLMPOP %timeout %numkeys * direction COUNT %count", asIs, nil},
	{"blpop", "keys, timeout=0", "BLPOP +keys %timeout", asIs, checkTimeout},
	{"brpop", "keys, timeout=0", "BRPOP +keys %timeout", asIs, checkTimeout},
	{"brpoplpush", "src, dst, timeout=0", "BRPOPLPUSH src dst %timeout", asIs, checkTimeout},
	{"bzmpop", "timeout, numkeys, keys, min=False, max=False, count=1",
		"BZMPOP %timeout %numkeys @keys MIN?min MAX?max COUNT %count", popped, checkBzmpop},
	{"bzpopmax", "keys, timeout=0", "BZPOPMAX +keys %timeout", poppedOne, checkTimeout},
	{"bzpopmin", "keys, timeout=0", "BZPOPMIN +keys %timeout", poppedOne, checkTimeout},
	{"wait", "num_replicas, timeout, **kwargs", "WAIT %num_replicas %timeout", asIs, nil},
}

// checkTimeout has None wait for ever.
func checkTimeout(a *args) error {
	if !a.given("timeout") {
		a.set("timeout", integer(0))
	}
	return nil
}

func checkBzmpop(a *args) error {
	keys := a.get("keys")
	if _, ok := elements(keys); !ok {
		return a.m.invalid("Value after * must be an iterable, not %s", typeName(keys))
	}
	if a.true("min") == a.true("max") {
		return dataError("Either min or max, but not both must be set")
	}
	return nil
}
