"""Drives the real Python client against a server: python client.py URL

Each part is a function, named for what it shows, and uses keys of its own. The
first one that fails ends the program.
"""

import json
import sys
import threading

import numpy as np
import znjson
from redis.exceptions import DataError, ResponseError
from znjson.converter import NumpyConverter, NumpyConverterSmall
from znsocket import Client, Dict, DictAdapter, List, ListAdapter, Segments
from znsocket.exceptions import FrozenStorageError, UnknownEventError, ZnSocketError

URL = sys.argv[1]


def raises(kind, text, call):
    try:
        call()
    except kind as e:
        assert text in str(e), f"{e!r} does not say {text!r}"
    else:
        raise AssertionError(f"no {kind.__name__}")


class Heard:
    """Collects refreshes of a key that a client hears."""

    def __init__(self, client, key):
        self.events, self.new = [], threading.Condition()
        client.refresh_callbacks[key] = self.add

    def add(self, data):
        with self.new:
            self.events.append(data)
            self.new.notify_all()

    def wait(self, count):
        with self.new:
            assert self.new.wait_for(lambda: len(self.events) >= count, 20), self.events
        return self.events


def commands(c):
    assert c.set("name", "Fabian") is True
    assert c.get("name") == "Fabian"
    assert c.get("absent") is None
    assert c.set("name", "Ada", nx=True) is None
    assert c.set(name="t", value="x", ex=100) is True
    assert c.ttl("t") == 100
    assert c.hset("h", mapping={"a": "1", "b": 2}) == 2
    assert c.hset("h", "c", 3.5) == 1
    assert c.hgetall("h") == {"a": "1", "b": "2", "c": "3.5"}
    assert c.hexists("h", "a") == 1 and c.hexists("h", "z") == 0
    assert c.hmget("h", ["a", "z"]) == ["1", None]
    assert c.sadd("s", "x", "y") == 2
    assert c.smembers("s") == {"x", "y"}
    assert c.smembers("absent") == set()
    assert c.rpush("l", "a", "b", "c") == 3
    assert c.lrange("l", 0, -1) == ["a", "b", "c"]
    assert c.lrange("absent", 0, -1) == []
    assert c.hgetall("absent") == {}
    assert c.zadd("z", {"m": 1.5, "n": 2}) == 2
    assert c.zrange("z", 0, -1, withscores=True) == [["m", 1.5], ["n", 2.0]]
    assert c.copy("h", "h2") is True and c.copy("absent", "h3") is False
    assert c.type("h") == "hash"
    assert c.incr("n", 5) == 5 and c.incrbyfloat("f", 0.5) == 0.5
    assert sorted(c.scan_iter(match="h*")) == ["h", "h2"]
    assert c.mget("name", "absent") == ["Fabian", None]
    assert c.set("unicode", "schön 😀 \u2028") and c.get("unicode") == "schön 😀 \u2028"


def errors(c):
    c.hset("he", "a", "1")
    raises(ResponseError, "no such key", lambda: c.lset("absent", 0, "x"))
    c.rpush("le", "a")
    c.set("te", "x")
    raises(ResponseError, "index out of range", lambda: c.lset("le", 7, "x"))
    raises(ResponseError, "WRONGTYPE Operation against a key holding the wrong kind of value", lambda: c.lpush("he", "x"))
    raises(ResponseError, "value is not an integer or out of range", lambda: c.incr("te"))
    raises(UnknownEventError, "Unknown event: acl_whoami", lambda: c.acl_whoami())
    raises(TypeError, "Invalid arguments for set:", lambda: c.set())
    raises(DataError, "Invalid input of type", lambda: c.set("k", None))
    raises(DataError, "Invalid input of type", lambda: c.set("k", True))
    raises(DataError, "'dict'", lambda: c.set("k", {"a": 1}))
    raises(DataError, "'hset' with no key value pairs", lambda: c.hset("k"))


def pipelines(c):
    p = c.pipeline()
    p.set("pa", "1").get("pa").sadd("ps", "x").smembers("ps").hexists("ph", "f")
    assert p.execute() == [True, "1", 1, {"x"}, 0]
    p = c.pipeline()
    p.set("pa", "2").lset("absent", 0, "1").set("pb", "after")
    raises(ResponseError, "no such key", p.execute)
    assert c.mget("pa", "pb") == ["2", "after"]
    p = c.pipeline()
    for i in range(2000):
        p.rpush("plong", f"element {i}")
    assert p.execute()[-1] == 2000


def lists(c):
    lst = List(r=c, key="list:1")
    lst.extend(["a", "b", "c", "d"])
    assert lst[::2] == ["a", "c"] and lst[-1] == "d" and lst[::-1] == ["d", "c", "b", "a"]
    lst.append({"x": 1})
    lst[0] = "z"
    del lst[1]
    lst.insert(1, "ins")
    assert lst.pop() == {"x": 1}
    assert list(lst) == ["z", "ins", "c", "d"] and len(lst) == 4
    lst[1:3] = ["i", "j"]
    assert lst == ["z", "i", "j", "d"]
    inner = List(r=c, key="list:inner")
    inner.append(1)
    lst.append(inner)
    assert list(lst[-1]) == [1]
    copied = lst.copy("list:copy")
    assert copied == lst
    raises(ValueError, "circular", lambda: lst.append(lst))
    raises(IndexError, "", lambda: lst[99])
    lst.clear()
    assert len(lst) == 0


