import { expect } from "chai";
import { decode, type Decoded, encode, type Encodable } from "../src/cbor.js";

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const bytes = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

// The examples of RFC 8949, appendix A, as far as they are of the kinds that travel.
describe("CBOR", () => {
  const both: [data: string, value: Encodable][] = [
    ["00", 0],
    ["17", 23],
    ["1818", 24],
    ["1864", 100],
    ["1903e8", 1000],
    ["1a000f4240", 1_000_000],
    ["1b000000e8d4a51000", 1_000_000_000_000],
    ["f4", false],
    ["f5", true],
    ["40", new Uint8Array()],
    ["4401020304", bytes("01020304")],
    ["80", []],
    ["83010203", [1, 2, 3]],
    ["8301820203820405", [1, [2, 3], [4, 5]]],
    ["98190102030405060708090a0b0c0d0e0f101112131415161718181819", Array.from({ length: 25 }, (_, i) => i + 1)],
  ];
  for (const [data, value] of both) {
    it(`encodes and decodes ${data}`, () => {
      expect(hex(encode(value))).equal(data);
      expect(decode(bytes(data))).deep.equal(value);
    });
  }

  const texts: [data: string, text: string][] = [
    ["60", ""],
    ["6161", "a"],
    ["6449455446", "IETF"],
    ["62225c", '"\\'],
    ["62c3bc", "ü"],
    ["63e6b0b4", "水"],
    ["64f0908591", "\ud800\udd51"],
  ];
  for (const [data, text] of texts) {
    it(`encodes ${data}`, () => expect(hex(encode(text))).equal(data));
    it(`decodes ${data} as bytes`, () => expect(decode(bytes(data))).deep.equal(new TextEncoder().encode(text)));
  }

  const values: [data: string, value: Decoded][] = [
    ["1bffffffffffffffff", 18446744073709551615n],
    ["1b001fffffffffffff", Number.MAX_SAFE_INTEGER],
    ["1b0020000000000000", 2n ** 53n],
    ["20", -1],
    ["3863", -100],
    ["3903e7", -1000],
    ["3b001ffffffffffffe", Number.MIN_SAFE_INTEGER],
    ["3b7fffffffffffffff", -(2n ** 63n)],
    ["f6", null],
    ["f93c00", 1],
    ["f93e00", 1.5],
    ["f97bff", 65504],
    ["f90001", 5.960464477539063e-8],
    ["f90400", 0.00006103515625],
    ["f9c400", -4],
    ["f97c00", Infinity],
    ["f97e00", NaN],
    ["f9fc00", -Infinity],
    ["fa47c35000", 100000],
    ["fb3ff199999999999a", 1.1],
    ["fbc010666666666666", -4.1],
  ];
  for (const [data, value] of values) it(`decodes ${data}`, () => expect(decode(bytes(data))).deep.equal(value));

  // Cut short, longer than they are, of kinds that do not travel, nested without end.
  const bad = ["", "18", "42", "4201", "1b00", "8201", "9bffffffffffffffff", "5bffffffffffffffff", "0000", "a0", "c100", "f7", "fb00", "5f", "1c", "81".repeat(100) + "80"];
  for (const data of bad) it(`refuses ${data.slice(0, 20)}`, () => expect(() => decode(bytes(data))).throw(RangeError));

  it("grows", () => {
    const words = Array.from({ length: 2000 }, (_, i) => "ü".repeat(i));
    const decoded = decode(encode(words)) as Uint8Array[];
    expect(decoded.map((word) => new TextDecoder().decode(word))).deep.equal(words);
  });
});
