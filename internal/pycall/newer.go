package pycall

import "github.com/znsocket/znsocket/internal/pyjson"

// newerMethods send commands that a Redis 7.0 does not know yet.
var newerMethods = []line{
	{"delex", "name, ifeq=None, ifne=None, ifdeq=None, ifdne=None",
		"DELEX name IFEQ=ifeq IFNE=ifne IFDEQ=ifdeq IFDNE=ifdne", asIs, checkDelex},
	{"digest", "name", "DIGEST name", asIs, nil},
	{"hexpire", "name, seconds, *fields, nx=False, xx=False, gt=False, lt=False",
		"HEXPIRE name %seconds NX?nx XX?xx GT?gt LT?lt FIELDS #* *", asIs, checkHexpire},
	{"hexpireat", "name, unix_time_seconds, *fields, nx=False, xx=False, gt=False, lt=False",
		"HEXPIREAT name %unix_time_seconds NX?nx XX?xx GT?gt LT?lt FIELDS #* *", asIs, checkHexpire},
	{"hexpiretime", "key, *fields", "HEXPIRETIME key FIELDS #* *", asIs, nil},
	{"hgetdel", "name, *keys", "HGETDEL name FIELDS #* *", asIs, checkHgetdel},
	{"hgetex", "name, *keys, ex=None, px=None, exat=None, pxat=None, persist=False",
		"HGETEX name EX=%ex PX=%px EXAT=%exat PXAT=%pxat PERSIST?persist FIELDS #* *", asIs, checkHgetex},
	{"hpersist", "name, *fields", "HPERSIST name FIELDS #* *", asIs, nil},
	{"hpexpire", "name, milliseconds, *fields, nx=False, xx=False, gt=False, lt=False",
		"HPEXPIRE name %milliseconds NX?nx XX?xx GT?gt LT?lt FIELDS #* *", asIs, checkHexpire},
	{"hpexpireat", "name, unix_time_milliseconds, *fields, nx=False, xx=False, gt=False, lt=False",
		"HPEXPIREAT name %unix_time_milliseconds NX?nx XX?xx GT?gt LT?lt FIELDS #* *", asIs, checkHexpire},
	{"hpexpiretime", "key, *fields", "HPEXPIRETIME key FIELDS #* *", asIs, nil},
	{"hpttl", "key, *fields", "HPTTL key FIELDS #* *", asIs, nil},
	{"httl", "key, *fields", "HTTL key FIELDS #* *", asIs, nil},
	{"sdiffcard", "numkeys, keys, limit=0", "SDIFFCARD %numkeys @keys LIMIT %limit", asIs, nil},
	{"waitaof", "num_local, num_replicas, timeout, **kwargs", "WAITAOF %num_local %num_replicas %timeout", asIs, nil},
	{"xackdel", "name, groupname, *ids, ref_policy='KEEPREF'", "XACKDEL name groupname ref_policy IDS #* *", asIs, checkXdelex},
	{"xdelex", "name, *ids, ref_policy='KEEPREF'", "XDELEX name ref_policy IDS #* *", asIs, checkXdelex},
}

func checkDelex(a *args) error {
	if !a.atMostOne([]string{"ifeq", "ifne", "ifdeq", "ifdne"}) {
		return &Error{"ValueError", "Only one of IFEQ/IFNE/IFDEQ/IFDNE may be specified"}
	}
	return nil
}

func checkHexpire(a *args) error {
	sum, kind := 0.0, "int"
	for _, name := range []string{"nx", "xx", "gt", "lt"} {
		v := a.get(name)
		if v.Kind == pyjson.Float {
			kind = "float"
		} else if !isInt(v) {
			return a.m.invalid("unsupported operand type(s) for +: '%s' and '%s'", kind, typeName(v))
		}
		sum += asFloat(v)
	}
	if sum > 1 {
		return &Error{"ValueError", "Only one of 'nx', 'xx', 'gt', 'lt' can be specified."}
	}
	return nil
}

func checkHgetdel(a *args) error {
	if len(a.rest) == 0 {
		return dataError("'%s' should have at least one key provided", a.m.name)
	}
	return nil
}

func checkHgetex(a *args) error {
	if err := checkHgetdel(a); err != nil {
		return err
	}
	return checkGetex(a)
}

func checkXdelex(a *args) error {
	if len(a.rest) == 0 {
		return dataError("%s requires at least one message ID", a.m.command)
	}
	return a.checkPolicy()
}
