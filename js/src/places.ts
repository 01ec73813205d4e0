// Places in a list: Python's indices and slices.
import { ValueError } from "./errors.js";

/** Python's [start:end:step] of some elements: the first place, and how many follow at that step. */
export interface Span {
  first: number;
  count: number;
  step: number;
}

/** The bounds of a slice, where those that are left open are infinite. */
export interface Bounds {
  start: number;
  end: number;
  step: number;
}

/** Reads the bounds of a slice as a program gives them. With a negative step it goes from the end to the begin. */
export function boundsOf(start: number | null | undefined, end: number | null | undefined, step: number): Bounds {
  if (step === 0) throw new ValueError("slice step cannot be zero");
  const forward = whole(step) > 0;
  return {
    start: whole(start ?? (forward ? -Infinity : Infinity)),
    end: whole(end ?? (forward ? Infinity : -Infinity)),
    step,
  };
}

/** Returns a number that is whole or infinite, as all places and bounds are. */
export function whole(n: number): number {
  if (typeof n !== "number" || (!Number.isInteger(n) && Math.abs(n) !== Infinity)) {
    throw new TypeError(`a place in a list is a whole number, not ${typeof n === "number" ? n : typeof n}`);
  }
  return n;
}

/** The word for a place in a command. No list is as long as the largest number. */
export function placeWord(n: number): string {
  return String(Math.min(Math.max(n, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));
}

/** The word for a bound of a slice in a command of ours, which has words for open ones. */
export function boundWord(n: number): string {
  if (Math.abs(n) !== Infinity) return placeWord(n);
  return n < 0 ? "-9223372036854775808" : "9223372036854775807";
}

/** Counts a negative index from the end of n elements. */
export function resolveIndex(i: number, n: number): number {
  return i < 0 ? i + n : i;
}

/** Resolves a slice of n elements as Python does. */
export function resolveSlice(n: number, { start, end, step }: Bounds): Span {
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const reach = (bound: number) => Math.min(Math.max(resolveIndex(bound, n), low), high);
  const first = reach(start);
  const length = step > 0 ? reach(end) - first : first - reach(end);
  const count = length > 0 ? Math.floor((length - 1) / Math.abs(step)) + 1 : 0;
  return { first, count, step: count > 1 ? step : 1 };
}

/** Returns the places of a slice. */
export function placesOf({ first, count, step }: Span): number[] {
  return Array.from({ length: count }, (_, k) => first + k * step);
}

/** Returns the lowest place of a slice. */
export function lowest({ first, count, step }: Span): number {
  return Math.min(first, first + Math.max(count - 1, 0) * step);
}

/** Returns places without those that come twice, the lowest first. */
export function sorted(places: readonly number[]): number[] {
  return [...new Set(places)].sort((a, b) => a - b);
}
