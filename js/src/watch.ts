import { attempt, rethrow } from "./attempt.js";
import type { Live, Refresh } from "./commander.js";
import type { Dict } from "./dict.js";
import { ConnectionError, TimeoutError } from "./errors.js";
import { inner, liveOf, read, SharedObject } from "./object.js";
import { asText } from "./reply.js";
import { Sequence } from "./sequence.js";
import { merged } from "./untold.js";

/** The value of a watched object as it was read last, for as long as somebody has subscribed to it. */
export interface Watched<V> extends AsyncIterable<V> {
  /** The value; undefined until it was read for the first time. It is never changed, but replaced. */
  readonly value: V | undefined;
  /**
   * Calls a function with the value and then after each change, by whomever, with the new value and what has changed,
   * until the function that this returns is called.
   */
  readonly subscribe: (listener: WatchListener<V>) => () => void;
}

export type WatchListener<V> = (value: V, change: Refresh | undefined) => void;

export interface WatchOptions {
  /**
   * Called where the object cannot be read. It is read again after the next change, and where there was no connection
   * or no answer as soon as that is possible: of these nobody hears who has no onError.
   */
  onError?: (error: unknown) => void;
}

/**
 * Watches a List, Segments or Dict: a function gets its value as an array or object, and after each change, by whomever,
 * a new one, until the function that this returns is called. Of changes that come faster than they are read some are
 * told as one.
 *
 * Without a function it returns the value with `subscribe`, which is a store to Svelte and to React's
 * useSyncExternalStore, and which `for await` goes through.
 */
export function watch<T>(object: Sequence<T>, listener: WatchListener<T[]>, options?: WatchOptions): () => void;
export function watch<T>(object: Dict<T>, listener: WatchListener<Record<string, T>>, options?: WatchOptions): () => void;
export function watch<T>(object: Sequence<T>, options?: WatchOptions): Watched<T[]>;
export function watch<T>(object: Dict<T>, options?: WatchOptions): Watched<Record<string, T>>;
export function watch(object: SharedObject, first?: WatchListener<any> | WatchOptions, second?: WatchOptions): (() => void) | Watched<any> {
  if (typeof first === "function") return new Watch(object, second).subscribe(first);
  return new Watch(object, first);
}

type Value = unknown[] | Record<string, unknown>;

class Watch implements Watched<Value> {
  value: Value | undefined;

  private readonly live: Live;
  private readonly listeners = new Set<{ tell: WatchListener<Value>; fail: (error: unknown) => void }>();
  private stop: (() => void) | undefined;
  /** What has changed since the value was read. */
  private pending: Refresh | undefined;
  private reading = false;
  /** Whether the value is to be read as a whole, for that failed before. */
  private stale = false;

  constructor(
    private readonly object: SharedObject,
    private readonly options: WatchOptions = {},
  ) {
    if (!(object instanceof SharedObject)) throw new TypeError("what is watched is a List, Dict or Segments");
    this.live = liveOf(object[inner]);
  }

  readonly subscribe = (listener: WatchListener<Value>): (() => void) => this.add(listener, this.options.onError ?? ((error) => isOutage(error) || rethrow(error)));

  [Symbol.asyncIterator](): AsyncIterator<Value, undefined> {
    return new Values((tell, fail) => this.add(tell, fail));
  }

  private add(tell: WatchListener<Value>, fail: (error: unknown) => void): () => void {
    const listener = { tell, fail };
    this.listeners.add(listener);
    if (this.stop === undefined) this.begin();
    else if (this.value !== undefined) tell(this.value, undefined);
    return () => {
      if (this.listeners.delete(listener) && this.listeners.size === 0) this.end();
    };
  }

  private begin(): void {
    this.stop = this.live.listen(this.object._key, (refresh) => this.hear(refresh), { local: true });
    this.hear({ resync: true });
  }

  private end(): void {
    this.stop?.();
    this.stop = this.value = this.pending = undefined;
    this.stale = false;
  }

