import { expect } from "chai";
import { encode, type Encodable } from "../src/cbor.js";
import { DeserializationError } from "../src/index.js";
import { fields, page, scores, texts, textOrNull, whole } from "../src/commands/command.js";
import { decodeOutcomes } from "../src/wire.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const [a, b, c] = [bytes("a"), bytes("b"), bytes("c")];

describe("A server's answer", () => {
  it("is read by its kinds", () => {
    const answers: [Encodable, unknown][] = [
      [[0, a], { value: "a" }],
      [[0, [a, [5, true]]], { value: ["a", [5, true]] }],
      [[2, [a, b, c, a]], { value: new Map([["a", "b"], ["c", "a"]]) }],
      [[4, [a, 1, b, 2]], { value: [["a", 1], ["b", 2]] }],
      [[5, [7, [4, [a, 1]]]], { value: ["7", [["a", 1]]] }],
    ];
    const outcomes = decodeOutcomes(encode(answers.map(([answer]) => answer)), answers.length, false);
    expect(outcomes).to.deep.equal(answers.map(([, want]) => want));
    const [refused] = decodeOutcomes(encode([[1, [bytes("KeyError"), bytes("no such key")]]]), 1, false);
    expect(refused!.error).to.include({ name: "KeyError", message: "no such key" });
  });

  it("cannot be read where it is none", () => {
    const wrong: Encodable[] = [5, a, [5], [[0]], [[0, a, b]], [[2, a]], [[2, [a]]], [[2, [a, b, c]]], [[2, [1, a]]], [[4, 5]], [[4, [a]]], [[1, a]], [[1, [a]]], [[1, [1, 2]]], [[5, a]], [[5, [1]]], [[5, [1, [2, [a]]]]]];
    for (const answer of wrong) expect(() => decodeOutcomes(encode(answer), 1, false), JSON.stringify(answer)).to.throw(DeserializationError, "the server's answer cannot be read");
    expect(() => decodeOutcomes(encode([[0, a], [0, b]]), 1, false)).to.throw(DeserializationError, "2 answers to 1 commands");
  });

  it("is what the command replies", () => {
    for (const reply of [true, ["a"], new Map()]) expect(() => textOrNull(reply), String(reply)).to.throw(DeserializationError, "instead of a text");
    for (const reply of ["a", ["1"], null, [true, []]]) expect(() => page(texts)(reply), String(reply)).to.throw(DeserializationError);
    for (const read of [whole, texts, fields, scores]) expect(() => read(new Map([["a", ["b"]]]) as never), read.name).to.throw(DeserializationError);
    expect(textOrNull(5), "a Python server has numbers").to.equal("5");
  });
});
