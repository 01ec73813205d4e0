import { expect } from "chai";
import { IndexError, List, Segments } from "../src/index.js";
import { rejection } from "./harness.js";
import { Between, Dice, Ear, isTaken, listen, type Opener, type Pair, type Place, pool, pythonPlaces } from "./places.js";

/** Makes segments of a list of the letters of a text. */
export async function segmentsOf(opener: Opener, text: string): Promise<Segments<string>> {
  const list = new List<string>({ ...opener, key: "origin" });
  await list.push(...text);
  return list.segments("s");
}

/** Tests Segments at a place; a model takes so many steps. */
export function testSegments(place: Place, steps: number): void {
  describe(`Segments over ${place.name}`, () => {
    let pair: Pair;
    beforeEach(async () => {
      pair = await place.open();
    });

    it("are Python's sequence", async () => {
      const segments = await segmentsOf(pair.mine, "abcd");
      const expectElements = async (want: string) => {
        expect((await segments.slice()).join("")).to.equal(want);
        expect(await segments.length()).to.equal(want.length);
      };
      await expectElements("abcd");
      for (const [i, want] of [[0, "a"], [3, "d"], [-1, "d"], [-4, "a"]] as const) expect(await segments.get(i)).to.equal(want);
      for (const i of [4, -5, Infinity, -Infinity]) {
        expect(await segments.get(i)).to.equal(null);
        expect(await segments.pop(i)).to.equal(null);
        expect(await rejection(segments.set(i, "x"))).to.be.instanceOf(IndexError);
        expect(await rejection(segments.delete(0, i))).to.be.instanceOf(IndexError);
      }
      expect(await new List({ ...pair.mine, key: "s" }).length()).to.equal(0, "what is refused stores nothing");

      expect(await segments.push()).to.equal(4);
      expect(await segments.push("e")).to.equal(5);
      expect(await segments.push("f", "g")).to.equal(7);
      await segments.set(1, "B");
      segments[-1] = "G";
      await expectElements("aBcdefG");
      expect(await segments[1]).to.equal("B");

      await segments.insert(0, "1", "2");
      await segments.insert(-1, "3");
      await segments.insert(100, "4");
      await segments.insert(-100, "5");
      await segments.insert(5, "6", "7");
      await segments.insert(2);
      await expectElements("512aB67cdef3G4");

      for (const [i, want] of [[-1, "4"], [0, "5"], [3, "B"], [-2, "3"]] as const) expect(await segments.pop(i)).to.equal(want);
      await expectElements("12a67cdefG");

      expect(await segments.deleteSlice(1, 4)).to.equal(3);
      expect(await segments.deleteSlice(3, 3)).to.equal(0);
      await expectElements("17cdefG");
      expect(await segments.deleteSlice(null, null, -2)).to.equal(4);
      await expectElements("7df");
      expect(await segments.delete()).to.equal(0);
      expect(await segments.delete(-1, 0, 2)).to.equal(2);
      await expectElements("d");
      await segments.clear();
      await expectElements("");
      await segments.clear();
      expect(await segments.pop()).to.equal(null);
      await segments.insert(-3, "a", "b");
      await expectElements("ab");
      expect((await new List({ ...pair.theirs, key: "origin" }).slice()).join("")).to.equal("abcd", "the list itself never changes");
    });

    it("slice as Python", async () => {
      const all = "abcdefgh";
      const segments = await segmentsOf(pair.mine, "a-c-e-h");
      await segments.set(3, "d");
      await segments.set(1, "b");
      await segments.deleteSlice(5, 6);
      await segments.insert(5, "f", "g");
      const bounds = [null, -9, -8, -3, -1, 0, 1, 5, 8];
      for (const start of bounds) {
        for (const end of bounds) {
          const many = [1, 2, 3, 100, Infinity, -1, -2, -Infinity];
          const slices = await Promise.all(many.map((step) => segments.slice(start, end, step)));
          for (const [k, step] of many.entries()) {
            const want = pythonPlaces(all.length, start, end, step).map((at) => all[at]);
            expect(slices[k]!.join(""), `[${start}:${end}:${step}]`).to.equal(want.join(""));
          }
        }
      }
    });

    it("leave the pieces that a piece table has", async () => {
      const segments = await segmentsOf(pair.mine, "abcdef");
      const pieces = async () => (await segments.pieces()).map(({ start, end, target }) => `${start}-${end} of ${target.split(":")[1]}`).join(", ");
      const changes: [() => unknown, string][] = [
        [() => undefined, "0-6 of origin"],
        [() => segments.push("g"), "0-6 of origin, 0-1 of s"],
        [() => segments.push("h", "i"), "0-6 of origin, 0-3 of s"],
        [() => segments.set(7, "H"), "0-6 of origin, 0-3 of s"],
        [() => segments.set(2, "C"), "0-2 of origin, 3-4 of s, 3-6 of origin, 0-3 of s"],
        [() => segments.set(3, "D"), "0-2 of origin, 3-5 of s, 4-6 of origin, 0-3 of s"],
        [() => segments.set(0, "A"), "5-6 of s, 1-2 of origin, 3-5 of s, 4-6 of origin, 0-3 of s"],
        [() => segments.deleteSlice(2, 4), "5-6 of s, 1-2 of origin, 4-6 of origin, 0-3 of s"],
        [() => segments.delete(0, 1), "4-6 of origin, 0-3 of s"],
        [() => segments.insert(2, "x"), "4-6 of origin, 6-7 of s, 0-3 of s"],
        [() => segments.insert(3, "y"), "4-6 of origin, 6-8 of s, 0-3 of s"],
        [() => segments.deleteSlice(2, 4), "4-6 of origin, 0-3 of s"],
        [() => segments.deleteSlice(null, null, 2), "5-6 of origin, 1-2 of s"],
        [() => segments.clear(), ""],
      ];
      for (const [change, want] of changes) {
        await change();
        expect(await pieces()).to.equal(want);
      }
    });

    it("do what a plain array does, and tell of it", async () => {
      const model = await SegmentsModel.open(pair, steps);
      await listen(model.other, model.ear.hear);
      for (let k = 0; k < steps; k++) await model.step();
      await model.compare();
      model.ear.expectNothing();
    });

    it("are made of a list, once", async () => {
      const list = new List<string>({ ...pair.mine, key: 'ü"😀' });
      await list.push("a", "b");
      const segments = await list.segments("s");
      expect(segments._key).to.equal("znsocket.Segments:s");
      // What Python's json.dumps((0, 2, 'znsocket.List:ü"😀')) writes.
      expect(await pair.raw("LRANGE", "znsocket.Segments:s", "0", "-1")).to.deep.equal(['[0, 2, "znsocket.List:\\u00fc\\"\\ud83d\\ude00"]']);
      expect(await segments.equals(["a", "b"])).to.equal(true);
      expect(isTaken(await rejection(list.segments("s")))).to.equal(true);
      expect((await rejection(list.segments('ü"😀'))).message).to.equal("Can not keep the segments of a list under its own name");

      const empty = await new List<string>({ ...pair.mine, key: "empty" }).segments("of nothing");
      expect(await empty.length()).to.equal(0);
      await empty.push("x");
      expect(await new Segments({ ...pair.theirs, key: "of nothing" }).get(-1)).to.equal("x");
    });

    if (!place.python) it("try again where somebody else was first", async () => {
      const segments = await segmentsOf(pair.mine, "abc");
      const { client } = pair.theirs;
      if (!("run" in client)) return;
      const theirs = new Segments<string>({ ...pair.theirs, key: "s" });
      let times = 0;
      let interfere = () => segments.insert(0, "-");
      const between = new Between(client, async ([command]) => {
        const swaps = command!.includes("ZN.LSWAP") || command!.includes("LSWAP");
        if (swaps && times-- > 0) await interfere();
      });
      const mine = new Segments<string>({ client: between, key: "s" });
      times = 2;
      await mine.insert(1, "x");
      expect((await segments.slice()).join("")).to.equal("-x-abc");
      times = 2;
      await mine.set(-2, "y");
      expect((await segments.slice()).join("")).to.equal("---x-ayc");
      times = 1;
      expect(await mine.pop()).to.equal("c");
      times = 1;
      await mine.delete(-1);
      times = 1;
      await mine.push("z");
      expect((await theirs.slice()).join("")).to.equal("------x-az");
      const own = await new List<string>({ ...pair.mine, key: "s" }).slice();
      for (const value of ["x", "y", "z"]) expect(own.filter((other) => other === value)).to.have.length(1);

      times = 3;
      const ending = new AbortController();
      interfere = async () => {
        await segments.insert(0, "-");
        if (times === 0) ending.abort(new Error("enough"));
      };
      expect((await rejection(mine.with({ signal: ending.signal }).push("never"))).message).to.equal("enough");
      expect(await mine.includes("never")).to.equal(false);
    });

    it("refuse what is no piece", async () => {
      const broken = [
        "text", "[]", "[0, 1]", "[0, 1, 2]", '[-1, 1, "znsocket.List:l"]', '[2, 1, "znsocket.List:l"]', '[0, 1.5, "znsocket.List:l"]',
        '[0, 1, "l"]', '{"0": 1}', "__SETITEM_IDENTIFIER__",
      ];
      for (const [k, text] of broken.entries()) {
        await pair.raw("RPUSH", `znsocket.Segments:${k}`, text);
        const segments = new Segments({ ...pair.mine, key: String(k) });
        for (const call of [() => segments.length(), () => segments.get(0), () => segments.slice(), () => segments.push(1), () => segments.pieces()]) {
          expect((await rejection(call())).message).to.match(/^piece 0 of znsocket.Segments:\d is .* not \[start, end, key of a List\]$/);
        }
      }
    });

    it("refuse a list that has become shorter", async () => {
      const segments = await segmentsOf(pair.mine, "abc");
      await new List({ ...pair.mine, key: "origin" }).pop();
      expect(await segments.get(0)).to.equal("a");
      for (const call of [() => segments.get(2), () => segments.slice(), () => segments.pop()]) {
        expect((await rejection(call())).message).to.equal("znsocket.Segments:s has elements up to 3 of znsocket.List:origin, which is shorter than that");
      }
    });
  });
}

