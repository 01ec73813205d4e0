"""Runs commands on the store of the Python server, as that runs them.

Each line in is [name, args, kwargs], each line out {"data": value} or
{"error": {"type": name, "msg": text}}.
"""

import json
import sys

from znsocket.storages import MemoryStorage

storage = MemoryStorage()


def run(name, args, kwargs):
    if not hasattr(storage, name):
        return {"error": {"type": "UnknownEventError", "msg": f"Unknown event: {name}"}}
    try:
        return {"data": getattr(storage, name)(*args, **kwargs)}
    except Exception as e:
        return {"error": {"type": type(e).__name__, "msg": str(e)}}


for line in sys.stdin:
    print(json.dumps(run(*json.loads(line))), flush=True)
