// The names of all keys that are searched for, in order.
import type { Client } from "../src/index.js";
import { kindOf, nameOf } from "./names.js";
import type { Query } from "./search.js";

/** A key with what it is sorted by: its name, in which 2 comes before 10. */
interface Entry {
  readonly key: string;
  readonly order: string;
}

/** How many names are kept. */
export const maxKeys = 200_000;
/** How many keys the server looks at for one page. */
const page = 5_000;
/** How much longer than a search the time is until the next one by itself. */
const share = 5;
/** How many digits a number in a name has that comes where it belongs. */
const maxDigits = 12;

/**
 * The keys that a query finds. They are read a page after the other in the background, and again where somebody says
 * that there may be others.
 */
export class Keys {
  /** Whether a search goes on, and how many keys it has looked at, about. */
  searching = false;
  looked = 0;
  /** There are more than are kept. */
  over = false;
  /** Why the search failed. */
  error: unknown;

  #entries: readonly Entry[] = [];
  #adapters = new Set<string>();
  #query: Query | undefined;
  #search: AbortController | undefined;
  /** Others may be there, and when it is looked for them at the soonest. */
  #stale = false;
  #next = 0;

  constructor(
    private readonly client: Client,
    private readonly changed: () => void,
  ) {}

  get length(): number {
    return this.#entries.length;
  }

  at(index: number): string | undefined {
    return this.#entries[index]?.key;
  }

  indexOf(key: string): number {
    const at = placeOf(this.#entries, entryOf(key));
    return this.#entries[at]?.key === key ? at : -1;
  }

  isAdapter(key: string): boolean {
    return this.#adapters.has(key);
  }

  /** The adapter that answers for a key: its own, or one that it lies inside of, as it is named then. */
  adapterOf(key: string): string | undefined {
    if (this.#adapters.has(key)) return key;
    return [...this.#adapters].find((adapter) => key.includes(`:${adapter}:`));
  }

  /** Begins to search for something else. */
  search(query: Query): void {
    this.#query = query;
    void this.#run(query, true);
  }

  /** Reads everything again, after the search that goes on. What is there meanwhile stays. */
  reread(): void {
    this.#next = 0;
    this.expire();
    this.tick();
  }

  /** Says that there may be other keys, which is looked for in a while: the longer it took, the later. */
  expire(): void {
    this.#stale = true;
  }

  tick(): void {
    if (this.#stale && !this.searching && this.#query && Date.now() >= this.#next) void this.#run(this.#query, false);
  }

  /** Takes keys that are known to be there among the others, if they are searched for. */
  note(keys: Iterable<string>): void {
    const found = [...keys].filter((key) => kindOf(key) && this.#wants(key) && this.indexOf(key) < 0);
    if (found.length > 0) this.#take(found);
  }

  /** Says which adapters there are. */
  noteAdapters(keys: readonly string[]): void {
    const before = this.#adapters;
    this.#adapters = new Set(keys);
    this.note(keys.filter((key) => !before.has(key)));
    if ([...before].some((key) => !this.#adapters.has(key))) this.reread();
    else if (keys.length > before.size) this.changed(); // which are known to be adapters now
  }

  async #run(query: Query, anew: boolean): Promise<void> {
    this.#search?.abort();
    const { signal } = (this.#search = new AbortController());
    const commands = this.client.with({ signal });
    const begun = Date.now();
    this.searching = true;
    this.looked = 0;
    this.#stale = this.over = false;
    this.error = undefined;
    let entries: Entry[] = [];
    const show = () => {
      this.#entries = merged(entries, sorted([...this.#adapters].filter((key) => query.matches(key))));
      this.changed();
    };
    if (anew) show();
    try {
      for (const scan of query.scans) {
        let cursor = "0";
        do {
          const found = await commands.scan(cursor, { ...scan, COUNT: page });
          cursor = found.cursor;
          this.looked += page;
          entries = merged(entries, sorted(found.items.filter((key) => query.matches(key))));
          this.over = entries.length > maxKeys;
          if (this.over) entries = entries.slice(0, maxKeys);
          if (anew) show();
        } while (cursor !== "0" && !this.over);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.error = error;
    }
    this.searching = false;
    this.#next = Date.now() + share * (Date.now() - begun);
    show();
  }

  #wants(key: string): boolean {
    return this.#query !== undefined && this.#query.matches(key) && (!this.#query.adapters || this.#adapters.has(key));
  }

  #take(keys: string[]): void {
    if (this.#entries.length + keys.length > maxKeys) return;
    this.#entries = merged(this.#entries, sorted(keys));
    this.changed();
  }
}

function entryOf(key: string): Entry {
  return { key, order: nameOf(key).replace(/\d+/g, (digits) => digits.padStart(maxDigits, "0")) };
}

function compare(a: Entry, b: Entry): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  return a.key === b.key ? 0 : a.key < b.key ? -1 : 1;
}

function sorted(keys: readonly string[]): Entry[] {
  return keys.map(entryOf).sort(compare);
}

/** Merges sorted entries. What SCAN gives twice is there once. */
function merged(a: readonly Entry[], b: readonly Entry[]): Entry[] {
  const all: Entry[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const [mine, other] = [a[i], b[j]];
    const order = mine === undefined ? 1 : other === undefined ? -1 : compare(mine, other);
    if (order <= 0) i++;
    if (order >= 0) j++;
    const next = order <= 0 ? mine! : other!;
    if (all.at(-1)?.key !== next.key) all.push(next);
  }
  return all;
}

/** The place of the first entry that does not come before one. */
function placeOf(entries: readonly Entry[], entry: Entry): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(entries[middle]!, entry) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
