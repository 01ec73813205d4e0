import { expect } from "chai";
import { type Client, type Converter, DecodeError, Dict, List, NDArray, ndarray, ResponseError, Segments, ValueError } from "../src/index.js";
import { connect, Events, rejection, startServer } from "./harness.js";
import { goServer, isTaken, listen } from "./places.js";

describe("Objects", () => {
  let client: Client;
  beforeEach(async () => {
    client = (await goServer.open()).mine.client as Client;
  });

  it("nest by reference", async () => {
    const list = new List({ client, key: "l" });
    const dict = new Dict({ client, key: "d" });
    await list.push(1);
    await dict.update({ list, plain: [1], segments: await list.segments("s") });
    await list.push(dict);
    expect(await client.hGet("znsocket.Dict:d", "list")).to.equal('"znsocket.List:l"');
    const inner = (await dict.get("list")) as List;
    expect(inner).to.be.instanceOf(List);
    expect(await inner[0]).to.equal(1);
    expect(await inner.equals(list)).to.equal(true);
    expect(await list.get(-1)).to.be.instanceOf(Dict);
    const segments = (await dict.get("segments")) as Segments;
    expect(segments).to.be.instanceOf(Segments);
    expect(await segments.slice()).to.deep.equal([1]);
    // Deeper inside of a value a reference stays a text, as in Python.
    await list.set(0, { deep: [dict] });
    expect(await list.get(0)).to.deep.equal({ deep: ["znsocket.Dict:d"] });
  });

  it("take a text for a reference only where it is one", async () => {
    const list = new List({ client, key: "l" });
    const texts = ["znsocket.list:x", "znsocket", "znsocket.Set:x", " znsocket.List:x", "znsocket.", "List:x"];
    await list.push(...texts);
    expect(await list.slice()).to.deep.equal(texts);
  });

  it("are plain as a whole", async () => {
    const [outer, shared, empty] = [new Dict({ client, key: "outer" }), new List({ client, key: "shared" }), new Dict({ client, key: "empty" })];
    await shared.push(1, empty);
    await outer.update({ a: shared, b: shared, c: "text", __proto: null });
    expect(await outer.toObject()).to.deep.equal({ a: [1, {}], b: [1, {}], c: "text", __proto: null });
    await empty.set("back", outer);
    for (const object of [outer, shared, empty]) {
      const error = await rejection(object.toObject());
      expect(error).to.be.instanceOf(ValueError);
      expect(error.message).to.equal(`${object._key} refers to itself, by way of other objects`);
    }
  });

  it("refuse themselves", async () => {
    const [list, dict] = [new List({ client, key: "l" }), new Dict({ client, key: "d" })];
    await list.push(0);
    const calls = [
      () => list.push(1, list), () => list.set(0, new List({ client, key: "l" })), () => list.insert(0, list), () => list.setSlice(0, 1, [list]),
      () => dict.set("a", dict), () => dict.update({ a: 1, b: dict }),
    ];
    for (const call of calls) {
      const error = await rejection(call());
      expect(error).to.be.instanceOf(ValueError);
      expect(error.message).to.equal("Can not set circular reference to self");
    }
    expect(await list.slice()).to.deep.equal([0]);
    expect(await dict.length()).to.equal(0);
  });

  it("keep what cannot be read, and say where it is", async () => {
    await client.rPush("znsocket.List:l", "1", "nonsense", "{}");
    await client.hSet("znsocket.Dict:d", "a b", "[");
    const [list, dict] = [new List({ client, key: "l" }), new Dict({ client, key: "d" })];
    expect(await list.get(0)).to.equal(1);
    const reads: [() => Promise<unknown>, string, number | string][] = [
      [() => list.get(1), "znsocket.List:l[1] holds nonsense: ", 1],
      [() => list.get(-2), "znsocket.List:l[-2] holds nonsense: ", -2],
      [() => list.slice(1), "znsocket.List:l[1] holds nonsense: ", 1],
      [() => list.slice(-2), "znsocket.List:l[1] holds nonsense: ", 1],
      [() => list.indexOf(7), "znsocket.List:l[1] holds nonsense: ", 1],
      [() => dict.get("a b"), 'znsocket.Dict:d["a b"] holds [: ', "a b"],
      [() => dict.entries(), 'znsocket.Dict:d["a b"] holds [: ', "a b"],
    ];
    for (const [read, message, place] of reads) {
      const error = await rejection(read());
      expect(error).to.be.instanceOf(DecodeError);
      expect(error.message.startsWith(message), error.message).to.equal(true);
      expect(error.place).to.equal(place);
    }
    expect((await rejection(list.pop(-2))).raw).to.equal("nonsense");
    expect(await list.slice()).to.deep.equal([1, {}], "it is removed all the same");
  });

  it("write and read by converters, their own or their client's", async () => {
    const date: Converter<Date> = {
      types: ["datetime.datetime"],
      encode: (value) => (value instanceof Date ? { _type: "datetime.datetime", value: value.toISOString() } : undefined),
      decode: (value) => new Date(value),
    };
    const day = new Date("2024-02-29T12:30:00Z");
    const array = new NDArray([[1, 2], [3, 4]]);
    const dict = new Dict({ client, key: "d", converters: [date, ndarray] });
    await dict.update({ day, nested: [day, array], typed: Float32Array.of(1, 2) });
    expect(await dict.get("day")).to.deep.equal(day);
    expect(await dict.get("nested")).to.deep.equal([day, array]);
    expect(await dict.get("typed")).to.deep.equal(new NDArray(Float32Array.of(1, 2)));
    expect(await dict.equals({ typed: new NDArray(Float32Array.of(1, 2)), day, nested: [day, array] })).to.equal(true);
    expect(await dict.equals({ typed: new NDArray(Float32Array.of(1, 3)), day, nested: [day, array] })).to.equal(false);
    expect(await dict.equals({ typed: new NDArray(Float32Array.of(1, 2)), day: new Date(0), nested: [day, array] })).to.equal(false);

    const raw = (await new Dict({ client, key: "d" }).get("nested")) as [{ _type: string }, { _type: string }];
    expect(raw[0]._type).to.equal("datetime.datetime");
    expect(raw[1]._type).to.equal("np.ndarray_b64");

    const { url } = await startServer();
    const converting = await connect(url, { converters: [ndarray] });
    const list = new List({ client: converting, key: "l" });
    await list.push(array);
    expect(await list.get(0)).to.deep.equal(array);
    const outer = new Dict({ client: converting, key: "outer" });
    await outer.set("list", list);
    expect(await ((await outer.get("list")) as List).get(0)).to.deep.equal(array);
    expect(await new List({ client: converting, key: "l", converters: [] }).get(0)).to.have.property("_type");
  });

  it("are copied where no command can, between the slots of a cluster", async () => {
    const run: Client["run"] = async (commands, options) => {
      const [name, from, to] = commands[0]!;
      if (name === "COPY" && !String(from).includes(`{${to}}`)) return [{ error: new ResponseError("CROSSSLOT Keys in request don't hash to the same slot") }];
      return client.run(commands, options);
    };
    const [list, dict] = [new List({ client: { run }, key: "l" }), new Dict({ client: { run }, key: "d" })];
    await list.push(1, 2);
    await dict.update({ a: 1 });
    expect(await (await list.copy("copy")).slice()).to.deep.equal([1, 2]);
    expect(await (await dict.copy("copy")).toObject()).to.deep.equal({ a: 1 });
    expect(isTaken(await rejection(list.copy("copy")))).to.equal(true);
    expect(await client.keys("*token*")).to.deep.equal([], "what was written aside");
  });

  it("keep their time to live when they change", async () => {
    const list = new List<string>({ client, key: "l" });
    await list.push(..."abcdef");
    await client.expire("znsocket.List:l", 100);
    await list.insert(2, "x", "y");
    await list.deleteSlice(null, null, 2);
    await list.setSlice(0, 2, ["1", "2", "3"]);
    await list.pop();
    expect(await client.ttl("znsocket.List:l")).to.be.within(1, 100);
  });
});

