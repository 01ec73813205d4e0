"""Makes redis-py's calls by the Python client and by redis-py, and compares.

    python commands.py URL SOCKET

URL is that of a server, SOCKET that of an empty Redis. What comes of a call,
a value or an error, has to be the same on both, but for what JSON cannot tell
apart: tuples are lists, and keys texts.
"""

import json
import sys

import redis
from znsocket import Client

calls = [
    # streams
    ("xadd", ["s", {"f": "1", "g": "ü"}], {"id": "1-1"}),
    ("xadd", ["s", {"f": 2}], {"id": "2-0", "maxlen": 10, "approximate": True, "limit": 5}),
    ("xadd", ["s", {"f": 3}], {"id": "3-0", "minid": "1"}),
    ("xadd", ["none", {"f": 3}], {"nomkstream": True}),
    ("xadd", ["s", {"f": 3}], {"id": "1-1"}),
    ("xadd", ["s", {}], {}),
    ("xlen", ["s"], {}),
    ("xrange", ["s"], {"count": 2}),
    ("xrange", ["s", "(1-1", "+"], {}),
    ("xrevrange", ["s", "+", "2"], {}),
    ("xread", [{"s": "1-1", "none": "0"}], {"count": 1}),
    ("xread", [{"s": "$"}], {"block": 1}),
    ("xread", [{}], {}),
    ("xgroup_create", ["s", "g", "0"], {}),
    ("xgroup_create", ["s", "g", "0"], {}),
    ("xgroup_create", ["new", "g"], {"mkstream": True, "entries_read": 3}),
    ("xgroup_create", ["none", "g"], {}),
    ("xpending", ["s", "g"], {}),
    ("xreadgroup", ["g", "a", {"s": ">"}], {"count": 2}),
    ("xreadgroup", ["g", "b", {"s": ">"}], {"noack": True, "block": 1}),
    ("xreadgroup", ["g", "b", {"s": ">"}], {"block": 1}),
    ("xreadgroup", ["none", "b", {"s": ">"}], {}),
    ("xdel", ["s", "1-1", "9"], {}),
    ("xreadgroup", ["g", "a", {"s": "0"}], {}),
    ("xpending", ["s", "g"], {}),
    ("xpending_range", ["s", "g", "-", "+", 5], {"idle": 3600000}),
    ("xpending_range", ["s", "g", "-", "+", 5, "b"], {}),
    ("xpending_range", ["s", "g", "-", "+", None], {}),
    ("xclaim", ["s", "g", "b", 0, ["2-0"]], {}),
    ("xclaim", ["s", "g", "b", 0, ["2-0"]], {"justid": True, "retrycount": 7, "force": True}),
    ("xautoclaim", ["s", "g", "c", 0], {"count": 5}),
    ("xautoclaim", ["s", "g", "c", 0, "0-0"], {"justid": True}),
    ("xinfo_groups", ["s"], {}),
    ("xinfo_stream", ["s"], {}),
    ("xinfo_stream", ["none"], {}),
    ("xinfo_consumers", ["s", "none"], {}),
    ("xack", ["s", "g", "2-0", "7-7"], {}),
    ("xgroup_setid", ["s", "g", "0"], {"entries_read": 0}),
    ("xgroup_createconsumer", ["s", "g", "d"], {}),
    ("xgroup_delconsumer", ["s", "g", "d"], {}),
    ("xgroup_destroy", ["s", "g"], {}),
    ("xtrim", ["s"], {"maxlen": 1, "approximate": False}),
    ("xtrim", ["s"], {"minid": "9", "limit": 5}),
    # places
    ("geoadd", ["geo", [13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania"]], {}),
    ("geoadd", ["geo", [13.361389, 38.115556, "Palermo"]], {"nx": True, "ch": True}),
    ("geoadd", ["geo", [200, 0, "x"]], {}),
    ("geoadd", ["geo", [1, 2]], {}),
    ("geopos", ["geo", "Palermo", "none"], {}),
    ("geodist", ["geo", "Palermo", "Catania", "km"], {}),
    ("geodist", ["geo", "Palermo", "none"], {}),
    ("geohash", ["geo", "Palermo", "none"], {}),
    ("geosearch", ["geo"], {"longitude": 15, "latitude": 37, "radius": 200, "unit": "km", "sort": "ASC"}),
    ("geosearch", ["geo"], {"member": "Palermo", "width": 400, "height": 400, "unit": "km", "count": 1, "any": True}),
    ("geosearch", ["geo"], {"member": "Palermo", "radius": 200, "unit": "km", "sort": "ASC", "withcoord": True, "withdist": True, "withhash": True}),
    ("geosearch", ["geo"], {"member": "Palermo"}),
    ("geosearchstore", ["near", "geo"], {"member": "Palermo", "radius": 200, "unit": "km", "storedist": True}),
    ("georadius", ["geo", 15, 37, 200], {"unit": "km", "withdist": True, "sort": "ASC"}),
    ("georadiusbymember", ["geo", "Palermo", 200], {"unit": "km", "sort": "DESC"}),
    # bits and estimates
    ("setbit", ["b", 7, 1], {}),
    ("setbit", ["b", 9, True], {}),
    ("getbit", ["b", 7], {}),
    ("bitcount", ["b"], {}),
    ("bitcount", ["b", 0, 7, "BIT"], {}),
    ("bitpos", ["b", 1, 1], {}),
    ("bitpos", ["b", 2], {}),
    ("bitop", ["NOT", "not", "b"], {}),
    ("bitop", ["OR", "or", "b", "not"], {}),
    ("bitfield_ro", ["b", "u8", 0], {"items": [["i4", "#1"]]}),
    ("execute_command", ["BITFIELD", "f", "SET", "u8", 0, 200, "GET", "i8", 0, "OVERFLOW", "FAIL", "INCRBY", "u8", 0, 100], {}),
    ("pfadd", ["p", "a", "b"], {}),
    ("pfadd", ["p", "a"], {}),
    ("pfcount", ["p", "none"], {}),
    ("pfmerge", ["q", "p"], {}),
    # what waits
    ("rpush", ["l", "a", "b", "c", "d", "e", "f"], {}),
    ("blpop", [["none", "l"], 1], {}),
    ("brpop", ["l"], {}),
    ("blpop", ["none", 0.01], {}),
    ("blmove", ["l", "m", 1], {}),
    ("brpoplpush", ["l", "m", 1], {}),
    ("lmpop", [1, "l"], {"direction": "LEFT", "count": 1}),
    ("blmpop", [1, 2, "none", "l"], {"direction": "RIGHT", "count": 2}),
    ("blmpop", [0.01, 1, "none"], {"direction": "RIGHT"}),
    ("zadd", ["z", {"a": 1, "b": 2.5, "c": 3, "d": 4}], {}),
    ("bzpopmin", [["none", "z"], 1], {}),
    ("bzpopmax", ["z"], {}),
    ("bzpopmax", ["none", 0.01], {}),
    ("bzmpop", [1, 1, ["z"]], {"min": True, "count": 5}),
    # scripts
    ("eval", ["return {KEYS[1], ARGV[1], 1.9, true, false, {ok='fine'}, {}}", 1, "k", 7], {}),
    ("eval", ["return redis.call('get', KEYS[1])", 1, "none"], {}),
    ("eval", ["return redis.call('lrange', 'm', 0, -1)", 0], {}),
    ("eval", ["return redis.error_reply('MY own')", 0], {}),
    ("eval", ["return nonsense", 0], {}),
    ("eval", ["return 1", 2, "a"], {}),
    ("eval_ro", ["return redis.call('set', KEYS[1], 1)", 1, "k"], {}),
    ("script_load", ["return ARGV[1]"], {}),
    ("script_exists", ["098e0f0d1448c0a81dafe820f66d460eb09263da", "nosuch"], {}),
    ("evalsha", ["098e0f0d1448c0a81dafe820f66d460eb09263da", 0, "x"], {}),
    ("evalsha_ro", ["098e0f0d1448c0a81dafe820f66d460eb09263da", 0, "x"], {}),
    ("script_flush", [], {}),
    ("evalsha", ["098e0f0d1448c0a81dafe820f66d460eb09263da", 0], {}),
    ("script_kill", [], {}),
    # sorting and objects
    ("rpush", ["sort", 3, 10, 2], {}),
    ("sort", ["sort"], {"desc": True, "alpha": True, "start": 0, "num": 2}),
    ("sort", ["sort"], {"by": "nosort", "get": ["#", "none_*"], "groups": True}),
    ("sort", ["sort"], {"store": "sorted"}),
    ("sort_ro", ["sort"], {}),
    ("object", ["encoding", "sort"], {}),
    ("object", ["freq", "sort"], {}),
    ("lpos", ["sort", "3"], {"count": 0}),
    ("zmpop", [1, ["near"]], {"max": True}),
    ("hset", ["h", "f", "v"], {}),
    ("hrandfield", ["h", -2, True], {}),
    ("zrandmember", ["near", 9, True], {}),
]


def outcome(storage, name, args, kwargs):
    try:
        value = getattr(storage, name)(*args, **kwargs)
    except Exception as error:
        # redis-py takes some codes of Redis's away, and makes classes of others.
        return "error", str(error).removeprefix("NOSCRIPT ").removeprefix("BUSYGROUP ").removeprefix("NOGROUP ")
    if isinstance(value, dict) and name == "xinfo_stream":
        value = {key: item for key, item in value.items() if not key.startswith("radix")}
    return "value", json.dumps(value, sort_keys=True, ensure_ascii=False, default=bytes.decode)


def refused(client):
    """What gives an object that sends its calls by itself says what to call instead."""
    for name, instead in ("register_script", "evalsha"), ("bitfield", "execute_command"):
        kind, text = outcome(client, name, ["x"], {})
        if kind != "error" or instead not in text:
            sys.exit(f"{name} gives {text}")


def main(url, socket):
    client = Client.from_url(url)
    refused(client)
    direct = redis.Redis(unix_socket_path=socket, decode_responses=True)
    different = 0
    for name, args, kwargs in calls:
        want, got = outcome(direct, name, args, kwargs), outcome(client, name, args, kwargs)
        if want != got:
            different += 1
            print(f"{name} {args} {kwargs}\n  redis-py gives {want}\n  the client    {got}")
    client.sio.disconnect()
    if different:
        sys.exit(f"{different} of {len(calls)} calls differ")


main(*sys.argv[1:])
