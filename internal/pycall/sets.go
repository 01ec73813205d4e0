package pycall

var setMethods = []line{
	{"sadd", "name, *values", "SADD name *", asIs, nil},
	{"scard", "name", "SCARD name", asIs, nil},
	{"sdiff", "keys, *args", "SDIFF +keys", set, nil},
	{"sdiffstore", "dest, keys, *args", "SDIFFSTORE dest +keys", asIs, nil},
	{"sinter", "keys, *args", "SINTER +keys", set, nil},
	{"sintercard", "numkeys, keys, limit=0", "SINTERCARD %numkeys @keys LIMIT %limit", asIs, nil},
	{"sinterstore", "dest, keys, *args", "SINTERSTORE dest +keys", asIs, nil},
	{"sismember", "name, value", "SISMEMBER name value", asIs, nil},
	{"smembers", "name", "SMEMBERS name", set, nil},
	{"smismember", "name, values, *args", "SMISMEMBER name +values", asIs, nil},
	{"smove", "src, dst, value", "SMOVE src dst value", asIs, nil},
	{"spop", "name, count=None", "SPOP name =%count", asIs, nil},
	{"srandmember", "name, number=None", "SRANDMEMBER name =%number", asIs, nil},
	{"srem", "name, *values", "SREM name *", asIs, nil},
	{"sscan", "name, cursor=0, match=None, count=None", "SSCAN name %cursor MATCH=match COUNT=%count", scan, nil},
	{"sscan_iter", "name, match=None, count=None", "SSCAN name 0 MATCH=match COUNT=%count " + everything, scanned, nil},
	{"sunion", "keys, *args", "SUNION +keys", set, nil},
	{"sunionstore", "dest, keys, *args", "SUNIONSTORE dest +keys", asIs, nil},
}
