import { NDArray } from "./ndarray.js";
import { Reference } from "./object.js";

/**
 * Equality of elements, as Python has it: lists and objects by what is in them, whatever the order of keys, and objects
 * of ours by their key.
 */
export function equal(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (a instanceof Reference || b instanceof Reference) {
    return a instanceof Reference && b instanceof Reference && a._key === b._key;
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  }
  if (a instanceof NDArray && b instanceof NDArray) {
    return a.dtype === b.dtype && equal(a.shape, b.shape) && a.data.every((n, i) => n === b.data[i]);
  }
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const keys = Object.keys(a);
  if (keys.length === 0 && Object.getPrototypeOf(a) !== Object.prototype) {
    return JSON.stringify(a) === JSON.stringify(b); // a Date and the like keep what they are to themselves
  }
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
}
