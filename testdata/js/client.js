// Drives the real socket.io-client against a server: node client.js URL
//
// Each part uses keys of its own; the first failure ends the program.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { io } from "socket.io-client";

const url = process.argv[2];

function connect(options = {}) {
  const socket = io(`${url}/znsocket`, { forceNew: true, ...options });
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", reject);
  });
}

const call = (socket, event, ...args) => socket.timeout(20_000).emitWithAck(event, ...args);

async function data(socket, command, args, kwargs = {}) {
  const answer = await call(socket, command, [args, kwargs]);
  assert.ok(!("error" in answer), JSON.stringify(answer));
  return answer.data;
}

const parts = {
  async transports() {
    for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
      const socket = await connect({ transports });
      assert.equal(await data(socket, "set", [`t:${transports}`, "ü 😀"]), true);
      assert.equal(await data(socket, "get", [`t:${transports}`]), "ü 😀");
      if (transports.length > 1 && socket.io.engine.transport.name !== "websocket") {
        await new Promise((resolve) => socket.io.engine.once("upgrade", resolve));
        assert.equal(await data(socket, "get", [`t:${transports}`]), "ü 😀");
      }
      socket.disconnect();
    }
  },

  async commands(socket) {
    assert.deepEqual(Object.keys(await call(socket, "server_config")).slice(0, 3), ["max_http_buffer_size", "async_mode", "namespace"]);
    assert.equal(await data(socket, "hset", ["h"], { mapping: { a: "1", b: 2 } }), 2);
    assert.deepEqual(await data(socket, "hgetall", ["h"]), { a: "1", b: "2" });
    assert.equal(await data(socket, "hexists", ["h", "a"]), 1);
    assert.equal(await data(socket, "get", ["absent"]), null);
    assert.equal(await data(socket, "set", ["empty", ""]), true);
    assert.equal(await data(socket, "get", ["empty"]), "");
    assert.deepEqual(await data(socket, "lrange", ["absent", 0, -1]), []);
    await data(socket, "sadd", ["s", "x"]);
    assert.deepEqual(await call(socket, "smembers", [["s"], {}]), { data: ["x"], type: "set" });
    assert.deepEqual(await call(socket, "pipeline", [[], { message: [["set", [["p", "1"], {}]], ["get", [["p"], {}]]] }]), {
      data: [{ data: true }, { data: "1" }],
    });
  },

  async errors(socket) {
    const error = async (event, ...args) => (await call(socket, event, ...args)).error;
    assert.deepEqual(await error("nonsense", [[], {}]), { msg: "Unknown event: nonsense", type: "UnknownEventError" });
    assert.deepEqual(await error("__setattr__", [["content", {}], {}]), { msg: "Unknown event: __setattr__", type: "UnknownEventError" });
    assert.equal((await error("set", [["k", null], {}])).type, "DataError");
    for (const payload of [[], [undefined], ["text"], [{}], [[1, 2, 3]], [[{}, []]], [[[], {}], 1]]) {
      assert.equal((await error("get", ...payload)).type, "TypeError", JSON.stringify(payload));
    }
  },

  async refresh(socket) {
    const other = await connect();
    const heard = [];
    const twice = new Promise((resolve) => other.on("refresh", (r) => heard.push(r) === 2 && resolve()));
    socket.on("refresh", () => assert.fail("heard its own refresh"));
    const first = { target: "znsocket.List:js", data: { start: 1, stop: null } };
    const second = { target: "znsocket.Dict:js", data: { keys: ["k"] } };
    assert.deepEqual(await call(socket, "refresh", first), undefined);
    socket.emit("refresh", second);
    await twice;
    assert.deepEqual(heard, [first, second]);
    await data(socket, "get", ["k"]);
    socket.off("refresh");
    other.disconnect();
  },

  async large(socket) {
    const text = "abcdefghij".repeat(200_000);
    const body = Buffer.from(JSON.stringify([["large", text], {}]));
    const size = Buffer.alloc(4);
    size.writeUInt32BE(body.length);
    const frame = Buffer.concat([Buffer.from([1]), size, gzipSync(body)]);
    assert.deepEqual(await call(socket, "compressed_message", { event: "set", data: frame }), { data: true });
    assert.equal(await data(socket, "get", ["large"]), text);

    const plain = Buffer.concat([Buffer.from([0]), body]);
    const pieces = [];
    for (let i = 0; i < plain.length; i += 700_000) pieces.push(plain.subarray(i, i + 700_000));
    const message = (i) => ({ chunk_id: "id", chunk_index: i, total_chunks: pieces.length, event: "set", data: pieces[i], size: pieces[i].length });
    for (const [n, i] of [2, 0, 0].entries()) {
      assert.deepEqual(await call(socket, "chunked_message", message(i)), { status: "waiting", received: Math.min(n + 1, 2), total: 3 });
    }
    assert.equal((await call(socket, "get_chunked_result", { chunk_id: "id" })).error.type, "ChunkIncompleteError");
    assert.equal((await call(socket, "chunked_message", { ...message(1), size: 5 })).error.type, "ChunkSizeError");
    assert.deepEqual(await call(socket, "chunked_message", message(1)), { status: "complete" });
    assert.deepEqual(await call(socket, "get_chunked_result", { chunk_id: "id" }), { data: true });
    assert.equal((await call(socket, "get_chunked_result", { chunk_id: "id" })).error.type, "ChunkNotFoundError");
  },

  async adapter(socket) {
    const reader = await connect();
    assert.equal(await call(socket, "register_adapter", [[], { key: "znsocket.List:js-adapter" }]), true);
    socket.on("adapter:get", ([, { method, start, stop }], answer) => answer(method === "slice" ? ["1", start, stop] : 5));
    assert.equal(await call(reader, "check_adapter", [[], { key: "znsocket.List:js-adapter" }]), true);
    const ask = (more) => call(reader, "adapter:get", [[], { key: "znsocket.List:js-adapter", ...more }]);
    assert.equal(await ask({ method: "__len__" }), 5);
    assert.deepEqual(await ask({ method: "slice", start: 0, stop: 3 }), ["1", 0, 3]);
    reader.disconnect();
  },
};

const socket = await connect();
for (const [name, part] of Object.entries(parts)) {
  await part(socket);
  console.log("ok", name);
}
socket.disconnect();