describe("onRefresh", () => {
  it("hears of changes that others make, and not of one's own", async () => {
    const { mine, theirs } = await goServer.open();
    const [list, other] = [new List<string>({ ...mine, key: "l" }), new List<string>({ ...theirs, key: "l" })];
    const heard: unknown[] = [];
    let wake: () => void = () => undefined;
    const stop = await listen(list, (refresh) => {
      heard.push(refresh);
      wake();
    });
    await list.push("a");
    await new List({ ...mine, key: "l" }).push("b");
    const told = new Promise<void>((resolve) => (wake = resolve));
    await other.set(0, "A");
    await told;
    expect(heard).to.deep.equal([{ indices: [0] }]);

    // What comes after they stop is not heard: the last refresh of another object comes later.
    const last = new Events<unknown>();
    await listen(new Dict({ ...mine, key: "d" }), last.push);
    stop();
    list.onRefresh(() => expect.fail("heard"));
    list.offRefresh();
    await other.push("c");
    await new Dict({ ...theirs, key: "d" }).update({ x: 1, y: 2 });
    expect(await last.next()).to.deep.equal({ keys: ["x", "y"] });
    expect(heard).to.have.length(1);
  });

  it("needs somebody who tells", async () => {
    const { mine } = await goServer.open();
    const run = (mine.client as Client).run.bind(mine.client);
    expect(() => new List({ client: { run }, key: "l" }).onRefresh(() => undefined)).to.throw("give it a Client as socket");
  });
});
