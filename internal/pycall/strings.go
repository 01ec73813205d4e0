package pycall

var stringMethods = []line{
	{"append", "key, value", "APPEND key value", asIs, nil},
	{"decr", "name, amount=1", "DECRBY name %amount", asIs, nil},
	{"decrby", "name, amount=1", "DECRBY name %amount", asIs, nil},
	{"get", "name", "GET name", asIs, nil},
	{"getdel", "name", "GETDEL name", asIs, nil},
	{"getex", "name, ex=None, px=None, exat=None, pxat=None, persist=False",
		"GETEX name EX=%ex PX=%px EXAT=%exat PXAT=%pxat PERSIST?persist", asIs, checkGetex},
	{"getrange", "key, start, end", "GETRANGE key %start %end", asIs, nil},
	{"getset", "name, value", "GETSET name value", asIs, nil},
	{"incr", "name, amount=1", "INCRBY name %amount", asIs, nil},
	{"incrby", "name, amount=1", "INCRBY name %amount", asIs, nil},
	{"incrbyfloat", "name, amount=1.0", "INCRBYFLOAT name %amount", float, nil},
	{"lcs", "key1, key2, len=False, idx=False, minmatchlen=0, withmatchlen=False",
		"LCS key1 key2 LEN?len IDX?idx MINMATCHLEN~%minmatchlen WITHMATCHLEN?withmatchlen", asIs.with("idx", matches), checkLcs},
	{"mget", "keys, *args", "MGET +keys", asIsOrEmpty, nil},
	{"mset", "mapping", "MSET mapping:kv", okay, nil},
	{"msetnx", "mapping", "MSETNX mapping:kv", truth, nil},
	{"psetex", "name, time_ms, value", "PSETEX name %time_ms value", truth, nil},
	{"set", "name, value, ex=None, px=None, nx=False, xx=False, keepttl=False, get=False, exat=None, pxat=None, " +
		"ifeq=None, ifne=None, ifdeq=None, ifdne=None",
		"SET name value NX?nx XX?xx IFEQ=ifeq IFNE=ifne IFDEQ=ifdeq IFDNE=ifdne GET?get " +
			"EX=%ex PX=%px EXAT=%exat PXAT=%pxat KEEPTTL?keepttl", stored.with("get", asIs), checkSet},
	{"setex", "name, time, value", "SETEX name %time value", truth, nil},
	{"setnx", "name, value", "SETNX name value", truth, nil},
	{"setrange", "name, offset, value", "SETRANGE name %offset value", asIs, nil},
	{"strlen", "name", "STRLEN name", asIs, nil},
	{"substr", "name, start, end=-1", "SUBSTR name %start %end", asIs, nil},
}
