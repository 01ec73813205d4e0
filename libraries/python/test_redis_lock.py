"""redis-py's own lock, and how it expires."""

import threading
import unittest

from redis.exceptions import LockError, LockNotOwnedError

from server import connect


class Lock(unittest.TestCase):
    def setUp(self):
        self.db = connect(decode_responses=True)

    def test_one_at_a_time(self):
        def work():
            db = connect()
            for _ in range(10):
                with db.lock("count lock", timeout=60, sleep=0.001):
                    db.set("count", int(db.get("count") or 0) + 1)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.db.get("count"), "80")
        self.assertFalse(self.db.exists("count lock"))

    def test_expires(self):
        first, second = (self.db.lock("lock", timeout=60, thread_local=False) for _ in range(2))
        self.assertTrue(first.acquire())
        self.assertFalse(second.acquire(blocking=False))
        self.assertFalse(second.acquire(blocking_timeout=0.05))
        self.assertTrue(first.locked() and first.owned() and not second.owned())
        self.assertTrue(first.extend(60))
        self.assertGreater(self.db.pttl("lock"), 60_000)
        self.assertTrue(first.reacquire())
        self.assertLessEqual(self.db.pttl("lock"), 60_000)
        self.assertTrue(first.extend(0.2, replace_ttl=True))
        self.assertTrue(second.acquire(), "it waits")
        for too_late in lambda: first.extend(1), first.reacquire, first.release:
            with self.assertRaises(LockNotOwnedError):
                too_late()
        second.release()
        with self.assertRaises(LockError):
            second.release()
        self.assertFalse(second.locked())
