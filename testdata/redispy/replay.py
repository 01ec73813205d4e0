"""Answers calls as the Python server does: over Redis, or over its own store.

    python replay.py SOCKET|memory < calls.jsonl, or redis.jsonl

Each line of the input is a call, [method, args, kwargs], empty lines and those
with # aside; each line of the output the ack of one. What the Python server
cannot answer is answered as it would have to: a generator as the list of what
it gives, bytes as text, a time as its seconds, and Python's texts about a
function without the class in front.
"""

import datetime
import inspect
import json
import re
import sys
import warnings

import redis

warnings.simplefilter("ignore")


def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return int(value.timestamp())
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def answer(storage, event, args, kwargs):
    try:
        data = getattr(storage, event)(*args, **kwargs)
        if inspect.isgenerator(data):
            data = list(data)
        if isinstance(data, set):
            return {"data": plain(list(data)), "type": "set"}
        return {"data": plain(data)}
    except TypeError as error:
        message = re.sub(r"^\w+\.\w+\(\)", f"{event}()", str(error))
        return {"error": {"msg": f"Invalid arguments for {event}: {message}", "type": "TypeError"}}
    except Exception as error:
        return {"error": {"msg": str(error), "type": type(error).__name__}}


def replay(storage, lines):
    for line in lines:
        if line.strip() and not line.startswith("#"):
            event, args, kwargs = json.loads(line)
            print(json.dumps(answer(storage, event, args, kwargs)))


def storage(name):
    if name == "memory":
        from znsocket.storages import MemoryStorage

        return MemoryStorage()
    return redis.Redis(unix_socket_path=name, decode_responses=True)


replay(storage(sys.argv[1]), sys.stdin)
