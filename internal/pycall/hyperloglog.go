package pycall

var hyperloglogMethods = []line{
	{"pfadd", "name, *values", "PFADD name *", asIs, nil},
	{"pfcount", "*sources", "PFCOUNT *", asIs, nil},
	{"pfmerge", "dest, *sources", "PFMERGE dest *", okay, nil},
}
