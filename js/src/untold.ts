import type { Refresh } from "./commander.js";

/** For how many targets refreshes are kept without a connection. */
const maxTargets = 10_000;
/** How many places or keys a merged refresh names before it gives up being exact. */
const maxMerged = 1024;

/** The refreshes that the server may not have heard, merged to one a target. */
export class Untold {
  #byTarget = new Map<string, Refresh>();

  /** Reports whether there was room. */
  keep(target: string, refresh: Refresh): boolean {
    const before = this.#byTarget.get(target);
    if (!before && this.#byTarget.size >= maxTargets) return false;
    this.#byTarget.set(target, before ? merged(before, refresh) : refresh);
    return true;
  }

  take(): Map<string, Refresh> {
    const all = this.#byTarget;
    this.#byTarget = new Map();
    return all;
  }
}

/** One refresh that says what both say, or more. */
export function merged(a: Refresh, b: Refresh): Refresh {
  if (a.keys && b.keys) {
    const keys = [...new Set([...a.keys, ...b.keys])];
    return keys.length <= maxMerged ? { keys } : { resync: true };
  }
  const places = [a, b].flatMap(({ start, indices = [] }) => (start === undefined ? indices : [start, ...indices]));
  const exact = [a, b].every(({ start, indices, keys }) => (start !== undefined || indices !== undefined) && !keys);
  if (!exact || places.some((place) => place < 0)) return { resync: true };
  const indices = [...new Set(places)].sort((x, y) => x - y);
  if (a.start === undefined && b.start === undefined && indices.length <= maxMerged) return { indices };
  return { start: indices[0] ?? 0, stop: null };
}
