import { expect } from "chai";
import { type Client, ConnectionError, createClient, type Refresh, type RefreshEvent } from "../src/index.js";
import { atEnd, connect, Events, rejection, startProxy, startServer } from "./harness.js";

/** A text that cannot be compressed to much less than half. */
const noise = (count: number) => Array.from({ length: count }, () => crypto.randomUUID()).join("ü");

describe("A Python server", () => {
  let url: string;
  let c: Client;
  beforeEach(async () => {
    ({ url } = await startServer({ kind: "python" }));
    c = await connect(url);
  });

  it("is known as one", async () => {
    expect(await c.go).equal(false);
    const server = await startServer();
    expect(await (await connect(server.url)).go).equal(true);
  });

  it("carries out what its store has", async () => {
    const steps: [got: Promise<unknown>, want: unknown][] = [
      [c.set("k", "v"), "OK"],
      [c.set("k", "w", { NX: true }), null],
      [c.set("k", "w", { EX: 100 }), "OK"],
      [c.ttl("k"), 99],
      [c.get("k"), "w"],
      [c.get("absent"), null],
      [c.set("empty", ""), "OK"],
      [c.get("empty"), ""],
      [c.mGet("k", "absent", "empty"), ["w", null, ""]],
      [c.incr("n"), 1],
      [c.incrBy("n", 5), 6],
      [c.decrBy("n", 2), 4],
      [c.hSet("h", "a", "1"), 1],
      [c.hSet("h", { b: "2", c: "" }), 2],
      [c.hMSet("h", { d: "4" }), "OK"],
      [c.hGet("h", "c"), ""],
      [c.hGet("h", "z"), null],
      [c.hMGet("h", "a", "z"), ["1", null]],
      [c.hGetAll("h"), { a: "1", b: "2", c: "", d: "4" }],
      [c.hGetAll("absent"), {}],
      [c.hExists("h", "a"), true],
      [c.hExists("h", "z"), false],
      [c.hDel("h", "d"), 1],
      [c.hKeys("h"), ["a", "b", "c"]],
      [c.hVals("h"), ["1", "2", ""]],
      [c.hLen("h"), 3],
      [c.rPush("l", "a"), 1],
      [c.rPush("l", "b"), 2],
      [c.lPush("l", "c"), 3],
      [c.lRange("l", 0, -1), ["c", "a", "b"]],
      [c.lRange("l", 1, 1), ["a"]],
      [c.lLen("l"), 3],
      [c.lIndex("l", -1), "b"],
      [c.lIndex("l", 9), null],
      [c.lSet("l", 0, "C"), "OK"],
      [c.lPop("l"), "C"],
      [c.del("l"), 1],
      [c.exists("l"), 0],
      [c.sAdd("s", "a"), NaN], // it does not say
      [c.sMembers("s"), ["a"]],
      [c.sIsMember("s", "a"), true],
      [c.sRandMember("s"), "a"],
      [c.sRandMemberCount("s", -2), ["a", "a"]],
      [c.zAdd("z", [{ value: "a", score: 1.5 }, { value: "b", score: 2 }]), 2],
      [c.zRange("z", 0, -1), ["a", "b"]],
      [c.zRangeWithScores("z", 0, 0), [{ value: "a", score: 1.5 }]],
      [c.zRangeByScore("z", "-inf", "(2"), ["a"]],
      [c.zRevRangeByScore("z", 5, 0), ["b", "a"]],
      [c.zCard("z"), 2],
      [c.type("z"), "zset"],
      [c.copy("k", "copied"), true],
      [c.flushAll(), "OK"],
      [c.get("k"), null],
    ];
    for (const [i, [got, want]] of steps.entries()) expect(await got, `step ${i}`).deep.equal(want);
  });

  it("gives its errors", async () => {
    await c.rPush("l", "v");
    const failures: [fail: () => Promise<unknown>, type: string, message: string | RegExp][] = [
      [() => c.lSet("l", 9, "v"), "ResponseError", "ERR index out of range"],
      [() => c.lSet("absent", 0, "v"), "ResponseError", "ERR no such key"],
      [() => c.sMembers("l"), "ResponseError", "WRONGTYPE Operation against a key holding the wrong kind of value"],
      [() => c.lPos("l", "v"), "UnknownEventError", "a Python server has no command 'LPOS'"],
      [() => c.set("k", Uint8Array.of(255)), "DataError", "bytes that are no UTF-8 cannot be sent to a Python server"],
      [() => c.rPush("l", "a", "b"), "TypeError", /^Invalid arguments for rpush/],
      [() => c.pipeline().set("k", "v").lSet("l", 9, "v").set("k", "w").exec(), "ResponseError", "ERR index out of range"],
    ];
    for (const [fail, type, message] of failures) {
      const error = await rejection(fail());
      expect(error).property("type", type);
      expect(error.message).match(message instanceof RegExp ? message : new RegExp(`^${message}$`));
    }
    expect(await c.get("k"), "it stops at what fails").equal("v");
  });

  it("runs pipelines", async () => {
    expect(await c.pipeline().set("k", "v").get("k").hGetAll("h").exec()).deep.equal(["OK", "v", {}]);
    expect(await c.with({ bytes: true }).get("k")).deep.equal(new TextEncoder().encode("v"));
  });

  it("takes large messages, compressed and in pieces", async () => {
    const small = await connect(url, { maxMessageSize: 10_000, compressionThreshold: 1000 });
    const texts = ["x".repeat(500_000), noise(2000), "short"];
    await Promise.all(texts.map((text, i) => small.set(`k${i}`, text)));
    for (const [i, text] of texts.entries()) expect((await c.get(`k${i}`)) === text, `text ${i}`).equal(true);
  });

  it("takes pieces by long-polling, where they are written as text", async () => {
    const server = await startServer({ kind: "python", args: ["--max-http-buffer-size", "50000"] });
    const polling = await connect(server.url, { compressionThreshold: -1, io: { transports: ["polling"] } });
    const text = noise(5000);
    await polling.set("k", text);
    expect((await polling.get("k")) === text).equal(true);
  });

  it("is sent pieces again where the connection is cut", async () => {
    const proxy = await startProxy(url);
    const small = await connect(proxy.url, { maxMessageSize: 100_000, compressionThreshold: -1 });
    const cuts = new Events();
    small.on("disconnect", cuts.push);
    await proxy.limit(500_000);
    expect(await small.rPush("l", noise(50_000))).equal(1);
    expect(cuts.left).length(1);
    expect(await c.lLen("l")).equal(1);
  });

  it("tells of all changes, and the client of those listened to", async () => {
    const other = await connect(url);
    const [heard, events] = [new Events<Refresh>(), new Events<RefreshEvent>()];
    c.listen("znsocket.List:l", heard.push);
    other.on("refresh", events.push);
    other.tell("znsocket.Dict:d", { keys: ["a"] });
    other.tell("znsocket.List:l", { start: 0 });
    expect(await heard.next()).deep.equal({ start: 0, stop: null });
    c.tell("znsocket.List:l", { indices: [1] });
    expect(await events.next()).deep.equal({ target: "znsocket.List:l", data: { indices: [1] } });
    expect(heard.left).deep.equal([]);
  });

  it("has adapters", async () => {
    const proxy = await startProxy(url);
    const owner = await connect(proxy.url);
    const key = "znsocket.List:a";
    const data = ["1", '"two"', "null", "4"];
    const owned = await owner.own(key, ({ key, method, index, start, stop, step, target }) => {
      if (method === "__len__") return data.length;
      if (method === "__getitem__") return data.at(index!) ?? JSON.stringify({ error: { msg: "list index out of range", type: "IndexError" } });
      if (method === "slice") return JSON.stringify([key, start, stop, step]) && data.slice(start ?? 0, stop ?? undefined);
      if (method === "copy") return c.rPush(target!, data[0]!).then(() => true);
      throw new Error(`no ${method}`);
    });
    await owned.nested(`znsocket.Dict:${key}:0`);
    expect(await c.adapterGet(key, "__len__")).equal(4);
    expect(await c.adapterGet(`znsocket.Dict:${key}:0`, "__len__")).equal(4);

    const object = async (...words: (string | number)[]) => {
      const [outcome] = await c.run([words], { object: true });
      return outcome!.error ?? outcome!.value;
    };
    const open = ["-9223372036854775808", "9223372036854775807"];
    expect(await object("LLEN", key)).equal(4);
    expect(await object("LINDEX", key, 1)).equal('"two"');
    expect(await object("LINDEX", key, 9)).equal(null);
    expect(await object("LRANGE", key, 1, 2)).deep.equal(['"two"', "null"]);
    expect(await object("LRANGE", key, 0, -1)).deep.equal(data);
    expect(await object("ZN.LSLICE", key, ...open, 1)).deep.equal([0, data]);
    expect(await object("ZN.LSLICE", key, 1, 3, 1)).deep.equal([1, ['"two"', "null"]]);
    expect(await object("EXISTS", key)).equal(1);
    expect(await object("COPY", key, "znsocket.List:b")).equal(1);
    expect(await c.lRange("b", 0, -1)).deep.equal(["1"]);
    expect(await object("RPUSH", key, 1)).include({ type: "FrozenStorageError" });
    expect(await object("HKEYS", key)).include({ type: "AdapterError", message: "no keys" });
    expect(await object("LLEN", "znsocket.List:stored")).equal(0);
    expect(await c.run([["LLEN", key], ["LLEN", "znsocket.List:stored"], ["LINDEX", key, 0]], { object: true })).deep.equal([{ value: 4 }, { value: 0 }, { value: "1" }]);
    expect(await c.lLen(key), "to a command by itself the key is empty").equal(0);

    const lost = new Events();
    owner.on("disconnect", lost.push);
    await proxy.cut();
    await lost.next();
    await owner.get("k");
    expect(await c.adapterGet(`znsocket.Dict:${key}:0`, "__len__"), "they are there again").equal(4);
    owner.disconnect();
    while (await c.emit("adapter_exists", [[], { key }])); // a question on its way would never be answered
    expect(await rejection(c.adapterGet(key, "__len__"))).include({ type: "KeyError" });
  });
});

describe("A server of something else", () => {
  it("is called so", async () => {
    const { url } = await startServer({ kind: "stranger" });
    const c = createClient({ url });
    atEnd(() => c.disconnect());
    const error = await rejection(c.connect());
    expect(error).instanceOf(ConnectionError).property("message", `${url} is no ZnSocket server: it has no answer to server_config`);
    expect(await rejection(c.ping())).equal(error);
  });
});
