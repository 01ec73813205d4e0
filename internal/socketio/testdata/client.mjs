// socket.io-client, talking to the server of the tests.
//
//     client.mjs URL PATH-OF-SOCKET.IO-CLIENT TRANSPORT...
//
// Ends with status 0 if everything came as it should.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const [url, client, ...transports] = process.argv.slice(2);
const { Manager } = await import(pathToFileURL(client));

setTimeout(() => assert.fail("timed out"), 20_000).unref();

const manager = new Manager(url, { transports, reconnection: false });
const auth = { token: "é😀" };
const main = manager.socket("/", { auth });
const custom = manager.socket("/custom", { auth });

function once(emitter, name) {
  return new Promise((resolve) => emitter.once(name, (...args) => resolve(args)));
}

assert.deepEqual(await Promise.all([once(main, "auth"), once(custom, "auth")]), [[auth], [auth]]);
assert.notEqual(main.id, custom.id);
if (transports.length > 1 && manager.engine.transport.name !== "websocket") {
  await once(manager.engine, "upgrade");
}
assert.equal(manager.engine.transport.name, transports.at(-1));

const values = [1, "2", { 3: [true, null, 1.5] }, "é😀<>&\"\\\n"];
const large = Buffer.alloc(100_000, 7);
for (let i = 0; i < 3; i++) {
  main.emit("message", ...values);
  assert.deepEqual(await once(main, "message-back"), values);
  main.emit("message", Buffer.from([0, 1]), { deep: [large] }, large.toString("latin1"));
  assert.deepEqual(await once(main, "message-back"), [Buffer.from([0, 1]), { deep: [large] }, large.toString("latin1")]);
  const ack = (...args) => new Promise((resolve) => main.emit("message-with-ack", ...args, (...got) => resolve(got)));
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
  assert.deepEqual(await once(custom, "answered"), [value]);
}

const random = manager.socket("/random");
const [refusal] = await once(random, "connect_error");
assert.equal(refusal.message, "Invalid namespace");

custom.emit("leave");
assert.deepEqual((await once(custom, "disconnect"))[0], "io server disconnect");
custom.connect(); // and comes back
assert.deepEqual(await once(custom, "auth"), [auth]);
custom.disconnect(); // by itself
main.emit("message", "still here");
assert.deepEqual(await once(main, "message-back"), ["still here"]);

main.emit("close");
assert.deepEqual((await once(main, "disconnect"))[0], "io server disconnect");
