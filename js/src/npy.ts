// numpy's file format for one array.

/** The typed arrays that numbers of an array are kept in. */
export type NumberArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** The types of an array's elements, as numpy calls them. */
export type DType =
  | "bool"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float32"
  | "float64"
  | "complex64"
  | "complex128";

interface Kind {
  /** How a file names it, without the byte order. */
  code: string;
  array: {
    new (length: number): NumberArray;
    new (buffer: ArrayBuffer): NumberArray;
    readonly BYTES_PER_ELEMENT: number;
  };
  /** How many numbers make one element. */
  parts: 1 | 2;
}

export const kinds: Readonly<Record<DType, Kind>> = {
  bool: { code: "b1", array: Uint8Array, parts: 1 },
  int8: { code: "i1", array: Int8Array, parts: 1 },
  uint8: { code: "u1", array: Uint8Array, parts: 1 },
  int16: { code: "i2", array: Int16Array, parts: 1 },
  uint16: { code: "u2", array: Uint16Array, parts: 1 },
  int32: { code: "i4", array: Int32Array, parts: 1 },
  uint32: { code: "u4", array: Uint32Array, parts: 1 },
  int64: { code: "i8", array: BigInt64Array, parts: 1 },
  uint64: { code: "u8", array: BigUint64Array, parts: 1 },
  float32: { code: "f4", array: Float32Array, parts: 1 },
  float64: { code: "f8", array: Float64Array, parts: 1 },
  complex64: { code: "c8", array: Float32Array, parts: 2 },
  complex128: { code: "c16", array: Float64Array, parts: 2 },
};

/** An array as a file has it. Of complex numbers data has both parts, one after the other. */
export interface Contents {
  shape: readonly number[];
  dtype: DType;
  data: NumberArray;
}

/** How many dimensions numpy allows. */
export const maxDims = 64;

/** Returns the number of elements of a shape; throws where it is none. */
export function sizeOf(shape: readonly number[]): number {
  if (shape.length > maxDims) throw new RangeError(`npy: ${shape.length} dimensions: at most ${maxDims}`);
  if (shape.some((n) => !Number.isSafeInteger(n) || n < 0)) {
    throw new RangeError(`npy: [${shape}] is not a shape: its lengths are whole numbers from 0 on`);
  }
  const size = shape.includes(0) ? 0 : shape.reduce((all, n) => all * n, 1);
  if (!Number.isSafeInteger(size)) throw new RangeError(`npy: shape [${shape}] is too large`);
  return size;
}

const magic = [0x93, ...new TextEncoder().encode("NUMPY")];

/**
 * Reads a file. Arrays of Python objects are refused: they are pickled, and reading a pickle runs what it says.
 * Half-precision floats become float32.
 */
export function parse(file: Uint8Array): Contents {
  const [text, rest] = split(file);
  const { descr, fortran, shape } = parseHeader(text);
  const code = descr.slice(1);
  const half = code === "f2";
  const dtype = (Object.keys(kinds) as DType[]).find((name) => kinds[name].code === (half ? "u2" : code));
  const order = descr[0];
  if (dtype === undefined || !(order === "<" || order === ">" || (order === "|" && code.endsWith("1")))) {
    throw new Error(code.startsWith("O") ? "npy: an array of Python objects (pickle) cannot be read" : `npy: dtype "${descr}" is not numeric`);
  }
  const { array, parts } = kinds[dtype];
  const size = array.BYTES_PER_ELEMENT * parts;
  if (rest.length !== size * sizeOf(shape)) {
    throw new Error(`npy: ${rest.length} bytes of data for shape [${shape}] of ${size}-byte elements`);
  }
  let raw = rest.slice(); // which begins where elements may
  if (fortran) raw = rowMajor(raw, shape, size);
  if (array.BYTES_PER_ELEMENT > 1 && (order === ">") === littleEndian) swapBytes(raw, array.BYTES_PER_ELEMENT);
  const data = new array(raw.buffer);
  return half ? { shape, dtype: "float32", data: fromHalf(data as Uint16Array) } : { shape, dtype, data };
}

