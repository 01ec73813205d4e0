import { expect } from "chai";
import { type Client, ConnectionError, Dict, List, type Refresh, TimeoutError, watch } from "../src/index.js";
import { connect, Events, rejection, startProxy, startServer } from "./harness.js";
import { Between, Dice, goServer, type Pair, pool } from "./places.js";

type Seen<V> = [value: V, change: Refresh | undefined];

describe("watch", () => {
  let pair: Pair;
  beforeEach(async () => {
    pair = await goServer.open();
  });

  it("gives the value, and then each change by anybody", async () => {
    const [list, other] = [new List<string>({ ...pair.mine, key: "l" }), new List<string>({ ...pair.theirs, key: "l" })];
    await list.push("a", "b");
    const seen = new Events<Seen<string[]>>();
    const stop = watch(list, (...each) => seen.push(each));
    expect(await seen.next()).to.deep.equal([["a", "b"], undefined]);
    await other.push("c");
    expect(await seen.next()).to.deep.equal([["a", "b", "c"], { indices: [2] }]);
    await list.insert(1, "x");
    expect(await seen.next()).to.deep.equal([["a", "x", "b", "c"], { start: 1, stop: null }]);
    await other.delete(0, 1);
    expect((await seen.next())[0]).to.deep.equal(["b", "c"]);
    await list.clear();
    expect((await seen.next())[0]).to.deep.equal([]);
    await other.push("1", "2", "3");
    expect((await seen.next())[0]).to.deep.equal(["1", "2", "3"]);
    stop();
    stop();
    await list.push("4");
    await other.push("5");
    expect(seen.left).to.deep.equal([]);
  });

  it("gives a dict as an object, and segments as an array", async () => {
    const dict = new Dict<unknown>({ ...pair.mine, key: "d" });
    const seen = new Events<Seen<Record<string, unknown>>>();
    watch(dict, (...each) => seen.push(each));
    expect(await seen.next()).to.deep.equal([{}, undefined]);
    await new Dict({ ...pair.theirs, key: "d" }).update({ a: 1, b: null });
    expect(await seen.next()).to.deep.equal([{ a: 1, b: null }, { keys: ["a", "b"] }]);
    await dict.delete("a");
    expect(await seen.next()).to.deep.equal([{ b: null }, { keys: ["a"] }]);

    const list = new List<string>({ ...pair.mine, key: "l" });
    await list.push("a", "b");
    const segments = await list.segments("s");
    const parts = new Events<Seen<string[]>>();
    watch(segments, (...each) => parts.push(each));
    expect((await parts.next())[0]).to.deep.equal(["a", "b"]);
    await segments.set(0, "A");
    expect((await parts.next())[0]).to.deep.equal(["A", "b"]);
  });

  it("ends with what there is, whatever happens meanwhile", async () => {
    const dice = new Dice(7);
    const lists = [pair.mine, pair.theirs].map((opener) => new List({ ...opener, key: "l" }));
    const dicts = [pair.mine, pair.theirs].map((opener) => new Dict({ ...opener, key: "d" }));
    const [watchedList, watchedDict] = [watch(lists[0]!), watch(dicts[0]!)];
    let settle: () => void = () => undefined;
    watchedList.subscribe(() => settle());
    watchedDict.subscribe(() => settle());
    for (let round = 0; round < 40; round++) {
      await Promise.all(
        Array.from({ length: 6 }, async () => {
          const [list, dict] = [dice.one(lists), dice.one(dicts)];
          const values = dice.some(1 + dice.below(3), pool);
          const n = await list.length();
          switch (dice.below(8)) {
            case 0: return list.push(...values);
            case 1: return list.insert(dice.below(n + 1), ...values);
            case 2: return list.pop(dice.below(n + 1));
            case 3: return list.deleteSlice(dice.below(n + 1), dice.below(n + 1));
            case 4: return list.setSlice(dice.below(n + 1), dice.below(n + 1), values);
            case 5: return dict.update(values.map((value) => [dice.below(9), value]));
            case 6: return dict.delete(dice.below(9), dice.below(9));
            default: return dice.below(9) === 0 ? dict.clear() : dict.set(dice.below(9), values[0]);
          }
        }),
      );
      const [list, dict] = [await lists[1]!.slice(), await dicts[1]!.toObject()];
      const same = () => JSON.stringify(watchedList.value) === JSON.stringify(list) && JSON.stringify(sorted(watchedDict.value)) === JSON.stringify(sorted(dict));
      while (!same()) await new Promise<void>((resolve) => (settle = resolve));
    }
  });

  const sorted = (value: Record<string, unknown> | undefined) => Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));

  it("reads again only what has changed", async () => {
    await new List({ ...pair.mine, key: "l" }).push(...Array.from({ length: 1000 }, (_, i) => i));
    const list = new List<number>({ ...pair.theirs, key: "l" });
    const commands: string[] = [];
    const between = new Between(pair.mine.client as Client, ([command]) => commands.push(command!.join(" ")));
    const seen = new Events<number[]>();
    const stop = watch(new List<number>({ client: between, socket: pair.mine.client as Client, key: "l" }), seen.push);
    await seen.next();
    for (const change of [() => list.set(500, -1), () => list.push(1000), () => list.pop(), () => list.setSlice(10, 13, [1, 2, 3])]) {
      await change();
      expect(await seen.next()).to.deep.equal(await list.slice());
    }
    const key = "znsocket.List:l";
    expect(commands).to.deep.equal([`LRANGE ${key} 0 -1`, `LRANGE ${key} 500 500`, `LRANGE ${key} 1000 1000`, `LRANGE ${key} 1000 -1`, `LRANGE ${key} 10 12`]);

    await new Dict({ ...pair.mine, key: "d" }).update({ a: 1, b: 2, c: 3 });
    const dict = new Dict<number>({ ...pair.theirs, key: "d" });
    commands.length = 0;
    const fields = new Events<Record<string, number>>();
    watch(new Dict<number>({ client: between, socket: pair.mine.client as Client, key: "d" }), fields.push);
    await fields.next();
    await dict.set("b", 20);
    expect(await fields.next()).to.deep.equal({ a: 1, b: 20, c: 3 });
    stop();
    await list.push(1); // which is told before what comes next
    await dict.set("c", 30);
    await fields.next();
    expect(commands.splice(2)).to.deep.equal(["HGET znsocket.Dict:d c"]);
    expect(commands).to.deep.equal(["HGETALL znsocket.Dict:d", "HGET znsocket.Dict:d b"]);
  });

  it("reads everything where places are counted from the end, as Python tells them", async () => {
    await new List({ ...pair.mine, key: "l" }).push("a", "b");
    const seen = new Events<Seen<string[]>>();
    watch(new List<string>({ ...pair.mine, key: "l" }), (...each) => seen.push(each));
    await seen.next();
    await (pair.theirs.client as Client).lSet("znsocket.List:l", 1, '"B"');
    while ((await seen.next())[0][1] !== "B");
    (pair.theirs.client as Client).tell("znsocket.List:l", { indices: [-1] });
    expect(await seen.next()).to.deep.equal([["a", "B"], { indices: [-1] }]);
  });

  it("reads what it has missed, too", async () => {
    const list = new List<string>({ ...pair.mine, key: "l" });
    await list.push("a");
    const seen = new Events<string[]>();
    watch(list, seen.push);
    await seen.next();
    const theirs = pair.theirs.client as Client;
    await theirs.run([["RPUSH", "znsocket.List:l", '"b"', '"c"', '"d"']], { object: true }); // as an object that says nothing
    theirs.tell("znsocket.List:l", { indices: [2] });
    expect(await seen.next()).to.deep.equal(["a", "b", "c"]);
    theirs.tell("znsocket.List:l", { start: 9 });
    expect(await seen.next()).to.deep.equal(["a", "b", "c", "d"]);
  });

  it("is a store: one value for many subscribers", async () => {
    const list = new List<string>({ ...pair.mine, key: "l" });
    await list.push("a");
    const store = watch(list);
    expect(store.value).to.equal(undefined);
    const first = new Events<string[]>();
    const stop = store.subscribe(first.push);
    const value = await first.next();
    expect(store.value).to.equal(value);
    const second: string[][] = [];
    const stopSecond = store.subscribe((each) => second.push(each));
    expect(second).to.deep.equal([["a"]], "at once");
    await list.push("b");
    expect(await first.next()).to.equal(store.value);
    expect(second).to.deep.equal([["a"], ["a", "b"]]);
    expect(value).to.deep.equal(["a"], "a value never changes");
    stop();
    stopSecond();
    expect(store.value).to.equal(undefined);
    await list.push("c");
    store.subscribe(first.push);
    expect(await first.next()).to.deep.equal(["a", "b", "c"]);
  });

  it("is gone through by for await, which may be slow", async () => {
    const list = new List<number>({ ...pair.mine, key: "l" });
    const seen: number[] = [];
    for await (const value of watch(list)) {
      seen.push(value.length);
      if (value.length >= 4) break;
      if (value.length === 0) for (let i = 0; i < 3; i++) await list.push(i);
      else await new List<number>({ ...pair.theirs, key: "l" }).push(9);
    }
    expect(seen[0]).to.equal(0);
    expect(seen.at(-1)).to.be.within(4, 5);
  });

  it("can be gone through no further while it waits", async () => {
    const list = new List<number>({ ...pair.mine, key: "l" });
    const store = watch(list);
    const values = store[Symbol.asyncIterator]();
    expect(await values.next()).to.deep.equal({ done: false, value: [] });
    const both = [values.next(), values.next()];
    const end = { done: true, value: undefined };
    expect(await values.return!()).to.deep.equal(end);
    expect(await Promise.all(both)).to.deep.equal([end, end]);
    expect(await values.next()).to.deep.equal(end);
    expect(store.value, "nobody has subscribed").to.equal(undefined);
  });

  it("tells of what cannot be read, and reads it again", async () => {
    await new List({ ...pair.mine, key: "l" }).push("a");
    const list = new List<string>({ ...pair.theirs, key: "l" });
    const between = new Between(pair.mine.client as Client);
    const mine = new List<string>({ client: between, socket: pair.mine.client as Client, key: "l" });
    const [seen, failed] = [new Events<string[]>(), new Events<unknown>()];
    watch(mine, seen.push, { onError: failed.push });
    await seen.next();
    between.before = () => {
      throw new Error("boom");
    };
    await list.push("b");
    expect(((await failed.next()) as Error).message).to.equal("boom");
    between.before = () => undefined;
    await list.set(0, "A");
    expect(await seen.next()).to.deep.equal(["A", "b"]);

    between.before = () => {
      throw new Error("boom again");
    };
    const through = async () => {
      for await (const _ of watch(mine)) expect.fail("there is nothing to see");
    };
    await through().then(() => expect.fail("it ended"), (error) => expect(error.message).to.equal("boom again"));
  });

  it("reads everything again where somebody tells what cannot be", async () => {
    const [list, dict] = [new List<number>({ ...pair.mine, key: "l" }), new Dict<number>({ ...pair.mine, key: "d" })];
    const [seen, fields, all] = [new Events<Seen<number[]>>(), new Events<Seen<Record<string, number>>>(), new Events<unknown>()];
    watch(list, (...each) => seen.push(each));
    watch(dict, (...each) => fields.push(each));
    (pair.mine.client as Client).on("refresh", all.push);
    await Promise.all([seen.next(), fields.next()]);
    const theirs = pair.theirs.client as Client;
    for (const data of [{ indices: 5 }, { indices: [0.5] }, { indices: ["0"] }, { start: "0" }, { start: 0, stop: "1" }]) {
      await theirs.emit("refresh", { target: "znsocket.List:l", data });
      expect((await seen.next())[1]).to.deep.equal({ resync: true });
    }
    for (const data of [{ keys: 5 }, { keys: [{}] }, { keys: "a" }]) {
      await theirs.emit("refresh", { target: "znsocket.Dict:d", data });
      expect((await fields.next())[1]).to.deep.equal({ resync: true });
    }
    await dict.set("1", 1);
    await fields.next();
    await theirs.emit("refresh", { target: "znsocket.Dict:d", data: { keys: [1, "a"] } });
    expect(await fields.next(), "a dict of Python may have numbers").to.deep.equal([{ 1: 1 }, { keys: ["1", "a"] }]);
    for (const event of [undefined, null, 5, {}, { target: 5, data: {} }, { target: "znsocket.List:l" }, { target: "znsocket.List:l", data: 5 }]) {
      await theirs.emit("refresh", event).catch(() => undefined);
    }
    expect(all.left).to.have.length(9);
  });

  it("reads places of any number", async () => {
    const numbers = Array.from({ length: 200_000 }, (_, i) => i);
    const [list, other] = [new List<number>({ ...pair.mine, key: "l" }), new List<number>({ ...pair.theirs, key: "l" })];
    await other.setSlice(0, null, numbers);
    await (pair.theirs.client as Client).ping(); // of that everybody has been told
    const seen = new Events<Seen<number[]>>();
    watch(list, (...each) => seen.push(each));
    await seen.next();
    (pair.theirs.client as Client).tell("znsocket.List:l", { indices: numbers });
    expect((await seen.next())[0]).to.deep.equal(numbers);
    const part = numbers.slice(0, 2000).reverse();
    await other.setSlice(10, 2010, part);
    const [value, change] = await seen.next();
    expect(change).to.deep.equal({ start: 10, stop: 2010 });
    expect(value).to.deep.equal([...numbers.slice(0, 10), ...part, ...numbers.slice(2010)]);
  });

  it("waits where there is no connection, and has nobody hear of that who did not ask", async () => {
    const server = await startServer();
    const client = await connect(server.url, { timeout: 300 });
    const list = new List<string>({ client, key: "l" });
    const [seen, failed, through] = [new Events<string[]>(), new Events<any>(), new Events<string[]>()];
    watch(list, seen.push);
    watch(list, () => undefined, { onError: failed.push });
    void (async () => {
      for await (const value of watch(list)) through.push(value);
    })();
    await Promise.all([seen.next(), through.next()]);
    const gone = new Events();
    client.on("disconnect", gone.push);
    await server.kill();
    await gone.next();
    client.tell(list._key, { resync: true });
    expect(await failed.next()).instanceOf(TimeoutError);
    await server.start();
    await new List({ client: await connect(server.url), key: "l" }).push("a");
    while ((await seen.next())[0] !== "a");
    while ((await through.next())[0] !== "a");

    watch(new List<string>({ client, key: "other" }), seen.push);
    client.disconnect();
    expect(await rejection(client.ping())).instanceOf(ConnectionError);
    await client.connect();
    while ((await seen.next()).length > 0);
  });

  it("is there again after a lost connection", async () => {
    const server = await startServer();
    const proxy = await startProxy(server.url);
    const list = new List<string>({ client: await connect(proxy.url), key: "l" });
    const other = new List<string>({ client: await connect(server.url), key: "l" });
    const seen = new Events<string[]>();
    watch(list, seen.push);
    await seen.next();
    await proxy.cut();
    await other.push("a");
    while ((await seen.next()).length < 1);
    await other.push("b");
    while ((await seen.next()).length < 2);
  });

  it("needs an object, and somebody who tells", () => {
    const run = (pair.mine.client as Client).run.bind(pair.mine.client);
    expect(() => watch(new List({ client: { run }, key: "l" }), () => undefined)).to.throw("give it a Client as socket");
    expect(() => watch([] as never, () => undefined)).to.throw("a List, Dict or Segments");
  });
});
