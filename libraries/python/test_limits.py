"""limits: its three strategies are scripts in Lua."""

import threading
import unittest

from limits import RateLimitItemPerHour, RateLimitItemPerSecond, storage, strategies

from server import URL, connect, eventually

STRATEGIES = [
    strategies.FixedWindowRateLimiter,
    strategies.MovingWindowRateLimiter,
    strategies.SlidingWindowCounterRateLimiter,
]


class Limits(unittest.TestCase):
    def each(self):
        for strategy in STRATEGIES:
            with self.subTest(strategy.__name__):
                yield strategy(storage.storage_from_string(URL)), strategy.__name__

    def test_no_more_than_the_limit(self):
        limit = RateLimitItemPerHour(10)
        for limiter, name in self.each():
            let_in = []

            def ask():
                for _ in range(5):
                    if limiter.hit(limit, name, "ada"):
                        let_in.append(1)

            threads = [threading.Thread(target=ask) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(let_in), 10)
            self.assertEqual(limiter.get_window_stats(limit, name, "ada").remaining, 0)
            self.assertFalse(limiter.test(limit, name, "ada"))
            self.assertTrue(limiter.hit(limit, name, "alan", cost=7))
            self.assertFalse(limiter.test(limit, name, "alan", cost=4))
            self.assertTrue(limiter.hit(limit, name, "alan", cost=3))
            self.assertFalse(limiter.hit(limit, name, "alan"))
            limiter.clear(limit, name, "ada")
            self.assertEqual(limiter.get_window_stats(limit, name, "ada").remaining, 10)

    def test_comes_back(self):
        limit = RateLimitItemPerSecond(2)
        for limiter, name in self.each():
            self.assertTrue(limiter.hit(limit, name, "grace", cost=2))
            eventually(lambda: limiter.hit(limit, name, "grace"))

    def test_reset(self):
        store = storage.storage_from_string(URL)
        self.assertTrue(store.check())
        store.incr("LIMITS:some", 60)
        self.assertGreater(store.reset(), 0)
        self.assertEqual(list(connect().scan_iter("LIMITS*")), [])