/** Separates the header's text from the data. */
function split(file: Uint8Array): [header: string, data: Uint8Array] {
  const [major, minor] = file.subarray(6, 8);
  if (file.length < 10 || !magic.every((byte, at) => file[at] === byte)) throw new Error("npy: not a .npy file");
  const wide = major === 2 || major === 3;
  if ((major !== 1 && !wide) || minor !== 0 || (wide && file.length < 12)) {
    throw new Error(`npy: unknown version ${major}.${minor}`);
  }
  const view = new DataView(file.buffer, file.byteOffset);
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > file.length) throw new Error("npy: header is cut short");
  return [new TextDecoder().decode(file.subarray(start, end)), file.subarray(end)];
}

// One entry of the literal of a Python dict that a header is, with the comma behind it:
//   {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
const entry =
  /\s*(?:'(\w+)'|"(\w+)")\s*:\s*(?:'([^'\\]*)'|"([^"\\]*)"|(True|False)|(\(\s*\)|\(\s*\d+\s*,\s*\)|\(\s*\d+\s*(?:,\s*\d+\s*)+,?\s*\)))\s*(?:,|(?=\}))/y;

function parseHeader(text: string): { descr: string; fortran: boolean; shape: number[] } {
  const body = /^\s*\{/.exec(text);
  const found = new Map<string, string>();
  let at = body ? body[0].length : text.length;
  for (;;) {
    entry.lastIndex = at;
    const match = entry.exec(text);
    if (!match) break;
    const [, single, double, ...values] = match;
    const key = (single ?? double)!;
    const kind = values.findIndex((value) => value !== undefined); // which of the forms it has
    const fits = key === "descr" ? kind < 2 : key === "fortran_order" ? kind === 2 : key === "shape" && kind === 3;
    if (!fits || found.has(key)) break;
    found.set(key, values[kind]!);
    at = entry.lastIndex;
  }
  if (found.size !== 3 || !/^\s*\}\s*$/.test(text.slice(at))) {
    throw new Error(/descr\W+[[(]/.test(text) ? "npy: structured arrays are not supported" : "npy: malformed header");
  }
  return {
    descr: found.get("descr")!,
    fortran: found.get("fortran_order") === "True",
    shape: (found.get("shape")!.match(/\d+/g) ?? []).map(Number),
  };
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function swapBytes(raw: Uint8Array, size: number): void {
  for (let at = 0; at < raw.length; at += size) raw.subarray(at, at + size).reverse();
}

/** Reorders elements whose first index runs fastest. */
function rowMajor(raw: Uint8Array, shape: readonly number[], size: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(raw.length);
  const index = shape.map(() => 0);
  const strides: number[] = [];
  shape.reduce((stride, n, d) => ((strides[d] = stride), stride * n), size);
  for (let to = 0, from = 0; to < raw.length; to += size) {
    out.set(raw.subarray(from, from + size), to);
    for (let d = shape.length - 1; d >= 0; d--) {
      from += strides[d]!;
      index[d]! += 1;
      if (index[d]! < shape[d]!) break;
      index[d] = 0;
      from -= strides[d]! * shape[d]!;
    }
  }
  return out;
}

function fromHalf(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** Writes a file of version 1.0. */
export function format({ shape, dtype, data }: Contents): Uint8Array {
  const { code } = kinds[dtype];
  const order = code.endsWith("1") ? "|" : littleEndian ? "<" : ">";
  const tuple = shape.length === 1 ? `(${shape},)` : `(${shape.join(", ")})`;
  const start = magic.length + 4;
  let text = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': ${tuple}, }`;
  text = text.padEnd(Math.ceil((start + text.length + 1) / 64) * 64 - start - 1) + "\n"; // the data begins at a multiple of 64
  const file = new Uint8Array(start + text.length + data.byteLength);
  file.set([...magic, 1, 0, text.length & 0xff, text.length >> 8]);
  file.set(new TextEncoder().encode(text), start);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start + text.length);
  return file;
}
