import { expect } from "chai";
import { type Client, Dict, List, Segments } from "../src/index.js";
import { copying, frozen, testFallbacks } from "./fallbacks.js";
import { rejection } from "./harness.js";
import { Between, goServer } from "./places.js";

testFallbacks(goServer);

describe("A fallback", () => {
  it("costs a read one round trip, and a second one where it is read", async () => {
    const { mine } = await goServer.open();
    const between = new Between(mine.client as Client);
    await new List({ ...mine, key: "fallback" }).push(1, 2);
    const list = new List({ client: between, key: "l", ...frozen });
    expect(await list.get(-1)).to.equal(2);
    expect(between.trips).to.equal(2);
    await list.push(3);
    between.trips = 0;
    expect(await list.get(-1)).to.equal(3);
    expect(between.trips).to.equal(1);
    await list.push(4);
    expect(between.trips).to.equal(3, "a change asks first whether there is something to change");
  });

  it("is tried again where the copy fails", async () => {
    const { mine } = await goServer.open();
    await new List({ ...mine, key: "fallback" }).push(1, 2);
    const between = new Between(mine.client as Client, () => {
      throw new Error("boom");
    });
    const list = new List({ client: between, key: "l", ...copying });
    expect((await rejection(list.slice())).message).to.equal("boom");
    between.before = () => undefined;
    expect(await list.slice()).to.deep.equal([1, 2]);
  });

  it("is of one object: what comes out of it has none", async () => {
    const { mine } = await goServer.open();
    const inside = new List({ ...mine, key: "inside" });
    await new List({ ...mine, key: "fallback" }).push(inside);
    const list = new List({ ...mine, key: "l", ...frozen });
    await inside.push(list);
    const innermost = (await ((await list.get(0)) as List).get(0)) as List;
    expect(innermost._key).to.equal(list._key);
    expect(await innermost.slice()).to.deep.equal([]);
    const copy = await list.copy("copy");
    await copy.clear();
    expect(await copy.slice()).to.deep.equal([]);
    const segments = await list.segments("s"); // of a list that is not stored, which they know
    expect(await segments.equals([inside])).to.equal(true);
    expect((await rejection(new Segments({ ...mine, key: "s" }).slice())).message).to.match(/which is shorter than that/);
  });

  it("has to make sense", async () => {
    const { mine } = await goServer.open();
    expect(() => new List({ ...mine, key: "l", fallback: "l" })).to.throw("znsocket.List:l can not be its own fallback");
    expect(() => new Dict({ ...mine, key: "d", fallback: "e", fallbackPolicy: "thaw" as never })).to.throw('no fallback policy is called "thaw"');
    expect(() => new List({ ...mine } as never)).to.throw("the key of an object is a text");
    expect(new List({ ...mine, key: 5 as never })._key, "a number is a name").to.equal("znsocket.List:5");
    expect(() => new List({ client: {} as never, key: "l" })).to.throw("a Client of znsocket or one of node-redis");
  });
});
