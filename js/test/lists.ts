import { expect } from "chai";
import { IndexError, List, type Refresh, ValueError } from "../src/index.js";
import { rejection } from "./harness.js";
import { Dice, Ear, isTaken, listen, type Pair, type Place, pool, pythonPlaces } from "./places.js";

/** Tests Lists at a place; a model takes so many steps. */
export function testLists(place: Place, steps: number): void {
  describe(`List over ${place.name}`, () => {
    let pair: Pair;
    beforeEach(async () => {
      pair = await place.open();
    });

    it("is Python's list", async () => {
      const list = new List<string>({ ...pair.mine, key: "l" });
      const expectElements = async (want: string) => {
        expect((await list.slice()).join("")).to.equal(want);
        expect(await list.length()).to.equal(want.length);
      };
      await expectElements("");
      expect(await list.push()).to.equal(0);
      expect(await list.push("a")).to.equal(1);
      expect(await list.push("b", "c", "d")).to.equal(4);
      await expectElements("abcd");

      for (const [i, want] of [[0, "a"], [3, "d"], [-1, "d"], [-4, "a"]] as const) expect(await list.get(i)).to.equal(want);
      for (const i of [4, -5, Infinity, -Infinity]) {
        expect(await list.get(i)).to.equal(null);
        expect(await list.pop(i)).to.equal(null);
        expect(isOutOfRange(await rejection(list.set(i, "x")))).to.equal(true);
        expect(isOutOfRange(await rejection(list.delete(0, i)))).to.equal(true);
      }
      await expectElements("abcd");

      await list.set(1, "B");
      await list.set(-1, "D");
      await expectElements("aBcD");

      await list.insert(0, "1", "2");
      await list.insert(-1, "3");
      await list.insert(100, "4");
      await list.insert(-100, "5");
      await list.insert(2, "6", "7", "8");
      await list.insert(2);
      await expectElements("516782aBc3D4");

      expect(await list.pop()).to.equal("4");
      expect(await list.pop(0)).to.equal("5");
      expect(await list.pop(3)).to.equal("8");
      expect(await list.pop(-2)).to.equal("3");
      await expectElements("1672aBcD");

      expect(await list.deleteSlice(1, 3)).to.equal(2);
      expect(await list.deleteSlice(3, 3)).to.equal(0);
      await expectElements("12aBcD");
      expect(await list.deleteSlice(null, null, -2)).to.equal(3);
      await expectElements("1ac");
      expect(await list.delete()).to.equal(0);
      expect(await list.delete(-1, 0, 2)).to.equal(2);
      await expectElements("a");

      await list.setSlice(0, 1, ["x", "y", "z"]);
      await list.setSlice(1, 1, ["-"]);
      await list.setSlice(-1, null, ["Z"]);
      await expectElements("x-yZ");
      await list.setSlice(null, null, ["1", "2"], -2);
      await expectElements("x2y1");
      await list.setSlice(1, 3, []);
      await expectElements("x1");
      const uneven = await rejection(list.setSlice(null, null, ["p", "q"], 2));
      expect(uneven.message).to.match(/attempt to assign sequence of size 2 to extended slice of size 1$/);
      await expectElements("x1");

      await list.clear();
      await expectElements("");
      await list.clear();
      expect(await list.pop(0)).to.equal(null);
      await list.insert(-3, "a", "b");
      await expectElements("ab");
    });

    it("slices as Python", async () => {
      const all = "abcdefgh";
      const list = new List<string>({ ...pair.mine, key: "l" });
      await list.push(...all);
      const bounds = [null, -Infinity, -100, -9, -8, -3, -1, 0, 1, 5, 8, 100, Infinity];
      for (const start of bounds) {
        const ends = bounds.flatMap((end) => [1, 2, 3, 100, Infinity, -1, -2, -100, -Infinity].map((step) => ({ end, step })));
        const slices = await Promise.all(ends.map(({ end, step }) => list.slice(start, end, step)));
        for (const [k, { end, step }] of ends.entries()) {
          const want = pythonPlaces(all.length, start, end, step).map((at) => all[at]);
          expect(slices[k]!.join(""), `[${start}:${end}:${step}]`).to.equal(want.join(""));
        }
      }
      for (const call of [() => list.slice(0, 1, 0), () => list.deleteSlice(0, 1, 0), () => list.setSlice(0, 1, [], 0)]) {
        const error = await rejection(call());
        expect(error).to.be.instanceOf(ValueError);
        expect(error.message).to.equal("slice step cannot be zero");
      }
    });

    it("does what a plain array does, and tells of it", async () => {
      const model = new ListModel(pair, steps);
      await listen(model.other, model.ear.hear);
      for (let k = 0; k < steps; k++) await model.step();
      await model.compare();
      model.ear.expectNothing();
    });

    it("refuses what is no place", async () => {
      const list = new List({ ...pair.mine, key: "l" });
      const calls: (() => Promise<unknown>)[] = [
        () => list.get(0.5), () => list.slice(0, NaN), () => list.insert("1" as never, 2), () => list.slice(0, 1, 1.5), () => list.pop(null as never),
      ];
      for (const call of calls) expect(await rejection(call())).to.be.instanceOf(TypeError);
    });

    it("goes through more than a page", async () => {
      const list = new List<number>({ ...pair.mine, key: "l" });
      const numbers = Array.from({ length: 600 }, (_, i) => i);
      await list.push(...numbers);
      const seen: number[] = [];
      for await (const n of list) seen.push(n);
      expect(seen).to.deep.equal(numbers);
      for await (const n of list) if (n === 300) break;
      expect(await list.indexOf(599)).to.equal(599);
      expect(await list.includes(600)).to.equal(false);
    });

    it("is reached by index", async () => {
      const list = new List<string>({ ...pair.mine, key: "l" });
      await list.push("a", "b");
      expect(await list[1]).to.equal("b");
      expect(await list[-2]).to.equal("a");
      expect(await list[2]).to.equal(null);
      list[1] = "B";
      expect(await list.slice()).to.deep.equal(["a", "B"]);
      expect(list._key).to.equal("znsocket.List:l");
      expect(await list).to.equal(list);
    });

    it("has equality by value", async () => {
      const list = new List({ ...pair.mine, key: "l" });
      const other = new List({ ...pair.theirs, key: "other" });
      const values = [1, { b: [2], a: null }, "c", list, new Date(0)];
      await list.push(1, { a: null, b: [2] }, "c");
      await other.push(...values);
      expect(await list.equals(values.slice(0, 3))).to.equal(true);
      expect(await list.equals(values)).to.equal(false);
      expect(await list.equals(other)).to.equal(false);
      expect(await other.equals(values)).to.equal(true);
      for (const [i, value] of values.entries()) expect(await other.indexOf(value)).to.equal(i);
      expect(await other.indexOf("1")).to.equal(-1);
    });

    it("is copied", async () => {
      const list = new List<string>({ ...pair.mine, key: "l{1}" });
      const error = await rejection(list.copy("copy"));
      expect(error).to.be.instanceOf(ValueError);
      expect(error.message).to.match(/znsocket.List:l\{1\} is empty/);
      await list.push("a", "b");
      const copy = await list.copy("copy");
      await copy.push("c");
      expect(await new List({ ...pair.theirs, key: "copy" }).slice()).to.deep.equal(["a", "b", "c"]);
      expect(await list.slice()).to.deep.equal(["a", "b"]);
      expect(isTaken(await rejection(list.copy("copy")))).to.equal(true);
    });

    it("calls back before a change", async () => {
      const calls: unknown[] = [];
      const seen = async (...call: unknown[]) => calls.push([...call, await list.length()]);
      const callbacks = {
        push: (value: string) => seen("push", value),
        set: (index: number, value: string) => seen("set", index, value),
        clear: () => seen("clear"),
      };
      const list: List<string> = new List<string>({ ...pair.mine, key: "l", callbacks });
      await list.push("a");
      await list.push("b", "c");
      await list.set(-1, "C");
      await list.clear();
      expect(calls).to.deep.equal([["push", "a", 0], ["push", "b", 1], ["push", "c", 1], ["set", -1, "C", 3], ["clear", 3]]);
      const refused = new List({ ...pair.mine, key: "l", callbacks: { push: () => Promise.reject(new Error("no")) } });
      expect((await rejection(refused.push(1))).message).to.equal("no");
      expect(await list.length()).to.equal(0);
    });

    it("has calls with options", async () => {
      const list = new List<string>({ ...pair.mine, key: "l" });
      const signal = AbortSignal.abort(new Error("enough"));
      expect((await rejection(list.with({ signal }).push("a"))).message).to.equal("enough");
      expect(await list.with({ timeout: 10_000 }).push("a")).to.equal(1);
    });

    if (!place.python) it("refuses keys that hold something else", async () => {
      await pair.raw("SET", "znsocket.List:l", "text");
      const list = new List({ ...pair.mine, key: "l" });
      const calls: (() => Promise<unknown>)[] = [
        () => list.length(), () => list.get(0), () => list.slice(), () => list.slice(-1), () => list.push(1), () => list.push(1, 2),
        () => list.insert(0, 1), () => list.set(0, 1), () => list.set(-1, 1), () => list.pop(0), () => list.pop(),
        () => list.delete(0), () => list.deleteSlice(0, 1), () => list.clear(), () => list.indexOf(1),
      ];
      for (const call of calls) expect((await rejection(call())).message).to.match(/^WRONGTYPE /);
      expect(await pair.raw("GET", "znsocket.List:l")).to.equal("text");
    });
  });
}