/** Does to segments what it does to a plain array, and holds what is told against what happened there. */
class SegmentsModel {
  readonly ear = new Ear();
  private model: unknown[];

  private constructor(
    private readonly dice: Dice,
    private readonly original: readonly unknown[],
    private readonly origin: List,
    private readonly segments: Segments,
    readonly other: Segments,
  ) {
    this.model = [...original];
  }

  static async open({ mine, theirs }: Pair, seed: number): Promise<SegmentsModel> {
    const dice = new Dice(seed);
    const original = dice.some(40, pool);
    const origin = new List({ ...mine, key: "origin" });
    await origin.push(...original);
    return new SegmentsModel(dice, original, origin, await origin.segments("model"), new Segments({ ...theirs, key: "model" }));
  }

  async compare(): Promise<void> {
    expect(await this.other.slice()).to.deep.equal(this.model);
    expect(await this.origin.slice()).to.deep.equal(this.original);
    const pieces = await this.segments.pieces();
    expect(pieces.every(({ start, end }) => start < end)).to.equal(true);
    expect(pieces.reduce((n, { start, end }) => n + end - start, 0)).to.equal(this.model.length);
  }

  private index(): number {
    return this.dice.below(2 * this.model.length + 6) - this.model.length - 3;
  }

  private place(i: number): number | undefined {
    const at = i < 0 ? i + this.model.length : i;
    return at >= 0 && at < this.model.length ? at : undefined;
  }

