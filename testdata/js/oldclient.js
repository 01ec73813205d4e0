// Drives socket.io-client@2 against a server, beside the present one: node oldclient.js URL TOKEN
//
// Every way of its to a server does the same; the first failure ends the program.
import assert from "node:assert/strict";
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { io } from "socket.io-client";
import ioOld from "socket.io-client-2";
import { showPage } from "./page.js";

const [url, token] = process.argv.slice(2);

const ways = {
  polling: { transports: ["polling"] },
  upgrade: {},
  websocket: { transports: ["websocket"] },
  "websocket without binary": { transports: ["websocket"], forceBase64: true },
  "scripts and forms": { transports: ["polling"], forceJSONP: true },
};

const late = setTimeout(() => assert.fail("timed out"), 100_000);

function connectOld(options) {
  const socket = ioOld(`${url}/znsocket`, { forceNew: true, reconnection: false, query: { token }, ...options });
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    const refused = (reason) => {
      socket.io.close();
      reject(reason);
    };
    for (const failure of ["error", "connect_error"]) socket.once(failure, refused);
  });
}

async function connectNew() {
  const socket = io(`${url}/znsocket`, { forceNew: true, auth: { token } });
  await once(socket, "connect");
  return socket;
}

const call = (socket, event, ...args) => new Promise((resolve) => socket.emit(event, ...args, resolve));

async function data(socket, command, args, kwargs = {}) {
  const answer = await call(socket, command, [args, kwargs]);
  assert.ok(!("error" in answer), JSON.stringify(answer));
  return answer.data;
}

const heard = (socket) => new Promise((resolve) => socket.once("refresh", resolve));
const bytes = (value) => [...new Uint8Array(value)];

// Each part gets an old client, a present one and a name for its keys.
const parts = {
  async commands(old, present, key) {
    assert.equal(await data(old, "set", [key, "ü 😀 \\n\n\u2028"]), true);
    assert.equal(await data(present, "get", [key]), "ü 😀 \\n\n\u2028");
    assert.equal(await data(present, "hset", [`${key}:h`], { mapping: { a: "€", b: 2 } }), 2);
    assert.deepEqual(await data(old, "hgetall", [`${key}:h`]), { a: "€", b: "2" });
    assert.equal(await data(old, "get", [`${key}:absent`]), null);
    assert.equal((await call(old, "nonsense", [[], {}])).error.type, "UnknownEventError");
  },

  async pipelines(old, present, key) {
    const message = [["set", [[key, "1"], {}]], ["incr", [[key], {}]], ["get", [[key], {}]]];
    assert.deepEqual(await call(old, "pipeline", [[], { message }]), { data: [{ data: true }, { data: 2 }, { data: "2" }] });
    assert.equal(await data(present, "get", [key]), "2");
  },

  async lists(old, present, key) {
    assert.equal(await data(old, "rpush", [`znsocket.List:${key}`, '"a"', '{"n": 1}']), 2);
    assert.equal(await data(present, "rpush", [`znsocket.List:${key}`, "3"]), 3);
    assert.deepEqual(await data(old, "lrange", [`znsocket.List:${key}`, 0, -1]), ['"a"', '{"n": 1}', "3"]);
    assert.equal(await data(old, "lset", [`znsocket.List:${key}`, 0, '"b"']), true);
    assert.equal(await data(present, "lindex", [`znsocket.List:${key}`, 0]), '"b"');
  },

  async binary(old, present, key) {
    const text = "abcdefghij".repeat(200_000);
    const body = Buffer.from(JSON.stringify([[key, text], {}]));
    const head = Buffer.alloc(5, 1);
    head.writeUInt32BE(body.length, 1);
    const frame = Buffer.concat([head, gzipSync(body)]);
    assert.deepEqual(await call(old, "compressed_message", { event: "set", data: frame }), { data: true });
    assert.equal(await data(present, "get", [key]), text);

    // The present client answers the old one with bytes, and the other way round.
    const question = (owner) => [[], { key: `znsocket.List:${key}:${owner}`, method: "slice", start: 0, stop: 2 }];
    for (const [owner, reader, name] of [[present, old, "present"], [old, present, "old"]]) {
      assert.equal(await call(owner, "register_adapter", [[], { key: `znsocket.List:${key}:${name}` }]), true);
      owner.once("adapter:get", ([, { start, stop }], answer) => answer([Buffer.from([start, 255, stop]), "é"]));
      const [found, rest] = await call(reader, "adapter:get", question(name));
      assert.deepEqual([bytes(found), rest], [[0, 255, 2], "é"]);
    }
  },

  async refreshes(old, present, key) {
    const first = { target: `znsocket.List:${key}`, data: { start: 1, stop: null } };
    const second = { target: `znsocket.Dict:${key}`, data: { keys: ["ü"] } };
    let hears = heard(present);
    old.emit("refresh", first);
    assert.deepEqual(await hears, first);
    hears = heard(old);
    present.emit("refresh", second);
    assert.deepEqual(await hears, second);
  },

  async large(old, present, key) {
    const text = "0123456789é€".repeat(50_000); // 750,000 bytes
    assert.equal(await data(old, "set", [key, text]), true);
    assert.equal(await data(old, "append", [key, text]), 1_500_000);
    assert.equal(await data(old, "append", [key, text]), 2_250_000);
    assert.equal(await data(old, "get", [key]), text.repeat(3));
    assert.equal(await data(present, "strlen", [key]), 2_250_000);
  },

  async order(old, present, key) {
    const pushes = [];
    for (let i = 0; i < 200; i++) pushes.push(data(old, "rpush", [key, String(i)]));
    assert.deepEqual(await Promise.all(pushes), [...Array(200).keys()].map((i) => i + 1));
    assert.deepEqual(await data(present, "lrange", [key, 0, -1]), [...Array(200).keys()].map(String));
  },
};

const present = await connectNew();
for (const [way, options] of Object.entries(ways)) {
  if (options.forceJSONP) showPage(url);
  const old = await connectOld(options);
  for (const [name, part] of Object.entries(parts)) await part(old, present, `${way}:${name}`);
  assert.equal(old.io.engine.transport.name, (options.transports ?? ["websocket"])[0]);
  old.disconnect();

  // Forty of forty connect at once, and each is of use.
  const many = await Promise.all([...Array(40)].map(() => connectOld(options)));
  const answers = await Promise.all(many.map((socket) => data(socket, "incr", [`${way}:many`])));
  assert.deepEqual(answers.sort((a, b) => a - b), [...Array(40).keys()].map((i) => i + 1));
  for (const socket of many) socket.disconnect();
  console.log("ok", way);
}

// Without the token nobody is let in.
await assert.rejects(connectOld({ query: {} }), (refusal) => /token/.test(refusal));
await assert.rejects(connectOld({ query: { token: "wrong" } }), (refusal) => /token/.test(refusal));

present.disconnect();
clearTimeout(late);
