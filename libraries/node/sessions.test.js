// express-session with connect-redis over node-redis: two web servers share the
// sessions of their visitors.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { RedisStore } from "connect-redis";
import express from "express";
import session from "express-session";
import { createClient } from "redis";
import { atEnd, connect, eventually, url } from "./harness.js";

async function openStore(prefix, options) {
  const client = await createClient({ url }).connect();
  atEnd(() => client.close());
  return new RedisStore({ client, prefix, scanCount: 2, ...options });
}

/** A web server that counts what a visitor puts into the basket, and its address. */
async function shop(store, maxAge) {
  const app = express();
  app.use(session({ store, resave: false, saveUninitialized: false, secret: "of the test", cookie: { maxAge } }));
  app.get("/add", (req, res) => {
    req.session.things = (req.session.things ?? 0) + 1;
    res.json(req.session.things);
  });
  app.get("/leave", (req, res, next) => req.session.destroy((err) => (err ? next(err) : res.json(0))));
  app.get("/", (req, res) => res.json(req.session.things ?? 0));
  const web = app.listen(0, "127.0.0.1");
  await once(web, "listening");
  atEnd(() => web.close() && web.closeAllConnections());
  return `http://127.0.0.1:${web.address().port}`;
}

/** What a browser of its own is answered. */
function visitor() {
  let cookie = "";
  return async (address) => {
    const answer = await fetch(address, { headers: { cookie } });
    assert.equal(answer.status, 200);
    cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    return answer.json();
  };
}

test("shared by servers", async () => {
  const store = await openStore("shared:");
  const first = await shop(store, 3_600_000);
  const second = await shop(await openStore("shared:"), 3_600_000);
  const [ada, alan] = [visitor(), visitor()];
  assert.equal(await ada(first + "/add"), 1);
  assert.equal(await ada(second + "/add"), 2);
  assert.equal(await alan(first + "/add"), 1);
  assert.equal(await ada(first + "/"), 2);
  assert.equal(await store.length(), 2);
  const ids = await store.ids();
  const [ttl] = await Promise.all(ids.map((id) => connect().ttl("shared:" + id)));
  assert(Math.abs(ttl - 3600) < 60);
  assert.deepEqual((await store.all()).map((s) => s.things).sort(), [1, 2]);
  await ada(first + "/leave");
  assert.equal(await ada(second + "/"), 0);
  assert.equal(await alan(second + "/"), 1);
  await Promise.all(Array.from({ length: 20 }, () => visitor()(first + "/add")));
  assert.equal(await store.length(), 21);
  await store.clear();
  assert.equal(await store.length(), 0);
});

test("a visit keeps a session, absence ends it", async () => {
  const store = await openStore("short:");
  const web = await shop(store, 60_000);
  const ada = visitor();
  await ada(web + "/add");
  const redis = connect();
  const [id] = await store.ids();
  await redis.expire("short:" + id, 3600);
  assert.equal(await ada(web + "/"), 1);
  await eventually(async () => (await redis.ttl("short:" + id)) <= 60); // touched after the answer
  await redis.pexpire("short:" + id, 1);
  await eventually(async () => (await store.length()) === 0);
  assert.equal(await ada(web + "/"), 0);
});
