import { expect } from "chai";
import { format, type Contents, parse } from "../src/npy.js";

/** Puts a header and data together as they stand in a file. */
function file(major: number, header: string, ...data: number[]): Uint8Array {
  const length = major === 1 ? [header.length & 0xff, header.length >> 8] : [header.length & 0xff, header.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ..."NUMPY".split("").map((c) => c.charCodeAt(0)), major, 0, ...length, ...new TextEncoder().encode(header), ...data]);
}

const dict = (descr: string, fortran: string, shape: string) => `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }  \n`;

describe("npy", () => {
  const contents: Contents[] = [
    { shape: [2], dtype: "bool", data: Uint8Array.of(1, 0) },
    { shape: [2], dtype: "int8", data: Int8Array.of(1, -1) },
    { shape: [2], dtype: "uint8", data: Uint8Array.of(1, 255) },
    { shape: [2], dtype: "int16", data: Int16Array.of(1, -256) },
    { shape: [2], dtype: "uint16", data: Uint16Array.of(1, 65535) },
    { shape: [2], dtype: "int32", data: Int32Array.of(1, -(2 ** 31)) },
    { shape: [2], dtype: "uint32", data: Uint32Array.of(1, 2 ** 32 - 1) },
    { shape: [2], dtype: "int64", data: BigInt64Array.of(1n, -(2n ** 63n)) },
    { shape: [2], dtype: "uint64", data: BigUint64Array.of(1n, 2n ** 64n - 1n) },
    { shape: [2], dtype: "float32", data: Float32Array.of(1.5, -Infinity) },
    { shape: [2], dtype: "float64", data: Float64Array.of(-0, NaN) },
    { shape: [2], dtype: "complex64", data: Float32Array.of(1, 2, 0, -1) },
    { shape: [2], dtype: "complex128", data: Float64Array.of(1, 2, 0, Infinity) },
    { shape: [], dtype: "float64", data: Float64Array.of(1) },
    { shape: [0], dtype: "float64", data: new Float64Array() },
    { shape: [3, 0, 2], dtype: "int8", data: new Int8Array() },
    { shape: [2, 1, 3], dtype: "int16", data: Int16Array.of(1, 2, 3, 4, 5, 6) },
  ];
  for (const each of contents) {
    it(`keeps ${each.dtype} of shape [${each.shape}]`, () => {
      const bytes = format(each);
      expect((bytes.indexOf(0x0a) + 1) % 64).to.equal(0, "the data is aligned");
      expect(parse(bytes)).to.deep.equal(each);
      const shifted = new Uint8Array(bytes.length + 1).subarray(1); // elements begin at an odd place of the buffer
      shifted.set(bytes);
      expect(parse(shifted)).to.deep.equal(each);
    });
  }

  it("reads what others write", () => {
    const files: [Uint8Array, Contents][] = [
      [file(1, dict(">i2", "False", "(2,)"), 1, 2, 0, 3), { shape: [2], dtype: "int16", data: Int16Array.of(0x102, 3) }],
      [file(2, dict("<i2", "False", "(2,)"), 1, 2, 0, 3), { shape: [2], dtype: "int16", data: Int16Array.of(0x201, 0x300) }],
      [file(3, dict("|u1", "True", "(2, 3)"), 1, 2, 3, 4, 5, 6), { shape: [2, 3], dtype: "uint8", data: Uint8Array.of(1, 3, 5, 2, 4, 6) }],
      [file(1, dict("<u1", "True", "(2, 2, 2)"), 0, 1, 2, 3, 4, 5, 6, 7), { shape: [2, 2, 2], dtype: "uint8", data: Uint8Array.of(0, 4, 2, 6, 1, 5, 3, 7) }],
      [file(1, dict("|b1", "True", "()"), 1), { shape: [], dtype: "bool", data: Uint8Array.of(1) }],
      [file(1, dict("<f8", "True", "(0, 1000000000)")), { shape: [0, 1e9], dtype: "float64", data: new Float64Array() }],
      [file(1, '{"shape":(1,),"descr":"|i1","fortran_order":False}', 9), { shape: [1], dtype: "int8", data: Int8Array.of(9) }],
      [file(1, dict(">c8", "False", "(1,)"), 0x3f, 0x80, 0, 0, 0x40, 0, 0, 0), { shape: [1], dtype: "complex64", data: Float32Array.of(1, 2) }],
      [
        file(1, dict("<f2", "False", "(8,)"), 0, 0x3c, 0, 0xc0, 1, 0, 0xff, 0x7b, 0, 0xfc, 0, 0x80, 0, 4, 0, 0x7e),
        { shape: [8], dtype: "float32", data: Float32Array.of(1, -2, 2 ** -24, 65504, -Infinity, -0, 2 ** -14, NaN) },
      ],
    ];
    for (const [bytes, want] of files) expect(parse(bytes)).to.deep.equal(want);
  });

  const good = dict("|u1", "False", "(1,)");
  const broken: [string, Uint8Array, RegExp][] = [
    ["nothing", new Uint8Array(), /not a .npy file/],
    ["a text", new TextEncoder().encode("hello, world"), /not a .npy file/],
    ["the magic alone", file(1, good).subarray(0, 6), /not a .npy file/],
    ["version 4", file(4, good, 1), /unknown version 4.0/],
    ["a short version 2", file(2, "").subarray(0, 11), /unknown version 2.0/],
    ["a short header", file(1, good).subarray(0, 40), /cut short/],
    ["no data", file(1, good), /0 bytes of data/],
    ["more data", file(1, good, 1, 2), /2 bytes of data/],
    ["uneven data", file(1, dict("<i2", "False", "(1,)"), 1, 2, 3), /3 bytes of data/],
    ["a huge shape", file(1, dict("<f8", "False", "(1000000000000,)"), 1), /bytes of data/],
    ["an overflow", file(1, dict("<f8", "False", "(4294967296, 4294967296)")), /too large/],
    ["65 dimensions", file(1, dict("|u1", "False", `(${"1, ".repeat(65)})`), 1), /at most 64/],
    ["Python's objects", file(1, dict("|O", "False", "(1,)"), 1), /Python objects \(pickle\)/],
    ["texts", file(1, dict("<U3", "False", "(1,)"), 1), /dtype "<U3" is not numeric/],
    ["no byte order", file(1, dict("|i2", "False", "(1,)"), 1, 2), /not numeric/],
    ["a structure", file(1, `{'descr': [('a', '<i2')], 'fortran_order': False, 'shape': (1,), }`, 1, 2), /structured/],
    ["an unknown key", file(1, `{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'x': (1,)}`, 1), /malformed/],
    ["a key twice", file(1, `{'descr': '|u1', 'descr': '|u1', 'shape': (1,), 'fortran_order': False}`, 1), /malformed/],
    ["a missing key", file(1, `{'descr': '|u1', 'shape': (1,)}`, 1), /malformed/],
    ["a number for a shape", file(1, dict("|u1", "False", "(1)"), 1), /malformed/],
    ["a negative length", file(1, dict("|u1", "False", "(-1,)"), 1), /malformed/],
    ["a text for a shape", file(1, dict("|u1", "False", "'1'"), 1), /malformed/],
    ["more behind the header", file(1, good.trim() + "}", 1), /malformed/],
    ["no comma", file(1, `{'descr': '|u1' 'shape': (1,), 'fortran_order': False}`, 1), /malformed/],
  ];
  for (const [name, bytes, want] of broken) {
    it(`refuses ${name}`, () => expect(() => parse(bytes)).to.throw(want));
  }
});
