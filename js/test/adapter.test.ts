import { expect } from "chai";
import {
  type Client,
  ConnectionError,
  Dict,
  DictAdapter,
  dictOf,
  FrozenStorageError,
  List,
  ListAdapter,
  listOf,
  NDArray,
  ndarray,
  type Refresh,
  watch,
  ZnSocketError,
} from "../src/index.js";
import { atEnd, connect, Events, inBrowser, rejection, startProxy, startServer } from "./harness.js";
import { isTaken, listen, pythonPlaces } from "./places.js";

describe("Adapters", () => {
  let url: string;
  let client: Client;
  let reader: Client;
  beforeEach(async () => {
    ({ url } = await startServer());
    [client, reader] = await Promise.all([connect(url), connect(url)]);
  });

  const shareList = async (object: ConstructorParameters<typeof ListAdapter>[0]["object"], key = "l") => {
    const adapter = new ListAdapter({ client, key, object });
    await adapter.ready;
    return { adapter, list: new List({ client: reader, key }) };
  };
  const shareDict = async (object: ConstructorParameters<typeof DictAdapter>[0]["object"], key = "d") => {
    const adapter = new DictAdapter({ client, key, object });
    await adapter.ready;
    return { adapter, dict: new Dict({ client: reader, key }) };
  };

  it("show an array as a List", async () => {
    const data: unknown[] = ["a", 2, null, [1, { x: 2 }], { k: "v" }, "", 0, false, undefined];
    const { list } = await shareList(data);
    const stored = JSON.parse(JSON.stringify(data)) as unknown[];
    expect(await list.length()).to.equal(data.length);
    for (const i of [0, 3, 8, -1, -9]) expect(await list.get(i)).to.deep.equal(stored.at(i));
    for (const i of [9, -10, Infinity]) expect(await list.get(i)).to.equal(null);
    const bounds = [null, -99, -9, -2, -1, 0, 1, 5, 9, 99];
    for (const start of bounds) {
      for (const end of bounds) {
        for (const step of [1, 2, 50, -1, -3]) {
          const want = pythonPlaces(data.length, start, end, step).map((at) => stored[at]);
          expect(await list.slice(start, end, step), `[${start}:${end}:${step}]`).to.deep.equal(want);
        }
      }
    }
    expect(await list.toObject()).to.deep.equal(stored);
    expect(await list.indexOf({ k: "v" })).to.equal(4);
  });

  it("show what is there at each moment, read-only", async () => {
    const data = [1, 2, 3];
    const { adapter, list } = await shareList(data);
    data.push(4);
    expect(await list.get(-1)).to.equal(4);
    data.length = 0;
    expect(await list.slice()).to.deep.equal([]);
    const changes: (() => Promise<unknown>)[] = [
      () => list.push(1), () => list.push(1, 2), () => list.insert(0, 1), () => list.set(0, 1), () => list.set(-1, 1), () => list.pop(0), () => list.pop(),
      () => list.delete(0), () => list.deleteSlice(), () => list.setSlice(0, 1, [1]), () => list.clear(),
    ];
    for (const change of changes) expect(await rejection(change())).to.be.instanceOf(FrozenStorageError);

    const heard = new Events<Refresh>();
    await listen(list, heard.push);
    data.push(5);
    adapter.changed({ indices: [0] });
    expect(await heard.next()).to.deep.equal({ indices: [0] });
    await adapter.close();
    expect(await list.length()).to.equal(0);
    await list.push("stored");
    expect(await client.lLen("znsocket.List:l")).to.equal(1);
  });

  it("find the numbers of a Map without going through it", async () => {
    class Numbers extends Map<unknown, unknown> {
      override keys(): never {
        throw new Error("it is gone through");
      }
    }
    const { lookup } = dictOf(new Numbers([[1, "one"], [-0.5, "half"], ["2", "two"], [NaN, "none"]]));
    const found = await Promise.all(["1", "-0.5", "2", "NaN", "01", "1.0", "", "3"].map(lookup));
    expect(found.map((each) => each?.value)).to.deep.equal(["one", "half", "two", "none", undefined, undefined, undefined, undefined]);
  });

  it("need not be waited for by who disconnects", async () => {
    const client = await connect((await startServer()).url);
    const unhandled: unknown[] = [];
    const hear = (event: unknown) => void unhandled.push(event);
    if (inBrowser) addEventListener("unhandledrejection", hear);
    else process.on("unhandledRejection", hear);
    atEnd(() => (inBrowser ? removeEventListener("unhandledrejection", hear) : process.off("unhandledRejection", hear)));
    const adapter = new ListAdapter({ client, key: "early", object: [1] });
    client.disconnect();
    await adapter.close();
    await new Promise((resolve) => setTimeout(resolve)); // in which one is told of
    expect(unhandled).to.deep.equal([]);
    expect(await rejection(adapter.ready)).to.be.instanceOf(ConnectionError);
  });

  it("show an object or a Map as a Dict", async () => {
    const object: Record<string, unknown> = { b: 1, a: [2], "c:d": null, "": "empty", ü: { x: 1 } };
    const shown: [string, ConstructorParameters<typeof DictAdapter>[0]["object"]][] = [
      ["object", object],
      ["map", new Map(Object.entries(object))],
      ["own", { keys: async () => Object.keys(object), get: async (key: string) => (Object.hasOwn(object, key) ? object[key] : undefined) }],
    ];
    for (const [key, data] of shown) {
      const { dict } = await shareDict(data, key);
      expect(await dict.length()).to.equal(5);
      expect(await dict.keys()).to.deep.equal(["b", "a", "c:d", "", "ü"]);
      expect(await dict.values()).to.deep.equal(Object.values(object));
      expect(await dict.toObject()).to.deep.equal(object);
      for (const field of [...Object.keys(object), "absent", "constructor"]) {
        expect(await dict.get(field)).to.deep.equal(Object.hasOwn(object, field) ? object[field] : null);
        expect(await dict.has(field)).to.equal(Object.hasOwn(object, field));
      }
      const changes: (() => Promise<unknown>)[] = [
        () => dict.set("a", 1), () => dict.update({ a: 1, b: 2 }), () => dict.delete("a"), () => dict.delete("a", "b"),
        () => dict.pop("a"), () => dict.clear(),
      ];
      for (const change of changes) expect(await rejection(change())).to.be.instanceOf(FrozenStorageError);
    }
    const numbers = new Map<unknown, string>([[1, "one"], ["2", "two"]]);
    const { dict } = await shareDict(numbers, "numbers");
    expect(await dict.entries()).to.deep.equal([["1", "one"], ["2", "two"]]);
    expect(await dict.get(1)).to.equal("one");
  });

  it("show typed arrays, arrays of numpy, and whatever has a length", async () => {
    const typed = Float64Array.of(1.5, -2, 1e300);
    expect(await (await shareList(typed, "typed")).list.slice()).to.deep.equal([1.5, -2, 1e300]);
    expect(await (await shareList(BigInt64Array.of(1n, -5n), "big")).list.slice(null, null, -1)).to.deep.equal([-5, 1]);
    const matrix = new NDArray([[1, 2, 3], [4, 5, 6]]);
    await shareList(matrix, "matrix");
    const rows = new List({ client: reader, key: "matrix", converters: [ndarray] });
    expect(await rows.get(-1)).to.deep.equal(new NDArray([4, 5, 6]));
    matrix.data[0] = 100;
    expect(await rows.get(0)).to.deep.equal(new NDArray([100, 2, 3]));
    expect(await (await shareList(new NDArray([true, false]), "row")).list.slice()).to.deep.equal([true, false]);
    const squares = { length: () => Promise.resolve(1000), at: async (i: number) => i * i };
    const { list } = await shareList(squares, "squares");
    expect(await list.slice(-2)).to.deep.equal([998 ** 2, 999 ** 2]);
    expect(await list.length()).to.equal(1000);
  });

  it("nest", async () => {
    const frames = [{ name: "a:b", tags: ["x", "y"] }, { name: "c", tags: [] }];
    const transform = ({ name, tags }: (typeof frames)[0]) =>
      dictOf({ name, tags: listOf(tags, (tag: string) => tag.toUpperCase()), "a:b": new Map([["deep:er", listOf([1, 2])]]) });
    const adapter = new ListAdapter({ client, key: "frames", object: frames, transform });
    await adapter.ready;
    const list = new List<Dict>({ client: reader, key: "frames" });
    const frame = (await list.get(0))!;
    expect(frame._key).to.equal("znsocket.Dict:znsocket.List:frames:0");
    expect(await frame.get("name")).to.equal("a:b");
    expect(await ((await frame.get("tags")) as List).slice()).to.deep.equal(["X", "Y"]);
    const deep = (await ((await frame.get("a:b")) as Dict).get("deep:er")) as List;
    expect(deep._key).to.equal("znsocket.List:znsocket.Dict:znsocket.Dict:znsocket.List:frames:0:a:b:deep:er");
    expect(await deep.get(-1)).to.equal(2);
    expect(await list.toObject()).to.deep.equal([
      { name: "a:b", tags: ["X", "Y"], "a:b": { "deep:er": [1, 2] } },
      { name: "c", tags: [], "a:b": { "deep:er": [1, 2] } },
    ]);
    // Where keys have colons, one may begin as another ends.
    await shareDict({ a: dictOf({ x: 1 }), "a:b": dictOf({ x: 2, c: listOf([3]) }), b: listOf([]) }, "colons");
    const colons = new Dict<Dict>({ client: reader, key: "colons" });
    expect(await (await colons.get("a:b"))!.toObject()).to.deep.equal({ x: 2, c: [3] });
    expect(await (await colons.get("a"))!.get("x")).to.equal(1);
    frames[0]!.tags.push("z");
    expect(await ((await frame.get("tags")) as List).get(-1)).to.equal("Z");
    expect(await rejection(frame.set("name", "x"))).to.be.instanceOf(FrozenStorageError);
    for (const key of ["Dict:znsocket.List:frames:2", "List:znsocket.List:frames:0", "Dict:znsocket.List:frames:00", "Dict:znsocket.List:frames:x"]) {
      expect(await rejection(client.adapterGet(`znsocket.${key}`, "__len__")), key).to.be.instanceOf(ZnSocketError);
    }
  });

  it("are copied into what is stored", async () => {
    const { list } = await shareList([1, listOf(["in", dictOf({ a: listOf([2]) })]), "z"]);
    const { dict } = await shareDict({ a: 1, b: dictOf({ c: [] }) });
    const heard = new Events<Refresh>();
    await listen(new List({ client: reader, key: "copy" }), heard.push);
    const copy = await list.copy("copy");
    expect(await heard.next()).to.deep.equal({ start: 0, stop: null });
    await copy.push("added");
    expect(await copy.slice()).to.deep.equal([1, ["in", { a: [2] }], "z", "added"]);
    const copied = await dict.copy("copy");
    await copied.set("d", 1);
    expect(await copied.toObject()).to.deep.equal({ a: 1, b: { c: [] }, d: 1 });
    expect(isTaken(await rejection(list.copy("copy")))).to.equal(true);

    const endless: { self: unknown } = { self: undefined };
    endless.self = dictOf(endless as never);
    expect((await rejection((await shareDict(endless, "endless")).dict.copy("never"))).message).to.match(/deeper than the limit of 100/);
  });

  it("tell the reader what failed, with its type", async () => {
    class PaperError extends Error {
      override readonly name = "PaperError";
    }
    const failing = {
      length: 4,
      at(i: number) {
        if (i === 0) throw new PaperError("out of paper");
        if (i === 1) throw new ZnSocketError("out of ink", "ValueError");
        if (i === 2) return Promise.reject(new RangeError("too far"));
        return 3n ** 99n;
      },
    };
    const { list } = await shareList(failing);
    const failures = [[0, "PaperError", "out of paper"], [1, "ValueError", "out of ink"], [2, "RangeError", "too far"], [3, "TypeError", "BigInt"]] as const;
    for (const [i, type, message] of failures) {
      const error = await rejection(list.get(i));
      expect(error).to.be.instanceOf(ZnSocketError);
      expect(error.type).to.equal(type);
      expect(error.message).to.contain(message);
    }
    expect((await rejection(list.slice())).type).to.equal("PaperError");
    const { dict } = await shareDict({ keys: () => ["a"], get: () => failing.at(0), has: () => true });
    for (const read of [() => dict.get("a"), () => dict.entries(), () => dict.values()]) expect((await rejection(read())).message).to.equal("out of paper");
    expect((await rejection(reader.adapterGet("znsocket.List:l", "__iter__"))).message).to.equal("Method __iter__ not implemented");
    expect((await rejection(reader.adapterGet("znsocket.List:l", "slice", 0, 1, 0))).message).to.equal("slice step cannot be zero");
    expect((await rejection(reader.adapterGet("znsocket.List:l", "slice", 0.5))).type).to.equal("TypeError");
    expect(JSON.parse(await reader.adapterGet("znsocket.List:l", "__getitem__", 99)).error.type).to.equal("IndexError");
  });

  it("have one owner, who does not hide what is stored", async () => {
    const { adapter } = await shareList([1]);
    expect(isTaken(await rejection(new ListAdapter({ client, key: "l", object: [2] }).ready))).to.equal(true);
    expect(isTaken(await rejection(new ListAdapter({ client: reader, key: "l", object: [2] }).ready))).to.equal(true);
    await new ListAdapter({ client: reader, key: "l", object: [2], replace: true }).ready;
    expect(await new List({ client, key: "l" }).slice()).to.deep.equal([2]);
    await adapter.close();
    expect(await new List({ client, key: "l" }).slice()).to.deep.equal([2]);

    await new Dict({ client, key: "stored" }).set("a", 1);
    const refused = new DictAdapter({ client, key: "stored", object: {} });
    expect(isTaken(await rejection(refused.ready))).to.equal(true);
    await refused.close();
    await new DictAdapter({ client, key: "stored", object: { b: 2 }, overStored: true }).ready;
    expect(await new Dict({ client: reader, key: "stored" }).toObject()).to.deep.equal({ b: 2 });
  });

  it("answer with more than a message holds", async () => {
    const large = Array.from({ length: 200_000 }, (_, i) => `element ${i} of a list that is large`);
    const { list } = await shareList(large);
    expect(await list.slice()).to.deep.equal(large);
  });

  it("are watched", async () => {
    const data = [1, 2];
    const { adapter, list } = await shareList(data);
    const seen = new Events<number[]>();
    watch(list, seen.push);
    expect(await seen.next()).to.deep.equal([1, 2]);
    data.push(3);
    adapter.changed({ indices: [2] });
    expect(await seen.next()).to.deep.equal([1, 2, 3]);
  });

  it("are references, and there again after a lost connection", async () => {
    const proxy = await startProxy(url);
    const owner = await connect(proxy.url);
    const adapter = new DictAdapter({ client: owner, key: "again", object: { a: 1 } });
    await adapter.ready;
    const list = new List<Dict>({ client: reader, key: "references" });
    await list.push(adapter as never);
    expect(await (await list.get(0))!.get("a")).to.equal(1);
    await proxy.cut();
    await owner.set("x", 1);
    expect(await (await list.get(0))!.get("a")).to.equal(1);
    await adapter.close();
    expect(await (await list.get(0))!.get("a")).to.equal(null);
  });

  it("show nothing that is no list or dict", async () => {
    for (const object of [5, "text", null, {}, { length: 5 }]) expect(() => new ListAdapter({ client, key: "l", object: object as never })).to.throw(TypeError);
    for (const object of [5, "text", null, [1]]) expect(() => new DictAdapter({ client, key: "d", object: object as never })).to.throw(TypeError);
  });
});
