// rate-limiter-flexible, over ioredis and over node-redis.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RateLimiterMemory, RateLimiterQueue, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { createClient } from "redis";
import { atEnd, connect, eventually, url } from "./harness.js";

async function nodeRedis() {
  const client = await createClient({ url }).connect();
  atEnd(() => client.close());
  return client;
}

const clients = {
  ioredis: async () => ({ storeClient: connect({ enableOfflineQueue: false, lazyConnect: false }) }),
  "node-redis": async () => ({ storeClient: await nodeRedis(), useRedisPackage: true }),
};

for (const [name, client] of Object.entries(clients)) {
  const limiter = async (options) => {
    const made = new RateLimiterRedis({ ...(await client()), keyPrefix: name, ...options });
    await eventually(() => made.client.status === undefined || made.client.status === "ready");
    return made;
  };

  test(`${name}: no more than the points, whoever asks`, async () => {
    const limiters = await Promise.all([1, 2].map(() => limiter({ points: 10, duration: 3600 })));
    const asked = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => limiters[i % 2].consume("ada")));
    assert.equal(asked.filter((a) => a.status === "fulfilled").length, 10);
    const refused = asked.find((a) => a.status === "rejected").reason;
    assert(refused instanceof RateLimiterRes);
    assert.equal(refused.remainingPoints, 0);
    assert(Math.abs(refused.msBeforeNext - 3_600_000) < 60_000);
    const [one] = limiters;
    assert.equal((await one.get("ada")).consumedPoints, 40);
    assert.equal((await one.penalty("alan", 3)).consumedPoints, 3);
    assert.equal((await one.reward("alan", 2)).consumedPoints, 1);
    assert.equal((await one.consume("alan", 9)).remainingPoints, 0);
    await one.set("grace", 5, 60);
    assert.equal((await one.get("grace")).remainingPoints, 5);
    assert.equal(await one.delete("ada"), true);
    assert.equal(await one.get("ada"), null);
  });

  test(`${name}: points come back, and who asks too much is kept out`, async () => {
    const short = await limiter({ keyPrefix: name + " short", points: 1, duration: 1 });
    await short.consume("ada");
    await assert.rejects(short.consume("ada"));
    await eventually(() => short.consume("ada").catch(() => null));
    const strict = await limiter({ keyPrefix: name + " strict", points: 1, duration: 1, blockDuration: 3600 });
    await strict.consume("ada");
    await assert.rejects(strict.consume("ada"));
    assert((await strict.get("ada")).msBeforeNext > 3_000_000);
    await strict.block("alan", 60);
    await assert.rejects(strict.consume("alan"));
  });
}

test("a queue lets all through in time", async () => {
  const queue = new RateLimiterQueue(
    new RateLimiterRedis({ storeClient: connect(), keyPrefix: "queue", points: 2, duration: 1 }),
  );
  const left = await Promise.all([1, 2, 3].map(() => queue.removeTokens(1, "ada")));
  assert.deepEqual(left.sort(), [0, 1, 1]);
});

test("an insurance takes over where the connection is lost", async () => {
  const redis = connect({ retryStrategy: null });
  const insured = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: "insured",
    points: 2,
    duration: 60,
    insuranceLimiter: new RateLimiterMemory({ points: 1, duration: 60 }),
  });
  await insured.consume("ada");
  const id = await redis.client("ID");
  await connect().client("KILL", "ID", id);
  await eventually(() => redis.status === "end");
  await insured.consume("ada");
  await assert.rejects(insured.consume("ada"), RateLimiterRes);
});
