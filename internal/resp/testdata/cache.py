"""redis-py's client-side cache: what it keeps, and when it lets go of it."""

import sys

import redis
from redis.cache import CacheConfig
from redis.connection import CacheProxyConnection

# It asks for a Redis 7.4, to be on the safe side.
CacheProxyConnection.MIN_ALLOWED_VERSION = "7.0.0"

port = int(sys.argv[1])
reader = redis.Redis(port=port, protocol=3, cache_config=CacheConfig())
writer = redis.Redis(port=port)
cache = reader.get_cache()


def becomes(key, want):
    """Reads until what another connection has changed is known to this one."""
    for _ in range(100_000):
        if (got := reader.get(key)) == want:
            return
    raise AssertionError(f"{key} is still {got}, not {want}")


writer.mset({"a": "1", "b": "1"})
for round in range(3):
    becomes("a", str(round + 1).encode())
    assert reader.get("b") == b"1"
    assert cache.size == 2, cache.size
    writer.incr("a")
writer.flushall()
becomes("a", None)
becomes("b", None)

reader.set("own", "1")
assert reader.get("own") == b"1"
reader.set("own", "2")
assert reader.get("own") == b"2"
with reader.pipeline() as p:
    p.set("own", "3")
    p.get("own")
    assert p.execute()[1] == b"3"
assert reader.get("own") == b"3"
print("fine")