function isOutOfRange(error: unknown): boolean {
  return error instanceof IndexError && error.message === "list index out of range";
}

/** Does to a list what it does to a plain array, and holds what is told against what happened there. */
class ListModel {
  readonly ear = new Ear();
  private readonly dice: Dice;
  private readonly list: List;
  readonly other: List;
  private model: unknown[] = [];

  constructor({ mine, theirs }: Pair, seed: number) {
    this.dice = new Dice(seed);
    this.list = new List({ ...mine, key: "model" });
    this.other = new List({ ...theirs, key: "model" });
  }

  async compare(): Promise<void> {
    expect(await this.other.slice()).to.deep.equal(this.model);
  }

  /** Returns an index that is about as often among the elements as not. */
  private index(): number {
    return this.dice.below(2 * this.model.length + 6) - this.model.length - 3;
  }

  private bound(): number | null {
    return this.dice.below(4) === 0 ? null : this.index();
  }

  private place(i: number): number | undefined {
    const at = i < 0 ? i + this.model.length : i;
    return at >= 0 && at < this.model.length ? at : undefined;
  }

  private drop(places: readonly number[]): void {
    this.model = this.model.filter((_, at) => !places.includes(at));
  }

  private async told(refresh: Refresh): Promise<void> {
    await this.ear.expect(refresh);
  }

