import { expect } from "chai";
import { type Client, Dict, DictAdapter, type FallbackOptions, List, ListAdapter, type Live } from "../src/index.js";
import { Events } from "./harness.js";
import type { Opener, Pair, Place } from "./places.js";

const standInList = ["a", 2, "a", null, [5], "f"];
const standInDict = { a: "x", b: 2, c: null };
export const frozen: FallbackOptions = { fallback: "fallback", fallbackPolicy: "frozen" };
export const copying: FallbackOptions = { fallback: "fallback", fallbackPolicy: "copy" };

async function readsOf(list: List, dict: Dict): Promise<unknown> {
  const places = [-7, -6, -1, 0, 3, 5, 6];
  const slices = places.flatMap((i) => [-2, -1, 1, 3].flatMap((step) => [list.slice(i, null, step), list.slice(null, i, step)]));
  const fields = ["a", "b", "c", "d", ""];
  const all: unknown[] = [];
  for await (const value of list) all.push(value);
  return [
    all, await list.length(), await Promise.all(places.map((i) => list.get(i))), await Promise.all(slices), await list.toObject(),
    await list.indexOf("f"), await list.includes("nothing"), await list.equals(standInList),
    await dict.length(), await dict.keys(), await dict.entries(), await dict.toObject(), await dict.equals(standInDict),
    await Promise.all(fields.map((field) => dict.get(field))), await Promise.all(fields.map((field) => dict.has(field))),
  ];
}

const listChanges: Record<string, (list: List) => Promise<unknown>> = {
  push: (list) => list.push("x"),
  "push more": (list) => list.push("x", "y"),
  set: (list) => list.set(1, "x"),
  "set the last": (list) => list.set(-1, "x"),
  "set nothing": (list) => list.set(99, "x"),
  setSlice: (list) => list.setSlice(1, 3, ["x"]),
  "setSlice backwards": (list) => list.setSlice(null, 3, ["x", "y"], -1),
  "insert first": (list) => list.insert(0, "x"),
  insert: (list) => list.insert(-2, "x", "y"),
  "pop the first": (list) => list.pop(0),
  pop: (list) => list.pop(),
  deleteSlice: (list) => list.deleteSlice(null, null, 2),
  delete: (list) => list.delete(0, -1),
};

const dictChanges: Record<string, (dict: Dict) => Promise<unknown>> = {
  set: (dict) => dict.set("x", 1),
  update: (dict) => dict.update({ a: 1, x: 2 }),
  pop: (dict) => dict.pop("b"),
  "pop nothing": (dict) => dict.pop("x"),
  delete: (dict) => dict.delete("a"),
  "delete more": (dict) => dict.delete("a", "x", "b"),
};

