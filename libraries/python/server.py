"""The server that a library is run on, and how a test waits for what it does."""

import os
import time

import redis

URL = os.environ["REDIS_URL"]


def connect(**options):
    return redis.Redis.from_url(URL, **options)


def eventually(condition, seconds=20):
    """Waits until the condition is true and returns what it returned."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)
    return value
