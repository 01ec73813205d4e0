package pycall

var hashMethods = []line{
	{"hdel", "name, *keys", "HDEL name *", asIs, nil},
	{"hexists", "name, key", "HEXISTS name key", asIs, nil},
	{"hget", "name, key", "HGET name key", asIs, nil},
	{"hgetall", "name", "HGETALL name", mapping, nil},
	{"hincrby", "name, key, amount=1", "HINCRBY name key %amount", asIs, nil},
	{"hincrbyfloat", "name, key, amount=1.0", "HINCRBYFLOAT name key %amount", float, nil},
	{"hkeys", "name", "HKEYS name", asIs, nil},
	{"hlen", "name", "HLEN name", asIs, nil},
	{"hmget", "name, keys, *args", "HMGET name +keys", asIs, nil},
	{"hmset", "name, mapping", "HMSET name mapping:kv", truth, checkHmset},
	{"hrandfield", "key, count=None, withvalues=False", "HRANDFIELD key =%count WITHVALUES?withvalues", asIs.with("withvalues", flatPairs), nil},
	{"hscan", "name, cursor=0, match=None, count=None, no_values=None",
		"HSCAN name %cursor MATCH=match COUNT=%count NOVALUES!no_values", scanMapping.with("no_values", scan), nil},
	{"hscan_iter", "name, match=None, count=None, no_values=None",
		"HSCAN name 0 MATCH=match COUNT=%count " + everything + " NOVALUES!no_values", scannedPairs.with("no_values", scanned), nil},
	{"hset", "name, key=None, value=None, mapping=None, items=None", "HSET name @items key&value mapping:kv", asIs, checkHset},
	{"hsetnx", "name, key, value", "HSETNX name key value", asIs, nil},
	{"hstrlen", "name, key", "HSTRLEN name key", asIs, nil},
	{"hvals", "name", "HVALS name", asIs, nil},
}
