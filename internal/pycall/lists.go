package pycall

var listMethods = []line{
	{"lindex", "name, index", "LINDEX name %index", asIs, nil},
	{"linsert", "name, where, refvalue, value", "LINSERT name where refvalue value", asIs, nil},
	{"llen", "name", "LLEN name", asIs, nil},
	{"lmove", "first_list, second_list, src='LEFT', dest='RIGHT'", "LMOVE first_list second_list src dest", asIs, nil},
	{"lmpop", "num_keys, *args, direction, count=1", "LMPOP %num_keys * direction COUNT~%count", asIs, nil},
	{"lpop", "name, count=None", "LPOP name =%count", asIs, nil},
	{"lpos", "name, value, rank=None, count=None, maxlen=None",
		"LPOS name value RANK=%rank COUNT=%count MAXLEN=%maxlen", asIs, nil},
	{"lpush", "name, *values", "LPUSH name *", asIs, nil},
	{"lpushx", "name, *values", "LPUSHX name *", asIs, nil},
	{"lrange", "name, start, end", "LRANGE name %start %end", asIs, nil},
	{"lrem", "name, count, value", "LREM name %count value", asIs, nil},
	{"lset", "name, index, value", "LSET name %index value", okay, nil},
	{"ltrim", "name, start, end", "LTRIM name %start %end", okay, nil},
	{"rpop", "name, count=None", "RPOP name =%count", asIs, nil},
	{"rpoplpush", "src, dst", "RPOPLPUSH src dst", asIs, nil},
	{"rpush", "name, *values", "RPUSH name *", asIs, nil},
	{"rpushx", "name, *values", "RPUSHX name *", asIs, nil},
}
