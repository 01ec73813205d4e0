import type { CallOptions, Refresh } from "./commander.js";
import { equal } from "./equal.js";
import { type Core, inner, read, SharedObject } from "./object.js";
import type { Operations } from "./operations.js";
import { type Bounds, boundsOf, lowest, whole } from "./places.js";
import { toPlain } from "./plain.js";

/** Functions that are called, and waited for, before a change is made. */
export interface SequenceCallbacks<T> {
  push?: (value: T) => unknown;
  set?: (index: number, value: T) => unknown;
  clear?: () => unknown;
}

// Makes list[2] a call.
const elements: ProxyHandler<Sequence> = {
  get(target, name, self) {
    return isIndex(name) ? target.get(Number(name)) : Reflect.get(target, name, self);
  },
  set(target, name, value, self) {
    if (!isIndex(name)) return Reflect.set(target, name, value, self);
    void target.set(Number(name), value);
    return true;
  },
};

function isIndex(name: string | symbol): name is string {
  return typeof name === "string" && /^-?\d+$/.test(name);
}

/** Says that everything from a place on has changed. */
export function refreshFrom(start: number): Refresh {
  return { start, stop: null };
}

/**
 * What List and Segments have in common: elements in an order. Indices are Python's: negative ones count from the end,
 * and the bounds of a slice are cut to the list. Each change is one atomic step, on a Python server as near to that as it
 * allows.
 *
 * Elements can also be reached as `list[2]`, which gives a promise, and set as `list[2] = value`, of which a failure is
 * an unhandled rejection: `set` is for programs that want to know.
 */
export abstract class Sequence<T = any> extends SharedObject {
  /** A promise of the element when it is read, any value when it is set. */
  [index: number]: any;

  constructor(
    core: Core,
    private readonly operations: Operations,
  ) {
    super(core);
    return new Proxy(this, elements);
  }

  /** Returns the same object, whose calls take these options. */
  abstract with(calls: CallOptions): Sequence<T>;

  /** Returns the number of elements. */
  length(): Promise<number> {
    return this.operations.length(this[inner]);
  }

  /** Returns the element at an index, null where there is none. */
  async get(index: number): Promise<T | null> {
    const text = await this.operations.at(this[inner], whole(index));
    return text === null ? null : this.element(text, index);
  }

  /** Returns every step-th element from start up to but not including end, as Python's `list[start:end:step]`. */
  async slice(start?: number | null, end?: number | null, step = 1): Promise<T[]> {
    const { first, texts } = await this.operations.slice(this[inner], boundsOf(start, end, step));
    return texts.map((text, k) => this.element(text, first + k * step));
  }

  /** Yields every element, as it is when its page of 256 is read. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    let i = 0;
    for await (const texts of this.operations.pages(this[inner])) {
      for (const text of texts) yield this.element(text, i++);
    }
  }

  /** Returns the index of the first element that equals a value, -1 where there is none. Objects are equal by their key. */
  async indexOf(value: T): Promise<number> {
    const wanted = this[inner].asStored(value);
    let i = 0;
    for await (const other of this) {
      if (equal(other, wanted)) return i;
      i++;
    }
    return -1;
  }

  /** Reports whether an element equals a value. */
  async includes(value: T): Promise<boolean> {
    return (await this.indexOf(value)) >= 0;
  }

  /** Reports whether there are equal elements in the same order. */
  async equals(other: Sequence<T> | readonly T[]): Promise<boolean> {
    const [mine, theirs] = await Promise.all([this.slice(), other instanceof Sequence ? other.slice() : other]);
    return equal(mine, theirs.map((value) => this[inner].asStored(value)));
  }

  /** Appends values and returns how many elements there are then. */
  async push(...values: T[]): Promise<number> {
    if (values.length === 0) return this.length();
    const texts = this.encodeAll(values);
    const { callbacks } = this;
    if (callbacks.push) for (const value of values) await callbacks.push(value);
    const at = await this.operations.insert(this[inner], Infinity, texts);
    this[inner].changed(values.length === 1 ? { indices: [at] } : refreshFrom(at));
    return at + values.length;
  }

  /** Inserts values before the element at an index; one past an end is that end. */
  async insert(index: number, ...values: T[]): Promise<void> {
    if (values.length === 0) return;
    const at = await this.operations.insert(this[inner], whole(index), this.encodeAll(values));
    this[inner].changed(refreshFrom(at));
  }

  /** Replaces the element at an index; an IndexError where there is none. */
  async set(index: number, value: T): Promise<void> {
    const text = this[inner].encode(value);
    whole(index);
    const { callbacks } = this;
    if (callbacks.set) await callbacks.set(index, value);
    const at = await this.operations.set(this[inner], index, text);
    this[inner].changed({ indices: [at] });
  }

  /** Removes the element at an index, the last if none is given, and returns it, null where there is none. */
  async pop(index = -1): Promise<T | null> {
    const popped = await this.operations.pop(this[inner], whole(index));
    if (popped === undefined) return null;
    const [at, text] = popped;
    this[inner].changed(refreshFrom(at)); // it is gone, whether it can be read or not
    return this.element(text, at);
  }

  /** Removes the elements at some indices in one step; where there is none at one of them nothing, with an IndexError. */
  async delete(...indices: number[]): Promise<number> {
    if (indices.length === 0) return 0;
    const places = await this.operations.deleteAt(this[inner], indices.map(whole));
    this[inner].changed(refreshFrom(places[0]!));
    return places.length;
  }

  /** Removes every step-th element from start up to but not including end, and returns how many these were. */
  async deleteSlice(start?: number | null, end?: number | null, step = 1): Promise<number> {
    return this.drop(this[inner], boundsOf(start, end, step));
  }

  /** Removes every element that is stored. */
  async clear(): Promise<void> {
    const { callbacks } = this;
    if (callbacks.clear) await callbacks.clear();
    await this.drop(this[inner].stored(), boundsOf(null, null, 1));
  }

  /** Returns a plain array, with what references refer to in their place. */
  toObject(): Promise<any[]> {
    return toPlain(this) as Promise<any[]>;
  }

  [read](): Promise<unknown[]> {
    return this.slice();
  }

  private get callbacks(): SequenceCallbacks<T> {
    return this[inner].callbacks;
  }

  private element(text: string, place: number | string): T {
    return this[inner].decode(text, place) as T;
  }

  private encodeAll(values: readonly T[]): string[] {
    return values.map((value) => this[inner].encode(value));
  }

  private async drop(core: Core, bounds: Bounds): Promise<number> {
    const span = await this.operations.deleteSlice(core, bounds);
    if (span.count > 0) core.changed(refreshFrom(lowest(span)));
    return span.count;
  }
}