  private drop(places: readonly number[]): void {
    this.model = this.model.filter((_, at) => !places.includes(at));
  }

  async step(): Promise<void> {
    const { dice, segments, ear } = this;
    const bound = () => (dice.below(4) === 0 ? null : this.index());
    const [start, end] = [bound(), bound()];
    const step = dice.one([1, 1, 1, 2, 3, 50, Infinity, -1, -1, -2, -50, -Infinity]);
    const places = pythonPlaces(this.model.length, start, end, step);
    const values = dice.some(1 + dice.below(4), pool);
    switch (dice.below(12)) {
      case 0:
      case 1: {
        const n = this.model.length;
        expect(await segments.push(...values)).to.equal(n + values.length);
        this.model.push(...values);
        return ear.expect(values.length === 1 ? { indices: [n] } : { start: n });
      }
      case 2:
      case 3: {
        const i = this.index();
        await segments.insert(i, ...values);
        const at = Math.min(Math.max(i < 0 ? i + this.model.length : i, 0), this.model.length);
        this.model.splice(at, 0, ...values);
        return ear.expect({ start: at });
      }
      case 4:
      case 5: {
        const i = this.index();
        const at = this.place(i);
        const set = segments.set(i, values[0]);
        if (at === undefined) return void expect(await rejection(set)).to.be.instanceOf(IndexError);
        await set;
        this.model[at] = values[0];
        return ear.expect({ indices: [at] });
      }
      case 6: {
        const i = this.index();
        const at = this.place(i);
        const popped = await segments.pop(i);
        if (at === undefined) return void expect(popped).to.equal(null);
        expect(popped).to.deep.equal(this.model[at]);
        this.drop([at]);
        return ear.expect({ start: at });
      }
      case 7: {
        if (places.length > 20 && dice.below(8) > 0) return;
        expect(await segments.deleteSlice(start, end, step)).to.equal(places.length);
        this.drop(places);
        return places.length > 0 ? ear.expect({ start: Math.min(...places) }) : undefined;
      }
      case 8: {
        const indices = [this.index(), this.index(), this.index()].slice(dice.below(3));
        const at = indices.map((i) => this.place(i));
        const deleted = segments.delete(...indices);
        if (at.includes(undefined)) return void expect(await rejection(deleted)).to.be.instanceOf(IndexError);
        expect(await deleted).to.equal(new Set(at).size);
        this.drop(at as number[]);
        return ear.expect({ start: Math.min(...(at as number[])) });
      }
      case 9:
      case 10:
        return void expect(await segments.slice(start, end, step)).to.deep.equal(places.map((at) => this.model[at]));
      case 11: {
        const texts = this.model.map((value) => JSON.stringify(value));
        return void expect(await this.other.indexOf(values[0])).to.equal(texts.indexOf(JSON.stringify(values[0])));
      }
    }
  }
}
