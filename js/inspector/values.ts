// Values as objects keep them: JSON, with the NaN of Python and the arrays of numpy.
import { ndarray, NDArray } from "../src/index.js";
import { decode } from "../src/json.js";
import { maxDims } from "../src/npy.js";

/** Reads a stored text, with arrays of numpy as NDArray. */
export function read(text: string): unknown {
  return decode(text, [ndarray]);
}

/** Says why a text cannot be stored as JSON, if that is so. */
export function faultIn(text: string): string | undefined {
  try {
    decode(text, []);
    return undefined;
  } catch (error) {
    return text.trim() === "" ? "A value is missing; an empty text is \"\"." : `This is no JSON: ${(error as Error).message}`;
  }
}

/** How many numbers of an array are written as lists. */
const maxShown = 10_000;
/** How deep in each other lists and objects are written. */
const maxDepth = 500;

/** Writes a value as JSON, with NaN, and short arrays of numpy as lists. In the place of what lies too deep there is "…". */
export function textOf(value: unknown, depth = 0): string {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (depth === maxDepth) return "…";
  if (value instanceof NDArray) return textOf(value.data.length <= maxShown ? value.toArray() : value.toJSON(), depth + 1);
  if ("toJSON" in value && typeof value.toJSON === "function") return textOf(value.toJSON(), depth + 1);
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item, depth + 1)).join(", ")}]`;
  return `{${Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${textOf(item, depth + 1)}`).join(", ")}}`;
}

/** How many numbers in lists are taken for an array. */
const maxNumbers = 4_000_000;

/** The numbers that a value is made of: an array of numpy, or numbers in lists of the same lengths. */
export function numbersIn(value: unknown): NDArray | undefined {
  if (value instanceof NDArray) return value.shape.length > 0 && value.data.length > 0 ? value : undefined;
  if (!Array.isArray(value) || !holdsNumbers(value)) return undefined;
  try {
    const array = new NDArray(value);
    return array.data.length > 1 && array.data.length <= maxNumbers && array.dtype !== "bool" ? array : undefined;
  } catch {
    return undefined; // lists of different lengths, or of something else too
  }
}

/** Reports whether the first that lies in lists, no deeper in each other than an array can have dimensions, is a number. */
function holdsNumbers(list: readonly unknown[]): boolean {
  let first: unknown = list;
  for (let depth = 0; Array.isArray(first) && depth < maxDims; depth++) first = first.find((item) => item !== null);
  return typeof first === "number";
}

/** What numbers are drawn as: each of its own size, of complex ones the magnitude. */
export function magnitudes({ data, dtype }: NDArray): ArrayLike<number> {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  if (!dtype.startsWith("complex")) return data;
  return Float64Array.from({ length: data.length / 2 }, (_, k) => Math.hypot(Number(data[2 * k]), Number(data[2 * k + 1])));
}

export interface Summary {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** How many are no finite numbers. */
  readonly missing: number;
}

export function summaryOf(numbers: ArrayLike<number>): Summary {
  let [min, max, sum, found] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < numbers.length; i++) {
    const n = numbers[i]!;
    if (!Number.isFinite(n)) continue;
    if (n < min) min = n;
    if (n > max) max = n;
    sum += n / numbers.length; // which no numbers make infinite
    found++;
  }
  return { min, max, mean: sum * (numbers.length / found), missing: numbers.length - found };
}

/** What a stored array of numpy is, said by the beginning of its text. */
export function arrayIn(text: string): string | undefined {
  const file = /^\{"_type": ?"np\.ndarray_b64", ?"value": ?"([A-Za-z0-9+/]{16,680})/.exec(text)?.[1];
  if (file === undefined) return undefined;
  const header = atob(file.slice(0, file.length - (file.length % 4)));
  const [, dtype = "", shape = ""] = /'descr': *'[<>|=]?(\w+)'.*'shape': *\(([\d, ]*)\)/.exec(header) ?? [];
  return `array of ${dtypes[dtype] ?? dtype}, shape (${shape.trim()})`;
}

const dtypes: Record<string, string> = {
  b1: "bool", i1: "int8", u1: "uint8", i2: "int16", u2: "uint16", i4: "int32", u4: "uint32", i8: "int64", u8: "uint64",
  f4: "float32", f8: "float64", c8: "complex64", c16: "complex128",
};
