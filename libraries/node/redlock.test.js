// redlock with ioredis.
import assert from "node:assert/strict";
import { test } from "node:test";
import Redlock from "redlock";
import { connect, eventually } from "./harness.js";

test("one holder at a time", async () => {
  const work = async () => {
    const redis = connect();
    const redlock = new Redlock([redis], { retryCount: -1, retryDelay: 2, retryJitter: 2 });
    for (let i = 0; i < 10; i++) {
      const lock = await redlock.lock("count lock", 60_000);
      await redis.set("count", Number(await redis.get("count")) + 1);
      await lock.unlock();
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  const redis = connect();
  assert.equal(await redis.get("count"), "80");
  assert.equal(await redis.exists("count lock"), 0);
});

test("a lock expires, and is then another's", async () => {
  const redis = connect();
  const [first, second] = [redis, connect()].map((client) => new Redlock([client], { retryCount: 0 }));
  let lock = await first.lock("lock", 60_000);
  await assert.rejects(second.lock("lock", 1000), { name: "LockError" });
  lock = await lock.extend(200);
  assert((await redis.pttl("lock")) <= 200);
  const other = await eventually(() => second.lock("lock", 60_000).catch(() => null));
  await assert.rejects(lock.extend(1000), { name: "LockError" });
  await assert.rejects(lock.unlock(), { name: "LockError" });
  assert.equal(await redis.exists("lock"), 1);
  await other.unlock();
  assert.equal(await redis.exists("lock"), 0);
});

test("several resources are one lock", async () => {
  const redis = connect();
  const redlock = new Redlock([redis], { retryCount: 0 });
  const lock = await redlock.lock(["a", "b"], 60_000);
  await assert.rejects(redlock.lock(["b", "c"], 60_000), { name: "LockError" });
  assert.equal(await redis.exists("a", "b", "c"), 2);
  await lock.unlock();
  assert.equal(await redis.exists("a", "b", "c"), 0);
});