def dicts(c):
    d = Dict(r=c, key="dict:1")
    d["Hello"] = "World"
    d.update({"a": 1, "b": [1, 2, None]})
    assert d["Hello"] == "World" and "a" in d and len(d) == 3
    assert list(d.keys()) == ["Hello", "a", "b"]
    assert d.items() == [("Hello", "World"), ("a", 1), ("b", [1, 2, None])]
    assert d.pop("a") == 1
    raises(KeyError, "a", lambda: d["a"])
    d["inner"] = Dict(r=c, key="dict:inner")
    d["inner"]["x"] = True
    assert d["inner"]["x"] is True
    assert d.copy("dict:copy") == d


def segments(c):
    lst = List(r=c, key="segments:list")
    lst.extend(list("abcdef"))
    s = Segments.from_list(lst, "segments:1")
    s[2] = "C"
    assert list(s) == ["a", "b", "C", "d", "e", "f"] and len(s) == 6


def adapters(c):
    other = Client.from_url(URL)
    data = [1, 2, 3, 4, 5]
    ListAdapter(socket=c, key="adapter:data", object=data)
    for reader in (c, other):
        lst = List(r=reader, key="adapter:data")
        assert len(lst) == len(data) and lst[0] == 1 and lst[1:3] == [2, 3] and lst[-1] == data[-1]
        data.append(6)
        assert len(lst) == len(data) and lst[-1] == 6
        raises(FrozenStorageError, "frozen", lambda: lst.append(1))
    DictAdapter(socket=c, key="adapter:user", object={"name": "John", "age": 30})
    d = Dict(r=other, key="adapter:user")
    assert d["name"] == "John" and list(d.keys()) == ["name", "age"] and "age" in d
    assert d.items() == [("name", "John"), ("age", 30)]
    raises(KeyError, "missing", lambda: d["missing"])
    List(r=c, key="adapter:taken")
    raises(KeyError, "already exists in storage", lambda: ListAdapter(socket=c, key="adapter:taken", object=[1]))
    raises(KeyError, "does not exist in storage", lambda: handle(c.call("adapter:get", key="nobody", method="__len__")))
    assert c.call("adapter_exists", key="znsocket.List:adapter:data") is True
    c2 = Client.from_url(URL)
    ListAdapter(socket=c2, key="adapter:leaving", object=[1])
    c2.sio.disconnect()
    for _ in range(100):
        if not c.call("adapter_exists", key="znsocket.List:adapter:leaving"):
            break
        c.sio.sleep(0.05)
    else:
        raise AssertionError("the adapter of a client that left is still there")
    other.sio.disconnect()


def handle(result):
    from znsocket.utils import handle_error

    handle_error(result)
    return result


def refreshes(c):
    other = Client.from_url(URL)
    here, there = Heard(c, "znsocket.List:refresh"), Heard(other, "znsocket.List:refresh")
    lst = List(r=c, key="refresh")
    lst.append(1)
    lst.extend([2, 3])
    del lst[0]
    assert there.wait(3) == [{"indices": [0]}, {"start": 1, "stop": None}, {"start": 0, "stop": None}], there.events
    List(r=other, key="refresh").append(4)
    assert here.wait(1) == [{"indices": [2]}]
    assert len(there.events) == 3
    other.sio.disconnect()


def large(c):
    text = "".join(chr(97 + i % 26) for i in range(3_000_000))
    for client in (
        c,  # one compressed message
        Client.from_url(URL, max_message_size_bytes=5000, compression_threshold=100),  # compressed, in pieces
        Client.from_url(URL, enable_compression=False, max_message_size_bytes=500_000),  # pieces only
    ):
        assert client.set("large", text) is True
        assert client.get("large") == text
        c.delete("large:list")
        p = client.pipeline()
        for i in range(50):
            p.rpush("large:list", text[:20_000] + str(i))
        assert p.execute()[-1] == 50
        assert client.lindex("large:list", 49) == text[:20_000] + "49"
        raises(ZnSocketError, "no such key", lambda: client.lset("absent", 0, text[:10_000]))
        if client is not c:
            client.sio.disconnect()


def arrays(c):
    converters = [NumpyConverterSmall, NumpyConverter]
    array = np.random.rand(1000, 1000)
    d = Dict(r=c, key="large_dataset", converter=converters)
    d["array"] = array
    assert np.array_equal(d["array"], array)
    d["small"] = np.arange(5)
    assert np.array_equal(d["small"], np.arange(5))
    json.loads(c.hget(d.key, "small"))
    assert znjson.__version__


def together(c):
    """Calls of several threads of one client do not get each other's answers."""
    failures = []

    def work(n):
        try:
            for i in range(200):
                c.set(f"together:{n}", i)
                assert c.get(f"together:{n}") == str(i)
        except Exception as e:  # noqa: BLE001
            failures.append(e)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures, failures


client = Client.from_url(URL)
for part in (commands, errors, pipelines, lists, dicts, segments, adapters, refreshes, large, arrays, together):
    part(client)
    print("ok", part.__name__, flush=True)
client.sio.disconnect()
