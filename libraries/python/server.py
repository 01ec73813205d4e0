"""The server that a library is run on, and how a test waits for what it does."""

import atexit
import os
import subprocess
import sys
import time

import redis

URL = os.environ["REDIS_URL"]


def connect(**options):
    return redis.Redis.from_url(URL, **options)


def start_worker(*words):
    """Runs a Python module with these words until the tests end, however they do."""
    worker = subprocess.Popen([sys.executable, "-W", "ignore", "-m", *words])
    atexit.register(end, worker)


def end(worker):
    worker.terminate()
    try:
        worker.wait(5)
    except subprocess.TimeoutExpired:  # it waits for its task
        worker.kill()
        worker.wait()


def eventually(condition, seconds=20):
    """Waits until the condition is true and returns what it returned."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)
    return value
