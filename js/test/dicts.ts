import { expect } from "chai";
import { Dict } from "../src/index.js";
import { rejection } from "./harness.js";
import { Dice, Ear, isTaken, listen, type Pair, type Place, pool } from "./places.js";

/** Tests Dicts at a place; a model takes so many steps. */
export function testDicts(place: Place, steps: number): void {
  describe(`Dict over ${place.name}`, () => {
    let pair: Pair;
    beforeEach(async () => {
      pair = await place.open();
    });

    it("is Python's dict", async () => {
      const dict = new Dict<number>({ ...pair.mine, key: "d" });
      const expectFields = async (want: Record<string, number>) => {
        expect(await dict.toObject()).to.deep.equal(want);
        expect(await dict.length()).to.equal(Object.keys(want).length);
      };
      await expectFields({});
      expect(await dict.keys()).to.deep.equal([]);
      await dict.set("a", 1);
      await dict.update({ c: 3, b: 2, "": 0, "ü€😀": 4 });
      await dict.update(new Map([["b", 2]]));
      await dict.update([[7, 8]]);
      await dict.update({});
      await dict.set("a", 10);
      await expectFields({ a: 10, c: 3, b: 2, "": 0, "ü€😀": 4, 7: 8 });

      expect(await dict.get("a")).to.equal(10);
      expect(await dict.get(7)).to.equal(8);
      expect(await dict.get("absent")).to.equal(null);
      expect(await Promise.all(["a", "", 7, "absent"].map((field) => dict.has(field)))).to.deep.equal([true, true, true, false]);
      expect(await dict.keys()).to.have.members(["a", "c", "b", "", "ü€😀", "7"]);
      expect(await dict.values()).to.have.members([10, 3, 2, 0, 4, 8]);
      expect(await dict.entries()).to.deep.include(["ü€😀", 4]);
      const seen: [string, number][] = [];
      for await (const entry of dict) seen.push(entry);
      expect(Object.fromEntries(seen)).to.deep.equal(await dict.toObject());

      expect(await dict.delete("", "absent", "", "b")).to.equal(2);
      expect(await dict.delete("absent")).to.equal(0);
      expect(await dict.delete(7, "ü€😀")).to.equal(2);
      expect(await dict.delete()).to.equal(0);
      expect(await dict.pop("a")).to.equal(10);
      expect(await dict.pop("a")).to.equal(null);
      await expectFields({ c: 3 });
      await dict.clear();
      await dict.clear();
      await expectFields({});
    });

    it("does what a Map does, and tells of it", async () => {
      const dice = new Dice(steps);
      const model = new Map<string, unknown>();
      const dict = new Dict({ ...pair.mine, key: "model" });
      const other = new Dict({ ...pair.theirs, key: "model" });
      const ear = new Ear();
      await listen(other, ear.hear);
      const field = () => `field ${dice.below(12)}`;
      for (let k = 0; k < steps; k++) {
        const [name, value] = [field(), dice.one(pool)];
        switch (dice.below(8)) {
          case 0:
          case 1:
            await dict.set(name, value);
            model.set(name, value);
            await ear.expect({ keys: [name] });
            break;
          case 2: {
            const more = new Map([name, field(), field()].map((each) => [each, dice.one(pool)]));
            await dict.update(more);
            for (const [each, v] of more) model.set(each, v);
            await ear.expect({ keys: [...more.keys()] });
            break;
          }
          case 3:
            expect(await dict.get(name)).to.deep.equal(model.get(name) ?? null);
            expect(await dict.has(name)).to.equal(model.has(name));
            break;
          case 4:
            expect(await dict.pop(name)).to.deep.equal(model.get(name) ?? null);
            if (model.delete(name)) await ear.expect({ keys: [name] });
            break;
          case 5: {
            const names = [name, field(), field()].slice(dice.below(3));
            const deleted = names.filter((each) => model.delete(each));
            expect(await dict.delete(...names)).to.equal(deleted.length);
            if (deleted.length > 0) await ear.expect({ keys: deleted });
            break;
          }
          case 6:
            if (dice.below(20) > 0) break;
            await dict.clear();
            if (model.size > 0) await ear.expectKeys([...model.keys()]);
            model.clear();
            break;
          default:
            expect(await other.toObject()).to.deep.equal(Object.fromEntries(model));
            expect(await dict.equals(model)).to.equal(true);
        }
      }
      ear.expectNothing();
    });

    it("is reached by field", async () => {
      const dict = new Dict<unknown>({ ...pair.mine, key: "d" });
      dict.name = "Ada";
      dict["the answer"] = 42;
      dict[7] = null;
      expect(await dict.name).to.equal("Ada");
      expect(await dict["the answer"]).to.equal(42);
      expect(await dict.absent).to.equal(null);
      expect(await dict.keys()).to.have.members(["name", "the answer", "7"]);
      expect(await dict).to.equal(dict);
      expect(JSON.stringify({ dict })).to.equal('{"dict":"znsocket.Dict:d"}');
      for (const probe of ["then", "__v_isRef", "$$typeof", "@@iterator"]) expect(dict[probe]).to.equal(undefined);
      expect(() => (dict.length = 5 as never)).to.throw(/call set\("length"/);
      await dict.set("length", 5);
      await dict.set("then", 6);
      await dict.set("__proto__", { a: 1 });
      expect(await dict.length()).to.equal(6);
      expect(await dict.get("length")).to.equal(5);
      expect(Object.keys(await dict.toObject())).to.include.members(["length", "then", "__proto__"]);
    });

    it("tells apart what is nothing", async () => {
      const dict = new Dict({ ...pair.mine, key: "d" });
      const values = { empty: "", zero: 0, no: false, nothing: null, list: [], text: "null" };
      await dict.update(values);
      expect(await dict.toObject()).to.deep.equal(values);
      for (const [field, value] of Object.entries(values)) {
        expect(await dict.get(field)).to.deep.equal(value);
        expect(await dict.has(field)).to.equal(true);
      }
      expect(await rejection(dict.set("x", undefined))).to.be.instanceOf(TypeError);
      expect(await rejection(dict.update({ a: 1, x: undefined }))).to.be.instanceOf(TypeError);
      expect(await dict.length()).to.equal(6);
    });

    it("is copied", async () => {
      const dict = new Dict<number>({ ...pair.mine, key: "d" });
      expect((await rejection(dict.copy("copy"))).message).to.match(/is empty/);
      await dict.set("a", 1);
      const copy = await dict.copy("copy");
      await copy.set("b", 2);
      expect(await new Dict({ ...pair.theirs, key: "copy" }).toObject()).to.deep.equal({ a: 1, b: 2 });
      expect(await dict.equals(copy)).to.equal(false);
      expect(isTaken(await rejection(dict.copy("copy")))).to.equal(true);
    });

    it("calls back before a change", async () => {
      const calls: unknown[] = [];
      const seen = async (...call: unknown[]) => calls.push([...call, await dict.length()]);
      const callbacks = {
        set: (field: string, value: number) => seen("set", field, value),
        update: (values: Record<string, number>) => seen("update", values),
      };
      const dict: Dict<number> = new Dict<number>({ ...pair.mine, key: "d", callbacks });
      await dict.set("a", 1);
      await dict.update({ b: 2 });
      expect(calls).to.deep.equal([["set", "a", 1, 0], ["update", { b: 2 }, 1]]);
    });

    if (!place.python) it("refuses keys that hold something else", async () => {
      await pair.raw("SET", "znsocket.Dict:d", "text");
      const dict = new Dict({ ...pair.mine, key: "d" });
      const calls: (() => Promise<unknown>)[] = [
        () => dict.length(), () => dict.get("a"), () => dict.has("a"), () => dict.keys(), () => dict.values(), () => dict.entries(),
        () => dict.set("a", 1), () => dict.update({ a: 1, b: 2 }), () => dict.delete("a"), () => dict.delete("a", "b"),
        () => dict.pop("a"), () => dict.clear(),
      ];
      for (const call of calls) expect((await rejection(call())).message).to.match(/^WRONGTYPE /);
      expect(await pair.raw("GET", "znsocket.Dict:d")).to.equal("text");
    });
  });
}
