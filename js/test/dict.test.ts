import { expect } from "chai";
import { Dict } from "../src/index.js";
import { testDicts } from "./dicts.js";
import { goServer } from "./places.js";

testDicts(goServer, 1000);

describe("Dict", () => {
  it("takes fields of any number", async () => {
    const { mine } = await goServer.open();
    const dict = new Dict<number>({ ...mine, key: "d" });
    await dict.update(Array.from({ length: 130_000 }, (_, i) => [i, i]));
    expect([await dict.length(), await dict.get(129_999)]).to.deep.equal([130_000, 129_999]);
    await dict.clear();
    expect(await dict.length()).to.equal(0);
  });

  it("has its fields in the order in which they came", async () => {
    const { mine } = await goServer.open();
    const dict = new Dict<number>({ ...mine, key: "d" });
    for (const [i, field] of [..."zyxabc"].entries()) await dict.set(field, i);
    await dict.set("x", 9);
    await dict.delete("y");
    await dict.set("y", 7);
    expect(await dict.entries()).to.deep.equal([["z", 0], ["x", 9], ["a", 3], ["b", 4], ["c", 5], ["y", 7]]);
    expect(await dict.values()).to.deep.equal([0, 9, 3, 4, 5, 7]);
  });
});
