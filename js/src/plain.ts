import { ValueError } from "./errors.js";
import { read, type SharedObject } from "./object.js";

type Plain = unknown[] | Record<string, unknown>;

/**
 * Reads an object and all that it refers to as plain arrays and objects, each of them once. Objects that refer to each
 * other in a circle cannot be written so.
 */
export async function toPlain(object: SharedObject, known = new Map<string, Plain | undefined>()): Promise<Plain> {
  const key = object._key;
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.has(key)) throw new ValueError(`${key} refers to itself, by way of other objects`);
  known.set(key, undefined); // while what it refers to is read
  const plain = await object[read]();
  for (const [at, value] of Object.entries(plain)) {
    if (isObject(value)) Object.defineProperty(plain, at, { value: await toPlain(value, known) });
  }
  known.set(key, plain);
  return plain;
}

function isObject(value: unknown): value is SharedObject {
  return typeof value === "object" && value !== null && read in value;
}
