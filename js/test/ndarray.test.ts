import { expect } from "chai";
import { decode, encode } from "../src/json.js";
import { NDArray, ndarray } from "../src/ndarray.js";

describe("NDArray", () => {
  it("takes its shape from lists", () => {
    const a = new NDArray([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(a.shape).to.deep.equal([2, 3]);
    expect(a.dtype).to.equal("float64");
    expect(a.data).to.deep.equal(Float64Array.of(1, 2, 3, 4, 5, 6));
    expect(a.get(1, 2)).to.equal(6);
    expect(a.get(-2, -1)).to.equal(3);
    expect(a.row(1).toArray()).to.deep.equal([4, 5, 6]);
    expect(a.toArray()).to.deep.equal([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(new NDArray([1, 2, 3, 4], [2, 2]).toArray()).to.deep.equal([
      [1, 2],
      [3, 4],
    ]);
  });

  it("takes its type from what it is made of", () => {
    const typed = Int16Array.of(1, 2);
    expect(new NDArray(typed).data).to.equal(typed);
    const types: [NDArray, string, unknown][] = [
      [new NDArray(typed), "int16", [1, 2]],
      [new NDArray([true, false]), "bool", [true, false]],
      [new NDArray([1n, 2n ** 62n]), "int64", [1, 2n ** 62n]],
      [new NDArray([1, 2.5]), "float64", [1, 2.5]],
      [new NDArray([null, 1]), "float64", [NaN, 1]],
      [new NDArray([]), "float64", []],
      [new NDArray(5), "float64", 5],
      [new NDArray([1, 2], undefined, "int32"), "int32", [1, 2]],
      [new NDArray([1, 2], [1], "complex64"), "complex64", [[1, 2]]],
      [new NDArray(Uint8Array.of(1, 0), undefined, "bool"), "bool", [true, false]],
      [new NDArray(Float64Array.of(1, 2, 3, 4), undefined, "complex128"), "complex128", [[1, 2], [3, 4]]],
    ];
    for (const [a, dtype, list] of types) {
      expect(a.dtype).to.equal(dtype);
      expect(a.toArray()).to.deep.equal(list);
    }
  });

  const wrong: [string, () => unknown, RegExp][] = [
    ["uneven lists", () => new NDArray([[1, 2], [3]]), /different lengths/],
    ["lists beside numbers", () => new NDArray([[1], 2]), /different lengths/],
    ["deeper lists", () => new NDArray([1, [2]]), /different lengths/],
    ["texts", () => new NDArray(["1"] as never), /"1" in an array of float64/],
    ["booleans beside numbers", () => new NDArray([1, true]), /true in an array of float64/],
    ["a shape of another size", () => new NDArray([1, 2, 3], [2, 2]), /3 elements for shape \[2,2\]/],
    ["a negative shape", () => new NDArray([1, 2], [-1, -2]), /not a shape/],
    ["data of another type", () => new NDArray(Int8Array.of(1), [1], "float64"), /kept in a Float64Array, not in a Int8Array/],
    ["a DataView", () => new NDArray(new DataView(new ArrayBuffer(8)) as never), /no numbers/],
    ["an index too many", () => new NDArray([1]).get(0, 0), /2 indices for 1 dimensions/],
    ["an index past the end", () => new NDArray([1]).get(1), /no element \[1\]/],
    ["half an index", () => new NDArray([1]).get(0.5), /no element/],
    ["a row of one dimension", () => new NDArray([1]).row(0), /no row/],
    ["many empty rows", () => new NDArray(new Float64Array(), [1e9, 0]).toArray(), /rows without elements/],
  ];
  for (const [name, call, want] of wrong) it(`refuses ${name}`, () => expect(call).to.throw(want));

  it("is read by the converter only", () => {
    const a = new NDArray(Float32Array.of(1, NaN, -0), [3, 1]);
    const text = encode({ deep: [a] }, []);
    expect(decode(text, [ndarray])).to.deep.equal({ deep: [a] });
    const raw = decode(text, []) as { deep: [{ _type: string; value: string }] };
    expect(raw.deep[0]._type).to.equal("np.ndarray_b64");
    expect(raw.deep[0].value).to.be.a("string");
  });

  it("is what typed arrays become in any value", () => {
    const arrays = [Float64Array.of(1), BigUint64Array.of(2n ** 63n), Uint8Array.of(1, 2), new Float32Array()];
    for (const array of arrays) {
      expect(decode(encode(array, []), [ndarray])).to.deep.equal(new NDArray(array));
      expect(decode(encode({ a: [array] }, []), [ndarray])).to.deep.equal({ a: [new NDArray(array)] });
    }
    expect(decode(encode(Uint8ClampedArray.of(300), []), [ndarray])).to.deep.equal(new NDArray(Uint8Array.of(255)));
  });

  it("reads the short lists of Python", () => {
    const small = (value: string) => decode(`{"_type": "np.ndarray_small", "value": ${value}}`, [ndarray]);
    expect(small("[1, 2.5, null]")).to.deep.equal(new NDArray(Float64Array.of(1, 2.5, NaN)));
    expect(small("[true]")).to.deep.equal(new NDArray([true]));
    expect(small("[[1, 2]]")).to.deep.equal(new NDArray([[1, 2]]));
    expect(() => small('["x"]')).to.throw('"x" in an array');
    expect(() => decode('{"_type": "np.ndarray_b64", "value": "AAAA"}', [ndarray])).to.throw("not a .npy file");
  });
});
