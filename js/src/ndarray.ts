import { fromBase64, toBase64 } from "./base64.js";
import type { Converter } from "./json.js";
import { type DType, format, kinds, maxDims, type NumberArray, parse, sizeOf } from "./npy.js";

export type { DType, NumberArray } from "./npy.js";

/** A number of an array: of complex ones both parts, of 64-bit integers a bigint where a number would not be exact. */
export type Scalar = number | bigint | boolean | [re: number, im: number];

/** Numbers in lists, in lists in each other. */
export type Nested<T> = T | readonly Nested<T>[];

/**
 * A numeric array of any number of dimensions, as numpy has it. `data` is one typed array of all elements, the last
 * index running fastest. Booleans are 0 and 1 there, and of complex numbers it has both parts one after the other.
 */
export class NDArray {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: NumberArray;

  /**
   * Makes an array of a typed array, which is shared and not copied, or of numbers in lists in each other, which give
   * it its shape. Numbers in lists become float64 unless a type is named, booleans bool and bigints int64.
   */
  constructor(data: NumberArray | Nested<number | bigint | boolean | null>, shape?: readonly number[], dtype?: DType) {
    if (ArrayBuffer.isView(data)) {
      this.dtype = dtype ?? typeOf(data);
      this.data = data;
      this.shape = shape ?? [data.length / kinds[this.dtype].parts];
      if (!(data instanceof kinds[this.dtype].array)) {
        throw new TypeError(`${this.dtype} is kept in a ${kinds[this.dtype].array.name}, not in a ${data.constructor.name}`);
      }
    } else {
      const own = shapeOf(data);
      const leaves: unknown[] = [];
      flatten(leaves, data, own);
      this.dtype = dtype ?? commonType(leaves);
      this.data = arrayOf(this.dtype, leaves);
      this.shape = shape ?? own;
    }
    const { parts } = kinds[this.dtype];
    if (this.data.length !== sizeOf(this.shape) * parts) {
      throw new RangeError(`${this.data.length / parts} elements for shape [${this.shape}]`);
    }
  }

  /** Returns the element at an index for each dimension. A negative one counts from the end. */
  get(...index: number[]): Scalar {
    if (index.length !== this.shape.length) throw new RangeError(`${index.length} indices for ${this.shape.length} dimensions`);
    let at = 0;
    for (const [d, n] of this.shape.entries()) {
      const i = index[d]! < 0 ? index[d]! + n : index[d]!;
      if (!Number.isInteger(i) || i < 0 || i >= n) throw new RangeError(`no element [${index}] in an array of shape [${this.shape}]`);
      at = at * n + i;
    }
    return scalarAt(this, at);
  }

  /** Returns the array at an index of the first dimension, of which there are two at least. It shares the data. */
  row(index: number): NDArray {
    const [n = 0, ...shape] = this.shape;
    const size = sizeOf(shape) * kinds[this.dtype].parts;
    if (shape.length === 0 || !Number.isInteger(index) || index < 0 || index >= n) {
      throw new RangeError(`no row ${index} in an array of shape [${this.shape}]`);
    }
    return new NDArray(this.data.subarray(index * size, (index + 1) * size), shape, this.dtype);
  }

  /** Returns the elements in lists in each other, as deep as there are dimensions. */
  toArray(): Nested<Scalar> {
    const empty = this.shape.indexOf(0);
    if (empty > 0 && sizeOf(this.shape.slice(0, empty)) > maxEmptyRows) {
      throw new RangeError(`an array of shape [${this.shape}] has more than ${maxEmptyRows} rows without elements`);
    }
    let at = 0;
    const rows = (d: number): Nested<Scalar> =>
      d === this.shape.length ? scalarAt(this, at++) : Array.from({ length: this.shape[d]! }, () => rows(d + 1));
    return rows(0);
  }

  /** Writes the array as znjson's NumpyConverter does, which keeps its type. */
  toJSON(): { _type: string; value: string } {
    return { _type: fileType, value: toBase64(format(this)) };
  }
}

// Nothing but a shape, which is cheap to write, says how many lists without elements there are.
const maxEmptyRows = 1 << 16;

function scalarAt({ data, dtype }: NDArray, at: number): Scalar {
  if (kinds[dtype].parts === 2) return [Number(data[2 * at]), Number(data[2 * at + 1])];
  const value = data[at]!;
  if (dtype === "bool") return value !== 0;
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

// An array is {"_type":"np.ndarray_small","value":lists} or {"_type":"np.ndarray_b64","value":base64 of a file}.
const smallType = "np.ndarray_small";
const fileType = "np.ndarray_b64";

/**
 * Reads numpy's arrays as NDArray; see `converters`. Those that Python wrote as short lists are float64 or bool, as
 * JSON in JavaScript does not tell 1.0 from 1.
 */
export const ndarray: Converter<NDArray> = {
  types: [smallType, fileType],
  encode: (value) => (value instanceof NDArray ? value.toJSON() : undefined),
  decode: (value, type) => {
    if (type === smallType) return new NDArray(value);
    const { data, shape, dtype } = parse(fromBase64(value));
    return new NDArray(data, shape, dtype);
  },
};

/** Returns a typed array as an array of one dimension, and nothing for what is none. */
export function typedArray(value: unknown): NDArray | undefined {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return undefined;
  if (value instanceof Uint8ClampedArray) return new NDArray(Uint8Array.from(value));
  if (value.constructor.name === "Float16Array") return new NDArray(Float32Array.from(value as unknown as ArrayLike<number>));
  return new NDArray(value as NumberArray);
}

function typeOf(data: ArrayBufferView): DType {
  for (const [dtype, { array, parts }] of Object.entries(kinds)) {
    if (data instanceof array && parts === 1 && dtype !== "bool") return dtype as DType;
  }
  throw new TypeError(`a ${data.constructor.name} holds no numbers of numpy`);
}

function shapeOf(data: unknown): number[] {
  const shape: number[] = [];
  for (let level = data; Array.isArray(level) && shape.length <= maxDims; level = level[0]) shape.push(level.length);
  sizeOf(shape);
  return shape;
}

function flatten(leaves: unknown[], data: unknown, shape: readonly number[], d = 0): void {
  if (Array.isArray(data) !== d < shape.length) throw new TypeError("lists of different lengths are no array");
  if (!Array.isArray(data)) {
    leaves.push(data);
    return;
  }
  if (data.length !== shape[d]) throw new TypeError("lists of different lengths are no array");
  for (const item of data) flatten(leaves, item, shape, d + 1);
}

function commonType(leaves: readonly unknown[]): DType {
  const type = typeof leaves[0];
  if (leaves.length === 0 || !leaves.every((leaf) => typeof leaf === type)) return "float64";
  if (type === "boolean") return "bool";
  return type === "bigint" ? "int64" : "float64";
}

function arrayOf(dtype: DType, leaves: readonly unknown[]): NumberArray {
  const array = new kinds[dtype].array(leaves.length);
  for (const [at, leaf] of leaves.entries()) {
    const number = leaf === null ? NaN : leaf; // as NaN comes from programs that may not write it
    if (typeof number !== "number" && typeof number !== "bigint" && typeof number !== (dtype === "bool" ? "boolean" : "number")) {
      throw new TypeError(`${JSON.stringify(leaf)} in an array of ${dtype}`);
    }
    array[at] = array instanceof BigInt64Array || array instanceof BigUint64Array ? BigInt(number as number) : Number(number);
  }
  return array;
}
