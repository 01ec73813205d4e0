import { expect } from "chai";
import { io } from "socket.io-client";
import { IndexError, type Question } from "../src/index.js";
import { rootsOf } from "../src/owners.js";
import { atEnd, connect, Events, rejection, startServer } from "./harness.js";

const key = "znsocket.List:a";

describe("An owner", () => {
  it("answers for its key", async () => {
    const { url } = await startServer();
    const [owner, reader] = [await connect(url), await connect(url)];
    const asked = new Events<Question>();
    expect(await reader.checkAdapter(key)).equal(false);
    const owned = await owner.own(key, async (question) => {
      asked.push(question);
      return question.method === "slice" ? ["1", "2"] : '"v"';
    });
    expect(await reader.checkAdapter(key)).equal(true);
    expect(await reader.adapterGet(key, "slice", 1, 3, 2)).deep.equal(["1", "2"]);
    expect(await asked.next()).deep.equal({ key, method: "slice", start: 1, stop: 3, step: 2 });
    const more: [method: string, args: unknown[], want: object][] = [
      ["__len__", [], {}],
      ["__getitem__", [-1], { index: -1 }],
      ["__getitem__", ["name"], { dict_key: "name" }],
      ["__contains__", ["name"], { dict_key: "name" }],
      ["get", ["name", null], { dict_key: "name", default: null }],
      ["copy", ["znsocket.List:b"], { target: "znsocket.List:b" }],
      ["items", [], {}],
    ];
    for (const [method, args, want] of more) {
      expect(await reader.adapterGet(key, method, ...args)).equal('"v"');
      expect(await asked.next()).deep.equal({ key, method, ...want });
    }
    expect(await rejection(reader.adapterGet(key, "keys", 1))).include({ type: "TypeError" });

    expect(await reader.run([["LRANGE", key, 0, -1]], { object: true })).deep.equal([{ value: ["1", "2"] }]);
    expect((await reader.run([["RPUSH", key, 1]], { object: true }))[0]!.error).include({ type: "FrozenStorageError" });

    await owned.close();
    expect(await rejection(reader.adapterGet(key, "__len__"))).include({ type: "KeyError", message: `Key ${key} does not exist in storage` });
    await owned.close();
    expect(await rejection(owner.own("", () => 1))).include({ type: "ValueError" });
    await owner.own(key, () => 1);
    expect(await rejection(owner.own(key, () => 2))).include({ type: "KeyError" });
    expect(await reader.adapterGet(key, "__len__"), "a second one changes nothing").equal(1);
  });

  it("may use its client to answer", async () => {
    const { url } = await startServer();
    const [owner, reader] = [await connect(url), await connect(url)];
    await owner.set("k", "5");
    await owner.own(key, async () => Number(await owner.get("k")));
    expect(await reader.adapterGet(key, "__len__")).equal(5);
  });

  it("tells of what failed", async () => {
    const { url } = await startServer();
    const [owner, reader] = [await connect(url), await connect(url)];
    await owner.own(key, ({ method }) => {
      throw method === "slice" ? new IndexError("too far") : new RangeError("out of paper");
    });
    expect(await rejection(reader.adapterGet(key, "slice"))).instanceOf(IndexError).property("message", "too far");
    expect(await rejection(reader.adapterGet(key, "__len__"))).include({ type: "AdapterError", message: "out of paper" });
  });

  it("gives answers that are larger than a message", async () => {
    const { url } = await startServer({ args: ["--max-http-buffer-size", "20000"] });
    const [owner, reader] = [await connect(url), await connect(url)];
    const texts = Array.from({ length: 20_000 }, () => crypto.randomUUID());
    await owner.own(key, () => texts);
    expect(await reader.adapterGet(key, "slice")).deep.equal(texts);
  });

  it("answers for what lies inside", async () => {
    const { url } = await startServer();
    const [owner, reader] = [await connect(url), await connect(url)];
    const owned = await owner.own(key, (question) => question.key);
    const inside = `znsocket.Dict:${key}:3`;
    await owned.nested(inside); // a Go server need not be told
    expect(await reader.adapterGet(inside, "__len__")).equal(inside);
  });

  it("on a socket that was there before tells of what lies inside", async () => {
    const { url } = await startServer();
    const socket = io(`${url}/znsocket`, { forceNew: true });
    atEnd(() => socket.disconnect());
    const connected = new Events();
    socket.on("connect", connected.push as () => void);
    await connected.next();
    const [owner, reader] = [await connect(url, { socket, url: undefined }), await connect(url)];
    const owned = await owner.own(key, (question) => question.key);
    const inside = `znsocket.Dict:${key}:3`;
    expect(await reader.checkAdapter(inside)).equal(false);
    await owned.nested(inside);
    expect(await reader.adapterGet(inside, "__len__")).equal(inside);
    await owned.close();
    expect(await reader.checkAdapter(inside)).equal(false);
  });
});

describe("rootsOf", () => {
  const roots: [key: string, roots: string[]][] = [
    ["znsocket.List:a", []],
    ["znsocket.List:a:3", []],
    ["other:a:3", []],
    ["znsocket.Dict:znsocket.List:a:3", ["znsocket.List:a"]],
    ["znsocket.Dict:znsocket.List:a:b:3", ["znsocket.List:a:b", "znsocket.List:a"]],
    ["znsocket.List:znsocket.Dict:znsocket.List:a:3:k", ["znsocket.List:a:3", "znsocket.List:a"]],
    ["znsocket.Dict:znsocket.List:", []],
    ["znsocket.Dict:znsocket.List::3", []],
    [`znsocket.Dict:znsocket.List:a${":1".repeat(2100)}`, []],
  ];
  for (const [of, want] of roots) it(`of ${of.slice(0, 60)}`, () => expect([...rootsOf(of)]).deep.equal([of, ...want]));

  it("are no more than some", () => expect([...rootsOf(`znsocket.Dict:znsocket.List:a${":1".repeat(1000)}`)]).length(65));
});
