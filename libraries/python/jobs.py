"""What the workers of rq do."""

import os
import signal
import time

from server import connect


def add(a, b):
    return a + b


def meet(mine, theirs):
    """Ends when the other side has come, so it needs two workers."""
    db = connect(decode_responses=True)
    db.rpush(mine, os.getpid())
    return db.blpop([theirs], 20)[1]


def fail():
    raise ValueError("as it must")


def fail_once(key):
    if connect().incr(key) == 1:
        raise ValueError("not yet")
    return "done"


def hang(key):
    connect().rpush(key, "begun")
    time.sleep(60)


def die():
    os.kill(os.getpid(), signal.SIGKILL)