  async step(): Promise<void> {
    const { dice, list } = this;
    const [start, end] = [this.bound(), this.bound()];
    const step = dice.one([1, 1, 1, 2, 3, 50, Infinity, -1, -1, -2, -50, -Infinity]);
    const places = pythonPlaces(this.model.length, start, end, step);
    const values = dice.some(1 + dice.below(4), pool);
    switch (dice.below(12)) {
      case 0:
      case 1: {
        const n = this.model.length;
        expect(await list.push(...values)).to.equal(n + values.length);
        this.model.push(...values);
        return this.told(values.length === 1 ? { indices: [n] } : { start: n });
      }
      case 2:
      case 3: {
        const i = this.index();
        await list.insert(i, ...values);
        const at = Math.min(Math.max(i < 0 ? i + this.model.length : i, 0), this.model.length);
        this.model.splice(at, 0, ...values);
        return this.told({ start: at });
      }
      case 4: {
        const i = this.index();
        const at = this.place(i);
        const set = list.set(i, values[0]);
        if (at === undefined) return void expect(isOutOfRange(await rejection(set))).to.equal(true);
        await set;
        this.model[at] = values[0];
        return this.told({ indices: [at] });
      }
      case 5: {
        const i = this.index();
        const at = this.place(i);
        const popped = await list.pop(i);
        if (at === undefined) return void expect(popped).to.equal(null);
        expect(popped).to.deep.equal(this.model[at]);
        this.drop([at]);
        return this.told({ start: at });
      }
      case 6: {
        if (places.length > 20 && dice.below(8) > 0) return;
        expect(await list.deleteSlice(start, end, step)).to.equal(places.length);
        this.drop(places);
        return places.length > 0 ? this.told({ start: Math.min(...places) }) : undefined;
      }
      case 7: {
        const indices = [this.index(), this.index(), this.index()].slice(dice.below(3));
        const at = indices.map((i) => this.place(i));
        const deleted = list.delete(...indices);
        if (at.includes(undefined)) return void expect(isOutOfRange(await rejection(deleted))).to.equal(true);
        expect(await deleted).to.equal(new Set(at).size);
        this.drop(at as number[]);
        return this.told({ start: Math.min(...(at as number[])) });
      }
      case 8:
      case 9:
        return this.setSlice(start, end, step, places);
      case 10:
        return void expect(await list.slice(start, end, step)).to.deep.equal(places.map((at) => this.model[at]));
      case 11: {
        const texts = this.model.map((value) => JSON.stringify(value));
        return void expect(await this.other.indexOf(values[0])).to.equal(texts.indexOf(JSON.stringify(values[0])));
      }
    }
  }

  private async setSlice(start: number | null, end: number | null, step: number, places: number[]): Promise<void> {
    const values = this.dice.some(this.dice.below(2) === 0 ? places.length : this.dice.below(6), pool);
    const set = this.list.setSlice(start, end, values, step);
    if (step !== 1 && values.length !== places.length) {
      return void expect((await rejection(set)).message).to.match(/to extended slice of size/);
    }
    await set;
    if (values.length === 0 && places.length === 0) return;
    if (values.length === places.length) {
      places.forEach((at, k) => (this.model[at] = values[k]));
      return this.told({ indices: places });
    }
    // Where nothing lies between the bounds, the values go before start.
    const at = places[0] ?? pythonPlaces(this.model.length, null, start ?? -Infinity, 1).length;
    this.model.splice(at, places.length, ...values);
    return this.told({ start: at });
  }
}
