// Writes payloads as engine.io-parser@2 does, which socket.io-client@2 has, and reads ours with it.
//
//     parser3.cjs PATH-OF-SOCKET.IO-CLIENT@2 < payloads
//
// A line of the input is a payload: packets as [type, text] or [type, null, base64], and that payload as we write it,
// as text and as bytes, in base64. A line of the output is the same. What it cannot read ends it with an error.
const assert = require("node:assert/strict");
const { createRequire } = require("node:module");
const inClient = createRequire(require.resolve(process.argv[2] + "/package.json"));
const parser = createRequire(inClient.resolve("engine.io-client"))("engine.io-parser");

const types = Object.keys(parser.packets);
const base64 = (data) => Buffer.from(data).toString("base64");

function read(payload) {
  const packets = [];
  parser.decodePayload(payload, (packet) => void packets.push(packet));
  return packets.map(({ type, data = "" }) => (typeof data === "string" ? [types.indexOf(type), data] : [types.indexOf(type), null, base64(data)]));
}

const write = (packets, binary) =>
  new Promise((resolve) => {
    const objects = packets.map(([type, text, data]) => ({ type: types[type], data: text ?? Buffer.from(data, "base64") }));
    parser.encodePayload(objects, binary, resolve);
  });

(async () => {
  for (const line of require("node:fs").readFileSync(0, "utf8").trim().split("\n")) {
    const { packets, text, bytes } = JSON.parse(line);
    assert.deepEqual(read(Buffer.from(text, "base64").toString()), packets);
    const mixed = packets.some(([, text]) => text === null);
    if (mixed) assert.deepEqual(read(Buffer.from(bytes, "base64")), packets);
    console.log(JSON.stringify({ packets, text: base64(await write(packets, false)), bytes: base64(await write(packets, true)) }));
  }
})();
