// BullMQ: two workers, each with connections of its own.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { DelayedError, FlowProducer, Queue, QueueEvents, UnrecoverableError, Worker } from "bullmq";
import { atEnd, connect, eventually, url } from "./harness.js";

const connection = { url };

/** A queue, what is told of it, and its workers. */
async function open(name, handle, { workers = 2, ...options } = {}) {
  const queue = new Queue(name, { connection });
  const events = new QueueEvents(name, { connection });
  await events.waitUntilReady();
  const all = Array.from({ length: workers }, () => new Worker(name, handle, { connection, ...options }));
  for (const end of [queue, events, ...all]) atEnd(() => end.close(true));
  for (const worker of all) worker.on("error", () => {}); // of connections that end with the test
  return { queue, events, workers: all };
}

test("each job once", async () => {
  const done = [];
  const { queue, events } = await open("many", async (job, token) => {
    done.push(job.data);
    return [job.data, token];
  });
  const jobs = await queue.addBulk(Array.from({ length: 100 }, (_, i) => ({ name: "n", data: i })));
  const results = await Promise.all(jobs.map((job) => job.waitUntilFinished(events, 20_000)));
  assert.deepEqual(results.map(([n]) => n), jobs.map((_, i) => i));
  assert.deepEqual(done.sort((a, b) => a - b), jobs.map((_, i) => i));
  assert.deepEqual(await queue.getJobCounts("completed", "failed", "wait", "active"), {
    completed: 100,
    failed: 0,
    wait: 0,
    active: 0,
  });
  const completed = await queue.getCompleted(0, 9);
  assert.equal(completed.length, 10);
  assert.deepEqual(await queue.clean(0, 1000, "completed").then((ids) => ids.length), 100);
});

test("two at once", async () => {
  let arrived = 0;
  let meet;
  const both = new Promise((resolve) => (meet = resolve));
  const { queue, events } = await open("pair", async (_, token) => {
    if (++arrived === 2) meet();
    await both;
    return token;
  });
  const jobs = await Promise.all([queue.add("left"), queue.add("right")]);
  const tokens = await Promise.all(jobs.map((job) => job.waitUntilFinished(events, 20_000)));
  assert.notEqual(tokens[0].split(":")[0], tokens[1].split(":")[0]);
});

test("failures, retries and progress", async () => {
  const { queue, events } = await open("failing", async (job) => {
    if (job.name === "hopeless") throw new UnrecoverableError("as it must");
    await job.updateProgress({ tries: job.attemptsMade });
    await job.log(`try ${job.attemptsMade}`);
    if (job.attemptsMade < 2) throw new Error("not yet");
    return "done";
  });
  const heard = [];
  events.on("progress", ({ data }) => heard.push(data.tries));
  const backoff = { type: "exponential", delay: 20 };
  const job = await queue.add("flaky", {}, { attempts: 3, backoff });
  assert.equal(await job.waitUntilFinished(events, 20_000), "done");
  assert.deepEqual(await queue.getJobLogs(job.id).then(({ logs }) => logs), ["try 0", "try 1", "try 2"]);
  await eventually(() => heard.length === 3);
  const gone = await queue.add("hopeless", {}, { attempts: 3 });
  await assert.rejects(gone.waitUntilFinished(events, 20_000), /as it must/);
  const [failed] = await queue.getFailed();
  assert.equal(failed.failedReason, "as it must");
  assert.equal(failed.attemptsMade, 1);
  await failed.retry();
  await eventually(async () => (await queue.getJob(failed.id)).attemptsMade === 2);
});

test("delays, priorities, order", async () => {
  const done = [];
  const { queue, events } = await open("ordered", async (job) => done.push(job.name), { workers: 1 });
  await queue.pause();
  const begun = Date.now();
  const later = await queue.add("later", {}, { delay: 300 });
  assert.equal(await later.getState(), "delayed");
  const jobs = [];
  for (const [name, options] of Object.entries({
    last: { priority: 10 },
    second: { priority: 5 },
    first: {},
    front: { lifo: true },
  })) {
    jobs.push(await queue.add(name, {}, options));
  }
  assert.equal((await queue.getJobCounts("paused", "prioritized")).prioritized, 2);
  assert.deepEqual(done, []);
  await queue.resume();
  await Promise.all(jobs.map((job) => job.waitUntilFinished(events, 20_000)));
  assert.deepEqual(done.filter((name) => name !== "later"), ["front", "first", "second", "last"]);
  await later.waitUntilFinished(events, 20_000);
  assert(Date.now() - begun >= 300);
  const tomorrow = await queue.add("tomorrow", {}, { delay: 86_400_000 });
  await tomorrow.promote();
  await tomorrow.waitUntilFinished(events, 20_000);
});

