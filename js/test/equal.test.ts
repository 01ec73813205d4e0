import { expect } from "chai";
import { equal } from "../src/equal.js";
import { Dict, List, NDArray } from "../src/index.js";

describe("Equality", () => {
  const client = { run: async () => [] };
  const equals: [unknown, unknown][] = [
    [1, 1], [0, -0], ["", ""], [null, null],
    [[1, [2]], [1, [2]]],
    [{ a: 1, b: { c: null } }, { b: { c: null }, a: 1 }],
    [new List({ client, key: "k" }), new List({ client, key: "k" })],
    [new Date(5), new Date(5)],
    [new NDArray([[1, 2]]), new NDArray(Float64Array.of(1, 2), [1, 2])],
  ];
  const differ: [unknown, unknown][] = [
    [1, "1"], [0, null], [null, undefined], ["", null], [NaN, NaN],
    [[1, 2], [1]], [[], {}], [[1], { 0: 1 }],
    [{ a: 1 }, { a: 1, b: undefined }], [{ a: undefined }, { b: undefined }], [{}, null],
    [new List({ client, key: "k" }), new Dict({ client, key: "k" })],
    [new List({ client, key: "k" }), "znsocket.List:k"],
    [new Date(5), new Date(6)], [new Date(5), {}],
    [new NDArray([1, 2]), new NDArray([[1, 2]])],
    [new NDArray([1, 2]), new NDArray(Float32Array.of(1, 2))],
    [new NDArray([1, 2]), new NDArray([1, 3])],
    [new NDArray([1, 2]), [1, 2]],
  ];
  it("is by value, and of objects by their key", () => {
    for (const [a, b] of equals) expect(equal(a, b) && equal(b, a), String(a)).to.equal(true);
    for (const [a, b] of differ) expect(equal(a, b) || equal(b, a), `${a} and ${b}`).to.equal(false);
  });
});
