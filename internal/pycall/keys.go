package pycall

// everything is the COUNT by which one SCAN goes through all there is. It
// follows the caller's own COUNT, which is only checked.
const everything = "COUNT 1000000000"

var keyMethods = []line{
	{"copy", "source, destination, destination_db=None, replace=False",
		"COPY source destination DB=%destination_db REPLACE?replace", truth, nil},
	{"delete", "*names", "DEL *", asIs, nil},
	{"dump", "name", "DUMP name", asIs, nil},
	{"exists", "*names", "EXISTS *", asIs, nil},
	{"expire", "name, time, nx=False, xx=False, gt=False, lt=False", "EXPIRE name %time NX?nx XX?xx GT?gt LT?lt", asIs, nil},
	{"expireat", "name, when, nx=False, xx=False, gt=False, lt=False", "EXPIREAT name %when NX?nx XX?xx GT?gt LT?lt", truth, nil},
	{"expiretime", "key", "EXPIRETIME key", asIs, nil},
	{"keys", "pattern='*', **kwargs", "KEYS pattern", asIs, nil},
	{"migrate", "host, port, keys, destination_db, timeout, copy=False, replace=False, auth=None, **kwargs",
		`MIGRATE host %port "" %destination_db %timeout COPY?copy REPLACE?replace AUTH=auth KEYS +keys`, asIs, checkMigrate},
	{"move", "name, db", "MOVE name %db", truth, nil},
	{"object", "infotype, key, **kwargs", "OBJECT infotype key", asIs, nil},
	{"persist", "name", "PERSIST name", truth, nil},
	{"pexpire", "name, time, nx=False, xx=False, gt=False, lt=False", "PEXPIRE name %time NX?nx XX?xx GT?gt LT?lt", truth, nil},
	{"pexpireat", "name, when, nx=False, xx=False, gt=False, lt=False", "PEXPIREAT name %when NX?nx XX?xx GT?gt LT?lt", truth, nil},
	{"pexpiretime", "key", "PEXPIRETIME key", asIs, nil},
	{"pttl", "name", "PTTL name", asIs, nil},
	{"randomkey", "**kwargs", "RANDOMKEY", asIs, nil},
	{"rename", "src, dst", "RENAME src dst", okay, nil},
	{"renamenx", "src, dst", "RENAMENX src dst", truth, nil},
	{"restore", "name, ttl, value, replace=False, absttl=False, idletime=None, frequency=None",
		"RESTORE name %ttl value REPLACE?replace ABSTTL?absttl IDLETIME=%idletime FREQ=%frequency", asIs, checkRestore},
	{"scan", "cursor=0, match=None, count=None, _type=None, **kwargs",
		"SCAN %cursor MATCH=match COUNT=%count TYPE=_type", scan, nil},
	{"scan_iter", "match=None, count=None, _type=None, **kwargs",
		"SCAN 0 MATCH=match COUNT=%count " + everything + " TYPE=_type", scanned, nil},
	{"touch", "*args", "TOUCH *", asIs, nil},
	{"ttl", "name", "TTL name", asIs, nil},
	{"type", "name", "TYPE name", asIs, nil},
	{"unlink", "*names", "UNLINK *", asIs, nil},
}
