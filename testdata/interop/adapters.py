"""Owns adapters or reads them, as it is told: adapters.py own|read|plain|readme URL

The first line of the input is the data, each other line a request. For each there is a line with what came of it:
{"value": …} or {"error": its type, "msg": …}. "plain" reads the data without ZnSocket: what it says is what there is
to see.
"""

import json
import operator
import queue
import sys
import threading
from collections.abc import ItemsView, KeysView, Sequence, ValuesView

import numpy as np
from znjson.converter import NumpyConverter, NumpyConverterSmall
from znsocket import Client, Dict, DictAdapter, List, ListAdapter

CONVERTERS = [NumpyConverterSmall, NumpyConverter]


def say(outcome):
    sys.stdout.write(json.dumps(outcome) + "\n")  # in one piece: threads say something, too
    sys.stdout.flush()


class Failing(Sequence):
    """Has no elements where the data has None."""

    def __init__(self, data):
        self.data = data

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if self.data[index] is None:
            raise ValueError("out of paper")
        return self.data[index]


class Hanging(Sequence):
    """Never gives an element away."""

    def __len__(self):
        return 1

    def __getitem__(self, index):
        say({"value": "asked"})
        threading.Event().wait()


def objects(data):
    """What the data is in a Python program."""
    kinds = {"ints": np.array, "row": np.array, "matrix": np.array, "wide": np.array, "failing": Failing, "hanging": lambda _: Hanging()}
    return {key: kinds.get(key, lambda v: v)(value) for key, value in data.items()}


def plain(value):
    """A value without objects of ZnSocket and numpy."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (List, list, tuple, KeysView, ValuesView, ItemsView)):
        return [plain(v) for v in value]
    return value


def make_copy(obj, target):
    """Copies an object of ZnSocket, adds to the copy and reads it back."""
    copied = obj.copy(target)
    if isinstance(copied, Dict):
        copied["added"] = 1
        return copied.items()
    copied.append("added")
    return copied[:]


READS = {
    "len": len,
    "at": operator.getitem,
    "slice": lambda o, *bounds: o[slice(*bounds)],
    "all": list,
    "in": lambda o, v: v in o,
    "copy": make_copy,
    "set": operator.setitem,
    "del": operator.delitem,
}

PLAIN_READS = READS | {
    # What Python's List asks for: bounds counted from the begin. -1, the place before it, means the last one then.
    "counted": lambda o, *bounds: o[slice(*slice(*bounds).indices(len(o)))],
    # Such bounds where -1 means the place before the begin.
    "places": lambda o, start, *bounds: [o[i] for i in range(min(start, len(o) - 1), *bounds)],
    "copy": lambda o, _: [*o.items(), ("added", 1)] if isinstance(o, dict) else [*o, "added"],
}


def read(root, reads, request):
    obj = root(request)
    for step in request["path"] or []:
        obj = obj[step]
    op, args = request["op"], request["args"] or []
    return plain(reads[op](obj, *args) if op in reads else getattr(obj, op)(*args))


def change(data):
    data["mixed"].append("new")
    data["frames"][0]["name"] = "renamed"
    data["user"]["ü"] = [1]
    data["matrix"][0, 0] = 100


def nest(item, key, socket, converter=None, convert_nan=False):
    if isinstance(item, dict):
        return DictAdapter(key, socket, item, converter, convert_nan)
    if isinstance(item, list):
        return ListAdapter(key, socket, item, None, converter, convert_nan)
    return item


def own(client, data):
    """Handles the requests of an owner of adapters."""
    for key, value in data.items():
        if isinstance(value, dict):
            DictAdapter(key, client, value, converter=CONVERTERS)
        else:
            ListAdapter(key, client, value, item_transform_callback=nest if key == "frames" else None, converter=CONVERTERS)

    def announce():
        for target, what in (("List:mixed", {"indices": [len(data["mixed"]) - 1]}), ("Dict:user", {"keys": ["ü"]})):
            client.sio.emit("refresh", {"target": f"znsocket.{target}", "data": what}, namespace="/znsocket")

    return lambda request: {"change": lambda: change(data), "announce": announce}[request["op"]]()


def reader(client):
    """Handles the requests of a reader."""
    heard = queue.Queue()

    def root(request):
        kind = Dict if request["kind"] == "Dict" else List
        obj = kind(r=client, key=request["key"], converter=CONVERTERS)
        if request["op"] == "listen":
            obj.on_refresh(heard.put)
        return obj

    reads = READS | {"listen": lambda _: None, "heard": lambda _: heard.get(timeout=20)}
    return lambda request: read(root, reads, request)


def oracle(data):
    def handle(request):
        return change(data) if request["op"] == "change" else read(lambda r: data[r["key"]], PLAIN_READS, request)

    return handle


def readme(url):
    """What Python's README shows of adapters, line by line."""
    client = Client.from_url(url)
    data = [1, 2, 3, 4, 5]
    adapter = ListAdapter(socket=client, key="data", object=data)  # noqa: F841
    shared_list = List(r=client, key="data")
    print(len(shared_list))
    print(shared_list[0])
    print(shared_list[1:3])
    data.append(6)
    print(len(shared_list))
    print(shared_list[-1])

    client = Client.from_url(url)
    data = {"name": "John", "age": 30, "city": "Berlin"}
    adapter = DictAdapter(socket=client, key="user_data", object=data)  # noqa: F841
    shared_dict = Dict(r=client, key="user_data")
    print(shared_dict["name"])
    print(list(shared_dict.keys()))
    print("age" in shared_dict)
    data["country"] = "Germany"
    print(shared_dict["country"])
    print(len(shared_dict))


def main(role, url):
    if role == "readme":
        return readme(url)
    data = objects(json.loads(sys.stdin.readline()) or {})
    client = Client.from_url(url) if role != "plain" else None
    handle = {"own": lambda: own(client, data), "read": lambda: reader(client), "plain": lambda: oracle(data)}[role]()
    say({"value": "ready"})
    for line in sys.stdin:
        try:
            say({"value": handle(json.loads(line))})
        except Exception as e:  # noqa: BLE001
            say({"error": type(e).__name__, "msg": str(e)})
    if client:
        client.sio.disconnect()


main(*sys.argv[1:])
