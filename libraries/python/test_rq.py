"""rq: two workers, each a process that makes one for each job."""

import time
import unittest
from datetime import timedelta

from rq import Queue, Retry
from rq.command import send_stop_job_command
from rq.exceptions import DuplicateJobError
from rq.job import Job
from rq.results import Result
from rq.worker import Worker

import jobs
from server import URL, connect, eventually, start_worker

WORKERS = 2


class Workers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.db = connect()
        cls.queue = Queue("default", connection=cls.db)
        for _ in range(WORKERS):
            start_worker("rq.cli", "worker", "--url", URL, "--quiet", "--with-scheduler", "--job-monitoring-interval", "1")
        eventually(lambda: len(Worker.all(connection=cls.db)) == WORKERS)

    def ended(self, job):
        """Waits for the result, which is the next entry of a stream."""
        result = job.latest_result(timeout=20)
        self.assertIsNotNone(result, job)
        return result

    def test_each_job_once(self):
        many = self.queue.enqueue_many([Queue.prepare_data(jobs.add, (i, 1)) for i in range(20)])
        for i, job in enumerate(many):
            self.assertEqual(self.ended(job).return_value, i + 1)
            self.assertEqual(Result.count(job), 1)
        eventually(lambda: all(job in self.queue.finished_job_registry for job in many))
        self.assertEqual(self.queue.count, 0)

    def test_two_at_once(self):
        left = self.queue.enqueue(jobs.meet, "left", "right")
        right = self.queue.enqueue(jobs.meet, "right", "left")
        pids = {self.ended(job).return_value for job in (left, right)}
        self.assertEqual(len(pids), 2)

    def test_failure_is_kept(self):
        job = self.queue.enqueue(jobs.fail)
        result = self.ended(job)
        self.assertEqual(result.type, Result.Type.FAILED)
        self.assertIn("ValueError: as it must", result.exc_string)
        eventually(lambda: job in self.queue.failed_job_registry)
        self.queue.failed_job_registry.requeue(job)
        eventually(lambda: Result.count(job) == 2)

    def test_retries(self):
        for name, interval in ("at once", 0), ("later", 1):
            job = self.queue.enqueue(jobs.fail_once, "tries " + name, retry=Retry(max=2, interval=interval))
            eventually(lambda: job.get_status() == "finished")
            self.assertEqual(job.return_value(), "done")
            self.assertEqual(self.db.get("tries " + name), b"2")

    def test_delays(self):
        due = int(time.time() + 2)  # rq keeps whole seconds
        job = self.queue.enqueue_in(timedelta(seconds=2), jobs.add, 1, 2)
        self.assertIn(job, self.queue.scheduled_job_registry)
        self.assertEqual(self.ended(job).return_value, 3)
        self.assertGreaterEqual(time.time(), due)

    def test_order(self):
        first = self.queue.enqueue(jobs.hang, "hangs before")
        second = self.queue.enqueue(jobs.add, 1, 2, depends_on=first)
        self.assertEqual(second.get_status(), "deferred")
        self.db.blpop(["hangs before"], 20)
        send_stop_job_command(self.db, first.id)
        self.ended(first)
        self.assertEqual(second.get_status(), "deferred", "the first has failed")
        third = self.queue.enqueue(jobs.add, 1, 2)
        fourth = self.queue.enqueue(jobs.add, 3, 4, depends_on=[third])
        self.assertEqual(self.ended(fourth).return_value, 7)

    def test_stop(self):
        job = self.queue.enqueue(jobs.hang, "hangs")
        self.db.blpop(["hangs"], 20)
        send_stop_job_command(self.db, job.id)
        self.assertEqual(self.ended(job).type, Result.Type.FAILED)
        self.assertEqual(job.get_status(), "stopped")

    def test_limits(self):
        job = self.queue.enqueue(jobs.hang, "hangs too long", job_timeout=1)
        self.assertIn("JobTimeoutException", self.ended(job).exc_string)
        dead = self.queue.enqueue(jobs.die)
        self.assertIn("terminated unexpectedly", self.ended(dead).exc_string)

    def test_results_expire(self):
        job = self.queue.enqueue(jobs.add, 1, 2, result_ttl=1)
        eventually(lambda: not Job.exists(job.id, connection=self.db))

    def test_unique(self):
        self.queue.enqueue_in(timedelta(days=1), jobs.add, 1, 2, job_id="only", unique=True)
        with self.assertRaises(DuplicateJobError):
            self.queue.enqueue(jobs.add, 1, 2, job_id="only", unique=True)
