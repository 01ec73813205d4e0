// Objects that Python's programs have at the same time, on a server of each.
import { expect } from "chai";
import { type Client, Dict, List, NDArray, ndarray, type Refresh, Segments } from "../src/index.js";
import { connect, Events, startServer } from "./harness.js";
import { Dice, listen } from "./places.js";
import { startPeer } from "./python.js";

const values = [1, 2.5, 1e300, -(2 ** 53) + 1, "schön 😀 \u2028\n", "", null, true, false, [1, [2, []]], { a: { b: null } }];
const arrays = [
  new NDArray([[0, 1, 2], [3, 4, 5]]),
  new NDArray(BigInt64Array.of(1n, -2n)),
  new NDArray([[true], [false]]),
  new NDArray(Float32Array.of(1.5, NaN, -Infinity)),
  new NDArray(Float64Array.of(1, 2), [1], "complex128"),
  new NDArray(new Uint8Array(), [0, 3]),
  new NDArray(Int16Array.of(7), []),
];

for (const kind of ["go", "python"] as const) {
  describe(`Python's programs on a ${kind === "go" ? "Go" : "Python"} server`, () => {
    let url: string;
    let client: Client;
    beforeEach(async () => {
      ({ url } = await startServer({ kind }));
      client = await connect(url);
    });

    it("read what is written here, and the reverse", async () => {
      const list = new List({ client, key: "js:list", converters: [ndarray] });
      const inner = new Dict({ client, key: "js:inner" });
      await inner.set("x", "inner");
      await list.push(...values, ...arrays, inner);
      await new Dict({ client, key: "js:dict" }).update({ a: 1, b: [1, 2], é: "ü" });
      await startPeer("js/test/objects.py", url).finish();

      const theirs = new List({ client, key: "python:list", converters: [ndarray] });
      const got = await theirs.slice();
      expect(got.slice(0, values.length)).to.deep.equal(values);
      expect(got.slice(values.length, -1)).to.deep.equal(arrays);
      expect(await (got.at(-1) as Dict).get("x")).to.equal("inner");
      // Numbers in short lists are float64 here, whatever they were.
      const small = await new List({ client, key: "python:small", converters: [ndarray] }).slice();
      expect(small).to.deep.equal([new NDArray([1, -2]), new NDArray([1.5, 2]), new NDArray([true])]);
      const dict = new Dict({ client, key: "python:dict" });
      expect(await dict.entries()).to.deep.equal([["a", 1], ["b", [1, 2]], ["é", "ü"]]);
      expect(await dict.equals(new Dict({ client, key: "js:dict" }))).to.equal(true);
    });

    it("hear of changes that are made here, and the reverse", async () => {
      const heard = new Events<Refresh>();
      await listen(new List({ client, key: "python:l" }), heard.push);
      await listen(new Dict({ client, key: "python:d" }), heard.push);
      const python = startPeer("testdata/interop/refreshes.py", url);
      expect(await python.next()).to.equal("ready");
      const [list, dict] = [new List<string>({ client, key: "go:l" }), new Dict<number>({ client, key: "go:d" })];
      await list.push("a");
      await list.push("b", "c", "d");
      await list.set(1, "B");
      await list.insert(1, "i");
      await list.deleteSlice(2, 3);
      await dict.set("k", 1);
      await dict.update({ m: 2, n: 3 });
      await dict.delete("k");
      const ours: Refresh[] = (await python.finish()).map((line) => JSON.parse(line)); // in any order: each is told by a thread of its own
      expect(ours).to.have.length(8);
      const theirs: Refresh[] = [];
      for (let k = 0; k < 8; k++) theirs.push(await heard.next());
      expect(ours).to.have.deep.members(theirs);
    });

    for (const how of ["make", "open"]) {
      it(`change the same Segments, which they ${how}`, async () => {
        const list = new List<number>({ client, key: "origin" });
        const original = Array.from({ length: 12 }, (_, i) => i);
        await list.push(...original);
        if (how === "open") await list.segments("s");
        const python = startPeer("testdata/interop/segments.py", url, "origin", "s", how);
        expect(await python.next()).to.equal("ready");
        const segments = new Segments<number>({ client, key: "s" });
        const model = [...original];
        const dice = new Dice(7);
        for (let value = 100; value < 180; value++) {
          const [i, here, back] = [dice.below(model.length), dice.below(2) === 0, dice.below(2)];
          switch (dice.below(5)) {
            case 0:
              await (here ? segments.push(value) : python.ask(["append", value]));
              model.push(value);
              break;
            case 1:
            case 2:
              await (here ? segments.set(i - model.length * back, value) : python.ask(["__setitem__", i - model.length * back, value]));
              model[i] = value;
              break;
            case 3:
              await (here ? segments.insert(i, value) : python.ask(["insert", i, value]));
              model.splice(i, 0, value);
              break;
            default:
              expect(await (here ? segments.pop(i) : python.ask(["pop", i]))).to.equal(model[i]);
              model.splice(i, 1);
          }
          if (value % 8 > 0) continue;
          expect(await segments.slice()).to.deep.equal(model);
          expect(await python.ask(["__getitem__", { slice: [null, null, null] }])).to.deep.equal(model);
        }
        // The pieces are the texts that Python would have written.
        const stored = await client.lRange("znsocket.Segments:s", 0, -1);
        expect(await python.ask(["get_raw"])).to.deep.equal(stored.map((text) => JSON.parse(text)));
        expect(stored.every((text) => /^\[\d+, \d+, "znsocket\.List:(origin|s)"\]$/.test(text))).to.equal(true);
        expect(await list.slice()).to.deep.equal(original);
        await segments.clear();
        expect(await python.ask(["__len__"])).to.equal(0);
        expect(await python.ask(["append", 1])).to.equal(null);
        expect(await segments.get(-1)).to.equal(1);
      });
    }
  });
}
