"""Prints what Python's callbacks tell of some changes, one JSON text a line, and
then what its objects look like: callbacks.py URL"""

import json
import sys

from znsocket import Client, Dict, List

client = Client.from_url(sys.argv[1])


def tells(*names):
    return {name: lambda *args, name=name: print(json.dumps([name, *args])) for name in names}


l = List(r=client, key="l", callbacks=tells("append", "insert", "setitem", "delitem"))
l.append("a")
l.append("b")
l.append(None)
l.insert(1, "c")
l.insert(0, "d")
l[1] = "A"
l[1:3] = ["x", "y"]
l[::2] = [1, 2, 3]
del l[0]
del l[1:3]
del l[::-1]

d = Dict(r=client, key="d", callbacks=tells("setitem", "delitem"))
d["a"] = 1
d["a"] = {"deep": [2]}
d["b"] = None
del d["a"]
d.pop("b")

full = {"repr_type": "full"}
client.rpush("znsocket.List:shown", "1")
client.rpush("znsocket.List:shown", "[2]")
client.hset("znsocket.Dict:shown", "a", "1")
print(json.dumps([repr(List(r=client, key="shown")), repr(List(r=client, key="shown", **full))]))
print(json.dumps([repr(Dict(r=client, key="shown")), repr(Dict(r=client, key="shown", **full))]))
client.sio.disconnect()
