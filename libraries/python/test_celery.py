"""Celery: two workers, each with a process for its tasks."""

import time
import unittest

from celery import chain, chord, group
from celery.exceptions import TaskRevokedError

import tasks
from server import connect, eventually, start_worker

WAIT = 30  # seconds, for what takes some tenths of one


class Workers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.db = connect()
        for name in "first", "second":
            options = "--concurrency=1", "--prefetch-multiplier=1", "--loglevel=ERROR"
            start_worker("celery", "-A", "tasks", "worker", "--hostname", name + "@test", *options)
        eventually(lambda: len(tasks.app.control.ping(timeout=0.2)) == 2)

    def test_each_task_once(self):
        results = [tasks.add.delay(i, 1) for i in range(20)]
        self.assertEqual([result.get(WAIT) for result in results], list(range(1, 21)))
        eventually(lambda: self.db.llen("celery") == 0 and self.db.hlen("unacked") == 0)

    def test_two_at_once(self):
        sides = tasks.meet.delay("left", "right"), tasks.meet.delay("right", "left")
        self.assertEqual({side.get(WAIT) for side in sides}, {"first@test", "second@test"})

    def test_failures(self):
        with self.assertRaisesRegex(ValueError, "as it must"):
            tasks.fail.delay().get(WAIT)
        self.assertEqual(tasks.fail_once.delay("celery tries").get(WAIT), 1)

    def test_delays(self):
        begun = time.time()
        self.assertEqual(tasks.add.apply_async((1, 2), countdown=0.5).get(WAIT), 3)
        self.assertGreaterEqual(time.time(), begun + 0.5)
        with self.assertRaises(TaskRevokedError):
            tasks.add.apply_async((1, 2), expires=-1).get(WAIT)

    def test_workflows(self):
        self.assertEqual(chain(tasks.add.s(1, 2), tasks.add.s(4), tasks.add.s(8))().get(WAIT), 15)
        self.assertEqual(group(tasks.add.s(i, i) for i in range(5))().get(WAIT), [0, 2, 4, 6, 8])
        self.assertEqual(chord((tasks.add.s(i, i) for i in range(5)), tasks.total.s())().get(WAIT), 20)

    def test_revoked(self):
        result = tasks.hang.delay("celery hangs")
        self.db.blpop(["celery hangs"], WAIT)
        result.revoke(terminate=True)
        with self.assertRaises(TaskRevokedError):
            result.get(WAIT)

    def test_results_expire(self):
        result = tasks.add.apply_async((1, 2))
        self.assertEqual(result.get(WAIT), 3)
        self.assertAlmostEqual(self.db.ttl(b"celery-task-meta-" + result.id.encode()), 24 * 3600, delta=60)
        result.forget()
        self.assertEqual(self.db.exists(b"celery-task-meta-" + result.id.encode()), 0)