/** Tests fallbacks at a place. */
export function testFallbacks(place: Place): void {
  for (const from of ["what is stored", "an adapter"]) {
    describe(`A fallback to ${from} over ${place.name}`, () => {
      let pair: Pair;
      let mine: Opener;
      beforeEach(async () => {
        pair = await place.open();
        ({ mine } = pair);
        const client = (pair.theirs.socket ?? pair.theirs.client) as Client;
        if (from === "an adapter") {
          await new ListAdapter({ client, key: "fallback", object: standInList }).ready;
          await new DictAdapter({ client, key: "fallback", object: standInDict }).ready;
        } else {
          await new List({ ...pair.theirs, key: "fallback" }).push(...standInList);
          await new Dict({ ...pair.theirs, key: "fallback" }).update(standInDict);
        }
      });

      const original = async () => {
        expect(await new List({ ...mine, key: "fallback" }).equals(standInList)).to.equal(true);
        expect(await new Dict({ ...mine, key: "fallback" }).equals(standInDict)).to.equal(true);
        if (!place.python) expect(await pair.raw("KEYS", "*znsocket.token*")).to.deep.equal([], "what was written aside");
      };

      it("is read while nothing is stored", async () => {
        const want = await readsOf(new List({ ...mine, key: "fallback" }), new Dict({ ...mine, key: "fallback" }));
        const [list, dict] = [new List({ ...mine, key: "l", ...frozen }), new Dict({ ...mine, key: "d", fallback: "fallback" })];
        expect(await readsOf(list, dict)).to.deep.equal(want);
        for (const key of ["znsocket.List:l", "znsocket.Dict:d"]) expect(await pair.raw("EXISTS", key)).to.equal(0);
        await new List({ ...mine, key: "l" }).push("own");
        await new Dict({ ...mine, key: "d" }).set("own", 1);
        expect(await list.slice()).to.deep.equal(["own"]);
        expect(await dict.toObject()).to.deep.equal({ own: 1 });
        expect(await new List({ ...mine, key: "m", fallback: "missing" }).slice()).to.deep.equal([]);
        await original();
      });

      for (const policy of [frozen, copying]) {
        it(`is copied before the first change where it is "${policy.fallbackPolicy}"`, async () => {
          const told = new Events<unknown>();
          const live = (mine.socket ?? mine.client) as Live;
          const outcome = (promise: Promise<unknown>) => promise.then((value) => ({ value }), (error) => ({ error: error.message }));
          for (const [name, change] of Object.entries(listChanges)) {
            const plain = new List({ ...mine, key: `plain ${name}` });
            await plain.push(...standInList);
            const list = new List({ ...mine, key: name, ...policy });
            await list.slice(-1); // a Python server has no command for that, as the list knows then
            live.listen(`znsocket.List:plain ${name}`, told.push, { local: true });
            live.listen(`znsocket.List:${name}`, told.push, { local: true });
            expect(await outcome(change(list)), name).to.deep.equal(await outcome(change(plain)));
            expect(await new List({ ...mine, key: name }).slice(), name).to.deep.equal(await plain.slice());
            if (name !== "set nothing") expect(await told.next(), name).to.deep.equal(await told.next());
          }
          for (const [name, change] of Object.entries(dictChanges)) {
            const plain = new Dict({ ...mine, key: `plain ${name}` });
            await plain.update(standInDict);
            const dict = new Dict({ ...mine, key: name, ...policy });
            expect(await outcome(change(dict)), name).to.deep.equal(await outcome(change(plain)));
            expect(await new Dict({ ...mine, key: name }).entries(), name).to.deep.equal(await plain.entries());
          }
          await original();
        });
      }

      it("is there again when what is stored is cleared", async () => {
        const [list, dict] = [new List({ ...mine, key: "l", ...frozen }), new Dict({ ...mine, key: "d", ...frozen })];
        await list.clear();
        await dict.clear();
        await list.push("x");
        await dict.set("x", 1);
        await list.clear();
        await dict.clear();
        // A Python server keeps a list that is empty.
        expect(await list.equals(place.python ? [] : standInList)).to.equal(true);
        expect(await dict.equals(standInDict)).to.equal(true);
        await original();
      });

      it("is copied once, and over nothing", async () => {
        const [list, dict] = [new List({ ...mine, key: "l", ...copying }), new Dict({ ...mine, key: "d", ...copying })];
        expect(await pair.raw("EXISTS", "znsocket.List:l")).to.equal(0);
        expect(await list.slice()).to.deep.equal(standInList);
        await list.clear();
        await dict.clear();
        expect(await list.length()).to.equal(0);
        expect(await dict.length()).to.equal(0);
        await new List({ ...mine, key: "there" }).push("own");
        expect(await new List({ ...mine, key: "there", ...copying }).slice()).to.deep.equal(["own"]);
        await original();
      });

      it("is copied once by several at a time", async () => {
        for (const policy of [frozen, copying]) {
          const key = policy.fallbackPolicy!;
          await Promise.all(
            Array.from({ length: 8 }, async (_, worker) => {
              await new List({ ...(worker % 2 ? pair.mine : pair.theirs), key, ...policy }).push(`worker ${worker}`);
            }),
          );
          const values = await new List({ ...mine, key }).slice();
          expect(values.slice(0, standInList.length)).to.deep.equal(standInList);
          expect(values).to.have.length(standInList.length + 8);
        }
        await original();
      });
    });
  }
}
