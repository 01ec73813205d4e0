// socket.io-client@2, talking to the server of the tests.
//
//     client2.mjs URL PATH-OF-TESTDATA/JS OPTIONS
//
// Ends with status 0 if everything came as it should.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [url, modules, text] = process.argv.slice(2);
const options = JSON.parse(text);
const { Manager } = createRequire(join(modules, "client.js"))("socket.io-client-2");
const { showPage } = await import(pathToFileURL(join(modules, "page.js")));
if (options.forceJSONP) showPage(url);

setTimeout(() => assert.fail("timed out"), 20_000).unref();

const query = { token: "é😀&=", EIO: "no" };
const manager = new Manager(url, { reconnection: false, ...options, query: "of=all&token=root" });
const main = manager.socket("/");
const custom = manager.socket("/custom", { query });

function once(emitter, name) {
  return new Promise((resolve) => emitter.once(name, (...args) => resolve(args)));
}

// plain makes of whatever is binary here or there a Buffer.
function plain(value) {
  if (value instanceof ArrayBuffer || Buffer.isBuffer(value)) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Object) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  return value;
}

// What is given to the connection, and to a namespace beside that, is the auth.
assert.deepEqual(await Promise.all([once(main, "auth"), once(custom, "auth")]), [
  [{ of: "all", token: "root" }],
  [{ of: "all", ...query }],
]);
assert.ok(main.connected && custom.connected);
const { transports = ["polling", "websocket"] } = options;
if (transports.length > 1 && manager.engine.transport.name !== "websocket") {
  await once(manager.engine, "upgrade");
}
assert.equal(manager.engine.transport.name, transports.at(-1));

const values = [1, "2", { 3: [true, null, 1.5] }, "é😀<>&\"\\\n \\n \\\\n \u2028"];
const large = Buffer.alloc(100_000, 7);
for (let i = 0; i < 3; i++) {
  main.emit("message", ...values);
  assert.deepEqual(await once(main, "message-back"), values);
  main.emit("message", Buffer.from([0, 1]), { deep: [large] }, large.toString("latin1"));
  assert.deepEqual(plain(await once(main, "message-back")), [Buffer.from([0, 1]), { deep: [large] }, large.toString("latin1")]);
  const ack = (...args) => new Promise((resolve) => main.emit("message-with-ack", ...args, (...got) => resolve(plain(got))));
  assert.deepEqual(await ack(...values), values);
  assert.deepEqual(await ack(Buffer.from([0]), "plain", large), [Buffer.from([0]), "plain", large]);
  assert.deepEqual(await ack(), []);
}

// Events keep their order, forty in one payload too.
const order = [];
const all = new Promise((resolve) => main.on("message-back", (n) => order.push(n) === 40 && resolve()));
for (let n = 0; n < 40; n++) main.emit("message", n);
await all;
assert.deepEqual(order, [...Array(40).keys()]);

// The server asks back, and tells what it was answered.
custom.on("asked", (value, ack) => ack(value));
for (const value of [{ n: 1 }, Buffer.from("binary")]) {
  custom.emit("ask", value);
  assert.deepEqual(plain(await once(custom, "answered")), [value]);
}

// It asks whether the server is there, longer than either would wait without an answer.
for (let i = 0; i < 4; i++) await once(main, "pong");

const random = manager.socket("/random");
assert.deepEqual(await once(random, "error"), ["Invalid namespace"]);

custom.emit("leave");
assert.deepEqual(await once(custom, "disconnect"), ["io server disconnect"]);
custom.connect(); // and comes back
assert.deepEqual(await once(custom, "auth"), [{ of: "all", ...query }]);
main.emit("message", "still here");
assert.deepEqual(await once(main, "message-back"), ["still here"]);

main.emit("close");
assert.match((await once(main, "disconnect"))[0], /^(io server disconnect|transport close)$/);