  private hear(refresh: Refresh): void {
    this.pending = this.pending ? merged(this.pending, refresh) : refresh;
    if (!this.reading) void this.catchUp();
  }

  private async catchUp(): Promise<void> {
    this.reading = true;
    while (this.pending) {
      const { stop, value: before, pending: change } = this;
      this.pending = undefined;
      try {
        const value = await (this.stale ? this.object[read]() : reread(this.object, before, change));
        if (this.stop !== stop) continue; // it has begun anew, or ended
        this.value = value;
        this.stale = false;
        for (const { tell } of [...this.listeners]) attempt(() => tell(value, before && change));
      } catch (error) {
        if (this.stop !== stop) continue;
        this.stale = true;
        if (error instanceof TimeoutError) this.pending ??= { resync: true }; // a lost connection ends in one
        for (const { fail } of [...this.listeners]) attempt(() => fail(error));
      }
    }
    this.reading = false;
  }
}

/** The values one after the other, of those that come faster than they are taken the last. It ends also while it waits. */
class Values implements AsyncIterator<Value, undefined> {
  private news: Value | undefined;
  private failure: { error: unknown } | undefined;
  private over = false;
  private remove: (() => void) | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly begin: (tell: WatchListener<Value>, fail: (error: unknown) => void) => () => void) {}

  async next(): Promise<IteratorResult<Value, undefined>> {
    if (!this.over && !this.remove) {
      this.remove = this.begin(
        (value) => ((this.news = value), this.wake()),
        (error) => isOutage(error) || ((this.failure ??= { error }), this.wake()),
      );
    }
    while (!this.over && !this.news && !this.failure) await new Promise<void>((resolve) => this.waiting.add(resolve));
    const { over, news, failure } = this;
    if (over) return { done: true, value: undefined };
    if (failure) {
      await this.return();
      throw failure.error;
    }
    this.news = undefined;
    return { done: false, value: news! };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.over = true;
    this.remove?.();
    this.wake();
    return { done: true, value: undefined };
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

/** Reports whether an error says no more than that there was no connection, or no answer. */
function isOutage(error: unknown): boolean {
  return error instanceof ConnectionError || error instanceof TimeoutError;
}

/** Reads what has changed, or all where that is not known. */
async function reread(object: SharedObject, before: Value | undefined, change: Refresh): Promise<Value> {
  if (before !== undefined && !change.resync) {
    if (object instanceof Sequence && Array.isArray(before)) {
      const places = [...(change.indices ?? []), ...(change.start === undefined ? [] : [change.start])];
      if (places.length > 0 && places.every((at) => at >= 0)) return rereadPlaces(object, before, change, places);
    } else if (change.keys !== undefined && !Array.isArray(before)) {
      return rereadKeys(object, before, change.keys);
    }
  }
  return object[read]();
}

async function rereadPlaces(list: Sequence, before: unknown[], change: Refresh, places: number[]): Promise<unknown[]> {
  const low = places.reduce((a, b) => Math.min(a, b), before.length);
  const { start, stop } = change;
  const end = start === undefined ? 0 : stop != null && stop >= 0 ? stop : Infinity;
  const high = places.reduce((a, b) => Math.max(a, b + 1), end);
  const part = await list.slice(low, high);
  const isShorter = part.length < high - low;
  return [...before.slice(0, low), ...part, ...(isShorter ? [] : before.slice(high))];
}

async function rereadKeys(dict: SharedObject, before: Record<string, unknown>, keys: string[]): Promise<Record<string, unknown>> {
  const core = dict[inner];
  const texts = await core.runAll(keys.map((key) => ["HGET", core.key, key]));
  const value = new Map(Object.entries(before));
  for (const [k, key] of keys.entries()) {
    const text = texts[k] ?? null;
    if (text === null) value.delete(key);
    else value.set(key, core.decode(asText(text), key));
  }
  return Object.fromEntries(value);
}
