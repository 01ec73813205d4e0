"""dogpile.cache: of many processes and threads that miss a value one makes it."""

import multiprocessing
import threading
import time
import unittest

from dogpile.cache import make_region
from dogpile.cache.api import NO_VALUE

from server import URL, connect, eventually

THREADS = 4


def region(**more):
    arguments = {"url": URL, "distributed_lock": True, "thread_local_lock": False, "lock_timeout": 20, "lock_sleep": 0.01}
    return make_region().configure("dogpile.cache.redis", expiration_time=3600, arguments=arguments | more)


def make(key):
    db = connect()
    db.incr("made " + key)
    db.blpop(["go " + key], 20)  # until all have asked
    return {"title": key, "made": db.get("made " + key)}


def ask(key, answers):
    cache = region()

    def get():
        connect().incr("asked " + key)
        answers.put(cache.get_or_create(key, lambda: make(key)))

    threads = [threading.Thread(target=get) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Dogpile(unittest.TestCase):
    def test_made_once(self):
        context = multiprocessing.get_context("spawn")
        answers = context.Queue()
        processes = [context.Process(target=ask, args=("page", answers)) for _ in range(2)]
        for process in processes:
            process.start()
        db = connect()
        eventually(lambda: db.get("made page") and int(db.get("asked page")) == 2 * THREADS)
        db.rpush("go page", 1)
        got = [answers.get(timeout=20) for _ in range(2 * THREADS)]
        for process in processes:
            process.join()
        self.assertEqual(got, [{"title": "page", "made": b"1"}] * len(got))
        self.assertEqual(db.get("made page"), b"1")

    def test_calls(self):
        cache, other, made = region(), region(), []

        def square(n):
            made.append(n)
            return n * n

        squares = cache.cache_on_arguments(namespace="n")(square)
        theirs = other.cache_on_arguments(namespace="n")(square)
        self.assertEqual([squares(3), theirs(3), squares(4)], [9, 9, 16])
        self.assertEqual(made, [3, 4])
        squares.invalidate(3)
        self.assertEqual(theirs(3), 9)
        self.assertEqual(made, [3, 4, 3])
        cache.set_multi({"a": 1, "b": [1, 2]})
        self.assertEqual(other.get_multi(["a", "none", "b"]), [1, NO_VALUE, [1, 2]])
        self.assertEqual(other.get_or_create_multi(["a", "c"], lambda *keys: [key + "!" for key in keys]), [1, "c!"])
        cache.delete_multi(["a", "b"])
        self.assertEqual(other.get("a"), NO_VALUE)

    def test_expires(self):
        cache = region(redis_expiration_time=1)
        cache.set("short", "x")
        self.assertEqual(cache.get("short"), "x")
        eventually(lambda: cache.get("short") is NO_VALUE)
        old = region()
        old.set("old", 1)
        eventually(lambda: time.time() > old.get_value_metadata("old").cached_time)
        self.assertEqual(old.get_or_create("old", lambda: 2, expiration_time=0), 2)
