import { expect } from "chai";
import { type Client, List, Segments } from "../src/index.js";
import { Between, goServer } from "./places.js";
import { segmentsOf, testSegments } from "./segmented.js";

testSegments(goServer, 800);

describe("Segments", () => {
  it("are read in two round trips and a few commands", async () => {
    const { mine } = await goServer.open();
    const between = new Between(mine.client as Client);
    const n = 300;
    const numbers = Array.from({ length: n }, (_, i) => i);
    const list = new List<number>({ client: between, key: "l" });
    await list.push(...numbers);
    const segments = await list.segments("s");
    for (let i = 0; i < n; i += 2) await segments.set(i, i);
    expect(await segments.pieces()).to.have.length(n);
    const slices: [start: number | null, end: number | null, step: number][] = [
      [null, null, 1], [null, null, -1], [100, 250, 1], [1, null, 2], [5, 8, 1], [7, 8, 1], [null, null, Infinity],
    ];
    for (const [start, end, step] of slices) {
      between.trips = between.commands = 0;
      const got = await segments.slice(start, end, step);
      expect(between.trips).to.equal(2);
      expect(between.commands).to.be.at.most(3 + 1, `[${start}:${end}:${step}]`);
      expect(got).to.deep.equal(await list.slice(start, end, step));
    }
    between.trips = 0;
    const seen: number[] = [];
    for await (const element of segments) seen.push(element);
    expect(seen).to.deep.equal(numbers);
    expect(between.trips).to.equal(3, "the pieces, and a page of 256 twice");
  });

  // A place that counts from the end is another one where others append meanwhile.
  const fromTheEnd: [string, (segments: Segments<string>) => Promise<unknown>, string][] = [
    ["set", (segments) => segments.set(-1, "x"), "abcdefx"],
    ["insert", (segments) => segments.insert(-1, "x"), "abcdefx+"],
    ["pop", (segments) => segments.pop(-2), "abcde+"],
    ["deleteSlice", (segments) => segments.deleteSlice(-3, -1), "abcd+"],
    ["deleteSlice to the end", (segments) => segments.deleteSlice(1), "a"],
    ["deleteSlice with a step", (segments) => segments.deleteSlice(null, null, -2), "bdf"],
    ["deleteSlice backwards", (segments) => segments.deleteSlice(null, 2, -1), "abc"],
    ["delete", (segments) => segments.delete(-1, -6), "acdef"],
    ["clear", (segments) => segments.clear(), ""],
  ];
  for (const [name, change, want] of fromTheEnd) {
    it(`count from the end that there is when they ${name}`, async () => {
      const { mine, theirs } = await goServer.open();
      const other = await segmentsOf(theirs, "abcdef");
      let between = true;
      const client = new Between(mine.client as Client, async ([command]) => {
        if (command![0] !== "ZN.LSWAP" || !between) return;
        between = false;
        await other.push("+");
      });
      await change(new Segments<string>({ client, key: "s" }));
      expect((await other.slice()).join("")).to.equal(want);
    });
  }

  it("do not mind what others do behind them", async () => {
    const { mine, theirs } = await goServer.open();
    const other = await segmentsOf(theirs, "abcdef");
    await other.insert(3, "-");
    let swaps = 0;
    const client = new Between(mine.client as Client, async ([command]) => {
      if (command![0] !== "ZN.LSWAP") return;
      swaps++;
      await other.push("+");
    });
    const segments = new Segments<string>({ client, key: "s" });
    await segments.set(1, "B");
    await segments.insert(2, "C");
    await segments.deleteSlice(0, 1);
    await segments.pop(3);
    expect(swaps).to.equal(4, "each change was made at once");
    expect((await other.slice()).join("")).to.equal("BCcdef++++");
  });

  it("of several programs lose nothing", async () => {
    const { mine, theirs } = await goServer.open();
    const list = new List<number>({ ...mine, key: "l" });
    await list.segments("s");
    const rounds = 40;
    await Promise.all(
      [mine, theirs, mine].map(async (opener, worker) => {
        const segments = new Segments<number>({ ...opener, key: "s" });
        for (let k = 0; k < rounds; k++) {
          await segments.insert((k % 7) - 3, 1000 * worker + 2 * k);
          await segments.push(1000 * worker + 2 * k + 1);
          if (k % 3 === 0) await segments.pop((k % 5) - 2);
        }
      }),
    );
    const left = await new Segments<number>({ ...mine, key: "s" }).slice();
    expect(new Set(left).size).to.equal(left.length);
    expect(left.length).to.equal(3 * (2 * rounds - Math.ceil(rounds / 3)));
  });
});
