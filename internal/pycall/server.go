package pycall

var serverMethods = []line{
	{"dbsize", "**kwargs", "DBSIZE", asIs, nil},
	{"echo", "value, **kwargs", "ECHO value", asIs, nil},
	{"flushall", "asynchronous=False, **kwargs", "FLUSHALL ASYNC?asynchronous", okay, nil},
	{"flushdb", "asynchronous=False, **kwargs", "FLUSHDB ASYNC?asynchronous", okay, nil},
	{"ping", "**kwargs", "PING", pong, nil},
	{"swapdb", "first, second, **kwargs", "SWAPDB %first %second", okay, nil},
	{"time", "**kwargs", "TIME", clock, nil},
}

// executeCommand is execute_command(command, *args): any command of the table,
// answered as the method for it would.
var executeCommand = &Method{
	name:      "execute_command",
	check:     checkCommand,
	signature: parseSignature("*args, **options"),
	words:     []word{{form: further}},
	direct:    -1,
}