test("a job that moves itself waits again", async () => {
  const { queue, events } = await open("again", async (job, token) => {
    if (!job.data.seen) {
      await job.updateData({ seen: true });
      await job.moveToDelayed(Date.now() + 50, token);
      throw new DelayedError();
    }
    return "second time";
  });
  const job = await queue.add("n", {});
  assert.equal(await job.waitUntilFinished(events, 20_000), "second time");
});

test("a parent waits for its children", async () => {
  const { events } = await open("flow", async (job) => {
    if (job.name === "sum") return Object.values(await job.getChildrenValues()).reduce((a, b) => a + b, 0);
    return job.data.n;
  });
  const flow = new FlowProducer({ connection });
  atEnd(() => flow.close());
  const tree = await flow.add({
    name: "sum",
    queueName: "flow",
    children: [1, 2, 3].map((n) => ({ name: "n", queueName: "flow", data: { n } })),
  });
  assert.equal(await tree.job.waitUntilFinished(events, 20_000), 6);
});

test("limits of a queue, and jobs of one kind", async () => {
  const { queue, events } = await open("limited", async () => {}, { limiter: { max: 2, duration: 300 } });
  const jobs = await queue.addBulk(Array.from({ length: 5 }, () => ({ name: "n", data: {} })));
  await Promise.all(jobs.map((job) => job.waitUntilFinished(events, 20_000)));
  const begun = (await queue.getCompleted()).map((job) => job.processedOn).sort();
  assert(begun.at(-1) - begun[0] >= 500, "two and two and one");
  const same = { deduplication: { id: "same", ttl: 60_000 } };
  const [one, two] = [await queue.add("a", {}, same), await queue.add("b", {}, same)];
  assert.equal(one.id, two.id);
  const [id1, id2] = [await queue.add("a", {}, { jobId: "own" }), await queue.add("a", {}, { jobId: "own" })];
  assert.equal(id1.id, id2.id);
});

test("schedulers", async () => {
  const { queue, workers } = await open("scheduled", async (job) => job.data, { workers: 1 });
  await queue.upsertJobScheduler("tick", { every: 200 }, { name: "tick", data: { n: 1 } });
  await queue.upsertJobScheduler("nightly", { pattern: "0 3 * * *" }, { name: "night" });
  assert.deepEqual((await queue.getJobSchedulers()).map((s) => s.key).sort(), ["nightly", "tick"]);
  for (let i = 0; i < 3; i++) {
    const [job] = await once(workers[0], "completed");
    assert.equal(job.name, "tick");
  }
  assert.equal(await queue.removeJobScheduler("tick"), true);
  assert.equal(await queue.getJobSchedulersCount(), 1);
});

test("what a worker left when it died is another's", async () => {
  const name = "stalled";
  const queue = new Queue(name, { connection });
  const events = new QueueEvents(name, { connection });
  await events.waitUntilReady();
  const lost = new Worker(name, () => new Promise(() => {}), {
    connection,
    lockDuration: 300,
    skipLockRenewal: true,
    skipStalledCheck: true,
  });
  for (const end of [queue, events, lost]) atEnd(() => end.close(true));
  lost.on("error", () => {});
  const job = await queue.add("n", {});
  await once(lost, "active");
  await lost.pause(true); // it takes nothing more
  const heard = once(events, "stalled");
  const other = new Worker(name, async () => "saved", { connection, stalledInterval: 300 });
  atEnd(() => other.close(true));
  other.on("error", () => {});
  assert.equal(await job.waitUntilFinished(events, 20_000), "saved");
  assert.equal((await heard)[0].jobId, job.id);
});

test("all of a queue goes", async () => {
  const { queue } = await open("obliterated", async () => {}, { workers: 0 });
  const opts = (n) => ({ delay: n * 1000, priority: n });
  await queue.addBulk(Array.from({ length: 10 }, (_, n) => ({ name: "n", data: {}, opts: opts(n) })));
  assert.equal(await queue.count(), 10);
  await queue.drain(true);
  assert.equal(await queue.count(), 0);
  await queue.obliterate({ force: true });
  assert.deepEqual(await connect().keys("bull:obliterated:*"), []);
});
