// The server that a library is run on, and how a test waits for what it does.
import assert from "node:assert/strict";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

export const url = process.env.REDIS_URL;

// ended is ended with the tests, those that came last first.
const ended = [];

export function atEnd(end) {
  ended.unshift(end);
}

after(async () => {
  for (const end of ended) await end();
});

/** A connection of ioredis that ends with the tests. */
export function connect(options) {
  const redis = new Redis(url, options);
  atEnd(() => redis.disconnect());
  return redis;
}

/** Waits until the condition is true and returns what it returned. */
export async function eventually(condition, ms = 20_000) {
  for (const end = Date.now() + ms; ; await sleep(10)) {
    const value = await condition();
    if (value) return value;
    assert(Date.now() < end, "it did not come to that");
  }
}
