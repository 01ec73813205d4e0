// Data of a program that Lists and Dicts of others read.
import { NDArray, type NumberArray } from "./ndarray.js";
import { Reference } from "./object.js";

/**
 * A list of the program. What it gives may be promised, and may be a provider itself: others read that as a List or Dict
 * of its own. All other values are written as a List writes them.
 */
export interface ListProvider {
  readonly length: number | (() => number | Promise<number>);
  /** Returns the element at an index from 0 on. */
  at(index: number): unknown;
}

/** A dict of the program, such as a Map; for what it gives see ListProvider. */
export interface DictProvider {
  /** Returns the keys in the order that others shall see them in. */
  keys(): Iterable<unknown> | Promise<Iterable<unknown>>;
  get(key: any): unknown;
  /** Reports whether there is such a key. Without it there is none where get gives undefined. */
  has?(key: any): boolean | Promise<boolean>;
}

/** What can be shown as a list. */
export type ListData = readonly unknown[] | NumberArray | NDArray | ListProvider;

/** What can be shown as a dict. */
export type DictData = DictProvider | Readonly<Record<string, unknown>>;

/** What an adapter asks its data. */
export type Provider = ListSource | DictSource;

/** Data that is shown as a list. */
export class ListSource {
  readonly prefix = "znsocket.List:";

  constructor(
    readonly length: () => number | Promise<number>,
    readonly at: (index: number) => unknown,
  ) {}
}

/** Data that is shown as a dict. */
export class DictSource {
  readonly prefix = "znsocket.Dict:";

  constructor(
    readonly keys: () => Promise<string[]>,
    /** Returns nothing where there is no such key. */
    readonly lookup: (key: string) => Promise<{ value: unknown } | undefined>,
  ) {}
}

/**
 * Shows an array as it is at each moment, also inside another adapter, where it would be written as a value otherwise.
 * Others read what `transform` makes of its elements.
 */
export function listOf<T = any>(data: ListData, transform?: (item: T, index: number) => unknown): ListSource {
  const source = plainListOf(data);
  if (transform === undefined) return source;
  return new ListSource(source.length, async (index) => transform((await source.at(index)) as T, index));
}

function plainListOf(data: ListData): ListSource {
  if (data instanceof ListSource) return data;
  if (data instanceof NDArray) {
    return new ListSource(
      () => data.shape[0] ?? 0,
      (index) => (data.shape.length > 1 ? data.row(index) : data.get(index)),
    );
  }
  if (Array.isArray(data) || ArrayBuffer.isView(data)) {
    const array = data as ArrayLike<unknown>;
    return new ListSource(
      () => array.length,
      (index) => exact(array[index]),
    );
  }
  const provider = data as ListProvider;
  if (!isListProvider(provider)) throw new TypeError("a list to show has a length and at(index)");
  return new ListSource(
    () => (typeof provider.length === "function" ? provider.length() : provider.length),
    (index) => provider.at(index),
  );
}

// What JSON has no other word for is null. A bigint that is a number is written as one.
function exact(value: unknown): unknown {
  if (value === undefined) return null;
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Shows an object or a Map as it is at each moment, also inside another adapter; see listOf. */
export function dictOf(data: DictData): DictSource {
  if (data instanceof DictSource) return data;
  if (typeof data !== "object" || data === null || Array.isArray(data)) throw new TypeError("a dict to show is an object, or has keys() and get(key)");
  if (data instanceof Map) return mapOf(data);
  if (isDictProvider(data)) {
    return new DictSource(
      async () => Array.from(await data.keys(), String),
      async (key) => {
        if (data.has && !(await data.has(key))) return undefined;
        const value = await data.get(key);
        return value === undefined && !data.has ? undefined : { value };
      },
    );
  }
  const object = data as Readonly<Record<string, unknown>>;
  return new DictSource(
    async () => Object.keys(object),
    async (key) => (Object.hasOwn(object, key) ? { value: object[key] } : undefined),
  );
}

// The keys of a Map may be numbers, which others know as texts.
function mapOf(map: ReadonlyMap<unknown, unknown>): DictSource {
  const keyOf = (key: string) => [key, Number(key)].find((known) => String(known) === key && map.has(known));
  return new DictSource(
    async () => Array.from(map.keys(), String),
    async (key) => {
      const known = keyOf(key);
      return known === undefined ? undefined : { value: map.get(known) };
    },
  );
}

/** Returns the provider that a value of an adapter is, if it is one: arrays and plain objects are values. */
export function providerIn(value: unknown): Provider | undefined {
  if (value instanceof ListSource || value instanceof DictSource) return value;
  if (typeof value !== "object" || value === null || value instanceof Reference) return undefined;
  if (Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof NDArray) return undefined;
  if (isListProvider(value)) return listOf(value);
  return isDictProvider(value) ? dictOf(value) : undefined;
}

function isListProvider(value: object): value is ListProvider {
  return "length" in value && "at" in value && typeof value.at === "function";
}

function isDictProvider(value: object): value is DictProvider {
  return "keys" in value && typeof value.keys === "function" && "get" in value && typeof value.get === "function";
}
