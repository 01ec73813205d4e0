import { expect } from "chai";
import { type Client, Dict, DictAdapter, List, ListAdapter } from "../src/index.js";
import { testLists } from "./lists.js";
import { goServer } from "./places.js";

testLists(goServer, 1500);

describe("Lists", () => {
  it("are copied from adapters of any length", async () => {
    const { mine } = await goServer.open();
    const numbers = Array.from({ length: 130_000 }, (_, i) => i);
    const client = mine.client as Client;
    await Promise.all([
      new ListAdapter({ client, key: "a", object: numbers }).ready,
      new DictAdapter({ client, key: "a", object: new Map(numbers.map((i) => [i, i])) }).ready,
    ]);
    const list = new List<number>({ client, key: "l", fallback: "a", fallbackPolicy: "copy" });
    expect(await list.slice(-2)).to.deep.equal(numbers.slice(-2));
    const dict = await new Dict<number>({ client, key: "a" }).copy("d");
    expect(await dict.length()).to.equal(numbers.length);
    expect(await dict.get(129_999)).to.equal(129_999);
  });

  it("of several programs lose nothing", async () => {
    const { mine, theirs } = await goServer.open();
    const rounds = 60;
    const popped: number[] = [];
    await Promise.all(
      [mine, theirs, mine].map(async (opener, worker) => {
        const list = new List<number>({ ...opener, key: "l" });
        for (let k = 0; k < rounds; k++) {
          const value = 3 * (worker * rounds + k);
          await list.insert((k % 7) - 3, value, value + 1);
          await list.push(value + 2);
          const taken = await list.pop((k % 5) - 2);
          if (taken !== null) popped.push(taken);
        }
      }),
    );
    const all = [...popped, ...(await new List<number>({ ...mine, key: "l" }).slice())];
    expect(all.sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 9 * rounds }, (_, i) => i));
  });

  it("carry out what they are told in its order", async () => {
    const { mine } = await goServer.open();
    const list = new List<number>({ ...mine, key: "l" });
    const pushed = [list.push(0), list.push(1), list.insert(0, 2)];
    list[-1] = 3;
    expect(await list.slice()).to.deep.equal([2, 0, 3]);
    await Promise.all(pushed);
  });
});
