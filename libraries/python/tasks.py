"""What the workers of Celery do."""

import time

from celery import Celery

from server import URL, connect

app = Celery("tasks", broker=URL, backend=URL)
app.conf.update(broker_connection_retry_on_startup=True, worker_hijack_root_logger=False, task_track_started=True)


@app.task
def add(a, b):
    return a + b


@app.task
def total(numbers):
    return sum(numbers)


@app.task(bind=True, max_retries=3)
def fail_once(self, key):
    if connect().incr(key) == 1:
        raise self.retry(countdown=0.1)
    return self.request.retries


@app.task
def fail():
    raise ValueError("as it must")


@app.task
def meet(mine, theirs):
    """Ends when the other side has come, so it needs two workers."""
    db = connect(decode_responses=True)
    db.rpush(mine, add.app.current_worker_task.request.hostname)
    return db.blpop([theirs], 20)[1]


@app.task
def hang(key):
    connect().rpush(key, "begun")
    time.sleep(60)
